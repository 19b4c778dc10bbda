package pgstore

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// uuidArray is a uuid[] parameter that travels in binary form: PostgreSQL parses a text array element by element, which was a
// tenth of its work on the hot path.
type uuidArray []pgtype.UUID

// uuids converts ids; one that is no UUID becomes NULL, which the columns refuse.
func uuids(ids []string) uuidArray {
	out := make(uuidArray, len(ids))
	for i, id := range ids {
		out[i] = toUUID(id)
	}
	return out
}

// uuidsOrNull is uuids for a column that may be NULL.
func uuidsOrNull(ids []*string) uuidArray {
	out := make(uuidArray, len(ids))
	for i, id := range ids {
		if id != nil {
			out[i] = toUUID(*id)
		}
	}
	return out
}

func toUUID(id string) pgtype.UUID {
	u, err := uuid.Parse(id)
	return pgtype.UUID{Bytes: u, Valid: err == nil}
}

// Dimensions, Index and IndexType make it a pgtype.ArrayGetter.
func (a uuidArray) Dimensions() []pgtype.ArrayDimension {
	if a == nil {
		return nil
	}
	return []pgtype.ArrayDimension{{Length: int32(len(a)), LowerBound: 1}}
}

// Index returns one element.
func (a uuidArray) Index(i int) any { return &a[i] }

// IndexType tells the type of the elements.
func (a uuidArray) IndexType() any { return &pgtype.UUID{} }

package pgstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// plansOf reads what scopes that run plans were given: it is kept as the output of no node.
const plansOf = `SELECT scope_id::text, body FROM output_{day} WHERE process_id = $1 AND scope_id = ANY($2::uuid[]) AND node_id = '' AND run = 1`

// Plans returns the plans of scopes of a process.
func (s *Store) Plans(ctx context.Context, process string, scopes []string) (map[string]json.RawMessage, error) {
	found := map[string]json.RawMessage{}
	rows, err := s.db.Query(ctx, on(plansOf, dayOf(process)), process, uuids(scopes))
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var scope string
		var body []byte
		err = r.Scan(&scope, &body)
		found[scope] = body
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read %d plans of process %s: %w", len(scopes), process, err)
	}
	return found, nil
}

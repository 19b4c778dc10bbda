package pgstore

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// rows is a parameter that holds a batch: an array of one of the row types of the database, written in PostgreSQL's binary
// form as the rows are added.
type rows struct {
	buf   []byte
	n     int
	width int
	at    int // where the row under way begins
}

// newRows begins a batch of about n rows of a type with so many columns; bytes is what the values of a row take about.
func newRows(n, columns, bytes int) *rows {
	return &rows{buf: make([]byte, arrayHeader, arrayHeader+n*(bytes+8*columns+8)), width: columns}
}

const arrayHeader = 20 // dimensions, whether NULLs are in it, type of the elements, length, lower bound

// begin starts a row, whose columns are added one by one.
func (r *rows) begin() {
	r.n++
	r.at = len(r.buf)
	r.buf = binary.BigEndian.AppendUint32(r.buf, 0)
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(r.width))
}

// end ends the row.
func (r *rows) end() { binary.BigEndian.PutUint32(r.buf[r.at:], uint32(len(r.buf)-r.at-4)) }

func (r *rows) column(oid, size uint32) {
	r.buf = binary.BigEndian.AppendUint32(r.buf, oid)
	r.buf = binary.BigEndian.AppendUint32(r.buf, size)
}

const null = ^uint32(0) // as the size of a column

// uuid adds an id; one that is no UUID becomes NULL, which the columns refuse.
func (r *rows) uuid(id string) {
	u := toUUID(id)
	if !u.Valid {
		r.column(pgtype.UUIDOID, null)
		return
	}
	r.column(pgtype.UUIDOID, 16)
	r.buf = append(r.buf, u.Bytes[:]...)
}

func (r *rows) text(s string) {
	r.column(pgtype.TextOID, uint32(len(s)))
	r.buf = append(r.buf, s...)
}

func (r *rows) textOrNull(s *string) {
	if s == nil {
		r.column(pgtype.TextOID, null)
		return
	}
	r.text(*s)
}

// json adds a document; an empty one is NULL.
func (r *rows) json(b json.RawMessage) {
	if len(b) == 0 {
		r.column(pgtype.JSONOID, null)
		return
	}
	r.column(pgtype.JSONOID, uint32(len(b)))
	r.buf = append(r.buf, b...)
}

// beginJSON starts a document that the caller appends to buf; endJSON, given what beginJSON returned, ends it.
func (r *rows) beginJSON() int {
	r.column(pgtype.JSONOID, 0)
	return len(r.buf)
}

func (r *rows) endJSON(at int) { binary.BigEndian.PutUint32(r.buf[at-4:], uint32(len(r.buf)-at)) }

func (r *rows) int8(n int64) {
	r.column(pgtype.Int8OID, 8)
	r.buf = binary.BigEndian.AppendUint64(r.buf, uint64(n))
}

func (r *rows) int8OrNull(n *int64) {
	if n == nil {
		r.column(pgtype.Int8OID, null)
		return
	}
	r.int8(*n)
}

func (r *rows) int4(n int) {
	r.column(pgtype.Int4OID, 4)
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(int32(n)))
}

func (r *rows) percentOrNull(n *int) {
	if n == nil {
		r.column(pgtype.Int2OID, null)
		return
	}
	r.column(pgtype.Int2OID, 2)
	r.buf = binary.BigEndian.AppendUint16(r.buf, uint16(min(max(*n, 0), 100)))
}

func (r *rows) bool(v bool) {
	r.column(pgtype.BoolOID, 1)
	if v {
		r.buf = append(r.buf, 1)
		return
	}
	r.buf = append(r.buf, 0)
}

// epoch2000 is what PostgreSQL counts microseconds from.
var epoch2000 = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func (r *rows) timeOrNull(t *time.Time) {
	if t == nil {
		r.column(pgtype.TimestamptzOID, null)
		return
	}
	r.column(pgtype.TimestamptzOID, 8)
	r.buf = binary.BigEndian.AppendUint64(r.buf, uint64(t.UnixMicro()-epoch2000))
}

func (r *rows) tid(at pgtype.TID) {
	r.column(pgtype.TIDOID, 6)
	r.buf = binary.BigEndian.AppendUint32(r.buf, at.BlockNumber)
	r.buf = binary.BigEndian.AppendUint16(r.buf, at.OffsetNumber)
}

// rowTypes are the types that migrations made for batches.
var rowTypes = []string{"row_task", "row_task_change", "row_event", "row_output", "row_dispatch", "row_scope_change"}

// learnRowTypes tells a connection how batches are sent.
func learnRowTypes(ctx context.Context, conn *pgx.Conn) error {
	found, err := conn.Query(ctx, `SELECT n, n::regtype::oid, (n || '[]')::regtype::oid FROM unnest($1::text[]) AS u(n)`, rowTypes)
	if err != nil {
		return fmt.Errorf("find the row types: %w", err)
	}
	defer found.Close()
	for found.Next() {
		var name string
		var element, array uint32
		if err := found.Scan(&name, &element, &array); err != nil {
			return fmt.Errorf("find the row types: %w", err)
		}
		conn.TypeMap().RegisterType(&pgtype.Type{Name: "_" + name, OID: array, Codec: rowsCodec{element}})
	}
	if err := found.Err(); err != nil {
		return fmt.Errorf("find the row types: %w", err)
	}
	return nil
}

// rowsCodec sends rows as an array of the type element.
type rowsCodec struct{ element uint32 }

var errRows = errors.New("batches are sent and never read")

// FormatSupported tells that there is the binary form alone.
func (rowsCodec) FormatSupported(format int16) bool { return format == pgtype.BinaryFormatCode }

// PreferredFormat is the binary one.
func (rowsCodec) PreferredFormat() int16 { return pgtype.BinaryFormatCode }

// PlanEncode knows *rows.
func (c rowsCodec) PlanEncode(_ *pgtype.Map, _ uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(*rows); ok && format == pgtype.BinaryFormatCode {
		return c
	}
	return nil
}

// Encode appends the batch.
func (c rowsCodec) Encode(value any, buf []byte) ([]byte, error) {
	r := value.(*rows)
	b := r.buf
	binary.BigEndian.PutUint32(b[0:], 1)
	binary.BigEndian.PutUint32(b[4:], 0)
	binary.BigEndian.PutUint32(b[8:], c.element)
	binary.BigEndian.PutUint32(b[12:], uint32(r.n))
	binary.BigEndian.PutUint32(b[16:], 1)
	return append(buf, b...), nil
}

// PlanScan, DecodeDatabaseSQLValue and DecodeValue complete a pgtype.Codec.
func (rowsCodec) PlanScan(*pgtype.Map, uint32, int16, any) pgtype.ScanPlan { return nil }

// DecodeDatabaseSQLValue answers that batches are not read.
func (rowsCodec) DecodeDatabaseSQLValue(*pgtype.Map, uint32, int16, []byte) (driver.Value, error) {
	return nil, errRows
}

// DecodeValue answers that batches are not read.
func (rowsCodec) DecodeValue(*pgtype.Map, uint32, int16, []byte) (any, error) { return nil, errRows }

// Package audit keeps the append-only record of who changed what. A trigger of its table refuses every update and delete, so
// not even this package can mend an entry.
//
// It knows PostgreSQL and nothing of what the entries mean.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Entry is one change.
type Entry struct {
	ID          int64     // given by the record, grows
	At          time.Time // zero means now
	Actor       string    // login of who did it
	Action      string    // "process.cancel"
	SubjectKind string    // "process"
	SubjectID   string
	Reason      string
	Detail      json.RawMessage // an object; nil means {}
	RequestID   string
}

// Filter narrows the record; its members are combined with AND, zero values don't filter.
type Filter struct {
	Actor       string
	Action      string
	SubjectKind string
	SubjectID   string
	ProcessID   string // entries about this process or one of its tasks
	Limit       int
	Cursor      string
}

// Log is the record.
type Log struct{ db *pgxpool.Pool }

// New returns the record in db.
func New(db *pgxpool.Pool) *Log { return &Log{db: db} }

// insertEntries writes any number of entries in one statement.
const insertEntries = `
INSERT INTO audit (at, actor, action, subject_kind, subject_id, reason, detail, request_id)
SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::text[])`

// Tx is a commit under way: statements are sent with it, in order, before it commits.
type Tx interface {
	Queue(sql string, args ...any)
}

// Queue appends an entry in the transaction that makes the change.
func Queue(tx Tx, e Entry) {
	detail := e.Detail
	if detail == nil {
		detail = json.RawMessage(`{}`)
	}
	tx.Queue(`INSERT INTO audit (actor, action, subject_kind, subject_id, reason, detail) VALUES ($1, $2, $3, $4, $5, $6::jsonb)`,
		e.Actor, e.Action, e.SubjectKind, e.SubjectID, e.Reason, string(detail))
}

// Record appends entries, all or none.
func (l *Log) Record(ctx context.Context, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	n := len(entries)
	at := make([]time.Time, n)
	actor, action, kind, id, reason, detail, request := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, entry := range entries {
		at[i] = entry.At
		if entry.At.IsZero() {
			at[i] = time.Now().UTC()
		}
		actor[i], action[i], kind[i], id[i], reason[i], request[i] = entry.Actor, entry.Action, entry.SubjectKind, entry.SubjectID, entry.Reason, entry.RequestID
		detail[i] = "{}"
		if len(entry.Detail) > 0 {
			detail[i] = string(entry.Detail)
		}
	}
	if _, err := l.db.Exec(ctx, insertEntries, at, actor, action, kind, id, reason, detail, request); err != nil {
		return fmt.Errorf("record %d changes: %w", n, err)
	}
	return nil
}

// selectEntries reads a page, newest first. Entries about a task name its process in their detail.
const selectEntries = `
SELECT id, at, actor, action, subject_kind, subject_id, reason, detail, request_id FROM audit
WHERE ($1 = 0 OR id < $1) AND ($2 = '' OR actor = $2) AND ($3 = '' OR action = $3)
  AND ($4 = '' OR subject_kind = $4) AND ($5 = '' OR subject_id = $5)
  AND ($6 = '' OR (subject_kind = 'process' AND subject_id = $6) OR detail->>'process_id' = $6)
ORDER BY id DESC LIMIT $7`

// Entries returns a page of the record, newest first, and where the next begins.
func (l *Log) Entries(ctx context.Context, filter Filter) ([]Entry, string, error) {
	var below int64
	if filter.Cursor != "" {
		var err error
		if below, err = strconv.ParseInt(filter.Cursor, 10, 64); err != nil || below <= 0 {
			return nil, "", fault.New(fault.Invalid, "cursor.malformed", "The cursor is not one of this list.")
		}
	}
	limit := filter.Limit
	if limit <= 0 {
		limit = 50
	}
	rows, err := l.db.Query(ctx, selectEntries, below, filter.Actor, filter.Action, filter.SubjectKind, filter.SubjectID, filter.ProcessID, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("read the audit: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, "", fmt.Errorf("read the audit: %w", err)
	}
	if len(entries) > limit {
		return entries[:limit], strconv.FormatInt(entries[limit-1].ID, 10), nil
	}
	return entries, "", nil
}

package pgstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Tombstone is what is left of a deleted process.
type Tombstone struct {
	Process    string
	CustomID   string
	Definition string
	Version    int
	DeletedAt  time.Time
	DeletedBy  string
	Reason     string
}

// Why processes cannot be deleted now.
var (
	ErrLive     = errors.New("the process has not ended")
	ErrChildren = errors.New("processes that it has called are left")
)

// tracesOf lists the tables with rows of a process, the root scope's last: it is the lock. The idempotency key stays: the same
// request must not start the process again.
var tracesOf = []string{"process_live", "closing", "incident", "timer", "process_trigger", "active_key", "subscription", "user_task", "inbox", "backlog", "dispatch", "dead_result", "search_key", "undo_record",
	"output", "event", "attempt", "task", "process_data", "scope"}

const lockForDelete = `
SELECT p.ended_at IS NOT NULL FROM scope s JOIN process p ON p.id = s.process_id
WHERE s.process_id = ANY($1::uuid[]) AND s.id = s.process_id ORDER BY s.process_id FOR UPDATE OF s`

// deleteUnborn takes away what the processes have called and has not begun. Who is just about to begin one holds the row; then the
// process is there when this statement goes on.
const deleteUnborn = `DELETE FROM inbox WHERE sender = ANY($1::uuid[]) AND kind = 'start'`

// Delete removes every trace of ended processes and leaves a tombstone of each. outermost: they are no children, and all that they
// called must be deleted before. more adds statements to the transaction. ErrNotFound: none of them is there; ErrLive: one has not
// ended; ErrChildren: processes that they called are left.
func (s *Store) Delete(ctx context.Context, ids []string, outermost bool, by, reason string, more func(Queue)) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, lockForDelete, ids)
		ended, err := rowsOf(rows, err, func(r pgx.Rows) (is bool, err error) { return is, r.Scan(&is) })
		switch {
		case err != nil:
			return fmt.Errorf("lock %d processes: %w", len(ids), err)
		case len(ended) == 0:
			return ErrNotFound
		case slices.Contains(ended, false):
			return ErrLive
		}
		if _, err := tx.Exec(ctx, deleteUnborn, ids); err != nil {
			return fmt.Errorf("delete what %d processes were about to call: %w", len(ids), err)
		}
		if outermost {
			var left bool
			if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM process WHERE root_id = ANY($1::uuid[]))`, ids).Scan(&left); err != nil {
				return fmt.Errorf("look for what %d processes have called: %w", len(ids), err)
			}
			if left {
				return ErrChildren
			}
		}
		batch := &pgx.Batch{}
		batch.Queue(`
INSERT INTO tombstone (process_id, custom_id, definition_key, version, state, created_at, ended_at, deleted_by, reason)
SELECT id, custom_id, definition_key, version, state, created_at, ended_at, $2, $3 FROM process WHERE id = ANY($1::uuid[])`, ids, by, reason)
		batch.Queue(`
INSERT INTO counter_delta (name, definition_key, version, n)
SELECT name, definition_key, version, sum(c.n) FROM process CROSS JOIN LATERAL (VALUES ('started', -1), (state, -1), ('removed_' || state, 1)) AS c (name, n)
WHERE id = ANY($1::uuid[]) GROUP BY 1, 2, 3`, ids)
		for _, table := range tracesOf {
			batch.Queue(`DELETE FROM `+table+` WHERE process_id = ANY($1::uuid[])`, ids)
		}
		batch.Queue(`UPDATE message SET process_id = NULL, task_id = NULL, node_id = NULL WHERE process_id = ANY($1::uuid[]) AND taken_at IS NULL`, ids)
		batch.Queue(`DELETE FROM process WHERE id = ANY($1::uuid[])`, ids)
		more(func(sql string, args ...any) { batch.Queue(sql, args...) })
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("delete %d processes: %w", len(ids), err)
		}
		return nil
	})
}

// Below returns some of the processes that one has called, however indirectly; none are left when it returns none.
func (s *Store) Below(ctx context.Context, root string, limit int) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT id::text FROM process WHERE root_id = $1 ORDER BY id LIMIT $2`, root, limit)
	ids, err := rowsOf(rows, err, func(r pgx.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("list what process %s has called: %w", root, err)
	}
	return ids, nil
}

// TreeEnded tells whether an outermost process has ended and all that it has called, however indirectly, or is about to call.
func (s *Store) TreeEnded(ctx context.Context, root string) (ended bool, err error) {
	const statement = `
SELECT NOT EXISTS (SELECT 1 FROM process_live WHERE process_id = $1)
   AND NOT EXISTS (SELECT 1 FROM process p JOIN process_live l ON l.process_id = p.id WHERE p.root_id = $1)`
	if err := s.db.QueryRow(ctx, statement, root).Scan(&ended); err != nil {
		return false, fmt.Errorf("look whether what process %s has called has ended: %w", root, err)
	}
	return ended, nil
}

// Queue adds a statement to a transaction.
type Queue func(sql string, args ...any)

// Tombstone returns what is left of a process; ErrNotFound when it was never deleted.
func (s *Store) Tombstone(ctx context.Context, process string) (t Tombstone, err error) {
	err = s.db.QueryRow(ctx, `SELECT process_id::text, custom_id, definition_key, version, deleted_at, deleted_by, reason FROM tombstone WHERE process_id = $1`, process).
		Scan(&t.Process, &t.CustomID, &t.Definition, &t.Version, &t.DeletedAt, &t.DeletedBy, &t.Reason)
	if errors.Is(err, pgx.ErrNoRows) {
		return t, ErrNotFound
	}
	if err != nil {
		return t, fmt.Errorf("read the tombstone of process %s: %w", process, err)
	}
	return t, nil
}

package pgstore

import (
	"context"
	"errors"
	"fmt"
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

// ErrLive says that a process has not ended.
var ErrLive = errors.New("the process has not ended")

// tracesOf lists the tables with rows of a process, the root scope's last: it is the lock. The idempotency key stays: the same
// request must not start the process again.
var tracesOf = []string{"process_live", "incident", "timer", "process_trigger", "active_key", "subscription", "user_task", "inbox", "backlog", "dispatch", "dead_result", "search_key",
	"output", "event", "attempt", "task", "process_data", "scope"}

// Delete removes every trace of an ended process and leaves a tombstone. more adds statements to the transaction. ErrNotFound:
// there is no such process; ErrLive: it has not ended.
func (s *Store) Delete(ctx context.Context, stone Tombstone, more func(Queue)) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var ended bool
		err := tx.QueryRow(ctx, `
SELECT p.ended_at IS NOT NULL FROM scope s JOIN process p ON p.id = s.process_id
WHERE s.process_id = $1 AND s.id = $1 FOR UPDATE OF s`, stone.Process).Scan(&ended)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNotFound
		case err != nil:
			return fmt.Errorf("lock process %s: %w", stone.Process, err)
		case !ended:
			return ErrLive
		}
		batch := &pgx.Batch{}
		batch.Queue(`
INSERT INTO tombstone (process_id, custom_id, definition_key, version, state, created_at, ended_at, deleted_by, reason)
SELECT id, custom_id, definition_key, version, state, created_at, ended_at, $2, $3 FROM process WHERE id = $1`, stone.Process, stone.DeletedBy, stone.Reason)
		batch.Queue(`
INSERT INTO counter_delta (name, definition_key, version, n)
SELECT name, definition_key, version, -1 FROM process CROSS JOIN LATERAL (VALUES ('started'), (state)) AS c (name) WHERE id = $1`, stone.Process)
		for _, table := range tracesOf {
			batch.Queue(`DELETE FROM `+table+` WHERE process_id = $1`, stone.Process)
		}
		batch.Queue(`UPDATE message SET process_id = NULL, task_id = NULL, node_id = NULL WHERE process_id = $1 AND taken_at IS NULL`, stone.Process)
		batch.Queue(`DELETE FROM process WHERE id = $1`, stone.Process)
		more(func(sql string, args ...any) { batch.Queue(sql, args...) })
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("delete process %s: %w", stone.Process, err)
		}
		return nil
	})
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

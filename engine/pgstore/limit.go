package pgstore

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
)

// unkeyed is the limit_key of a backlog row of a limited node type whose key nobody has computed yet.
const unkeyed = "\x01"

// Limit bounds the tasks of a node type: how many are with the workers at once (Most), how many start within PerMS (Starts),
// for each value of the expression Key over the task's input; an empty Key: for all together.
type Limit struct {
	NodeType       string
	Key            string
	Most, Starts   *int
	PerMS          int64
	Reason, Author string
	ChangedAt      time.Time
}

// capacity is how many starts a bucket keeps: those of a tenth of a second, so that no second sees more than the limit and a
// tenth of it.
func (l *Limit) capacity() float64 { return math.Max(1, float64(*l.Starts)*100/float64(l.PerMS)) }

// Limits returns all of them, by node type.
func (s *Store) Limits(ctx context.Context) ([]Limit, error) {
	rows, err := s.db.Query(ctx, `SELECT node_type, key, most, starts, per_ms, reason, author, changed_at FROM type_limit ORDER BY node_type`)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (l Limit, err error) {
		return l, r.Scan(&l.NodeType, &l.Key, &l.Most, &l.Starts, &l.PerMS, &l.Reason, &l.Author, &l.ChangedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("read limits: %w", err)
	}
	return out, nil
}

// SetLimit keeps a limit. The keys of what waits and of what is with the workers are forgotten: they may be others now.
func (s *Store) SetLimit(ctx context.Context, l Limit) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`
INSERT INTO type_limit (node_type, key, most, starts, per_ms, reason, author) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (node_type) DO UPDATE SET key = excluded.key, most = excluded.most, starts = excluded.starts, per_ms = excluded.per_ms,
    reason = excluded.reason, author = excluded.author, changed_at = now()`, l.NodeType, l.Key, l.Most, l.Starts, l.PerMS, l.Reason, l.Author)
		batch.Queue(`DELETE FROM limit_bucket WHERE node_type = $1`, l.NodeType)
		batch.Queue(`UPDATE backlog SET limit_key = $2 WHERE node_type = $1`, l.NodeType, unkeyed)
		batch.Queue(`UPDATE dispatch SET limit_key = $2 WHERE node_type = $1`, l.NodeType, unkeyed)
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("limit %s: %w", l.NodeType, err)
		}
		return nil
	})
}

// RemoveLimit removes a limit, and lets the feeder see what it held; it reports whether there was one.
func (s *Store) RemoveLimit(ctx context.Context, nodeType string) (bool, error) {
	was := false
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM type_limit WHERE node_type = $1`, nodeType)
		if err != nil {
			return err
		}
		was = tag.RowsAffected() > 0
		_, err = tx.Exec(ctx, `UPDATE backlog SET limit_key = NULL WHERE node_type = $1 AND limit_key IS NOT NULL`, nodeType)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("remove the limit of %s: %w", nodeType, err)
	}
	return was, nil
}

// Place is where a task of a limited node type is.
type Place string

// The places.
const (
	InBacklog   Place = "backlog"
	WithAWorker Place = "dispatch"
)

// MarkLimited finds tasks that engines wrote that did not know of a limit yet.
func (s *Store) MarkLimited(ctx context.Context, nodeType string) error {
	for _, place := range []Place{InBacklog, WithAWorker} {
		if _, err := s.db.Exec(ctx, `UPDATE `+string(place)+` SET limit_key = $2 WHERE node_type = $1 AND limit_key IS NULL`, nodeType, unkeyed); err != nil {
			return fmt.Errorf("mark the limited tasks of %s: %w", nodeType, err)
		}
	}
	return nil
}

// Unkeyed is a task of a limited node type whose key is to be computed from its input.
type Unkeyed struct {
	TaskRef
	Input json.RawMessage
}

// Unkeyed returns up to limit of them.
func (s *Store) Unkeyed(ctx context.Context, place Place, nodeType string, limit int) ([]Unkeyed, error) {
	order := ""
	if place == InBacklog {
		order = " ORDER BY held, priority, process_id" // as the index has them
	}
	rows, err := s.db.Query(ctx, `
SELECT b.process_id::text, b.task_id::text, t.input FROM (
    SELECT process_id, task_id FROM `+string(place)+` WHERE node_type = $1 AND limit_key = $2`+order+` LIMIT $3) AS b
CROSS JOIN LATERAL (SELECT x.input FROM task x WHERE x.process_id = b.process_id AND x.id = b.task_id OFFSET 0) AS t`, nodeType, unkeyed, limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (u Unkeyed, err error) { return u, r.Scan(&u.Process, &u.Task, &u.Input) })
	if err != nil {
		return nil, fmt.Errorf("read tasks of %s without a key: %w", nodeType, err)
	}
	return out, nil
}

// SetKeys keeps the keys of tasks.
func (s *Store) SetKeys(ctx context.Context, place Place, refs []TaskRef, keys []string) error {
	procs, tasks := splitRefs(refs)
	_, err := s.db.Exec(ctx, `
UPDATE `+string(place)+` b SET limit_key = u.k FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(p, t, k)
WHERE b.process_id = u.p AND b.task_id = u.t AND b.limit_key = $4`, uuids(procs), uuids(tasks), keys, unkeyed)
	if err != nil {
		return fmt.Errorf("keep the keys of %d tasks: %w", len(refs), err)
	}
	return nil
}

// LimitUse tells the limit key of a task that waits, and how many tasks of its node type with this key are with the workers.
func (s *Store) LimitUse(ctx context.Context, process, task string) (key string, n int, err error) {
	const statement = `
SELECT b.limit_key, (SELECT count(*) FROM dispatch d WHERE d.node_type = b.node_type AND d.limit_key = b.limit_key)
FROM backlog b WHERE b.process_id = $1 AND b.task_id = $2 AND b.limit_key IS NOT NULL`
	if err := s.db.QueryRow(ctx, statement, process, task).Scan(&key, &n); err != nil {
		return "", 0, fmt.Errorf("read the limit of task %s: %w", task, notFound(err))
	}
	return key, n, nil
}

package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
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

const limitKeys = `
WITH RECURSIVE keys AS (
    (SELECT b.limit_key AS k FROM backlog b WHERE b.node_type = $1 AND b.limit_key IS NOT NULL AND b.limit_key <> $2 AND NOT b.held ORDER BY b.limit_key LIMIT 1)
    UNION ALL
    SELECT n.k FROM keys g CROSS JOIN LATERAL (
        SELECT b.limit_key AS k FROM backlog b
        WHERE b.node_type = $1 AND b.limit_key > g.k AND b.limit_key <> $2 AND NOT b.held ORDER BY b.limit_key LIMIT 1) AS n
) SELECT k FROM keys LIMIT 1000`

const admitLimited = `
WITH lead AS (
    SELECT 1 FROM leader_lease WHERE name = 'feeder' AND owner = $1 AND fence = $2 AND expires_at > clock_timestamp() FOR SHARE
), candidates AS (
    SELECT c.process_id, c.task_id FROM unnest($4::text[], $5::int[]) AS u(k, n) CROSS JOIN LATERAL (
        SELECT b.process_id, b.task_id FROM backlog b
        WHERE b.node_type = $3 AND b.limit_key = u.k AND NOT b.held AND b.definition_key <> ALL($6::text[])
        ORDER BY b.priority, b.process_id LIMIT u.n) AS c
` + moveCandidates

// AdmitLimited is Admit for a limited node type: no more than the limit allows, and at most room. waits says that tasks are
// left.
func (s *Store) AdmitLimited(ctx context.Context, owner string, fence int64, l Limit, room int, definitions []string) (out []Outgoing, waits bool, err error) {
	err = pgx.BeginFunc(ctx, s.hot, func(tx pgx.Tx) error {
		out, waits, err = admitWithin(ctx, tx, owner, fence, l, room, definitions)
		return err
	})
	if err != nil {
		return nil, true, fmt.Errorf("admit limited tasks of %s: %w", l.NodeType, err)
	}
	return out, waits, nil
}

func admitWithin(ctx context.Context, tx pgx.Tx, owner string, fence int64, l Limit, room int, definitions []string) ([]Outgoing, bool, error) {
	rows, err := tx.Query(ctx, limitKeys, l.NodeType, unkeyed)
	keys, err := rowsOf(rows, err, func(r pgx.Rows) (k string, err error) { return k, r.Scan(&k) })
	if err != nil || len(keys) == 0 {
		return nil, false, err
	}
	busy, unknown, err := busyKeys(ctx, tx, l.NodeType)
	if err != nil {
		return nil, true, err
	}
	buckets, now, err := readBuckets(ctx, tx, &l, keys)
	if err != nil {
		return nil, true, err
	}
	rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] }) // room may not suffice for all: each has its turn
	var some []string
	var most []int32
	for _, key := range keys {
		n := room
		if l.Most != nil {
			n = min(n, *l.Most-busy[key]-unknown)
		}
		if l.Starts != nil {
			n = min(n, int(math.Floor(buckets[key])))
		}
		if n > 0 {
			some, most = append(some, key), append(most, int32(n))
			room -= n
		}
	}
	if len(some) == 0 {
		return nil, true, nil
	}
	rows, err = tx.Query(ctx, admitLimited, owner, fence, l.NodeType, some, most, notNil(definitions))
	var took []string
	out, err := rowsOf(rows, err, func(r pgx.Rows) (Outgoing, error) {
		o, key, err := scanLimited(r)
		took = append(took, key)
		return o, err
	})
	if err != nil {
		return nil, true, err
	}
	if l.Starts != nil {
		for _, key := range took {
			buckets[key]--
		}
		if err := writeBuckets(ctx, tx, &l, buckets, now); err != nil {
			return nil, true, err
		}
	}
	return out, true, nil
}

// busyKeys counts what is with the workers by key; what has no known key counts for each.
func busyKeys(ctx context.Context, tx pgx.Tx, nodeType string) (busy map[string]int, unknown int, err error) {
	busy = map[string]int{}
	rows, err := tx.Query(ctx, `SELECT limit_key, count(*)::int FROM dispatch WHERE node_type = $1 GROUP BY 1`, nodeType)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var key *string
		var n int
		if err = r.Scan(&key, &n); err != nil {
			return none, err
		}
		if key == nil || *key == unkeyed {
			unknown += n
		} else {
			busy[*key] = n
		}
		return none, nil
	})
	return busy, unknown, err
}

// capacity is how many starts a bucket keeps: those of a tenth of a second, so that no second sees more than the limit and a
// tenth of it.
func (l *Limit) capacity() float64 { return math.Max(1, float64(*l.Starts)*100/float64(l.PerMS)) }

// readBuckets returns what may start now by key. A key without a bucket has a full one.
func readBuckets(ctx context.Context, tx pgx.Tx, l *Limit, keys []string) (map[string]float64, time.Time, error) {
	var now time.Time
	if l.Starts == nil {
		return nil, now, nil
	}
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return nil, now, err
	}
	tokens := make(map[string]float64, len(keys))
	for _, key := range keys {
		tokens[key] = l.capacity()
	}
	rows, err := tx.Query(ctx, `SELECT limit_key, tokens, at FROM limit_bucket WHERE node_type = $1 AND limit_key = ANY($2::text[])`, l.NodeType, keys)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var key string
		var left float64
		var at time.Time
		if err = r.Scan(&key, &left, &at); err != nil {
			return none, err
		}
		since := math.Max(0, float64(now.Sub(at).Microseconds())/1000)
		tokens[key] = math.Min(l.capacity(), left+since*float64(*l.Starts)/float64(l.PerMS))
		return none, nil
	})
	return tokens, now, err
}

// writeBuckets keeps what is left; buckets that must be full again by now are dropped.
func writeBuckets(ctx context.Context, tx pgx.Tx, l *Limit, tokens map[string]float64, now time.Time) error {
	keys, left := make([]string, 0, len(tokens)), make([]float64, 0, len(tokens))
	for key, n := range tokens {
		keys, left = append(keys, key), append(left, n)
	}
	batch := &pgx.Batch{}
	batch.Queue(`
INSERT INTO limit_bucket (node_type, limit_key, tokens, at) SELECT $1, k, n, $4 FROM unnest($2::text[], $3::float8[]) AS u(k, n)
ON CONFLICT (node_type, limit_key) DO UPDATE SET tokens = excluded.tokens, at = excluded.at`, l.NodeType, keys, left, now)
	batch.Queue(`DELETE FROM limit_bucket WHERE node_type = $1 AND at < $2`, l.NodeType, now.Add(-time.Duration(max(l.PerMS, 1000))*time.Millisecond*2))
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return errors.Join(errors.New("keep what is left of a limit"), err)
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

package pgstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// LimitHead is the first of the tasks that wait under a key of a limited node type.
type LimitHead struct {
	Key      string
	Priority int
}

// LimitHeads is what waits of a limited node type.
type LimitHeads struct {
	Heads   []LimitHead
	Unkeyed bool   // some have no key yet
	All     bool   // no key behind Last is missing
	Last    string // the last key that was looked at in their order
}

// limitHeads finds the first keys of each node type by a loose scan, from the key that is named for it.
const limitHeads = `
WITH RECURSIVE heads AS (
    SELECT u.t, f.k, f.p, 1 AS n FROM unnest($1::text[], $2::text[]) AS u(t, since) CROSS JOIN LATERAL (
        SELECT b.limit_key AS k, b.priority AS p FROM backlog b
        WHERE b.node_type = u.t AND b.limit_key IS NOT NULL AND b.limit_key >= u.since AND b.limit_key <> $3 AND NOT b.held
        ORDER BY b.limit_key, b.held, b.priority, b.process_id LIMIT 1) AS f
    UNION ALL
    SELECT h.t, f.k, f.p, h.n + 1 FROM heads h CROSS JOIN LATERAL (
        SELECT b.limit_key AS k, b.priority AS p FROM backlog b
        WHERE b.node_type = h.t AND b.limit_key > h.k AND b.limit_key <> $3 AND NOT b.held
        ORDER BY b.limit_key, b.held, b.priority, b.process_id LIMIT 1) AS f
    WHERE h.n < $4
)
SELECT t, k, p FROM heads
UNION ALL
SELECT u.t, $3, 0 FROM unnest($1::text[]) AS u(t) WHERE EXISTS (SELECT 1 FROM backlog b WHERE b.node_type = u.t AND b.limit_key = $3)`

// urgentKeys finds the first keys of a node type under which urgent tasks wait.
const urgentKeys = `
WITH RECURSIVE keys AS (
    (SELECT b.limit_key AS k, 1 AS n FROM backlog b
     WHERE b.node_type = $1 AND b.limit_key IS NOT NULL AND b.priority = 1 AND NOT b.held ORDER BY b.limit_key LIMIT 1)
    UNION ALL
    SELECT f.k, g.n + 1 FROM keys g CROSS JOIN LATERAL (
        SELECT b.limit_key AS k FROM backlog b
        WHERE b.node_type = $1 AND b.limit_key > g.k AND b.priority = 1 AND NOT b.held ORDER BY b.limit_key LIMIT 1) AS f
    WHERE g.n < $2
) SELECT k FROM keys`

// LimitHeads tells under which keys tasks of limited node types wait: of each type up to most keys from the one that since names
// for it on, and besides up to most keys of urgent tasks.
func (s *Store) LimitHeads(ctx context.Context, types, since []string, most int) (map[string]*LimitHeads, error) {
	out := make(map[string]*LimitHeads, len(types))
	for _, t := range types {
		out[t] = &LimitHeads{All: true}
	}
	rows, err := s.db.Query(ctx, limitHeads, types, since, unkeyed, most)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var nodeType string
		var head LimitHead
		if err = r.Scan(&nodeType, &head.Key, &head.Priority); err != nil {
			return none, err
		}
		if of := out[nodeType]; head.Key == unkeyed {
			of.Unkeyed = true
		} else {
			of.Heads, of.Last = append(of.Heads, head), head.Key
		}
		return none, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the keys of %d limited node types: %w", len(types), err)
	}
	for i, t := range types {
		of := out[t]
		of.All = len(of.Heads) < most
		if of.All && since[i] == "" {
			continue
		}
		if err := s.urgentHeads(ctx, t, of, most); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// urgentHeads adds the keys of urgent tasks to what does not show them all.
func (s *Store) urgentHeads(ctx context.Context, nodeType string, of *LimitHeads, most int) error {
	rows, err := s.db.Query(ctx, urgentKeys, nodeType, most)
	keys, err := rowsOf(rows, err, func(r pgx.Rows) (k string, err error) { return k, r.Scan(&k) })
	if err != nil {
		return fmt.Errorf("read the keys of urgent tasks of %s: %w", nodeType, err)
	}
	known := make(map[string]bool, len(of.Heads))
	for _, h := range of.Heads {
		known[h.Key] = true
	}
	for _, key := range keys {
		if key != unkeyed && !known[key] {
			of.Heads = append(of.Heads, LimitHead{Key: key, Priority: 1})
		}
	}
	return nil
}

const admitLimited = `
WITH lead AS (
    SELECT 1 FROM leader_lease WHERE name = 'feeder' AND owner = $1 AND fence = $2 AND expires_at > clock_timestamp() FOR SHARE
), candidates AS (
    SELECT c.process_id, c.task_id FROM unnest($4::text[], $5::int[]) AS u(k, n) CROSS JOIN LATERAL (
        SELECT b.process_id, b.task_id FROM backlog b
        WHERE b.node_type = $3 AND b.limit_key = u.k AND NOT b.held AND b.priority <= $7 AND b.definition_key <> ALL($6::text[])
        ORDER BY b.priority, b.process_id LIMIT u.n) AS c
` + moveCandidates

// AdmitLimited is Admit for the keys of a limited node type: no more than the limit allows, at most room, and nothing of a priority
// below lowest. Keys whose first task is more urgent go first.
func (s *Store) AdmitLimited(ctx context.Context, owner string, fence int64, l Limit, keys []LimitHead, room, lowest int, definitions []string) (out []Outgoing, err error) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(h LimitHead) bool { return h.Priority > lowest })
	if len(keys) == 0 {
		return nil, nil
	}
	rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] }) // room may not suffice for all: each has its turn
	slices.SortStableFunc(keys, func(a, b LimitHead) int { return cmp.Compare(a.Priority, b.Priority) })
	err = pgx.BeginFunc(ctx, s.hot, func(tx pgx.Tx) error {
		out, err = admitWithin(ctx, tx, owner, fence, l, keys, room, lowest, definitions)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("admit limited tasks of %s: %w", l.NodeType, err)
	}
	return out, nil
}

func admitWithin(ctx context.Context, tx pgx.Tx, owner string, fence int64, l Limit, keys []LimitHead, room, lowest int, definitions []string) ([]Outgoing, error) {
	busy, unknown, err := busyKeys(ctx, tx, l.NodeType)
	if err != nil {
		return nil, err
	}
	buckets, now, err := readBuckets(ctx, tx, &l, keys)
	if err != nil {
		return nil, err
	}
	var some []string
	var most []int32
	for _, key := range keys {
		n := room
		if l.Most != nil {
			n = min(n, *l.Most-busy[key.Key]-unknown)
		}
		if l.Starts != nil {
			n = min(n, int(math.Floor(buckets[key.Key])))
		}
		if n > 0 {
			some, most = append(some, key.Key), append(most, int32(n))
			room -= n
		}
	}
	if len(some) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, admitLimited, owner, fence, l.NodeType, some, most, notNil(definitions), lowest)
	var took []string
	out, err := rowsOf(rows, err, func(r pgx.Rows) (Outgoing, error) {
		o, key, err := scanLimited(r)
		took = append(took, key)
		return o, err
	})
	if err != nil {
		return nil, err
	}
	if l.Starts != nil {
		for _, key := range took {
			buckets[key]--
		}
		if err := writeBuckets(ctx, tx, &l, buckets, now); err != nil {
			return nil, err
		}
	}
	return out, nil
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

// readBuckets returns what may start now by key. A key without a bucket has a full one.
func readBuckets(ctx context.Context, tx pgx.Tx, l *Limit, heads []LimitHead) (map[string]float64, time.Time, error) {
	var now time.Time
	if l.Starts == nil {
		return nil, now, nil
	}
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return nil, now, err
	}
	tokens, keys := make(map[string]float64, len(heads)), make([]string, len(heads))
	for i, head := range heads {
		tokens[head.Key], keys[i] = l.capacity(), head.Key
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

package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// Outgoing is a message with all that its payload needs.
type Outgoing struct {
	Message
	CustomID string
	Node     string
	Attempt  int
	State    flow.TaskState
	Input    []byte
	InputRev int
}

// admit moves backlog rows to the window: by priority, then round robin between definitions, oldest
// process first. The loose scan finds the (priority, definition) pairs of the pool without reading their rows. It is fenced: nothing moves unless this
// engine still leads. The task row is not touched (see the table), so no process is locked here.
const admit = `
WITH RECURSIVE lead AS (
    SELECT 1 FROM leader_lease WHERE name = 'feeder' AND owner = $1 AND fence = $2 AND expires_at > clock_timestamp() FOR SHARE
), groups AS (
    (SELECT b.priority, b.definition_key FROM backlog b WHERE b.pool = $3 AND NOT b.held AND b.limit_key IS NULL AND b.priority <= $7 ORDER BY b.priority, b.definition_key LIMIT 1)
    UNION ALL
    SELECT n.priority, n.definition_key FROM groups g CROSS JOIN LATERAL (
        SELECT b.priority, b.definition_key FROM backlog b
        WHERE b.pool = $3 AND NOT b.held AND b.limit_key IS NULL AND b.priority <= $7 AND (b.priority, b.definition_key) > (g.priority, g.definition_key)
        ORDER BY b.priority, b.definition_key LIMIT 1) AS n
), candidates AS (
    SELECT c.process_id, c.task_id, g.priority, c.turn
    FROM groups g CROSS JOIN LATERAL (
        SELECT b.process_id, b.task_id, row_number() OVER (ORDER BY b.process_id) AS turn FROM backlog b
        WHERE b.pool = $3 AND NOT b.held AND b.limit_key IS NULL AND b.priority = g.priority AND b.definition_key = g.definition_key AND b.node_type <> ALL($5::text[])
          AND b.process_id <> ALL(ARRAY(SELECT process_id FROM closing))
        ORDER BY b.process_id LIMIT $4) AS c
    WHERE g.definition_key <> ALL($6::text[])
    ORDER BY g.priority, c.turn, c.process_id LIMIT $4
` + moveCandidates

// moveCandidates ends a statement that has made "lead" and "candidates": those that are still there go to the window, but for those
// of processes that are ending.
const moveCandidates = `), locked AS (
    SELECT b.at FROM candidates c CROSS JOIN LATERAL (
        SELECT x.ctid AS at FROM backlog x
        WHERE x.process_id = c.process_id AND x.task_id = c.task_id AND NOT x.held FOR UPDATE SKIP LOCKED) AS b
    WHERE EXISTS (SELECT 1 FROM lead) AND c.process_id <> ALL(ARRAY(SELECT process_id FROM closing))
), taken AS (
    DELETE FROM backlog b USING locked l WHERE b.ctid = l.at
    RETURNING b.*
), moved AS (
    INSERT INTO dispatch (process_id, task_id, epoch, pool, node_type, lane, attempt_ms, heartbeat_ms, published_at, limit_key)
    SELECT process_id, task_id, epoch, pool, node_type, CASE WHEN priority = 1 THEN 'urgent' ELSE 'normal' END, attempt_ms, heartbeat_ms, clock_timestamp(), limit_key
    FROM taken
    ON CONFLICT (process_id, task_id) DO NOTHING
)
SELECT k.process_id::text, k.task_id::text, k.epoch, k.pool, k.node_type, CASE WHEN k.priority = 1 THEN 'urgent' ELSE 'normal' END,
       k.definition_key, k.priority, k.attempt_ms, k.heartbeat_ms, p.custom_id, t.node_id, t.attempt, t.state, t.input, t.input_rev,
       COALESCE(k.limit_key, '')
FROM taken k
CROSS JOIN LATERAL (SELECT x.custom_id FROM process x WHERE x.id = k.process_id OFFSET 0) AS p
CROSS JOIN LATERAL (SELECT x.node_id, x.attempt, x.state, x.input, x.input_rev FROM task x WHERE x.process_id = k.process_id AND x.id = k.task_id OFFSET 0) AS t
ORDER BY k.priority, k.process_id`

// Admit moves up to limit tasks of a pool from the backlog to the window and returns what is to be published. Tasks of a priority
// below lowest, of the node types and of the definitions named are left.
func (s *Store) Admit(ctx context.Context, owner string, fence int64, pool string, limit, lowest int, types, definitions []string) ([]Outgoing, error) {
	rows, err := s.hot.Query(ctx, admit, owner, fence, pool, limit, notNil(types), notNil(definitions), lowest)
	out, err := rowsOf(rows, err, scanOutgoing)
	if err != nil {
		return nil, fmt.Errorf("admit %d tasks to pool %s: %w", limit, pool, err)
	}
	return out, nil
}

func scanOutgoing(r pgx.Rows) (Outgoing, error) {
	o, _, err := scanLimited(r)
	return o, err
}

// scanLimited reads the limit's key, too.
func scanLimited(r pgx.Rows) (o Outgoing, key string, err error) {
	return o, key, r.Scan(&o.Process, &o.Task, &o.Epoch, &o.Pool, &o.NodeType, &o.Lane, &o.Definition, &o.Priority, &o.AttemptMS, &o.HeartbeatMS,
		&o.CustomID, &o.Node, &o.Attempt, &o.State, &o.Input, &o.InputRev, &key)
}

// PoolLoad is how much a pool has in the window and in the backlog.
type PoolLoad struct {
	Window  int
	Backlog int
	Oldest  *time.Time
}

// windowCounts counts the window, which is bounded.
const windowCounts = `SELECT pool, count(*)::int FROM dispatch GROUP BY pool`

// backlogHeads finds the first row of each (pool, priority, definition) that may move, by a loose scan over the index whose
// cost does not grow with the backlog.
const backlogHeads = `
WITH RECURSIVE groups AS (
    (SELECT b.pool, b.held, b.priority, b.definition_key FROM backlog b WHERE b.limit_key IS NULL ORDER BY b.pool, b.held, b.priority, b.definition_key LIMIT 1)
    UNION ALL
    SELECT n.pool, n.held, n.priority, n.definition_key FROM groups g CROSS JOIN LATERAL (
        SELECT b.pool, b.held, b.priority, b.definition_key FROM backlog b
        WHERE (b.pool, b.held, b.priority, b.definition_key) > (g.pool, g.held, g.priority, g.definition_key) AND b.limit_key IS NULL
        ORDER BY b.pool, b.held, b.priority, b.definition_key LIMIT 1) AS n
)
SELECT g.pool, g.priority, f.process_id::text
FROM groups g CROSS JOIN LATERAL (
    SELECT b.process_id FROM backlog b
    WHERE b.pool = g.pool AND b.held = g.held AND b.priority = g.priority AND b.definition_key = g.definition_key AND b.limit_key IS NULL
    ORDER BY b.process_id LIMIT 1) AS f
WHERE NOT g.held AND g.definition_key <> ALL($1::text[])`

// WindowLoad is a pool's window, and the first of its backlog that may move (Process is empty when there is none).
type WindowLoad struct {
	Window   int
	Priority int
	Process  string
}

// WindowLoads counts the window by pool and finds the heads of the backlogs; those of paused definitions are passed over.
func (s *Store) WindowLoads(ctx context.Context, definitions []string) (map[string]WindowLoad, error) {
	out := map[string]WindowLoad{}
	batch := &pgx.Batch{}
	batch.Queue(windowCounts).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var pool string
			var l WindowLoad
			if err := rows.Scan(&pool, &l.Window); err != nil {
				return err
			}
			out[pool] = l
		}
		return rows.Err()
	})
	batch.Queue(backlogHeads, notNil(definitions)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var pool, process string
			var priority int
			if err := rows.Scan(&pool, &priority, &process); err != nil {
				return err
			}
			l := out[pool]
			if l.Process == "" || priority < l.Priority || priority == l.Priority && process < l.Process {
				l.Priority, l.Process = priority, process
			}
			out[pool] = l
		}
		return rows.Err()
	})
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("count windows: %w", err)
	}
	return out, nil
}

// AssignPool gives the backlog of node types that nobody had announced before to their pool.
func (s *Store) AssignPool(ctx context.Context, pool string, types []string) error {
	const statement = `
WITH found AS (UPDATE backlog SET pool = $1 WHERE pool = '' AND node_type = ANY($2) RETURNING process_id, task_id)
UPDATE task t SET pool = $1 FROM found f WHERE t.process_id = f.process_id AND t.id = f.task_id`
	if _, err := s.db.Exec(ctx, statement, pool, types); err != nil {
		return fmt.Errorf("assign %d node types to pool %s: %w", len(types), pool, err)
	}
	return nil
}

const poolLoads = `
SELECT pool, sum(w)::int, sum(b)::int, min(o) FROM (
    SELECT pool, count(*) AS w, 0 AS b, NULL::timestamptz AS o FROM dispatch GROUP BY pool
    UNION ALL
    SELECT pool, 0, count(*), min(created_at) FROM backlog GROUP BY pool) AS x
GROUP BY pool`

// PoolLoads counts the window and the backlog by pool.
func (s *Store) PoolLoads(ctx context.Context) (map[string]PoolLoad, error) {
	out := map[string]PoolLoad{}
	rows, err := s.db.Query(ctx, poolLoads)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var pool string
		var l PoolLoad
		if err = r.Scan(&pool, &l.Window, &l.Backlog, &l.Oldest); err == nil {
			out[pool] = l
		}
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("count windows and backlogs: %w", err)
	}
	return out, nil
}

// SeePools remembers that the pools have live workers now.
func (s *Store) SeePools(ctx context.Context, pools []string) error {
	const statement = `
INSERT INTO pool_seen (pool, seen_at) SELECT p, now() FROM unnest($1::text[]) AS p ORDER BY p ON CONFLICT (pool) DO UPDATE SET seen_at = excluded.seen_at`
	if _, err := s.db.Exec(ctx, statement, pools); err != nil {
		return fmt.Errorf("remember %d pools: %w", len(pools), err)
	}
	return nil
}

// PoolsSeen returns when each pool last had a live worker.
func (s *Store) PoolsSeen(ctx context.Context) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	rows, err := s.db.Query(ctx, `SELECT pool, seen_at FROM pool_seen`)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var pool string
		var at time.Time
		if err = r.Scan(&pool, &at); err == nil {
			out[pool] = at
		}
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read when pools were seen: %w", err)
	}
	return out, nil
}

package pgstore

import (
	"cmp"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// A join with unnest reaches its rows through LATERAL … OFFSET 0 and ctid: whatever the statistics of a table that is empty
// now and full in a second say, each row is found by one probe of the primary key.

const insertDispatch = `
INSERT INTO dispatch (process_id, task_id, epoch, pool, node_type, lane, attempt_ms, heartbeat_ms, published_at)
SELECT process_id, task_id, epoch, pool, node_type, lane, attempt_ms, heartbeat_ms, $2::timestamptz FROM unnest($1::row_dispatch[])`

// replaceDispatch is insertDispatch for tasks that may have a message in the window: a speculative insert costs half as much again.
const replaceDispatch = insertDispatch + `
ON CONFLICT (process_id, task_id) DO UPDATE
SET epoch = excluded.epoch, pool = excluded.pool, lane = excluded.lane, published_at = excluded.published_at, started_at = NULL`

// deleteBacklog precedes deleteDispatch: the feeder moves a row from one to the other in one statement, so a delete that
// waited for it finds the row in the second table.
const deleteBacklog = `
DELETE FROM backlog b USING unnest($1::uuid[], $2::uuid[]) AS u(p, t)
CROSS JOIN LATERAL (SELECT x.ctid AS at FROM backlog x WHERE x.process_id = u.p AND x.task_id = u.t OFFSET 0) AS place
WHERE b.ctid = place.at`

const deleteDispatch = `
DELETE FROM dispatch d USING unnest($1::uuid[], $2::uuid[]) AS u(p, t)
CROSS JOIN LATERAL (SELECT x.ctid AS at FROM dispatch x WHERE x.process_id = u.p AND x.task_id = u.t OFFSET 0) AS place
WHERE d.ctid = place.at`

const startDispatch = `
UPDATE dispatch d SET started_at = $3 FROM unnest($1::uuid[], $2::uuid[]) AS u(p, t)
CROSS JOIN LATERAL (SELECT x.ctid AS at FROM dispatch x WHERE x.process_id = u.p AND x.task_id = u.t AND x.started_at IS NULL OFFSET 0) AS place
WHERE d.ctid = place.at`

const insertBacklog = `
INSERT INTO backlog (process_id, task_id, epoch, pool, node_type, definition_key, priority, attempt_ms, heartbeat_ms, created_at, held, limit_key)
SELECT p, t, e, q, n, d, pr, a, h, $11::timestamptz, held, CASE WHEN l THEN E'\x01' END
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::bigint[], $9::bigint[], $10::bool[], $12::bool[])
  AS u(p, t, e, q, n, d, pr, a, h, held, l)
ON CONFLICT (process_id, task_id) DO UPDATE SET epoch = excluded.epoch, held = excluded.held, limit_key = excluded.limit_key`

const holdBacklog = `UPDATE backlog SET held = $2 WHERE process_id = ANY($1::uuid[]) AND held <> $2`

func splitRefs(refs []TaskRef) (procs, tasks []string) {
	procs, tasks = make([]string, len(refs)), make([]string, len(refs))
	for i, r := range refs {
		procs[i], tasks[i] = r.Process, r.Task
	}
	return procs, tasks
}

type messageColumns struct {
	procs, tasks, pools, types, lanes, defs []string
	epochs, attemptMS, heartbeatMS          []int64
	priorities                              []int16
	held, limited                           []bool
}

func columnsOf(ms []Message) *messageColumns {
	c := &messageColumns{}
	for _, m := range ms {
		c.procs, c.tasks, c.pools, c.types, c.defs = append(c.procs, m.Process), append(c.tasks, m.Task), append(c.pools, m.Pool), append(c.types, m.NodeType), append(c.defs, m.Definition)
		if m.Lane == "" {
			m.Lane = wire.LaneNormal
		}
		c.lanes, c.epochs = append(c.lanes, string(m.Lane)), append(c.epochs, m.Epoch)
		c.attemptMS, c.heartbeatMS = append(c.attemptMS, m.AttemptMS), append(c.heartbeatMS, m.HeartbeatMS)
		c.priorities, c.held = append(c.priorities, int16(m.Priority)), append(c.held, m.Held)
		c.limited = append(c.limited, m.Limited)
	}
	return c
}

func queueWindow(batch *pgx.Batch, w *Write, now time.Time) {
	if len(w.Unbacklog) > 0 {
		procs, tasks := splitRefs(w.Unbacklog)
		batch.Queue(deleteBacklog, uuids(procs), uuids(tasks))
	}
	if len(w.Unqueue) > 0 {
		procs, tasks := splitRefs(w.Unqueue)
		batch.Queue(deleteDispatch, uuids(procs), uuids(tasks))
	}
	if len(w.Started) > 0 {
		procs, tasks := splitRefs(w.Started)
		batch.Queue(startDispatch, uuids(procs), uuids(tasks), now)
	}
	if len(w.Queue) > 0 {
		queueDispatch(batch, w.Queue, now)
	}
	if len(w.Backlog) > 0 {
		c := columnsOf(w.Backlog)
		batch.Queue(insertBacklog, uuids(c.procs), uuids(c.tasks), c.epochs, c.pools, c.types, c.defs, c.priorities, c.attemptMS, c.heartbeatMS, c.held, now, c.limited)
	}
	for _, p := range w.Priority {
		batch.Queue(`UPDATE backlog SET priority = $2 WHERE process_id = $1`, p.Process, p.Priority)
	}
	if len(w.Hold) > 0 {
		batch.Queue(holdBacklog, uuids(w.Hold), true)
	}
	if len(w.Release) > 0 {
		batch.Queue(holdBacklog, uuids(w.Release), false)
	}
}

// queueDispatch writes the messages of a commit: those of new tasks, and those that may replace one.
func queueDispatch(batch *pgx.Batch, messages []Message, now time.Time) {
	for _, of := range []struct {
		fresh     bool
		statement string
	}{{true, insertDispatch}, {false, replaceDispatch}} {
		rows := newRows(len(messages), 8, 120)
		for i := range messages {
			m := &messages[i]
			if m.Fresh != of.fresh {
				continue
			}
			rows.begin()
			rows.uuid(m.Process)
			rows.uuid(m.Task)
			rows.int8(m.Epoch)
			rows.text(m.Pool)
			rows.text(m.NodeType)
			rows.text(string(cmp.Or(m.Lane, wire.LaneNormal)))
			rows.int8(m.AttemptMS)
			rows.int8(m.HeartbeatMS)
			rows.end()
		}
		if rows.n > 0 {
			batch.Queue(of.statement, rows, now)
		}
	}
}

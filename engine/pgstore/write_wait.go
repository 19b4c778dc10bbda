package pgstore

import (
	"cmp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

const deleteSubscriptions = `DELETE FROM subscription s USING unnest($1::uuid[], $2::uuid[]) AS u(p, t) WHERE s.process_id = u.p AND s.task_id = u.t`

const deleteUserTasks = `DELETE FROM user_task x USING unnest($1::uuid[], $2::uuid[]) AS u(p, t) WHERE x.process_id = u.p AND x.task_id = u.t`

const deleteWaitTimers = `
DELETE FROM timer x USING unnest($1::uuid[], $2::uuid[]) AS u(p, t) WHERE x.process_id = u.p AND x.task_id = u.t AND x.kind LIKE 'wait:%'`

// insertSubscriptions takes the locks of the messages in the order of names and keys, so that two commits never wait for each other.
const insertSubscriptions = `
SELECT subscribe(p, t, n, s, name, key, many, $8::timestamptz)
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::bool[]) AS u(p, t, n, s, name, key, many)`

const returnMessages = `SELECT return_message(id) FROM unnest($1::uuid[]) AS u(id)`

const takeMessages = `UPDATE message SET taken_at = $2, payload = 'null' WHERE id = ANY($1::uuid[])`

// insertUserTask offers a task to people; a later offer of the same task adds groups.
const insertUserTask = `
INSERT INTO user_task (process_id, task_id, definition_key, version, node_id, assignee, groups, due_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (process_id, task_id) DO UPDATE
SET escalated_at = excluded.created_at,
    groups = CASE WHEN cardinality(user_task.groups) = 0 THEN '{}' ELSE ARRAY(SELECT DISTINCT unnest(user_task.groups || excluded.groups)) END`

// queueWaits writes what tasks wait for besides the clock, after what others wait for no more is gone.
func queueWaits(batch *pgx.Batch, w *Write, now time.Time) {
	if len(w.Unwait) > 0 {
		procs, tasks := splitRefs(w.Unwait)
		batch.Queue(deleteSubscriptions, uuids(procs), uuids(tasks))
		batch.Queue(deleteUserTasks, uuids(procs), uuids(tasks))
		batch.Queue(deleteWaitTimers, uuids(procs), uuids(tasks))
	}
	if len(w.Taken) > 0 {
		batch.Queue(takeMessages, w.Taken, now)
	}
	var messages []WaitRow
	for i := range w.Waits {
		x := &w.Waits[i]
		if x.Kind == flow.WaitMessage {
			messages = append(messages, *x)
			continue
		}
		groups := x.Groups
		if groups == nil {
			groups = []string{}
		}
		batch.Queue(insertUserTask, x.Process, x.TaskID, x.Definition, x.Version, x.Node, x.Assignee, groups, x.Due, now)
	}
	if len(messages) > 0 {
		queueSubscriptions(batch, messages, now)
	}
	if len(w.Returned) > 0 {
		slices.Sort(w.Returned)
		batch.Queue(returnMessages, w.Returned)
	}
}

func queueSubscriptions(batch *pgx.Batch, rows []WaitRow, now time.Time) {
	slices.SortStableFunc(rows, func(a, b WaitRow) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key))
	})
	n := len(rows)
	procs, tasks, nodes, names, keys := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	shards, many := make([]int16, n), make([]bool, n)
	for i, x := range rows {
		procs[i], tasks[i], nodes[i], names[i], keys[i], many[i] = x.Process, x.TaskID, x.Node, x.Name, x.Key, x.Many
		shards[i] = int16(wire.Shard(x.Process))
	}
	batch.Queue(insertSubscriptions, uuids(procs), uuids(tasks), nodes, shards, names, keys, many, now)
}

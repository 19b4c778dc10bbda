package pgstore

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

const insertTimers = `
INSERT INTO timer (process_id, task_id, kind, epoch, shard, due_at)
SELECT p, t, k, e, s, d FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::smallint[], $6::timestamptz[]) AS u(p, t, k, e, s, d)
ON CONFLICT DO NOTHING`

const deleteTimers = `
DELETE FROM timer t USING unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS u(p, t, k, e)
CROSS JOIN LATERAL (SELECT x.ctid AS at FROM timer x WHERE x.process_id = u.p AND x.task_id = u.t AND x.kind = u.k AND x.epoch = u.e OFFSET 0) AS place
WHERE t.ctid = place.at`

// deleteTimersOf drops what an ended process left.
const deleteTimersOf = `DELETE FROM timer WHERE process_id = ANY($1::uuid[])`

func queueTimers(batch *pgx.Batch, w *Write, _ time.Time) {
	columns := func(rows []TimerRow) (procs, tasks, kinds []string, epochs []int64, shards []int16, due []time.Time) {
		for _, t := range rows {
			task := t.TaskID
			if task == "" {
				task = t.Process
			}
			procs, tasks, kinds, epochs = append(procs, t.Process), append(tasks, task), append(kinds, timerKind(&t.Timer)), append(epochs, t.Epoch)
			shards, due = append(shards, int16(wire.Shard(t.Process))), append(due, t.Due)
		}
		return
	}
	if len(w.DropTimers) > 0 {
		procs, tasks, kinds, epochs, _, _ := columns(w.DropTimers)
		batch.Queue(deleteTimers, uuids(procs), uuids(tasks), kinds, epochs)
	}
	for _, t := range w.DropWaits {
		batch.Queue(`DELETE FROM timer WHERE process_id = $1 AND task_id = $2 AND kind = $3`, t.Process, t.TaskID, timerKind(&t.Timer))
	}
	if len(w.Timers) > 0 {
		procs, tasks, kinds, epochs, shards, due := columns(w.Timers)
		batch.Queue(insertTimers, uuids(procs), uuids(tasks), kinds, epochs, shards, due)
	}
	if len(w.Ended) > 0 {
		batch.Queue(deleteTimersOf, uuids(w.Ended))
	}
}

// timerKind is a timer's kind as the table keeps it: what an event of the graph waits for has the event's name behind it.
func timerKind(t *flow.Timer) string {
	if t.Node == "" {
		return string(t.Kind)
	}
	return string(t.Kind) + ":" + t.Node
}

// splitTimerKind undoes timerKind.
func splitTimerKind(kind string) (flow.TimerKind, string) {
	name, node, _ := strings.Cut(kind, ":")
	return flow.TimerKind(name), node
}

const insertIncidents = `
INSERT INTO incident (process_id, task_id, definition_key, version, node_id, code, message, opened_at)
SELECT p, t, d, v, n, c, m, $8::timestamptz FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[]) AS u(p, t, d, v, n, c, m)
ON CONFLICT (process_id, task_id) DO UPDATE SET code = excluded.code, message = excluded.message, opened_at = excluded.opened_at`

const deleteIncidents = `
DELETE FROM incident i USING unnest($1::uuid[], $2::uuid[]) AS u(p, t)
CROSS JOIN LATERAL (SELECT x.ctid AS at FROM incident x WHERE x.process_id = u.p AND x.task_id = u.t OFFSET 0) AS place
WHERE i.ctid = place.at`

func queueIncidents(batch *pgx.Batch, w *Write, now time.Time) {
	if len(w.CloseInc) > 0 {
		procs, tasks := splitRefs(w.CloseInc)
		batch.Queue(deleteIncidents, uuids(procs), uuids(tasks))
	}
	n := len(w.Incidents)
	if n == 0 {
		return
	}
	procs, tasks, defs, nodes, codes, messages := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	versions := make([]int32, n)
	for i, x := range w.Incidents {
		procs[i], tasks[i], defs[i], versions[i] = x.Process, x.TaskID, x.Definition, int32(x.Version)
		nodes[i], codes[i], messages[i] = x.NodeID, x.Code, x.Message
	}
	batch.Queue(insertIncidents, uuids(procs), uuids(tasks), defs, versions, nodes, codes, messages, now)
}

const insertInbox = `
INSERT INTO inbox (shard, process_id, kind, body, sender)
SELECT s, p, k, b::json, sender FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::uuid[]) WITH ORDINALITY AS u(s, p, k, b, sender, n) ORDER BY n`

const deleteInbox = `DELETE FROM inbox WHERE id = ANY($1::bigint[])`

const insertDeltas = `
INSERT INTO counter_delta (name, definition_key, version, n) SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[])`

const insertDead = `
INSERT INTO dead_result (process_id, task_id, body, error) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])`

func queueRest(batch *pgx.Batch, w *Write, _ time.Time) {
	if len(w.InboxDone) > 0 {
		batch.Queue(deleteInbox, w.InboxDone)
	}
	if n := len(w.Inbox); n > 0 {
		shards, procs, kinds, bodies, senders := make([]int16, n), make([]string, n), make([]string, n), make([]string, n), make([]*string, n)
		for i, x := range w.Inbox {
			shards[i], procs[i], kinds[i], bodies[i], senders[i] = int16(wire.Shard(x.Process)), x.Process, x.Kind, string(x.Body), textOrNil(x.Sender)
			if bodies[i] == "" {
				bodies[i] = "{}"
			}
		}
		batch.Queue(insertInbox, shards, uuids(procs), kinds, bodies, uuidsOrNull(senders))
	}
	if n := len(w.Counters); n > 0 {
		names, defs, versions, steps := make([]string, n), make([]string, n), make([]int32, n), make([]int64, n)
		for i, d := range w.Counters {
			names[i], defs[i], versions[i], steps[i] = d.Name, d.Definition, int32(d.Version), d.N
		}
		batch.Queue(insertDeltas, names, defs, versions, steps)
	}
	if n := len(w.Dead); n > 0 {
		procs, tasks, bodies, faults := make([]*string, n), make([]*string, n), make([]string, n), make([]string, n)
		for i, d := range w.Dead {
			procs[i], tasks[i], bodies[i], faults[i] = textOrNil(d.Process), textOrNil(d.Task), d.Body, d.Error
		}
		batch.Queue(insertDead, uuidsOrNull(procs), uuidsOrNull(tasks), bodies, faults)
	}
}

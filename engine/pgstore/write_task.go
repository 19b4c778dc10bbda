package pgstore

import (
	"time"

	"github.com/jackc/pgx/v5"
)

const insertTasks = `
INSERT INTO task_{day} (process_id, id, scope_id, node_id, run, node_type, pool, state, epoch, attempt, losses, input, input_rev, created_at,
                  ready_at, ended_at, error)
SELECT process_id, id, scope_id, node_id, run, node_type, pool, state, epoch, attempt, losses, input, input_rev, $2::timestamptz,
       CASE WHEN state IN ('ready', 'queued') THEN $2::timestamptz END, ended_at, error
FROM unnest($1::row_task[])`

func queueNewTasks(batch *pgx.Batch, w *Write, now time.Time) {
	for _, g := range byDay(w.NewTasks, func(t **Task) string { return (*t).Process }) {
		tasks := newRows(len(g.rows), 15, 400)
		for _, t := range g.rows {
			tasks.begin()
			tasks.uuid(t.Process)
			tasks.uuid(t.ID)
			tasks.uuid(t.ScopeID)
			tasks.text(t.NodeID)
			tasks.int4(t.Run)
			tasks.text(t.NodeType)
			tasks.text(t.Pool)
			tasks.text(string(t.State))
			tasks.int8(t.Epoch)
			tasks.int4(t.Attempt)
			tasks.int4(t.Losses)
			tasks.json(t.Input)
			tasks.int4(t.InputRev)
			tasks.timeOrNull(t.EndedAt)
			tasks.json(encodeError(t.Error))
			tasks.end()
		}
		batch.Queue(on(insertTasks, g.day), tasks, now)
	}
}

// updateTasks is guarded: every row must still be as the engine remembers it (state and epoch).
const updateTasks = `
WITH changed AS (
    UPDATE task_{day} t
    SET state = u.state, epoch = u.epoch, attempt = u.attempt, losses = u.losses, ended_at = u.ended_at, error = u.error,
        input = COALESCE(u.input, t.input), input_rev = u.input_rev,
        first_started_at = u.first_started_at, started_at = u.started_at,
        ready_at = CASE WHEN u.state IN ('ready', 'queued') AND (t.state NOT IN ('ready', 'queued') OR t.epoch <> u.epoch) THEN $2::timestamptz ELSE t.ready_at END,
        worker = u.worker, queued_ms = COALESCE(u.queued_ms, t.queued_ms), run_us = u.run_us,
        progress = u.progress, progress_text = u.progress_text, due_at = u.due_at
    FROM unnest($1::row_task_change[]) AS u
    CROSS JOIN LATERAL (
        SELECT x.ctid AS at FROM task_{day} x
        WHERE x.process_id = u.process_id AND x.id = u.id AND x.state = u.was_state AND x.epoch = u.was_epoch OFFSET 0) AS place
    WHERE t.ctid = place.at
    RETURNING 1)
SELECT expect_rows((SELECT count(*) FROM changed), $3, 'task')`

func queueTaskChanges(batch *pgx.Batch, w *Write, now time.Time) {
	if len(w.Kept) > 0 {
		queueKept(batch, w.Kept)
	}
	for _, g := range byDay(w.Tasks, func(c *TaskChange) string { return c.Process }) {
		changes := newRows(len(g.rows), 20, 300)
		for _, c := range g.rows {
			t := c.Task
			changes.begin()
			changes.uuid(t.Process)
			changes.uuid(t.ID)
			changes.text(string(c.WasState))
			changes.int8(c.WasEpoch)
			changes.text(string(t.State))
			changes.int8(t.Epoch)
			changes.int4(t.Attempt)
			changes.int4(t.Losses)
			changes.timeOrNull(t.EndedAt)
			changes.json(encodeError(t.Error))
			changes.json(c.Input)
			changes.int4(t.InputRev)
			changes.timeOrNull(t.FirstStartedAt)
			changes.timeOrNull(t.StartedAt)
			changes.text(t.Worker)
			changes.int8OrNull(c.QueuedMS)
			changes.int8OrNull(c.RunUS)
			changes.percentOrNull(c.Percent)
			changes.textOrNull(c.Text)
			changes.timeOrNull(c.DueAt)
			changes.end()
		}
		batch.Queue(on(updateTasks, g.day), changes, now, len(g.rows))
	}
}

// keepInputs gives the attempts that ran with a task's present input that input, before it is edited.
const keepInputs = `
UPDATE attempt_{day} a SET input = u.input::json
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(process_id, task_id, input)
CROSS JOIN LATERAL (
    SELECT x.ctid AS at FROM attempt_{day} x WHERE x.process_id = u.process_id AND x.task_id = u.task_id AND x.input IS NULL OFFSET 0) AS place
WHERE a.ctid = place.at`

func queueKept(batch *pgx.Batch, kept []InputKept) {
	for _, g := range byDay(kept, func(k *InputKept) string { return k.Process }) {
		procs, ids, inputs := make([]string, len(g.rows)), make([]string, len(g.rows)), make([]string, len(g.rows))
		for i, k := range g.rows {
			procs[i], ids[i], inputs[i] = k.Process, k.Task, string(k.Input)
		}
		batch.Queue(on(keepInputs, g.day), uuids(procs), uuids(ids), inputs)
	}
}

// upsertAttempts: an end replaces the log (workers send it whole), progress appends to it; 64 KiB are kept.
const upsertAttempts = `
INSERT INTO attempt_{day} AS a (process_id, task_id, epoch, attempt, worker, outcome, queued_at, started_at, ended_at, run_us, error, log)
SELECT p, t, e, n, w, o, q, s, f, r, x::json, l
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[],
            $10::bigint[], $11::text[], $12::text[]) AS u(p, t, e, n, w, o, q, s, f, r, x, l)
ON CONFLICT (process_id, task_id, epoch) DO UPDATE
SET worker = CASE WHEN excluded.worker <> '' THEN excluded.worker ELSE a.worker END,
    outcome = COALESCE(excluded.outcome, a.outcome), started_at = COALESCE(a.started_at, excluded.started_at),
    queued_at = COALESCE(a.queued_at, excluded.queued_at), attempt = excluded.attempt,
    ended_at = COALESCE(excluded.ended_at, a.ended_at), run_us = COALESCE(excluded.run_us, a.run_us), error = COALESCE(excluded.error, a.error),
    log = CASE WHEN excluded.outcome IS NOT NULL AND excluded.log <> '' THEN excluded.log
               WHEN excluded.outcome IS NULL THEN right(a.log || excluded.log, 65536) ELSE a.log END`

func queueAttempts(batch *pgx.Batch, w *Write, _ time.Time) {
	for _, g := range byDay(w.Attempts, func(a *AttemptRow) string { return a.Process }) {
		attemptDay(batch, g)
	}
}

func attemptDay(batch *pgx.Batch, g group[AttemptRow]) {
	n := len(g.rows)
	var (
		procs, ids, workers, logs = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		epochs                    = make([]int64, n)
		numbers                   = make([]int32, n)
		outcomes, faults          = make([]*string, n), make([]*string, n)
		queued, started, ended    = make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
		run                       = make([]*int64, n)
	)
	for i, a := range g.rows {
		procs[i], ids[i], epochs[i], numbers[i], workers[i], logs[i] = a.Process, a.Task, a.Epoch, int32(a.Attempt), a.Worker, a.Log
		outcomes[i], faults[i] = textOrNil(a.Outcome), raw(encodeError(a.Error))
		queued[i], started[i], ended[i], run[i] = a.QueuedAt, a.StartedAt, a.EndedAt, a.RunUS
	}
	batch.Queue(on(upsertAttempts, g.day), uuids(procs), uuids(ids), epochs, numbers, workers, outcomes, queued, started, ended, run, faults, logs)
}

const insertEvents = `
INSERT INTO event_{day} (process_id, seq, at, body) SELECT process_id, seq, $2::timestamptz, body FROM unnest($1::row_event[])`

func queueEvents(batch *pgx.Batch, w *Write, now time.Time) {
	for _, g := range byDay(w.Events, func(e *EventRow) string { return e.Process }) {
		events := newRows(len(g.rows), 3, 600)
		for _, e := range g.rows {
			events.begin()
			events.uuid(e.Process)
			events.int8(e.Seq)
			at := events.beginJSON()
			events.buf = appendChanges(events.buf, e.Process, e.Changes)
			events.endJSON(at)
			events.end()
		}
		batch.Queue(on(insertEvents, g.day), events, now)
	}
}

const insertOutputs = `
INSERT INTO output_{day} (process_id, scope_id, node_id, seq, part, run, body)
SELECT process_id, scope_id, node_id, seq, part, run, body FROM unnest($1::row_output[])`

func queueNodeOut(batch *pgx.Batch, w *Write, _ time.Time) {
	for _, g := range byDay(w.NodeOut, func(o *OutputRow) string { return o.Process }) {
		outputs := newRows(len(g.rows), 7, 400)
		for _, o := range g.rows {
			outputs.begin()
			outputs.uuid(o.Process)
			outputs.uuid(o.ScopeID)
			outputs.text(o.NodeID)
			outputs.int8(o.Seq)
			outputs.int4(o.Part)
			outputs.int4(o.Run)
			outputs.json(o.Body)
			outputs.end()
		}
		batch.Queue(on(insertOutputs, g.day), outputs)
	}
}

package pgstore

import (
	"time"

	"github.com/jackc/pgx/v5"
)

const insertTasks = `
INSERT INTO task_{day} (process_id, id, scope_id, node_id, run, node_type, pool, state, epoch, attempt, losses, input, input_rev, created_at,
                  ready_at, ended_at, error)
SELECT p, id, scope, node, run, type, pool, state, epoch, attempt, losses, input::json, rev, $16::timestamptz,
       CASE WHEN state IN ('ready', 'queued') THEN $16::timestamptz END, ended, error::json
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::int[], $11::int[],
            $12::text[], $13::int[], $14::timestamptz[], $15::text[])
  AS u(p, id, scope, node, run, type, pool, state, epoch, attempt, losses, input, rev, ended, error)`

func queueNewTasks(batch *pgx.Batch, w *Write, now time.Time) {
	for _, g := range byDay(w.NewTasks, func(t **Task) string { return (*t).Process }) {
		insertDay(batch, g, now)
	}
}

func insertDay(batch *pgx.Batch, g group[*Task], now time.Time) {
	n := len(g.rows)
	var (
		procs, ids, scopes, nodes, types, pools, states = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		runs, attempts, losses, revs                    = make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n)
		epochs                                          = make([]int64, n)
		inputs, faults                                  = make([]*string, n), make([]*string, n)
		ended                                           = make([]*time.Time, n)
	)
	for i, t := range g.rows {
		procs[i], ids[i], scopes[i], nodes[i], types[i], pools[i], states[i] = t.Process, t.ID, t.ScopeID, t.NodeID, t.NodeType, t.Pool, string(t.State)
		runs[i], attempts[i], losses[i], revs[i] = int32(t.Run), int32(t.Attempt), int32(t.Losses), int32(t.InputRev)
		epochs[i], inputs[i], faults[i], ended[i] = t.Epoch, raw(t.Input), encodeError(t.Error), t.EndedAt
	}
	batch.Queue(on(insertTasks, g.day), uuids(procs), uuids(ids), uuids(scopes), nodes, runs, types, pools, states, epochs, attempts, losses, inputs, revs, ended, faults, now)
}

// updateTasks is guarded: every row must still be as the engine remembers it (state and epoch).
const updateTasks = `
WITH changed AS (
    UPDATE task_{day} t
    SET state = u.state, epoch = u.epoch, attempt = u.attempt, losses = u.losses, ended_at = u.ended_at, error = u.error::json,
        input = COALESCE(u.input::json, t.input), input_rev = u.rev,
        first_started_at = u.first_started_at, started_at = u.started_at,
        ready_at = CASE WHEN u.state IN ('ready', 'queued') AND (t.state NOT IN ('ready', 'queued') OR t.epoch <> u.epoch) THEN $19::timestamptz ELSE t.ready_at END,
        worker = u.worker, queued_ms = COALESCE(u.queued_ms, t.queued_ms), run_us = u.run_us,
        progress = u.progress, progress_text = u.progress_text, due_at = u.due_at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::int[], $8::int[], $9::timestamptz[], $10::text[],
                $11::text[], $12::int[], $13::timestamptz[], $14::timestamptz[], $15::text[], $16::bigint[], $17::bigint[], $18::smallint[],
                $20::text[], $21::timestamptz[])
      AS u(process_id, id, was_state, was_epoch, state, epoch, attempt, losses, ended_at, error, input, rev, first_started_at, started_at, worker,
           queued_ms, run_us, progress, progress_text, due_at)
    CROSS JOIN LATERAL (
        SELECT x.ctid AS at FROM task_{day} x
        WHERE x.process_id = u.process_id AND x.id = u.id AND x.state = u.was_state AND x.epoch = u.was_epoch OFFSET 0) AS place
    WHERE t.ctid = place.at
    RETURNING 1)
SELECT expect_rows((SELECT count(*) FROM changed), $22, 'task')`

func queueTaskChanges(batch *pgx.Batch, w *Write, now time.Time) {
	if len(w.Kept) > 0 {
		queueKept(batch, w.Kept)
	}
	for _, g := range byDay(w.Tasks, func(c *TaskChange) string { return c.Process }) {
		changeDay(batch, g, now)
	}
}

func changeDay(batch *pgx.Batch, g group[TaskChange], now time.Time) {
	n := len(g.rows)
	var (
		procs, ids, was, states, workers = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		wasEpochs, epochs                = make([]int64, n), make([]int64, n)
		attempts, losses, revs           = make([]int32, n), make([]int32, n), make([]int32, n)
		ended, first, started, due       = make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
		faults, inputs, texts            = make([]*string, n), make([]*string, n), make([]*string, n)
		queued, run                      = make([]*int64, n), make([]*int64, n)
		percents                         = make([]*int16, n)
	)
	for i, c := range g.rows {
		t := c.Task
		procs[i], ids[i], was[i], wasEpochs[i], states[i], epochs[i] = t.Process, t.ID, string(c.WasState), c.WasEpoch, string(t.State), t.Epoch
		attempts[i], losses[i], revs[i] = int32(t.Attempt), int32(t.Losses), int32(t.InputRev)
		ended[i], first[i], started[i], due[i] = t.EndedAt, t.FirstStartedAt, t.StartedAt, c.DueAt
		faults[i], inputs[i], texts[i], workers[i] = encodeError(t.Error), raw(c.Input), c.Text, t.Worker
		queued[i], run[i] = c.QueuedMS, c.RunUS
		if c.Percent != nil {
			p := int16(min(max(*c.Percent, 0), 100))
			percents[i] = &p
		}
	}
	batch.Queue(on(updateTasks, g.day), uuids(procs), uuids(ids), was, wasEpochs, states, epochs, attempts, losses, ended, faults, inputs, revs, first, started, workers,
		queued, run, percents, now, texts, due, n)
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
		outcomes[i], faults[i] = textOrNil(a.Outcome), encodeError(a.Error)
		queued[i], started[i], ended[i], run[i] = a.QueuedAt, a.StartedAt, a.EndedAt, a.RunUS
	}
	batch.Queue(on(upsertAttempts, g.day), uuids(procs), uuids(ids), epochs, numbers, workers, outcomes, queued, started, ended, run, faults, logs)
}

const insertEvents = `
INSERT INTO event_{day} (process_id, seq, at, body)
SELECT p, s, $4::timestamptz, b::json FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS u(p, s, b)`

func queueEvents(batch *pgx.Batch, w *Write, now time.Time) {
	for _, g := range byDay(w.Events, func(e *EventRow) string { return e.Process }) {
		n := len(g.rows)
		procs, seqs, bodies := make([]string, n), make([]int64, n), make([]string, n)
		for i, e := range g.rows {
			procs[i], seqs[i], bodies[i] = e.Process, e.Seq, encode(e.Changes)
		}
		batch.Queue(on(insertEvents, g.day), uuids(procs), seqs, bodies, now)
	}
}

const insertOutputs = `
INSERT INTO output_{day} (process_id, scope_id, node_id, seq, part, run, body)
SELECT p, s, n, q, i, r, b::json FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::int[], $6::int[], $7::text[]) AS u(p, s, n, q, i, r, b)`

func queueNodeOut(batch *pgx.Batch, w *Write, _ time.Time) {
	for _, g := range byDay(w.NodeOut, func(o *OutputRow) string { return o.Process }) {
		n := len(g.rows)
		procs, scopes, nodes, bodies := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		seqs, parts, runs := make([]int64, n), make([]int32, n), make([]int32, n)
		for i, o := range g.rows {
			procs[i], scopes[i], nodes[i], seqs[i], parts[i], runs[i], bodies[i] = o.Process, o.ScopeID, o.NodeID, o.Seq, int32(o.Part), int32(o.Run), string(o.Body)
		}
		batch.Queue(on(insertOutputs, g.day), uuids(procs), uuids(scopes), nodes, seqs, parts, runs, bodies)
	}
}

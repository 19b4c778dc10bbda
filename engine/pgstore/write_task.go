package pgstore

import (
	"time"

	"github.com/jackc/pgx/v5"
)

const insertTasks = `
INSERT INTO task (process_id, id, scope_id, node_id, run, node_type, pool, state, epoch, attempt, losses, input, input_rev, created_at,
                  ready_at, ended_at, error)
SELECT p, id, scope, node, run, type, pool, state, epoch, attempt, losses, input::jsonb, rev, $16::timestamptz,
       CASE WHEN state IN ('ready', 'queued') THEN $16::timestamptz END, ended, error::jsonb
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::int[], $11::int[],
            $12::text[], $13::int[], $14::timestamptz[], $15::text[])
  AS u(p, id, scope, node, run, type, pool, state, epoch, attempt, losses, input, rev, ended, error)`

func queueNewTasks(batch *pgx.Batch, w *Write, now time.Time) {
	n := len(w.NewTasks)
	if n == 0 {
		return
	}
	var (
		procs, ids, scopes, nodes, types, pools, states = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		runs, attempts, losses, revs                    = make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n)
		epochs                                          = make([]int64, n)
		inputs, faults                                  = make([]*string, n), make([]*string, n)
		ended                                           = make([]*time.Time, n)
	)
	for i, t := range w.NewTasks {
		procs[i], ids[i], scopes[i], nodes[i], types[i], pools[i], states[i] = t.Process, t.ID, t.ScopeID, t.NodeID, t.NodeType, t.Pool, string(t.State)
		runs[i], attempts[i], losses[i], revs[i] = int32(t.Run), int32(t.Attempt), int32(t.Losses), int32(t.InputRev) //nolint:gosec // bounded by flow
		epochs[i], inputs[i], faults[i], ended[i] = t.Epoch, raw(t.Input), encodeError(t.Error), t.EndedAt
	}
	batch.Queue(insertTasks, procs, ids, scopes, nodes, runs, types, pools, states, epochs, attempts, losses, inputs, revs, ended, faults, now)
}

// updateTasks is guarded: every row must still be as the engine remembers it (state and epoch).
const updateTasks = `
WITH changed AS (
    UPDATE task t
    SET state = u.state, epoch = u.epoch, attempt = u.attempt, losses = u.losses, ended_at = u.ended_at, error = u.error::jsonb,
        input = COALESCE(u.input::jsonb, t.input), input_rev = u.rev,
        first_started_at = COALESCE(t.first_started_at, u.first_started_at), started_at = u.started_at,
        ready_at = CASE WHEN u.state IN ('ready', 'queued') AND (t.state NOT IN ('ready', 'queued') OR t.epoch <> u.epoch) THEN $19::timestamptz ELSE t.ready_at END,
        worker = u.worker, queued_ms = COALESCE(u.queued_ms, t.queued_ms), run_us = u.run_us,
        progress = u.progress, progress_text = u.progress_text, due_at = u.due_at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::int[], $8::int[], $9::timestamptz[], $10::text[],
                $11::text[], $12::int[], $13::timestamptz[], $14::timestamptz[], $15::text[], $16::bigint[], $17::bigint[], $18::smallint[],
                $20::text[], $21::timestamptz[])
      AS u(process_id, id, was_state, was_epoch, state, epoch, attempt, losses, ended_at, error, input, rev, first_started_at, started_at, worker,
           queued_ms, run_us, progress, progress_text, due_at)
    WHERE t.process_id = u.process_id AND t.id = u.id AND t.state = u.was_state AND t.epoch = u.was_epoch AND t.process_id BETWEEN $22 AND $23
    RETURNING 1)
SELECT expect_rows((SELECT count(*) FROM changed), $24, 'task')`

func queueTaskChanges(batch *pgx.Batch, w *Write, now time.Time) {
	if len(w.Kept) > 0 {
		queueKept(batch, w.Kept)
	}
	n := len(w.Tasks)
	if n == 0 {
		return
	}
	var (
		procs, ids, was, states, workers = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		wasEpochs, epochs                = make([]int64, n), make([]int64, n)
		attempts, losses, revs           = make([]int32, n), make([]int32, n), make([]int32, n)
		ended, first, started, due       = make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
		faults, inputs, texts            = make([]*string, n), make([]*string, n), make([]*string, n)
		queued, run                      = make([]*int64, n), make([]*int64, n)
		percents                         = make([]*int16, n)
	)
	for i, c := range w.Tasks {
		t := c.Task
		procs[i], ids[i], was[i], wasEpochs[i], states[i], epochs[i] = t.Process, t.ID, string(c.WasState), c.WasEpoch, string(t.State), t.Epoch
		attempts[i], losses[i], revs[i] = int32(t.Attempt), int32(t.Losses), int32(t.InputRev) //nolint:gosec // bounded by flow
		ended[i], first[i], started[i], due[i] = t.EndedAt, t.FirstStartedAt, t.StartedAt, c.DueAt
		faults[i], inputs[i], texts[i], workers[i] = encodeError(t.Error), raw(c.Input), c.Text, t.Worker
		queued[i], run[i] = c.QueuedMS, c.RunUS
		if c.Percent != nil {
			p := int16(min(max(*c.Percent, 0), 100)) //nolint:gosec // clamped
			percents[i] = &p
		}
	}
	least, most := bounds(procs)
	batch.Queue(updateTasks, procs, ids, was, wasEpochs, states, epochs, attempts, losses, ended, faults, inputs, revs, first, started, workers,
		queued, run, percents, now, texts, due, least, most, n)
}

// keepInputs gives the attempts that ran with a task's present input that input, before it is edited.
const keepInputs = `
UPDATE attempt a SET input = u.input::jsonb FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(process_id, task_id, input)
WHERE a.process_id = u.process_id AND a.task_id = u.task_id AND a.input IS NULL AND a.process_id BETWEEN $4 AND $5`

func queueKept(batch *pgx.Batch, kept []InputKept) {
	procs, ids, inputs := make([]string, len(kept)), make([]string, len(kept)), make([]string, len(kept))
	for i, k := range kept {
		procs[i], ids[i], inputs[i] = k.Process, k.Task, string(k.Input)
	}
	least, most := bounds(procs)
	batch.Queue(keepInputs, procs, ids, inputs, least, most)
}

// upsertAttempts: an end replaces the log (workers send it whole), progress appends to it; 64 KiB are kept.
const upsertAttempts = `
INSERT INTO attempt AS a (process_id, task_id, epoch, attempt, worker, outcome, queued_at, started_at, ended_at, run_us, error, log)
SELECT p, t, e, n, w, o, q, s, f, r, x::jsonb, l
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
	n := len(w.Attempts)
	if n == 0 {
		return
	}
	var (
		procs, ids, workers, logs = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		epochs                    = make([]int64, n)
		numbers                   = make([]int32, n)
		outcomes, faults          = make([]*string, n), make([]*string, n)
		queued, started, ended    = make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
		run                       = make([]*int64, n)
	)
	for i, a := range w.Attempts {
		procs[i], ids[i], epochs[i], numbers[i], workers[i], logs[i] = a.Process, a.Task, a.Epoch, int32(a.Attempt), a.Worker, a.Log //nolint:gosec // bounded by flow
		outcomes[i], faults[i] = textOrNil(a.Outcome), encodeError(a.Error)
		queued[i], started[i], ended[i], run[i] = a.QueuedAt, a.StartedAt, a.EndedAt, a.RunUS
	}
	batch.Queue(upsertAttempts, procs, ids, epochs, numbers, workers, outcomes, queued, started, ended, run, faults, logs)
}

const insertEvents = `
INSERT INTO event (process_id, seq, at, body)
SELECT p, s, $4::timestamptz, b::jsonb FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS u(p, s, b)`

func queueEvents(batch *pgx.Batch, w *Write, now time.Time) {
	n := len(w.Events)
	if n == 0 {
		return
	}
	procs, seqs, bodies := make([]string, n), make([]int64, n), make([]string, n)
	for i, e := range w.Events {
		procs[i], seqs[i], bodies[i] = e.Process, e.Seq, encode(e.Changes)
	}
	batch.Queue(insertEvents, procs, seqs, bodies, now)
}

const insertOutputs = `
INSERT INTO output (process_id, scope_id, node_id, run, body)
SELECT p, s, n, r, b::jsonb FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[]) AS u(p, s, n, r, b)`

func queueNodeOut(batch *pgx.Batch, w *Write, _ time.Time) {
	n := len(w.NodeOut)
	if n == 0 {
		return
	}
	procs, scopes, nodes, bodies := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	runs := make([]int32, n)
	for i, o := range w.NodeOut {
		procs[i], scopes[i], nodes[i], runs[i], bodies[i] = o.Process, o.ScopeID, o.NodeID, int32(o.Run), string(o.Body) //nolint:gosec // bounded by flow
	}
	batch.Queue(insertOutputs, procs, scopes, nodes, runs, bodies)
}

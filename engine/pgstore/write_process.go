package pgstore

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

const insertProcesses = `
INSERT INTO process (id, custom_id, definition_key, version, state, priority, created_by, created_at, scheduled_at, started_at, ended_at,
                     error_code, error_message, restarted_from, test, open_incidents, parent_id, parent_task, root_id, depth)
SELECT id, custom_id, definition_key, version, state, priority, created_by, $16::timestamptz, scheduled_at, started_at, ended_at,
       error_code, error_message, restarted_from, test, incidents, parent, call, root, depth
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::smallint[], $7::text[], $8::timestamptz[], $9::timestamptz[],
            $10::timestamptz[], $11::text[], $12::text[], $13::uuid[], $14::bool[], $15::int[], $17::uuid[], $18::uuid[], $19::uuid[], $20::smallint[])
  AS u(id, custom_id, definition_key, version, state, priority, created_by, scheduled_at, started_at, ended_at,
       error_code, error_message, restarted_from, test, incidents, parent, call, root, depth)`

const insertLive = `INSERT INTO process_live (process_id) SELECT unnest($1::uuid[])`

const insertData = `
INSERT INTO process_data_{day} (process_id, input, output) SELECT p, i::json, o::json FROM unnest($1::uuid[], $2::text[], $3::text[]) AS u(p, i, o)`

const insertSearchKeys = `
INSERT INTO search_key (process_id, definition_key, name, value)
SELECT p, d, n, v FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS u(p, d, n, v)`

func queueNewProcesses(batch *pgx.Batch, w *Write, now time.Time) {
	n := len(w.NewProcesses)
	if n == 0 {
		return
	}
	var (
		ids, customs, defs, states, by     = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		versions, incidents                = make([]int32, n), make([]int32, n)
		priorities                         = make([]int16, n)
		scheduled, started, ended          = make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
		codes, messages, from              = make([]*string, n), make([]*string, n), make([]*string, n)
		parents, calls, roots              = make([]*string, n), make([]*string, n), make([]*string, n)
		depths                             = make([]int16, n)
		tests                              = make([]bool, n)
		live                               []string
		keyProc, keyDef, keyName, keyValue []string
	)
	for i := range w.NewProcesses {
		p := &w.NewProcesses[i]
		ids[i], customs[i], defs[i], versions[i], states[i] = p.ID, p.CustomID, p.Definition, int32(p.Version), string(p.State)
		priorities[i], by[i], scheduled[i], ended[i] = int16(p.Priority), p.CreatedBy, p.ScheduledAt, p.EndedAt
		if !p.StartedAt.IsZero() {
			started[i] = &p.StartedAt
		}
		codes[i], messages[i], from[i], tests[i] = textOrNil(p.ErrorCode), textOrNil(p.ErrorMessage), textOrNil(p.RestartedFrom), p.Test
		if p.EndedAt != nil && p.State == "failed" && codes[i] == nil {
			codes[i] = new(string)
		}
		incidents[i] = int32(p.OpenIncidents)
		if c := p.Caller; c != nil {
			parents[i], calls[i], roots[i], depths[i] = &c.Process, &c.Task, &c.Root, int16(c.Depth)
		}
		if p.EndedAt == nil {
			live = append(live, p.ID)
		}
		for name, value := range p.SearchKeys {
			keyProc, keyDef, keyName, keyValue = append(keyProc, p.ID), append(keyDef, p.Definition), append(keyName, name), append(keyValue, value)
		}
	}
	batch.Queue(insertProcesses, uuids(ids), customs, defs, versions, states, priorities, by, scheduled, started, ended, codes, messages, uuidsOrNull(from), tests, incidents, now,
		uuidsOrNull(parents), uuidsOrNull(calls), uuidsOrNull(roots), depths)
	for _, g := range byDay(w.NewProcesses, func(p *NewProcess) string { return p.ID }) {
		ids, inputs, outputs := make([]string, len(g.rows)), make([]string, len(g.rows)), make([]*string, len(g.rows))
		for i := range g.rows {
			ids[i], inputs[i], outputs[i] = g.rows[i].ID, string(g.rows[i].Input), raw(g.rows[i].Output)
		}
		batch.Queue(on(insertData, g.day), uuids(ids), inputs, outputs)
	}
	if len(live) > 0 {
		batch.Queue(insertLive, uuids(live))
	}
	if len(keyProc) > 0 {
		batch.Queue(insertSearchKeys, uuids(keyProc), keyDef, keyName, keyValue)
	}
}

const updateProcesses = `
UPDATE process p
SET state = u.state, started_at = COALESCE(u.started_at, p.started_at), ended_at = u.ended_at, priority = u.priority,
    suspended_at = CASE WHEN u.suspended THEN COALESCE(p.suspended_at, $10::timestamptz) END,
    suspended_by = CASE WHEN u.suspended THEN COALESCE(u.by, p.suspended_by) ELSE '' END,
    suspend_reason = CASE WHEN u.suspended THEN COALESCE(u.reason, p.suspend_reason) ELSE '' END,
    suspended_by_caller = u.above, open_incidents = u.incidents, incidents_below = u.below, error_code = u.error_code, error_message = u.error_message
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bool[], $6::int[], $7::text[], $8::text[], $9::smallint[], $11::text[], $12::text[], $13::int[], $14::bool[])
  AS u(id, state, started_at, ended_at, suspended, incidents, error_code, error_message, priority, by, reason, below, above)
CROSS JOIN LATERAL (SELECT x.ctid AS at FROM process x WHERE x.id = u.id OFFSET 0) AS place
WHERE p.ctid = place.at`

const deleteLive = `DELETE FROM process_live WHERE process_id = ANY($1::uuid[])`

const updateOutputs = `
UPDATE process_data_{day} d SET output = u.o::json
FROM unnest($1::uuid[], $2::text[]) AS u(p, o)
CROSS JOIN LATERAL (SELECT x.ctid AS at FROM process_data_{day} x WHERE x.process_id = u.p OFFSET 0) AS place
WHERE d.ctid = place.at`

func queueProcesses(batch *pgx.Batch, w *Write, now time.Time) {
	if n := len(w.Processes); n > 0 {
		var (
			ids, states           = make([]string, n), make([]string, n)
			started, ended        = make([]*time.Time, n), make([]*time.Time, n)
			suspended, above      = make([]bool, n), make([]bool, n)
			incidents, below      = make([]int32, n), make([]int32, n)
			priorities            = make([]int16, n)
			codes, messages       = make([]*string, n), make([]*string, n)
			suspender, whySuspend = make([]*string, n), make([]*string, n)
		)
		for i, p := range w.Processes {
			ids[i], states[i], ended[i], suspended[i] = p.ID, string(p.State), p.EndedAt, p.Suspended
			if !p.StartedAt.IsZero() {
				started[i] = &p.StartedAt
			}
			incidents[i], below[i], priorities[i] = int32(p.OpenIncidents), int32(p.Below), int16(p.Priority)
			codes[i], messages[i] = textOrNil(p.ErrorCode), textOrNil(p.ErrorMessage)
			if p.State == "failed" && codes[i] == nil {
				codes[i] = new(string)
			}
			above[i] = p.SuspendedByCaller
			suspender[i], whySuspend[i] = textOrNil(p.SuspendedBy), textOrNil(p.SuspendReason)
		}
		batch.Queue(updateProcesses, uuids(ids), states, started, ended, suspended, incidents, codes, messages, priorities, now, suspender, whySuspend, below, above)
	}
	if len(w.Ended) > 0 {
		batch.Queue(deleteLive, uuids(w.Ended))
	}
	if len(w.Freed) > 0 {
		batch.Queue(freeActive, uuids(w.Freed))
	}
	if len(w.Outputs) > 0 {
		procs := slices.Collect(maps.Keys(w.Outputs))
		for _, g := range byDay(procs, itself) {
			bodies := make([]string, len(g.rows))
			for i, p := range g.rows {
				bodies[i] = string(w.Outputs[p])
			}
			batch.Queue(on(updateOutputs, g.day), uuids(g.rows), bodies)
		}
	}
}

const insertScopes = `
INSERT INTO scope_{day} (process_id, id, parent_id, kind, node_id, seq, ended, state)
SELECT p, i, parent, k, n, s, e, st::json
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bool[], $8::text[]) AS u(p, i, parent, k, n, s, e, st)`

// updateScopes finds the rows where the lock statement saw them: the lock holder is the only one who may move them. It checks
// that none was missed.
const updateScopes = `
WITH changed AS (
    UPDATE scope_{day} s SET seq = u.seq, ended = u.ended, state = u.state
    FROM unnest($1::row_scope_change[]) AS u
    WHERE s.ctid = u.at AND s.id = u.id
    RETURNING 1)
SELECT expect_rows((SELECT count(*) FROM changed), $2, 'scope')`

func queueScopes(batch *pgx.Batch, w *Write, _ time.Time) {
	process := func(s *ScopeRow) string { return s.Process }
	for _, g := range byDay(w.NewScopes, process) {
		n := len(g.rows)
		procs, ids, kinds, nodes, states := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		parents, seqs, ended := make([]*string, n), make([]int64, n), make([]bool, n)
		for i, s := range g.rows {
			procs[i], ids[i], kinds[i], nodes[i], states[i] = s.Process, s.Scope.ID, string(s.Scope.Kind), s.Scope.NodeID, encode(s.Scope.State)
			parents[i], seqs[i], ended[i] = textOrNil(s.Scope.ParentID), s.Seq, s.Scope.Ended
		}
		batch.Queue(on(insertScopes, g.day), uuids(procs), uuids(ids), uuidsOrNull(parents), kinds, nodes, seqs, ended, states)
	}
	for _, g := range byDay(w.Scopes, process) {
		changes := newRows(len(g.rows), 5, 300)
		for _, s := range g.rows {
			changes.begin()
			changes.tid(s.At)
			changes.uuid(s.Scope.ID)
			changes.int8(s.Seq)
			changes.bool(s.Scope.Ended)
			changes.json(json.RawMessage(encode(s.Scope.State)))
			changes.end()
		}
		batch.Queue(on(updateScopes, g.day), changes, len(g.rows))
	}
	queueInner(batch, w)
}

const upsertInner = `
INSERT INTO scope_{day} (process_id, id, parent_id, kind, node_id, state)
SELECT p, i, parent, k, n, st::json FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[]) AS u(p, i, parent, k, n, st)
ON CONFLICT (process_id, id) DO UPDATE SET state = excluded.state`

const deleteInner = `
DELETE FROM scope_{day} s USING unnest($1::uuid[], $2::uuid[]) AS u(p, i) WHERE s.process_id = u.p AND s.id = u.i AND s.id <> s.process_id`

// queueInner writes the scopes inside of tasks. The lock on the root keeps others from them.
func queueInner(batch *pgx.Batch, w *Write) {
	for _, g := range byDay(w.EndedIn, func(s *ScopeRef) string { return s.Process }) {
		procs, ids := make([]string, len(g.rows)), make([]string, len(g.rows))
		for i, s := range g.rows {
			procs[i], ids[i] = s.Process, s.Scope
		}
		batch.Queue(on(deleteInner, g.day), uuids(procs), uuids(ids))
	}
	for _, g := range byDay(w.Inner, func(s *ScopeRow) string { return s.Process }) {
		n := len(g.rows)
		procs, ids, parents, kinds, nodes, states := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		for i, s := range g.rows {
			procs[i], ids[i], parents[i], kinds[i], nodes[i], states[i] = s.Process, s.Scope.ID, s.Scope.ParentID, string(s.Scope.Kind), s.Scope.NodeID, encode(s.Scope.State)
		}
		batch.Queue(on(upsertInner, g.day), uuids(procs), uuids(ids), uuids(parents), kinds, nodes, states)
	}
}

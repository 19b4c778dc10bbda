package pgstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// TaskRef names a task of a process.
type TaskRef struct{ Process, Task string }

// Task is a task's row as the hot path holds it: flow's part, and what only the engine writes.
type Task struct {
	flow.Task
	Process   string
	Pool      string
	ReadyAt   *time.Time
	StartedAt *time.Time
	Worker    string
	HasRow    bool // an attempt row of this epoch exists
}

const loadHeaders = `
SELECT p.id::text, p.custom_id, p.definition_key, p.version, p.state, p.suspended_at IS NOT NULL, p.open_incidents, p.incidents_below, p.priority,
       p.started_at, p.ended_at, COALESCE(p.error_code, ''), COALESCE(p.error_message, '')
FROM unnest($1::uuid[]) AS u(id) CROSS JOIN LATERAL (SELECT * FROM process x WHERE x.id = u.id OFFSET 0) AS p`

func queueHeaders(batch *pgx.Batch, ids []string, into map[string]*flow.Process) {
	batch.Queue(loadHeaders, uuids(ids)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			p := &flow.Process{}
			var started *time.Time
			if err := rows.Scan(&p.ID, &p.CustomID, &p.Definition, &p.Version, &p.State, &p.Suspended, &p.OpenIncidents, &p.Below, &p.Priority,
				&started, &p.EndedAt, &p.ErrorCode, &p.ErrorMessage); err != nil {
				return err
			}
			if started != nil {
				p.StartedAt = *started
			}
			into[p.ID] = p
		}
		return rows.Err()
	})
}

// loadTasks reads tasks by id. A row in state ready with a message in the window is queued: the feeder moves a backlog row to
// dispatch without touching the task.
const loadTasks = `
SELECT t.process_id::text, t.id::text, t.scope_id::text, t.node_id, t.run, t.node_type, t.pool,
       CASE WHEN t.state = 'ready' AND d.epoch = t.epoch THEN 'queued' ELSE t.state END,
       t.epoch, t.attempt, t.losses, t.input, t.input_rev, t.created_at, t.ready_at, t.first_started_at, t.started_at, t.ended_at, t.worker,
       t.error, t.hidden, t.state
FROM unnest($1::uuid[], $2::uuid[]) AS u(process_id, id)
CROSS JOIN LATERAL (SELECT * FROM task_{day} x WHERE x.process_id = u.process_id AND x.id = u.id OFFSET 0) AS t
LEFT JOIN LATERAL (SELECT x.epoch FROM dispatch x WHERE x.process_id = u.process_id AND x.task_id = u.id OFFSET 0) AS d ON true`

func (tx *Tx) queueTasks(batch *pgx.Batch, refs []TaskRef, into map[TaskRef]*LoadedTask) {
	for _, g := range byDay(refs, func(r *TaskRef) string { return r.Process }) {
		procs, ids := splitRefs(g.rows)
		batch.Queue(on(loadTasks, g.day), uuids(procs), uuids(ids)).Query(func(rows pgx.Rows) error { return scanTasks(rows, into) })
	}
}

func scanTasks(rows pgx.Rows, into map[TaskRef]*LoadedTask) error {
	for rows.Next() {
		t := &LoadedTask{}
		var fault []byte
		if err := rows.Scan(&t.Process, &t.ID, &t.ScopeID, &t.NodeID, &t.Run, &t.NodeType, &t.Pool, &t.State,
			&t.Epoch, &t.Attempt, &t.Losses, &t.Input, &t.InputRev, &t.CreatedAt, &t.ReadyAt, &t.FirstStartedAt, &t.StartedAt, &t.EndedAt, &t.Worker,
			&fault, &t.Hidden, &t.RowState); err != nil {
			return err
		}
		if len(fault) > 0 {
			if err := json.Unmarshal(fault, &t.Error); err != nil {
				return fmt.Errorf("decode the error of task %s: %w", t.ID, err)
			}
		}
		into[TaskRef{t.Process, t.ID}] = t
	}
	return rows.Err()
}

// LoadedTask is a task with the state that its row has, which the guarded update expects.
type LoadedTask struct {
	Task
	RowState flow.TaskState
}

const loadScopes = `
SELECT s.process_id::text, s.id::text, COALESCE(s.parent_id::text, ''), s.kind, s.node_id, s.ended, s.state
FROM scope_{day} s
WHERE s.process_id = ANY($1::uuid[]) AND s.id <> s.process_id`

const loadInside = `
SELECT t.process_id::text, t.id::text, t.scope_id::text, t.node_id, t.run, t.node_type, t.pool, t.state,
       t.epoch, t.attempt, t.losses, t.input, t.input_rev, t.created_at, t.ready_at, t.first_started_at, t.started_at, t.ended_at, t.worker,
       t.error, t.hidden, t.state
FROM scope_{day} s CROSS JOIN LATERAL (SELECT * FROM task_{day} x WHERE x.process_id = s.process_id AND x.id = s.id OFFSET 0) AS t
WHERE s.process_id = ANY($1::uuid[]) AND s.id <> s.process_id`

// Loaded is what Load read, by process.
type Loaded struct {
	Headers map[string]*flow.Process
	Tasks   map[TaskRef]*LoadedTask
	Scopes  map[string][]*flow.Scope // without the root
	Inputs  map[string]json.RawMessage
}

// Load reads the headers of processes, the tasks named, the inner scopes of the processes in inner with the tasks that they are
// inside of, and the inputs of those in inputs, in one round trip.
func (tx *Tx) Load(ctx context.Context, ids []string, refs []TaskRef, inner, inputs []string) (*Loaded, error) {
	l := &Loaded{Headers: map[string]*flow.Process{}, Tasks: map[TaskRef]*LoadedTask{}, Scopes: map[string][]*flow.Scope{}, Inputs: map[string]json.RawMessage{}}
	batch := &pgx.Batch{}
	if len(ids) > 0 {
		queueHeaders(batch, ids, l.Headers)
	}
	if len(refs) > 0 {
		tx.queueTasks(batch, refs, l.Tasks)
	}
	for _, g := range byDay(inner, itself) {
		batch.Queue(on(loadScopes, g.day), uuids(g.rows)).Query(func(rows pgx.Rows) error { return scanScopes(rows, l.Scopes) })
		batch.Queue(on(loadInside, g.day), uuids(g.rows)).Query(func(rows pgx.Rows) error { return scanTasks(rows, l.Tasks) })
	}
	if len(inputs) > 0 {
		queueInputs(batch, inputs, l.Inputs)
	}
	if batch.Len() == 0 {
		return l, nil
	}
	if err := tx.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("load %d processes, %d tasks: %w", len(ids), len(refs), err)
	}
	return l, nil
}

func scanScopes(rows pgx.Rows, into map[string][]*flow.Scope) error {
	for rows.Next() {
		sc := &flow.Scope{}
		var process string
		var state []byte
		if err := rows.Scan(&process, &sc.ID, &sc.ParentID, &sc.Kind, &sc.NodeID, &sc.Ended, &state); err != nil {
			return err
		}
		if err := json.Unmarshal(state, &sc.State); err != nil {
			return fmt.Errorf("decode scope %s: %w", sc.ID, err)
		}
		into[process] = append(into[process], sc)
	}
	return rows.Err()
}

const loadInputs = `
SELECT d.process_id::text, d.input FROM process_data_{day} d WHERE d.process_id = ANY($1::uuid[])`

func queueInputs(batch *pgx.Batch, ids []string, into map[string]json.RawMessage) {
	for _, g := range byDay(ids, itself) {
		batch.Queue(on(loadInputs, g.day), uuids(g.rows)).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var id string
				var input []byte
				if err := rows.Scan(&id, &input); err != nil {
					return err
				}
				into[id] = input
			}
			return rows.Err()
		})
	}
}

// OutputRef names the latest output of a node in a scope.
type OutputRef struct{ Process, Scope, Node string }

// loadOutputs reads what each node put out last and no restart has hidden. Runs of one node may end in another order than they began.
const loadOutputs = `
SELECT u.p::text, u.s::text, u.n, o.body
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(p, s, n)
CROSS JOIN LATERAL (
    SELECT body FROM output_{day} o
    WHERE o.process_id = u.p AND o.scope_id = u.s AND o.node_id = u.n AND NOT o.hidden
    ORDER BY seq DESC, part DESC LIMIT 1) AS o`

const loadCollected = `SELECT run, body FROM output_{day} WHERE process_id = $1 AND scope_id = $2 AND node_id = '' AND NOT hidden ORDER BY seq, part`

// Collected reads what the entries of a multi-instance scope gave, by run.
func (tx *Tx) Collected(ctx context.Context, process, scope string) (map[int]json.RawMessage, error) {
	values := map[int]json.RawMessage{}
	rows, err := tx.conn.Query(ctx, on(loadCollected, dayOf(process)), process, scope)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var run int
		var body []byte
		err = r.Scan(&run, &body)
		values[run] = body
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the values of scope %s: %w", scope, err)
	}
	return values, nil
}

// LoadData reads what an Advance is going to read beyond the tasks of its events: outputs, inputs, more tasks.
func (tx *Tx) LoadData(ctx context.Context, refs []OutputRef, inputs []string, tasks []TaskRef) (map[OutputRef]json.RawMessage, *Loaded, error) {
	outputs := map[OutputRef]json.RawMessage{}
	l := &Loaded{Tasks: map[TaskRef]*LoadedTask{}, Inputs: map[string]json.RawMessage{}}
	batch := &pgx.Batch{}
	if len(refs) > 0 {
		queueOutputs(batch, refs, outputs)
	}
	if len(inputs) > 0 {
		queueInputs(batch, inputs, l.Inputs)
	}
	if len(tasks) > 0 {
		tx.queueTasks(batch, tasks, l.Tasks)
	}
	if batch.Len() == 0 {
		return outputs, l, nil
	}
	if err := tx.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, nil, fmt.Errorf("load %d outputs, %d inputs, %d tasks: %w", len(refs), len(inputs), len(tasks), err)
	}
	return outputs, l, nil
}

func queueOutputs(batch *pgx.Batch, refs []OutputRef, into map[OutputRef]json.RawMessage) {
	for _, g := range byDay(refs, func(r *OutputRef) string { return r.Process }) {
		n := len(g.rows)
		procs, scopes, nodes := make([]string, n), make([]string, n), make([]string, n)
		for i, r := range g.rows {
			procs[i], scopes[i], nodes[i] = r.Process, r.Scope, r.Node
		}
		batch.Queue(on(loadOutputs, g.day), uuids(procs), uuids(scopes), nodes).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var r OutputRef
				var body []byte
				if err := rows.Scan(&r.Process, &r.Scope, &r.Node, &body); err != nil {
					return err
				}
				into[r] = body
			}
			return rows.Err()
		})
	}
}

package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// ErrNotFound says that a row does not exist.
var ErrNotFound = errors.New("not found")

func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// Origin is what a restart takes over.
type Origin struct {
	Definition string
	Version    int
	CustomID   string
	Priority   int
	Test       bool
	Input      json.RawMessage
	Node       string // the start event where it began; empty: the usual one
}

// Origin reads a process as a restart needs it.
func (s *Store) Origin(ctx context.Context, process string) (o Origin, err error) {
	const statement = `
SELECT p.definition_key, p.version, p.custom_id, p.priority, p.test, d.input, COALESCE(t.node_id, '')
FROM process p JOIN process_data d ON d.process_id = p.id LEFT JOIN process_trigger t ON t.process_id = p.id WHERE p.id = $1`
	if err := s.db.QueryRow(ctx, statement, process).Scan(&o.Definition, &o.Version, &o.CustomID, &o.Priority, &o.Test, &o.Input, &o.Node); err != nil {
		return o, fmt.Errorf("read process %s: %w", process, notFound(err))
	}
	return o, nil
}

// TaskInput reads the input of a task at a revision.
func (s *Store) TaskInput(ctx context.Context, process, task string, rev int) (input json.RawMessage, err error) {
	const statement = `SELECT input FROM task WHERE process_id = $1 AND id = $2 AND input_rev = $3`
	if err := s.db.QueryRow(ctx, statement, process, task, rev).Scan(&input); err != nil {
		return nil, fmt.Errorf("read the input of task %s: %w", task, notFound(err))
	}
	return input, nil
}

// ProcessRow is a process as lists show it.
type ProcessRow struct {
	ID, CustomID, Definition string
	Version                  int
	State                    string
	SuspendedAt              *time.Time
	SuspendedBy              string
	SuspendReason            string
	SuspendedByCaller        bool
	OpenIncidents            int
	Priority                 int
	CreatedBy                string
	CreatedAt                time.Time
	ScheduledAt              *time.Time
	StartedAt                *time.Time
	EndedAt                  *time.Time
	ErrorCode, ErrorMessage  string
	RestartedFrom            string
	Test                     bool
	ParentID, ParentTask     string // the call that it was begun by
	RootID                   string
	IncidentsBelow           int
}

const processColumns = `p.id::text, p.custom_id, p.definition_key, p.version, p.state, p.suspended_at, p.suspended_by, p.suspend_reason, p.suspended_by_caller,
       p.open_incidents, p.priority, p.created_by, p.created_at, p.scheduled_at, p.started_at, p.ended_at,
       COALESCE(p.error_code, ''), COALESCE(p.error_message, ''), COALESCE(p.restarted_from::text, ''), p.test,
       COALESCE(p.parent_id::text, ''), COALESCE(p.parent_task::text, ''), COALESCE(p.root_id::text, ''), p.incidents_below`

func (p *ProcessRow) into() []any {
	return []any{&p.ID, &p.CustomID, &p.Definition, &p.Version, &p.State, &p.SuspendedAt, &p.SuspendedBy, &p.SuspendReason, &p.SuspendedByCaller,
		&p.OpenIncidents, &p.Priority, &p.CreatedBy, &p.CreatedAt, &p.ScheduledAt, &p.StartedAt, &p.EndedAt,
		&p.ErrorCode, &p.ErrorMessage, &p.RestartedFrom, &p.Test, &p.ParentID, &p.ParentTask, &p.RootID, &p.IncidentsBelow}
}

// ProcessDetail is a process with its payloads and head.
type ProcessDetail struct {
	ProcessRow
	Input, Output json.RawMessage
	Seq           int64
	RestartedAs   []string
}

const processDetail = `
SELECT ` + processColumns + `, d.input, d.output, s.seq,
       ARRAY(SELECT r.id::text FROM process r WHERE r.restarted_from = p.id ORDER BY r.id)
FROM process p
JOIN process_data d ON d.process_id = p.id
JOIN scope s ON s.process_id = p.id AND s.id = p.id
WHERE p.id = $1 AND d.process_id = $1 AND s.process_id = $1`

// Process reads one process.
func (s *Store) Process(ctx context.Context, id string) (d ProcessDetail, err error) {
	into := append(d.into(), &d.Input, &d.Output, &d.Seq, &d.RestartedAs)
	if err := s.db.QueryRow(ctx, processDetail, id).Scan(into...); err != nil {
		return d, fmt.Errorf("read process %s: %w", id, notFound(err))
	}
	return d, nil
}

// NodeCount counts a node's tasks in one state.
type NodeCount struct {
	Node    string
	State   string
	Count   int
	LastRun int
}

const nodeCounts = `
SELECT t.node_id, CASE WHEN t.state = 'ready' AND d.epoch = t.epoch THEN 'queued' ELSE t.state END AS shown, count(*)::int, max(t.run)
FROM task t LEFT JOIN dispatch d ON d.process_id = t.process_id AND d.task_id = t.id
WHERE t.process_id = $1 AND NOT t.hidden GROUP BY 1, 2`

// NodeCounts counts a process's tasks by node and state, without those that a restart has hidden.
func (s *Store) NodeCounts(ctx context.Context, process string) ([]NodeCount, error) {
	rows, err := s.db.Query(ctx, nodeCounts, process)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (n NodeCount, err error) { return n, r.Scan(&n.Node, &n.State, &n.Count, &n.LastRun) })
	if err != nil {
		return nil, fmt.Errorf("count the tasks of process %s: %w", process, err)
	}
	return out, nil
}

// takenEdges reads the edges that tokens took from the history; nodes without tasks, and what restarts did, are known from it too.
// The place grows with the history.
const takenEdges = `
SELECT c.kind, COALESCE(c.edge, ''), COALESCE(c.node, ''), max(COALESCE(c.run, 0)), count(*)::int, max(e.seq * 1048576 + c.place), c.hidden
FROM event e CROSS JOIN LATERAL (
    SELECT r.kind, r.edge, r.node, r.run, r.place, CASE WHEN r.kind = 'restarted' THEN r.detail::text END AS hidden
    FROM ROWS FROM (json_to_recordset(e.body) AS (kind text, edge text, node text, run int, detail json)) WITH ORDINALITY AS r(kind, edge, node, run, detail, place)
    WHERE r.kind IN ('edge', 'node', 'restarted', 'carried')) AS c
WHERE e.process_id = $1 GROUP BY c.kind, c.edge, c.node, c.hidden`

// Passed is an edge that was taken, a node without a task that a token went through, a restart, or an output that was taken over.
type Passed struct {
	Kind, Edge, Node string // of an edge: where it begins
	LastRun, Count   int
	Place            int64
	Detail           json.RawMessage // of a restart
}

// Passed reads where tokens went.
func (s *Store) Passed(ctx context.Context, process string) ([]Passed, error) {
	rows, err := s.db.Query(ctx, takenEdges, process)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (p Passed, err error) {
		var detail *string
		err = r.Scan(&p.Kind, &p.Edge, &p.Node, &p.LastRun, &p.Count, &p.Place, &detail)
		if detail != nil {
			p.Detail = json.RawMessage(*detail)
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the path of process %s: %w", process, err)
	}
	return out, nil
}

// TaskRow is a task as lists show it.
type TaskRow struct {
	Process, ID, Scope, Node  string
	Run                       int
	NodeType, Pool, State     string
	Epoch                     int64
	Attempt                   int
	CreatedAt                 time.Time
	ReadyAt, StartedAt, Ended *time.Time
	DueAt                     *time.Time
	Worker                    string
	QueuedMS, RunUS           *int64
	Percent                   *int
	ProgressText              *string
	Error                     *wire.Error
	Hidden                    bool       // a restart has hidden it
	Held                      bool       // its backlog row is held
	BacklogAt                 *time.Time // since when it waits in the backlog
	Priority                  int
	PublishedAt               *time.Time
	Input                     json.RawMessage // of Task only
}

const taskColumns = `t.process_id::text, t.id::text, t.scope_id::text, t.node_id, t.run, t.node_type, t.pool,
       CASE WHEN t.state = 'ready' AND d.epoch = t.epoch THEN 'queued' ELSE t.state END,
       t.epoch, t.attempt, t.created_at, t.ready_at, t.started_at, t.ended_at, t.due_at, t.worker, t.queued_ms, t.run_us, t.progress, t.progress_text, t.error,
       t.hidden, COALESCE(b.held, false), b.created_at, COALESCE(b.priority, 0), d.published_at`

const taskJoins = `
FROM task t
LEFT JOIN dispatch d ON d.process_id = t.process_id AND d.task_id = t.id
LEFT JOIN backlog b ON b.process_id = t.process_id AND b.task_id = t.id
`

func scanTask(r pgx.Rows, more ...any) (t TaskRow, err error) {
	var fault []byte
	into := append([]any{&t.Process, &t.ID, &t.Scope, &t.Node, &t.Run, &t.NodeType, &t.Pool, &t.State, &t.Epoch, &t.Attempt, &t.CreatedAt, &t.ReadyAt, &t.StartedAt,
		&t.Ended, &t.DueAt, &t.Worker, &t.QueuedMS, &t.RunUS, &t.Percent, &t.ProgressText, &fault, &t.Hidden, &t.Held, &t.BacklogAt, &t.Priority, &t.PublishedAt}, more...)
	if err := r.Scan(into...); err != nil {
		return t, err
	}
	if len(fault) > 0 {
		err = json.Unmarshal(fault, &t.Error)
	}
	return t, err
}

const listTasks = `SELECT ` + taskColumns + taskJoins + `
WHERE t.process_id = $1
  AND ($2::timestamptz IS NULL OR (t.created_at, t.id) > ($2, $3::uuid))
  AND ($4::uuid IS NULL OR t.scope_id = $4)
  AND (cardinality($5::text[]) = 0 OR CASE WHEN t.state = 'ready' AND d.epoch = t.epoch THEN 'queued' ELSE t.state END = ANY($5))
  AND (cardinality($6::uuid[]) = 0 OR t.id = ANY($6))
ORDER BY t.created_at, t.id LIMIT $7`

// TaskPage says which of a process's tasks to list.
type TaskPage struct {
	AfterAt *time.Time
	AfterID string
	Scope   string
	States  []string
	IDs     []string
	Limit   int
}

// Tasks lists a process's tasks, oldest first.
func (s *Store) Tasks(ctx context.Context, process string, page TaskPage) ([]TaskRow, error) {
	if page.States == nil {
		page.States = []string{}
	}
	if page.IDs == nil {
		page.IDs = []string{}
	}
	rows, err := s.db.Query(ctx, listTasks, process, page.AfterAt, textOrNil(page.AfterID), textOrNil(page.Scope), page.States, page.IDs, page.Limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (TaskRow, error) { return scanTask(r) })
	if err != nil {
		return nil, fmt.Errorf("list the tasks of process %s: %w", process, err)
	}
	return out, nil
}

const oneTask = `SELECT ` + taskColumns + `, t.input, (SELECT o.body FROM output o WHERE o.process_id = t.process_id AND o.scope_id = t.scope_id AND o.node_id = t.node_id AND o.run = t.run)` + taskJoins + `
WHERE t.process_id = $1 AND t.id = $2`

// Task reads one task with its input and output.
func (s *Store) Task(ctx context.Context, process, task string) (t TaskRow, output json.RawMessage, err error) {
	rows, err := s.db.Query(ctx, oneTask, process, task)
	var input, body []byte
	found, err := rowsOf(rows, err, func(r pgx.Rows) (TaskRow, error) { return scanTask(r, &input, &body) })
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return t, nil, fmt.Errorf("read task %s of process %s: %w", task, process, err)
	}
	found[0].Input = input
	return found[0], body, nil
}

// Attempt is one run of a task.
type Attempt struct {
	AttemptRow
	Input json.RawMessage
}

const listAttempts = `
SELECT epoch, attempt, worker, COALESCE(outcome, ''), queued_at, started_at, ended_at, run_us, error, log, input
FROM attempt WHERE process_id = $1 AND task_id = $2 ORDER BY epoch`

// Attempts lists a task's attempts, oldest first.
func (s *Store) Attempts(ctx context.Context, process, task string) ([]Attempt, error) {
	rows, err := s.db.Query(ctx, listAttempts, process, task)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (a Attempt, err error) {
		var fault, input []byte
		if err := r.Scan(&a.Epoch, &a.Attempt, &a.Worker, &a.Outcome, &a.QueuedAt, &a.StartedAt, &a.EndedAt, &a.RunUS, &fault, &a.Log, &input); err != nil {
			return a, err
		}
		a.Input = input
		if len(fault) > 0 {
			err = json.Unmarshal(fault, &a.Error)
		}
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("list the attempts of task %s: %w", task, err)
	}
	return out, nil
}

// Event is a row of the history.
type Event struct {
	Seq     int64
	At      time.Time
	Changes []flow.Change
}

// Events lists a process's history after a sequence, and its head.
func (s *Store) Events(ctx context.Context, process string, after int64, limit int) (out []Event, head int64, err error) {
	const headOf = `SELECT seq FROM scope WHERE process_id = $1 AND id = $1`
	if err := s.db.QueryRow(ctx, headOf, process).Scan(&head); err != nil {
		return nil, 0, fmt.Errorf("read the head of process %s: %w", process, notFound(err))
	}
	const statement = `SELECT seq, at, body FROM event WHERE process_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`
	rows, err := s.db.Query(ctx, statement, process, after, limit)
	out, err = rowsOf(rows, err, func(r pgx.Rows) (e Event, err error) {
		var body []byte
		if err = r.Scan(&e.Seq, &e.At, &body); err == nil {
			e.Changes, err = readChanges(process, body)
		}
		return e, err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read events of process %s: %w", process, err)
	}
	return out, head, nil
}

// Heads reads the heads of processes' histories.
func (s *Store) Heads(ctx context.Context, ids []string) (map[string]int64, error) {
	const statement = `SELECT s.process_id::text, s.seq FROM unnest($1::uuid[]) AS u(id) JOIN scope s ON s.process_id = u.id AND s.id = u.id`
	out := make(map[string]int64, len(ids))
	rows, err := s.db.Query(ctx, statement, ids)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var id string
		var seq int64
		if err = r.Scan(&id, &seq); err == nil {
			out[id] = seq
		}
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read %d heads: %w", len(ids), err)
	}
	return out, nil
}

// joinScopes looks at the root and a few hundred others: of a list with more entries, those with the lowest ids.
const joinScopes = `
SELECT x.state FROM (
    (SELECT s.id, s.ended, s.state FROM scope s WHERE s.process_id = $1 AND s.id = $1)
    UNION ALL (SELECT s.id, s.ended, s.state FROM scope s WHERE s.process_id = $1 AND s.id <> $1 LIMIT 300)) AS x
WHERE NOT x.ended AND x.state -> 'joins' IS NOT NULL ORDER BY x.id LIMIT 20`

// JoinScopes reads scopes of a process in which tokens wait for a join.
func (s *Store) JoinScopes(ctx context.Context, process string) ([]flow.ScopeState, error) {
	rows, err := s.db.Query(ctx, joinScopes, process)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (state flow.ScopeState, err error) {
		var raw []byte
		if err := r.Scan(&raw); err != nil {
			return state, err
		}
		return state, json.Unmarshal(raw, &state)
	})
	if err != nil {
		return nil, fmt.Errorf("read the joins of process %s: %w", process, err)
	}
	return out, nil
}

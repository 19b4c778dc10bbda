package engine

import (
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// ProcessSummary is a row of a list of processes. State is the shown one: terminal states, scheduled, and for live processes
// cancelling > suspended > incident > running.
type ProcessSummary struct {
	ID            string     `json:"id"`
	CustomID      string     `json:"custom_id"`
	Definition    string     `json:"definition"`
	Version       int        `json:"version"`
	State         string     `json:"state"`
	Priority      int        `json:"priority"`
	CreatedAt     time.Time  `json:"created_at"`
	CreatedBy     string     `json:"created_by,omitempty"`
	StartedAt     *time.Time `json:"started_at,omitempty"`
	EndedAt       *time.Time `json:"ended_at,omitempty"`
	ScheduledAt   *time.Time `json:"scheduled_at,omitempty"`
	OpenIncidents int        `json:"open_incidents"`
	ErrorCode     string     `json:"error_code,omitempty"`
	ErrorMessage  string     `json:"error_message,omitempty"`
	RestartedFrom string     `json:"restarted_from,omitempty"`
	RestartedAs   []string   `json:"restarted_as,omitempty"`
	Test          bool       `json:"test,omitempty"`
	// Of a child process: who called it, and the outermost process.
	ParentID     string `json:"parent_id,omitempty"`
	ParentTaskID string `json:"parent_task_id,omitempty"`
	RootID       string `json:"root_id,omitempty"`
	// IncidentsBelow counts the open incidents of the processes that this one has called, however indirectly.
	IncidentsBelow int `json:"incidents_below,omitempty"`
}

// ProcessView is one process with all that its page shows besides tasks. Seq is its head: the sequence of its last event.
type ProcessView struct {
	ProcessSummary
	Input         json.RawMessage     `json:"input"`
	Output        json.RawMessage     `json:"output,omitempty"`
	Seq           int64               `json:"seq"`
	Closing       *ClosingView        `json:"closing,omitempty"` // it ends in chunks
	EndsBy        *time.Time          `json:"ends_by,omitempty"` // of a live process: then it fails
	SuspendedBy   string              `json:"suspended_by,omitempty"`
	SuspendReason string              `json:"suspend_reason,omitempty"`
	Trigger       *Trigger            `json:"trigger,omitempty"` // nil: a person or a program started it
	Counts        map[string]int      `json:"counts"`            // task state → number
	Nodes         map[string]NodeView `json:"nodes"`             // node id → its tasks
	TakenEdges    []string            `json:"taken_edges"`
	Carried       []string            `json:"carried,omitempty"` // nodes whose outputs came from the process that this one replaces
	Whys          []Why               `json:"whys,omitempty"`    // what it waits for besides its tasks
	Actions       ProcessActions      `json:"actions"`
	Ancestors     []ProcessSummary    `json:"ancestors,omitempty"` // of a child process: who has called it, the outermost first
}

// ClosingView is how far a process has ended in which very much was open.
type ClosingView struct {
	Total int `json:"total"` // open tasks when it began to end
	Left  int `json:"left"`
}

// NodeView sums up the tasks of one node.
type NodeView struct {
	States  map[string]int `json:"states"`           // task state → number
	LastRun int            `json:"last_run"`         //
	Last    string         `json:"last"`             // state of the last run
	Undone  int            `json:"undone,omitempty"` // runs that have been undone
}

// Action says whether an operation is possible now; Reason is a stable code when it is not.
type Action struct {
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason,omitempty"`
}

// ProcessActions are the operations on a process.
type ProcessActions struct {
	Cancel      Action `json:"cancel"`
	Restart     Action `json:"restart"`
	RestartFrom Action `json:"restart_from"` // some nodes may be refused all the same: see PlanRestart
	Suspend     Action `json:"suspend"`
	Resume      Action `json:"resume"`
}

// TaskActions are the operations on a task.
type TaskActions struct {
	Retry         Action `json:"retry"`
	EditAndRetry  Action `json:"edit_and_retry"`
	Skip          Action `json:"skip"`
	RestartEntry  Action `json:"restart_entry"`  // of an entry of a list
	RestartFailed Action `json:"restart_failed"` // of a list: its failed entries
}

// Progress is what a running handler said last.
type Progress struct {
	Percent int    `json:"percent"`
	Text    string `json:"text,omitempty"`
}

// Why says in one line why a task does not move: a stable code and its parameters.
type Why struct {
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
	TextEN string         `json:"text_en,omitempty"`
}

// TaskSummary is a task in the tree.
type TaskSummary struct {
	ID          string      `json:"id"`
	NodeID      string      `json:"node_id"`
	Title       string      `json:"title"`
	Kind        string      `json:"kind"`
	NodeType    string      `json:"node_type,omitempty"`
	ScopeID     string      `json:"scope_id"`
	Run         int         `json:"run"`
	State       string      `json:"state"`
	Epoch       int64       `json:"epoch"`
	Attempt     int         `json:"attempt"`
	Hidden      bool        `json:"hidden,omitempty"` // a restart from a node before it: it counts no more
	MaxAttempts int         `json:"max_attempts"`
	CreatedAt   time.Time   `json:"created_at"`
	ReadyAt     *time.Time  `json:"ready_at,omitempty"`
	StartedAt   *time.Time  `json:"started_at,omitempty"`
	EndedAt     *time.Time  `json:"ended_at,omitempty"`
	QueuedMS    *int64      `json:"queued_ms,omitempty"`
	RunMS       *float64    `json:"run_ms,omitempty"`
	Progress    *Progress   `json:"progress,omitempty"`
	Worker      string      `json:"worker,omitempty"`
	Error       *wire.Error `json:"error,omitempty"`
	Why         *Why        `json:"why,omitempty"`
	Child       *ChildView  `json:"child,omitempty"`  // of a call
	Undoes      string      `json:"undoes,omitempty"` // of what undoes something: the task that it undoes
}

// TaskView is one task with everything kept of it.
type TaskView struct {
	TaskSummary
	Input    json.RawMessage `json:"input"`
	Output   json.RawMessage `json:"output,omitempty"`
	Attempts []AttemptView   `json:"attempts"` // oldest first
	Waits    []WaitView      `json:"waits"`    // for messages and times
	Actions  TaskActions     `json:"actions"`
}

// AttemptView is one run of a task by a worker. Outcome is empty while it runs, else completed, failed, timeout, lost,
// handed_back, cancelled or withdrawn. Input is present when it differs from the task's present input.
type AttemptView struct {
	Attempt   int             `json:"attempt"`
	Epoch     int64           `json:"epoch"`
	Worker    string          `json:"worker,omitempty"`
	Outcome   string          `json:"outcome,omitempty"`
	QueuedAt  *time.Time      `json:"queued_at,omitempty"`
	StartedAt *time.Time      `json:"started_at,omitempty"`
	EndedAt   *time.Time      `json:"ended_at,omitempty"`
	RunMS     *float64        `json:"run_ms,omitempty"`
	Error     *wire.Error     `json:"error,omitempty"`
	Log       string          `json:"log,omitempty"`
	Input     json.RawMessage `json:"input,omitempty"`
}

// EventView is one event of a process's history: everything that one commit changed.
type EventView struct {
	Seq     int64         `json:"seq"`
	At      time.Time     `json:"at"`
	Changes []flow.Change `json:"changes"`
}

// PoolView is a queue group with its workers.
type PoolView struct {
	Pool          string         `json:"pool"`
	Slots         int            `json:"slots"`
	Busy          int            `json:"busy"`
	Queued        int            `json:"queued"`  // messages in Redis that no worker took yet, as far as known
	Running       int            `json:"running"` // held by live workers
	Backlog       int            `json:"backlog"` // waiting in PostgreSQL for room
	OldestAgeMS   int64          `json:"oldest_age_ms"`
	LastPollAt    *time.Time     `json:"last_poll_at,omitempty"`
	NoWorkerSince *time.Time     `json:"no_worker_since,omitempty"`
	Paused        *PauseView     `json:"paused,omitempty"`
	Workers       []WorkerView   `json:"workers"`
	Types         []PoolTypeView `json:"types"`
}

// WorkerView is a live worker.
type WorkerView struct {
	ID        string         `json:"id"`
	Host      string         `json:"host"`
	PID       int            `json:"pid"`
	Version   string         `json:"version"`
	Slots     int            `json:"slots"`
	Busy      int            `json:"busy"`
	StartedAt time.Time      `json:"started_at"`
	SeenAt    time.Time      `json:"seen_at"`
	Draining  bool           `json:"draining"`
	Drain     *DrainView     `json:"drain,omitempty"` // the order that it is under
	Refusals  []wire.Refusal `json:"refusals"`
}

// PoolTypeView is a node type as a pool serves it.
type PoolTypeView struct {
	Type    string     `json:"type"`
	Title   wire.Text  `json:"title"`
	Queued  int        `json:"queued"`
	Running int        `json:"running"`
	Paused  *PauseView `json:"paused,omitempty"`
}

// LimitView is a limit of a node type; zero numbers mean no such limit.
type LimitView struct {
	NodeType   string    `json:"node_type"`
	Key        string    `json:"key"`
	Most       int       `json:"most,omitempty"`
	Starts     int       `json:"starts,omitempty"`
	PerSeconds float64   `json:"per_seconds,omitempty"`
	Reason     string    `json:"reason"`
	Author     string    `json:"author"`
	At         time.Time `json:"at"`
}

// PauseView says that nothing of its subject starts.
type PauseView struct {
	Kind   PauseKind `json:"kind"`
	Name   string    `json:"name"`
	Reason string    `json:"reason"`
	Author string    `json:"author"`
	At     time.Time `json:"at"`
}

// Filter narrows a search; all its members are combined with AND, zero values don't filter.
type Filter struct {
	CustomID       string
	CustomIDPrefix string
	CustomIDs      []string
	IDs            []string
	Definition     string
	Version        int
	States         []string // shown states
	StartedFrom    *time.Time
	StartedTo      *time.Time
	ErrorCode      string // of the process or of one of its open incidents
	Worker         string // a worker that ran one of its tasks
	SearchKey      map[string]string
	Tests          Tests
	Outermost      bool   // leaves out what was called by another process
	Limit          int    // default 50, at most 200
	Cursor         string // of the answer before; newest processes come first
}

// Tests says whether a search sees test runs.
type Tests = pgstore.Tests

// What a search sees of test runs.
const (
	TestsHidden = pgstore.TestsHidden // also the zero value
	TestsOnly   = pgstore.TestsOnly
	TestsToo    = pgstore.TestsToo
)

// TaskFilter narrows a list of a process's tasks.
type TaskFilter struct {
	Cursor      string
	Limit       int // default 100, at most 500
	ParentScope string
	States      []string
	IDs         []string
}

package httpapi

import (
	"encoding/json"
	"time"
)

// TaskSummary is a task in the tree.
type TaskSummary struct {
	ID          string     `json:"id"`
	NodeID      string     `json:"node_id"`
	Title       string     `json:"title"`
	Kind        string     `json:"kind" doc:"Of its node: service_task, …"`
	NodeType    string     `json:"node_type,omitempty"`
	ScopeID     string     `json:"scope_id"`
	Run         int        `json:"run" doc:"1 for the node's first activation in the scope"`
	State       string     `json:"state" enum:"waiting,ready,queued,running,retrying,incident,completed,failed,skipped,cancelled"`
	Epoch       int64      `json:"epoch" doc:"Fencing token: grows with each dispatch"`
	Attempt     int        `json:"attempt"`
	Hidden      bool       `json:"hidden,omitempty" doc:"The process was restarted from a node before it: it counts no more"`
	Undoes      string     `json:"undoes,omitempty" doc:"Id of the task that this one undoes, or has undone"`
	MaxAttempts int        `json:"max_attempts"`
	CreatedAt   time.Time  `json:"created_at"`
	ReadyAt     *time.Time `json:"ready_at,omitempty"`
	StartedAt   *time.Time `json:"started_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	QueuedMS    *int64     `json:"queued_ms,omitempty" doc:"Milliseconds between ready and the last start"`
	RunMS       *float64   `json:"run_ms,omitempty" doc:"Milliseconds of the last attempt"`
	Progress    *Progress  `json:"progress,omitempty"`
	Worker      string     `json:"worker,omitempty"`
	Error       *TaskError `json:"error,omitempty"`
	Why         *Why       `json:"why,omitempty" doc:"Why the task does not move"`
	Child       *TaskChild `json:"child,omitempty" doc:"Of a call: the process that it has called last"`
}

// TaskChild is the process that a call has called last.
type TaskChild struct {
	ProcessLink
	OpenIncidents  int `json:"open_incidents"`
	IncidentsBelow int `json:"incidents_below,omitempty"`
	Count          int `json:"count" doc:"Processes that the task has called: one for each time that it was tried"`
}

// Progress is what a running handler said last.
type Progress struct {
	Percent int    `json:"percent" minimum:"0" maximum:"100"`
	Text    string `json:"text,omitempty"`
}

// TaskError is why an attempt failed.
type TaskError struct {
	Class   string `json:"class" enum:"business,retryable,permanent,timeout"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Stack   string `json:"stack,omitempty"`
}

// Why says in one line why a task does not move.
type Why struct {
	Code   string         `json:"code" doc:"Stable code"`
	Params map[string]any `json:"params,omitempty"`
	TextEN string         `json:"text_en,omitempty"`
}

// Task is one task with everything kept of it.
type Task struct {
	TaskSummary
	Input    json.RawMessage `json:"input"`
	Output   json.RawMessage `json:"output,omitempty"`
	Attempts []Attempt       `json:"attempts" doc:"Oldest first"`
	Waits    []TaskWait      `json:"waits" doc:"What it waits for besides people and workers"`
	Actions  TaskActions     `json:"actions"`
}

// TaskActions are the operations on a task.
type TaskActions struct {
	Retry         Action `json:"retry"`
	EditAndRetry  Action `json:"edit_and_retry"`
	Skip          Action `json:"skip"`
	RestartEntry  Action `json:"restart_entry" doc:"Of an entry of a list"`
	RestartFailed Action `json:"restart_failed" doc:"Of a list: its failed entries"`
}

// Attempt is one run of a task by a worker.
type Attempt struct {
	Attempt   int             `json:"attempt"`
	Epoch     int64           `json:"epoch"`
	Worker    string          `json:"worker,omitempty"`
	Outcome   string          `json:"outcome,omitempty" doc:"Absent while it runs; else completed, failed, timeout, lost, handed_back, cancelled or withdrawn"`
	QueuedAt  *time.Time      `json:"queued_at,omitempty"`
	StartedAt *time.Time      `json:"started_at,omitempty"`
	EndedAt   *time.Time      `json:"ended_at,omitempty"`
	RunMS     *float64        `json:"run_ms,omitempty"`
	Error     *TaskError      `json:"error,omitempty"`
	Log       string          `json:"log,omitempty"`
	Input     json.RawMessage `json:"input,omitempty" doc:"Present when it differs from the task's input"`
}

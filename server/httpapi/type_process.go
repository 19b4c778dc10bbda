package httpapi

import (
	"encoding/json"
	"time"
)

// ProcessSummary is a row of a list of processes.
type ProcessSummary struct {
	ID              string     `json:"id"`
	CustomID        string     `json:"custom_id" doc:"Business key"`
	Definition      string     `json:"definition"`
	DefinitionTitle string     `json:"definition_title"`
	Version         int        `json:"version"`
	State           string     `json:"state" enum:"scheduled,running,suspended,incident,cancelling,completed,failed,cancelled"`
	Priority        int        `json:"priority" doc:"1 (urgent) to 5"`
	CreatedAt       time.Time  `json:"created_at"`
	CreatedBy       string     `json:"created_by,omitempty"`
	StartedAt       *time.Time `json:"started_at,omitempty"`
	EndedAt         *time.Time `json:"ended_at,omitempty"`
	ScheduledAt     *time.Time `json:"scheduled_at,omitempty"`
	OpenIncidents   int        `json:"open_incidents"`
	ErrorCode       string     `json:"error_code,omitempty"`
	ErrorMessage    string     `json:"error_message,omitempty"`
	RestartedFrom   string     `json:"restarted_from,omitempty" doc:"The process that this one replaces"`
	RestartedAs     []string   `json:"restarted_as,omitempty" doc:"Processes that replace this one"`
	Test            bool       `json:"test,omitempty"`
	ParentID        string     `json:"parent_id,omitempty" doc:"The process that called this one"`
	ParentTaskID    string     `json:"parent_task_id,omitempty" doc:"The call's task in that process"`
	RootID          string     `json:"root_id,omitempty" doc:"The outermost process, of a process that was called"`
	IncidentsBelow  int        `json:"incidents_below,omitempty" doc:"Open incidents of the processes that this one has called, however indirectly"`
}

// ProcessLink names a process.
type ProcessLink struct {
	ID              string `json:"id"`
	CustomID        string `json:"custom_id"`
	Definition      string `json:"definition"`
	DefinitionTitle string `json:"definition_title"`
	Version         int    `json:"version"`
	State           string `json:"state" enum:"scheduled,running,suspended,incident,cancelling,completed,failed,cancelled"`
}

// NodeCounts says how many tasks of a node are in each state, with the number of its last run under last_run and,
// where some have been undone, how many under undone.
type NodeCounts map[string]int

// ProcessProgress is what moves while a process runs.
type ProcessProgress struct {
	Counts     map[string]int        `json:"counts" doc:"Task state → number of tasks"`
	Nodes      map[string]NodeCounts `json:"nodes" doc:"Node id → task state → number of tasks, and last_run; undone: how many runs have been undone"`
	TakenEdges []string              `json:"taken_edges" doc:"Ids of edges that a token took"`
	Carried    []string              `json:"carried,omitempty" doc:"Nodes whose outputs came from the process that this one replaces"`
	Whys       []Why                 `json:"whys,omitempty" doc:"What it waits for besides its tasks: its start, the end of a hold, branches at a join"`
}

// Process is one process with all that its page shows besides tasks.
type Process struct {
	ProcessSummary
	ProcessProgress
	Input         json.RawMessage `json:"input"`
	Output        json.RawMessage `json:"output,omitempty"`
	Seq           int64           `json:"seq" doc:"Sequence of its last event"`
	EndsBy        *time.Time      `json:"ends_by,omitempty" doc:"Of a process that runs and has a time limit: when it fails unless it has ended"`
	SuspendedBy   string          `json:"suspended_by,omitempty"`
	SuspendReason string          `json:"suspend_reason,omitempty"`
	Ancestors     []ProcessLink   `json:"ancestors,omitempty" doc:"Who has called it, the outermost process first"`
	Trigger       *ProcessTrigger `json:"trigger,omitempty" doc:"What started it; absent: created_by did"`
	Actions       ProcessActions  `json:"actions"`
}

// ProcessTrigger is what started a process when no person or program did.
type ProcessTrigger struct {
	Kind string    `json:"kind" enum:"schedule,message,webhook"`
	Node string    `json:"node,omitempty" doc:"The start event where it began"`
	Ref  string    `json:"ref,omitempty" doc:"Id of the schedule, the message or the request"`
	Name string    `json:"name,omitempty" doc:"Of the schedule, the message or the webhook"`
	At   time.Time `json:"at" doc:"When it was due, sent or received"`
}

// Action says whether an operation is possible now.
type Action struct {
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason,omitempty" doc:"Stable code, when it is not allowed"`
}

// ProcessActions are the operations on a process.
type ProcessActions struct {
	Cancel      Action `json:"cancel"`
	Restart     Action `json:"restart"`
	RestartFrom Action `json:"restart_from" doc:"Some nodes may be refused all the same: look at the plan"`
	Suspend     Action `json:"suspend"`
	Resume      Action `json:"resume"`
}

// ProcessGraph is the graph that a process runs.
type ProcessGraph struct {
	Document  Document   `json:"document"`
	NodeTypes []NodeType `json:"node_types"`
}

// StartedProcess answers a start.
type StartedProcess struct {
	ID       string `json:"id"`
	Existing bool   `json:"existing" doc:"The idempotency key was known: this process had been started before"`
}

// Change is one line of a process's history.
type Change struct {
	Kind    string          `json:"kind" doc:"process, task, node, edge, operation (a person's reason), restarted (from Node; Detail says what is hidden), carried (an output of the process that this one replaces), undo (Task begins to undo Detail.task) or ignored"`
	Task    string          `json:"task,omitempty"`
	Node    string          `json:"node,omitempty"`
	Run     int             `json:"run,omitempty"`
	Scope   string          `json:"scope,omitempty"`
	State   string          `json:"state,omitempty"`
	Attempt int             `json:"attempt,omitempty"`
	Epoch   int64           `json:"epoch,omitempty"`
	Edge    string          `json:"edge,omitempty"`
	Percent int             `json:"percent,omitempty"`
	Text    string          `json:"text,omitempty"`
	Code    string          `json:"code,omitempty"`
	Worker  string          `json:"worker,omitempty"`
	Actor   string          `json:"actor,omitempty"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

// Event is everything that one commit changed in a process.
type Event struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Changes []Change  `json:"changes"`
}

// Incident is a task that failed for good and holds its process.
type Incident struct {
	ProcessID       string    `json:"process_id"`
	CustomID        string    `json:"custom_id"`
	Definition      string    `json:"definition"`
	DefinitionTitle string    `json:"definition_title"`
	Version         int       `json:"version"`
	NodeID          string    `json:"node_id"`
	TaskID          string    `json:"task_id"`
	Code            string    `json:"code"`
	Message         string    `json:"message"`
	Group           string    `json:"group" doc:"The group of similar errors that it belongs to"`
	OpenedAt        time.Time `json:"opened_at"`
}

// IncidentGroups is a page of groups, the largest first.
type IncidentGroups struct {
	Items      []IncidentGroup `json:"items"`
	Incidents  int64           `json:"incidents" doc:"Open incidents that match, on all pages"`
	Groups     int64           `json:"groups" doc:"Groups, on all pages"`
	NextCursor string          `json:"next_cursor,omitempty"`
}

// IncidentGroup are the open incidents of one step of one definition whose errors are alike.
type IncidentGroup struct {
	Definition      string           `json:"definition"`
	DefinitionTitle string           `json:"definition_title"`
	NodeID          string           `json:"node_id"`
	NodeTitle       string           `json:"node_title"`
	Group           string           `json:"group"`
	Code            string           `json:"code"`
	Shape           string           `json:"shape" doc:"The message without what differs"`
	Message         string           `json:"message" doc:"Of the newest one"`
	Version         int              `json:"version" doc:"Of the newest one"`
	Count           int64            `json:"count"`
	FirstOpenedAt   time.Time        `json:"first_opened_at"`
	LastOpenedAt    time.Time        `json:"last_opened_at"`
	Trend           []int64          `json:"trend" doc:"How many of them were opened in each of the last 24 hours, the present one last"`
	Samples         []IncidentSample `json:"samples" doc:"The newest ones"`
}

// IncidentSample is one incident of a group.
type IncidentSample struct {
	ProcessID string    `json:"process_id"`
	TaskID    string    `json:"task_id"`
	CustomID  string    `json:"custom_id"`
	OpenedAt  time.Time `json:"opened_at"`
}

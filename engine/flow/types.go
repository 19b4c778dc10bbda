package flow

import (
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/timing"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// ProcessState is the stored state of a process; what people see is derived from it and the holds (see Process.Shown).
type ProcessState string

// The stored states of a process. Completed, failed and cancelled are terminal.
const (
	ProcessScheduled  ProcessState = "scheduled"
	ProcessRunning    ProcessState = "running"
	ProcessCancelling ProcessState = "cancelling"
	ProcessCompleted  ProcessState = "completed"
	ProcessFailed     ProcessState = "failed"
	ProcessCancelled  ProcessState = "cancelled"
)

// TaskState is the state of a task; the table of legal transitions is in transitions.go.
type TaskState string

// The states of a task. Completed, failed, skipped and cancelled are terminal.
const (
	TaskWaiting   TaskState = "waiting"  // for a timer, a message or a person
	TaskReady     TaskState = "ready"    // in Postgres's backlog
	TaskQueued    TaskState = "queued"   // in the Redis window
	TaskRunning   TaskState = "running"  // a worker reported its start
	TaskRetrying  TaskState = "retrying" // waits for the next attempt
	TaskIncident  TaskState = "incident" // failed for good, holds its process
	TaskCompleted TaskState = "completed"
	TaskFailed    TaskState = "failed"
	TaskSkipped   TaskState = "skipped"
	TaskCancelled TaskState = "cancelled"
)

// Process is the header of a process, as Advance sees it.
type Process struct {
	ID            string
	CustomID      string
	Definition    string
	Version       int
	State         ProcessState
	Suspended     bool
	OpenIncidents int
	Below         int // open incidents of the processes that this one has called, however indirectly; they hold nothing here
	Priority      int // 1 (urgent) to 5; 3 is the default
	StartedAt     time.Time
	EndedAt       *time.Time
	ErrorCode     string
	ErrorMessage  string
	Output        json.RawMessage
}

// ScopeKind is what a scope is the inside of.
type ScopeKind string

// The kinds of scope.
const (
	ScopeRoot  ScopeKind = "root"
	ScopeSub   ScopeKind = "sub"   // one run of a sub-process
	ScopeMulti ScopeKind = "multi" // the entries of a multi-instance activity
	ScopeUndo  ScopeKind = "undo"  // what has completed inside of an activity is undone here
	ScopePlan  ScopeKind = "plan"  // the tasks of a plan that a worker answered with
)

// Scope is one level of a process. The root's id is the process id; the id of any other is that of the task whose inside it is,
// and NodeID is that task's node.
type Scope struct {
	ID       string
	ParentID string
	Kind     ScopeKind
	NodeID   string
	Ended    bool
	State    ScopeState

	plan *blueprint // of ScopePlan, once read; it follows from Data.Outputs
}

// ScopeState is stored as JSON in the scope's row. Unknown fields of a newer release are dropped, missing ones are zero.
type ScopeState struct {
	Tokens int            `json:"tokens,omitempty"` // live tokens: open tasks, tokens waiting at joins, parked tokens
	Joins  map[string]int `json:"joins,omitempty"`  // edge id → tokens that wait there for their join
	Runs   map[string]int `json:"runs,omitempty"`   // node id → activations so far
	Parked []Parked       `json:"parked,omitempty"` // tokens that left their task while the process was held, oldest first
	// Pending are tokens on their way that a hold or the bound on steps stopped, oldest first.
	Pending []Pending         `json:"pending,omitempty"`
	Open    map[string]string `json:"open,omitempty"`   // open task id → node id
	Output  json.RawMessage   `json:"output,omitempty"` // what end events gave so far
	Inner   int               `json:"inner,omitempty"`  // of the root: how many live scopes there are besides it
	// Item is, in the sub-process of a multi-instance entry, the entry's index plus one.
	Item  int         `json:"item,omitempty"`
	Multi *MultiState `json:"multi,omitempty"` // of ScopeMulti
	// Epoch is, of a plan, that of the planning task since it answered: it tells the tasks of this plan from those of an earlier one.
	Epoch int64           `json:"epoch,omitempty"`
	Error json.RawMessage `json:"error,omitempty"` // what a boundary event of the scope caught last: {code, message}
	// Due are interruptions that a hold keeps from happening, oldest first.
	Due   []Interruption `json:"due,omitempty"`
	Fired map[string]int `json:"fired,omitempty"` // "task/boundary event" → how often its repeating timer has fired
	// Closing is, of the root, that the process ends in chunks: nothing in it counts any more.
	Closing *Closing          `json:"closing,omitempty"`
	Told    map[string]bool   `json:"told,omitempty"`   // calls whose child process has been told to end, while Closing
	Calls   map[string]string `json:"calls,omitempty"`  // open task of a call → the child process that it waits for
	Caller  *Caller           `json:"caller,omitempty"` // of the root: the call that began the process
	Holds   int               `json:"holds,omitempty"`  // of the root: how often its child processes were told that it is suspended or goes on
	Above   *Above            `json:"above,omitempty"`  // of the root: what the caller said last of its own suspension

	Undoable int            `json:"undoable,omitempty"` // how many records of what can be undone the scope has had: the number of the latest
	Undoing  []Undoing      `json:"undoing,omitempty"`  // compensations under way in the scope
	Undo     *UndoScope     `json:"undo,omitempty"`     // of ScopeUndo
	Reached  map[string]int `json:"reached,omitempty"`  // node whose latest run only undoes → the latest run that a token reached
	// Planned is, of the outermost of plans within plans, how many tasks all of them have had.
	Planned int `json:"planned,omitempty"`
}

// Above is the suspension of the process that called this one.
type Above struct {
	Held   bool   `json:"held,omitempty"`
	Seq    int    `json:"seq,omitempty"`  // which of the caller's words it is: an older one that comes later says nothing
	Self   bool   `json:"self,omitempty"` // while Held: this process is suspended by itself, too
	Actor  string `json:"actor,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// SuspendedByCaller tells whether nothing but the suspension of its caller holds a suspended process.
func (s *ScopeState) SuspendedByCaller() bool { return s.Above != nil && s.Above.Held && !s.Above.Self }

// MultiState counts the entries of a multi-instance activity. Entries are begun in order; Next is the index of the next one.
type MultiState struct {
	Total     int  `json:"total"`
	Next      int  `json:"next,omitempty"`
	Completed int  `json:"completed,omitempty"`
	Failed    int  `json:"failed,omitempty"`
	Tolerated int  `json:"tolerated,omitempty"` // how many may fail
	Over      bool `json:"over,omitempty"`      // the completion condition holds: nothing more begins
	// Again are the runs of entries that are to begin anew, in order; they count as under way. A run r is of the entry (r-1) % Total.
	Again []int `json:"again,omitempty"`
}

// Active is how many entries are under way.
func (m *MultiState) Active() int { return m.Next - m.Completed - m.Failed }

// Interruption is an interrupting boundary event that has happened to a task.
type Interruption struct {
	Task string `json:"task"`
	Node string `json:"node"` // the boundary event
}

// Parked is a token that waits for the end of a hold before it leaves its node. With an Error its task has failed, and a boundary
// event further out takes the token. Via says which way it goes on from an event-based gateway.
type Parked struct {
	Task  string      `json:"task"`
	Node  string      `json:"node"`
	Via   string      `json:"via,omitempty"`
	Error *wire.Error `json:"error,omitempty"`
}

// Pending is a token that has left one node and not yet arrived at the next: Edge says where it is. Node without Edge is a token
// that stands before Node (the start). Task is set when an open task of an engine-run node waits to be evaluated again; its
// token is counted with the open tasks.
type Pending struct {
	Edge string `json:"edge,omitempty"`
	Node string `json:"node,omitempty"`
	Task string `json:"task,omitempty"`
}

// Task is one activation of a node, as Advance sees it. Attempt is the number that a message of the task carries: 0 before its
// input could be built, 1 for the first run; in states retrying and incident it is the number of the run that failed. A run
// that was lost or handed back is repeated under the same number.
type Task struct {
	ID             string
	ScopeID        string
	NodeID         string
	Run            int // 1 for the node's first activation in the scope
	State          TaskState
	Epoch          int64 // fencing token, 1 for the first dispatch
	Attempt        int   // runs so far, the current or next one included; a message carries it as it is
	Losses         int   // losses in a row
	Input          json.RawMessage
	InputRev       int
	NodeType       string // name@major of a service task
	FirstStartedAt *time.Time
	CreatedAt      time.Time
	EndedAt        *time.Time
	Error          *wire.Error
	Hidden         bool // a restart has put another run in its place

	recorded bool // already in Effects.Created or Effects.Changed of this Advance
}

// State is what one Advance works on: the header, the live scopes with the tasks that they are the inside of, and the tasks that
// the event and its consequences touch. Advance changes it in place; the caller throws it away on error.
type State struct {
	Process *Process
	Scopes  map[string]*Scope
	Tasks   map[string]*Task
	Data    Data

	lists map[string][]any // by multi-instance scope: its list, decoded; nil when it is a number
}

// Data is what expressions may read: the process input and the latest output per (scope, node). The caller loads what
// Graph.Reads names; Advance adds the outputs that it makes.
type Data struct {
	Input   json.RawMessage
	Outputs map[OutputKey]json.RawMessage
	// Collected are the values that the entries of multi-instance scopes gave, by scope and run, where ReadsFor asks for them.
	Collected map[string]map[int]json.RawMessage
	Past      *Past // of EventRestart, where ReadsFor asks for it
	// Calendars are those that the graph's Calendars names; a missing one is not there.
	Calendars map[string]*timing.Calendar
	Undo      UndoData
}

// OutputKey names the latest output of a node in a scope. With an empty node it is what an entry of a multi-instance scope
// collected, or the plan of a scope that runs one.
type OutputKey struct{ Scope, Node string }

// EventKind says what happened.
type EventKind string

// The events that Advance understands.
const (
	EventStart     EventKind = "start"     // the process begins (at once, or its startAt came)
	EventStarted   EventKind = "started"   // a worker reports the start of an attempt
	EventProgress  EventKind = "progress"  //
	EventCompleted EventKind = "completed" // a worker's output
	EventFailed    EventKind = "failed"    // a worker's error
	EventHandback  EventKind = "handback"  // given back unrun or at shutdown: no attempt used
	EventLost      EventKind = "lost"      // its worker or its message is gone: no attempt used; the third in a row is an incident
	EventTimeout   EventKind = "timeout"   // Event.Timeout says which
	EventRetryDue  EventKind = "retry_due" // the backoff is over
	EventWithdrawn EventKind = "withdrawn" // its message was deleted from the window while the process is held
	EventRetry     EventKind = "retry"     // operator: retry an incident, or at once a retrying task; with Input: edited
	EventSkip      EventKind = "skip"      // operator: complete with Output
	EventCancel    EventKind = "cancel"    // operator: cancel the process
	EventSuspend   EventKind = "suspend"   //
	EventResume    EventKind = "resume"    //
	EventPriority  EventKind = "priority"  // operator: Event.Priority counts from now on
	EventTimer     EventKind = "timer"     // a time that Event.Node of a task waits for has come
	EventMessage   EventKind = "message"   // a message that Event.Node of a task waits for has come, with Output
	EventAnswer    EventKind = "answer"    // a person has completed a user task with Output
	EventFire      EventKind = "fire"      // operator: a time that Event.Node of a task waits for comes now
	EventEntry     EventKind = "entry"     // operator: an entry of a list, whose task is named, begins anew
	EventMigrate   EventKind = "migrate"   // operator: goes on in version Version; see Migrate
	EventRestart   EventKind = "restart"   // operator: everything in a scope is cancelled and one token stands before Node; see PlanRestart
	EventChild     EventKind = "child"     // a child process has ended, or could not begin
	EventBelow     EventKind = "below"     // the child processes have Count open incidents more
	EventLimit     EventKind = "limit"     // the time that the process may take is over; Epoch is the version whose limit it is
	EventContinue  EventKind = "continue"  // goes on after the bound on steps
)

// Event is one thing that happens to a process. At is Postgres's time of the transaction.
type Event struct {
	Kind    EventKind
	At      time.Time
	Task    string   // id, for events of a task
	Message string   // of EventMessage: the id under which it is kept, for the caller
	Node    string   // of EventTimer and EventMessage: the waiting event; the task's own node, an arm of its gateway, or on its border; of EventRestart: where to begin
	Scope   string   // of EventRestart: where Node is; empty: the only live scope that has it
	Carried *Carried // of EventRestart: what a new process takes over from the one that it replaces
	Epoch   int64    // must equal the task's for worker events and timers
	Attempt int
	Worker  string
	Output  json.RawMessage
	Plan    json.RawMessage // of EventCompleted: a wire.Plan instead of an output
	Input   json.RawMessage // edited input
	Patch   json.RawMessage // retry: a JSON merge patch over the input instead
	Error   *wire.Error
	Percent int
	Text    string
	Timeout string // "queue", "attempt", "total", "heartbeat"
	// RunMicros is how long the attempt ran, of EventCompleted and EventFailed; it dates the first start when no EventStarted came.
	RunMicros int64
	Reason    string
	Actor     string
	Priority  int // 1 to 5, of EventPriority
	Version   int // of EventMigrate
	// Child and Outcome are of EventChild: which process, and how it ended; no outcome: it could not begin, for the reason in Error.
	// An outcome other than completed comes with an Error, unless the child was cancelled.
	Child   string
	Outcome ProcessState
	Count   int     // of EventBelow; of EventSuspend and EventResume with a Caller: see Above.Seq
	Caller  *Caller // of EventStart: the call that begins the process; of EventCancel, EventSuspend, EventResume, EventPriority: its Process has told so
}

// Letter is what a process says to another one, written in the commit that says it and an event of the receiver later. With Called
// the receiver is a child process that is to begin with the event.
type Letter struct {
	To     string
	Event  Event
	Called *Called
}

// Effects is what the caller must write, besides the changed State.
type Effects struct {
	Ignored      string          // non-empty: the event was stale and changed nothing; the reason
	Created      []*Task         // new tasks, already in State.Tasks
	Changed      []*Task         // tasks of State.Tasks whose row changes, each once
	Outputs      []Output        // rows to insert
	Dispatch     []*Task         // tasks that are to be queued or put in the backlog now (their State is TaskReady)
	Backlog      []*Task         // tasks that are to be put in the backlog only, because the process is held (their State is TaskReady)
	Withdraw     []*Task         // queued tasks whose messages are to be taken back after the commit (a hold began); an open task that is not in State.Tasks is named by a stub with ID, ScopeID, NodeID and no State
	Stop         []*Task         // copies of the tasks whose worker is to be told to stop (cancelled, timed out), with the epoch that it knows
	Timers       []Timer         // rows to insert
	Closed       []string        // task ids whose incidents are closed; applied before Opened
	Opened       []Incident      // incidents to insert
	Log          []Change        // what the event row says, in order
	Waits        []Wait          // subscriptions and offers to people, to insert
	Unwait       []string        // ids of tasks that ended: their timers, subscriptions and offers go
	Ended        []*Scope        // inner scopes that ended; they are no longer in State.Scopes
	Files        []File          // values too large to be kept inline, to be stored before the commit
	Hidden       *Hidden         // what a restart hides: outputs that are read no more, tasks that count no more
	Letters      []Letter        // to other processes
	Undoable     []UndoRecord    // rows to insert
	Undone       []UndoStep      // what becomes of such rows, in order; applied after Undoable
	Continue     bool            // the bound on steps was reached: an inbox row "continue" is to be written
	ScopeDirty   map[string]bool // scopes whose row changes
	ProcessDirty bool            // the process row changes
}

// Output is one output row.
type Output struct {
	ScopeID string
	NodeID  string
	Run     int
	Body    json.RawMessage
}

// TimerKind is what a timer row wakes.
type TimerKind string

// The timers.
const (
	TimerRetry TimerKind = "retry"
	TimerStart TimerKind = "start"
	TimerQueue TimerKind = "queue"
	TimerTotal TimerKind = "total"
	TimerWait  TimerKind = "wait"
	TimerLimit TimerKind = "limit" // of the process; its epoch is the version whose limit it is
)

// Timer is one row of the timer table. It is stale when the task's epoch has moved on, except for total and wait.
type Timer struct {
	TaskID string // empty for start and limit
	Epoch  int64
	Kind   TimerKind
	Node   string // of wait: the event that waits, see Event.Node
	Due    time.Time
}

// WaitKind is what a task waits for besides the clock.
type WaitKind string

// The kinds of wait.
const (
	WaitMessage WaitKind = "message"
	WaitPerson  WaitKind = "person"
)

// Wait is something from outside that a task waits for.
type Wait struct {
	TaskID  string
	ScopeID string
	Kind    WaitKind
	Node    string // the event that waits, see Event.Node
	// Name and Key say which message; Many: one after another.
	Name, Key string
	Many      bool
	// Of a person: who may do it, and when it is late.
	Assignee string
	Groups   []string
	Due      *time.Time
}

// File is a value that is kept as a file, by the digest of its content.
type File struct {
	SHA256    string
	Name      string
	MediaType string
	Body      []byte
}

// Incident is a task that failed for good.
type Incident struct {
	TaskID  string
	NodeID  string
	Code    string
	Message string
}

// Change is one line of a process's history and of its live feed.
type Change struct {
	Kind    string          `json:"kind"` // "process", "task", "node", "edge", "progress", "operation" (a person's reason), "ignored", "below" (incidents of a child process)
	Task    string          `json:"task,omitempty"`
	Node    string          `json:"node,omitempty"`
	Run     int             `json:"run,omitempty"`
	Scope   string          `json:"scope,omitempty"`
	State   string          `json:"state,omitempty"`
	Attempt int             `json:"attempt,omitempty"`
	Epoch   int64           `json:"epoch,omitempty"`
	Edge    string          `json:"edge,omitempty"` // kind "edge": a token took it
	Percent int             `json:"percent,omitempty"`
	Text    string          `json:"text,omitempty"`
	Code    string          `json:"code,omitempty"`
	Worker  string          `json:"worker,omitempty"`
	Actor   string          `json:"actor,omitempty"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

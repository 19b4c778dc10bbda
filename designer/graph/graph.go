// Package graph is the pure model of a process definition: nodes, sequence flows and their layout, with BPMN 2.0 names.
//
// It knows nothing of storage, transport, expressions or time, does no I/O, and imports only the standard library.
package graph

import "encoding/json"

// SchemaVersion is the version of the document format that this package reads and writes.
const SchemaVersion = 1

// Kind names what a node is, in BPMN 2.0 words.
type Kind string

// The kinds of node that a document may hold.
const (
	KindStartEvent        Kind = "start_event"
	KindEndEvent          Kind = "end_event"
	KindServiceTask       Kind = "service_task"
	KindScriptTask        Kind = "script_task"
	KindUserTask          Kind = "user_task"
	KindDecisionTask      Kind = "decision_task" // BPMN's business rule task
	KindCallActivity      Kind = "call_activity"
	KindSubProcess        Kind = "sub_process"
	KindExclusiveGateway  Kind = "exclusive_gateway"
	KindInclusiveGateway  Kind = "inclusive_gateway"
	KindParallelGateway   Kind = "parallel_gateway"
	KindEventGateway      Kind = "event_gateway"
	KindTimerEvent        Kind = "timer_event"        // an intermediate event that waits for a time
	KindMessageEvent      Kind = "message_event"      // an intermediate event that waits for a message
	KindCompensationEvent Kind = "compensation_event" // an intermediate event that undoes what its scope has done
	KindBoundaryEvent     Kind = "boundary_event"
)

// Kinds lists every kind, as the palette does.
var Kinds = []Kind{
	KindStartEvent, KindEndEvent, KindServiceTask, KindScriptTask, KindUserTask, KindDecisionTask, KindCallActivity, KindSubProcess,
	KindExclusiveGateway, KindInclusiveGateway, KindParallelGateway, KindEventGateway,
	KindTimerEvent, KindMessageEvent, KindCompensationEvent, KindBoundaryEvent,
}

// Activity tells whether nodes of the kind do something that may fail, take time, be repeated for a list or carry boundary
// events (BPMN 2.0.2 §10.3).
func (k Kind) Activity() bool {
	switch k {
	case KindServiceTask, KindScriptTask, KindUserTask, KindDecisionTask, KindCallActivity, KindSubProcess:
		return true
	default:
		return false
	}
}

// Splits tells whether the flows that leave nodes of the kind have conditions and a default.
func (k Kind) Splits() bool { return k == KindExclusiveGateway || k == KindInclusiveGateway }

// Document is one definition's graph as people edit it and as a version stores it. Layout, Notes and Extensions are
// outside a version's checksum: changing them is no change of meaning.
type Document struct {
	Schema     int                        `json:"schema"`
	Nodes      []Node                     `json:"nodes"`
	Edges      []Edge                     `json:"edges"`
	Layout     Layout                     `json:"layout"`
	Notes      []Note                     `json:"notes,omitempty"`
	Extensions map[string]json.RawMessage `json:"extensions,omitempty"`
}

// Node is one step. Exactly the member that its kind names is present: start_event has Start, end_event has End, service_task
// has Service, script_task has Script, user_task has User, decision_task has Decision, call_activity has Call, timer_event has
// Timer, message_event has Message, boundary_event has Boundary; gateways, sub_process and compensation_event have none.
//
// Parent is the sub_process that the node lies in, empty at the top. Multi repeats an activity for a list. UndoneBy names the
// activity of the same level that compensates this one (BPMN's boundary compensation event and its association); no sequence flow
// leads to or from that handler, and its expressions see what is undone as "undone". Undoes, of a compensation_event or a
// compensating end, names the activity of the same level whose runs are undone; empty: all that has completed in the level.
type Node struct {
	ID       string         `json:"id"`
	Kind     Kind           `json:"kind"`
	Title    string         `json:"title"`
	Doc      string         `json:"doc,omitempty"`
	Parent   string         `json:"parent,omitempty"`
	Start    *StartEvent    `json:"start,omitempty"`
	End      *EndEvent      `json:"end,omitempty"`
	Service  *ServiceTask   `json:"service,omitempty"`
	Script   *ScriptTask    `json:"script,omitempty"`
	User     *UserTask      `json:"user,omitempty"`
	Decision *DecisionTask  `json:"decision,omitempty"`
	Call     *CallActivity  `json:"call,omitempty"`
	Timer    *Timer         `json:"timer,omitempty"`
	Message  *Message       `json:"message,omitempty"`
	Boundary *BoundaryEvent `json:"boundary,omitempty"`
	Multi    *Multi         `json:"multi,omitempty"`
	UndoneBy string         `json:"undone_by,omitempty"`
	Undoes   string         `json:"undoes,omitempty"`
}

// Value is a field of a node's configuration: a JSON literal, or a string that is a text template ("Dear {{input.name}}")
// or an expression ("=tasks.check.valid"); "==x" is the literal "=x". Strings inside arrays and objects follow the same rule.
type Value = json.RawMessage

// ServiceTask calls a node type. Input maps its input fields to values. Result, when present, maps names to values
// evaluated with the worker's output in scope as "result" and replaces the output. With Plan the worker may answer with a plan
// of tasks, which the engine runs and whose result is then the output.
type ServiceTask struct {
	Type     string           `json:"type"`
	Plan     bool             `json:"plan,omitempty"`
	Input    map[string]Value `json:"input,omitempty"`
	Result   map[string]Value `json:"result,omitempty"`
	Retry    *RetryPolicy     `json:"retry,omitempty"`
	Timeouts *Timeouts        `json:"timeouts,omitempty"`
}

// ScriptTask builds an object from expressions, in the engine.
type ScriptTask struct {
	Output map[string]Value `json:"output"`
}

// Backoff is how the pause between attempts grows.
type Backoff string

// The backoffs: constant, initial×n, initial×factor^(n-1).
const (
	BackoffFixed       Backoff = "fixed"
	BackoffLinear      Backoff = "linear"
	BackoffExponential Backoff = "exponential"
)

// RetryPolicy says whether a failed attempt is followed by another. The engine alone applies it. Zero values mean the
// defaults of DefaultRetry.
type RetryPolicy struct {
	MaxAttempts    int      `json:"max_attempts,omitempty"`     // total number of runs, 1 to 100
	Backoff        Backoff  `json:"backoff,omitempty"`          //
	InitialMS      int64    `json:"initial_ms,omitempty"`       // first pause
	Factor         float64  `json:"factor,omitempty"`           // of exponential, at least 1
	CapMS          int64    `json:"cap_ms,omitempty"`           // no pause is longer
	Jitter         float64  `json:"jitter,omitempty"`           // 0 to 1: a pause is shortened by up to this share
	TotalMS        int64    `json:"total_ms,omitempty"`         // no retry later than this after the first start
	RetryCodes     []string `json:"retry_codes,omitempty"`      // when present only these are retried; "A." covers the family "A.B"
	DontRetryCodes []string `json:"dont_retry_codes,omitempty"` // wins over RetryCodes
}

// Timeouts of a service task, in milliseconds; 0 means none (queue wait, total, heartbeat) or the default (attempt).
type Timeouts struct {
	QueueMS     int64 `json:"queue_ms,omitempty"`     // from ready to the first start
	AttemptMS   int64 `json:"attempt_ms,omitempty"`   // one attempt; default 1 hour
	TotalMS     int64 `json:"total_ms,omitempty"`     // from the first start over all attempts
	HeartbeatMS int64 `json:"heartbeat_ms,omitempty"` // longest silence of the handler (progress, log or heartbeat)
}

// Edge is a sequence flow. Condition (an expression beginning with "=") and Default are for edges that leave an exclusive
// or inclusive gateway.
type Edge struct {
	ID        string `json:"id"`
	From      string `json:"from"`
	To        string `json:"to"`
	Title     string `json:"title,omitempty"`
	Condition string `json:"condition,omitempty"`
	Default   bool   `json:"default,omitempty"`
}

// Layout is where the author put things, in canvas pixels: top left corners.
type Layout struct {
	Nodes  map[string]Point `json:"nodes,omitempty"`
	Frames []Frame          `json:"frames,omitempty"`
}

// Frame is a titled box that is drawn around some nodes of one level (BPMN's group). It has no place of its own: it encloses its
// nodes, each of which is in one frame at most.
type Frame struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Color string   `json:"color,omitempty"`
	Nodes []string `json:"nodes"`
}

// Point is a place on the canvas.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Note is a markdown remark on the canvas, in the sub-process Parent or, when that is empty, beside the process itself.
type Note struct {
	ID     string  `json:"id"`
	Text   string  `json:"text"`
	Parent string  `json:"parent,omitempty"`
	Color  string  `json:"color,omitempty"`
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Package wire holds the messages between engine and workers, and the names of the Redis keys they travel through.
//
// It imports only the standard library. Every message carries a version; readers ignore unknown fields, and each release
// reads and writes what the one before wrote.
package wire

import "encoding/json"

// Version of the messages that this release writes.
const Version = 1

// Task is the payload of one asynq message: all that a worker needs for one attempt.
type Task struct {
	V           int             `json:"v"`
	Process     string          `json:"p"`
	Task        string          `json:"t"`
	Epoch       int64           `json:"e"`
	Attempt     int             `json:"a"`           // 1 for the first run
	NodeType    string          `json:"n"`           // name@major
	CustomID    string          `json:"c,omitempty"` // of the process
	Node        string          `json:"d,omitempty"` // node id in the graph
	Input       json.RawMessage `json:"i,omitempty"` // up to 32 KiB, else absent and fetched over HTTP
	InputRef    string          `json:"r,omitempty"` // set when the input is fetched: /api/v1/work/inputs/{ref}
	InputRev    int             `json:"v2,omitempty"`
	AttemptMS   int64           `json:"to,omitempty"` // attempt timeout
	HeartbeatMS int64           `json:"hb,omitempty"` // heartbeat timeout
	Trace       string          `json:"tr,omitempty"` // W3C traceparent
}

// ReportKind says what a Report tells.
type ReportKind string

// The kinds of report.
const (
	ReportStarted   ReportKind = "started"  // sent only when the attempt still runs after 200 ms
	ReportProgress  ReportKind = "progress" // progress and log lines since the last one
	ReportCompleted ReportKind = "completed"
	ReportFailed    ReportKind = "failed"
	ReportHandback  ReportKind = "handback" // not run, or given back at shutdown: uses no attempt
)

// ErrorClass tells a business error from a technical failure.
type ErrorClass string

// The classes of error.
const (
	ErrorBusiness  ErrorClass = "business"
	ErrorRetryable ErrorClass = "retryable"
	ErrorPermanent ErrorClass = "permanent"
	ErrorTimeout   ErrorClass = "timeout"
)

// Report is what a worker says of one attempt, one entry of a result stream.
type Report struct {
	V         int             `json:"v"`
	Kind      ReportKind      `json:"k"`
	Process   string          `json:"p"`
	Task      string          `json:"t"`
	Epoch     int64           `json:"e"`
	Attempt   int             `json:"a"`
	Worker    string          `json:"w"`
	Pool      string          `json:"q"`
	NodeType  string          `json:"n"`
	Output    json.RawMessage `json:"o,omitempty"`  // up to 256 KiB
	Plan      json.RawMessage `json:"pl,omitempty"` // a Plan, of completed, in place of an output; up to 256 KiB
	Error     *Error          `json:"x,omitempty"`
	Progress  *Progress       `json:"g,omitempty"`
	Log       string          `json:"l,omitempty"`  // whole log of the attempt for completed and failed; new lines for progress
	RunMicros int64           `json:"rm,omitempty"` // monotonic duration of the handler
}

// Error is why an attempt failed.
type Error struct {
	Class        ErrorClass `json:"class"`
	Code         string     `json:"code"`
	Message      string     `json:"message"`
	Stack        string     `json:"stack,omitempty"`
	RetryAfterMS int64      `json:"retry_after_ms,omitempty"`
}

// Progress is how far a handler has come: 0 to 100 and a text.
type Progress struct {
	Percent int    `json:"percent"`
	Text    string `json:"text,omitempty"`
}

// Beat is what a worker writes every 2 s into the workers hash under its id.
type Beat struct {
	V         int          `json:"v"`
	Worker    string       `json:"worker"` // host-pid-random
	Pool      string       `json:"pool"`
	Seq       int64        `json:"seq"` // grows with each beat
	Host      string       `json:"host"`
	PID       int          `json:"pid"`
	Version   string       `json:"version"`
	Slots     int          `json:"slots"`
	Holds     []string     `json:"holds"` // asynq task ids "task.epoch"
	StartedMS int64        `json:"started_ms"`
	Draining  bool         `json:"draining,omitempty"`
	Orders    bool         `json:"orders,omitempty"`   // it obeys a Drain
	Returns   bool         `json:"returns,omitempty"`  // and one that is taken back
	Waiting   bool         `json:"waiting,omitempty"`  // takes no tasks: for want of a verdict, or because every type is refused
	DebugMS   int64        `json:"debug_ms,omitempty"` // silence pledged by --debug
	Types     []Descriptor `json:"types"`
}

// Drain orders one worker to take no more tasks and to go when it has finished what it has; or, as Back, to take tasks again. That no
// order is there says nothing: Redis may have lost it.
type Drain struct {
	V        int   `json:"v"`
	Back     bool  `json:"back,omitempty"`      // the order is taken back; only for workers whose beat says Returns
	Stay     bool  `json:"stay,omitempty"`      // the process does not end
	WithinMS int64 `json:"within_ms,omitempty"` // what still runs then is handed back; 0: it may take its time
}

// Refusal is a descriptor that the catalog did not accept; the engine writes it, the worker logs it.
type Refusal struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

// Text is a text in both languages of the product.
type Text struct {
	EN string `json:"en"`
	RU string `json:"ru"`
}

// Descriptor announces a node type: what the palette, the form and the checks need.
type Descriptor struct {
	Name         string          `json:"name"`  // "document.inspect"
	Major        int             `json:"major"` // 1
	Title        Text            `json:"title"`
	Doc          Text            `json:"doc"`
	Category     Text            `json:"category"`
	Icon         string          `json:"icon"` // a Tabler icon name
	InputSchema  json.RawMessage `json:"input_schema"`
	OutputSchema json.RawMessage `json:"output_schema"`
	Errors       []ErrorCode     `json:"errors,omitempty"` // business errors it may answer with
	SideEffects  bool            `json:"side_effects,omitempty"`
	Hash         string          `json:"hash"` // sha256 over the rest, canonical JSON
}

// ErrorCode documents one business error of a node type.
type ErrorCode struct {
	Code  string `json:"code"`
	Title Text   `json:"title"`
}

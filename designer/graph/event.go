package graph

import (
	"encoding/json"
	"slices"
)

// StartKind is what begins a process at a start event.
type StartKind string

// The kinds of start. A document has at most one manual start.
const (
	StartManual   StartKind = "manual" // a person or the API; also the zero value
	StartSchedule StartKind = "schedule"
	StartMessage  StartKind = "message"
	StartWebhook  StartKind = "webhook"
)

// StartEvent begins a process or, inside a sub-process, its scope. InputSchema is a JSON Schema 2020-12 object that every start's
// input must satisfy; it also draws the start form. Files are objects with format "file". SearchKeys are up to 5 top-level input
// fields. With OneActive a start is refused while a process of the definition with the same customId has not ended. TimeLimitMS is how
// long a process may take from its beginning, in milliseconds: then it fails, whatever holds it; 0 is no limit. These four are of the
// process, and the start that Document.InputStart finds alone has them.
//
// Schedule, Message and Webhook are of the kinds that they are named after. Of message and webhook, Input maps the fields of the
// process input to values, which see what came as "input"; without it, what came is the input. CustomID is a text (a literal, a
// template or an expression) that sees the process input and is of every kind but manual; a message's default is its key.
type StartEvent struct {
	Kind        StartKind        `json:"kind,omitempty"`
	InputSchema json.RawMessage  `json:"input_schema,omitempty"`
	SearchKeys  []string         `json:"search_keys,omitempty"`
	OneActive   bool             `json:"one_active,omitempty"`
	TimeLimitMS int64            `json:"time_limit_ms,omitempty"`
	Schedule    *Schedule        `json:"schedule,omitempty"`
	Message     string           `json:"message,omitempty"`
	Webhook     *Webhook         `json:"webhook,omitempty"`
	Input       map[string]Value `json:"input,omitempty"`
	CustomID    string           `json:"custom_id,omitempty"`
}

// Manual tells whether people and the API begin a process here.
func (s *StartEvent) Manual() bool { return s == nil || s.Kind == "" || s.Kind == StartManual }

// InputStart is the start event that describes the input of the process: the one that people and the API use, else the first that
// has an input schema, else the first. It is -1 when there is none.
func (d *Document) InputStart() int {
	first, described := -1, -1
	for i := range d.Nodes {
		n := &d.Nodes[i]
		switch {
		case n.Kind != KindStartEvent || n.Parent != "":
			continue
		case n.Start.Manual():
			return i
		case first < 0:
			first = i
		}
		if described < 0 && len(n.Start.InputSchema) > 0 {
			described = i
		}
	}
	if described >= 0 {
		return described
	}
	return first
}

// Schedule starts processes by the clock. Cron has five fields, Zone is an IANA name (default UTC). Input is what each start gets.
type Schedule struct {
	Cron  string           `json:"cron"`
	Zone  string           `json:"zone,omitempty"`
	Input map[string]Value `json:"input,omitempty"`
}

// WebhookCheck is how a caller of a webhook proves itself.
type WebhookCheck string

// The checks: a signature of the body, or a path that nobody can guess.
const (
	WebhookHMAC WebhookCheck = "hmac"
	WebhookPath WebhookCheck = "path"
)

// Webhook starts a process by an HTTP request. Secret is the name of the secret that signs ("secret://name") and of hmac only.
type Webhook struct {
	Check  WebhookCheck `json:"check"`
	Secret string       `json:"secret,omitempty"`
}

// EndKind is what an end event does with its scope (BPMN 2.0.2 §10.5.3).
type EndKind string

// The end events.
const (
	EndNone       EndKind = "none"
	EndError      EndKind = "error"
	EndTerminate  EndKind = "terminate"
	EndCompensate EndKind = "compensate"
)

// EndEvent ends a path. Code and Message are of error ends; Message is a value. Output maps the names of the output of the process
// or sub-process to values; the last end that gives one wins, field by field.
type EndEvent struct {
	Kind    EndKind          `json:"kind"`
	Code    string           `json:"code,omitempty"`
	Message string           `json:"message,omitempty"`
	Output  map[string]Value `json:"output,omitempty"`
}

// TimerKind is how a timer says when.
type TimerKind string

// The kinds of timer.
const (
	TimerDuration TimerKind = "duration" // ISO 8601: PT15M, P1DT12H
	TimerDate     TimerKind = "date"     // RFC 3339, or a date or local time in Zone
	TimerCron     TimerKind = "cron"     // five fields, in Zone

	TimerWorkingDays TimerKind = "working_days" // a whole number of working days of Calendar
)

// Timer is a moment. Value is a text: a literal, a template or an expression. Zone is an IANA name, default UTC. Calendar, the key
// of a calendar (default: the one named "default"), and At, a time of the last day ("18:00"; "24:00" is its end; default: the time of
// day at which the timer is set), are of working days, which are counted in the calendar's own zone.
type Timer struct {
	Kind     TimerKind `json:"kind"`
	Value    string    `json:"value"`
	Zone     string    `json:"zone,omitempty"`
	Calendar string    `json:"calendar,omitempty"`
	At       string    `json:"at,omitempty"`
}

// timers lists the moments that a node waits for or is measured by.
func (n *Node) timers() []*Timer {
	all := []*Timer{n.Timer}
	if n.Boundary != nil {
		all = append(all, n.Boundary.Timer)
	}
	if n.User != nil {
		all = append(all, n.User.Due, n.User.Escalate)
	}
	return all
}

// Calendars lists the calendars in which the document counts working days, each once; one that is not named is the empty key.
func (d *Document) Calendars() []string {
	var keys []string
	for i := range d.Nodes {
		for _, t := range d.Nodes[i].timers() {
			if t != nil && t.Kind == TimerWorkingDays && !slices.Contains(keys, t.Calendar) {
				keys = append(keys, t.Calendar)
			}
		}
	}
	return keys
}

// Message is what a message must carry to be taken here: a name, and a key that Key (a text: literal, template or expression)
// gives when the wait begins.
type Message struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

// BoundaryKind is what a boundary event waits for.
type BoundaryKind string

// The kinds of boundary event.
const (
	BoundaryError   BoundaryKind = "error"
	BoundaryTimer   BoundaryKind = "timer"
	BoundaryMessage BoundaryKind = "message"
)

// BoundaryEvent waits while the activity On runs (BPMN 2.0.2 §10.5.4). Unless KeepsRunning, it ends the activity when it happens;
// an error always does. Codes are of errors: "A" covers "A" and the family "A.B", none catches every business error. Technical
// also catches a technical failure after its last attempt. Times bounds how often a cron timer that keeps the activity running
// fires, 0 is no bound.
type BoundaryEvent struct {
	On           string       `json:"on"`
	Kind         BoundaryKind `json:"kind"`
	KeepsRunning bool         `json:"keeps_running,omitempty"`
	Codes        []string     `json:"codes,omitempty"`
	Technical    bool         `json:"technical,omitempty"`
	Timer        *Timer       `json:"timer,omitempty"`
	Times        int          `json:"times,omitempty"`
	Message      *Message     `json:"message,omitempty"`
}

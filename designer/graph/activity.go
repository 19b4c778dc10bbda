package graph

import "encoding/json"

// MaxMultiLimit is the most entries of a list that an author may let run at a time.
const MaxMultiLimit = 1000

// Multi repeats an activity, once for each entry of a list (BPMN 2.0.2 §10.3.8). Items gives the list or, as a whole number n, the
// numbers from 0 to n-1; it is evaluated once, when the activity is reached.
type Multi struct {
	Items      Value `json:"items"`
	Sequential bool  `json:"sequential,omitempty"`
	Limit      int   `json:"limit,omitempty"` // most entries at a time; 0 leaves it to the engine
	// Until is a condition (beginning with "=") that ends the activity early; "result" has total, completed, failed and active.
	Until string `json:"until,omitempty"`
	// Tolerated is how many entries may fail for good without an incident: a number, or with "%" a share of the list.
	Tolerated string `json:"tolerated,omitempty"`
	// Collect is a value, evaluated as an entry ends with its output in scope as "result"; the values make the list "values".
	Collect Value `json:"collect,omitempty"`
}

// CallFailure is what becomes of a call whose child process ends without success and is caught by no boundary event.
type CallFailure string

// The policies.
const (
	CallIncident CallFailure = "incident" // also the zero value
	CallContinue CallFailure = "continue" // the output is {state, error}
)

// CallActivity runs another definition as a child process. Version 0 is the latest one when the call begins. CustomID is a text
// (a literal, a template or an expression), the caller's own when empty.
type CallActivity struct {
	Definition string           `json:"definition"`
	Version    int              `json:"version,omitempty"`
	Input      map[string]Value `json:"input,omitempty"`
	CustomID   string           `json:"custom_id,omitempty"`
	OnFailure  CallFailure      `json:"on_failure,omitempty"`
}

// UserTask asks a person. Form is a JSON Schema 2020-12 object that the answer must satisfy and that draws the form; Input is what
// the form shows. Assignee and each of Groups are texts. Due is a moment after which the task is marked late; at Escalate it is
// offered to EscalateTo as well.
type UserTask struct {
	Form       json.RawMessage  `json:"form,omitempty"`
	Input      map[string]Value `json:"input,omitempty"`
	Groups     []string         `json:"groups,omitempty"`
	Assignee   string           `json:"assignee,omitempty"`
	Due        *Timer           `json:"due,omitempty"`
	Escalate   *Timer           `json:"escalate,omitempty"`
	EscalateTo []string         `json:"escalate_to,omitempty"`
}

// HitPolicy is how many rules of a decision table may hold (DMN 1.3 §8.2.8).
type HitPolicy string

// The hit policies.
const (
	HitUnique  HitPolicy = "unique"  // at most one rule holds
	HitFirst   HitPolicy = "first"   // the first that holds counts
	HitAny     HitPolicy = "any"     // several may hold when they agree
	HitCollect HitPolicy = "collect" // each output is a list of what the rules that hold give
)

// DecisionTask is a decision table. Inputs are expressions (beginning with "="), one for each column. A rule holds when each of its
// cells does; its Then gives the outputs.
type DecisionTask struct {
	Hit     HitPolicy      `json:"hit"`
	Inputs  []string       `json:"inputs"`
	Outputs []string       `json:"outputs"`
	Rules   []DecisionRule `json:"rules"`

	// What the columns are called and hold, by place; shorter lists say nothing of the rest. They decide nothing.
	InputColumns  []DecisionColumn `json:"input_columns,omitempty"`
	OutputColumns []DecisionColumn `json:"output_columns,omitempty"`
}

// DecisionColumn describes a column of a table to people and to the checks of its cells.
type DecisionColumn struct {
	Name string     `json:"name,omitempty"` // of an input; an output has its own
	Type ColumnType `json:"type,omitempty"` // empty: what the data's schema says, or anything
}

// ColumnType is what the values of a column are.
type ColumnType string

// The types of columns.
const (
	ColumnText    ColumnType = "text"
	ColumnNumber  ColumnType = "number"
	ColumnInteger ColumnType = "integer"
	ColumnBoolean ColumnType = "boolean"
	ColumnDate    ColumnType = "date" // a text such as 2026-01-31
)

// DecisionRule is one row. When has a cell for each input: "" or "-" always holds, "> 5", ">= 5", "< 5", "<= 5", "!= 5" compare,
// "1..5" is a range with both ends, a comma separates alternatives, anything else is a literal to be equal to. A cell that begins
// with "=" is a condition of its own. Then has a value for each output.
type DecisionRule struct {
	When []string `json:"when"`
	Then []Value  `json:"then"`
}

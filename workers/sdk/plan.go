package sdk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Plan is an answer that is no output: tasks that the engine runs in place of it. A handler returns it as
//
//	return Output{}, sdk.Plan{Tasks: …, Result: "sum"}.Answer()
//
// The step that called the node must be drawn to allow it ("may answer with a plan"), unless it is itself a task of a plan. The engine
// checks the plan: 1 to 200 tasks, known node types, inputs that fit them, no circle. A plan that does not pass is a failure that no
// retry mends. What comes of the plan takes the place of the handler's output.
type Plan struct {
	Tasks []PlanTask
	// Result names the task whose output is that of the plan; empty: an object of all outputs, by name.
	Result string
}

// PlanTask is one task of a plan. It begins when every task that it waits for has ended: those in After, and those whose outputs its
// input takes.
type PlanTask struct {
	Name  string // a lower-case letter and up to 62 letters, digits and underscores
	Type  string // name@major
	Title string // how people see it; default Name
	// Input is given to the node. A value may be whatever has a JSON form; texts are given as they are. OutputOf and Expression,
	// wherever they stand in it, are replaced when the task begins.
	Input    map[string]any
	After    []string
	Retry    *Retry    // nil: the engine's default, 5 attempts
	Timeouts *Timeouts // nil: an attempt ends after an hour, nothing else is bounded
}

// Retry is a retry policy; zero values mean the engine's defaults.
type Retry struct {
	MaxAttempts    int      `json:"max_attempts,omitempty"` // runs in all, 1 to 100
	Backoff        string   `json:"backoff,omitempty"`      // fixed, linear or exponential
	InitialMS      int64    `json:"initial_ms,omitempty"`
	Factor         float64  `json:"factor,omitempty"`
	CapMS          int64    `json:"cap_ms,omitempty"`
	Jitter         float64  `json:"jitter,omitempty"`
	TotalMS        int64    `json:"total_ms,omitempty"`
	RetryCodes     []string `json:"retry_codes,omitempty"`
	DontRetryCodes []string `json:"dont_retry_codes,omitempty"`
}

// Timeouts are in milliseconds; zero values mean the engine's defaults.
type Timeouts struct {
	QueueMS     int64 `json:"queue_ms,omitempty"`
	AttemptMS   int64 `json:"attempt_ms,omitempty"`
	TotalMS     int64 `json:"total_ms,omitempty"`
	HeartbeatMS int64 `json:"heartbeat_ms,omitempty"`
}

// Ref is a value that is known when a task of a plan begins.
type Ref struct{ source string }

const refKey = "$expression"

// MarshalJSON marks the place of the value.
func (r Ref) MarshalJSON() ([]byte, error) { return json.Marshal(map[string]string{refKey: r.source}) }

// OutputOf is the output of another task of the plan or, with a path, a field of it: OutputOf("fetch", "body", "id").
func OutputOf(task string, path ...string) Ref {
	var b strings.Builder
	b.WriteString("tasks." + task)
	for _, part := range path {
		quoted, err := json.Marshal(part)
		if err != nil {
			quoted = []byte(`""`)
		}
		b.WriteString("[" + string(quoted) + "]")
	}
	return Ref{b.String()}
}

// Expression is computed when the task begins: tasks.<name> is the output of another task of the plan, input is what the planning
// task was given. Write it without the leading "=".
func Expression(source string) Ref { return Ref{source} }

// planned carries a plan from a handler to its host.
type planned struct{ raw json.RawMessage }

// Error says what it is, where somebody takes it for a failure.
func (p *planned) Error() string { return "the handler answered with a plan" }

// Answer makes the plan what a handler returns in the place of an error; it is none. A plan without a JSON form is a permanent error.
func (p Plan) Answer() error {
	raw, err := p.encode()
	if err != nil {
		return &Error{Class: wire.ErrorPermanent, Code: CodeOutputInvalid, Message: err.Error(), Err: err}
	}
	return &planned{raw}
}

// PlanOf returns the plan that a handler answered with, as the engine is given it; false when err is none.
func PlanOf(err error) (json.RawMessage, bool) {
	var p *planned
	if errors.As(err, &p) {
		return p.raw, true
	}
	return nil, false
}

func (p Plan) encode() (json.RawMessage, error) {
	out := wire.Plan{Tasks: make([]wire.PlanTask, len(p.Tasks)), Result: p.Result}
	for i, t := range p.Tasks {
		task := wire.PlanTask{Name: t.Name, Type: t.Type, Title: t.Title, After: t.After, Input: make(map[string]json.RawMessage, len(t.Input))}
		for field, value := range t.Input {
			raw, err := planValue(value)
			if err != nil {
				return nil, fmt.Errorf("input field %s of task %s has no JSON form: %w", field, t.Name, err)
			}
			task.Input[field] = raw
		}
		for _, part := range []struct {
			set   bool
			value any
			into  *json.RawMessage
		}{{t.Retry != nil, t.Retry, &task.Retry}, {t.Timeouts != nil, t.Timeouts, &task.Timeouts}} {
			if !part.set {
				continue
			}
			raw, err := json.Marshal(part.value)
			if err != nil {
				return nil, fmt.Errorf("a number of task %s has no JSON form: %w", t.Name, err)
			}
			*part.into = raw
		}
		out.Tasks[i] = task
	}
	return json.Marshal(out)
}

// planValue writes a value so that texts stay what they are: one that begins with "=" would be an expression, one with "{{" a template.
func planValue(value any) (json.RawMessage, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(raw, []byte(`"=`)) && !bytes.Contains(raw, []byte(`{{`)) && !bytes.Contains(raw, []byte(refKey)) && !bytes.Contains(raw, []byte(`\`)) {
		return raw, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, err
	}
	return json.Marshal(plain(decoded))
}

func plain(value any) any {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "{{") {
			quoted, err := json.Marshal(v)
			if err != nil {
				return v
			}
			return "=" + string(quoted)
		}
		if strings.HasPrefix(v, "=") {
			return "=" + v
		}
		return v
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	case map[string]any:
		if source, is := v[refKey].(string); is && len(v) == 1 {
			return "=" + source
		}
		for name := range v {
			v[name] = plain(v[name])
		}
		return v
	default:
		return value
	}
}

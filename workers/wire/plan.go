package wire

import "encoding/json"

// Plan is an answer that is no output: tasks that the engine is to run in place of it. The result of the plan is the task's output:
// that of the task named by Result or, without one, an object of all outputs by name.
type Plan struct {
	Tasks  []PlanTask `json:"tasks"`
	Result string     `json:"result,omitempty"`
}

// PlanTask is one task of a plan. Name is a lower-case letter and up to 62 letters, digits and underscores, different from those of the
// others. A field of Input is a value as in a definition: a literal, a template, or an expression that begins with "=", in which
// tasks.<name> is the output of another task of the plan and input is what the planning task was given. The task begins when those
// that it names, there and in After, have ended. Retry and Timeouts are as in a definition (max_attempts, backoff, attempt_ms …).
type PlanTask struct {
	Name     string                     `json:"name"`
	Type     string                     `json:"type"` // name@major
	Title    string                     `json:"title,omitempty"`
	Input    map[string]json.RawMessage `json:"input,omitempty"`
	After    []string                   `json:"after,omitempty"`
	Retry    json.RawMessage            `json:"retry,omitempty"`
	Timeouts json.RawMessage            `json:"timeouts,omitempty"`
	// Answer is of the engine alone: what the task answers in a test run, where it must not be run.
	Answer json.RawMessage `json:"answer,omitempty"`
}

package httpapi

import (
	"encoding/json"
	"time"
)

// UserTaskSummary is a task that a person is to do, as the inbox lists it.
type UserTaskSummary struct {
	ProcessID       string     `json:"process_id"`
	TaskID          string     `json:"task_id"`
	CustomID        string     `json:"custom_id"`
	Definition      string     `json:"definition"`
	DefinitionTitle string     `json:"definition_title"`
	Version         int        `json:"version"`
	NodeID          string     `json:"node_id"`
	Title           string     `json:"title"`
	Doc             string     `json:"doc,omitempty" doc:"Markdown: what is to be done"`
	Priority        int        `json:"priority"`
	Held            bool       `json:"held" doc:"The process is suspended or has an incident: what is done counts, and goes on afterwards"`
	Assignee        string     `json:"assignee,omitempty" doc:"Login of the only person whom the task is for"`
	Groups          []string   `json:"groups" doc:"Whom it is offered to; empty: everybody, unless there is an assignee"`
	ClaimedBy       string     `json:"claimed_by,omitempty" doc:"Login of who does it"`
	ClaimedAt       *time.Time `json:"claimed_at,omitempty"`
	DueAt           *time.Time `json:"due_at,omitempty"`
	EscalatedAt     *time.Time `json:"escalated_at,omitempty"`
	CreatedAt       time.Time  `json:"created_at"`
}

// UserTask is a task that a person is to do, with what its form shows and asks.
type UserTask struct {
	UserTaskSummary
	Input       json.RawMessage `json:"input" doc:"What the form shows"`
	InputSchema json.RawMessage `json:"input_schema,omitempty" doc:"JSON Schema of input with the titles that are known: of fields that are shown as they are"`
	Form        json.RawMessage `json:"form,omitempty" doc:"JSON Schema of the answer; absent: any object"`
}

// SentMessage is what became of a message.
type SentMessage struct {
	ID         string     `json:"id"`
	Outcome    string     `json:"outcome" enum:"correlated,started,stored" doc:"correlated: a process that waited takes it; started: it started a process; stored: it waits until expires_at"`
	ProcessID  string     `json:"process_id,omitempty" doc:"Who takes it; absent: it waits"`
	Definition string     `json:"definition,omitempty" doc:"Of started: what it started"`
	Existing   bool       `json:"existing" doc:"A message of this name and sender's id was sent before: nothing happened"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty" doc:"Of stored: until when it waits for somebody to take it"`
}

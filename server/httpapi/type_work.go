package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Work is what the API needs of the part that serves workers which speak HTTP.
type Work interface {
	Announce(ctx context.Context, worker AnnounceWorker) ([]RefusedType, error)
	Take(ctx context.Context, poll TakeWork) (tasks []WorkTask, gone []string, err error)
	Beat(ctx context.Context, pool, worker string, news []WorkNews) (gone []string, err error)
	Finish(ctx context.Context, pool, worker, lease string, outcome WorkOutcome) error
	Release(ctx context.Context, pool, worker, lease string) error
	Leave(ctx context.Context, pool, worker string) error
	// Drained tells whether a worker is ordered to take no more tasks.
	Drained(pool, worker string) bool
	// WorksOn tells whether workers of the pools have a task of a process now.
	WorksOn(ctx context.Context, process string, pools []string) (bool, error)
	// Heartbeat is how often a worker is to say that it and its tasks live.
	Heartbeat() time.Duration
}

// AnnounceWorker is what a worker says of itself.
type AnnounceWorker struct {
	Pool, Worker, Host, Version string
	Slots                       int
	Types                       []AnnouncedType
}

// Bilingual is a text in both languages of the product.
type Bilingual struct {
	EN string `json:"en,omitempty" maxLength:"5000"`
	RU string `json:"ru,omitempty" maxLength:"5000"`
}

// AnnouncedType is a node type that a worker serves.
type AnnouncedType struct {
	Name         string           `json:"name" minLength:"1" maxLength:"100" doc:"Lower-case words joined by dots"`
	Major        int              `json:"major" minimum:"1" maximum:"9999" doc:"Raised when what it takes or gives changes incompatibly"`
	Title        Bilingual        `json:"title"`
	Doc          Bilingual        `json:"doc,omitempty"`
	Category     Bilingual        `json:"category,omitempty" doc:"Of the palette"`
	Icon         string           `json:"icon,omitempty" maxLength:"60" doc:"Name of a Tabler icon"`
	InputSchema  Object           `json:"input_schema" doc:"JSON Schema 2020-12 of an object"`
	OutputSchema Object           `json:"output_schema" doc:"JSON Schema 2020-12 of an object"`
	Errors       []AnnouncedError `json:"errors,omitempty" maxItems:"100" doc:"Business errors that it may end with"`
	SideEffects  bool             `json:"side_effects,omitempty" doc:"It changes the world: test runs only pretend"`
}

func (t *AnnouncedType) typeName() string { return fmt.Sprintf("%s@%d", t.Name, t.Major) }

// AnnouncedError is a business error of a node type.
type AnnouncedError struct {
	Code  string    `json:"code" minLength:"1" maxLength:"100"`
	Title Bilingual `json:"title"`
}

// RefusedType is a node type that the catalog does not accept of a worker.
type RefusedType struct {
	Type   string `json:"type" doc:"name@major"`
	Reason string `json:"reason"`
}

// TakeWork asks for tasks.
type TakeWork struct {
	Pool, Worker string
	Most         int
	Wait         time.Duration
	Holds        []string
}

// WorkTask is a task for a worker.
type WorkTask struct {
	Lease          string          `json:"lease" doc:"Names this attempt in heartbeat, complete, fail and release"`
	Type           string          `json:"type" doc:"name@major"`
	Input          json.RawMessage `json:"input"`
	ProcessID      string          `json:"process_id"`
	CustomID       string          `json:"custom_id,omitempty"`
	TaskID         string          `json:"task_id"`
	NodeID         string          `json:"node_id,omitempty"`
	Attempt        int             `json:"attempt" doc:"1 for the first run"`
	IdempotencyKey string          `json:"idempotency_key" doc:"The same for every attempt with this input: pass it on to whom the task calls"`
	TimeoutMS      int64           `json:"timeout_ms,omitempty" doc:"How long the attempt may take; absent: no limit"`
	Trace          string          `json:"trace,omitempty" doc:"W3C traceparent"`
}

// WorkNews is what a worker says of a task that it runs.
type WorkNews struct {
	Lease   string `json:"lease" maxLength:"1000"`
	Percent *int   `json:"percent,omitempty" minimum:"0" maximum:"100"`
	Text    string `json:"text,omitempty" maxLength:"1000" doc:"With percent"`
	Log     string `json:"log,omitempty" maxLength:"65536" doc:"New lines, each with its line break"`
}

// WorkOutcome is how an attempt ended; Error nil: it completed, with a plan if there is one.
type WorkOutcome struct {
	Output json.RawMessage
	Plan   json.RawMessage
	Error  *WorkError
	Log    string
}

// WorkError is why an attempt failed.
type WorkError struct {
	Class        string `json:"class" enum:"business,retryable,permanent" doc:"business: a code that the process may catch; retryable: tried again by the node's policy; permanent: an incident at once"`
	Code         string `json:"code,omitempty" maxLength:"100" doc:"Required of business; FAILED where it is absent"`
	Message      string `json:"message" maxLength:"8000"`
	Stack        string `json:"stack,omitempty" maxLength:"65536"`
	RetryAfterMS int64  `json:"retry_after_ms,omitempty" minimum:"0" maximum:"86400000" doc:"Of retryable: not before"`
}

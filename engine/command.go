package engine

import (
	"encoding/json"
	"time"
)

// FileGrant gives a process access to a stored file: the row (file_ref) is written in the commit that uses the file.
type FileGrant struct {
	SHA256    string
	Name      string
	Size      int64
	MediaType string
}

// StartCommand starts a process of a published version or a test run of a draft.
type StartCommand struct {
	Actor          string          // who starts it, kept in the history
	DefinitionKey  string          //
	Version        int             // 0 means the latest; negative: a test run, kept apart in lists
	CustomID       string          // business key; may repeat
	Input          json.RawMessage // an object that satisfies the version's input schema; empty means {}
	Priority       int             // 1 (urgent) to 5; 0 means 3
	StartAt        *time.Time      // not before; nil or past means at once
	IdempotencyKey string          // per definition; the same key with the same body returns the first process
	Files          []FileGrant     // files of the input
	RestartedFrom  string          // set by RestartAsNew
	Node           string          // the start event where it begins; empty means the usual one; not with StartAt
	Trigger        *Trigger        // what starts it, when no person or program does
	ID             string          // of the new process; empty: a new one is made
	// Also adds statements to the commit that starts the process; see OpCommand.Also.
	Also func(tx Tx, process string)
}

// TriggerKind is what starts a process besides people and programs.
type TriggerKind string

// The kinds.
const (
	TriggerSchedule TriggerKind = "schedule"
	TriggerMessage  TriggerKind = "message"
	TriggerWebhook  TriggerKind = "webhook"
)

// Trigger says what starts a process. One Once of a kind starts one process, whatever else the command says; it takes the place of the
// idempotency key.
type Trigger struct {
	Kind TriggerKind `json:"kind"`
	Node string      `json:"node,omitempty"` // the start event
	Ref  string      `json:"ref,omitempty"`  // id of the schedule, the message, the request
	Name string      `json:"name,omitempty"` // as people know it
	At   time.Time   `json:"at"`             // when it was due, sent, received
	Once string      `json:"-"`              // empty: each command starts one
}

// StartResult says which process a start made or found.
type StartResult struct {
	ID       string
	Existing bool // the idempotency key was known: nothing was started
}

// OpCommand is an operation on one process.
type OpCommand struct {
	Actor     string
	ProcessID string
	Reason    string
	// Also adds statements to the commit that applies the operation: they are written when it happens, and only then. process
	// is the one that the commit changed: the new one of a restart. It may be called again when a commit is tried again.
	Also func(tx Tx, process string)
}

// TaskCommand is an operation on one task. Input edits a retried task's input, Output is a skipped task's value.
type TaskCommand struct {
	OpCommand
	TaskID string
	Input  json.RawMessage // Retry only; nil keeps the input
	Patch  json.RawMessage // Retry only: a JSON merge patch (RFC 7396) over the input, instead of Input
	Output json.RawMessage // Skip only; nil means {}
	Files  []FileGrant     // files that Input or Output name
}

// RestartCommand starts a linked process with the same definition and version as an ended or broken one.
type RestartCommand struct {
	OpCommand
	Input    json.RawMessage // nil keeps the input
	CustomID *string         // nil keeps the customId
	Files    []FileGrant
}

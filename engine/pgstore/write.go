package pgstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// NewProcess is a process that a start makes.
type NewProcess struct {
	flow.Process
	CreatedBy     string
	ScheduledAt   *time.Time
	RestartedFrom string
	Test          bool
	Caller        *flow.Caller // of a child process
	Input         json.RawMessage
	SearchKeys    map[string]string
}

// ProcessChange is a process row that changes.
type ProcessChange struct {
	*flow.Process
	SuspendedBy   string
	SuspendReason string
	// SuspendedByCaller: nothing but the suspension of the process that called it holds it.
	SuspendedByCaller bool
}

// ScopeRow is a scope with its next sequence (of the root) and its place.
type ScopeRow struct {
	Process string
	Scope   *flow.Scope
	Seq     int64
	At      pgtype.TID // of a row that exists
}

// TaskChange is a task row that changes. Nil members are kept as they are, except Error.
type TaskChange struct {
	*Task
	WasState flow.TaskState
	WasEpoch int64
	Input    json.RawMessage // when edited
	Worker   *string
	QueuedMS *int64
	RunUS    *int64
	Percent  *int
	Text     *string
	DueAt    *time.Time
	EndedAt  *time.Time
	Started  *time.Time
}

// AttemptRow is an attempt that began, spoke or ended. Log is appended, or replaces what was there when the attempt ended.
type AttemptRow struct {
	Process   string
	Task      string
	Epoch     int64
	Attempt   int
	Worker    string
	Outcome   string
	QueuedAt  *time.Time
	StartedAt *time.Time
	EndedAt   *time.Time
	RunUS     *int64
	Error     *wire.Error
	Log       string
}

// EventRow is what one commit did to one process.
type EventRow struct {
	Process string
	Seq     int64
	Changes []flow.Change
}

// OutputRow is one output. Seq and Part say when it came: the process's sequence, and the place within that commit.
type OutputRow struct {
	Process string
	Seq     int64
	Part    int
	flow.Output
}

// ScopeRef names a scope of a process.
type ScopeRef struct{ Process, Scope string }

// WaitRow is what a task waits for besides the clock.
type WaitRow struct {
	Process    string
	Definition string
	Version    int
	flow.Wait
}

// PriorityRow is a priority that counts for what waits in the backlog.
type PriorityRow struct {
	Process  string
	Priority int
}

// Message is a row of the window or of the backlog.
type Message struct {
	Process     string
	Task        string
	Epoch       int64
	Pool        string
	NodeType    string
	Definition  string
	Priority    int
	Lane        wire.Lane
	AttemptMS   int64
	HeartbeatMS int64
	Held        bool
	Fresh       bool // its task begins with this commit: it has no message yet
	Limited     bool // its node type is limited: the feeder finds its key
}

// TimerRow is a timer. Task is the process for a start.
type TimerRow struct {
	Process string
	flow.Timer
}

// IncidentRow is an incident that opens.
type IncidentRow struct {
	Process    string
	Definition string
	Version    int
	flow.Incident
}

// Note is a row of the inbox. Sender is the process that said it, empty when nobody else did.
type Note struct {
	ID      int64
	Process string
	Sender  string
	Kind    string
	Body    json.RawMessage
}

// Delta is a step of a counter.
type Delta struct {
	Name       string
	Definition string
	Version    int
	N          int64
}

// Dead is an entry that could not be committed.
type Dead struct {
	Process string
	Task    string
	Body    string
	Error   string
}

// InputKept keeps the input of a task's earlier attempts when it is edited.
type InputKept struct {
	Process, Task string
	Input         json.RawMessage
}

// Write is all that one commit writes.
type Write struct {
	NewProcesses []NewProcess
	Processes    []ProcessChange
	Ended        []string
	Freed        []string                   // ended ones that had their customId to themselves
	Outputs      map[string]json.RawMessage // process → its output, of ended ones

	NewScopes []ScopeRow
	Scopes    []ScopeRow
	Inner     []ScopeRow // scopes inside of tasks, new or changed; Seq and At are not theirs
	EndedIn   []ScopeRef // scopes inside of tasks that have ended
	NewTasks  []*Task
	Tasks     []TaskChange
	Kept      []InputKept
	Attempts  []AttemptRow
	Events    []EventRow
	NodeOut   []OutputRow
	Undoable  []UndoRow   // what has completed and can be undone
	Undone    []UndoneRow // what becomes of such rows

	Queue      []Message
	Unqueue    []TaskRef
	Started    []TaskRef // messages whose start was reported
	Backlog    []Message
	Unbacklog  []TaskRef
	Hold       []string // processes whose backlog is held from now on
	Release    []string // processes whose backlog is released
	Priority   []PriorityRow
	Timers     []TimerRow
	DropTimers []TimerRow
	DropWaits  []TimerRow // of every epoch
	Waits      []WaitRow
	Unwait     []TaskRef // tasks that wait for nothing any more
	Taken      []string  // ids of messages that their receiver took
	Returned   []string  // ids of messages that their receiver had no use for
	Incidents  []IncidentRow
	CloseInc   []TaskRef
	Inbox      []Note
	InboxDone  []int64
	Counters   []Delta
	Dead       []Dead
	extra      []extra
}

type extra struct {
	sql  string
	args []any
}

// QueueSQL adds a statement of somebody else's to the commit, after the others.
func (w *Write) QueueSQL(sql string, args ...any) { w.extra = append(w.extra, extra{sql, args}) }

// Commit writes everything and commits, in one round trip. It releases the connection whatever comes.
func (tx *Tx) Commit(ctx context.Context, w *Write) error {
	batch := &pgx.Batch{}
	for _, part := range []func(*pgx.Batch, *Write, time.Time){
		queueNewProcesses, queueProcesses, queueScopes, queueNewTasks, queueTaskChanges, queueAttempts, queueEvents, queueNodeOut, queueUndo,
		queueWindow, queueTimers, queueWaits, queueIncidents, queueRest,
	} {
		part(batch, w, tx.Now)
	}
	for _, x := range w.extra {
		batch.Queue(x.sql, x.args...)
	}
	batch.Queue("COMMIT")
	if err := tx.conn.SendBatch(ctx, batch).Close(); err != nil {
		tx.Rollback()
		return fmt.Errorf("commit %d events: %w", len(w.Events), err)
	}
	tx.done = true
	tx.conn.Release()
	return nil
}

// encode turns a value that cannot fail to marshal into text for a json parameter.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		// Only RawMessage members can fail: they were checked when they came in.
		return "null"
	}
	return string(b)
}

func raw(b json.RawMessage) *string {
	if len(b) == 0 {
		return nil
	}
	s := string(b)
	return &s
}

func encodeError(e *wire.Error) json.RawMessage {
	if e == nil {
		return nil
	}
	return json.RawMessage(encode(e))
}

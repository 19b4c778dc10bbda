// Package bulk runs one operation on many processes: a filter or a list of ids becomes a snapshot of items in PostgreSQL, each
// judged by a dry run; then one server at a time works through exactly those items, and keeps a result for each.
//
// It asks the engine for every single operation and decides nothing about processes itself: an item whose process has changed
// meanwhile is refused by the engine's own check. The engine's commit marks the item done, so a job that another server takes
// over goes on with what has not happened. The package knows no HTTP; PostgreSQL stops at its pgstore.
package bulk

import (
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Operation is what a job does to each item.
type Operation string

// The operations. Retry and Skip have an item per open incident, Fire one per task that waits for the time, the others one per
// process.
const (
	Retry       Operation = "retry"
	Skip        Operation = "skip"
	Cancel      Operation = "cancel"
	Suspend     Operation = "suspend"
	Resume      Operation = "resume"
	Restart     Operation = "restart"      // as new
	RestartFrom Operation = "restart_from" // a step; what has ended goes on as a new process
	Migrate     Operation = "migrate"      // to another version
	Message     Operation = "message"      // to each process, if it waits for it
	Fire        Operation = "fire"         // a time that a step waits for comes now
	Delete      Operation = "delete"
	SetPriority Operation = "set_priority"
)

// Operations lists all.
var Operations = []Operation{Retry, Skip, Cancel, Suspend, Resume, Restart, RestartFrom, Migrate, Message, Fire, Delete, SetPriority}

// OnTasks tells whether the items are tasks with an open incident.
func (o Operation) OnTasks() bool { return o == Retry || o == Skip }

// Planned tells whether the dry run asks the engine for each item: what the operation would do follows from where the tokens are.
func (o Operation) Planned() bool { return o == RestartFrom || o == Migrate }

// Filter names processes by what they are; its members are combined with AND, zero values don't filter.
type Filter struct {
	CustomID       string     `json:"custom_id,omitempty"`
	CustomIDPrefix string     `json:"custom_id_prefix,omitempty"`
	CustomIDs      []string   `json:"custom_ids,omitempty"`
	Definition     string     `json:"definition,omitempty"`
	Version        int        `json:"version,omitempty"`
	States         []string   `json:"state,omitempty"`
	StartedFrom    *time.Time `json:"started_from,omitempty"`
	StartedTo      *time.Time `json:"started_to,omitempty"`
	ErrorCode      string     `json:"error_code,omitempty"` // of the process or of an open incident; only such incidents are items
	NodeID         string     `json:"node_id,omitempty"`    // of an open incident; only such incidents are items
	Worker         string     `json:"worker,omitempty"`
	ErrorGroup     string     `json:"error_group,omitempty"` // these and the following: of an open incident; only such incidents are items
	ErrorText      string     `json:"error_text,omitempty"`  // found in the code or the message
	OpenedFrom     *time.Time `json:"opened_from,omitempty"`
	OpenedTo       *time.Time `json:"opened_to,omitempty"`
	Outermost      bool       `json:"outermost,omitempty"` // leaves out what was called by another process
}

// Options are what some operations take.
type Options struct {
	Output   json.RawMessage `json:"output,omitempty"`   // Skip: the value of each task; empty means {}
	Patch    json.RawMessage `json:"patch,omitempty"`    // Retry: a JSON merge patch over the input of each task
	Priority int             `json:"priority,omitempty"` // SetPriority: 1 to 5
	Node     string          `json:"node,omitempty"`     // RestartFrom: where to begin; Fire: the event whose time comes
	Version  int             `json:"version,omitempty"`  // Migrate: the version to go on in
	Message  *MessageOptions `json:"message,omitempty"`  // Message
}

// MessageOptions is the message that each process gets. An empty Key is the one that the process waits under.
type MessageOptions struct {
	Name    string          `json:"name"`
	Key     string          `json:"key,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"` // an object; empty means {}
}

// State is where a job is.
type State string

// The states. Aborting ends as soon as what is under way is decided.
const (
	Draft    State = "draft"
	Running  State = "running"
	Aborting State = "aborting"
	Aborted  State = "aborted"
	Finished State = "finished"
)

// ItemState is how an item was decided.
type ItemState string

// The states of an item. Taken is pending for everybody but the job's owner.
const (
	Pending ItemState = "pending"
	Taken   ItemState = "taken"
	Done    ItemState = "done"
	Refused ItemState = "refused" // the state of the process does not allow it, said the dry run or the engine
	Failed  ItemState = "failed"  // it should have worked
)

// Count is a number of items that were decided alike.
type Count struct {
	State ItemState `json:"state"`
	Code  string    `json:"code"`
	N     int64     `json:"n"`
}

// Job is one operation on many processes.
type Job struct {
	ID        string
	Operation Operation
	Filter    *Filter // nil: the processes were named one by one
	Options   Options
	Reason    string
	State     State
	Total     int64
	Plan      []Count // the dry run: pending are those that would be done
	Counts    []Count // decided so far
	CreatedBy string
	CreatedAt time.Time
	RunBy     string
	StartedAt *time.Time
	AbortedBy string
	EndedAt   *time.Time

	Owner     string
	TakenAt   *time.Time // when the present owner took it
	TakenWith int64      // and what was decided by then
	Now       time.Time  // of the database, at the reading
}

// Of counts the items in a state.
func (j *Job) Of(state ItemState) int64 {
	var n int64
	for _, c := range j.Counts {
		if state == c.State {
			n += c.N
		}
	}
	return n
}

// Decided counts the items that will not be touched any more.
func (j *Job) Decided() int64 { return j.Of(Done) + j.Of(Refused) + j.Of(Failed) }

// Rate is how many items a second are decided, by the present owner or over the whole run; 0 when that is not known.
func (j *Job) Rate() float64 {
	var refusedBefore int64 // by the dry run: nobody had to do anything for them
	for _, c := range j.Plan {
		if c.State == Refused {
			refusedBefore += c.N
		}
	}
	from, with, until := j.TakenAt, j.TakenWith, j.Now
	if j.EndedAt != nil {
		from, with, until = j.StartedAt, refusedBefore, *j.EndedAt
	}
	if from == nil || !until.After(*from) {
		return 0
	}
	return max(0, float64(j.Decided()-with)/until.Sub(*from).Seconds())
}

// ETA is how long the rest takes at the present rate; nil when that is not known.
func (j *Job) ETA() *time.Duration {
	rate := j.Rate()
	if j.State != Running || rate <= 0 {
		return nil
	}
	left := time.Duration(float64(j.Total-j.Decided()) / rate * float64(time.Second))
	return &left
}

// Item is one process or task of a job.
type Item struct {
	Seq       int64
	ProcessID string
	TaskID    string // of OnTasks and Fire
	CustomID  string
	NodeID    string
	State     ItemState
	Code      string
	Message   string
	Issues    []fault.Issue // the first few that stand against it, for a translated message
	ResultID  string        // the process that a restart made
	EndedAt   *time.Time
}

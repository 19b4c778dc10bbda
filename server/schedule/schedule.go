// Package schedule starts processes by the clock: PostgreSQL's clock, whatever the servers' own say.
//
// Every server looks for what is due; there is no leader to lose. A schedule is decided about under its row's lock, and a time of it
// is a row of its history before a process is started for it, so that a time is never started twice and never vanishes. plan.go
// decides and does no I/O. The package knows the engine and designer/expr and designer/timing; it does not know HTTP.
package schedule

import (
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/timing"
)

// State says whether a schedule fires.
type State string

// The states. Only an active one fires.
const (
	Active  State = "active"
	Paused  State = "paused"  // by a person
	Stopped State = "stopped" // by its own limit of errors
	Retired State = "retired" // the latest version of its definition has its start event no more
)

// Misfire is what becomes of times that came while no server ran.
type Misfire string

// The policies.
const (
	MisfireSkip    Misfire = "skip"
	MisfireRunOnce Misfire = "run_once" // one start stands for all of them
	MisfireCatchUp Misfire = "catch_up" // the last few are made up for, oldest first
)

// Overlap is what becomes of a time that comes while MaxRunning processes of the schedule have not ended.
type Overlap string

// The policies.
const (
	OverlapAllow     Overlap = "allow" // MaxRunning does not count
	OverlapSkip      Overlap = "skip"
	OverlapQueue     Overlap = "queue"      // it waits until one has ended
	OverlapCancelOld Overlap = "cancel_old" // the oldest is cancelled
)

// Policy is how a schedule behaves when things do not go as planned.
type Policy struct {
	Misfire     Misfire
	CatchUpMost int           // of catch_up, 1 to 1,000
	LateAfter   time.Duration // a time that is noticed so late counts as missed; whole seconds, up to a day
	Overlap     Overlap
	MaxRunning  int // 1 to 1,000
	MaxErrors   int // so many failures in a row stop the schedule; 0: nothing does
}

// Fields are what a person says of a schedule, or a start event of a published version.
type Fields struct {
	Name       string
	Definition string
	Version    int    // 0: the latest when it fires
	Cron, Zone string // five fields; IANA name, empty means UTC
	// Input is an object whose texts may be templates and expressions; CustomID is such a text, which sees the input. now() is the
	// time that the schedule came.
	Input    json.RawMessage
	CustomID string
	Priority int // 1 to 5; 0 means 3
	Policy
}

// Schedule is a rule by which processes start.
type Schedule struct {
	Fields
	ID          string
	Node        string // the start event that it belongs to; empty: people made it
	State       State
	StateAt     time.Time
	StateBy     string // empty: the product itself
	StateReason string
	ErrorsFrom  time.Time  // failures before it are forgiven
	NextAt      *time.Time // nil: it does not fire
	Revision    int64
	CreatedAt   time.Time
	CreatedBy   string
	UpdatedAt   time.Time
	UpdatedBy   string
	Last        *Fire // the newest of its history; of lists and single ones
	Running     int   // processes of it that have not ended; of lists and single ones
}

// rule reads the schedule's cron rule.
func (s *Schedule) rule() (*timing.Cron, error) {
	zone, err := timing.Zone(s.Zone)
	if err != nil {
		return nil, err
	}
	return timing.ParseCron(s.Cron, zone)
}

// FireKind is why a fire happened.
type FireKind string

// The kinds.
const (
	FireCron   FireKind = "cron"
	FireManual FireKind = "manual" // a person ran the schedule
)

// FireState is what became of a fire.
type FireState string

// The states; the last five are final.
const (
	FireDue       FireState = "due"     // its process is being started
	FireWaiting   FireState = "waiting" // for another of the schedule to end
	FireRunning   FireState = "running"
	FireCompleted FireState = "completed"
	FireFailed    FireState = "failed"
	FireCancelled FireState = "cancelled"
	FireSkipped   FireState = "skipped" // nothing was started, Reason says why
	FireRefused   FireState = "refused" // the process could not be started, Reason is the code
)

// Reasons of skipped fires.
const (
	ReasonMissed     = "missed"      // no server ran, or the clock jumped over it
	ReasonOverlap    = "overlap"     // too many of the schedule run
	ReasonQueueFull  = "queue_full"  // too many wait
	ReasonReplaced   = "replaced"    // a later one took its place before it began
	ReasonErrorLimit = "error_limit" // too many failed in a row: the schedule has stopped
	ReasonPaused     = "paused"      // it waited when the schedule was paused, changed or retired
)

// Fire is one time of a schedule's history.
type Fire struct {
	Schedule  string
	DueAt     time.Time
	Kind      FireKind
	State     FireState
	Reason    string
	Message   string
	CaughtUp  bool // it had been missed
	Missed    int64
	Missing   time.Time // of skipped with Missed: the first time that it stands for
	Process   string
	Incident  bool // its process is held by an incident now
	Actor     string
	DecidedAt time.Time
	StartedAt *time.Time
	EndedAt   *time.Time

	cancels []string // processes that make room for it
}

// Cancels are the processes that make room for the fire.
func (f *Fire) Cancels() []string { return f.cancels }

// SetCancels says which processes make room for the fire.
func (f *Fire) SetCancels(processes []string) { f.cancels = processes }

package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Errors of a Store.
var (
	ErrUnknown  = errors.New("there is no such schedule")
	ErrRevision = errors.New("the schedule has another revision")
)

// Glance is what a look at the clock finds.
type Glance struct {
	Due     bool          // a schedule is due, or something waits
	Orphans bool          // a fire is to be started that no server starts
	Next    time.Duration // until the next one is due; negative when none is planned
}

// Pending is a fire whose process is to be started by this server.
type Pending struct {
	Fire
	Definition string
	Version    int
	Node       string
	Name       string
	Input      json.RawMessage
	CustomID   string
	Priority   int
}

// Start is a start event of the latest version of a definition that is set off by the clock, and the schedule that it has.
type Start struct {
	Definition, Node, Title string
	Event                   json.RawMessage // the graph.StartEvent; empty: the start event is no more
	Origin                  string          // of the start event as it is now
	Schedule                string          // id; empty: none yet
}

// Filter narrows the list of schedules.
type Filter struct {
	Definition string
	State      State
	Query      string // that the name holds
	Limit      int
	AfterName  string
	AfterID    string
}

// Store keeps schedules and their history. Its clock is PostgreSQL's.
type Store interface {
	Glance(ctx context.Context) (Glance, error)
	// Plan locks up to limit schedules that are due or have something waiting, those that nobody else has locked, asks what is to
	// become of them and writes it. It returns how many there were, and the fires that are this server's to start for claim.
	Plan(ctx context.Context, limit int, claim time.Duration, decide func(st *Standing, now time.Time) Decision) (int, []Pending, error)
	// Orphans takes fires that are to be started and that no server is starting.
	Orphans(ctx context.Context, limit int, claim time.Duration) ([]Pending, error)
	// Running notes that a fire's process has been started, when the commit that did so has not said it.
	Running(ctx context.Context, f *Fire, process string) error
	// Refused notes that a fire's process can't be started.
	Refused(ctx context.Context, f *Fire, code, message string) error
	// Release lets a fire be started by whoever comes next, after a while.
	Release(ctx context.Context, f *Fire, after time.Duration) error
	// Settle notes how the processes of fires ended.
	Settle(ctx context.Context) error
	// Forget drops the history that is older than keep, and tells how much.
	Forget(ctx context.Context, keep time.Duration, limit int) (int, error)

	// Starts lists start events whose schedule is missing or says something else.
	Starts(ctx context.Context) ([]Start, error)
	// Adopt writes what a start event says into its schedule, unless that is due or somebody else is at it. next computes the next
	// time after now.
	Adopt(ctx context.Context, s *Start, write *Schedule, next func(now time.Time) *time.Time) error
	// Retire lets the schedule of a start event rest that is no more.
	Retire(ctx context.Context, id string) error

	// Create adds a schedule; next computes the next time after now.
	Create(ctx context.Context, s *Schedule, next func(now time.Time) *time.Time) error
	// Update locks a schedule of a revision (0: any), lets change change it, and writes it.
	Update(ctx context.Context, id string, revision int64, change func(s *Schedule, now time.Time) error) (Schedule, error)
	// Delete removes a schedule that people made, with its history.
	Delete(ctx context.Context, id string, check func(s *Schedule) error) error
	Schedule(ctx context.Context, id string) (Schedule, error)
	Schedules(ctx context.Context, filter Filter) ([]Schedule, error)
	// Fires lists a schedule's history before a moment (nil: all), newest first.
	Fires(ctx context.Context, id string, before *time.Time, limit int) ([]Fire, error)
	Now(ctx context.Context) (time.Time, error)
}

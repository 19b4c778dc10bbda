package bulk

import (
	"context"
	"errors"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Errors of a store.
var (
	ErrUnknown  = errors.New("there is no such job")
	ErrState    = errors.New("the job is in another state")
	ErrTooMany  = errors.New("the snapshot is larger than allowed")
	ErrLeaseOff = errors.New("another server has the job")
)

// Store keeps jobs and their items.
type Store interface {
	// Create stores a draft with its snapshot, judged, in one transaction; ErrTooMany stores nothing. ids are used when filter
	// is nil. judge, if there is one, has the last word on the items that the database finds nothing against.
	Create(ctx context.Context, job *Job, ids []string, most int, judge Judge) (Job, error)
	Job(ctx context.Context, id string) (Job, error)
	Jobs(ctx context.Context, f JobFilter) ([]Job, error)
	Items(ctx context.Context, f ItemFilter) ([]Item, error)
	// Run makes a draft running; ErrState when it is none.
	Run(ctx context.Context, id, actor, reason string, options Options) (Job, error)
	// Abort makes a running job aborting; ErrState when it does not run.
	Abort(ctx context.Context, id, actor string) (Job, error)

	// Claim takes the lease of a job that runs and that nobody has; ErrUnknown when there is none. What the owner before had in
	// hand is pending again unless it is done.
	Claim(ctx context.Context, owner string, ttl time.Duration) (Job, Lease, error)
	// Renew prolongs the lease and tells the job's state; ErrLeaseOff when it is lost.
	Renew(ctx context.Context, lease Lease, ttl time.Duration) (State, error)
	// Step stores the results of items in hand, and takes up to n more while the job runs. It prolongs the lease.
	Step(ctx context.Context, lease Lease, ttl time.Duration, results []Result, n int) (State, []Item, error)
	// Done adds to the engine's commit that an item is done, and its record in the audit. The commit fails when the item is not
	// in hand under this lease any more.
	Done(tx engine.Tx, lease Lease, job *Job, item *Item, process string)
	// End ends a job, records it in the audit and gives up the lease.
	End(ctx context.Context, lease Lease, state State) (Job, error)
	// Release gives up the lease of a job that goes on elsewhere.
	Release(ctx context.Context, lease Lease) error
	// Forget deletes drafts and ended jobs that are older.
	Forget(ctx context.Context, drafts, ended time.Time) error
}

// Judge tells of some items what would become of them, in their order.
type Judge func(ctx context.Context, items []Item) ([]Result, error)

// Lease is the right to run a job.
type Lease struct {
	Job   string
	Owner string
	Fence int64
}

// Result is what became of an item in hand. Pending puts it back.
type Result struct {
	Seq     int64
	State   ItemState
	Code    string
	Message string
	Issues  []fault.Issue
}

// JobFilter narrows the list of jobs, newest first. Drafts are listed only when they are asked for.
type JobFilter struct {
	States []State
	Before string // the id of the last job seen
	Limit  int
}

// ItemFilter narrows a job's items.
type ItemFilter struct {
	Job    string
	States []ItemState
	After  int64
	Limit  int
}

package alert

import (
	"context"
	"errors"
	"time"
)

// ErrNotLeader says that another server took over: the transaction is undone.
var ErrNotLeader = errors.New("another server evaluates the alerts")

// Incident is one that no rule has judged yet.
type Incident struct {
	Definition string
	Version    int
	NodeID     string
	Code       string
	Test       bool // of a test process: nobody is told
	Item       Item
}

// Group is what incidents of one cause have in common.
type Group struct{ Definition, NodeID, Code string }

// PoolState is what waits for a pool.
type PoolState struct {
	Pool    string
	Waiting int64
	Oldest  time.Time  // when the oldest waiting task began to wait
	SeenAt  *time.Time // when a worker was last heard; nil: never
	Paused  bool       // nothing of it starts, on purpose
}

// Late is a process that runs too long.
type Late struct {
	Definition string
	Version    int
	Item       Item
}

// Claimed is a delivery that this server alone may try until its claim ends.
type Claimed struct {
	Delivery
	Claim  string
	Notice Notice
	Rule   Rule
	Alert  Alert // empty for a test
}

// Outcome is how an attempt went.
type Outcome struct {
	State  DeliveryState
	NextAt time.Time // of Pending
	Error  string
}

// Store keeps rules, alerts, notices and deliveries.
type Store interface {
	Rules(ctx context.Context) ([]Rule, error)
	Rule(ctx context.Context, id string) (Rule, error)
	CreateRule(ctx context.Context, rule Rule) error
	// UpdateRule replaces a rule; its open alerts end without a word when it is no longer enabled.
	UpdateRule(ctx context.Context, rule Rule) error
	// DeleteRule also deletes what the rule found and said.
	DeleteRule(ctx context.Context, id string) error

	// Alerts lists alerts, newest first. The cursor is the last id of the page before.
	Alerts(ctx context.Context, filter Filter) ([]Alert, error)
	// Alert returns one with its newest notices and their deliveries.
	Alert(ctx context.Context, id string) (Alert, error)
	Notice(ctx context.Context, id string) (Notice, error)
	AddNotice(ctx context.Context, notice Notice) error

	// Lead takes or renews the leadership; fence 0 means that another server has it.
	Lead(ctx context.Context, owner string, ttl time.Duration) (fence int64, err error)
	Leave(ctx context.Context, owner string) error
	// Evaluate runs f in a transaction that only commits while owner leads with this fence.
	Evaluate(ctx context.Context, owner string, fence int64, f func(Tx) error) error

	// Claim returns pending deliveries that are due and nobody tries.
	Claim(ctx context.Context, limit int, hold time.Duration) ([]Claimed, error)
	// Settle stores how an attempt went; it does nothing when the claim was lost.
	Settle(ctx context.Context, c Claimed, o Outcome) error
	// Forget deletes what ended before a time.
	Forget(ctx context.Context, before time.Time) error
}

// Filter narrows the list of alerts.
type Filter struct {
	RuleID string
	Open   *bool // nil: both
	Before string
	Limit  int
}

// Tx is one evaluation.
type Tx interface {
	// TakeIncidents removes up to limit incidents from those that wait for judgement, oldest first.
	TakeIncidents(ctx context.Context, limit int) ([]Incident, error)
	// OpenAlerts returns all that are open, in a fixed order.
	OpenAlerts(ctx context.Context) ([]*Alert, error)
	// OpenGroups reports for each group whether an incident of it is open.
	OpenGroups(ctx context.Context, groups []Group) ([]bool, error)
	Pools(ctx context.Context) ([]PoolState, error)
	// TakeLate returns processes of a definition ("": any) that started before a time and that the rule has not seen, and
	// remembers them. It returns at most limit.
	TakeLate(ctx context.Context, rule, definition string, before time.Time, limit int) ([]Late, error)
	// DropEnded forgets late processes that have ended and returns how many of each subject are left.
	DropEnded(ctx context.Context, rule string) (map[string]int64, error)
	// Write stores alerts, new and changed, and notices with their deliveries.
	Write(ctx context.Context, alerts []*Alert, notices []Notice) error
}

package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Engine is what a job asks for each item.
type Engine interface {
	Retry(ctx context.Context, cmd engine.TaskCommand) error
	Skip(ctx context.Context, cmd engine.TaskCommand) error
	Cancel(ctx context.Context, cmd engine.OpCommand) error
	Suspend(ctx context.Context, cmd engine.OpCommand) error
	Resume(ctx context.Context, cmd engine.OpCommand) error
	RestartAsNew(ctx context.Context, cmd engine.RestartCommand) (string, error)
	RestartFrom(ctx context.Context, cmd engine.RestartFromCommand) (string, error)
	Migrate(ctx context.Context, cmd engine.MigrateCommand) error
	SendTo(ctx context.Context, op engine.OpCommand, cmd engine.MessageCommand) (string, error)
	Fire(ctx context.Context, cmd engine.FireCommand) error
	Delete(ctx context.Context, cmd engine.OpCommand) error
	SetPriority(ctx context.Context, cmd engine.OpCommand, priority int) error

	// What the dry run asks.
	PlanRestart(ctx context.Context, process, node, scope string) (engine.RestartPlan, error)
	PlanMigration(ctx context.Context, process string, version int) (engine.MigrationPlan, error)
}

var _ Engine = (*engine.Engine)(nil)

// Config is what the service is made of. Store and Engine are required.
type Config struct {
	Store  Store
	Engine Engine
	Owner  string // of leases; default: a new id

	Parallel int           // operations under way at once per job, so that they share commits; default 16
	Jobs     int           // jobs that this server runs at once; default 4
	Rate     int           // operations a second of this server, which leaves room for the processes; default 1000
	MaxItems int           // of one job; default 1,000,000
	MaxPlans int           // of one job whose dry run asks the engine for each item, see Operation.Planned; default 20,000
	Lease    time.Duration // default 15 s
	Every    time.Duration // between looks for aborts, and a quarter of the time between looks for jobs of other servers; default 250 ms
	KeepEnds time.Duration // ended jobs; default 90 days
	Log      *slog.Logger  // default slog.Default()
}

func (c Config) withDefaults() (Config, error) {
	if c.Store == nil || c.Engine == nil {
		return c, errors.New("bulk: Store and Engine are required")
	}
	if c.Owner == "" {
		c.Owner = uuid.NewString()
	}
	for value, standard := range map[*int]int{&c.Parallel: 16, &c.Jobs: 4, &c.Rate: 1000, &c.MaxItems: 1_000_000, &c.MaxPlans: 20_000} {
		if *value == 0 {
			*value = standard
		}
	}
	for value, standard := range map[*time.Duration]time.Duration{&c.Lease: 15 * time.Second, &c.Every: 250 * time.Millisecond, &c.KeepEnds: 90 * 24 * time.Hour} {
		if *value == 0 {
			*value = standard
		}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c, nil
}

// keepDrafts is how long a dry run that nobody started is kept.
const keepDrafts = 24 * time.Hour

// Service makes jobs and runs those that no other server runs.
type Service struct {
	config Config
	pace   *pace
	wake   chan struct{}

	cancel context.CancelFunc
	group  sync.WaitGroup
	mine   map[string]bool // jobs that this server runs
	mu     sync.Mutex

	judging chan struct{} // a place for each dry run that asks the engine
}

// judgedAtOnce bounds those dry runs: each holds a connection to the database while the engine needs others to answer it.
const judgedAtOnce = 2

// New returns a service that does not run jobs yet.
func New(config Config) (*Service, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Service{config: config, pace: newPace(config.Rate), wake: make(chan struct{}, 1), mine: map[string]bool{}, judging: make(chan struct{}, judgedAtOnce)}, nil
}

// Create is a request for a job.
type Create struct {
	Actor     string
	Operation Operation
	Filter    *Filter  // either this
	IDs       []string // or these
	Reason    string   // may also come with Run
	Options   Options
}

// Create stores a draft: the snapshot and the dry run.
func (s *Service) Create(ctx context.Context, c Create) (Job, error) {
	if err := c.check(); err != nil {
		return Job{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Job{}, fmt.Errorf("make an id for a job: %w", err)
	}
	job := Job{ID: id.String(), Operation: c.Operation, Filter: c.Filter, Options: c.Options, Reason: strings.TrimSpace(c.Reason), CreatedBy: c.Actor}
	most, judge := s.config.MaxItems, Judge(nil)
	if c.Operation.Planned() {
		select {
		case s.judging <- struct{}{}:
			defer func() { <-s.judging }()
		case <-ctx.Done():
			return Job{}, fault.Wrap(ctx.Err(), fault.Unavailable, "bulk.busy", "Others prepare such jobs; try again.")
		}
		most, judge = min(most, s.config.MaxPlans), func(ctx context.Context, items []Item) ([]Result, error) { return s.judge(ctx, &job, items) }
	}
	made, err := s.config.Store.Create(ctx, &job, c.IDs, most, judge)
	if errors.Is(err, ErrTooMany) {
		return Job{}, fault.Newf(fault.TooLarge, "bulk.too_many", "More than %d items match; narrow the filter.", most).With(map[string]any{"most": most})
	}
	return made, err
}

func (c *Create) check() error {
	if !slices.Contains(Operations, c.Operation) {
		return fault.Newf(fault.Invalid, "bulk.operation_unknown", "There is no operation %q.", c.Operation)
	}
	if (c.Filter == nil) == (len(c.IDs) == 0) {
		return fault.New(fault.Invalid, "bulk.selection_invalid", "Give either a filter or ids.")
	}
	for _, id := range c.IDs {
		if uuid.Validate(id) != nil {
			return fault.New(fault.Invalid, "bulk.selection_invalid", "An id is a UUID.")
		}
	}
	if c.Filter != nil {
		if err := c.Filter.check(); err != nil {
			return err
		}
	}
	return c.Options.check(c.Operation)
}

func (f *Filter) check() error {
	for _, state := range f.States {
		if !pgstore.KnownState(state) {
			return fault.Newf(fault.Invalid, "list.state_unknown", "There is no state %q.", state)
		}
	}
	texts := append([]string{f.CustomID, f.CustomIDPrefix, f.Definition, f.ErrorCode, f.NodeID, f.Worker, f.ErrorGroup, f.ErrorText}, f.CustomIDs...)
	if strings.ContainsRune(strings.Join(texts, ""), 0) {
		return fault.New(fault.Invalid, "bulk.selection_invalid", "A filter is text without NUL.")
	}
	return nil
}

func (o *Options) check(operation Operation) error {
	switch operation {
	case Skip:
		if !isObject(o.Output) {
			return fault.New(fault.Invalid, "bulk.output_invalid", "The output is not a JSON object.")
		}
	case Retry:
		if !isObject(o.Patch) {
			return fault.New(fault.Invalid, "bulk.patch_invalid", "The changes of the inputs are not a JSON object.")
		}
	case SetPriority:
		if o.Priority < 1 || o.Priority > 5 {
			return fault.New(fault.Invalid, "process.priority_invalid", "The priority is a number from 1 to 5.")
		}
	case RestartFrom, Fire:
		if o.Node == "" || len(o.Node) > mostText || strings.ContainsRune(o.Node, 0) {
			return fault.New(fault.Invalid, "bulk.node_missing", "Say which step is meant.")
		}
	case Migrate:
		if o.Version < 1 {
			return fault.New(fault.Invalid, "bulk.version_missing", "Say in which version the processes are to go on.")
		}
	case Message:
		m := o.Message
		if m == nil || m.Name == "" || len(m.Name) > mostText || len(m.Key) > mostKey || strings.ContainsRune(m.Name+m.Key, 0) {
			return fault.New(fault.Invalid, "bulk.message_invalid", "Say which message is meant: a name of at most 200 bytes, and a key of at most 500.")
		}
		if !isObject(m.Payload) {
			return fault.New(fault.Invalid, "message.payload_invalid", "The payload is not a JSON object.")
		}
	}
	return nil
}

// Bounds of options.
const (
	mostText = 200
	mostKey  = 500
)

// judgedAs tells whether a dry run with other options says the same.
func (o *Options) judgedAs(operation Operation, other *Options) bool {
	switch operation {
	case SetPriority:
		return o.Priority == other.Priority
	case RestartFrom, Fire:
		return o.Node == other.Node
	case Migrate:
		return o.Version == other.Version
	case Message:
		return o.Message != nil && other.Message != nil && o.Message.Name == other.Message.Name && o.Message.Key == other.Message.Key
	}
	return true
}

// isObject tells whether a value is an object or nothing.
func isObject(raw json.RawMessage) bool {
	var fields map[string]json.RawMessage
	return len(raw) == 0 || json.Unmarshal(raw, &fields) == nil
}

// Run is the word that a draft becomes a job. Reason and Options replace the draft's when they are given.
type Run struct {
	Actor   string
	ID      string
	Reason  string
	Options *Options
}

// Run starts a draft.
func (s *Service) Run(ctx context.Context, r Run) (Job, error) {
	draft, err := s.Job(ctx, r.ID)
	if err != nil {
		return Job{}, err
	}
	reason, options := strings.TrimSpace(r.Reason), draft.Options
	if reason == "" {
		reason = draft.Reason
	}
	if r.Options != nil {
		options = *r.Options
	}
	if reason == "" {
		return Job{}, fault.New(fault.Invalid, "bulk.reason_missing", "Say why; it is kept with every process.")
	}
	if err := options.check(draft.Operation); err != nil {
		return Job{}, err
	}
	if !options.judgedAs(draft.Operation, &draft.Options) {
		return Job{}, fault.New(fault.Conflict, "bulk.not_judged", "The dry run was made for something else; prepare another job.")
	}
	job, err := s.config.Store.Run(ctx, r.ID, r.Actor, reason, options)
	if err != nil {
		return Job{}, storeFault(err, "bulk.started_already", "The job was started already.")
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return job, nil
}

// Abort stops a job: what is under way is finished, the rest stays as it is.
func (s *Service) Abort(ctx context.Context, id, actor string) (Job, error) {
	if uuid.Validate(id) != nil {
		return Job{}, storeFault(ErrUnknown, "", "")
	}
	job, err := s.config.Store.Abort(ctx, id, actor)
	return job, storeFault(err, "bulk.not_running", "The job does not run.")
}

// Job returns a job.
func (s *Service) Job(ctx context.Context, id string) (Job, error) {
	if uuid.Validate(id) != nil {
		return Job{}, storeFault(ErrUnknown, "", "")
	}
	job, err := s.config.Store.Job(ctx, id)
	return job, storeFault(err, "", "")
}

// Jobs lists jobs, newest first, and where the next page begins.
func (s *Service) Jobs(ctx context.Context, states []State, cursor string, limit int) ([]Job, string, error) {
	if cursor != "" && uuid.Validate(cursor) != nil {
		return nil, "", errCursor
	}
	if len(states) == 0 {
		states = []State{Running, Aborting, Aborted, Finished}
	}
	jobs, err := s.config.Store.Jobs(ctx, JobFilter{States: states, Before: cursor, Limit: limit + 1})
	if err != nil || len(jobs) <= limit {
		return jobs, "", err
	}
	return jobs[:limit], jobs[limit-1].ID, nil
}

// Items lists a job's items in the order in which they are done, and where the next page begins.
func (s *Service) Items(ctx context.Context, id string, states []ItemState, cursor string, limit int) ([]Item, string, error) {
	after := int64(0)
	if cursor != "" {
		var err error
		if after, err = strconv.ParseInt(cursor, 10, 64); err != nil || after < 0 {
			return nil, "", errCursor
		}
	}
	if _, err := s.Job(ctx, id); err != nil {
		return nil, "", err
	}
	if slices.Contains(states, Pending) {
		states = append(slices.Clone(states), Taken)
	}
	items, err := s.config.Store.Items(ctx, ItemFilter{Job: id, States: states, After: after, Limit: limit + 1})
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(items) > limit {
		items = items[:limit]
		next = strconv.FormatInt(items[limit-1].Seq, 10)
	}
	for i := range items {
		if items[i].State == Taken {
			items[i].State = Pending
		}
		if items[i].Message == "" {
			items[i].Message = dryRunWords[items[i].Code]
		}
	}
	return items, next, nil
}

var errCursor = fault.New(fault.Invalid, "list.cursor_invalid", "The cursor is not one of this list.")

// The codes that the dry run gives; those of the engine mean the same there.
const (
	CodeNoIncident = "bulk.no_incident"
	CodeUnknown    = "process.unknown"
	CodeEnded      = "flow.process_ended"
	CodeCancelling = "flow.cancelling"
	CodeSuspended  = "flow.already_suspended"
	CodeResumed    = "flow.not_suspended"
	CodeByCaller   = "flow.suspended_by_caller"
	CodeSame       = "flow.nothing_to_do"
	CodeNoTime     = "flow.not_waiting"
	CodeNoMessage  = "message.not_awaited"
	CodeKeys       = "message.key_needed"
)

var dryRunWords = map[string]string{
	CodeNoIncident: "the process has no such incident",
	CodeUnknown:    "there is no such process",
	CodeEnded:      "the process has ended",
	CodeCancelling: "the process is being cancelled",
	CodeSuspended:  "the process is suspended already",
	CodeResumed:    "the process is not suspended",
	CodeByCaller:   "the process is suspended with the one that called it, and goes on with it",
	CodeSame:       "the process has this priority already",
	CodeNoTime:     "the process waits for no such time",
	CodeNoMessage:  "the process waits for no such message",
	CodeKeys:       "the process waits for the message under several keys; say which one is meant",
}

func storeFault(err error, code, message string) error {
	switch {
	case errors.Is(err, ErrUnknown):
		return fault.New(fault.NotFound, "bulk.unknown", "There is no such job.")
	case errors.Is(err, ErrState):
		return fault.New(fault.Conflict, code, message)
	}
	return err
}

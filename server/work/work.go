// Package work serves workers that speak HTTP: programs in any language that poll for tasks of a pool, say that they live, and report
// what became of them.
//
// To the engine they are workers like any other: their beats are written into Redis by whatever server they call, and what they hold is
// lost when they fall silent. No server keeps anything of them, so any server may take any call.
package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Engine is what workers need of the part that runs processes.
type Engine interface {
	TakeWork(ctx context.Context, pool string) (*dispatch.Taken, error)
	HoldWork(ctx context.Context, pool string, refs []engine.WorkRef) (gone []engine.WorkRef, err error)
	ReportWork(ctx context.Context, report wire.Report, lane wire.Lane) error
	TellWork(ctx context.Context, reports []wire.Report) error
	WorkInput(ctx context.Context, ref string) (json.RawMessage, error)
	Task(ctx context.Context, process, task string) (engine.TaskView, error)
	WorksOn(ctx context.Context, process string, pools []string) (bool, error)
}

// Config of a Service. Redis, Keys and Engine are required.
type Config struct {
	Redis  redis.UniversalClient
	Keys   wire.Keys
	Engine Engine
	Log    *slog.Logger // default slog.Default()
}

// Service serves workers.
type Service struct {
	config Config
	wakes  *wakes
}

// New returns a service.
func New(config Config) (*Service, error) {
	if config.Redis == nil || config.Keys.ID == "" || config.Engine == nil {
		return nil, errors.New("work: Redis, Keys and Engine are required")
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Service{config: config, wakes: newWakes(config.Redis, config.Keys)}, nil
}

// Start begins to listen for new tasks.
func (s *Service) Start(context.Context) error { s.wakes.start(); return nil }

// Stop ends that; polls under way answer that there is nothing. It may be called more than once.
func (s *Service) Stop() { s.wakes.stop() }

// How often a worker is to say that it and each of its tasks live, and when a task of which nothing was said is taken away: with the two
// beats that the engine waits for then, a task runs elsewhere within 15 s.
const (
	Heartbeat  = 2 * time.Second
	leaseLasts = 8 * time.Second
	verdictIn  = 10 * time.Second
)

var (
	validPool   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)
	validWorker = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$`)
)

// Announcement is what a worker says of itself.
type Announcement struct {
	Pool, Worker, Host, Version string
	Slots                       int
	Types                       []wire.Descriptor
}

// id is what the worker is called in Redis and on the page of workers: apart from workers that are there themselves.
func id(pool, worker string) string { return "http:" + pool + ":" + worker }

var (
	errUnknown = fault.New(fault.Conflict, "work.unknown_worker", "The worker is not known, or was silent for too long: announce it again.")
	errAway    = "The queue does not answer."
)

func (s *Service) away(err error) error {
	return fault.Wrap(err, fault.Unavailable, "work.queue_away", errAway)
}

func named(pool, worker string) error {
	switch {
	case !validPool.MatchString(pool):
		return fault.New(fault.Invalid, "work.pool_invalid", "A pool's name begins with a letter and has up to 63 of a-z, 0-9, _ and -.")
	case !validWorker.MatchString(worker):
		return fault.New(fault.Invalid, "work.worker_invalid", "A worker's name has up to 100 letters, digits and _.:-")
	}
	return nil
}

// Announce makes a worker and its node types known, and returns those that the catalog refuses. A worker whose types are all refused
// is told so and takes nothing.
func (s *Service) Announce(ctx context.Context, a Announcement) ([]wire.Refusal, error) {
	if err := named(a.Pool, a.Worker); err != nil {
		return nil, err
	}
	if len(a.Types) == 0 {
		return nil, fault.New(fault.Invalid, "work.no_types", "Announce at least one node type.")
	}
	seen := map[string]bool{}
	for i := range a.Types {
		name := fmt.Sprintf("%s@%d", a.Types[i].Name, a.Types[i].Major)
		if seen[name] {
			return nil, fault.Newf(fault.Invalid, "work.type_twice", "%s is announced twice.", name)
		}
		seen[name] = true
		hash, err := catalog.Hash(a.Types[i])
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "work.type_invalid", "%s can't be read: its schemas are not JSON.", name)
		}
		a.Types[i].Hash = hash
	}
	slices.SortFunc(a.Types, func(x, y wire.Descriptor) int { return strings.Compare(x.Name, y.Name)*10000 + x.Major - y.Major })
	me := id(a.Pool, a.Worker)
	beat := wire.Beat{
		V: wire.Version, Worker: me, Pool: a.Pool, Host: a.Host, Version: a.Version, Slots: min(max(a.Slots, 1), 1000), StartedMS: time.Now().UnixMilli(),
		Waiting: true, Holds: []string{}, Types: a.Types,
	}
	// The verdict on what it announced before, if it did, is not the one on this.
	if err := s.config.Redis.HDel(ctx, s.config.Keys.Verdicts(), me).Err(); err != nil {
		return nil, s.away(err)
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(verdictIn); time.Now().Before(until); {
		if err := s.write(ctx, beat); err != nil {
			return nil, err
		}
		raw, err := s.config.Redis.HGet(ctx, s.config.Keys.Verdicts(), me).Bytes()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, s.away(err)
		}
		if err == nil {
			var refusals []wire.Refusal
			if err := json.Unmarshal(raw, &refusals); err != nil {
				return nil, fault.Wrap(err, fault.Internal, "work.verdict", "The catalog's answer can't be read.")
			}
			if beat.Waiting = len(refusals) == len(a.Types); !beat.Waiting {
				err = s.write(ctx, beat)
			}
			return refusals, err
		}
		select {
		case <-ctx.Done():
			return nil, s.away(ctx.Err())
		case <-tick.C:
		}
	}
	return nil, fault.New(fault.Unavailable, "work.no_verdict", "No engine has answered whether the node types are accepted; announce again.")
}

// write stores a beat. Its number only has to be another one each time.
func (s *Service) write(ctx context.Context, beat wire.Beat) error {
	beat.Seq = time.Now().UnixNano()
	raw, err := json.Marshal(beat)
	if err == nil {
		err = s.config.Redis.HSet(ctx, s.config.Keys.Workers(), beat.Worker, raw).Err()
	}
	if err != nil {
		return s.away(err)
	}
	return nil
}

// touch notes on Redis's clock that tasks of a worker live, and returns all that do: several calls of one worker may each speak of their own.
var touch = redis.NewScript(`
local t = redis.call("TIME")
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for i = 2, #ARGV do
	redis.call("ZADD", KEYS[1], now, ARGV[i])
end
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - ARGV[1])
redis.call("PEXPIRE", KEYS[1], 10 * ARGV[1])
return redis.call("ZRANGE", KEYS[1], 0, -1)`)

func (s *Service) holdsKey(me string) string { return s.config.Keys.ID + ":holds:" + me }

// beat says that a worker and some of its tasks live. It returns the worker's beat as it is now.
func (s *Service) beat(ctx context.Context, pool, worker string, live []lease) (wire.Beat, error) {
	me := id(pool, worker)
	raw, err := s.config.Redis.HGet(ctx, s.config.Keys.Workers(), me).Bytes()
	if errors.Is(err, redis.Nil) {
		return wire.Beat{}, errUnknown
	}
	if err != nil {
		return wire.Beat{}, s.away(err)
	}
	var beat wire.Beat
	if err := json.Unmarshal(raw, &beat); err != nil || beat.Pool != pool {
		return wire.Beat{}, errUnknown
	}
	arguments := []any{leaseLasts.Milliseconds()}
	for _, l := range live {
		arguments = append(arguments, wire.TaskID(l.task, l.epoch))
	}
	if beat.Holds, err = touch.Run(ctx, s.config.Redis, []string{s.holdsKey(me)}, arguments...).StringSlice(); err != nil {
		return wire.Beat{}, s.away(err)
	}
	if beat.Holds == nil {
		beat.Holds = []string{}
	}
	return beat, s.write(ctx, beat)
}

// Progress is what a worker says of a task that it runs.
type Progress struct {
	Lease   string
	Percent *int
	Text    string
	Log     string // new lines
}

// Beat says that a worker and the tasks named live, and passes on their news. It returns the leases that count no more.
func (s *Service) Beat(ctx context.Context, pool, worker string, news []Progress) ([]string, error) {
	if err := named(pool, worker); err != nil {
		return nil, err
	}
	leases := make([]lease, len(news))
	for i, n := range news {
		l, err := readLease(n.Lease)
		if err != nil {
			return nil, err
		}
		leases[i] = l
	}
	gone, live, err := s.sort(ctx, pool, leases)
	if err != nil {
		return nil, err
	}
	if _, err := s.beat(ctx, pool, worker, live); err != nil {
		return nil, err
	}
	var reports []wire.Report
	for i, n := range news {
		if n.Percent == nil && n.Log == "" || !slices.Contains(live, leases[i]) {
			continue
		}
		report := leases[i].report(wire.ReportProgress, pool, id(pool, worker))
		report.Log = n.Log
		if n.Percent != nil {
			report.Progress = &wire.Progress{Percent: *n.Percent, Text: n.Text}
		}
		reports = append(reports, report)
	}
	return gone, s.config.Engine.TellWork(ctx, reports)
}

// sort tells leases that count no more from those that do.
func (s *Service) sort(ctx context.Context, pool string, leases []lease) (gone []string, live []lease, err error) {
	gone = []string{}
	if len(leases) == 0 {
		return gone, nil, nil
	}
	lost, err := s.config.Engine.HoldWork(ctx, pool, refs(pool, leases))
	if err != nil {
		return nil, nil, err
	}
	for _, l := range leases {
		if slices.Contains(lost, l.ref(pool)) {
			gone = append(gone, l.text())
		} else {
			live = append(live, l)
		}
	}
	return gone, live, nil
}

// Task is a task for a worker.
type Task struct {
	Lease       string
	Task        wire.Task
	Input       json.RawMessage
	Idempotency string
}

// Poll asks for tasks.
type Poll struct {
	Pool, Worker string
	Most         int
	Wait         time.Duration
	Holds        []string // leases of tasks that run meanwhile
}

// Take returns tasks as soon as there are some, or none after a while; and the leases that count no more. The poll itself says that the
// worker lives, and what it holds.
func (s *Service) Take(ctx context.Context, p Poll) (tasks []Task, gone []string, err error) {
	if err := named(p.Pool, p.Worker); err != nil {
		return nil, nil, err
	}
	leases, err := readLeases(p.Holds)
	if err != nil {
		return nil, nil, err
	}
	news, leave := s.wakes.wait(p.Pool)
	defer leave()
	until := time.NewTimer(p.Wait)
	defer until.Stop()
	tick := time.NewTicker(Heartbeat)
	defer tick.Stop()
	beaten := false
	var beat wire.Beat
	for {
		if !beaten {
			if gone, leases, err = s.sort(ctx, p.Pool, leases); err != nil {
				return nil, nil, err
			}
			if beat, err = s.beat(ctx, p.Pool, p.Worker, leases); err != nil {
				return nil, nil, err
			}
			if len(gone) > 0 { // it should stop what it does before it does more
				return []Task{}, gone, nil
			}
			beaten = true
		}
		if tasks, err = s.fill(ctx, p, &beat); err != nil || len(tasks) > 0 {
			return tasks, gone, err
		}
		select {
		case <-news:
		case <-tick.C:
			beaten = false
		case <-until.C:
			return []Task{}, gone, nil
		case <-s.wakes.ended:
			return []Task{}, gone, nil
		case <-ctx.Done():
			return []Task{}, gone, nil
		}
	}
}

// fill takes what there is, and hands back at once what must not run.
func (s *Service) fill(ctx context.Context, p Poll, beat *wire.Beat) ([]Task, error) {
	if beat.Waiting || beat.Draining {
		return nil, fault.New(fault.Conflict, "work.refused", "The catalog refuses every node type of this worker.")
	}
	var tasks []Task
	var live []lease
	var started []wire.Report
	for len(tasks) < p.Most {
		taken, err := s.config.Engine.TakeWork(ctx, p.Pool)
		if err != nil || taken == nil {
			if err != nil && len(tasks) == 0 {
				return nil, err
			}
			break
		}
		t := taken.Task
		l := lease{t.Process, t.Task, t.Epoch, t.Attempt, taken.Lane, t.NodeType}
		if !s.may(ctx, p.Pool, t.NodeType, beat) {
			if err := s.handBack(ctx, p.Pool, p.Worker, l); err != nil {
				s.config.Log.Warn("hand back a task that must not run", "task_id", t.Task, "error", err)
			}
			break // not again at once, or the two of us play ball with it
		}
		input := t.Input
		if t.InputRef != "" {
			if input, err = s.config.Engine.WorkInput(ctx, t.InputRef); err != nil {
				s.config.Log.Warn("read the input of a task", "task_id", t.Task, "error", err)
				_ = s.handBack(ctx, p.Pool, p.Worker, l)
				break
			}
		}
		if len(input) == 0 {
			input = json.RawMessage(`{}`)
		}
		tasks = append(tasks, Task{Lease: l.text(), Task: t, Input: input, Idempotency: fmt.Sprintf("%s.%d", t.Task, t.InputRev)})
		live = append(live, l)
		started = append(started, l.report(wire.ReportStarted, p.Pool, id(p.Pool, p.Worker)))
	}
	if len(tasks) == 0 {
		return nil, nil
	}
	if _, err := s.beat(ctx, p.Pool, p.Worker, live); err != nil {
		s.config.Log.Warn("note what a worker has taken", "worker_id", id(p.Pool, p.Worker), "error", err)
	}
	if err := s.config.Engine.TellWork(ctx, started); err != nil {
		s.config.Log.Warn("tell that tasks have begun", "worker_id", id(p.Pool, p.Worker), "error", err)
	}
	return tasks, nil
}

// may tells whether a worker may run a task: it has announced and the catalog has accepted its type, and nobody paused it.
func (s *Service) may(ctx context.Context, pool, nodeType string, beat *wire.Beat) bool {
	if typeOf(beat, nodeType) == nil {
		return false
	}
	paused, err := s.config.Redis.HMGet(ctx, s.config.Keys.Paused(), "type:"+nodeType, "pool:"+pool).Result()
	if err != nil || slices.ContainsFunc(paused, func(reason any) bool { return reason != nil }) {
		return false
	}
	raw, err := s.config.Redis.HGet(ctx, s.config.Keys.Verdicts(), beat.Worker).Bytes()
	var refusals []wire.Refusal
	if err != nil || json.Unmarshal(raw, &refusals) != nil {
		return false
	}
	return !slices.ContainsFunc(refusals, func(r wire.Refusal) bool { return r.Type == nodeType })
}

func typeOf(beat *wire.Beat, nodeType string) *wire.Descriptor {
	for i := range beat.Types {
		if fmt.Sprintf("%s@%d", beat.Types[i].Name, beat.Types[i].Major) == nodeType {
			return &beat.Types[i]
		}
	}
	return nil
}

func (s *Service) handBack(ctx context.Context, pool, worker string, l lease) error {
	return s.config.Engine.ReportWork(ctx, l.report(wire.ReportHandback, pool, id(pool, worker)), l.lane)
}

// Outcome is how an attempt ended. Error nil: it completed with Output.
type Outcome struct {
	Output json.RawMessage
	Error  *wire.Error
	Log    string
}

// Finish takes the outcome of an attempt. One whose lease counts no more is refused, unless it is the one that was accepted.
func (s *Service) Finish(ctx context.Context, pool, worker, text string, o Outcome) error {
	l, err := s.mine(ctx, pool, worker, text)
	if err != nil {
		if fault.Is(err, fault.Conflict) && s.accepted(ctx, l, pool, worker, o.Error != nil) {
			return nil
		}
		return err
	}
	report := l.report(wire.ReportCompleted, pool, id(pool, worker))
	report.Log = o.Log
	if o.Error != nil {
		report.Kind, report.Error = wire.ReportFailed, o.Error
	} else {
		if err := s.checkOutput(ctx, pool, worker, l.nodeType, o.Output); err != nil {
			return err
		}
		report.Output = o.Output
	}
	return s.counted(s.config.Engine.ReportWork(ctx, report, l.lane))
}

// Release gives a task back: it uses no attempt.
func (s *Service) Release(ctx context.Context, pool, worker, text string) error {
	l, err := s.mine(ctx, pool, worker, text)
	if err != nil {
		return err
	}
	return s.counted(s.handBack(ctx, pool, worker, l))
}

// WorksOn tells whether workers of the pools have a task of a process now.
func (s *Service) WorksOn(ctx context.Context, process string, pools []string) (bool, error) {
	return s.config.Engine.WorksOn(ctx, process, pools)
}

// Leave says that a worker ends: it gets no tasks any more. What it still has is lost; it should finish or release it before.
func (s *Service) Leave(ctx context.Context, pool, worker string) error {
	if err := named(pool, worker); err != nil {
		return err
	}
	beat, err := s.beat(ctx, pool, worker, nil)
	if err != nil {
		return err
	}
	beat.Draining = true
	if err := s.write(ctx, beat); err != nil {
		return err
	}
	if err := s.config.Redis.Del(ctx, s.holdsKey(beat.Worker)).Err(); err != nil {
		return s.away(err)
	}
	return nil
}

var errLost = fault.New(fault.Conflict, "work.lease_lost", "The task is not this worker's any more: it was cancelled, timed out, or runs elsewhere. The result changes nothing.")

// mine reads a lease that counts.
func (s *Service) mine(ctx context.Context, pool, worker, text string) (lease, error) {
	if err := named(pool, worker); err != nil {
		return lease{}, err
	}
	l, err := readLease(text)
	if err != nil {
		return l, err
	}
	gone, err := s.config.Engine.HoldWork(ctx, pool, refs(pool, []lease{l}))
	if err != nil {
		return l, err
	}
	if len(gone) > 0 {
		return l, errLost
	}
	return l, nil
}

// accepted tells whether an outcome of this worker under this lease was accepted before: the answer to it was lost.
func (s *Service) accepted(ctx context.Context, l lease, pool, worker string, failed bool) bool {
	task, err := s.config.Engine.Task(ctx, l.process, l.task)
	if err != nil {
		return false
	}
	want := "completed"
	if failed {
		want = "failed"
	}
	return slices.ContainsFunc(task.Attempts, func(a engine.AttemptView) bool {
		return a.Epoch == l.epoch && a.Outcome == want && a.Worker == id(pool, worker)
	})
}

// counted says what it means that a report does not count.
func (s *Service) counted(err error) error {
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return errLost
	}
	return err
}

// checkOutput holds an output to the schema that the worker announced; a worker may mend it, or fail.
func (s *Service) checkOutput(ctx context.Context, pool, worker, nodeType string, output json.RawMessage) error {
	raw, err := s.config.Redis.HGet(ctx, s.config.Keys.Workers(), id(pool, worker)).Bytes()
	if errors.Is(err, redis.Nil) {
		return errUnknown
	}
	if err != nil {
		return s.away(err)
	}
	var beat wire.Beat
	if err := json.Unmarshal(raw, &beat); err != nil {
		return errUnknown
	}
	descriptor := typeOf(&beat, nodeType)
	if descriptor == nil {
		return errLost
	}
	compiled, err := schema.Compile(descriptor.OutputSchema, schema.Rules{})
	if err != nil {
		return fault.Wrap(err, fault.Internal, "work.schema", "The node type's output schema can't be read.")
	}
	if len(output) == 0 {
		output = json.RawMessage(`{}`)
	}
	issues := compiled.Check(output)
	if len(issues) == 0 {
		return nil
	}
	for i := range issues {
		issues[i].Path = "/output" + issues[i].Path
	}
	return fault.New(fault.Invalid, "work.output_invalid", "The output does not fit the node type's schema. The task is still yours.").WithIssues(issues...)
}

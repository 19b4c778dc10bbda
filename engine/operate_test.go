package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func wantFault(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind || (code != "" && f.Code != code) {
		t.Errorf("error %v; wanted %s %s", err, kind, code)
	}
}

// failing answers with an error code until it is told to stop.
type failing struct {
	code  string
	class wire.ErrorClass
	good  atomic.Bool
	runs  atomic.Int64
}

func (f *failing) handle(ctx context.Context, task *wire.Task) *wire.Report {
	f.runs.Add(1)
	if f.good.Load() || strings.Contains(string(task.Input), "good") {
		return echo(ctx, task)
	}
	return &wire.Report{Kind: wire.ReportFailed, Log: "about to fail\n", Error: &wire.Error{Class: f.class, Code: f.code, Message: "it does not work", Stack: "main.go:1"}}
}

func (in *installation) onlyTask(e *engine.Engine, process, node string) engine.TaskView {
	in.t.Helper()
	tasks, _, err := e.Tasks(context.Background(), process, engine.TaskFilter{})
	if err != nil {
		in.t.Fatal(err)
	}
	for _, s := range tasks {
		if s.NodeID == node {
			v, err := e.Task(context.Background(), process, s.ID)
			if err != nil {
				in.t.Fatal(err)
			}
			return v
		}
	}
	in.t.Fatalf("no task of node %s", node)
	return engine.TaskView{}
}

func TestIncidentHoldsTheProcessUntilItsTaskIsRetriedWithAnotherInput(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(2))
	f := &failing{code: "DOCUMENT_INVALID", class: wire.ErrorBusiness}
	in.worker("w1", "test", 4, f.handle)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "doc-7"})
	in.waitState(e, id, "incident", 10*time.Second)
	task := in.onlyTask(e, id, "step_1")
	if task.State != "incident" || task.Error == nil || task.Error.Code != "DOCUMENT_INVALID" || !task.Actions.Retry.Allowed || task.Why.Code != engine.WhyIncident {
		t.Fatalf("task %+v", task)
	}
	if len(task.Attempts) != 1 || task.Attempts[0].Outcome != "failed" || task.Attempts[0].Log != "about to fail\n" || task.Attempts[0].Error.Stack == "" {
		t.Fatalf("attempts %+v", task.Attempts)
	}
	incidents, _, err := e.Incidents(t.Context(), engine.IncidentFilter{IncidentMatch: engine.IncidentMatch{Definition: "chain"}})
	if err != nil || len(incidents) != 1 || incidents[0].CustomID != "doc-7" || incidents[0].Code != "DOCUMENT_INVALID" {
		t.Fatalf("incidents %+v, %v", incidents, err)
	}
	op := engine.OpCommand{Actor: "support", ProcessID: id, Reason: "a better file"}
	if err := e.Retry(t.Context(), engine.TaskCommand{OpCommand: op, TaskID: task.ID, Input: obj(`{"text":"good"}`)}); err != nil {
		t.Fatal(err)
	}
	// The second step gets its input from its own configuration, so it fails again: skip it.
	eventually(t, 10*time.Second, "the second step failed", func() bool {
		tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{States: []string{"incident"}})
		return err == nil && len(tasks) == 1 && tasks[0].NodeID == "step_2"
	})
	task = in.onlyTask(e, id, "step_1")
	if task.State != "completed" || string(task.Input) != `{"text":"good"}` || len(task.Attempts) != 2 || !strings.Contains(string(task.Attempts[0].Input), "xxx") {
		t.Errorf("task after its retry %+v", task)
	}
	second := in.onlyTask(e, id, "step_2")
	if err := e.Skip(t.Context(), engine.TaskCommand{OpCommand: op, TaskID: second.ID, Output: obj(`{"by":"hand"}`)}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 10*time.Second)
	if second = in.onlyTask(e, id, "step_2"); second.State != "skipped" || string(second.Output) != `{"by":"hand"}` {
		t.Errorf("skipped task %+v", second)
	}
	err = e.Retry(t.Context(), engine.TaskCommand{OpCommand: op, TaskID: second.ID})
	wantFault(t, err, fault.Conflict, "flow.process_ended")
	in.checkInvariants(t)
}

// With N attempts the predecessor ran N or N+1 times.
func TestDefect_NAttemptsAreExactlyNRuns(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1, func(_ int, n *graph.Node) {
		n.Service.Retry = &graph.RetryPolicy{MaxAttempts: 3, Backoff: graph.BackoffFixed, InitialMS: 50}
	}))
	f := &failing{code: "BROKEN", class: wire.ErrorRetryable}
	in.worker("w1", "test", 4, f.handle)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	in.waitState(e, id, "incident", 15*time.Second)
	if n := f.runs.Load(); n != 3 {
		t.Errorf("%d runs instead of 3", n)
	}
	task := in.onlyTask(e, id, "step_1")
	if len(task.Attempts) != 3 || task.Attempts[2].Attempt != 3 {
		t.Errorf("attempts %+v", task.Attempts)
	}
	f.good.Store(true)
	if err := e.Retry(t.Context(), engine.TaskCommand{OpCommand: engine.OpCommand{Actor: "a", ProcessID: id}, TaskID: task.ID}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 10*time.Second)
	in.checkInvariants(t)
}

// A second start with a known key lost its key in the predecessor's client and started again.
func TestDefect_IdempotencyKeyReturnsTheFirstID(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	e := in.engine()
	cmd := engine.StartCommand{DefinitionKey: "chain", IdempotencyKey: "k-1", Input: obj(`{"a": 1, "b": 2}`)}
	var group sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]int{}
	fresh := 0
	for range 20 {
		group.Go(func() {
			r, err := e.StartProcess(context.Background(), cmd)
			if err != nil {
				t.Errorf("start: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ids[r.ID]++
			if !r.Existing {
				fresh++
			}
		})
	}
	group.Wait()
	if len(ids) != 1 || fresh != 1 {
		t.Errorf("ids %v, %d of them fresh", ids, fresh)
	}
	same := cmd
	same.Input = obj(`{"b":2,"a":1}`)
	if r, err := e.StartProcess(t.Context(), same); err != nil || !r.Existing || ids[r.ID] == 0 {
		t.Errorf("the same request: %+v, %v", r, err)
	}
	other := cmd
	other.Input = obj(`{"a":2}`)
	_, err := e.StartProcess(t.Context(), other)
	wantFault(t, err, fault.Conflict, "process.idempotency_mismatch")
	if n := in.count(`SELECT count(*) FROM process`); n != 1 {
		t.Errorf("%d processes", n)
	}
	in.checkInvariants(t)
}

// A late error turned an ended process of the predecessor into a broken one.
func TestDefect_TerminalStatesAreFinal(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	var seen wire.Task
	took := make(chan struct{})
	w := in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		seen = *task
		close(took)
		return echo(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	<-took
	in.waitState(e, id, "completed", 10*time.Second)
	before, err := e.Heads(t.Context(), []string{id})
	if err != nil {
		t.Fatal(err)
	}
	w.report(&seen, &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorPermanent, Code: "LATE", Message: "late"}})
	eventually(t, 10*time.Second, "the late error is in the history", func() bool {
		events, _, err := e.Events(t.Context(), id, before[id], 10)
		return err == nil && len(events) == 1 && events[0].Changes[0].Kind == "ignored"
	})
	if s := in.state(e, id); s != "completed" {
		t.Errorf("state %s", s)
	}
	op := engine.OpCommand{Actor: "a", ProcessID: id}
	wantFault(t, e.Cancel(t.Context(), op), fault.Conflict, "")
	wantFault(t, e.Suspend(t.Context(), op), fault.Conflict, "")
	in.checkInvariants(t)
}

// What ran to its end while the hold began is accepted: its message is gone from Redis, but was not taken back.
func TestAHoldKeepsTheResultThatIsOnItsWay(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	began, release := make(chan struct{}, 10), make(chan struct{})
	w := in.worker("w1", "test", 1, func(_ context.Context, _ *wire.Task) *wire.Report {
		began <- struct{}{}
		<-release
		return nil // the message leaves asynq before its result is seen
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	<-began
	close(release)
	active := "asynq:{" + in.keys.Queue("test", wire.LaneNormal) + "}:active"
	eventually(t, 10*time.Second, "the message is gone", func() bool { return in.rdb.LLen(t.Context(), active).Val() == 0 })
	op := engine.OpCommand{Actor: "ann", ProcessID: id, Reason: "x"}
	if err := e.Suspend(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	task := in.onlyTask(e, id, "step_1")
	w.report(&wire.Task{Process: id, Task: task.ID, Epoch: 1, Attempt: 1, NodeType: "test.step@1"}, &wire.Report{Kind: wire.ReportCompleted, Output: obj(`{"text":"kept"}`)})
	eventually(t, 10*time.Second, "the result is accepted", func() bool { return in.onlyTask(e, id, "step_1").State == "completed" })
	if err := e.Resume(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 10*time.Second)
	if len(began) != 0 {
		t.Error("it ran again")
	}
	in.checkInvariants(t)
}

func TestSuspendTakesMessagesBackAndResumeGoesOn(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(3))
	// One slot that is busy: the other process's message waits in the queue.
	release := make(chan struct{})
	began := make(chan string, 10)
	in.worker("w1", "test", 1, func(ctx context.Context, task *wire.Task) *wire.Report {
		began <- task.Process
		select {
		case <-release:
		case <-ctx.Done():
		}
		return echo(ctx, task)
	})
	e := in.engine()
	busy := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	if got := <-began; got != busy {
		t.Fatal("another process began")
	}
	waiting := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	op := engine.OpCommand{Actor: "ann", ProcessID: waiting, Reason: "wait for the client"}
	if err := e.Suspend(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "its message is taken back", func() bool {
		return in.count(`SELECT count(*) FROM backlog WHERE process_id = $1 AND held`, waiting) == 1
	})
	if task := in.onlyTask(e, waiting, "step_1"); task.State != "ready" || task.Epoch != 2 || task.Why == nil || task.Why.Code != engine.WhyHeldBySuspend || task.Why.Params["by"] != "ann" {
		t.Errorf("task %+v why %+v", task.TaskSummary, task.Why)
	}
	wantFault(t, e.Suspend(t.Context(), op), fault.Conflict, "")
	if err := e.Suspend(t.Context(), engine.OpCommand{Actor: "ann", ProcessID: busy}); err != nil {
		t.Fatal(err)
	}
	close(release)
	eventually(t, 10*time.Second, "the running task ended and its token waits", func() bool {
		tasks, _, err := e.Tasks(t.Context(), busy, engine.TaskFilter{})
		return err == nil && len(tasks) == 1 && tasks[0].State == "completed"
	})
	for _, id := range []string{busy, waiting} {
		if s := in.state(e, id); s != "suspended" {
			t.Errorf("state %s", s)
		}
		if err := e.Resume(t.Context(), engine.OpCommand{Actor: "ann", ProcessID: id}); err != nil {
			t.Fatal(err)
		}
	}
	in.waitState(e, busy, "completed", 20*time.Second)
	in.waitState(e, waiting, "completed", 20*time.Second)
	in.checkInvariants(t)
}

// An abort destroyed the evidence.
func TestDefect_CancelledTreesStayReadable(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(3))
	stopped := make(chan string, 1)
	sub := in.rdb.Subscribe(t.Context(), in.keys.Cancels())
	defer func() { _ = sub.Close() }()
	if _, err := sub.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	go func() {
		if m, ok := <-sub.Channel(); ok {
			stopped <- m.Payload
		}
	}()
	began := make(chan struct{}, 1)
	in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "step_2" {
			began <- struct{}{}
			<-ctx.Done()
			return nil
		}
		return echo(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	<-began
	if err := e.Cancel(t.Context(), engine.OpCommand{Actor: "ann", ProcessID: id, Reason: "not needed"}); err != nil {
		t.Fatal(err)
	}
	v, err := e.Process(t.Context(), id)
	if err != nil || v.State != "cancelled" || v.EndedAt == nil || v.Counts["completed"] != 1 || v.Counts["cancelled"] != 1 {
		t.Errorf("process %+v, %v", v, err)
	}
	select {
	case told := <-stopped:
		if task := in.onlyTask(e, id, "step_2"); told != wire.TaskID(task.ID, 1) || task.State != "cancelled" {
			t.Errorf("told %s, task %+v", told, task)
		}
	case <-time.After(10 * time.Second):
		t.Error("the worker was not told to stop")
	}
	events, _, err := e.Events(t.Context(), id, 0, 100)
	if err != nil || len(events) == 0 {
		t.Errorf("events %d, %v", len(events), err)
	}
	in.checkInvariants(t)
}

// A restart lost the link to the old process and took the same arguments only.
func TestDefect_RestartLinksBothWaysAndTakesAnotherInput(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	old := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "doc-1", Input: obj(`{"n":1}`)})
	in.waitState(e, old, "completed", 10*time.Second)
	fresh, err := e.RestartAsNew(t.Context(), engine.RestartCommand{OpCommand: engine.OpCommand{Actor: "ann", ProcessID: old, Reason: "again"}, Input: obj(`{"n":2}`)})
	if err != nil {
		t.Fatal(err)
	}
	in.waitState(e, fresh, "completed", 10*time.Second)
	a, err := e.Process(t.Context(), old)
	if err != nil || !slices.Equal(a.RestartedAs, []string{fresh}) {
		t.Errorf("old %+v, %v", a, err)
	}
	b, err := e.Process(t.Context(), fresh)
	if err != nil || b.RestartedFrom != old || b.CustomID != "doc-1" || string(b.Input) != `{"n":2}` {
		t.Errorf("new %+v, %v", b, err)
	}
}

// What PostgreSQL cannot store is kept aside, and its task fails visibly instead of coming again for ever.
func TestPoisonedResultGoesToDeadResultsAndOpensAnIncident(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	// What PostgreSQL refuses though every check before it passed.
	if _, err := in.db.Exec(t.Context(), `ALTER TABLE output ADD CHECK (body::text NOT LIKE '%poison%')`); err != nil {
		t.Fatal(err)
	}
	in.worker("w1", "test", 16, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.CustomID == "poison" {
			return &wire.Report{Kind: wire.ReportCompleted, Output: obj(`{"text":"poison"}`)}
		}
		return echo(ctx, task)
	})
	e := in.engine()
	var ids []string
	for i := range 20 {
		id := fmt.Sprint(i)
		if i == 7 {
			id = "poison"
		}
		ids = append(ids, in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: id}))
	}
	for i, id := range ids {
		if i == 7 {
			in.waitState(e, id, "incident", 20*time.Second)
		} else {
			in.waitState(e, id, "completed", 20*time.Second)
		}
	}
	if n := in.count(`SELECT count(*) FROM dead_result WHERE process_id = $1`, ids[7]); n != 1 {
		t.Errorf("%d dead results", n)
	}
	if err := in.rdb.XAdd(t.Context(), addReport(in, 3, `{"nonsense`)).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "an unreadable report is kept aside", func() bool { return in.count(`SELECT count(*) FROM dead_result`) == 2 })
	eventually(t, 10*time.Second, "the streams are empty", func() bool {
		left := int64(0)
		for shard := range wire.Shards {
			left += in.rdb.XLen(t.Context(), in.keys.Results(shard)).Val()
		}
		return left == 0
	})
	in.checkInvariants(t)
}

func TestProgressAndLogOfARunningTaskAreSeen(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	release := make(chan struct{})
	var w *worker
	ready := make(chan struct{})
	w = in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		<-ready
		w.report(task, &wire.Report{Kind: wire.ReportStarted})
		w.report(task, &wire.Report{Kind: wire.ReportProgress, Progress: &wire.Progress{Percent: 40, Text: "half way"}, Log: "line 1\n"})
		w.report(task, &wire.Report{Kind: wire.ReportProgress, Progress: &wire.Progress{Percent: 60, Text: "more"}, Log: "line 2\n"})
		<-release
		r := echo(ctx, task)
		r.Log = "line 1\nline 2\nline 3\n"
		return r
	})
	close(ready)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	eventually(t, 10*time.Second, "progress is seen", func() bool {
		tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{})
		return err == nil && len(tasks) == 1 && tasks[0].State == "running" && tasks[0].Progress != nil && tasks[0].Progress.Percent == 60
	})
	task := in.onlyTask(e, id, "step_1")
	if len(task.Attempts) != 1 || task.Attempts[0].Log != "line 1\nline 2\n" || task.Attempts[0].Outcome != "" || task.StartedAt == nil || task.QueuedMS == nil {
		t.Errorf("attempts %+v", task.Attempts)
	}
	close(release)
	in.waitState(e, id, "completed", 10*time.Second)
	task = in.onlyTask(e, id, "step_1")
	if len(task.Attempts) != 1 || task.Attempts[0].Log != "line 1\nline 2\nline 3\n" || task.Attempts[0].Outcome != "completed" || task.Progress != nil {
		t.Errorf("attempts %+v progress %+v", task.Attempts, task.Progress)
	}
	if _, err := json.Marshal(task); err != nil {
		t.Error(err)
	}
	in.checkInvariants(t)
}

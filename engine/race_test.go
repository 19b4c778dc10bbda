package engine_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// The races, each with its test:
//
//   - a timer on the border against the end of its activity: TestATimerComesAsItsActivityEnds
//   - what loses at an event-based gateway: TestTwoMessagesComeAtOnce, TestATimerAndAMessageComeAtOnce
//   - a message before its subscription, and both at once: TestAnEarlyMessageIsKept, TestMessagesAndSubscriptionsNeverMissEachOther
//   - a parent cancelled while its children run: TestCancelReachesAllThatWasCalled
//   - a terminate end while instances are open: TestATerminateEndsAListInFlight
//   - two servers on one process: TestTwoServersActOnOneProcess, TestEachCallBeginsOneChild (one is killed)
//   - a migration while a result is on its way: TestMigrateWhileAResultIsInFlight
//   - an incident in one branch while another ends: TestABranchEndsAsAnotherBecomesAnIncident

// racers is how many processes run a race at the same time.
const racers = 25

// together runs things at the same time and waits for them.
func together(things ...func()) {
	var ready, done sync.WaitGroup
	gate := make(chan struct{})
	for _, thing := range things {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-gate
			thing()
		})
	}
	ready.Wait()
	close(gate)
	done.Wait()
}

func parallel(id string) graph.Node {
	return graph.Node{ID: id, Kind: graph.KindParallelGateway}
}

// TestTwoMessagesComeAtOnce: one wakes the gateway, the other is not consumed: who waits for it later gets it.
func TestTwoMessagesComeAtOnce(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	message := func(id string) graph.Node {
		return graph.Node{ID: id, Kind: graph.KindMessageEvent, Title: id, Message: &graph.Message{Name: id, Key: "=process.custom_id"}}
	}
	in.versions.publish("first", drawing([]graph.Node{{ID: "wait", Kind: graph.KindEventGateway}, message("yes"), message("no"), step("do"), step("leave"), ending("done")},
		"start > wait > yes > do > done", "wait > no > leave > done"))
	in.versions.publish("yes", drawing([]graph.Node{message("yes"), ending("done")}, "start > yes > done"))
	in.versions.publish("no", drawing([]graph.Node{message("no"), ending("done")}, "start > no > done"))
	in.worker("w1", "test", 8, echo)
	e, other := in.engine(), in.engine()
	ids := make([]string, racers)
	var sends []func()
	for i := range ids {
		key := fmt.Sprintf("A-%d", i)
		ids[i] = in.start(e, engine.StartCommand{DefinitionKey: "first", CustomID: key})
		for name, by := range map[string]*engine.Engine{"yes": e, "no": other} {
			sends = append(sends, func() {
				if _, err := by.SendMessage(context.Background(), engine.MessageCommand{Actor: "ann", Name: name, Key: key, ID: name + key, Payload: obj(`{}`)}); err != nil {
					t.Errorf("send %s to %s: %v", name, key, err)
				}
			})
		}
	}
	together(sends...)
	later := make([]string, racers)
	for i, id := range ids {
		in.waitState(e, id, "completed", 30*time.Second)
		states := in.nodeStates(id)
		if (states["do"] == "completed") == (states["leave"] == "completed") {
			t.Errorf("process %d went both ways, or none: %v", i, states)
		}
		loser := "no"
		if states["leave"] == "completed" {
			loser = "yes"
		}
		later[i] = in.start(e, engine.StartCommand{DefinitionKey: loser, CustomID: fmt.Sprintf("A-%d", i)})
	}
	for _, id := range later {
		in.waitState(e, id, "completed", 30*time.Second)
	}
	in.settled()
}

// TestATimerAndAMessageComeAtOnce: one of them wakes the gateway. A message that came too late is not consumed.
func TestATimerAndAMessageComeAtOnce(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	paid := graph.Node{ID: "paid", Kind: graph.KindMessageEvent, Title: "Paid", Message: &graph.Message{Name: "paid", Key: "=process.custom_id"}}
	late := graph.Node{ID: "late", Kind: graph.KindTimerEvent, Title: "Late", Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "P1D"}}
	in.versions.publish("first", drawing([]graph.Node{{ID: "wait", Kind: graph.KindEventGateway}, paid, late, step("send"), step("remind"), ending("done")},
		"start > wait > paid > send > done", "wait > late > remind > done"))
	in.versions.publish("paid", drawing([]graph.Node{paid, ending("done")}, "start > paid > done"))
	in.worker("w1", "test", 8, echo)
	e, other := in.engine(), in.engine()
	ids := make([]string, racers)
	var things []func()
	for i := range ids {
		key := fmt.Sprintf("B-%d", i)
		ids[i] = in.start(e, engine.StartCommand{DefinitionKey: "first", CustomID: key})
		task := in.onlyTask(e, ids[i], "wait").ID
		things = append(things, func() {
			_ = other.Fire(context.Background(), engine.FireCommand{OpCommand: in.op(ids[i], "now"), TaskID: task, Node: "late"}) // refused when it is over
		}, func() {
			if _, err := e.SendMessage(context.Background(), engine.MessageCommand{Actor: "ann", Name: "paid", Key: key, Payload: obj(`{}`)}); err != nil {
				t.Errorf("send to %s: %v", key, err)
			}
		})
	}
	together(things...)
	ways := map[string]int{}
	for i, id := range ids {
		in.waitState(e, id, "completed", 60*time.Second)
		switch states := in.nodeStates(id); {
		case states["send"] == "completed" && states["remind"] == "":
			ways["paid"]++
		case states["remind"] == "completed" && states["send"] == "":
			ways["late"]++
			in.waitState(e, in.start(e, engine.StartCommand{DefinitionKey: "paid", CustomID: fmt.Sprintf("B-%d", i)}), "completed", 60*time.Second)
		default:
			t.Errorf("process %d went %v", i, states)
		}
	}
	t.Logf("%v", ways)
	in.settled()
}

// TestTwoServersActOnOneProcess: results come through the one that reads the process's shard, while both suspend it and let it go on
// and forget it between commits. Each entry of its list is accepted once.
func TestTwoServersActOnOneProcess(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	each := step("each", "n", `"=index"`)
	each.Multi = &graph.Multi{Items: obj(`300`), Collect: obj(`"=result.n"`)}
	in.versions.publish("list", drawing([]graph.Node{each, ending("done")}, "start > each > done"))
	in.worker("w1", "test", 8, echo)
	forgetful := func(c *engine.Config) { c.CachedProcess = 1 }
	engines := []*engine.Engine{in.engine(forgetful), in.engine(forgetful)}
	id := in.start(engines[0], engine.StartCommand{DefinitionKey: "list"})
	var acted [2]int
	act := func(i int) func() {
		return func() {
			for range 25 {
				if flow.ProcessState(in.state(engines[i], id)).Terminal() {
					return
				}
				if engines[i].Suspend(context.Background(), in.op(id, "wait")) == nil {
					acted[i]++
				}
				_ = engines[1-i].Resume(context.Background(), in.op(id, "go on")) // refused when the other one has done it
			}
		}
	}
	together(act(0), act(1))
	in.waitState(engines[0], id, "completed", 60*time.Second)
	t.Logf("suspended %v times", acted)
	if acted[0]+acted[1] == 0 {
		t.Error("nothing was done to it while it ran")
	}
	const entries = `SELECT count(*) FROM output WHERE process_id = $1 AND node_id = ''`
	if n := in.count(entries, id); n != 300 {
		t.Errorf("%d of 300 entries were accepted", n)
	}
	if n := in.count(`SELECT count(DISTINCT run) FROM output WHERE process_id = $1 AND node_id = ''`, id); n != 300 {
		t.Errorf("%d of 300 entries are there", n)
	}
	in.settled()
}

// TestATimerComesAsItsActivityEnds: the activity ends or is interrupted, never both and never neither.
func TestATimerComesAsItsActivityEnds(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	late := graph.Node{ID: "late", Kind: graph.KindBoundaryEvent, Title: "Late", Boundary: &graph.BoundaryEvent{On: "work", Kind: graph.BoundaryTimer,
		Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "P1D"}}}
	in.versions.publish("late", drawing([]graph.Node{step("work"), late, step("remind"), step("use"), ending("done")}, "start > work > use > done", "late > remind > done"))
	var waiting atomic.Int64
	gate := make(chan struct{})
	in.worker("w1", "test", racers+8, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "work" {
			waiting.Add(1)
			<-gate
		}
		return echo(ctx, task)
	})
	e := in.engine()
	ids := make([]string, racers)
	tasks := make([]string, racers)
	for i := range ids {
		ids[i] = in.start(e, engine.StartCommand{DefinitionKey: "late"})
	}
	eventually(t, 20*time.Second, "every activity runs", func() bool { return waiting.Load() == racers })
	for i, id := range ids {
		tasks[i] = in.onlyTask(e, id, "work").ID
	}
	fire := func(some []string, tasks []string) {
		for i, id := range some {
			_ = e.Fire(context.Background(), engine.FireCommand{OpCommand: in.op(id, "now"), TaskID: tasks[i], Node: "late"}) // refused when it is over
		}
	}
	things := []func(){func() { close(gate) }, func() { fire(ids[racers/2:], tasks[racers/2:]) }} // one after the other: results come in between
	for i := range racers / 2 {
		things = append(things, func() { fire(ids[i:i+1], tasks[i:i+1]) })
	}
	together(things...)
	ways := map[string]int{}
	for _, id := range ids {
		in.waitState(e, id, "completed", 30*time.Second)
		switch states := in.nodeStates(id); {
		case states["work"] == "completed" && states["use"] == "completed" && states["remind"] == "":
			ways["ended"]++
		case states["work"] == "cancelled" && states["remind"] == "completed" && states["use"] == "":
			ways["interrupted"]++
		default:
			t.Errorf("process %s went %v", id, states)
		}
	}
	t.Logf("%v", ways)
	in.settled()
}

// TestATerminateEndsAListInFlight: results of entries come while the process is terminated.
func TestATerminateEndsAListInFlight(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	entries := step("entries")
	entries.Multi = &graph.Multi{Items: obj(`40`), Limit: 20}
	stop := graph.Node{ID: "stop", Kind: graph.KindEndEvent, Title: "Stop", End: &graph.EndEvent{Kind: graph.EndTerminate}}
	in.versions.publish("stopped", drawing([]graph.Node{parallel("split"), entries, step("last"), stop, ending("done")}, "start > split > entries > done", "split > last > stop"))
	var waiting atomic.Int64
	gate := make(chan struct{})
	const most = 5
	in.worker("w1", "test", 128, func(ctx context.Context, task *wire.Task) *wire.Report {
		waiting.Add(1)
		<-gate
		return echo(ctx, task)
	})
	e := in.engine()
	ids := make([]string, most)
	for i := range ids {
		ids[i] = in.start(e, engine.StartCommand{DefinitionKey: "stopped"})
	}
	eventually(t, 20*time.Second, "everything runs that may", func() bool { return waiting.Load() == most*21 })
	close(gate)
	for _, id := range ids {
		in.waitState(e, id, "completed", 30*time.Second)
		if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND ended_at IS NULL`, id); n != 0 {
			t.Errorf("process %s has ended, %d of its tasks have not", id, n)
		}
	}
	in.settled()
}

// TestABranchEndsAsAnotherBecomesAnIncident: the join waits, nothing is lost, and the retry brings the process to its end.
func TestABranchEndsAsAnotherBecomesAnIncident(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("branches", drawing([]graph.Node{parallel("split"), step("good"), step("bad"), parallel("join"), step("use", "good", `"=tasks.good.n"`, "bad", `"=tasks.bad.n"`), ending("done")},
		"start > split > good > join > use > done", "split > bad > join"))
	var waiting atomic.Int64
	gate := make(chan struct{})
	in.worker("w1", "test", 2*racers+8, func(ctx context.Context, task *wire.Task) *wire.Report {
		switch {
		case task.Node == "use":
			return echo(ctx, task)
		case task.Epoch == 1:
			waiting.Add(1)
			<-gate
		}
		if task.Node == "bad" && task.Epoch == 1 {
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO", Message: "no"}}
		}
		return &wire.Report{Kind: wire.ReportCompleted, Output: obj(`{"n":"` + task.Node + `"}`)}
	})
	e := in.engine()
	ids := make([]string, racers)
	for i := range ids {
		ids[i] = in.start(e, engine.StartCommand{DefinitionKey: "branches"})
	}
	eventually(t, 20*time.Second, "both branches run everywhere", func() bool { return waiting.Load() == 2*racers })
	close(gate)
	for _, id := range ids {
		in.waitState(e, id, "incident", 30*time.Second)
		eventually(t, 20*time.Second, "the other branch ends in the hold", func() bool { return in.nodeStates(id)["good"] == "completed" })
		if states := in.nodeStates(id); states["use"] != "" {
			t.Errorf("process %s went on in a hold: %v", id, states)
		}
	}
	for _, id := range ids {
		if err := e.Retry(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "again"), TaskID: in.onlyTask(e, id, "bad").ID}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		in.waitState(e, id, "completed", 30*time.Second)
		if got := string(in.onlyTask(e, id, "use").Input); got != `{"bad":"bad","good":"good"}` {
			t.Errorf("the step behind the join was given %s", got)
		}
	}
	in.settled()
}

package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func call(id, definition string, fields ...string) graph.Node {
	n := graph.Node{ID: id, Kind: graph.KindCallActivity, Title: id, Call: &graph.CallActivity{Definition: definition, Input: map[string]graph.Value{}}}
	for i := 0; i+1 < len(fields); i += 2 {
		n.Call.Input[fields[i]] = obj(fields[i+1])
	}
	return n
}

func giving(id string, fields ...string) graph.Node {
	n := ending(id)
	n.End.Output = map[string]graph.Value{}
	for i := 0; i+1 < len(fields); i += 2 {
		n.End.Output[fields[i]] = obj(fields[i+1])
	}
	return n
}

// publishCalls publishes "main", which calls "sub", which does one step.
func (in *installation) publishCalls(change ...func(main, sub *graph.Document)) {
	main := drawing([]graph.Node{call("ask", "sub", "n", `"=input.n"`), step("after", "got", `"=tasks.ask.m"`), ending("done")}, "start > ask > after > done")
	sub := drawing([]graph.Node{step("work", "n", `"=input.n"`), giving("out", "m", `"=tasks.work.n"`)}, "start > work > out")
	for _, c := range change {
		c(main, sub)
	}
	in.versions.publish("main", main)
	in.versions.publish("sub", sub)
}

// children waits until a process has called n others and returns them.
func (in *installation) children(e *engine.Engine, parent string, n int) []engine.ProcessSummary {
	in.t.Helper()
	var found []engine.ProcessSummary
	eventually(in.t, 20*time.Second, fmt.Sprintf("%s has called %d processes", parent, n), func() bool {
		var err error
		if found, _, err = e.Children(context.Background(), parent, engine.ChildFilter{}); err != nil {
			in.t.Fatal(err)
		}
		return len(found) == n
	})
	return found
}

func TestACallRunsAnotherDefinition(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishCalls()
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "main", CustomID: "A-1", Priority: 2, Input: obj(`{"n":41}`)})
	in.waitState(e, id, "completed", 20*time.Second)
	child := in.children(e, id, 1)[0]
	if child.State != "completed" || child.CustomID != "A-1" || child.Priority != 2 || child.Definition != "sub" || child.ParentID != id || child.RootID != id {
		t.Errorf("child %+v", child)
	}
	tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{})
	if err != nil || len(tasks) != 2 {
		t.Fatalf("tasks %+v, %v", tasks, err)
	}
	for _, task := range tasks {
		if task.NodeID == "ask" && (task.Child == nil || task.Child.ID != child.ID || task.Child.Count != 1 || task.ID != child.ParentTaskID) {
			t.Errorf("the call's task is %+v", task)
		}
	}
	if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'after' AND input::text = '{"got":41}'`, id); n != 1 {
		t.Error("the child's output did not arrive")
	}
	view, err := e.Process(t.Context(), child.ID)
	if err != nil || len(view.Ancestors) != 1 || view.Ancestors[0].ID != id {
		t.Errorf("the child's ancestors are %+v, %v", view.Ancestors, err)
	}
	roots, _, err := e.Search(t.Context(), engine.Filter{CustomID: "A-1", Outermost: true})
	if err != nil || len(roots) != 1 || roots[0].ID != id {
		t.Errorf("outermost processes: %+v, %v", roots, err)
	}
	in.settled()
}

// TestEachCallBeginsOneChild runs lists of calls on two engines that forget everything between commits, one of which is killed.
func TestEachCallBeginsOneChild(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishCalls(func(main, _ *graph.Document) {
		main.Nodes[1].Multi = &graph.Multi{Items: obj(`5`), Collect: obj(`"=result.m"`)}
		main.Nodes[1].Call.Input["n"] = obj(`"=index"`)
		main.Nodes[2].Service.Input["got"] = obj(`"=tasks.ask.values"`)
	})
	in.worker("w1", "test", 16, echo)
	forgetful := func(c *engine.Config) { c.CachedProcess = 1 }
	engines := []*engine.Engine{in.engine(forgetful), in.engine(forgetful)}
	const n = 60
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			in.start(engines[0], engine.StartCommand{DefinitionKey: "main", CustomID: fmt.Sprintf("A-%d", i)})
		})
	}
	group.Wait()
	engines[1].Crash()
	in.allEnded(60 * time.Second)
	if all := in.count(`SELECT count(*) FROM process WHERE state = 'completed'`); all != 6*n {
		t.Errorf("%d processes have completed instead of %d", all, 6*n)
	}
	if twice := in.count(`SELECT count(*) FROM (SELECT parent_task FROM process WHERE depth = 1 GROUP BY 1 HAVING count(*) > 1) AS x`); twice != 0 {
		t.Errorf("%d calls have begun more than one child", twice)
	}
	if right := in.count(`SELECT count(*) FROM task WHERE node_id = 'after' AND input::text = '{"got":[0,1,2,3,4]}'`); right != n {
		t.Errorf("%d of %d have all values", right, n)
	}
	in.settled()
}

// TestALetterIsReadOnce delivers one row of the inbox through two engines at the same time.
func TestALetterIsReadOnce(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	edge := graph.Node{ID: "edge", Kind: graph.KindBoundaryEvent, Title: "News", Boundary: &graph.BoundaryEvent{On: "slow", Kind: graph.BoundaryMessage, KeepsRunning: true, Message: &graph.Message{Name: "news", Key: "=process.custom_id"}}}
	in.versions.publish("news", drawing([]graph.Node{step("slow"), step("told"), ending("done"), edge}, "start > slow > done", "edge > told > done"))
	stop := make(chan struct{})
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "slow" {
			<-stop
		}
		return echo(ctx, task)
	})
	engines := []*engine.Engine{in.engine(), in.engine()}
	for i := range 10 {
		key := fmt.Sprintf("A-%d", i)
		id := in.start(engines[0], engine.StartCommand{DefinitionKey: "news", CustomID: key})
		eventually(t, 10*time.Second, "it listens", func() bool { return in.count(`SELECT count(*) FROM subscription WHERE process_id = $1`, id) == 1 })
		// While its lock is held nobody can act on the letter, however many have read it.
		lock, err := in.db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lock.Exec(t.Context(), `SELECT 1 FROM scope WHERE process_id = $1 AND id = $1 FOR UPDATE`, id); err != nil {
			t.Fatal(err)
		}
		var letter int64
		const give = `INSERT INTO inbox (shard, process_id, kind, body)
			SELECT shard, process_id, 'message', json_build_object('Task', task_id, 'Node', node_id, 'Output', '{}'::json) FROM subscription WHERE process_id = $1 RETURNING id`
		if err := in.db.QueryRow(t.Context(), give, id).Scan(&letter); err != nil {
			t.Fatal(err)
		}
		for range 3 { // into one batch, too
			for _, e := range engines {
				if err := e.Deliver(t.Context(), letter); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := lock.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, 20*time.Second, "all letters are read", func() bool { return in.count(`SELECT count(*) FROM inbox`) == 0 })
	close(stop)
	in.allEnded(20 * time.Second)
	if n := in.count(`SELECT count(*) FROM task WHERE node_id = 'told'`); n != 10 {
		t.Errorf("10 letters were read %d times", n)
	}
	in.settled()
}

func TestAnIncidentOfAChildIsSeenAbove(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishCalls()
	in.versions.publish("top", drawing([]graph.Node{call("below", "main", "n", `1`), ending("done")}, "start > below > done"))
	f := &failing{code: "BROKEN", class: wire.ErrorPermanent}
	in.worker("w1", "test", 4, f.handle)
	e := in.engine()
	top := in.start(e, engine.StartCommand{DefinitionKey: "top"})
	middle := in.children(e, top, 1)[0]
	bottom := in.children(e, middle.ID, 1)[0]
	in.waitState(e, bottom.ID, "incident", 20*time.Second)
	eventually(t, 10*time.Second, "the incident is seen at the top", func() bool {
		p, err := e.Process(t.Context(), top)
		return err == nil && p.IncidentsBelow == 1 && p.State == "running" && p.OpenIncidents == 0
	})
	tasks, _, err := e.Tasks(t.Context(), top, engine.TaskFilter{})
	if err != nil || len(tasks) != 1 || tasks[0].Why == nil || tasks[0].Why.Code != engine.WhyWaitingBrokenChild || tasks[0].Why.Params["id"] != middle.ID {
		t.Errorf("tasks %+v, %v", tasks, err)
	}
	f.good.Store(true)
	broken, _, err := e.Incidents(t.Context(), engine.IncidentFilter{})
	if err != nil || len(broken) != 1 || broken[0].ProcessID != bottom.ID {
		t.Fatalf("incidents %+v, %v", broken, err)
	}
	if err := e.Retry(t.Context(), engine.TaskCommand{OpCommand: engine.OpCommand{ProcessID: bottom.ID}, TaskID: broken[0].TaskID}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, top, "completed", 20*time.Second)
	in.settled()
}

func TestCancelReachesAllThatWasCalled(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishCalls(func(main, _ *graph.Document) { main.Nodes[1].Multi = &graph.Multi{Items: obj(`30`)} })
	in.versions.publish("top", drawing([]graph.Node{call("below", "main", "n", `1`), ending("done")}, "start > below > done"))
	stop := make(chan struct{})
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		<-stop
		return echo(ctx, task)
	})
	engines := []*engine.Engine{in.engine(), in.engine()}
	top := in.start(engines[0], engine.StartCommand{DefinitionKey: "top"})
	middle := in.children(engines[0], top, 1)[0]
	in.children(engines[0], middle.ID, 30)
	if err := engines[1].Cancel(t.Context(), engine.OpCommand{ProcessID: top, Actor: "ann", Reason: "not needed"}); err != nil {
		t.Fatal(err)
	}
	in.waitState(engines[0], top, "cancelled", 20*time.Second)
	if n := in.count(`SELECT count(*) FROM process WHERE state = 'cancelled'`); n != 32 {
		t.Errorf("%d of 32 processes are cancelled when the outermost one is", n)
	}
	close(stop)
	in.settled()
}

func TestACallOfWhatIsNotThereIsAnIncident(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("main", drawing([]graph.Node{call("ask", "nothing"), ending("done")}, "start > ask > done"))
	strict := drawing([]graph.Node{ending("out")}, "start > out")
	strict.Nodes[0].Start.InputSchema = obj(`{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}}`)
	in.versions.publish("strict", strict)
	in.versions.publish("other", drawing([]graph.Node{call("ask", "strict", "n", `"=input.n"`), ending("done")}, "start > ask > done"))
	e := in.engine()
	for definition, code := range map[string]string{"main": "definition.unknown", "other": "process.input_invalid"} {
		id := in.start(e, engine.StartCommand{DefinitionKey: definition, Input: obj(`{"n":"x"}`)})
		in.waitState(e, id, "incident", 20*time.Second)
		task := in.onlyTask(e, id, "ask")
		if task.Error == nil || task.Error.Code != code {
			t.Errorf("the call of %s failed by %+v", definition, task.Error)
		}
		if definition == "other" {
			input := engine.TaskCommand{OpCommand: engine.OpCommand{ProcessID: id}, TaskID: task.ID, Input: obj(`{"n":1}`)}
			if err := e.Retry(t.Context(), input); err != nil {
				t.Fatal(err)
			}
			in.waitState(e, id, "completed", 20*time.Second)
			continue
		}
		wantFault(t, e.Skip(t.Context(), engine.TaskCommand{OpCommand: engine.OpCommand{ProcessID: id}, TaskID: id}), fault.NotFound, "task.unknown")
		if err := e.Skip(t.Context(), engine.TaskCommand{OpCommand: engine.OpCommand{ProcessID: id}, TaskID: task.ID}); err != nil {
			t.Fatal(err)
		}
		in.waitState(e, id, "completed", 20*time.Second)
	}
	in.settled()
}

// TestARetriedCallGivesUpItsChild: the child hangs; support begins another one instead, with another input.
func TestARetriedCallGivesUpItsChild(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishCalls()
	stop := make(chan struct{})
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		if string(task.Input) == `{"n":1}` {
			<-stop
		}
		return echo(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "main", Input: obj(`{"n":1}`)})
	first := in.children(e, id, 1)[0]
	task, err := e.Task(t.Context(), id, in.onlyTask(e, id, "ask").ID)
	if err != nil || !task.Actions.Retry.Allowed || !task.Actions.EditAndRetry.Allowed || !task.Actions.Skip.Allowed {
		t.Fatalf("actions %+v, %v", task.Actions, err)
	}
	if err := e.Retry(t.Context(), engine.TaskCommand{OpCommand: engine.OpCommand{ProcessID: id}, TaskID: task.ID, Input: obj(`{"n":2}`)}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 20*time.Second)
	in.waitState(e, first.ID, "cancelled", 20*time.Second)
	if n := len(in.children(e, id, 2)); n != 2 {
		t.Errorf("%d children", n)
	}
	close(stop)
	in.settled()
}

func TestADeletedProcessTakesWhatItCalledWithIt(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishCalls(func(main, _ *graph.Document) { main.Nodes[1].Multi = &graph.Multi{Items: obj(`20`)} })
	in.versions.publish("top", drawing([]graph.Node{call("below", "main", "n", `1`), ending("done")}, "start > below > done"))
	stop := make(chan struct{})
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		<-stop
		return echo(ctx, task)
	})
	engines := []*engine.Engine{in.engine(), in.engine(func(c *engine.Config) { c.Batch = 7 })}
	top := in.start(engines[0], engine.StartCommand{DefinitionKey: "top"})
	middle := in.children(engines[0], top, 1)[0].ID
	bottom := in.children(engines[0], middle, 20)[0].ID
	wantFault(t, engines[1].Delete(t.Context(), engine.OpCommand{ProcessID: middle, Reason: "asked"}), fault.Conflict, "process.is_child")
	if err := engines[1].Delete(t.Context(), engine.OpCommand{ProcessID: top, Actor: "ann", Reason: "asked"}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{top, middle, bottom} {
		if kept := in.traces(id); len(kept) != 1 || kept[0] != "tombstone" {
			t.Errorf("%s is still in %v", id, kept)
		}
	}
	if n := in.count(`SELECT count(*) FROM tombstone WHERE deleted_by = 'ann' AND reason = 'asked'`); n != 22 {
		t.Errorf("%d tombstones of 22 processes", n)
	}
	close(stop)
	in.settled()
}

// TestADeletedProcessCallsNothingAnyMore deletes processes right after their start, while their calls begin.
func TestADeletedProcessCallsNothingAnyMore(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishCalls()
	engines := []*engine.Engine{in.engine(), in.engine()}
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			id := in.start(engines[i%2], engine.StartCommand{DefinitionKey: "main", Input: obj(`{"n":1}`)})
			if err := engines[(i+1)%2].Delete(context.Background(), engine.OpCommand{ProcessID: id, Actor: "ann", Reason: "asked"}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := in.count(`SELECT count(*) FROM process`); n != 0 {
		t.Errorf("%d processes are left", n)
	}
	in.settled()
}

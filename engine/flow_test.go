package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/recount"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// drawing builds documents from nodes and ways: "a > b > c".
func drawing(nodes []graph.Node, ways ...string) *graph.Document {
	doc := &graph.Document{Schema: graph.SchemaVersion, Nodes: append([]graph.Node{{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{}}}, nodes...)}
	for _, way := range ways {
		ids := strings.Split(way, " > ")
		for i := 1; i < len(ids); i++ {
			doc.Edges = append(doc.Edges, graph.Edge{ID: ids[i-1] + "-" + ids[i], From: ids[i-1], To: ids[i]})
		}
	}
	return doc
}

func step(id string, fields ...string) graph.Node {
	n := graph.Node{ID: id, Kind: graph.KindServiceTask, Title: id, Service: &graph.ServiceTask{Type: "test.step@1", Input: map[string]graph.Value{}, Retry: &graph.RetryPolicy{MaxAttempts: 1}}}
	for i := 0; i+1 < len(fields); i += 2 {
		n.Service.Input[fields[i]] = obj(fields[i+1])
	}
	return n
}

func ending(id string) graph.Node {
	return graph.Node{ID: id, Kind: graph.KindEndEvent, Title: id, End: &graph.EndEvent{Kind: graph.EndNone}}
}

func inside(parent string, nodes ...graph.Node) []graph.Node {
	for i := range nodes {
		nodes[i].Parent = parent
	}
	return append([]graph.Node{{ID: parent, Kind: graph.KindSubProcess, Title: parent}, {ID: parent + "_in", Kind: graph.KindStartEvent, Title: "In", Start: &graph.StartEvent{}, Parent: parent}}, nodes...)
}

// settled checks that nothing is left behind once every process has ended.
func (in *installation) settled() {
	in.t.Helper()
	eventually(in.t, 10*time.Second, "everything has ended", func() bool {
		return in.count(`SELECT count(*) FROM dispatch`)+in.count(`SELECT count(*) FROM process_live`)+in.count(`SELECT count(*) FROM inbox`) == 0
	})
	findings, err := recount.CheckAtRest(context.Background(), in.db)
	if err != nil {
		in.t.Fatal(err)
	}
	for _, f := range findings {
		in.t.Error(f)
	}
}

func TestASubProcessRunsWithItsOwnScope(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	end := ending("out")
	end.End.Output = map[string]graph.Value{"sum": obj(`"=tasks.inner.n + 1"`)}
	nodes := append(inside("part", step("inner", "n", `"=input.n"`), end), step("after", "sum", `"=tasks.part.sum"`), ending("done"))
	in.versions.publish("sub", drawing(nodes, "start > part > after > done", "part_in > inner > out"))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "sub", Input: obj(`{"n":41}`)})
	in.waitState(e, id, "completed", 20*time.Second)
	tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{})
	if err != nil || len(tasks) != 3 {
		t.Fatalf("tasks %+v, %v", tasks, err)
	}
	of := map[string]engine.TaskSummary{} // what one commit makes has no order
	for _, task := range tasks {
		of[task.NodeID] = task
	}
	task, err := e.Task(t.Context(), id, of["after"].ID)
	if err != nil || string(task.Input) != `{"sum":42}` {
		t.Errorf("input %s, %v", task.Input, err)
	}
	if of["inner"].ScopeID != of["part"].ID {
		t.Errorf("the inner task lies in %s, not in %s", of["inner"].ScopeID, of["part"].ID)
	}
	in.settled()
}

func TestAListOverASubProcessEndsWithItsValues(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	nodes := append(inside("each", step("open", "x", `"=item * 2"`), step("sign", "y", `"=tasks.open.x + index"`), ending("out")), step("after", "all", `"=tasks.each"`), ending("done"))
	nodes[0].Multi = &graph.Multi{Items: obj(`"=input.list"`), Limit: 7, Collect: obj(`"=item"`)}
	in.versions.publish("list", drawing(nodes, "start > each > after > done", "each_in > open > sign > out"))
	in.worker("w1", "test", 16, echo)
	e, other := in.engine(), in.engine()
	list := make([]int, 60)
	for i := range list {
		list[i] = 100 + i
	}
	raw, err := json.Marshal(map[string]any{"list": list})
	if err != nil {
		t.Fatal(err)
	}
	id := in.start(e, engine.StartCommand{DefinitionKey: "list", Input: raw})
	in.waitState(other, id, "completed", 60*time.Second)
	var input string
	if err := in.db.QueryRow(t.Context(), `SELECT input FROM task WHERE process_id = $1 AND node_id = 'after'`, id).Scan(&input); err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if input != `{"all":{"completed":60,"failed":0,"total":60,"values":`+string(want)+`}}` {
		t.Errorf("input %s", input)
	}
	if n := in.count(`SELECT count(*) FROM scope WHERE process_id = $1`, id); n != 1 {
		t.Errorf("%d scopes are left", n)
	}
	in.settled()
}

func TestATimerEventFiresOnTime(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	pause := graph.Node{ID: "pause", Kind: graph.KindTimerEvent, Title: "Pause", Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1S"}}
	in.versions.publish("pause", drawing([]graph.Node{pause, ending("done")}, "start > pause > done"))
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "pause"})
	in.waitState(e, id, "completed", 20*time.Second)
	var late float64
	if err := in.db.QueryRow(t.Context(), `SELECT extract(epoch FROM ended_at - created_at)::float8 - 1 FROM task WHERE process_id = $1`, id).Scan(&late); err != nil {
		t.Fatal(err)
	}
	if late < 0 {
		t.Errorf("it fired %f s early", -late)
	}
	t.Logf("late by %f s", late)
	in.settled()
}

func TestABoundaryTimerInterruptsARunningTask(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	edge := graph.Node{ID: "edge", Kind: graph.KindBoundaryEvent, Title: "Late", Boundary: &graph.BoundaryEvent{On: "slow", Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT0.3S"}}}
	in.versions.publish("late", drawing([]graph.Node{step("slow"), step("other"), ending("done"), edge}, "start > slow > done", "edge > other > done"))
	stop := make(chan struct{})
	in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "slow" {
			<-stop
		}
		return echo(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "late"})
	in.waitState(e, id, "completed", 20*time.Second)
	close(stop) // its answer comes too late and changes nothing
	if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'slow' AND state = 'cancelled'`, id); n != 1 {
		t.Error("the slow task was not cancelled")
	}
	in.settled()
}

func TestABusinessErrorIsCaughtOnTheBorder(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	edge := graph.Node{ID: "edge", Kind: graph.KindBoundaryEvent, Title: "No", Boundary: &graph.BoundaryEvent{On: "part", Kind: graph.BoundaryError, Codes: []string{"NO"}}}
	nodes := append(inside("part", step("check"), ending("out")), step("mend", "why", `"=error.code"`), ending("done"), edge)
	in.versions.publish("caught", drawing(nodes, "start > part > done", "part_in > check > out", "edge > mend > done"))
	in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "check" {
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO.PAPER", Message: "there is no paper"}}
		}
		return echo(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "caught"})
	in.waitState(e, id, "completed", 20*time.Second)
	if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'mend' AND input::text = '{"why":"NO.PAPER"}'`, id); n != 1 {
		t.Error("the error's code did not arrive")
	}
	in.settled()
}

func messageDrawing(name string) *graph.Document {
	wait := graph.Node{ID: "answer", Kind: graph.KindMessageEvent, Title: "Answer", Message: &graph.Message{Name: name, Key: "=process.custom_id"}}
	return drawing([]graph.Node{wait, step("use", "a", `"=tasks.answer.a"`), ending("done")}, "start > answer > use > done")
}

func TestAMessageReachesWhoWaitsForIt(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("ask", messageDrawing("answer"))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "ask", CustomID: "A-1"})
	eventually(t, 10*time.Second, "it waits", func() bool { return in.count(`SELECT count(*) FROM subscription`) == 1 })
	sent, err := e.SendMessage(t.Context(), engine.MessageCommand{Name: "answer", Key: "A-1", Payload: obj(`{"a":5}`), ID: "m-1"})
	if err != nil || sent.ProcessID != id {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	again, err := e.SendMessage(t.Context(), engine.MessageCommand{Name: "answer", Key: "A-1", Payload: obj(`{"a":6}`), ID: "m-1"})
	if err != nil || !again.Existing || again.ProcessID != id {
		t.Fatalf("sent again %+v, %v", again, err)
	}
	in.waitState(e, id, "completed", 20*time.Second)
	if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'use' AND input::text = '{"a":5}'`, id); n != 1 {
		t.Error("the payload did not arrive")
	}
	if n := in.count(`SELECT count(*) FROM message WHERE taken_at IS NOT NULL`); n != 1 {
		t.Errorf("%d messages are taken", n)
	}
	in.settled()
}

func TestAnEarlyMessageIsKept(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("ask", messageDrawing("answer"))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	if sent, err := e.SendMessage(t.Context(), engine.MessageCommand{Name: "answer", Key: "A-1", Payload: obj(`{"a":5}`)}); err != nil || sent.ProcessID != "" {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	_, err := e.SendMessage(t.Context(), engine.MessageCommand{Name: "answer", Key: "A-2", Keep: -1})
	if fault.KindOf(err) != fault.NotFound {
		t.Fatalf("a message that does not wait was kept: %v", err)
	}
	id := in.start(e, engine.StartCommand{DefinitionKey: "ask", CustomID: "A-1"})
	in.waitState(e, id, "completed", 20*time.Second)
	in.settled()
}

// TestMessagesAndSubscriptionsNeverMissEachOther sends each message while its process begins to wait, on two engines.
func TestMessagesAndSubscriptionsNeverMissEachOther(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("ask", messageDrawing("answer"))
	in.worker("w1", "test", 16, echo)
	engines := []*engine.Engine{in.engine(), in.engine()}
	const n = 300
	var group sync.WaitGroup
	for i := range n {
		key := fmt.Sprintf("A-%d", i)
		group.Go(func() { in.start(engines[i%2], engine.StartCommand{DefinitionKey: "ask", CustomID: key}) })
		group.Go(func() {
			if _, err := engines[(i+1)%2].SendMessage(context.Background(), engine.MessageCommand{Name: "answer", Key: key, Payload: obj(fmt.Sprintf(`{"a":%d}`, i))}); err != nil {
				t.Errorf("send %s: %v", key, err)
			}
		})
	}
	group.Wait()
	eventually(t, 60*time.Second, "all have their message", func() bool { return in.count(`SELECT count(*) FROM process WHERE state = 'completed'`) == n })
	if left := in.count(`SELECT count(*) FROM message WHERE taken_at IS NULL`); left != 0 {
		t.Errorf("%d messages were not taken", left)
	}
	in.settled()
}

// TestAMessageForAProcessThatEndedGoesToTheNext: the message is on its way when its receiver is cancelled. It is taken once: by the
// next one, unless the first has it before its end.
func TestAMessageForAProcessThatEndedGoesToTheNext(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("ask", messageDrawing("answer"))
	in.worker("w1", "test", 16, echo)
	e := in.engine()
	for i := range 40 {
		key := fmt.Sprintf("A-%d", i)
		first := in.start(e, engine.StartCommand{DefinitionKey: "ask", CustomID: key})
		second := in.start(e, engine.StartCommand{DefinitionKey: "ask", CustomID: key})
		var group sync.WaitGroup
		group.Go(func() { _ = e.Cancel(context.Background(), engine.OpCommand{ProcessID: first}) }) // it may have ended
		group.Go(func() {
			if _, err := e.SendMessage(context.Background(), engine.MessageCommand{Name: "answer", Key: key, Payload: obj(`{"a":1}`)}); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		var taker string
		eventually(t, 20*time.Second, "one of the two has taken it", func() bool {
			const query = `SELECT process_id::text FROM message WHERE correlation = $1 AND taken_at IS NOT NULL`
			return in.db.QueryRow(t.Context(), query, key).Scan(&taker) == nil
		})
		if taker == second {
			in.waitState(e, second, "completed", 20*time.Second)
		} else {
			if state := in.state(e, first); taker != first || state != "cancelled" && state != "completed" {
				t.Errorf("%s has taken the message of %s and %s, the first is %s", taker, first, second, state)
			}
			if err := e.Cancel(t.Context(), engine.OpCommand{ProcessID: second}); err != nil {
				t.Fatal(err)
			}
		}
	}
	in.settled()
}

func TestAPersonDoesATask(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	ask := graph.Node{ID: "review", Kind: graph.KindUserTask, Title: "Review", User: &graph.UserTask{Groups: []string{"clerks"}, Input: map[string]graph.Value{"n": obj(`"=input.n"`)},
		Form: obj(`{"type":"object","required":["ok"],"properties":{"ok":{"type":"boolean"}}}`)}}
	in.versions.publish("review", drawing([]graph.Node{ask, step("use", "ok", `"=tasks.review.ok"`), ending("done")}, "start > review > use > done"))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "review", CustomID: "A-1", Input: obj(`{"n":3}`)})
	ann, bob, eve := engine.Person{Name: "ann", Groups: []string{"clerks"}}, engine.Person{Name: "bob", Groups: []string{"clerks", "x"}}, engine.Person{Name: "eve"}
	list := func(p engine.Person) []engine.UserTask {
		tasks, _, err := e.UserTasks(t.Context(), p, engine.UserTaskFilter{})
		if err != nil {
			t.Fatal(err)
		}
		return tasks
	}
	eventually(t, 10*time.Second, "the task is offered", func() bool { return len(list(ann)) == 1 })
	if len(list(eve)) != 0 {
		t.Error("who is in no group sees the task")
	}
	task := list(ann)[0]
	one, err := e.UserTask(t.Context(), ann, id, task.TaskID)
	if err != nil || string(one.Input) != `{"n":3}` || len(one.Form) == 0 || one.Title != "Review" {
		t.Errorf("task %+v, %v", one, err)
	}
	if err := e.Claim(t.Context(), ann, id, task.TaskID); err != nil {
		t.Fatal(err)
	}
	if len(list(bob)) != 0 {
		t.Error("a claimed task is offered to another")
	}
	wants := func(err error, code string) {
		t.Helper()
		if f := fault.As(err); err == nil || f.Code != code {
			t.Errorf("%v instead of %s", err, code)
		}
	}
	answer := func(p engine.Person, output string) error {
		return e.Complete(t.Context(), p, engine.TaskCommand{OpCommand: engine.OpCommand{ProcessID: id, Actor: p.Name}, TaskID: task.TaskID, Output: obj(output)})
	}
	wants(e.Claim(t.Context(), bob, id, task.TaskID), "usertask.claimed")
	wants(answer(bob, `{"ok":true}`), "usertask.claimed")
	wants(answer(eve, `{"ok":true}`), "usertask.not_yours")
	wants(answer(ann, `{"ok":"yes"}`), "usertask.answer_invalid")
	if err := answer(ann, `{"ok":true}`); err != nil {
		t.Fatal(err)
	}
	wants(answer(ann, `{"ok":true}`), "usertask.unknown")
	in.waitState(e, id, "completed", 20*time.Second)
	in.settled()
}

// TestScopesSurviveAnotherServer runs lists while the memory of each engine is too small to keep anything.
func TestScopesSurviveAnotherServer(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	nodes := append(inside("each", step("open", "x", `"=item"`), ending("out")), ending("done"))
	nodes[0].Multi = &graph.Multi{Items: obj(`12`), Collect: obj(`"=index"`)}
	in.versions.publish("list", drawing(nodes, "start > each > done", "each_in > open > out"))
	in.worker("w1", "test", 8, echo)
	forgetful := func(c *engine.Config) { c.CachedProcess = 1 }
	engines := []*engine.Engine{in.engine(forgetful), in.engine(forgetful)}
	var ids []string
	for i := range 20 {
		ids = append(ids, in.start(engines[i%2], engine.StartCommand{DefinitionKey: "list"}))
	}
	for _, id := range ids {
		in.waitState(engines[0], id, "completed", 60*time.Second)
	}
	if n := in.count(`SELECT count(*) FROM output WHERE node_id = ''`); n != 240 {
		t.Errorf("%d values were collected", n)
	}
	in.settled()
}

func TestCancelOfALongListLeavesNothing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	n := step("each", "x", `"=item"`)
	n.Multi = &graph.Multi{Items: obj(`5000`)}
	in.versions.publish("list", drawing([]graph.Node{n, ending("done")}, "start > each > done"))
	in.worker("w1", "test", 8, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "list"})
	eventually(t, 20*time.Second, "it is under way", func() bool {
		return in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND state = 'completed'`, id) > 200
	})
	if err := e.Cancel(t.Context(), engine.OpCommand{ProcessID: id}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "cancelled", 10*time.Second)
	in.settled()
}

package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// line is a > b > c > done, where each step is given what the one before gave.
func line() *graph.Document {
	return drawing([]graph.Node{step("a", "n", `"=input.n"`), step("b", "n", `"=tasks.a.n"`), step("c", "n", `"=tasks.b.n"`), ending("done")}, "start > a > b > c > done")
}

// gate holds the tasks of some nodes until the test opens it.
type gate struct {
	nodes []string
	came  chan string // the nodes that stand before it
	open  chan struct{}
}

func newGate(nodes ...string) *gate {
	return &gate{nodes: nodes, came: make(chan string, 1000), open: make(chan struct{})}
}

func (g *gate) handle(ctx context.Context, task *wire.Task) *wire.Report {
	if slices.Contains(g.nodes, task.Node) {
		g.came <- task.Node
		<-g.open
	}
	return echo(ctx, task)
}

// wait returns when a worker has a task of the node.
func (g *gate) wait(t *testing.T, node string) {
	t.Helper()
	select {
	case got := <-g.came:
		if got != node {
			t.Fatalf("%s runs instead of %s", got, node)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("%s does not run", node)
	}
}

func (in *installation) op(process, reason string) engine.OpCommand {
	return engine.OpCommand{Actor: "ann", ProcessID: process, Reason: reason}
}

func TestALiveProcessRestartsFromANode(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("line", line())
	g := newGate("b", "c")
	in.worker("w1", "test", 8, g.handle)
	e, other := in.engine(), in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "line", Input: obj(`{"n":1}`)})
	g.wait(t, "b")
	g.open <- struct{}{}
	g.wait(t, "c")
	plan, err := other.PlanRestart(t.Context(), id, "b", "")
	if err != nil || !plan.Allowed || plan.NewProcess || fmt.Sprint(plan.Cancelled, plan.Hidden, plan.Kept) != "[{c 1}] [{b 1} {c 1}] [a start]" {
		t.Fatalf("plan %+v, %v", plan, err)
	}
	before := in.count(`SELECT seq FROM scope WHERE id = $1`, id)
	if in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND state = 'cancelled' OR hidden`, id)+in.count(`SELECT count(*) FROM output WHERE hidden`) != 0 {
		t.Error("a plan changes something")
	}
	same, err := other.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(id, "the rates were wrong"), Node: "b"})
	if err != nil || same != id {
		t.Fatalf("restarted as %s, %v", same, err)
	}
	if in.count(`SELECT seq FROM scope WHERE id = $1`, id) <= before {
		t.Error("the history did not grow")
	}
	g.wait(t, "b")
	view, err := e.Process(t.Context(), id)
	if err != nil || slices.Contains(view.TakenEdges, "b-c") || !slices.Contains(view.TakenEdges, "a-b") {
		t.Errorf("edges %v, %v", view.TakenEdges, err)
	}
	close(g.open)
	in.waitState(e, id, "completed", 20*time.Second)
	tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, task := range tasks {
		got = append(got, fmt.Sprintf("%s %d %s %v", task.NodeID, task.Run, task.State, task.Hidden))
	}
	slices.Sort(got)
	if want := "a 1 completed false, b 1 completed true, b 2 completed false, c 1 cancelled true, c 2 completed false"; strings.Join(got, ", ") != want {
		t.Errorf("tasks %s", strings.Join(got, ", "))
	}
	view, err = e.Process(t.Context(), id)
	if err != nil || view.Nodes["c"].States["cancelled"] != 0 || view.Nodes["c"].States["completed"] != 1 || !slices.Contains(view.TakenEdges, "b-c") {
		t.Errorf("nodes %+v, edges %v, %v", view.Nodes, view.TakenEdges, err)
	}
	events, _, err := e.Events(t.Context(), id, 0, 100)
	if err != nil || !slices.ContainsFunc(events, func(ev engine.EventView) bool {
		return slices.ContainsFunc(ev.Changes, func(c flow.Change) bool {
			return c.Kind == "operation" && c.Text == "the rates were wrong" && c.Actor == "ann"
		})
	}) {
		t.Errorf("the history does not say why: %+v, %v", events, err)
	}
	in.settled()
}

// TestWhatARestartHidesIsNotRead restarts before a node that had given something, and reads it before it gives anew.
func TestWhatARestartHidesIsNotRead(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	doc := drawing([]graph.Node{step("a", "seen", `"=tasks.b == nil ? 0 : 1"`), step("b", "n", `1`), step("c"), ending("done")}, "start > a > b > c > done")
	in.versions.publish("reads", doc)
	g := newGate("c")
	in.worker("w1", "test", 8, g.handle)
	for name, change := range map[string]func(*engine.Config){"from memory": func(*engine.Config) {}, "read anew": func(c *engine.Config) { c.CachedProcess = 1 }} {
		e := in.engine(change)
		id := in.start(e, engine.StartCommand{DefinitionKey: "reads"})
		for range 2 {
			g.wait(t, "c")
			if _, err := e.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(id, "x"), Node: "a"}); err != nil {
				t.Fatal(err)
			}
		}
		g.wait(t, "c")
		if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'a' AND input::text = '{"seen":0}'`, id); n != 3 {
			t.Errorf("%s: %d of 3 runs saw nothing of b", name, n)
		}
		if err := e.Cancel(t.Context(), in.op(id, "x")); err != nil {
			t.Fatal(err)
		}
		e.Stop()
	}
	close(g.open)
	in.settled()
}

func TestAnEndedProcessRestartsFromANodeAsANewOne(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("line", line())
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "line", CustomID: "A-7", Input: obj(`{"n":5}`)})
	in.waitState(e, id, "completed", 20*time.Second)
	plan, err := e.PlanRestart(t.Context(), id, "c", "")
	if err != nil || !plan.NewProcess || len(plan.Cancelled) != 0 || fmt.Sprint(plan.Kept) != "[a b start]" {
		t.Fatalf("plan %+v, %v", plan, err)
	}
	next, err := e.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(id, "c was late"), Node: "c"})
	if err != nil || next == id {
		t.Fatalf("restarted as %s, %v", next, err)
	}
	in.waitState(e, next, "completed", 20*time.Second)
	view, err := e.Process(t.Context(), next)
	if err != nil || view.RestartedFrom != id || view.CustomID != "A-7" || fmt.Sprint(view.Carried) != "[a b]" {
		t.Errorf("process %+v, %v", view, err)
	}
	old, err := e.Process(t.Context(), id)
	if err != nil || !slices.Contains(old.RestartedAs, next) || old.State != "completed" {
		t.Errorf("old process %+v, %v", old, err)
	}
	tasks, _, err := e.Tasks(t.Context(), next, engine.TaskFilter{})
	if err != nil || len(tasks) != 1 {
		t.Fatalf("tasks %+v, %v", tasks, err)
	}
	task, err := e.Task(t.Context(), next, tasks[0].ID)
	if err != nil || string(task.Input) != `{"n":5}` {
		t.Errorf("input %s, %v", task.Input, err)
	}

	again, err := e.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(next, "and again"), Node: "b"})
	if err != nil {
		t.Fatal(err)
	}
	in.waitState(e, again, "completed", 20*time.Second)
	if third, err := e.Process(t.Context(), again); err != nil || fmt.Sprint(third.Carried) != "[a]" || third.RestartedFrom != next {
		t.Errorf("third process %+v, %v", third, err)
	}
	in.settled()
}

func TestARefusedRestartChangesNothing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	split, join := graph.Node{ID: "split", Kind: graph.KindParallelGateway, Title: "Split"}, graph.Node{ID: "join", Kind: graph.KindParallelGateway, Title: "Join"}
	in.versions.publish("fork", drawing([]graph.Node{split, step("a"), step("b"), join, ending("done")}, "start > split > a > join > done", "split > b > join"))
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "fork"})
	seq := in.count(`SELECT seq FROM scope WHERE id = $1`, id)
	plan, err := e.PlanRestart(t.Context(), id, "a", "")
	if err != nil || plan.Allowed || plan.Code != flow.RefusedRestartParallel || !strings.Contains(plan.Message, "b runs beside a") {
		t.Errorf("plan %+v, %v", plan, err)
	}
	_, err = e.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(id, "x"), Node: "a"})
	wantFault(t, err, fault.Conflict, flow.RefusedRestartParallel)
	_, err = e.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op("01930000-0000-7000-8000-000000000001", "x"), Node: "a"})
	wantFault(t, err, fault.NotFound, "process.unknown")
	_, err = e.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(id, "x"), Node: "a", Scope: "here"})
	wantFault(t, err, fault.NotFound, "scope.unknown")
	if in.count(`SELECT seq FROM scope WHERE id = $1`, id) != seq {
		t.Error("the history grew")
	}
	if err := e.Cancel(t.Context(), in.op(id, "x")); err != nil {
		t.Fatal(err)
	}
	in.settled()
}

// TestARestartHidesWhatIsInsideOfSubProcesses: the tasks of lists and sub-processes go out of sight with their activity.
func TestARestartHidesWhatIsInsideOfSubProcesses(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	nodes := append(inside("each", step("work", "x", `"=item"`), ending("out")), step("a"), step("last"), ending("done"))
	nodes[0].Multi = &graph.Multi{Items: obj(`3`), Collect: obj(`"=item"`)}
	in.versions.publish("deep", drawing(nodes, "start > a > each > last > done", "each_in > work > out"))
	g := newGate("last")
	in.worker("w1", "test", 8, g.handle)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "deep"})
	g.wait(t, "last")
	if _, err := e.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(id, "x"), Node: "each"}); err != nil {
		t.Fatal(err)
	}
	g.wait(t, "last")
	for query, want := range map[string]int{
		`SELECT count(*) FROM task WHERE process_id = $1 AND hidden AND node_id = 'each'`: 4, // the list and its entries
		`SELECT count(*) FROM task WHERE process_id = $1 AND hidden AND node_id = 'work'`: 3,
		`SELECT count(*) FROM task WHERE process_id = $1 AND hidden AND node_id = 'a'`:    0,
		`SELECT count(*) FROM task WHERE process_id = $1 AND NOT hidden`:                  9,
	} {
		if n := in.count(query, id); n != want {
			t.Errorf("%s: %d instead of %d", query, n, want)
		}
	}
	close(g.open)
	in.waitState(e, id, "completed", 20*time.Second)
	in.settled()
}

// TestRestartsRaceWithResults restarts processes while their tasks answer: every one ends, and each activation counts once.
func TestRestartsRaceWithResults(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("line", line())
	in.worker("w1", "test", 16, echo)
	engines := []*engine.Engine{in.engine(), in.engine()}
	restarts := 0
	var ids []string
	for i := range 60 {
		ids = append(ids, in.start(engines[i%2], engine.StartCommand{DefinitionKey: "line", Input: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i))}))
		for _, node := range []string{"b", "a"} {
			last := ids[len(ids)-1]
			next, err := engines[(i+1)%2].RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(last, "x"), Node: node})
			switch {
			case err == nil && next != last:
				ids = append(ids, next)
			case err == nil:
				restarts++
			case fault.KindOf(err) != fault.Conflict: // it ended in between
				t.Fatal(err)
			}
		}
	}
	for _, id := range ids {
		in.waitState(engines[0], id, "completed", 30*time.Second)
	}
	t.Logf("%d restarts of live processes, %d of ended ones", restarts, len(ids)-60)
	in.settled()
}

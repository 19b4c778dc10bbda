package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/recount"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// undoneBy gives each named step a handler un_<name> on its level, which is given what the step got and gave.
func undoneBy(nodes []graph.Node, names ...string) []graph.Node {
	for _, name := range names {
		at := slices.IndexFunc(nodes, func(n graph.Node) bool { return n.ID == name })
		nodes[at].UndoneBy = "un_" + name
		handler := step("un_"+name, "got", `"=undone.input"`, "gave", `"=undone.output"`)
		handler.Parent = nodes[at].Parent
		nodes = append(nodes, handler)
	}
	return nodes
}

func throwing(id, of string) graph.Node {
	return graph.Node{ID: id, Kind: graph.KindCompensationEvent, Title: id, Undoes: of}
}

// ledger is a worker that notes what it undoes, in order.
type ledger struct {
	mu    sync.Mutex
	order []string
}

func (l *ledger) handle(ctx context.Context, task *wire.Task) *wire.Report {
	if strings.HasPrefix(task.Node, "un_") {
		l.mu.Lock()
		l.order = append(l.order, task.Node+" "+string(task.Input))
		l.mu.Unlock()
	}
	return echo(ctx, task)
}

func (l *ledger) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.order)
}

// rebooked is a process with a sub-process between two steps, which undoes everything at its end.
func rebooked() *graph.Document {
	nodes := append(inside("part", step("b", "n", `2`), step("c", "n", `3`), ending("out")), step("a", "n", `1`), step("d", "n", `4`), throwing("undo", ""), ending("done"))
	return drawing(undoneBy(nodes, "a", "b", "c", "d"), "start > a > part > d > undo > done", "part_in > b > c > out")
}

func TestWhatCompletedIsUndoneInReverseOrder(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("rebooked", rebooked())
	var l ledger
	in.worker("w1", "test", 4, l.handle)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "rebooked"})
	in.waitState(e, id, "completed", 20*time.Second)
	want := []string{
		`un_d {"gave":{"n":4},"got":{"n":4}}`, `un_c {"gave":{"n":3},"got":{"n":3}}`, `un_b {"gave":{"n":2},"got":{"n":2}}`, `un_a {"gave":{"n":1},"got":{"n":1}}`,
	}
	if got := l.all(); !slices.Equal(got, want) {
		t.Errorf("undone %v", got)
	}
	if n := in.count(`SELECT count(*) FROM undo_record WHERE process_id = $1 AND by_task IS NULL`, id); n != 0 {
		t.Errorf("%d records are left", n)
	}
	view, err := e.Process(t.Context(), id)
	if err != nil || view.Nodes["a"].Undone != 1 || view.Nodes["part"].Undone != 1 || view.Nodes["undo"].Undone != 0 {
		t.Errorf("nodes %+v, %v", view.Nodes, err)
	}
	tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{})
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{}
	for _, task := range tasks {
		of[task.ID] = task.NodeID
	}
	for _, task := range tasks {
		undoes, handler := strings.CutPrefix(task.NodeID, "un_")
		if want := task.NodeID == "part" && task.Run == 2; handler && of[task.Undoes] != undoes || want && of[task.Undoes] != "part" || !handler && !want && task.Undoes != "" {
			t.Errorf("%s#%d undoes %q", task.NodeID, task.Run, of[task.Undoes])
		}
	}
	in.settled()
	if err := e.Delete(t.Context(), in.op(id, "over")); err != nil {
		t.Fatal(err)
	}
	if left := in.traces(id); !slices.Equal(left, []string{"tombstone"}) {
		t.Errorf("left in %v", left)
	}
}

func TestAFailingHandlerIsMendedAndTheRestIsUndone(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("rebooked", rebooked())
	var l ledger
	in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "un_c" && !strings.Contains(string(task.Input), "mended") {
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorPermanent, Code: "LEDGER_CLOSED", Message: "no"}}
		}
		return l.handle(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "rebooked"})
	in.waitState(e, id, "incident", 20*time.Second)
	var task string
	if err := in.db.QueryRow(t.Context(), `SELECT task_id::text FROM incident WHERE process_id = $1 AND node_id = 'un_c'`, id).Scan(&task); err != nil {
		t.Fatal(err)
	}
	other := in.engine() // it has nothing of the process in memory
	if err := other.Retry(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "by hand"), TaskID: task, Input: obj(`{"mended":true}`)}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 20*time.Second)
	if got := l.all(); len(got) != 4 || got[1] != `un_c {"mended":true}` || !strings.HasPrefix(got[3], "un_a") {
		t.Errorf("undone %v", got)
	}
	in.settled()
}

// TestAListIsUndoneWhileEnginesDie undoes more entries than are loaded at once, while engines stop and start: each is undone once, in
// the reverse of the order in which it completed.
func TestAListIsUndoneWhileEnginesDie(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	list := step("each", "n", `"=item"`)
	list.Multi = &graph.Multi{Items: obj(`30`)}
	nodes := undoneBy([]graph.Node{list, throwing("undo", "each"), ending("done")}, "each")
	nodes[len(nodes)-1].Service.Input["item"] = obj(`"=item"`)
	in.versions.publish("list", drawing(nodes, "start > each > undo > done"))
	var undone atomic.Int64
	reached := make(chan struct{}, 100)
	var l ledger
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "un_each" && undone.Add(1)%10 == 0 {
			reached <- struct{}{}
		}
		return l.handle(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "list"})
	for range 2 {
		<-reached
		e.Crash()
		e = in.engine()
	}
	in.waitState(e, id, "completed", 40*time.Second)
	rows, err := in.db.Query(t.Context(), `SELECT o.body->>'n' FROM output o JOIN task t ON t.process_id = o.process_id AND t.scope_id = o.scope_id AND t.run = o.run
		WHERE o.process_id = $1 AND t.node_id = 'each' AND o.node_id = 'each' AND o.scope_id <> o.process_id ORDER BY o.seq DESC, o.part DESC`, id)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf(`un_each {"gave":{"n":%s},"got":{"n":%s},"item":%s}`, n, n, n))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	got := slices.Compact(l.all()) // a task that was lost with its engine may run again
	if len(want) != 30 || !slices.Equal(got, want) {
		t.Errorf("completed (latest first)\n%v\nundone\n%v", want, got)
	}
	if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'un_each' AND state = 'completed'`, id); n != 30 {
		t.Errorf("%d handlers have completed", n)
	}
	in.settled()
}

func TestADuplicateAnswerOfAHandlerUndoesNothingTwice(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("rebooked", rebooked())
	var w *worker
	ready := make(chan struct{})
	w = in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		<-ready
		w.report(task, echo(ctx, task))
		return echo(ctx, task)
	})
	close(ready)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "rebooked"})
	in.waitState(e, id, "completed", 20*time.Second)
	if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id LIKE 'un\_%'`, id); n != 4 {
		t.Errorf("%d handlers have run", n)
	}
	in.settled()
}

// TestARegistrationThatFailsIsUndone is a sub-process that ends by an error: what had completed in it is undone by the path behind it.
func TestARegistrationThatFailsIsUndone(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	nodes := append(inside("entry", step("fee"), step("reserve"), step("register"), ending("out")), ending("done"),
		graph.Node{ID: "refused", Kind: graph.KindBoundaryEvent, Title: "Refused", Boundary: &graph.BoundaryEvent{On: "entry", Kind: graph.BoundaryError, Technical: true}},
		graph.Node{ID: "undone", Kind: graph.KindEndEvent, Title: "Undone", End: &graph.EndEvent{Kind: graph.EndCompensate, Output: map[string]graph.Value{"code": obj(`"=error.code"`)}}, Undoes: "entry"})
	in.versions.publish("register", drawing(undoneBy(nodes, "fee", "reserve", "register"), "start > entry > done", "entry_in > fee > reserve > register > out", "refused > undone"))
	var l ledger
	in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "register" {
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorPermanent, Code: "REGISTER_DOWN", Message: "no"}}
		}
		return l.handle(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "register"})
	in.waitState(e, id, "completed", 20*time.Second)
	if got := fmt.Sprint(l.all()); got != `[un_reserve {"gave":{},"got":{}} un_fee {"gave":{},"got":{}}]` {
		t.Errorf("undone %s", got)
	}
	p, err := e.Process(t.Context(), id)
	if err != nil || string(p.Output) != `{"code":"REGISTER_DOWN"}` {
		t.Errorf("output %s, %v", p.Output, err)
	}
	in.settled()
}

func TestACompensationIsCancelledInTheMiddle(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("rebooked", rebooked())
	g := newGate("un_c")
	in.worker("w1", "test", 4, g.handle)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "rebooked"})
	g.wait(t, "un_c")
	if err := e.Cancel(t.Context(), in.op(id, "enough")); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "cancelled", 20*time.Second)
	close(g.open)
	in.settled()
}

func TestARestartHidesWhatCanBeUndone(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	nodes := undoneBy([]graph.Node{step("a"), step("b", "n", `"=tasks.b?.n ?? 1"`), step("wait"), throwing("undo", ""), ending("done")}, "a", "b")
	in.versions.publish("line", drawing(nodes, "start > a > b > wait > undo > done"))
	g := newGate("wait")
	var l ledger
	in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "wait" {
			return g.handle(ctx, task)
		}
		return l.handle(ctx, task)
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "line"})
	g.wait(t, "wait")
	if _, err := e.RestartFrom(t.Context(), engine.RestartFromCommand{OpCommand: in.op(id, "again"), Node: "b"}); err != nil {
		t.Fatal(err)
	}
	g.wait(t, "wait")
	close(g.open)
	in.waitState(e, id, "completed", 20*time.Second)
	if got := l.all(); len(got) != 2 || !strings.HasPrefix(got[0], "un_b") || !strings.HasPrefix(got[1], "un_a") {
		t.Errorf("undone %v", got)
	}
	in.settled()
}

func TestAMigrationKeepsWhatCanBeUndone(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	draw := func(handled ...string) *graph.Document {
		return drawing(undoneBy([]graph.Node{step("a"), step("wait"), throwing("undo", ""), ending("done")}, handled...), "start > a > wait > undo > done")
	}
	in.versions.publish("line", draw("a"))
	g := newGate("wait")
	in.worker("w1", "test", 4, g.handle)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "line"})
	g.wait(t, "wait")
	in.versions.publish("line", draw())
	in.versions.publish("line", draw("a", "wait"))
	plan, err := e.PlanMigration(t.Context(), id, 2)
	if err != nil || len(plan.Issues) != 1 || plan.Issues[0].Code != flow.MigrateUndo || plan.Issues[0].Node != "a" {
		t.Fatalf("plan %+v, %v", plan, err)
	}
	if err := e.Migrate(t.Context(), engine.MigrateCommand{OpCommand: in.op(id, "no"), Version: 2}); err == nil {
		t.Fatal("it migrated to a version that cannot undo what has completed")
	}
	if err := e.Migrate(t.Context(), engine.MigrateCommand{OpCommand: in.op(id, "yes"), Version: 3}); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	in.waitState(e, id, "completed", 20*time.Second)
	if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id IN ('un_a', 'un_wait') AND state = 'completed'`, id); n != 2 {
		t.Errorf("%d were undone", n)
	}
	in.settled()
}

// TestAGraphWithoutHandlersAsksForNoRecords holds that a process in which nothing can be undone has none of its work: no row, no read.
func TestAGraphWithoutHandlersAsksForNoRecords(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("line", line())
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "line", Input: obj(`{"n":1}`)})
	in.waitState(e, id, "completed", 20*time.Second)
	if n := in.count(`SELECT count(*) FROM undo_record`); n != 0 {
		t.Errorf("%d records", n)
	}
	var state json.RawMessage
	if err := in.db.QueryRow(t.Context(), `SELECT state FROM scope WHERE id = $1`, id).Scan(&state); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(state), "undo") {
		t.Errorf("scope %s", state)
	}
	findings, err := recount.Check(t.Context(), in.db)
	if err != nil || len(findings) > 0 {
		t.Errorf("%v, %v", findings, err)
	}
}

package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// planning is a process whose step "decide" may answer with a plan; what comes of it goes to the step "use".
func planning() *graph.Document {
	decide := step("decide", "plan", `"=input.plan"`)
	decide.Service.Plan = true
	return drawing([]graph.Node{decide, step("use", "result", `"=tasks.decide"`), ending("done")}, "start > decide > use > done")
}

// planner answers with the plan in its input, where there is one, else as told.
func planner(told handler) handler {
	return func(ctx context.Context, t *wire.Task) *wire.Report {
		var in struct {
			Plan json.RawMessage `json:"plan"`
		}
		if json.Unmarshal(t.Input, &in) == nil && len(in.Plan) > 0 && in.Plan[0] == '{' {
			return &wire.Report{Kind: wire.ReportCompleted, Plan: in.Plan}
		}
		return told(ctx, t)
	}
}

// sums is a plan: two tasks at once, one within a plan of its own, and one that takes their outputs.
const sums = `{"tasks":[
 {"name":"left","type":"test.step@1","title":"The left half","input":{"x":1}},
 {"name":"right","type":"test.step@1","input":{"plan":{"tasks":[{"name":"deep","type":"test.step@1","input":{"y":2}}],"result":"deep"}}},
 {"name":"sum","type":"test.step@1","input":{"total":"=tasks.left.x + tasks.right.y"}}],"result":"sum"}`

func planInput(plan string) json.RawMessage { return obj(`{"plan":` + plan + `}`) }

func (in *installation) nodeStates(process string) map[string]string {
	in.t.Helper()
	rows, err := in.db.Query(context.Background(), `SELECT node_id, state FROM task WHERE process_id = $1`, process)
	if err != nil {
		in.t.Fatal(err)
	}
	defer rows.Close()
	states := map[string]string{}
	for rows.Next() {
		var node, state string
		if err := rows.Scan(&node, &state); err != nil {
			in.t.Fatal(err)
		}
		states[node] = state
	}
	return states
}

func TestAPlanIsRun(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("planning", planning())
	in.worker("w1", "test", 4, planner(echo))
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "planning", Input: planInput(sums)})
	in.waitState(e, id, "completed", 20*time.Second)
	use := in.onlyTask(e, id, "use")
	if string(use.Input) != `{"result":{"total":3}}` {
		t.Errorf("the next step was given %s", use.Input)
	}
	decide := in.onlyTask(e, id, "decide")
	if len(decide.Attempts) != 1 || decide.Attempts[0].Outcome != "completed" || string(decide.Output) != `{"total":3}` {
		t.Errorf("the planning task says %+v and gives %s", decide.Attempts, decide.Output)
	}
	inside, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{ParentScope: decide.ID})
	if err != nil || len(inside) != 3 {
		t.Fatalf("inside of it are %+v, %v", inside, err)
	}
	titles := map[string]string{}
	for _, task := range inside {
		titles[task.NodeID] = task.Title
		if task.Kind != string(graph.KindServiceTask) || task.MaxAttempts != 5 {
			t.Errorf("a task of the plan is shown as %+v", task)
		}
	}
	if fmt.Sprint(titles) != `map[decide/left:The left half decide/right:right decide/sum:sum]` {
		t.Errorf("they are called %v", titles)
	}
	deep := in.onlyTask(e, id, "decide/right/deep")
	if deep.ScopeID != in.onlyTask(e, id, "decide/right").ID {
		t.Errorf("the plan within the plan is shown in scope %s", deep.ScopeID)
	}
	in.settled()
}

// TestAProcessWithAPlanUnderWayMigrates lets a process go on in another version while a plan, and a plan within it, run; results come
// before, while and after.
func TestAProcessWithAPlanUnderWayMigrates(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	decide, use := planning().Nodes[1], planning().Nodes[2]
	next := drawing([]graph.Node{decide, step("check", "of", `"=tasks.decide.total"`), use, ending("done")}, "start > decide > check > use > done")
	unplanned := planning()
	unplanned.Nodes[1].Service.Plan = false
	for _, doc := range []*graph.Document{planning(), next, unplanned} {
		in.versions.publish("planning", doc)
	}
	g := newGate("decide/left", "decide/right/deep")
	in.worker("w1", "test", 4, planner(g.handle))
	engines := []*engine.Engine{in.engine(), in.engine(func(c *engine.Config) { c.CachedProcess = 1 })}
	id := in.start(engines[0], engine.StartCommand{DefinitionKey: "planning", Version: 1, Input: planInput(sums)})
	for range 2 {
		select {
		case <-g.came:
		case <-time.After(60 * time.Second):
			t.Fatal("the plan does not run")
		}
	}
	plan, err := engines[0].PlanMigration(t.Context(), id, 3)
	if err != nil || plan.Allowed || len(plan.Issues) != 1 || plan.Issues[0].Code != flow.MigratePlan {
		t.Errorf("to a version that does not let it plan: %+v, %v", plan, err)
	}
	wantFault(t, in.migrate(engines[1], id, 3), fault.Conflict, engine.MigrateRefused)
	if plan, err = engines[0].PlanMigration(t.Context(), id, 2); err != nil || !plan.Allowed {
		t.Errorf("to the next version: %+v, %v", plan, err)
	}
	if err := in.migrate(engines[1], id, 2); err != nil {
		t.Fatal(err)
	}
	engines[0].Crash() // what goes on is read again
	close(g.open)
	in.waitState(engines[1], id, "completed", 60*time.Second)
	for node, want := range map[string]string{"check": `{"of":3}`, "use": `{"result":{"total":3}}`} {
		if got := in.onlyTask(engines[1], id, node); string(got.Input) != want {
			t.Errorf("%s was given %s instead of %s", node, got.Input, want)
		}
	}
	in.settled()
}

func TestAPlanIsHeldAgainstTheCatalog(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("planning", planning())
	in.worker("w1", "test", 4, planner(echo))
	e := in.engine()
	for _, c := range []struct{ name, plan, want string }{
		{"an unknown node type", `{"tasks":[{"name":"a","type":"test.none@1"}]}`, "a: no worker ever announced test.none@1"},
		{"a field that is missing", `{"tasks":[{"name":"a","type":"test.strict@1"}]}`, "a: n is required"},
		{"a field that there is not", `{"tasks":[{"name":"a","type":"test.strict@1","input":{"n":1,"m":2}}]}`, "a: there is no field m"},
		{"a value of another type", `{"tasks":[{"name":"a","type":"test.strict@1","input":{"n":"one"}}]}`, "(service.input_value)"},
		{"a policy out of bounds", `{"tasks":[{"name":"a","type":"test.step@1","retry":{"max_attempts":1000}}]}`, "max_attempts must be"},
		{"an expression that can't be read", `{"tasks":[{"name":"a","type":"test.step@1","input":{"x":"=1 +"}}]}`, "a: "},
		{"tasks that wait for each other", `{"tasks":[{"name":"a","type":"test.step@1","after":["b"]},{"name":"b","type":"test.step@1","after":["a"]}]}`, "wait for each other"},
		{"too many expressions", `{"tasks":[{"name":"a","type":"test.step@1","input":{"x":[` + strings.Repeat(`"=1",`, 500) + `"=1"]}}]}`, "more than 500 expressions"},
	} {
		id := in.start(e, engine.StartCommand{DefinitionKey: "planning", Input: planInput(c.plan)})
		in.waitState(e, id, "incident", 20*time.Second)
		if why := in.onlyTask(e, id, "decide").Error; why == nil || why.Code != flow.CodePlan || !strings.Contains(why.Message, c.want) {
			t.Errorf("%s: the incident says %+v, want %q", c.name, why, c.want)
		}
		if n := in.count(`SELECT count(*) FROM attempt WHERE process_id = $1 AND outcome = 'failed'`, id); n != 1 {
			t.Errorf("%s: %d attempts failed; a retry mends nothing", c.name, n)
		}
	}
}

// TestAPlanSurvivesEverything: the engine that accepted a plan is gone, results come twice and late, the window is lost. Each task is
// accepted once.
func TestAPlanSurvivesEverything(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("planning", planning())
	var runs atomic.Int64
	gate := make(chan struct{})
	var w *worker
	ready := make(chan struct{})
	h := planner(func(ctx context.Context, task *wire.Task) *wire.Report {
		runs.Add(1)
		if strings.HasPrefix(task.Node, "decide/") {
			<-gate
		}
		return echo(ctx, task)
	})
	twice := func(ctx context.Context, task *wire.Task) *wire.Report {
		r := h(ctx, task)
		<-ready
		again := *r
		w.report(task, &again)
		return r
	}
	first, err := engine.New(engine.Config{DB: in.db, Redis: in.rdb, Keys: in.keys, Definitions: in.versions, Catalog: in.catalog, Log: in.log, LeaseTTL: time.Second, Committers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w = in.worker("w1", "test", 64, twice) // room for what waits at the gate
	close(ready)
	ids := make([]string, 12)
	for i := range ids {
		ids[i] = in.start(first, engine.StartCommand{DefinitionKey: "planning", Input: planInput(sums)})
	}
	eventually(t, 20*time.Second, "every plan is accepted", func() bool {
		return in.count(`SELECT count(*) FROM task WHERE node_id = 'decide/left'`) == len(ids)
	})
	if n := in.count(`SELECT count(*) FROM dispatch d JOIN task t ON t.process_id = d.process_id AND t.id = d.task_id WHERE t.node_id = 'decide'`); n != 0 {
		t.Errorf("%d planning tasks still have a message", n)
	}
	first.Stop()
	e := in.engine(func(c *engine.Config) { c.SweepEvery, c.SweepAge = 200*time.Millisecond, 500*time.Millisecond })
	close(gate)
	for _, id := range ids {
		in.waitState(e, id, "completed", 60*time.Second)
		if got := in.onlyTask(e, id, "use").Input; string(got) != `{"result":{"total":3}}` {
			t.Errorf("process %s: the next step was given %s", id, got)
		}
	}
	in.settled()
	t.Logf("%d runs of %d tasks", runs.Load(), len(ids)*5)
}

func TestSupportMendsAPlan(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	doc := planning()
	in.versions.publish("planning", doc)
	var broken atomic.Bool
	broken.Store(true)
	in.worker("w1", "test", 4, planner(func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "decide/a" && strings.Contains(string(task.Input), "bad") {
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO", Message: "no"}}
		}
		return echo(ctx, task)
	}))
	const plan = `{"tasks":[{"name":"a","type":"test.step@1","input":{"x":"bad"}},{"name":"b","type":"test.step@1","input":{"x":"=tasks.a.x"}}],"result":"b"}`
	e := in.engine()
	started := func() (string, engine.TaskView) {
		t.Helper()
		id := in.start(e, engine.StartCommand{DefinitionKey: "planning", Input: planInput(plan)})
		in.waitState(e, id, "incident", 20*time.Second)
		return id, in.onlyTask(e, id, "decide/a")
	}

	id, a := started()
	if !a.Actions.Retry.Allowed || !a.Actions.EditAndRetry.Allowed || !a.Actions.Skip.Allowed {
		t.Errorf("support may do %+v", a.Actions)
	}
	if err := e.Retry(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "mended"), TaskID: a.ID, Input: obj(`{"x":"good"}`)}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 20*time.Second)
	if got := in.onlyTask(e, id, "use").Input; string(got) != `{"result":{"x":"good"}}` {
		t.Errorf("the next step was given %s", got)
	}

	id, a = started()
	if err := e.Skip(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "known"), TaskID: a.ID, Output: obj(`{"x":"by hand"}`)}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 20*time.Second)
	if got := in.onlyTask(e, id, "use").Input; string(got) != `{"result":{"x":"by hand"}}` {
		t.Errorf("the next step was given %s", got)
	}

	id, _ = started()
	wantFault(t, e.Skip(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "x"), TaskID: in.onlyTask(e, id, "decide").ID}), fault.Conflict, flow.RefusedNotSkippable)
	if err := e.Cancel(t.Context(), in.op(id, "not needed")); err != nil {
		t.Fatal(err)
	}
	if states := in.nodeStates(id); states["decide"] != "cancelled" || states["decide/a"] != "cancelled" {
		t.Errorf("the tasks are %v", states)
	}
	groups, err := e.IncidentGroups(t.Context(), engine.IncidentFilter{})
	if err != nil || len(groups.Groups) != 0 {
		t.Errorf("incidents are left: %+v, %v", groups, err)
	}
	in.settled()
}

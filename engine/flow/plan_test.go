package flow_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func plans(s *graph.ServiceTask) { s.Plan = true }

// planning is a process whose step "decide" may answer with a plan; "use" shows what came of it.
func planning(change ...func(*graph.ServiceTask)) *draft {
	return (&draft{}).start().
		service("decide", append([]func(*graph.ServiceTask){plans, input(map[string]string{"n": `"=input.n"`})}, change...)...).
		service("use", input(map[string]string{"result": `"=tasks.decide"`})).end("done").
		flow("start", "decide", "use", "done")
}

// answerPlan lets the worker of a node answer with a plan.
func (r *rig) answerPlan(node, plan string) *flow.Effects {
	r.t.Helper()
	ev := r.event(flow.EventCompleted, node)
	ev.Plan = json.RawMessage(plan)
	return r.do(ev)
}

// caughtOn and lateOn add an event on the border of "decide".
func caughtOn(d *draft, id, code string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindBoundaryEvent, Boundary: &graph.BoundaryEvent{On: "decide", Kind: graph.BoundaryError, Codes: []string{code}}})
}

func lateOn(d *draft, id, after string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindBoundaryEvent, Boundary: &graph.BoundaryEvent{On: "decide", Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: after}}})
}

// pair are two tasks, of which the second waits for the first.
const pair = `{"tasks":[
 {"name":"sum","type":"demo.step@1","input":{"a":"=tasks.fetch.x + input.n","b":1}},
 {"name":"fetch","type":"demo.step@1","title":"Fetch it"}],"result":"sum"}`

func TestAPlanRunsInItsOrder(t *testing.T) {
	t.Parallel()
	r := begin(t, planning(), `{"n":5}`)
	epoch := r.task("decide").Epoch
	fx := r.answerPlan("decide", pair)
	require.Len(t, fx.Dispatch, 1)
	require.Equal(t, "decide/fetch", fx.Dispatch[0].NodeID)
	require.Equal(t, "demo.step@1", fx.Dispatch[0].NodeType)
	require.Greater(t, r.task("decide").Epoch, epoch, "whoever had the task has it no more")
	r.taskState("decide", flow.TaskRunning)
	fx = r.complete("decide/fetch", `{"x":2}`)
	require.Len(t, fx.Dispatch, 1)
	require.JSONEq(t, `{"a":7,"b":1}`, string(r.task("decide/sum").Input))
	r.complete("decide/sum", `{"total":7}`)
	r.taskState("decide", flow.TaskCompleted)
	require.JSONEq(t, `{"result":{"total":7}}`, string(r.task("use").Input))
	require.Len(t, r.st.Scopes, 1)
	r.complete("use", `{}`)
	r.state("completed")
}

func TestAPlanGivesTheOutputsOfAllItsTasks(t *testing.T) {
	t.Parallel()
	r := begin(t, planning(result(map[string]string{"first": `"=result.a.x"`})), `{"n":1}`)
	r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1"},{"name":"b","type":"t@1"},{"name":"c","type":"t@1","after":["a","b"]}]}`)
	require.Len(t, r.last.Dispatch, 2, "what waits for nothing begins at once")
	r.complete("decide/b", `{"x":2}`)
	require.Empty(t, r.last.Dispatch)
	r.complete("decide/a", `{"x":1}`)
	r.complete("decide/c", `{}`)
	require.JSONEq(t, `{"result":{"first":1}}`, string(r.task("use").Input), "the result mapping sees the outputs by name")
}

func TestPlansThatCantBeRun(t *testing.T) {
	t.Parallel()
	many := func(n int) string {
		tasks := make([]string, n)
		for i := range tasks {
			tasks[i] = fmt.Sprintf(`{"name":"t%d","type":"t@1"}`, i)
		}
		return `{"tasks":[` + strings.Join(tasks, ",") + `]}`
	}
	for _, c := range []struct{ name, plan, want string }{
		{"no tasks", `{"tasks":[]}`, "it has 0 tasks"},
		{"too many tasks", many(201), "it has 201 tasks"},
		{"no JSON object", `[1]`, "it can't be read"},
		{"a name that is none", `{"tasks":[{"name":"A b","type":"t@1"}]}`, `"A b" is no name`},
		{"a name twice", `{"tasks":[{"name":"a","type":"t@1"},{"name":"a","type":"t@1"}]}`, "two tasks are named a"},
		{"no node type", `{"tasks":[{"name":"a"}]}`, "a has no node type"},
		{"a title without end", `{"tasks":[{"name":"a","type":"t@1","title":"` + strings.Repeat("x", 201) + `"}]}`, "the title of a"},
		{"an unknown task to wait for", `{"tasks":[{"name":"a","type":"t@1","after":["b"]}]}`, `a waits for "b"`},
		{"an unknown task to read", `{"tasks":[{"name":"a","type":"t@1","input":{"x":"=tasks.b.y"}}]}`, `a waits for "b"`},
		{"a task that waits for itself", `{"tasks":[{"name":"a","type":"t@1","input":{"x":"=tasks.a.y"}}]}`, "wait for each other: a, a"},
		{"tasks that wait for each other", `{"tasks":[{"name":"z","type":"t@1"},{"name":"a","type":"t@1","after":["c"]},{"name":"b","type":"t@1","input":{"x":"=tasks.a.y"}},{"name":"c","type":"t@1","after":["b"]}]}`,
			"wait for each other: a, c, b, a"},
		{"an expression that can't be read", `{"tasks":[{"name":"a","type":"t@1","input":{"x":"=1 +"}}]}`, "a: input: field"},
		{"a name that has no value", `{"tasks":[{"name":"a","type":"t@1","input":{"x":"=item"}}]}`, "a: item has no value"},
		{"an unknown result", `{"tasks":[{"name":"a","type":"t@1"}],"result":"b"}`, `its result is that of "b"`},
		{"a policy that is none", `{"tasks":[{"name":"a","type":"t@1","retry":{"max_attempts":"three"}}]}`, "a: retry"},
		{"more than is kept", `{"tasks":[{"name":"a","type":"t@1","input":{"x":"` + strings.Repeat("x", 256<<10) + `"}}]}`, "larger than 256 KiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, planning(), `{"n":1}`)
			r.answerPlan("decide", c.plan)
			r.state("incident")
			require.Equal(t, flow.CodePlan, r.task("decide").Error.Code)
			require.Contains(t, r.task("decide").Error.Message, c.want)
			require.Len(t, r.st.Scopes, 1)
			r.operate(flow.EventRetry, "decide", "")
			r.answerPlan("decide", pair)
			r.state("running")
		})
	}
}

// The tasks of a plan had the ids of those of an earlier plan of the same step, which ended in an incident and was retried: none could
// be stored.
func TestDefect_AStepThatPlannedAgainHadTheTasksOfItsFirstPlan(t *testing.T) {
	t.Parallel()
	r := begin(t, planning(result(map[string]string{"x": `"=result.list[3]"`})), `{"n":1}`)
	const one = `{"tasks":[{"name":"a","type":"t@1"}],"result":"a"}`
	r.answerPlan("decide", one)
	first := r.task("decide/a").ID
	r.complete("decide/a", `{"list":[]}`)
	r.taskState("decide", flow.TaskIncident)
	r.operate(flow.EventRetry, "decide", "")
	r.answerPlan("decide", one)
	require.NotEqual(t, first, r.task("decide/a").ID)
	r.complete("decide/a", `{"list":[0,1,2,3]}`)
	require.JSONEq(t, `{"result":{"x":3}}`, string(r.task("use").Input))
}

// Plans that are let go together, with more tasks than one call begins, go on in the next.
func TestPlansThatAreTooMuchForOneCallGoOn(t *testing.T) {
	t.Parallel()
	const steps, tasks = 6, 200
	d := (&draft{}).start().end("done")
	for i := range steps {
		id := fmt.Sprintf("plan_%d", i)
		d = d.service(id, plans).flow("start", id, "done")
	}
	r := begin(t, d, `{}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	names := make([]string, tasks)
	for i := range names {
		names[i] = fmt.Sprintf(`{"name":"t%d","type":"t@1"}`, i)
	}
	for i := range steps {
		r.answerPlan(fmt.Sprintf("plan_%d", i), `{"tasks":[`+strings.Join(names, ",")+`]}`)
	}
	require.Len(t, r.made, steps)
	require.True(t, r.do(flow.Event{Kind: flow.EventResume}).Continue)
	require.Less(t, len(r.made), steps+steps*tasks)
	for r.last.Continue {
		require.Empty(t, r.do(flow.Event{Kind: flow.EventContinue}).Ignored)
	}
	require.Len(t, r.made, steps+steps*tasks)
}

func TestAStepThatMustNotPlan(t *testing.T) {
	t.Parallel()
	r := begin(t, planning(func(s *graph.ServiceTask) { s.Plan = false }), `{"n":1}`)
	r.answerPlan("decide", pair)
	require.Equal(t, flow.CodePlanUnexpected, r.task("decide").Error.Code)
	r.state("incident")
}

func TestAPlanIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	r := begin(t, planning(), `{"n":1}`)
	late := r.event(flow.EventCompleted, "decide")
	late.Output = json.RawMessage(`{"late":true}`)
	again := late
	again.Output, again.Plan = nil, json.RawMessage(pair)
	r.answerPlan("decide", pair)
	for _, ev := range []flow.Event{late, again} {
		require.Equal(t, flow.IgnoredStale, r.do(ev).Ignored)
	}
	lost := r.event(flow.EventCompleted, "decide/fetch")
	lost.Output = json.RawMessage(`{"x":100}`)
	gone := r.event(flow.EventLost, "decide/fetch")
	r.do(gone)
	require.Equal(t, flow.IgnoredStale, r.do(lost).Ignored)
	r.complete("decide/fetch", `{"x":1}`)
	require.Equal(t, flow.IgnoredTaskEnded, r.do(lost).Ignored)
	r.complete("decide/sum", `{}`)
	require.Equal(t, flow.IgnoredTaskEnded, r.do(again).Ignored)
	r.complete("use", `{}`)
	r.state("completed")
}

func TestFailuresInAPlan(t *testing.T) {
	t.Parallel()
	const plan = `{"tasks":[{"name":"a","type":"t@1","retry":{"max_attempts":2,"backoff":"fixed","initial_ms":1000}},{"name":"b","type":"t@1"},
		{"name":"c","type":"t@1","input":{"x":"=tasks.a.x"}},{"name":"d","type":"t@1","after":["b"]}],"result":"c"}`
	failed := func(t *testing.T) *rig {
		r := begin(t, planning(), `{"n":1}`)
		r.answerPlan("decide", plan)
		r.fail("decide/a", wire.ErrorRetryable, "NET")
		r.taskState("decide/a", flow.TaskRetrying)
		r.due(flow.TimerRetry, "decide/a")
		r.fail("decide/a", wire.ErrorRetryable, "NET")
		r.taskState("decide/a", flow.TaskIncident)
		r.state("incident")
		r.complete("decide/b", `{}`)
		require.Empty(t, r.last.Dispatch, "nothing begins in a hold")
		return r
	}
	t.Run("an incident is retried with another input", func(t *testing.T) {
		t.Parallel()
		r := failed(t)
		r.operate(flow.EventRetry, "decide/a", `{"mended":true}`)
		require.JSONEq(t, `{"mended":true}`, string(r.task("decide/a").Input))
		require.Equal(t, 1, r.task("decide/a").Attempt)
		require.Len(t, r.last.Dispatch, 2, "what waited for the hold begins, too")
		r.complete("decide/a", `{"x":1}`)
		r.complete("decide/c", `{"y":1}`)
		r.complete("decide/d", `{}`)
		require.JSONEq(t, `{"result":{"y":1}}`, string(r.task("use").Input))
	})
	t.Run("an incident is skipped with a value", func(t *testing.T) {
		t.Parallel()
		r := failed(t)
		r.operate(flow.EventSkip, "decide/a", `{"x":9}`)
		require.JSONEq(t, `{"x":9}`, string(r.task("decide/c").Input))
	})
	t.Run("an input that can't be built is an incident of its task", func(t *testing.T) {
		t.Parallel()
		r := begin(t, planning(), `{"n":1}`)
		r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1"},{"name":"b","type":"t@1","input":{"x":"=tasks.a.list[3]"}}]}`)
		r.complete("decide/a", `{"list":[1]}`)
		r.taskState("decide/b", flow.TaskIncident)
		r.operate(flow.EventRetry, "decide/b", "")
		r.taskState("decide/b", flow.TaskIncident)
		r.operate(flow.EventRetry, "decide/b", `{"x":1}`)
		r.complete("decide/b", `{}`)
		r.taskState("decide", flow.TaskCompleted)
	})
	t.Run("an error is caught on the border of the planning step", func(t *testing.T) {
		t.Parallel()
		d := caughtOn(planning(), "refused", "NO").service("mend", input(map[string]string{"code": `"=error.code"`})).flow("refused", "mend", "done")
		r := begin(t, d, `{"n":1}`)
		r.answerPlan("decide", plan)
		r.fail("decide/b", wire.ErrorBusiness, "NO")
		r.taskState("decide", flow.TaskFailed)
		r.taskState("decide/b", flow.TaskFailed)
		r.taskState("decide/a", flow.TaskCancelled)
		require.JSONEq(t, `{"code":"NO"}`, string(r.task("mend").Input))
		r.complete("mend", `{}`)
		r.state("completed")
	})
	t.Run("in a hold the error waits", func(t *testing.T) {
		t.Parallel()
		d := caughtOn(planning(), "refused", "NO").flow("refused", "done")
		r := begin(t, d, `{"n":1}`)
		r.answerPlan("decide", plan)
		r.do(flow.Event{Kind: flow.EventSuspend})
		r.fail("decide/b", wire.ErrorBusiness, "NO")
		r.complete("decide/a", `{"x":1}`)
		r.taskState("decide", flow.TaskRunning)
		r.do(flow.Event{Kind: flow.EventResume})
		r.taskState("decide", flow.TaskFailed)
		r.state("completed")
	})
	t.Run("all attempts of the planning step take too long with its plan", func(t *testing.T) {
		t.Parallel()
		r := begin(t, planning(timeouts(graph.Timeouts{TotalMS: 60_000})), `{"n":1}`)
		r.answerPlan("decide", plan)
		r.now = r.now.Add(2 * time.Minute)
		r.timeout("total", "decide")
		r.taskState("decide", flow.TaskIncident)
		r.taskState("decide/a", flow.TaskCancelled)
		require.Len(t, r.last.Stop, 2, "the workers of the plan's tasks are told")
		require.Len(t, r.st.Scopes, 1)
		r.operate(flow.EventRetry, "decide", "")
		r.answerPlan("decide", pair)
		r.taskState("decide/fetch", flow.TaskQueued)
	})
	t.Run("a task of a plan times out by its own limits", func(t *testing.T) {
		t.Parallel()
		r := begin(t, planning(), `{"n":1}`)
		r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1","timeouts":{"queue_ms":1000}}]}`)
		r.due(flow.TimerQueue, "decide/a")
		r.taskState("decide/a", flow.TaskIncident)
	})
	t.Run("a result that can't be used is an incident of the planning step", func(t *testing.T) {
		t.Parallel()
		r := begin(t, planning(result(map[string]string{"x": `"=result.list[3]"`})), `{"n":1}`)
		r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1"}],"result":"a"}`)
		r.complete("decide/a", `{"list":[]}`)
		r.taskState("decide", flow.TaskIncident)
		r.operate(flow.EventSkip, "decide", `{"x":1}`)
		require.JSONEq(t, `{"result":{"x":1}}`, string(r.task("use").Input))
	})
	t.Run("outputs that are too large together", func(t *testing.T) {
		t.Parallel()
		r := begin(t, planning(), `{"n":1}`)
		r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1"},{"name":"b","type":"t@1"}]}`)
		large := `{"x":"` + strings.Repeat("x", 200<<10) + `"}`
		r.complete("decide/a", large)
		r.complete("decide/b", large)
		require.Equal(t, flow.CodePlan, r.task("decide").Error.Code)
		r.taskState("decide", flow.TaskIncident)
	})
}

func TestAPlanEndsWithWhatItIsIn(t *testing.T) {
	t.Parallel()
	t.Run("an event on the border of the planning step", func(t *testing.T) {
		t.Parallel()
		d := lateOn(planning(), "late", "PT1H").service("remind").flow("late", "remind", "done")
		r := begin(t, d, `{"n":1}`)
		r.answerPlan("decide", pair)
		r.comes(flow.EventTimer, "decide", "late", "")
		r.taskState("decide", flow.TaskCancelled)
		r.taskState("decide/fetch", flow.TaskCancelled)
		r.complete("remind", `{}`)
		r.state("completed")
	})
	t.Run("a cancelled process", func(t *testing.T) {
		t.Parallel()
		r := begin(t, planning(), `{"n":1}`)
		r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1"},{"name":"b","type":"t@1"}]}`)
		r.answerPlan("decide/a", pair)
		r.do(flow.Event{Kind: flow.EventCancel})
		r.state("cancelled")
		for _, node := range []string{"decide", "decide/a", "decide/a/fetch", "decide/b"} {
			r.taskState(node, flow.TaskCancelled)
		}
	})
	t.Run("a restart from the planning step", func(t *testing.T) {
		t.Parallel()
		r := begin(t, planning(), `{"n":1}`)
		r.answerPlan("decide", pair)
		old := r.task("decide/fetch")
		r.restart("decide")
		require.Equal(t, flow.TaskCancelled, old.State)
		require.Equal(t, 2, r.task("decide").Run)
		r.answerPlan("decide", pair)
		require.NotEqual(t, old.ID, r.task("decide/fetch").ID)
	})
}

func TestASuspendedProcessPlansAndWaits(t *testing.T) {
	t.Parallel()
	r := begin(t, planning(), `{"n":1}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.answerPlan("decide", pair)
	require.Empty(t, r.last.Dispatch)
	r.do(flow.Event{Kind: flow.EventResume})
	require.Len(t, r.last.Dispatch, 1)
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.complete("decide/fetch", `{"x":1}`)
	r.do(flow.Event{Kind: flow.EventResume})
	r.complete("decide/sum", `{}`)
	r.taskState("decide", flow.TaskCompleted)
}

func TestPlansWithinPlans(t *testing.T) {
	t.Parallel()
	r := begin(t, planning(), `{"n":5}`)
	r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1","input":{"n":10}},{"name":"b","type":"t@1","input":{"x":"=tasks.a.total"}}]}`)
	r.answerPlan("decide/a", pair)
	r.complete("decide/a/fetch", `{"x":1}`)
	require.JSONEq(t, `{"a":11,"b":1}`, string(r.task("decide/a/sum").Input), "input is that of the task that planned")
	r.complete("decide/a/sum", `{"total":11}`)
	r.taskState("decide/a", flow.TaskCompleted)
	require.JSONEq(t, `{"x":11}`, string(r.task("decide/b").Input))
	r.complete("decide/b", `{}`)
	require.JSONEq(t, `{"result":{"a":{"total":11},"b":{}}}`, string(r.task("use").Input))

	t.Run("a failure in the inner one is caught far outside", func(t *testing.T) {
		t.Parallel()
		d := caughtOn(planning(), "refused", "NO").flow("refused", "done")
		r := begin(t, d, `{"n":5}`)
		r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1","input":{"n":10}}]}`)
		r.answerPlan("decide/a", pair)
		r.fail("decide/a/fetch", wire.ErrorBusiness, "NO")
		r.state("completed")
		r.taskState("decide/a", flow.TaskCancelled)
	})
	t.Run("too deep", func(t *testing.T) {
		t.Parallel()
		r := begin(t, planning(), `{"n":5}`)
		node := "decide"
		for range flow.MaxPlanDepth {
			r.answerPlan(node, `{"tasks":[{"name":"a","type":"t@1"}]}`)
			node += "/a"
		}
		r.answerPlan(node, `{"tasks":[{"name":"a","type":"t@1"}]}`)
		require.Contains(t, r.task(node).Error.Message, "too deep")
		r.operate(flow.EventSkip, node, `{"x":1}`)
		r.complete("use", `{}`)
		r.state("completed")
	})
	t.Run("too many in all", func(t *testing.T) {
		t.Parallel()
		wide := make([]string, flow.MaxPlanTasks)
		for i := range wide {
			wide[i] = fmt.Sprintf(`{"name":"t%d","type":"t@1"}`, i)
		}
		all := `{"tasks":[` + strings.Join(wide, ",") + `]}`
		r := begin(t, planning(), `{"n":5}`)
		r.answerPlan("decide", all)
		most := flow.MaxPlanned/flow.MaxPlanTasks - 1
		for i := range most {
			r.answerPlan(fmt.Sprintf("decide/t%d", i), all)
		}
		last := fmt.Sprintf("decide/t%d", most)
		r.answerPlan(last, `{"tasks":[{"name":"a","type":"t@1"}]}`)
		require.Contains(t, r.task(last).Error.Message, "10001 tasks in all")
	})
}

func TestEachEntryOfAListPlans(t *testing.T) {
	t.Parallel()
	d := planning(func(s *graph.ServiceTask) { s.Input = values(map[string]string{"n": `"=item"`}) })
	for i := range d.doc.Nodes {
		if d.doc.Nodes[i].ID == "decide" {
			d.doc.Nodes[i].Multi = &graph.Multi{Items: json.RawMessage(`[1,2]`), Tolerated: "1"}
		}
	}
	r := begin(t, d, `{"n":1}`)
	for _, task := range r.made[1:3] {
		r.do(flow.Event{Kind: flow.EventCompleted, Task: task.ID, Epoch: task.Epoch, Plan: json.RawMessage(pair)})
	}
	fetches := r.made[3:5]
	require.NotEqual(t, fetches[0].ScopeID, fetches[1].ScopeID)
	for i, task := range fetches {
		r.do(flow.Event{Kind: flow.EventCompleted, Task: task.ID, Epoch: task.Epoch, Output: json.RawMessage(fmt.Sprintf(`{"x":%d}`, 10*(i+1)))})
	}
	sums := r.made[5:7]
	require.JSONEq(t, `{"a":11,"b":1}`, string(sums[0].Input))
	require.JSONEq(t, `{"a":22,"b":1}`, string(sums[1].Input))
	r.do(flow.Event{Kind: flow.EventCompleted, Task: sums[0].ID, Epoch: sums[0].Epoch, Output: json.RawMessage(`{"total":11}`)})
	r.do(flow.Event{Kind: flow.EventFailed, Task: sums[1].ID, Epoch: sums[1].Epoch, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO"}})
	require.JSONEq(t, `{"result":{"total":2,"completed":1,"failed":1}}`, string(r.task("use").Input))
}

func TestAPlanInATestRunAnswersForItself(t *testing.T) {
	t.Parallel()
	r := begin(t, planning(), `{"n":1}`)
	r.answerPlan("decide", `{"tasks":[{"name":"a","type":"t@1","answer":{"x":3}},{"name":"b","type":"t@1","input":{"x":"=tasks.a.x"}},{"name":"c","type":"t@1","after":["b"],"answer":{}}]}`)
	r.taskState("decide/a", flow.TaskCompleted)
	require.JSONEq(t, `{"x":3}`, string(r.task("decide/b").Input))
	r.complete("decide/b", `{}`)
	require.JSONEq(t, `{"result":{"a":{"x":3},"b":{},"c":{}}}`, string(r.task("use").Input))
}

// TestAPlanNeedsNoMore runs a plan with nothing in memory but what ReadsFor names.
func TestAPlanNeedsNoMore(t *testing.T) {
	t.Parallel()
	d := caughtOn(planning(), "refused", "NO").flow("refused", "done")
	r := begin(t, d, `{"n":5}`)
	stored := map[flow.OutputKey]json.RawMessage{}
	cold := func(ev flow.Event) {
		t.Helper()
		for key, body := range r.st.Data.Outputs {
			stored[key] = body
		}
		raw, err := json.Marshal(r.st.Scopes)
		require.NoError(t, err)
		r.st.Scopes, r.st.Data = map[string]*flow.Scope{}, flow.Data{Outputs: map[flow.OutputKey]json.RawMessage{}}
		require.NoError(t, json.Unmarshal(raw, &r.st.Scopes))
		for range 2 { // as the engine does: what is loaded first may show what else is needed
			needs := r.g.ReadsFor(r.st, ev)
			for _, key := range needs.Outputs {
				if body := stored[key]; body != nil {
					r.st.Data.Outputs[key] = body
				}
			}
			if needs.Input {
				r.st.Data.Input = json.RawMessage(`{"n":5}`)
			}
		}
		r.do(ev)
	}
	of := func(node, output, plan string) flow.Event {
		ev := r.event(flow.EventCompleted, node)
		ev.Output, ev.Plan = json.RawMessage(output), json.RawMessage(plan)
		return ev
	}
	cold(of("decide", "", `{"tasks":[{"name":"a","type":"t@1","input":{"n":1}},{"name":"b","type":"t@1","input":{"x":"=tasks.a.sum.y"}},{"name":"c","type":"t@1","after":["a"]}]}`))
	cold(of("decide/a", "", `{"tasks":[{"name":"sum","type":"t@1","input":{"x":"=tasks.fetch.x"}},{"name":"fetch","type":"t@1"}]}`))
	cold(r.event(flow.EventStarted, "decide/a/fetch"))
	cold(of("decide/a/fetch", `{"x":1}`, ""))
	cold(of("decide/a/sum", `{"y":2}`, ""))
	require.JSONEq(t, `{"x":2}`, string(r.task("decide/b").Input))
	cold(flow.Event{Kind: flow.EventSuspend})
	cold(of("decide/b", `{"z":3}`, ""))
	cold(of("decide/c", `{}`, ""))
	cold(flow.Event{Kind: flow.EventResume})
	require.JSONEq(t, `{"result":{"a":{"fetch":{"x":1},"sum":{"y":2}},"b":{"z":3},"c":{}}}`, string(r.task("use").Input))
}

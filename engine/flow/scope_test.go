package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func TestASubProcessIsAScopeOfItsOwn(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("before").service("inner", input(map[string]string{"a": `"=tasks.before.a"`, "own": `"=tasks.inner"`})).
		service("after", input(map[string]string{"x": `"=tasks.part.total"`, "inside": `"=tasks.inner"`})).end("done").sub("part", "inner").
		flow("start", "before", "part", "after", "done")
	for i := range d.doc.Nodes {
		if d.doc.Nodes[i].ID == "part_end" {
			d.doc.Nodes[i].End.Output = values(map[string]string{"total": `"=tasks.inner.v + 1"`})
		}
	}
	r := begin(t, d, `{}`)
	r.complete("before", `{"a":7}`)
	r.taskState("part", flow.TaskRunning)
	require.JSONEq(t, `{"a":7,"own":null}`, string(r.task("inner").Input), "outer outputs are seen from inside")
	require.Equal(t, r.task("part").ID, r.task("inner").ScopeID)
	require.Len(t, r.st.Scopes, 2)
	r.complete("inner", `{"v":1}`)
	r.taskState("part", flow.TaskCompleted)
	require.Len(t, r.st.Scopes, 1, "the ended scope is gone")
	require.Len(t, r.last.Ended, 1)
	require.JSONEq(t, `{"x":2,"inside":null}`, string(r.task("after").Input), "inner outputs are not seen from outside")
	r.complete("after", `{}`)
	r.state("completed")
}

func TestATerminateEndEndsItsScopeOnly(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("slow").service("quick").end("kill", ends(graph.EndTerminate, "", "")).service("after").end("done")
	d.kind("part", graph.KindSubProcess).node(graph.Node{ID: "s", Kind: graph.KindStartEvent, Parent: "part"}).
		in("part", "fork", "slow", "quick", "kill").flow("s", "fork", "slow", "kill").flow("fork", "quick", "kill").flow("start", "part", "after", "done")
	r := begin(t, d, `{}`)
	r.complete("quick", `{}`)
	r.taskState("slow", flow.TaskCancelled)
	r.taskState("part", flow.TaskCompleted)
	require.Len(t, r.last.Stop, 1)
	r.complete("after", `{}`)
	r.state("completed")
}

func TestAnErrorEndOfASubProcessIsCaughtOutside(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("inner").end("bad", ends(graph.EndError, "PART.BAD", "it is {{tasks.inner.what}}")).
		service("mend", input(map[string]string{"code": `"=error.code"`, "text": `"=tasks.caught.message"`})).end("done")
	d.kind("part", graph.KindSubProcess).node(graph.Node{ID: "s", Kind: graph.KindStartEvent, Parent: "part"}).in("part", "inner", "bad").
		flow("s", "inner", "bad").flow("start", "part", "done").on("part", "caught", graph.BoundaryEvent{Kind: graph.BoundaryError, Codes: []string{"PART"}}, "mend").flow("mend", "done")
	r := begin(t, d, `{}`)
	r.complete("inner", `{"what":"torn"}`)
	r.taskState("part", flow.TaskFailed)
	require.JSONEq(t, `{"code":"PART.BAD","text":"it is torn"}`, string(r.task("mend").Input))
	r.complete("mend", `{}`)
	r.state("completed")
}

func TestAnErrorEndThatNothingCatchesFailsTheProcess(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("inner").end("bad", ends(graph.EndError, "OTHER", "")).service("mend").end("done")
	d.kind("part", graph.KindSubProcess).node(graph.Node{ID: "s", Kind: graph.KindStartEvent, Parent: "part"}).in("part", "inner", "bad").
		flow("s", "inner", "bad").flow("start", "part", "done").on("part", "caught", graph.BoundaryEvent{Kind: graph.BoundaryError, Codes: []string{"PART"}}, "mend").flow("mend", "done")
	r := begin(t, d, `{}`)
	r.complete("inner", `{}`)
	r.state("failed")
	require.Equal(t, "OTHER", r.st.Process.ErrorCode)
	r.taskState("part", flow.TaskCancelled)
}

func TestCancelEndsEveryScope(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("deep").end("done").sub("inner", "deep").sub("outer", "inner").flow("start", "outer", "done")
	r := begin(t, d, `{}`)
	require.Len(t, r.st.Scopes, 3)
	r.do(flow.Event{Kind: flow.EventCancel})
	for _, node := range []string{"deep", "inner", "outer"} {
		r.taskState(node, flow.TaskCancelled)
	}
	require.Len(t, r.st.Scopes, 1)
	r.state("cancelled")
}

func TestAnIncidentInsideHoldsTheWholeProcess(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("deep").service("beside").service("next").end("done").sub("part", "deep").
		flow("start", "fork", "part", "done").flow("fork", "beside", "next", "done")
	r := begin(t, d, `{}`)
	r.fail("deep", wire.ErrorBusiness, "NO")
	r.state("incident")
	r.complete("beside", `{}`)
	require.Len(t, r.root().State.Parked, 1)
	r.operate(flow.EventSkip, "deep", `{}`)
	r.taskState("part", flow.TaskCompleted)
	r.complete("next", `{}`)
	r.state("completed")
}

func TestAScopeSurvivesStorage(t *testing.T) {
	t.Parallel()
	state := flow.ScopeState{Item: 3, Multi: &flow.MultiState{Total: 9, Next: 4, Completed: 2, Failed: 1, Tolerated: 2}, Error: json.RawMessage(`{"code":"X"}`),
		Due: []flow.Interruption{{Task: "t", Node: "b"}}, Fired: map[string]int{"t/b": 2}}
	raw, err := json.Marshal(state)
	require.NoError(t, err)
	var back flow.ScopeState
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Equal(t, state, back)
}

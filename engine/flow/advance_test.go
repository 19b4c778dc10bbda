package flow_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func TestAChainPassesItsOutputsOn(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(3), `{"payload":"x"}`)
	r.state("running")
	require.JSONEq(t, `{"payload":"x"}`, string(r.task("step_0").Input))
	require.Equal(t, 1, r.task("step_0").Attempt)
	require.EqualValues(t, 1, r.task("step_0").Epoch)
	require.Equal(t, "demo.step@1", r.task("step_0").NodeType)
	for _, step := range []string{"step_0", "step_1", "step_2"} {
		require.Equal(t, []string{step}, r.open())
		r.now = r.now.Add(time.Second)
		r.complete(step, `{"payload":"`+step+`"}`)
	}
	r.state("completed")
	require.JSONEq(t, `{"payload":"step_1"}`, string(r.task("step_2").Input))
	require.Equal(t, r.now, *r.st.Process.EndedAt)
}

func TestAParallelJoinTakesOneTokenPerIncomingEdge(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("split").service("a").service("b").parallel("join").service("c").end("done").
		flow("start", "split", "a", "join", "c", "done").flow("split", "b", "join")
	r := begin(t, d, `{}`)
	require.Equal(t, []string{"a", "b"}, r.open())
	r.complete("a", `{}`)
	require.Equal(t, map[string]int{"a-join": 1}, r.root().State.Joins)
	require.Equal(t, []string{"b"}, r.open())
	r.complete("b", `{}`)
	require.Equal(t, []string{"c"}, r.open())
	r.complete("c", `{}`)
	r.state("completed")
}

func TestSeveralEdgesOutOfATaskSplitAndEachTokenActivates(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").service("b").service("c").service("d").end("done").
		flow("start", "a", "b", "d", "done").flow("a", "c", "d")
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	require.Equal(t, []string{"b", "c"}, r.open())
	r.complete("b", `{}`)
	r.complete("c", `{}`)
	require.Equal(t, []string{"d", "d"}, r.open())
	first := r.st.Tasks[flow.TaskID(processID, processID, "d", 1)]
	r.do(flow.Event{Kind: flow.EventCompleted, Task: first.ID, Epoch: 1})
	r.state("running")
	r.complete("d", `{}`)
	r.state("completed")
}

func TestAnExclusiveGatewayTakesTheFirstTrueConditionElseTheDefault(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().exclusive("kind").service("big").service("huge").service("other").end("done").
		flow("start", "kind").when("kind", "big", "=input.n > 10").when("kind", "huge", "=input.n > 100").otherwise("kind", "other").
		flow("big", "done").flow("huge", "done").flow("other", "done")
	for in, want := range map[string]string{`{"n":11}`: "big", `{"n":101}`: "big", `{"n":1}`: "other"} {
		require.Equal(t, []string{want}, begin(t, d, in).open(), in)
	}
}

func TestAGatewayWithoutAPathHoldsTheProcessUntilSupportSaysWhichWay(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").exclusive("way").service("b").service("c").end("done").
		flow("start", "a", "way").when("way", "b", "=tasks.a.n == 1").when("way", "c", "=tasks.a.n == 2").
		flow("b", "done").flow("c", "done")
	r := begin(t, d, `{}`)
	r.complete("a", `{"n":3}`)
	r.state("incident")
	require.Equal(t, flow.CodeNoPath, r.last.Opened[0].Code)

	var refused *flow.Refused
	_, err := r.tryOperate(flow.EventSkip, "way", "")
	require.ErrorAs(t, err, &refused)
	require.Equal(t, flow.RefusedSkipNeedsEdge, refused.Code)
	_, err = r.tryOperate(flow.EventRetry, "way", `{"n":1}`)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, flow.RefusedInputFixed, refused.Code)
	r.operate(flow.EventRetry, "way", "")
	r.state("incident")

	r.operate(flow.EventSkip, "way", `{"edge":"way-c"}`)
	r.state("running")
	r.taskState("way", flow.TaskSkipped)
	require.Equal(t, []string{"c"}, r.open())
}

func TestAScriptBuildsAnObjectAndShowsAsATask(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().script("sum", map[string]string{
		"total": `"=input.a + input.b"`, "text": `"Dear {{input.name}} <{{process.custom_id}}>"`, "fixed": `[1,"x"]`, "literal": `"==x"`,
	}).service("next", input(map[string]string{"n": `"=tasks.sum.total"`})).end("done").flow("start", "sum", "next", "done")
	r := begin(t, d, `{"a":2,"b":9007199254740991,"name":"Ann"}`)
	r.taskState("sum", flow.TaskCompleted)
	require.Equal(t, `{"fixed":[1,"x"],"literal":"=x","text":"Dear Ann <A-17>","total":9007199254740993}`, string(r.last.Outputs[0].Body))
	require.Equal(t, `{"n":9007199254740993}`, string(r.task("next").Input))
}

func TestAnExpressionErrorIsAnIncidentOfItsStep(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").script("s", map[string]string{"n": `"=tasks.a.n + 1"`}).
		service("b", input(map[string]string{"m": `"=tasks.s.n + tasks.a.m"`})).end("done").flow("start", "a", "s", "b", "done")
	r := begin(t, d, `{}`)
	r.complete("a", `{"n":"text","m":"text"}`)
	r.taskState("s", flow.TaskIncident)
	require.Equal(t, flow.CodeExpression, r.task("s").Error.Code)
	require.Contains(t, r.task("s").Error.Message, "field n")

	r.operate(flow.EventRetry, "s", "")
	r.taskState("s", flow.TaskIncident)
	require.Equal(t, 1, r.st.Process.OpenIncidents)

	r.operate(flow.EventSkip, "s", `{"n":5}`)
	r.taskState("s", flow.TaskSkipped)
	r.taskState("b", flow.TaskIncident)
	require.Zero(t, r.task("b").Attempt)
	r.operate(flow.EventRetry, "b", "")
	r.taskState("b", flow.TaskIncident)
	r.operate(flow.EventRetry, "b", `{"m":7}`)
	r.taskState("b", flow.TaskQueued)
	require.Equal(t, `{"m":7}`, string(r.task("b").Input))
	require.Equal(t, 1, r.task("b").Attempt)
	require.Equal(t, 1, r.task("b").InputRev)
	r.complete("b", `{}`)
	r.state("completed")
}

func TestARetriedEvaluationWaitsForTheEndOfTheHold(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").service("c").script("s", map[string]string{"n": `"=tasks.c.n + 1"`}).
		service("b", input(map[string]string{"n": `"=tasks.s.n"`})).end("done").
		flow("start", "a", "done").flow("start", "c", "s", "b", "done")
	r := begin(t, d, `{}`)
	r.complete("c", `{"n":"text"}`)
	r.fail("a", wire.ErrorBusiness, "NO")
	require.Equal(t, 2, r.st.Process.OpenIncidents)
	r.st.Data.Outputs[flow.OutputKey{Scope: processID, Node: "c"}] = json.RawMessage(`{"n":1}`)
	r.operate(flow.EventRetry, "s", "")
	r.taskState("s", flow.TaskReady)
	require.Empty(t, r.last.Backlog)
	r.operate(flow.EventRetry, "a", "")
	r.taskState("s", flow.TaskCompleted)
	require.Equal(t, `{"n":2}`, string(r.task("b").Input))
}

func TestAResultMappingReplacesTheOutput(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a", result(map[string]string{"ok": `"=result.score > 5"`})).end("done", gives(map[string]string{"ok": `"=tasks.a.ok"`})).
		flow("start", "a", "done")
	r := begin(t, d, `{}`)
	r.complete("a", `{"score":6}`)
	require.Equal(t, `{"ok":true}`, string(r.last.Outputs[0].Body))
	require.Equal(t, `{"ok":true}`, string(r.st.Process.Output))

	r = begin(t, d, `{}`)
	r.complete("a", `{"score":"high"}`)
	r.state("incident")
	r.operate(flow.EventRetry, "a", "")
	r.complete("a", `{"score":1}`)
	require.Equal(t, `{"ok":false}`, string(r.st.Process.Output))
}

func TestAnErrorEndFailsTheProcessAndCancelsTheRest(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").service("b").service("c").end("bad", ends(graph.EndError, "REFUSED", "refused: {{tasks.a.why}}")).end("done").
		flow("start", "a", "bad").flow("start", "b", "done").flow("start", "c", "done")
	r := begin(t, d, `{}`)
	r.do(r.event(flow.EventStarted, "b"))
	before := r.task("b").Epoch
	r.complete("a", `{"why":"no seal"}`)
	r.state("failed")
	require.Equal(t, "REFUSED", r.st.Process.ErrorCode)
	require.Equal(t, "refused: no seal", r.st.Process.ErrorMessage)
	r.taskState("b", flow.TaskCancelled)
	r.taskState("c", flow.TaskCancelled)
	require.Len(t, r.last.Stop, 2)
	for _, stopped := range r.last.Stop {
		require.Equal(t, before, stopped.Epoch, "the epoch that the worker knows")
	}
	require.Equal(t, before+1, r.task("b").Epoch)
}

func TestATerminateEndCompletesTheProcessAndCancelsTheRest(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").service("b").end("stop", ends(graph.EndTerminate, "", ""), gives(map[string]string{"by": `"a"`})).end("done").
		flow("start", "a", "stop").flow("start", "b", "done")
	r := begin(t, d, `{}`)
	require.True(t, r.g.ReadsFor(r.st, r.event(flow.EventCompleted, "a")).Open)
	require.False(t, r.g.ReadsFor(r.st, r.event(flow.EventCompleted, "b")).Open)

	hidden := r.task("b")
	delete(r.st.Tasks, hidden.ID)
	var needs *flow.NeedTasks
	_, err := flow.Advance(r.g, cloned(r.st), r.event(flow.EventCompleted, "a"))
	require.ErrorAs(t, err, &needs)
	require.Equal(t, []string{hidden.ID}, needs.IDs)
	r.st.Tasks[hidden.ID] = hidden

	r.complete("a", `{}`)
	r.state("completed")
	r.taskState("b", flow.TaskCancelled)
	require.Equal(t, `{"by":"a"}`, string(r.st.Process.Output))
}

// cloned copies a state through JSON, as storing and loading it does.
func cloned(st *flow.State) *flow.State {
	c := &flow.State{Scopes: map[string]*flow.Scope{}, Tasks: map[string]*flow.Task{}, Data: flow.Data{Input: st.Data.Input, Outputs: map[flow.OutputKey]json.RawMessage{}}}
	p := *st.Process
	c.Process = &p
	for id, sc := range st.Scopes {
		raw, err := json.Marshal(sc.State)
		if err != nil {
			panic(err)
		}
		copied := *sc
		copied.State = flow.ScopeState{}
		if err := json.Unmarshal(raw, &copied.State); err != nil {
			panic(err)
		}
		c.Scopes[id] = &copied
	}
	for id, task := range st.Tasks {
		copied := *task
		c.Tasks[id] = &copied
	}
	for k, v := range st.Data.Outputs {
		c.Data.Outputs[k] = v
	}
	return c
}

func TestTheOutputsOfEndsAreMergedFieldByField(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").service("b").
		end("one", gives(map[string]string{"x": `1`, "y": `"<one>"`})).end("two", gives(map[string]string{"y": `2`})).
		flow("start", "a", "one").flow("start", "b", "two")
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.complete("b", `{}`)
	require.JSONEq(t, `{"x":1,"y":2}`, string(r.st.Process.Output))
}

func TestALoopKeepsTheLatestRunsOutput(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a", input(map[string]string{"n": `"=(tasks.a ?? {n: 0}).n + 1"`})).exclusive("again").end("done").
		flow("start", "a", "again").when("again", "a", "=tasks.a.n < 3").otherwise("again", "done")
	r := begin(t, d, `{}`)
	for _, in := range []string{`{"n":1}`, `{"n":2}`, `{"n":3}`} {
		require.Equal(t, in, string(r.task("a").Input))
		r.complete("a", in)
	}
	r.state("completed")
	require.Equal(t, 3, r.root().State.Runs["a"])
}

func TestAnEndlessLoopIsBoundedPerCallAndThenAnIncident(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().script("tick", map[string]string{"n": `1`}).exclusive("on").end("done").
		flow("start", "tick", "on").when("on", "done", "=false").otherwise("on", "tick")
	r := begin(t, d, `{}`)
	calls := 1
	for r.last.Continue {
		require.Len(t, r.root().State.Pending, 1)
		r.do(flow.Event{Kind: flow.EventContinue})
		calls++
		require.Less(t, calls, 100)
	}
	r.state("incident")
	require.Equal(t, flow.CodeTooManyRounds, r.last.Opened[0].Code)
	require.Equal(t, "tick", r.last.Opened[0].NodeID)
	require.InDelta(t, 2*flow.MaxRounds/flow.MaxSteps, calls, 1)
	require.Equal(t, flow.IgnoredNothing, r.do(flow.Event{Kind: flow.EventContinue}).Ignored)
	r.operate(flow.EventRetry, "tick", "") // one round more, by somebody's will
	r.taskState("tick", flow.TaskCompleted)
	r.state("incident")
	r.do(flow.Event{Kind: flow.EventCancel, Actor: "ann"})
	r.state("cancelled")
}

func TestStartIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(1), `{}`)
	require.Equal(t, flow.IgnoredNothing, r.do(flow.Event{Kind: flow.EventStart}).Ignored)
	require.Len(t, r.st.Tasks, 1)
}

func TestASuspendedStartWaitsForResume(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.st.Data.Input = json.RawMessage(`{"payload":1}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.do(flow.Event{Kind: flow.EventStart})
	r.state("suspended")
	require.Empty(t, r.st.Tasks)
	r.do(flow.Event{Kind: flow.EventResume})
	require.Equal(t, []string{"step_0"}, r.open())
}

func TestCancelOfAScheduledProcess(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.do(flow.Event{Kind: flow.EventCancel})
	r.state("cancelled")
	require.Equal(t, flow.IgnoredProcessEnded, r.do(flow.Event{Kind: flow.EventStart}).Ignored)
}

func TestTheHistoryNamesEdgesNodesAndTasksInOrder(t *testing.T) {
	t.Parallel()
	r := begin(t, (&draft{}).start().parallel("p").service("a").end("done").flow("start", "p", "a", "done"), `{}`)
	r.complete("a", `{}`)
	var lines []string
	for _, c := range r.log {
		lines = append(lines, c.Kind+" "+c.Node+" "+c.Edge+c.State)
	}
	require.Equal(t, []string{
		"node start completed", "edge start start-p", "node p completed", "edge p p-a", "task a queued", "process  running",
		"task a completed", "edge a a-done", "node done completed", "process  completed",
	}, lines)
}

func TestCompileRefusesWhatAdvanceCannotRun(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*draft{
		"no start":              (&draft{}).end("done"),
		"two starts":            (&draft{}).start().node(graph.Node{ID: "s2", Kind: graph.KindStartEvent}),
		"an id twice":           (&draft{}).start().end("x").end("x"),
		"an unknown kind":       (&draft{}).start().node(graph.Node{ID: "x", Kind: "user_task"}),
		"an edge to nowhere":    (&draft{}).start().flow("start", "x"),
		"an edge from nowhere":  (&draft{}).start().end("x").flow("y", "x"),
		"an edge twice":         (&draft{}).start().end("x").flow("start", "x").flow("start", "x"),
		"a condition on a task": (&draft{}).start().end("x").when("start", "x", "=true"),
		"a broken condition":    (&draft{}).start().exclusive("g").end("x").flow("start", "g").when("g", "x", "=1 +"),
		"a bare condition":      (&draft{}).start().exclusive("g").end("x").flow("start", "g").when("g", "x", "true"),
		"a broken mapping":      (&draft{}).start().service("a", input(map[string]string{"x": `"=("`})),
		"no service":            (&draft{}).start().node(graph.Node{ID: "x", Kind: graph.KindServiceTask}),
		"no script":             (&draft{}).start().node(graph.Node{ID: "x", Kind: graph.KindScriptTask}),
		"an unknown end":        (&draft{}).start().end("x", ends("signal", "", "")),
		"an edge out of an end": (&draft{}).start().end("x").end("y").flow("start", "x", "y"),
		"an edge to the start":  (&draft{}).start().service("x").flow("start", "x", "start"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := flow.Compile(&d.doc, nil)
			require.Error(t, err)
		})
	}
}

func TestAnUnknownEventIsAnError(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(1), `{}`)
	_, err := r.try(flow.Event{Kind: "dance"})
	require.Error(t, err)
	var refused *flow.Refused
	require.False(t, errors.As(err, &refused))
}

// TestIgnoredEventMovesNoToken sends a late answer while tokens wait for a continuation: its effects are not written, so it has none.
func TestIgnoredEventMovesNoToken(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("first").exclusive("again").script("count", map[string]string{"n": `"=(tasks.count?.n ?? 0) + 1"`}).exclusive("enough").end("done").
		flow("start", "first", "again", "count", "enough").when("enough", "again", "=tasks.count.n < 1000").otherwise("enough", "done")
	r := begin(t, d, `{}`)
	answer := r.event(flow.EventCompleted, "first")
	require.True(t, r.do(answer).Continue)
	fx := r.do(answer)
	require.Equal(t, flow.IgnoredTaskEnded, fx.Ignored)
	require.Empty(t, fx.Created)
	require.Empty(t, fx.ScopeDirty)
	for fx := r.do(flow.Event{Kind: flow.EventContinue}); fx.Continue; fx = r.do(flow.Event{Kind: flow.EventContinue}) {
	}
	r.state("completed")
}

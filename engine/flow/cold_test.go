package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// What an event reads must be named before it is applied: a server that has just taken a process over has loaded nothing else.

func TestReadsGoOnBehindACompensationThatHasNothingToUndo(t *testing.T) {
	t.Parallel()
	r := newRig(t, (&draft{}).start().throw("undo", "").service("a", input(map[string]string{"x": `"=input.x"`})).end("done").flow("start", "undo", "a", "done"))
	require.True(t, r.g.ReadsFor(r.st, flow.Event{Kind: flow.EventStart}).Input)
}

func TestReadsOfACompensationAreThoseOfItsHandlers(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("first").script("a", map[string]string{"n": `"=1"`}).undone("a").undoingEnd("undo", "").flow("start", "first", "a", "undo")
	for i := range d.doc.Nodes {
		if d.doc.Nodes[i].ID == "un_a" {
			d.doc.Nodes[i].Service.Input = values(map[string]string{"x": `"=input.x"`})
		}
	}
	r := begin(t, d, `{"x":1}`)
	require.True(t, readsFor(r, r.event(flow.EventCompleted, "first")).Input)
}

func TestReadsOfASkippedEventGatewayAreThoseBehindItsEvents(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().kind("first", graph.KindEventGateway).message("paid", "paid", "k").timer("late", graph.TimerDuration, "PT1H").
		service("a", input(map[string]string{"x": `"=input.x"`})).end("done").flow("start", "first", "paid", "a", "done").flow("first", "late", "done")
	r := begin(t, d, `{"x":1}`)
	require.True(t, readsFor(r, flow.Event{Kind: flow.EventSkip, Task: r.task("first").ID}).Input)
}

func TestReadsOfATokenBeforeASubProcessAreThoseOfItsInside(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").script("broken", map[string]string{"n": `"=tasks.a.n + 1"`}).service("b", input(map[string]string{"x": `"=input.x"`})).
		sub("part", "b").end("done").end("out").flow("start", "a", "broken", "done").flow("a", "part", "out")
	r := begin(t, d, `{"x":1}`)
	r.complete("a", `{"n":"no number"}`)
	require.Equal(t, []flow.Pending{{Edge: "a-part"}}, r.root().State.Pending)
	require.True(t, readsFor(r, flow.Event{Kind: flow.EventSkip, Task: r.task("broken").ID}).Input)
}

func TestValuesOfAListAreReadWhenItEndsNotAtEachEntry(t *testing.T) {
	t.Parallel()
	r := begin(t, entries(func(m *graph.Multi) { m.Until = "=result.completed >= 2" }), `{}`)
	list, first, second := r.turn(0, 4).ScopeID, r.turn(0, 4), r.turn(1, 4)
	require.Empty(t, r.g.ReadsFor(r.st, flow.Event{Kind: flow.EventCompleted, Task: first.ID, Epoch: 1}).Collected)
	r.st.Data.Collected = map[string]map[int]json.RawMessage{list: {}}
	r.ends(first, `{"v":1}`)
	r.st.Data.Collected = nil // as with a server that has just taken the process over
	_, err := r.try(flow.Event{Kind: flow.EventCompleted, Task: second.ID, Epoch: 1, Output: json.RawMessage(`{"v":2}`)})
	var missing *flow.NeedCollected
	require.ErrorAs(t, err, &missing)
	require.Equal(t, list, missing.Scope)
}

func TestTooManyRoundsAreAnIncidentWhateverBroughtTheToken(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").exclusive("again").service("b").end("done").flow("start", "a", "again", "b", "done")
	r := begin(t, d, `{}`)
	r.root().State.Runs["again"] = flow.MaxRounds
	r.complete("a", `{}`)
	r.state("incident")
	require.Equal(t, flow.CodeTooManyRounds, r.task("again").Error.Code)
	r.operate(flow.EventRetry, "again", "")
	r.complete("b", `{}`)
	r.state("completed")
}

func TestWhatHasEndedWithItsScopeIsRefused(t *testing.T) {
	t.Parallel()
	r := begin(t, (&draft{}).start().service("a").sub("part", "a").service("b").end("done").flow("start", "part", "b", "done"), `{}`)
	r.complete("a", `{}`)
	for kind, code := range map[flow.EventKind]string{flow.EventSkip: flow.RefusedNotSkippable, flow.EventRetry: flow.RefusedNotRetryable} {
		_, err := r.tryOperate(kind, "a", "")
		require.Equal(t, code, refusal(t, err))
	}
}

func TestAnErrorThatItsCallerTakesLeavesNoTokenBehind(t *testing.T) {
	t.Parallel()
	r := newRig(t, branches("a", "b", "c"))
	r.do(flow.Event{Kind: flow.EventStart, Caller: &flow.Caller{Process: "above", Task: "call", Epoch: 1, Catches: []flow.Catch{{Codes: []string{"B"}}}}})
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.fail("a1", wire.ErrorBusiness, "B")
	r.complete("b1", `{}`)
	r.do(flow.Event{Kind: flow.EventResume})
	r.state("failed")
	require.Empty(t, r.root().State.Parked)
}

func TestAnInterruptedActivityIsNotEvaluatedAgain(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().node(graph.Node{ID: "call", Kind: graph.KindCallActivity, Call: &graph.CallActivity{Definition: "other"}}).end("done").end("late").
		flow("start", "call", "done").on("call", "stop", graph.BoundaryEvent{Kind: graph.BoundaryMessage, Message: &graph.Message{Name: "stop", Key: "k"}}, "late")
	r := begin(t, d, `{}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.operate(flow.EventRetry, "call", "") // it will be when the hold is over
	r.comes(flow.EventMessage, "call", "stop", `{}`)
	r.do(flow.Event{Kind: flow.EventResume})
	r.taskState("call", flow.TaskCancelled)
	r.state("completed")
}

func TestAnActivityThatBeginsByHandHasItsBorder(t *testing.T) {
	t.Parallel()
	late := graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}
	for name, d := range map[string]*draft{
		"a service task": (&draft{}).start().service("a", input(map[string]string{"n": `"=input.n + 1"`})),
		"a call": (&draft{}).start().node(graph.Node{ID: "a", Kind: graph.KindCallActivity, Call: &graph.CallActivity{Definition: "other", Input: values(map[string]string{
			"n": `"=input.n + 1"`})}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, d.end("done").end("late").flow("start", "a", "done").on("a", "hour", late, "late"), `{"n":"no number"}`)
			r.state("incident")
			r.operate(flow.EventRetry, "a", `{"n":2}`)
			r.comes(flow.EventTimer, "a", "hour", "")
			r.taskState("a", flow.TaskCancelled)
			r.state("completed")
		})
	}
}

func TestABorderThatCannotBeBuiltRefusesTheInputByHand(t *testing.T) {
	t.Parallel()
	late := graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "=input.after"}}
	d := (&draft{}).start().service("a", input(map[string]string{"n": `"=input.n + 1"`})).end("done").end("late").flow("start", "a", "done").on("a", "hour", late, "late")
	r := begin(t, d, `{"n":"no number","after":"never"}`)
	_, err := r.tryOperate(flow.EventRetry, "a", `{"n":2}`)
	require.Equal(t, flow.RefusedBorder, refusal(t, err))
	r.taskState("a", flow.TaskIncident)
	require.Empty(t, r.task("a").Input)
}

func TestAnEntryThatBeginsAnewTakesItsErrorBack(t *testing.T) {
	t.Parallel()
	d := entries(func(m *graph.Multi) { m.Tolerated = "0" }).end("bad").on("each", "caught", graph.BoundaryEvent{Kind: graph.BoundaryError}, "bad")
	r := begin(t, d, `{}`)
	r.st.Data.Collected = map[string]map[int]json.RawMessage{r.turn(0, 4).ScopeID: {}}
	r.do(flow.Event{Kind: flow.EventSuspend})
	first := r.turn(0, 4)
	r.fails(first)
	require.Equal(t, flow.TaskFailed, first.State)
	r.again(first)
	require.Zero(t, r.st.Scopes[first.ScopeID].State.Multi.Failed)
	r.do(flow.Event{Kind: flow.EventResume})
	for i := range 4 {
		r.ends(r.turn(i, 4), `{"v":1}`)
	}
	r.state("completed")
	r.taskState("each", flow.TaskCompleted)
}

func TestNoEntryBeginsAnewWhileItsProcessIsCancelled(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().node(graph.Node{ID: "each", Kind: graph.KindCallActivity, Call: &graph.CallActivity{Definition: "other"}}).
		multi("each", graph.Multi{Items: json.RawMessage(`2`)}).end("done").flow("start", "each", "done")
	r := begin(t, d, `{}`)
	r.do(flow.Event{Kind: flow.EventCancel})
	r.state("cancelling")
	_, err := r.try(flow.Event{Kind: flow.EventEntry, Task: r.turn(0, 2).ID})
	require.Equal(t, flow.RefusedCancelling, refusal(t, err))
}

func TestWhatCompletedDeepInsideATerminatedSubProcessIsUndone(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("stop").service("a").service("hang").sub("deep", "a", "hang").sub("middle", "deep").sub("outer", "fork", "stop").undone("a").
		in("outer", "middle").undoingEnd("undo", "").flow("start", "outer", "undo").flow("fork", "middle", "outer_end")
	for i := range d.doc.Nodes {
		if d.doc.Nodes[i].ID == "outer_end" {
			d.doc.Nodes[i].End.Kind = graph.EndTerminate
		}
	}
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.complete("stop", `{}`)
	require.Equal(t, []string{"un_a(a#1)"}, r.undoAll())
	r.state("completed")
}

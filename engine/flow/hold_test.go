package flow_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// branches is a process of parallel branches x1 → x2 for each name.
func branches(names ...string) *draft {
	d := (&draft{}).start().parallel("split").parallel("join").end("done").flow("start", "split")
	for _, n := range names {
		d.service(n+"1").service(n+"2").flow("split", n+"1", n+"2", "join")
	}
	return d.flow("join", "done")
}

func refusal(t *testing.T, err error) string {
	t.Helper()
	var refused *flow.Refused
	require.ErrorAs(t, err, &refused)
	return refused.Code
}

func TestAnIncidentHoldsItsProcess(t *testing.T) {
	t.Parallel()
	r := begin(t, branches("a", "b", "c"), `{}`)
	r.do(r.event(flow.EventStarted, "b1"))
	fx := r.fail("a1", wire.ErrorBusiness, "NO")
	r.state("incident")
	require.True(t, r.st.Process.Held())
	require.Len(t, fx.Withdraw, 1, "the queued task is taken back, the running one runs on")
	require.Equal(t, "c1", fx.Withdraw[0].NodeID)

	fx = r.complete("b1", `{"n":1}`)
	require.Empty(t, fx.Created, "nothing new starts")
	require.Len(t, fx.Outputs, 1, "but the result is recorded")
	require.Equal(t, []flow.Parked{{Task: r.task("b1").ID, Node: "b1"}}, r.root().State.Parked)

	epoch := r.task("c1").Epoch
	fx = r.do(r.event(flow.EventWithdrawn, "c1"))
	require.Empty(t, fx.Dispatch)
	require.Equal(t, "c1", fx.Backlog[0].NodeID)
	require.Equal(t, epoch+1, r.task("c1").Epoch)
	r.taskState("c1", flow.TaskReady)

	fx = r.operate(flow.EventRetry, "a1", "")
	r.state("running")
	require.Equal(t, []string{r.task("a1").ID}, fx.Closed)
	require.ElementsMatch(t, []string{"a1", "b2"}, []string{fx.Dispatch[0].NodeID, fx.Dispatch[1].NodeID})
	require.Empty(t, r.root().State.Parked)
}

func TestHoldingNamesOpenTasksThatAreNotLoaded(t *testing.T) {
	t.Parallel()
	r := begin(t, branches("a", "b"), `{}`)
	b := r.task("b1")
	delete(r.st.Tasks, b.ID)
	ev := r.event(flow.EventFailed, "a1")
	ev.Error = &wire.Error{Class: wire.ErrorPermanent}
	fx, err := flow.Advance(r.g, r.st, ev)
	require.NoError(t, err)
	require.Equal(t, []*flow.Task{{ID: b.ID, ScopeID: processID, NodeID: "b1"}}, fx.Withdraw)
}

func TestParkedTokensGoOnInTheOrderTheyCame(t *testing.T) {
	t.Parallel()
	r := begin(t, branches("a", "b", "c"), `{}`)
	r.do(flow.Event{Kind: flow.EventSuspend, Actor: "ann", Reason: "checking"})
	r.state("suspended")
	r.complete("c1", `{}`)
	r.complete("a1", `{}`)
	fx := r.do(flow.Event{Kind: flow.EventResume})
	require.Equal(t, []string{"c2", "a2"}, []string{fx.Created[0].NodeID, fx.Created[1].NodeID})
	require.Equal(t, []string{"a2", "b1", "c2"}, r.open())
}

func TestTheLastOfSeveralIncidentsReleases(t *testing.T) {
	t.Parallel()
	r := begin(t, branches("a", "b", "c"), `{}`)
	r.fail("a1", wire.ErrorBusiness, "NO")
	r.fail("b1", wire.ErrorBusiness, "NO")
	r.complete("c1", `{}`)
	require.Equal(t, 2, r.st.Process.OpenIncidents)
	fx := r.operate(flow.EventSkip, "a1", `{"by":"hand"}`)
	r.state("incident")
	require.Empty(t, fx.Created)
	require.Len(t, r.root().State.Parked, 2)
	fx = r.operate(flow.EventRetry, "b1", `{"fixed":true}`)
	r.state("running")
	require.Len(t, fx.Created, 2)
	require.Equal(t, `{"fixed":true}`, string(r.task("b1").Input))
	require.Equal(t, 1, r.task("b1").InputRev)
}

func TestARetryWhileOthersHoldWaitsInTheBacklog(t *testing.T) {
	t.Parallel()
	r := begin(t, branches("a", "b"), `{}`)
	r.fail("a1", wire.ErrorBusiness, "NO")
	r.fail("b1", wire.ErrorBusiness, "NO")
	fx := r.operate(flow.EventRetry, "a1", "")
	require.Empty(t, fx.Dispatch)
	require.Equal(t, "a1", fx.Backlog[0].NodeID)
}

func TestADueRetryInAHoldWaitsInTheBacklog(t *testing.T) {
	t.Parallel()
	r := begin(t, branches("a", "b"), `{}`)
	r.fail("b1", wire.ErrorRetryable, "NET")
	r.fail("a1", wire.ErrorBusiness, "NO")
	fx := r.due(flow.TimerRetry, "b1")
	require.Equal(t, "b1", fx.Backlog[0].NodeID)
	require.Equal(t, 2, r.task("b1").Attempt)
	r.taskState("b1", flow.TaskReady)
}

func TestSuspendedAndBrokenIsReleasedByBoth(t *testing.T) {
	t.Parallel()
	r := begin(t, branches("a", "b"), `{}`)
	r.fail("a1", wire.ErrorBusiness, "NO")
	r.complete("b1", `{}`)
	fx := r.do(flow.Event{Kind: flow.EventSuspend})
	require.Empty(t, fx.Withdraw, "the incident has withdrawn already")
	r.state("suspended")
	r.operate(flow.EventSkip, "a1", "")
	r.state("suspended")
	require.Equal(t, []string{"b1", "a1"}, []string{r.root().State.Parked[0].Node, r.root().State.Parked[1].Node})
	r.do(flow.Event{Kind: flow.EventResume})
	require.Equal(t, []string{"a2", "b2"}, r.open())
}

func TestAHoldStopsTheTokensOfTheSameCall(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("split").service("a").script("s", map[string]string{"x": `"=input.none.field"`}).service("b").end("done").
		flow("start", "split", "a", "done").flow("split", "s", "done").flow("split", "b", "done")
	r := begin(t, d, `{}`)
	r.state("incident")
	require.Equal(t, []string{"a", "s"}, r.open())
	require.Equal(t, "a", r.last.Backlog[0].NodeID, "made before the hold, so it waits")
	require.Equal(t, []flow.Pending{{Edge: "split-b"}}, r.root().State.Pending)
	r.operate(flow.EventSkip, "s", `{}`)
	require.Equal(t, []string{"a", "b"}, r.open())
}

func TestARetryingTaskCanBeRetriedAtOnce(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(1), `{"payload":1}`)
	r.fail("step_0", wire.ErrorRetryable, "NET")
	stale := r.timer(flow.TimerRetry, "step_0")
	r.operate(flow.EventRetry, "step_0", "")
	r.taskState("step_0", flow.TaskQueued)
	require.Equal(t, 2, r.task("step_0").Attempt)
	require.Equal(t, flow.IgnoredStale, r.do(flow.Event{Kind: flow.EventRetryDue, Task: stale.TaskID, Epoch: stale.Epoch}).Ignored)
}

func TestOperationsThatAreNotPossibleSayWhy(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(2), `{"payload":1}`)
	_, err := r.tryOperate(flow.EventRetry, "step_0", "")
	require.Equal(t, flow.RefusedNotRetryable, refusal(t, err))
	_, err = r.tryOperate(flow.EventSkip, "step_0", "")
	require.Equal(t, flow.RefusedNotSkippable, refusal(t, err))
	_, err = r.try(flow.Event{Kind: flow.EventRetry, Task: "nobody"})
	require.Equal(t, flow.RefusedTaskUnknown, refusal(t, err))
	_, err = r.try(flow.Event{Kind: flow.EventResume})
	require.Equal(t, flow.RefusedNotSuspended, refusal(t, err))
	r.do(flow.Event{Kind: flow.EventSuspend})
	_, err = r.try(flow.Event{Kind: flow.EventSuspend})
	require.Equal(t, flow.RefusedSuspended, refusal(t, err))
	r.complete("step_0", `{"payload":1}`)
	_, err = r.tryOperate(flow.EventRetry, "step_0", "")
	require.Equal(t, flow.RefusedNotRetryable, refusal(t, err))
	r.do(flow.Event{Kind: flow.EventCancel})
	for _, kind := range []flow.EventKind{flow.EventCancel, flow.EventSuspend, flow.EventResume, flow.EventRetry, flow.EventSkip} {
		_, err = r.try(flow.Event{Kind: kind, Task: r.task("step_0").ID})
		require.Equal(t, flow.RefusedProcessEnded, refusal(t, err), kind)
	}
}

func TestCancelStopsWorkersAndClosesIncidents(t *testing.T) {
	t.Parallel()
	r := begin(t, branches("a", "b", "c"), `{}`)
	r.do(r.event(flow.EventStarted, "b1"))
	r.fail("a1", wire.ErrorBusiness, "NO")
	fx := r.do(flow.Event{Kind: flow.EventCancel, Actor: "ann"})
	r.state("cancelled")
	require.Equal(t, []string{r.task("a1").ID}, fx.Closed)
	require.Len(t, fx.Stop, 2)
	require.Zero(t, r.st.Process.OpenIncidents)
	for _, n := range []string{"a1", "b1", "c1"} {
		r.taskState(n, flow.TaskCancelled)
	}
	late := r.event(flow.EventCompleted, "b1")
	require.Equal(t, flow.IgnoredProcessEnded, r.do(late).Ignored)
}

func TestSkippedEnds(t *testing.T) {
	t.Parallel()
	broken := func(e *graph.EndEvent) { e.Output = values(map[string]string{"x": `"=input.none.field"`}) }
	for name, c := range map[string]struct {
		end  func(*graph.EndEvent)
		want string
	}{
		"none":      {ends(graph.EndNone, "", ""), "completed"},
		"terminate": {ends(graph.EndTerminate, "", ""), "completed"},
		"error":     {ends(graph.EndError, "BAD", ""), "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, (&draft{}).start().end("done", c.end, broken).flow("start", "done"), `{}`)
			r.state("incident")
			_, err := r.tryOperate(flow.EventSkip, "done", `[1]`)
			require.NotNil(t, err)
			r.operate(flow.EventSkip, "done", `{"x":1}`)
			r.state(c.want)
			require.Equal(t, `{"x":1}`, string(r.st.Process.Output))
		})
	}
}

package flow_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func guarded(event graph.BoundaryEvent) *draft {
	return (&draft{}).start().service("work", policy(graph.RetryPolicy{MaxAttempts: 1})).service("other").end("done").flow("start", "work", "done").
		on("work", "edge", event, "other").flow("other", "done")
}

func TestABusinessErrorIsCaughtByItsCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		event graph.BoundaryEvent
		class wire.ErrorClass
		code  string
		want  bool
	}{
		{graph.BoundaryEvent{Codes: []string{"NO"}}, wire.ErrorBusiness, "NO", true},
		{graph.BoundaryEvent{Codes: []string{"NO"}}, wire.ErrorBusiness, "NO.PAPER", true},
		{graph.BoundaryEvent{Codes: []string{"NO"}}, wire.ErrorBusiness, "NOT", false},
		{graph.BoundaryEvent{}, wire.ErrorBusiness, "ANY", true},
		{graph.BoundaryEvent{}, wire.ErrorRetryable, "ANY", false},
		{graph.BoundaryEvent{Technical: true}, wire.ErrorRetryable, "ANY", true},
		{graph.BoundaryEvent{Technical: true, Codes: []string{"NET"}}, wire.ErrorPermanent, "DISK", false},
	} {
		c.event.Kind = graph.BoundaryError
		r := begin(t, guarded(c.event), `{}`)
		r.fail("work", c.class, c.code)
		if !c.want {
			r.state("incident")
			continue
		}
		r.state("running")
		r.taskState("work", flow.TaskFailed)
		require.JSONEq(t, `{"code":"`+c.code+`","message":"it broke"}`, r.output("edge"))
		r.complete("other", `{}`)
		r.state("completed")
	}
}

func TestATechnicalFailureIsRetriedBeforeItIsCaught(t *testing.T) {
	t.Parallel()
	d := guarded(graph.BoundaryEvent{Kind: graph.BoundaryError, Technical: true})
	d.doc.Nodes[1].Service.Retry.MaxAttempts = 2
	r := begin(t, d, `{}`)
	r.fail("work", wire.ErrorRetryable, "NET")
	r.taskState("work", flow.TaskRetrying)
	r.due(flow.TimerRetry, "work")
	r.fail("work", wire.ErrorRetryable, "NET")
	r.taskState("work", flow.TaskFailed)
	r.complete("other", `{}`)
	r.state("completed")
}

func TestAnInterruptingTimerEndsItsActivity(t *testing.T) {
	t.Parallel()
	r := begin(t, guarded(graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}), `{}`)
	r.comes(flow.EventTimer, "work", "edge", "")
	require.Equal(t, noon.Add(time.Hour), r.now)
	r.taskState("work", flow.TaskCancelled)
	require.Len(t, r.last.Stop, 1, "its worker is told")
	require.Equal(t, "stale_epoch", staleOr(r, "work"))
	r.complete("other", `{}`)
	r.state("completed")
}

// staleOr says why a late completion of a node is ignored.
func staleOr(r *rig, node string) string {
	t := r.task(node)
	fx := r.do(flow.Event{Kind: flow.EventCompleted, Task: t.ID, Epoch: t.Epoch - 1})
	if fx.Ignored == flow.IgnoredTaskEnded {
		return flow.IgnoredStale
	}
	return fx.Ignored
}

func TestATimerOnAnActivityThatEndedIsGone(t *testing.T) {
	t.Parallel()
	r := begin(t, guarded(graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}), `{}`)
	id := r.task("work").ID
	r.complete("work", `{}`)
	require.Equal(t, []string{id}, r.last.Unwait)
	fx := r.do(flow.Event{Kind: flow.EventTimer, Task: id, Node: "edge"})
	require.NotEmpty(t, fx.Ignored)
	r.state("completed")
}

func TestATimerThatKeepsItsActivityRunningRepeats(t *testing.T) {
	t.Parallel()
	r := begin(t, guarded(graph.BoundaryEvent{Kind: graph.BoundaryTimer, KeepsRunning: true, Times: 2, Timer: &graph.Timer{Kind: graph.TimerCron, Value: "0 * * * *"}}), `{}`)
	r.comes(flow.EventTimer, "work", "edge", "")
	require.Equal(t, noon.Add(time.Hour), r.now)
	r.taskState("work", flow.TaskQueued)
	require.Len(t, r.last.Timers, 1, "it comes again")
	r.comes(flow.EventTimer, "work", "edge", "")
	require.Equal(t, noon.Add(2*time.Hour), r.now)
	require.Empty(t, r.last.Timers, "twice was the bound")
	require.Len(t, r.root().State.Open, 3)
	r.complete("work", `{}`)
	require.Empty(t, r.root().State.Fired)
	r.complete("other", `{}`)
	first := r.made[1]
	r.do(flow.Event{Kind: flow.EventCompleted, Task: first.ID, Epoch: first.Epoch})
	r.state("completed")
}

func TestAMessageInterruptsOrComesBeside(t *testing.T) {
	t.Parallel()
	message := &graph.Message{Name: "withdrawn", Key: "=process.custom_id"}
	r := begin(t, guarded(graph.BoundaryEvent{Kind: graph.BoundaryMessage, Message: message}), `{}`)
	require.Equal(t, "A-17", r.waits[0].Key)
	r.comes(flow.EventMessage, "work", "edge", `{"by":"Ann"}`)
	r.taskState("work", flow.TaskCancelled)
	require.JSONEq(t, `{"by":"Ann"}`, r.output("edge"))
	require.Empty(t, r.waits)

	r = begin(t, guarded(graph.BoundaryEvent{Kind: graph.BoundaryMessage, Message: message, KeepsRunning: true}), `{}`)
	require.True(t, r.waits[0].Many)
	r.comes(flow.EventMessage, "work", "edge", `{}`)
	r.comes(flow.EventMessage, "work", "edge", `{}`)
	r.taskState("work", flow.TaskQueued)
	require.Len(t, r.root().State.Open, 3)
}

func TestAHoldKeepsAnInterruptionForItsEnd(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("work").service("broken").service("other").end("done").
		flow("start", "fork", "work", "done").flow("fork", "broken", "done").
		on("work", "edge", graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}, "other").flow("other", "done")
	r := begin(t, d, `{}`)
	r.fail("broken", wire.ErrorBusiness, "NO")
	r.comes(flow.EventTimer, "work", "edge", "")
	r.taskState("work", flow.TaskQueued)
	require.Len(t, r.root().State.Due, 1)
	r.operate(flow.EventSkip, "broken", "")
	r.taskState("work", flow.TaskCancelled)
	r.complete("other", `{}`)
	r.state("completed")
}

func TestAnInterruptingTimerOnTheHeldTaskMendsIt(t *testing.T) {
	t.Parallel()
	r := begin(t, guarded(graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}), `{}`)
	r.fail("work", wire.ErrorBusiness, "NO")
	r.state("incident")
	r.comes(flow.EventTimer, "work", "edge", "")
	r.state("running")
	require.Equal(t, []string{r.task("work").ID}, r.last.Closed)
	r.complete("other", `{}`)
	r.state("completed")
}

func TestAnErrorCaughtInAHoldGoesOnAtItsEnd(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("work").service("broken").service("other").end("done").
		flow("start", "fork", "work", "done").flow("fork", "broken", "done").
		on("work", "edge", graph.BoundaryEvent{Kind: graph.BoundaryError}, "other").flow("other", "done")
	r := begin(t, d, `{}`)
	r.fail("broken", wire.ErrorBusiness, "NO")
	r.fail("work", wire.ErrorBusiness, "MAYBE")
	r.taskState("work", flow.TaskFailed)
	require.Equal(t, 1, r.st.Process.OpenIncidents)
	r.operate(flow.EventSkip, "broken", "")
	r.complete("other", `{}`)
	r.state("completed")
}

func TestAnErrorGoesOutwardToTheNearestThatCatchesIt(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("deep").service("mend").end("done").sub("inner", "deep").sub("outer", "inner").flow("start", "outer", "done").
		on("outer", "edge", graph.BoundaryEvent{Kind: graph.BoundaryError, Codes: []string{"X"}}, "mend").flow("mend", "done")
	r := begin(t, d, `{}`)
	r.fail("deep", wire.ErrorBusiness, "X")
	r.taskState("deep", flow.TaskFailed)
	r.taskState("inner", flow.TaskCancelled)
	r.taskState("outer", flow.TaskFailed)
	require.Len(t, r.st.Scopes, 1)
	r.complete("mend", `{}`)
	r.state("completed")
}

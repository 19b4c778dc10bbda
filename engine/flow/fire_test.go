package flow_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
)

func (r *rig) tryFire(node, event string) (*flow.Effects, error) {
	r.t.Helper()
	return r.try(flow.Event{Kind: flow.EventFire, Task: r.task(node).ID, Node: event, Actor: "ann"})
}

func TestATimeComesNow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		draft       *draft
		node, event string
		open        []string
	}{
		"of a timer": {(&draft{}).start().timer("wait", graph.TimerDuration, "P1D").service("next").end("done").flow("start", "wait", "next", "done"), "wait", "wait", []string{"next"}},
		"of an arm of a gateway": {(&draft{}).start().kind("first", graph.KindEventGateway).timer("late", graph.TimerDuration, "P1D").message("come", "m", "k").service("next").end("done").
			flow("start", "first", "late", "next", "done").flow("first", "come", "done"), "first", "late", []string{"next"}},
		"on a border": {chain(1).service("next").on("step_0", "late", graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: duration("P1D")}, "next").flow("next", "done"), "step_0", "late", []string{"next"}},
		"on a border beside it": {chain(1).service("next").on("step_0", "late", graph.BoundaryEvent{Kind: graph.BoundaryTimer, KeepsRunning: true, Timer: duration("P1D")}, "next").flow("next", "done"),
			"step_0", "late", []string{"next", "step_0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, test.draft, `{"payload":"p"}`)
			before := r.now
			_, err := r.tryFire(test.node, test.event)
			require.NoError(t, err)
			require.Equal(t, before, r.now)
			require.Equal(t, test.open, r.open())
		})
	}
}

func TestATimeThatNobodyWaitsForDoesNotCome(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().timer("wait", graph.TimerDuration, "P1D").message("come", "m", "k").service("work").end("done").flow("start", "wait", "done").flow("start", "come", "done").flow("start", "work", "done")
	r := begin(t, d, `{}`)
	for node, event := range map[string]string{"come": "come", "work": "wait", "wait": "work"} {
		_, err := r.tryFire(node, event)
		require.Equal(t, flow.RefusedNotWaiting, refusal(t, err), "%s of %s", event, node)
	}
	_, err := r.tryFire("wait", "wait")
	require.NoError(t, err)
	_, err = r.tryFire("wait", "wait")
	require.Equal(t, flow.RefusedNotWaiting, refusal(t, err))
	_, err = r.try(flow.Event{Kind: flow.EventFire, Task: "nothing", Node: "wait"})
	require.Equal(t, flow.RefusedTaskUnknown, refusal(t, err))
}

func TestAFiredTimeUnderAHoldIsAppliedAfterIt(t *testing.T) {
	t.Parallel()
	r := begin(t, (&draft{}).start().timer("wait", graph.TimerDuration, "P1D").service("next").end("done").flow("start", "wait", "next", "done"), `{}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	_, err := r.tryFire("wait", "wait")
	require.NoError(t, err)
	require.Empty(t, r.open())
	r.do(flow.Event{Kind: flow.EventResume})
	require.Equal(t, []string{"next"}, r.open())
}

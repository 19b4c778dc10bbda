package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// wide is a list of n sub-processes, each with a list of m steps, beside a step alone; what follows the step ends the process.
func wide(n, m string, end func(*graph.EndEvent)) *draft {
	return (&draft{}).start().parallel("split").service("beside").end("early", end).service("work").sub("part", "work").end("done").
		multi("part", graph.Multi{Items: json.RawMessage(n), Limit: 1000}).multi("work", graph.Multi{Items: json.RawMessage(m), Limit: 1000}).
		flow("start", "split", "part", "done").flow("split", "beside", "early")
}

// goOn continues a process until nothing asks for more; it returns how often.
func (r *rig) goOn() int {
	r.t.Helper()
	for n := 0; ; n++ {
		if !r.last.Continue {
			return n
		}
		require.Less(r.t, n, 100)
		r.do(flow.Event{Kind: flow.EventContinue})
	}
}

func TestAWideProcessIsCancelledInChunks(t *testing.T) {
	t.Parallel()
	r := begin(t, wide("40", "50", ends(graph.EndNone, "", "")), `{}`)
	r.goOn()
	open := 0
	for _, sc := range r.st.Scopes {
		open += len(sc.State.Open)
	}
	require.Greater(t, open, 2000)
	worked := r.task("work")
	fx := r.do(flow.Event{Kind: flow.EventCancel, Actor: "ann", Reason: "enough"})
	r.state("cancelling")
	require.Empty(t, fx.Changed, "the mark is all that is written at once")
	require.Len(t, fx.ScopeDirty, 1)
	require.True(t, fx.Continue)
	total, left := r.st.Closing()
	require.Equal(t, []int{open, open}, []int{total, left})

	// From here on nothing counts.
	late := flow.Event{Kind: flow.EventCompleted, Task: worked.ID, Epoch: worked.Epoch, Output: json.RawMessage(`{}`)}
	require.Equal(t, flow.IgnoredClosing, r.do(late).Ignored)
	late.Kind, late.Error = flow.EventFailed, &wire.Error{Class: wire.ErrorRetryable, Code: "NET"}
	require.Equal(t, flow.IgnoredClosing, r.do(late).Ignored)
	for _, ev := range []flow.Event{{Kind: flow.EventCancel}, {Kind: flow.EventSuspend}, {Kind: flow.EventRestart, Node: "beside"}} {
		_, err := r.try(ev)
		require.Equal(t, flow.RefusedCancelling, refusal(t, err), "%s", ev.Kind)
	}

	for r.st.Process.State == flow.ProcessCancelling {
		fx = r.do(flow.Event{Kind: flow.EventContinue})
		require.LessOrEqual(t, len(fx.Changed), flow.ChunkSize+50, "a chunk, and the sub-processes that it empties")
		require.Empty(t, fx.Dispatch)
		if _, now := r.st.Closing(); now > 0 {
			require.Less(t, now, left)
			left = now
		}
	}
	r.state("cancelled")
	require.Len(t, r.st.Scopes, 1)
	for _, task := range r.made {
		require.True(t, task.State.Terminal(), "%s is %s", task.NodeID, task.State)
	}
}

func TestAWideProcessEndsInChunksAsItsEndSays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end   func(*graph.EndEvent)
		state string
	}{
		"an error":  {ends(graph.EndError, "LATE", "too late"), "failed"},
		"terminate": {ends(graph.EndTerminate, "", ""), "completed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, wide("30", "30", test.end), `{}`)
			r.goOn()
			r.complete("beside", `{}`)
			r.state("cancelling")
			require.Greater(t, r.goOn(), 1)
			r.state(test.state)
			require.Equal(t, test.state == "failed", r.st.Process.ErrorCode == "LATE")
			require.Len(t, r.st.Scopes, 1)
		})
	}
}

func TestAWideProcessWithAnIncidentIsHeldByNothingAtItsEnd(t *testing.T) {
	t.Parallel()
	r := begin(t, wide("30", "30", ends(graph.EndNone, "", "")), `{}`)
	r.goOn()
	r.fail("work", wire.ErrorBusiness, "NO")
	r.state("incident")
	r.do(flow.Event{Kind: flow.EventCancel})
	r.goOn()
	r.state("cancelled")
	require.Zero(t, r.st.Process.OpenIncidents)
}

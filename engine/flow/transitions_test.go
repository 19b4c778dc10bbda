package flow_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

var taskStates = []flow.TaskState{
	flow.TaskWaiting, flow.TaskReady, flow.TaskQueued, flow.TaskRunning, flow.TaskRetrying, flow.TaskIncident,
	flow.TaskCompleted, flow.TaskFailed, flow.TaskSkipped, flow.TaskCancelled,
}

// inState brings step_0 of a chain of one to a state, by events where there is a way.
func inState(t *testing.T, state flow.TaskState) *rig {
	t.Helper()
	d := (&draft{}).start().service("step_0", timeouts(graph.Timeouts{QueueMS: 1, TotalMS: 1})).service("other").end("done").
		flow("start", "step_0", "done").flow("start", "other", "done")
	r := begin(t, d, `{}`)
	switch state {
	case flow.TaskReady:
		r.task("step_0").State = flow.TaskReady
	case flow.TaskQueued:
	case flow.TaskRunning:
		r.do(r.event(flow.EventStarted, "step_0"))
	case flow.TaskRetrying:
		r.fail("step_0", wire.ErrorRetryable, "NET")
	case flow.TaskIncident:
		r.fail("step_0", wire.ErrorBusiness, "NO")
	case flow.TaskCompleted:
		r.complete("step_0", `{}`)
	case flow.TaskSkipped:
		r.fail("step_0", wire.ErrorBusiness, "NO")
		r.operate(flow.EventSkip, "step_0", `{}`)
	case flow.TaskWaiting, flow.TaskFailed, flow.TaskCancelled:
		// No event of this slice leads there while the process runs; what such a task does with events is fixed all the same.
		task := r.task("step_0")
		task.State = state
		if state.Terminal() {
			task.EndedAt = &r.now
			delete(r.root().State.Open, task.ID)
			r.root().State.Tokens--
		}
	}
	r.taskState("step_0", state)
	r.now = r.now.Add(1_000_000_000)
	return r
}

type taskEvent struct {
	name string
	ev   flow.Event
}

var taskEvents = []taskEvent{
	{"started", flow.Event{Kind: flow.EventStarted}},
	{"progress", flow.Event{Kind: flow.EventProgress, Percent: 5}},
	{"completed", flow.Event{Kind: flow.EventCompleted, Output: json.RawMessage(`{}`)}},
	{"failed", flow.Event{Kind: flow.EventFailed, Error: &wire.Error{Class: wire.ErrorRetryable, Code: "NET"}}},
	{"failed for good", flow.Event{Kind: flow.EventFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO"}}},
	{"handback", flow.Event{Kind: flow.EventHandback}},
	{"lost", flow.Event{Kind: flow.EventLost}},
	{"attempt timeout", flow.Event{Kind: flow.EventTimeout, Timeout: "attempt"}},
	{"heartbeat timeout", flow.Event{Kind: flow.EventTimeout, Timeout: "heartbeat"}},
	{"queue timeout", flow.Event{Kind: flow.EventTimeout, Timeout: "queue"}},
	{"total timeout", flow.Event{Kind: flow.EventTimeout, Timeout: "total"}},
	{"retry due", flow.Event{Kind: flow.EventRetryDue}},
	{"withdrawn", flow.Event{Kind: flow.EventWithdrawn}},
	{"retry", flow.Event{Kind: flow.EventRetry}},
	{"skip", flow.Event{Kind: flow.EventSkip}},
	{"cancel", flow.Event{Kind: flow.EventCancel}},
}

// outcome is what each event makes of a task in each state: a state, or "-" ignored, or "refused".
var outcome = map[string][10]string{
	//                   waiting      ready        queued       running      retrying     incident   completed  failed     skipped    cancelled
	"started":           {"-", "running", "running", "-", "-", "-", "-", "-", "-", "-"},
	"progress":          {"-", "running", "running", "running", "-", "-", "-", "-", "-", "-"},
	"completed":         {"-", "completed", "completed", "completed", "-", "-", "-", "-", "-", "-"},
	"failed":            {"-", "retrying", "retrying", "retrying", "-", "-", "-", "-", "-", "-"},
	"failed for good":   {"-", "incident", "incident", "incident", "-", "-", "-", "-", "-", "-"},
	"handback":          {"-", "queued", "queued", "queued", "-", "-", "-", "-", "-", "-"},
	"lost":              {"-", "queued", "queued", "queued", "-", "-", "-", "-", "-", "-"},
	"attempt timeout":   {"-", "retrying", "retrying", "retrying", "-", "-", "-", "-", "-", "-"},
	"heartbeat timeout": {"-", "retrying", "retrying", "retrying", "-", "-", "-", "-", "-", "-"},
	"queue timeout":     {"-", "incident", "incident", "-", "-", "-", "-", "-", "-", "-"},
	"total timeout":     {"-", "-", "-", "incident", "incident", "-", "-", "-", "-", "-"},
	"retry due":         {"-", "-", "-", "-", "queued", "-", "-", "-", "-", "-"},
	"withdrawn":         {"-", "queued", "queued", "-", "-", "-", "-", "-", "-", "-"},
	"retry":             {"refused", "refused", "refused", "refused", "queued", "queued", "refused", "refused", "refused", "refused"},
	"skip":              {"skipped", "refused", "refused", "refused", "skipped", "skipped", "refused", "refused", "refused", "refused"},
	"cancel":            {"cancelled", "cancelled", "cancelled", "cancelled", "cancelled", "cancelled", "completed", "failed", "skipped", "cancelled"},
}

func TestEveryEventInEveryState(t *testing.T) {
	t.Parallel()
	for i, state := range taskStates {
		for _, e := range taskEvents {
			t.Run(string(state)+" "+e.name, func(t *testing.T) {
				r := inState(t, state)
				task := r.task("step_0")
				before := *task
				ev := e.ev
				ev.Task, ev.Epoch = task.ID, task.Epoch
				fx, err := r.try(ev)
				switch want := outcome[e.name][i]; want {
				case "refused":
					refusal(t, err)
					require.Equal(t, before, *task)
				case "-":
					require.NoError(t, err)
					require.NotEmpty(t, fx.Ignored)
					require.Equal(t, before, *task)
					require.Empty(t, fx.Changed)
				default:
					require.NoError(t, err)
					require.Empty(t, fx.Ignored)
					require.EqualValues(t, want, task.State)
					if !state.Terminal() {
						require.True(t, legal(state, task.State, ev.Kind), "the table lacks %s → %s on %s", state, task.State, ev.Kind)
					}
				}
			})
		}
	}
}

// legal asks the table; a task that is dispatched becomes ready, and then queued by the caller.
func legal(from, to flow.TaskState, on flow.EventKind) bool {
	if to == flow.TaskQueued {
		to = flow.TaskReady
	}
	if from == to && on == flow.EventProgress {
		return true
	}
	return slices.ContainsFunc(flow.TaskTransitions(), func(row flow.TaskTransition) bool {
		return row.From == from && row.To == to && slices.Contains(row.On, on)
	})
}

func TestAStaleEpochIsIgnoredInEveryState(t *testing.T) {
	t.Parallel()
	for _, state := range taskStates {
		for _, e := range taskEvents[:13] {
			if e.name == "total timeout" {
				continue // it counts from the first start, over every epoch
			}
			r := inState(t, state)
			task := r.task("step_0")
			before := *task
			for _, epoch := range []int64{task.Epoch - 1, task.Epoch + 1} {
				ev := e.ev
				ev.Task, ev.Epoch = task.ID, epoch
				fx := r.do(ev)
				require.NotEmpty(t, fx.Ignored, "%s in %s", e.name, state)
				require.Equal(t, before, *task)
				require.False(t, fx.ProcessDirty || len(fx.ScopeDirty) > 0)
			}
		}
	}
}

func TestTerminalStatesHaveNoWayOut(t *testing.T) {
	t.Parallel()
	for _, row := range flow.TaskTransitions() {
		require.False(t, row.From.Terminal(), "%v", row)
		require.NotEmpty(t, row.On)
	}
	for _, row := range flow.ProcessTransitions() {
		require.False(t, row.From.Terminal(), "%v", row)
	}
}

func TestEveryStateThatIsReachedIsInTheTable(t *testing.T) {
	t.Parallel()
	for _, state := range []flow.TaskState{flow.TaskReady, flow.TaskQueued, flow.TaskRunning, flow.TaskRetrying, flow.TaskIncident} {
		require.True(t, legal(state, flow.TaskCancelled, flow.EventCancel), "%s can't be cancelled", state)
	}
	for _, calls := range []bool{false, true} {
		require.True(t, flow.Retryable(flow.TaskIncident, calls))
		require.True(t, flow.Skippable(flow.TaskIncident, calls))
		require.False(t, flow.Retryable(flow.TaskCompleted, calls))
		require.False(t, flow.Skippable(flow.TaskCompleted, calls))
		require.Equal(t, calls, flow.Retryable(flow.TaskRunning, calls), "only a call is given up while it runs")
		require.Equal(t, calls, flow.Skippable(flow.TaskRunning, calls))
	}
}

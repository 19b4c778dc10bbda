package flow_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
)

func TestATimerEventWaits(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().timer("pause", graph.TimerDuration, "PT{{input.minutes}}M").end("done").flow("start", "pause", "done")
	r := begin(t, d, `{"minutes":5}`)
	r.taskState("pause", flow.TaskWaiting)
	r.comes(flow.EventTimer, "pause", "pause", "")
	require.Equal(t, noon.Add(5*time.Minute), r.now)
	r.state("completed")

	r = begin(t, d, `{"minutes":"x"}`)
	r.taskState("pause", flow.TaskIncident)
	r.operate(flow.EventRetry, "pause", "")
	r.taskState("pause", flow.TaskIncident)
	r.operate(flow.EventSkip, "pause", "")
	r.state("completed")
}

func TestAMessageEventTakesItsMessage(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().message("answer", "registry.answer", "=input.id").service("use", input(map[string]string{"a": `"=tasks.answer.a"`})).end("done").flow("start", "answer", "use", "done")
	r := begin(t, d, `{"id":17}`)
	require.Equal(t, flow.Wait{TaskID: r.task("answer").ID, ScopeID: processID, Kind: flow.WaitMessage, Node: "answer", Name: "registry.answer", Key: "17"}, r.waits[0])
	r.comes(flow.EventMessage, "answer", "answer", `{"a":1}`)
	require.JSONEq(t, `{"a":1}`, string(r.task("use").Input))
	require.Empty(t, r.waits)
}

func TestAMessageKeyMustBeThere(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().message("answer", "m", "=input.id").end("done").flow("start", "answer", "done")
	r := begin(t, d, `{}`)
	r.taskState("answer", flow.TaskIncident)
}

func race() *draft {
	return (&draft{}).start().kind("first", graph.KindEventGateway).timer("late", graph.TimerDuration, "P1D").message("answer", "m", "k").service("remind").service("use", input(map[string]string{"a": `"=tasks.answer.a"`})).end("done").
		flow("start", "first", "late", "remind", "done").flow("first", "answer", "use", "done")
}

func TestTheFirstOfAnEventBasedGatewayWins(t *testing.T) {
	t.Parallel()
	r := begin(t, race(), `{}`)
	require.Len(t, r.waits, 1)
	require.Len(t, r.timers, 1)
	r.comes(flow.EventMessage, "first", "answer", `{"a":2}`)
	require.Empty(t, r.timers, "the loser consumes nothing")
	require.JSONEq(t, `{"a":2}`, string(r.task("use").Input))
	fx := r.do(flow.Event{Kind: flow.EventTimer, Task: r.task("first").ID, Node: "late"})
	require.Equal(t, flow.IgnoredTaskEnded, fx.Ignored)
	r.complete("use", `{}`)
	r.state("completed")

	r = begin(t, race(), `{}`)
	r.comes(flow.EventTimer, "first", "late", "")
	r.complete("remind", `{}`)
	r.state("completed")
}

func TestAWaitThatEndsInAHoldGoesOnAtItsEnd(t *testing.T) {
	t.Parallel()
	r := begin(t, race(), `{}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.comes(flow.EventMessage, "first", "answer", `{"a":2}`)
	r.taskState("first", flow.TaskCompleted)
	require.Len(t, r.root().State.Parked, 1)
	r.do(flow.Event{Kind: flow.EventResume})
	r.complete("use", `{}`)
	r.state("completed")
}

func TestAPersonAnswers(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().node(graph.Node{ID: "review", Kind: graph.KindUserTask, User: &graph.UserTask{
		Input: values(map[string]string{"number": `"=process.custom_id"`}), Groups: []string{"{{input.office}}-clerks"}, Assignee: "=input.who",
		Due: &graph.Timer{Kind: graph.TimerDuration, Value: "P2D"}, Escalate: &graph.Timer{Kind: graph.TimerDuration, Value: "P3D"}, EscalateTo: []string{"chiefs"},
	}}).service("use", input(map[string]string{"ok": `"=tasks.review.ok"`})).end("done").flow("start", "review", "use", "done")
	r := begin(t, d, `{"office":"north"}`)
	r.taskState("review", flow.TaskWaiting)
	require.JSONEq(t, `{"number":"A-17"}`, string(r.task("review").Input))
	w := r.waits[0]
	require.Equal(t, []string{"north-clerks"}, w.Groups)
	require.Empty(t, w.Assignee)
	require.Equal(t, noon.AddDate(0, 0, 2), *w.Due)
	r.comes(flow.EventTimer, "review", "review", "")
	require.Equal(t, []string{"chiefs"}, r.last.Waits[0].Groups)
	r.taskState("review", flow.TaskWaiting)
	r.do(flow.Event{Kind: flow.EventAnswer, Task: r.task("review").ID, Output: []byte(`{"ok":true}`), Actor: "ann"})
	require.JSONEq(t, `{"ok":true}`, string(r.task("use").Input))
	_, err := r.try(flow.Event{Kind: flow.EventAnswer, Task: r.task("review").ID, Output: []byte(`{}`)})
	require.Equal(t, flow.RefusedNotWaiting, refusal(t, err))
	_, err = r.try(flow.Event{Kind: flow.EventAnswer, Task: r.task("use").ID, Output: []byte(`{}`)})
	require.Equal(t, flow.RefusedNotWaiting, refusal(t, err))
}

package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
)

func TestATimerIsLetComeNow(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	wait := graph.Node{ID: "wait", Kind: graph.KindTimerEvent, Title: "Wait", Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "P1D"}}
	often := graph.Node{ID: "often", Kind: graph.KindBoundaryEvent, Title: "Often", Boundary: &graph.BoundaryEvent{On: "ask", Kind: graph.BoundaryTimer, KeepsRunning: true,
		Timer: &graph.Timer{Kind: graph.TimerCron, Value: "0 0 29 2 *"}}}
	once := graph.Node{ID: "once", Kind: graph.KindBoundaryEvent, Title: "Once", Boundary: &graph.BoundaryEvent{On: "ask", Kind: graph.BoundaryTimer, KeepsRunning: true,
		Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "P1D"}}}
	ask := graph.Node{ID: "ask", Kind: graph.KindUserTask, Title: "Ask", User: &graph.UserTask{}}
	in.versions.publish("waits", drawing([]graph.Node{wait, ask, often, once, step("remind"), ending("done")}, "start > wait > ask > done", "often > remind > done", "once > remind"))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "waits"})
	task := in.onlyTask(e, id, "wait")
	if len(task.Waits) != 1 || task.Waits[0].Kind != engine.WaitTimer || task.Waits[0].Until == nil || task.Waits[0].Border || task.Waits[0].Title != "Wait" {
		t.Errorf("waits %+v", task.Waits)
	}
	fire := func(task, node string) error {
		return e.Fire(t.Context(), engine.FireCommand{OpCommand: in.op(id, "no need to wait"), TaskID: task, Node: node})
	}
	wantFault(t, fire(task.ID, "ask"), fault.Conflict, flow.RefusedNotWaiting)
	if err := fire(task.ID, ""); err != nil {
		t.Fatal(err)
	}
	asked := in.onlyTask(e, id, "ask")
	wantFault(t, fire(asked.ID, ""), fault.Conflict, "flow.several_waits")
	for _, node := range []string{"often", "once", "often"} {
		if err := fire(asked.ID, node); err != nil {
			t.Fatal(err)
		}
	}
	wantFault(t, fire(asked.ID, "once"), fault.Conflict, flow.RefusedNotWaiting)
	eventually(t, 10*time.Second, "it was reminded three times", func() bool {
		return in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'remind' AND state = 'completed'`, id) == 3
	})
	if n := in.count(`SELECT count(*) FROM timer WHERE process_id = $1 AND due_at > now()`, id); n != 1 {
		t.Errorf("%d timers are left: only the one that comes again is meant", n)
	}
	events, _, err := e.Events(t.Context(), id, 0, 100)
	if err != nil || !slices.ContainsFunc(events, func(ev engine.EventView) bool {
		return slices.ContainsFunc(ev.Changes, func(c flow.Change) bool {
			return c.Kind == "operation" && c.Code == "fire" && c.Text == "no need to wait"
		})
	}) {
		t.Errorf("the history does not say who let it come, %v", err)
	}
	if err := e.Cancel(t.Context(), in.op(id, "x")); err != nil {
		t.Fatal(err)
	}
	wantFault(t, fire(asked.ID, "often"), fault.Conflict, flow.RefusedNotWaiting)
	in.settled()
}

// TestAMessageIsSentToOneProcess: of two that wait for the same, the one that is meant takes it, though the other waits longer.
func TestAMessageIsSentToOneProcess(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("ask", messageDrawing("answer"))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	first := in.start(e, engine.StartCommand{DefinitionKey: "ask", CustomID: "A-1"})
	second := in.start(e, engine.StartCommand{DefinitionKey: "ask", CustomID: "A-1"})
	send := func(process, name, key string) error {
		_, err := e.SendTo(t.Context(), in.op(process, "they called"), engine.MessageCommand{Actor: "ann", Name: name, Key: key, Payload: obj(`{"a":5}`)})
		return err
	}
	wantFault(t, send(second, "other", ""), fault.Conflict, "message.not_awaited")
	wantFault(t, send(second, "answer", "A-2"), fault.Conflict, "message.not_awaited")
	wantFault(t, send("01930000-0000-7000-8000-000000000001", "answer", ""), fault.NotFound, "process.unknown")
	if err := send(second, "answer", ""); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, second, "completed", 20*time.Second)
	wantFault(t, send(second, "answer", ""), fault.Conflict, "message.not_awaited")
	if state := in.state(e, first); state != "running" {
		t.Errorf("the other one is %s", state)
	}
	events, _, err := e.Events(t.Context(), second, 0, 100)
	if err != nil || !slices.ContainsFunc(events, func(ev engine.EventView) bool {
		return slices.ContainsFunc(ev.Changes, func(c flow.Change) bool { return c.Kind == "operation" && c.Text == "they called" && c.Actor == "ann" })
	}) {
		t.Errorf("the history does not say who sent it: %+v, %v", events, err)
	}
	if err := send(first, "answer", "A-1"); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, first, "completed", 20*time.Second)

	border := graph.Node{ID: "stop", Kind: graph.KindBoundaryEvent, Title: "Stop", Boundary: &graph.BoundaryEvent{On: "answer", Kind: graph.BoundaryMessage, Message: &graph.Message{Name: "answer", Key: "stop"}}}
	doc := messageDrawing("answer")
	doc.Nodes = append(doc.Nodes, graph.Node{ID: "ask", Kind: graph.KindUserTask, Title: "Ask", User: &graph.UserTask{}}, border)
	doc.Nodes[len(doc.Nodes)-1].Boundary.On = "ask"
	doc.Edges = append(doc.Edges, graph.Edge{ID: "x", From: "start", To: "ask"}, graph.Edge{ID: "y", From: "ask", To: "done"}, graph.Edge{ID: "z", From: "stop", To: "done"})
	in.versions.publish("both", doc)
	third := in.start(e, engine.StartCommand{DefinitionKey: "both", CustomID: "A-3"})
	eventually(t, 10*time.Second, "it waits for both", func() bool { return in.count(`SELECT count(*) FROM subscription WHERE process_id = $1`, third) == 2 })
	wantFault(t, send(third, "answer", ""), fault.Conflict, "message.key_needed")
	if err := send(third, "answer", "stop"); err != nil {
		t.Fatal(err)
	}
	if err := send(third, "answer", "A-3"); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, third, "completed", 20*time.Second)
	in.settled()
}

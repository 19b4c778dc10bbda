package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// One commit passes at most 1,000 nodes; the rest goes on through the inbox.
func TestLongStretchOfEngineWorkGoesOnThroughTheInbox(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	doc := &graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{}}}}
	last := "start"
	for i := range 2300 {
		id := fmt.Sprintf("script_%d", i)
		doc.Nodes = append(doc.Nodes, graph.Node{ID: id, Kind: graph.KindScriptTask, Title: id, Script: &graph.ScriptTask{Output: map[string]graph.Value{"n": obj(`1`)}}})
		doc.Edges = append(doc.Edges, graph.Edge{ID: "e_" + id, From: last, To: id})
		last = id
	}
	in.versions.publish("long", doc)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "long"})
	in.waitState(e, id, "completed", 30*time.Second)
	if n := in.count(`SELECT count(*) FROM output WHERE process_id = $1`, id); n != 2300 {
		t.Errorf("%d outputs", n)
	}
	if n := in.count(`SELECT count(*) FROM inbox`); n != 0 {
		t.Errorf("%d rows left in the inbox", n)
	}
	in.checkInvariants(t)
}

// fan is n tasks in parallel and a join.
func fan(n int) *graph.Document {
	doc := &graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{
		{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{}},
		{ID: "split", Kind: graph.KindParallelGateway, Title: "Split"},
		{ID: "join", Kind: graph.KindParallelGateway, Title: "Join"},
		{ID: "end", Kind: graph.KindEndEvent, Title: "End", End: &graph.EndEvent{Kind: graph.EndNone}},
	}, Edges: []graph.Edge{{ID: "a", From: "start", To: "split"}, {ID: "z", From: "join", To: "end"}}}
	for i := range n {
		id := fmt.Sprintf("step_%d", i)
		doc.Nodes = append(doc.Nodes, graph.Node{ID: id, Kind: graph.KindServiceTask, Title: id, Service: &graph.ServiceTask{Type: "test.step@1", Input: map[string]graph.Value{"n": obj(fmt.Sprint(i))}}})
		doc.Edges = append(doc.Edges, graph.Edge{ID: "in_" + id, From: "split", To: id}, graph.Edge{ID: "out_" + id, From: id, To: "join"})
	}
	return doc
}

func TestFanJoinsOnceAndACancelledFanLeavesNothing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("fan", fan(20))
	in.versions.publish("stuck", chain(1))
	release := make(chan struct{})
	in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.CustomID == "stuck" {
			select {
			case <-release:
			case <-ctx.Done():
			}
		}
		return echo(ctx, task)
	})
	e := in.engine()
	ids := make([]string, 10)
	for i := range ids {
		ids[i] = in.start(e, engine.StartCommand{DefinitionKey: "fan"})
	}
	for _, id := range ids {
		in.waitState(e, id, "completed", 30*time.Second)
	}
	cancelled := in.start(e, engine.StartCommand{DefinitionKey: "fan", CustomID: "stuck"})
	eventually(t, 10*time.Second, "four of its tasks run", func() bool {
		return in.rdb.LLen(t.Context(), "asynq:{"+in.keys.Queue("test", wire.LaneNormal)+"}:active").Val() == 4
	})
	if err := e.Cancel(t.Context(), engine.OpCommand{ProcessID: cancelled, Actor: "ann"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "its other messages are taken out of the queue", func() bool {
		return in.rdb.LLen(t.Context(), "asynq:{"+in.keys.Queue("test", wire.LaneNormal)+"}:pending").Val() == 0
	})
	close(release)
	in.checkInvariants(t)
	if n := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND state = 'cancelled'`, cancelled); n != 20 {
		t.Errorf("%d tasks are cancelled", n)
	}
	if n := in.count(`SELECT (SELECT count(*) FROM dispatch) + (SELECT count(*) FROM backlog) + (SELECT count(*) FROM timer)`); n != 0 {
		t.Errorf("%d rows left", n)
	}
}

package engine_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestAWideProcessIsCancelledInChunks cancels a process in which thousands of tasks are open while its workers take one after
// another: nothing of it starts after the mark, another process is served meanwhile, and nothing remains.
func TestAWideProcessIsCancelledInChunks(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	nodes := append(inside("part", step("work"), ending("out")), ending("done"))
	nodes[0].Multi = &graph.Multi{Items: obj(`40`), Limit: 1000}
	nodes[2].Multi = &graph.Multi{Items: obj(`100`), Limit: 1000}
	in.versions.publish("wide", drawing(nodes, "start > part > done", "part_in > work > out"))
	in.versions.publish("line", line())
	var came, wide atomic.Int64
	open := make(chan struct{})
	in.worker("w1", "test", 16, func(ctx context.Context, task *wire.Task) *wire.Report {
		if task.Node == "work" && wide.Add(1) <= 4 { // some are held, the others end
			came.Add(1)
			<-open
		}
		return echo(ctx, task)
	})
	e, other := in.engine(), in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "wide"})
	const openTasks = `SELECT count(*) FROM task WHERE process_id = $1 AND ended_at IS NULL`
	eventually(t, 60*time.Second, "thousands of tasks are open and some have ended", func() bool {
		return in.count(openTasks, id) > 3000 && in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND state = 'completed'`, id) > 20 && came.Load() == 4
	})
	seq := in.count(`SELECT seq FROM scope WHERE id = $1`, id)
	before := wide.Load()
	if err := other.Cancel(t.Context(), in.op(id, "enough")); err != nil {
		t.Fatal(err)
	}
	if state := in.state(e, id); state != "cancelling" && state != "cancelled" {
		t.Errorf("the process is %s", state)
	}
	if n := in.count(`SELECT max(json_array_length(body)) FROM event WHERE process_id = $1 AND seq > $2`, id, seq); n > 1500 {
		t.Errorf("one commit has %d changes", n)
	}
	next := in.start(e, engine.StartCommand{DefinitionKey: "line", Input: obj(`{"n":1}`)})
	in.waitState(e, next, "completed", 60*time.Second)
	in.waitState(e, id, "cancelled", 60*time.Second)
	// What was in the window at the mark may still reach a worker before it is taken back; the backlog may not.
	t.Logf("%d tasks began between the call and the end", wide.Load()-before)
	if began := wide.Load() - before; began > 500 {
		t.Errorf("%d tasks began after the mark", began)
	}
	if n := in.count(openTasks, id); n != 0 {
		t.Errorf("%d tasks are open", n)
	}
	if n := in.count(`SELECT count(*) FROM scope WHERE process_id = $1`, id); n != 1 {
		t.Errorf("%d scopes are left", n)
	}
	close(open)
	in.settled()
	if began, ran := in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND worker <> ''`, id), wide.Load(); int64(began) > ran {
		t.Errorf("%d tasks have a worker, %d ran", began, ran)
	}
}

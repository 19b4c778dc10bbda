package engine_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// listOf is a list of n entries whose values are gathered, and a step that holds the last one.
func listOf(n int) *graph.Document {
	each := step("each", "n", `"=item"`)
	each.Multi = &graph.Multi{Items: obj(fmt.Sprint(n)), Tolerated: "100%", Collect: obj(`"=result.n"`)}
	return drawing([]graph.Node{each, step("after", "all", `"=tasks.each"`), ending("done")}, "start > each > after > done")
}

func TestFailedEntriesOfAListBeginAnew(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	const n = 30
	in.versions.publish("list", listOf(n))
	var mended atomic.Bool
	last := make(chan struct{})
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		switch {
		case task.Node != "each":
		case string(task.Input) == fmt.Sprintf(`{"n":%d}`, n-1):
			<-last
		case task.Input[5]%2 == 1 && !mended.Load():
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "ODD", Message: "odd"}}
		}
		return echo(ctx, task)
	})
	e, other := in.engine(), in.engine(func(c *engine.Config) { c.CachedProcess = 1 })
	id := in.start(e, engine.StartCommand{DefinitionKey: "list"})
	state := func(state string) int {
		return in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'each' AND run > 0 AND scope_id <> process_id AND NOT hidden AND state = $2`, id, state)
	}
	eventually(t, 20*time.Second, "all but one have ended", func() bool { return state("failed")+state("completed") == n-1 })
	failed := state("failed")
	top, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{ParentScope: id})
	if err != nil || len(top) != 1 {
		t.Fatalf("at the top %+v, %v", top, err)
	}
	list, err := e.Task(t.Context(), id, top[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if !list.Actions.RestartFailed.Allowed || list.Actions.RestartEntry.Allowed {
		t.Errorf("actions of the list %+v", list.Actions)
	}
	entries, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{ParentScope: list.ID, States: []string{"completed"}})
	if err != nil || len(entries) == 0 {
		t.Fatalf("entries %+v, %v", entries, err)
	}
	one, err := e.Task(t.Context(), id, entries[0].ID)
	if err != nil || !one.Actions.RestartEntry.Allowed {
		t.Errorf("actions of an entry %+v, %v", one.Actions, err)
	}

	mended.Store(true)
	count, err := other.RestartFailed(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "odd ones are right now"), TaskID: list.ID})
	if err != nil || count != failed {
		t.Errorf("%d of %d began anew, %v", count, failed, err)
	}
	if err := other.RestartEntry(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "once more"), TaskID: one.ID}); err != nil {
		t.Fatal(err)
	}
	wantFault(t, e.RestartEntry(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "x"), TaskID: one.ID}), fault.Conflict, flow.RefusedReplaced)
	eventually(t, 20*time.Second, "all but one have completed", func() bool { return state("failed") == 0 && state("completed") == n-1 })
	_, err = e.RestartFailed(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "x"), TaskID: list.ID})
	wantFault(t, err, fault.Conflict, "flow.nothing_to_do")
	close(last)
	in.waitState(e, id, "completed", 20*time.Second)
	want := `{"all":{"completed":30,"failed":0,"total":30,"values":[0`
	for i := 1; i < n; i++ {
		want += fmt.Sprintf(",%d", i)
	}
	if got := string(in.onlyTask(e, id, "after").Input); got != want+"]}}" {
		t.Errorf("the list gave %s", got)
	}
	in.settled()
}

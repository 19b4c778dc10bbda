package engine_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
)

// publishTree publishes "top", which calls "main" for a list, which calls "sub", which does one step.
func (in *installation) publishTree(entries string) {
	in.publishCalls()
	below := call("below", "main", "n", `"=index"`)
	below.Multi = &graph.Multi{Items: obj(entries)}
	in.versions.publish("top", drawing([]graph.Node{below, ending("done")}, "start > below > done"))
}

const unheld = `SELECT count(*) FROM process WHERE ended_at IS NULL AND suspended_at IS NULL AND (id = $1 OR root_id = $1)`

func TestASuspendedTreeStandsStillAndGoesOn(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishTree("4")
	g := newGate("work")
	in.worker("w1", "test", 2, g.handle)
	engines := []*engine.Engine{in.engine(), in.engine()}
	e := engines[0]
	top := in.start(e, engine.StartCommand{DefinitionKey: "top"})
	middle := in.children(e, top, 4)
	leaf := in.children(e, middle[0].ID, 1)[0]
	eventually(t, 20*time.Second, "all have begun", func() bool { return in.count(`SELECT count(*) FROM process WHERE root_id = $1`, top) == 8 })
	if err := e.Suspend(t.Context(), in.op(middle[1].ID, "this one is wrong")); err != nil {
		t.Fatal(err)
	}
	if err := engines[1].SetPriority(t.Context(), in.op(top, "the client waits"), 1); err != nil {
		t.Fatal(err)
	}
	if err := engines[1].Suspend(t.Context(), in.op(top, "stop the press")); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "all stand still", func() bool { return in.count(unheld, top) == 0 })
	eventually(t, 20*time.Second, "the priority has come down", func() bool {
		return in.count(`SELECT count(*) FROM process WHERE priority = 1 AND (id = $1 OR root_id = $1)`, top) == 9
	})
	view, err := e.Process(t.Context(), leaf.ID)
	if err != nil || view.State != "suspended" || view.Actions.Resume.Reason != flow.RefusedByCaller || !view.Actions.Suspend.Allowed || len(view.Whys) != 1 ||
		view.Whys[0].Code != engine.WhyHeldByCaller || view.Whys[0].Params["by"] != "ann" || view.Whys[0].Params["reason"] != "stop the press" {
		t.Errorf("the lowest is %+v, %v", view, err)
	}
	wantFault(t, e.Resume(t.Context(), in.op(leaf.ID, "x")), fault.Conflict, flow.RefusedByCaller)
	close(g.open) // what runs may end
	eventually(t, 20*time.Second, "nothing runs", func() bool {
		return in.count(`SELECT count(*) FROM dispatch`) == 0 && in.count(`SELECT count(*) FROM inbox`) == 0
	})
	if n := in.count(`SELECT count(*) FROM process WHERE ended_at IS NOT NULL`); n != 0 {
		t.Errorf("%d processes have gone on", n)
	}
	if err := e.Resume(t.Context(), in.op(top, "it was right")); err != nil {
		t.Fatal(err)
	}
	for i, m := range middle {
		if i != 1 {
			in.waitState(e, m.ID, "completed", 30*time.Second)
		}
	}
	if view, err := e.Process(t.Context(), middle[1].ID); err != nil || view.State != "suspended" || view.SuspendReason != "this one is wrong" || !view.Actions.Resume.Allowed {
		t.Errorf("what was suspended by itself is %+v, %v", view, err)
	}
	if n := in.count(unheld, middle[1].ID) + in.count(`SELECT count(*) FROM process WHERE parent_id = $1 AND suspended_at IS NOT NULL`, middle[1].ID); n != 1 {
		t.Error("what it called goes on")
	}
	if err := e.Resume(t.Context(), in.op(middle[1].ID, "now")); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, top, "completed", 30*time.Second)
	in.settled()
}

// TestASuspensionRacesWithCallsThatBegin suspends trees while they grow, on two engines that forget everything between commits.
func TestASuspensionRacesWithCallsThatBegin(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishTree("3")
	in.worker("w1", "test", 16, echo)
	forgetful := func(c *engine.Config) { c.CachedProcess = 1 }
	engines := []*engine.Engine{in.engine(forgetful), in.engine(forgetful)}
	const n = 30
	tops := make([]string, n)
	held := make([]bool, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			tops[i] = in.start(engines[0], engine.StartCommand{DefinitionKey: "top", CustomID: fmt.Sprintf("A-%d", i)})
			for looks := 0; looks < 500 && in.count(`SELECT count(*) FROM process WHERE root_id = $1`, tops[i]) < i%6; looks++ { // some have called more by then
			}
			err := engines[1].Suspend(t.Context(), in.op(tops[i], "stop the press"))
			if held[i] = err == nil; err != nil && fault.As(err).Code != flow.RefusedProcessEnded {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i, top := range tops {
		if held[i] {
			eventually(t, 30*time.Second, "the tree stands still", func() bool {
				return in.count(unheld, top) == 0 && in.count(`SELECT count(*) FROM inbox b JOIN process p ON p.id = b.process_id WHERE p.id = $1 OR p.root_id = $1`, top) == 0
			})
		}
	}
	for i, top := range tops {
		if held[i] {
			if err := engines[0].Resume(t.Context(), in.op(top, "go on")); err != nil {
				t.Fatal(err)
			}
		}
	}
	in.allEnded(60 * time.Second)
	if all := in.count(`SELECT count(*) FROM process WHERE state = 'completed'`); all != 7*n {
		t.Errorf("%d processes have completed instead of %d", all, 7*n)
	}
	in.settled()
}

package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestAnUrgentTaskOfALimitedTypeGoesFirst has the window of a pool full of low tasks without a limit, more of them waiting, and low tasks
// of limited types waiting besides. Urgent tasks of the limited types reach the queue though nothing ends, as far as the limit lets
// them; where it doesn't, the next permit is theirs.
func TestAnUrgentTaskOfALimitedTypeGoesFirst(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	of := func(nodeType string) func(int, *graph.Node) {
		return func(_ int, n *graph.Node) {
			n.Service.Type = nodeType
			n.Service.Input = map[string]graph.Value{"region": obj(`"=input.region"`)}
		}
	}
	for name, nodeType := range map[string]string{"plain": "test.step@1", "few": "test.few@1", "slow": "test.slow@1"} {
		in.catalog.pools[nodeType] = "test"
		in.versions.publish(name, chain(1, of(nodeType)))
	}
	hold := newValve()
	defer hold.open()
	const window = 8
	e := in.engine(func(c *engine.Config) { c.WindowFloor = window })
	for _, limit := range []engine.LimitCommand{
		{NodeType: "test.few@1", Key: "input.region", Most: 1},
		{NodeType: "test.slow@1", Starts: 1, Per: 24 * time.Hour},
	} {
		limit.Actor, limit.Reason = "anna", "x"
		if err := e.SetLimit(t.Context(), limit); err != nil {
			t.Fatal(err)
		}
	}
	start := func(definition, name string, priority, region int) string {
		return in.start(e, engine.StartCommand{DefinitionKey: definition, CustomID: name, Priority: priority, Input: obj(fmt.Sprintf(`{"region":%d}`, region))})
	}
	for i := range 3 * window {
		start("plain", fmt.Sprint("plain:", i), 5, 0)
	}
	hold.worker(in)
	eventually(t, time.Minute, "the window is full", func() bool {
		return in.count(`SELECT count(*) FROM dispatch`) == window && in.count(`SELECT count(*) FROM backlog`) == 2*window
	})
	for i := range window {
		start("few", fmt.Sprint("few", i), 5, 7)
		start("slow", fmt.Sprint("slow", i), 5, 7)
	}
	queued := func(name string) bool {
		return in.count(`SELECT count(*) FROM dispatch d JOIN process p ON p.id = d.process_id WHERE p.custom_id = $1 AND d.lane = 'urgent'`, name) == 1
	}
	few, slow := start("few", "urgent-few", 1, 7), start("slow", "urgent-slow", 1, 7)
	eventually(t, time.Minute, "both have room though the window is full of low tasks", func() bool { return queued("urgent-few") && queued("urgent-slow") })
	second := start("few", "urgent-few-2", 1, 7)
	other := start("few", "urgent-few-3", 1, 8)
	eventually(t, time.Minute, "the urgent task under another key has room", func() bool { return queued("urgent-few-3") })
	if n := in.count(`SELECT count(*) FROM dispatch WHERE node_type LIKE 'test.%' AND node_type <> 'test.step@1'`); n != 3 {
		t.Errorf("%d limited tasks are in the queue; the limits allow three", n)
	}
	if queued("urgent-few-2") {
		t.Error("two tasks of one region are in the queue, of which one is allowed")
	}
	hold.turn("plain") // the worker is free: the urgent ones are served before the low ones that stand in the queue
	for _, name := range []string{"urgent-few", "urgent-slow", "urgent-few-3"} {
		hold.turn(name)
	}
	for _, id := range []string{few, slow, other} {
		in.waitState(e, id, "completed", time.Minute)
	}
	eventually(t, time.Minute, "the permit that came free is the urgent task's", func() bool { return queued("urgent-few-2") })
	hold.turn("urgent-few-2")
	hold.turn("plain") // a low task may have taken the slot meanwhile
	in.waitState(e, second, "completed", time.Minute)
	if n := in.count(`SELECT count(*) FROM backlog WHERE node_type = 'test.slow@1'`); n != window {
		t.Errorf("%d tasks wait for the one start a day, want %d", n, window)
	}
	if n := in.count(`SELECT count(*) FROM attempt a JOIN process p ON p.id = a.process_id WHERE p.custom_id LIKE 'few%'`); n != 0 {
		t.Errorf("%d low tasks ran before urgent ones", n)
	}
}

// TestLimitedTasksHaveRoomBeforeLowerOnes has more low tasks without a limit than the window takes: room that comes free goes to the tasks
// of the limited type first, which are less low, and is shared among those of one priority.
func TestLimitedTasksHaveRoomBeforeLowerOnes(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.catalog.pools["test.few@1"] = "test"
	in.versions.publish("plain", chain(1))
	in.versions.publish("few", chain(1, func(_ int, n *graph.Node) { n.Service.Type = "test.few@1" }))
	hold := newValve()
	defer hold.open()
	const window = 4
	e := in.engine(func(c *engine.Config) { c.WindowFloor = window })
	if err := e.SetLimit(t.Context(), engine.LimitCommand{NodeType: "test.few@1", Most: 2, Actor: "anna", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	for i := range 4 * window {
		in.start(e, engine.StartCommand{DefinitionKey: "plain", CustomID: fmt.Sprint("plain:", i), Priority: 5})
	}
	hold.worker(in)
	eventually(t, time.Minute, "the window is full", func() bool { return in.count(`SELECT count(*) FROM backlog`) == 3*window })
	for i := range 3 {
		in.start(e, engine.StartCommand{DefinitionKey: "few", CustomID: fmt.Sprint("few", i), Priority: 4})
	}
	for done := 1; done <= 2; done++ {
		hold.turn("plain")
		eventually(t, time.Minute, "the room of a low task is a limited one's", func() bool {
			return in.count(`SELECT count(*) FROM dispatch WHERE node_type = 'test.few@1'`) == done
		})
		if n := in.count(`SELECT count(*) FROM backlog WHERE node_type = 'test.step@1'`); n != 3*window {
			t.Fatalf("%d low tasks wait after %d ended, want %d", n, done, 3*window)
		}
	}
	hold.turn("plain")
	eventually(t, time.Minute, "what the limit does not allow is left to the others", func() bool {
		return in.count(`SELECT count(*) FROM backlog WHERE node_type = 'test.step@1'`) == 3*window-1
	})
}

// valve is a worker with one slot that lets tasks go by a part of the custom ids of their processes, one for each turn.
type valve struct {
	mu   sync.Mutex
	each map[string]chan struct{}
	all  chan struct{}
}

func newValve() *valve { return &valve{each: map[string]chan struct{}{}, all: make(chan struct{})} }

func (v *valve) of(name string) chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.each[name]
	if c == nil {
		c = make(chan struct{}, 1)
		v.each[name] = c
	}
	return c
}

func (v *valve) worker(in *installation) {
	in.worker("w1", "test", 1, func(ctx context.Context, task *wire.Task) *wire.Report {
		name, _, _ := strings.Cut(task.CustomID, ":")
		select {
		case <-v.of(name):
		case <-v.all:
		}
		return echo(ctx, task)
	})
}

func (v *valve) turn(name string) { v.of(name) <- struct{}{} }

func (v *valve) open() { close(v.all) }

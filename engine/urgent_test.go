package engine_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestAnUrgentTaskTakesTheNextSlot has 1,000 tasks of the lowest priority waiting, or as many as TASKUROTTA_URGENT says, and every slot of
// the workers taken: an urgent task reaches the queue without any of them ending, and the first slot that is free is its. So it starts
// within one task's duration and the time that a message takes. With TASKUROTTA_URGENT that time is measured besides.
func TestAnUrgentTaskTakesTheNextSlot(t *testing.T) {
	t.Parallel()
	n, measured := 1000, false
	if text := os.Getenv("TASKUROTTA_URGENT"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		measured = true
	}
	const slots, rounds, duration = 4, 10, 50 * time.Millisecond
	in := newInstallation(t)
	in.versions.publish("low", chain(1))
	in.versions.publish("urgent", chain(1))
	var mu sync.Mutex
	var begun []string                // custom ids, in the order of their begin
	starts := map[string]time.Time{}  // when an urgent one began
	release := make(chan struct{}, n) // each lets one low task end
	var free atomic.Bool              // they end by themselves
	in.worker("w1", "test", slots, func(ctx context.Context, task *wire.Task) *wire.Report {
		mu.Lock()
		begun = append(begun, task.CustomID)
		starts[task.CustomID] = time.Now()
		mu.Unlock()
		switch {
		case task.CustomID[0] == 'u':
		case free.Load():
			<-time.After(duration)
		default:
			<-release
		}
		return echo(ctx, task)
	})
	defer close(release)
	soFar := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(begun)
	}
	e := in.engine()
	var group sync.WaitGroup
	var next atomic.Int64
	for range 32 {
		group.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if _, err := e.StartProcess(context.Background(), engine.StartCommand{DefinitionKey: "low", CustomID: fmt.Sprint("low", i), Priority: 5}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	eventually(t, time.Minute, "every slot is taken, the others wait", func() bool {
		return soFar() == slots && in.count(`SELECT count(*) FROM task WHERE state IN ('ready', 'queued', 'running')`) == n
	})
	for round := range rounds {
		id := in.start(e, engine.StartCommand{DefinitionKey: "urgent", CustomID: fmt.Sprint("u", round), Priority: 1})
		queue := in.keys.Queue("test", wire.LaneUrgent)
		eventually(t, time.Minute, "the urgent task is in the queue, though no slot is free", func() bool {
			return in.rdb.LLen(t.Context(), "asynq:{"+queue+"}:pending").Val() == 1
		})
		if got := soFar(); got != slots+2*round {
			t.Fatalf("round %d: %d tasks have begun", round, got)
		}
		release <- struct{}{} // one slot is free: the urgent task's, then a low one's
		eventually(t, time.Minute, "the slot is taken again", func() bool { return soFar() == slots+2*round+2 })
		mu.Lock()
		if first := begun[slots+2*round]; first != fmt.Sprint("u", round) {
			t.Errorf("round %d: the free slot went to %s", round, first)
		}
		mu.Unlock()
		in.waitState(e, id, "completed", time.Minute)
	}
	if !measured {
		return
	}
	free.Store(true)
	for range slots {
		release <- struct{}{}
	}
	var took []time.Duration
	for i := range 100 {
		name := fmt.Sprint("u-measured-", i)
		id := in.start(e, engine.StartCommand{DefinitionKey: "urgent", CustomID: name, Priority: 1})
		accepted := time.Now()
		in.waitState(e, id, "completed", time.Minute)
		mu.Lock()
		took = append(took, max(starts[name].Sub(accepted), 0))
		mu.Unlock()
	}
	slices.Sort(took)
	waiting := in.count(`SELECT count(*) FROM backlog`)
	t.Logf("%d tasks of %s waiting on %d slots; from the answer to an urgent start until its task begins: p50 %s, p95 %s, most %s; %d still waiting",
		n, duration, slots, took[49].Round(time.Millisecond), took[94].Round(time.Millisecond), took[99].Round(time.Millisecond), waiting)
	if took[99] > duration+100*time.Millisecond {
		t.Errorf("an urgent task began after %s", took[99])
	}
}

package engine_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func TestPausedSubjectsStartNothingUntilTheyAreResumed(t *testing.T) {
	for _, subject := range []engine.PauseCommand{
		{Kind: engine.PauseType, Name: "test.step@1"}, {Kind: engine.PausePool, Name: "test"}, {Kind: engine.PauseDefinition, Name: "chain"},
	} {
		t.Run(string(subject.Kind), func(t *testing.T) {
			t.Parallel()
			in := newInstallation(t)
			in.versions.publish("chain", chain(3))
			in.versions.publish("other", chain(1))
			release := make(chan struct{})
			var runs atomic.Int64
			in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
				runs.Add(1)
				<-release
				return echo(ctx, task)
			})
			e := in.engine()
			var ids []string
			start := func(n int, definition string) {
				for range n {
					ids = append(ids, in.start(e, engine.StartCommand{DefinitionKey: definition, CustomID: fmt.Sprint(len(ids))}))
				}
			}
			eventually(t, 10*time.Second, "the worker is known", func() bool {
				pools, err := e.Pools(t.Context())
				return err == nil && len(pools) == 1 && pools[0].Slots == 4
			})
			start(30, "chain")
			eventually(t, 10*time.Second, "four run, others are in the queue", func() bool { return runs.Load() == 4 && in.count(`SELECT count(*) FROM dispatch`) > 4 })

			subject.Actor, subject.Reason = "anna", "the register is down"
			if err := e.Pause(t.Context(), subject); err != nil {
				t.Fatal(err)
			}
			eventually(t, time.Second, "only what runs is left in the queue", func() bool { return in.count(`SELECT count(*) FROM dispatch`) == 4 })
			start(10, "chain") // they are taken, and wait
			close(release)
			eventually(t, 10*time.Second, "what ran has ended, what comes next waits", func() bool {
				return in.count(`SELECT count(*) FROM dispatch`) == 0 && in.count(`SELECT count(*) FROM task WHERE state = 'completed'`) == 4
			})
			if runs.Load() != 4 || in.count(`SELECT count(*) FROM backlog`) != 40 {
				t.Errorf("%d runs, %d wait", runs.Load(), in.count(`SELECT count(*) FROM backlog`))
			}
			task := in.onlyTask(e, ids[39], "step_1")
			if task.Why == nil || task.Why.Code != "paused_"+string(subject.Kind) || task.Why.Params["by"] != "anna" || task.Why.Params["reason"] != "the register is down" {
				t.Errorf("why %+v", task.Why)
			}
			if subject.Kind == engine.PauseDefinition {
				start(1, "other")
				in.waitState(e, ids[40], "completed", 10*time.Second)
			}
			all, err := e.Pauses(t.Context())
			if err != nil || len(all) != 1 || all[0].Author != "anna" || all[0].At.IsZero() {
				t.Errorf("pauses %+v, %v", all, err)
			}
			if err := e.Unpause(t.Context(), subject); err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				in.waitState(e, id, "completed", 20*time.Second)
			}
			wantFault(t, e.Unpause(t.Context(), subject), fault.NotFound, "pause.unknown")
			in.checkInvariants(t)
		})
	}
}

func TestPausesOfWhatIsNotThereAreRefused(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	e := in.engine()
	for _, c := range []struct {
		cmd  engine.PauseCommand
		kind fault.Kind
		code string
	}{
		{engine.PauseCommand{Kind: engine.PauseType, Name: "no.such@1", Reason: "x"}, fault.NotFound, "pause.subject"},
		{engine.PauseCommand{Kind: engine.PausePool, Name: "nowhere", Reason: "x"}, fault.NotFound, "pause.subject"},
		{engine.PauseCommand{Kind: engine.PauseDefinition, Name: "nothing", Reason: "x"}, fault.NotFound, "pause.subject"},
		{engine.PauseCommand{Kind: "server", Name: "a", Reason: "x"}, fault.Invalid, "pause.kind"},
		{engine.PauseCommand{Kind: engine.PauseDefinition, Name: "chain", Reason: " "}, fault.Invalid, "pause.reason_missing"},
	} {
		wantFault(t, e.Pause(t.Context(), c.cmd), c.kind, c.code)
	}
}

// The predecessor held a server's thread for every blocked actor.
func TestDefect_PausingCostsNothing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	in.versions.publish("other", chain(1))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	if err := e.Pause(t.Context(), engine.PauseCommand{Kind: engine.PauseDefinition, Name: "chain", Actor: "anna", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: fmt.Sprint(i)})
	}
	// Two hundred blocked tasks take no slot of the worker and no place in the queue: another definition runs as before.
	for range 20 {
		in.waitState(e, in.start(e, engine.StartCommand{DefinitionKey: "other"}), "completed", 10*time.Second)
	}
	if n := in.count(`SELECT count(*) FROM dispatch`); n != 0 {
		t.Errorf("%d blocked tasks are in the queue", n)
	}
	in.checkInvariants(t)
}

func TestPausesSurviveAFlushOfRedis(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	eventually(t, 10*time.Second, "the pool is known", func() bool {
		return e.Pause(t.Context(), engine.PauseCommand{Kind: engine.PausePool, Name: "test", Actor: "anna", Reason: "x"}) == nil
	})
	told := func() bool { return in.rdb.HGet(t.Context(), in.keys.Paused(), "pool:test").Val() == "x" }
	eventually(t, time.Second, "workers are told", told)
	if err := in.rdb.Del(t.Context(), in.keys.Paused()).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "workers are told again", told)
}

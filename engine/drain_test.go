package engine_test

import (
	"context"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// obedient starts a worker that says that it knows the order to drain; pid 0 is one that speaks HTTP.
func (in *installation) obedient(id string, pid int64, h handler) *worker {
	w := in.worker(id, "test", 2, h)
	w.pid.Store(pid)
	w.hears.Store(true)
	w.returns.Store(true)
	w.beat()
	return w
}

// workersOf returns the live workers of the pool by id.
func workersOf(t *testing.T, e *engine.Engine) map[string]engine.WorkerView {
	t.Helper()
	pools, err := e.Pools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]engine.WorkerView{}
	for _, p := range pools {
		for _, w := range p.Workers {
			out[w.ID] = w
		}
	}
	return out
}

func TestTheOrderToDrainOutlivesRedisAndServers(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	first := in.obedient("w1", 1, echo)
	e := in.engine()
	eventually(t, 30*time.Second, "the worker is known", func() bool { return len(workersOf(t, e)) == 1 })
	given, err := e.Drain(t.Context(), engine.DrainCommand{Pool: "test", Actor: "anna", Reason: "a new release", Within: time.Minute})
	if err != nil || len(given) != 1 || given[0].Worker != "w1" || given[0].Outcome != engine.DrainOrdered {
		t.Fatalf("given %+v, %v", given, err)
	}
	order := func() (drain wire.Drain) {
		_ = json.Unmarshal([]byte(in.rdb.HGet(t.Context(), in.keys.Drains(), "w1").Val()), &drain)
		return drain
	}
	if got := order(); got.WithinMS != 60_000 || got.Stay {
		t.Errorf("the worker reads %+v", got)
	}
	// It has not heard it yet: all the same the engine counts on it no more, and says so.
	if shown := workersOf(t, e)["w1"]; !shown.Draining || shown.Drain == nil || shown.Drain.Author != "anna" || shown.Drain.Reason != "a new release" || shown.Drain.At.IsZero() {
		t.Errorf("shown as %+v", shown)
	}
	pools, err := e.Pools(t.Context())
	if err != nil || pools[0].NoWorkerSince == nil {
		t.Errorf("pools %+v, %v", pools, err)
	}
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	if task := in.onlyTask(e, id, "step_1"); task.State != "ready" || task.Why == nil || task.Why.Code != engine.WhyNoWorker {
		t.Errorf("the task is %s, why %+v", task.State, task.Why)
	}

	if err := in.rdb.Del(t.Context(), in.keys.Drains(), in.keys.Generation()).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "Redis has the order again", func() bool { return order().WithinMS == 60_000 })
	e.Stop()
	if err := in.rdb.Del(t.Context(), in.keys.Drains()).Err(); err != nil {
		t.Fatal(err)
	}
	e = in.engine(func(c *engine.Config) { c.SilentAfter = 3 * time.Second })
	if order().WithinMS != 60_000 || !e.Drained("w1") {
		t.Error("a new server does not know the order")
	}

	for _, server := range first.servers {
		server.Stop() // it obeys
	}
	// Another worker is not meant, though it serves the same pool on the same host: it takes what waits.
	in.obedient("w2", 2, echo)
	in.waitState(e, id, "completed", 30*time.Second)
	if task := in.onlyTask(e, id, "step_1"); task.Worker != "w2" {
		t.Errorf("%s has done it", task.Worker)
	}
	// One that only stalled comes back under its id, and is drained still.
	first.dead.Store(true)
	if err := in.rdb.HDel(t.Context(), in.keys.Workers(), "w1").Err(); err != nil {
		t.Fatal(err)
	}
	gone := func() int {
		return in.count(`SELECT count(*) FROM worker_drain WHERE worker_id = 'w1' AND left_at IS NOT NULL`)
	}
	eventually(t, time.Minute, "the engine misses it", func() bool { _, there := workersOf(t, e)["w1"]; return !there && gone() == 1 })
	first.dead.Store(false)
	eventually(t, time.Minute, "it is back, and drained", func() bool { return workersOf(t, e)["w1"].Drain != nil })
	eventually(t, time.Minute, "its order is kept while it is there", func() bool { return gone() == 0 })
	// One that went while no server listened is gone all the same.
	e.Stop()
	first.dead.Store(true)
	if err := in.rdb.HDel(t.Context(), in.keys.Workers(), "w1").Err(); err != nil {
		t.Fatal(err)
	}
	in.engine(func(c *engine.Config) { c.SilentAfter = time.Second })
	eventually(t, time.Minute, "a server that never heard it notes that it is gone", func() bool { return gone() == 1 })
	in.checkInvariants(t)
}

func TestDrainsThatCannotBeObeyedAreRefused(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.obedient("w1", 1, echo)
	in.worker("old", "test", 1, echo) // of a release that does not know the order
	e := in.engine()
	eventually(t, 30*time.Second, "both are known", func() bool { return len(workersOf(t, e)) == 2 })
	for _, c := range []struct {
		cmd  engine.DrainCommand
		kind fault.Kind
		code string
	}{
		{engine.DrainCommand{Reason: "x"}, fault.Invalid, "drain.subject"},
		{engine.DrainCommand{Worker: "w1", Pool: "test", Reason: "x"}, fault.Invalid, "drain.subject"},
		{engine.DrainCommand{Worker: "w1", Reason: " "}, fault.Invalid, "drain.reason_missing"},
		{engine.DrainCommand{Worker: "w1", Reason: "x", Within: -1}, fault.Invalid, "drain.within"},
		{engine.DrainCommand{Worker: "nobody", Reason: "x"}, fault.NotFound, "drain.unknown_worker"},
		{engine.DrainCommand{Pool: "nowhere", Reason: "x"}, fault.NotFound, "drain.unknown_pool"},
		{engine.DrainCommand{Host: "nohost", Reason: "x"}, fault.NotFound, "drain.unknown_host"},
		{engine.DrainCommand{Worker: "old", Reason: "x"}, fault.Conflict, "drain.too_old"},
	} {
		_, err := e.Drain(t.Context(), c.cmd)
		wantFault(t, err, c.kind, c.code)
	}
	if n := in.count(`SELECT count(*) FROM worker_drain`); n != 0 {
		t.Errorf("%d orders were kept", n)
	}
	given, err := e.Drain(t.Context(), engine.DrainCommand{Host: "test", Reason: "x"})
	if err != nil || len(given) != 2 || given[0].Outcome != engine.DrainUnheard || given[1].Outcome != engine.DrainOrdered {
		t.Errorf("given %+v, %v", given, err)
	}
	_, err = e.Drain(t.Context(), engine.DrainCommand{Worker: "w1", Reason: "again"})
	wantFault(t, err, fault.Conflict, "drain.already")
	if reason := workersOf(t, e)["w1"].Drain.Reason; reason != "x" {
		t.Errorf("the order says %q now", reason)
	}
}

func TestADrainIsTakenBackUntilTheWorkerLeaves(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	stays, goes := in.obedient("stays", 1, echo), in.obedient("goes", 2, echo)
	deaf := in.obedient("deaf", 3, echo)
	deaf.returns.Store(false)
	in.obedient("http", 0, echo)
	e := in.engine()
	eventually(t, 30*time.Second, "all are known", func() bool { return len(workersOf(t, e)) == 4 })
	_, err := e.Undrain(t.Context(), engine.DrainCommand{Pool: "test", Reason: "x"})
	wantFault(t, err, fault.Conflict, "drain.none")
	for worker, stay := range map[string]bool{"stays": true, "goes": false, "deaf": true, "http": false} {
		if _, err := e.Drain(t.Context(), engine.DrainCommand{Worker: worker, Stay: stay, Reason: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	// Of each the engine hears what it has become.
	becomes := func(drains bool, workers ...*worker) {
		t.Helper()
		for _, w := range workers {
			w.drains.Store(drains)
			w.beat()
			now := time.Now()
			eventually(t, 30*time.Second, "the engine hears of "+w.id, func() bool { return workersOf(t, e)[w.id].SeenAt.After(now) })
		}
	}
	becomes(true, stays, goes) // both have carried the order out
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	if task := in.onlyTask(e, id, "step_1"); task.State != "ready" {
		t.Errorf("the task is %s", task.State)
	}
	for _, c := range []struct {
		cmd  engine.DrainCommand
		kind fault.Kind
		code string
	}{
		{engine.DrainCommand{Worker: "goes", Reason: "x"}, fault.Conflict, "drain.leaving"}, // it has nothing left to do
		{engine.DrainCommand{Worker: "deaf", Reason: "x"}, fault.Conflict, "drain.no_return"},
		{engine.DrainCommand{Worker: "stays"}, fault.Invalid, "drain.reason_missing"},
		{engine.DrainCommand{Worker: "nobody", Reason: "x"}, fault.NotFound, "drain.unknown_worker"},
		{engine.DrainCommand{Reason: "x"}, fault.Invalid, "drain.subject"},
	} {
		_, err := e.Undrain(t.Context(), c.cmd)
		wantFault(t, err, c.kind, c.code)
	}
	given, err := e.Undrain(t.Context(), engine.DrainCommand{Host: "test", Actor: "anna", Reason: "x"})
	if err != nil {
		t.Fatal(err)
	}
	outcomes := map[string]engine.DrainOutcome{}
	for _, d := range given {
		outcomes[d.Worker] = d.Outcome
	}
	want := map[string]engine.DrainOutcome{"stays": engine.DrainTakenBack, "http": engine.DrainTakenBack, "goes": engine.DrainLeaving, "deaf": engine.DrainUnheard}
	if !maps.Equal(outcomes, want) {
		t.Errorf("outcomes %v", outcomes)
	}
	if e.Drained("stays") || e.Drained("http") || !e.Drained("goes") || !e.Drained("deaf") {
		t.Error("two are drained still, and only they")
	}
	// Redis says so to the worker, also after it has forgotten.
	back := func() (order wire.Drain) {
		_ = json.Unmarshal([]byte(in.rdb.HGet(t.Context(), in.keys.Drains(), "stays").Val()), &order)
		return order
	}
	if !back().Back {
		t.Error("the worker is not told")
	}
	if err := in.rdb.Del(t.Context(), in.keys.Drains()).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "Redis says it again", func() bool { return back().Back })
	becomes(false, stays) // it obeys
	in.waitState(e, id, "completed", time.Minute)
	if _, err := e.Drain(t.Context(), engine.DrainCommand{Worker: "stays", Stay: true, Reason: "again"}); err != nil {
		t.Fatal(err)
	}
	if order := back(); order.Back || !order.Stay {
		t.Errorf("it is drained anew, and reads %+v", order)
	}
	in.checkInvariants(t)
}

// The name of a worker that speaks HTTP is the same in its next life, which nobody has drained.
func TestTheDrainOfAWorkerOverHTTPEndsWithIt(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.obedient("http:test:leaves", 0, echo)
	dies := in.obedient("http:test:dies", 0, echo)
	e := in.engine(func(c *engine.Config) { c.SilentAfter = 6 * time.Second })
	eventually(t, 30*time.Second, "both are known", func() bool { return len(workersOf(t, e)) == 2 })
	if _, err := e.Drain(t.Context(), engine.DrainCommand{Pool: "test", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := e.LeftDrained(t.Context(), "http:test:leaves"); err != nil {
		t.Fatal(err)
	}
	if e.Drained("http:test:leaves") || !e.Drained("http:test:dies") {
		t.Error("leaving ends the one order, and no other")
	}
	dies.dead.Store(true)
	eventually(t, time.Minute, "its death ends the order", func() bool { return !e.Drained("http:test:dies") })
}

// A worker that drains holds its tasks for long; a flush of Redis, which takes its beat away, is not its leaving.
func TestAFlushIsNoLeavingOfADrainingWorker(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	release := make(chan struct{})
	w := in.obedient("w1", 1, func(ctx context.Context, task *wire.Task) *wire.Report {
		<-release
		return echo(ctx, task)
	})
	e := in.engine(func(c *engine.Config) { c.SilentAfter = time.Minute })
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	eventually(t, 30*time.Second, "it runs", func() bool { return workersOf(t, e)["w1"].Busy == 1 })
	w.drains.Store(true)
	eventually(t, 30*time.Second, "it drains, and Redis has a generation", func() bool {
		return workersOf(t, e)["w1"].Draining && in.rdb.Exists(t.Context(), in.keys.Generation()).Val() == 1
	})
	w.dead.Store(true) // it does not write its beat again for a while
	if err := in.rdb.Del(t.Context(), in.keys.Workers(), in.keys.Generation()).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "the engine has seen the flush", func() bool { return in.rdb.Exists(t.Context(), in.keys.Generation()).Val() == 1 })
	for began := time.Now(); time.Since(began) < 3*time.Second; { // three readings of the beats
		if _, there := workersOf(t, e)["w1"]; !there {
			t.Fatal("a flush is taken for its leaving")
		}
		<-time.After(50 * time.Millisecond)
	}
	w.dead.Store(false)
	close(release)
	in.waitState(e, id, "completed", 30*time.Second)
	if n := in.count(`SELECT count(*) FROM event, json_array_elements(body) c WHERE c->>'kind' = 'task' AND c->>'state' = 'ready'`); n != 0 {
		t.Errorf("the task was taken from the worker that has it")
	}
}

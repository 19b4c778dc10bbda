package engine_test

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// startMany starts n processes side by side.
func (in *installation) startMany(e *engine.Engine, n int, key string) {
	in.t.Helper()
	var group sync.WaitGroup
	var started atomic.Int64
	for range 16 {
		group.Go(func() {
			for started.Add(1) <= int64(n) {
				if _, err := e.StartProcess(context.Background(), engine.StartCommand{DefinitionKey: key, CustomID: "many"}); err != nil {
					in.t.Errorf("start: %v", err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestKilledWorkersTasksRunElsewhereWithin15Seconds(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(2))
	began := make(chan struct{}, 10)
	first := in.worker("victim", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		began <- struct{}{}
		<-ctx.Done()
		return nil
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	<-began
	eventually(t, 5*time.Second, "the victim's beat tells what it holds", func() bool { return e.Holds("victim") == 1 })
	first.kill()
	killed := time.Now()
	in.worker("heir", "test", 4, echo)
	in.waitState(e, id, "completed", 20*time.Second)
	if took := time.Since(killed); took > 15*time.Second {
		t.Errorf("ended %s after the kill", took)
	}
	in.checkInvariants(t)
	tasks, _, err := e.Tasks(t.Context(), id, engine.TaskFilter{})
	if err != nil {
		t.Fatal(err)
	}
	task, err := e.Task(t.Context(), id, tasks[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(task.Attempts) != 2 || task.Attempts[0].Outcome != "lost" || task.Attempts[0].Worker != "victim" || task.Attempts[1].Worker != "heir" || task.Attempts[1].Attempt != 1 {
		t.Errorf("attempts %+v", task.Attempts)
	}
}

// TestTheWorkOfADeadWorkerGoesFirst has so much waiting that both the queue and the backlog are full: what a worker had when it died
// must not queue up behind it.
func TestTheWorkOfADeadWorkerGoesFirst(t *testing.T) {
	t.Parallel()
	const had, slots = 40, 4 // more than the feeder's share of those that go ahead
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	victim := in.worker("victim", "test", had, func(ctx context.Context, _ *wire.Task) *wire.Report {
		<-ctx.Done()
		return nil
	})
	e := in.engine()
	in.startMany(e, had, "chain")
	eventually(t, 20*time.Second, "the victim has its hands full", func() bool { return e.Holds("victim") == had })
	var mu sync.Mutex
	var begun []string
	release := make(chan struct{})
	in.worker("heir", "test", slots, func(ctx context.Context, task *wire.Task) *wire.Report {
		mu.Lock()
		begun = append(begun, task.Task)
		mu.Unlock()
		<-release
		return echo(ctx, task)
	})
	soFar := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(begun)
	}
	in.startMany(e, 400, "chain")
	eventually(t, 20*time.Second, "many wait in the backlog", func() bool { return soFar() == slots && in.count(`SELECT count(*) FROM backlog`) > 100 })
	victim.kill()
	eventually(t, 20*time.Second, "all that it had is in the lane that is served first", func() bool {
		return in.count(`SELECT count(*) FROM attempt a JOIN dispatch d USING (process_id, task_id) WHERE a.outcome = 'lost' AND d.lane = 'urgent'`) == had
	})
	close(release)
	eventually(t, time.Minute, "all end", func() bool { return in.count(`SELECT count(*) FROM process_live`) == 0 })
	mu.Lock()
	defer mu.Unlock()
	first := in.count(`SELECT count(*) FROM attempt WHERE outcome = 'lost' AND task_id = ANY($1::uuid[])`, begun[slots:slots+had])
	if first != had {
		t.Errorf("%d of the %d tasks that the dead worker had were the next to run", first, had)
	}
	in.checkInvariants(t)
}

// The predecessor lost a task that was taken but not yet marked for an hour.
func TestDefect_TaskTakenButNotYetMarkedIsNotLost(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	began := make(chan struct{}, 10)
	var victim *worker
	victim = in.worker("victim", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		victim.kill() // before its next beat
		began <- struct{}{}
		<-ctx.Done()
		return nil
	})
	victim.mute.Store(true)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	<-began
	killed := time.Now()
	in.worker("heir", "test", 4, echo)
	in.waitState(e, id, "completed", 20*time.Second)
	if took := time.Since(killed); took > 15*time.Second {
		t.Errorf("ended %s after the kill", took)
	}
	in.checkInvariants(t)
}

// Clearing a queue left the predecessor's processes hanging.
func TestDefect_LostQueuesAreRebuilt(t *testing.T) {
	in := newInstallation(t) // not parallel: a flush hits every test on this Redis
	in.versions.publish("chain", chain(10))
	var done atomic.Int64
	in.worker("w1", "test", 64, func(ctx context.Context, task *wire.Task) *wire.Report {
		done.Add(1)
		return echo(ctx, task)
	})
	e := in.engine()
	in.startMany(e, 100, "chain")
	eventually(t, 20*time.Second, "some tasks are done", func() bool { return done.Load() > 200 })
	if err := in.rdb.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	in.allEnded(60 * time.Second)
	in.checkInvariants(t)
	if n := in.count(`SELECT count(*) FROM process WHERE state = 'completed'`); n != 100 {
		t.Errorf("%d of 100 completed", n)
	}
	if n := in.count(`SELECT count(*) FROM output`); n != 1000 {
		t.Errorf("%d outputs instead of 1000", n)
	}
}

func TestServerKilledInTheMiddleOf300ChainsLosesNothing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(10))
	var done atomic.Int64
	in.worker("w1", "test", 64, func(ctx context.Context, task *wire.Task) *wire.Report {
		done.Add(1)
		return echo(ctx, task)
	})
	first := in.engine()
	in.startMany(first, 300, "chain")
	eventually(t, 30*time.Second, "some tasks are done", func() bool { return done.Load() > 900 })
	first.Crash()
	second := in.engine()
	in.allEnded(90 * time.Second)
	in.checkInvariants(t)
	if n := in.count(`SELECT count(*) FROM process WHERE state = 'completed'`); n != 300 {
		t.Errorf("%d of 300 completed", n)
	}
	if n := in.count(`SELECT count(*) FROM output`); n != 3000 {
		t.Errorf("%d outputs instead of 3000", n)
	}
	_ = second
}

// Redis holds for delivered what it sent into a connection that broke: nobody read it.
func TestResultsThatWereDeliveredAndNeverArrivedAreReadAgain(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(5))
	in.worker("w1", "test", 16, echo)
	e := in.engine(func(c *engine.Config) { c.ID, c.LeaseTTL = "reader", time.Minute })
	streams := make([]string, 0, 2*wire.Shards)
	for shard := range wire.Shards {
		streams = append(streams, in.keys.Results(shard))
	}
	for range wire.Shards {
		streams = append(streams, ">")
	}
	var stolen atomic.Int64
	thief, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		for thief.Err() == nil && stolen.Load() < 40 {
			read, err := in.rdb.XReadGroup(thief, &redis.XReadGroupArgs{Group: wire.Group, Consumer: "reader", Streams: streams, Count: 4, Block: 50 * time.Millisecond}).Result()
			if err != nil {
				continue
			}
			for _, s := range read {
				stolen.Add(int64(len(s.Messages)))
			}
		}
	})
	in.startMany(e, 60, "chain")
	in.allEnded(30 * time.Second)
	stop()
	group.Wait()
	if stolen.Load() < 10 {
		t.Errorf("only %d results were lost on the way", stolen.Load())
	}
	if n := in.count(`SELECT count(*) FROM attempt WHERE outcome <> 'completed'`); n != 0 {
		t.Errorf("%d tasks ran again", n)
	}
	in.checkInvariants(t)
}

func TestTwoEnginesShareTheWork(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(5))
	in.worker("w1", "test", 64, echo)
	a, b := in.engine(), in.engine()
	eventually(t, 10*time.Second, "both hold shards", func() bool {
		return in.count(`SELECT count(DISTINCT owner) FROM shard_lease WHERE expires_at > now()`) == 2
	})
	in.startMany(a, 60, "chain")
	in.startMany(b, 60, "chain")
	in.allEnded(60 * time.Second)
	in.checkInvariants(t)
	if a.Stats().Entries == 0 || b.Stats().Entries == 0 {
		t.Errorf("entries %d and %d", a.Stats().Entries, b.Stats().Entries)
	}
}

// A backlog waits in PostgreSQL while nobody serves the pool, and says so.
func TestBacklogWaitsForWorkersAndSaysSo(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(2))
	e := in.engine()
	in.startMany(e, 90, "chain")
	if n := in.count(`SELECT count(*) FROM backlog`); n != 90 {
		t.Fatalf("%d of 90 tasks are in the backlog", n)
	}
	rows, _, err := e.Search(t.Context(), engine.Filter{CustomID: "many", Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatalf("search: %d, %v", len(rows), err)
	}
	tasks, _, err := e.Tasks(t.Context(), rows[0].ID, engine.TaskFilter{})
	if err != nil || len(tasks) != 1 || tasks[0].State != "ready" || tasks[0].Why == nil || tasks[0].Why.Code != engine.WhyNoWorker {
		t.Fatalf("tasks %+v, %v", tasks, err)
	}
	pools, err := e.Pools(t.Context())
	if err != nil || len(pools) != 1 || pools[0].Backlog != 90 {
		t.Fatalf("pools %+v, %v", pools, err)
	}
	in.worker("w1", "test", 16, echo)
	in.allEnded(30 * time.Second)
	in.checkInvariants(t)
}

// A worker that is stopped before it took any work leaves behind since when nobody serves its pool.
func TestAPoolWhoseOnlyWorkerNeverWorkedSaysSinceWhenNobodyServesIt(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	e := in.engine()
	beat := wire.Beat{V: wire.Version, Worker: "short", Pool: "brief", Seq: 1, Slots: 2, Waiting: true}
	say := func() {
		body, err := json.Marshal(beat)
		if err != nil {
			t.Fatal(err)
		}
		if err := in.rdb.HSet(t.Context(), in.keys.Workers(), beat.Worker, body).Err(); err != nil {
			t.Fatal(err)
		}
	}
	pool := func() engine.PoolView {
		pools, err := e.Pools(t.Context())
		if err != nil || len(pools) != 1 {
			return engine.PoolView{}
		}
		return pools[0]
	}
	say()
	eventually(t, 30*time.Second, "the worker to be seen", func() bool { return len(pool().Workers) == 1 })
	beat.Seq, beat.Draining = 2, true
	say()
	eventually(t, 30*time.Second, "the worker to be seen draining", func() bool { return len(pool().Workers) == 1 && pool().Workers[0].Draining })
	if err := in.rdb.HDel(t.Context(), in.keys.Workers(), beat.Worker).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "nobody to serve the pool", func() bool { return pool().NoWorkerSince != nil })
}

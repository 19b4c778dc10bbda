package chaos_test

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/devstack"
)

const (
	elsewhere = 15 * time.Second // within which the work of a dead worker runs on another
)

// fault is something that fails while processes are under way.
type fault struct {
	skip    func(t *testing.T)                               // says why the fault cannot be made here
	before  func(*faulty, *testing.T) func(*devstack.Config) // says how PostgreSQL is to run
	prepare func(*faulty)                                    // before anything of the product runs
	worker  func(*faulty, int)                               // starts worker number i; default: on this machine
	strike  func(*faulty)                                    // in the middle; it returns when the fault is over
	check   func(*faulty)                                    // what holds besides, once all has ended
	loses   bool                                             // attempts may be lost with whoever had them
	errors  bool                                             // servers may log errors: what a client was told is one of the server
}

var faults = map[string]fault{
	"AWorkerIsKilled": {
		loses: true,
		strike: func(f *faulty) {
			f.workers[0].kill()
			f.startWorker(2)
		},
		check: func(f *faulty) { f.ranElsewhere() },
	},
	"AWorkerStandsStill": {
		loses: true,
		strike: func(f *faulty) {
			f.standStill(f.workers[0], f.span(30*time.Second, 13*time.Second))
		},
		check: func(f *faulty) {
			f.ranElsewhere()
			if n := f.count(`SELECT count(*) FROM attempt WHERE outcome = 'lost' AND ended_at > $1::timestamptz + $2 * interval '1 second'`, f.from, (elsewhere).Seconds()); n != 0 {
				f.t.Errorf("%d attempts were lost after the worker was back", n)
			}
		},
	},
	"AServerIsKilled": {
		strike: func(f *faulty) {
			f.servers[0].kill()
			f.wait(f.span(10*time.Second, time.Second))
			f.startServer(0, f.binary)
			f.serverReady(0)
		},
	},
	"EveryServerStandsStill": {
		strike: func(f *faulty) {
			f.standStill(f.servers[0], 0)
			f.standStill(f.servers[1], f.span(30*time.Second, 12*time.Second))
			f.servers[0].signal(syscall.SIGCONT)
		},
		check: (*faulty).noStorm,
	},
	"TheFeedersOwnerIsKilled": {
		strike: func(f *faulty) {
			owner := f.feeder()
			f.servers[owner].kill()
			f.eventually(elsewhere, "the other server feeds", func() bool { return f.feeder() == 1-owner })
			f.startServer(owner, f.binary)
			f.serverReady(owner)
		},
	},
	"TheFeedersOwnerStandsStill": {
		strike: func(f *faulty) {
			f.standStill(f.servers[f.feeder()], f.span(30*time.Second, 8*time.Second))
		},
		check: (*faulty).noStorm,
	},
	"RedisStandsStill": {
		strike: func(f *faulty) {
			f.redisStandsStill(f.span(30*time.Second, 6*time.Second))
		},
		loses: true,
		check: func(f *faulty) {
			// A task that Redis gave into a connection that its worker had given up is with nobody: one for each reader at most.
			if n := f.outcomes()["lost"]; n > 2*f.slots/8 {
				f.t.Errorf("%d tasks ran again though their workers were well", n)
			}
			if n := f.count(`SELECT count(*) FROM attempt WHERE outcome = 'lost' AND worker <> ''`); n != 0 {
				f.t.Errorf("%d attempts were lost with workers that were well", n)
			}
		},
	},
	"RedisIsRestartedEmpty": {
		strike: func(f *faulty) {
			f.store.Stop()
			f.wait(f.span(30*time.Second, 3*time.Second))
			f.startRedis()
		},
	},
	"RedisIsFlushedAgainAndAgain": {
		strike: func(f *faulty) {
			for range 3 {
				f.must(f.redis.FlushAll(f.t.Context()).Err())
				f.wait(f.span(30*time.Second, 2*time.Second))
			}
		},
	},
	"RedisIsReplacedByAStaleCopy": {
		strike: func(f *faulty) {
			f.must(f.redis.Save(f.t.Context()).Err())
			f.wait(f.span(20*time.Second, 2*time.Second))
			f.store.Stop() // keeps nothing of what came since
			f.startRedis()
		},
	},
	"PostgresGoesAwayAgainAndAgain": {
		errors: true,
		strike: func(f *faulty) {
			for i := range 4 {
				f.postgres.Stop()
				f.wait(time.Duration(i) * 2 * time.Second / 3)
				f.startPostgres()
				f.wait(f.span(time.Duration(5+10*i)*time.Second, time.Second))
			}
		},
	},
	"TheNetworkBetweenAWorkerAndRedisIsCut": {
		loses: true,
		skip:  needsNamespaces,
		worker: func(f *faulty, i int) {
			if i == 0 {
				f.startBehindACable(i)
			} else {
				f.startWorker(i)
			}
		},
		strike: func(f *faulty) {
			f.cable.pull(f.t, true)
			f.wait(f.span(30*time.Second, 13*time.Second))
			f.cable.pull(f.t, false)
		},
		check: (*faulty).ranElsewhere,
	},
	"ResultsAreDoubledReorderedAndLate": {
		loses:   true,
		prepare: (*faulty).startCourier,
		worker:  func(f *faulty, i int) { f.startWorker(i, f.through(f.line)...) },
		strike:  func(f *faulty) { f.wait(f.span(30*time.Second, 5*time.Second)) },
		check: func(f *faulty) {
			if f.courier.doubled.Load() == 0 || f.courier.late.Load() == 0 {
				f.t.Errorf("%d results were doubled, %d late: that proves nothing", f.courier.doubled.Load(), f.courier.late.Load())
			}
		},
	},
	"TheDatabasesClockJumps": {
		skip: needsClock,
		before: func(f *faulty, t *testing.T) func(*devstack.Config) {
			f.clock = newClock(t)
			return f.clock.config
		},
		strike: func(f *faulty) {
			for _, off := range []time.Duration{time.Hour, 0, -time.Hour, 0} {
				f.clock.set(f.t, off)
				f.eventually(5*time.Second, "PostgreSQL's clock has jumped", func() bool {
					return f.count(`SELECT abs(extract(epoch FROM clock_timestamp() - $1::timestamptz))::int`, time.Now().Add(off)) < 60
				})
				f.wait(f.span(20*time.Second, 2*time.Second))
			}
		},
		check: (*faulty).noStorm,
	},
	"TheServersClocksJump": {
		skip: func(t *testing.T) {
			if os.Getenv("TASKUROTTA_FAULTS") == "" {
				t.Skip("another clock for a server needs another build of the standard library: make drill does it")
			}
		},
		prepare: func(f *faulty) {
			f.binary = withJumpingClock(f.t)
			jumps := "DRILL_CLOCK=20s,240h"
			for i := range 20 {
				jumps += fmt.Sprintf(",%ds,%dh", 40+20*i, 240*(i%2*2-1)) // ahead, and right again
			}
			f.environ = append(f.environ, jumps)
		},
		strike: func(f *faulty) {
			for _, off := range []time.Duration{240 * time.Hour, 0} {
				f.eventually(90*time.Second, "the servers' clocks have jumped", func() bool {
					return (f.serverClock(0)-off).Abs() < time.Minute && (f.serverClock(1)-off).Abs() < time.Minute
				})
			}
		},
		check: func(f *faulty) {
			f.noStorm()
			if n := f.count(`SELECT count(*) FROM process WHERE abs(extract(epoch FROM created_at) - ('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000) > 10`); n != 0 {
				f.t.Errorf("the ids of %d processes begin with the time of a clock that was wrong", n)
			}
		},
	},
	"ServersAndWorkersAreReplacedOneByOneByTheNextRelease": {
		strike: func(f *faulty) {
			next := built(f.t, "taskurotta-next", command, "-ldflags", "-s -w -X main.version=next")
			expand(f.product) // the schema of the next release, under the present one
			for i := range f.servers {
				f.servers[i].quit()
				f.startServer(i, next)
				f.serverReady(i)
			}
			for i := range 2 {
				f.startWorker(2 + i)
				f.workers[i].quit()
			}
		},
		check: func(f *faulty) {
			if n := f.count(`SELECT count(*) FROM attempt WHERE outcome NOT IN ('completed', 'handed_back')`); n != 0 {
				f.t.Errorf("%d attempts were not just handed back: %v", n, f.outcomes())
			}
			if n := f.count(`SELECT count(*) FROM task WHERE attempt > 1`); n != 0 {
				f.t.Errorf("%d tasks used an attempt for a replaced worker", n)
			}
		},
	},
	"TheDatabasesDiskIsFull": {
		errors: true,
		skip:   needsDisk,
		before: func(f *faulty, t *testing.T) func(*devstack.Config) {
			f.disk = newDisk(t, 600)
			return func(config *devstack.Config) { config.Dir = f.disk.folder }
		},
		strike: func(f *faulty) {
			f.disk.fill(f.t)
			f.wait(f.span(30*time.Second, 8*time.Second))
			f.disk.free(f.t)
			if err := f.db.Ping(f.t.Context()); err != nil { // it gave up: whoever made room starts it again
				f.postgres.Stop()
				f.startPostgres()
			}
		},
	},
}

func TestFaults(t *testing.T) {
	size, long := 80, false
	if told := os.Getenv("TASKUROTTA_FAULTS"); told != "" {
		var err error
		if size, err = strconv.Atoi(told); err != nil || size < 1 {
			t.Fatalf("TASKUROTTA_FAULTS is %q, not a number of processes", told)
		}
		long = true
	}
	for name, one := range faults {
		t.Run(name, func(t *testing.T) {
			if !long {
				t.Parallel() // the drill measures: one after the other
			}
			if one.skip != nil {
				one.skip(t)
			}
			one.run(t, size, long)
		})
	}
}

// run starts the processes, strikes when a quarter of their tasks are done, and asks for every one of them at the end.
func (one fault) run(t *testing.T, size int, long bool) {
	f := &faulty{size: size, long: long}
	f.work, f.slots = f.span(2*time.Second, 250*time.Millisecond), 48
	if long {
		f.slots = 256
	}
	var change []func(*devstack.Config)
	if one.before != nil {
		change = append(change, one.before(f, t))
	}
	f.product = newProduct(t, long, change...)
	if one.prepare != nil {
		one.prepare(f)
	}
	t.Cleanup(f.tellWhatIsLeft)
	f.serve(2)
	for i := range 2 {
		if one.worker != nil {
			one.worker(f, i)
		} else {
			f.startWorker(i)
		}
	}
	f.publish()
	began := time.Now()
	var starts sync.WaitGroup
	there := make(chan struct{})
	starts.Go(func() { f.startAll(size, there) })
	f.eventually(2*time.Minute, "a quarter of the tasks is done", func() bool {
		return f.count(`SELECT count(*) FROM task WHERE state = 'completed'`) >= size*tasksEach/4
	})
	f.must(f.db.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&f.from))
	struck := time.Now()
	close(there)
	one.strike(f)
	lasted := time.Since(struck)
	live := f.count(`SELECT count(*) FROM process_live`)
	starts.Wait()
	f.eventually(3*time.Minute, "every process has ended", func() bool {
		return t.Failed() || f.count(`SELECT count(*) FROM process_live`) == 0
	})
	took := time.Since(began)
	f.eventually(30*time.Second, "the results are all taken in", func() bool { return t.Failed() || f.streamsAreEmpty() })
	f.verdict(size)
	outcomes := f.outcomes()
	if !one.loses && outcomes["timeout"]+outcomes["failed"] > 0 {
		t.Errorf("attempts failed by a fault that is not theirs: %v", outcomes)
	}
	if again := f.count(`SELECT COALESCE(max(epoch), 0) FROM task`); again > 12 {
		t.Errorf("a task was sent %d times", again)
	}
	if one.check != nil {
		one.check(f)
	}
	if !one.errors {
		f.noErrorLogged()
	}
	t.Logf("%d processes, %s in all, the fault lasted %s with %d processes left, attempts %v", size, took.Round(time.Second), lasted.Round(time.Second), live, outcomes)
}

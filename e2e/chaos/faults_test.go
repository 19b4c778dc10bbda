package chaos_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/devstack"
	"github.com/taskurotta/taskurotta-go/workers/wire"
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

// faulty is an installation under a fault. Its times are those of the long drill or of the short test.
type faulty struct {
	*product
	size    int
	long    bool
	workers []*program
	slots   int // of each of the two workers
	work    time.Duration
	from    time.Time // of PostgreSQL, right before the strike

	line    *line      // between the workers and Redis
	courier *courier   // of what comes over the line
	cable   *namespace // of the first worker
	clock   *clock     // of PostgreSQL
	disk    *disk      // PostgreSQL's
}

// span is how long something lasts: in the drill, in the short test.
func (f *faulty) span(long, short time.Duration) time.Duration {
	if f.long {
		return long
	}
	return short
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

// tellWhatIsLeft says after a failure what still moves and what the servers last said.
func (f *faulty) tellWhatIsLeft() {
	if !f.t.Failed() {
		return
	}
	ctx := context.Background()
	for _, query := range []string{
		`SELECT 'task ' || state, count(*) FROM task GROUP BY 1`, `SELECT 'process ' || state, count(*) FROM process GROUP BY 1`,
		`SELECT 'in the window, of epoch ' || epoch, count(*) FROM dispatch GROUP BY 1`, `SELECT 'in the backlog', count(*) FROM backlog`,
		`SELECT 'timer ' || kind, count(*) FROM timer GROUP BY 1`, `SELECT 'shards of ' || owner, count(*) FROM shard_lease WHERE expires_at > now() GROUP BY 1`,
	} {
		rows, err := f.db.Query(ctx, query)
		if err != nil {
			f.t.Log(err)
			return
		}
		for rows.Next() {
			var what string
			var n int
			if rows.Scan(&what, &n) == nil && n > 0 {
				f.t.Log(what, n)
			}
		}
		rows.Close()
	}
	for shard := range wire.Shards {
		stream := f.keys.Results(shard)
		if n, _ := f.redis.XLen(ctx, stream).Result(); n > 0 {
			groups, err := f.redis.XInfoGroups(ctx, stream).Result()
			f.t.Log(stream, n, groups, err)
		}
	}
	for _, log := range f.logs {
		if raw, err := os.ReadFile(log); err == nil {
			f.t.Logf("%s ends with\n%s", log, raw[max(0, len(raw)-4000):])
		}
	}
}

func (f *faulty) startWorker(i int, more ...string) {
	f.t.Helper()
	f.workers = append(f.workers, f.run(fmt.Sprintf("worker-%d.log", i+1), f.worker, more, "-work", f.work.String(), "-slots", strconv.Itoa(f.slots)))
}

func (f *faulty) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// wait lets the fault last.
func (f *faulty) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-f.t.Context().Done():
	}
}

// standStill stops a process with SIGSTOP and lets it go on later; with no time it stays so.
func (f *faulty) standStill(r *program, d time.Duration) {
	f.t.Helper()
	r.signal(syscall.SIGSTOP)
	if d > 0 {
		f.wait(d)
		r.signal(syscall.SIGCONT)
	}
}

func (f *faulty) redisStandsStill(d time.Duration) {
	f.t.Helper()
	info, err := f.redis.InfoMap(f.t.Context(), "server").Result()
	f.must(err)
	pid, err := strconv.Atoi(info["Server"]["process_id"])
	f.must(err)
	f.must(syscall.Kill(pid, syscall.SIGSTOP))
	f.wait(d)
	f.must(syscall.Kill(pid, syscall.SIGCONT))
}

func (f *faulty) startRedis() {
	f.t.Helper()
	f.must(f.store.Start(f.t.Context()))
}

func (f *faulty) startPostgres() {
	f.t.Helper()
	f.must(f.postgres.Start(f.t.Context()))
}

// serverClock is how far the clock of server number i is off.
func (f *faulty) serverClock(i int) time.Duration {
	f.t.Helper()
	response, err := http.Get("http://" + f.listen[i] + "/healthz")
	f.must(err)
	f.must(response.Body.Close())
	date, err := http.ParseTime(response.Header.Get("Date"))
	f.must(err)
	return time.Until(date)
}

// feeder is the number of the server that leads the feeding, -1 while none does.
func (f *faulty) feeder() int {
	f.t.Helper()
	var owner string
	f.must(f.db.QueryRow(f.t.Context(), `SELECT COALESCE((SELECT owner FROM leader_lease WHERE name = 'feeder' AND expires_at > clock_timestamp()), '')`).Scan(&owner))
	for i, server := range f.servers {
		if strings.Contains(owner, "-"+strconv.Itoa(server.process.Pid)+"-") {
			return i
		}
	}
	return -1
}

// outcomes counts the attempts that did not simply complete.
func (f *faulty) outcomes() map[string]int {
	f.t.Helper()
	rows, err := f.db.Query(f.t.Context(), `SELECT COALESCE(outcome, 'open'), count(*) FROM attempt GROUP BY 1`)
	f.must(err)
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var outcome string
		var n int
		f.must(rows.Scan(&outcome, &n))
		if outcome != "completed" {
			out[outcome] = n
		}
	}
	f.must(rows.Err())
	return out
}

// noStorm asks that a stall made nobody run anything again.
func (f *faulty) noStorm() {
	f.t.Helper()
	if n := f.count(`SELECT count(*) FROM attempt WHERE outcome IN ('lost', 'timeout', 'handed_back')`); n != 0 {
		f.t.Errorf("%d tasks ran again though their workers were well: %v", n, f.outcomes())
	}
}

// ranElsewhere asks that what the first worker had was lost with it, and ran on another in time.
func (f *faulty) ranElsewhere() {
	f.t.Helper()
	lost := f.count(`SELECT count(*) FROM attempt WHERE outcome = 'lost'`)
	if lost == 0 {
		f.t.Error("no attempt was lost: the strike proves nothing")
	}
	if n := f.count(`SELECT count(*) FROM attempt WHERE outcome = 'lost' AND ended_at - $1::timestamptz > interval '15 seconds'`, f.from); n != 0 {
		f.t.Errorf("%d of %d lost attempts were noticed late", n, lost)
	}
	late := f.count(`SELECT count(*) FROM task t WHERE EXISTS (SELECT 1 FROM attempt a WHERE a.process_id = t.process_id AND a.task_id = t.id AND a.outcome = 'lost')
		AND t.started_at - $1::timestamptz > interval '15 seconds'`, f.from)
	if late != 0 {
		f.t.Errorf("%d of %d lost tasks ran elsewhere only after %s", late, lost, elsewhere)
	}
	if n := f.count(`SELECT count(*) FROM attempt WHERE outcome = 'lost' AND worker <> '' AND worker NOT LIKE '%-' || $1::text || '-%'`, strconv.Itoa(f.workers[0].process.Pid)); n != 0 {
		f.t.Errorf("%d attempts were lost with a worker that was well", n)
	}
}

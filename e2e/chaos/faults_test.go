package chaos_test

import (
	"context"
	"fmt"
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
	slots     = 48               // of each of the two workers
)

// fault is something that fails while processes are under way.
type fault struct {
	servers int // default 2
	config  func(*devstack.Config)
	skip    func(t *testing.T) // says why the fault cannot be made here
	prepare func(*faulty)      // before anything runs
	strike  func(*faulty)      // in the middle; it returns when the fault is over
	check   func(*faulty)      // what holds besides, once all has ended
	work    time.Duration      // an attempt takes up to so long; default so that the run lasts longer than the fault
	worker  func(*faulty, int) // starts worker number i; default on this machine
	loses   bool               // attempts may be lost with whoever had them
}

// faulty is an installation under a fault. Its times are those of the long drill or of the short test.
type faulty struct {
	*product
	size    int
	long    bool
	workers []*program
	work    time.Duration
	from    time.Time // of PostgreSQL, right before the strike
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
		check: (*faulty).noStorm,
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
		strike: func(f *faulty) {
			for i := range 4 {
				f.postgres.Stop()
				f.wait(time.Duration(i) * 2 * time.Second / 3)
				f.startPostgres()
				f.wait(f.span(time.Duration(5+10*i)*time.Second, time.Second))
			}
		},
	},
}

func TestFaults(t *testing.T) {
	size, long := 150, false
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
	var change []func(*devstack.Config)
	if one.config != nil {
		change = append(change, one.config)
	}
	f := &faulty{product: newProduct(t, long, change...), size: size, long: long, work: one.work}
	if one.servers == 0 {
		one.servers = 2
	}
	if f.work == 0 {
		f.work = f.span(2*time.Second, 250*time.Millisecond)
	}
	if one.prepare != nil {
		one.prepare(f)
	}
	t.Cleanup(f.tellWhatIsLeft)
	f.serve(one.servers)
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
	starts.Go(func() { f.startAll(size, true) })
	f.eventually(2*time.Minute, "a quarter of the tasks is done", func() bool {
		return f.count(`SELECT count(*) FROM task WHERE state = 'completed'`) >= size*tasksEach/4
	})
	f.must(f.db.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&f.from))
	struck := time.Now()
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
	f.workers = append(f.workers, f.run(fmt.Sprintf("worker-%d.log", i+1), f.worker, more, "-work", f.work.String(), "-slots", strconv.Itoa(slots)))
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

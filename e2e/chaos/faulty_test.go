package chaos_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

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

package pgstore_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// BenchmarkCommit is the hot path's commit alone, without Redis and the interpreter: results of chains of ten tasks, so many in
// one transaction. It tells what a result costs this program and PostgreSQL, in processor time and in bytes of log.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 16, 128} {
		b.Run(strconv.Itoa(size), func(b *testing.B) { benchmarkCommit(b, size) })
	}
}

const benchDocument = `{"document":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}`

func benchmarkCommit(b *testing.B, size int) {
	const steps = 10
	s, db := open(b)
	chains := func() (ids []string, tasks []*pgstore.Task) {
		tx, _ := begin(b, s)
		w := &pgstore.Write{}
		for i := range size {
			process, _ := add(w, "d", flow.TaskQueued)
			ids = append(ids, process)
			w.NewTasks[i].Input = []byte(benchDocument)
			w.Queue = append(w.Queue, pgstore.Message{Process: process, Task: w.NewTasks[i].ID, Epoch: 1, Pool: "default", NodeType: "demo.noop@1", Definition: "d", Priority: 3})
		}
		commit(b, tx, w)
		return ids, w.NewTasks
	}
	ids, tasks := chains()
	spent := measure(b, db)
	for n := range b.N {
		if n%steps == steps-1 {
			b.StopTimer()
			paused := spent.pause()
			ids, tasks = chains()
			paused()
			b.StartTimer()
		}
		tx, roots := begin(b, s, ids...)
		if len(roots) != size {
			b.Fatal(len(roots))
		}
		w := &pgstore.Write{}
		for i := range ids { // the roots come in the order of the ids
			tasks[i] = completeChain(w, roots[i], tasks[i])
		}
		commit(b, tx, w)
	}
	spent.report(b.N * size)
}

// completeChain writes what the engine writes when a task of a chain has ended.
func completeChain(w *pgstore.Write, root pgstore.Root, from *pgstore.Task) *pgstore.Task {
	const worker = "host-12345-abcdef"
	next := complete(w, root, from)
	next.Input, next.NodeType, next.Pool = []byte(benchDocument), "demo.noop@1", "default"
	ended := &w.Tasks[len(w.Tasks)-1]
	ms, started := int64(12), time.Now()
	ended.QueuedMS = &ms
	ended.Task.Worker, ended.StartedAt, ended.FirstStartedAt = worker, &started, &started
	process, node, edge := root.Process, "n"+strconv.Itoa(from.Run), fmt.Sprintf("n%d_n%d", from.Run, next.Run)
	w.Events[len(w.Events)-1].Changes = []flow.Change{
		{Kind: "task", Task: from.ID, Node: node, Run: 1, Scope: process, State: "completed", Attempt: 1, Epoch: 1, Worker: worker},
		{Kind: "edge", Node: node, Scope: process, Edge: edge},
		{Kind: "task", Task: next.ID, Node: "n" + strconv.Itoa(next.Run), Run: 1, Scope: process, State: "queued", Attempt: 1, Epoch: 1},
	}
	w.NodeOut[len(w.NodeOut)-1].Body = []byte(benchDocument)
	message := &w.Queue[len(w.Queue)-1]
	message.Pool, message.NodeType, message.Fresh = "default", "demo.noop@1", true
	return next
}

// meter sums what a benchmark costs beside the time on the clock.
type meter struct {
	b        *testing.B
	db       *pgxpool.Pool
	backends []string // /proc/PID/stat of the hot connections
	own      time.Duration
	server   time.Duration
	log      float64
}

func measure(b *testing.B, db *pgxpool.Pool) *meter {
	b.Helper()
	m := &meter{b: b, db: db}
	rows, err := db.Query(context.Background(), `SELECT '/proc/' || pid || '/stat' FROM pg_stat_activity WHERE application_name = 'taskurotta-hot' AND datname = current_database()`)
	if err != nil {
		b.Fatal(err)
	}
	if m.backends, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	m.resume()
	return m
}

// read returns the processor time of this program and of the server's connections, and the bytes of log.
func (m *meter) read() (own, server time.Duration, log float64) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		m.b.Fatal(err)
	}
	own = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	for _, file := range m.backends {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // not Linux
		}
		fields := strings.Fields(string(raw)[strings.LastIndexByte(string(raw), ')')+1:])
		for _, field := range fields[11:13] {
			ticks, _ := strconv.ParseInt(field, 10, 64)
			server += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	if err := m.db.QueryRow(context.Background(), `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8`).Scan(&log); err != nil {
		m.b.Fatal(err)
	}
	return own, server, log
}

func (m *meter) resume() {
	own, server, log := m.read()
	m.own, m.server, m.log = m.own-own, m.server-server, m.log-log
}

// pause leaves out what happens until the function that it returns is called.
func (m *meter) pause() (resume func()) {
	own, server, log := m.read()
	m.own, m.server, m.log = m.own+own, m.server+server, m.log+log
	return m.resume
}

func (m *meter) report(results int) {
	m.pause()
	n := float64(results)
	m.b.ReportMetric(float64(m.b.Elapsed().Microseconds())/n, "µs/result")
	m.b.ReportMetric(float64(m.own.Microseconds())/n, "own-µs/result")
	m.b.ReportMetric(float64(m.server.Microseconds())/n, "pg-µs/result")
	m.b.ReportMetric(m.log/n, "log-B/result")
	m.b.ReportMetric(0, "ns/op")
}

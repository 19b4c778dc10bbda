package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// installation is a database and a key prefix that engines and workers of one test share.
type installation struct {
	t        testing.TB
	db       *pgxpool.Pool
	rdb      *redis.Client
	keys     wire.Keys
	versions *versions
	catalog  *catalog
	log      *slog.Logger
}

func newInstallation(t testing.TB) *installation {
	t.Helper()
	ctx := context.Background()
	address := os.Getenv("ENGINE_TEST_POSTGRES") // a server to look into; it is not emptied
	if address == "" {
		address = stacktest.Postgres(t)
	}
	db, err := pgxpool.New(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	redisURL, id := stacktest.Redis(t)
	opts, err := redis.ParseURL(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	opts.PoolSize = 64
	rdb := redis.NewClient(opts)
	t.Cleanup(func() { _ = rdb.Close() })
	level := slog.LevelError
	if os.Getenv("ENGINE_TEST_LOG") != "" {
		level = slog.LevelDebug
	}
	return &installation{t: t, db: db, rdb: rdb, keys: wire.Keys{ID: id}, versions: &versions{docs: map[string][]*graph.Document{}}, catalog: &catalog{pools: map[string]string{"test.step@1": "test"}},
		log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))}
}

// engine starts an engine that stops at the test's end.
func (in *installation) engine(change ...func(*engine.Config)) *engine.Engine {
	in.t.Helper()
	cfg := engine.Config{DB: in.db, Redis: in.rdb, Keys: in.keys, Definitions: in.versions, Catalog: in.catalog, Log: in.log, LeaseTTL: time.Second, Committers: 2}
	for _, c := range change {
		c(&cfg)
	}
	e, err := engine.New(cfg)
	if err != nil {
		in.t.Fatal(err)
	}
	if err := e.Start(context.Background()); err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(e.Stop)
	return e
}

// versions are published definitions in memory.
type versions struct {
	mu   sync.Mutex
	docs map[string][]*graph.Document
}

func (v *versions) publish(key string, doc *graph.Document) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.docs[key] = append(v.docs[key], doc)
}

func (v *versions) Latest(_ context.Context, key string) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.docs[key]) == 0 {
		return 0, fault.Newf(fault.NotFound, "definition.unknown", "there is no definition %q", key)
	}
	return len(v.docs[key]), nil
}

func (v *versions) Version(_ context.Context, key string, number int) (engine.Version, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if number < 1 || number > len(v.docs[key]) {
		return engine.Version{}, fault.New(fault.NotFound, "version.unknown", "there is no such version")
	}
	return engine.Version{Key: key, Number: number, Title: key, Document: v.docs[key][number-1]}, nil
}

// catalog accepts whatever workers announce.
type catalog struct {
	mu    sync.Mutex
	pools map[string]string
}

func (c *catalog) Announce(_ context.Context, pool string, types []wire.Descriptor) ([]wire.Refusal, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []wire.Refusal
	for _, d := range types {
		name := fmt.Sprintf("%s@%d", d.Name, d.Major)
		if other, known := c.pools[name]; known && other != pool {
			out = append(out, wire.Refusal{Type: name, Reason: "served by pool " + other})
			continue
		}
		c.pools[name] = pool
	}
	return out, nil
}

// Types has the node types of tests: any object fits, except for test.strict@1.
func (c *catalog) Types(context.Context) (map[string]wire.Descriptor, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	types := map[string]wire.Descriptor{}
	for name := range c.pools {
		types[name] = wire.Descriptor{SideEffects: name == "test.effect@1"}
	}
	types["test.strict@1"] = wire.Descriptor{InputSchema: obj(`{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}`)}
	return types, nil
}

func (c *catalog) Pool(_ context.Context, nodeType string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pools[nodeType], nil
}

// handler runs a task: it returns the report that the worker sends, nil for none.
type handler func(ctx context.Context, t *wire.Task) *wire.Report

// worker is a plain worker of the wire protocol, which tests can make fail in ways that a real one cannot.
type worker struct {
	in      *installation
	id      string
	pool    string
	servers []*asynq.Server
	fast    *pipeline.Client
	rdb     *redis.Client
	out     chan *wire.Report
	stop    chan struct{}
	group   sync.WaitGroup
	seq     atomic.Int64
	dead    atomic.Bool // kill -9: neither beats nor reports any more
	mute    atomic.Bool // beats without inventory
	hears   atomic.Bool // it says that it obeys orders to drain
	returns atomic.Bool // and that it takes tasks again when one is taken back
	drains  atomic.Bool // it takes no more tasks
	pid     atomic.Int64
	mu      sync.Mutex
	holds   map[string]bool
	slots   int
}

func (in *installation) worker(id, pool string, slots int, h handler) *worker {
	in.t.Helper()
	servers := min(slots, 8)
	w := &worker{in: in, id: id, pool: pool, rdb: in.rdb, out: make(chan *wire.Report, 4096), stop: make(chan struct{}), holds: map[string]bool{}, slots: slots}
	w.fast = pipeline.New(in.rdb)
	w.beat()
	w.group.Go(w.beats)
	w.group.Go(w.send)
	for range servers {
		srv := asynq.NewServerFromRedisClient(w.fast, asynq.Config{Concurrency: slots / servers, Queues: map[string]int{in.keys.Queue(pool, wire.LaneNormal): 1, in.keys.Queue(pool, wire.LaneUrgent): 10}, StrictPriority: true,
			TaskCheckInterval: 2 * time.Millisecond, LogLevel: asynq.FatalLevel, ShutdownTimeout: 100 * time.Millisecond})
		if err := srv.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
			w.run(ctx, t, h)
			return nil
		})); err != nil {
			in.t.Fatal(err)
		}
		w.servers = append(w.servers, srv)
	}
	in.t.Cleanup(w.close)
	return w
}

func (w *worker) run(ctx context.Context, t *asynq.Task, h handler) {
	var task wire.Task
	if err := json.Unmarshal(t.Payload(), &task); err != nil {
		w.in.t.Errorf("payload: %v", err)
		return
	}
	id := wire.TaskID(task.Task, task.Epoch)
	w.mu.Lock()
	w.holds[id] = true
	w.mu.Unlock()
	started := time.Now()
	r := h(ctx, &task)
	if w.dead.Load() {
		<-w.stop // a killed process never tells asynq that it is done
		return
	}
	w.mu.Lock()
	delete(w.holds, id)
	w.mu.Unlock()
	if r == nil {
		return
	}
	if r.RunMicros == 0 {
		r.RunMicros = time.Since(started).Microseconds()
	}
	w.report(&task, r)
}

func (w *worker) report(task *wire.Task, r *wire.Report) {
	r.V, r.Process, r.Task, r.Epoch, r.Attempt, r.Worker, r.Pool, r.NodeType = wire.Version, task.Process, task.Task, task.Epoch, task.Attempt, w.id, w.pool, task.NodeType
	w.out <- r
}

// send writes reports in pipelines until Redis has them.
func (w *worker) send() {
	ctx := context.Background()
	for {
		var batch []*wire.Report
		select {
		case <-w.stop:
			return
		case r := <-w.out:
			batch = append(batch, r)
		}
		for len(batch) < 256 && len(w.out) > 0 {
			batch = append(batch, <-w.out)
		}
		for {
			pipe := w.rdb.Pipeline()
			for _, r := range batch {
				body, err := json.Marshal(r)
				if err != nil {
					panic(err)
				}
				pipe.XAdd(ctx, &redis.XAddArgs{Stream: w.in.keys.Results(wire.Shard(r.Process)), Values: []any{wire.ReportField, body}})
			}
			if _, err := pipe.Exec(ctx); err == nil {
				break
			}
			select {
			case <-w.stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

func (w *worker) beats() {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-tick.C:
			if !w.dead.Load() {
				w.beat()
			}
		}
	}
}

func (w *worker) beat() {
	b := wire.Beat{V: wire.Version, Worker: w.id, Pool: w.pool, Seq: w.seq.Add(1), Host: "test", PID: int(w.pid.Load()), Orders: w.hears.Load(), Returns: w.returns.Load(), Draining: w.drains.Load(), Slots: w.slots, StartedMS: time.Now().UnixMilli(), Types: []wire.Descriptor{{Name: "test.step", Major: 1, Hash: "h"}}}
	w.mu.Lock()
	for id := range w.holds {
		if !w.mute.Load() {
			b.Holds = append(b.Holds, id)
		}
	}
	w.mu.Unlock()
	body, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	_ = w.rdb.HSet(context.Background(), w.in.keys.Workers(), w.id, body).Err()
}

// kill makes the worker vanish as kill -9 does.
func (w *worker) kill() {
	w.dead.Store(true)
	for _, s := range w.servers {
		w.group.Go(s.Stop) // it takes no more work; what it has is never answered
	}
}

func (w *worker) close() {
	select {
	case <-w.stop:
		return
	default:
	}
	close(w.stop)
	for _, s := range w.servers {
		s.Shutdown()
	}
	w.group.Wait()
	_ = w.fast.Close()
}

// echo completes every task with its input.
func echo(_ context.Context, t *wire.Task) *wire.Report {
	return &wire.Report{Kind: wire.ReportCompleted, Output: t.Input}
}

func obj(s string) json.RawMessage { return json.RawMessage(s) }

// chain is a definition of n service tasks in sequence.
func chain(n int, change ...func(i int, node *graph.Node)) *graph.Document {
	doc := &graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{}}}}
	last := "start"
	for i := range n {
		id := fmt.Sprintf("step_%d", i+1)
		node := graph.Node{ID: id, Kind: graph.KindServiceTask, Title: "Step", Service: &graph.ServiceTask{Type: "test.step@1", Input: map[string]graph.Value{"text": obj(`"` + payload + `"`)}}}
		for _, c := range change {
			c(i, &node)
		}
		doc.Nodes = append(doc.Nodes, node)
		doc.Edges = append(doc.Edges, graph.Edge{ID: "to_" + id, From: last, To: id})
		last = id
	}
	doc.Nodes = append(doc.Nodes, graph.Node{ID: "end", Kind: graph.KindEndEvent, Title: "End", End: &graph.EndEvent{Kind: graph.EndNone}})
	doc.Edges = append(doc.Edges, graph.Edge{ID: "to_end", From: last, To: "end"})
	return doc
}

var payload = func() string {
	b := make([]byte, 180)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}()

// eventually waits until check is true.
func eventually(t testing.TB, within time.Duration, what string, check func() bool) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if check() {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("not within %s: %s", within, what)
		case <-tick.C:
		}
	}
}

func (in *installation) start(e *engine.Engine, cmd engine.StartCommand) string {
	in.t.Helper()
	r, err := e.StartProcess(context.Background(), cmd)
	if err != nil {
		in.t.Fatalf("start: %v", err)
	}
	return r.ID
}

func (in *installation) state(e *engine.Engine, id string) string {
	in.t.Helper()
	p, err := e.Process(context.Background(), id)
	if err != nil {
		in.t.Fatalf("process: %v", err)
	}
	return p.State
}

// waitState waits until a process is shown in a state.
func (in *installation) waitState(e *engine.Engine, id, state string, within time.Duration) {
	in.t.Helper()
	last := ""
	defer func() {
		if in.t.Failed() {
			in.t.Logf("process %s was last %q; wanted %q", id, last, state)
		}
	}()
	eventually(in.t, within, "process in state "+state, func() bool {
		last = in.state(e, id)
		return last == state
	})
}

func (in *installation) count(query string, args ...any) int {
	in.t.Helper()
	var n int
	if err := in.db.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		in.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func addReport(in *installation, shard int, body string) *redis.XAddArgs {
	return &redis.XAddArgs{Stream: in.keys.Results(shard), Values: []any{wire.ReportField, body}}
}

// withTimeouts sets the attempt and queue timeouts of every step, in milliseconds, and quick retries.
func withTimeouts(attempt, queue int64) func(int, *graph.Node) {
	return func(_ int, n *graph.Node) {
		n.Service.Timeouts = &graph.Timeouts{AttemptMS: attempt, QueueMS: queue}
		n.Service.Retry = &graph.RetryPolicy{Backoff: graph.BackoffFixed, InitialMS: 50}
	}
}

package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Worker serves one pool with the given nodes.
type Worker struct {
	config  Config
	id      string
	keys    wire.Keys
	nodes   map[string]*hosted
	redis   redis.UniversalClient
	client  *pipeline.Client
	reports *reporter
	http    *http.Client
	log     *slog.Logger

	handlers context.Context // of all handlers: never asynq's, which end with its lease
	endAll   context.CancelFunc
	slots    chan struct{} // one entry per running handler: asynq frees a slot of its own when a lease ends in an outage
	drained  chan struct{} // closed when an order to drain and to go is carried out
	stop     chan struct{}
	loops    sync.WaitGroup
	started  time.Time
	draining atomic.Bool
	waiting  atomic.Bool // takes no tasks yet, or never will
	once     sync.Once
	retired  sync.Once
	leave    chan struct{} // closed when it takes no more tasks, for good
	serving  sync.WaitGroup
	servers  []*asynq.Server // made by serve; retire reads them when serving is done

	reading sync.Mutex // of readHolds: what was read later counts
	order   atomic.Pointer[wire.Drain]
	told    chan struct{} // one entry when order is another one

	mu        sync.Mutex
	handBacks chan struct{}   // closed when what still runs is to be handed back; another one when it takes tasks again
	holds     map[string]*run // by asynq task id
	paused    map[string]bool // "type:…" and "pool:…"
	refused   map[string]bool // node types that the catalog does not accept of this worker
	seq       int64
}

// New returns a worker that is not started. A node whose Go types have no JSON Schema is an error.
func New(config Config, nodes ...sdk.Node) (*Worker, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(nodes) == 0 {
		return nil, errors.New("worker: no nodes")
	}
	w := &Worker{
		config: config, id: newID(), keys: wire.Keys{ID: config.Installation}, nodes: map[string]*hosted{}, redis: config.Redis,
		http: &http.Client{Timeout: 5 * time.Minute}, log: config.Log.With("pool", config.Pool),
		slots:     make(chan struct{}, config.Slots),
		handBacks: make(chan struct{}), told: make(chan struct{}, 1), drained: make(chan struct{}), stop: make(chan struct{}), leave: make(chan struct{}), holds: map[string]*run{}, paused: map[string]bool{},
	}
	for _, node := range nodes {
		hosted, err := host(node)
		if err != nil {
			return nil, err
		}
		if w.nodes[node.Type()] != nil {
			return nil, fmt.Errorf("worker: %s is given twice", node.Type())
		}
		w.nodes[node.Type()] = hosted
	}
	return w, nil
}

// ID names the worker, as /workers shows it.
func (w *Worker) ID() string { return w.id }

// Drained is closed when an operator has ordered the worker to drain, and it has nothing left to do: the program calls Stop and ends. It
// stays open when the order was that the program stays.
func (w *Worker) Drained() <-chan struct{} { return w.drained }

// Start announces the worker, which takes tasks as soon as the catalog has accepted its node types. It returns at once; ctx
// bounds the start only.
func (w *Worker) Start(ctx context.Context) error {
	w.started = time.Now()
	w.waiting.Store(true)
	w.handlers, w.endAll = context.WithCancel(context.Background())
	if err := w.beat(ctx); err != nil {
		return fmt.Errorf("announce worker %s: %w", w.id, err)
	}
	if err := w.readHolds(ctx); err != nil {
		return fmt.Errorf("read what is paused: %w", err)
	}
	w.reports = newReporter(w.redis, w.keys, w.log)
	w.client = pipeline.NewParking(w.handlers, w.redis, w.keys, w.config.Pool)
	w.loops.Go(w.beats)
	w.loops.Go(w.listenForCancels)
	w.loops.Go(w.obey)
	w.serving.Go(w.serve)
	return nil
}

// Stop takes no more tasks, lets running ones end for the grace, hands the rest back, and leaves. It may be called twice.
func (w *Worker) Stop() {
	w.once.Do(func() {
		if w.reports == nil {
			return
		}
		w.retire()
		if n := w.held(); n > 0 {
			w.log.Info("the worker stops; what runs may end first, else it is handed back", "worker_id", w.id, "tasks", n, "grace", w.config.Grace.String())
		}
		w.waitIdle(w.config.Grace)
		w.handRestBack()
		close(w.stop)
		w.loops.Wait()
		var down sync.WaitGroup
		for _, server := range w.servers {
			down.Go(server.Shutdown)
		}
		down.Wait()
		w.endAll()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := w.redis.HDel(ctx, w.keys.Workers(), w.id).Err(); err != nil {
			w.log.Warn("the worker could not sign off", "worker_id", w.id, "error", err)
		}
		w.reports.close()
		_ = w.client.Close()
		if w.config.ownRedis {
			_ = w.redis.Close()
		}
	})
}

// retire takes no more tasks; what runs goes on. It may be called more than once, and returns when it is so.
func (w *Worker) retire() {
	w.retired.Do(func() {
		w.mu.Lock()
		w.draining.Store(true)
		close(w.leave)
		w.mu.Unlock()
		w.serving.Wait()
		w.announceDraining()
		w.client.Release()
		for _, server := range w.servers {
			server.Stop()
		}
	})
}

// announceDraining beats at once, so that the engine counts on this worker no more, or again.
func (w *Worker) announceDraining() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := w.beat(ctx); err != nil {
		w.log.Warn("the worker could not announce whether it takes tasks; the next beat does", "worker_id", w.id, "error", err)
	}
}

// handRestBack hands back what still runs; a handler that does not hear of it is left to itself.
func (w *Worker) handRestBack() {
	w.mu.Lock()
	if !closed(w.handBacks) {
		close(w.handBacks)
	}
	w.mu.Unlock()
	w.waitIdle(5 * time.Second)
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// waitIdle waits until nothing runs, at most so long.
func (w *Worker) waitIdle(most time.Duration) {
	deadline := time.NewTimer(most)
	defer deadline.Stop()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for w.held() > 0 {
		select {
		case <-deadline.C:
			return
		case <-poll.C:
		}
	}
}

func (w *Worker) held() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.holds)
}

// handle runs one message. It returns nil always: retries are the engine's.
func (w *Worker) handle(_ context.Context, message *asynq.Task) error {
	task, err := wire.DecodeTask(message.Payload())
	if err != nil {
		w.log.Error("a message is unreadable", "error", err)
		return nil
	}
	ctx, cancel := context.WithCancelCause(w.handlers)
	defer cancel(nil)
	r := &run{worker: w, task: task, cancel: cancel}
	id := wire.TaskID(task.Task, task.Epoch)
	w.mu.Lock()
	r.handBacks = w.handBacks
	w.holds[id] = r
	paused := w.paused["type:"+task.NodeType] || w.paused["pool:"+w.config.Pool]
	refused := w.refused[task.NodeType]
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.holds, id)
		w.mu.Unlock()
	}()
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-r.handBacks:
	}
	r.began = time.Now()
	node := w.nodes[task.NodeType]
	switch {
	case w.draining.Load() || paused:
		r.handBack()
	case node == nil || refused:
		// Another worker of the pool may serve it: not too fast, or the two of us play ball with it.
		w.log.Error("a task names a node type that this worker does not serve", "node_type", task.NodeType, "task_id", task.Task)
		timer := time.NewTimer(time.Second)
		select {
		case <-timer.C:
		case <-r.handBacks:
		}
		timer.Stop()
		r.handBack()
	default:
		r.perform(ctx, node)
	}
	return nil
}

// beats writes what the worker holds, every 2 s, and reads what is to be held, every second.
func (w *Worker) beats() {
	tick := time.NewTicker(beatEvery / 2)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-w.stop:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), beatEvery)
		err := w.readHolds(ctx)
		if n%2 == 0 || w.draining.Load() {
			err = errors.Join(err, w.beat(ctx))
		}
		cancel()
		if err != nil {
			w.log.Warn("the worker could not reach redis", "worker_id", w.id, "error", err)
		}
	}
}

func (w *Worker) beat(ctx context.Context) error {
	hostname, _ := os.Hostname()
	w.mu.Lock()
	w.seq++
	beat := wire.Beat{
		V: wire.Version, Worker: w.id, Pool: w.config.Pool, Seq: w.seq, Host: hostname, PID: os.Getpid(), Version: w.config.Version,
		Slots: w.config.Slots, StartedMS: w.started.UnixMilli(), Draining: w.draining.Load(), Waiting: w.waiting.Load(), Orders: true, Returns: true, Holds: make([]string, 0, len(w.holds)),
	}
	for id := range w.holds {
		beat.Holds = append(beat.Holds, id)
	}
	w.mu.Unlock()
	if w.config.Debug {
		beat.DebugMS = (30 * time.Minute).Milliseconds()
	}
	for _, name := range slices.Sorted(maps.Keys(w.nodes)) { // the same order every time: servers see at once that nothing changed
		beat.Types = append(beat.Types, w.nodes[name].descriptor)
	}
	body, err := json.Marshal(beat)
	if err != nil {
		return err
	}
	return w.redis.HSet(ctx, w.keys.Workers(), w.id, body).Err()
}

// readHolds reads what is paused, and whether this worker is to drain. That nothing is said of the latter changes nothing.
func (w *Worker) readHolds(ctx context.Context) error {
	w.reading.Lock()
	defer w.reading.Unlock()
	pipe := w.redis.Pipeline()
	entries, order := pipe.HKeys(ctx, w.keys.Paused()), pipe.HGet(ctx, w.keys.Drains(), w.id)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	paused := make(map[string]bool, len(entries.Val()))
	for _, entry := range entries.Val() {
		paused[entry] = true
	}
	w.mu.Lock()
	w.paused = paused
	w.mu.Unlock()
	text, err := order.Bytes()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	var drain wire.Drain
	if err := json.Unmarshal(text, &drain); err != nil {
		return fmt.Errorf("read the order to drain: %w", err)
	}
	w.order.Store(&drain)
	select {
	case w.told <- struct{}{}:
	default: // it is about to look
	}
	return nil
}

// listenForCancels ends the contexts of attempts whose tasks were cancelled, and hears at once what is paused.
func (w *Worker) listenForCancels() {
	ctx, cancel := context.WithCancel(w.handlers)
	defer cancel()
	feed := w.redis.Subscribe(ctx, w.keys.Cancels(), w.keys.PauseNews())
	defer func() { _ = feed.Close() }()
	cancels := feed.Channel()
	for {
		select {
		case <-w.stop:
			return
		case message, open := <-cancels:
			if !open {
				return
			}
			if message.Channel == w.keys.PauseNews() {
				if err := w.readHolds(ctx); err != nil {
					w.log.Warn("read what is paused", "worker_id", w.id, "error", err)
				}
				continue
			}
			w.mu.Lock()
			held := w.holds[message.Payload]
			w.mu.Unlock()
			if held != nil {
				held.cancel(errCancelled)
			}
		}
	}
}

// asynqLog passes asynq's few messages on.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) { l.log.Error("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq", "message", fmt.Sprint(args...)) }

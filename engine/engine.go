package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
)

// Engine runs processes. Several engines share one PostgreSQL and one Redis; each may accept any command.
type Engine struct {
	cfg       Config
	log       *slog.Logger
	store     *pgstore.Store
	fast      *pipeline.Client
	publisher *dispatch.Publisher
	graphs    *graphs
	memory    *memory
	window    *window
	leases    *leases
	roster    *roster
	stats     stats
	usage     usage
	clock     dbClock
	retained  retained
	poolCache sync.Map // node type → pool

	limitsLock sync.RWMutex
	limits     map[string]*limitRule // by node type
	limitNews  atomic.Bool           // a commit stored or freed something limited
	turn       int                   // of the feeder's rounds; only its loop uses it

	submitted chan *entry
	inboxWake chan struct{}

	life     sync.Mutex
	cancel   context.CancelFunc
	stopping chan struct{}
	group    sync.WaitGroup
}

// New makes an engine; nothing runs before Start.
func New(cfg Config) (*Engine, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	store, err := pgstore.Open(context.Background(), cfg.DB, cfg.Committers+3)
	if err != nil {
		return nil, err
	}
	fast := pipeline.New(cfg.Redis)
	e := &Engine{
		cfg: cfg, log: cfg.Log.With("engine", cfg.ID), store: store, fast: fast, publisher: dispatch.New(fast, cfg.Redis, cfg.Keys),
		graphs: newGraphs(cfg.Definitions), memory: newMemory(cfg.CachedProcess), window: newWindow(), leases: newLeases(), roster: newRoster(),
		submitted: make(chan *entry, 4*cfg.Batch), inboxWake: make(chan struct{}, 1), stopping: make(chan struct{}),
	}
	return e, nil
}

// Start begins the engine's loops and returns. ctx bounds only the start itself.
func (e *Engine) Start(ctx context.Context) error {
	e.life.Lock()
	defer e.life.Unlock()
	if e.cancel != nil {
		return errors.New("start engine: it was started before")
	}
	if err := e.store.EnsurePartitions(ctx); err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.cancel = cancel
	e.renewOnce(run)
	if err := e.refreshDrains(run); err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	e.readBeats(run)
	e.refreshWindow(run)
	loops := []func(context.Context){e.renewLeases, e.watchWorkers, e.runLocal, e.feed, e.sweep, e.fireTimers, e.readInbox, e.listenInbox, e.maintain, e.retain, e.startByMessages}
	for i := range e.cfg.Committers {
		loops = append(loops, func(ctx context.Context) { e.runShards(ctx, i) })
	}
	for _, loop := range loops {
		e.group.Go(func() { loop(run) })
	}
	return nil
}

// Stop ends the loops, gives the leases up and waits. What was not committed stays in Redis and PostgreSQL for the next
// engine. It may be called more than once.
func (e *Engine) Stop() {
	e.life.Lock()
	defer e.life.Unlock()
	select {
	case <-e.stopping:
		return
	default:
		close(e.stopping)
	}
	defer e.store.Close()
	defer func() {
		if err := e.fast.Close(); err != nil {
			e.log.Warn("close the publishing client", "error", err)
		}
	}()
	if e.cancel == nil {
		return
	}
	e.cancel()
	e.group.Wait()
	e.refuseRest()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	e.writeUsage(ctx)
	if err := e.store.Leave(ctx, e.cfg.ID); err != nil {
		e.log.Warn("give up leases", "error", err)
	}
}

// Ready says whether the engine can take work: PostgreSQL answers. Redis may be away: starts are stored meanwhile, which
// Degraded tells. It changes nothing.
func (e *Engine) Ready(ctx context.Context) error {
	if err := e.store.Ping(ctx); err != nil {
		return errAway(err)
	}
	return nil
}

// Degraded says whether Redis is away as far as the engine knows.
func (e *Engine) Degraded() bool { return e.window.isDown() }

// poolOf returns the pool that serves a node type, "" when nobody announced it.
func (e *Engine) poolOf(ctx context.Context, nodeType string) string {
	if pool, ok := e.poolCache.Load(nodeType); ok {
		return pool.(string)
	}
	pool, err := e.cfg.Catalog.Pool(ctx, nodeType)
	if err != nil {
		e.log.Warn("find the pool of a node type", "type", nodeType, "error", err)
		return ""
	}
	if pool != "" {
		e.poolCache.Store(nodeType, pool)
	}
	return pool
}

func newEngineID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "engine"
	}
	var tail [4]byte
	_, _ = rand.Read(tail[:])
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), hex.EncodeToString(tail[:]))
}

// storeFault maps an error of the store for a client; no error is none.
func storeFault(err error, missing error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, pgstore.ErrNotFound) {
		return missing
	}
	if pgstore.FaultOf(err) == pgstore.FaultAway {
		return errAway(err)
	}
	return fault.Wrap(err, fault.Internal, "engine.store", "the stored state cannot be read")
}

// dismissReport keeps an unreadable stream entry aside and acknowledges it.
func (e *Engine) dismissReport(ctx context.Context, at streamPosition, body string, why error) {
	if err := e.store.WriteDead(ctx, pgstore.Dead{Body: clip(clean(body), 64<<10), Error: why.Error()}); err != nil {
		e.log.Warn("keep a dead result", "error", err)
		return
	}
	e.ack(ctx, []streamPosition{at})
}

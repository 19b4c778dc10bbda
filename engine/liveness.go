package engine

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// readEvery is how often the workers' beats are read; a pause twice as long between two successful readings is a gap.
const readEvery = time.Second

// roster is who is alive. Silence is measured on this engine's monotonic clock, and only while it read Redis without a gap:
// after a start, a reconnect or a flush every worker gets a fresh SilentAfter.
type roster struct {
	mu       sync.Mutex
	workers  map[string]*member
	lastRead time.Time
	since    time.Time // of the present stretch of readings without a gap
	buried   map[string]burial
	announce map[string]string // pool + descriptors' hashes → accepted already
	refusals map[string][]wire.Refusal
	changed  chan struct{}        // a worker came or was lost
	redis    string               // generation of Redis at the last reading: another one means that it lost the beats
	drained  map[string]DrainView // replaced, never changed
	left     map[string]bool      // of them, who is known to be gone
	free     map[string]bool      // of them, whose name is free again, which is not written yet
}

// member is a worker as its beats tell.
type member struct {
	beat    wire.Beat
	heard   time.Time // when its sequence moved last
	advance int64     // how often its sequence moved since this engine knows it
}

// burial is a lost worker's last inventory: what it held is lost with it.
type burial struct {
	holds []string
	at    time.Time
}

func newRoster() *roster {
	return &roster{workers: map[string]*member{}, buried: map[string]burial{}, announce: map[string]string{},
		refusals: map[string][]wire.Refusal{}, free: map[string]bool{}, changed: make(chan struct{}, 1)}
}

// watchWorkers is the loop that reads the beats.
func (e *Engine) watchWorkers(ctx context.Context) {
	for ctx.Err() == nil {
		e.readBeats(ctx)
		if err := e.refreshDrains(ctx); err != nil && ctx.Err() == nil {
			e.log.Warn("read which workers drain", "error", err)
		}
		pause := readEvery
		if len(e.roster.pools()) == 0 {
			pause = readEvery / 4 // somebody waits for the first worker
		}
		sleep(ctx, pause)
	}
}

func (e *Engine) readBeats(ctx context.Context) {
	rctx, cancel := context.WithTimeout(ctx, readEvery)
	pipe := e.cfg.Redis.TxPipeline()
	generation, written := pipe.Get(rctx, e.cfg.Keys.Generation()), pipe.HGetAll(rctx, e.cfg.Keys.Workers())
	_, err := pipe.Exec(rctx)
	cancel()
	raw := written.Val()
	if err != nil && !errors.Is(err, redis.Nil) {
		if ctx.Err() == nil {
			e.window.setDown(true)
		}
		return
	}
	e.window.setDown(false)
	beats := make(map[string]wire.Beat, len(raw))
	for id, text := range raw {
		var b wire.Beat
		if err := json.Unmarshal([]byte(text), &b); err != nil || b.Worker != id || b.Pool == "" {
			e.log.Warn("unreadable beat", "worker_id", id, "error", err)
			continue
		}
		beats[id] = b
	}
	lost, came := e.roster.hear(beats, generation.Val(), time.Now(), e.cfg.SilentAfter)
	for id, b := range lost {
		if b.Draining {
			e.log.Info("worker left", "worker_id", id, "pool", b.Pool, "holds", len(b.Holds))
		} else {
			e.log.Warn("worker lost", "worker_id", id, "pool", b.Pool, "holds", len(b.Holds))
		}
		_ = e.cfg.Redis.HDel(ctx, e.cfg.Keys.Workers(), id).Err()
		_ = e.cfg.Redis.HDel(ctx, e.cfg.Keys.Verdicts(), id).Err()
	}
	e.noteGone(ctx, lost)
	for _, b := range beats {
		e.announce(ctx, b)
	}
	if pools := e.roster.visited(); came && len(pools) > 0 {
		// A worker may leave before the next round of the maintenance, even before it took any work: since when nobody serves the
		// pool is known all the same.
		if err := e.store.SeePools(ctx, pools); err != nil && ctx.Err() == nil {
			e.log.Warn("remember pools", "error", err)
		}
	}
	if len(lost) > 0 || came {
		e.refreshWindow(ctx)
		select {
		case e.roster.changed <- struct{}{}:
		default:
		}
	}
}

// hear takes one reading of the beats in, and of the generation of the Redis that had them. It returns the workers that are lost now, and whether a new one came.
func (r *roster) hear(beats map[string]wire.Beat, generation string, now time.Time, silent time.Duration) (lost map[string]wire.Beat, came bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lastRead.IsZero() || now.Sub(r.lastRead) > 3*readEvery || r.redis != "" && generation != r.redis {
		r.since = now
	}
	r.lastRead, r.redis = now, generation
	for id, b := range beats {
		m := r.workers[id]
		switch {
		case m == nil:
			r.workers[id] = &member{beat: b, heard: now}
			delete(r.buried, id)
			came = true
		case m.beat.Seq != b.Seq:
			came = came || m.beat.Waiting && !b.Waiting || m.beat.Draining && !b.Draining
			m.beat, m.heard = b, now
			m.advance++
		}
	}
	lost = map[string]wire.Beat{}
	for id, m := range r.workers {
		heard := m.heard
		if r.since.After(heard) {
			heard = r.since
		}
		patience := silent
		if pledge := time.Duration(m.beat.DebugMS) * time.Millisecond; pledge > patience {
			patience = pledge
		}
		_, written := beats[id]
		left := !written && m.beat.Draining && !r.since.After(m.heard) // it took its beat away at a shutdown that it announced; no flush did
		if now.Sub(heard) > patience || left {
			delete(r.workers, id)
			r.buried[id] = burial{holds: m.beat.Holds, at: now}
			delete(r.announce, id)
			delete(r.refusals, id)
			lost[id] = m.beat
		}
	}
	for id, b := range r.buried {
		if now.Sub(b.at) > 10*silent {
			delete(r.buried, id)
		}
	}
	return lost, came
}

// snapshot is the roster at one moment, as the sweep uses it.
type snapshot struct {
	holds    map[string]string           // asynq task id → live worker
	lostWith map[string]string           // asynq task id → lost worker that held it last
	advances map[string]map[string]int64 // pool → live worker → advances
}

func (r *roster) snapshot() snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := snapshot{holds: map[string]string{}, lostWith: map[string]string{}, advances: map[string]map[string]int64{}}
	for id, b := range r.buried {
		for _, task := range b.holds {
			s.lostWith[task] = id
		}
	}
	for id, m := range r.workers {
		for _, task := range m.beat.Holds {
			s.holds[task] = id
		}
		pool := s.advances[m.beat.Pool]
		if pool == nil {
			pool = map[string]int64{}
			s.advances[m.beat.Pool] = pool
		}
		pool[id] = m.advance
	}
	return s
}

// slots adds up the slots of a pool's workers that take work.
func (r *roster) slots() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]int{}
	for id, m := range r.workers {
		if _, ordered := r.drained[id]; !ordered && !m.beat.Draining && !m.beat.Waiting {
			out[m.beat.Pool] += max(m.beat.Slots, 1)
		}
	}
	return out
}

// pools lists the pools with live workers.
func (r *roster) pools() []string {
	out := []string{}
	for pool := range r.slots() {
		out = append(out, pool)
	}
	slices.Sort(out)
	return out
}

// visited lists the pools whose workers are heard, also those that wait for their verdict or drain.
func (r *roster) visited() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]struct{}{}
	for _, m := range r.workers {
		out[m.beat.Pool] = struct{}{}
	}
	return slices.Sorted(maps.Keys(out))
}

// beats returns the live workers with when they were heard.
func (r *roster) beats() []member {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]member, 0, len(r.workers))
	for _, m := range r.workers {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b member) int {
		if a.beat.Worker < b.beat.Worker {
			return -1
		}
		return 1
	})
	return out
}

// announce tells the catalog what a worker serves, once per set of descriptors, and writes the verdict where the worker
// reads it; again when the worker still waits for it, as Redis may have lost it.
func (e *Engine) announce(ctx context.Context, b wire.Beat) {
	mark := markOf(b)
	e.roster.mu.Lock()
	known, refused := e.roster.announce[b.Worker] == mark, e.roster.refusals[b.Worker]
	e.roster.mu.Unlock()
	if known {
		if b.Waiting {
			e.writeVerdict(ctx, b.Worker, refused)
		}
		return
	}
	refusals, err := e.cfg.Catalog.Announce(ctx, b.Pool, b.Types)
	if err != nil {
		e.log.Warn("announce node types", "worker_id", b.Worker, "pool", b.Pool, "error", err)
		return
	}
	e.poolCache.Clear()
	if err := e.store.AssignPool(ctx, b.Pool, accepted(b.Types, refusals)); err != nil {
		e.log.Warn("assign the backlog of new node types", "pool", b.Pool, "error", err)
		return
	}
	e.roster.mu.Lock()
	e.roster.announce[b.Worker], e.roster.refusals[b.Worker] = mark, refusals
	e.roster.mu.Unlock()
	for _, r := range refusals {
		e.log.Warn("node type refused", "worker_id", b.Worker, "pool", b.Pool, "type", r.Type, "reason", r.Reason)
	}
	e.writeVerdict(ctx, b.Worker, refusals)
}

// markOf is the same for beats that announce the same, in whatever order they list it.
func markOf(b wire.Beat) string {
	marks := make([]string, 0, len(b.Types))
	for _, d := range b.Types {
		marks = append(marks, d.Name+"@"+d.Hash)
	}
	slices.Sort(marks)
	return b.Pool + "|" + strings.Join(marks, "|")
}

func (e *Engine) writeVerdict(ctx context.Context, worker string, refusals []wire.Refusal) {
	if refusals == nil {
		refusals = []wire.Refusal{}
	}
	text, err := json.Marshal(refusals)
	if err == nil {
		err = e.cfg.Redis.HSet(ctx, e.cfg.Keys.Verdicts(), worker, text).Err()
	}
	if err != nil {
		e.log.Warn("write the verdict on a worker", "worker_id", worker, "error", err)
	}
}

// accepted are the names of the descriptors that were not refused.
func accepted(types []wire.Descriptor, refusals []wire.Refusal) []string {
	var out []string
	for i := range types {
		name := typeName(&types[i])
		if !slices.ContainsFunc(refusals, func(r wire.Refusal) bool { return r.Type == name }) {
			out = append(out, name)
		}
	}
	return out
}

// refreshWindow reads the loads of the pools and grants the window anew.
func (e *Engine) refreshWindow(ctx context.Context) {
	paused, err := e.readPauses(ctx)
	if err != nil {
		return
	}
	e.mirrorPauses(ctx, paused)
	if err := e.readLimits(ctx); err != nil {
		return
	}
	loads, err := e.store.WindowLoads(ctx, slices.Collect(maps.Keys(paused.definitions)))
	if err != nil {
		return
	}
	limits := map[string]int{}
	for pool, slots := range e.roster.slots() {
		limits[pool] = max(2*slots, e.cfg.WindowFloor)
	}
	e.window.refresh(loads, limits, e.leases.engines(), paused)
	e.window.wakeFeeder()
}

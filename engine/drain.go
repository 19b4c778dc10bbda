package engine

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// drainedKept is how long the order to a worker outlives it: one that only stalled comes back under its id, and is still drained.
const drainedKept = 24 * time.Hour

// DrainCommand orders workers to take no more tasks: one of Worker, Pool and Host says which.
type DrainCommand struct {
	Worker, Pool, Host string
	Stay               bool          // the process stays when it has nothing left to do; else it ends with status 0
	Within             time.Duration // what still runs then is handed back; 0 means that it may take its time
	Actor, Reason      string
}

// DrainOutcome says what became of the order to one worker.
type DrainOutcome string

// The outcomes.
const (
	DrainOrdered DrainOutcome = "draining"
	DrainAlready DrainOutcome = "already_draining" // ordered before, or it stops by itself
	DrainUnheard DrainOutcome = "too_old"          // its release does not know the order, or does not know that one can be taken back

	DrainTakenBack DrainOutcome = "taken_back"
	DrainNone      DrainOutcome = "not_drained"
	DrainLeaving   DrainOutcome = "leaving" // it stops by itself, or has nothing left to do and is going
)

// DrainView is the order that a worker is under.
type DrainView struct {
	Reason, Author string
	At             time.Time
	Stay           bool
}

// DrainedView is one worker that an order was for.
type DrainedView struct {
	Worker, Pool, Host string
	Busy               int
	Outcome            DrainOutcome
}

// Drain orders workers to take no more tasks, to finish what they have, and to go. The order is kept in PostgreSQL: it reaches a worker
// within a second of both being there, whatever restarts or is flushed meanwhile. Nothing is ordered when no worker could obey.
func (e *Engine) Drain(ctx context.Context, cmd DrainCommand) ([]DrainedView, error) {
	cmd.Reason = clip(clean(strings.TrimSpace(cmd.Reason)), 2000)
	switch {
	case cmd.Reason == "":
		return nil, fault.New(fault.Invalid, "drain.reason_missing", "a drain needs a reason: whoever misses the worker reads it")
	case cmd.Within < 0:
		return nil, fault.New(fault.Invalid, "drain.within", "the time for what still runs cannot be negative")
	}
	if err := e.refreshDrains(ctx); err != nil {
		return nil, storeFault(err, nil)
	}
	chosen, err := e.chooseDrained(cmd, outcomeOfDrain)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(chosen, func(d DrainedView) bool { return d.Outcome == DrainOrdered }) {
		if slices.ContainsFunc(chosen, func(d DrainedView) bool { return d.Outcome == DrainUnheard }) {
			return nil, fault.Newf(fault.Conflict, "drain.too_old", "the release of %s does not know this order: stop the process with SIGTERM, it finishes what it has", nameOf(cmd, len(chosen)))
		}
		return nil, fault.Newf(fault.Conflict, "drain.already", "%s drains already", nameOf(cmd, len(chosen)))
	}
	var orders []pgstore.Drain
	for _, d := range chosen {
		if d.Outcome == DrainOrdered {
			orders = append(orders, pgstore.Drain{Worker: d.Worker, Pool: d.Pool, Host: d.Host, Stay: cmd.Stay, Within: cmd.Within, Reason: cmd.Reason, Author: cmd.Actor})
		}
	}
	given, err := e.store.Drain(ctx, orders)
	if err != nil {
		return nil, storeFault(err, nil)
	}
	outrun(chosen, given, DrainOrdered, DrainAlready)
	e.drainsChanged(ctx)
	return chosen, nil
}

func outcomeOfDrain(b *wire.Beat, order *DrainView) DrainOutcome {
	switch {
	case order != nil || b.Draining:
		return DrainAlready
	case !b.Orders:
		return DrainUnheard
	}
	return DrainOrdered
}

// Undrain takes orders to drain back: workers that have not left yet take tasks again within a second. Stay and Within of the command
// mean nothing. Nothing happens when it is too late for all of them.
func (e *Engine) Undrain(ctx context.Context, cmd DrainCommand) ([]DrainedView, error) {
	if strings.TrimSpace(clean(cmd.Reason)) == "" {
		return nil, fault.New(fault.Invalid, "drain.reason_missing", "taking a drain back needs a reason")
	}
	if err := e.refreshDrains(ctx); err != nil {
		return nil, storeFault(err, nil)
	}
	chosen, err := e.chooseDrained(cmd, outcomeOfUndrain)
	if err != nil {
		return nil, err
	}
	var workers []string
	var late, deaf bool
	for _, d := range chosen {
		switch d.Outcome {
		case DrainTakenBack:
			workers = append(workers, d.Worker)
		case DrainLeaving:
			late = true
		case DrainUnheard:
			deaf = true
		}
	}
	switch name := nameOf(cmd, len(chosen)); {
	case len(workers) > 0:
	case late:
		return nil, fault.Newf(fault.Conflict, "drain.leaving", "%s is leaving already: start another", name)
	case deaf:
		return nil, fault.Newf(fault.Conflict, "drain.no_return", "the release of %s cannot take tasks again: stop the process, and start another", name)
	default:
		return nil, fault.Newf(fault.Conflict, "drain.none", "%s is not drained", name)
	}
	back, err := e.store.TakeDrainBack(ctx, workers)
	if err != nil {
		return nil, storeFault(err, nil)
	}
	outrun(chosen, back, DrainTakenBack, DrainNone)
	e.drainsChanged(ctx)
	return chosen, nil
}

func outcomeOfUndrain(b *wire.Beat, order *DrainView) DrainOutcome {
	switch {
	case order == nil && !b.Draining:
		return DrainNone
	case order == nil, b.Draining && !order.Stay && len(b.Holds) == 0 && b.PID != 0:
		return DrainLeaving
	case !b.Returns:
		return DrainUnheard
	}
	return DrainTakenBack
}

// drainsChanged tells the workers, and counts on those that are there.
func (e *Engine) drainsChanged(ctx context.Context) {
	if err := e.refreshDrains(ctx); err != nil {
		e.log.Warn("read which workers drain", "error", err)
	}
	e.refreshWindow(ctx)
}

// chooseDrained lists the workers that an order is for, with what will become of it; none at all is a fault.
func (e *Engine) chooseDrained(cmd DrainCommand, outcome func(*wire.Beat, *DrainView) DrainOutcome) ([]DrainedView, error) {
	subjects := 0
	for _, s := range []string{cmd.Worker, cmd.Pool, cmd.Host} {
		if s != "" {
			subjects++
		}
	}
	if subjects != 1 {
		return nil, fault.New(fault.Invalid, "drain.subject", "name one of a worker, a pool and a host")
	}
	under := e.roster.drains()
	var out []DrainedView
	for _, m := range e.roster.beats() {
		b := &m.beat
		if cmd.Worker != "" && b.Worker != cmd.Worker || cmd.Pool != "" && b.Pool != cmd.Pool || cmd.Host != "" && b.Host != cmd.Host {
			continue
		}
		var order *DrainView
		if given, ordered := under[b.Worker]; ordered {
			order = &given
		}
		out = append(out, DrainedView{Worker: b.Worker, Pool: b.Pool, Host: b.Host, Busy: len(b.Holds), Outcome: outcome(b, order)})
	}
	switch {
	case len(out) > 0:
		return out, nil
	case cmd.Worker != "":
		return nil, fault.Newf(fault.NotFound, "drain.unknown_worker", "no live worker is called %q", cmd.Worker)
	case cmd.Pool != "":
		return nil, fault.Newf(fault.NotFound, "drain.unknown_pool", "no live worker serves pool %q", cmd.Pool)
	}
	return nil, fault.Newf(fault.NotFound, "drain.unknown_host", "no live worker runs on host %q", cmd.Host)
}

func nameOf(cmd DrainCommand, n int) string {
	switch {
	case cmd.Worker != "":
		return "worker " + cmd.Worker
	case n == 1:
		return "the only worker there"
	}
	return "every worker there"
}

// Drained tells whether a worker is ordered to take no more tasks: for those that speak HTTP, whom the server answers for.
func (e *Engine) Drained(worker string) bool {
	_, ordered := e.roster.drains()[worker]
	return ordered
}

// LeftDrained ends the order to a worker that speaks HTTP and says that it leaves: the name is free for a new life.
func (e *Engine) LeftDrained(ctx context.Context, worker string) error {
	if !e.Drained(worker) {
		return nil
	}
	if err := e.store.EndDrain(ctx, []string{worker}); err != nil {
		return storeFault(err, nil)
	}
	if err := e.refreshDrains(ctx); err != nil {
		return storeFault(err, nil)
	}
	return nil
}

// refreshDrains reads the orders, and gives Redis the copy that workers read.
func (e *Engine) refreshDrains(ctx context.Context) error {
	rows, err := e.store.Drains(ctx)
	if err != nil {
		return err
	}
	under, left := make(map[string]DrainView, len(rows)), map[string]bool{}
	want := make(map[string]string, len(rows))
	for _, d := range rows {
		under[d.Worker] = DrainView{Reason: d.Reason, Author: d.Author, At: d.At.UTC(), Stay: d.Stay}
		left[d.Worker] = d.Left
		text, err := json.Marshal(wire.Drain{V: wire.Version, Stay: d.Stay, WithinMS: d.Within.Milliseconds()})
		if err != nil {
			return err
		}
		want[d.Worker] = string(text)
	}
	back, err := e.store.DrainsTakenBack(ctx)
	if err != nil {
		return err
	}
	for _, worker := range back {
		text, err := json.Marshal(wire.Drain{V: wire.Version, Back: true})
		if err != nil {
			return err
		}
		want[worker] = string(text)
	}
	e.roster.setDrains(under, left)
	e.mirrorDrains(ctx, want)
	return nil
}

func (e *Engine) mirrorDrains(ctx context.Context, want map[string]string) {
	have, err := e.cfg.Redis.HGetAll(ctx, e.cfg.Keys.Drains()).Result()
	if err != nil || maps.Equal(have, want) {
		return
	}
	pipe := e.cfg.Redis.TxPipeline()
	pipe.Del(ctx, e.cfg.Keys.Drains())
	for worker, order := range want {
		pipe.HSet(ctx, e.cfg.Keys.Drains(), worker, order)
	}
	pipe.Publish(ctx, e.cfg.Keys.PauseNews(), "")
	if _, err := pipe.Exec(ctx); err != nil {
		e.log.Warn("tell the workers which of them drain", "error", err)
	}
}

// noteGone ends or dates the orders to workers that are gone. The name of one that speaks HTTP is taken by its successor, which is not
// drained; the id of another is nobody else's, and it may come back if it only stalled. What could not be written is written after the
// next reading.
func (e *Engine) noteGone(ctx context.Context, lost map[string]wire.Beat) {
	gone, back, free := e.roster.drainNotes(lost, time.Now(), e.cfg.SilentAfter)
	if len(gone)+len(back) > 0 {
		if err := e.store.LeaveDrained(ctx, gone, back); err != nil {
			e.log.Warn("note that drained workers are gone", "error", err)
		}
	}
	if len(free) > 0 {
		if err := e.store.EndDrain(ctx, free); err != nil {
			e.log.Warn("end the drain of workers that are gone", "error", err)
			return
		}
		e.roster.freed(free)
	}
}

// drainNotes compares the orders with who is heard: who is gone now, who is back, whose name is free again. Of a worker that this
// engine never heard it can tell after it has listened for as long as others may be silent.
func (r *roster) drainNotes(lost map[string]wire.Beat, now time.Time, silent time.Duration) (gone, back, free []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.drained {
		if b, is := lost[id]; is && b.PID == 0 {
			r.free[id] = true
		}
		_, here := r.workers[id]
		switch {
		case r.free[id]:
			free = append(free, id)
		case here && r.left[id]:
			back = append(back, id)
		case !here && !r.left[id] && now.Sub(r.since) > silent:
			gone = append(gone, id)
		}
	}
	return gone, back, free
}

func (r *roster) freed(workers []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range workers {
		delete(r.free, id)
	}
}

// drains are the orders as they were read last.
func (r *roster) drains() map[string]DrainView {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.drained
}

func (r *roster) setDrains(under map[string]DrainView, left map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drained, r.left = under, left
}

// outrun tells of those that were not done that another server, which was asked for the same at the same time, has done them.
func outrun(chosen []DrainedView, done []string, ours, theirs DrainOutcome) {
	for i := range chosen {
		if chosen[i].Outcome == ours && !slices.Contains(done, chosen[i].Worker) {
			chosen[i].Outcome = theirs
		}
	}
}

package engine

import (
	"context"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/engine/timer"
)

// timerEvery keeps the promise that timers fire within 250 ms.
const timerEvery = 150 * time.Millisecond

// fireTimers is the loop that turns due timers into events.
func (e *Engine) fireTimers(ctx context.Context) {
	gate := &timerGate{e: e, ends: map[pgstore.DueTimer]string{}}
	p := &timer.Poller{Source: e.store, Every: timerEvery, Limit: e.cfg.Batch, Log: e.log, Shards: e.leases.shardList, Ready: gate.ready, Fire: e.fire}
	p.Run(ctx)
}

// timerGate holds timeouts back until the committer has passed the end of the stream as it was when they fell due: a result
// that came in time wins. Retries and starts race with no result and pass at once.
type timerGate struct {
	e    *Engine
	ends map[pgstore.DueTimer]string
}

func (g *timerGate) ready(ctx context.Context, due []pgstore.DueTimer) []pgstore.DueTimer {
	var out, timeouts []pgstore.DueTimer
	for _, t := range due {
		switch t.Kind {
		case flow.TimerQueue, flow.TimerTotal, flow.TimerWait, flow.TimerLimit:
			timeouts = append(timeouts, t)
		default:
			out = append(out, t)
		}
	}
	if len(timeouts) == 0 {
		clear(g.ends)
		return out
	}
	ends, err := g.e.streamEnds(ctx)
	if err != nil {
		return out // Redis is away: results that wait there come first
	}
	passed, err := g.e.passed(ctx)
	if err != nil {
		return out
	}
	known := make(map[pgstore.DueTimer]string, len(timeouts))
	for _, t := range timeouts {
		end, seen := g.ends[t]
		if !seen || earlier(ends[t.Shard], end) { // the latter when a Redis that knows less took the place of the one that was asked
			end = ends[t.Shard]
		}
		if passed(t.Shard, end) {
			out = append(out, t)
			continue
		}
		known[t] = end
	}
	g.ends = known
	return out
}

// fire hands a timer to the committer, which drops its row in the same commit.
func (e *Engine) fire(ctx context.Context, due pgstore.DueTimer, done func()) error {
	ev := flow.Event{Task: due.Task, Epoch: due.Epoch}
	switch due.Kind {
	case flow.TimerStart:
		ev = flow.Event{Kind: flow.EventStart}
	case flow.TimerLimit:
		ev = flow.Event{Kind: flow.EventLimit, Epoch: due.Epoch}
	case flow.TimerWait:
		ev.Kind, ev.Node = flow.EventTimer, due.Node
	case flow.TimerRetry:
		ev.Kind = flow.EventRetryDue
	default:
		ev.Kind, ev.Timeout = flow.EventTimeout, string(due.Kind)
	}
	return e.submit(ctx, &entry{process: due.Process, event: ev, timer: &due, done: done})
}

// inboxEvery is how late a row of the inbox may be seen when no wake-up came.
const inboxEvery = 500 * time.Millisecond

// inboxReader turns rows of the inbox into events, oldest first.
type inboxReader struct {
	e      *Engine
	flying map[int64]bool // rows on their way through the committer
	gone   chan int64     // rows that have arrived; it has room for all that fly
	hungry bool           // there may be more rows than were read
}

// readInbox is the loop that reads the inbox.
func (e *Engine) readInbox(ctx context.Context) {
	tick := time.NewTicker(inboxEvery)
	defer tick.Stop()
	r := &inboxReader{e: e, flying: map[int64]bool{}, gone: make(chan int64, 4*e.cfg.Batch)}
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-r.gone:
			delete(r.flying, id)
			if !r.hungry || len(r.flying) > e.cfg.Batch {
				continue
			}
		case <-e.inboxWake:
		case <-tick.C:
		}
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			e.log.Warn("read the inbox", "error", err)
		}
	}
}

// look submits the rows that are not on their way already. What cannot be told now waits for the next look, with all that the same
// process is told after it.
func (r *inboxReader) look(ctx context.Context) error {
	shards := r.e.leases.shardList()
	if r.hungry = len(r.flying) > 2*r.e.cfg.Batch; r.hungry || len(shards) == 0 {
		return nil
	}
	limit := len(r.flying) + r.e.cfg.Batch
	notes, err := r.e.store.Inbox(ctx, shards, limit)
	if err != nil {
		return err
	}
	r.hungry = len(notes) == limit
	latest, later := map[string]int{}, map[string]bool{}
	for i := range notes {
		n := &notes[i]
		if r.flying[n.ID] || later[n.Process] {
			continue
		}
		en, err := r.e.noteEntry(ctx, n, latest)
		if err != nil {
			r.e.log.Warn("begin a child process", "process_id", n.Process, "error", err)
			later[n.Process] = true
			continue
		}
		r.flying[n.ID] = true
		en.done = func() { r.gone <- n.ID }
		if err := r.e.submit(ctx, en); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) wakeInbox() {
	select {
	case e.inboxWake <- struct{}{}:
	default:
	}
}

package engine

import (
	"context"
	"encoding/json"
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
		case flow.TimerQueue, flow.TimerTotal, flow.TimerWait:
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
		if !seen {
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

// readInbox is the loop that turns rows of the inbox into events, oldest first.
func (e *Engine) readInbox(ctx context.Context) {
	tick := time.NewTicker(inboxEvery)
	defer tick.Stop()
	flying := make(map[int64]bool)
	gone := make(chan int64, 4*e.cfg.Batch)
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-gone:
			delete(flying, id)
			continue
		case <-e.inboxWake:
		case <-tick.C:
		}
		shards := e.leases.shardList()
		if len(shards) == 0 {
			continue
		}
		notes, err := e.store.Inbox(ctx, shards, e.cfg.Batch)
		if err != nil {
			continue
		}
		for _, n := range notes {
			if flying[n.ID] {
				continue
			}
			flying[n.ID] = true
			ev, files := noteEvent(n)
			en := &entry{process: n.Process, event: ev, files: files, inbox: n.ID, done: func() { gone <- n.ID }}
			if e.submit(ctx, en) != nil {
				return
			}
		}
	}
}

// noteEvent decodes what a row of the inbox says; its body holds the fields of the event, and the files that come with it.
func noteEvent(n pgstore.Note) (flow.Event, []FileGrant) {
	var note struct {
		flow.Event
		Files []FileGrant
	}
	_ = json.Unmarshal(n.Body, &note)
	note.Kind = flow.EventKind(n.Kind)
	return note.Event, note.Files
}

func (e *Engine) wakeInbox() {
	select {
	case e.inboxWake <- struct{}{}:
	default:
	}
}

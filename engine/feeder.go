package engine

import (
	"context"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// feed moves tasks from the backlog to the window: woken by completions while there is a backlog, and every 100 ms. Only the
// engine that leads does it; the others refresh what they know of the window.
func (e *Engine) feed(ctx context.Context) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	refreshed := time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.window.wake:
		}
		every := time.Second
		if e.leases.engines() > 1 && e.window.anyBacklog() {
			every = 50 * time.Millisecond // other engines' completions are seen in PostgreSQL only
		}
		if time.Since(refreshed) >= every {
			refreshed = time.Now()
			e.refreshWindow(ctx)
		}
		if fence := e.leases.fence(leadFeeder); fence != 0 {
			e.feedOnce(ctx, fence)
			e.feedLimited(ctx, fence)
		}
	}
}

func (e *Engine) feedOnce(ctx context.Context, fence int64) {
	for pool, h := range e.window.hungry() {
		limit := min(h.room, e.cfg.Batch)
		types, definitions := e.window.paused()
		types = append(types, e.limitedTypes()...)
		out, err := e.store.Admit(ctx, e.cfg.ID, fence, pool, limit, h.lowest, types, definitions)
		if err != nil {
			if ctx.Err() == nil {
				e.log.Warn("feed", "pool", pool, "error", err)
			}
			return
		}
		e.window.admitted(pool, len(out), len(out) < limit, nextRank(out), h)
		if len(out) == 0 {
			continue
		}
		e.publishAdmitted(ctx, out)
		if len(out) == limit {
			e.window.wakeFeeder()
		}
	}
}

// publishAdmitted sends what an admission moved to the window. What does not arrive is found by the sweep.
func (e *Engine) publishAdmitted(ctx context.Context, out []pgstore.Outgoing) {
	messages := make([]dispatch.Message, len(out))
	for i := range out {
		o := &out[i]
		t := flow.Task{ID: o.Task, NodeID: o.Node, Attempt: o.Attempt, Input: o.Input, InputRev: o.InputRev}
		messages[i] = e.message(&o.Message, o.CustomID, &t)
	}
	if err := e.publisher.Publish(ctx, messages); err != nil {
		e.log.Warn("publish", "messages", len(messages), "error", err)
	}
}

// nextRank is a rank that is not after the first row that an admission left: the feeder takes turns between definitions, so of
// each it left at most what is younger than the last that it took.
func nextRank(out []pgstore.Outgoing) rank {
	last := map[string]rank{}
	for i := range out {
		last[out[i].Definition] = rank{out[i].Priority, out[i].Process}
	}
	var next rank
	for _, r := range last {
		if next.process == "" || r.before(next) {
			next = r
		}
	}
	return next
}

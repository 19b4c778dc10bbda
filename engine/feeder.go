package engine

import (
	"context"
	"slices"
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
		}
	}
}

// claim is what asks for room in the window of a pool: its backlog, or what waits of a limited node type.
type claim struct {
	head   int // the priority of its first
	rule   *limitRule
	keys   []pgstore.LimitHead
	hunger hunger // of the backlog, which has no rule
}

func (c *claim) nodeType() string {
	if c.rule == nil {
		return ""
	}
	return c.rule.NodeType
}

func (e *Engine) feedOnce(ctx context.Context, fence int64) {
	claims, err := e.limitedClaims(ctx)
	if err != nil {
		if ctx.Err() == nil {
			e.log.Warn("feed limited node types", "error", err)
		}
		claims = nil
	}
	if claims == nil {
		claims = map[string][]*claim{}
	}
	for pool, h := range e.window.hungry() {
		claims[pool] = append(claims[pool], &claim{head: h.head, hunger: h})
	}
	e.turn++
	for pool, of := range claims {
		if err := e.feedPool(ctx, fence, pool, of); err != nil {
			if ctx.Err() == nil {
				e.log.Warn("feed", "pool", pool, "error", err)
			}
			return
		}
	}
}

// feedPool gives the room of a pool to what is most urgent, be it limited or not. Claims of the same priority share it, and take
// turns at who is asked first.
func (e *Engine) feedPool(ctx context.Context, fence int64, pool string, claims []*claim) error {
	more := false
	for _, lowest := range levels(claims) {
		var asks []*claim
		for i := range claims {
			if c := claims[(i+e.turn)%len(claims)]; c.head <= lowest {
				asks = append(asks, c)
			}
		}
		for range 2 { // what one leaves is for those who could use more
			var full []*claim
			for i, c := range asks {
				room := e.window.roomFor(subject{pool: pool, nodeType: c.nodeType()}, lowest)
				room = min(share(room, len(asks)-i), e.cfg.Batch)
				if room <= 0 {
					continue
				}
				n, err := e.admit(ctx, fence, pool, c, room, lowest)
				if err != nil {
					return err
				}
				if n == room {
					full = append(full, c)
				}
			}
			asks = full
		}
		more = more || len(asks) > 0
	}
	if more {
		e.window.wakeFeeder()
	}
	return nil
}

// levels are the priorities down to which claims are served, one after another: those at which one of them begins, and the lowest.
// Urgent tasks have a level of their own, as they have more room.
func levels(claims []*claim) []int {
	var out []int
	for _, c := range claims {
		out = append(out, c.head)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if out[len(out)-1] != urgent {
		out = out[:len(out)-1]
	}
	return append(out, lowestPriority)
}

// share is what the next of some has of the room, rounded up.
func share(room, among int) int { return (room + among - 1) / among }

// admit moves up to room tasks of a claim to the window, and says how many they were.
func (e *Engine) admit(ctx context.Context, fence int64, pool string, c *claim, room, lowest int) (int, error) {
	types, definitions := e.window.paused()
	var out []pgstore.Outgoing
	var err error
	if c.rule != nil {
		if out, err = e.store.AdmitLimited(ctx, e.cfg.ID, fence, c.rule.Limit, c.keys, room, lowest, definitions); err != nil {
			return 0, err
		}
		e.window.credit(pool, -len(out))
	} else {
		types = append(types, e.limitedTypes()...)
		if out, err = e.store.Admit(ctx, e.cfg.ID, fence, pool, room, lowest, types, definitions); err != nil {
			return 0, err
		}
		e.window.admitted(pool, len(out), len(out) < room, nextRank(out), lowest, c.hunger)
	}
	if len(out) > 0 {
		e.publishAdmitted(ctx, out)
	}
	return len(out), nil
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

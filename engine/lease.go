package engine

import (
	"context"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// leases are the shards and leaderships that this engine holds. A lease counts only as long as this engine's own monotonic
// clock says that it cannot have expired in PostgreSQL: the deadline runs from before the renewal was sent.
type leases struct {
	mu      sync.Mutex
	shards  map[int]int64 // shard → fence
	until   time.Time
	members int
	leads   map[string]leadership
}

type leadership struct {
	fence int64
	until time.Time
}

// The leaderships: each is held by one engine at a time.
const (
	leadFeeder      = "feeder"
	leadMaintenance = "maintenance"
	leadRetention   = "retention"
)

func newLeases() *leases { return &leases{members: 1, leads: map[string]leadership{}} }

// held returns the shards that this engine may read now.
func (l *leases) held() map[int]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().After(l.until) {
		return nil
	}
	return l.shards
}

// shardList is held as the statements take it.
func (l *leases) shardList() []int16 {
	held := l.held()
	out := make([]int16, 0, len(held))
	for shard := range held {
		out = append(out, int16(shard))
	}
	return out
}

func (l *leases) owns(process string) bool {
	_, ok := l.held()[wire.Shard(process)]
	return ok
}

func (l *leases) engines() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.members
}

// fence returns the fence of a leadership, 0 when another engine has it.
func (l *leases) fence(name string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	lead := l.leads[name]
	if time.Now().After(lead.until) {
		return 0
	}
	return lead.fence
}

// renewLeases is the loop that keeps the leases; it renews three times in a lease's life.
func (e *Engine) renewLeases(ctx context.Context) {
	e.renewOnce(ctx)
	tick := time.NewTicker(e.cfg.LeaseTTL / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			e.renewOnce(ctx)
		}
	}
}

func (e *Engine) renewOnce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, e.cfg.LeaseTTL/2)
	defer cancel()
	e.readClock(ctx)
	margin := e.cfg.LeaseTTL / 10
	sent := time.Now()
	m, err := e.store.RenewMembership(ctx, e.cfg.ID, e.cfg.LeaseTTL, wire.Shards)
	if err != nil {
		if ctx.Err() == nil {
			e.log.Warn("renew leases", "error", err)
		}
		return
	}
	e.leases.mu.Lock()
	e.leases.shards, e.leases.until, e.leases.members = m.Shards, sent.Add(e.cfg.LeaseTTL-margin), max(m.Members, 1)
	e.leases.mu.Unlock()
	for _, name := range []string{leadFeeder, leadMaintenance, leadRetention} {
		sent := time.Now()
		fence, err := e.store.Lead(ctx, name, e.cfg.ID, e.cfg.LeaseTTL)
		if err != nil {
			e.log.Warn("renew leadership", "name", name, "error", err)
			return
		}
		e.leases.mu.Lock()
		if fence == 0 {
			delete(e.leases.leads, name)
		} else {
			e.leases.leads[name] = leadership{fence: fence, until: sent.Add(e.cfg.LeaseTTL - margin)}
		}
		e.leases.mu.Unlock()
	}
}

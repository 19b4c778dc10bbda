// Package timer fires what is due: it polls the timers of the shards that this engine holds and hands each to the committer
// once.
//
// It knows neither Redis nor the interpreter; when a timer may be applied is asked of its owner.
package timer

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// Source is where timers are kept.
type Source interface {
	DueTimers(ctx context.Context, shards []int16, limit int) ([]pgstore.DueTimer, error)
}

// Poller hands due timers over. Every is the pause between two polls; a timer fires at most so much late.
type Poller struct {
	Source Source
	Every  time.Duration
	Limit  int
	Log    *slog.Logger
	// Shards are those whose timers are this engine's to fire.
	Shards func() []int16
	// Ready says which of the due timers may be applied now; the others are asked for again.
	Ready func(ctx context.Context, due []pgstore.DueTimer) []pgstore.DueTimer
	// Fire hands a timer over; done is called when it is out of hands, applied or not.
	Fire func(ctx context.Context, due pgstore.DueTimer, done func()) error

	mu     sync.Mutex
	flying map[pgstore.DueTimer]bool
}

// Run polls until ctx ends.
func (p *Poller) Run(ctx context.Context) {
	p.flying = map[pgstore.DueTimer]bool{}
	tick := time.NewTicker(p.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for p.poll(ctx) {
			if ctx.Err() != nil {
				return
			}
		}
	}
}

// poll does one round; it answers whether there may be more to do at once.
func (p *Poller) poll(ctx context.Context) bool {
	shards := p.Shards()
	if len(shards) == 0 {
		return false
	}
	p.mu.Lock()
	limit := p.Limit + len(p.flying)
	p.mu.Unlock()
	due, err := p.Source.DueTimers(ctx, shards, limit)
	if err != nil {
		if ctx.Err() == nil {
			p.Log.Warn("read timers", "error", err)
		}
		return false
	}
	fresh := due[:0:0]
	p.mu.Lock()
	for _, t := range due {
		if !p.flying[t] {
			fresh = append(fresh, t)
		}
	}
	p.mu.Unlock()
	if len(fresh) == 0 {
		return false
	}
	ready := p.Ready(ctx, fresh)
	for _, t := range ready {
		p.mu.Lock()
		p.flying[t] = true
		p.mu.Unlock()
		done := func() {
			p.mu.Lock()
			delete(p.flying, t)
			p.mu.Unlock()
		}
		if err := p.Fire(ctx, t, done); err != nil {
			done()
			return false
		}
	}
	return len(due) == limit && len(ready) > 0
}

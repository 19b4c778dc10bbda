package bulk

import (
	"context"
	"sync"
	"time"
)

// pace spreads operations over time. What was not used lately may be caught up with, a little.
type pace struct {
	every time.Duration
	mu    sync.Mutex
	next  time.Time
}

const catchUp = 100 * time.Millisecond

func newPace(perSecond int) *pace { return &pace{every: time.Second / time.Duration(perSecond)} }

// wait returns when it is this caller's turn.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	if earliest := now.Add(-catchUp); p.next.Before(earliest) {
		p.next = earliest
	}
	at := p.next
	p.next = at.Add(p.every)
	p.mu.Unlock()
	return pause(ctx, at.Sub(now))
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package webhook

import (
	"sync"
	"time"
)

// A caller may send so many requests a second to one webhook, and so many at once after a pause.
const (
	perSecond = 50
	atOnce    = 200
	tracked   = 10_000 // callers remembered
)

// limiter is a token bucket for each caller of each webhook, on this server.
type limiter struct {
	now     func() time.Time
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, buckets: map[string]*bucket{}}
}

// take lets a request through (0), or says how long to wait.
func (l *limiter) take(caller string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.buckets[caller]
	if b == nil {
		if len(l.buckets) >= tracked {
			l.sweep(now)
		}
		b = &bucket{left: atOnce, at: now}
		l.buckets[caller] = b
	}
	b.left = min(atOnce, b.left+perSecond*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	if b.left < 1 {
		return time.Second
	}
	b.left--
	return 0
}

// sweep forgets callers whose bucket is full again, and all of them where that is not enough.
func (l *limiter) sweep(now time.Time) {
	for caller, b := range l.buckets {
		if now.Sub(b.at) > atOnce/perSecond*time.Second {
			delete(l.buckets, caller)
		}
	}
	if len(l.buckets) >= tracked {
		clear(l.buckets)
	}
}

package httpapi

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	failuresPerAddress = 20
	failuresPerLogin   = 100
	signInWindow       = 5 * time.Minute
	signInTracked      = 20_000 // addresses and logins remembered
)

// signInLimiter slows down guessing: it counts failed attempts per address, and per login from wherever they come. A login's
// bound is the higher one, so that locking somebody out takes an effort. Attempts under way count until they are decided: a bound
// is no wider for who sends all guesses at once, and who only comes in a crowd waits for a place.
type signInLimiter struct {
	now func() time.Time

	mu      sync.Mutex
	tracked map[string]*failures
	decided chan struct{} // closed when an attempt was
}

type failures struct {
	count   int // in the window that began at since
	pending int
	since   time.Time
}

func newSignInLimiter() *signInLimiter {
	return &signInLimiter{now: time.Now, tracked: map[string]*failures{}, decided: make(chan struct{})}
}

// bound is how often what a key names may fail.
type bound struct {
	key string
	n   int
}

// boundsOf names what an attempt is counted for. Of IPv6 it is the network that a customer is given; a one-time token has no login.
func boundsOf(remote, login string) []bound {
	if address, err := netip.ParseAddr(remote); err == nil && address.Unmap().Is6() {
		if network, err := address.WithZone("").Prefix(64); err == nil {
			remote = network.String()
		}
	}
	bounds := []bound{{"address " + remote, failuresPerAddress}}
	if login != "" {
		bounds = append(bounds, bound{"login " + strings.ToLower(strings.TrimSpace(login)), failuresPerLogin})
	}
	return bounds
}

// attempt is one that may be made. The first of its ends counts.
type attempt struct {
	limiter *signInLimiter
	bounds  []bound
	ended   bool
}

// begin waits for a place for an attempt, or says how long it has to wait before it may be made.
func (l *signInLimiter) begin(ctx context.Context, remote, login string) (*attempt, time.Duration) {
	a := &attempt{limiter: l, bounds: boundsOf(remote, login)}
	for {
		l.mu.Lock()
		wait, crowd := l.blocked(a.bounds)
		if wait == 0 && !crowd {
			for _, b := range a.bounds {
				l.track(b.key).pending++
			}
		}
		decided := l.decided
		l.mu.Unlock()
		if wait > 0 {
			return nil, wait
		}
		if !crowd {
			return a, 0
		}
		select {
		case <-decided:
		case <-ctx.Done():
			return nil, time.Second
		}
	}
}

// blocked says how long an attempt has to wait, and whether it is for others that are under way.
func (l *signInLimiter) blocked(bounds []bound) (wait time.Duration, crowd bool) {
	for _, b := range bounds {
		f := l.tracked[b.key]
		if f == nil {
			continue
		}
		left := f.since.Add(signInWindow).Sub(l.now())
		switch {
		case f.count >= b.n && left > 0:
			wait = max(wait, left)
		case left <= 0 && f.pending >= b.n, left > 0 && f.count+f.pending >= b.n:
			crowd = true
		}
	}
	return wait, crowd
}

// track returns what is known of a key.
func (l *signInLimiter) track(key string) *failures {
	f := l.tracked[key]
	if f == nil {
		if len(l.tracked) >= signInTracked {
			l.sweep()
		}
		f = &failures{since: l.now()}
		l.tracked[key] = f
	}
	return f
}

// sweep forgets windows that are over, and all of them where that is not enough. Attempts under way stay.
func (l *signInLimiter) sweep() {
	for _, all := range []bool{false, true} {
		for key, f := range l.tracked {
			if f.pending == 0 && (all || l.now().Sub(f.since) > signInWindow) {
				delete(l.tracked, key)
			}
		}
		if len(l.tracked) < signInTracked {
			return
		}
	}
}

// failed counts a wrong password or token.
func (a *attempt) failed() {
	a.end(func(_ string, f *failures) {
		if now := a.limiter.now(); now.Sub(f.since) > signInWindow || f.count == 0 {
			f.count, f.since = 0, now
		}
		f.count++
	})
}

// succeeded forgets a login's failures; an address keeps its own, or one good account would pay for guessing others.
func (a *attempt) succeeded() {
	a.end(func(key string, f *failures) {
		if strings.HasPrefix(key, "login ") {
			f.count = 0
		}
	})
}

// dropped is the end of an attempt that nobody has judged.
func (a *attempt) dropped() { a.end(func(string, *failures) {}) }

func (a *attempt) end(note func(key string, f *failures)) {
	l := a.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.ended {
		return
	}
	a.ended = true
	for _, b := range a.bounds {
		f := l.tracked[b.key]
		f.pending--
		note(b.key, f)
		if f.pending == 0 && f.count == 0 {
			delete(l.tracked, b.key)
		}
	}
	close(l.decided)
	l.decided = make(chan struct{})
}

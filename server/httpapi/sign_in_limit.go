package httpapi

import (
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
// bound is the higher one, so that locking somebody out takes an effort.
type signInLimiter struct {
	now func() time.Time

	mu      sync.Mutex
	tracked map[string]*failures
}

type failures struct {
	count int
	since time.Time
}

func newSignInLimiter() *signInLimiter {
	return &signInLimiter{now: time.Now, tracked: map[string]*failures{}}
}

func addressKey(remote string) string { return "address " + remote }

func loginKey(login string) string { return "login " + strings.ToLower(login) }

// blocked returns how long an attempt has to wait; 0 lets it through.
func (l *signInLimiter) blocked(remote, login string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.waitOf(addressKey(remote), failuresPerAddress), l.waitOf(loginKey(login), failuresPerLogin))
}

func (l *signInLimiter) waitOf(key string, bound int) time.Duration {
	f := l.tracked[key]
	if f == nil || f.count < bound {
		return 0
	}
	return max(f.since.Add(signInWindow).Sub(l.now()), 0)
}

func (l *signInLimiter) failed(remote, login string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.tracked) >= signInTracked {
		for key, f := range l.tracked {
			if now.Sub(f.since) > signInWindow {
				delete(l.tracked, key)
			}
		}
		if len(l.tracked) >= signInTracked {
			clear(l.tracked)
		}
	}
	for _, key := range []string{addressKey(remote), loginKey(login)} {
		f := l.tracked[key]
		if f == nil || now.Sub(f.since) > signInWindow {
			f = &failures{since: now}
			l.tracked[key] = f
		}
		f.count++
	}
}

// succeeded forgets a login's failures; an address keeps its own, or one good account would pay for guessing others.
func (l *signInLimiter) succeeded(login string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.tracked, loginKey(login))
}

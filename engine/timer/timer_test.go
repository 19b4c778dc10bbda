package timer_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/engine/timer"
)

// source is a table of timers in memory.
type source struct {
	mu   sync.Mutex
	rows map[pgstore.DueTimer]time.Time
}

func (s *source) DueTimers(_ context.Context, _ []int16, limit int) ([]pgstore.DueTimer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []pgstore.DueTimer
	for t, due := range s.rows {
		if !due.After(time.Now()) && len(out) < limit {
			out = append(out, t)
		}
	}
	return out, nil
}

func (s *source) remove(t pgstore.DueTimer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rows, t)
}

func run(t *testing.T, p *timer.Poller, during func()) {
	t.Helper()
	p.Every, p.Limit, p.Log = 150*time.Millisecond, 10, slog.Default()
	p.Shards = func() []int16 { return []int16{1} }
	if p.Ready == nil {
		p.Ready = func(_ context.Context, due []pgstore.DueTimer) []pgstore.DueTimer { return due }
	}
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { p.Run(ctx) })
	during()
	cancel()
	group.Wait()
}

func TestTimersFireOnceWithin250Milliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		src := &source{rows: map[pgstore.DueTimer]time.Time{}}
		for i := range 35 {
			src.rows[pgstore.DueTimer{Process: "p", Task: string(rune('a' + i)), Kind: "retry"}] = began.Add(time.Duration(i) * 40 * time.Millisecond)
		}
		due := map[pgstore.DueTimer]time.Time{}
		for k, v := range src.rows {
			due[k] = v
		}
		fired := map[pgstore.DueTimer]int{}
		p := &timer.Poller{Source: src, Fire: func(_ context.Context, d pgstore.DueTimer, done func()) error {
			fired[d]++
			if late := time.Since(due[d]); late > 250*time.Millisecond {
				t.Errorf("%s fired %s late", d.Task, late)
			}
			time.AfterFunc(time.Second, func() { // the commit takes long: it is not fired again meanwhile
				src.remove(d)
				done()
			})
			return nil
		}}
		run(t, p, func() { <-time.After(5 * time.Second) })
		for d, n := range fired {
			if n != 1 {
				t.Errorf("%s fired %d times", d.Task, n)
			}
		}
		if len(fired) != 35 {
			t.Errorf("%d of 35 fired", len(fired))
		}
	})
}

func TestTimerThatIsNotReadyOrNotTakenIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := pgstore.DueTimer{Process: "p", Task: "a", Kind: "total"}
		src := &source{rows: map[pgstore.DueTimer]time.Time{one: time.Now()}}
		asked, offered := 0, 0
		p := &timer.Poller{
			Source: src,
			Ready: func(_ context.Context, due []pgstore.DueTimer) []pgstore.DueTimer {
				if asked++; asked < 3 {
					return nil
				}
				return due
			},
			Fire: func(_ context.Context, d pgstore.DueTimer, done func()) error {
				if offered++; offered < 3 {
					return errors.New("busy")
				}
				src.remove(d)
				done()
				return nil
			},
		}
		run(t, p, func() { <-time.After(3 * time.Second) })
		if asked != 5 || offered != 3 {
			t.Errorf("asked %d times, offered %d times", asked, offered)
		}
	})
}

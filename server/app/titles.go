package app

import (
	"context"
	"strconv"
	"sync"
	"time"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

// titlesKept is how long a list of titles serves: a renamed definition shows its new title in lists after so long.
const titlesKept = 2 * time.Second

// titles knows the definitions' titles, which lists of processes show.
type titles struct {
	load func(ctx context.Context) (map[string]string, error)

	mu    sync.Mutex
	known map[string]string
	until time.Time
}

// of returns a definition's title; its key when it is not known.
func (t *titles) of(ctx context.Context, key string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, found := t.known[key]; !found || time.Now().After(t.until) {
		if fresh, err := t.load(ctx); err == nil {
			t.known, t.until = fresh, time.Now().Add(titlesKept)
		}
	}
	if title := t.known[key]; title != "" {
		return title
	}
	return key
}

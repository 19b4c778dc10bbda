package pgstore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// latestReader reads which version starts run. Questions that come while one is on its way to PostgreSQL go together with the
// next one: an answer is never older than its question, and a burst of starts costs a few statements.
type latestReader struct {
	pool *pgxpool.Pool

	mu   sync.Mutex
	busy bool
	next *latestRound // gathers while another is under way
}

type latestRound struct {
	keys  []string
	done  chan struct{}
	found map[string]int
	err   error
}

// latestTimeout bounds a question that several ask together, which ends with none of them.
const latestTimeout = 10 * time.Second

// of returns the latest version of a definition, 0 when none is published; known is false when there is no such definition.
func (l *latestReader) of(ctx context.Context, key string) (number int, known bool, err error) {
	l.mu.Lock()
	if !l.busy {
		l.busy = true
		l.mu.Unlock()
		found, err := l.read(ctx, []string{key})
		l.passOn()
		number, known = found[key]
		return number, known, err
	}
	if l.next == nil {
		l.next = &latestRound{done: make(chan struct{})}
	}
	r := l.next
	if !slices.Contains(r.keys, key) {
		r.keys = append(r.keys, key)
	}
	l.mu.Unlock()
	select {
	case <-r.done:
		number, known = r.found[key]
		return number, known, r.err
	case <-ctx.Done():
		return 0, false, ctx.Err()
	}
}

// passOn begins the round that has gathered, if there is one. Rounds end by themselves.
func (l *latestReader) passOn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.next
	l.next = nil
	if r == nil {
		l.busy = false
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), latestTimeout)
		defer cancel()
		r.found, r.err = l.read(ctx, r.keys)
		close(r.done)
		l.passOn()
	}()
}

func (l *latestReader) read(ctx context.Context, keys []string) (map[string]int, error) {
	found := make(map[string]int, len(keys))
	rows, err := l.pool.Query(ctx, `SELECT key, latest FROM definition WHERE key = ANY($1)`, keys)
	if err != nil {
		return nil, fmt.Errorf("read the latest versions of %d definitions: %w", len(keys), err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var latest int
		if err := rows.Scan(&key, &latest); err != nil {
			return nil, fmt.Errorf("read the latest version: %w", err)
		}
		found[key] = latest
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the latest versions of %d definitions: %w", len(keys), err)
	}
	return found, nil
}

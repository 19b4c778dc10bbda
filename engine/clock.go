package engine

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"github.com/google/uuid"
)

// dbClock tells PostgreSQL's time between two readings of it. An id of a process begins with its time, and its day says in which
// partitions the process is kept: that must not follow from the clock of one of many servers, which may be wrong or jump. What
// has passed since a reading is told by this machine's monotonic clock.
type dbClock struct {
	mu   sync.Mutex
	db   time.Time // as PostgreSQL said; zero: never asked
	at   time.Time // when it said so, by the monotonic clock
	last uint64    // what the latest id begins with
}

// set takes a reading in: PostgreSQL said now at some moment between sent and this one.
func (c *dbClock) set(now, sent time.Time) {
	got := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.db, c.at = now, sent.Add(got.Sub(sent)/2)
}

// id makes a UUIDv7 (RFC 9562): milliseconds, twelve bits of the fraction, random bits. Ids of one engine grow.
func (c *dbClock) id() (string, error) {
	var id uuid.UUID
	if _, err := rand.Read(id[8:]); err != nil {
		return "", err
	}
	c.mu.Lock()
	now := time.Now()
	if !c.db.IsZero() {
		now = c.db.Add(time.Since(c.at))
	}
	nanos := uint64(now.UnixNano())
	stamp := nanos/1e6<<12 | nanos%1e6<<12/1e6
	// A clock that was put back a little must not turn the order of starts around; one that was wrong is put right.
	if stamp <= c.last && c.last-stamp < 1000<<12 {
		stamp = c.last + 1
	}
	c.last = stamp
	c.mu.Unlock()
	binary.BigEndian.PutUint64(id[:8], stamp>>12<<16|7<<12|stamp&0xfff)
	id[8] = id[8]&0x3f | 0x80
	return id.String(), nil
}

// readClock asks PostgreSQL what time it is.
func (e *Engine) readClock(ctx context.Context) {
	sent := time.Now()
	if now, err := e.store.Now(ctx); err == nil {
		e.clock.set(now, sent)
	}
}

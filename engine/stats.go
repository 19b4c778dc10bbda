package engine

import (
	"sync/atomic"
	"time"
)

// stats counts what the committers do, for metrics.
type stats struct {
	batches, entries, nanos atomic.Int64
}

func (s *stats) batch(entries int, took time.Duration) {
	s.batches.Add(1)
	s.entries.Add(int64(entries))
	s.nanos.Add(int64(took))
}

// Stats are totals since the engine was made.
type Stats struct {
	Commits    int64         // transactions
	Entries    int64         // results, commands, starts, timers … in them
	CommitTime time.Duration // spent in them
}

// Stats returns the totals.
func (e *Engine) Stats() Stats {
	return Stats{Commits: e.stats.batches.Load(), Entries: e.stats.entries.Load(), CommitTime: time.Duration(e.stats.nanos.Load())}
}

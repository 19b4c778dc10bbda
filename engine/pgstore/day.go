package pgstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Partitions are addressed by name on the hot path: "{day}" in a statement stands for the day that the process ids begin with.
// A statement on the parent would lock every partition each time, and a range of ids beside the join misleads the planner
// into reading the range once per row; measured, that took a commit of 87 entries from a few milliseconds to 65.

// dayLayout is how partitions are named by their day, which is one of UTC.
const dayLayout = "20060102"

// dayOf is the day of a UUIDv7 as partitions are named: YYYYMMDD in UTC.
func dayOf(id string) string {
	if len(id) < 13 {
		return ""
	}
	ms, err := strconv.ParseInt(id[:8]+id[9:13], 16, 64)
	if err != nil {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format(dayLayout)
}

// dayKey groups ids without formatting a date for each: 86,400,000 ms are a day.
func dayKey(id string) int64 {
	if len(id) < 13 {
		return -1
	}
	ms, err := strconv.ParseInt(id[:8]+id[9:13], 16, 64)
	if err != nil {
		return -1
	}
	return ms / 86_400_000
}

// group is the rows of one day.
type group[T any] struct {
	day  string
	rows []T
}

// byDay sorts rows into days, keeping their order. Nearly always there is one.
func byDay[T any](rows []T, process func(*T) string) []group[T] {
	if len(rows) == 0 {
		return nil
	}
	first := dayKey(process(&rows[0]))
	same := true
	for i := range rows {
		if dayKey(process(&rows[i])) != first {
			same = false
			break
		}
	}
	if same {
		return []group[T]{{dayOf(process(&rows[0])), rows}}
	}
	at := map[int64]int{}
	var out []group[T]
	for i := range rows {
		id := process(&rows[i])
		k := dayKey(id)
		g, ok := at[k]
		if !ok {
			g = len(out)
			at[k] = g
			out = append(out, group[T]{day: dayOf(id)})
		}
		out[g].rows = append(out[g].rows, rows[i])
	}
	return out
}

func itself(id *string) string { return *id }

type statementKey struct{ statement, day string }

var statements sync.Map // statementKey → text

// on is a statement for one day's partitions.
func on(statement, day string) string {
	k := statementKey{statement, day}
	if text, ok := statements.Load(k); ok {
		return text.(string)
	}
	text := strings.ReplaceAll(statement, "{day}", day)
	statements.Store(k, text)
	return text
}

// days are the partitions that exist.
type days struct {
	mu    sync.RWMutex
	known map[string]bool
	read  time.Time
}

// has tells whether a day's partitions exist; it looks again when it does not know the day, at most once a second.
func (s *Store) hasDay(ctx context.Context, day string) bool {
	s.days.mu.RLock()
	known, read := s.days.known[day], s.days.read
	s.days.mu.RUnlock()
	if known || day == "" || time.Since(read) < time.Second {
		return known
	}
	if err := s.readDays(ctx); err != nil {
		return false
	}
	s.days.mu.RLock()
	defer s.days.mu.RUnlock()
	return s.days.known[day]
}

func (s *Store) readDays(ctx context.Context) error {
	const statement = `SELECT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'scope'::regclass`
	rows, err := s.db.Query(ctx, statement)
	found, err := rowsOf(rows, err, func(r pgx.Rows) (day string, err error) { return day, r.Scan(&day) })
	if err != nil {
		return fmt.Errorf("list partitions: %w", err)
	}
	s.days.mu.Lock()
	defer s.days.mu.Unlock()
	s.days.known, s.days.read = make(map[string]bool, len(found)), time.Now()
	for _, day := range found {
		s.days.known[day] = true
	}
	return nil
}

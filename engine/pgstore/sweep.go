package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// InWindow is a message that should be in Redis.
type InWindow struct {
	Process     string
	Task        string
	Epoch       int64
	Pool        string
	NodeType    string
	Lane        wire.Lane
	AttemptMS   int64
	PublishedAt time.Time
	StartedAt   *time.Time
	Age         time.Duration // since it was published
	Ran         time.Duration // since its start was reported
}

// windowRows reads what was published long enough ago, and what was published in a future that a clock put back took away.
const windowRows = `
SELECT process_id::text, task_id::text, epoch, pool, node_type, lane, attempt_ms, published_at, started_at,
       extract(epoch FROM clock_timestamp() - published_at), COALESCE(extract(epoch FROM clock_timestamp() - started_at), 0)
FROM dispatch WHERE published_at < clock_timestamp() - $1 * interval '1 millisecond' OR published_at > clock_timestamp() + interval '5 seconds'
ORDER BY process_id, task_id`

func scanWindow(r pgx.Rows) (w InWindow, err error) {
	var age, ran float64
	err = r.Scan(&w.Process, &w.Task, &w.Epoch, &w.Pool, &w.NodeType, &w.Lane, &w.AttemptMS, &w.PublishedAt, &w.StartedAt, &age, &ran)
	w.Age, w.Ran = time.Duration(age*float64(time.Second)), time.Duration(ran*float64(time.Second))
	return w, err
}

// Window returns the messages that were published longer than age ago. The window is bounded by the workers' slots.
func (s *Store) Window(ctx context.Context, age time.Duration) ([]InWindow, error) {
	rows, err := s.db.Query(ctx, windowRows, age.Milliseconds())
	out, err := rowsOf(rows, err, scanWindow)
	if err != nil {
		return nil, fmt.Errorf("read the window: %w", err)
	}
	return out, nil
}

// TaskEpoch names a message.
type TaskEpoch struct {
	Task  string
	Epoch int64
}

const stillInWindow = `
SELECT d.task_id::text, d.epoch FROM dispatch AS d
JOIN unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS x (process_id, task_id, epoch) USING (process_id, task_id, epoch)`

// StillInWindow tells which messages have not been settled meanwhile.
func (s *Store) StillInWindow(ctx context.Context, messages []*InWindow) (map[TaskEpoch]bool, error) {
	processes, tasks, epochs := make([]string, len(messages)), make([]string, len(messages)), make([]int64, len(messages))
	for i, m := range messages {
		processes[i], tasks[i], epochs[i] = m.Process, m.Task, m.Epoch
	}
	here := make(map[TaskEpoch]bool, len(messages))
	rows, err := s.db.Query(ctx, stillInWindow, processes, tasks, epochs)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var m TaskEpoch
		if err = r.Scan(&m.Task, &m.Epoch); err == nil {
			here[m] = true
		}
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the window of %d messages again: %w", len(messages), err)
	}
	return here, nil
}

const windowOf = `
SELECT process_id::text, task_id::text, epoch, pool, node_type, lane, attempt_ms, published_at, started_at, 0::float8, 0::float8
FROM dispatch WHERE process_id = ANY($1::uuid[]) AND started_at IS NULL`

// WindowOf returns the messages of processes whose start nobody reported.
func (s *Store) WindowOf(ctx context.Context, processes []string) ([]InWindow, error) {
	rows, err := s.db.Query(ctx, windowOf, processes)
	out, err := rowsOf(rows, err, scanWindow)
	if err != nil {
		return nil, fmt.Errorf("read the window of %d processes: %w", len(processes), err)
	}
	return out, nil
}

// DueTimer is a timer that is due.
type DueTimer struct {
	Process string
	Task    string
	Kind    flow.TimerKind
	Node    string // of flow.TimerWait
	Epoch   int64
	Shard   int
}

const dueTimers = `
SELECT process_id::text, task_id::text, kind, epoch, shard FROM timer
WHERE due_at <= clock_timestamp() AND shard = ANY($1::smallint[]) ORDER BY due_at LIMIT $2`

// DueTimers returns the timers of the shards that are due, earliest first.
func (s *Store) DueTimers(ctx context.Context, shards []int16, limit int) ([]DueTimer, error) {
	rows, err := s.db.Query(ctx, dueTimers, shards, limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (t DueTimer, err error) {
		var kind string
		err = r.Scan(&t.Process, &t.Task, &kind, &t.Epoch, &t.Shard)
		t.Kind, t.Node = splitTimerKind(kind)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("read due timers: %w", err)
	}
	return out, nil
}

const readInbox = `SELECT id, process_id::text, kind, body FROM inbox WHERE shard = ANY($1::smallint[]) ORDER BY id LIMIT $2`

// Inbox returns the oldest rows of the shards' inboxes.
func (s *Store) Inbox(ctx context.Context, shards []int16, limit int) ([]Note, error) {
	rows, err := s.db.Query(ctx, readInbox, shards, limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (n Note, err error) {
		var body []byte
		err = r.Scan(&n.ID, &n.Process, &n.Kind, &body)
		n.Body = body
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the inbox: %w", err)
	}
	return out, nil
}

// foldCounters empties the deltas into the counters in one statement; rows of transactions that have not committed stay.
const foldCounters = `
WITH gone AS (DELETE FROM counter_delta RETURNING name, definition_key, version, n)
INSERT INTO counter AS c (name, definition_key, version, n)
SELECT name, definition_key, version, sum(n) FROM gone GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (name, definition_key, version) DO UPDATE SET n = c.n + excluded.n`

// FoldCounters adds up the deltas.
func (s *Store) FoldCounters(ctx context.Context) error {
	var some bool // asked first: it costs an idle server a tenth
	if err := s.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM counter_delta)`).Scan(&some); err != nil {
		return fmt.Errorf("look for deltas of counters: %w", err)
	}
	if !some {
		return nil
	}
	if _, err := s.db.Exec(ctx, foldCounters); err != nil {
		return fmt.Errorf("fold counters: %w", err)
	}
	return nil
}

const counters = `
SELECT name, definition_key, version, sum(n)::bigint FROM (
    SELECT name, definition_key, version, n FROM counter UNION ALL SELECT name, definition_key, version, n FROM counter_delta) AS x
GROUP BY 1, 2, 3`

// Counters returns every counter, deltas included.
func (s *Store) Counters(ctx context.Context) ([]Delta, error) {
	rows, err := s.db.Query(ctx, counters)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (d Delta, err error) { return d, r.Scan(&d.Name, &d.Definition, &d.Version, &d.N) })
	if err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	return out, nil
}

// WriteDead keeps entries that could not be committed at all.
func (s *Store) WriteDead(ctx context.Context, d Dead) error {
	_, err := s.db.Exec(ctx, `INSERT INTO dead_result (process_id, task_id, body, error) VALUES ($1, $2, $3, $4)`,
		textOrNil(d.Process), textOrNil(d.Task), d.Body, d.Error)
	if err != nil {
		return fmt.Errorf("keep a dead result: %w", err)
	}
	return nil
}

// Dismiss drops the timer or the inbox row of an entry that is given up.
func (s *Store) Dismiss(ctx context.Context, timer *DueTimer, inbox int64) error {
	if timer != nil {
		if _, err := s.db.Exec(ctx, `DELETE FROM timer WHERE process_id = $1 AND task_id = $2 AND kind = $3 AND epoch = $4`,
			timer.Process, timer.Task, timerKind(&flow.Timer{Kind: timer.Kind, Node: timer.Node}), timer.Epoch); err != nil {
			return fmt.Errorf("drop a timer of process %s: %w", timer.Process, err)
		}
	}
	if inbox != 0 {
		if _, err := s.db.Exec(ctx, deleteInbox, []int64{inbox}); err != nil {
			return fmt.Errorf("drop inbox row %d: %w", inbox, err)
		}
	}
	return nil
}

package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/server/alert"
)

// transaction is one evaluation.
type transaction struct {
	tx    pgx.Tx
	wrote bool
}

var _ alert.Tx = (*transaction)(nil)

// fenced holds the lease's row until the commit: no other server can take over in between, and one that has is seen.
const fenced = `
SELECT 1 FROM leader_lease WHERE name = 'alert' AND owner = $1 AND fence = $2 AND expires_at > clock_timestamp() FOR UPDATE`

// Evaluate runs f in a transaction that commits only while the owner leads.
func (s *Store) Evaluate(ctx context.Context, owner string, fence int64, f func(alert.Tx) error) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		// A server that stalls in here must not keep what it took.
		if _, err := tx.Exec(ctx, `SET LOCAL idle_in_transaction_session_timeout = '30s'`); err != nil {
			return fmt.Errorf("begin an evaluation: %w", err)
		}
		t := &transaction{tx: tx}
		if err := f(t); err != nil || !t.wrote {
			return err
		}
		var one int
		err := tx.QueryRow(ctx, fenced, owner, fence).Scan(&one)
		if errors.Is(err, pgx.ErrNoRows) {
			return alert.ErrNotLeader
		}
		return err
	})
}

// takeIncidents skips what a server that stalled still holds.
const takeIncidents = `
WITH taken AS (
    DELETE FROM alert_incident WHERE id IN (SELECT id FROM alert_incident ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING *)
SELECT t.definition_key, t.version, t.node_id, t.code, coalesce(p.test, false), t.process_id::text, coalesce(p.custom_id, ''), t.task_id::text, t.message, t.opened_at
FROM taken t LEFT JOIN process p ON p.id = t.process_id ORDER BY t.id`

func (t *transaction) TakeIncidents(ctx context.Context, limit int) ([]alert.Incident, error) {
	var some bool // asked first: planning takeIncidents over all partitions costs an idle server more than this
	if err := t.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM alert_incident)`).Scan(&some); err != nil {
		return nil, fmt.Errorf("look for incidents to judge: %w", err)
	}
	if !some {
		return nil, nil
	}
	rows, err := t.tx.Query(ctx, takeIncidents, limit)
	out, err := collect(rows, err, func(row pgx.CollectableRow) (i alert.Incident, err error) {
		err = row.Scan(&i.Definition, &i.Version, &i.NodeID, &i.Code, &i.Test, &i.Item.ProcessID, &i.Item.CustomID, &i.Item.TaskID, &i.Item.Message, &i.Item.At)
		i.Item.At = i.Item.At.UTC()
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("take incidents to judge: %w", err)
	}
	t.wrote = t.wrote || len(out) > 0
	return out, nil
}

const openAlerts = `
SELECT a.id::text, a.rule_id::text, r.name, r.kind, a.subject, a.opened_at, a.total, a.told, a.window_until, a.window_ms, a.window_told, a.last_notice_at, a.facts, a.pending
FROM alert a JOIN alert_rule r ON r.id = a.rule_id WHERE a.closed_at IS NULL ORDER BY a.id`

func (t *transaction) OpenAlerts(ctx context.Context) ([]*alert.Alert, error) {
	rows, err := t.tx.Query(ctx, openAlerts)
	out, err := collect(rows, err, func(row pgx.CollectableRow) (*alert.Alert, error) {
		a := &alert.Alert{}
		var windowMS int64
		err := row.Scan(&a.ID, &a.RuleID, &a.RuleName, &a.Kind, &a.Subject, &a.OpenedAt, &a.Total, &a.Told, &a.WindowUntil, &windowMS, &a.WindowTold, &a.LastNoticeAt, &a.Facts, &a.Pending)
		a.Window = time.Duration(windowMS) * time.Millisecond
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the open alerts: %w", err)
	}
	return out, nil
}

const openGroups = `
SELECT EXISTS (SELECT 1 FROM incident i WHERE i.definition_key = u.d AND i.node_id = u.n AND i.code = u.c)
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u(d, n, c, at) ORDER BY u.at`

func (t *transaction) OpenGroups(ctx context.Context, groups []alert.Group) ([]bool, error) {
	definitions, nodes, codes := make([]string, len(groups)), make([]string, len(groups)), make([]string, len(groups))
	for i, g := range groups {
		definitions[i], nodes[i], codes[i] = g.Definition, g.NodeID, g.Code
	}
	rows, err := t.tx.Query(ctx, openGroups, definitions, nodes, codes)
	out, err := collect(rows, err, pgx.RowTo[bool])
	if err != nil {
		return nil, fmt.Errorf("look for incidents of %d groups: %w", len(groups), err)
	}
	return out, nil
}

// pools counts what waits: messages that nobody began and the backlog without what is held or paused on purpose. What a lost
// worker had begun comes back to the queue by itself.
const pools = `
SELECT w.pool, sum(w.n)::bigint, min(w.oldest), max(s.seen_at), bool_or(p.name IS NOT NULL)
FROM (
    SELECT pool, count(*) AS n, min(published_at) AS oldest FROM dispatch WHERE started_at IS NULL GROUP BY pool
    UNION ALL
    SELECT b.pool, count(*), min(b.created_at) FROM backlog b
    WHERE NOT b.held
      AND NOT EXISTS (SELECT 1 FROM pause x WHERE x.kind = 'type' AND x.name = b.node_type)
      AND NOT EXISTS (SELECT 1 FROM pause x WHERE x.kind = 'definition' AND x.name = b.definition_key)
    GROUP BY b.pool) AS w
LEFT JOIN pool_seen s ON s.pool = w.pool
LEFT JOIN pause p ON p.kind = 'pool' AND p.name = w.pool
WHERE w.n > 0 GROUP BY w.pool ORDER BY w.pool`

func (t *transaction) Pools(ctx context.Context) ([]alert.PoolState, error) {
	rows, err := t.tx.Query(ctx, pools)
	out, err := collect(rows, err, func(row pgx.CollectableRow) (p alert.PoolState, err error) {
		return p, row.Scan(&p.Pool, &p.Waiting, &p.Oldest, &p.SeenAt, &p.Paused)
	})
	if err != nil {
		return nil, fmt.Errorf("read what waits for the pools: %w", err)
	}
	return out, nil
}

// takeLate looks at what is live and was made early enough: an id begins with the time at which it was made, a minute is for
// clocks that differ.
const takeLate = `
WITH late AS (
    SELECT p.id, p.custom_id, p.definition_key, p.version, p.started_at
    FROM process_live l JOIN process p ON p.id = l.process_id
    WHERE l.process_id < (lpad(to_hex((extract(epoch FROM $3::timestamptz + interval '1 minute') * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
      AND p.started_at < $3 AND NOT p.test AND p.ended_at IS NULL AND ($2 = '' OR p.definition_key = $2)
      AND NOT EXISTS (SELECT 1 FROM alert_late x WHERE x.rule_id = $1 AND x.process_id = p.id)
    ORDER BY l.process_id LIMIT $4),
new AS (
    INSERT INTO alert_late (rule_id, process_id, subject) SELECT $1, id, definition_key FROM late ON CONFLICT DO NOTHING RETURNING process_id)
SELECT late.definition_key, late.version, late.id::text, late.custom_id, late.started_at FROM late JOIN new ON new.process_id = late.id ORDER BY late.id`

func (t *transaction) TakeLate(ctx context.Context, rule, definition string, before time.Time, limit int) ([]alert.Late, error) {
	rows, err := t.tx.Query(ctx, takeLate, rule, definition, before, limit)
	out, err := collect(rows, err, func(row pgx.CollectableRow) (l alert.Late, err error) {
		err = row.Scan(&l.Definition, &l.Version, &l.Item.ProcessID, &l.Item.CustomID, &l.Item.At)
		l.Item.At = l.Item.At.UTC()
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("look for late processes of rule %s: %w", rule, err)
	}
	t.wrote = t.wrote || len(out) > 0
	return out, nil
}

const dropEnded = `
DELETE FROM alert_late x WHERE x.rule_id = $1 AND NOT EXISTS (SELECT 1 FROM process_live l WHERE l.process_id = x.process_id)`

func (t *transaction) DropEnded(ctx context.Context, rule string) (map[string]int64, error) {
	done, err := t.tx.Exec(ctx, dropEnded, rule)
	if err != nil {
		return nil, fmt.Errorf("forget ended processes of rule %s: %w", rule, err)
	}
	t.wrote = t.wrote || done.RowsAffected() > 0
	rows, err := t.tx.Query(ctx, `SELECT subject, count(*) FROM alert_late WHERE rule_id = $1 GROUP BY subject`, rule)
	if err != nil {
		return nil, fmt.Errorf("count late processes of rule %s: %w", rule, err)
	}
	left := map[string]int64{}
	var subject string
	var n int64
	if _, err := pgx.ForEachRow(rows, []any{&subject, &n}, func() error {
		left[subject] = n
		return nil
	}); err != nil {
		return nil, fmt.Errorf("count late processes of rule %s: %w", rule, err)
	}
	return left, nil
}

const writeAlert = `
INSERT INTO alert (id, rule_id, subject, opened_at, closed_at, total, told, window_until, window_ms, window_told, last_notice_at, facts, pending)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (id) DO UPDATE SET closed_at = excluded.closed_at, total = excluded.total, told = excluded.told, window_until = excluded.window_until,
    window_ms = excluded.window_ms, window_told = excluded.window_told, last_notice_at = excluded.last_notice_at, facts = excluded.facts, pending = excluded.pending
WHERE alert.closed_at IS NULL`

const writeNotice = `INSERT INTO alert_notice (id, rule_id, alert_id, kind, at, facts) VALUES ($1, $2, $3, $4, $5, $6)`

const writeDelivery = `
INSERT INTO alert_delivery (id, notice_id, channel, target, next_at, give_up_at) VALUES ($1, $2, $3, $4, $5, $6)`

func (t *transaction) Write(ctx context.Context, alerts []*alert.Alert, notices []alert.Notice) error {
	t.wrote = true
	batch := &pgx.Batch{}
	for _, a := range alerts {
		facts, err := encode(a.Facts)
		if err != nil {
			return fmt.Errorf("encode alert %s: %w", a.ID, err)
		}
		if a.Pending == nil {
			a.Pending = []alert.Item{}
		}
		pending, err := encode(a.Pending)
		if err != nil {
			return fmt.Errorf("encode alert %s: %w", a.ID, err)
		}
		batch.Queue(writeAlert, a.ID, a.RuleID, a.Subject, a.OpenedAt, a.ClosedAt, a.Total, a.Told, a.WindowUntil, a.Window.Milliseconds(), a.WindowTold, a.LastNoticeAt, facts, pending)
	}
	for i := range notices {
		if err := queueNotice(batch, &notices[i]); err != nil {
			return err
		}
	}
	if err := t.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write %d alerts and %d notices: %w", len(alerts), len(notices), err)
	}
	return nil
}

func queueNotice(batch *pgx.Batch, n *alert.Notice) error {
	facts, err := encode(n.Facts)
	if err != nil {
		return fmt.Errorf("encode notice %s: %w", n.ID, err)
	}
	var of *string
	if n.AlertID != "" {
		of = &n.AlertID
	}
	batch.Queue(writeNotice, n.ID, n.RuleID, of, n.Kind, n.At, facts)
	for _, d := range n.Deliveries {
		batch.Queue(writeDelivery, d.ID, n.ID, d.Channel, d.Target, d.NextAt, d.GiveUpAt)
	}
	return nil
}

// AddNotice stores a notice with its deliveries.
func (s *Store) AddNotice(ctx context.Context, n alert.Notice) error {
	batch := &pgx.Batch{}
	if err := queueNotice(batch, &n); err != nil {
		return err
	}
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error { return tx.SendBatch(ctx, batch).Close() })
	if err != nil {
		return fmt.Errorf("add notice %s: %w", n.ID, err)
	}
	return nil
}

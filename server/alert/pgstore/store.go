// Package pgstore keeps the alerts in PostgreSQL. It reads the engine's tables incident, process, process_live, dispatch,
// backlog, pause and pool_seen, and writes none of them; its statements are hand-written.
package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/alert"
)

// Store is the store of alerts.
type Store struct{ db *pgxpool.Pool }

var _ alert.Store = (*Store)(nil)

// New returns a store over db.
func New(db *pgxpool.Pool) *Store { return &Store{db: db} }

const ruleColumns = `
r.id::text, r.name, r.kind, r.enabled, r.definition_key, r.error_code, r.pool, r.after_s, r.repeat_s, r.locale, r.emails, r.webhook_url,
r.webhook_secret, r.created_at, r.updated_at, r.updated_by`

// ruleScan reads ruleColumns into a rule.
type ruleScan struct {
	rule          alert.Rule
	after, repeat int64
}

func (s *ruleScan) into() []any {
	r := &s.rule
	return []any{&r.ID, &r.Name, &r.Kind, &r.Enabled, &r.Definition, &r.ErrorCode, &r.Pool, &s.after, &s.repeat, &r.Locale, &r.Emails, &r.WebhookURL,
		&r.WebhookSecret, &r.CreatedAt, &r.UpdatedAt, &r.UpdatedBy}
}

func (s *ruleScan) done() alert.Rule {
	s.rule.After, s.rule.Repeat = time.Duration(s.after)*time.Second, time.Duration(s.repeat)*time.Second
	s.rule.CreatedAt, s.rule.UpdatedAt = s.rule.CreatedAt.UTC(), s.rule.UpdatedAt.UTC()
	return s.rule
}

func scanRule(row pgx.CollectableRow) (alert.Rule, error) {
	var s ruleScan
	err := row.Scan(s.into()...)
	return s.done(), err
}

func collect[T any](rows pgx.Rows, err error, scan pgx.RowToFunc[T]) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// Rules returns all, in the order in which they were made.
func (s *Store) Rules(ctx context.Context) ([]alert.Rule, error) {
	rows, err := s.db.Query(ctx, `SELECT`+ruleColumns+` FROM alert_rule r ORDER BY r.created_at, r.kind, r.id`)
	rules, err := collect(rows, err, scanRule)
	if err != nil {
		return nil, fmt.Errorf("read the alert rules: %w", err)
	}
	return rules, nil
}

var errUnknownRule = fault.New(fault.NotFound, "alert_rule.unknown", "There is no such rule.")

// Rule returns one.
func (s *Store) Rule(ctx context.Context, id string) (alert.Rule, error) {
	rows, err := s.db.Query(ctx, `SELECT`+ruleColumns+` FROM alert_rule r WHERE r.id = $1`, id)
	if err == nil {
		var rule alert.Rule
		if rule, err = pgx.CollectExactlyOneRow(rows, scanRule); err == nil {
			return rule, nil
		}
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return alert.Rule{}, errUnknownRule
	}
	return alert.Rule{}, fmt.Errorf("read alert rule %s: %w", id, err)
}

// CreateRule adds one.
func (s *Store) CreateRule(ctx context.Context, r alert.Rule) error {
	const statement = `
INSERT INTO alert_rule (id, name, kind, enabled, definition_key, error_code, pool, after_s, repeat_s, locale, emails, webhook_url, webhook_secret,
    created_at, updated_at, updated_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)`
	_, err := s.db.Exec(ctx, statement, r.ID, r.Name, r.Kind, r.Enabled, r.Definition, r.ErrorCode, r.Pool, int64(r.After/time.Second), int64(r.Repeat/time.Second),
		r.Locale, r.Emails, r.WebhookURL, r.WebhookSecret, r.UpdatedAt, r.UpdatedBy)
	if err != nil {
		return fmt.Errorf("add alert rule %s: %w", r.ID, err)
	}
	return nil
}

// UpdateRule replaces one; its kind stays. A rule that watches no longer, or something else, forgets what it had found.
func (s *Store) UpdateRule(ctx context.Context, r alert.Rule) error {
	const statement = `
WITH old AS (SELECT id, definition_key, error_code, pool FROM alert_rule WHERE id = $1 FOR NO KEY UPDATE),
     new AS (
    UPDATE alert_rule SET name = $2, enabled = $3, definition_key = $4, error_code = $5, pool = $6, after_s = $7, repeat_s = $8, locale = $9,
        emails = $10, webhook_url = $11, webhook_secret = $12, updated_at = $13, updated_by = $14
    WHERE id = $1 RETURNING id)
SELECT NOT $3 OR old.definition_key <> $4 OR old.error_code <> $5 OR old.pool <> $6 FROM old JOIN new USING (id)`
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var other bool
		err := tx.QueryRow(ctx, statement, r.ID, r.Name, r.Enabled, r.Definition, r.ErrorCode, r.Pool, int64(r.After/time.Second), int64(r.Repeat/time.Second),
			r.Locale, r.Emails, r.WebhookURL, r.WebhookSecret, r.UpdatedAt, r.UpdatedBy).Scan(&other)
		if errors.Is(err, pgx.ErrNoRows) {
			return errUnknownRule
		}
		if err == nil && other {
			if _, err = tx.Exec(ctx, `UPDATE alert SET closed_at = greatest(opened_at, $2) WHERE rule_id = $1 AND closed_at IS NULL`, r.ID, r.UpdatedAt); err == nil {
				_, err = tx.Exec(ctx, `DELETE FROM alert_late WHERE rule_id = $1`, r.ID)
			}
		}
		if err != nil {
			return fmt.Errorf("change alert rule %s: %w", r.ID, err)
		}
		return nil
	})
}

// DeleteRule deletes one with all it found and said.
func (s *Store) DeleteRule(ctx context.Context, id string) error {
	done, err := s.db.Exec(ctx, `DELETE FROM alert_rule WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("delete alert rule %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return errUnknownRule
	}
	return nil
}

const lead = `
INSERT INTO leader_lease AS l (name, owner, fence, expires_at) VALUES ('alert', $1, 1, clock_timestamp() + $2 * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE
SET owner = $1, fence = l.fence + CASE WHEN l.owner = $1 THEN 0 ELSE 1 END, expires_at = excluded.expires_at
WHERE l.owner = $1 OR l.expires_at <= clock_timestamp()
RETURNING fence`

// Lead takes or renews the lead.
func (s *Store) Lead(ctx context.Context, owner string, ttl time.Duration) (fence int64, err error) {
	err = s.db.QueryRow(ctx, lead, owner, ttl.Milliseconds()).Scan(&fence)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("lead the alerts: %w", err)
	}
	return fence, nil
}

// Leave gives up the lead.
func (s *Store) Leave(ctx context.Context, owner string) error {
	_, err := s.db.Exec(ctx, `UPDATE leader_lease SET owner = '', expires_at = '-infinity' WHERE name = 'alert' AND owner = $1`, owner)
	return err
}

// Forget deletes the past that ended before a time, in portions.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	for _, statement := range []string{
		`DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE closed_at < $1 LIMIT 1000)`,
		`DELETE FROM alert_notice WHERE id IN (SELECT id FROM alert_notice WHERE alert_id IS NULL AND at < $1 LIMIT 1000)`,
	} {
		if _, err := s.db.Exec(ctx, statement, before); err != nil {
			return fmt.Errorf("forget past alerts: %w", err)
		}
	}
	return nil
}

func encode(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/alert"
)

// claim marks due deliveries as this attempt's; what another attempt holds is left alone until its claim ends.
const claim = `
WITH due AS (
    SELECT id FROM alert_delivery WHERE state = 'pending' AND next_at <= clock_timestamp() AND claimed_until <= clock_timestamp()
    ORDER BY next_at, id LIMIT $1 FOR UPDATE SKIP LOCKED),
mine AS (
    UPDATE alert_delivery d SET claim = gen_random_uuid(), claimed_until = clock_timestamp() + $2 * interval '1 millisecond'
    FROM due WHERE d.id = due.id RETURNING d.*)
SELECT m.id::text, m.channel, m.target, m.attempts, m.next_at, m.give_up_at, m.claim::text,
    n.id::text, coalesce(n.alert_id::text, ''), n.kind, n.at, n.facts,` + ruleColumns + `
FROM mine m JOIN alert_notice n ON n.id = m.notice_id JOIN alert_rule r ON r.id = n.rule_id ORDER BY m.next_at, m.id`

// Claim returns deliveries that are due.
func (s *Store) Claim(ctx context.Context, limit int, hold time.Duration) ([]alert.Claimed, error) {
	var some bool // asked first: an idle server pays less for it
	if err := s.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM alert_delivery WHERE state = 'pending')`).Scan(&some); err != nil {
		return nil, fmt.Errorf("look for deliveries: %w", err)
	}
	if !some {
		return nil, nil
	}
	rows, err := s.db.Query(ctx, claim, limit, hold.Milliseconds())
	out, err := collect(rows, err, func(row pgx.CollectableRow) (c alert.Claimed, err error) {
		var rule ruleScan
		err = row.Scan(append([]any{&c.ID, &c.Channel, &c.Target, &c.Attempts, &c.NextAt, &c.GiveUpAt, &c.Claim,
			&c.NoticeID, &c.Notice.AlertID, &c.Notice.Kind, &c.Notice.At, &c.Notice.Facts}, rule.into()...)...)
		c.State, c.Rule = alert.Pending, rule.done()
		c.Notice.ID, c.Notice.RuleID, c.Notice.At = c.NoticeID, c.Rule.ID, c.Notice.At.UTC()
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	return out, nil
}

const settle = `
UPDATE alert_delivery SET state = $3::text, attempts = attempts + 1, last_error = $4, next_at = CASE WHEN $3 = 'pending' THEN $5::timestamptz ELSE next_at END,
    ended_at = CASE WHEN $3 = 'pending' THEN NULL ELSE clock_timestamp() END, claim = NULL, claimed_until = '-infinity'
WHERE id = $1 AND claim = $2 AND state = 'pending'`

// Settle stores how an attempt went.
func (s *Store) Settle(ctx context.Context, c alert.Claimed, o alert.Outcome) error {
	if _, err := s.db.Exec(ctx, settle, c.ID, c.Claim, string(o.State), o.Error, o.NextAt); err != nil {
		return fmt.Errorf("settle delivery %s: %w", c.ID, err)
	}
	return nil
}

const alertColumns = `
a.id::text, a.rule_id::text, r.name, r.kind, a.subject, a.opened_at, a.closed_at, a.total, a.facts`

func scanAlert(row pgx.CollectableRow) (a alert.Alert, err error) {
	err = row.Scan(&a.ID, &a.RuleID, &a.RuleName, &a.Kind, &a.Subject, &a.OpenedAt, &a.ClosedAt, &a.Total, &a.Facts)
	a.OpenedAt = a.OpenedAt.UTC()
	return a, err
}

const listAlerts = `SELECT` + alertColumns + ` FROM alert a JOIN alert_rule r ON r.id = a.rule_id
WHERE ($1 = '' OR a.rule_id::text = $1) AND ($2::boolean IS NULL OR (a.closed_at IS NULL) = $2) AND ($3 = '' OR a.id < nullif($3, '')::uuid)
ORDER BY a.id DESC LIMIT $4`

// Alerts lists alerts, newest first, each with its newest notices.
func (s *Store) Alerts(ctx context.Context, f alert.Filter) ([]alert.Alert, error) {
	rows, err := s.db.Query(ctx, listAlerts, f.RuleID, f.Open, f.Before, f.Limit)
	out, err := collect(rows, err, scanAlert)
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	return out, s.addNotices(ctx, out)
}

// Alert returns one with its newest notices.
func (s *Store) Alert(ctx context.Context, id string) (alert.Alert, error) {
	rows, err := s.db.Query(ctx, `SELECT`+alertColumns+` FROM alert a JOIN alert_rule r ON r.id = a.rule_id WHERE a.id = $1`, id)
	out, err := collect(rows, err, scanAlert)
	if err != nil {
		return alert.Alert{}, fmt.Errorf("read alert %s: %w", id, err)
	}
	if len(out) == 0 {
		return alert.Alert{}, fault.New(fault.NotFound, "alert.unknown", "There is no such alert.")
	}
	err = s.addNotices(ctx, out)
	return out[0], err
}

// noticesShown is how many notices an alert shows.
const noticesShown = 20

const noticesOf = `
SELECT n.alert_id::text, n.id::text, n.rule_id::text, n.kind, n.at, n.facts FROM unnest($1::uuid[]) AS u(a)
CROSS JOIN LATERAL (SELECT * FROM alert_notice x WHERE x.alert_id = u.a ORDER BY x.id DESC LIMIT $2) AS n ORDER BY n.id DESC`

func scanNotice(row pgx.CollectableRow) (n alert.Notice, err error) {
	err = row.Scan(&n.AlertID, &n.ID, &n.RuleID, &n.Kind, &n.At, &n.Facts)
	n.At = n.At.UTC()
	return n, err
}

func (s *Store) addNotices(ctx context.Context, alerts []alert.Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	ids := make([]string, len(alerts))
	at := map[string]*alert.Alert{}
	for i := range alerts {
		ids[i], at[alerts[i].ID] = alerts[i].ID, &alerts[i]
	}
	rows, err := s.db.Query(ctx, noticesOf, ids, noticesShown)
	notices, err := collect(rows, err, scanNotice)
	if err != nil {
		return fmt.Errorf("read notices of %d alerts: %w", len(alerts), err)
	}
	if err := s.addDeliveries(ctx, notices); err != nil {
		return err
	}
	for _, n := range notices {
		a := at[n.AlertID]
		a.Notices = append(a.Notices, n)
	}
	return nil
}

const deliveriesOf = `
SELECT id::text, notice_id::text, channel, target, state, attempts, next_at, give_up_at, last_error, ended_at
FROM alert_delivery WHERE notice_id = ANY($1::uuid[]) ORDER BY id`

func (s *Store) addDeliveries(ctx context.Context, notices []alert.Notice) error {
	ids := make([]string, len(notices))
	at := map[string]*alert.Notice{}
	for i := range notices {
		ids[i], at[notices[i].ID] = notices[i].ID, &notices[i]
	}
	rows, err := s.db.Query(ctx, deliveriesOf, ids)
	deliveries, err := collect(rows, err, func(row pgx.CollectableRow) (d alert.Delivery, err error) {
		err = row.Scan(&d.ID, &d.NoticeID, &d.Channel, &d.Target, &d.State, &d.Attempts, &d.NextAt, &d.GiveUpAt, &d.LastError, &d.EndedAt)
		return d, err
	})
	if err != nil {
		return fmt.Errorf("read deliveries of %d notices: %w", len(notices), err)
	}
	for _, d := range deliveries {
		n := at[d.NoticeID]
		n.Deliveries = append(n.Deliveries, d)
	}
	return nil
}

// Notice returns one with its deliveries.
func (s *Store) Notice(ctx context.Context, id string) (alert.Notice, error) {
	const statement = `SELECT coalesce(alert_id::text, ''), id::text, rule_id::text, kind, at, facts FROM alert_notice WHERE id = $1`
	rows, err := s.db.Query(ctx, statement, id)
	if err == nil {
		var n alert.Notice
		if n, err = pgx.CollectExactlyOneRow(rows, scanNotice); err == nil {
			one := []alert.Notice{n}
			err = s.addDeliveries(ctx, one)
			return one[0], err
		}
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return alert.Notice{}, fault.New(fault.NotFound, "alert_notice.unknown", "There is no such notice.")
	}
	return alert.Notice{}, fmt.Errorf("read notice %s: %w", id, err)
}

package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Usage is one figure of a chart.
type Usage struct {
	Subject string // "type", "pool" or "definition"
	Name    string
	Metric  string
	At      time.Time // when its time begins
	Value   float64
}

// Samples last a minute while they are young, and a quarter of an hour until they are forgotten.
const (
	usageYoung = 48 * time.Hour
	usageKept  = 90 * 24 * time.Hour
)

// addUsage adds to the minute; of pools it keeps the peak.
const addUsage = `
INSERT INTO usage_sample AS u (subject, name, metric, minutes, at, value)
SELECT s, n, m, 1, date_trunc('minute', $1::timestamptz), v FROM unnest($2::text[], $3::text[], $4::text[], $5::float8[]) AS x (s, n, m, v) ORDER BY s, n, m
ON CONFLICT (subject, name, metric, minutes, at) DO UPDATE SET value = CASE u.subject WHEN 'pool' THEN greatest(u.value, excluded.value) ELSE u.value + excluded.value END`

// AddUsage adds figures to the minute of at; their own At is not read. No figure comes twice.
func (s *Store) AddUsage(ctx context.Context, at time.Time, figures []Usage) error {
	subjects, names, metrics, values := make([]string, len(figures)), make([]string, len(figures)), make([]string, len(figures)), make([]float64, len(figures))
	for i := range figures {
		f := &figures[i]
		subjects[i], names[i], metrics[i], values[i] = f.Subject, f.Name, f.Metric, f.Value
	}
	if _, err := s.db.Exec(ctx, addUsage, at, subjects, names, metrics, values); err != nil {
		return fmt.Errorf("add %d figures of usage: %w", len(figures), err)
	}
	return nil
}

const foldUsage = `
WITH gone AS (DELETE FROM usage_sample WHERE minutes = 1 AND at < date_bin('15 min', $1::timestamptz, 'epoch') RETURNING subject, name, metric, at, value)
INSERT INTO usage_sample AS u (subject, name, metric, minutes, at, value)
SELECT subject, name, metric, 15, date_bin('15 min', at, 'epoch') AS bin, CASE subject WHEN 'pool' THEN max(value) ELSE sum(value) END
FROM gone GROUP BY subject, name, metric, bin ORDER BY subject, name, metric, bin
ON CONFLICT (subject, name, metric, minutes, at) DO UPDATE SET value = CASE u.subject WHEN 'pool' THEN greatest(u.value, excluded.value) ELSE u.value + excluded.value END`

// FoldUsage joins minutes that are older than two days into quarters of an hour, and forgets what is older than 90 days.
func (s *Store) FoldUsage(ctx context.Context, now time.Time) error {
	if _, err := s.db.Exec(ctx, foldUsage, now.Add(-usageYoung)); err != nil {
		return fmt.Errorf("fold usage: %w", err)
	}
	if _, err := s.db.Exec(ctx, `DELETE FROM usage_sample WHERE minutes = 15 AND at < $1`, now.Add(-usageKept)); err != nil {
		return fmt.Errorf("forget old usage: %w", err)
	}
	return nil
}

// UsageSince returns when the oldest figure of all begins; zero without any.
func (s *Store) UsageSince(ctx context.Context) (time.Time, error) {
	var at *time.Time
	const statement = `SELECT least((SELECT min(at) FROM usage_sample WHERE minutes = 1), (SELECT min(at) FROM usage_sample WHERE minutes = 15))`
	if err := s.db.QueryRow(ctx, statement).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("read since when usage is counted: %w", err)
	}
	if at == nil {
		return time.Time{}, nil
	}
	return *at, nil
}

// readUsage names every length of samples, so that the index by age finds the span and not all that is kept.
const readUsage = `
SELECT name, metric, date_bin($4::interval, at, 'epoch') AS bin, CASE $1::text WHEN 'pool' THEN max(value) ELSE sum(value) END
FROM usage_sample WHERE minutes IN (1, 15) AND at >= $2 AND at < $3 AND subject = $1 AND ($5 = '' OR name = $5)
GROUP BY name, metric, bin ORDER BY name, metric, bin`

// Usage reads the figures of a subject in steps; name "" is every name. Steps without a figure are left out.
func (s *Store) Usage(ctx context.Context, subject, name string, from, to time.Time, step time.Duration) ([]Usage, error) {
	rows, err := s.db.Query(ctx, readUsage, subject, from, to, step, name)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (u Usage, err error) {
		u.Subject = subject
		return u, r.Scan(&u.Name, &u.Metric, &u.At, &u.Value)
	})
	if err != nil {
		return nil, fmt.Errorf("read usage: %w", err)
	}
	return out, nil
}

package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Drain is an order to a worker to take no more tasks. Within 0 sets no limit to what runs.
type Drain struct {
	Worker, Pool, Host string
	Stay               bool
	Within             time.Duration
	Reason, Author     string
	At                 time.Time
	Left               bool // it is gone
}

// Drains returns all orders.
func (s *Store) Drains(ctx context.Context) ([]Drain, error) {
	rows, err := s.db.Query(ctx, `SELECT worker_id, pool, host, stay, within_ms, reason, author, at, left_at IS NOT NULL FROM worker_drain ORDER BY worker_id`)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (d Drain, err error) {
		var within int64
		err = r.Scan(&d.Worker, &d.Pool, &d.Host, &d.Stay, &within, &d.Reason, &d.Author, &d.At, &d.Left)
		d.Within = time.Duration(within) * time.Millisecond
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("read which workers drain: %w", err)
	}
	return out, nil
}

// Drain keeps orders, and returns the workers that had none before: an order that is there stays as it is.
func (s *Store) Drain(ctx context.Context, orders []Drain) (given []string, err error) {
	const statement = `
WITH heard AS (DELETE FROM worker_drain_back WHERE worker_id = ANY($1))
INSERT INTO worker_drain (worker_id, pool, host, stay, within_ms, reason, author)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::text[], $7::text[]) AS o(worker_id, pool, host, stay, within_ms, reason, author)
ORDER BY worker_id ON CONFLICT (worker_id) DO NOTHING RETURNING worker_id`
	n := len(orders)
	workers, pools, hosts, stays := make([]string, n), make([]string, n), make([]string, n), make([]bool, n)
	withins, reasons, authors := make([]int64, n), make([]string, n), make([]string, n)
	for i, o := range orders {
		workers[i], pools[i], hosts[i], stays[i] = o.Worker, o.Pool, o.Host, o.Stay
		withins[i], reasons[i], authors[i] = o.Within.Milliseconds(), o.Reason, o.Author
	}
	rows, err := s.db.Query(ctx, statement, workers, pools, hosts, stays, withins, reasons, authors)
	given, err = rowsOf(rows, err, func(r pgx.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("drain %d workers: %w", n, err)
	}
	return given, nil
}

// TakeDrainBack takes orders back, and returns the workers that had one.
func (s *Store) TakeDrainBack(ctx context.Context, workers []string) (back []string, err error) {
	const statement = `
WITH ended AS (DELETE FROM worker_drain WHERE worker_id = ANY($1) RETURNING worker_id)
INSERT INTO worker_drain_back (worker_id) SELECT worker_id FROM ended ORDER BY 1
ON CONFLICT (worker_id) DO UPDATE SET at = now() RETURNING worker_id`
	rows, err := s.db.Query(ctx, statement, workers)
	back, err = rowsOf(rows, err, func(r pgx.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("take back the drain of %d workers: %w", len(workers), err)
	}
	return back, nil
}

// DrainsTakenBack returns the workers whose orders were taken back of late.
func (s *Store) DrainsTakenBack(ctx context.Context) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT worker_id FROM worker_drain_back ORDER BY worker_id`)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("read whose drain was taken back: %w", err)
	}
	return out, nil
}

// EndDrain forgets what a worker was told of draining.
func (s *Store) EndDrain(ctx context.Context, workers []string) error {
	const statement = `WITH back AS (DELETE FROM worker_drain_back WHERE worker_id = ANY($1)) DELETE FROM worker_drain WHERE worker_id = ANY($1)`
	if _, err := s.db.Exec(ctx, statement, workers); err != nil {
		return fmt.Errorf("end the drain of %d workers: %w", len(workers), err)
	}
	return nil
}

// LeaveDrained notes that drained workers are gone, and that others are there again.
func (s *Store) LeaveDrained(ctx context.Context, gone, back []string) error {
	const statement = `
UPDATE worker_drain SET left_at = CASE WHEN worker_id = ANY($1) THEN now() END
WHERE worker_id = ANY($1) AND left_at IS NULL OR worker_id = ANY($2) AND left_at IS NOT NULL`
	if _, err := s.db.Exec(ctx, statement, notNil(gone), notNil(back)); err != nil {
		return fmt.Errorf("note that %d drained workers are gone and %d back: %w", len(gone), len(back), err)
	}
	return nil
}

// ForgetDrains removes orders to workers that have been gone for so long that they do not come back, and what was taken back before that.
func (s *Store) ForgetDrains(ctx context.Context, gone time.Duration) error {
	const statement = `WITH back AS (DELETE FROM worker_drain_back WHERE at < now() - $1::interval) DELETE FROM worker_drain WHERE left_at < now() - $1::interval`
	if _, err := s.db.Exec(ctx, statement, gone); err != nil {
		return fmt.Errorf("forget old drains: %w", err)
	}
	return nil
}

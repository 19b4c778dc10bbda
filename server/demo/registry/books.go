package registry

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Books are what was entered and what was paid for it.
type Books struct {
	Entries   int // that stand
	Withdrawn int
	Fees      int // booked, those that went back among them
	Refunds   int
	Waiting   int // messages that are to be sent yet
	// Unbalanced lists what can't be: an entry without a fee, a fee that was kept without an entry.
	Unbalanced []string
}

// Books returns the books as they are. While applications are under way a fee may be booked before its entry is made.
func (r *Registry) Books(ctx context.Context) (b Books, err error) {
	err = r.db.QueryRow(ctx, `SELECT (SELECT count(*) FROM entry WHERE withdrawn_at IS NULL), (SELECT count(*) FROM entry WHERE withdrawn_at IS NOT NULL),
		(SELECT count(*) FROM booking), (SELECT count(*) FROM booking WHERE refunded_at IS NOT NULL), (SELECT count(*) FROM outgoing)`).
		Scan(&b.Entries, &b.Withdrawn, &b.Fees, &b.Refunds, &b.Waiting)
	if err != nil {
		return b, fmt.Errorf("read the books: %w", err)
	}
	rows, err := r.db.Query(ctx, `
		SELECT coalesce(e.application, b.application) || CASE WHEN b.application IS NULL THEN ': an entry without a fee' ELSE ': a fee without an entry' END
		FROM (SELECT application FROM entry WHERE withdrawn_at IS NULL) e
		FULL JOIN (SELECT application FROM booking WHERE refunded_at IS NULL) b USING (application)
		WHERE e.application IS NULL OR b.application IS NULL ORDER BY 1 LIMIT 100`)
	if err != nil {
		return b, fmt.Errorf("compare entries and fees: %w", err)
	}
	b.Unbalanced, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return b, err
}

// Entries returns how many entries of an application were ever made.
func (r *Registry) Entries(ctx context.Context, application string) (standing, withdrawn int, err error) {
	err = r.db.QueryRow(ctx, `SELECT count(*) FILTER (WHERE withdrawn_at IS NULL), count(*) FILTER (WHERE withdrawn_at IS NOT NULL) FROM entry WHERE application = $1`, application).
		Scan(&standing, &withdrawn)
	return standing, withdrawn, err
}

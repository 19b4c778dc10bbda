package pgstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Closing adds to a commit that a process ends in chunks, and how many tasks are still open in it; without any the process has ended.
func (w *Write) Closing(process string, total, left int) {
	if left == 0 {
		w.QueueSQL(`DELETE FROM closing WHERE process_id = $1`, process)
		return
	}
	w.QueueSQL(`
INSERT INTO closing (process_id, total, still_open) VALUES ($1, $2, $3)
ON CONFLICT (process_id) DO UPDATE SET still_open = excluded.still_open`, process, total, left)
}

// Closing reads how many tasks were open in a process when it began to end in chunks, and how many are still; zeros when it does not.
func (s *Store) Closing(ctx context.Context, process string) (total, left int, err error) {
	err = s.db.QueryRow(ctx, `SELECT total, still_open FROM closing WHERE process_id = $1`, process).Scan(&total, &left)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, fmt.Errorf("read how far process %s has ended: %w", process, err)
	}
	return total, left, nil
}

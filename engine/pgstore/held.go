package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Held is a task that a worker says it has.
type Held struct {
	Process, Task string
	Epoch         int64
}

const stillHeld = `
SELECT u.p::text, u.t::text, u.e FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u(p, t, e)
JOIN dispatch d ON d.process_id = u.p AND d.task_id = u.t AND d.epoch = u.e AND d.pool = $4`

// StillHeld tells which of the tasks are out at a pool's workers under these epochs.
func (s *Store) StillHeld(ctx context.Context, pool string, held []Held) (map[Held]bool, error) {
	if len(held) == 0 {
		return nil, nil
	}
	processes, tasks, epochs := make([]string, len(held)), make([]string, len(held)), make([]int64, len(held))
	for i, h := range held {
		processes[i], tasks[i], epochs[i] = h.Process, h.Task, h.Epoch
	}
	rows, err := s.db.Query(ctx, stillHeld, processes, tasks, epochs, pool)
	found, err := rowsOf(rows, err, func(r pgx.Rows) (h Held, err error) { return h, r.Scan(&h.Process, &h.Task, &h.Epoch) })
	if err != nil {
		return nil, fmt.Errorf("look which of %d tasks of pool %s are out: %w", len(held), pool, err)
	}
	still := make(map[Held]bool, len(found))
	for _, h := range found {
		still[h] = true
	}
	return still, nil
}

// WorksOn tells whether a task of a process is out at workers of the pools.
func (s *Store) WorksOn(ctx context.Context, process string, pools []string) (works bool, err error) {
	const statement = `SELECT EXISTS (SELECT FROM dispatch WHERE process_id = $1 AND pool = ANY($2))`
	if err := s.db.QueryRow(ctx, statement, process, pools).Scan(&works); err != nil {
		return false, fmt.Errorf("look who works on process %s: %w", process, err)
	}
	return works, nil
}

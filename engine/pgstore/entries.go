package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// FailedEntries returns the tasks of a list's entries that failed and have not been put in order since, in the order of the list.
func (s *Store) FailedEntries(ctx context.Context, process, list string, limit int) ([]string, error) {
	const statement = `SELECT id::text FROM task WHERE process_id = $1 AND scope_id = $2 AND state = 'failed' AND NOT hidden ORDER BY run LIMIT $3`
	rows, err := s.db.Query(ctx, statement, process, list, limit)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("list the failed entries of %s: %w", list, err)
	}
	return out, nil
}

// List is a multi-instance activity that is under way.
type List struct {
	Live   bool
	Failed int
}

// Lists tells which of these scopes are lists under way, by id.
func (s *Store) Lists(ctx context.Context, process string, scopes ...string) (map[string]List, error) {
	const statement = `
SELECT id::text, COALESCE((state->'multi'->>'failed')::int, 0) FROM scope
WHERE process_id = $1 AND id = ANY($2::uuid[]) AND kind = 'multi' AND NOT ended`
	out := map[string]List{}
	rows, err := s.db.Query(ctx, statement, process, scopes)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var id string
		l := List{Live: true}
		err = r.Scan(&id, &l.Failed)
		out[id] = l
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("look for lists of process %s: %w", process, err)
	}
	return out, nil
}

package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Child is the last process that a call's task has begun, and how many it has.
type Child struct {
	ProcessRow
	Count int
}

const lastChildren = `
SELECT ` + processColumns + `, u.n
FROM (SELECT parent_task, max(id::text)::uuid AS last, count(*)::int AS n FROM process WHERE parent_task = ANY($1::uuid[]) GROUP BY 1) AS u
JOIN process p ON p.id = u.last`

// LastChildren reads the last child process of each of these tasks, by task.
func (s *Store) LastChildren(ctx context.Context, tasks []string) (map[string]*Child, error) {
	out := map[string]*Child{}
	rows, err := s.db.Query(ctx, lastChildren, tasks)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		c := &Child{}
		if err = r.Scan(append(c.into(), &c.Count)...); err == nil {
			out[c.ParentTask] = c
		}
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the child processes of %d tasks: %w", len(tasks), err)
	}
	return out, nil
}

// Children lists the processes that one has called, oldest first: those of one task when it is given, those after an id.
func (s *Store) Children(ctx context.Context, parent, task, after string, limit int) ([]ProcessRow, error) {
	c := &clauses{}
	c.add("p.parent_id = ?", parent)
	if task != "" {
		c.add("p.parent_task = ?", task)
	}
	if after != "" {
		c.add("p.id > ?::uuid", after)
	}
	statement := "SELECT " + processColumns + "\nFROM process p\nWHERE " + c.joined() + fmt.Sprintf("\nORDER BY p.id LIMIT %d", limit)
	rows, err := s.db.Query(ctx, statement, c.args...)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (p ProcessRow, err error) { return p, r.Scan(p.into()...) })
	if err != nil {
		return nil, fmt.Errorf("list the child processes of %s: %w", parent, err)
	}
	return out, nil
}

const ancestors = `
WITH RECURSIVE up AS (
    SELECT id, parent_id, 0 AS height FROM process WHERE id = $1
    UNION ALL SELECT x.id, x.parent_id, up.height + 1 FROM up JOIN process x ON x.id = up.parent_id)
SELECT ` + processColumns + ` FROM up JOIN process p ON p.id = up.id WHERE up.height > 0 ORDER BY up.height DESC`

// Ancestors lists the processes that have called one, however indirectly, the outermost first.
func (s *Store) Ancestors(ctx context.Context, process string) ([]ProcessRow, error) {
	rows, err := s.db.Query(ctx, ancestors, process)
	out, err := rowsOf(rows, err, func(r pgx.Rows) (p ProcessRow, err error) { return p, r.Scan(p.into()...) })
	if err != nil {
		return nil, fmt.Errorf("list the callers of process %s: %w", process, err)
	}
	return out, nil
}

package pgstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// WaitTimer is a time that a task waits for.
type WaitTimer struct {
	Node string // the event that waits
	Due  time.Time
}

// Waits is what a task waits for.
type Waits struct {
	Messages []Awaited
	Timers   []WaitTimer
	Person   *UserTask
}

// WaitsOf reads what tasks of a process wait for, by task.
func (s *Store) WaitsOf(ctx context.Context, process string, tasks []string) (map[string]*Waits, error) {
	all := map[string]*Waits{}
	of := func(task string) *Waits {
		if all[task] == nil {
			all[task] = &Waits{}
		}
		return all[task]
	}
	batch := &pgx.Batch{}
	batch.Queue(`SELECT task_id::text, node_id, name, correlation FROM subscription WHERE process_id = $1 AND task_id = ANY($2::uuid[]) ORDER BY created_at, task_id, node_id`,
		process, tasks).Query(func(rows pgx.Rows) error {
		return each(rows, func() error {
			var a Awaited
			if err := rows.Scan(&a.Task, &a.Node, &a.Name, &a.Correlation); err != nil {
				return err
			}
			of(a.Task).Messages = append(of(a.Task).Messages, a)
			return nil
		})
	})
	batch.Queue(`SELECT task_id::text, kind, due_at FROM timer WHERE process_id = $1 AND task_id = ANY($2::uuid[]) AND kind LIKE 'wait:%' ORDER BY due_at, kind`,
		process, tasks).Query(func(rows pgx.Rows) error {
		return each(rows, func() error {
			var task, kind string
			var due time.Time
			if err := rows.Scan(&task, &kind, &due); err != nil {
				return err
			}
			of(task).Timers = append(of(task).Timers, WaitTimer{Node: strings.TrimPrefix(kind, string(flow.TimerWait)+":"), Due: due})
			return nil
		})
	})
	batch.Queue(`SELECT `+userTaskColumns+` FROM user_task u JOIN process p ON p.id = u.process_id WHERE u.process_id = $1 AND u.task_id = ANY($2::uuid[])`,
		process, tasks).Query(func(rows pgx.Rows) error {
		return each(rows, func() error {
			t, err := scanUserTask(rows)
			if err != nil {
				return err
			}
			of(t.Task).Person = &t
			return nil
		})
	})
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read what tasks of process %s wait for: %w", process, err)
	}
	return all, nil
}

func each(rows pgx.Rows, row func() error) error {
	for rows.Next() {
		if err := row(); err != nil {
			return err
		}
	}
	return rows.Err()
}

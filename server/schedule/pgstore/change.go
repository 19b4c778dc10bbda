package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/server/schedule"
)

const insertSchedule = `
INSERT INTO schedule (id, name, definition_key, version, node_id, cron, zone, origin, input, custom_id, priority, misfire, catch_up_most, late_after_s, overlap,
    max_running, max_errors, state, state_at, state_by, errors_from, next_at, created_at, created_by, updated_at, updated_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::json, $10, $11, $12, $13, $14, $15, $16, $17, 'active', $18, $19, $18, $20, $18, $19, $18, $19)
ON CONFLICT DO NOTHING`

func insert(ctx context.Context, tx pgx.Tx, s *schedule.Schedule, origin string, next func(time.Time) *time.Time) (bool, error) {
	now, err := clock(ctx, tx)
	if err != nil {
		return false, err
	}
	s.NextAt = next(now)
	tag, err := tx.Exec(ctx, insertSchedule, s.ID, s.Name, s.Definition, s.Version, s.Node, s.Cron, s.Zone, origin, string(s.Input), s.CustomID, s.Priority, s.Misfire,
		s.CatchUpMost, int64(s.LateAfter/time.Second), s.Overlap, s.MaxRunning, s.MaxErrors, now, s.CreatedBy, s.NextAt)
	return tag.RowsAffected() == 1, err
}

func clock(ctx context.Context, tx pgx.Tx) (now time.Time, err error) {
	err = tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now)
	return now.UTC(), err
}

// Create adds a schedule.
func (s *Store) Create(ctx context.Context, made *schedule.Schedule, next func(time.Time) *time.Time) error {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		_, err := insert(ctx, tx, made, "", next)
		return err
	})
	if err != nil {
		return fmt.Errorf("add schedule %s: %w", made.ID, err)
	}
	return nil
}

const lockSchedule = `SELECT ` + scheduleColumns + ` FROM schedule s WHERE s.id = $1 FOR NO KEY UPDATE`

const updateSchedule = `
UPDATE schedule SET name = $2, definition_key = $3, version = $4, cron = $5, zone = $6, input = $7::json, custom_id = $8, priority = $9, misfire = $10,
    catch_up_most = $11, late_after_s = $12, overlap = $13, max_running = $14, max_errors = $15, state = $16, state_at = $17, state_by = $18, state_reason = $19,
    errors_from = $20, next_at = $21, revision = revision + 1, updated_at = $22, updated_by = $23
WHERE id = $1 RETURNING revision`

func update(ctx context.Context, tx pgx.Tx, s *schedule.Schedule) error {
	return tx.QueryRow(ctx, updateSchedule, s.ID, s.Name, s.Definition, s.Version, s.Cron, s.Zone, string(s.Input), s.CustomID, s.Priority, s.Misfire, s.CatchUpMost,
		int64(s.LateAfter/time.Second), s.Overlap, s.MaxRunning, s.MaxErrors, s.State, s.StateAt, s.StateBy, s.StateReason, s.ErrorsFrom, s.NextAt,
		s.UpdatedAt, s.UpdatedBy).Scan(&s.Revision)
}

// dropWaiting skips what waits of a schedule that does not fire as it did.
const dropWaiting = `
UPDATE schedule_fire SET state = 'skipped', reason = $2, ended_at = clock_timestamp() WHERE schedule_id = $1 AND state = 'waiting'`

// Update changes a schedule under its lock.
func (s *Store) Update(ctx context.Context, id string, revision int64, change func(*schedule.Schedule, time.Time) error) (schedule.Schedule, error) {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var one row
		if err := tx.QueryRow(ctx, lockSchedule, id).Scan(one.into()...); err != nil {
			return unknown(err)
		}
		locked := one.done()
		if revision != 0 && locked.Revision != revision {
			return schedule.ErrRevision
		}
		now, err := clock(ctx, tx)
		if err != nil {
			return err
		}
		if err := change(&locked, now); err != nil {
			return err
		}
		if locked.State != schedule.Active {
			if _, err := tx.Exec(ctx, dropWaiting, id, schedule.ReasonPaused); err != nil {
				return err
			}
		}
		return update(ctx, tx, &locked)
	})
	if err != nil {
		return schedule.Schedule{}, fmt.Errorf("change schedule %s: %w", id, err)
	}
	return s.Schedule(ctx, id)
}

// Delete removes a schedule with its history.
func (s *Store) Delete(ctx context.Context, id string, check func(*schedule.Schedule) error) error {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var one row
		if err := tx.QueryRow(ctx, lockSchedule, id).Scan(one.into()...); err != nil {
			return unknown(err)
		}
		locked := one.done()
		if err := check(&locked); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM schedule WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete schedule %s: %w", id, err)
	}
	return nil
}

// changedStarts compares what the latest versions say with the schedules that their start events have.
const changedStarts = `
SELECT d.definition_key, d.node_id, d.title, d.start::text, d.start::text || ' ' || d.title, COALESCE(s.id::text, '')
FROM definition_start d LEFT JOIN schedule s ON s.definition_key = d.definition_key AND s.node_id = d.node_id
WHERE d.kind = 'schedule' AND (s.id IS NULL OR s.origin <> d.start::text || ' ' || d.title OR s.state = 'retired')
UNION ALL
SELECT s.definition_key, s.node_id, '', '', '', s.id::text
FROM schedule s
WHERE s.node_id <> '' AND s.state <> 'retired' AND NOT EXISTS (
    SELECT 1 FROM definition_start d WHERE d.definition_key = s.definition_key AND d.node_id = s.node_id AND d.kind = 'schedule')`

// Starts lists start events whose schedule is missing or says something else.
func (s *Store) Starts(ctx context.Context) ([]schedule.Start, error) {
	rows, err := s.db.Query(ctx, changedStarts)
	found, err := collect(rows, err, func(r pgx.Rows) (schedule.Start, error) {
		var start schedule.Start
		var event string
		err := r.Scan(&start.Definition, &start.Node, &start.Title, &event, &start.Origin, &start.Schedule)
		start.Event = []byte(event)
		return start, err
	})
	if err != nil {
		return nil, fmt.Errorf("compare schedules with start events: %w", err)
	}
	return found, nil
}

const adoptSchedule = `
UPDATE schedule s SET name = $2, cron = $3, zone = $4, origin = $5, input = $6::json, custom_id = $7, next_at = $8,
    state = $9, state_at = CASE WHEN state = $9 THEN state_at ELSE $10 END, state_by = CASE WHEN state = $9 THEN state_by ELSE '' END,
    state_reason = CASE WHEN state = $9 THEN state_reason ELSE '' END, revision = revision + 1, updated_at = $10, updated_by = ''
WHERE s.id = $1`

// lockQuiet locks a schedule that is not due: what is due is decided about first.
const lockQuiet = `
SELECT ` + scheduleColumns + ` FROM schedule s WHERE s.id = $1 AND (s.next_at IS NULL OR s.next_at > clock_timestamp()) FOR NO KEY UPDATE SKIP LOCKED`

// Adopt writes what a start event says into its schedule.
func (s *Store) Adopt(ctx context.Context, start *schedule.Start, write *schedule.Schedule, next func(time.Time) *time.Time) error {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if start.Schedule == "" {
			_, err := insert(ctx, tx, write, start.Origin, next)
			return err
		}
		var one row
		err := tx.QueryRow(ctx, lockQuiet, start.Schedule).Scan(one.into()...)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // the next look will find it again
		}
		if err != nil {
			return err
		}
		locked := one.done()
		now, err := clock(ctx, tx)
		if err != nil {
			return err
		}
		state := locked.State
		if state == schedule.Retired {
			state = schedule.Active
		}
		var at *time.Time
		if state == schedule.Active {
			at = next(now)
		}
		_, err = tx.Exec(ctx, adoptSchedule, locked.ID, write.Name, write.Cron, write.Zone, start.Origin, string(write.Input), write.CustomID, at, state, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("adopt start %s of %s: %w", start.Node, start.Definition, err)
	}
	return nil
}

const retireSchedule = `
UPDATE schedule SET state = 'retired', state_at = clock_timestamp(), state_by = '', state_reason = '', next_at = NULL, revision = revision + 1, updated_at = clock_timestamp()
WHERE id IN (SELECT id FROM schedule WHERE id = $1 AND state <> 'retired' AND (next_at IS NULL OR next_at > clock_timestamp()) FOR NO KEY UPDATE SKIP LOCKED)`

// Retire lets the schedule of a start event rest that is no more.
func (s *Store) Retire(ctx context.Context, id string) error {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, retireSchedule, id)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		_, err = tx.Exec(ctx, dropWaiting, id, schedule.ReasonPaused)
		return err
	})
	if err != nil {
		return fmt.Errorf("retire schedule %s: %w", id, err)
	}
	return nil
}

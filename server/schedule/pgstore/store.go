// Package pgstore keeps schedules and their history in PostgreSQL. It reads definition_start, process, process_live and tombstone of
// others, and writes none of them; its statements are hand-written. Every time is clock_timestamp()'s.
package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/server/schedule"
)

// Store is the store of schedules.
type Store struct{ db *pgxpool.Pool }

var _ schedule.Store = (*Store)(nil)

// New returns a store over db.
func New(db *pgxpool.Pool) *Store { return &Store{db: db} }

const scheduleColumns = `s.id::text, s.name, s.definition_key, s.version, s.node_id, s.cron, s.zone, s.input, s.custom_id, s.priority, s.misfire, s.catch_up_most,
s.late_after_s, s.overlap, s.max_running, s.max_errors, s.state, s.state_at, s.state_by, s.state_reason, s.errors_from, s.next_at, s.revision,
s.created_at, s.created_by, s.updated_at, s.updated_by`

// row reads scheduleColumns.
type row struct {
	schedule.Schedule
	late int64
}

func (r *row) into() []any {
	s := &r.Schedule
	return []any{&s.ID, &s.Name, &s.Definition, &s.Version, &s.Node, &s.Cron, &s.Zone, &s.Input, &s.CustomID, &s.Priority, &s.Misfire, &s.CatchUpMost,
		&r.late, &s.Overlap, &s.MaxRunning, &s.MaxErrors, &s.State, &s.StateAt, &s.StateBy, &s.StateReason, &s.ErrorsFrom, &s.NextAt, &s.Revision,
		&s.CreatedAt, &s.CreatedBy, &s.UpdatedAt, &s.UpdatedBy}
}

func (r *row) done() schedule.Schedule {
	s := r.Schedule
	s.LateAfter = time.Duration(r.late) * time.Second
	for _, at := range []*time.Time{&s.StateAt, &s.ErrorsFrom, &s.CreatedAt, &s.UpdatedAt} {
		*at = at.UTC()
	}
	s.NextAt = utc(s.NextAt)
	return s
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	moved := at.UTC()
	return &moved
}

const fireColumns = `f.schedule_id::text, f.due_at, f.kind, f.state, f.reason, f.message, f.caught_up, f.missed, f.missed_from, COALESCE(f.process_id::text, ''), f.actor,
f.decided_at, f.started_at, f.ended_at, f.cancels::text[]`

// fireRow reads fireColumns.
type fireRow struct {
	fire    schedule.Fire
	missing *time.Time
	cancels []string
}

func (r *fireRow) into() []any {
	f := &r.fire
	return []any{&f.Schedule, &f.DueAt, &f.Kind, &f.State, &f.Reason, &f.Message, &f.CaughtUp, &f.Missed, &r.missing, &f.Process, &f.Actor,
		&f.DecidedAt, &f.StartedAt, &f.EndedAt, &r.cancels}
}

func (r *fireRow) done() schedule.Fire {
	f := r.fire
	f.DueAt, f.DecidedAt, f.StartedAt, f.EndedAt = f.DueAt.UTC(), f.DecidedAt.UTC(), utc(f.StartedAt), utc(f.EndedAt)
	if r.missing != nil {
		f.Missing = r.missing.UTC()
	}
	f.SetCancels(r.cancels)
	return f
}

func collect[T any](rows pgx.Rows, err error, scan func(pgx.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func unknown(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return schedule.ErrUnknown
	}
	return err
}

// Now reads PostgreSQL's clock.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	if err := s.db.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return now, fmt.Errorf("read the clock: %w", err)
	}
	return now.UTC(), nil
}

// standing adds what lists show beside a schedule: its newest fire and how many processes run.
const standing = `
LEFT JOIN LATERAL (SELECT x.* FROM schedule_fire x WHERE x.schedule_id = s.id ORDER BY x.due_at DESC LIMIT 1) AS f ON true
LEFT JOIN LATERAL (SELECT p.open_incidents FROM process p WHERE p.id = f.process_id) AS held ON true
LEFT JOIN LATERAL (
    SELECT count(*)::int AS n FROM schedule_fire x JOIN process_live l ON l.process_id = x.process_id
    WHERE x.schedule_id = s.id AND x.state = 'running') AS live ON true`

func scanStanding(r pgx.Rows) (schedule.Schedule, error) {
	var (
		one     row
		fire    nullFire
		held    *int
		running int
	)
	if err := r.Scan(append(append(one.into(), fire.into()...), &held, &running)...); err != nil {
		return schedule.Schedule{}, err
	}
	s := one.done()
	s.Running = running
	if s.Last = fire.done(); s.Last != nil {
		s.Last.Incident = s.Last.State == schedule.FireRunning && held != nil && *held > 0
	}
	return s, nil
}

// nullFire reads fireColumns of a row that may not be there.
type nullFire struct {
	schedule, kind, state, reason, message, process, actor *string
	due, missing, decided, started, ended                  *time.Time
	caughtUp                                               *bool
	missed                                                 *int64
	cancels                                                []string
}

func (n *nullFire) into() []any {
	return []any{&n.schedule, &n.due, &n.kind, &n.state, &n.reason, &n.message, &n.caughtUp, &n.missed, &n.missing, &n.process, &n.actor,
		&n.decided, &n.started, &n.ended, &n.cancels}
}

func (n *nullFire) done() *schedule.Fire {
	if n.schedule == nil {
		return nil
	}
	r := fireRow{missing: n.missing, fire: schedule.Fire{Schedule: *n.schedule, DueAt: *n.due, Kind: schedule.FireKind(*n.kind), State: schedule.FireState(*n.state),
		Reason: *n.reason, Message: *n.message, CaughtUp: *n.caughtUp, Missed: *n.missed, Process: *n.process, Actor: *n.actor, DecidedAt: *n.decided,
		StartedAt: n.started, EndedAt: n.ended}}
	f := r.done()
	return &f
}

const oneSchedule = `SELECT ` + scheduleColumns + `, ` + fireColumns + `, held.open_incidents, live.n FROM schedule s` + standing + ` WHERE s.id = $1`

// Schedule returns one.
func (s *Store) Schedule(ctx context.Context, id string) (schedule.Schedule, error) {
	rows, err := s.db.Query(ctx, oneSchedule, id)
	found, err := collect(rows, err, scanStanding)
	if err != nil {
		return schedule.Schedule{}, fmt.Errorf("read schedule %s: %w", id, err)
	}
	if len(found) == 0 {
		return schedule.Schedule{}, schedule.ErrUnknown
	}
	return found[0], nil
}

const listSchedules = `SELECT ` + scheduleColumns + `, ` + fireColumns + `, held.open_incidents, live.n FROM schedule s` + standing + `
WHERE ($1 = '' OR s.definition_key = $1) AND ($2 = '' OR s.state = $2) AND ($3 = '' OR strpos(lower(s.name), lower($3)) > 0)
  AND ($4 = '' OR (lower(s.name), s.id) > (lower($4), $5::uuid))
ORDER BY lower(s.name), s.id LIMIT $6`

// Schedules lists schedules by name.
func (s *Store) Schedules(ctx context.Context, f schedule.Filter) ([]schedule.Schedule, error) {
	var after *string
	if f.AfterID != "" {
		after = &f.AfterID
	}
	rows, err := s.db.Query(ctx, listSchedules, f.Definition, f.State, f.Query, f.AfterName, after, f.Limit)
	found, err := collect(rows, err, scanStanding)
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	return found, nil
}

const listFires = `
SELECT ` + fireColumns + `, COALESCE(p.open_incidents, 0) > 0 FROM schedule_fire f LEFT JOIN process p ON p.id = f.process_id AND f.state = 'running'
WHERE f.schedule_id = $1 AND ($2::timestamptz IS NULL OR f.due_at < $2) ORDER BY f.due_at DESC LIMIT $3`

// Fires lists a schedule's history, newest first.
func (s *Store) Fires(ctx context.Context, id string, before *time.Time, limit int) ([]schedule.Fire, error) {
	rows, err := s.db.Query(ctx, listFires, id, before, limit)
	found, err := collect(rows, err, func(r pgx.Rows) (schedule.Fire, error) {
		var one fireRow
		var held bool
		err := r.Scan(append(one.into(), &held)...)
		f := one.done()
		f.Incident = held
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the history of schedule %s: %w", id, err)
	}
	return found, nil
}

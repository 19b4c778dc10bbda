package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/server/schedule"
)

const glance = `
SELECT EXISTS (SELECT 1 FROM schedule WHERE next_at <= clock_timestamp()) OR EXISTS (SELECT 1 FROM schedule_fire WHERE state = 'waiting'),
       EXISTS (SELECT 1 FROM schedule_fire WHERE state = 'due' AND claimed_until < clock_timestamp()),
       COALESCE(extract(epoch FROM (SELECT min(next_at) FROM schedule WHERE next_at IS NOT NULL) - clock_timestamp()) * 1000, -1)::bigint`

// Glance looks at the clock.
func (s *Store) Glance(ctx context.Context) (g schedule.Glance, err error) {
	var ms int64
	if err := s.db.QueryRow(ctx, glance).Scan(&g.Due, &g.Orphans, &ms); err != nil {
		return g, fmt.Errorf("look for schedules that are due: %w", err)
	}
	g.Next = time.Duration(ms) * time.Millisecond
	return g, nil
}

// lockDue locks what is due, and what has something waiting that may begin. Two servers never wait for each other here.
const lockDue = `
SELECT ` + scheduleColumns + ` FROM schedule s
WHERE s.next_at <= clock_timestamp() OR s.id IN (SELECT schedule_id FROM schedule_fire WHERE state = 'waiting')
ORDER BY s.next_at, s.id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED`

// settleOf notes how processes ended, of fires of some schedules or of all (null). A process that was deleted has a tombstone.
const settleOf = `
UPDATE schedule_fire f SET state = e.state, ended_at = e.ended_at
FROM schedule_fire o
LEFT JOIN process p ON p.id = o.process_id
LEFT JOIN tombstone t ON t.process_id = o.process_id
CROSS JOIN LATERAL (SELECT COALESCE(p.state, t.state, 'cancelled') AS state, COALESCE(p.ended_at, t.ended_at, clock_timestamp()) AS ended_at) AS e
WHERE o.state = 'running' AND ($1::uuid[] IS NULL OR o.schedule_id = ANY($1)) AND (p.id IS NULL OR p.ended_at IS NOT NULL)
  AND f.schedule_id = o.schedule_id AND f.due_at = o.due_at AND f.state = 'running'`

// openFires lists what has not ended of some schedules, oldest first.
const openFires = `
SELECT schedule_id::text, state, due_at, COALESCE(process_id::text, '') FROM schedule_fire
WHERE schedule_id = ANY($1::uuid[]) AND state IN ('due', 'waiting', 'running') ORDER BY schedule_id, started_at, due_at`

// countFailures counts, for each schedule with a limit of errors, how many of its last fires failed in a row: what ended well ends the
// row, what runs well or was cancelled does not count.
const countFailures = `
SELECT s.id::text, count(*) FILTER (WHERE r.bad AND r.good_after = 0)::int
FROM schedule s
CROSS JOIN LATERAL (
    SELECT x.bad, sum(CASE WHEN x.bad THEN 0 ELSE 1 END) OVER (ORDER BY x.due_at DESC) AS good_after
    FROM (
        SELECT f.due_at, f.state IN ('failed', 'refused') OR f.state = 'running' AND COALESCE(p.open_incidents, 0) > 0 AS bad
        FROM schedule_fire f LEFT JOIN process p ON p.id = f.process_id AND f.state = 'running'
        WHERE f.schedule_id = s.id AND f.decided_at >= s.errors_from
          AND (f.state IN ('completed', 'failed', 'refused') OR f.state = 'running' AND COALESCE(p.open_incidents, 0) > 0)
        ORDER BY f.due_at DESC LIMIT s.max_errors) AS x) AS r
WHERE s.id = ANY($1::uuid[]) AND s.max_errors > 0
GROUP BY s.id`

const insertFires = `
INSERT INTO schedule_fire (schedule_id, due_at, kind, state, reason, message, caught_up, missed, missed_from, cancels, decided_at, ended_at, claimed_until)
SELECT u.schedule_id, u.due_at, 'cron', u.state, u.reason, u.message, u.caught_up, u.missed, u.missed_from, string_to_array(u.cancels, ' ')::uuid[],
       $11::timestamptz, CASE WHEN u.state = 'skipped' THEN $11::timestamptz END, $11::timestamptz + $12::bigint * interval '1 millisecond'
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::bigint[], $8::timestamptz[], $9::text[], $10::int[])
  AS u(schedule_id, due_at, state, reason, message, caught_up, missed, missed_from, cancels, n)
ORDER BY u.n
ON CONFLICT DO NOTHING
RETURNING schedule_id::text, due_at`

const beginFires = `
UPDATE schedule_fire f SET state = 'due', decided_at = $4::timestamptz, claimed_until = $4::timestamptz + $5::bigint * interval '1 millisecond', cancels = string_to_array(u.cancels, ' ')::uuid[]
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS u(schedule_id, due_at, cancels)
WHERE f.schedule_id = u.schedule_id AND f.due_at = u.due_at AND f.state = 'waiting'`

const dropFires = `
UPDATE schedule_fire f SET state = 'skipped', reason = u.reason, ended_at = $4::timestamptz
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS u(schedule_id, due_at, reason)
WHERE f.schedule_id = u.schedule_id AND f.due_at = u.due_at AND f.state = 'waiting'`

const moveSchedules = `
UPDATE schedule s SET next_at = u.next_at, state = u.state, state_at = CASE WHEN s.state = u.state THEN s.state_at ELSE $5::timestamptz END,
    state_by = CASE WHEN s.state = u.state THEN s.state_by ELSE '' END, state_reason = CASE WHEN s.state = u.state THEN s.state_reason ELSE u.reason END,
    revision = s.revision + CASE WHEN s.state = u.state THEN 0 ELSE 1 END
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) AS u(id, next_at, state, reason)
WHERE s.id = u.id`

// Plan decides about what is due.
func (s *Store) Plan(ctx context.Context, limit int, claim time.Duration, decide func(*schedule.Standing, time.Time) schedule.Decision) (int, []schedule.Pending, error) {
	var (
		count   int
		pending []schedule.Pending
	)
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		standing, err := lock(ctx, tx, limit)
		if err != nil || len(standing) == 0 {
			return err
		}
		now, err := clock(ctx, tx)
		if err != nil {
			return err
		}
		count = len(standing)
		w := &plan{now: now, claim: claim, byKey: map[fireKey]*schedule.Pending{}}
		for _, st := range standing {
			w.add(st, decide(st, now))
		}
		pending, err = w.write(ctx, tx)
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("decide about schedules: %w", err)
	}
	return count, pending, nil
}

// lock locks schedules and reads what of them has not ended.
func lock(ctx context.Context, tx pgx.Tx, limit int) ([]*schedule.Standing, error) {
	rows, err := tx.Query(ctx, lockDue, limit)
	standing, err := collect(rows, err, func(r pgx.Rows) (*schedule.Standing, error) {
		var one row
		err := r.Scan(one.into()...)
		return &schedule.Standing{Schedule: one.done()}, err
	})
	if err != nil || len(standing) == 0 {
		return nil, err
	}
	ids := make([]string, len(standing))
	byID := map[string]*schedule.Standing{}
	for i, st := range standing {
		ids[i], byID[st.ID] = st.ID, st
	}
	if _, err := tx.Exec(ctx, settleOf, ids); err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, openFires, ids)
	_, err = collect(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var id, state, process string
		var due time.Time
		if err = r.Scan(&id, &state, &due, &process); err != nil {
			return none, err
		}
		switch st := byID[id]; schedule.FireState(state) {
		case schedule.FireRunning:
			st.Live = append(st.Live, process)
		case schedule.FireWaiting:
			st.Waiting = append(st.Waiting, due.UTC())
		default:
			st.Starting++
		}
		return none, nil
	})
	if err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, countFailures, ids)
	_, err = collect(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var id string
		var failures int
		if err = r.Scan(&id, &failures); err == nil {
			byID[id].Failures = failures
		}
		return none, err
	})
	return standing, err
}

type fireKey struct {
	schedule string
	due      int64
}

// plan gathers what decisions write.
type plan struct {
	now   time.Time
	claim time.Duration
	byKey map[fireKey]*schedule.Pending

	ids, states, reasons []string
	next                 []*time.Time

	fires, begin []schedule.Fire
	dropOf, why  []string
	drop         []time.Time
}

func (p *plan) add(st *schedule.Standing, d schedule.Decision) {
	p.ids, p.states, p.reasons, p.next = append(p.ids, st.ID), append(p.states, string(d.State)), append(p.reasons, d.Reason), append(p.next, d.NextAt)
	p.fires, p.begin = append(p.fires, d.Fires...), append(p.begin, d.Begin...)
	for _, due := range d.Drop {
		p.dropOf, p.drop, p.why = append(p.dropOf, st.ID), append(p.drop, due), append(p.why, d.Why)
	}
	for _, list := range [][]schedule.Fire{d.Fires, d.Begin} {
		for _, f := range list {
			if f.State == schedule.FireDue {
				p.byKey[fireKey{f.Schedule, f.DueAt.UnixMicro()}] = pendingOf(&st.Schedule, f)
			}
		}
	}
}

func pendingOf(s *schedule.Schedule, f schedule.Fire) *schedule.Pending {
	return &schedule.Pending{Fire: f, Definition: s.Definition, Version: s.Version, Node: s.Node, Name: s.Name, Input: s.Input, CustomID: s.CustomID, Priority: s.Priority}
}

// write writes the decisions; it returns the fires that are to be started. A time that was a row already is nobody's to start.
func (p *plan) write(ctx context.Context, tx pgx.Tx) (out []schedule.Pending, err error) {
	if n := len(p.fires); n > 0 {
		var (
			ids, states, reasons, messages, cancels = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
			due                                     = make([]time.Time, n)
			caught                                  = make([]bool, n)
			missed                                  = make([]int64, n)
			missing                                 = make([]*time.Time, n)
			order                                   = make([]int32, n)
		)
		for i := range p.fires {
			f := &p.fires[i]
			ids[i], due[i], states[i], reasons[i], messages[i], caught[i], missed[i], cancels[i], order[i] =
				f.Schedule, f.DueAt, string(f.State), f.Reason, f.Message, f.CaughtUp, f.Missed, spaced(f.Cancels()), int32(i)
			if f.Missed > 0 {
				missing[i] = &f.Missing
			}
		}
		rows, err := tx.Query(ctx, insertFires, ids, due, states, reasons, messages, caught, missed, missing, cancels, order, p.now, p.claim.Milliseconds())
		_, err = collect(rows, err, func(r pgx.Rows) (none struct{}, err error) {
			var id string
			var at time.Time
			if err = r.Scan(&id, &at); err != nil {
				return none, err
			}
			if f := p.byKey[fireKey{id, at.UnixMicro()}]; f != nil {
				out = append(out, *f)
			}
			return none, nil
		})
		if err != nil {
			return nil, err
		}
	}
	if n := len(p.begin); n > 0 {
		ids, due, cancels := make([]string, n), make([]time.Time, n), make([]string, n)
		for i := range p.begin {
			f := &p.begin[i]
			ids[i], due[i], cancels[i] = f.Schedule, f.DueAt, spaced(f.Cancels())
			out = append(out, *p.byKey[fireKey{f.Schedule, f.DueAt.UnixMicro()}])
		}
		if _, err := tx.Exec(ctx, beginFires, ids, due, cancels, p.now, p.claim.Milliseconds()); err != nil {
			return nil, err
		}
	}
	if len(p.drop) > 0 {
		if _, err := tx.Exec(ctx, dropFires, p.dropOf, p.drop, p.why, p.now); err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec(ctx, moveSchedules, p.ids, p.next, p.states, p.reasons, p.now)
	return out, err
}

func spaced(ids []string) string {
	out := ""
	for i, id := range ids {
		if i > 0 {
			out += " "
		}
		out += id
	}
	return out
}

const takeOrphans = `
UPDATE schedule_fire f SET claimed_until = clock_timestamp() + $2 * interval '1 millisecond'
FROM schedule s
WHERE s.id = f.schedule_id AND (f.schedule_id, f.due_at) IN (
    SELECT schedule_id, due_at FROM schedule_fire WHERE state = 'due' AND claimed_until < clock_timestamp() ORDER BY due_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING ` + fireColumns + `, s.definition_key, s.version, s.node_id, s.name, s.input, s.custom_id, s.priority`

// Orphans takes fires that no server is starting.
func (s *Store) Orphans(ctx context.Context, limit int, claim time.Duration) ([]schedule.Pending, error) {
	rows, err := s.db.Query(ctx, takeOrphans, limit, claim.Milliseconds())
	found, err := collect(rows, err, func(r pgx.Rows) (p schedule.Pending, err error) {
		var one fireRow
		err = r.Scan(append(one.into(), &p.Definition, &p.Version, &p.Node, &p.Name, &p.Input, &p.CustomID, &p.Priority)...)
		p.Fire = one.done()
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("take over fires: %w", err)
	}
	return found, nil
}

// Running notes that a fire's process has been started.
func (s *Store) Running(ctx context.Context, f *schedule.Fire, process string) error {
	_, err := s.db.Exec(ctx, schedule.MarkRunning, f.Schedule, f.DueAt, process)
	if err != nil {
		return fmt.Errorf("note the process of a fire of schedule %s: %w", f.Schedule, err)
	}
	return nil
}

// Refused notes that a fire's process can't be started.
func (s *Store) Refused(ctx context.Context, f *schedule.Fire, code, message string) error {
	const statement = `
UPDATE schedule_fire SET state = 'refused', reason = $3, message = $4, ended_at = clock_timestamp() WHERE schedule_id = $1 AND due_at = $2 AND state = 'due'`
	if _, err := s.db.Exec(ctx, statement, f.Schedule, f.DueAt, code, message); err != nil {
		return fmt.Errorf("note a refused fire of schedule %s: %w", f.Schedule, err)
	}
	return nil
}

// Release lets a fire be started again after a while.
func (s *Store) Release(ctx context.Context, f *schedule.Fire, after time.Duration) error {
	const statement = `
UPDATE schedule_fire SET claimed_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE schedule_id = $1 AND due_at = $2 AND state = 'due'`
	if _, err := s.db.Exec(ctx, statement, f.Schedule, f.DueAt, after.Milliseconds()); err != nil {
		return fmt.Errorf("release a fire of schedule %s: %w", f.Schedule, err)
	}
	return nil
}

// Settle notes how the processes of fires ended.
func (s *Store) Settle(ctx context.Context) error {
	var running bool // asked first: planning the statement over all partitions costs an idle server more than this
	if err := s.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM schedule_fire WHERE state = 'running')`).Scan(&running); err != nil {
		return fmt.Errorf("look for fires that run: %w", err)
	}
	if !running {
		return nil
	}
	if _, err := s.db.Exec(ctx, settleOf, nil); err != nil {
		return fmt.Errorf("note how fires ended: %w", err)
	}
	return nil
}

// Forget drops old history.
func (s *Store) Forget(ctx context.Context, keep time.Duration, limit int) (int, error) {
	const statement = `
DELETE FROM schedule_fire WHERE (schedule_id, due_at) IN (
    SELECT schedule_id, due_at FROM schedule_fire
    WHERE decided_at < clock_timestamp() - $1 * interval '1 millisecond' AND state NOT IN ('due', 'waiting', 'running') ORDER BY decided_at LIMIT $2)`
	tag, err := s.db.Exec(ctx, statement, keep.Milliseconds(), limit)
	if err != nil {
		return 0, fmt.Errorf("forget the history of schedules: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

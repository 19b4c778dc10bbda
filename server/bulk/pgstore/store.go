// Package pgstore keeps bulk jobs in PostgreSQL.
package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/server/bulk"
)

// Store keeps jobs, items and tallies.
type Store struct{ db *pgxpool.Pool }

var _ bulk.Store = (*Store)(nil)

// New returns the store in db.
func New(db *pgxpool.Pool) *Store { return &Store{db: db} }

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const selectJob = `
SELECT j.id::text, j.operation, j.filter, j.options, j.reason, j.state, j.total, j.plan, j.created_by, j.created_at, j.run_by, j.started_at,
       j.aborted_by, j.ended_at, j.owner, j.taken_at, j.taken_with, clock_timestamp(),
       coalesce((SELECT json_agg(json_build_object('state', t.state, 'code', t.code, 'n', t.n) ORDER BY t.state, t.n DESC, t.code) FROM bulk_tally t WHERE t.job_id = j.id), '[]')
FROM bulk_job j`

func jobs(ctx context.Context, q querier, sql string, args ...any) ([]bulk.Job, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (j bulk.Job, err error) {
		var filter, options, plan, counts []byte
		if err := row.Scan(&j.ID, &j.Operation, &filter, &options, &j.Reason, &j.State, &j.Total, &plan, &j.CreatedBy, &j.CreatedAt, &j.RunBy, &j.StartedAt,
			&j.AbortedBy, &j.EndedAt, &j.Owner, &j.TakenAt, &j.TakenWith, &j.Now, &counts); err != nil {
			return j, err
		}
		for _, document := range []struct {
			raw  []byte
			into any
		}{{filter, &j.Filter}, {options, &j.Options}, {plan, &j.Plan}, {counts, &j.Counts}} {
			if len(document.raw) == 0 {
				continue
			}
			if err := json.Unmarshal(document.raw, document.into); err != nil {
				return j, fmt.Errorf("decode job %s: %w", j.ID, err)
			}
		}
		return j, nil
	})
}

func oneJob(ctx context.Context, q querier, id string) (bulk.Job, error) {
	found, err := jobs(ctx, q, selectJob+` WHERE j.id = $1`, id)
	if err != nil {
		return bulk.Job{}, fmt.Errorf("read bulk job %s: %w", id, err)
	}
	if len(found) == 0 {
		return bulk.Job{}, bulk.ErrUnknown
	}
	return found[0], nil
}

// Job returns a job.
func (s *Store) Job(ctx context.Context, id string) (bulk.Job, error) { return oneJob(ctx, s.db, id) }

// Jobs lists jobs, newest first.
func (s *Store) Jobs(ctx context.Context, f bulk.JobFilter) ([]bulk.Job, error) {
	var before *string
	if f.Before != "" {
		before = &f.Before
	}
	found, err := jobs(ctx, s.db, selectJob+` WHERE j.state = ANY($1) AND ($2::uuid IS NULL OR j.id < $2) ORDER BY j.id DESC LIMIT $3`, texts(f.States), before, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list bulk jobs: %w", err)
	}
	return found, nil
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

const itemColumns = `i.seq, i.process_id::text, coalesce(i.task_id::text, ''), i.custom_id, i.node_id, i.state, i.code, i.message, i.issues, coalesce(i.result_id::text, ''), i.ended_at`

// selectItems merges one scan per state, each in the order of the index: a few refusals among a million items are found at
// once.
const selectItems = `
SELECT i.* FROM unnest($2::text[]) AS s(state) CROSS JOIN LATERAL (
    SELECT ` + itemColumns + ` FROM bulk_item i WHERE i.job_id = $1 AND i.state = s.state AND i.seq > $3 ORDER BY i.seq LIMIT $4) AS i
ORDER BY i.seq LIMIT $4`

const selectAllItems = `SELECT ` + itemColumns + ` FROM bulk_item i WHERE i.job_id = $1 AND i.seq > $2 ORDER BY i.seq LIMIT $3`

// Items lists a job's items.
func (s *Store) Items(ctx context.Context, f bulk.ItemFilter) ([]bulk.Item, error) {
	var rows pgx.Rows
	var err error
	if len(f.States) == 0 {
		rows, err = s.db.Query(ctx, selectAllItems, f.Job, f.After, f.Limit)
	} else {
		rows, err = s.db.Query(ctx, selectItems, f.Job, texts(f.States), f.After, f.Limit)
	}
	if err == nil {
		var items []bulk.Item
		if items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[bulk.Item]); err == nil {
			return items, nil
		}
	}
	return nil, fmt.Errorf("list the items of bulk job %s: %w", f.Job, err)
}

// Run makes a draft running.
func (s *Store) Run(ctx context.Context, id, actor, reason string, options bulk.Options) (bulk.Job, error) {
	const statement = `
UPDATE bulk_job SET state = 'running', run_by = $2, reason = $3, options = $4, started_at = clock_timestamp()
WHERE id = $1 AND state = 'draft'`
	raw, err := json.Marshal(options)
	if err != nil {
		return bulk.Job{}, fmt.Errorf("encode the options of bulk job %s: %w", id, err)
	}
	return s.change(ctx, id, statement, id, actor, reason, raw)
}

// Abort makes a running job aborting. It stays so until its owner, or whoever takes it over, has put back what was in hand.
func (s *Store) Abort(ctx context.Context, id, actor string) (bulk.Job, error) {
	return s.change(ctx, id, `UPDATE bulk_job SET state = 'aborting', aborted_by = $2 WHERE id = $1 AND state = 'running'`, id, actor)
}

func (s *Store) change(ctx context.Context, id, statement string, args ...any) (bulk.Job, error) {
	changed, err := s.db.Exec(ctx, statement, args...)
	if err != nil {
		return bulk.Job{}, fmt.Errorf("change bulk job %s: %w", id, err)
	}
	job, err := s.Job(ctx, id)
	if err == nil && changed.RowsAffected() == 0 {
		return job, bulk.ErrState
	}
	return job, err
}

// Forget deletes drafts and ended jobs that are older, a few at a time: an hour later comes the next round.
func (s *Store) Forget(ctx context.Context, drafts, ended time.Time) error {
	const old = `
SELECT id::text FROM bulk_job WHERE state = 'draft' AND created_at < $1 OR ended_at < $2
ORDER BY id LIMIT 50 FOR UPDATE SKIP LOCKED`
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, old, drafts, ended)
		if err != nil {
			return fmt.Errorf("find old bulk jobs: %w", err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("find old bulk jobs: %w", err)
		}
		for _, statement := range []string{`DELETE FROM bulk_item WHERE job_id = ANY($1::uuid[])`, `DELETE FROM bulk_tally WHERE job_id = ANY($1::uuid[])`, `DELETE FROM bulk_job WHERE id = ANY($1::uuid[])`} {
			if _, err := tx.Exec(ctx, statement, ids); err != nil {
				return fmt.Errorf("delete %d old bulk jobs: %w", len(ids), err)
			}
		}
		return nil
	})
}

// noRows turns what a missing row means into an error of the store.
func noRows(err, missing error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return missing
	}
	return err
}

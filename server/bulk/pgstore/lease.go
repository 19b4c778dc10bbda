package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/bulk"
)

// anyToClaim is what an idle server asks instead: claim costs a transaction.
const anyToClaim = `SELECT EXISTS (SELECT FROM bulk_job WHERE state IN ('running', 'aborting') AND expires_at <= clock_timestamp())`

// claim takes the lease of the job that waits longest; a new owner is a new fence.
const claim = `
UPDATE bulk_job SET owner = $1, fence = fence + 1, expires_at = clock_timestamp() + $2 * interval '1 millisecond', taken_at = clock_timestamp()
WHERE id = (SELECT id FROM bulk_job WHERE state IN ('running', 'aborting') AND expires_at <= clock_timestamp() ORDER BY started_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id::text, fence`

// putBack waits for commits of the owner before that are still under way: they mark their items done first.
const putBack = `UPDATE bulk_item SET state = 'pending' WHERE job_id = $1 AND state = 'taken'`

const forgetTally = `DELETE FROM bulk_tally WHERE job_id = $1`

const takenWith = `UPDATE bulk_job SET taken_with = (SELECT coalesce(sum(n), 0) FROM bulk_tally WHERE job_id = $1) WHERE id = $1`

// Claim takes the lease of a job that runs and that nobody has.
func (s *Store) Claim(ctx context.Context, owner string, ttl time.Duration) (job bulk.Job, lease bulk.Lease, err error) {
	var some bool
	if err := s.db.QueryRow(ctx, anyToClaim).Scan(&some); err != nil {
		return job, lease, fmt.Errorf("look for bulk jobs: %w", err)
	}
	if !some {
		return job, lease, bulk.ErrUnknown
	}
	lease.Owner = owner
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, claim, owner, ttl.Milliseconds()).Scan(&lease.Job, &lease.Fence); err != nil {
			return noRows(err, bulk.ErrUnknown)
		}
		for _, statement := range []string{putBack, forgetTally, tally, takenWith} {
			if _, err := tx.Exec(ctx, statement, lease.Job); err != nil {
				return fmt.Errorf("count again: %w", err)
			}
		}
		job, err = oneJob(ctx, tx, lease.Job)
		return err
	})
	if err != nil && !errors.Is(err, bulk.ErrUnknown) {
		err = fmt.Errorf("take over a bulk job: %w", err)
	}
	return job, lease, err
}

const renew = `
UPDATE bulk_job SET expires_at = clock_timestamp() + $4 * interval '1 millisecond'
WHERE id = $1 AND owner = $2 AND fence = $3 AND expires_at > clock_timestamp() AND state IN ('running', 'aborting') RETURNING state`

// Renew prolongs the lease.
func (s *Store) Renew(ctx context.Context, lease bulk.Lease, ttl time.Duration) (bulk.State, error) {
	return renewIn(ctx, s.db, lease, ttl)
}

func renewIn(ctx context.Context, q interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, lease bulk.Lease, ttl time.Duration,
) (state bulk.State, err error) {
	if err := q.QueryRow(ctx, renew, lease.Job, lease.Owner, lease.Fence, ttl.Milliseconds()).Scan(&state); err != nil {
		return "", fmt.Errorf("keep bulk job %s: %w", lease.Job, noRows(err, bulk.ErrLeaseOff))
	}
	return state, nil
}

// settle stores what became of items in hand. What the engine marked done stays so.
const settle = `
UPDATE bulk_item i SET state = u.state, code = u.code, message = u.message, issues = nullif(u.issues, '')::json, ended_at = CASE WHEN u.state <> 'pending' THEN clock_timestamp() END
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) AS u(seq, state, code, message, issues)
WHERE i.job_id = $1 AND i.seq = u.seq AND i.state = 'taken'`

const addTally = `
INSERT INTO bulk_tally AS t (job_id, state, code, n) SELECT $1::uuid, u.state, u.code, count(*) FROM unnest($2::text[], $3::text[]) AS u(state, code) GROUP BY 2, 3
ON CONFLICT (job_id, state, code) DO UPDATE SET n = t.n + excluded.n`

const take = `
UPDATE bulk_item i SET state = 'taken'
FROM (SELECT seq FROM bulk_item WHERE job_id = $1 AND state = 'pending' ORDER BY seq LIMIT $2) AS n
WHERE i.job_id = $1 AND i.seq = n.seq
RETURNING ` + itemColumns

// Step stores results and takes more items, under the lease.
func (s *Store) Step(ctx context.Context, lease bulk.Lease, ttl time.Duration, results []bulk.Result, n int) (state bulk.State, items []bulk.Item, err error) {
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if state, err = renewIn(ctx, tx, lease, ttl); err != nil {
			return err
		}
		if err := store(ctx, tx, lease.Job, results); err != nil {
			return err
		}
		if state != bulk.Running || n == 0 {
			return nil
		}
		rows, err := tx.Query(ctx, take, lease.Job, n)
		if err != nil {
			return fmt.Errorf("take items of bulk job %s: %w", lease.Job, err)
		}
		if items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[bulk.Item]); err != nil {
			return fmt.Errorf("take items of bulk job %s: %w", lease.Job, err)
		}
		return nil
	})
	return state, items, err
}

func store(ctx context.Context, tx pgx.Tx, job string, results []bulk.Result) error {
	var seqs []int64
	var states, codes, messages, tallied, why []string
	var issues []string
	for _, r := range results {
		if r.State == bulk.Done || r.State == bulk.Refused || r.State == bulk.Failed {
			tallied, why = append(tallied, string(r.State)), append(why, r.Code)
		}
		if r.State != bulk.Done && r.State != bulk.Taken {
			text, err := issuesText(r.Issues)
			if err != nil {
				return err
			}
			seqs, states, codes, messages, issues = append(seqs, r.Seq), append(states, string(r.State)), append(codes, r.Code), append(messages, r.Message), append(issues, text)
		}
	}
	if len(seqs) > 0 {
		if _, err := tx.Exec(ctx, settle, job, seqs, states, codes, messages, issues); err != nil {
			return fmt.Errorf("store %d results of bulk job %s: %w", len(seqs), job, err)
		}
	}
	if len(tallied) > 0 {
		if _, err := tx.Exec(ctx, addTally, job, tallied, why); err != nil {
			return fmt.Errorf("count %d results of bulk job %s: %w", len(tallied), job, err)
		}
	}
	return nil
}

// done is part of the engine's commit. The record in the audit is like that of the same operation on one process. The division
// fails the commit when the item is not in this owner's hands any more: a server that slept through its lease does nothing.
const done = `
WITH item AS (
    UPDATE bulk_item i SET state = 'done', result_id = $4, ended_at = clock_timestamp()
    FROM bulk_job j WHERE j.id = $1 AND j.fence = $3 AND i.job_id = $1 AND i.seq = $2 AND i.state = 'taken'
    RETURNING 1
)
INSERT INTO audit (actor, action, subject_kind, subject_id, reason, detail)
SELECT $5::text, $6::text, $7::text, $8::text, $9::text, $10::jsonb FROM (SELECT 1 / count(*) AS mine FROM item) AS guard WHERE mine = 1`

// Done adds to the engine's commit that an item is done, and that the commit fails without the lease.
func (s *Store) Done(tx engine.Tx, lease bulk.Lease, job *bulk.Job, item *bulk.Item, process string) {
	action, kind, id := "process."+string(job.Operation), "process", item.ProcessID
	detail := map[string]any{"bulk_job": job.ID}
	var result *string
	switch job.Operation {
	case bulk.Retry, bulk.Skip:
		action, kind, id = "task."+string(job.Operation), "task", item.TaskID
		detail["process_id"] = item.ProcessID
	case bulk.SetPriority:
		action = "process.priority"
		detail["priority"] = job.Options.Priority
	case bulk.Restart:
		result = &process
		detail["restarted_as"] = process
	case bulk.RestartFrom:
		detail["node"] = job.Options.Node
		if process != item.ProcessID {
			result = &process
			detail["restarted_as"] = process
		}
	case bulk.Migrate:
		detail["version"] = job.Options.Version
	case bulk.Message:
		detail["message"], detail["key"] = job.Options.Message.Name, job.Options.Message.Key
	case bulk.Fire:
		action, kind, id = "task.fire", "task", item.TaskID
		detail["process_id"], detail["node"] = item.ProcessID, job.Options.Node
	}
	raw, err := json.Marshal(detail)
	if err != nil {
		raw = []byte("{}") // texts and numbers can be encoded
	}
	tx.Queue(done, job.ID, item.Seq, lease.Fence, result, job.RunBy, action, kind, id, job.Reason, raw)
}

const end = `
UPDATE bulk_job SET state = $4, ended_at = clock_timestamp(), owner = '', expires_at = '-infinity'
WHERE id = $1 AND owner = $2 AND fence = $3`

const recordEnd = `INSERT INTO audit (actor, action, subject_kind, subject_id, reason, detail) VALUES ($1, $2, 'bulk_job', $3, $4, $5)`

// End ends a job. The items have the last word on the counts.
func (s *Store) End(ctx context.Context, lease bulk.Lease, state bulk.State) (job bulk.Job, err error) {
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		ended, err := tx.Exec(ctx, end, lease.Job, lease.Owner, lease.Fence, string(state))
		if err != nil {
			return err
		}
		if ended.RowsAffected() == 0 {
			return bulk.ErrLeaseOff
		}
		for _, statement := range []string{putBack, forgetTally, tally} {
			if _, err := tx.Exec(ctx, statement, lease.Job); err != nil {
				return err
			}
		}
		if job, err = oneJob(ctx, tx, lease.Job); err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]any{"operation": job.Operation, "filter": job.Filter, "total": job.Total,
			"done": job.Of(bulk.Done), "refused": job.Of(bulk.Refused), "failed": job.Of(bulk.Failed), "left": job.Total - job.Decided()})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, recordEnd, job.RunBy, "bulk."+string(state), job.ID, job.Reason, detail)
		return err
	})
	if err != nil {
		return job, fmt.Errorf("end bulk job %s: %w", lease.Job, err)
	}
	return job, nil
}

// Release gives up the lease.
func (s *Store) Release(ctx context.Context, lease bulk.Lease) error {
	_, err := s.db.Exec(ctx, `UPDATE bulk_job SET owner = '', expires_at = '-infinity' WHERE id = $1 AND owner = $2 AND fence = $3`, lease.Job, lease.Owner, lease.Fence)
	if err != nil {
		return fmt.Errorf("give up bulk job %s: %w", lease.Job, err)
	}
	return nil
}

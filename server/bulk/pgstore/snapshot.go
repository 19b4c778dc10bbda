package pgstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	engine "github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/bulk"
)

// Create stores a draft with its snapshot: one statement copies the matching ids with the dry run's answer, whatever their
// number, and the database alone holds them.
func (s *Store) Create(ctx context.Context, job *bulk.Job, ids []string, most int, judge bulk.Judge) (made bulk.Job, err error) {
	filter, options, err := documents(job)
	if err != nil {
		return made, err
	}
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		const insert = `INSERT INTO bulk_job (id, operation, filter, options, reason, created_by) VALUES ($1, $2, $3, $4, $5, $6)`
		if _, err := tx.Exec(ctx, insert, job.ID, string(job.Operation), filter, options, job.Reason, job.CreatedBy); err != nil {
			return fmt.Errorf("store bulk job %s: %w", job.ID, err)
		}
		statement, args := snapshot(job, ids, most+1)
		found, err := tx.Exec(ctx, statement, args...)
		if err != nil {
			return fmt.Errorf("take the snapshot of bulk job %s: %w", job.ID, err)
		}
		if found.RowsAffected() > int64(most) {
			return bulk.ErrTooMany
		}
		if judge != nil {
			if err := judgeAll(ctx, tx, job.ID, judge); err != nil {
				return fmt.Errorf("judge the items of bulk job %s: %w", job.ID, err)
			}
		}
		for _, statement := range []string{tally, plan} {
			if _, err := tx.Exec(ctx, statement, job.ID); err != nil {
				return fmt.Errorf("count the items of bulk job %s: %w", job.ID, err)
			}
		}
		made, err = oneJob(ctx, tx, job.ID)
		return err
	})
	return made, err
}

// judgeAll asks the judge for all items that are pending, some at a time.
func judgeAll(ctx context.Context, tx pgx.Tx, job string, judge bulk.Judge) error {
	const page = `SELECT ` + itemColumns + ` FROM bulk_item i WHERE i.job_id = $1 AND i.state = 'pending' AND i.seq > $2 ORDER BY i.seq LIMIT 500`
	const refuse = `
UPDATE bulk_item i SET state = u.state, code = u.code, message = u.message, issues = nullif(u.issues, '')::json
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) AS u(seq, state, code, message, issues)
WHERE i.job_id = $1 AND i.seq = u.seq AND u.state <> 'pending'`
	for after := int64(0); ; {
		rows, err := tx.Query(ctx, page, job, after)
		if err != nil {
			return err
		}
		items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[bulk.Item])
		if err != nil || len(items) == 0 {
			return err
		}
		after = items[len(items)-1].Seq
		results, err := judge(ctx, items)
		if err != nil {
			return err
		}
		n := len(results)
		seqs, states, codes, messages, issues := make([]int64, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		for i, r := range results {
			seqs[i], states[i], codes[i], messages[i] = r.Seq, string(r.State), r.Code, r.Message
			if issues[i], err = issuesText(r.Issues); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, refuse, job, seqs, states, codes, messages, issues); err != nil {
			return err
		}
	}
}

// issuesText encodes issues for the column; an empty text is none.
func issuesText(issues []fault.Issue) (string, error) {
	if len(issues) == 0 {
		return "", nil
	}
	raw, err := json.Marshal(issues)
	if err != nil {
		return "", fmt.Errorf("encode the issues of a bulk item: %w", err)
	}
	return string(raw), nil
}

func documents(job *bulk.Job) (filter, options []byte, err error) {
	if job.Filter != nil {
		if filter, err = json.Marshal(job.Filter); err != nil {
			return nil, nil, fmt.Errorf("encode the filter of bulk job %s: %w", job.ID, err)
		}
	}
	if options, err = json.Marshal(job.Options); err != nil {
		return nil, nil, fmt.Errorf("encode the options of bulk job %s: %w", job.ID, err)
	}
	return filter, options, nil
}

const plan = `
UPDATE bulk_job SET (total, plan) = (
    SELECT coalesce(sum(n), 0), coalesce(json_agg(json_build_object('state', state, 'code', code, 'n', n) ORDER BY state, n DESC, code), '[]')
    FROM (SELECT state, code, count(*) AS n FROM bulk_item WHERE job_id = $1 GROUP BY 1, 2) AS c)
WHERE id = $1`

const tally = `
INSERT INTO bulk_tally (job_id, state, code, n)
SELECT job_id, state, code, count(*) FROM bulk_item WHERE job_id = $1 AND state IN ('done', 'refused', 'failed') GROUP BY 1, 2, 3`

// refusals say by the process row what the engine would refuse; null: it would do it. That of SetPriority has a parameter.
var refusals = map[bulk.Operation]string{
	bulk.Retry:   `CASE WHEN m.ended THEN 'flow.process_ended' WHEN m.ending THEN 'flow.cancelling' WHEN i.task_id IS NULL THEN 'bulk.no_incident' END`,
	bulk.Skip:    `CASE WHEN m.ended THEN 'flow.process_ended' WHEN i.task_id IS NULL THEN 'bulk.no_incident' END`,
	bulk.Cancel:  `CASE WHEN m.ended THEN 'flow.process_ended' WHEN m.ending THEN 'flow.cancelling' END`,
	bulk.Suspend: `CASE WHEN m.ended THEN 'flow.process_ended' WHEN m.ending THEN 'flow.cancelling' WHEN m.suspended AND NOT m.above THEN 'flow.already_suspended' END`,
	bulk.Resume:  `CASE WHEN m.ended THEN 'flow.process_ended' WHEN NOT m.suspended THEN 'flow.not_suspended' WHEN m.above THEN 'flow.suspended_by_caller' END`,
	bulk.Restart: `null`,
	bulk.Delete:  `null`,
	bulk.Fire:    `CASE WHEN m.ended THEN 'flow.process_ended' WHEN w.task_id IS NULL THEN 'flow.not_waiting' END`,
	bulk.Message: `CASE WHEN m.ended THEN 'flow.process_ended' WHEN s.keys = 0 THEN 'message.not_awaited' WHEN s.keys > 1 THEN 'message.key_needed' END`,

	// of what the engine says to each
	bulk.RestartFrom: `null`,
	bulk.Migrate:     `CASE WHEN m.ended THEN 'flow.process_ended' END`,
}

// params numbers the parameters of a statement.
type params struct{ args []any }

func (p *params) add(value any) string {
	p.args = append(p.args, value)
	return fmt.Sprintf("$%d", len(p.args))
}

// snapshot builds the INSERT … SELECT of a job's items, of which it takes at most so many.
func snapshot(job *bulk.Job, ids []string, most int) (string, []any) {
	p := &params{}
	var matched string
	const columns = `p.id, p.custom_id, p.ended_at IS NOT NULL AS ended, p.suspended_at IS NOT NULL AS suspended, p.state = 'cancelling' AS ending, p.suspended_by_caller AS above, p.priority`
	of := "" // which incidents of a process are meant
	if job.Filter == nil {
		matched = `
    SELECT u.id, coalesce(p.custom_id, '') AS custom_id, p.ended_at IS NOT NULL AS ended, p.suspended_at IS NOT NULL AS suspended, p.state = 'cancelling' AS ending, p.suspended_by_caller AS above, p.priority, p.id IS NOT NULL AS known
    FROM (SELECT DISTINCT id FROM unnest(` + p.add(ids) + `::uuid[]) AS x(id)) AS u LEFT JOIN process p ON p.id = u.id`
	} else {
		f := job.Filter
		search := engine.Search{CustomID: f.CustomID, Prefix: f.CustomIDPrefix, CustomIDs: f.CustomIDs, Definition: f.Definition, Version: f.Version,
			States: f.States, StartedFrom: f.StartedFrom, StartedTo: f.StartedTo, ErrorCode: f.ErrorCode, Worker: f.Worker, Outermost: f.Outermost}
		condition, args := search.Condition()
		p.args = args
		incident := engine.IncidentFilter{NodeID: f.NodeID, Group: f.ErrorGroup, Text: f.ErrorText, OpenedFrom: f.OpenedFrom, OpenedTo: f.OpenedTo}
		meant := incident.Any()
		if meant || job.Operation.OnTasks() {
			incident.Code = f.ErrorCode
			narrowed, args := incident.Condition(p.args)
			of, p.args = ` AND `+narrowed, args
		}
		if meant {
			condition += ` AND EXISTS (SELECT 1 FROM incident i WHERE i.process_id = p.id` + of + `)`
		}
		matched = `
    SELECT ` + columns + `, true AS known
    FROM process p WHERE ` + condition
	}
	join, task, node := "", "null::uuid", "''"
	if job.Operation.OnTasks() {
		join, task, node = ` LEFT JOIN incident i ON i.process_id = m.id`+of, "i.task_id", "coalesce(i.node_id, '')"
	}
	refusal := refusals[job.Operation]
	switch o := &job.Options; job.Operation {
	case bulk.Fire:
		node = p.add(o.Node) + "::text"
		join, task = ` LEFT JOIN LATERAL (SELECT DISTINCT x.task_id FROM timer x WHERE x.process_id = m.id AND x.kind = 'wait:' || `+node+`) AS w ON true`, "w.task_id"
	case bulk.Message:
		key := p.add(o.Message.Key)
		join = ` CROSS JOIN LATERAL (SELECT count(DISTINCT x.correlation) AS keys FROM subscription x
        WHERE x.process_id = m.id AND x.name = ` + p.add(o.Message.Name) + ` AND (` + key + ` = '' OR x.correlation = ` + key + `)) AS s`
	case bulk.RestartFrom:
		node = p.add(o.Node) + "::text"
	case bulk.SetPriority:
		refusal = `CASE WHEN m.ended THEN 'flow.process_ended' WHEN m.priority = ` + p.add(job.Options.Priority) + ` THEN 'flow.nothing_to_do' END`
	}
	return `
WITH matched AS (` + matched + `
), item AS (
    SELECT m.id, m.custom_id, ` + task + ` AS task_id, ` + node + ` AS node_id, CASE WHEN NOT m.known THEN 'process.unknown' ELSE ` + refusal + ` END AS refusal
    FROM matched m` + join + `
    LIMIT ` + p.add(most) + `
)
INSERT INTO bulk_item (job_id, seq, process_id, task_id, custom_id, node_id, state, code)
SELECT ` + p.add(job.ID) + `::uuid, row_number() OVER (ORDER BY id, task_id), id, task_id, custom_id, node_id,
    CASE WHEN refusal IS NULL THEN 'pending' ELSE 'refused' END, coalesce(refusal, '')
FROM item`, p.args
}

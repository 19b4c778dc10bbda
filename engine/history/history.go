// Package history writes ended processes as if they had run: the tables of an installation that has been at work for long. Tests of
// the retention and the benchmark over millions of processes ask it; no server ever does.
//
// It knows the engine's tables and nothing else of it. What it writes is in order: engine/recount finds nothing wrong with it.
package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Spec says what is written: Count processes of a definition that is a chain of Steps, which began at even distances.
type Spec struct {
	Definition string
	Version    int           // default 1
	Steps      int           // service tasks, step_1 and so on; default 3
	NodeType   string        // of the steps; default test.step@1
	Count      int           //
	From       time.Time     // the first began
	Every      time.Duration // between two
	Lasted     time.Duration // each; default 1 s
	CustomID   string        // followed by a number from First on, of at least six digits
	First      int           //
	FailedOne  int           // of so many failed, with the code LATE; 0: none
}

const atOnce = 20_000 // processes in one transaction

// Write writes the processes and makes the partitions that they need.
func Write(ctx context.Context, db *pgxpool.Pool, spec Spec) error {
	if spec.Definition == "" || spec.Count < 1 || spec.Every <= 0 {
		return errors.New("history: Definition, Count and Every are required")
	}
	if spec.Version == 0 {
		spec.Version = 1
	}
	if spec.Steps == 0 {
		spec.Steps = 3
	}
	if spec.NodeType == "" {
		spec.NodeType = "test.step@1"
	}
	if spec.Lasted == 0 {
		spec.Lasted = time.Second
	}
	last := spec.From.Add(time.Duration(spec.Count) * spec.Every)
	if _, err := db.Exec(ctx, `SELECT ensure_partitions(($1::timestamptz AT TIME ZONE 'UTC')::date, ($2::timestamptz AT TIME ZONE 'UTC')::date)`, spec.From, last); err != nil {
		return fmt.Errorf("make partitions: %w", err)
	}
	for done := 0; done < spec.Count; done += atOnce {
		n := min(atOnce, spec.Count-done)
		if err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return spec.write(ctx, tx, done, n) }); err != nil {
			return fmt.Errorf("write %d processes of %s: %w", n, spec.Definition, err)
		}
	}
	return nil
}

func (s *Spec) write(ctx context.Context, tx pgx.Tx, after, n int) error {
	made := fmt.Sprintf(`
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT n, began, began + $5 * interval '1 microsecond' AS ended, md5($1 || n || began) AS noise,
       (lpad(to_hex((extract(epoch FROM began) * 1000)::bigint), 12, '0') || '7' || left(md5($1 || n || began), 3) || '8' || substr(md5($1 || n || began), 4, 15))::uuid AS id,
       CASE WHEN %d > 0 AND n %% greatest(%d, 1) = 0 THEN 'failed' ELSE 'completed' END AS state
FROM (SELECT n, $2::timestamptz + n * $3 * interval '1 microsecond' AS began FROM generate_series($4::bigint, $4::bigint + $6::bigint - 1) AS g(n)) AS x`, s.FailedOne, s.FailedOne)
	if _, err := tx.Exec(ctx, made, s.Definition, s.From, s.Every.Microseconds(), after, s.Lasted.Microseconds(), n); err != nil {
		return err
	}
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO process (id, custom_id, definition_key, version, state, created_by, created_at, started_at, ended_at, error_code, error_message)
SELECT id, $1 || lpad((n + $4)::text, 6, '0'), $2, $3, state, 'history', began, began, ended, CASE WHEN state = 'failed' THEN 'LATE' END, CASE WHEN state = 'failed' THEN 'the answer came late' END FROM made`,
			[]any{s.CustomID, s.Definition, s.Version, s.First}},
		{`INSERT INTO process_data (process_id, input) SELECT id, json_build_object('number', n, 'applicant', noise, 'kind', CASE WHEN n % 3 = 0 THEN 'lease' ELSE 'sale' END) FROM made`, nil},
		{`INSERT INTO scope (process_id, id, kind, seq, ended, state) SELECT id, id, 'root', $1 + 1, true, '{"runs":{"end":1,"start":1,"step_1":1}}' FROM made`, []any{s.Steps}},
		{`INSERT INTO task (process_id, id, scope_id, node_id, run, node_type, pool, state, epoch, attempt, input, created_at, ready_at, first_started_at, started_at, ended_at, worker, queued_ms, run_us)
SELECT id, md5(noise || k)::uuid, id, 'step_' || k, 1, $2, 'test', 'completed', 1, 1, json_build_object('text', repeat(noise, 4)),
       began + (ended - began) * (k - 1) / $1, began + (ended - began) * (k - 1) / $1, began + (ended - began) * (k - 0.5) / $1, began + (ended - began) * (k - 0.5) / $1, began + (ended - began) * k / $1, 'history-1', 5, 5000
FROM made, generate_series(1, $1) AS k`, []any{s.Steps, s.NodeType}},
		{`INSERT INTO event (process_id, seq, at, body)
SELECT id, k + 1, began + (ended - began) * k / $1, to_json(array_remove(ARRAY[
    CASE WHEN k > 0 THEN json_build_object('kind', 'task', 'task', md5(noise || k)::uuid, 'node', 'step_' || k, 'run', 1, 'scope', id, 'state', 'completed', 'attempt', 1, 'epoch', 1, 'worker', 'history-1')::jsonb END,
    json_build_object('kind', 'edge', 'node', CASE WHEN k = 0 THEN 'start' ELSE 'step_' || k END, 'edge', CASE WHEN k = $1 THEN 'to_end' ELSE 'to_step_' || k + 1 END)::jsonb,
    CASE WHEN k < $1 THEN json_build_object('kind', 'task', 'task', md5(noise || k + 1)::uuid, 'node', 'step_' || k + 1, 'run', 1, 'scope', id, 'state', 'queued', 'attempt', 1, 'epoch', 1)::jsonb END,
    CASE WHEN k = 0 THEN '{"kind": "process", "state": "running", "actor": "history"}'::jsonb WHEN k = $1 THEN json_build_object('kind', 'process', 'state', state)::jsonb END], NULL))
FROM made, generate_series(0, $1) AS k`, []any{s.Steps}},
		{`INSERT INTO output (process_id, scope_id, node_id, seq, part, run, body)
SELECT id, id, 'step_' || k, k + 1, 0, 1, json_build_object('text', repeat(noise, 4)) FROM made, generate_series(1, $1) AS k`, []any{s.Steps}},
		{`INSERT INTO counter_delta (name, definition_key, version, n) SELECT c.name, $1, $2, count(*) FROM made CROSS JOIN LATERAL (VALUES ('started'), (state)) AS c (name) GROUP BY 1`,
			[]any{s.Definition, s.Version}},
	} {
		if _, err := tx.Exec(ctx, statement.sql, statement.args...); err != nil {
			return err
		}
	}
	return nil
}

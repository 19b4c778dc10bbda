// Package recount counts anew what the engine keeps as counters, marks and rows apart: what is live has a token, what has
// ended has left nothing, no activation was accepted twice. Tests and drills ask it after every fault.
package recount

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Finding is a rule that does not hold, and how many rows break it. A counter's finding says by how much it is wrong.
type Finding struct {
	Rule string
	N    int
}

func (f Finding) String() string { return fmt.Sprintf("%s: %+d", f.Rule, f.N) }

// rules are queries that count rows which must not exist, whether work is under way or not.
var rules = map[string]string{
	"an activation accepted twice": `
		SELECT count(*) FROM (SELECT c.task FROM event e CROSS JOIN LATERAL json_to_recordset(e.body) AS c(kind text, task text, state text)
		WHERE c.kind = 'task' AND c.state = 'completed' GROUP BY e.process_id, c.task HAVING count(*) > 1) AS x`,
	"a live process without a token": `
		SELECT count(*) FROM process_live l JOIN scope s ON s.process_id = l.process_id AND s.id = l.process_id JOIN process p ON p.id = l.process_id
		WHERE p.state <> 'scheduled' AND COALESCE((s.state->>'tokens')::int, 0) = 0`,
	"a live row of an ended process":   `SELECT count(*) FROM process_live l JOIN process p ON p.id = l.process_id WHERE p.ended_at IS NOT NULL`,
	"a process neither live nor ended": `SELECT count(*) FROM process p LEFT JOIN process_live l ON l.process_id = p.id WHERE l.process_id IS NULL AND p.ended_at IS NULL`,
	"an open task of an ended process": `
		SELECT count(*) FROM task t JOIN process p ON p.id = t.process_id WHERE p.ended_at IS NOT NULL AND t.ended_at IS NULL`,
	"a message of an ended task":  `SELECT count(*) FROM dispatch d JOIN task t ON t.process_id = d.process_id AND t.id = d.task_id WHERE t.ended_at IS NOT NULL`,
	"a backlog row of ended task": `SELECT count(*) FROM backlog b JOIN task t ON t.process_id = b.process_id AND t.id = b.task_id WHERE t.ended_at IS NOT NULL`,
	"a task in window and backlog": `
		SELECT count(*) FROM dispatch d JOIN backlog b ON d.process_id = b.process_id AND d.task_id = b.task_id`,
	"a ready task that nobody will run": `
		SELECT count(*) FROM task t WHERE t.state IN ('ready', 'queued', 'running') AND t.node_type <> ''
		AND NOT EXISTS (SELECT 1 FROM scope s WHERE s.process_id = t.process_id AND s.id = t.id)
		AND NOT EXISTS (SELECT 1 FROM dispatch d WHERE d.process_id = t.process_id AND d.task_id = t.id AND d.epoch = t.epoch)
		AND NOT EXISTS (SELECT 1 FROM backlog b WHERE b.process_id = t.process_id AND b.task_id = t.id AND b.epoch = t.epoch)`,
	"open incidents miscounted": `
		SELECT count(*) FROM process p WHERE p.open_incidents <> (SELECT count(*) FROM incident i WHERE i.process_id = p.id)`,
	"something undone by nothing": `
		SELECT count(*) FROM undo_record r WHERE r.by_task IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM task t WHERE t.process_id = r.process_id AND t.id = r.by_task)`,
	"something to undo that has not ended": `
		SELECT count(*) FROM undo_record r LEFT JOIN task t ON t.process_id = r.process_id AND t.id = r.task_id WHERE t.ended_at IS NULL`,
	"something undone of which the rest is left": `
		SELECT count(*) FROM undo_record r JOIN task t ON t.process_id = r.process_id AND t.id = r.by_task
		JOIN undo_record i ON i.process_id = r.process_id AND i.scope_id = r.task_id
		WHERE r.inside > 0 AND t.state = 'completed' AND i.n <= r.inside AND i.by_task IS NULL AND NOT i.hidden`,
	"history with a gap": `
		SELECT count(*) FROM scope s WHERE s.id = s.process_id AND s.seq <> (SELECT count(*) FROM event e WHERE e.process_id = s.process_id)`,
	"a completed task without its output": `
		SELECT count(*) FROM task t WHERE t.state = 'completed' AND t.node_type <> ''
		AND NOT EXISTS (SELECT 1 FROM output o WHERE o.process_id = t.process_id AND o.scope_id = t.scope_id AND o.node_id = t.node_id AND o.run = t.run)`,
}

// atRest are rules that hold besides once nothing is live.
var atRest = map[string]string{
	"a message in the window":      `SELECT count(*) FROM dispatch`,
	"a task in the backlog":        `SELECT count(*) FROM backlog`,
	"a timer":                      `SELECT count(*) FROM timer`,
	"an entry in the inbox":        `SELECT count(*) FROM inbox`,
	"an incident":                  `SELECT count(*) FROM incident`,
	"a live process":               `SELECT count(*) FROM process_live`,
	"a result that was set aside":  `SELECT count(*) FROM dead_result`,
	"a subscription":               `SELECT count(*) FROM subscription`,
	"a process that still ends":    `SELECT count(*) FROM closing`,
	"a task that has not ended":    `SELECT count(*) FROM task WHERE ended_at IS NULL`,
	"a process that has not ended": `SELECT count(*) FROM process WHERE ended_at IS NULL`,
}

// counters are the sums that the engine keeps, each with the query that it stands for.
var counters = map[string]string{
	"started":   `SELECT count(*) FROM process`,
	"live":      `SELECT count(*) FROM process_live`,
	"completed": `SELECT count(*) FROM process WHERE state = 'completed'`,
	"failed":    `SELECT count(*) FROM process WHERE state = 'failed'`,
	"cancelled": `SELECT count(*) FROM process WHERE state = 'cancelled'`,
	"incidents": `SELECT count(*) FROM incident`,
}

// Check returns the rules that do not hold, in the order of their names. The database must stand still: while work is being
// committed, two of its queries see two states.
func Check(ctx context.Context, db *pgxpool.Pool) ([]Finding, error) {
	findings, err := count(ctx, db, rules)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(counters)) {
		var off int
		err := db.QueryRow(ctx, `SELECT COALESCE((SELECT sum(n) FROM (SELECT name, n FROM counter UNION ALL SELECT name, n FROM counter_delta) AS x
			WHERE name = $1), 0)::int - (`+counters[name]+`)::int`, name).Scan(&off)
		if err != nil {
			return nil, fmt.Errorf("recount %s: %w", name, err)
		}
		if off != 0 {
			findings = append(findings, Finding{"counter " + name, off})
		}
	}
	return findings, nil
}

// CheckAtRest is Check for an installation where every process has ended: nothing may be left that would still move.
func CheckAtRest(ctx context.Context, db *pgxpool.Pool) ([]Finding, error) {
	findings, err := Check(ctx, db)
	if err != nil {
		return nil, err
	}
	left, err := count(ctx, db, atRest)
	return append(findings, left...), err
}

func count(ctx context.Context, db *pgxpool.Pool, queries map[string]string) ([]Finding, error) {
	var findings []Finding
	for _, rule := range slices.Sorted(maps.Keys(queries)) {
		var n int
		if err := db.QueryRow(ctx, queries[rule]).Scan(&n); err != nil {
			return nil, fmt.Errorf("recount %q: %w", rule, err)
		}
		if n != 0 {
			findings = append(findings, Finding{rule, n})
		}
	}
	return findings, nil
}

package engine_test

import (
	"context"
	"testing"
	"time"
)

// checkInvariants recounts everything: counters equal the rows, what is live has a token, what has ended has left nothing, and
// no activation was accepted twice.
func (in *installation) checkInvariants(t testing.TB) {
	t.Helper()
	for name, query := range map[string]string{
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
			AND NOT EXISTS (SELECT 1 FROM dispatch d WHERE d.process_id = t.process_id AND d.task_id = t.id AND d.epoch = t.epoch)
			AND NOT EXISTS (SELECT 1 FROM backlog b WHERE b.process_id = t.process_id AND b.task_id = t.id AND b.epoch = t.epoch)`,
		"open incidents miscounted": `
			SELECT count(*) FROM process p WHERE p.open_incidents <> (SELECT count(*) FROM incident i WHERE i.process_id = p.id)`,
		"history with a gap": `
			SELECT count(*) FROM scope s WHERE s.id = s.process_id AND s.seq <> (SELECT count(*) FROM event e WHERE e.process_id = s.process_id)`,
		"a completed task without its output": `
			SELECT count(*) FROM task t WHERE t.state = 'completed' AND t.node_type <> ''
			AND NOT EXISTS (SELECT 1 FROM output o WHERE o.process_id = t.process_id AND o.scope_id = t.scope_id AND o.node_id = t.node_id AND o.run = t.run)`,
	} {
		if n := in.count(query); n != 0 {
			t.Errorf("%s: %d", name, n)
		}
	}
	for name, actual := range map[string]string{
		"started":   `SELECT count(*) FROM process`,
		"live":      `SELECT count(*) FROM process_live`,
		"completed": `SELECT count(*) FROM process WHERE state = 'completed'`,
		"failed":    `SELECT count(*) FROM process WHERE state = 'failed'`,
		"cancelled": `SELECT count(*) FROM process WHERE state = 'cancelled'`,
		"incidents": `SELECT count(*) FROM incident`,
	} {
		counted := in.count(`SELECT COALESCE(sum(n), 0)::int FROM (SELECT name, n FROM counter UNION ALL SELECT name, n FROM counter_delta) AS x WHERE name = $1`, name)
		if n := in.count(actual); n != counted {
			t.Errorf("counter %s is %d, rows are %d", name, counted, n)
		}
	}
}

// allEnded waits until no process is live.
func (in *installation) allEnded(within time.Duration) {
	in.t.Helper()
	left := 0
	defer func() {
		if in.t.Failed() {
			rows, err := in.db.Query(context.Background(), `SELECT state, count(*) FROM task GROUP BY 1`)
			if err == nil {
				for rows.Next() {
					var state string
					var n int
					if rows.Scan(&state, &n) == nil {
						in.t.Log(state, n)
					}
				}
			}
			in.t.Logf("%d processes are live, %d messages, %d in the backlog", left, in.count(`SELECT count(*) FROM dispatch`), in.count(`SELECT count(*) FROM backlog`))
		}
	}()
	eventually(in.t, within, "every process ended", func() bool {
		left = in.count(`SELECT count(*) FROM process_live`)
		return left == 0
	})
}

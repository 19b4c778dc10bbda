package pgstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// Hide adds to a commit that runs of nodes in a scope are hidden, those that the commit itself writes included.
func (w *Write) Hide(process string, h *flow.Hidden) {
	nodes := slices.Sorted(maps.Keys(h.Runs))
	if len(nodes) == 0 {
		return
	}
	firsts, lasts := make([]int32, len(nodes)), make([]int32, len(nodes))
	for i, n := range nodes {
		firsts[i], lasts[i] = int32(h.Runs[n].From), int32(h.Runs[n].To)
	}
	w.QueueSQL(`SELECT hide_runs($1, $2, $3, $4, $5)`, process, h.Scope, nodes, firsts, lasts)
	w.QueueSQL(`SELECT hide_undo_records($1, $2, $3, $4, $5)`, process, h.Scope, nodes, firsts, lasts)
}

// pastLog reads the part of a history that flow.Past.See needs, in order.
const pastLog = `
SELECT c.kind, c.node, COALESCE(c.run, 0), COALESCE(c.state, ''), c.detail
FROM event e CROSS JOIN LATERAL ROWS FROM (
    json_to_recordset(e.body) AS (kind text, node text, run int, scope uuid, state text, detail json)) WITH ORDINALITY AS c(kind, node, run, scope, state, detail, place)
WHERE e.process_id = $1 AND COALESCE(c.scope, e.process_id) = $2 AND c.kind IN ('task', 'node', 'carried', 'restarted')
ORDER BY e.seq, c.place`

// outputsBefore reads the latest visible output of each node whose run is before the one given; a node without one has no bound.
const outputsBefore = `
SELECT DISTINCT ON (o.node_id) o.node_id, o.body FROM output o LEFT JOIN unnest($3::text[], $4::int[]) AS u(n, r) ON u.n = o.node_id
WHERE o.process_id = $1 AND o.scope_id = $2 AND o.node_id <> '' AND NOT o.hidden AND (u.r IS NULL OR o.run < u.r) AND ($5 OR u.r IS NOT NULL)
ORDER BY o.node_id, o.seq DESC, o.part DESC`

// querier is a connection or a pool.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Past reads what a scope was like when a run of a node was reached, as far as it is stored; it tells whether that has happened.
func (tx *Tx) Past(ctx context.Context, process string, of flow.PastOf) (*flow.Past, bool, error) {
	return past(ctx, tx.conn, process, of)
}

// Past reads what a scope was like when a run of a node was reached.
func (s *Store) Past(ctx context.Context, process string, of flow.PastOf) (*flow.Past, error) {
	p, _, err := past(ctx, s.db, process, of)
	return p, err
}

func past(ctx context.Context, db querier, process string, of flow.PastOf) (*flow.Past, bool, error) {
	rows, err := db.Query(ctx, pastLog, process, of.Scope)
	log, err := rowsOf(rows, err, func(r pgx.Rows) (c flow.Change, err error) {
		var detail []byte
		c.Scope = of.Scope
		err = r.Scan(&c.Kind, &c.Node, &c.Run, &c.State, &detail)
		c.Detail = detail
		return c, err
	})
	if err != nil {
		return nil, false, fmt.Errorf("read the past of scope %s: %w", of.Scope, err)
	}
	p := &flow.Past{Since: map[string]int{}}
	reached := p.See(log, of, false)
	p.Outputs, err = visible(ctx, db, process, of.Scope, p.Since, false)
	return p, reached, err
}

// VisibleOutputs reads the latest output of each node of a scope, leaving out the runs from those in before on.
func (s *Store) VisibleOutputs(ctx context.Context, process, scope string, before map[string]int) (map[string]json.RawMessage, error) {
	return visible(ctx, s.db, process, scope, before, true)
}

func visible(ctx context.Context, db querier, process, scope string, before map[string]int, all bool) (map[string]json.RawMessage, error) {
	nodes := slices.Sorted(maps.Keys(before))
	runs := make([]int32, len(nodes))
	for i, n := range nodes {
		runs[i] = int32(before[n])
	}
	out := map[string]json.RawMessage{}
	rows, err := db.Query(ctx, outputsBefore, process, scope, notNil(nodes), runs, all)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var node string
		var body []byte
		err = r.Scan(&node, &body)
		out[node] = body
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read outputs of scope %s: %w", scope, err)
	}
	return out, nil
}

// State reads the header and the scopes of a process as they are committed, without its tasks; ErrNotFound: there is no such process.
func (s *Store) State(ctx context.Context, process string) (*flow.State, error) {
	st := &flow.State{Scopes: map[string]*flow.Scope{}, Tasks: map[string]*flow.Task{}}
	headers, scopes := map[string]*flow.Process{}, map[string][]*flow.Scope{}
	batch := &pgx.Batch{}
	queueHeaders(batch, []string{process}, headers)
	batch.Queue(`
SELECT s.process_id::text, s.id::text, COALESCE(s.parent_id::text, ''), s.kind, s.node_id, s.ended, s.state FROM scope s WHERE s.process_id = $1`, process).
		Query(func(rows pgx.Rows) error { return scanScopes(rows, scopes) })
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read the state of process %s: %w", process, err)
	}
	if st.Process = headers[process]; st.Process == nil {
		return nil, fmt.Errorf("read the state of process %s: %w", process, ErrNotFound)
	}
	for _, sc := range scopes[process] {
		st.Scopes[sc.ID] = sc
	}
	return st, nil
}

package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// UndoRow is something that can be undone. Seq is that of the commit.
type UndoRow struct {
	Process string
	Seq     int64
	flow.UndoRecord
}

// UndoneRow is what becomes of an UndoRow.
type UndoneRow struct {
	Process string
	flow.UndoStep
}

const insertUndo = `
INSERT INTO undo_record (process_id, scope_id, n, node_id, task_id, run, seq, inside, total)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::uuid[], $6::int[], $7::bigint[], $8::int[], $9::int[])`

const updateUndo = `
UPDATE undo_record r SET by_task = u.b FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[]) AS u(p, s, n, b)
WHERE r.process_id = u.p AND r.scope_id = u.s AND r.n = u.n`

// queueUndo writes what can be undone, then what is. A row comes at most once in Undone.
func queueUndo(batch *pgx.Batch, w *Write, _ time.Time) {
	if n := len(w.Undoable); n > 0 {
		procs, scopes, nodes, tasks := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		ns, runs, insides, totals, seqs := make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n), make([]int64, n)
		for i := range w.Undoable {
			x := &w.Undoable[i]
			procs[i], scopes[i], nodes[i], tasks[i], seqs[i] = x.Process, x.Scope, x.Node, x.Task, x.Seq
			ns[i], runs[i], insides[i], totals[i] = int32(x.N), int32(x.Run), int32(x.Inside), int32(x.Total)
		}
		batch.Queue(insertUndo, uuids(procs), uuids(scopes), ns, nodes, uuids(tasks), runs, seqs, insides, totals)
	}
	if n := len(w.Undone); n > 0 {
		procs, scopes, by, ns := make([]string, n), make([]string, n), make([]*string, n), make([]int32, n)
		for i := range w.Undone {
			x := &w.Undone[i]
			procs[i], scopes[i], by[i], ns[i] = x.Process, x.Scope, textOrNil(x.By), int32(x.N)
		}
		batch.Queue(updateUndo, uuids(procs), uuids(scopes), ns, uuidsOrNull(by))
	}
}

// UndoAtOnce is how many records are loaded for a compensation at a time: they come with inputs and outputs.
const UndoAtOnce = 8

// loadUndo reads the next records of a compensation and the one that is being undone, with what their tasks got and gave. The output of
// a run is of the commit that completed it: looking it up by its sequence costs the same for the first entry of a list and the last.
const loadUndo = `
SELECT r.n, r.node_id, r.task_id::text, r.run, r.inside, r.total, t.input, o.body
FROM (
    (SELECT * FROM undo_record WHERE process_id = $1 AND scope_id = $2 AND n <= $3 AND by_task IS NULL AND NOT hidden AND ($4 = '' OR node_id = $4)
     ORDER BY n DESC LIMIT $5)
    UNION ALL
    (SELECT * FROM undo_record WHERE process_id = $1 AND scope_id = $2 AND n = $6)
) AS r
LEFT JOIN LATERAL (SELECT x.input FROM task_{day} x WHERE x.process_id = r.process_id AND x.id = r.task_id OFFSET 0) AS t ON true
LEFT JOIN LATERAL (SELECT x.body FROM output_{day} x
    WHERE x.process_id = r.process_id AND x.scope_id = r.scope_id AND x.node_id = r.node_id AND x.seq = r.seq AND x.run = r.run
    ORDER BY x.part DESC LIMIT 1) AS o ON r.inside = 0
ORDER BY r.n DESC`

// Undo reads the next records of a compensation, and the one that is being undone: nil when there is none.
func (tx *Tx) Undo(ctx context.Context, process string, ref flow.UndoRef) (*flow.UndoLoaded, *flow.UndoRecord, error) {
	rows, err := tx.conn.Query(ctx, on(loadUndo, dayOf(process)), process, ref.Scope, ref.Top, ref.Of, UndoAtOnce, ref.Now)
	all, err := rowsOf(rows, err, func(r pgx.Rows) (x flow.UndoRecord, err error) {
		var input, output []byte
		x.Scope = ref.Scope
		err = r.Scan(&x.N, &x.Node, &x.Task, &x.Run, &x.Inside, &x.Total, &input, &output)
		x.Input, x.Output = input, output
		return x, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read what can be undone in scope %s: %w", ref.Scope, err)
	}
	loaded := &flow.UndoLoaded{}
	var now *flow.UndoRecord
	for i := range all {
		if all[i].N == ref.Now {
			now = &all[i]
		} else {
			loaded.Records = append(loaded.Records, all[i])
		}
	}
	loaded.More = len(loaded.Records) == UndoAtOnce
	return loaded, now, nil
}

const undoLeft = `
SELECT DISTINCT node_id, inside > 0 FROM undo_record WHERE process_id = $1 AND by_task IS NULL AND NOT hidden ORDER BY 1, 2`

// UndoLeft reads what can still be undone, as far as it is stored.
func (tx *Tx) UndoLeft(ctx context.Context, process string) ([]flow.UndoLeft, error) {
	return left(ctx, tx.conn, process)
}

// UndoLeft reads what can still be undone.
func (s *Store) UndoLeft(ctx context.Context, process string) ([]flow.UndoLeft, error) {
	return left(ctx, s.db, process)
}

func left(ctx context.Context, db querier, process string) ([]flow.UndoLeft, error) {
	rows, err := db.Query(ctx, undoLeft, process)
	all, err := rowsOf(rows, err, func(r pgx.Rows) (x flow.UndoLeft, err error) { return x, r.Scan(&x.Node, &x.Inside) })
	if err != nil {
		return nil, fmt.Errorf("read what can be undone of process %s: %w", process, err)
	}
	return all, nil
}

const undoes = `SELECT by_task::text, task_id::text FROM undo_record WHERE process_id = $1 AND by_task = ANY($2::uuid[])`

// Undoes reads what these tasks of a process undo, by task; others are left out.
func (s *Store) Undoes(ctx context.Context, process string, tasks []string) (map[string]string, error) {
	out := map[string]string{}
	rows, err := s.db.Query(ctx, undoes, process, uuids(tasks))
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var by, task string
		err = r.Scan(&by, &task)
		out[by] = task
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what tasks of process %s undo: %w", process, err)
	}
	return out, nil
}

const undoneCounts = `
SELECT r.node_id, count(*) FROM undo_record r JOIN task t ON t.process_id = r.process_id AND t.id = r.by_task
WHERE r.process_id = $1 AND NOT r.hidden AND t.state IN ('completed', 'skipped') GROUP BY 1`

// UndoneCounts counts the runs of a process that have been undone, by node.
func (s *Store) UndoneCounts(ctx context.Context, process string) (map[string]int, error) {
	out := map[string]int{}
	rows, err := s.db.Query(ctx, undoneCounts, process)
	_, err = rowsOf(rows, err, func(r pgx.Rows) (none struct{}, err error) {
		var node string
		var n int
		err = r.Scan(&node, &n)
		out[node] = n
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("count what is undone of process %s: %w", process, err)
	}
	return out, nil
}

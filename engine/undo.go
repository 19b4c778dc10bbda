package engine

import (
	"context"
	"slices"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// undoRef names records that an event may undo.
type undoRef struct {
	process string
	of      flow.UndoRef
}

// addUndo collects what is to be read for compensations.
func (n *needs) addUndo(p *proc, reads *flow.Needs) {
	have := &p.state.Data.Undo
	for _, of := range reads.Undo {
		key := of
		key.Now = 0
		now := of.Now == 0 || have.Now[flow.UndoKey{Scope: of.Scope, N: of.Now}] != nil
		if ref := (undoRef{p.id, of}); (have.Loaded[key] == nil || !now) && !n.seen[ref] {
			n.seen[ref] = true
			n.undo = append(n.undo, ref)
		}
	}
	if reads.Undoable {
		n.left = append(n.left, p.id)
	}
}

// fetchUndo reads the next records of a compensation. What this batch has given back or hidden is not stored yet: then the records are
// not believed, and the compensation goes on with the next commit.
func (b *batch) fetchUndo(ctx context.Context, ref undoRef) error {
	p := b.procs[ref.process]
	loaded, now, err := b.tx.Undo(ctx, ref.process, ref.of)
	if err != nil {
		return err
	}
	d := &p.state.Data.Undo
	if now != nil {
		if d.Now == nil {
			d.Now = map[flow.UndoKey]*flow.UndoRecord{}
		}
		if key := (flow.UndoKey{Scope: now.Scope, N: now.N}); d.Now[key] == nil {
			d.Now[key] = now
		}
	}
	if len(p.now.hidden) > 0 || slices.ContainsFunc(p.now.undone, func(s flow.UndoStep) bool { return s.By == "" }) {
		return nil
	}
	if d.Loaded == nil {
		d.Loaded = map[flow.UndoRef]*flow.UndoLoaded{}
	}
	key := ref.of
	key.Now = 0
	d.Loaded[key] = loaded
	return nil
}

// fetchLeft reads what can still be undone, that of this batch included.
func (b *batch) fetchLeft(ctx context.Context, process string) error {
	p := b.procs[process]
	left, err := b.tx.UndoLeft(ctx, process)
	for i := range p.now.undoable {
		x := &p.now.undoable[i]
		left = append(left, flow.UndoLeft{Node: x.Node, Inside: x.Inside > 0})
	}
	p.state.Data.Undo.Left = left
	return err
}

// collectUndo writes what can be undone and what is.
func (b *batch) collectUndo(p *proc) {
	c := &p.now
	for i := range c.undoable {
		b.write.Undoable = append(b.write.Undoable, pgstore.UndoRow{Process: p.id, Seq: p.seq, UndoRecord: c.undoable[i]})
	}
	last := map[flow.UndoKey]bool{}
	for _, step := range slices.Backward(c.undone) {
		if key := (flow.UndoKey{Scope: step.Scope, N: step.N}); !last[key] {
			last[key] = true
			b.write.Undone = append(b.write.Undone, pgstore.UndoneRow{Process: p.id, UndoStep: step})
		}
	}
}

// undoable tells whether something in a process's version can be undone. Where nothing can, nothing is asked.
func (e *Engine) undoable(ctx context.Context, p *pgstore.ProcessRow) bool {
	c, err := e.graphs.get(ctx, p.Definition, p.Version)
	return err == nil && c.graph.Undoes()
}

// loadUndoes reads what tasks undo.
func (w *whyContext) loadUndoes(ctx context.Context, rows []pgstore.TaskRow) {
	if len(rows) == 0 || !w.e.undoable(ctx, w.process) {
		return
	}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	var err error
	if w.undoes, err = w.e.store.Undoes(ctx, w.process.ID, ids); err != nil {
		w.e.log.Warn("tell what tasks undo", "error", err)
	}
}

// addUndone counts the runs of each node that have been undone.
func (e *Engine) addUndone(ctx context.Context, v *ProcessView, p *pgstore.ProcessRow) error {
	if !e.undoable(ctx, p) {
		return nil
	}
	undone, err := e.store.UndoneCounts(ctx, p.ID)
	if err != nil {
		return storeFault(err, errUnknownProcess())
	}
	for node, n := range undone {
		view := v.Nodes[node]
		view.Undone = n
		v.Nodes[node] = view
	}
	return nil
}

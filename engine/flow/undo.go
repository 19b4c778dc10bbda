package flow

import (
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Compensation (BPMN 2.0.2 §10.6, §13.5.5). Every activity that has a handler leaves a record in its scope when it completes; a scope
// that ends and has records leaves one in the scope around it, so that what has completed inside can still be undone. A throw takes
// the records of its scope one by one, the latest first: the handler of an activity runs in the throw's scope, an inside is undone in
// a scope of its own. A record is taken in the commit that begins its handler, and comes back when the handler is cancelled.

// Undoing is a compensation under way in a scope. It is idle when Now is 0: the next record is to be taken.
type Undoing struct {
	By    string `json:"by,omitempty"` // the task of the throw; empty in a scope of ScopeUndo: its own task goes on
	Stack string `json:"stack"`        // the scope whose records are undone
	Of    string `json:"of,omitempty"` // of this node alone
	Top   int    `json:"top,omitempty"`
	Now   int    `json:"now,omitempty"`
	Task  string `json:"task,omitempty"` // what undoes the record Now
}

// UndoScope says what a scope of ScopeUndo undoes.
type UndoScope struct {
	Of    string `json:"of"`              // the scope that has ended
	Total int    `json:"total,omitempty"` // of a list: how many entries it had
}

func (u *UndoScope) entryOf(run int) int { return (run - 1) % max(u.Total, 1) }

// data is the scope whose outputs are seen in this one.
func (sc *Scope) data() string {
	if sc.State.Undo != nil {
		return sc.State.Undo.Of
	}
	return sc.ID
}

// ofList tells whether the entries of a list are undone in the scope.
func (sc *Scope) ofList() bool { return sc.State.Undo != nil && sc.State.Undo.Total > 0 }

// level tells whether the scope is a level of the graph, as a list is not.
func (sc *Scope) level() bool { return sc.Kind != ScopeMulti && !sc.ofList() }

// idle finds a compensation that may go on, -1 when there is none.
func (s *ScopeState) idle() int {
	for i := range s.Undoing {
		if s.Undoing[i].Now == 0 {
			return i
		}
	}
	return -1
}

func (s *ScopeState) undoingOf(task string) *Undoing {
	for i := range s.Undoing {
		if s.Undoing[i].Task == task && task != "" {
			return &s.Undoing[i]
		}
	}
	return nil
}

// undoes tells whether an open task undoes something: its token leads nowhere.
func (s *ScopeState) undoes(task string) bool { return s.undoingOf(task) != nil }

// undone lets a compensation go on whose task has ended.
func (s *ScopeState) undone(task string) {
	if u := s.undoingOf(task); u != nil {
		u.Now, u.Task = 0, ""
	}
}

// lastReached is the latest run of a node that a token has reached.
func (s *ScopeState) lastReached(node string) int {
	if run := s.Reached[node]; run > 0 {
		return run
	}
	return s.Runs[node]
}

// placeHandlers joins activities with what undoes them, and throws with what they undo.
func (g *Graph) placeHandlers() error {
	for i, n := range g.order {
		if name := g.doc.Nodes[i].UndoneBy; name != "" {
			h := g.nodes[name]
			switch {
			case !n.Kind.Activity():
				return fmt.Errorf("compile node %s: only an activity is undone", n.ID)
			case h == nil || !h.Kind.Activity() || h.Parent != n.Parent || h == n:
				return fmt.Errorf("compile node %s: it is undone by %q, which is no other activity of its level", n.ID, name)
			case len(h.in)+len(h.out)+len(h.border) > 0:
				return fmt.Errorf("compile node %s: it is undone by %s, which has flows or events on its border", n.ID, name)
			}
			n.undo, h.handler = h, true
		}
		if n.undoes != "" {
			if of := g.nodes[n.undoes]; of == nil || !of.Kind.Activity() || of.Parent != n.Parent {
				return fmt.Errorf("compile node %s: it undoes %q, which is no activity of its level", n.ID, n.undoes)
			}
		}
	}
	for _, n := range g.order {
		if n.handler {
			if n.undo != nil {
				return fmt.Errorf("compile node %s: it undoes something and is undone itself", n.ID)
			}
			g.inside[n.Parent].handlers = append(g.inside[n.Parent].handlers, n)
		}
	}
	return nil
}

// Undoes tells whether something in the graph can be undone.
func (g *Graph) Undoes() bool {
	for _, l := range g.inside {
		if len(l.handlers) > 0 {
			return true
		}
	}
	return false
}

// undoable notes that an activity has completed that has a handler.
func (r *run) undoable(sc *Scope, n *Node, t *Task, output json.RawMessage) {
	if n.undo == nil || n.handler || r.ending || r.over() {
		return
	}
	if len(output) == 0 {
		output = emptyObject
	}
	r.record(sc, UndoRecord{Node: n.ID, Task: t.ID, Run: t.Run, Input: t.Input, Output: output})
}

// undoableInside notes that a scope has ended in which something can be undone, however it ended. The activity's own handler takes its
// place when it has completed.
func (r *run) undoableInside(sc *Scope) {
	if sc.State.Undoable == 0 || sc.Kind == ScopeUndo || r.ending || r.over() {
		return
	}
	n, t, outer := r.g.nodes[sc.NodeID], r.st.Tasks[sc.ID], r.st.Scopes[sc.ParentID]
	if n == nil || n.handler || t == nil || outer == nil {
		return
	}
	rec := UndoRecord{Node: n.ID, Task: t.ID, Run: t.Run, Inside: sc.State.Undoable}
	if m := sc.State.Multi; m != nil {
		rec.Total, rec.Input = max(m.Total, 1), t.Input
	}
	r.record(outer, rec)
}

func (r *run) record(sc *Scope, rec UndoRecord) {
	rec.Scope = sc.ID
	fresh := &r.st.Data.Undo.Fresh
	if last := len(*fresh) - 1; last >= 0 && (*fresh)[last].Task == rec.Task && len(r.fx.Undoable) > 0 {
		rec.N = (*fresh)[last].N
		(*fresh)[last], r.fx.Undoable[len(r.fx.Undoable)-1] = rec, rec
		return
	}
	sc.State.Undoable++
	rec.N = sc.State.Undoable
	*fresh = append(*fresh, rec)
	r.fx.Undoable = append(r.fx.Undoable, rec)
	r.dirty(sc)
}

// compensate begins to undo what has completed in a scope so far. The throw's token waits until all is done.
func (r *run) compensate(sc *Scope, n *Node, t *Task) error {
	if t == nil {
		t = r.create(sc, n)
	}
	if err := r.move(t, TaskRunning); err != nil {
		return err
	}
	sc.State.Undoing = append(sc.State.Undoing, Undoing{By: t.ID, Stack: sc.ID, Of: n.undoes, Top: sc.State.Undoable})
	r.dirty(sc)
	return nil
}

// undoNext takes the next record of a compensation, or ends it; it tells whether it did. Records that are not loaded are asked for by
// a continuation.
func (r *run) undoNext(sc *Scope, i int) (bool, error) {
	if r.steps == MaxSteps {
		r.fx.Continue = true
		return false, nil
	}
	r.steps++
	r.dirty(sc)
	u := &sc.State.Undoing[i]
	rec, known := r.st.Data.Undo.next(u)
	switch {
	case !known:
		r.fx.Continue = true
		return false, nil
	case rec == nil:
		return true, r.undoneAll(sc, i)
	}
	n := r.g.nodes[rec.Node]
	if n == nil || rec.Inside == 0 && n.undo == nil {
		return false, fmt.Errorf("flow: task %s of node %s is to be undone, and the graph does not say how", rec.Task, rec.Node)
	}
	by := n
	if rec.Inside == 0 {
		by = n.undo
	}
	before := sc.State.lastReached(by.ID)
	r.reach(sc, by)
	if rec.Inside > 0 {
		if sc.State.Reached == nil {
			sc.State.Reached = map[string]int{}
		}
		sc.State.Reached[by.ID] = before
	}
	sc.State.Tokens++
	u.Now, u.Top, u.Task = rec.N, rec.N-1, TaskID(r.p.ID, sc.ID, by.ID, sc.State.Runs[by.ID])
	r.st.Data.Undo.take(rec)
	r.fx.Undone = append(r.fx.Undone, UndoStep{Scope: rec.Scope, N: rec.N, By: u.Task})
	detail, err := json.Marshal(map[string]any{"task": rec.Task, "node": rec.Node, "run": rec.Run})
	if err != nil {
		return false, fmt.Errorf("flow: encode what is undone: %w", err)
	}
	r.fx.Log = append(r.fx.Log, Change{Kind: "undo", Task: u.Task, Node: by.ID, Run: sc.State.Runs[by.ID], Scope: sc.ID, Detail: detail})
	if rec.Inside > 0 {
		return true, r.undoInside(sc, n, rec)
	}
	return true, r.perform(sc, by, nil)
}

// undoInside begins to undo what has completed inside of an activity, in a scope that sees the same outputs.
func (r *run) undoInside(sc *Scope, n *Node, rec *UndoRecord) error {
	r.cause = causeToken
	t := r.create(sc, n)
	t.NodeType, t.Input = "", rec.Input
	if err := r.move(t, TaskRunning); err != nil {
		return err
	}
	inner := r.open(t, ScopeUndo)
	inner.State.Undo = &UndoScope{Of: rec.Task, Total: rec.Total}
	inner.State.Undoing = []Undoing{{Stack: rec.Task, Top: rec.Inside}}
	if sc.ofList() {
		inner.State.Item = sc.State.Undo.entryOf(rec.Run) + 1
	}
	return nil
}

// undoneAll ends a compensation that has nothing left to undo.
func (r *run) undoneAll(sc *Scope, i int) error {
	by := sc.State.Undoing[i].By
	sc.State.Undoing = append(sc.State.Undoing[:i:i], sc.State.Undoing[i+1:]...)
	if by == "" {
		return nil // the scope ends
	}
	t := r.st.Tasks[by]
	if t == nil {
		return &NeedTasks{IDs: []string{by}}
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	r.cause = causeScopeEnd
	r.vars.enter(sc.ID, t.Run)
	if n.Kind == graph.KindEndEvent {
		return r.end(sc, n, t)
	}
	if err := r.closeTask(sc, t, TaskCompleted); err != nil {
		return err
	}
	return r.goOrPark(sc, Parked{Task: t.ID, Node: n.ID})
}

// leaveUndo ends the task whose inside has been undone. Its token is consumed.
func (r *run) leaveUndo(outer *Scope, t *Task) error {
	outer.State.Tokens--
	return r.closeTask(outer, t, TaskCompleted)
}

// undoAgain gives a record back whose handler is cancelled before it has undone it.
func (r *run) undoAgain(t *Task) {
	sc := r.st.Scopes[t.ScopeID]
	if sc == nil || r.ending || r.over() {
		return
	}
	u := sc.State.undoingOf(t.ID)
	if u == nil {
		return
	}
	r.fx.Undone = append(r.fx.Undone, UndoStep{Scope: u.Stack, N: u.Now})
	r.st.Data.Undo.giveBack(UndoKey{u.Stack, u.Now})
}

// inHandler tells whether a scope lies in a task that undoes something.
func (r *run) inHandler(sc *Scope) bool {
	for ; sc != nil && sc.Kind != ScopeRoot; sc = r.st.Scopes[sc.ParentID] {
		if n := r.g.nodes[sc.NodeID]; n != nil && n.handler {
			return true
		}
	}
	return false
}

// failsHandler tells whether an error end would fail a task that undoes something: it is an incident instead.
func (r *run) failsHandler(sc *Scope, why *wire.Error) (bool, error) {
	if !r.inHandler(sc) {
		return false, nil
	}
	outer, n := r.st.Scopes[sc.ParentID], r.g.nodes[sc.NodeID]
	if outer == nil {
		return false, fmt.Errorf("flow: scope %s is not loaded", sc.ParentID)
	}
	c, err := r.catch(outer, n, sc.ID, why)
	return c == nil, err
}

// readsUndo adds what the compensations of a scope may read.
func (g *Graph) readsUndo(u *Needs, st *State, sc *Scope) {
	if len(sc.State.Undoing) == 0 {
		return
	}
	for i := range sc.State.Undoing {
		x := &sc.State.Undoing[i]
		u.Undo = append(u.Undo, UndoRef{Scope: x.Stack, Of: x.Of, Top: x.Top, Now: x.Now})
		if x.By == "" {
			continue
		}
		u.Tasks = append(u.Tasks, x.By)
		if n := g.nodes[sc.State.Open[x.By]]; n != nil {
			u.at(g, st, sc.ID, n.again)
			u.at(g, st, sc.ID, n.caught)
		}
	}
	level := sc.NodeID
	if n := g.nodes[level]; n != nil && sc.ofList() {
		level = n.Parent
	}
	if l := g.inside[level]; l != nil {
		for _, h := range l.handlers {
			u.at(g, st, sc.ID, h.again)
		}
	}
}

// undoable checks that what has completed can be undone in the other version.
func (c *migration) undoable() {
	for _, left := range c.st.Data.Undo.Left {
		a, b := c.from.nodes[left.Node], c.to.nodes[left.Node]
		switch {
		case b == nil, a != nil && (a.Parent != b.Parent || a.Kind != b.Kind):
			c.issue(MigrateUndo, left.Node, saying{"what": "gone"}, "%s has completed and can be undone; the other version has no such step there", left.Node)
		case !left.Inside && b.undo == nil:
			c.issue(MigrateUndo, left.Node, nil, "%s has completed and can be undone; in the other version nothing undoes it", left.Node)
		}
	}
}

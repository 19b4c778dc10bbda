package flow

import (
	"encoding/json"
	"slices"
)

// open begins the inside of a task: a scope whose id is the task's.
func (r *run) open(t *Task, kind ScopeKind) *Scope {
	sc := &Scope{ID: t.ID, ParentID: t.ScopeID, Kind: kind, NodeID: t.NodeID}
	r.st.Scopes[sc.ID] = sc
	r.dirty(sc)
	r.inside(1)
	return sc
}

// inside counts the live scopes besides the root, in the root.
func (r *run) inside(n int) {
	if root := r.st.Scopes[r.p.ID]; root != nil {
		root.State.Inner += n
		r.dirty(root)
	}
}

// sub begins a sub-process.
func (r *run) sub(sc *Scope, n *Node, t *Task) error {
	var p plan
	if !r.instance(sc, n) {
		if err := r.border(&p, n); err != nil {
			return r.broken(sc, n, t, fault(CodeExpression, err))
		}
	}
	if t == nil {
		t = r.create(sc, n)
	}
	if err := r.move(t, TaskRunning); err != nil {
		return err
	}
	r.adopt(t, &p)
	inner := r.open(t, ScopeSub)
	if sc.Kind == ScopeMulti {
		inner.State.Item = sc.State.Multi.entryOf(t.Run) + 1
	}
	inner.State.Tokens = 1
	inner.State.Pending = []Pending{{Node: r.g.inside[n.ID].start.ID}}
	return nil
}

// begun tells whether a scope has had its first token. A multi-instance scope looks after its end itself.
func (r *run) begun(sc *Scope) bool {
	if sc.Kind == ScopeUndo {
		return len(sc.State.Undoing) == 0
	}
	return sc.Kind != ScopeMulti && len(sc.State.Runs) > 0
}

// leaveScope ends a sub-process whose last token is gone.
func (r *run) leaveScope(sc *Scope) error {
	t := r.st.Tasks[sc.ID]
	if t == nil {
		return &NeedTasks{IDs: []string{sc.ID}}
	}
	outer, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	r.drop(sc)
	r.cause = causeScopeEnd
	if sc.Kind == ScopeUndo {
		return r.leaveUndo(outer, t)
	}
	return r.computed(outer, n, t, sc.State.Output)
}

// drop takes an ended scope away.
func (r *run) drop(sc *Scope) {
	sc.Ended = true
	r.undoableInside(sc)
	delete(r.st.Scopes, sc.ID)
	delete(r.fx.ScopeDirty, sc.ID)
	delete(r.st.lists, sc.ID)
	r.inside(-1)
	r.fx.Ended = append(r.fx.Ended, sc)
}

// below lists the scopes inside a task, outermost first and in an order that depends on nothing else.
func (r *run) below(task string) []*Scope {
	sc := r.st.Scopes[task]
	if sc == nil || sc.Kind == ScopeRoot {
		return nil
	}
	return append([]*Scope{sc}, r.inner(task)...)
}

func (r *run) inner(scope string) []*Scope { return inside(r.st.Scopes, scope) }

// inside lists the scopes below another one, outermost first.
func inside(scopes map[string]*Scope, scope string) []*Scope {
	var direct []*Scope
	for _, sc := range scopes {
		if sc.ParentID == scope && sc.Kind != ScopeRoot {
			direct = append(direct, sc)
		}
	}
	slices.SortFunc(direct, func(a, b *Scope) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	var all []*Scope
	for _, sc := range direct {
		all = append(append(all, sc), inside(scopes, sc.ID)...)
	}
	return all
}

// endInside ends everything inside a task.
func (r *run) endInside(t *Task) error {
	scopes := r.below(t.ID)
	for i := len(scopes) - 1; i >= 0; i-- {
		if err := r.cancelOpen(scopes[i]); err != nil {
			return err
		}
		r.drop(scopes[i])
	}
	return nil
}

// terminate ends a scope at once, as completed.
func (r *run) terminate(sc *Scope) error {
	if sc.Kind == ScopeRoot {
		return r.endProcess(sc, ProcessCompleted)
	}
	for _, inner := range slices.Backward(r.inner(sc.ID)) { // the innermost first: what can be undone in them is noted around them
		if err := r.cancelOpen(inner); err != nil {
			return err
		}
		r.drop(inner)
	}
	if err := r.cancelOpen(sc); err != nil {
		return err
	}
	return r.leaveScope(sc)
}

// reach counts a node's activation.
func (r *run) reach(sc *Scope, n *Node) {
	if sc.State.Runs == nil {
		sc.State.Runs = map[string]int{}
	}
	sc.State.Runs[n.ID]++
	delete(sc.State.Reached, n.ID)
	r.dirty(sc)
}

// put makes a value the latest output of a node.
func (r *run) put(scope, node string, run int, body json.RawMessage) {
	if len(body) == 0 {
		body = emptyObject
	}
	r.fx.Outputs = append(r.fx.Outputs, Output{ScopeID: scope, NodeID: node, Run: run, Body: body})
	if r.st.Data.Outputs == nil {
		r.st.Data.Outputs = map[OutputKey]json.RawMessage{}
	}
	key := OutputKey{scope, node}
	r.st.Data.Outputs[key] = body
	r.vars.forget(key)
}

// levelOf finds the scope that a node of the graph runs in, as seen from inside a scope: its own level, or one around it. Nil: the
// node lies in a sub-process that the token is not in.
func (g *Graph) levelOf(scopes map[string]*Scope, from string, node string) *Scope {
	n := g.nodes[node]
	if n == nil {
		return nil
	}
	for sc := scopes[from]; sc != nil; sc = scopes[sc.ParentID] {
		if sc.level() && sc.NodeID == n.Parent {
			return sc
		}
		if sc.Kind == ScopeRoot {
			return nil
		}
	}
	return nil
}

package flow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/sound"
)

// RestartPlan is what a restart from a node does.
type RestartPlan struct {
	Scope     string          // where the token will stand
	Cancelled map[string]int  // node → open tasks of it that end, those inside of sub-processes and lists included
	Hidden    map[string]Runs // node → runs that count no more; their outputs are not read any more
	Kept      []string        // nodes of the scope that were reached and stay as they are, sorted
	Ahead     []string        // nodes of the scope that the token can come to, the first one included, sorted
}

// Runs are the runs of a node from one to another, both included.
type Runs struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Hidden names runs of nodes in a scope that count no more.
type Hidden struct {
	Scope string
	Runs  map[string]Runs // by node
}

// PastOf says of which moment a restart needs the past: when a run of a node was reached.
type PastOf struct {
	Scope, Node string
	Run         int
}

// Past is what a scope was like when a node was last reached.
type Past struct {
	Since   map[string]int             // node → its first run that something happened to since then, the node's own run included
	Outputs map[string]json.RawMessage // node of Since → the latest output of its runs before
}

// See notes in Since what a history says that happened from the moment on. Reached tells whether the moment had come before the
// history begins, and whether it has by its end. A restart that hid the run undoes the moment: it has not come.
func (p *Past) See(log []Change, of PastOf, reached bool) bool {
	for i := range log {
		c := &log[i]
		switch {
		case c.Scope != of.Scope:
		case c.Kind == "restarted":
			if hidden := HiddenBy(c)[of.Node]; hidden.From <= of.Run && of.Run <= hidden.To {
				reached = false
				clear(p.Since)
			}
		case c.Kind == "task" || c.Kind == "node" || c.Kind == "carried":
			reached = reached || c.Node == of.Node && c.Run == of.Run
			if first, known := p.Since[c.Node]; reached && (!known || c.Run < first) {
				p.Since[c.Node] = c.Run
			}
		}
	}
	return reached
}

// HiddenBy returns what a restart of the history hid, by node.
func HiddenBy(c *Change) map[string]Runs {
	var detail struct {
		Hidden map[string]Runs `json:"hidden"`
	}
	if c.Kind != "restarted" || json.Unmarshal(c.Detail, &detail) != nil {
		return nil
	}
	return detail.Hidden
}

// Carried is what a process takes over from an ended one that it replaces.
type Carried struct {
	Outputs map[string]json.RawMessage // node → its output in the process's own scope
	Output  json.RawMessage            // see ScopeState.Output
	Error   json.RawMessage            // see ScopeState.Error
}

// PlanRestart says what restarting a live process from a node does: everything in the node's scope is cancelled, what the nodes from
// there on have given since the node was last reached is hidden, and one token stands before the node. It changes nothing. scope may
// be empty when one live scope alone has the node. The error is *Refused. st needs its header, its live scopes and the past that
// PastFor names.
func (g *Graph) PlanRestart(st *State, node, scope string) (*RestartPlan, error) {
	root := st.Scopes[st.Process.ID]
	switch {
	case st.Process.State.Terminal():
		return nil, refuse(RefusedProcessEnded, "the process has ended")
	case st.Process.State == ProcessCancelling:
		return nil, refuse(RefusedCancelling, "the process is being cancelled")
	case root == nil || len(root.State.Runs) == 0:
		return nil, refuse(RefusedNotBegun, "the process has not begun")
	}
	n, err := g.restartable(node)
	if err != nil {
		return nil, err
	}
	sc, err := g.scopeFor(st, n, scope)
	if err != nil {
		return nil, err
	}
	ahead := g.ahead(n)
	if err := g.beside(sc, n, ahead); err != nil {
		return nil, err
	}
	if err := g.alone(n); err != nil {
		return nil, err
	}
	plan := g.planned(sc, ahead, st.Data.Past)
	for _, id := range sc.State.Open {
		plan.Cancelled[id]++
	}
	for _, inner := range inside(st.Scopes, sc.ID) {
		for _, id := range inner.State.Open {
			plan.Cancelled[id]++
		}
	}
	return plan, nil
}

// PastFor says which past the plan of a restart needs; nil: none.
func (g *Graph) PastFor(st *State, node, scope string) *PastOf {
	n := g.nodes[node]
	if n == nil {
		return nil
	}
	sc, err := g.scopeFor(st, n, scope)
	if err != nil || sc.State.Runs[node] == 0 {
		return nil
	}
	return &PastOf{Scope: sc.ID, Node: node, Run: sc.State.lastReached(node)}
}

// PlanRestartEnded says what a new process that begins at a node takes over from an ended one, whose own scope as it ended is root.
func (g *Graph) PlanRestartEnded(root *Scope, node string, past *Past) (*RestartPlan, error) {
	n, err := g.restartable(node)
	if err != nil {
		return nil, err
	}
	if n.Parent != "" {
		return nil, refuse(RefusedRestartInside, fmt.Sprintf("%s lies inside of %s, which has ended with its process; begin at %s", n.ID, n.Parent, outermost(g, n)))
	}
	if len(root.State.Runs) == 0 {
		return nil, refuse(RefusedNotBegun, "the process has not begun")
	}
	if err := g.alone(n); err != nil {
		return nil, err
	}
	return g.planned(root, g.ahead(n), past), nil
}

// Carry is what a new process that begins at a node takes over from an ended one; outputs are those that its plan leaves in sight.
func (g *Graph) Carry(root *Scope, node string, plan *RestartPlan, outputs map[string]json.RawMessage) *Carried {
	n := g.nodes[node]
	c := &Carried{Outputs: map[string]json.RawMessage{}, Output: g.outputBefore(root, plan), Error: g.errorBefore(root, n)}
	for id, body := range outputs {
		if g.nodes[id] != nil {
			c.Outputs[id] = body
		}
	}
	return c
}

// restartable finds a node that a token can stand before.
func (g *Graph) restartable(node string) (*Node, error) {
	n := g.nodes[node]
	switch {
	case n == nil:
		return nil, refuse(RefusedRestartNode, fmt.Sprintf("the version has no step %q", node))
	case n.Kind == graph.KindBoundaryEvent:
		return nil, refuse(RefusedRestartNode, fmt.Sprintf("%s is an event on the border of %s; begin at %s", n.ID, n.host.ID, n.host.ID))
	case len(n.in) == 0 && n.Kind != graph.KindStartEvent:
		return nil, refuse(RefusedRestartNode, fmt.Sprintf("no flow leads to %s", n.ID))
	}
	return n, nil
}

// scopeFor finds the live scope of a node.
func (g *Graph) scopeFor(st *State, n *Node, scope string) (*Scope, error) {
	var found []*Scope
	for _, sc := range st.Scopes {
		if sc.level() && sc.Kind != ScopeUndo && sc.NodeID == n.Parent && (scope == "" || scope == sc.ID) {
			found = append(found, sc)
		}
	}
	if len(found) == 0 {
		return nil, refuse(RefusedRestartInside, fmt.Sprintf("%s lies inside of %s, which is not under way; begin at %s", n.ID, n.Parent, outermost(g, n)))
	}
	for _, sc := range found {
		for at := sc; at != nil && at.Kind != ScopeRoot; at = st.Scopes[at.ParentID] {
			if at.Kind == ScopeMulti {
				return nil, refuse(RefusedRestartMulti, fmt.Sprintf("%s lies inside of %s, which is repeated for a list; restart an entry of the list, or begin at %s", n.ID, at.NodeID, at.NodeID))
			}
		}
	}
	if len(found) > 1 {
		return nil, refuse(RefusedRestartWhich, fmt.Sprintf("%s is under way %d times; say which one is meant", n.Parent, len(found)))
	}
	return found[0], nil
}

// outermost is the sub-process around a node that lies at the top.
func outermost(g *Graph, n *Node) string {
	for n.Parent != "" {
		n = g.nodes[n.Parent]
	}
	return n.ID
}

// ahead marks the nodes of a level that a token before a node can come to, the node itself included. An event on the border is come
// to through its activity.
func (g *Graph) ahead(n *Node) map[*Node]bool {
	seen := map[*Node]bool{n: true}
	for todo := []*Node{n}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		next := slices.Clone(at.border)
		for _, e := range at.out {
			next = append(next, e.to)
		}
		for _, to := range next {
			if !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		}
	}
	return seen
}

// beside refuses when a token of the scope is neither on the way from the node nor on the way to it: it would be lost.
func (g *Graph) beside(sc *Scope, n *Node, ahead map[*Node]bool) error {
	var lost []string
	for at := range g.tokens(sc) {
		if !ahead[at] && !g.ahead(at)[n] {
			lost = append(lost, at.ID)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	sort.Strings(lost)
	return refuse(RefusedRestartParallel, fmt.Sprintf("%s runs beside %s and would be lost; begin where the two part", strings.Join(lost, ", "), n.ID))
}

// tokens marks where the tokens of a scope are.
func (g *Graph) tokens(sc *Scope) map[*Node]bool {
	at := map[*Node]bool{}
	add := func(n *Node) {
		if n != nil {
			at[n] = true
		}
	}
	for id, node := range sc.State.Open {
		if !sc.State.undoes(id) {
			add(g.nodes[node])
		}
	}
	for _, p := range sc.State.Parked {
		add(g.nodes[p.Node])
	}
	for _, p := range sc.State.Pending {
		switch e := g.edges[p.Edge]; {
		case e != nil:
			add(e.to)
		case p.Task == "":
			add(g.nodes[p.Node])
		}
	}
	for id := range sc.State.Joins {
		if e := g.edges[id]; e != nil {
			add(e.to)
		}
	}
	return at
}

// alone refuses when a join would wait for ever for more than the one token.
func (g *Graph) alone(n *Node) error {
	for _, p := range sound.From(g.doc, sound.Marking{Level: n.Parent, Before: []string{n.ID}}) {
		if p.Code == sound.Stuck || p.Code == sound.Never {
			return refuse(RefusedRestartParallel, fmt.Sprintf("%s lies in a parallel block: %s would wait for the other branches for ever; begin where they part", n.ID, p.Node))
		}
	}
	return nil
}

// planned sorts the nodes that a scope has reached into those that begin anew and those that stay.
func (g *Graph) planned(sc *Scope, ahead map[*Node]bool, past *Past) *RestartPlan {
	plan := &RestartPlan{Scope: sc.ID, Cancelled: map[string]int{}, Hidden: map[string]Runs{}, Kept: []string{}}
	for n := range ahead {
		plan.Ahead = append(plan.Ahead, n.ID)
		if last := sc.State.Runs[n.ID]; past != nil && last > 0 {
			if first, since := past.Since[n.ID]; since && first <= last {
				plan.Hidden[n.ID] = Runs{From: first, To: last}
			}
		}
	}
	sort.Strings(plan.Ahead)
	for _, id := range slices.Sorted(maps.Keys(sc.State.Runs)) {
		if _, hidden := plan.Hidden[id]; !hidden {
			plan.Kept = append(plan.Kept, id)
		}
	}
	return plan
}

// outputBefore is what the ends of a scope have given without those that are hidden: field by field, for a field has no author.
func (g *Graph) outputBefore(sc *Scope, plan *RestartPlan) json.RawMessage {
	var fields map[string]json.RawMessage
	if len(sc.State.Output) == 0 || json.Unmarshal(sc.State.Output, &fields) != nil {
		return nil
	}
	stays := map[string]bool{}
	var goes []string
	for _, n := range g.order {
		if n.Kind != graph.KindEndEvent || n.Parent != sc.NodeID || sc.State.Runs[n.ID] == 0 {
			continue
		}
		hidden := plan.Hidden[n.ID].From > 0
		for _, name := range n.output.names() {
			if hidden {
				goes = append(goes, name)
			} else {
				stays[name] = true
			}
		}
	}
	for _, name := range goes {
		if !stays[name] {
			delete(fields, name)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	out, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return out
}

// errorBefore is the error that a boundary event of the scope caught, where the node lies behind such an event.
func (g *Graph) errorBefore(sc *Scope, n *Node) json.RawMessage {
	for _, b := range g.order {
		if b.boundary != nil && b.boundary.Kind == graph.BoundaryError && b.Parent == n.Parent && sc.State.Runs[b.ID] > 0 && b != n && g.ahead(b)[n] {
			return sc.State.Error
		}
	}
	return nil
}

// restart puts one token before a node.
func (r *run) restart() error {
	if r.ev.Carried != nil {
		return r.beginAt(r.ev.Carried)
	}
	defer func() { r.st.Data.Past = nil }() // it is that of this event alone
	plan, err := r.g.PlanRestart(r.st, r.ev.Node, r.ev.Scope)
	if err != nil {
		return err
	}
	if of := r.g.PastFor(r.st, r.ev.Node, r.ev.Scope); of != nil && r.st.Data.Past == nil {
		return fmt.Errorf("flow: what scope %s was like when %s was reached is not loaded", of.Scope, of.Node)
	}
	sc, n := r.st.Scopes[plan.Scope], r.g.nodes[r.ev.Node]
	for _, inner := range r.inner(sc.ID) {
		if err := r.cancelOpen(inner); err != nil {
			return err
		}
		r.drop(inner)
	}
	if err := r.cancelOpen(sc); err != nil {
		return err
	}
	sc.State.Output, sc.State.Error = r.g.outputBefore(sc, plan), r.g.errorBefore(sc, n)
	r.hide(plan)
	sc.State.Tokens = 1
	sc.State.Pending = []Pending{{Node: n.ID}}
	r.dirty(sc)
	return nil
}

// hide takes what has happened since the node was reached out of sight.
func (r *run) hide(plan *RestartPlan) {
	for node := range plan.Hidden {
		key := OutputKey{plan.Scope, node}
		delete(r.st.Data.Outputs, key)
		if before, known := r.st.Data.Past.Outputs[node]; known {
			if r.st.Data.Outputs == nil {
				r.st.Data.Outputs = map[OutputKey]json.RawMessage{}
			}
			r.st.Data.Outputs[key] = before
		}
		r.vars.forget(key)
	}
	r.fx.Hidden = &Hidden{Scope: plan.Scope, Runs: plan.Hidden}
	r.st.Data.Undo.hide(r.fx.Hidden)
	detail, err := json.Marshal(map[string]any{"hidden": plan.Hidden})
	if err != nil {
		detail = nil // strings and numbers
	}
	r.fx.Log = append(r.fx.Log, Change{Kind: "restarted", Node: r.ev.Node, Scope: plan.Scope, Actor: r.ev.Actor, Detail: detail})
}

// beginAt begins a process at a node, with what it takes over from another one.
func (r *run) beginAt(c *Carried) error {
	n, err := r.g.restartable(r.ev.Node)
	if err != nil {
		return err
	}
	root := r.st.Scopes[r.p.ID]
	if root == nil || r.p.State != "" || n.Parent != "" {
		return fmt.Errorf("flow: process %s is not new, or does not begin at its top", r.p.ID)
	}
	if r.st.Tasks == nil {
		r.st.Tasks = map[string]*Task{}
	}
	if err := r.setProcess(ProcessRunning); err != nil {
		return err
	}
	r.p.StartedAt = r.ev.At
	r.limit()
	s := &root.State
	s.Runs, s.Output, s.Error = map[string]int{}, c.Output, c.Error
	for _, id := range slices.Sorted(maps.Keys(c.Outputs)) {
		s.Runs[id] = 1
		r.put(root.ID, id, 1, c.Outputs[id])
		r.fx.Log = append(r.fx.Log, Change{Kind: "carried", Node: id, Scope: root.ID, Run: 1})
	}
	s.Tokens = 1
	s.Pending = []Pending{{Node: n.ID}}
	r.dirty(root)
	return nil
}

// readsRestart adds what a restart may read. It tells whether other tokens may move with it.
func (g *Graph) readsRestart(u *Needs, st *State, ev Event) bool {
	n := g.nodes[ev.Node]
	if n == nil {
		return false
	}
	if ev.Carried != nil {
		again := union(n.again, n.caught)
		u.Input, u.Open = u.Input || again.Input, u.Open || again.Open
		return false // what is taken over comes with the event
	}
	sc, err := g.scopeFor(st, n, ev.Scope)
	if err != nil {
		return false
	}
	u.Open = true
	u.Past = g.PastFor(st, ev.Node, ev.Scope)
	u.at(g, st, sc.ID, n.again)
	u.at(g, st, sc.ID, n.caught)
	return true
}

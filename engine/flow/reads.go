package flow

import (
	"slices"
	"sort"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Reads names what the caller must load into State before an Advance.
type Reads struct {
	Input bool     // Data.Input
	Nodes []string // the latest output of each of these nodes, in Data.Outputs; sorted
	Open  bool     // the tasks of ScopeState.Open, all of them: the event may end them, or evaluate them again
}

// readSet collects what expressions read.
type readSet struct {
	input bool
	tasks map[string]bool
	open  bool
}

func (s *readSet) add(o readSet) {
	s.input = s.input || o.input
	s.open = s.open || o.open
	for t := range o.tasks {
		if s.tasks == nil {
			s.tasks = map[string]bool{}
		}
		s.tasks[t] = true
	}
}

func (s *readSet) reads() Reads {
	r := Reads{Input: s.input, Open: s.open}
	for t := range s.tasks {
		r.Nodes = append(r.Nodes, t)
	}
	sort.Strings(r.Nodes)
	return r
}

// union returns what either of two reads.
func union(a, b Reads) Reads {
	u := Reads{Input: a.Input || b.Input, Open: a.Open || b.Open}
	switch {
	case len(a.Nodes) == 0:
		u.Nodes = b.Nodes
	case len(b.Nodes) == 0:
		u.Nodes = a.Nodes
	default:
		i, j := 0, 0
		for i < len(a.Nodes) || j < len(b.Nodes) {
			switch {
			case j == len(b.Nodes) || i < len(a.Nodes) && a.Nodes[i] < b.Nodes[j]:
				u.Nodes = append(u.Nodes, a.Nodes[i])
				i++
			case i == len(a.Nodes) || b.Nodes[j] < a.Nodes[i]:
				u.Nodes = append(u.Nodes, b.Nodes[j])
				j++
			default:
				u.Nodes = append(u.Nodes, a.Nodes[i])
				i, j = i+1, j+1
			}
		}
	}
	return u
}

// without returns the reads without a node's output, unless those in kept need it.
func (r Reads) without(node string, kept readSet) Reads {
	if at, found := slices.BinarySearch(r.Nodes, node); found && !kept.tasks[node] {
		r.Nodes = slices.Concat(r.Nodes[:at], r.Nodes[at+1:])
	}
	return r
}

// collectReads finds what evaluating the node itself reads: its mappings, what it waits for, and the conditions behind it. A result
// mapping is not part of it: it is read when a worker answers, so it belongs to the stretch after the node.
func (n *Node) collectReads() {
	if n.mock != nil {
		n.own.add(n.result.set()) // the answer is there as soon as the task is
	}
	n.own.add(n.input.set())
	n.own.add(n.output.set())
	n.own.add(n.decision.set())
	n.own.add(n.timer.set())
	n.own.add(n.awaited.set())
	n.own.add(n.user.set())
	n.own.add(n.call.set())
	if n.message != nil {
		n.own.add(n.message.set())
	}
	if n.multi != nil {
		n.own.add(n.multi.items.set())
		n.own.add(n.multi.inside)
	}
	for _, b := range n.border {
		n.own.add(b.timer.set())
		n.own.add(b.awaited.set())
	}
	for _, e := range n.out {
		if e.condition != nil {
			n.own.add(e.condition.set())
		}
		if n.Kind == graph.KindEventGateway {
			n.own.add(e.to.timer.set())
			n.own.add(e.to.awaited.set())
		}
	}
	if n.endsEarly || n.multi != nil && n.multi.until != nil {
		n.own.open = true
	}
}

// walker gathers what a stretch of engine work reads.
type walker struct {
	g    *Graph
	set  readSet
	seen map[*Node]bool
	todo []*Node
}

func (w *walker) enter(n *Node) {
	if n != nil && !w.seen[n] {
		w.seen[n] = true
		w.todo = append(w.todo, n)
	}
}

// leave follows the token that leaves a node.
func (w *walker) leave(n *Node) {
	for _, e := range n.out {
		w.enter(e.to)
	}
	if n.multi != nil { // the next entry begins, or the list ends
		w.set.add(n.own)
		w.set.add(n.multi.inside)
		w.inside(n)
	}
}

// inside follows the token that begins what is inside a sub-process.
func (w *walker) inside(n *Node) {
	if l := w.g.inside[n.ID]; n.Kind == graph.KindSubProcess && l != nil {
		w.enter(l.start)
	}
}

// outside follows the token that leaves the sub-process around a node.
func (w *walker) outside(n *Node) {
	if n.Parent != "" {
		w.leave(w.g.nodes[n.Parent])
	}
}

// throws follows what a compensation may begin at once: handlers of what has completed in its level, and inside of that.
func (w *walker) throws(n *Node) {
	for _, h := range w.g.order {
		for at := h; h.handler; at = w.g.nodes[at.Parent] {
			if at.Parent == n.Parent {
				w.enter(h)
				break
			}
			if at.Parent == "" {
				break
			}
		}
	}
}

// errors follows the tokens that errors in a node may set free.
func (w *walker) errors(n *Node) {
	for at := n; at != nil; at = w.g.nodes[at.Parent] {
		for _, b := range at.border {
			if b.boundary.Kind == graph.BoundaryError {
				w.set.open = w.set.open || at != n || at.multi != nil
				w.leave(b)
			}
		}
		if at.multi != nil {
			w.leave(at)
			w.set.open = true
		}
		if at.Parent == "" {
			return
		}
	}
}

func (w *walker) walk() Reads {
	for len(w.todo) > 0 {
		n := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.set.add(n.own)
		switch {
		case n.Kind == graph.KindEndEvent:
			w.outside(n)
			if n.end.Kind == graph.EndCompensate {
				w.throws(n)
			}
			if n.endsEarly {
				w.errors(n)
			}
		case n.Kind == graph.KindSubProcess && n.mock == nil:
			w.inside(n)
			w.errors(n)
		case n.engineRuns, n.Kind == graph.KindCompensationEvent: // when there is nothing to undo, the token goes on at once
			w.leave(n)
			w.errors(n)
			if len(n.out) == 0 && !n.handler {
				w.outside(n)
			}
			if n.Kind == graph.KindCompensationEvent {
				w.throws(n)
			}
		default:
			w.errors(n) // what it waits for or is given may fail to be evaluated
		}
	}
	return w.set.reads()
}

// stretch finds what the engine may read from the moment a token leaves from until every token that comes of it stands at a
// task that waits for something, or is gone.
func (g *Graph) stretch(from *Node) Reads {
	w := walker{g: g, seen: map[*Node]bool{}}
	w.set.add(from.result.set())
	w.leave(from)
	if len(from.out) == 0 && !from.handler || from.Kind == graph.KindSubProcess {
		w.outside(from)
	}
	if from.result != nil {
		w.errors(from)
	}
	return w.walk()
}

// arrival finds what the engine may read from the moment a token reaches a node.
func (g *Graph) arrival(n *Node) Reads {
	w := walker{g: g, seen: map[*Node]bool{}}
	w.enter(n)
	return w.walk()
}

// around finds what the stretches behind the events on the border of a node, and of the activities around it, may read.
func (g *Graph) around(n *Node) Reads {
	w := walker{g: g, seen: map[*Node]bool{}}
	w.errors(n)
	return w.walk()
}

// Reads tells what the engine-run stretch after a node may read, its result mapping included; the empty id means the stretch
// from the start. An unknown node reads nothing.
func (g *Graph) Reads(node string) Reads {
	if node == "" {
		return g.start.again
	}
	if n := g.nodes[node]; n != nil {
		return n.after
	}
	return Reads{}
}

// ReadsOf tells what evaluating these nodes again and the stretches after them may read: the retry of an incident that was
// opened before a worker was asked, and tokens that a hold stopped.
func (g *Graph) ReadsOf(nodes ...string) Reads {
	var u Reads
	for _, id := range nodes {
		if n := g.nodes[id]; n != nil {
			u = union(u, n.again)
		}
	}
	return u
}

// Needs names what the caller must load into State before an Advance, beside the header, the live scopes with their tasks and the
// event's task.
type Needs struct {
	Input     bool        // Data.Input
	Outputs   []OutputKey // the latest output of each, in Data.Outputs
	Open      bool        // the tasks of ScopeState.Open of every scope: the event may end them, or evaluate them again
	Collected []string    // the multi-instance scopes whose values go to Data.Collected
	Past      *PastOf     // what goes to Data.Past
	Tasks     []string    // these open tasks
	Undo      []UndoRef   // what goes to Data.Undo.Loaded
	Undoable  bool        // Data.Undo.Left
}

// at adds what is read from inside a scope.
func (u *Needs) at(g *Graph, st *State, scope string, reads Reads) {
	u.Input = u.Input || reads.Input
	u.Open = u.Open || reads.Open
	for _, node := range reads.Nodes {
		level := g.levelOf(st.Scopes, scope, node)
		if level == nil {
			continue // it lies in a sub-process that has not begun
		}
		if key := (OutputKey{level.data(), node}); !slices.Contains(u.Outputs, key) {
			u.Outputs = append(u.Outputs, key)
		}
	}
}

// ReadsFor tells what one event may read, tokens that it may release included. st needs its header, its scopes, and the task
// of the event.
func (g *Graph) ReadsFor(st *State, ev Event) Needs {
	var u Needs
	if closing(st) != nil {
		if ev.Kind == EventContinue {
			for _, tasks := range chunkOf(st) {
				u.Tasks = append(u.Tasks, tasks...)
			}
			slices.Sort(u.Tasks)
		}
		return u
	}
	if len(st.Scopes) > 1 {
		plansOf(&u, st)
	}
	t := st.Tasks[ev.Task]
	var n *Node
	scope := ""
	if t != nil {
		n, scope = g.nodes[t.NodeID], t.ScopeID
	}
	moves := false // the event may set waiting tokens moving
	switch ev.Kind {
	case EventStart:
		start := g.start
		if named := g.nodes[ev.Node]; named != nil {
			start = named
		}
		u.Input, u.Open = start.again.Input, start.again.Open // a process that begins has no outputs
	case EventCompleted, EventAnswer:
		if n != nil {
			u.at(g, st, scope, n.ended)
		}
		moves = true
	case EventChild:
		if n != nil {
			u.at(g, st, scope, n.ended)
			u.at(g, st, scope, n.caught)
		}
		moves = true
	case EventFailed, EventTimeout, EventLost:
		if n != nil {
			u.at(g, st, scope, n.caught)
		}
		u.Open = u.Open || t != nil && (st.Scopes[t.ID] != nil || inPlan(st, t.ScopeID)) // the whole plan may end with it
		moves = true
	case EventTimer, EventMessage, EventFire:
		moves = true
		if event := g.nodes[ev.Node]; event != nil && t != nil {
			u.at(g, st, scope, event.again)
			u.Open = u.Open || event.boundary != nil && !event.boundary.KeepsRunning && st.Scopes[t.ID] != nil
			if n != nil && n.user != nil {
				u.at(g, st, scope, n.own.reads())
			}
		}
	case EventSkip, EventRetry:
		if n != nil {
			u.at(g, st, scope, n.again)
			u.at(g, st, scope, n.caught)
			for _, e := range n.out {
				if n.Kind == graph.KindEventGateway { // skipped, it goes on behind one of its events
					u.at(g, st, scope, e.to.after)
				}
			}
		}
		moves = true
	case EventResume, EventContinue:
		moves = true
	case EventCancel, EventLimit:
		u.Open = st.open() <= ChunkSize // else it ends in chunks
	case EventRestart:
		moves = g.readsRestart(&u, st, ev)
	case EventEntry:
		moves = true
		for _, sc := range append(inside(st.Scopes, ev.Task), st.Scopes[ev.Task]) {
			if sc != nil {
				u.Tasks = append(u.Tasks, openIDs(sc)...)
			}
		}
	}
	if moves {
		for _, sc := range st.Scopes {
			g.waiting(&u, st, sc)
		}
	}
	return u
}

// waiting adds what the tokens may read that wait in a scope.
func (g *Graph) waiting(u *Needs, st *State, sc *Scope) {
	if sc.Kind == ScopePlan {
		g.readsPlan(u, st, sc)
		return
	}
	for _, p := range sc.State.Parked {
		if n := g.nodes[p.Node]; n != nil {
			u.at(g, st, sc.ID, n.after)
			if p.Error != nil {
				u.at(g, st, sc.ID, n.caught)
			}
		}
		if via := g.nodes[p.Via]; via != nil {
			u.at(g, st, sc.ID, via.after)
		}
	}
	for _, p := range sc.State.Pending {
		u.at(g, st, sc.ID, g.readsPending(sc, p))
		u.Open = u.Open || p.Task != ""
	}
	for _, d := range sc.State.Due {
		u.Open = true
		if n := g.nodes[d.Node]; n != nil {
			u.at(g, st, sc.ID, n.after)
		}
	}
	for id := range sc.State.Joins {
		if e := g.edges[id]; e != nil && e.to.Kind == graph.KindInclusiveGateway {
			u.at(g, st, sc.ID, e.to.again)
		}
	}
	g.readsUndo(u, st, sc)
	n := g.nodes[sc.NodeID]
	if m := sc.State.Multi; m != nil && n != nil && n.multi != nil {
		u.at(g, st, sc.ParentID, n.again)
		// A list that its condition ends early asks for them with NeedCollected: to read them at each entry would cost the square.
		if n.multi.collect != nil && m.Next >= m.Total && m.Active() <= 1 {
			u.Collected = append(u.Collected, sc.ID)
		}
	}
}

func (g *Graph) readsPending(sc *Scope, p Pending) Reads {
	switch {
	case p.Task != "":
		return g.ReadsOf(sc.State.Open[p.Task])
	case p.Edge != "":
		if e := g.edges[p.Edge]; e != nil {
			return e.to.again
		}
		return Reads{}
	default:
		return g.ReadsOf(p.Node)
	}
}

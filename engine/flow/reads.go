package flow

import (
	"slices"
	"sort"
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

// collectReads finds what evaluating the node itself reads: its mappings and the conditions behind it. A result mapping is not
// part of it: it is read when a worker answers, so it belongs to the stretch after the node.
func (n *Node) collectReads() {
	n.own.add(n.input.set())
	n.own.add(n.output.set())
	if n.message != nil {
		n.own.add(n.message.set())
	}
	for _, e := range n.out {
		if e.condition != nil {
			n.own.add(e.condition.set())
		}
	}
	if n.endsEarly {
		n.own.open = true
	}
}

// stretch finds what the engine may read from the moment a token leaves from until every token that comes of it stands at a
// worker's task or is gone.
func (g *Graph) stretch(from *Node) Reads {
	var set readSet
	set.add(from.result.set())
	seen := map[*Node]bool{}
	todo := append([]*edge(nil), from.out...)
	for len(todo) > 0 {
		n := todo[len(todo)-1].to
		todo = todo[:len(todo)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		set.add(n.own)
		if n.engineRuns {
			todo = append(todo, n.out...)
		}
	}
	return set.reads()
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

// ReadsFor tells what one event may read, tokens that it may release included. st needs its header, its scopes, and the task
// of the event.
func (g *Graph) ReadsFor(st *State, ev Event) Reads {
	var u Reads
	node := ""
	if t := st.Tasks[ev.Task]; t != nil {
		node = t.NodeID
	}
	moves := false // the event may set waiting tokens moving
	switch ev.Kind {
	case EventStart:
		u = g.Reads("")
	case EventCompleted:
		if n := g.nodes[node]; n != nil {
			u = n.ended
		}
		moves = true
	case EventSkip, EventRetry:
		u, moves = g.ReadsOf(node), true
	case EventResume, EventContinue:
		moves = true
	case EventCancel:
		u.Open = true
	}
	if !moves {
		return u
	}
	for _, sc := range st.Scopes {
		for _, p := range sc.State.Parked {
			u = union(u, g.Reads(p.Node))
		}
		for _, p := range sc.State.Pending {
			u = union(u, g.readsPending(sc, p))
			u.Open = u.Open || p.Task != ""
		}
	}
	return u
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

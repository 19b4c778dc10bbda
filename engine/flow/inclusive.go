package flow

import (
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// chooseAll evaluates every condition behind an inclusive gateway; when none holds the default is taken (BPMN 2.0.2 §13.4.3).
func (r *run) chooseAll(n *Node) ([]*edge, *wire.Error) {
	var ways []*edge
	var other *edge
	for _, e := range n.out {
		if e.isDefault {
			other = e
			continue
		}
		open := e.condition == nil
		if !open {
			var err error
			if open, err = e.condition.holds(&r.vars); err != nil {
				return nil, fault(CodeExpression, fmt.Errorf("condition of edge %s: %w", e.id, err))
			}
		}
		if open {
			ways = append(ways, e)
		}
	}
	if len(ways) == 0 && other != nil {
		ways = append(ways, other)
	}
	if len(ways) == 0 {
		return nil, fault(CodeNoPath, errNoPath)
	}
	return ways, nil
}

// split sends a token along each of the ways behind an inclusive gateway.
func (r *run) split(sc *Scope, n *Node, t *Task) error {
	ways, why := r.chooseAll(n)
	if why != nil {
		return r.broken(sc, n, t, why)
	}
	if err := r.passed(sc, n, t); err != nil {
		return err
	}
	sc.State.Tokens += len(ways) - 1
	for _, e := range ways {
		r.follow(sc, e)
	}
	r.dirty(sc)
	return nil
}

// gather lets the first inclusive join of a scope go on that waits for nothing any more; it tells whether there was one.
func (r *run) gather(sc *Scope) (bool, error) {
	l := r.g.inside[sc.NodeID]
	if l == nil || len(l.joins) == 0 || len(sc.State.Joins) == 0 || sc.Kind == ScopeMulti {
		return false, nil
	}
	for _, n := range l.joins {
		if !r.complete(sc, n) {
			continue
		}
		for _, e := range n.in {
			if sc.State.Joins[e.id] == 0 {
				continue
			}
			if sc.State.Joins[e.id]--; sc.State.Joins[e.id] == 0 {
				delete(sc.State.Joins, e.id)
			}
			sc.State.Tokens--
		}
		sc.State.Tokens++
		r.dirty(sc)
		return true, r.enter(sc, n)
	}
	return false, nil
}

// complete tells whether an inclusive join has tokens and no other token of the scope can still arrive at an empty incoming edge,
// except one that could as well arrive at an edge that has a token (BPMN 2.0.2 §13.4.3).
func (r *run) complete(sc *Scope, join *Node) bool {
	var empty, full []*edge
	for _, e := range join.in {
		if sc.State.Joins[e.id] > 0 {
			full = append(full, e)
		} else {
			empty = append(empty, e)
		}
	}
	if len(full) == 0 {
		return false
	}
	if len(empty) == 0 {
		return true
	}
	toEmpty, toFull := r.g.leading(join, empty), r.g.leading(join, full)
	may := func(n *Node) bool { return n != nil && n != join && toEmpty[n] && !toFull[n] }
	for id, node := range sc.State.Open {
		if sc.State.undoes(id) {
			continue // its token leads nowhere
		}
		if may(r.g.nodes[node]) {
			return false
		}
	}
	for _, p := range sc.State.Parked {
		if may(r.g.nodes[p.Node]) {
			return false
		}
	}
	for _, p := range sc.State.Pending {
		if e := r.g.edges[p.Edge]; e != nil {
			if e.to == join || may(e.to) { // on its way here, or to what leads here
				return false
			}
		} else if may(r.g.nodes[p.Node]) {
			return false
		}
	}
	for id, waiting := range sc.State.Joins {
		if e := r.g.edges[id]; waiting > 0 && e != nil && may(e.to) {
			return false
		}
	}
	return true
}

// leading marks the nodes from which a token can come to one of the edges without passing the join. A boundary event comes of the
// activity that it is on.
func (g *Graph) leading(join *Node, edges []*edge) map[*Node]bool {
	seen := map[*Node]bool{}
	var todo []*Node
	add := func(n *Node) {
		if n != join && !seen[n] {
			seen[n] = true
			todo = append(todo, n)
		}
	}
	for _, e := range edges {
		add(e.from)
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, e := range n.in {
			add(e.from)
		}
		if n.Kind == graph.KindBoundaryEvent {
			add(n.host)
		}
	}
	return seen
}

package sound

import (
	"slices"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Marking is where the tokens of one level are.
type Marking struct {
	Level  string   // the sub-process; empty: the process
	Before []string // nodes that a token stands before or is in, one entry for each token
	On     []string // flows that a token is on, one entry for each token: at a join it waits for the others
}

// From explores what can come of the tokens of a level where they are now, and returns what is wrong with that and is not wrong with
// the drawing itself: a join that waits for ever because the tokens that it needs are not there. A token before a parallel gateway
// is past the waiting: it goes on behind it. What the document does not have is left out.
func From(doc *graph.Document, m Marking) []Problem {
	n, index := drawn(doc, m.Level)
	if n == nil {
		return nil
	}
	on := slices.Clone(m.On)
	start := len(n.nodes)
	n.nodes = append(n.nodes, node{kind: graph.KindStartEvent})
	for _, id := range m.Before {
		at, known := index[id]
		switch {
		case !known:
		case n.nodes[at].kind == graph.KindParallelGateway:
			for _, e := range n.nodes[at].out {
				on = append(on, n.edges[e].ids...)
			}
		default:
			n.nodes[start].out = append(n.nodes[start].out, len(n.edges))
			n.nodes[at].in = append(n.nodes[at].in, len(n.edges))
			n.edges = append(n.edges, edge{from: start, to: at})
		}
	}
	n.starts = []int{start}
	n.shorten()
	first := slices.Clone(n.nodes[start].out)
	for _, id := range on {
		if e := n.place(id); e >= 0 {
			first = append(first, e)
		}
	}
	if len(first) == 0 {
		return nil
	}
	known := levelOf(doc, m.Level).explore()
	return slices.DeleteFunc(n.exploreFrom(first), func(p Problem) bool {
		return p.Code == Unproven || slices.ContainsFunc(known, func(k Problem) bool { return k.Node == p.Node })
	})
}

// place finds the edge that a flow of the document has become a part of, -1 when there is none.
func (n *net) place(id string) int {
	for i := range n.nodes {
		for _, e := range n.nodes[i].in {
			if slices.Contains(n.edges[e].ids, id) {
				return e
			}
		}
	}
	return -1
}

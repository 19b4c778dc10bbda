// Package sound looks for errors of the control flow before a process runs: joins that wait for ever, tokens that multiply without
// bound, paths that never end. It explores what can happen, conditions aside, up to a bound.
//
// Each level (the process, each sub-process) is explored by itself; a sub-process is one step of the level around it. The package is
// pure and imports designer/graph.
package sound

import "github.com/taskurotta/taskurotta-go/designer/graph"

// node is a step of one level. Steps that only pass a token on are left out; their flows are joined.
type node struct {
	id     string
	kind   graph.Kind
	in     []int // edges
	out    []int
	end    graph.EndKind // of an end event
	others [][]int       // the flows behind each event on the border that ends the activity
	beside [][]int       // the flows behind each event on the border that lets it go on
}

// edge is a place for tokens: one or more flows of the document in a row.
type edge struct {
	from, to int
	ids      []string
	isOther  bool // the default of a choice
}

// net is one level.
type net struct {
	nodes  []node
	edges  []edge
	starts []int
}

// levels makes the nets of a document that has passed the checks of its structure, the process first.
func levels(doc *graph.Document) []*net {
	parents := []string{""}
	for i := range doc.Nodes {
		if doc.Nodes[i].Kind == graph.KindSubProcess {
			parents = append(parents, doc.Nodes[i].ID)
		}
	}
	var all []*net
	for _, parent := range parents {
		if n := levelOf(doc, parent); n != nil {
			all = append(all, n)
		}
	}
	return all
}

func levelOf(doc *graph.Document, parent string) *net {
	n, _ := drawn(doc, parent)
	if n != nil {
		n.shorten()
	}
	return n
}

// drawn makes the net of a level as it is drawn, and tells where each node of the document is in it.
func drawn(doc *graph.Document, parent string) (*net, map[string]int) {
	n := &net{}
	index := map[string]int{}
	var borders []*graph.Node
	undo := map[string]bool{}
	for i := range doc.Nodes {
		undo[doc.Nodes[i].UndoneBy] = true
	}
	for i := range doc.Nodes {
		src := &doc.Nodes[i]
		if src.Parent != parent || undo[src.ID] {
			continue
		}
		if src.Kind == graph.KindBoundaryEvent {
			borders = append(borders, src)
		}
		made := node{id: src.ID, kind: src.Kind}
		if src.End != nil {
			made.end = src.End.Kind
		}
		if src.Kind == graph.KindStartEvent {
			n.starts = append(n.starts, len(n.nodes))
		}
		index[src.ID] = len(n.nodes)
		n.nodes = append(n.nodes, made)
	}
	if len(n.starts) == 0 {
		return nil, nil
	}
	for i := range doc.Edges {
		src := &doc.Edges[i]
		from, known := index[src.From]
		to, both := index[src.To]
		if !known || !both {
			continue
		}
		n.nodes[from].out = append(n.nodes[from].out, len(n.edges))
		n.nodes[to].in = append(n.nodes[to].in, len(n.edges))
		n.edges = append(n.edges, edge{from: from, to: to, ids: []string{src.ID}, isOther: src.Default})
	}
	for _, b := range borders {
		host, known := index[b.Boundary.On]
		if !known {
			continue
		}
		out := n.nodes[index[b.ID]].out
		if b.Boundary.KeepsRunning {
			n.nodes[host].beside = append(n.nodes[host].beside, out)
		} else {
			n.nodes[host].others = append(n.nodes[host].others, out)
		}
	}
	return n, index
}

// shorten leaves out the steps that a token passes without a choice.
func (n *net) shorten() {
	for i := range n.nodes {
		at := &n.nodes[i]
		if len(at.in) != 1 || len(at.out) != 1 || len(at.others)+len(at.beside) > 0 || at.kind == graph.KindStartEvent || at.kind == graph.KindBoundaryEvent {
			continue
		}
		in, out := at.in[0], at.out[0]
		if in == out {
			continue // it leads to itself
		}
		target := &n.nodes[n.edges[out].to]
		n.edges[in].ids = append(append([]string{}, n.edges[in].ids...), n.edges[out].ids...)
		n.edges[in].to = n.edges[out].to
		for k := range target.in {
			if target.in[k] == out {
				target.in[k] = in
			}
		}
		at.in, at.out = nil, nil
		at.kind = "" // left out
	}
}

// step is one thing that a node may do with its tokens.
type step struct {
	take []int // edges that lose a token
	give []int // edges that get one
	over bool  // all other tokens are gone
}

// Bounds of what is tried of one node.
const (
	mostWays   = 6 // flows behind an inclusive gateway of which every choice is tried
	mostBeside = 4 // events that let their activity go on, of which every combination is tried
)

// steps lists what a node may do in a state.
func (n *net) steps(at int, s state) []step {
	nd := &n.nodes[at]
	switch {
	case len(nd.in) == 0:
		return nil
	case nd.kind == graph.KindParallelGateway:
		for _, e := range nd.in {
			if s[e] == 0 {
				return nil
			}
		}
		return []step{{take: nd.in, give: nd.out}}
	case nd.kind == graph.KindInclusiveGateway && len(nd.in) > 1:
		full := n.gathers(at, s)
		return n.inclusive(nd, full)
	}
	for _, e := range nd.in {
		if s[e] > 0 {
			return n.passes(nd, e)
		}
	}
	return nil
}

// passes lists what may come of one token.
func (n *net) passes(nd *node, e int) []step {
	take := []int{e}
	switch nd.kind {
	case graph.KindExclusiveGateway, graph.KindEventGateway:
		var all []step
		for _, out := range nd.out {
			all = append(all, step{take: take, give: []int{out}})
		}
		return all
	case graph.KindInclusiveGateway:
		return n.inclusive(nd, take)
	case graph.KindEndEvent:
		return []step{{take: take, over: nd.end == graph.EndTerminate || nd.end == graph.EndError}}
	}
	var all []step
	for _, besides := range combinations(nd.beside) {
		all = append(all, step{take: take, give: join(nd.out, besides)})
		for _, other := range nd.others {
			all = append(all, step{take: take, give: join(other, besides)})
		}
	}
	return all
}

// combinations lists which events beside an activity may have happened: each set of them, or none and all of many.
func combinations(besides [][]int) [][]int {
	all := [][]int{nil}
	if len(besides) > mostBeside {
		var every []int
		for _, b := range besides {
			every = join(every, b)
		}
		return append(all, every)
	}
	for _, b := range besides {
		for _, set := range all[:len(all):len(all)] {
			all = append(all, join(set, b))
		}
	}
	return all
}

func join(a, b []int) []int { return append(append(make([]int, 0, len(a)+len(b)), a...), b...) }

// inclusive lists the choices of an inclusive gateway.
func (n *net) inclusive(nd *node, take []int) []step {
	if len(take) == 0 {
		return nil
	}
	var ways, others []int
	for _, e := range nd.out {
		if n.edges[e].isOther {
			others = append(others, e)
		} else {
			ways = append(ways, e)
		}
	}
	var all []step
	for _, e := range others {
		all = append(all, step{take: take, give: []int{e}})
	}
	if len(ways) > mostWays {
		for i := range ways {
			all = append(all, step{take: take, give: ways[i : i+1]})
		}
		return append(all, step{take: take, give: ways})
	}
	for set := 1; set < 1<<len(ways); set++ {
		var give []int
		for i, e := range ways {
			if set>>i&1 == 1 {
				give = append(give, e)
			}
		}
		all = append(all, step{take: take, give: give})
	}
	if len(nd.out) == 0 {
		all = append(all, step{take: take})
	}
	return all
}

// gathers returns the tokens with which an inclusive join goes on: one of each flow that has any, when no other token can still come
// to a flow that has none, except one that could as well come to a flow that has one (BPMN 2.0.2 §13.4.3).
func (n *net) gathers(at int, s state) []int {
	var full, empty []int
	for _, e := range n.nodes[at].in {
		if s[e] > 0 {
			full = append(full, e)
		} else {
			empty = append(empty, e)
		}
	}
	if len(full) == 0 || len(empty) == 0 {
		return full
	}
	toEmpty, toFull := n.leading(at, empty), n.leading(at, full)
	for e, tokens := range s {
		if to := n.edges[e].to; tokens > 0 && to != at && toEmpty[to] && !toFull[to] {
			return nil
		}
	}
	return full
}

// leading marks the nodes from which a token can come to one of the edges without passing the join.
func (n *net) leading(join int, edges []int) []bool {
	seen := make([]bool, len(n.nodes))
	var todo []int
	add := func(at int) {
		if at != join && !seen[at] {
			seen[at] = true
			todo = append(todo, at)
		}
	}
	for _, e := range edges {
		add(n.edges[e].from)
	}
	hosts := map[int]int{}
	for i := range n.nodes {
		for _, outs := range append(append([][]int{}, n.nodes[i].others...), n.nodes[i].beside...) {
			for _, e := range outs {
				hosts[n.edges[e].from] = i
			}
		}
	}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, e := range n.nodes[at].in {
			add(n.edges[e].from)
		}
		if host, known := hosts[at]; known {
			add(host)
		}
	}
	return seen
}

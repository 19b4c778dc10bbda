package validate

import "github.com/taskurotta/taskurotta-go/designer/graph"

// net is the graph by index, for walking. Of nodes with the same id the first counts.
type net struct {
	doc   *graph.Document
	index map[string]int
	out   [][]int // node → edges that leave it, as in the document
	in    [][]int // node → edges that enter it
	from  []int   // edge → node, -1 when unknown
	to    []int
	after map[int][]bool // memo of reach
}

func newNet(doc *graph.Document) *net {
	n := &net{
		doc: doc, index: make(map[string]int, len(doc.Nodes)), out: make([][]int, len(doc.Nodes)), in: make([][]int, len(doc.Nodes)),
		from: make([]int, len(doc.Edges)), to: make([]int, len(doc.Edges)), after: map[int][]bool{},
	}
	for i := range doc.Nodes {
		if _, taken := n.index[doc.Nodes[i].ID]; !taken {
			n.index[doc.Nodes[i].ID] = i
		}
	}
	at := func(id string) int {
		if i, known := n.index[id]; known {
			return i
		}
		return -1
	}
	for i := range doc.Edges {
		n.from[i], n.to[i] = at(doc.Edges[i].From), at(doc.Edges[i].To)
		if n.from[i] >= 0 && n.to[i] >= 0 {
			n.out[n.from[i]] = append(n.out[n.from[i]], i)
			n.in[n.to[i]] = append(n.in[n.to[i]], i)
		}
	}
	return n
}

func (n *net) kind(id string) graph.Kind {
	if i, known := n.index[id]; known {
		return n.doc.Nodes[i].Kind
	}
	return ""
}

// walk marks what can be come to from the given nodes, themselves included, over edges and next, never through stop.
func (n *net) walk(from []int, edges [][]int, next []int, stop int) []bool {
	seen := make([]bool, len(n.doc.Nodes))
	queue := make([]int, 0, len(from))
	for _, i := range from {
		if !seen[i] && i != stop {
			seen[i] = true
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range edges[i] {
			if to := next[e]; !seen[to] && to != stop {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	return seen
}

// reach marks the nodes that may run after a node, which is among them only on a cycle.
func (n *net) reach(node int) []bool {
	known, ok := n.after[node]
	if !ok {
		var first []int
		for _, e := range n.out[node] {
			first = append(first, n.to[e])
		}
		known = n.walk(first, n.out, n.to, -1)
		n.after[node] = known
	}
	return known
}

// structure checks how the nodes hang together.
func (c *checker) structure() {
	var starts, ends []int
	for i := range c.doc.Nodes {
		switch c.doc.Nodes[i].Kind {
		case graph.KindStartEvent:
			starts = append(starts, i)
		case graph.KindEndEvent:
			ends = append(ends, i)
		}
	}
	if len(starts) == 0 {
		c.add(NoStart, place{path: "/nodes"}, "there is no start event")
	}
	for _, i := range starts[min(1, len(starts)):] {
		c.add(SeveralStarts, c.nodePlace(i), "there is more than one start event")
	}
	if len(ends) == 0 {
		c.add(NoEnd, place{path: "/nodes"}, "there is no end event")
	}
	reached := c.net.walk(starts, c.net.out, c.net.to, -1)
	leads := c.net.walk(ends, c.net.in, c.net.from, -1)
	for i := range c.doc.Nodes {
		if c.net.index[c.doc.Nodes[i].ID] != i {
			continue // a duplicate: it has its own issue
		}
		if len(starts) > 0 && !reached[i] {
			c.add(Unreachable, c.nodePlace(i), "no path from the start leads here")
		}
		if len(ends) > 0 && !leads[i] {
			c.add(DeadEnd, c.nodePlace(i), "no path from here leads to an end")
		}
		switch c.doc.Nodes[i].Kind {
		case graph.KindExclusiveGateway, graph.KindInclusiveGateway:
			c.split(i)
		case graph.KindParallelGateway:
			c.join(i)
		}
	}
}

// split checks the flows that leave an exclusive or inclusive gateway (BPMN 2.0.2 §10.6.2, §10.6.3).
func (c *checker) split(node int) {
	out := c.net.out[node]
	defaults := 0
	for _, e := range out {
		edge, at := &c.doc.Edges[e], c.edgePlace(e)
		switch {
		case edge.Default:
			defaults++
			if defaults > 1 {
				c.add(SeveralDefault, at.at("default"), "the gateway has another default already")
			}
			if edge.Condition != "" {
				c.add(DefaultCond, at.at("condition"), "the condition of a default is never asked")
			}
		case edge.Condition == "" && len(out) > 1:
			c.add(NoCondition, at.at("condition"), "the flow has neither a condition nor is it the default")
		}
	}
	if defaults == 0 && len(out) > 1 {
		c.add(NoDefault, c.nodePlace(node), "when no condition holds, the process stops here with an incident")
	}
}

// maxJoinWork bounds the search of join, in edges walked; larger graphs go without this warning.
const maxJoinWork = 50_000_000

// join warns of a parallel join that an obvious lack of a split keeps from completing: each incoming flow should have a split
// before it, one branch of which leads there and another to another incoming flow.
func (c *checker) join(node int) {
	in := c.net.in[node]
	c.joinWork += len(in) * len(in) * len(c.doc.Edges)
	if len(in) < 2 || c.joinWork > maxJoinWork {
		return
	}
	before := make([][]bool, len(in)) // per incoming flow: the nodes from which it is come to without passing the join
	for i, e := range in {
		before[i] = c.net.walk([]int{c.net.from[e]}, c.net.in, c.net.from, node)
	}
	for i := range in {
		if !c.splits(node, i, in, before) {
			c.add(JoinNever, c.nodePlace(node), "nothing before this join splits the path into all its incoming flows: it may wait for ever")
			return
		}
	}
}

// splits reports whether some node sends tokens both to incoming flow i and to another one.
func (c *checker) splits(node, i int, in []int, before [][]bool) bool {
	leads := func(flow, e int) bool { // a token on edge e can come to the incoming flow
		return in[flow] == e || (c.net.to[e] != node && before[flow][c.net.to[e]])
	}
	for s := range c.doc.Nodes {
		if !before[i][s] || len(c.net.out[s]) < 2 || c.doc.Nodes[s].Kind == graph.KindExclusiveGateway {
			continue
		}
		here, elsewhere, both := 0, 0, 0
		for _, e := range c.net.out[s] {
			toThis := leads(i, e)
			toOther := false
			for j := range in {
				toOther = toOther || (j != i && leads(j, e))
			}
			if toThis {
				here++
			}
			if toOther {
				elsewhere++
			}
			if toThis && toOther {
				both++
			}
		}
		if here > 0 && elsewhere > 0 && (both == 0 || here > 1 || elsewhere > 1) {
			return true
		}
	}
	return false
}

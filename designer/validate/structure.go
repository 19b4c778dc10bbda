package validate

import (
	"slices"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// net is the graph by index, for walking. Of nodes with the same id the first counts. Behind the edges of the document come those
// of moves: what a token does without a sequence flow.
type net struct {
	doc      *graph.Document
	index    map[string]int
	out      [][]int // node → edges that leave it, as in the document
	in       [][]int // node → edges that enter it
	from     []int   // edge → node, -1 when unknown
	to       []int
	moves    [][]int // node → edges and moves that leave it
	movesIn  [][]int
	after    map[int][]bool // memo of reach
	handlers map[int]bool   // tasks that undo another: no flow leads to them
}

func newNet(doc *graph.Document) *net {
	n := &net{
		doc: doc, index: make(map[string]int, len(doc.Nodes)), out: make([][]int, len(doc.Nodes)), in: make([][]int, len(doc.Nodes)),
		from: make([]int, len(doc.Edges)), to: make([]int, len(doc.Edges)), after: map[int][]bool{}, handlers: map[int]bool{},
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
	n.addMoves()
	return n
}

// addMoves adds what leads on without a sequence flow: from an activity to the events on its border and to the task that undoes it,
// and from a sub-process to its starts.
func (n *net) addMoves() {
	n.moves, n.movesIn = make([][]int, len(n.out)), make([][]int, len(n.in))
	for i := range n.out {
		n.moves[i], n.movesIn[i] = slices.Clone(n.out[i]), slices.Clone(n.in[i])
	}
	move := func(from, to int) {
		n.moves[from], n.movesIn[to] = append(n.moves[from], len(n.from)), append(n.movesIn[to], len(n.from))
		n.from, n.to = append(n.from, from), append(n.to, to)
	}
	for i := range n.doc.Nodes {
		node := &n.doc.Nodes[i]
		if n.index[node.ID] != i {
			continue
		}
		if node.Boundary != nil {
			if host, known := n.index[node.Boundary.On]; known {
				move(host, i)
			}
		}
		if around, known := n.index[node.Parent]; known && node.Kind == graph.KindStartEvent {
			move(around, i)
		}
		if handler, known := n.index[node.UndoneBy]; known && node.UndoneBy != "" {
			move(i, handler)
			n.handlers[handler] = true
		}
	}
}

// around lists the sub-processes that a node lies in, from the inside out. It ends at one that does not exist, and on a cycle.
func (n *net) around(node int) []int {
	var levels []int
	for len(levels) <= len(n.doc.Nodes) {
		parent, known := n.index[n.doc.Nodes[node].Parent]
		if !known || n.doc.Nodes[node].Parent == "" {
			break
		}
		levels = append(levels, parent)
		node = parent
	}
	return levels
}

// sees tells whether the outputs of a step are known where another is: in its own level, and inside of what lies there.
func (n *net) sees(node, source int) bool {
	level := n.doc.Nodes[source].Parent
	if n.doc.Nodes[node].Parent == level {
		return true
	}
	return slices.ContainsFunc(n.around(node), func(around int) bool { return n.doc.Nodes[around].Parent == level })
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
		for _, e := range n.moves[node] {
			first = append(first, n.to[e])
		}
		known = n.walk(first, n.moves, n.to, -1)
		n.after[node] = known
	}
	return known
}

// structure checks how the nodes hang together.
func (c *checker) structure() {
	starts, ends := c.levels()
	reached := c.net.walk(starts, c.net.moves, c.net.to, -1)
	leads := c.net.walk(ends, c.net.movesIn, c.net.from, -1)
	for i := range c.doc.Nodes {
		if c.net.index[c.doc.Nodes[i].ID] != i || c.net.handlers[i] {
			continue // a duplicate, which has its own issue, or a task that no flow leads to
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
		case graph.KindEventGateway:
			c.arms(i)
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

package validate

import "github.com/taskurotta/taskurotta-go/designer/graph"

// levels checks what each level of the process needs, where nodes lie and where flows lead. It returns all starts and ends.
func (c *checker) levels() (starts, ends []int) {
	type level struct{ starts, manual, ends int }
	levels := map[string]*level{"": {}}
	for i := range c.doc.Nodes {
		if n := &c.doc.Nodes[i]; n.Kind == graph.KindSubProcess && c.net.index[n.ID] == i {
			levels[n.ID] = &level{}
		}
	}
	for i := range c.doc.Nodes {
		n, at := &c.doc.Nodes[i], c.nodePlace(i)
		l := levels[n.Parent]
		if l == nil || c.inItself(i) {
			c.add(Parent, at.at("parent"), "it lies in "+clip(n.Parent)+", which is no sub-process around it", "id", clip(n.Parent))
		}
		if l == nil {
			l = &level{}
		}
		switch n.Kind {
		case graph.KindStartEvent:
			starts = append(starts, i)
			l.starts++
			if n.Start.Manual() {
				l.manual++
			}
			switch {
			case n.Parent != "" && !n.Start.Manual():
				c.add(StartInside, at.at("start", "kind"), "a sub-process is begun by the flow that leads to it")
			case n.Start.Manual() && l.manual > 1 || n.Parent != "" && l.starts > 1:
				c.add(SeveralStarts, at, "there is more than one start event")
			}
		case graph.KindEndEvent:
			ends = append(ends, i)
			l.ends++
		}
	}
	for i := range c.doc.Nodes {
		n := &c.doc.Nodes[i]
		if n.Kind != graph.KindSubProcess || c.net.index[n.ID] != i {
			continue
		}
		if levels[n.ID].starts == 0 {
			c.add(NoStart, c.nodePlace(i), "there is no start event in the sub-process")
		}
		if levels[n.ID].ends == 0 {
			c.add(NoEnd, c.nodePlace(i), "there is no end event in the sub-process")
		}
	}
	if levels[""].starts == 0 {
		c.add(NoStart, place{path: "/nodes"}, "there is no start event")
	}
	if levels[""].ends == 0 {
		c.add(NoEnd, place{path: "/nodes"}, "there is no end event")
	}
	return starts, ends
}

// inItself tells whether going outward from a node never ends.
func (c *checker) inItself(node int) bool { return len(c.net.around(node)) > len(c.doc.Nodes) }

// arms checks what an event-based gateway leads to (BPMN 2.0.2 §10.6.6).
func (c *checker) arms(node int) {
	for _, e := range c.net.out[node] {
		switch c.doc.Nodes[c.net.to[e]].Kind {
		case graph.KindTimerEvent, graph.KindMessageEvent:
		default:
			c.add(EventArm, c.edgePlace(e).at("to"), "an event-based gateway leads to timers and messages only")
		}
	}
}

// crosses checks that a flow stays in one level and leads to what a flow can lead to.
func (c *checker) crosses(e *graph.Edge, at place) {
	from, known := c.net.index[e.From]
	to, both := c.net.index[e.To]
	if !known || !both {
		return
	}
	if c.doc.Nodes[from].Parent != c.doc.Nodes[to].Parent {
		c.add(EdgeLevel, at.at("to"), "the flow crosses the border of a sub-process")
	}
	if c.doc.Nodes[to].Kind == graph.KindBoundaryEvent {
		c.add(EdgeIntoEvent, at.at("to"), "nothing leads into a boundary event")
	}
}

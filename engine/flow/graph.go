package flow

import (
	"fmt"
	"sort"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Graph is a compiled version, ready to run. It is never changed and may be shared between goroutines.
type Graph struct {
	doc    *graph.Document
	nodes  map[string]*Node
	edges  map[string]*edge
	order  []*Node // as in the document
	start  *Node   // where a process begins when nothing says otherwise
	inside map[string]*level

	calendars []string // that its timers count working days in

	limit time.Duration // how long a process may take; 0: as long as it likes
}

// level is what lies directly in the process (the empty id) or in a sub-process.
type level struct {
	start  *Node   // where it begins when nothing says otherwise
	manual bool    // start is begun by a person or the API
	joins  []*Node // inclusive gateways that wait for tokens

	handlers []*Node // activities that undo others
}

// Node is a compiled step of a graph.
type Node struct {
	ID       string
	Kind     graph.Kind
	Title    string
	Parent   string            // the sub-process that it lies in, empty at the top
	NodeType string            // name@major of a service task
	Retry    graph.RetryPolicy // of a service task, with every default filled in
	Timeouts graph.Timeouts    // of a service task, with the default attempt timeout filled in

	in, out    []*edge
	end        *graph.EndEvent
	input      *mapping   // of a service or user task, or of a call
	result     *mapping   // of a service task, nil when its output stays as it is
	output     *mapping   // of a script task or an end event
	message    *evaluator // of an error end event
	decision   *decision
	timer      *timer
	awaited    *awaited
	user       *userTask
	call       *call
	multi      *multi
	border     []*Node              // boundary events on this activity, as in the document
	boundary   *graph.BoundaryEvent // of a boundary event
	host       *Node                // the activity that a boundary event is on
	own        readSet              // what evaluating the node itself reads
	after      Reads                // what the engine-run stretch after the node reads
	ended      Reads                // after, without the node's own output that comes with the event
	again      Reads                // what reaching or evaluating the node reads, and after
	caught     Reads                // what the stretches behind the boundary events around the node read
	mock       *graph.Mock          // of a test run
	undo       *Node                // the handler that undoes this activity
	handler    bool                 // it undoes another activity: no flow leads to it
	undoes     string               // of a throw: whose runs it undoes, empty: everything
	endsEarly  bool                 // an error or terminate end
	engineRuns bool                 // the engine runs it, without a worker
	plans      bool                 // its worker may answer with a plan
	waits      bool                 // its tasks may leave timers, subscriptions or offers behind
}

type edge struct {
	id        string
	from, to  *Node
	condition *condition // of an edge that leaves an exclusive or inclusive gateway
	isDefault bool
}

// defaultAttemptMS bounds one attempt when the author set no attempt timeout.
const defaultAttemptMS = 60 * 60 * 1000

// Compile prepares a document for running. The document must have passed designer/validate; Compile checks what Advance relies
// on: one start event in each sub-process, unique ids, edges between existing nodes of one level, conditions only behind
// exclusive and inclusive gateways, boundary events on activities, expressions that parse. The descriptors that the version was
// published with are not needed to run it: expressions were checked against their schemas at publish, and compiling them
// without types accepts all of those. mocks, by node, are of a test run; nil otherwise.
func Compile(doc *graph.Document, mocks map[string]graph.Mock) (*Graph, error) {
	g := &Graph{
		doc:   doc,
		nodes: make(map[string]*Node, len(doc.Nodes)), edges: make(map[string]*edge, len(doc.Edges)),
		inside: map[string]*level{"": {}}, calendars: doc.Calendars(),
	}
	for i := range doc.Nodes {
		n, err := compileNode(&doc.Nodes[i])
		if mock, is := mocks[doc.Nodes[i].ID]; is && err == nil {
			err = n.mocked(&mock)
		}
		if err != nil {
			return nil, fmt.Errorf("compile node %s: %w", doc.Nodes[i].ID, err)
		}
		if g.nodes[n.ID] != nil {
			return nil, fmt.Errorf("compile node %s: the id is used twice", n.ID)
		}
		if n.Kind == graph.KindSubProcess {
			g.inside[n.ID] = &level{}
		}
		g.nodes[n.ID] = n
		g.order = append(g.order, n)
	}
	for i, n := range g.order {
		if err := g.place(n, &doc.Nodes[i]); err != nil {
			return nil, fmt.Errorf("compile node %s: %w", n.ID, err)
		}
	}
	for id, l := range g.inside {
		if l.start == nil {
			return nil, fmt.Errorf("compile graph: %s has no start event", levelName(id))
		}
	}
	g.start = g.inside[""].start
	if at := doc.InputStart(); at >= 0 && doc.Nodes[at].Start != nil {
		g.limit = milliseconds(doc.Nodes[at].Start.TimeLimitMS)
	}
	for i := range doc.Edges {
		if err := g.addEdge(&doc.Edges[i]); err != nil {
			return nil, fmt.Errorf("compile edge %s: %w", doc.Edges[i].ID, err)
		}
	}
	if err := g.placeHandlers(); err != nil {
		return nil, err
	}
	g.prepare()
	return g, nil
}

func levelName(id string) string {
	if id == "" {
		return "it"
	}
	return "sub-process " + id
}

// prepare finds what depends on the whole graph.
func (g *Graph) prepare() {
	for _, n := range g.order {
		if n.Kind == graph.KindInclusiveGateway && len(n.in) > 1 {
			g.inside[n.Parent].joins = append(g.inside[n.Parent].joins, n)
		}
		n.waits = n.timer != nil || n.awaited != nil || n.user != nil || n.Kind == graph.KindEventGateway
		for _, b := range n.border {
			n.waits = n.waits || b.boundary.Kind != graph.BoundaryError
		}
		n.collectReads()
	}
	for _, n := range g.order {
		n.after = g.stretch(n)
		n.ended = n.after.without(n.ID, n.result.set())
		n.again = union(n.after, g.arrival(n))
	}
	for _, n := range g.order {
		n.caught = g.around(n)
	}
}

// place puts a node into its level.
func (g *Graph) place(n *Node, src *graph.Node) error {
	l := g.inside[n.Parent]
	if l == nil {
		return fmt.Errorf("it lies in %q, which is no sub-process", n.Parent)
	}
	for up, steps := n.Parent, 0; up != ""; steps++ {
		if up = g.nodes[up].Parent; steps > len(g.order) {
			return fmt.Errorf("it lies in itself")
		}
	}
	switch n.Kind {
	case graph.KindStartEvent:
		manual := src.Start.Manual()
		switch {
		case l.start == nil:
			l.start, l.manual = n, manual
		case n.Parent != "" || manual && l.manual:
			return fmt.Errorf("%s is a start event too", l.start.ID)
		case manual:
			l.start, l.manual = n, true
		}
	case graph.KindBoundaryEvent:
		host := g.nodes[n.boundary.On]
		if host == nil || !host.Kind.Activity() || host.Parent != n.Parent {
			return fmt.Errorf("it is on %q, which is no activity of its level", n.boundary.On)
		}
		n.host = host
		host.border = append(host.border, n)
	}
	return nil
}

func (g *Graph) addEdge(src *graph.Edge) error {
	e := &edge{id: src.ID, from: g.nodes[src.From], to: g.nodes[src.To], isDefault: src.Default}
	switch {
	case e.from == nil:
		return fmt.Errorf("it leaves the unknown node %q", src.From)
	case e.to == nil:
		return fmt.Errorf("it leads to the unknown node %q", src.To)
	case g.edges[e.id] != nil:
		return fmt.Errorf("the id is used twice")
	case e.from.Parent != e.to.Parent:
		return fmt.Errorf("it crosses the border of a sub-process")
	case (src.Condition != "" || src.Default) && !e.from.Kind.Splits():
		return fmt.Errorf("it has a condition but leaves no exclusive or inclusive gateway")
	case e.to.Kind == graph.KindStartEvent || e.to.Kind == graph.KindBoundaryEvent:
		return fmt.Errorf("it leads to a %s", e.to.Kind)
	case e.from.Kind == graph.KindEndEvent:
		return fmt.Errorf("it leaves an end event")
	case e.from.Kind == graph.KindEventGateway && e.to.timer == nil && e.to.awaited == nil:
		return fmt.Errorf("it leads from an event-based gateway to no timer and no message")
	}
	if src.Condition != "" && !src.Default {
		c, err := compileCondition(src.Condition)
		if err != nil {
			return fmt.Errorf("condition: %w", err)
		}
		e.condition = c
	}
	g.edges[e.id] = e
	e.from.out = append(e.from.out, e)
	e.to.in = append(e.to.in, e)
	return nil
}

// Start returns the id of the start event where a process begins when nothing says otherwise.
func (g *Graph) Start() string { return g.start.ID }

// Calendars returns what Data.Calendars must hold; the empty key is the default calendar.
func (g *Graph) Calendars() []string { return g.calendars }

// Node returns a step, nil when the graph has none with this id.
func (g *Graph) Node(id string) *Node { return g.nodes[id] }

// Nodes returns the ids of all steps, sorted.
func (g *Graph) Nodes() []string {
	ids := make([]string, 0, len(g.nodes))
	for id := range g.nodes {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}

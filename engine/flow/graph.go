package flow

import (
	"fmt"
	"sort"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Graph is a compiled version, ready to run. It is never changed and may be shared between goroutines.
type Graph struct {
	nodes map[string]*Node
	edges map[string]*edge
	order []*Node // as in the document
	start *Node
}

// Node is a compiled step of a graph.
type Node struct {
	ID       string
	Kind     graph.Kind
	Title    string
	NodeType string            // name@major of a service task
	Retry    graph.RetryPolicy // of a service task, with every default filled in
	Timeouts graph.Timeouts    // of a service task, with the default attempt timeout filled in

	in, out    []*edge
	end        *graph.EndEvent
	input      *mapping   // of a service task
	result     *mapping   // of a service task, nil when its output stays as it is
	output     *mapping   // of a script task or an end event
	message    *evaluator // of an error end event
	own        readSet    // what evaluating the node itself reads
	after      Reads      // what the engine-run stretch after the node reads
	ended      Reads      // after, without the node's own output that comes with the event
	again      Reads      // own and after
	endsEarly  bool       // an error or terminate end
	engineRuns bool       // the engine runs it, without a worker
}

type edge struct {
	id        string
	from, to  *Node
	condition *condition // of an edge that leaves an exclusive gateway
	isDefault bool
}

// defaultAttemptMS bounds one attempt when the author set no attempt timeout.
const defaultAttemptMS = 60 * 60 * 1000

// Compile prepares a document for running. The document must have passed designer/validate; Compile checks what Advance relies
// on: one start event, unique ids, edges between existing nodes, conditions only behind exclusive gateways, expressions that
// parse. The descriptors that the version was published with, by name@major, are not needed to run it: expressions were checked
// against their schemas at publish, and compiling them without types accepts all of those.
func Compile(doc *graph.Document, _ map[string]wire.Descriptor) (*Graph, error) {
	g := &Graph{nodes: make(map[string]*Node, len(doc.Nodes)), edges: make(map[string]*edge, len(doc.Edges))}
	for i := range doc.Nodes {
		n, err := compileNode(&doc.Nodes[i])
		if err != nil {
			return nil, fmt.Errorf("compile node %s: %w", doc.Nodes[i].ID, err)
		}
		if g.nodes[n.ID] != nil {
			return nil, fmt.Errorf("compile node %s: the id is used twice", n.ID)
		}
		if n.Kind == graph.KindStartEvent {
			if g.start != nil {
				return nil, fmt.Errorf("compile node %s: %s is a start event too", n.ID, g.start.ID)
			}
			g.start = n
		}
		g.nodes[n.ID] = n
		g.order = append(g.order, n)
	}
	if g.start == nil {
		return nil, fmt.Errorf("compile graph: it has no start event")
	}
	for i := range doc.Edges {
		if err := g.addEdge(&doc.Edges[i]); err != nil {
			return nil, fmt.Errorf("compile edge %s: %w", doc.Edges[i].ID, err)
		}
	}
	for _, n := range g.order {
		n.collectReads()
	}
	for _, n := range g.order {
		n.after = g.stretch(n)
		n.ended = n.after.without(n.ID, n.result.set())
		n.again = union(n.after, n.own.reads())
	}
	return g, nil
}

func compileNode(src *graph.Node) (*Node, error) {
	n := &Node{ID: src.ID, Kind: src.Kind, Title: src.Title}
	var err error
	switch src.Kind {
	case graph.KindStartEvent, graph.KindExclusiveGateway, graph.KindParallelGateway:
		n.engineRuns = true
	case graph.KindServiceTask:
		if src.Service == nil {
			return nil, fmt.Errorf("a service task needs a service")
		}
		n.NodeType = src.Service.Type
		n.Retry = withDefaults(src.Service.Retry)
		if src.Service.Timeouts != nil {
			n.Timeouts = *src.Service.Timeouts
		}
		if n.Timeouts.AttemptMS <= 0 {
			n.Timeouts.AttemptMS = defaultAttemptMS
		}
		if n.input, err = compileMapping(src.Service.Input); err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
		if src.Service.Result != nil {
			if n.result, err = compileMapping(src.Service.Result); err != nil {
				return nil, fmt.Errorf("result: %w", err)
			}
		}
	case graph.KindScriptTask:
		if src.Script == nil {
			return nil, fmt.Errorf("a script task needs a script")
		}
		n.engineRuns = true
		if n.output, err = compileMapping(src.Script.Output); err != nil {
			return nil, fmt.Errorf("output: %w", err)
		}
	case graph.KindEndEvent:
		n.engineRuns = true
		if err := n.compileEnd(src.End); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("this release does not run %q", src.Kind)
	}
	return n, nil
}

func (n *Node) compileEnd(end *graph.EndEvent) error {
	if end == nil {
		end = &graph.EndEvent{Kind: graph.EndNone}
	}
	var err error
	n.end = end
	switch end.Kind {
	case graph.EndNone, "":
	case graph.EndTerminate:
		n.endsEarly = true
	case graph.EndError:
		n.endsEarly = true
		if n.message, err = compileText(end.Message); err != nil {
			return fmt.Errorf("message: %w", err)
		}
	default:
		return fmt.Errorf("this release does not run end events of kind %q", end.Kind)
	}
	if n.output, err = compileMapping(end.Output); err != nil {
		return fmt.Errorf("output: %w", err)
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
	case (src.Condition != "" || src.Default) && e.from.Kind != graph.KindExclusiveGateway:
		return fmt.Errorf("it has a condition but leaves no exclusive gateway")
	case e.to.Kind == graph.KindStartEvent:
		return fmt.Errorf("it leads to a start event")
	case e.from.Kind == graph.KindEndEvent:
		return fmt.Errorf("it leaves an end event")
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

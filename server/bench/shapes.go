package bench

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

const (
	chain10Tasks = 10
	fan20Tasks   = 20
	payloadBytes = 200
)

// NodeType is what every task of the benchmark runs; a worker must have announced it.
const NodeType = "demo.noop@1"

// shape is a definition that the benchmark runs.
type shape struct {
	key      string
	title    string
	tasks    int // of one process
	document graph.Document
}

var (
	chain10 = shape{"bench-chain10", "Benchmark: ten tasks in sequence", chain10Tasks, chainOf(chain10Tasks)}
	fan20   = shape{"bench-fan20", "Benchmark: twenty tasks in parallel", fan20Tasks, fanOf(fan20Tasks)}
)

// startInput is the process input: its JSON is payloadBytes long, and every task passes it on.
func startInput() json.RawMessage {
	frame := len(`{"document":""}`)
	return json.RawMessage(`{"document":"` + strings.Repeat("x", payloadBytes-frame) + `"}`)
}

func value(source string) graph.Value {
	raw, err := json.Marshal(source)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return raw
}

func begin() graph.Node {
	return graph.Node{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{InputSchema: json.RawMessage(
		`{"type":"object","properties":{"document":{"type":"string"}},"required":["document"],"additionalProperties":false}`)}}
}

func end() graph.Node {
	return graph.Node{ID: "end", Kind: graph.KindEndEvent, Title: "End", End: &graph.EndEvent{Kind: graph.EndNone}}
}

func step(id, source string) graph.Node {
	return graph.Node{ID: id, Kind: graph.KindServiceTask, Title: id, Service: &graph.ServiceTask{
		Type: NodeType, Input: map[string]graph.Value{"document": value(source)}}}
}

func flow(from, to string) graph.Edge {
	return graph.Edge{ID: from + "_" + to, From: from, To: to}
}

func chainOf(n int) graph.Document {
	doc := graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{begin()}}
	last, source := "start", "=input.document"
	for i := range n {
		id := fmt.Sprintf("n%d", i+1)
		doc.Nodes = append(doc.Nodes, step(id, source))
		doc.Edges = append(doc.Edges, flow(last, id))
		last, source = id, "=tasks."+id+".document"
	}
	doc.Nodes = append(doc.Nodes, end())
	doc.Edges = append(doc.Edges, flow(last, "end"))
	return doc
}

func fanOf(n int) graph.Document {
	doc := graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{
		begin(),
		{ID: "split", Kind: graph.KindParallelGateway, Title: "Split"},
		{ID: "join", Kind: graph.KindParallelGateway, Title: "Join"},
		end(),
	}, Edges: []graph.Edge{flow("start", "split"), flow("join", "end")}}
	for i := range n {
		id := fmt.Sprintf("n%d", i+1)
		doc.Nodes = append(doc.Nodes, step(id, "=input.document"))
		doc.Edges = append(doc.Edges, flow("split", id), flow(id, "join"))
	}
	return doc
}

// Package trial makes what a test run of a draft runs: which steps are mocked, and the graph that tries one step alone.
//
// It is pure: it knows graphs, descriptors and schemas, neither storage nor the engine.
package trial

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Mocks returns what the steps of a test run give: what is given for them, and, unless effects are wanted, a sample of the output of
// every service task whose node type changes the world, and nothing for calls: a called process is no test. A nil in given lets a step do what it does, whatever else holds.
func Mocks(doc *graph.Document, types map[string]wire.Descriptor, given map[string]*graph.Mock, effects bool) map[string]graph.Mock {
	mocks := map[string]graph.Mock{}
	for i := range doc.Nodes {
		n := &doc.Nodes[i]
		mock, told := given[n.ID]
		switch {
		case mock != nil && mock.Fits(n.Kind):
			mocks[n.ID] = *mock
		case told || effects:
		case n.Call != nil:
			mocks[n.ID] = graph.Mock{Output: json.RawMessage(`{}`)}
		case n.Service == nil:
		case types[n.Service.Type].SideEffects:
			mocks[n.ID] = graph.Mock{Answer: schema.Sample(types[n.Service.Type].OutputSchema)}
		}
	}
	return mocks
}

// Step is what one step is tried with.
type Step struct {
	Node    string
	Outputs map[string]json.RawMessage // of the steps before it, by node
	Item    json.RawMessage            // the entry of the list around it; nil: it lies in none
}

// Single returns the graph that runs one activity alone, with whatever lies in it: a start that takes any input, the steps before it
// whose outputs are given, the step, an end. It returns nil when the document has no such activity. The given outputs are mocks.
func Single(doc *graph.Document, try Step) (*graph.Document, map[string]*graph.Mock) {
	at := slices.IndexFunc(doc.Nodes, func(n graph.Node) bool { return n.ID == try.Node && n.Kind.Activity() })
	if at < 0 {
		return nil, nil
	}
	single := &graph.Document{Schema: doc.Schema}
	mocks := map[string]*graph.Mock{}
	taken := map[string]bool{}
	for i := range doc.Nodes {
		taken[doc.Nodes[i].ID] = true
	}
	fresh := func(stem string) string {
		id := stem
		for n := 2; taken[id]; n++ {
			id = stem + "_" + strconv.Itoa(n)
		}
		taken[id] = true
		return id
	}
	last, parent := "", ""
	add := func(n graph.Node) {
		n.Parent, n.UndoneBy = parent, ""
		single.Nodes = append(single.Nodes, n)
		if last != "" {
			single.Edges = append(single.Edges, graph.Edge{ID: "e" + strconv.Itoa(len(single.Edges)+1), From: last, To: n.ID})
		}
		last = n.ID
	}
	add(graph.Node{ID: fresh("start"), Kind: graph.KindStartEvent, Start: &graph.StartEvent{}})
	for i := range doc.Nodes {
		n := doc.Nodes[i]
		mock := graph.Mock{Output: try.Outputs[n.ID]}
		if n.ID != try.Node && mock.Output != nil && mock.Fits(n.Kind) {
			mocks[n.ID] = &mock
			if n.Kind == graph.KindSubProcess { // its inside stays away
				n = graph.Node{ID: n.ID, Kind: graph.KindScriptTask, Title: n.Title, Script: &graph.ScriptTask{Output: map[string]graph.Value{}}}
			}
			add(n)
		}
	}
	outer := ""
	if try.Item != nil {
		list := graph.Node{ID: fresh("entry"), Kind: graph.KindSubProcess, Multi: &graph.Multi{Items: frozen(try.Item)}}
		add(list)
		outer, parent, last = last, list.ID, ""
		add(graph.Node{ID: fresh("begin"), Kind: graph.KindStartEvent, Start: &graph.StartEvent{}})
	}
	add(doc.Nodes[at])
	inside(doc, single, try.Node)
	add(graph.Node{ID: fresh("end"), Kind: graph.KindEndEvent, End: &graph.EndEvent{Kind: graph.EndNone}})
	if outer != "" {
		parent, last = "", outer
		add(graph.Node{ID: fresh("end"), Kind: graph.KindEndEvent, End: &graph.EndEvent{Kind: graph.EndNone}})
	}
	return single, mocks
}

// inside adds what lies in a sub-process, at whatever depth.
func inside(doc, single *graph.Document, node string) {
	in := map[string]bool{node: true}
	for grown := true; grown; {
		grown = false
		for i := range doc.Nodes {
			if n := doc.Nodes[i]; in[n.Parent] && !in[n.ID] {
				in[n.ID], grown = true, true
				single.Nodes = append(single.Nodes, n)
			}
		}
	}
	delete(in, node)
	for _, e := range doc.Edges {
		if in[e.From] && in[e.To] {
			single.Edges = append(single.Edges, e)
		}
	}
}

// frozen is a list with one entry, as a value that is evaluated to just that.
func frozen(item json.RawMessage) graph.Value {
	var decoded any
	if json.Unmarshal(item, &decoded) != nil {
		return graph.Value(`[null]`)
	}
	raw, err := json.Marshal("=[fromJSON(" + strconv.Quote(string(item)) + ")]")
	if err != nil {
		return graph.Value(`[null]`)
	}
	return raw
}

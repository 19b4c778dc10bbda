package designer

import (
	"encoding/json"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Start is a start event of a version that nobody sets off by hand.
type Start struct {
	Node    string
	Kind    graph.StartKind
	Title   string
	Message string          // of a message start
	Event   json.RawMessage // the graph.StartEvent
}

// startsOf lists a document's start events that nobody sets off by hand, in the order of the document.
func startsOf(doc *graph.Document) ([]Start, error) {
	starts := []Start{}
	for i := range doc.Nodes {
		n := &doc.Nodes[i]
		if n.Kind != graph.KindStartEvent || n.Parent != "" || n.Start.Manual() {
			continue
		}
		event, err := json.Marshal(n.Start)
		if err != nil {
			return nil, err
		}
		starts = append(starts, Start{Node: n.ID, Kind: n.Start.Kind, Title: n.Title, Message: n.Start.Message, Event: event})
	}
	return starts, nil
}

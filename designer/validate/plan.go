package validate

import (
	"encoding/json"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Plan returns what is wrong with the tasks of a plan that a worker answered with: node types that the catalog does not have, inputs
// that do not fit their schemas, expressions, policies. Whether the tasks can be run in some order is for the engine to say. Warnings
// are left out.
func Plan(p *wire.Plan, types map[string]wire.Descriptor) []fault.Issue {
	doc := &graph.Document{}
	var issues []fault.Issue
	for i := range p.Tasks {
		t := &p.Tasks[i]
		task := &graph.ServiceTask{Type: t.Type, Input: t.Input}
		for _, part := range []struct {
			name string
			raw  json.RawMessage
			into any
		}{{"retry", t.Retry, &task.Retry}, {"timeouts", t.Timeouts, &task.Timeouts}} {
			if len(part.raw) > 0 && json.Unmarshal(part.raw, part.into) != nil {
				issues = append(issues, fault.Issue{Code: string(NodeMember), Node: t.Name, Message: part.name + " can't be read"})
			}
		}
		doc.Nodes = append(doc.Nodes, graph.Node{ID: t.Name, Kind: graph.KindServiceTask, Title: t.Name, Service: task})
	}
	c := &checker{doc: doc, types: types, net: newNet(doc), can: Runs}
	c.nodes()
	c.values()
	for _, issue := range c.issues {
		if issue.Severity == string(Error) {
			issues = append(issues, issue)
		}
	}
	return issues
}

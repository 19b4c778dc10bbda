package validate

import (
	"encoding/json"
	"slices"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// What expressions see of errors that a boundary event caught, and of a list while it runs (engine/flow fills them).
var (
	caughtSchema = json.RawMessage(`{"type":"object","properties":{"code":{"type":"string"},"message":{"type":"string"}},"required":["code","message"],"additionalProperties":false}`)
	countsSchema = json.RawMessage(`{"type":"object","properties":{"total":{"type":"integer"},"completed":{"type":"integer"},"failed":{"type":"integer"},"active":{"type":"integer"}},"required":["total","completed","failed","active"],"additionalProperties":false}`)
	listSchema   = json.RawMessage(`{"type":"object","properties":{"total":{"type":"integer"},"completed":{"type":"integer"},"failed":{"type":"integer"},"values":{}},"required":["total","completed","failed"],"additionalProperties":false}`)
)

// environment gives each step that has an output the schema of it.
func (c *checker) environment() expr.Env {
	env := expr.Env{Tasks: map[string]json.RawMessage{}}
	if i := c.doc.InputStart(); i >= 0 && c.doc.Nodes[i].Start != nil {
		env.Input = c.doc.Nodes[i].Start.InputSchema
	}
	for i := range c.doc.Nodes {
		n := &c.doc.Nodes[i]
		if c.net.index[n.ID] != i {
			continue // a duplicate
		}
		output, has := c.output(n)
		switch {
		case has && n.Multi != nil:
			env.Tasks[n.ID] = listSchema
		case has:
			env.Tasks[n.ID] = output
		}
	}
	return env.Prepare()
}

// output is the schema of what one run of a step gives; an empty one is anything. Events that carry nothing, and gateways, give
// nothing.
func (c *checker) output(n *graph.Node) (schema json.RawMessage, has bool) {
	switch {
	case n.Kind == graph.KindSubProcess:
		return endsOf(c.doc, n.ID), true
	case n.Service != nil && n.Service.Result != nil:
		return objectOf(n.Service.Result), true
	case n.Service != nil && n.Service.Plan:
		return nil, true // what comes of a plan
	case n.Service != nil:
		return c.types[n.Service.Type].OutputSchema, true
	case n.Script != nil:
		return objectOf(n.Script.Output), true
	case n.User != nil:
		return n.User.Form, true
	case n.Decision != nil:
		return tableOf(n.Decision), true
	case n.Call != nil:
		return c.given(n.Call), true
	case n.Message != nil:
		return nil, true
	case n.Boundary != nil && n.Boundary.Kind == graph.BoundaryError:
		return caughtSchema, true
	case n.Boundary != nil && n.Boundary.Kind == graph.BoundaryMessage:
		return nil, true
	default:
		return nil, false
	}
}

// endsOf is the schema of what the ends of a sub-process, or of the process itself, give together.
func endsOf(doc *graph.Document, id string) json.RawMessage {
	all := map[string]graph.Value{}
	for i := range doc.Nodes {
		if n := &doc.Nodes[i]; n.Parent == id && n.End != nil {
			for name, value := range n.End.Output {
				all[name] = value
			}
		}
	}
	return objectOf(all)
}

// tableOf is the schema of a decision table's outputs.
func tableOf(table *graph.DecisionTask) json.RawMessage {
	fields := make(map[string]any, len(table.Outputs))
	for _, name := range table.Outputs {
		fields[name] = struct{}{}
		if table.Hit == graph.HitCollect {
			fields[name] = map[string]any{"type": "array", "items": struct{}{}}
		}
	}
	return object(fields)
}

// objectOf is the schema of an object with just these fields.
func objectOf(fields map[string]graph.Value) json.RawMessage {
	properties := make(map[string]any, len(fields))
	for name := range fields {
		properties[name] = struct{}{}
	}
	return object(properties)
}

func object(properties map[string]any) json.RawMessage {
	raw, err := json.Marshal(map[string]any{"type": "object", "properties": properties, "additionalProperties": false})
	if err != nil {
		return nil
	}
	return raw
}

// hasItem tells whether a step runs for an entry of a list: it is repeated, or lies in a sub-process that is. What decides about
// the repetition itself is evaluated once, outside.
func (c *checker) hasItem(node int) bool {
	if node < 0 {
		return false
	}
	if c.doc.Nodes[node].Multi != nil && !c.outside {
		return true
	}
	return slices.ContainsFunc(c.net.around(node), func(around int) bool { return c.doc.Nodes[around].Multi != nil })
}

// hasError tells whether an error may have been caught in the level of a step, or around it.
func (c *checker) hasError(node int) bool {
	return node >= 0 && slices.ContainsFunc(c.doc.Nodes, func(n graph.Node) bool {
		return n.Boundary != nil && n.Boundary.Kind == graph.BoundaryError && c.net.sees(node, c.net.index[n.ID])
	})
}

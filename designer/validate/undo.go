package validate

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// undo checks what compensates and what is compensated (BPMN 2.0.2 §10.6).
func (c *checker) undo() {
	thrown := map[string]bool{} // levels in which something is undone
	for i := range c.doc.Nodes {
		n, at := &c.doc.Nodes[i], c.nodePlace(i)
		if c.net.index[n.ID] != i {
			continue
		}
		if throws(n) {
			thrown[n.Parent] = true
			c.throw(n, at)
		} else if n.Undoes != "" {
			c.add(UndoMisplaced, at.at("undoes"), "only a compensation and an end that compensates undo something")
		}
		if n.UndoneBy != "" {
			c.undone(n, at)
		}
		if c.net.handlers[i] && n.Kind.Activity() {
			c.handler(i, at)
		}
	}
	for i := range c.doc.Nodes {
		n := &c.doc.Nodes[i]
		if c.net.index[n.ID] != i || n.UndoneBy == "" || !n.Kind.Activity() || thrown[n.Parent] {
			continue
		}
		if !slices.ContainsFunc(c.net.around(i), func(around int) bool { return thrown[c.doc.Nodes[around].Parent] }) {
			c.add(UndoNever, c.nodePlace(i).at("undone_by"), "nothing in its level, or around it, undoes what has completed")
		}
	}
}

func throws(n *graph.Node) bool {
	return n.Kind == graph.KindCompensationEvent || n.Kind == graph.KindEndEvent && n.End != nil && n.End.Kind == graph.EndCompensate
}

// throw checks what an event undoes.
func (c *checker) throw(n *graph.Node, at place) {
	if n.Undoes == "" {
		if !slices.ContainsFunc(c.doc.Nodes, func(o graph.Node) bool { return o.Parent == n.Parent && c.undoable(&o, 0) }) {
			c.add(UndoNothing, at, "nothing in its level has a handler: it undoes nothing")
		}
		return
	}
	target, known := c.net.index[n.Undoes]
	switch {
	case !known || !c.doc.Nodes[target].Kind.Activity() || c.doc.Nodes[target].Parent != n.Parent:
		c.add(UndoTarget, at.at("undoes"), clip(n.Undoes)+" is no activity of its level", "id", clip(n.Undoes))
	case !c.undoable(&c.doc.Nodes[target], 0):
		c.add(UndoTargetBare, at.at("undoes"), clip(n.Undoes)+" has no handler", "id", clip(n.Undoes))
	}
}

// undoable tells whether something of an activity can be undone: it has a handler, or what lies in it has.
func (c *checker) undoable(n *graph.Node, depth int) bool {
	if n.UndoneBy != "" {
		return true
	}
	return n.Kind == graph.KindSubProcess && depth <= len(c.doc.Nodes) && slices.ContainsFunc(c.doc.Nodes, func(o graph.Node) bool {
		return o.Parent == n.ID && c.undoable(&o, depth+1)
	})
}

// undone checks what an activity says of its handler.
func (c *checker) undone(n *graph.Node, at place) {
	if !n.Kind.Activity() {
		c.add(UndoHost, at.at("undone_by"), "only an activity is undone")
		return
	}
	handler, known := c.net.index[n.UndoneBy]
	if !known || !c.doc.Nodes[handler].Kind.Activity() || c.doc.Nodes[handler].Parent != n.Parent || n.UndoneBy == n.ID {
		c.add(UndoHandler, at.at("undone_by"), clip(n.UndoneBy)+" is no other activity of its level", "id", clip(n.UndoneBy))
	}
}

// handler checks a task that undoes another: nothing but a compensation begins it, and nothing follows it.
func (c *checker) handler(i int, at place) {
	n := &c.doc.Nodes[i]
	if len(c.net.in[i])+len(c.net.out[i]) > 0 {
		c.add(UndoHandlerFlow, at, "it undoes another step: no flow leads to it or from it")
	}
	if n.UndoneBy != "" {
		c.add(UndoHandlerUndone, at.at("undone_by"), "it undoes another step and can't be undone itself")
	}
	for k := range c.doc.Nodes {
		if b := c.doc.Nodes[k].Boundary; b != nil && b.On == n.ID {
			c.add(UndoHandlerBorder, c.nodePlace(k).at("boundary", "on"), clip(n.ID)+" undoes another step: when it fails, the process waits to be mended", "id", clip(n.ID))
		}
	}
}

// handlerOf finds the task around a step, itself included, that undoes another: -1 when there is none.
func (c *checker) handlerOf(node int) int {
	if node < 0 || c.net.handlers[node] {
		return node
	}
	for _, around := range c.net.around(node) {
		if c.net.handlers[around] {
			return around
		}
	}
	return -1
}

// undoneSchema is what a handler sees of what it undoes: {node, run, input, output}. Nil: anything.
func (c *checker) undoneSchema(handler int) json.RawMessage {
	var host *graph.Node
	for i := range c.doc.Nodes {
		if n := &c.doc.Nodes[i]; n.UndoneBy == c.doc.Nodes[handler].ID && c.net.index[n.ID] == i {
			if host != nil {
				return nil // it undoes several
			}
			host = n
		}
	}
	if host == nil {
		return nil
	}
	fields := map[string]any{"node": map[string]any{"type": "string"}, "run": map[string]any{"type": "integer"}, "input": struct{}{}, "output": struct{}{}}
	if output, has := c.output(host); has && len(output) > 0 && !strings.Contains(string(output), `"$ref"`) {
		fields["output"] = output
	}
	switch {
	case host.Service != nil:
		fields["input"] = objectOf(host.Service.Input)
	case host.User != nil:
		fields["input"] = objectOf(host.User.Input)
	case host.Call != nil:
		fields["input"] = objectOf(host.Call.Input)
	}
	return object(fields)
}

// afterUndo tells whether a step may run after a handler: behind what undoes its level, or undoing something itself.
func (c *checker) afterUndo(handler, node int) bool {
	level := c.doc.Nodes[handler].Parent
	if h := c.handlerOf(node); h >= 0 && h != handler && c.doc.Nodes[h].Parent == level {
		return true
	}
	for i := range c.doc.Nodes {
		if n := &c.doc.Nodes[i]; throws(n) && n.Parent == level && (i == node || c.net.reach(i)[node]) {
			return true
		}
	}
	return false
}

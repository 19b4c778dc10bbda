package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
)

// compiled is a version ready to run. It is shared and never changed.
type compiled struct {
	Version
	graph *flow.Graph
	start *graph.StartEvent // what describes the input
	check *schema.Schema    // nil when the version has no input schema
	nodes map[string]*graph.Node
	forms map[string]*schema.Schema // by user task
	begin map[string]*beginning     // by start event of the process
}

// node returns a step of the version's document, nil when it has none with this id.
func (c *compiled) node(id string) *graph.Node { return c.nodes[id] }

// checkAnswer answers what is wrong with what a person gave, nil when nothing is. Issues point below /output.
func (c *compiled) checkAnswer(node string, answer json.RawMessage) error {
	form := c.forms[node]
	if form == nil {
		return nil
	}
	issues := form.Check(answer)
	if len(issues) == 0 {
		return nil
	}
	for i := range issues {
		issues[i].Path = "/output" + issues[i].Path
	}
	return fault.New(fault.Invalid, "usertask.answer_invalid", "the answer does not satisfy the form").WithIssues(issues...)
}

type versionKey struct {
	key    string
	number int
}

// graphs keeps compiled versions; a version never changes, so an entry is good for ever.
type graphs struct {
	source VersionSource
	mu     sync.RWMutex
	byKey  map[versionKey]*compiled
}

func newGraphs(source VersionSource) *graphs {
	return &graphs{source: source, byKey: map[versionKey]*compiled{}}
}

// get returns a compiled version; its errors are fault.Error.
func (g *graphs) get(ctx context.Context, key string, number int) (*compiled, error) {
	k := versionKey{key, number}
	g.mu.RLock()
	c := g.byKey[k]
	g.mu.RUnlock()
	if c != nil {
		return c, nil
	}
	v, err := g.source.Version(ctx, key, number)
	if err != nil {
		var f *fault.Error
		if errors.As(err, &f) {
			return nil, f
		}
		return nil, errAway(err)
	}
	c = &compiled{Version: v}
	if c.graph, err = flow.Compile(v.Document, v.Mocks); err != nil {
		return nil, fault.Wrap(fmt.Errorf("compile %s version %d: %w", key, number, err), fault.Internal, "engine.version_broken", "the version cannot be run")
	}
	if err := c.index(); err != nil {
		return nil, fault.Wrap(fmt.Errorf("compile %s version %d: %w", key, number, err), fault.Internal, "engine.version_broken", "the version cannot be run")
	}
	if len(c.start.InputSchema) > 0 {
		if c.check, err = schema.Compile(c.start.InputSchema, schema.Rules{}); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "engine.version_broken", "the version's input schema cannot be read")
		}
	}
	g.mu.Lock()
	g.byKey[k] = c
	g.mu.Unlock()
	return c, nil
}

// index finds the version's nodes by id, its start and the forms of its user tasks.
func (c *compiled) index() error {
	c.nodes, c.forms = map[string]*graph.Node{}, map[string]*schema.Schema{}
	for i := range c.Document.Nodes {
		n := &c.Document.Nodes[i]
		c.nodes[n.ID] = n
		if n.User == nil || len(n.User.Form) == 0 {
			continue
		}
		form, err := schema.Compile(n.User.Form, schema.Rules{})
		if err != nil {
			return fmt.Errorf("form of %s: %w", n.ID, err)
		}
		c.forms[n.ID] = form
	}
	if c.start = c.Document.Nodes[c.Document.InputStart()].Start; c.start == nil {
		c.start = &graph.StartEvent{}
	}
	return c.indexStarts()
}

// searchKeys picks the values of the version's search keys from an input: texts, numbers and booleans.
func (c *compiled) searchKeys(input json.RawMessage) map[string]string {
	if len(c.start.SearchKeys) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(input, &fields) != nil {
		return nil
	}
	out := map[string]string{}
	for _, name := range c.start.SearchKeys {
		raw, ok := fields[name]
		if !ok || len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || string(raw) == "null" {
			continue
		}
		text := string(raw)
		if raw[0] == '"' && json.Unmarshal(raw, &text) != nil {
			continue
		}
		out[name] = clip(text, 500)
	}
	return out
}

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
	start *graph.StartEvent
	check *schema.Schema // nil when the version has no input schema
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
	if c.graph, err = flow.Compile(v.Document, v.Types); err != nil {
		return nil, fault.Wrap(fmt.Errorf("compile %s version %d: %w", key, number, err), fault.Internal, "engine.version_broken", "the version cannot be run")
	}
	for i := range v.Document.Nodes {
		if v.Document.Nodes[i].Kind == graph.KindStartEvent {
			c.start = v.Document.Nodes[i].Start
		}
	}
	if c.start != nil && len(c.start.InputSchema) > 0 {
		if c.check, err = schema.Compile(c.start.InputSchema, schema.Rules{}); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "engine.version_broken", "the version's input schema cannot be read")
		}
	}
	g.mu.Lock()
	g.byKey[k] = c
	g.mu.Unlock()
	return c, nil
}

// searchKeys picks the values of the version's search keys from an input: texts, numbers and booleans.
func (c *compiled) searchKeys(input json.RawMessage) map[string]string {
	if c.start == nil || len(c.start.SearchKeys) == 0 {
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

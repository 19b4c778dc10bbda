package engine

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// namedField is an expression that merely names a field of the input, or of what a step gave.
var namedField = regexp.MustCompile(`^=\s*(input|tasks\.[a-z][a-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*)+)\s*$`)

// shownSchema is a JSON Schema of what a task shows to a person, for its titles and those of choices: each value that merely names a
// field is called as that field is. It is nil when none does.
func (c *compiled) shownSchema(user *graph.UserTask) json.RawMessage {
	properties := map[string]map[string]json.RawMessage{}
	for name, value := range user.Input {
		var source string
		if json.Unmarshal(value, &source) != nil {
			continue
		}
		parts := namedField.FindStringSubmatch(source)
		if parts == nil {
			continue
		}
		if words := wordsOf(c.schemaOf(parts[1]), strings.Split(parts[2], ".")[1:]); len(words) > 0 {
			properties[name] = words
		}
	}
	if len(properties) == 0 {
		return nil
	}
	raw, err := json.Marshal(map[string]any{"type": "object", "properties": properties})
	if err != nil {
		return nil
	}
	return raw
}

// schemaOf is the schema of "input", or of what "tasks.STEP" gives; nil when nothing is known.
func (c *compiled) schemaOf(source string) json.RawMessage {
	id, task := strings.CutPrefix(source, "tasks.")
	if !task {
		if c.start == nil {
			return nil
		}
		return c.start.InputSchema
	}
	switch n := c.node(id); {
	case n == nil:
		return nil
	case n.User != nil:
		return n.User.Form
	case n.Service != nil:
		return c.Types[n.Service.Type].OutputSchema
	}
	return nil
}

// wordsOf follows a path through properties, and keeps what is for people of the schema at its end.
func wordsOf(schema json.RawMessage, path []string) map[string]json.RawMessage {
	for _, name := range path {
		var at struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if json.Unmarshal(schema, &at) != nil {
			return nil
		}
		schema = at.Properties[name]
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(schema, &all) != nil {
		return nil
	}
	words := map[string]json.RawMessage{}
	for keyword, value := range all {
		if keyword == "title" || strings.HasPrefix(keyword, "x-title-") || keyword == "oneOf" || keyword == "format" {
			words[keyword] = value
		}
	}
	return words
}

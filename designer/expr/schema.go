package expr

import (
	"encoding/json"
	"slices"

	"github.com/expr-lang/expr/types"
)

// schema is the part of a JSON Schema that types follow from.
type schema struct {
	Type       json.RawMessage            `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	Items      json.RawMessage            `json:"items"`
	Additional json.RawMessage            `json:"additionalProperties"`
	Format     string                     `json:"format"`
}

// typesOf gives expr-lang the names in scope and what is known of their types.
func typesOf(env Env) types.Map {
	scope := types.Map{
		budgetName: types.TypeOf(&budget{}), "input": typeOf(env.Input, true, 0), "process": types.Any, "item": types.Any,
		"index": types.Int, "error": types.Any, "result": typeOf(env.Result, true, 0),
	}
	if env.Tasks == nil {
		scope["tasks"] = types.Any
		return scope
	}
	tasks := types.Map{types.Extra: types.Any}
	for node, output := range env.Tasks {
		tasks[node] = typeOf(output, true, 0)
	}
	scope["tasks"] = tasks
	return scope
}

// typeOf maps a schema to a type. A scalar that may be missing is "any": at run time it can be null.
func typeOf(raw json.RawMessage, required bool, depth int) types.Type {
	var s schema
	if len(raw) == 0 || depth > 16 || json.Unmarshal(raw, &s) != nil {
		return types.Any
	}
	var kind string
	if json.Unmarshal(s.Type, &kind) != nil {
		return types.Any
	}
	switch kind {
	case "object":
		if s.Format == "file" || len(s.Properties) == 0 {
			return types.Any
		}
		fields := types.Map{}
		for name, property := range s.Properties {
			fields[name] = typeOf(property, slices.Contains(s.Required, name), depth+1)
		}
		if string(s.Additional) != "false" {
			fields[types.Extra] = types.Any
		}
		return fields
	case "array":
		return types.Any
	}
	if !required {
		return types.Any
	}
	switch kind {
	case "string":
		return types.String
	case "boolean":
		return types.Bool
	case "integer":
		return types.Int
	default:
		return types.Any
	}
}

package expr

import (
	"encoding/json"
	"reflect"
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

// scopeOf gives expr-lang the names in scope and, for the typed compilation, what is known of their types.
func scopeOf(env Env, known bool) types.Map {
	scope := types.Map{
		"input": typeOf(env.Input, true, 0), "process": types.Any, "item": types.Any, "index": types.Int, "error": types.Any,
		"result": typeOf(env.Result, true, 0), "tasks": types.Any,
	}
	if !known {
		scope["index"] = types.Any
		scope[budgetName] = types.Any
		return scope
	}
	scope["process"] = processType
	if env.Tasks == nil {
		return scope
	}
	tasks := types.Map{}
	for node, output := range env.Tasks {
		tasks[node] = typeOf(output, true, 0)
	}
	scope["tasks"] = tasks
	return scope
}

// processType is what expressions see of the process (engine/flow fills it).
var processType = types.Map{
	"id": types.String, "custom_id": types.String, "definition": types.String, "version": types.Int, "priority": types.Int,
	"started_at": types.String,
}

// parameters counts those of a signature, a pointer to a function type.
func parameters(signature any) int { return reflect.TypeOf(signature).Elem().NumIn() }

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
		if !required || len(s.Items) == 0 {
			return types.Any
		}
		return types.Array(typeOf(s.Items, true, depth+1))
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
	case "number":
		return types.Float64
	default:
		return types.Any
	}
}

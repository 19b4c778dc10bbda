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

// typeCache keeps what was made of an Env's schemas.
type typeCache struct {
	input types.Type
	tasks map[string]types.Type
}

// Prepare returns an Env that remembers what follows from its schemas: for compiling many expressions against one. It must not be
// used from two goroutines at once, nor changed.
func (e Env) Prepare() Env {
	e.cache = &typeCache{tasks: map[string]types.Type{}}
	return e
}

func (e Env) inputType() types.Type {
	if e.cache == nil {
		return typeOf(e.Input, true, 0)
	}
	if e.cache.input == nil {
		e.cache.input = typeOf(e.Input, true, 0)
	}
	return e.cache.input
}

func (e Env) taskType(node string) types.Type {
	if e.cache == nil {
		return typeOf(e.Tasks[node], true, 0)
	}
	known, ok := e.cache.tasks[node]
	if !ok {
		known = typeOf(e.Tasks[node], true, 0)
		e.cache.tasks[node] = known
	}
	return known
}

// untyped is the scope of the program that runs.
var untyped = types.Map{
	"input": types.Any, "process": types.Any, "item": types.Any, "index": types.Any, "error": types.Any, "result": types.Any,
	"undone": types.Any, "tasks": types.Any, budgetName: types.Any,
}

// scopeOf gives expr-lang the names in scope and what is known of their types, of the tasks that the expression reads.
func scopeOf(env Env, reads Reads) types.Map {
	scope := types.Map{
		"input": env.inputType(), "process": processType, "item": types.Any, "index": types.Int, "error": types.Any,
		"result": typeOf(env.Result, true, 0), "undone": typeOf(env.Undone, true, 0), "tasks": types.Any,
	}
	if env.Tasks != nil {
		tasks := types.Map{}
		for _, node := range reads.Tasks {
			tasks[node] = env.taskType(node)
		}
		scope["tasks"] = tasks
	}
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

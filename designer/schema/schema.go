// Package schema compiles JSON Schemas (2020-12) that people and workers wrote, and checks values by them, within bounds: a schema
// refers only to itself, and what it expands to is bounded, so that checking a value takes time in proportion to the value.
//
// It is pure, and imports fault, strictjson and the JSON Schema library. Formats are asserted; "file" and "decimal" are ours.
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
)

// The bounds of a schema.
const (
	MaxBytes    = 128 << 10
	MaxExpanded = 5_000 // subschemas, each counted as often as it is referred to
	MaxIssues   = 50    // issues of one check
)

// Schema is a compiled schema; it is safe for concurrent use.
type Schema struct{ compiled *jsonschema.Schema }

// Rules say what a schema may do.
type Rules struct {
	// Recursive lets a schema refer to what it is inside of. Values are checked by such a schema in time that may grow
	// exponentially with their depth: never check what a stranger sent by a schema that a stranger wrote.
	Recursive bool
}

// Compile compiles a schema. Errors are *fault.Error of kind invalid, code schema.invalid, with an issue that points into the
// schema.
func Compile(raw json.RawMessage, rules Rules) (*Schema, error) {
	if issue := strictjson.Check(raw, strictjson.Limits{Bytes: MaxBytes}); issue != nil {
		return nil, invalid(*issue)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, invalid(fault.Issue{Code: "schema.invalid", Message: "the schema is not JSON"})
	}
	if issue := inspect(document, rules); issue != nil {
		return nil, invalid(*issue)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.UseLoader(noLoader{})
	compiler.AssertFormat()
	for _, format := range formats {
		compiler.RegisterFormat(format)
	}
	if err := compiler.AddResource(resource, document); err != nil {
		return nil, invalid(fault.Issue{Code: "schema.invalid", Message: "the schema can't be read"})
	}
	compiled, err := compiler.Compile(resource)
	if err != nil {
		return nil, invalid(broken(err))
	}
	return &Schema{compiled: compiled}, nil
}

// resource is where the compiler believes the schema to be; nothing is read from there.
const resource = "mem:///schema.json"

// noLoader keeps a schema from reading files or the network.
type noLoader struct{}

func (noLoader) Load(string) (any, error) {
	return nil, errors.New("only references within the schema are followed")
}

func invalid(issue fault.Issue) *fault.Error {
	return fault.New(fault.Invalid, "schema.invalid", issue.Message).WithIssues(issue)
}

// broken turns the compiler's error into an issue.
func broken(err error) fault.Issue {
	issue := fault.Issue{Code: "schema.invalid", Message: "this is not a JSON Schema (2020-12)"}
	var meta *jsonschema.SchemaValidationError
	if errors.As(err, &meta) {
		var located *jsonschema.ValidationError
		if errors.As(meta.Err, &located) {
			if found := issues(located); len(found) > 0 {
				issue.Path = found[0].Path
				issue.Message = "this is not a JSON Schema (2020-12): " + found[0].Message
			}
		}
	}
	var pattern *jsonschema.InvalidRegexError
	if errors.As(err, &pattern) {
		issue.Message = fmt.Sprintf("the pattern %.100q is no regular expression", pattern.Regex)
	}
	return issue
}

// Check returns what is wrong with a JSON value, nil when nothing is. Paths are JSON pointers into the value. The value must
// have passed strictjson.Check: a number with a huge exponent would take unbounded memory here.
func (s *Schema) Check(raw []byte) []fault.Issue {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return []fault.Issue{{Code: strictjson.CodeSyntax, Message: "this is not JSON"}}
	}
	return s.CheckValue(value)
}

// CheckValue is Check for a decoded value: nil, bool, int, float64, json.Number, string, []any, map[string]any.
func (s *Schema) CheckValue(value any) []fault.Issue {
	err := s.compiled.Validate(value)
	if err == nil {
		return nil
	}
	var located *jsonschema.ValidationError
	if !errors.As(err, &located) {
		return []fault.Issue{{Code: "schema.invalid_value", Message: "the value can't be checked"}}
	}
	return issues(located)
}

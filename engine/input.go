package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
)

// inputCheck validates inputs against a version's JSON Schema (2020-12).
type inputCheck struct{ schema *jsonschema.Schema }

func newInputCheck(schema json.RawMessage) (*inputCheck, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, fmt.Errorf("decode the input schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(noLoader{})
	if err := c.AddResource("input.json", doc); err != nil {
		return nil, fmt.Errorf("add the input schema: %w", err)
	}
	s, err := c.Compile("input.json")
	if err != nil {
		return nil, fmt.Errorf("compile the input schema: %w", err)
	}
	return &inputCheck{schema: s}, nil
}

// noLoader keeps a schema from reading files or the network.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("schema %s is not available", url)
}

// checkInput answers what is wrong with an input, nil when nothing is. The input must be a JSON object of a bounded size.
func (c *compiled) checkInput(input json.RawMessage, most int) error {
	if len(input) > most {
		return fault.Newf(fault.TooLarge, "process.input_too_large", "the input is larger than %d bytes", most)
	}
	if issue := objectIssue(input, "/input"); issue != nil {
		return fault.New(fault.Invalid, "process.input_invalid", "the input is not a JSON object that can be kept").WithIssues(*issue)
	}
	if c.check == nil {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(input))
	if err != nil {
		return fault.New(fault.Invalid, "process.input_invalid", "the input is not a JSON object")
	}
	err = c.check.schema.Validate(value)
	var broken *jsonschema.ValidationError
	if !errors.As(err, &broken) {
		return nil
	}
	f := fault.New(fault.Invalid, "process.input_invalid", "the input does not satisfy the schema of the start")
	return f.WithIssues(inputIssues(broken)...)
}

// objectIssue answers what keeps a value from being a JSON object that PostgreSQL stores and expressions read; nil when
// nothing does. root is the JSON pointer of the value. Sizes are the caller's affair.
func objectIssue(value json.RawMessage, root string) *fault.Issue {
	issue := strictjson.Check(value, strictjson.Limits{Bytes: len(value)})
	if issue == nil && bytes.TrimSpace(value)[0] != '{' {
		issue = &fault.Issue{Code: strictjson.CodeSyntax, Message: "this is not a JSON object"}
	}
	if issue != nil {
		issue.Path = root + issue.Path
	}
	return issue
}

// inputIssues lists the leaves of a validation error, each with its place in the input.
func inputIssues(e *jsonschema.ValidationError) []fault.Issue {
	if len(e.Causes) == 0 {
		path := ""
		if len(e.InstanceLocation) > 0 {
			path = "/" + strings.Join(e.InstanceLocation, "/")
		}
		message := e.Error()
		if unit := e.BasicOutput(); unit != nil && unit.Error != nil {
			message = unit.Error.String()
		}
		return []fault.Issue{{Code: "process.input_invalid", Path: "/input" + path, Message: message}}
	}
	var out []fault.Issue
	for _, c := range e.Causes {
		out = append(out, inputIssues(c)...)
		if len(out) >= 50 {
			break
		}
	}
	return out
}

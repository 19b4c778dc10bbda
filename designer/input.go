package designer

import (
	"bytes"
	"encoding/json"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
)

// InputSchema checks process inputs; without a schema any object fits.
type InputSchema struct{ schema *schema.Schema }

// NewInputSchema compiles the input schema of a document's start event.
func NewInputSchema(doc *graph.Document) (*InputSchema, error) {
	for _, node := range doc.Nodes {
		if node.Kind == graph.KindStartEvent && node.Start != nil && len(node.Start.InputSchema) > 0 {
			compiled, err := schema.Compile(node.Start.InputSchema, schema.Rules{})
			return &InputSchema{compiled}, err
		}
	}
	return &InputSchema{}, nil
}

// Check returns where an input breaks the schema, each issue with a JSON pointer below /input.
func (s *InputSchema) Check(input json.RawMessage) []fault.Issue {
	issue := strictjson.Check(input, strictjson.Limits{})
	var issues []fault.Issue
	switch {
	case issue != nil:
		issues = []fault.Issue{*issue}
	case !bytes.HasPrefix(bytes.TrimSpace(input), []byte("{")):
		issues = []fault.Issue{{Code: "input.type", Message: "The input is not an object."}}
	case s.schema != nil:
		issues = s.schema.Check(input)
	}
	for i := range issues {
		issues[i].Path = "/input" + issues[i].Path
	}
	return issues
}

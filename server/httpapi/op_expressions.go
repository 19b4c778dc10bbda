package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
)

type previewInput struct {
	Body struct {
		Value   json.RawMessage   `json:"value" doc:"A field of a node's configuration: literal, template, expression, or nested ones"`
		Context ExpressionContext `json:"context"`
	} `nameHint:"PreviewExpression"`
}

type previewOutput struct {
	Body struct {
		Result json.RawMessage  `json:"result,omitempty"`
		Error  *ExpressionError `json:"error,omitempty"`
	} `nameHint:"ExpressionPreview"`
}

func (a *API) registerExpressions() {
	add(a, operation{id: "previewExpression", method: http.MethodPost, path: "/expressions/preview", tag: "definitions", permission: PermDefinitionRead,
		summary: "Compute a value on given data", doc: "With the engine's own evaluator and bounds. A value that cannot be computed is an ordinary answer with error."}, a.previewExpression)
}

func (a *API) previewExpression(ctx context.Context, in *previewInput) (*previewOutput, error) {
	out := &previewOutput{}
	out.Body.Result, out.Body.Error = a.config.Expressions.Preview(ctx, in.Body.Value, in.Body.Context)
	return out, nil
}

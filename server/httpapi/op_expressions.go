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

type tryDecisionInput struct {
	Body struct {
		Decision Object            `json:"decision" doc:"A decision table, as a decision task holds it"`
		Inputs   []json.RawMessage `json:"inputs" maxItems:"50" doc:"A value for each input of the table; one that is missing is worked out by the input's expression"`
		Context  ExpressionContext `json:"context" doc:"What the table's expressions read"`
	} `nameHint:"TryDecision"`
}

type tryDecisionOutput struct {
	Body TriedDecision
}

func (a *API) registerExpressions() {
	add(a, operation{id: "previewExpression", method: http.MethodPost, path: "/expressions/preview", tag: "definitions", permission: PermDefinitionRead,
		summary: "Compute a value on given data", doc: "With the engine's own evaluator and bounds. A value that cannot be computed is an ordinary answer with error."}, a.previewExpression)
	add(a, operation{id: "tryDecision", method: http.MethodPost, path: "/expressions/decision", tag: "definitions", permission: PermDefinitionRead, maxBody: documentMaxBody,
		summary: "Ask a decision table", doc: "With the engine's own evaluator and bounds. A table that can't be asked, or whose rules quarrel, is an ordinary answer with error."}, a.tryDecision)
}

func (a *API) tryDecision(ctx context.Context, in *tryDecisionInput) (*tryDecisionOutput, error) {
	tried, err := a.config.Expressions.TryDecision(ctx, json.RawMessage(in.Body.Decision), in.Body.Inputs, in.Body.Context)
	if err != nil {
		return nil, err
	}
	tried.Hits = list(tried.Hits)
	return &tryDecisionOutput{Body: tried}, nil
}

func (a *API) previewExpression(ctx context.Context, in *previewInput) (*previewOutput, error) {
	out := &previewOutput{}
	out.Body.Result, out.Body.Error = a.config.Expressions.Preview(ctx, in.Body.Value, in.Body.Context)
	return out, nil
}

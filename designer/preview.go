package designer

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/expr"
)

// PreviewData is what a previewed value may read; absent members are null.
type PreviewData struct {
	Input   json.RawMessage
	Tasks   map[string]json.RawMessage
	Process json.RawMessage
	Item    json.RawMessage
	Error   json.RawMessage
	Result  json.RawMessage
}

// Preview evaluates a field of a node's configuration on sample data, as the engine would. Errors are *expr.Error.
func Preview(value json.RawMessage, data PreviewData, now time.Time) (json.RawMessage, error) {
	compiled, err := expr.CompileValue(value, expr.Env{})
	if err != nil {
		return nil, asExpr(err)
	}
	context, err := data.Context(now)
	if err != nil {
		return nil, err
	}
	result, err := compiled.Eval(context)
	if err != nil {
		return nil, asExpr(err)
	}
	return expr.EncodeJSON(result)
}

// Context decodes the data for an evaluation. Errors are *expr.Error.
func (data *PreviewData) Context(now time.Time) (expr.Context, error) {
	var err error
	decode := func(raw json.RawMessage) any {
		if err != nil || len(raw) == 0 {
			return nil
		}
		var decoded any
		decoded, err = expr.DecodeJSON(raw)
		return decoded
	}
	context := expr.Context{
		Input: decode(data.Input), Process: decode(data.Process), Item: decode(data.Item), Error: decode(data.Error),
		Result: decode(data.Result), Now: now,
	}
	tasks := make(map[string]any, len(data.Tasks))
	for node, output := range data.Tasks {
		tasks[node] = decode(output)
	}
	if err != nil {
		return context, &expr.Error{Code: expr.CodeEval, Message: "the sample data is not JSON", Pos: -1}
	}
	context.Tasks = func(node string) (any, bool) { output, found := tasks[node]; return output, found }
	return context, nil
}

func asExpr(err error) error {
	var own *expr.Error
	if errors.As(err, &own) {
		return own
	}
	return &expr.Error{Code: expr.CodeEval, Message: err.Error(), Pos: -1}
}

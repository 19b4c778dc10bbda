package flow

import (
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// MaxTriedExpressions bounds the expressions of a table that is tried.
const MaxTriedExpressions = 1_000

// Tried is what a decision table says of given inputs.
type Tried struct {
	Hits   []int           // the rules that hold, from 0, also those that do not count
	Output json.RawMessage // what the table gives
}

// TryDecision asks a table with a value for each of its inputs, as the engine would; context is what its expressions read. A nil value
// lets the input's own expression say. Hits are told also when the table gives nothing but an error because of them.
func TryDecision(src *graph.DecisionTask, inputs []json.RawMessage, context expr.Context) (Tried, error) {
	d, err := compileDecision(src)
	if err != nil {
		return Tried{}, err
	}
	if n := d.expressions(); n > MaxTriedExpressions {
		return Tried{}, fmt.Errorf("a table with %d expressions is too large to be tried; %d are the most", n, MaxTriedExpressions)
	}
	v := &variables{given: &context}
	values := make([]any, len(d.inputs))
	for i, e := range d.inputs {
		var raw json.RawMessage
		if i < len(inputs) {
			raw = inputs[i]
		}
		if raw == nil {
			if raw, err = e.eval(v); err != nil {
				return Tried{}, fmt.Errorf("input %d: %w", i+1, err)
			}
		}
		if values[i], err = expr.DecodeJSON(raw); err != nil {
			return Tried{}, fmt.Errorf("input %d: %w", i+1, err)
		}
	}
	var tried Tried
	if tried.Hits, err = d.hits(v, values, false); err != nil {
		return tried, err
	}
	counting := tried.Hits
	if d.hit == graph.HitFirst && len(counting) > 1 {
		counting = counting[:1]
	}
	tried.Output, err = d.give(v, counting)
	return tried, err
}

func (d *decision) expressions() int {
	n := len(d.inputs)
	for i := range d.rules {
		for _, c := range d.rules[i].cells {
			if c.condition != nil {
				n++
			}
		}
		for _, e := range d.rules[i].then {
			if _, constant := e.value.Constant(); !constant {
				n++
			}
		}
	}
	return n
}

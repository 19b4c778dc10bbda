package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestTextsInAPlanStayWhatTheyAre evaluates inputs as the engine does.
func TestTextsInAPlanStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		"plain", "=1 + 1", "==x", "Dear {{input.name}}", "={{a}}", "quotes \" and \\ and \n {{", "=\"{{", "<b>&amp;</b> =", "",
		[]any{"=a", map[string]any{"b": "{{c}}"}}, map[string]any{"$expression": "x", "other": 1}, 12345678901234567, 1.5, nil, true,
		struct {
			Text string `json:"text"`
		}{"=deep"},
	} {
		raw, is := sdk.PlanOf(sdk.Plan{Tasks: []sdk.PlanTask{{Name: "a", Type: "t@1", Input: map[string]any{"x": value}}}}.Answer())
		require.True(t, is)
		var plan wire.Plan
		require.NoError(t, json.Unmarshal(raw, &plan))
		compiled, err := expr.CompileValue(plan.Tasks[0].Input["x"], expr.Env{})
		require.NoError(t, err, "%s", plan.Tasks[0].Input["x"])
		given, err := compiled.Eval(expr.Context{})
		require.NoError(t, err)
		got, err := expr.EncodeJSON(given)
		require.NoError(t, err)
		want, err := json.Marshal(value)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got))
	}
}

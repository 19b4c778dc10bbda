package flow

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
)

func TestTryDecision(t *testing.T) {
	t.Parallel()
	rules := `"inputs":["=input.amount"],"outputs":["days"],"rules":[{"when":["> 10"],"then":[5]},{"when":["> 100"],"then":["=input.days"]},{"when":["=input.urgent"],"then":[1]}]}`
	for _, test := range []struct {
		name, table string
		inputs      []json.RawMessage
		data        map[string]any
		hits        []int
		output      string
		err         string
	}{
		{name: "no rule holds", table: `{"hit":"unique",` + rules, inputs: []json.RawMessage{json.RawMessage("5")}, data: map[string]any{"urgent": false}, output: `{"days":null}`},
		{name: "the one that holds", table: `{"hit":"unique",` + rules, inputs: []json.RawMessage{json.RawMessage("50")}, data: map[string]any{"urgent": false}, hits: []int{0}, output: `{"days":5}`},
		{name: "the first counts and all are told", table: `{"hit":"first",` + rules, inputs: []json.RawMessage{json.RawMessage("500")}, data: map[string]any{"urgent": true}, hits: []int{0, 1, 2}, output: `{"days":5}`},
		{name: "all count", table: `{"hit":"collect",` + rules, inputs: []json.RawMessage{json.RawMessage("500")}, data: map[string]any{"urgent": false, "days": 9}, hits: []int{0, 1}, output: `{"days":[5,9]}`},
		{name: "two where one may hold", table: `{"hit":"unique",` + rules, inputs: []json.RawMessage{json.RawMessage("500")}, data: map[string]any{"urgent": false}, hits: []int{0, 1}, err: "the rules 1 and 2 both hold, and the table allows one"},
		{name: "two that quarrel", table: `{"hit":"any",` + rules, inputs: []json.RawMessage{json.RawMessage("500")}, data: map[string]any{"urgent": false, "days": 9}, hits: []int{0, 1}, err: "the rules 1 and 2 both hold and give different values"},
		{name: "an input that is not given is worked out", table: `{"hit":"unique",` + rules, data: map[string]any{"urgent": false, "amount": 50}, hits: []int{0}, output: `{"days":5}`},
		{name: "a cell that is no condition", table: `{"hit":"unique",` + rules, inputs: []json.RawMessage{json.RawMessage("5")}, data: map[string]any{"urgent": "yes"}, err: "rule 3"},
		{name: "a cell that can't be read", table: `{"hit":"unique","inputs":["=input.amount"],"outputs":["days"],"rules":[{"when":["1.."],"then":[5]}]}`, err: "rule 1"},
		{name: "more expressions than are tried", table: `{"hit":"first","inputs":["=1"],"outputs":["x"],"rules":[` + strings.TrimSuffix(strings.Repeat(`{"when":["=true"],"then":["=1+1"]},`, 501), ",") + `]}`, err: "too large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var table graph.DecisionTask
			require.NoError(t, json.Unmarshal([]byte(test.table), &table))
			got, err := TryDecision(&table, test.inputs, expr.Context{Input: test.data})
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
			} else {
				require.NoError(t, err)
				require.JSONEq(t, test.output, string(got.Output))
			}
			require.Equal(t, test.hits, got.Hits)
		})
	}
}

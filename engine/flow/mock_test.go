package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// tried is a document in which most kinds are mocked in one test or another.
func tried() *draft {
	d := (&draft{}).start().service("ask", input(map[string]string{"who": `"=input.who"`}), result(map[string]string{"twice": `"=result.n * 2"`}))
	d.node(graph.Node{ID: "wait", Kind: graph.KindTimerEvent, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}})
	d.service("each", input(map[string]string{"n": `"=item"`}))
	d.doc.Nodes[len(d.doc.Nodes)-1].Multi = &graph.Multi{Items: graph.Value(`[1,2,3]`)}
	d.service("use", input(map[string]string{"twice": `"=tasks.ask.twice"`, "each": `"=tasks.each"`})).end("done")
	d.node(graph.Node{ID: "caught", Kind: graph.KindBoundaryEvent, Boundary: &graph.BoundaryEvent{On: "ask", Kind: graph.BoundaryError, Codes: []string{"NO"}}})
	d.end("refused", gives(map[string]string{"why": `"=error.message"`}))
	return d.flow("start", "ask", "wait", "each", "use", "done").flow("caught", "refused")
}

func TestAMockStandsForAStep(t *testing.T) {
	t.Parallel()
	d := tried().mock("ask", graph.Mock{Answer: json.RawMessage(`{"n":21}`)}).mock("wait", graph.Mock{Output: json.RawMessage(`{}`)}).
		mock("each", graph.Mock{Answer: json.RawMessage(`{"n":7}`)})
	r := begin(t, d, `{"who":"A"}`)
	require.JSONEq(t, `{"who":"A"}`, string(r.task("ask").Input), "what would have been asked is kept")
	require.JSONEq(t, `{"twice":42,"each":{"total":3,"completed":3,"failed":0}}`, string(r.task("use").Input))

	r = begin(t, d.mock("each", graph.Mock{Output: json.RawMessage(`{"total":9}`)}), `{"who":"A"}`)
	require.JSONEq(t, `{"twice":42,"each":{"total":9}}`, string(r.task("use").Input), "a list is pinned whole")
}

func TestAMockedErrorTakesItsPath(t *testing.T) {
	t.Parallel()
	r := begin(t, tried().mock("ask", graph.Mock{Error: &graph.MockError{Code: "NO", Message: "not today"}}), `{}`)
	require.Equal(t, flow.ProcessCompleted, r.st.Process.State)
	require.JSONEq(t, `{"why":"not today"}`, string(r.st.Process.Output))

	r = begin(t, tried().mock("ask", graph.Mock{Error: &graph.MockError{Code: "OTHER"}}), `{}`)
	r.taskState("ask", flow.TaskIncident)
}

func TestAMockMustFitItsStep(t *testing.T) {
	t.Parallel()
	for node, mock := range map[string]graph.Mock{
		"wait": {Answer: json.RawMessage(`{}`)},
		"ask":  {},
		"each": {Answer: json.RawMessage(`{}`), Output: json.RawMessage(`{}`)},
		"done": {Output: json.RawMessage(`{}`)},
		"use":  {Error: &graph.MockError{}},
	} {
		_, err := flow.Compile(&tried().doc, map[string]graph.Mock{node: mock})
		require.ErrorContains(t, err, "can't be mocked like this", node)
	}
}

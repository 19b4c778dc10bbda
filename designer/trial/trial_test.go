package trial_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/trial"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

var (
	types = map[string]wire.Descriptor{
		"mail.send@1": {Name: "mail.send", Major: 1, SideEffects: true, OutputSchema: json.RawMessage(`{"type":"object","properties":{"id":{"type":"string"}}}`)},
		"check@1":     {Name: "check", Major: 1},
	}
	drawn = graph.Document{Schema: 1, Nodes: []graph.Node{
		{ID: "start", Kind: graph.KindStartEvent},
		{ID: "check", Kind: graph.KindServiceTask, Service: &graph.ServiceTask{Type: "check@1"}},
		{ID: "ask", Kind: graph.KindCallActivity, Call: &graph.CallActivity{Definition: "other"}},
		{ID: "part", Kind: graph.KindSubProcess, Multi: &graph.Multi{Items: graph.Value(`[1]`)}},
		{ID: "begin", Kind: graph.KindStartEvent, Parent: "part"},
		{ID: "tell", Kind: graph.KindServiceTask, Parent: "part", Service: &graph.ServiceTask{Type: "mail.send@1"}, UndoneBy: "untell"},
		{ID: "end", Kind: graph.KindEndEvent, End: &graph.EndEvent{}},
	}, Edges: []graph.Edge{
		{ID: "a", From: "start", To: "check"}, {ID: "b", From: "check", To: "part"}, {ID: "c", From: "begin", To: "tell"}, {ID: "d", From: "part", To: "end"},
	}}
)

func TestStepsThatChangeTheWorldAreMocked(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[string]graph.Mock{"tell": {Answer: json.RawMessage(`{"id":"text"}`)}, "ask": {Output: json.RawMessage(`{}`)}}, trial.Mocks(&drawn, types, nil, false))
	require.Empty(t, trial.Mocks(&drawn, types, nil, true), "effects are wanted")
	require.Empty(t, trial.Mocks(&drawn, types, map[string]*graph.Mock{"tell": nil, "ask": nil}, false), "the effect of one step is wanted")
	given := &graph.Mock{Output: json.RawMessage(`{"valid":false}`)}
	require.Equal(t, map[string]graph.Mock{"check": *given}, trial.Mocks(&drawn, types, map[string]*graph.Mock{"check": given, "end": given, "gone": given}, true),
		"what is given for no step, or does not fit its step, is left out")
}

func TestAStepAlone(t *testing.T) {
	t.Parallel()
	doc, mocks := trial.Single(&drawn, trial.Step{Node: "tell", Outputs: map[string]json.RawMessage{"check": json.RawMessage(`{"valid":true}`)}, Item: json.RawMessage(`{"a":"\"="}`)})
	require.Equal(t, map[string]*graph.Mock{"check": {Output: json.RawMessage(`{"valid":true}`)}}, mocks)
	var shape [][2]string
	for _, n := range doc.Nodes {
		shape = append(shape, [2]string{n.Parent, n.ID})
		require.Empty(t, n.UndoneBy)
	}
	require.Equal(t, [][2]string{{"", "start_2"}, {"", "check"}, {"", "entry"}, {"entry", "begin_2"}, {"entry", "tell"}, {"entry", "end_2"}, {"", "end_3"}}, shape)
	require.Equal(t, `"=[fromJSON(\"{\\\"a\\\":\\\"\\\\\\\"=\\\"}\")]"`, string(doc.Nodes[2].Multi.Items))
	ends := map[string]string{}
	for _, e := range doc.Edges {
		ends[e.From] = e.To
	}
	require.Equal(t, map[string]string{"start_2": "check", "check": "entry", "entry": "end_3", "begin_2": "tell", "tell": "end_2"}, ends)

	doc, _ = trial.Single(&drawn, trial.Step{Node: "part"})
	require.Len(t, doc.Nodes, 5, "a sub-process comes with what lies in it")
	doc, _ = trial.Single(&drawn, trial.Step{Node: "end"})
	require.Nil(t, doc, "an event is no step to be tried")
}

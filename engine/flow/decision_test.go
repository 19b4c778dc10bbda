package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
)

func table(hit graph.HitPolicy) *draft {
	then := func(values ...string) (out []graph.Value) {
		for _, v := range values {
			out = append(out, graph.Value(v))
		}
		return out
	}
	return (&draft{}).start().node(graph.Node{ID: "term", Kind: graph.KindDecisionTask, Decision: &graph.DecisionTask{
		Hit: hit, Inputs: []string{"=input.kind", "=input.area"}, Outputs: []string{"days", "why"},
		Rules: []graph.DecisionRule{
			{When: []string{`sale, gift`, `<= 100`}, Then: then(`5`, `"small {{input.kind}}"`)},
			{When: []string{`"sale"`, `100..500`}, Then: then(`9`, `"medium"`)},
			{When: []string{`!= lease`, `-`}, Then: then(`12`, `"=input.kind + \"!\""`)},
			{When: []string{``, `=input.area > 1000`}, Then: then(`30`, `"large"`)},
		},
	}}).service("use", input(map[string]string{"days": `"=tasks.term.days"`, "why": `"=tasks.term.why"`})).end("done").flow("start", "term", "use", "done")
}

func TestADecisionTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hit         graph.HitPolicy
		input, want string // want empty: an incident
	}{
		{graph.HitFirst, `{"kind":"sale","area":50}`, `{"days":5,"why":"small sale"}`},
		{graph.HitFirst, `{"kind":"sale","area":100}`, `{"days":5,"why":"small sale"}`},
		{graph.HitFirst, `{"kind":"sale","area":100.5}`, `{"days":9,"why":"medium"}`},
		{graph.HitFirst, `{"kind":"lease","area":1001}`, `{"days":30,"why":"large"}`},
		{graph.HitFirst, `{"kind":"lease","area":10}`, `{"days":null,"why":null}`},
		{graph.HitUnique, `{"kind":"sale","area":50}`, ``},
		{graph.HitUnique, `{"kind":"lease","area":1001}`, `{"days":30,"why":"large"}`},
		{graph.HitAny, `{"kind":"sale","area":50}`, ``},
		{graph.HitCollect, `{"kind":"sale","area":100}`, `{"days":[5,9,12],"why":["small sale","medium","sale!"]}`},
		{graph.HitCollect, `{"kind":"lease","area":10}`, `{"days":[],"why":[]}`},
		{graph.HitFirst, `{"kind":"sale","area":"50"}`, `{"days":12,"why":"sale!"}`},
		{graph.HitFirst, `{"kind":"sale","area":{"x":1}}`, `{"days":12,"why":"sale!"}`},
	} {
		r := begin(t, table(c.hit), c.input)
		if c.want == "" {
			r.taskState("term", flow.TaskIncident)
			continue
		}
		require.JSONEq(t, c.want, string(r.task("use").Input), "%s %s", c.hit, c.input)
	}
}

func TestATableMustFitTogether(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*graph.DecisionTask){
		func(d *graph.DecisionTask) { d.Hit = "most" },
		func(d *graph.DecisionTask) { d.Rules[0].When = d.Rules[0].When[:1] },
		func(d *graph.DecisionTask) { d.Rules[0].Then = nil },
		func(d *graph.DecisionTask) { d.Rules[0].When[0] = `"` },
		func(d *graph.DecisionTask) { d.Inputs[0] = "=input." },
		func(d *graph.DecisionTask) { d.Rules[0].Then[0] = json.RawMessage(`"=1 +"`) },
		func(d *graph.DecisionTask) { d.Rules = make([]graph.DecisionRule, 1001) },
	} {
		d := table(graph.HitFirst)
		change(d.doc.Nodes[1].Decision)
		_, err := flow.Compile(&d.doc, nil)
		require.Error(t, err)
	}
}

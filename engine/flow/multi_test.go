package flow_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func each(m graph.Multi) *draft {
	return (&draft{}).start().service("check", policy(graph.RetryPolicy{MaxAttempts: 1}), input(map[string]string{"file": `"=item"`, "n": `"=index"`})).service("after", input(map[string]string{"all": `"=tasks.check"`})).end("done").
		flow("start", "check", "after", "done").multi("check", m)
}

// entry is the task of an entry of the list.
func (r *rig) entry(run int) *flow.Task {
	for _, t := range r.made {
		if t.Run == run && t.ScopeID != processID {
			return t
		}
	}
	return nil
}

func (r *rig) entryDone(run int, output string) *flow.Effects {
	r.t.Helper()
	if r.st.Data.Collected == nil {
		r.st.Data.Collected = map[string]map[int]json.RawMessage{}
	}
	t := r.entry(run)
	require.NotNil(r.t, t, "entry %d has not begun", run)
	if r.st.Data.Collected[t.ScopeID] == nil {
		r.st.Data.Collected[t.ScopeID] = map[int]json.RawMessage{}
	}
	return r.do(flow.Event{Kind: flow.EventCompleted, Task: t.ID, Epoch: t.Epoch, Output: json.RawMessage(output)})
}

func (r *rig) entryFails(run int, code string) *flow.Effects {
	r.t.Helper()
	t := r.entry(run)
	return r.do(flow.Event{Kind: flow.EventFailed, Task: t.ID, Epoch: t.Epoch, Error: &wire.Error{Class: wire.ErrorBusiness, Code: code}})
}

func TestAnActivityIsRepeatedForEachEntry(t *testing.T) {
	t.Parallel()
	r := begin(t, each(graph.Multi{Items: json.RawMessage(`"=input.files"`), Collect: json.RawMessage(`"=result.size"`)}), `{"files":["a","b","c"]}`)
	require.Len(t, r.last.Dispatch, 3)
	require.JSONEq(t, `{"file":"b","n":1}`, string(r.entry(2).Input))
	for _, run := range []int{2, 3, 1} {
		r.entryDone(run, fmt.Sprintf(`{"size":%d}`, run*10))
	}
	require.JSONEq(t, `{"all":{"total":3,"completed":3,"failed":0,"values":[10,20,30]}}`, string(r.task("after").Input))
	r.complete("after", `{}`)
	r.state("completed")
}

func TestALimitBoundsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m    graph.Multi
		want int
	}{{graph.Multi{Sequential: true}, 1}, {graph.Multi{Limit: 4}, 4}, {graph.Multi{}, flow.UsualLimit}} {
		c.m.Items = json.RawMessage(`"=input.n"`)
		r := begin(t, each(c.m), `{"n":250}`)
		require.Len(t, r.last.Dispatch, c.want)
		for run := 1; run <= 250; run++ {
			fx := r.entryDone(run, `{}`)
			if run+c.want <= 250 {
				require.Len(t, fx.Dispatch, 1)
				require.JSONEq(t, fmt.Sprintf(`{"file":%d,"n":%d}`, run+c.want-1, run+c.want-1), string(fx.Dispatch[0].Input))
			}
		}
		require.JSONEq(t, `{"all":{"total":250,"completed":250,"failed":0}}`, string(r.task("after").Input))
	}
}

func TestAnEmptyListEndsAtOnce(t *testing.T) {
	t.Parallel()
	r := begin(t, each(graph.Multi{Items: json.RawMessage(`"=input.files"`), Collect: json.RawMessage(`"=result"`)}), `{"files":[]}`)
	require.JSONEq(t, `{"all":{"total":0,"completed":0,"failed":0,"values":[]}}`, string(r.task("after").Input))
}

func TestWhatIsNoListIsAnIncident(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`"text"`, `-1`, `1.5`, `{}`, `null`, `9999999`} {
		r := begin(t, each(graph.Multi{Items: json.RawMessage(`"=input.files"`)}), `{"files":`+value+`}`)
		r.state("incident")
	}
}

func TestFailuresAreTolerated(t *testing.T) {
	t.Parallel()
	r := begin(t, each(graph.Multi{Items: json.RawMessage(`"=input.n"`), Tolerated: "20%"}), `{"n":5}`)
	r.entryFails(1, "NO")
	r.state("running")
	require.Equal(t, flow.TaskFailed, r.entry(1).State)
	r.entryFails(2, "NO")
	r.state("incident")
	r.do(flow.Event{Kind: flow.EventSkip, Task: r.entry(2).ID, Actor: "ann"})
	r.state("running")
	for run := 3; run <= 5; run++ {
		r.entryDone(run, `{}`)
	}
	require.JSONEq(t, `{"all":{"total":5,"completed":4,"failed":1}}`, string(r.task("after").Input), "what support skipped counts as done")
}

func TestTheCompletionConditionEndsTheRest(t *testing.T) {
	t.Parallel()
	r := begin(t, each(graph.Multi{Items: json.RawMessage(`"=input.n"`), Until: "=result.completed >= 2 && result.total == 5"}), `{"n":5}`)
	r.entryDone(3, `{}`)
	r.state("running")
	r.entryDone(1, `{}`)
	require.Equal(t, flow.TaskCancelled, r.entry(2).State)
	require.Len(t, r.last.Stop, 3)
	require.JSONEq(t, `{"all":{"total":5,"completed":2,"failed":0}}`, string(r.task("after").Input))
}

func TestAnEntryMayBeASubProcess(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("open", input(map[string]string{"file": `"=item"`})).service("sign", input(map[string]string{"x": `"{{index}} {{tasks.open.x}}"`})).end("done").sub("each", "open", "sign").
		flow("start", "each", "done").multi("each", graph.Multi{Items: json.RawMessage(`"=input.files"`), Sequential: true, Collect: json.RawMessage(`"=item"`)})
	r := begin(t, d, `{"files":["a","b"]}`)
	r.st.Data.Collected = map[string]map[int]json.RawMessage{}
	for _, sc := range r.st.Scopes {
		if sc.Kind == flow.ScopeMulti {
			r.st.Data.Collected[sc.ID] = map[int]json.RawMessage{}
		}
	}
	require.JSONEq(t, `{"file":"a"}`, string(r.task("open").Input))
	r.complete("open", `{"x":"p"}`)
	require.JSONEq(t, `{"x":"0 p"}`, string(r.task("sign").Input))
	r.complete("sign", `{}`)
	require.JSONEq(t, `{"file":"b"}`, string(r.task("open").Input))
	r.complete("open", `{"x":"q"}`)
	require.JSONEq(t, `{"x":"1 q"}`, string(r.task("sign").Input))
	r.complete("sign", `{}`)
	r.state("completed")
	require.JSONEq(t, `{"total":2,"completed":2,"failed":0,"values":["a","b"]}`, string(r.st.Data.Outputs[flow.OutputKey{Scope: processID, Node: "each"}]))
}

func TestInterruptingALongListLeavesNothing(t *testing.T) {
	t.Parallel()
	d := each(graph.Multi{Items: json.RawMessage(`"=input.n"`)}).service("late").
		on("check", "edge", graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}, "late").flow("late", "done")
	r := begin(t, d, `{"n":200000}`)
	list := r.made[0]
	require.Equal(t, "check", list.NodeID)
	r.made = r.made[:1]
	r.comes(flow.EventTimer, "check", "edge", "")
	require.Len(t, r.last.Stop, flow.UsualLimit)
	require.Equal(t, flow.TaskCancelled, list.State)
	r.complete("late", `{}`)
	r.state("completed")
}

func TestValuesThatAreTooLargeBecomeAFile(t *testing.T) {
	t.Parallel()
	r := begin(t, each(graph.Multi{Items: json.RawMessage(`3`), Collect: json.RawMessage(`"=result.text"`)}), `{}`)
	text := strings.Repeat("x", 100<<10)
	for run := 1; run <= 3; run++ {
		r.entryDone(run, `{"text":"`+text+`"}`)
	}
	require.Len(t, r.last.Files, 1)
	require.Len(t, r.last.Files[0].Body, 3*(100<<10+2)+4)
	require.Contains(t, string(r.task("after").Input), `"$file":"sha256:`+r.last.Files[0].SHA256)
}

func TestAListThatEndsAsSoonAsItBeginsKeepsItsValues(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().script("each", map[string]string{"n": `"=item * 2"`}).service("use", input(map[string]string{"v": `"=tasks.each.values"`})).end("done").
		flow("start", "each", "use", "done")
	d.doc.Nodes[1].Multi = &graph.Multi{Items: graph.Value(`[1,2,3]`), Collect: graph.Value(`"=result.n"`)}
	r := begin(t, d, `{}`)
	require.JSONEq(t, `{"v":[2,4,6]}`, string(r.task("use").Input))
}

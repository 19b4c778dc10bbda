package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// entries is a list of four over a service task; each entry gives what it answers.
func entries(change func(*graph.Multi)) *draft {
	m := graph.Multi{Items: json.RawMessage(`["a","b","c","d"]`), Limit: 2, Tolerated: "1", Collect: json.RawMessage(`"=result.v"`)}
	if change != nil {
		change(&m)
	}
	return (&draft{}).start().service("each", input(map[string]string{"x": `"=item"`, "i": `"=index"`})).multi("each", m).end("done").flow("start", "each", "done")
}

// turn is the latest task of an entry of the list, counted from 0.
func (r *rig) turn(index, total int) *flow.Task {
	r.t.Helper()
	for i := len(r.made) - 1; i >= 0; i-- {
		if t := r.made[i]; t.ScopeID != processID && t.NodeID == "each" && (t.Run-1)%total == index {
			return t
		}
	}
	require.Fail(r.t, "no such entry")
	return nil
}

func (r *rig) ends(t *flow.Task, output string) *flow.Effects {
	r.t.Helper()
	return r.do(flow.Event{Kind: flow.EventCompleted, Task: t.ID, Epoch: t.Epoch, Attempt: t.Attempt, Output: json.RawMessage(output)})
}

func (r *rig) fails(t *flow.Task) *flow.Effects {
	r.t.Helper()
	return r.do(flow.Event{Kind: flow.EventFailed, Task: t.ID, Epoch: t.Epoch, Attempt: t.Attempt, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO"}})
}

func (r *rig) again(t *flow.Task) *flow.Effects {
	r.t.Helper()
	return r.do(flow.Event{Kind: flow.EventEntry, Task: t.ID, Actor: "ann"})
}

func TestAnEntryBeginsAnew(t *testing.T) {
	t.Parallel()
	r := begin(t, entries(nil), `{}`)
	m := func() *flow.MultiState { return r.st.Scopes[r.turn(0, 4).ScopeID].State.Multi }
	r.st.Data.Collected = map[string]map[int]json.RawMessage{r.turn(0, 4).ScopeID: {}}
	first, second := r.turn(0, 4), r.turn(1, 4)
	r.ends(first, `{"v":"A"}`)
	r.fails(second)
	require.Equal(t, flow.MultiState{Total: 4, Next: 4, Completed: 1, Failed: 1, Tolerated: 1}, *m())

	fx := r.again(second)
	require.Empty(t, fx.Created, "two are under way: it waits for room")
	require.Equal(t, []int{6}, m().Again)
	require.Equal(t, map[string]flow.Runs{"each": {From: 2, To: 2}, "": {From: 2, To: 2}}, fx.Hidden.Runs)
	require.Equal(t, flow.TaskFailed, second.State, "the old run stays as it was")
	third := r.turn(2, 4)
	r.ends(third, `{"v":"C"}`)
	next := r.turn(1, 4)
	require.NotEqual(t, second.ID, next.ID)
	require.JSONEq(t, `{"x":"b","i":1}`, string(next.Input))

	// A completed one, and one that runs.
	fx = r.again(third)
	require.Empty(t, fx.Stop)
	fourth := r.turn(3, 4)
	fx = r.again(fourth)
	require.Equal(t, flow.TaskCancelled, fourth.State)
	require.Equal(t, []string{fourth.ID}, ids(fx.Stop))
	require.JSONEq(t, `{"x":"c","i":2}`, string(r.turn(2, 4).Input), "the first that waits has its room")

	r.ends(next, `{"v":"B"}`)
	r.ends(r.turn(2, 4), `{"v":"C2"}`)
	r.ends(r.turn(3, 4), `{"v":"D2"}`)
	require.JSONEq(t, `{"total":4,"completed":4,"failed":0,"values":["A","B","C2","D2"]}`, string(r.st.Data.Outputs[flow.OutputKey{Scope: processID, Node: "each"}]))
	r.state("completed")
}

func TestAnEntryOfASubProcessBeginsAnew(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("open", input(map[string]string{"x": `"=item"`})).service("sign").sub("part", "open", "sign").
		multi("part", graph.Multi{Items: json.RawMessage(`["a","b"]`)}).end("done").flow("start", "part", "done")
	r := begin(t, d, `{}`)
	open := r.task("open")
	entry := r.st.Tasks[open.ScopeID]
	r.complete("open", `{}`)
	sign := r.task("sign")
	fx := r.again(entry)
	require.Equal(t, flow.TaskCancelled, sign.State)
	require.Equal(t, flow.TaskCancelled, entry.State)
	require.Len(t, fx.Ended, 1)
	require.Equal(t, string(open.Input), string(r.task("open").Input), "the same entry of the list")
	require.NotEqual(t, open.ID, r.task("open").ID)
	_, err := r.try(flow.Event{Kind: flow.EventEntry, Task: entry.ID})
	require.Equal(t, flow.RefusedReplaced, refusal(t, err))
}

func TestAnEntryWithAnIncidentReleasesItsProcess(t *testing.T) {
	t.Parallel()
	r := begin(t, entries(func(m *graph.Multi) { m.Tolerated = "" }), `{}`)
	broken := r.turn(0, 4)
	r.fails(broken)
	r.state("incident")
	fx := r.again(broken)
	require.Equal(t, []string{broken.ID}, fx.Closed)
	r.state("running")
	require.Equal(t, 5, r.turn(0, 4).Run)
}

func TestAnEntryUnderAHoldBeginsAfterIt(t *testing.T) {
	t.Parallel()
	r := begin(t, entries(nil), `{}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	fx := r.again(r.turn(0, 4))
	require.Empty(t, fx.Created)
	fx = r.do(flow.Event{Kind: flow.EventResume})
	require.Len(t, fx.Created, 1)
	require.Equal(t, 5, fx.Created[0].Run)
}

func TestWhatIsNoEntryIsRefused(t *testing.T) {
	t.Parallel()
	r := begin(t, entries(func(m *graph.Multi) { m.Until, m.Limit = "=result.completed == 1", 4 }), `{}`)
	list := r.st.Tasks[r.turn(0, 4).ScopeID]
	_, err := r.try(flow.Event{Kind: flow.EventEntry, Task: list.ID})
	require.Equal(t, flow.RefusedNotEntry, refusal(t, err), "the list itself")
	_, err = r.try(flow.Event{Kind: flow.EventEntry, Task: "nothing"})
	require.Equal(t, flow.RefusedTaskUnknown, refusal(t, err))
	last := r.turn(3, 4)
	r.st.Data.Collected = map[string]map[int]json.RawMessage{last.ScopeID: {}}
	r.ends(last, `{"v":1}`)
	r.state("completed")
	_, err = r.try(flow.Event{Kind: flow.EventEntry, Task: last.ID})
	require.Equal(t, flow.RefusedProcessEnded, refusal(t, err))
}

package flow_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func readsGraph(t *testing.T) *flow.Graph {
	t.Helper()
	return (&draft{}).start().
		service("first", input(map[string]string{"x": `"=input.x"`}), result(map[string]string{"y": `"=result.y + tasks.other.y"`})).
		script("sum", map[string]string{"s": `"{{tasks.first.y}} {{tasks.before.y}}"`}).
		exclusive("way").service("left", input(map[string]string{"l": `"=tasks.sum.s"`})).
		service("far", input(map[string]string{"f": `"=tasks.unseen.f"`})).
		end("bad", ends(graph.EndError, "BAD", "=tasks.reason.text")).end("done").
		flow("start", "first", "sum", "way").when("way", "left", "=tasks.judge.ok").otherwise("way", "bad").
		flow("left", "far", "done").compile(t)
}

// readsFor gives what an event needs of the root's outputs, by node.
func readsFor(r *rig, ev flow.Event) flow.Reads {
	needs := r.g.ReadsFor(r.st, ev)
	reads := flow.Reads{Input: needs.Input, Open: needs.Open}
	for _, key := range needs.Outputs {
		require.Equal(r.t, processID, key.Scope)
		reads.Nodes = append(reads.Nodes, key.Node)
	}
	slices.Sort(reads.Nodes)
	return reads
}

func TestReadsNameWhatAStretchMayLookAt(t *testing.T) {
	t.Parallel()
	g := readsGraph(t)
	require.Equal(t, flow.Reads{Input: true}, g.Reads(""))
	require.Equal(t, flow.Reads{Nodes: []string{"before", "first", "judge", "other", "reason", "sum"}, Open: true}, g.Reads("first"),
		"its result, the script, the conditions, the input reached and the end")
	require.Equal(t, flow.Reads{Nodes: []string{"unseen"}}, g.Reads("left"))
	require.Equal(t, flow.Reads{}, g.Reads("far"))
	require.Equal(t, flow.Reads{}, g.Reads("nowhere"))
	require.Equal(t, flow.Reads{Nodes: []string{"sum", "unseen"}}, g.ReadsOf("left"), "its own input too")
	require.Equal(t, flow.Reads{Input: true, Nodes: []string{"before", "first", "judge", "other", "reason", "sum", "unseen"}, Open: true}, g.ReadsOf("left", "first"))
}

func TestReadsForAnEventCountTheTokensItMayRelease(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("split").service("a").service("b").service("c").script("s", map[string]string{"v": `"=tasks.c.v.w"`}).
		service("after_b", input(map[string]string{"x": `"=tasks.b.x"`})).service("after_c", input(map[string]string{"x": `"=input.x"`})).end("done").
		flow("start", "split", "a", "done").flow("split", "b", "after_b", "done").flow("split", "c", "s", "after_c", "done")
	r := begin(t, d, `{}`)
	for _, kind := range []flow.EventKind{flow.EventStarted, flow.EventProgress, flow.EventFailed, flow.EventLost, flow.EventHandback, flow.EventRetryDue, flow.EventSuspend} {
		require.Equal(t, flow.Reads{}, readsFor(r, r.event(kind, "b")), kind)
	}
	require.Equal(t, flow.Reads{Open: true}, readsFor(r, flow.Event{Kind: flow.EventCancel}))
	r.fail("a", wire.ErrorBusiness, "NO")
	r.complete("b", `{}`)
	require.Equal(t, flow.Reads{Nodes: []string{"b"}}, readsFor(r, flow.Event{Kind: flow.EventRetry, Task: r.task("a").ID}))
	r.operate(flow.EventSkip, "a", "")
	r.complete("c", `{"v":1}`)
	r.fail("after_b", wire.ErrorBusiness, "NO")
	r.operate(flow.EventRetry, "s", "")
	require.Equal(t, flow.Reads{Input: true, Nodes: []string{"b", "c"}, Open: true},
		readsFor(r, flow.Event{Kind: flow.EventRetry, Task: r.task("after_b").ID}), "the script waits to be evaluated again")
	require.Contains(t, readsFor(r, flow.Event{Kind: flow.EventContinue}).Nodes, "c")
}

func TestAnOutputThatComesWithItsEventIsNotRead(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("plain").service("sums", result(map[string]string{"n": `"=result.n + tasks.sums.n"`})).
		service("last", input(map[string]string{"a": `"=tasks.plain.a"`, "n": `"=tasks.sums.n"`})).end("done").
		flow("start", "plain", "sums", "last", "done")
	d.flow("plain", "last")
	r := begin(t, d, `{}`)
	require.Equal(t, flow.Reads{Nodes: []string{"sums"}}, readsFor(r, r.event(flow.EventCompleted, "plain")))
	r.complete("plain", `{"a":1}`)
	require.Equal(t, flow.Reads{Nodes: []string{"plain", "sums"}}, readsFor(r, r.event(flow.EventCompleted, "sums")), "its result reads its run before")
}

func TestTaskIDsAreStableAndDistinct(t *testing.T) {
	t.Parallel()
	id := flow.TaskID("p", "s", "n", 1)
	require.Equal(t, "8", id[14:15], "the UUID's version")
	require.Len(t, id, 36)
	require.Equal(t, id, flow.TaskID("p", "s", "n", 1))
	seen := map[string]bool{id: true}
	for _, other := range []string{flow.TaskID("p", "s", "n", 2), flow.TaskID("p", "s", "n1", 1), flow.TaskID("p", "sn", "", 1), flow.TaskID("ps", "", "n", 1), flow.TaskID("p", "", "sn", 1)} {
		require.False(t, seen[other])
		seen[other] = true
	}
}

func TestScopeStateSurvivesStorageAndNewerFields(t *testing.T) {
	t.Parallel()
	state := flow.ScopeState{
		Tokens: 4, Joins: map[string]int{"a-b": 2}, Runs: map[string]int{"a": 1}, Parked: []flow.Parked{{Task: "t", Node: "n", Via: "v"}},
		Pending: []flow.Pending{{Edge: "e"}, {Node: "n"}, {Task: "t"}}, Open: map[string]string{"t": "n"}, Output: json.RawMessage(`{"x":1}`),
	}
	raw, err := json.Marshal(state)
	require.NoError(t, err)
	require.JSONEq(t, `{"tokens":4,"joins":{"a-b":2},"runs":{"a":1},"parked":[{"task":"t","node":"n","via":"v"}],
		"pending":[{"edge":"e"},{"node":"n"},{"task":"t"}],"open":{"t":"n"},"output":{"x":1}}`, string(raw))
	var back flow.ScopeState
	require.NoError(t, json.Unmarshal(append(raw[:len(raw)-1], `,"later":{"x":1}}`...), &back))
	require.Equal(t, state, back)
}

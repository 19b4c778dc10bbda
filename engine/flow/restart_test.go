package flow_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// past reads the past of a restart from the rig's history, as a caller does from what it has stored.
func (r *rig) past(node, scope string) *flow.Past {
	of := r.g.PastFor(r.st, node, scope)
	if of == nil {
		return nil
	}
	past := &flow.Past{Since: map[string]int{}, Outputs: map[string]json.RawMessage{}}
	past.See(r.log, *of, false)
	for _, o := range r.given {
		if first, since := past.Since[o.NodeID]; since && o.ScopeID == of.Scope && o.Run < first && !r.hidden(o) {
			past.Outputs[o.NodeID] = o.Body
		}
	}
	return past
}

func (r *rig) hidden(o flow.Output) bool {
	return slices.ContainsFunc(r.hides, func(h flow.Hidden) bool {
		return h.Scope == o.ScopeID && h.Runs[o.NodeID].From <= o.Run && o.Run <= h.Runs[o.NodeID].To
	})
}

func (r *rig) tryRestart(node, scope string) (*flow.Effects, error) {
	r.t.Helper()
	r.st.Data.Past = r.past(node, scope)
	return r.try(flow.Event{Kind: flow.EventRestart, Node: node, Scope: scope, Actor: "ann", Reason: "again"})
}

func (r *rig) restart(node string) *flow.Effects {
	r.t.Helper()
	fx, err := r.tryRestart(node, "")
	require.NoError(r.t, err)
	return fx
}

func (r *rig) plan(node string) *flow.RestartPlan {
	r.t.Helper()
	r.st.Data.Past = r.past(node, "")
	plan, err := r.g.PlanRestart(r.st, node, "")
	require.NoError(r.t, err)
	r.st.Data.Past = nil
	return plan
}

func TestRestartFromAStepThatIsPast(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(4), `{"payload":"p"}`)
	for _, node := range []string{"step_0", "step_1", "step_2"} {
		r.complete(node, `{"payload":"`+node+`"}`)
	}
	last := r.task("step_3")
	plan := r.plan("step_1")
	require.Equal(t, &flow.RestartPlan{
		Scope: processID, Cancelled: map[string]int{"step_3": 1},
		Hidden: map[string]flow.Runs{"step_1": {From: 1, To: 1}, "step_2": {From: 1, To: 1}, "step_3": {From: 1, To: 1}},
		Kept:   []string{"start", "step_0"}, Ahead: []string{"done", "step_1", "step_2", "step_3"},
	}, plan)
	require.Equal(t, flow.TaskQueued, last.State, "a plan changes nothing")

	fx := r.restart("step_1")
	require.Equal(t, flow.TaskCancelled, last.State)
	require.Equal(t, []string{last.ID}, ids(fx.Stop), "its worker is told")
	require.Equal(t, plan.Hidden, fx.Hidden.Runs)
	require.Equal(t, []string{"step_1"}, r.open())
	again := r.task("step_1")
	require.Equal(t, 2, again.Run, "the old run stays in the history")
	require.JSONEq(t, `{"payload":"step_0"}`, string(again.Input), "what came before is still read")
	require.Equal(t, "restarted", fx.Log[1].Kind)
	require.Equal(t, "ann", fx.Log[1].Actor)

	late := flow.Event{Kind: flow.EventCompleted, Task: last.ID, Epoch: last.Epoch - 1, Output: json.RawMessage(`{}`)}
	require.NotEmpty(t, r.do(late).Ignored, "the answer of the cancelled run comes too late")
	for _, node := range []string{"step_1", "step_2", "step_3"} {
		r.complete(node, `{"payload":"`+node+` again"}`)
	}
	r.state("completed")
}

func TestRestartFromAStepAheadPassesAnIncident(t *testing.T) {
	t.Parallel()
	r := begin(t, (&draft{}).start().service("a").service("b").service("c").end("done").flow("start", "a", "b", "c", "done"), `{}`)
	fx := r.fail("a", wire.ErrorBusiness, "NO")
	require.Len(t, fx.Opened, 1)
	fx = r.restart("c")
	require.Equal(t, []string{r.task("a").ID}, fx.Closed)
	require.Empty(t, fx.Hidden.Runs, "nothing had come there")
	require.False(t, r.st.Process.Held())
	require.Equal(t, []string{"c"}, r.open())
}

func TestRestartUnderAHoldWaitsForItsEnd(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(2), `{}`)
	r.complete("step_0", `{}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.restart("step_0")
	require.Empty(t, r.open())
	require.Equal(t, []flow.Pending{{Node: "step_0"}}, r.root().State.Pending)
	r.do(flow.Event{Kind: flow.EventResume})
	require.Equal(t, []string{"step_0"}, r.open())
}

// TestRestartInALoopKeepsTheRoundBefore: a step of a loop lies before and behind every other; what counts is what came first.
func TestRestartInALoopKeepsTheRoundBefore(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().exclusive("in").service("a").service("b", input(map[string]string{"v": `"=tasks.a.v"`})).exclusive("more").end("done")
	d.flow("start", "in", "a", "b", "more").when("more", "in", "=tasks.b.again").otherwise("more", "done")
	r := begin(t, d, `{}`)
	r.complete("a", `{"v":1}`)
	r.complete("b", `{"again":true}`)
	r.complete("a", `{"v":2}`)
	r.complete("b", `{"again":true}`)
	r.complete("a", `{"v":3}`)
	require.Equal(t, map[string]flow.Runs{"b": {From: 3, To: 3}}, r.plan("b").Hidden)
	r.restart("b")
	require.JSONEq(t, `{"v":3}`, string(r.task("b").Input))
	require.Equal(t, map[string]flow.Runs{"a": {From: 3, To: 3}, "b": {From: 3, To: 4}}, r.plan("a").Hidden)
	r.restart("a")
	require.Equal(t, 4, r.task("a").Run)
	require.JSONEq(t, `{"v":2}`, string(r.st.Data.Outputs[flow.OutputKey{Scope: processID, Node: "a"}]), "what the round before gave is read again")
}

func TestRestartHidesWhatItsEndsGave(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("split").service("a").service("b").service("late").end("one", gives(map[string]string{"one": `1`, "both": `1`})).
		end("two", gives(map[string]string{"two": `2`, "both": `2`})).end("three")
	d.flow("start", "split", "a", "one").flow("split", "b", "two").flow("split", "late", "three")
	r := begin(t, d, `{}`)
	r.complete("split", `{}`)
	r.complete("a", `{}`)
	r.complete("b", `{}`)
	require.JSONEq(t, `{"one":1,"two":2,"both":2}`, string(r.root().State.Output))
	_, err := r.tryRestart("a", "")
	require.Equal(t, flow.RefusedRestartParallel, refusal(t, err))
	require.Contains(t, err.Error(), "late runs beside a")
	require.JSONEq(t, `{"one":1,"two":2,"both":2}`, string(r.root().State.Output), "a refusal changes nothing")
	r.restart("split")
	require.Empty(t, r.root().State.Output)
}

func TestWhatARestartIsRefusedFor(t *testing.T) {
	t.Parallel()
	parallel := branches("a", "b")
	list := (&draft{}).start().service("work").sub("part", "work").multi("part", graph.Multi{Items: json.RawMessage(`3`)}).end("done").flow("start", "part", "done")
	sub := (&draft{}).start().service("first").service("work").sub("part", "work").end("done").flow("start", "first", "part", "done")
	bordered := chain(2).service("mend").on("step_0", "late", graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}, "mend").flow("mend", "done")
	for name, test := range map[string]struct {
		draft *draft
		node  string
		code  string
		says  string
	}{
		"a step that is not there":           {chain(2), "nowhere", flow.RefusedRestartNode, `no step "nowhere"`},
		"an event on a border":               {bordered, "late", flow.RefusedRestartNode, "begin at step_0"},
		"a step that nothing leads to":       {chain(2).service("alone"), "alone", flow.RefusedRestartNode, "no flow leads to alone"},
		"a branch of a parallel block":       {parallel, "b2", flow.RefusedRestartParallel, "a1 runs beside b2"},
		"a step inside of a list":            {list, "work", flow.RefusedRestartMulti, "begin at part"},
		"a step inside of what has not come": {sub, "work", flow.RefusedRestartInside, "begin at part"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, test.draft, `{}`)
			before := mustJSON(t, r.root().State)
			_, err := r.tryRestart(test.node, "")
			require.Equal(t, test.code, refusal(t, err))
			require.Contains(t, err.Error(), test.says)
			require.Equal(t, before, mustJSON(t, r.root().State))
		})
	}

	r := begin(t, parallel, `{}`)
	r.complete("a1", `{}`)
	r.complete("a2", `{}`)
	_, err := r.tryRestart("b1", "")
	require.Equal(t, flow.RefusedRestartParallel, refusal(t, err), "the token of the other branch waits at the join already")
	require.Contains(t, err.Error(), "join would wait")
	r.restart("split")
	require.Equal(t, []string{"a1", "b1"}, r.open())
	r.restart("join")
	r.state("completed")
	_, err = r.tryRestart("split", "")
	require.Equal(t, flow.RefusedProcessEnded, refusal(t, err))
	_, err = newRig(t, chain(1)).tryRestart("step_0", "")
	require.Equal(t, flow.RefusedNotBegun, refusal(t, err))
}

func TestRestartInsideASubProcessTouchesItsScopeAlone(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("beside").service("open").service("sign").sub("part", "open", "sign").end("done").parallel("split")
	d.flow("start", "split", "part", "done").flow("split", "beside", "done")
	r := begin(t, d, `{}`)
	r.complete("open", `{"n":1}`)
	sign, beside := r.task("sign"), r.task("beside")
	fx := r.restart("open")
	require.Equal(t, r.task("part").ID, fx.Hidden.Scope)
	require.Equal(t, flow.TaskCancelled, sign.State)
	require.Equal(t, flow.TaskQueued, beside.State)
	require.Equal(t, 2, r.task("open").Run)
	r.complete("open", `{}`)
	r.complete("sign", `{}`)
	r.complete("beside", `{}`)
	r.state("completed")
}

func TestRestartFromASubProcessEndsWhatIsInside(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("work").sub("part", "work").multi("part", graph.Multi{Items: json.RawMessage(`3`)}).end("done").flow("start", "part", "done")
	r := begin(t, d, `{}`)
	old := r.task("part")
	require.Equal(t, map[string]int{"part": 4, "work": 3}, r.plan("part").Cancelled, "the list, its entries and what is in them")
	fx := r.restart("part")
	require.Len(t, fx.Ended, 4)
	require.NotEqual(t, old.ID, r.task("part").ID)
	require.Len(t, r.st.Scopes, 5)
}

func TestAnEndedProcessGoesOnAsANewOne(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").service("b", input(map[string]string{"v": `"=tasks.a.v"`})).end("done", gives(map[string]string{"out": `1`})).flow("start", "a", "b", "done")
	old := begin(t, d, `{}`)
	old.complete("a", `{"v":7}`)
	old.complete("b", `{}`)
	old.state("completed")
	past := old.past("b", "")
	plan, err := old.g.PlanRestartEnded(old.root(), "b", past)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "start"}, plan.Kept)
	require.Empty(t, plan.Cancelled)
	carried := old.g.Carry(old.root(), "b", plan, map[string]json.RawMessage{"a": json.RawMessage(`{"v":7}`)})
	require.Empty(t, carried.Output)

	r := newRig(t, d)
	r.st.Process.State = ""
	r.st.Scopes[processID] = &flow.Scope{ID: processID, Kind: flow.ScopeRoot}
	fx := r.do(flow.Event{Kind: flow.EventRestart, Node: "b", Carried: carried})
	require.Equal(t, []string{"b"}, r.open())
	require.JSONEq(t, `{"v":7}`, string(r.task("b").Input))
	require.Equal(t, []flow.Output{{ScopeID: processID, NodeID: "a", Run: 1, Body: json.RawMessage(`{"v":7}`)}}, fx.Outputs)
	r.complete("b", `{}`)
	r.state("completed")
	require.JSONEq(t, `{"out":1}`, string(r.st.Process.Output))

	_, err = old.g.PlanRestartEnded(old.root(), "nowhere", past)
	require.Equal(t, flow.RefusedRestartNode, refusal(t, err))
	_, err = old.g.PlanRestartEnded(&flow.Scope{}, "b", nil)
	require.Equal(t, flow.RefusedNotBegun, refusal(t, err))
}

// TestRestartsOfRandomGraphsEnd restarts generated graphs from any step that was reached, at any time: what is not refused comes to an end, and reads
// what it read before.
func TestRestartsOfRandomGraphsEnd(t *testing.T) {
	t.Parallel()
	restarted, refused := 0, 0
	for seed := range uint64(cases / 5) {
		rnd := rand.New(rand.NewPCG(seed, 11))
		gen := generatePlain(rnd)
		r := newRig(t, &gen.draft)
		r.st.Data.Input = json.RawMessage(`{"v":3}`)
		r.do(flow.Event{Kind: flow.EventStart})
		for step := 0; !r.st.Process.State.Terminal(); step++ {
			require.Less(t, step, 3000, "seed %d: the process does not end: %+v", seed, r.root().State)
			r.now = r.now.Add(time.Second)
			if step < 40 && rnd.IntN(6) == 0 {
				// What is ahead, or is so again after a restart, may lack what it reads.
				reached := slices.DeleteFunc(slices.Sorted(maps.Keys(r.root().State.Runs)), func(node string) bool {
					return r.hidden(flow.Output{ScopeID: processID, NodeID: node, Run: r.root().State.Runs[node]})
				})
				if _, err := r.tryRestart(reached[rnd.IntN(len(reached))], ""); err == nil {
					restarted++
				} else {
					require.Contains(t, refusal(t, err), "flow.restart_", "seed %d", seed)
					refused++
				}
				continue
			}
			r.anything(rnd, gen, step)
		}
	}
	t.Logf("%d restarts, %d refused", restarted, refused)
	require.Greater(t, restarted, cases/20)
}

// anything answers one of the open tasks; a gateway that finds no way is shown one.
func (r *rig) anything(rnd *rand.Rand, gen *generator, step int) {
	r.t.Helper()
	open := slices.Sorted(func(yield func(string) bool) {
		for id := range r.root().State.Open {
			if !yield(id) {
				return
			}
		}
	})
	require.NotEmpty(r.t, open, "nothing can move: %+v", r.root().State)
	task := r.st.Tasks[open[rnd.IntN(len(open))]]
	if task.State == flow.TaskIncident {
		value := `{"v":1}`
		if out := gen.steps[task.NodeID].out; gen.steps[task.NodeID].kind == graph.KindExclusiveGateway {
			value = fmt.Sprintf(`{"edge":%q}`, out[rnd.IntN(len(out))].id)
		}
		require.Equal(r.t, flow.CodeNoPath, task.Error.Code, "what was read before is not there: %s", task.Error.Message)
		r.do(flow.Event{Kind: flow.EventSkip, Task: task.ID, Output: json.RawMessage(value)})
		return
	}
	v := rnd.IntN(9)
	if step > 60 {
		v = 1 // no loop goes on
	}
	ev := flow.Event{Kind: flow.EventCompleted, Task: task.ID, Epoch: task.Epoch, Attempt: task.Attempt, Output: json.RawMessage(fmt.Sprintf(`{"v":%d}`, v))}
	r.do(ev)
}

func ids(tasks []*flow.Task) []string {
	var all []string
	for _, t := range tasks {
		all = append(all, t.ID)
	}
	return all
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

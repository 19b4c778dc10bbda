package flow_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// undone adds a service task un_<id> that undoes each activity and gets what it got and gave.
func (d *draft) undone(ids ...string) *draft {
	for _, id := range ids {
		d.service("un_"+id, input(map[string]string{"got": `"=undone.input"`, "gave": `"=undone.output"`}))
		for i := range d.doc.Nodes {
			if n := &d.doc.Nodes[i]; n.ID == id {
				n.UndoneBy = "un_" + id
				d.doc.Nodes[len(d.doc.Nodes)-1].Parent = n.Parent
			}
		}
	}
	return d
}

// throw adds an event that undoes an activity, or everything of its level.
func (d *draft) throw(id, of string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindCompensationEvent, Title: id, Undoes: of})
}

func (d *draft) undoingEnd(id, of string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindEndEvent, End: &graph.EndEvent{Kind: graph.EndCompensate}, Undoes: of})
}

// live lists the open tasks of all scopes that a worker may run.
func (r *rig) live() []string {
	var nodes []string
	for _, t := range r.st.Tasks {
		if t.NodeType != "" && t.State == flow.TaskQueued {
			nodes = append(nodes, t.NodeID)
		}
	}
	slices.Sort(nodes)
	return nodes
}

// undoAll completes handlers one at a time until none is left, and returns what undid what: "un_a(a#1)".
func (r *rig) undoAll() []string {
	r.t.Helper()
	var order []string
	for {
		live := r.live()
		live = slices.DeleteFunc(live, func(id string) bool { return !strings.HasPrefix(id, "un_") })
		if len(live) == 0 {
			return order
		}
		require.Len(r.t, live, 1, "handlers run one after another")
		order = append(order, live[0]+"("+r.undoes(live[0])+")")
		r.complete(live[0], `{"undid":true}`)
	}
}

// undoes is what the latest run of a handler undoes.
func (r *rig) undoes(handler string) string {
	r.t.Helper()
	id := r.task(handler).ID
	for _, c := range slices.Backward(r.log) {
		if c.Kind == "undo" && c.Task == id {
			var of struct {
				Node string `json:"node"`
				Run  int    `json:"run"`
			}
			require.NoError(r.t, json.Unmarshal(c.Detail, &of))
			return fmt.Sprintf("%s#%d", of.Node, of.Run)
		}
	}
	require.Fail(r.t, "it undoes nothing", handler)
	return ""
}

func threeSteps() *draft {
	return (&draft{}).start().service("a", input(map[string]string{"fee": "7"})).service("b").service("c").undone("a", "b", "c").
		throw("undo", "").service("after").end("done").flow("start", "a", "b", "c", "undo", "after", "done")
}

func TestThrowUndoesInReverseOrderAndGoesOn(t *testing.T) {
	t.Parallel()
	r := begin(t, threeSteps(), `{}`)
	r.complete("a", `{"receipt":17}`)
	r.complete("b", `{}`)
	r.complete("c", `{}`)
	require.Equal(t, []string{"un_c"}, r.live())
	r.taskState("undo", flow.TaskRunning)
	require.Equal(t, []string{"un_c(c#1)", "un_b(b#1)", "un_a(a#1)"}, r.undoAll())
	require.JSONEq(t, `{"got":{"fee":7},"gave":{"receipt":17}}`, string(r.task("un_a").Input))
	r.taskState("undo", flow.TaskCompleted)
	require.Equal(t, []string{"after"}, r.live())
	r.complete("after", `{}`)
	r.state("completed")
}

func TestThrowUndoesOneActivityWithAllItsRuns(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().exclusive("again").service("a", input(map[string]string{"n": `"=tasks.a?.n"`})).service("b").undone("a", "b").exclusive("more").throw("undo", "a").end("done").
		flow("start", "again", "a", "b", "more").when("more", "again", "=tasks.a.n < 3").otherwise("more", "undo").flow("undo", "done")
	r := begin(t, d, `{}`)
	for n := range 3 {
		r.complete("a", fmt.Sprintf(`{"n":%d}`, n+1))
		r.complete("b", `{}`)
	}
	var gave []string
	for range 3 {
		gave = append(gave, string(r.task("un_a").Input))
		r.complete("un_a", `{}`)
	}
	require.Equal(t, []string{`{"gave":{"n":3},"got":{"n":2}}`, `{"gave":{"n":2},"got":{"n":1}}`, `{"gave":{"n":1},"got":{"n":null}}`}, gave)
	r.state("completed")
}

func TestTasksOfWhatIsUndoneAreThoseOfItsRun(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().exclusive("again").service("a").service("back", input(map[string]string{"n": `"=tasks.a.n"`})).exclusive("more").undoingEnd("undo", "").
		flow("start", "again", "a", "more").when("more", "again", "=tasks.a.n < 2").otherwise("more", "undo")
	d.doc.Nodes[2].UndoneBy = "back"
	r := begin(t, d, `{}`)
	r.complete("a", `{"n":1}`)
	r.complete("a", `{"n":2}`)
	require.JSONEq(t, `{"n":2}`, string(r.task("back").Input))
	r.complete("back", `{}`)
	require.JSONEq(t, `{"n":1}`, string(r.task("back").Input))
	r.complete("back", `{}`)
	r.state("completed")
}

func TestNothingToUndoGoesStraightOn(t *testing.T) {
	t.Parallel()
	r := begin(t, (&draft{}).start().throw("undo", "").end("done").flow("start", "undo", "done"), `{}`)
	r.state("completed")
}

func TestWhatHasNotCompletedIsNotUndone(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().parallel("fork").service("slow").service("a").service("skipped").undone("slow", "a", "skipped").throw("undo", "").end("end_a").end("end_b").
		flow("start", "fork", "slow", "end_a").flow("fork", "a", "skipped", "undo", "end_b")
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.fail("skipped", wire.ErrorPermanent, "E")
	r.operate(flow.EventSkip, "skipped", `{}`)
	require.Equal(t, []string{"slow", "un_a"}, r.live(), "what was skipped by hand was not done by the process")
	r.complete("slow", `{}`)
	require.Equal(t, []string{"un_a(a#1)"}, r.undoAll(), "it completed after the throw")
	r.state("completed")
}

func TestUndoingEndGivesItsOutputAfterwards(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").undone("a").flow("start", "a", "undo")
	d.node(graph.Node{ID: "undo", Kind: graph.KindEndEvent, End: &graph.EndEvent{Kind: graph.EndCompensate, Output: values(map[string]string{"undid": `"=tasks.un_a.undid"`})}})
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	require.Equal(t, []string{"un_a(a#1)"}, r.undoAll())
	r.state("completed")
	require.JSONEq(t, `{"undid":true}`, string(r.st.Process.Output))
}

// nested is a sub-process that has an activity to undo before and after an inner one.
func nested() *draft {
	d := (&draft{}).start().service("a").service("b").service("c").service("d").service("e")
	d.sub("inner", "c").sub("outer", "b", "inner", "d").undone("a", "b", "c", "d", "e")
	return d
}

func TestSubProcessIsUndoneFromInside(t *testing.T) {
	t.Parallel()
	r := begin(t, nested().undoingEnd("undo", "").flow("start", "a", "outer", "e", "undo"), `{}`)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		r.complete(id, `{"by":"`+id+`"}`)
	}
	require.Equal(t, []string{"un_e(e#1)", "un_d(d#1)", "un_c(c#1)", "un_b(b#1)", "un_a(a#1)"}, r.undoAll())
	require.JSONEq(t, `{"got":{},"gave":{"by":"c"}}`, string(r.task("un_c").Input))
	r.state("completed")
	require.Zero(t, r.root().State.Inner)
}

func TestHandlerInsideSeesTheOutputsOfItsSubProcess(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("b").service("c").sub("part", "b", "c").undoingEnd("undo", "part").flow("start", "part", "undo")
	d.service("back", input(map[string]string{"b": `"=tasks.b.x"`})).in("part", "back")
	d.service("back_b", input(map[string]string{"c": `"=tasks.back.done"`})).in("part", "back_b")
	for i := range d.doc.Nodes {
		switch d.doc.Nodes[i].ID {
		case "c":
			d.doc.Nodes[i].UndoneBy = "back"
		case "b":
			d.doc.Nodes[i].UndoneBy = "back_b"
		}
	}
	r := begin(t, d, `{}`)
	r.complete("b", `{"x":5}`)
	r.complete("c", `{}`)
	require.JSONEq(t, `{"b":5}`, string(r.task("back").Input))
	r.complete("back", `{"done":6}`)
	require.JSONEq(t, `{"c":6}`, string(r.task("back_b").Input))
	r.complete("back_b", `{}`)
	r.state("completed")
}

func TestSubProcessWithAHandlerIsUndoneByItAlone(t *testing.T) {
	t.Parallel()
	r := begin(t, nested().undone("outer").undoingEnd("undo", "").flow("start", "a", "outer", "e", "undo"), `{}`)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		r.complete(id, `{}`)
	}
	require.Equal(t, []string{"un_e(e#1)", "un_outer(outer#1)", "un_a(a#1)"}, r.undoAll())
	r.state("completed")
}

func TestFailedSubProcessIsUndoneFromInside(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]bool{"without a handler of its own": false, "with one, which is for success": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := nested()
			if handler {
				d.undone("outer")
			}
			d.end("done").undoingEnd("undo", "outer").flow("start", "a", "outer", "e", "done").
				on("outer", "caught", graph.BoundaryEvent{Kind: graph.BoundaryError, Codes: []string{"REFUSED"}}, "undo")
			r := begin(t, d, `{}`)
			for _, id := range []string{"a", "b", "c"} {
				r.complete(id, `{}`)
			}
			r.fail("d", wire.ErrorBusiness, "REFUSED")
			require.Equal(t, []string{"un_c(c#1)", "un_b(b#1)"}, r.undoAll())
			r.state("completed")
		})
	}
}

func TestInterruptedSubProcessIsUndoneFromInside(t *testing.T) {
	t.Parallel()
	d := nested().end("done").undoingEnd("undo", "").flow("start", "a", "outer", "e", "done").
		on("outer", "late", graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}, "undo")
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.complete("b", `{}`)
	r.comes(flow.EventTimer, "outer", "late", "")
	require.Equal(t, []string{"un_b(b#1)", "un_a(a#1)"}, r.undoAll())
	r.state("completed")
}

func TestEntriesOfAListAreUndoneEach(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a", input(map[string]string{"item": `"=item"`})).undone("a").multi("a", graph.Multi{Items: json.RawMessage(`"=input.all"`)}).
		undoingEnd("undo", "").flow("start", "a", "undo")
	d.doc.Nodes[2].Service.Input["item"] = json.RawMessage(`"=item"`)
	r := begin(t, d, `{"all":["x","y","z"]}`)
	entries := slices.Clone(r.made[1:])
	for _, i := range []int{1, 2, 0} { // they complete in another order
		r.do(flow.Event{Kind: flow.EventCompleted, Task: entries[i].ID, Epoch: 1, Output: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i))})
	}
	var got []string
	for range 3 {
		got = append(got, string(r.task("un_a").Input))
		r.complete("un_a", `{}`)
	}
	require.Equal(t, []string{
		`{"gave":{"n":0},"got":{"item":"x"},"item":"x"}`, `{"gave":{"n":2},"got":{"item":"z"},"item":"z"}`, `{"gave":{"n":1},"got":{"item":"y"},"item":"y"}`,
	}, got)
	r.state("completed")
}

func TestEntriesThatAreSubProcessesAreUndoneFromInside(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").sub("each", "a").undone("a").multi("each", graph.Multi{Items: json.RawMessage(`2`), Sequential: true}).
		undoingEnd("undo", "").flow("start", "each", "undo")
	for i := range d.doc.Nodes {
		if d.doc.Nodes[i].ID == "un_a" {
			d.doc.Nodes[i].Service.Input = values(map[string]string{"i": `"=index"`})
		}
	}
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.complete("a", `{}`)
	require.JSONEq(t, `{"i":1}`, string(r.task("un_a").Input))
	r.complete("un_a", `{}`)
	require.JSONEq(t, `{"i":0}`, string(r.task("un_a").Input))
	r.complete("un_a", `{}`)
	r.state("completed")
}

func TestFailingHandlerHoldsTheProcessUntilItIsMended(t *testing.T) {
	t.Parallel()
	mend := map[string]func(r *rig){
		"retried": func(r *rig) {
			r.operate(flow.EventRetry, "un_b", "")
			r.complete("un_b", `{}`)
		},
		"with another input": func(r *rig) {
			r.operate(flow.EventRetry, "un_b", `{"other":1}`)
			require.JSONEq(r.t, `{"other":1}`, string(r.task("un_b").Input))
			r.complete("un_b", `{}`)
		},
		"skipped": func(r *rig) { r.operate(flow.EventSkip, "un_b", `{}`) },
	}
	for name, mended := range mend {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, threeSteps(), `{}`)
			for _, id := range []string{"a", "b", "c"} {
				r.complete(id, `{}`)
			}
			r.complete("un_c", `{}`)
			r.fail("un_b", wire.ErrorPermanent, "NO")
			r.state("incident")
			require.Empty(t, r.live())
			mended(r)
			r.state("running")
			require.Equal(t, []string{"un_a(a#1)"}, r.undoAll())
			r.complete("after", `{}`)
			r.state("completed")
		})
	}
}

func TestFailingHandlerIsNotCaughtByWhatIsAround(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").throw("undo", "").sub("part", "a", "undo").undone("a").end("done").end("bad").flow("start", "part", "done").
		on("part", "caught", graph.BoundaryEvent{Kind: graph.BoundaryError, Technical: true}, "bad")
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.fail("un_a", wire.ErrorBusiness, "NO")
	r.state("incident")
	r.operate(flow.EventRetry, "un_a", "")
	r.complete("un_a", `{}`)
	r.state("completed")
}

func TestHandlerWhoseInputFailsIsEvaluatedAgainWithWhatItUndoes(t *testing.T) {
	t.Parallel()
	d := threeSteps()
	for i := range d.doc.Nodes {
		if d.doc.Nodes[i].ID == "un_c" {
			d.doc.Nodes[i].Service.Input = values(map[string]string{"n": `"=undone.output.n + 1"`, "later": `"=tasks.un_c?.x"`})
		}
	}
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.complete("b", `{}`)
	r.complete("c", `{"n":"no number"}`)
	r.state("incident")
	r.operate(flow.EventRetry, "un_c", "")
	r.state("incident")
	r.operate(flow.EventRetry, "un_c", `{"n":3}`)
	require.Equal(t, []string{"un_c(c#1)", "un_b(b#1)", "un_a(a#1)"}, r.undoAll())
}

func TestErrorEndInsideAHandlerHolds(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").undoingEnd("undo", "").flow("start", "a", "undo").sub("back")
	d.doc.Nodes[len(d.doc.Nodes)-1].End = &graph.EndEvent{Kind: graph.EndError, Code: "NO", Message: "=undone.output.why"}
	d.doc.Nodes[1].UndoneBy = "back"
	r := begin(t, d, `{}`)
	r.complete("a", `{"why":"because"}`)
	r.state("incident")
	require.Equal(t, "because", r.task("back_end").Error.Message)
	r.operate(flow.EventRetry, "back_end", "")
	r.state("incident")
	r.operate(flow.EventSkip, "back_end", `{}`)
	r.state("completed")
}

func TestHoldStopsACompensation(t *testing.T) {
	t.Parallel()
	r := begin(t, threeSteps(), `{}`)
	for _, id := range []string{"a", "b", "c"} {
		r.complete(id, `{}`)
	}
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.complete("un_c", `{}`)
	require.Empty(t, r.live())
	r.do(flow.Event{Kind: flow.EventResume})
	require.Equal(t, []string{"un_b(b#1)", "un_a(a#1)"}, r.undoAll())
}

func TestCancelEndsACompensation(t *testing.T) {
	t.Parallel()
	r := begin(t, nested().undoingEnd("undo", "").flow("start", "a", "outer", "e", "undo"), `{}`)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		r.complete(id, `{}`)
	}
	r.complete("un_e", `{}`)
	r.complete("un_d", `{}`)
	require.Equal(t, []string{"un_c"}, r.live())
	r.do(flow.Event{Kind: flow.EventCancel})
	r.state("cancelled")
}

func TestInterruptedCompensationIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a").service("b").throw("undo", "").sub("part", "a", "b", "undo").undone("a", "b").end("done").undoingEnd("rest", "part").
		flow("start", "part", "done").on("part", "late", graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}}, "rest")
	r := begin(t, d, `{}`)
	r.complete("a", `{}`)
	r.complete("b", `{}`)
	require.Equal(t, []string{"un_b"}, r.live())
	first := r.task("un_b")
	r.comes(flow.EventTimer, "part", "late", "")
	require.Equal(t, flow.TaskCancelled, first.State)
	require.Equal(t, []string{"un_b(b#1)", "un_a(a#1)"}, r.undoAll(), "what was being undone was not undone")
	r.state("completed")
}

func TestLateAndDuplicateAnswersOfHandlersChangeNothing(t *testing.T) {
	t.Parallel()
	r := begin(t, threeSteps(), `{}`)
	for _, id := range []string{"a", "b", "c"} {
		r.complete(id, `{}`)
	}
	ev := r.event(flow.EventCompleted, "un_c")
	r.do(r.event(flow.EventLost, "un_c"))
	require.Equal(t, flow.IgnoredStale, r.do(ev).Ignored)
	r.complete("un_c", `{}`)
	require.Equal(t, flow.IgnoredTaskEnded, r.do(ev).Ignored)
	require.Equal(t, []string{"un_b(b#1)", "un_a(a#1)"}, r.undoAll())
}

func TestRestartLeavesWhatItHidesAlone(t *testing.T) {
	t.Parallel()
	r := begin(t, threeSteps(), `{}`)
	r.complete("a", `{}`)
	r.complete("b", `{}`)
	r.st.Data.Past = &flow.Past{Since: map[string]int{"b": 1, "c": 1}, Outputs: map[string]json.RawMessage{}}
	r.do(flow.Event{Kind: flow.EventRestart, Node: "b"})
	r.complete("b", `{}`)
	r.complete("c", `{}`)
	require.Equal(t, []string{"un_c(c#2)", "un_b(b#2)", "un_a(a#1)"}, r.undoAll())
}

func TestMigrationRefusesAVersionThatCannotUndo(t *testing.T) {
	t.Parallel()
	r := begin(t, threeSteps(), `{}`)
	r.complete("a", `{}`)
	r.st.Data.Undo.Left = []flow.UndoLeft{{Node: "a"}}
	other := threeSteps()
	require.Empty(t, flow.CheckMigration(r.g, other.compile(t), r.st))
	other.doc.Nodes[1].UndoneBy = ""
	issues := flow.CheckMigration(r.g, other.compile(t), r.st)
	require.Len(t, issues, 1)
	require.Equal(t, flow.MigrateUndo, issues[0].Code)
}

func TestCompileRefusesHandlersThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *draft){
		"with a flow":         func(d *draft) { d.flow("un_a", "done") },
		"nowhere":             func(d *draft) { d.doc.Nodes[1].UndoneBy = "gone" },
		"undone itself":       func(d *draft) { d.undone("un_a") },
		"a throw of an event": func(d *draft) { d.throw("other", "done") },
		"of an event":         func(d *draft) { d.doc.Nodes[0].UndoneBy = "un_a" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := threeSteps()
			change(d)
			_, err := flow.Compile(&d.doc, nil)
			require.Error(t, err)
		})
	}
}

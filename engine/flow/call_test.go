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

// family runs processes that call each other: it carries their letters, in the order in which they were written.
type family struct {
	t           testing.TB
	definitions map[string]*draft
	members     map[string]*rig
	order       []string // ids, in the order of their beginning
	letters     []flow.Letter
}

// callFamily begins a process of the definition "main".
func callFamily(t testing.TB, input string, definitions map[string]*draft) *family {
	t.Helper()
	f := &family{t: t, definitions: definitions, members: map[string]*rig{}}
	r := newRig(t, definitions["main"])
	r.st.Data.Input = json.RawMessage(input)
	f.adopt(r)
	f.do(r, flow.Event{Kind: flow.EventStart})
	return f
}

func (f *family) adopt(r *rig) {
	f.members[r.st.Process.ID] = r
	f.order = append(f.order, r.st.Process.ID)
}

func (f *family) do(r *rig, ev flow.Event) *flow.Effects {
	f.t.Helper()
	fx := r.do(ev)
	f.letters = append(f.letters, fx.Letters...)
	return fx
}

// deliver hands letters over until none is under way.
func (f *family) deliver() *family {
	f.t.Helper()
	for len(f.letters) > 0 {
		l := f.letters[0]
		f.letters = f.letters[1:]
		f.receive(l)
	}
	return f
}

func (f *family) receive(l flow.Letter) {
	f.t.Helper()
	if l.Called != nil {
		d := f.definitions[l.Called.Definition]
		if d == nil {
			why := &wire.Error{Class: wire.ErrorPermanent, Code: "definition.not_found", Message: "there is no such definition"}
			caller := l.Event.Caller
			f.letters = append(f.letters, flow.Letter{To: caller.Process, Event: flow.Event{Kind: flow.EventChild, Task: caller.Task, Epoch: caller.Epoch, Child: l.To, Error: why}})
			return
		}
		require.Nil(f.t, f.members[l.To], "a child process begins twice")
		r := newRig(f.t, d)
		p := r.st.Process
		p.ID, p.Definition, p.CustomID, p.Priority = l.To, l.Called.Definition, l.Called.CustomID, l.Called.Priority
		r.st.Data.Input = l.Event.Input
		f.adopt(r)
	}
	r := f.members[l.To]
	if r == nil {
		return // it could not begin
	}
	fx, err := r.try(l.Event)
	if _, refused := err.(*flow.Refused); refused { //nolint:errorlint // Advance returns it as it is
		return
	}
	require.NoError(f.t, err)
	f.letters = append(f.letters, fx.Letters...)
}

func (f *family) root() *rig { return f.members[f.order[0]] }

// child is the process that began as the n-th after the first.
func (f *family) child(n int) *rig {
	f.t.Helper()
	require.Greater(f.t, len(f.order), n, "no such child has begun")
	return f.members[f.order[n]]
}

// states lists how the processes are shown, in the order of their beginning.
func (f *family) states() string {
	all := make([]string, len(f.order))
	for i, id := range f.order {
		all[i] = f.members[id].st.Process.Shown()
	}
	return strings.Join(all, " ")
}

func (f *family) complete(r *rig, node, output string) *family {
	f.t.Helper()
	ev := r.event(flow.EventCompleted, node)
	ev.Output = json.RawMessage(output)
	f.do(r, ev)
	return f
}

func (f *family) fail(r *rig, node string, class wire.ErrorClass, code string) *family {
	f.t.Helper()
	ev := r.event(flow.EventFailed, node)
	ev.Error = &wire.Error{Class: class, Code: code, Message: "it broke"}
	f.do(r, ev)
	return f
}

func (f *family) operate(r *rig, kind flow.EventKind, node, value string) *family {
	f.t.Helper()
	fx := r.operate(kind, node, value)
	f.letters = append(f.letters, fx.Letters...)
	return f
}

func (d *draft) call(id, definition string, change ...func(*graph.CallActivity)) *draft {
	c := &graph.CallActivity{Definition: definition}
	for _, apply := range change {
		apply(c)
	}
	return d.node(graph.Node{ID: id, Kind: graph.KindCallActivity, Title: id, Call: c})
}

func passing(fields map[string]string) func(*graph.CallActivity) {
	return func(c *graph.CallActivity) { c.Input = values(fields) }
}

func goingOn(c *graph.CallActivity) { c.OnFailure = graph.CallContinue }

// caller calls the definition "sub" and then does the step "after".
func caller(change ...func(*graph.CallActivity)) *draft {
	change = append(change, passing(map[string]string{"n": `"=input.n"`}))
	return (&draft{}).start().call("ask", "sub", change...).service("after", input(map[string]string{"got": `"=tasks.ask"`})).end("done").
		flow("start", "ask", "after", "done")
}

// worked is one step with its input, whose result is the output.
func worked() *draft {
	return (&draft{}).start().service("work", input(map[string]string{"n": `"=input.n"`}), policy(graph.RetryPolicy{MaxAttempts: 1})).
		end("out", gives(map[string]string{"m": `"=tasks.work.m"`})).flow("start", "work", "out")
}

func TestACallRunsAChildAndTakesItsOutput(t *testing.T) {
	t.Parallel()
	f := callFamily(t, `{"n":5}`, map[string]*draft{"main": caller(), "sub": worked()})
	require.Equal(t, flow.TaskRunning, f.root().task("ask").State)
	require.Equal(t, "running", f.deliver().root().st.Process.Shown())
	child := f.child(1)
	require.JSONEq(t, `{"n":5}`, string(child.task("work").Input))
	require.Equal(t, "A-17", child.st.Process.CustomID, "the custom id is inherited")
	require.Equal(t, 3, child.st.Process.Priority)
	f.complete(child, "work", `{"m":6}`).deliver()
	require.JSONEq(t, `{"got":{"m":6}}`, string(f.root().task("after").Input))
	f.complete(f.root(), "after", `{}`)
	require.Equal(t, "completed completed", f.states())
}

func TestAChildHasTheCustomIDThatTheCallGives(t *testing.T) {
	t.Parallel()
	named := func(c *graph.CallActivity) { c.CustomID = "{{process.custom_id}}/{{input.n}}" }
	f := callFamily(t, `{"n":5}`, map[string]*draft{"main": caller(named), "sub": worked()}).deliver()
	require.Equal(t, "A-17/5", f.child(1).st.Process.CustomID)
}

func TestAnEndOfAnotherChildChangesNothing(t *testing.T) {
	t.Parallel()
	f := callFamily(t, `{"n":5}`, map[string]*draft{"main": caller(), "sub": worked()}).deliver()
	task := f.root().task("ask")
	for name, ev := range map[string]flow.Event{
		"another child": {Child: processID, Epoch: task.Epoch},
		"another epoch": {Child: f.order[1], Epoch: task.Epoch + 1},
		"a worker":      {Kind: flow.EventCompleted, Epoch: task.Epoch},
	} {
		ev.Task, ev.Outcome, ev.Output = task.ID, flow.ProcessCompleted, json.RawMessage(`{"m":0}`)
		if ev.Kind == "" {
			ev.Kind = flow.EventChild
		}
		require.NotEmpty(t, f.root().do(ev).Ignored, name)
	}
	f.complete(f.child(1), "work", `{"m":6}`)
	end := f.letters[0]
	f.deliver()
	require.Equal(t, flow.IgnoredTaskEnded, f.root().do(end.Event).Ignored, "the same end comes twice")
}

func TestAnErrorOfTheChildIsCaughtOnTheCall(t *testing.T) {
	t.Parallel()
	catching := func(b graph.BoundaryEvent) *draft {
		b.Kind = graph.BoundaryError
		return caller().service("mend", input(map[string]string{"why": `"=error.code"`})).end("mended").flow("mend", "mended").on("ask", "edge", b, "mend")
	}
	failing := func() *draft {
		return (&draft{}).start().service("work", policy(graph.RetryPolicy{MaxAttempts: 1})).exclusive("which").end("bad", ends(graph.EndError, "NO.PAPER", "")).end("out").
			flow("start", "work", "which").when("which", "bad", `=tasks.work.bad == true`).otherwise("which", "out")
	}
	for name, test := range map[string]struct {
		border graph.BoundaryEvent
		class  wire.ErrorClass // empty: the child ends by an error end
		code   string
		states string
		caught bool
	}{
		"an error end with the code":             {border: graph.BoundaryEvent{Codes: []string{"NO"}}, states: "running failed", caught: true},
		"an error end with another code":         {border: graph.BoundaryEvent{Codes: []string{"YES"}}, states: "incident failed"},
		"a business error that nothing catches":  {border: graph.BoundaryEvent{Codes: []string{"YES"}}, class: wire.ErrorBusiness, code: "NO", states: "running incident"},
		"a business error that the call catches": {border: graph.BoundaryEvent{Codes: []string{"NO"}}, class: wire.ErrorBusiness, code: "NO.INK", states: "running failed", caught: true},
		"a technical failure":                    {border: graph.BoundaryEvent{}, class: wire.ErrorRetryable, code: "NO", states: "running incident"},
		"a technical failure that is caught too": {border: graph.BoundaryEvent{Technical: true}, class: wire.ErrorRetryable, code: "NO", states: "running failed", caught: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := callFamily(t, `{"n":5}`, map[string]*draft{"main": catching(test.border), "sub": failing()}).deliver()
			if test.class == "" {
				f.complete(f.child(1), "work", `{"bad":true}`)
			} else {
				f.fail(f.child(1), "work", test.class, test.code)
			}
			f.deliver()
			require.Equal(t, test.states, f.states())
			if test.caught {
				f.root().taskState("ask", flow.TaskFailed)
				f.root().taskState("mend", flow.TaskQueued)
			}
		})
	}
}

func TestAnErrorGoesUpThroughCallsToWhoCatchesIt(t *testing.T) {
	t.Parallel()
	middle := (&draft{}).start().call("deeper", "sub").end("out").flow("start", "deeper", "out")
	main := (&draft{}).start().call("ask", "middle").end("done").service("mend").end("mended").flow("start", "ask", "done").
		flow("mend", "mended").on("ask", "edge", graph.BoundaryEvent{Kind: graph.BoundaryError, Codes: []string{"NO"}}, "mend")
	f := callFamily(t, `{}`, map[string]*draft{"main": main, "middle": middle, "sub": worked()}).deliver()
	require.Equal(t, "running running running", f.states())
	f.fail(f.child(2), "work", wire.ErrorBusiness, "NO").deliver()
	require.Equal(t, "running failed failed", f.states())
	f.root().taskState("mend", flow.TaskQueued)
	f.child(1).taskState("deeper", flow.TaskFailed)
}

func TestACallThatGoesOnGivesWhatBecameOfItsChild(t *testing.T) {
	t.Parallel()
	f := callFamily(t, `{"n":5}`, map[string]*draft{"main": caller(goingOn), "sub": worked()}).deliver()
	f.fail(f.child(1), "work", wire.ErrorRetryable, "NET").deliver()
	require.Equal(t, "running failed", f.states())
	require.JSONEq(t, `{"got":{"state":"failed","error":{"code":"NET","message":"it broke"}}}`, string(f.root().task("after").Input))
}

func TestAnIncidentOfAChildIsSeenAndHoldsNothing(t *testing.T) {
	t.Parallel()
	middle := (&draft{}).start().call("deeper", "sub", passing(map[string]string{"n": `1`})).end("out").flow("start", "deeper", "out")
	main := (&draft{}).start().parallel("fork").call("ask", "middle").service("beside").end("done").
		flow("start", "fork", "ask", "done").flow("fork", "beside", "done")
	f := callFamily(t, `{}`, map[string]*draft{"main": main, "middle": middle, "sub": worked()}).deliver()
	f.fail(f.child(2), "work", wire.ErrorRetryable, "NET").deliver()
	require.Equal(t, "running running incident", f.states())
	require.Equal(t, 1, f.child(1).st.Process.Below)
	require.Equal(t, 1, f.root().st.Process.Below)
	f.complete(f.root(), "beside", `{}`)
	f.operate(f.child(2), flow.EventRetry, "work", "").deliver()
	require.Equal(t, "running running running", f.states())
	require.Zero(t, f.root().st.Process.Below)
	f.fail(f.child(2), "work", wire.ErrorRetryable, "NET").deliver()
	f.do(f.root(), flow.Event{Kind: flow.EventCancel})
	f.deliver()
	require.Equal(t, "cancelled cancelled cancelled", f.states())
	require.Zero(t, f.root().st.Process.Below)
}

func TestCancelWaitsForTheChildren(t *testing.T) {
	t.Parallel()
	inside := (&draft{}).start().parallel("fork").service("beside").call("ask", "sub", passing(map[string]string{"n": `1`})).end("done").
		sub("part", "ask").flow("start", "fork", "part", "done").flow("fork", "beside", "done")
	f := callFamily(t, `{}`, map[string]*draft{"main": inside, "sub": worked()}).deliver()
	f.do(f.root(), flow.Event{Kind: flow.EventCancel, Actor: "ann"})
	require.Equal(t, "cancelling running", f.states())
	f.root().taskState("beside", flow.TaskCancelled)
	f.root().taskState("ask", flow.TaskRunning)
	_, err := f.root().try(flow.Event{Kind: flow.EventCancel})
	require.Equal(t, flow.RefusedCancelling, refusal(t, err))
	f.deliver()
	require.Equal(t, "cancelled cancelled", f.states())
	f.root().taskState("ask", flow.TaskCancelled)
	f.root().taskState("part", flow.TaskCancelled)
}

func TestAChildThatEndsBeforeItIsCancelledIsKept(t *testing.T) {
	t.Parallel()
	f := callFamily(t, `{"n":1}`, map[string]*draft{"main": caller(), "sub": worked()}).deliver()
	f.complete(f.child(1), "work", `{"m":6}`)
	f.do(f.root(), flow.Event{Kind: flow.EventCancel})
	f.deliver()
	require.Equal(t, "cancelled completed", f.states())
	f.root().taskState("ask", flow.TaskCompleted)
}

func TestACallThatIsCancelledBeforeItsChildBeginsEndsToo(t *testing.T) {
	t.Parallel()
	for name, definitions := range map[string]map[string]*draft{
		"the child can begin": {"main": caller(), "sub": worked()},
		"it cannot":           {"main": caller()},
	} {
		f := callFamily(t, `{"n":1}`, definitions)
		f.do(f.root(), flow.Event{Kind: flow.EventCancel})
		f.deliver()
		require.NotContains(t, f.states(), "cancelling", name)
		require.NotContains(t, f.states(), "running", name)
	}
}

func TestWhoNeedsAChildNoMoreTellsIt(t *testing.T) {
	t.Parallel()
	minute := &graph.Timer{Kind: graph.TimerDuration, Value: "PT1M"}
	timed := caller().end("late").on("ask", "edge", graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: minute}, "late")
	ending := func(kind graph.EndKind) *draft {
		return (&draft{}).start().parallel("fork").call("ask", "sub", passing(map[string]string{"n": `1`})).end("done").service("beside").end("stop", ends(kind, "E", "")).
			flow("start", "fork", "ask", "done").flow("fork", "beside", "stop")
	}
	for name, test := range map[string]struct {
		main   *draft
		what   func(f *family)
		states string
	}{
		"an interrupting timer": {timed, func(f *family) {
			f.do(f.root(), flow.Event{Kind: flow.EventTimer, Task: f.root().task("ask").ID, Node: "edge", Epoch: 1})
		}, "completed cancelled"},
		"skip":          {caller(), func(f *family) { f.operate(f.root(), flow.EventSkip, "ask", `{"m":1}`) }, "running cancelled"},
		"terminate":     {ending(graph.EndTerminate), func(f *family) { f.complete(f.root(), "beside", `{}`) }, "completed cancelled"},
		"an error end":  {ending(graph.EndError), func(f *family) { f.complete(f.root(), "beside", `{}`) }, "failed cancelled"},
		"another child": {caller(), func(f *family) { f.operate(f.root(), flow.EventRetry, "ask", "") }, "running cancelled running"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := callFamily(t, `{"n":1}`, map[string]*draft{"main": test.main, "sub": worked()}).deliver()
			test.what(f)
			f.deliver()
			require.Equal(t, test.states, f.states())
		})
	}
}

func TestRetryOfACallBeginsAnotherChild(t *testing.T) {
	t.Parallel()
	failing := (&draft{}).start().service("work").end("bad", ends(graph.EndError, "NO", "")).flow("start", "work", "bad")
	f := callFamily(t, `{"n":1}`, map[string]*draft{"main": caller(), "sub": failing}).deliver()
	f.complete(f.child(1), "work", `{}`).deliver()
	require.Equal(t, "incident failed", f.states())
	f.root().do(flow.Event{Kind: flow.EventSuspend})
	f.operate(f.root(), flow.EventRetry, "ask", `{"n":2}`).deliver()
	require.Equal(t, "suspended failed", f.states(), "nothing begins in a hold")
	f.do(f.root(), flow.Event{Kind: flow.EventResume})
	f.deliver()
	require.Equal(t, "running failed running", f.states())
	require.JSONEq(t, `{"n":2}`, string(f.child(2).st.Data.Input))
	require.NotEqual(t, f.order[1], f.order[2])
	f.do(f.child(2), flow.Event{Kind: flow.EventCancel})
	f.deliver()
	require.Equal(t, "incident failed cancelled", f.states(), "a child that somebody cancels fails its call")
	require.Equal(t, flow.CodeCallCancelled, f.root().task("ask").Error.Code)
}

func TestADefinitionThatIsNotThereFailsTheCall(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*graph.CallActivity){"and stops it": func(*graph.CallActivity) {}, "whatever its policy": goingOn} {
		f := callFamily(t, `{"n":1}`, map[string]*draft{"main": caller(change)}).deliver()
		require.Equal(t, "incident", f.states(), name)
		require.Equal(t, "definition.not_found", f.root().task("ask").Error.Code, name)
	}
}

func TestACallInAHeldProcessWaits(t *testing.T) {
	t.Parallel()
	f := callFamily(t, `{"n":1}`, map[string]*draft{"main": caller(), "sub": worked()}).deliver()
	f.do(f.root(), flow.Event{Kind: flow.EventSuspend})
	require.Equal(t, "suspended running", f.states(), "the child has not heard of it yet")
	f.complete(f.child(1), "work", `{"m":6}`).deliver()
	require.Equal(t, "suspended completed", f.states())
	f.root().taskState("ask", flow.TaskCompleted)
	f.do(f.root(), flow.Event{Kind: flow.EventResume})
	f.root().taskState("after", flow.TaskQueued)
}

func TestEndlessRecursionIsAnIncident(t *testing.T) {
	t.Parallel()
	self := (&draft{}).start().call("again", "main").end("done").flow("start", "again", "done")
	f := callFamily(t, `{}`, map[string]*draft{"main": self}).deliver()
	require.Len(t, f.order, flow.MaxDepth+1)
	last := f.child(flow.MaxDepth)
	require.Equal(t, "incident", last.st.Process.Shown())
	require.Equal(t, flow.CodeTooDeep, last.task("again").Error.Code)
	require.Equal(t, 1, f.root().st.Process.Below)
	f.do(f.root(), flow.Event{Kind: flow.EventCancel})
	f.deliver()
	require.Equal(t, strings.TrimSpace(strings.Repeat("cancelled ", flow.MaxDepth+1)), f.states())
}

func TestACallIsRepeatedForAList(t *testing.T) {
	t.Parallel()
	list := func(m graph.Multi) map[string]*draft {
		main := (&draft{}).start().call("ask", "sub", passing(map[string]string{"n": `"=item"`})).service("after", input(map[string]string{"got": `"=tasks.ask"`})).end("done").
			flow("start", "ask", "after", "done").multi("ask", m)
		return map[string]*draft{"main": main, "sub": worked()}
	}
	f := callFamily(t, `{}`, list(graph.Multi{Items: json.RawMessage(`[10,20,30]`), Limit: 2, Collect: json.RawMessage(`"=result.m"`)}))
	f.root().st.Data.Collected = map[string]map[int]json.RawMessage{f.root().task("ask").ScopeID: {}}
	f.deliver()
	require.Equal(t, "running running running", f.states(), "two at a time")
	for n := 1; n <= 3; n++ {
		f.complete(f.child(n), "work", fmt.Sprintf(`{"m":%d}`, n)).deliver()
	}
	require.Equal(t, "running completed completed completed", f.states())
	require.JSONEq(t, `{"got":{"total":3,"completed":3,"failed":0,"values":[1,2,3]}}`, string(f.root().task("after").Input))

	f = callFamily(t, `{}`, list(graph.Multi{Items: json.RawMessage(`[10,20]`), Tolerated: "1"})).deliver()
	f.fail(f.child(1), "work", wire.ErrorRetryable, "NET").deliver()
	require.Equal(t, "running failed running", f.states(), "the list takes the error: the child does not stop with it")
	f.complete(f.child(2), "work", `{"m":1}`).deliver()
	require.JSONEq(t, `{"got":{"total":2,"completed":1,"failed":1}}`, string(f.root().task("after").Input))

	f = callFamily(t, `{}`, list(graph.Multi{Items: json.RawMessage(`[10,20,30]`), Until: "=result.completed == 1"})).deliver()
	f.complete(f.child(2), "work", `{"m":1}`).deliver()
	require.Equal(t, "running cancelled completed cancelled", f.states(), "those that nobody needs are told")
}

func TestChildIDsAreTimedAndDiffer(t *testing.T) {
	t.Parallel()
	a := flow.ChildID(noon, "t1", 1)
	require.Equal(t, a, flow.ChildID(noon, "t1", 1))
	require.NotEqual(t, a, flow.ChildID(noon, "t1", 2))
	require.NotEqual(t, a, flow.ChildID(noon, "t2", 1))
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a)
	var ms int64
	_, err := fmt.Sscanf(strings.ReplaceAll(a, "-", "")[:12], "%x", &ms)
	require.NoError(t, err)
	require.Equal(t, noon.UnixMilli(), ms)
}

func TestACancelledProcessIsHeldByNothing(t *testing.T) {
	t.Parallel()
	r := begin(t, worked(), `{"n":1}`)
	r.do(flow.Event{Kind: flow.EventSuspend})
	r.do(flow.Event{Kind: flow.EventCancel})
	r.state("cancelled")
	require.False(t, r.st.Process.Suspended)
}

func TestARestartTellsTheChild(t *testing.T) {
	t.Parallel()
	f := callFamily(t, `{"n":1}`, map[string]*draft{"main": caller(), "sub": worked()}).deliver()
	f.root().st.Data.Past = f.root().past("ask", "")
	f.do(f.root(), flow.Event{Kind: flow.EventRestart, Node: "ask"})
	f.root().st.Data.Past = nil
	f.deliver()
	require.Equal(t, "running cancelled running", f.states())
	f.do(f.root(), flow.Event{Kind: flow.EventCancel})
	_, err := f.root().try(flow.Event{Kind: flow.EventRestart, Node: "ask"})
	require.Equal(t, flow.RefusedCancelling, refusal(t, err))
}

package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// migrate lets the rig's process go on in another drawing, as version 4.
func (r *rig) migrate(to *draft) (*flow.Effects, error) {
	r.t.Helper()
	g := to.compile(r.t)
	before, version := mustJSON(r.t, r.root()), r.st.Process.Version
	fx, err := flow.Migrate(r.g, g, r.st, flow.Event{Kind: flow.EventMigrate, At: r.now, Version: 4, Actor: "ann"})
	if err != nil {
		require.Equal(r.t, before, mustJSON(r.t, r.root()), "a refusal changes nothing")
		require.Equal(r.t, version, r.st.Process.Version)
		return nil, err
	}
	r.g = g
	for _, task := range fx.Dispatch {
		fx.MarkQueued(task)
	}
	r.made = append(r.made, fx.Created...)
	r.timers, r.waits, r.log = append(r.timers, fx.Timers...), append(r.waits, fx.Waits...), append(r.log, fx.Log...)
	checkState(r.t, r.st)
	return fx, nil
}

func duration(value string) *graph.Timer {
	return &graph.Timer{Kind: graph.TimerDuration, Value: value}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(2), `{"payload":"p"}`)
	r.complete("step_0", `{"payload":"q"}`)
	running := r.task("step_1")
	r.do(r.event(flow.EventStarted, "step_1"))
	epoch := running.Epoch

	longer := (&draft{}).start().service("step_0").service("step_1", result(map[string]string{"sum": `"=result.n + 1"`})).
		service("added", input(map[string]string{"sum": `"=tasks.step_1.sum"`, "old": `"=tasks.step_0.payload"`})).end("done").flow("start", "step_0", "step_1", "added", "done")
	fx, err := r.migrate(longer)
	require.NoError(t, err)
	require.Equal(t, 4, r.st.Process.Version)
	require.Equal(t, []flow.Change{{Kind: "migrated", Actor: "ann", Detail: json.RawMessage(`{"from":3,"to":4}`)}}, fx.Log)
	require.Empty(t, fx.Changed, "what runs is not touched")
	require.Equal(t, epoch, running.Epoch)
	r.complete("step_1", `{"n":4}`)
	require.JSONEq(t, `{"sum":5,"old":"q"}`, string(r.task("added").Input), "the result is mapped and read as the new version says")
	r.complete("added", `{}`)
	r.state("completed")
	_, err = r.migrate(chain(2))
	require.Equal(t, flow.RefusedProcessEnded, refusal(t, err))
}

func TestMigrateAHeldProcess(t *testing.T) {
	t.Parallel()
	d := func() *draft { return (&draft{}).start().service("a").service("b").end("done") }
	r := begin(t, d().flow("start", "a", "b", "done"), `{}`)
	r.fail("a", wire.ErrorBusiness, "NO")
	_, err := r.migrate(d().service("between").flow("start", "a", "between", "b", "done"))
	require.NoError(t, err)
	r.state("incident")
	r.operate(flow.EventSkip, "a", `{}`)
	require.Equal(t, []string{"between"}, r.open(), "the token leaves its node by the new version's flows")
}

// TestMigrateBeginsToWaitForWhatIsNew: what was there keeps its time, what is added counts from now.
func TestMigrateBeginsToWaitForWhatIsNew(t *testing.T) {
	t.Parallel()
	build := func() *draft { return (&draft{}).start().service("work").service("late").service("told").end("done") }
	old := build().on("work", "first", graph.BoundaryEvent{Kind: graph.BoundaryTimer, KeepsRunning: true, Timer: duration("PT1H")}, "late")
	old.flow("start", "work", "done").flow("late", "done").flow("told", "done")
	r := begin(t, old, `{"key":"K"}`)
	r.now = r.now.Add(30 * 60 * 1e9)
	next := build().on("work", "first", graph.BoundaryEvent{Kind: graph.BoundaryTimer, KeepsRunning: true, Timer: duration("PT5H")}, "late").
		on("work", "second", graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: duration("PT2H")}, "late").
		on("work", "third", graph.BoundaryEvent{Kind: graph.BoundaryMessage, KeepsRunning: true, Message: &graph.Message{Name: "stop", Key: "=input.key"}}, "told")
	next.flow("start", "work", "done").flow("late", "done").flow("told", "done")
	fx, err := r.migrate(next)
	require.NoError(t, err)
	require.Len(t, fx.Timers, 1)
	require.Equal(t, "second", fx.Timers[0].Node)
	require.Equal(t, r.now.Add(2*60*60*1e9), fx.Timers[0].Due)
	require.Equal(t, []flow.Wait{{TaskID: r.task("work").ID, ScopeID: processID, Kind: flow.WaitMessage, Node: "third", Name: "stop", Key: "K", Many: true}}, fx.Waits)
	r.comes(flow.EventTimer, "work", "first", "")
	require.Equal(t, []string{"late", "work"}, r.open())
	r.comes(flow.EventMessage, "work", "third", `{}`)
	r.comes(flow.EventTimer, "work", "second", "")
	require.Equal(t, []string{"late", "late", "told"}, r.open())
}

func TestMigrateAListGoesOnByTheNewLimit(t *testing.T) {
	t.Parallel()
	list := func(limit int) *draft {
		return (&draft{}).start().service("each", input(map[string]string{"x": `"=item"`})).
			multi("each", graph.Multi{Items: json.RawMessage(`9`), Limit: limit}).end("done").flow("start", "each", "done")
	}
	r := begin(t, list(2), `{}`)
	fx, err := r.migrate(list(5))
	require.NoError(t, err)
	require.Len(t, fx.Created, 3)
	require.JSONEq(t, `{"x":4}`, string(r.task("each").Input))
}

func TestWhatAMigrationIsRefusedFor(t *testing.T) {
	t.Parallel()
	plain := func() *draft {
		return (&draft{}).start().service("a").service("b").end("done").flow("start", "a", "b", "done")
	}
	waiting := func(name string) *draft {
		return (&draft{}).start().message("a", name, "k").end("done").flow("start", "a", "done")
	}
	first := func(arms ...string) *draft {
		d := (&draft{}).start().kind("a", graph.KindEventGateway).end("done").flow("start", "a")
		for _, arm := range arms {
			d.message(arm, "m_"+arm, "k").flow("a", arm, "done")
		}
		return d
	}
	bordered := func(e *graph.BoundaryEvent) *draft {
		d := plain()
		if e != nil {
			d.on("a", "edge", *e, "b")
		}
		return d
	}
	hour := &graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: duration("PT1H")}
	fork := branches
	typed := plain()
	typed.doc.Nodes[1].Service = &graph.ServiceTask{Type: "demo.step@2"}
	sub := (&draft{}).start().service("a").sub("part", "a").end("done").flow("start", "part", "done")
	other := (&draft{}).start().service("a").sub("other", "a").end("done").flow("start", "other", "done")
	none := func(*rig) {}
	for name, test := range map[string]struct {
		from, to *draft
		before   func(*rig)
		want     []string // code node
	}{
		"a task whose node is gone":            {plain(), (&draft{}).start().service("b").end("done").flow("start", "b", "done"), none, []string{"migrate.node_missing a"}},
		"a task that is something else":        {plain(), (&draft{}).start().script("a", nil).service("b").end("done").flow("start", "a", "b", "done"), none, []string{"migrate.node_kind a"}},
		"a task of another node type":          {plain(), typed, none, []string{"migrate.node_type a"}},
		"a task that moves into a sub-process": {plain(), sub, none, []string{"migrate.node_level a"}},
		"a scope whose sub-process is gone":    {sub, other, none, []string{"migrate.node_level a", "migrate.node_missing part"}},
		"a task that becomes a list":           {plain(), plain().multi("a", graph.Multi{Items: json.RawMessage(`3`)}), none, []string{"migrate.list a"}},
		"a list that becomes a task":           {plain().multi("a", graph.Multi{Items: json.RawMessage(`3`)}), plain(), none, []string{"migrate.list a"}},
		"a message of another name":            {waiting("yes"), waiting("no"), none, []string{"migrate.wait a"}},
		"an arm that is gone":                  {first("x", "y"), first("x", "z"), none, []string{"migrate.wait a"}},
		"an event on the border that is gone":  {bordered(hour), bordered(nil), none, []string{"migrate.wait a"}},
		"an event on the border that lets go":  {bordered(hour), bordered(&graph.BoundaryEvent{Kind: graph.BoundaryTimer, KeepsRunning: true, Timer: duration("PT1H")}), none, []string{"migrate.wait a"}},
		"an event on the border of another kind": {bordered(hour),
			bordered(&graph.BoundaryEvent{Kind: graph.BoundaryMessage, Message: &graph.Message{Name: "n", Key: "k"}}), none, []string{"migrate.wait a"}},
		"a token at a join that is gone": {fork("a", "b"), plain().service("a1").service("b1").service("b2").flow("b", "a1", "b1", "b2", "done"),
			func(r *rig) { r.complete("a1", `{}`); r.complete("a2", `{}`) }, []string{"migrate.flow join"}},
		"a join that waits for a branch more": {fork("a", "b"), fork("a", "b", "c"), func(r *rig) { r.complete("a1", `{}`) }, []string{"migrate.stuck join"}},
		"an error that nothing catches any more": {bordered(&graph.BoundaryEvent{Kind: graph.BoundaryError, Codes: []string{"NO"}}), bordered(&graph.BoundaryEvent{Kind: graph.BoundaryError, Codes: []string{"YES"}}),
			func(r *rig) { r.do(flow.Event{Kind: flow.EventSuspend}); r.fail("a", wire.ErrorBusiness, "NO") }, []string{"migrate.error a"}},
		"an expression that can't be evaluated": {plain(), bordered(&graph.BoundaryEvent{Kind: graph.BoundaryTimer, Timer: duration("=input.none.there")}), none, []string{"migrate.wait a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, test.from, `{}`)
			test.before(r)
			_, err := r.migrate(test.to)
			var refused *flow.RefusedMigration
			require.ErrorAs(t, err, &refused)
			var got []string
			for _, issue := range refused.Issues {
				got = append(got, issue.Code+" "+issue.Node)
				require.NotEmpty(t, issue.Message)
			}
			require.Equal(t, test.want, got)
		})
	}

	for name, test := range map[string]struct {
		from, to *draft
		before   func(*rig)
	}{
		"what has been passed may be gone":         {plain(), (&draft{}).start().service("b").end("done").flow("start", "b", "done"), func(r *rig) { r.complete("a", `{}`) }},
		"an error's catcher may come and go":       {bordered(&graph.BoundaryEvent{Kind: graph.BoundaryError}), bordered(nil), none},
		"a join that the same branches lead to":    {fork("a", "b"), fork("a", "b"), func(r *rig) { r.complete("a1", `{}`); r.complete("a2", `{}`) }},
		"a branch more before the fork is come to": {plain(), plain().service("c").flow("a", "c", "done"), none},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, test.from, `{}`)
			test.before(r)
			_, err := r.migrate(test.to)
			require.NoError(t, err)
		})
	}
	r := begin(t, plain(), `{}`)
	_, err := flow.Migrate(r.g, r.g, r.st, flow.Event{Kind: flow.EventMigrate, Version: 3})
	require.Equal(t, flow.RefusedSameVersion, refusal(t, err))
}

package flow_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

const processID = "01930000-0000-7000-8000-000000000001"

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// draft builds documents for tests.
type draft struct {
	doc   graph.Document
	mocks map[string]graph.Mock
}

func (d *draft) mock(id string, mock graph.Mock) *draft {
	if d.mocks == nil {
		d.mocks = map[string]graph.Mock{}
	}
	d.mocks[id] = mock
	return d
}

func (d *draft) node(n graph.Node) *draft {
	d.doc.Nodes = append(d.doc.Nodes, n)
	return d
}

func (d *draft) start() *draft {
	return d.node(graph.Node{ID: "start", Kind: graph.KindStartEvent, Start: &graph.StartEvent{}})
}

func (d *draft) service(id string, change ...func(*graph.ServiceTask)) *draft {
	s := &graph.ServiceTask{Type: "demo.step@1"}
	for _, c := range change {
		c(s)
	}
	return d.node(graph.Node{ID: id, Kind: graph.KindServiceTask, Title: id, Service: s})
}

func (d *draft) script(id string, output map[string]string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindScriptTask, Script: &graph.ScriptTask{Output: values(output)}})
}

func (d *draft) exclusive(id string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindExclusiveGateway})
}

func (d *draft) parallel(id string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindParallelGateway})
}

func (d *draft) end(id string, change ...func(*graph.EndEvent)) *draft {
	e := &graph.EndEvent{Kind: graph.EndNone}
	for _, c := range change {
		c(e)
	}
	return d.node(graph.Node{ID: id, Kind: graph.KindEndEvent, End: e})
}

// flow adds edges along a path; their ids are "from-to".
func (d *draft) flow(ids ...string) *draft {
	for i := 1; i < len(ids); i++ {
		d.doc.Edges = append(d.doc.Edges, graph.Edge{ID: ids[i-1] + "-" + ids[i], From: ids[i-1], To: ids[i]})
	}
	return d
}

func (d *draft) when(from, to, condition string) *draft {
	d.doc.Edges = append(d.doc.Edges, graph.Edge{ID: from + "-" + to, From: from, To: to, Condition: condition})
	return d
}

func (d *draft) otherwise(from, to string) *draft {
	d.doc.Edges = append(d.doc.Edges, graph.Edge{ID: from + "-" + to, From: from, To: to, Default: true})
	return d
}

func (d *draft) compile(t testing.TB) *flow.Graph {
	t.Helper()
	g, err := flow.Compile(&d.doc, d.mocks)
	require.NoError(t, err)
	return g
}

func values(fields map[string]string) map[string]graph.Value {
	out := map[string]graph.Value{}
	for name, raw := range fields {
		out[name] = graph.Value(raw)
	}
	return out
}

func input(fields map[string]string) func(*graph.ServiceTask) {
	return func(s *graph.ServiceTask) { s.Input = values(fields) }
}

func result(fields map[string]string) func(*graph.ServiceTask) {
	return func(s *graph.ServiceTask) { s.Result = values(fields) }
}

func policy(p graph.RetryPolicy) func(*graph.ServiceTask) {
	return func(s *graph.ServiceTask) { s.Retry = &p }
}

func timeouts(to graph.Timeouts) func(*graph.ServiceTask) {
	return func(s *graph.ServiceTask) { s.Timeouts = &to }
}

func ends(kind graph.EndKind, code, message string) func(*graph.EndEvent) {
	return func(e *graph.EndEvent) { e.Kind, e.Code, e.Message = kind, code, message }
}

func gives(fields map[string]string) func(*graph.EndEvent) {
	return func(e *graph.EndEvent) { e.Output = values(fields) }
}

// rig runs one process and plays the caller of Advance: it queues what is dispatched and keeps the timers. After each event it
// checks what must hold in every state.
type rig struct {
	t      testing.TB
	g      *flow.Graph
	st     *flow.State
	now    time.Time
	made   []*flow.Task // in the order of their making
	timers []flow.Timer
	waits  []flow.Wait
	last   *flow.Effects
	log    []flow.Change
	given  []flow.Output
	hides  []flow.Hidden
}

func newRig(t testing.TB, d *draft) *rig {
	t.Helper()
	return &rig{t: t, g: d.compile(t), now: noon, st: &flow.State{
		Process: &flow.Process{ID: processID, CustomID: "A-17", Definition: "check", Version: 3, State: flow.ProcessScheduled, Priority: 3},
		Scopes:  map[string]*flow.Scope{}, Tasks: map[string]*flow.Task{}, Data: flow.Data{Input: json.RawMessage(`{}`)},
	}}
}

func begin(t testing.TB, d *draft, input string) *rig {
	t.Helper()
	r := newRig(t, d)
	r.st.Data.Input = json.RawMessage(input)
	r.do(flow.Event{Kind: flow.EventStart})
	return r
}

func (r *rig) try(ev flow.Event) (*flow.Effects, error) {
	r.t.Helper()
	ev.At = r.now
	fx, err := flow.Advance(r.g, r.st, ev)
	if err != nil {
		return nil, err
	}
	for _, task := range fx.Dispatch {
		require.Equal(r.t, flow.TaskReady, task.State)
		fx.MarkQueued(task)
	}
	r.made = append(r.made, fx.Created...)
	r.timers = append(r.timers, fx.Timers...)
	r.waits = append(r.waits, fx.Waits...)
	for _, id := range fx.Unwait {
		r.waits = slices.DeleteFunc(r.waits, func(w flow.Wait) bool { return w.TaskID == id })
		r.timers = slices.DeleteFunc(r.timers, func(w flow.Timer) bool { return w.TaskID == id && w.Kind == flow.TimerWait })
	}
	r.log = append(r.log, fx.Log...)
	r.given = append(r.given, fx.Outputs...)
	if fx.Hidden != nil {
		r.hides = append(r.hides, *fx.Hidden)
	}
	r.last = fx
	checkState(r.t, r.st)
	return fx, nil
}

func (r *rig) do(ev flow.Event) *flow.Effects {
	r.t.Helper()
	fx, err := r.try(ev)
	require.NoError(r.t, err)
	return fx
}

// task returns the task of a node that was made last, in whatever scope.
func (r *rig) task(node string) *flow.Task {
	r.t.Helper()
	for i := len(r.made) - 1; i >= 0; i-- {
		if t := r.made[i]; t.NodeID == node {
			return t
		}
	}
	require.Fail(r.t, "no task", "node %s has no task", node)
	return nil
}

func (r *rig) root() *flow.Scope { return r.st.Scopes[processID] }

func (r *rig) open() []string {
	return slices.Sorted(maps.Values(r.root().State.Open))
}

// event builds an event of the latest run of a node at its present epoch.
func (r *rig) event(kind flow.EventKind, node string) flow.Event {
	t := r.task(node)
	return flow.Event{Kind: kind, Task: t.ID, Epoch: t.Epoch, Attempt: t.Attempt, Worker: "w1"}
}

func (r *rig) complete(node, output string) *flow.Effects {
	r.t.Helper()
	ev := r.event(flow.EventCompleted, node)
	ev.Output = json.RawMessage(output)
	return r.do(ev)
}

func (r *rig) fail(node string, class wire.ErrorClass, code string) *flow.Effects {
	r.t.Helper()
	ev := r.event(flow.EventFailed, node)
	ev.Error = &wire.Error{Class: class, Code: code, Message: "it broke"}
	return r.do(ev)
}

func (r *rig) timeout(kind, node string) *flow.Effects {
	r.t.Helper()
	ev := r.event(flow.EventTimeout, node)
	ev.Timeout = kind
	return r.do(ev)
}

// due lets the clock run to the latest timer of a kind and fires it.
func (r *rig) due(kind flow.TimerKind, node string) *flow.Effects {
	r.t.Helper()
	w := r.timer(kind, node)
	r.now = w.Due
	ev := flow.Event{Kind: flow.EventTimeout, Task: w.TaskID, Epoch: w.Epoch, Timeout: string(kind)}
	if kind == flow.TimerRetry {
		ev.Kind, ev.Timeout = flow.EventRetryDue, ""
	}
	return r.do(ev)
}

func (r *rig) timer(kind flow.TimerKind, node string) flow.Timer {
	r.t.Helper()
	for i := len(r.timers) - 1; i >= 0; i-- {
		if w := r.timers[i]; w.Kind == kind && w.TaskID == r.task(node).ID {
			return w
		}
	}
	require.Fail(r.t, "no such timer", "%s of %s", kind, node)
	return flow.Timer{}
}

func (r *rig) operate(kind flow.EventKind, node, value string) *flow.Effects {
	r.t.Helper()
	fx, err := r.tryOperate(kind, node, value)
	require.NoError(r.t, err)
	return fx
}

func (r *rig) tryOperate(kind flow.EventKind, node, value string) (*flow.Effects, error) {
	r.t.Helper()
	ev := flow.Event{Kind: kind, Task: r.task(node).ID, Actor: "ann"}
	if value != "" && kind == flow.EventSkip {
		ev.Output = json.RawMessage(value)
	}
	if value != "" && kind == flow.EventRetry {
		ev.Input = json.RawMessage(value)
	}
	return r.try(ev)
}

func (r *rig) state(want string) {
	r.t.Helper()
	require.Equal(r.t, want, r.st.Process.Shown())
}

func (r *rig) taskState(node string, want flow.TaskState) {
	r.t.Helper()
	require.Equal(r.t, want, r.task(node).State)
}

// checkState holds what is true of every state between two events.
func checkState(t testing.TB, st *flow.State) {
	t.Helper()
	incidents := 0
	for _, sc := range st.Scopes {
		s := sc.State
		tokens := len(s.Open) + len(s.Parked)
		for _, n := range s.Joins {
			tokens += n
		}
		for _, p := range s.Pending {
			if p.Task == "" {
				tokens++
			} else if s.Open[p.Task] == "" {
				t.Fatalf("pending task %s is not open", p.Task)
			}
		}
		if tokens != s.Tokens {
			t.Fatalf("%d tokens counted, %d kept: %+v", tokens, s.Tokens, s)
		}
		for id := range s.Open {
			if task := st.Tasks[id]; task == nil || task.State.Terminal() {
				t.Fatalf("open task %s is %+v", id, task)
			}
		}
	}
	for id, task := range st.Tasks {
		if task.State == flow.TaskIncident {
			incidents++
		}
		if sc := st.Scopes[task.ScopeID]; !task.State.Terminal() && sc.State.Open[id] != task.NodeID {
			t.Fatalf("task %s is %s but not open", id, task.State)
		}
		if task.State.Terminal() != (task.EndedAt != nil) {
			t.Fatalf("task %s is %s and ended at %v", id, task.State, task.EndedAt)
		}
	}
	p := st.Process
	if p.OpenIncidents != incidents {
		t.Fatalf("%d incidents open, %d kept", incidents, p.OpenIncidents)
	}
	if p.State.Terminal() {
		if sc := st.Scopes[p.ID]; sc != nil && (sc.State.Tokens != 0 || !sc.Ended) {
			t.Fatalf("the process is %s and has %d tokens", p.State, sc.State.Tokens)
		}
		if p.EndedAt == nil {
			t.Fatalf("the process is %s without an end", p.State)
		}
	}
}

func chain(n int) *draft {
	d := (&draft{}).start()
	path := []string{"start"}
	for i := range n {
		id := fmt.Sprintf("step_%d", i)
		fields := map[string]string{"payload": `"=input.payload"`}
		if i > 0 {
			fields["payload"] = fmt.Sprintf(`"=tasks.step_%d.payload"`, i-1)
		}
		d.service(id, input(fields))
		path = append(path, id)
	}
	return d.end("done").flow(append(path, "done")...)
}

func (d *draft) in(parent string, nodes ...string) *draft {
	for i := range d.doc.Nodes {
		if slices.Contains(nodes, d.doc.Nodes[i].ID) {
			d.doc.Nodes[i].Parent = parent
		}
	}
	return d
}

// sub adds a sub-process whose inside is a start, the nodes given in a row, and an end.
func (d *draft) sub(id string, inner ...string) *draft {
	d.node(graph.Node{ID: id, Kind: graph.KindSubProcess, Title: id})
	d.node(graph.Node{ID: id + "_start", Kind: graph.KindStartEvent, Start: &graph.StartEvent{}, Parent: id})
	d.node(graph.Node{ID: id + "_end", Kind: graph.KindEndEvent, End: &graph.EndEvent{Kind: graph.EndNone}, Parent: id})
	d.in(id, inner...)
	return d.flow(append(append([]string{id + "_start"}, inner...), id+"_end")...)
}

func (d *draft) kind(id string, kind graph.Kind) *draft {
	return d.node(graph.Node{ID: id, Kind: kind})
}

func (d *draft) timer(id string, kind graph.TimerKind, value string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindTimerEvent, Timer: &graph.Timer{Kind: kind, Value: value}})
}

func (d *draft) message(id, name, key string) *draft {
	return d.node(graph.Node{ID: id, Kind: graph.KindMessageEvent, Message: &graph.Message{Name: name, Key: key}})
}

// on adds a boundary event and the way from it.
func (d *draft) on(host, id string, event graph.BoundaryEvent, to string) *draft {
	event.On = host
	parent := ""
	for _, n := range d.doc.Nodes {
		if n.ID == host {
			parent = n.Parent
		}
	}
	return d.node(graph.Node{ID: id, Kind: graph.KindBoundaryEvent, Parent: parent, Boundary: &event}).flow(id, to)
}

func (d *draft) multi(id string, m graph.Multi) *draft {
	for i := range d.doc.Nodes {
		if d.doc.Nodes[i].ID == id {
			d.doc.Nodes[i].Multi = &m
		}
	}
	return d
}

// comes lets what an event of a node's task waits for happen: its time, or its message with a payload.
func (r *rig) comes(kind flow.EventKind, node, event, payload string) *flow.Effects {
	r.t.Helper()
	t := r.task(node)
	ev := flow.Event{Kind: kind, Task: t.ID, Node: event, Output: json.RawMessage(payload)}
	if kind == flow.EventTimer {
		found := false
		for _, w := range r.timers {
			if w.Kind == flow.TimerWait && w.TaskID == t.ID && w.Node == event {
				found, r.now = true, w.Due
			}
		}
		require.True(r.t, found, "no timer %s of %s", event, node)
	} else {
		require.True(r.t, slices.ContainsFunc(r.waits, func(w flow.Wait) bool { return w.TaskID == t.ID && w.Node == event }), "no wait %s of %s", event, node)
	}
	return r.do(ev)
}

// output is the latest output of a node, in whatever scope.
func (r *rig) output(node string) string {
	r.t.Helper()
	for key, body := range r.st.Data.Outputs {
		if key.Node == node {
			return string(body)
		}
	}
	return ""
}

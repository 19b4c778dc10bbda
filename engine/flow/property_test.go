package flow_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestRandomGraphsAgreeWithTheReference runs generated graphs through random orders of completions, failures, losses,
// hand-backs, duplicates, late answers, holds and operations, and compares each state with the naive interpreter's.
func TestRandomGraphsAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	const shards = 8
	for shard := range shards {
		t.Run(fmt.Sprintf("shard %d", shard), func(t *testing.T) {
			t.Parallel()
			for seed := shard; seed < cases; seed += shards {
				runCase(t, uint64(seed))
			}
		})
	}
}

// database keeps what a caller of Advance stores, and only that: each event works on copies that hold no more than
// Graph.ReadsFor names, and only what Effects name is written back.
type database struct {
	t        *testing.T
	seed     uint64
	g        *flow.Graph
	gen      *generator
	rnd      *rand.Rand
	now      time.Time
	process  flow.Process
	scopes   map[string]storedScope
	tasks    map[string]flow.Task
	data     flow.Data
	timers   []flow.Timer
	accepted map[string]int // node#run → output rows
	ended    map[string]int // task → terminal rows
	told     []flow.Event   // what workers and timers said so far, for duplicates and late ones
	ref      *reference
	trace    []string
}

type storedScope struct {
	scope flow.Scope
	state []byte
}

func runCase(t *testing.T, seed uint64) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 7))
	gen := generate(rnd)
	g, err := flow.Compile(&gen.doc, nil)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	value := strconv.Itoa(rnd.IntN(9))
	if rnd.IntN(20) == 0 {
		value = `"poison"`
	}
	db := &database{
		t: t, seed: seed, g: g, gen: gen, rnd: rnd, now: noon,
		process: flow.Process{ID: processID, State: flow.ProcessScheduled},
		scopes:  map[string]storedScope{}, tasks: map[string]flow.Task{}, accepted: map[string]int{}, ended: map[string]int{},
		data: flow.Data{Input: json.RawMessage(`{"v":` + value + `}`), Outputs: map[flow.OutputKey]json.RawMessage{}},
		ref:  newReference(gen.specs, value),
	}
	db.apply(flow.Event{Kind: flow.EventStart})
	db.ref.start()
	db.compare()
	for range 10 + rnd.IntN(60) {
		if db.process.State.Terminal() && rnd.IntN(4) != 0 {
			break
		}
		db.step()
		db.compare()
	}
	for i := 0; !db.process.State.Terminal(); i++ {
		if i == 3000 {
			db.fatal("the process does not end")
		}
		db.calm()
		db.compare()
	}
	db.checkAccepted()
}

func (db *database) fatal(format string, args ...any) {
	db.t.Helper()
	raw, _ := json.Marshal(db.gen.doc) //nolint:errchkjson // for a message
	db.t.Fatalf("seed %d: %s\ntrace:\n%s\ngraph: %s", db.seed, fmt.Sprintf(format, args...), strings.Join(db.trace, "\n"), raw)
}

// load builds the least state that an event may ask for.
func (db *database) load(ev flow.Event) *flow.State {
	p := db.process
	st := &flow.State{Process: &p, Scopes: map[string]*flow.Scope{}, Tasks: map[string]*flow.Task{}}
	for id, stored := range db.scopes {
		sc := stored.scope
		sc.State = flow.ScopeState{}
		if err := json.Unmarshal(stored.state, &sc.State); err != nil {
			db.fatal("decode scope: %v", err)
		}
		st.Scopes[id] = &sc
	}
	add := func(id string) {
		if task, ok := db.tasks[id]; ok && st.Tasks[id] == nil {
			st.Tasks[id] = &task
		}
	}
	add(ev.Task)
	reads := db.g.ReadsFor(st, ev)
	if reads.Open {
		for _, sc := range st.Scopes {
			for id := range sc.State.Open {
				add(id)
			}
		}
	}
	if reads.Input {
		st.Data.Input = db.data.Input
	}
	st.Data.Outputs = map[flow.OutputKey]json.RawMessage{}
	for _, key := range reads.Outputs {
		if raw, ok := db.data.Outputs[key]; ok {
			st.Data.Outputs[key] = raw
		}
	}
	return st
}

// apply runs one event and stores what Effects say; it tells whether the event was accepted rather than refused.
func (db *database) apply(ev flow.Event) bool {
	db.t.Helper()
	ev.At = db.now
	st := db.load(ev)
	db.trace = append(db.trace, fmt.Sprintf("%s %s epoch %d %s%s %v", ev.Kind, db.tasks[ev.Task].NodeID, ev.Epoch, ev.Output, ev.Input, ev.Error))
	twin := db.load(ev)
	fx, err := flow.Advance(db.g, st, ev)
	again, errAgain := flow.Advance(db.g, twin, ev)
	var refused *flow.Refused
	if errors.As(err, &refused) {
		return false
	}
	if err != nil || errAgain != nil {
		db.fatal("%s: %v", ev.Kind, err)
	}
	one, _ := json.Marshal(fx)      //nolint:errchkjson // both fail alike
	other, _ := json.Marshal(again) //nolint:errchkjson // both fail alike
	if string(one) != string(other) {
		db.fatal("two runs differ:\n%s\n%s", one, other)
	}
	db.store(st, fx)
	return true
}

func (db *database) store(st *flow.State, fx *flow.Effects) {
	if fx.Ignored != "" && (len(fx.Changed)+len(fx.Created)+len(fx.Outputs)+len(fx.ScopeDirty) > 0 || fx.ProcessDirty) {
		db.fatal("ignored, yet it changes something: %+v", fx)
	}
	if fx.Continue {
		db.fatal("a generated graph should not reach the bound on steps")
	}
	if st.Process.Held() && len(fx.Dispatch) > 0 || !st.Process.Held() && len(fx.Backlog) > 0 {
		db.fatal("held %v, dispatch %d, backlog %d", st.Process.Held(), len(fx.Dispatch), len(fx.Backlog))
	}
	for _, task := range fx.Dispatch {
		if db.rnd.IntN(3) > 0 { // else it waits in the backlog
			fx.MarkQueued(task)
		}
	}
	if fx.ProcessDirty {
		db.process = *st.Process
	}
	for id := range fx.ScopeDirty {
		raw, err := json.Marshal(st.Scopes[id].State)
		if err != nil {
			db.fatal("encode scope: %v", err)
		}
		db.scopes[id] = storedScope{scope: *st.Scopes[id], state: raw}
	}
	for _, task := range slices.Concat(fx.Created, fx.Changed) {
		if _, exists := db.tasks[task.ID]; exists == slices.Contains(fx.Created, task) {
			db.fatal("task %s was created or changed at the wrong time", task.ID)
		}
		db.tasks[task.ID] = *task
		if task.State.Terminal() {
			db.ended[task.ID]++
		}
	}
	for _, o := range fx.Outputs {
		db.accepted[o.NodeID+"#"+strconv.Itoa(o.Run)]++
		db.data.Outputs[flow.OutputKey{Scope: o.ScopeID, Node: o.NodeID}] = o.Body
	}
	db.timers = append(db.timers, fx.Timers...)
	for _, task := range fx.Withdraw {
		// The message was still pending, or somebody had taken it.
		if stored := db.tasks[task.ID]; stored.State == flow.TaskQueued && db.rnd.IntN(2) == 0 {
			db.told = append(db.told, flow.Event{Kind: flow.EventWithdrawn, Task: task.ID, Epoch: stored.Epoch})
		}
	}
}

// step does one random thing.
func (db *database) step() {
	db.now = db.now.Add(time.Duration(db.rnd.IntN(3000)) * time.Millisecond)
	switch n := db.rnd.IntN(100); {
	case n < 3:
		db.hold(flow.EventSuspend, true)
	case n < 7:
		db.hold(flow.EventResume, false)
	case n < 8 && db.rnd.IntN(3) == 0:
		if db.apply(flow.Event{Kind: flow.EventCancel}) != db.ref.cancel() {
			db.fatal("only one of the two cancels")
		}
	case n < 22:
		db.say(db.someTold())
	case n < 32:
		db.say(db.someTimer())
	case n < 42:
		db.support(db.someTask())
	default:
		db.work(db.someTask())
	}
}

// calm does what ends the process.
func (db *database) calm() {
	db.now = db.now.Add(time.Second)
	if db.process.Suspended {
		db.hold(flow.EventResume, false)
		return
	}
	ids := db.openTasks()
	if len(ids) == 0 {
		db.fatal("no open task, and the process is %s", db.process.Shown())
	}
	task := db.tasks[ids[db.rnd.IntN(len(ids))]]
	switch task.State {
	case flow.TaskIncident:
		db.support(task)
	case flow.TaskRetrying:
		db.say(db.timerOf(task))
	default:
		if task.Attempt > 0 {
			db.say(flow.Event{Kind: flow.EventCompleted, Task: task.ID, Epoch: task.Epoch, Output: json.RawMessage(`{"v":1}`)})
		}
	}
}

func (db *database) hold(kind flow.EventKind, on bool) {
	if db.apply(flow.Event{Kind: kind}) != db.ref.suspend(on) {
		db.fatal("only one of the two accepts %s", kind)
	}
}

func (db *database) allTasks() []string {
	ids := make([]string, 0, len(db.tasks))
	for id := range db.tasks {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}

func (db *database) openTasks() []string {
	return slices.DeleteFunc(db.allTasks(), func(id string) bool { return db.tasks[id].State.Terminal() })
}

func (db *database) someTask() flow.Task {
	ids := db.openTasks()
	if len(ids) == 0 || db.rnd.IntN(12) == 0 {
		ids = db.allTasks()
	}
	if len(ids) == 0 {
		return flow.Task{}
	}
	return db.tasks[ids[db.rnd.IntN(len(ids))]]
}

// work lets a worker, or the watch over workers, say something of a task.
func (db *database) work(task flow.Task) {
	ev := flow.Event{Task: task.ID, Epoch: task.Epoch, Attempt: task.Attempt, Worker: "w"}
	switch n := db.rnd.IntN(40); {
	case n < 24:
		ev.Kind = flow.EventCompleted
		ev.Output = json.RawMessage(fmt.Sprintf(`{"v":%d}`, db.rnd.IntN(9)))
		if n == 0 {
			ev.Output = json.RawMessage(`{"v":"poison"}`)
		}
	case n < 30:
		ev.Kind = flow.EventFailed
		ev.Error = &wire.Error{Class: wire.ErrorRetryable, Code: []string{"N", "X", "X.Y", "XY"}[db.rnd.IntN(4)]}
	case n < 31:
		ev.Kind = flow.EventFailed
		ev.Error = &wire.Error{Class: wire.ErrorBusiness, Code: "B"}
	case n < 34:
		ev.Kind = flow.EventLost
	case n < 36:
		ev.Kind = flow.EventHandback
	case n < 38:
		ev.Kind = flow.EventStarted
	default:
		ev.Kind = flow.EventTimeout
		ev.Timeout = []string{"attempt", "heartbeat"}[db.rnd.IntN(2)]
	}
	db.told = append(db.told, ev)
	db.say(ev)
}

func (db *database) someTold() flow.Event {
	if len(db.told) == 0 {
		return flow.Event{}
	}
	return db.told[db.rnd.IntN(len(db.told))]
}

func (db *database) someTimer() flow.Event {
	if len(db.timers) == 0 {
		return flow.Event{}
	}
	return db.fire(db.timers[db.rnd.IntN(len(db.timers))])
}

func (db *database) fire(w flow.Timer) flow.Event {
	if w.Due.After(db.now) {
		db.now = w.Due
	}
	if w.Kind != flow.TimerRetry {
		db.fatal("an unexpected timer: %+v", w)
	}
	return flow.Event{Kind: flow.EventRetryDue, Task: w.TaskID, Epoch: w.Epoch}
}

func (db *database) timerOf(task flow.Task) flow.Event {
	for _, w := range db.timers {
		if w.TaskID == task.ID && w.Epoch == task.Epoch {
			return db.fire(w)
		}
	}
	db.fatal("task %s is retrying without a timer", task.NodeID)
	return flow.Event{}
}

// say gives one event to both interpreters.
func (db *database) say(ev flow.Event) {
	if ev.Kind == "" || ev.Task == "" {
		return
	}
	before := db.tasks[ev.Task]
	db.apply(ev)
	if ev.Kind == flow.EventStarted {
		return
	}
	kind, value := string(ev.Kind), ""
	switch ev.Kind {
	case flow.EventCompleted:
		value = field(ev.Output)
	case flow.EventFailed:
		value = ev.Error.Code
		if ev.Error.Class == wire.ErrorBusiness {
			kind = "business"
		}
	case flow.EventTimeout:
		kind, value = "failed", "TIMEOUT_"+strings.ToUpper(ev.Timeout)
	case flow.EventWithdrawn:
		if before.State == flow.TaskRunning { // it was not pending after all
			return
		}
	case flow.EventRetryDue:
		kind = "due"
	}
	db.ref.answer(db.find(ev.Task), ev.Epoch, kind, value)
}

// support retries or skips a task.
func (db *database) support(task flow.Task) {
	if task.ID == "" {
		return
	}
	a := db.find(task.ID)
	s := db.gen.specs[task.NodeID]
	if db.rnd.IntN(2) == 0 {
		ev, edited := flow.Event{Kind: flow.EventRetry, Task: task.ID}, ""
		if db.rnd.IntN(2) == 0 {
			edited = strconv.Itoa(db.rnd.IntN(9))
			ev.Input = json.RawMessage(`{"v":` + edited + `}`)
		}
		if db.apply(ev) != db.ref.retry(a, edited) {
			db.fatal("only one of the two retries %s", task.NodeID)
		}
		return
	}
	value := strconv.Itoa(db.rnd.IntN(9))
	ev, way := flow.Event{Kind: flow.EventSkip, Task: task.ID, Output: json.RawMessage(`{"v":` + value + `}`)}, ""
	switch s.kind {
	case graph.KindExclusiveGateway:
		way = s.out[db.rnd.IntN(len(s.out))].id
		ev.Output = json.RawMessage(`{"edge":"` + way + `"}`)
	case graph.KindEndEvent:
		ev.Output = json.RawMessage(`{"o_` + task.NodeID + `":` + value + `}`)
	}
	if db.apply(ev) != db.ref.skip(a, value, way) {
		db.fatal("only one of the two skips %s", task.NodeID)
	}
}

func (db *database) find(id string) *activation {
	task := db.tasks[id]
	for _, a := range db.ref.tasks {
		if a.node == task.NodeID && a.run == task.Run {
			return a
		}
	}
	db.fatal("the reference has no task %s#%d", task.NodeID, task.Run)
	return nil
}

package flow_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestRandomGraphsAgreeWithTheReference runs generated graphs of every kind of node through random orders of completions, failures,
// losses, hand-backs, duplicates, late answers, times, messages, ends of child processes, holds and operations, and compares each state
// with the naive interpreter's. FLOW_SEED=17 runs one case again, with what happens in it.
func TestRandomGraphsAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	if seed, err := strconv.ParseUint(os.Getenv("FLOW_SEED"), 10, 64); err == nil {
		db := runCase(t, seed)
		t.Logf("%s\n%s", strings.Join(db.trace, "\n"), db.gen)
		return
	}
	const shards = 8
	met := make([]map[string]int, shards)
	t.Run("cases", func(t *testing.T) {
		for shard := range shards {
			met[shard] = map[string]int{}
			t.Run(fmt.Sprintf("shard %d", shard), func(t *testing.T) {
				t.Parallel()
				for seed := shard; seed < cases; seed += shards {
					for what, n := range runCase(t, uint64(seed)).met {
						met[shard][what] += n
					}
				}
			})
		}
	})
	checkMet(t, met)
}

// checkMet holds that the cases had everything in them that they are for.
func checkMet(t *testing.T, met []map[string]int) {
	t.Helper()
	all := map[string]int{}
	for _, shard := range met {
		for what, n := range shard {
			all[what] += n
		}
	}
	for _, what := range slices.Sorted(maps.Keys(all)) {
		t.Logf("%7d %s", all[what], what)
	}
	if t.Failed() || cases < 10_000 {
		return
	}
	for _, kind := range []graph.Kind{
		graph.KindStartEvent, graph.KindEndEvent, graph.KindServiceTask, graph.KindScriptTask, graph.KindDecisionTask, graph.KindUserTask, graph.KindCallActivity,
		graph.KindSubProcess, graph.KindExclusiveGateway, graph.KindParallelGateway, graph.KindInclusiveGateway, graph.KindEventGateway, graph.KindTimerEvent,
		graph.KindMessageEvent, graph.KindBoundaryEvent, graph.KindCompensationEvent,
	} {
		require.NotZero(t, all["node "+string(kind)], "no case reached a %s", kind)
	}
	for _, kind := range []flow.EventKind{
		flow.EventStart, flow.EventStarted, flow.EventCompleted, flow.EventFailed, flow.EventHandback, flow.EventLost, flow.EventTimeout, flow.EventRetryDue,
		flow.EventWithdrawn, flow.EventRetry, flow.EventSkip, flow.EventCancel, flow.EventSuspend, flow.EventResume, flow.EventTimer, flow.EventMessage,
		flow.EventAnswer, flow.EventChild, flow.EventEntry, flow.EventFire, flow.EventContinue,
	} {
		require.NotZero(t, all["accepted "+string(kind)], "no case accepted a %s", kind)
	}
	require.Less(t, all["order left open"], cases/200, "cases that could not be compared to their end")
	for _, what := range []string{"ends completed", "ends failed", "ends cancelled", "undone", "rounds guarded", "entry tolerated", "error caught", "interrupted", "planned", "planned in a plan",
		"plan refused", "plan not allowed", "plan ended early"} {
		require.NotZero(t, all[what], "no case met %q", what)
	}
}

// database keeps what a caller of Advance stores, and only that: each event works on copies that hold no more than
// Graph.ReadsFor names, and only what Effects name is written back.
type database struct {
	t         *testing.T
	seed      uint64
	g         *flow.Graph
	gen       *generator
	rnd       *rand.Rand
	now       time.Time
	process   flow.Process
	scopes    map[string]storedScope
	tasks     map[string]flow.Task
	data      flow.Data
	collected map[string]map[int]json.RawMessage
	undo      map[string][]undoRow
	thrown    map[string]int // by scope and throw, how many records there were when it began
	timers    []flow.Timer
	waits     []flow.Wait
	children  map[string]*childProcess
	caller    *flow.Caller
	answers   int            // that the caller was given
	trouble   int            // that the caller was told of
	accepted  map[string]int // task → output rows
	ended     map[string]int // task → terminal rows
	plans     map[string]int // task → plans that it was answered with
	told      []flow.Event   // what workers and timers said so far, for duplicates and late ones
	paths     map[string]string
	ids       map[string]string
	ref       *reference
	trace     []string
	met       map[string]int
	free      bool // see leftOpen
}

type storedScope struct {
	scope flow.Scope
	state []byte
}

// undoRow is a stored record; by is what undoes it.
type undoRow struct {
	flow.UndoRecord
	by     string
	hidden bool
}

// childProcess is one that a call has begun.
type childProcess struct {
	event flow.Event // what its end will be told with
	told  bool       // that nobody waits for it any more
	over  bool
}

func runCase(t *testing.T, seed uint64) *database {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 7))
	gen := generate(rnd)
	g, err := flow.Compile(&gen.doc, nil)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, gen)
	}
	value := strconv.Itoa(rnd.IntN(9))
	if rnd.IntN(20) == 0 {
		value = `"poison"`
	}
	db := &database{
		t: t, seed: seed, g: g, gen: gen, rnd: rnd, now: noon,
		process: flow.Process{ID: processID, State: flow.ProcessScheduled},
		scopes:  map[string]storedScope{}, tasks: map[string]flow.Task{}, accepted: map[string]int{}, ended: map[string]int{},
		collected: map[string]map[int]json.RawMessage{}, undo: map[string][]undoRow{}, thrown: map[string]int{}, children: map[string]*childProcess{}, plans: map[string]int{},
		data:  flow.Data{Input: json.RawMessage(`{"v":` + value + `}`), Outputs: map[flow.OutputKey]json.RawMessage{}},
		paths: map[string]string{processID: ""}, ids: map[string]string{"": processID}, met: map[string]int{},
	}
	var takes []catch
	if rnd.IntN(3) == 0 {
		db.caller = &flow.Caller{Process: "above", Task: "call", Epoch: 4, Root: "above", Depth: 1}
		switch rnd.IntN(3) {
		case 0:
			db.caller.Catches, takes = []flow.Catch{{Codes: []string{"B"}}}, []catch{{codes: []string{"B"}}}
		case 1:
			db.caller.Catches, takes = []flow.Catch{{Technical: true}}, []catch{{technical: true}}
		}
	}
	db.ref = newReference(gen.steps, value, takes, db.id)
	db.apply(flow.Event{Kind: flow.EventStart, Caller: db.caller})
	db.ref.start()
	db.compare()
	db.manyRounds()
	for range 10 + rnd.IntN(80) {
		if db.process.State.Terminal() && rnd.IntN(4) != 0 {
			break
		}
		db.step()
		if db.leftOpen() {
			return db
		}
		db.compare()
	}
	for i := 0; !db.process.State.Terminal(); i++ {
		if i == 3000 {
			db.fatal("the process does not end")
		}
		db.calm()
		if db.leftOpen() {
			return db
		}
		db.compare()
	}
	db.checkEnd()
	return db
}

// leftOpen tells whether a hold came between two calls that continue each other: which of several levels had moved by then is left
// open, and nothing that follows can be compared.
func (db *database) leftOpen() bool {
	if db.free {
		db.met["order left open"]++
	}
	return db.free
}

// manyRounds makes it seem that a loop has gone round very often already.
func (db *database) manyRounds() {
	heads := db.gen.heads()
	if len(heads) == 0 || db.rnd.IntN(3) > 0 || db.process.State.Terminal() {
		return
	}
	head, rounds := heads[db.rnd.IntN(len(heads))], flow.MaxRounds-1
	stored := db.scopes[processID]
	var state flow.ScopeState
	if err := json.Unmarshal(stored.state, &state); err != nil {
		db.fatal("decode scope: %v", err)
	}
	if state.Runs[head] > 0 {
		return
	}
	state.Runs[head] = rounds
	raw, err := json.Marshal(state)
	if err != nil {
		db.fatal("encode scope: %v", err)
	}
	stored.state = raw
	db.scopes[processID] = stored
	db.ref.levels[0].reached[head] = rounds
}

func (db *database) fatal(format string, args ...any) {
	db.t.Helper()
	db.t.Fatalf("FLOW_SEED=%d: %s\nwhat happened:\n%s\ngraph:\n%s", db.seed, fmt.Sprintf(format, args...), strings.Join(db.trace, "\n"), db.gen)
}

// id is the id of the task, or of the level, that the reference calls by a path.
func (db *database) id(path string) string {
	if id, known := db.ids[path]; known {
		return id
	}
	outer, task, _ := cutLast(path, "/")
	node, run, _ := cutLast(strings.ReplaceAll(task, ">", "/"), "#")
	n, err := strconv.Atoi(run)
	if err != nil {
		db.fatal("%q names no task", path)
	}
	if name, _, planned := strings.Cut(node, "@"); planned {
		db.fatal("nothing is known of the task %s of a plan (%s)", name, path)
	}
	id := flow.TaskID(processID, db.id(outer), node, n)
	db.ids[path], db.paths[id] = id, path
	return id
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// path is how the reference calls a task.
func (db *database) path(task flow.Task) string {
	if path, known := db.paths[task.ID]; known {
		return path
	}
	outer := ""
	if task.ScopeID != processID {
		outer = db.path(db.tasks[task.ScopeID])
	}
	node := strings.ReplaceAll(task.NodeID, "/", ">")
	if n := db.plans[task.ScopeID]; n > 0 {
		node += "@" + strconv.Itoa(n)
	}
	path := outer + "/" + node + "#" + strconv.Itoa(task.Run)
	db.paths[task.ID], db.ids[path] = path, task.ID
	return path
}

// apply runs one event and stores what Effects say; it tells whether the event was accepted rather than refused.
func (db *database) apply(ev flow.Event) bool {
	db.t.Helper()
	ev.At = db.now
	line := fmt.Sprintf("%s %s%s epoch %d %s%s%s%s", ev.Kind, db.pathOf(ev.Task), ev.Node, ev.Epoch, ev.Output, ev.Input, ev.Plan, ev.Outcome)
	if ev.Error != nil {
		line += fmt.Sprintf(" %s %s", ev.Error.Class, ev.Error.Code)
	}
	db.trace = append(db.trace, line)
	whole := false
	st := db.load(ev, whole)
	fx, err := flow.Advance(db.g, st, ev)
	var tasks *flow.NeedTasks
	var values *flow.NeedCollected
	if errors.As(err, &tasks) || errors.As(err, &values) || err == nil && fx.Continue && len(db.scopes)+len(st.Scopes) > 2 {
		whole = true
		st = db.load(ev, whole) // as a caller does; and what continues is not to change the order between scopes
		fx, err = flow.Advance(db.g, st, ev)
	}
	var refused *flow.Refused
	if errors.As(err, &refused) {
		db.trace[len(db.trace)-1] += " refused: " + refused.Message
		return false
	}
	if err != nil {
		db.fatal("%s: %v", ev.Kind, err)
	}
	if db.rnd.IntN(16) == 0 {
		db.again(ev, fx, whole)
	}
	if fx.Ignored != "" {
		db.trace[len(db.trace)-1] += " ignored: " + fx.Ignored
	} else {
		db.met["accepted "+string(ev.Kind)]++
	}
	for _, o := range fx.Opened {
		db.trace = append(db.trace, fmt.Sprintf("  incident of %s: %s %s", o.NodeID, o.Code, o.Message))
	}
	db.store(st, fx)
	if fx.Continue {
		several := len(st.Scopes) > 1
		accepted := db.apply(flow.Event{Kind: flow.EventContinue})
		db.free = db.free || several && db.process.Held()
		return accepted
	}
	return true
}

// again holds that the same event on the same state has the same effects.
func (db *database) again(ev flow.Event, fx *flow.Effects, whole bool) {
	db.t.Helper()
	twice, err := flow.Advance(db.g, db.load(ev, whole), ev)
	one, _ := json.Marshal(fx)      //nolint:errchkjson // both fail alike
	other, _ := json.Marshal(twice) //nolint:errchkjson // both fail alike
	if err != nil || string(one) != string(other) {
		db.fatal("two runs differ: %v\n%s\n%s", err, one, other)
	}
}

// step does one random thing.
func (db *database) step() {
	db.now = db.now.Add(time.Duration(db.rnd.IntN(3000)) * time.Millisecond)
	switch n := db.rnd.IntN(120); {
	case n < 4:
		db.hold(flow.EventSuspend, true)
	case n < 10:
		db.hold(flow.EventResume, false)
	case n < 11 && db.rnd.IntN(3) == 0:
		if db.apply(flow.Event{Kind: flow.EventCancel}) != db.ref.cancel() {
			db.fatal("only one of the two cancels")
		}
	case n < 20:
		db.say(db.someTold())
	case n < 26:
		db.say(db.someRetry())
	case n < 38:
		db.comes()
	case n < 46:
		db.support(db.someTask())
	case n < 54:
		db.anew(db.someEntry())
	case n < 60:
		db.childEnds(db.someChild())
	case n < 64:
		db.work(db.someTask())
	default:
		db.progress(db.someTask())
	}
}

// progress does what fits the state of a task.
func (db *database) progress(task flow.Task) {
	switch task.State {
	case flow.TaskReady, flow.TaskQueued:
		db.work(task)
	case flow.TaskRunning:
		if id := db.childOf(task); id != "" {
			db.childEnds(id)
		} else if inner, inside := db.scopes[task.ID]; inside && inner.scope.Kind == flow.ScopePlan {
			db.progress(db.inside(task.ID))
		} else if task.Attempt > 0 {
			db.work(task)
		}
	case flow.TaskWaiting:
		if db.gen.steps[task.NodeID].kind == graph.KindUserTask {
			db.work(task)
		} else {
			db.comesTo(task.ID)
		}
	case flow.TaskIncident:
		db.support(task)
	case flow.TaskRetrying:
		db.say(db.timerOf(task))
	}
}

// inside is some open task of the level inside of a task.
func (db *database) inside(scope string) flow.Task {
	ids := slices.DeleteFunc(db.openTasks(), func(id string) bool { return db.tasks[id].ScopeID != scope })
	if len(ids) == 0 {
		return flow.Task{}
	}
	return db.tasks[ids[db.rnd.IntN(len(ids))]]
}

// planning tells whether a task runs a plan: nobody has it then, and nobody says anything of it.
func (db *database) planning(task flow.Task) bool {
	return db.scopes[task.ID].scope.Kind == flow.ScopePlan
}

// childOf is the child process that a call waits for.
func (db *database) childOf(task flow.Task) string {
	for _, id := range slices.Sorted(maps.Keys(db.children)) {
		if c := db.children[id]; c.event.Task == task.ID && c.event.Epoch == task.Epoch && !c.over {
			return id
		}
	}
	return ""
}

// someEntry is an entry of a list, or any task.
func (db *database) someEntry() flow.Task {
	ids := slices.DeleteFunc(db.allTasks(), func(id string) bool {
		sc, live := db.scopes[db.tasks[id].ScopeID]
		return !live || sc.scope.Kind != flow.ScopeMulti
	})
	if len(ids) == 0 {
		return db.someTask()
	}
	return db.tasks[ids[db.rnd.IntN(len(ids))]]
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
	kind := db.gen.steps[task.NodeID].kind
	switch {
	case task.State == flow.TaskIncident:
		db.support(task)
	case task.State == flow.TaskRetrying:
		db.say(db.timerOf(task))
	case task.State == flow.TaskWaiting && kind == graph.KindUserTask:
		db.answer(task, "1")
	case task.State == flow.TaskWaiting:
		db.comesTo(task.ID)
	case task.State == flow.TaskRunning && kind == graph.KindCallActivity && task.Attempt == 0:
		db.childEnds(db.childOf(task))
	case task.Attempt > 0 && !db.planning(task):
		db.say(flow.Event{Kind: flow.EventCompleted, Task: task.ID, Epoch: task.Epoch, Output: json.RawMessage(`{"v":1}`)})
	}
}

func (db *database) hold(kind flow.EventKind, on bool) {
	if db.apply(flow.Event{Kind: kind}) != db.ref.suspend(on) {
		db.fatal("only one of the two accepts %s", kind)
	}
}

func (db *database) allTasks() []string { return slices.Sorted(maps.Keys(db.tasks)) }

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

// work lets a worker, the watch over workers, or a person say something of a task.
func (db *database) work(task flow.Task) {
	if s := db.gen.steps[task.NodeID]; task.State == flow.TaskWaiting && s.kind == graph.KindUserTask {
		db.answer(task, strconv.Itoa(db.rnd.IntN(9)))
		return
	}
	if db.planning(task) {
		return
	}
	ev := flow.Event{Task: task.ID, Epoch: task.Epoch, Attempt: task.Attempt, Worker: "w"}
	switch n := db.rnd.IntN(44); {
	case n < 24:
		ev.Kind = flow.EventCompleted
		ev.Output = json.RawMessage(fmt.Sprintf(`{"v":%d}`, db.rnd.IntN(9)))
		switch plan := db.gen.steps[task.NodeID].planOfSome(db.rnd); {
		case plan != nil:
			ev.Output, ev.Plan = nil, plan
		case n == 0:
			ev.Output = json.RawMessage(`{"v":"poison"}`)
		}
	case n < 30:
		ev.Kind = flow.EventFailed
		ev.Error = &wire.Error{Class: wire.ErrorRetryable, Code: []string{"N", "X", "X.Y", "XY"}[db.rnd.IntN(4)]}
	case n < 33:
		ev.Kind = flow.EventFailed
		ev.Error = &wire.Error{Class: wire.ErrorBusiness, Code: []string{"B", "B.C", "N"}[db.rnd.IntN(3)]}
	case n < 34:
		ev.Kind = flow.EventFailed
		ev.Error = &wire.Error{Class: wire.ErrorPermanent, Code: []string{"N", "X.Y"}[db.rnd.IntN(2)]}
	case n < 38:
		ev.Kind = flow.EventLost
	case n < 40:
		ev.Kind = flow.EventHandback
	case n < 42:
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

func (db *database) someRetry() flow.Event {
	var retries []flow.Timer
	for _, w := range db.timers {
		if w.Kind == flow.TimerRetry {
			retries = append(retries, w)
		}
	}
	if len(retries) == 0 {
		return flow.Event{}
	}
	return db.due(retries[db.rnd.IntN(len(retries))])
}

func (db *database) due(w flow.Timer) flow.Event {
	if w.Due.After(db.now) {
		db.now = w.Due
	}
	return flow.Event{Kind: flow.EventRetryDue, Task: w.TaskID, Epoch: w.Epoch}
}

func (db *database) timerOf(task flow.Task) flow.Event {
	for _, w := range db.timers {
		if w.Kind == flow.TimerRetry && w.TaskID == task.ID && w.Epoch == task.Epoch {
			return db.due(w)
		}
	}
	db.fatal("task %s is retrying without a timer", db.path(task))
	return flow.Event{}
}

// comes lets some time or message come that something waits for.
func (db *database) comes() {
	var tasks []string
	for _, w := range db.timers {
		if w.Kind == flow.TimerWait {
			tasks = append(tasks, w.TaskID)
		}
	}
	for _, w := range db.waits {
		if w.Kind == flow.WaitMessage {
			tasks = append(tasks, w.TaskID)
		}
	}
	if len(tasks) > 0 {
		db.comesTo(tasks[db.rnd.IntN(len(tasks))])
	}
}

// comesTo lets one of the times and messages come that a task waits for. The row goes with it, unless it is of many messages.
func (db *database) comesTo(task string) {
	var events []flow.Event
	var rows []func()
	for i, w := range db.timers {
		if w.Kind == flow.TimerWait && w.TaskID == task {
			events = append(events, flow.Event{Kind: flow.EventTimer, Task: task, Node: w.Node})
			rows = append(rows, func() {
				if w.Due.After(db.now) {
					db.now = w.Due
				}
				db.timers = slices.Delete(db.timers, i, i+1)
			})
		}
	}
	for i, w := range db.waits {
		if w.Kind == flow.WaitMessage && w.TaskID == task {
			events = append(events, flow.Event{Kind: flow.EventMessage, Task: task, Node: w.Node, Output: json.RawMessage(fmt.Sprintf(`{"v":%d}`, db.rnd.IntN(9)))})
			rows = append(rows, func() {
				if !w.Many {
					db.waits = slices.Delete(db.waits, i, i+1)
				}
			})
		}
	}
	if len(events) == 0 {
		db.fatal("task %s waits for nothing", db.pathOf(task))
	}
	i := db.rnd.IntN(len(events))
	rows[i]()
	ev := events[i]
	if ev.Kind == flow.EventTimer && db.process.State == flow.ProcessRunning && db.rnd.IntN(4) == 0 {
		ev.Kind = flow.EventFire
	}
	db.apply(ev)
	db.ref.happens(db.find(task), ev.Node, field(ev.Output))
}

func (db *database) answer(task flow.Task, value string) {
	ev := flow.Event{Kind: flow.EventAnswer, Task: task.ID, Output: json.RawMessage(`{"v":` + value + `}`)}
	if db.apply(ev) != db.ref.person(db.find(task.ID), value) {
		db.fatal("only one of the two takes the answer of %s", db.path(task))
	}
}

func (db *database) someChild() string {
	ids := slices.Sorted(maps.Keys(db.children))
	if len(ids) == 0 {
		return ""
	}
	return ids[db.rnd.IntN(len(ids))]
}

// childEnds tells a call how its child process ended; one that has ended tells it again.
func (db *database) childEnds(id string) {
	c := db.children[id]
	if c == nil {
		return
	}
	var why *failure
	value := ""
	if ev := &c.event; !c.over {
		c.over = true
		switch n := db.rnd.IntN(8); {
		case c.told && n < 6:
			ev.Outcome = flow.ProcessCancelled
		case n < 4:
			ev.Outcome, ev.Output = flow.ProcessCompleted, json.RawMessage(fmt.Sprintf(`{"v":%d}`, db.rnd.IntN(9)))
		case n == 4:
			ev.Outcome = flow.ProcessCancelled
		case n == 5:
			ev.Error = &wire.Error{Class: wire.ErrorPermanent, Code: "N"} // it could not begin
		case n == 6:
			ev.Outcome, ev.Error = flow.ProcessFailed, &wire.Error{Class: wire.ErrorBusiness, Code: "B.C"}
		default:
			ev.Outcome, ev.Error = flow.ProcessFailed, &wire.Error{Class: wire.ErrorPermanent, Code: "X"}
		}
	}
	switch {
	case c.event.Outcome == flow.ProcessCompleted:
		value = field(c.event.Output)
	case c.event.Error != nil:
		why = &failure{code: c.event.Error.Code, technical: c.event.Error.Class != wire.ErrorBusiness}
	default:
		why = &failure{code: "CALL_CANCELLED", technical: true}
	}
	db.apply(c.event)
	db.ref.child(db.find(c.event.Task), c.event.Epoch, string(c.event.Outcome), value, why)
}

// say gives what a worker or a retry's timer says to both interpreters.
func (db *database) say(ev flow.Event) {
	if ev.Kind == "" || ev.Task == "" {
		return
	}
	before := db.tasks[ev.Task]
	db.apply(ev)
	if ev.Kind == flow.EventStarted {
		return
	}
	if len(ev.Plan) > 0 {
		db.ref.plans(db.find(ev.Task), ev.Epoch, planRefused(ev.Plan))
		return
	}
	kind, value := string(ev.Kind), ""
	switch ev.Kind {
	case flow.EventCompleted:
		value = field(ev.Output)
	case flow.EventFailed:
		value = ev.Error.Code
		if ev.Error.Class != wire.ErrorRetryable {
			kind = string(ev.Error.Class)
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
	s := db.gen.steps[task.NodeID]
	if db.rnd.IntN(2) == 0 {
		ev, edited := flow.Event{Kind: flow.EventRetry, Task: task.ID}, ""
		if db.rnd.IntN(2) == 0 {
			edited = strconv.Itoa(db.rnd.IntN(9))
			ev.Input = json.RawMessage(`{"v":` + edited + `}`)
		}
		if db.apply(ev) != db.ref.retry(a, edited) {
			db.fatal("only one of the two retries %s", db.path(task))
		}
		return
	}
	value := strconv.Itoa(db.rnd.IntN(9))
	ev, way := flow.Event{Kind: flow.EventSkip, Task: task.ID, Output: json.RawMessage(`{"v":` + value + `}`)}, ""
	switch s.kind {
	case graph.KindExclusiveGateway, graph.KindInclusiveGateway, graph.KindEventGateway:
		way = s.out[db.rnd.IntN(len(s.out))].id
		ev.Output = json.RawMessage(`{"edge":"` + way + `","v":` + value + `}`)
	case graph.KindEndEvent:
		ev.Output = json.RawMessage(`{"o_` + task.NodeID + `":` + value + `}`)
	}
	if db.apply(ev) != db.ref.skip(a, value, way) {
		db.fatal("only one of the two skips %s", db.path(task))
	}
}

// anew lets an entry of a list begin again.
func (db *database) anew(task flow.Task) {
	if task.ID == "" {
		return
	}
	if db.apply(flow.Event{Kind: flow.EventEntry, Task: task.ID}) != db.ref.anew(db.find(task.ID)) {
		db.fatal("only one of the two begins %s anew", db.path(task))
	}
}

func (db *database) pathOf(task string) string {
	if task == "" {
		return ""
	}
	return db.path(db.tasks[task])
}

func (db *database) find(id string) *activation {
	path := db.path(db.tasks[id])
	for _, a := range db.ref.tasks {
		if a.id == path {
			return a
		}
	}
	db.fatal("the reference has no task %s", path)
	return nil
}

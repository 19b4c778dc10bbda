package flow_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// What a term reads besides a node.
const (
	ofInput  = ""
	ofItem   = "#item"
	ofUndone = "#undone"
)

// term is what a generated expression reads: the field v of a node's latest output, of the process input, of what is undone, or the
// entry of a list. Plus adds one and fails on a text; a condition is v % mod == rest and fails on a text.
type term struct {
	node      string
	plus      bool
	mod, rest int
}

func (x term) path() string {
	switch x.node {
	case ofInput:
		return "input.v"
	case ofItem:
		return "item"
	case ofUndone:
		return "undone.output.v"
	}
	return "tasks." + x.node + ".v"
}

func (x term) text() string {
	if x.plus {
		return fmt.Sprintf("=%s + 1", x.path())
	}
	return "=" + x.path()
}

func (x term) value() string { return fmt.Sprintf("%q", x.text()) }

func (x term) condition() string { return fmt.Sprintf("=%s %% %d == %d", x.path(), x.mod, x.rest) }

// step is a generated node as the reference interpreter reads it, apart from the document.
type step struct {
	id, parent string
	place      int // in the document
	kind       graph.Kind
	in         term // what a task is given, a script gives, a table looks at, or an end event adds to the output
	result     bool // a service task's result is its output plus one
	attempts   int
	dont       string // a code that is not retried
	hit        graph.HitPolicy
	rules      []tableRule
	goesOn     bool // a call that takes a child's failure for an answer
	end        graph.EndKind
	code       string // of an error end
	list       *repeat
	out        []arc
	arriving   []string // incoming edges, as in the document
	border     []*step
	boundary   *graph.BoundaryEvent // of a boundary event
	undo       string               // the activity that undoes this one
	handler    bool
	undoes     string // of a throw
	plan       *planned
	after      []string // tasks of the same plan that have ended before
}

// planned is a plan that a worker may answer with.
type planned struct {
	tasks  []*step // their ids are those of their nodes
	result string  // the task that gives the plan's result; none: all do, which is no number
	raw    json.RawMessage
}

// tableRule holds when the value is a number of at least from.
type tableRule struct{ from, gives int }

// repeat is a multi-instance marker.
type repeat struct {
	from      *term // the list or the number, unless it is one of the next two
	values    []int
	number    int
	limit     int
	until     string // "completed", "failed" or "ended": that many have
	enough    int
	tolerated int
	share     bool
	collect   bool
}

// arc is an outgoing edge of a step.
type arc struct {
	id, to    string
	condition *term
	other     bool // the default
}

// generator draws sound graphs of every kind of node that the engine runs: sequences, parallel, exclusive, inclusive and event-based
// blocks, loops, implicit splits, early ends, sub-processes, lists, events on borders, compensation.
type generator struct {
	*rand.Rand
	draft
	steps      map[string]*step
	level      string // the sub-process that is drawn at present
	count      int
	budget     int
	multiplied bool
	plain      bool
	activities map[string][]string // by level, what can be undone by name
}

func generate(r *rand.Rand) *generator { return draw(r, false) }

// generatePlain draws without levels, waits and lists.
func generatePlain(r *rand.Rand) *generator { return draw(r, true) }

func draw(r *rand.Rand, plain bool) *generator {
	g := &generator{Rand: r, plain: plain, steps: map[string]*step{}, budget: 3 + r.IntN(20), activities: map[string][]string{}}
	g.add(&step{id: "start", kind: graph.KindStartEvent}, graph.Node{Start: &graph.StartEvent{}})
	first, last, known := g.block(4, place{}, []string{ofInput})
	g.join("start", first)
	g.join(last, g.lastEnd("end", known))
	return g
}

// place says what surrounds a block: an early end is sound only where no join waits for the token, a doubled token only outside
// loops and parallel blocks.
type place struct{ inParallel, inLoop, inList bool }

// String is the graph for people.
func (g *generator) String() string {
	var b strings.Builder
	for i := range g.doc.Nodes {
		s := g.steps[g.doc.Nodes[i].ID]
		fmt.Fprintf(&b, "%s%s %s", strings.Repeat("  ", strings.Count(g.trail(s.parent), "/")), s.id, s.kind)
		switch s.kind {
		case graph.KindServiceTask, graph.KindScriptTask, graph.KindUserTask, graph.KindCallActivity, graph.KindDecisionTask, graph.KindEndEvent:
			fmt.Fprintf(&b, " %s %s", s.in.text(), s.end)
		}
		if s.attempts > 0 {
			fmt.Fprintf(&b, " attempts %d dont %q result %v", s.attempts, s.dont, s.result)
		}
		if s.goesOn {
			b.WriteString(" goes on")
		}
		if s.list != nil {
			raw, _ := json.Marshal(g.doc.Nodes[i].Multi) //nolint:errchkjson // for a message
			fmt.Fprintf(&b, " list %s", raw)
		}
		if s.boundary != nil {
			fmt.Fprintf(&b, " on %s %s keeps %v codes %v technical %v", s.boundary.On, s.boundary.Kind, s.boundary.KeepsRunning, s.boundary.Codes, s.boundary.Technical)
		}
		if s.plan != nil {
			fmt.Fprintf(&b, " plans %s", s.plan.raw)
		}
		if s.undo != "" {
			fmt.Fprintf(&b, " undone by %s", s.undo)
		}
		if s.undoes != "" {
			fmt.Fprintf(&b, " undoes %s", s.undoes)
		}
		for _, a := range s.out {
			fmt.Fprintf(&b, " → %s", a.to)
			if a.condition != nil {
				fmt.Fprintf(&b, " [%s]", a.condition.condition())
			}
			if a.other {
				b.WriteString(" [else]")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (g *generator) trail(level string) string {
	if level == "" {
		return ""
	}
	return g.trail(g.steps[level].parent) + "/" + level
}

func (g *generator) id(prefix string) string {
	g.count++
	return fmt.Sprintf("%s%d", prefix, g.count)
}

func (g *generator) one(in int) bool { return g.IntN(in) == 0 }

func (g *generator) pick(known []string) string { return known[g.IntN(len(known))] }

// add puts a node into the level that is drawn.
func (g *generator) add(s *step, n graph.Node) string {
	s.parent, s.place = g.level, len(g.doc.Nodes)
	n.ID, n.Kind, n.Parent = s.id, s.kind, g.level
	g.steps[s.id] = s
	g.node(n)
	return s.id
}

// set changes a node of the document.
func (g *generator) set(id string, change func(*graph.Node)) {
	for i := range g.doc.Nodes {
		if g.doc.Nodes[i].ID == id {
			change(&g.doc.Nodes[i])
		}
	}
}

func (g *generator) join(from, to string) { g.arc(from, to, nil, false) }

func (g *generator) arc(from, to string, condition *term, other bool) {
	id := from + "-" + to
	e := graph.Edge{ID: id, From: from, To: to, Default: other}
	if condition != nil {
		e.Condition = condition.condition()
	}
	g.doc.Edges = append(g.doc.Edges, e)
	g.steps[from].out = append(g.steps[from].out, arc{id, to, condition, other})
	g.steps[to].arriving = append(g.steps[to].arriving, id)
}

func (g *generator) gate(kind graph.Kind, prefix string) string {
	return g.add(&step{id: g.id(prefix), kind: kind}, graph.Node{})
}

func (g *generator) ending(id string, kind graph.EndKind, known []string) string {
	s := &step{id: id, kind: graph.KindEndEvent, end: kind, in: term{node: g.pick(known), plus: g.one(2)}}
	e := &graph.EndEvent{Kind: kind, Output: values(map[string]string{"o_" + id: s.in.value()})}
	if kind == graph.EndError {
		s.code = []string{"B", "N", "E_" + id}[g.IntN(3)]
		e.Code = s.code
	}
	return g.add(s, graph.Node{End: e})
}

// lastEnd is the usual end of a level; it may undo what has completed there.
func (g *generator) lastEnd(id string, known []string) string {
	if g.plain || !g.one(4) {
		return g.ending(id, graph.EndNone, known)
	}
	g.ending(id, graph.EndCompensate, known)
	g.undoesSome(id)
	return id
}

func (g *generator) undoesSome(id string) {
	if of := g.activities[g.level]; len(of) > 0 && g.one(2) {
		g.steps[id].undoes = g.pick(of)
		g.set(id, func(n *graph.Node) { n.Undoes = g.steps[id].undoes })
	}
}

// block adds a part with one way in and one way out and returns both ends, and the nodes that have surely run after it.
func (g *generator) block(depth int, at place, known []string) (first, last string, after []string) {
	g.budget--
	if depth == 0 || g.budget <= 0 {
		id := g.task(known)
		return id, id, extend(known, id)
	}
	kinds := 18
	if g.plain {
		kinds = 11
	}
	switch g.IntN(kinds) {
	case 0, 1, 2:
		return g.activity(depth, at, known)
	case 3, 4, 5:
		first, last, after = g.block(depth-1, at, known)
		for range 1 + g.IntN(2) {
			f, l, a := g.block(depth-1, at, after)
			g.join(last, f)
			last, after = l, a
		}
		return first, last, after
	case 6:
		return g.fork(depth, at, known)
	case 7:
		return g.choice(depth, at, known)
	case 8, 9:
		return g.loop(depth, at, known)
	case 10:
		return g.double(depth, at, known)
	case 11:
		return g.deferred(depth, at, known)
	case 12:
		return g.waiting(known)
	case 13:
		id := g.throw()
		return id, id, known
	case 14:
		if g.multiplied { // an inclusive join may make one token of two, and a join behind it would wait for the other
			return g.choice(depth, at, known)
		}
		return g.several(depth, at, known)
	case 15:
		return g.ruin(depth, at, known)
	default:
		return g.sub(depth, at, known)
	}
}

func (g *generator) throw() string {
	id := g.gate(graph.KindCompensationEvent, "c")
	g.undoesSome(id)
	return id
}

// ruin adds a sub-process that one of its branches ends while another is deep inside of it, and undoes what had completed.
func (g *generator) ruin(depth int, at place, known []string) (first, last string, after []string) {
	id := g.gate(graph.KindSubProcess, "sub")
	outer := g.level
	g.level = id
	start := g.add(&step{id: id + "_s", kind: graph.KindStartEvent}, graph.Node{Start: &graph.StartEvent{}})
	fork, stop := g.gate(graph.KindParallelGateway, "p"), g.task(known)
	g.join(start, fork)
	g.join(fork, stop)
	g.join(stop, g.ending(id+"_t", graph.EndTerminate, known))
	deep := g.nest(1+g.IntN(2), known)
	g.join(fork, deep)
	g.join(deep, g.lastEnd(id+"_e", known))
	g.level = outer
	first, last, after = g.finish(id, false, depth, at, known)
	undo := g.throw()
	g.join(last, undo)
	return first, undo, after
}

// nest adds sub-processes within each other around an activity that may be undone and one more.
func (g *generator) nest(levels int, known []string) string {
	id := g.gate(graph.KindSubProcess, "sub")
	outer := g.level
	g.level = id
	from := g.add(&step{id: id + "_s", kind: graph.KindStartEvent}, graph.Node{Start: &graph.StartEvent{}})
	if levels > 0 {
		inner := g.nest(levels-1, known)
		g.join(from, inner)
		from = inner
	}
	f, l, k := g.activity(1, place{inParallel: true, inLoop: true}, known)
	g.join(from, f)
	more := g.task(k)
	g.join(l, more)
	g.join(more, g.lastEnd(id+"_e", k))
	g.level = outer
	return id
}

func (g *generator) task(known []string) string {
	s := &step{
		id: g.id("t"), kind: graph.KindServiceTask, in: term{node: g.pick(known), plus: g.one(3)}, result: g.one(6), attempts: 1 + g.IntN(3),
	}
	policy := &graph.RetryPolicy{MaxAttempts: s.attempts}
	if g.one(3) {
		s.dont = "X"
		policy.DontRetryCodes = []string{"X"}
	}
	src := &graph.ServiceTask{Type: "demo.step@1", Input: values(map[string]string{"v": s.in.value()}), Retry: policy}
	if s.result {
		src.Result = values(map[string]string{"v": `"=result.v + 1"`})
	}
	if !g.plain && g.one(4) {
		s.plan, src.Plan = g.planOf(s.id, 1), true
	}
	return g.add(s, graph.Node{Service: src})
}

// planOf draws a plan of a few tasks that use each other's outputs, some of which plan in their turn.
func (g *generator) planOf(host string, depth int) *planned {
	p := &planned{}
	var known []string
	for i := range 1 + g.IntN(3) {
		s := &step{id: fmt.Sprintf("%s/%c", host, 'a'+i), kind: graph.KindServiceTask, attempts: 1 + g.IntN(2), in: term{node: g.pick(extend(known, ofInput)), plus: g.one(4)}}
		for _, other := range known {
			if other == s.in.node || g.one(4) {
				s.after = append(s.after, other)
			}
		}
		if depth > 0 && g.one(4) {
			s.plan = g.planOf(s.id, depth-1)
		}
		g.steps[s.id] = s
		p.tasks, known = append(p.tasks, s), append(known, s.id)
	}
	g.Shuffle(len(p.tasks), func(i, j int) { p.tasks[i], p.tasks[j] = p.tasks[j], p.tasks[i] })
	name := func(id string) string { return id[strings.LastIndex(id, "/")+1:] }
	plan := wire.Plan{}
	for _, s := range p.tasks {
		read := "input.v"
		if s.in.node != ofInput {
			read = "tasks." + name(s.in.node) + ".v"
		}
		if s.in.plus {
			read += " + 1"
		}
		t := wire.PlanTask{Name: name(s.id), Type: "demo.step@1", Input: values(map[string]string{"v": fmt.Sprintf("%q", "="+read)}),
			Retry: json.RawMessage(fmt.Sprintf(`{"max_attempts":%d}`, s.attempts))}
		for _, other := range s.after {
			if other != s.in.node { // what it reads it waits for anyway
				t.After = append(t.After, name(other))
			}
		}
		plan.Tasks = append(plan.Tasks, t)
	}
	if !g.one(3) {
		p.result = g.pick(known)
		plan.Result = name(p.result)
	}
	p.raw, _ = json.Marshal(plan) //nolint:errchkjson // texts and numbers
	return p
}

// work adds a task of any kind that is not a level of its own.
func (g *generator) work(known []string) string {
	in := term{node: g.pick(known), plus: g.one(3)}
	switch g.IntN(8) {
	case 0:
		return g.computing(known)
	case 1:
		return g.table(in)
	case 2:
		return g.add(&step{id: g.id("u"), kind: graph.KindUserTask, in: in}, graph.Node{User: &graph.UserTask{Input: values(map[string]string{"v": in.value()}), Groups: []string{"clerks"}}})
	case 3, 4:
		s := &step{id: g.id("call"), kind: graph.KindCallActivity, in: in, goesOn: g.one(3)}
		src := &graph.CallActivity{Definition: "other", Input: values(map[string]string{"v": in.value()})}
		if s.goesOn {
			src.OnFailure = graph.CallContinue
		}
		return g.add(s, graph.Node{Call: src})
	default:
		return g.task(known)
	}
}

func (g *generator) computing(known []string) string {
	s := &step{id: g.id("s"), kind: graph.KindScriptTask, in: term{node: g.pick(known), plus: true}}
	return g.add(s, graph.Node{Script: &graph.ScriptTask{Output: values(map[string]string{"v": s.in.value()})}})
}

func (g *generator) table(in term) string {
	s := &step{id: g.id("d"), kind: graph.KindDecisionTask, in: term{node: in.node}, hit: []graph.HitPolicy{graph.HitUnique, graph.HitFirst, graph.HitAny, graph.HitCollect}[g.IntN(4)]}
	src := &graph.DecisionTask{Hit: s.hit, Inputs: []string{s.in.text()}, Outputs: []string{"v"}}
	for range 1 + g.IntN(3) {
		r := tableRule{from: g.IntN(8), gives: g.IntN(3)}
		s.rules = append(s.rules, r)
		src.Rules = append(src.Rules, graph.DecisionRule{When: []string{fmt.Sprintf(">= %d", r.from)}, Then: []graph.Value{graph.Value(fmt.Sprint(r.gives))}})
	}
	return g.add(s, graph.Node{Decision: src})
}

// activity adds a task that may be repeated for a list, have events on its border, and be undone.
func (g *generator) activity(depth int, at place, known []string) (first, last string, after []string) {
	if g.plain {
		id := g.task(known)
		if g.one(3) {
			id = g.computing(known)
		}
		return id, id, extend(known, id)
	}
	repeated := g.one(5)
	inside := known
	if repeated {
		inside = extend(known, ofItem)
	}
	id := g.work(inside)
	return g.finish(id, repeated, depth, at, known)
}

func (g *generator) sub(depth int, at place, known []string) (first, last string, after []string) {
	repeated := !at.inList && g.one(3)
	inside := known
	if repeated {
		inside = extend(known, ofItem)
	}
	id := g.gate(graph.KindSubProcess, "sub")
	outer := g.level
	g.level = id
	start := g.add(&step{id: id + "_s", kind: graph.KindStartEvent}, graph.Node{Start: &graph.StartEvent{}})
	f, l, knownInside := g.block(depth-1, place{inList: at.inList || repeated}, inside)
	g.join(start, f)
	g.join(l, g.lastEnd(id+"_e", knownInside))
	g.level = outer
	return g.finish(id, repeated, depth, at, known)
}

// finish gives an activity what it may have.
func (g *generator) finish(id string, repeated bool, depth int, at place, known []string) (first, last string, after []string) {
	s := g.steps[id]
	g.activities[g.level] = append(g.activities[g.level], id)
	after = known
	if repeated {
		g.repeated(s, known)
	} else if s.kind != graph.KindSubProcess {
		after = extend(known, id)
	}
	if g.one(2) {
		h := &step{id: "un_" + id, kind: graph.KindServiceTask, in: term{node: ofUndone, plus: g.one(4)}, attempts: 1 + g.IntN(2), handler: true}
		s.undo = h.id
		if g.one(4) {
			h.kind, h.attempts = graph.KindScriptTask, 0
			g.add(h, graph.Node{Script: &graph.ScriptTask{Output: values(map[string]string{"v": h.in.value()})}})
		} else {
			g.add(h, graph.Node{Service: &graph.ServiceTask{Type: "demo.step@1", Input: values(map[string]string{"v": h.in.value()}), Retry: &graph.RetryPolicy{MaxAttempts: h.attempts}}})
		}
		g.set(id, func(n *graph.Node) { n.UndoneBy = h.id })
	}
	if !g.one(2) {
		return id, id, after
	}
	return g.bordered(id, depth, at, known, after)
}

func (g *generator) repeated(s *step, known []string) {
	r := &repeat{limit: 100, tolerated: g.IntN(3), collect: g.one(2)}
	m := &graph.Multi{Tolerated: fmt.Sprint(r.tolerated)}
	switch g.IntN(4) {
	case 0:
		r.from = &term{node: g.pick(known)}
		m.Items = graph.Value(r.from.value())
	case 1:
		r.number = g.IntN(5)
		m.Items = graph.Value(fmt.Sprint(r.number))
	default:
		r.values = []int{}
		for range g.IntN(5) {
			r.values = append(r.values, g.IntN(9))
		}
		raw, _ := json.Marshal(r.values) //nolint:errchkjson // a list of numbers
		m.Items = raw
	}
	switch g.IntN(3) {
	case 0:
		m.Sequential, r.limit = true, 1
	case 1:
		m.Limit, r.limit = 2, 2
	}
	switch g.IntN(6) {
	case 0:
		r.until, r.enough = "completed", 1+g.IntN(2)
		m.Until = fmt.Sprintf("=result.completed >= %d", r.enough)
	case 1:
		r.until, r.enough = "failed", 1
		m.Until = "=result.failed >= 1"
	case 2:
		r.until, r.enough = "ended", 2
		m.Until = "=result.completed + result.failed >= 2"
	}
	if g.one(4) {
		r.share, r.tolerated = true, 50
		m.Tolerated = "50%"
	}
	if r.collect {
		m.Collect = graph.Value(`"=result.v"`)
	}
	s.list = r
	g.set(s.id, func(n *graph.Node) { n.Multi = m })
}

// bordered puts events on the border of an activity. What interrupts it goes on where it goes on; the others end by themselves.
func (g *generator) bordered(id string, depth int, at place, known, after []string) (first, last string, more []string) {
	var merge string
	for range 1 + g.IntN(2) {
		b := &graph.BoundaryEvent{On: id}
		switch g.IntN(4) {
		case 0:
			b.Kind = graph.BoundaryTimer
			b.Timer = &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}
			if g.one(2) {
				b.Timer = &graph.Timer{Kind: graph.TimerCron, Value: "0 * * * *"}
				b.Times = g.IntN(3)
			}
		case 1:
			b.Kind, b.Message = graph.BoundaryMessage, &graph.Message{Name: "stop", Key: "k"}
		default:
			b.Kind, b.Technical = graph.BoundaryError, g.one(2)
			b.Codes = [][]string{nil, {"B"}, {"X"}, {"X.Y", "N"}}[g.IntN(4)]
		}
		b.KeepsRunning = b.Kind != graph.BoundaryError && g.one(2)
		event := g.add(&step{id: g.id("b"), kind: graph.KindBoundaryEvent, boundary: b}, graph.Node{Boundary: b})
		g.steps[id].border = append(g.steps[id].border, g.steps[event])
		at := at
		if b.KeepsRunning {
			at.inParallel, at.inLoop = true, true // it is a token more, and has an end of its own
			f, l, k := g.block(min(depth-1, 1), at, known)
			g.join(event, f)
			g.join(l, g.ending(g.id("e"), graph.EndNone, k))
			continue
		}
		if merge == "" {
			merge = g.gate(graph.KindExclusiveGateway, "m")
			g.join(id, merge)
			after = known
		}
		if g.one(3) {
			undo := g.throw()
			g.join(event, undo)
			g.join(undo, merge)
			continue
		}
		f, l, _ := g.block(min(depth-1, 1), at, known)
		g.join(event, f)
		g.join(l, merge)
	}
	if merge == "" {
		return id, id, after
	}
	return id, merge, after
}

// waiting adds a timer or a message.
func (g *generator) waiting(known []string) (first, last string, after []string) {
	id := g.event()
	if g.steps[id].kind == graph.KindMessageEvent {
		return id, id, extend(known, id)
	}
	return id, id, known
}

func (g *generator) event() string {
	if g.one(2) {
		return g.add(&step{id: g.id("w"), kind: graph.KindTimerEvent}, graph.Node{Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1M"}})
	}
	return g.add(&step{id: g.id("w"), kind: graph.KindMessageEvent}, graph.Node{Message: &graph.Message{Name: "paid", Key: "k"}})
}

// deferred lets the first of several events choose.
func (g *generator) deferred(depth int, at place, known []string) (first, last string, after []string) {
	first = g.gate(graph.KindEventGateway, "g")
	last = g.gate(graph.KindExclusiveGateway, "m")
	for range 2 + g.IntN(2) {
		id := g.event()
		g.join(first, id)
		if g.one(2) {
			g.join(id, last)
			continue
		}
		f, l, _ := g.block(depth-1, at, known)
		g.join(id, f)
		g.join(l, last)
	}
	return first, last, known
}

// fork splits, by a gateway or by a task with several edges, and joins.
func (g *generator) fork(depth int, at place, known []string) (first, last string, after []string) {
	after = known
	if g.one(3) {
		first = g.task(known)
		after = extend(known, first)
	} else {
		first = g.gate(graph.KindParallelGateway, "p")
	}
	last = g.gate(graph.KindParallelGateway, "j")
	before := after
	at.inParallel = true
	for range 2 + g.IntN(2) {
		f, l, a := g.block(depth-1, at, before)
		g.join(first, f)
		g.join(l, last)
		after = extend(after, a[len(before):]...)
	}
	return first, last, after
}

// several takes any number of ways at once and waits for those that were taken.
func (g *generator) several(depth int, at place, known []string) (first, last string, after []string) {
	first = g.gate(graph.KindInclusiveGateway, "i")
	last = g.gate(graph.KindInclusiveGateway, "o")
	ways := 2 + g.IntN(2)
	withDefault := !g.one(5)
	at.inParallel = true
	for i := range ways {
		var condition *term
		other := withDefault && i == ways-1
		if !other {
			condition = &term{node: g.pick(known), mod: 2 + g.IntN(2), rest: g.IntN(2)}
		}
		if i == 1 && g.one(4) {
			g.arc(first, last, condition, other)
			continue
		}
		f, l, _ := g.block(depth-1, at, known)
		g.arc(first, f, condition, other)
		g.join(l, last)
	}
	return first, last, known
}

func (g *generator) choice(depth int, at place, known []string) (first, last string, after []string) {
	first = g.gate(graph.KindExclusiveGateway, "x")
	last = g.gate(graph.KindExclusiveGateway, "m")
	ways := 2 + g.IntN(2)
	withDefault := !g.one(4)
	for i := range ways {
		var condition *term
		other := withDefault && i == ways-1
		if !other {
			condition = &term{node: g.pick(known), mod: 2 + g.IntN(2), rest: g.IntN(2)}
		}
		if i == 0 && g.one(3) {
			kinds := []graph.EndKind{graph.EndError, graph.EndTerminate}
			if !at.inParallel {
				kinds = append(kinds, graph.EndNone)
			}
			if !at.inParallel && !g.plain {
				kinds = append(kinds, graph.EndCompensate)
			}
			g.arc(first, g.ending(g.id("e"), kinds[g.IntN(len(kinds))], known), condition, other)
			continue
		}
		if i == 1 && g.one(3) {
			g.arc(first, last, condition, other)
			continue
		}
		f, l, _ := g.block(depth-1, at, known)
		g.arc(first, f, condition, other)
		g.join(l, last)
	}
	return first, last, known
}

// loop repeats its body while the answer of its last task is divisible by four.
func (g *generator) loop(depth int, at place, known []string) (first, last string, after []string) {
	first = g.gate(graph.KindExclusiveGateway, "l")
	at.inLoop = true
	f, l, after := g.block(depth-1, at, known)
	probe := g.task(after)
	after = extend(after, probe)
	decide := g.gate(graph.KindExclusiveGateway, "k")
	last = g.gate(graph.KindExclusiveGateway, "m")
	g.join(first, f)
	g.join(l, probe)
	g.join(probe, decide)
	g.arc(decide, first, &term{node: probe, mod: 4, rest: 0}, false)
	g.arc(decide, last, nil, true)
	return first, last, after
}

// double splits without a join, so that what follows is activated twice; once per graph, or it would grow without end.
func (g *generator) double(depth int, at place, known []string) (first, last string, after []string) {
	if g.multiplied || at.inLoop || at.inParallel {
		return g.activity(depth, at, known)
	}
	g.multiplied = true
	first = g.task(known)
	after = extend(known, first)
	last = g.task(after)
	for range 2 {
		f, l, _ := g.block(depth-1, at, after)
		g.join(first, f)
		g.join(l, last)
	}
	return first, last, extend(after, last)
}

// heads are the gateways where the loops of the process's own level begin.
func (g *generator) heads() []string {
	var ids []string
	for id, s := range g.steps {
		if s.kind == graph.KindExclusiveGateway && s.parent == "" && strings.HasPrefix(id, "l") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func extend(known []string, ids ...string) []string {
	return append(append([]string(nil), known...), ids...)
}

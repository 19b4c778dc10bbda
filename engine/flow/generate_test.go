package flow_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// term is what a generated expression reads: the field v of a node's latest output, or of the process input when node is empty.
// Plus adds one and fails on a text; a condition is v % mod == rest and fails on a text.
type term struct {
	node      string
	plus      bool
	mod, rest int
}

func (x term) path() string {
	if x.node == "" {
		return "input.v"
	}
	return "tasks." + x.node + ".v"
}

func (x term) value() string {
	if x.plus {
		return fmt.Sprintf(`"=%s + 1"`, x.path())
	}
	return fmt.Sprintf(`"=%s"`, x.path())
}

func (x term) condition() string { return fmt.Sprintf("=%s %% %d == %d", x.path(), x.mod, x.rest) }

// spec is a generated node as the reference interpreter reads it, apart from the document.
type spec struct {
	kind     graph.Kind
	in       term // of a service or script task, or of an end event with output
	result   bool // a service task's result is its output plus one
	attempts int
	dont     string // a code that is not retried
	end      graph.EndKind
	out      []arc
	arriving int
}

// arc is an outgoing edge of a spec.
type arc struct {
	id, to    string
	condition *term
	other     bool // the default
}

// generator draws sound graphs: nested sequences, parallel and exclusive blocks, loops, implicit splits, early ends.
type generator struct {
	*rand.Rand
	draft
	specs      map[string]*spec
	count      int
	budget     int
	multiplied bool
}

func generate(r *rand.Rand) *generator {
	g := &generator{Rand: r, specs: map[string]*spec{}, budget: 3 + r.IntN(14)}
	g.start()
	g.specs["start"] = &spec{kind: graph.KindStartEvent}
	first, last, known := g.block(3, place{}, []string{""})
	g.join("start", first)
	end := g.ending("end", graph.EndNone, known)
	g.join(last, end)
	return g
}

// place says what surrounds a block: an early end is sound only where no join waits for the token, a doubled token only outside
// loops and parallel blocks.
type place struct{ inParallel, inLoop bool }

func (g *generator) id(prefix string) string {
	g.count++
	return fmt.Sprintf("%s%d", prefix, g.count)
}

func (g *generator) pick(known []string) string { return known[g.IntN(len(known))] }

func (g *generator) join(from, to string) { g.arc(from, to, nil, false) }

func (g *generator) arc(from, to string, condition *term, other bool) {
	id := from + "-" + to
	e := graph.Edge{ID: id, From: from, To: to, Default: other}
	if condition != nil {
		e.Condition = condition.condition()
	}
	g.doc.Edges = append(g.doc.Edges, e)
	g.specs[from].out = append(g.specs[from].out, arc{id, to, condition, other})
	g.specs[to].arriving++
}

func (g *generator) task(known []string) string {
	id := g.id("t")
	s := &spec{kind: graph.KindServiceTask, in: term{node: g.pick(known), plus: g.IntN(3) == 0}, result: g.IntN(6) == 0, attempts: 1 + g.IntN(3)}
	policy := &graph.RetryPolicy{MaxAttempts: s.attempts}
	if g.IntN(3) == 0 {
		s.dont = "X"
		policy.DontRetryCodes = []string{"X"}
	}
	g.specs[id] = s
	g.service(id, input(map[string]string{"v": s.in.value()}), func(t *graph.ServiceTask) {
		t.Retry = policy
		if s.result {
			t.Result = values(map[string]string{"v": `"=result.v + 1"`})
		}
	})
	return id
}

func (g *generator) compute(known []string) string {
	id := g.id("s")
	s := &spec{kind: graph.KindScriptTask, in: term{node: g.pick(known), plus: true}}
	g.specs[id] = s
	g.script(id, map[string]string{"v": s.in.value()})
	return id
}

func (g *generator) gate(kind graph.Kind, prefix string) string {
	id := g.id(prefix)
	g.specs[id] = &spec{kind: kind}
	g.node(graph.Node{ID: id, Kind: kind})
	return id
}

func (g *generator) ending(id string, kind graph.EndKind, known []string) string {
	s := &spec{kind: graph.KindEndEvent, end: kind, in: term{node: g.pick(known), plus: g.IntN(2) == 0}}
	g.specs[id] = s
	g.end(id, ends(kind, "E_"+id, ""), gives(map[string]string{"o_" + id: s.in.value()}))
	return id
}

// block adds a part with one way in and one way out and returns both ends, and the nodes that have surely run after it.
func (g *generator) block(depth int, at place, known []string) (first, last string, after []string) {
	g.budget--
	if depth == 0 || g.budget <= 0 {
		id := g.task(known)
		return id, id, extend(known, id)
	}
	switch g.IntN(9) {
	case 0, 1:
		id := g.task(known)
		return id, id, extend(known, id)
	case 2:
		id := g.compute(known)
		return id, id, extend(known, id)
	case 3:
		first, last, after = g.block(depth-1, at, known)
		for range 1 + g.IntN(2) {
			f, l, a := g.block(depth-1, at, after)
			g.join(last, f)
			last, after = l, a
		}
		return first, last, after
	case 4:
		return g.fork(depth, at, known)
	case 5, 6:
		return g.choice(depth, at, known)
	case 7:
		return g.loop(depth, at, known)
	default:
		return g.double(depth, at, known)
	}
}

// fork splits, by a gateway or by a task with several edges, and joins.
func (g *generator) fork(depth int, at place, known []string) (first, last string, after []string) {
	after = known
	if g.IntN(3) == 0 {
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

func (g *generator) choice(depth int, at place, known []string) (first, last string, after []string) {
	first = g.gate(graph.KindExclusiveGateway, "x")
	last = g.gate(graph.KindExclusiveGateway, "m")
	ways := 2 + g.IntN(2)
	withDefault := g.IntN(4) != 0
	for i := range ways {
		var condition *term
		other := withDefault && i == ways-1
		if !other {
			condition = &term{node: g.pick(known), mod: 2 + g.IntN(2), rest: g.IntN(2)}
		}
		if i == 0 && g.IntN(3) == 0 {
			kinds := []graph.EndKind{graph.EndError, graph.EndTerminate}
			if !at.inParallel {
				kinds = append(kinds, graph.EndNone)
			}
			g.arc(first, g.ending(g.id("e"), kinds[g.IntN(len(kinds))], known), condition, other)
			continue
		}
		if i == 1 && g.IntN(3) == 0 {
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
	decide := g.gate(graph.KindExclusiveGateway, "d")
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
		id := g.task(known)
		return id, id, extend(known, id)
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

func extend(known []string, ids ...string) []string {
	return append(append([]string(nil), known...), ids...)
}

package sound

import (
	"slices"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Code names what is wrong.
type Code string

// The codes.
const (
	Stuck     Code = "stuck"     // in some run a join waits for ever
	Never     Code = "never"     // in every run that comes to it, a join waits for ever
	Unbounded Code = "unbounded" // tokens multiply without bound
	Endless   Code = "endless"   // from some point on no run ends
	Unproven  Code = "unproven"  // there is too much to explore
)

// Problem is something wrong, with the shortest way that shows it.
type Problem struct {
	Code Code
	Node string   // where; empty: the whole process
	Path []string // flows of the document, in the order in which they are taken
}

// MaxStates bounds what is explored of one level.
const MaxStates = 20_000

// Check explores a document that has passed the checks of its structure, and returns what is wrong: nothing means that the control
// flow is sound.
func Check(doc *graph.Document) []Problem {
	var all []Problem
	for _, n := range levels(doc) {
		all = append(all, n.explore()...)
	}
	return all
}

// state is how many tokens are on each edge.
type state []uint8

// mostTokens of one edge are counted; more are as many.
const mostTokens = 100

func (s state) empty() bool {
	return !slices.ContainsFunc(s, func(tokens uint8) bool { return tokens > 0 })
}

// covers tells whether a state has what another has, and more.
func (s state) covers(o state) bool {
	more := false
	for i := range s {
		if s[i] < o[i] {
			return false
		}
		more = more || s[i] > o[i]
	}
	return more
}

func (s state) after(st step) state {
	next := slices.Clone(s)
	if st.over {
		clear(next)
		return next
	}
	for _, e := range st.take {
		next[e]--
	}
	for _, e := range st.give {
		next[e] = min(next[e]+1, mostTokens)
	}
	return next
}

// visit is a state that was come to, and how.
type visit struct {
	state  state
	before int // the visit before, -1 at a start
	took   []int
	next   []int
}

type explorer struct {
	net    *net
	visits []visit
	known  map[string]int
	fired  []bool // nodes
	found  []Problem
}

func (n *net) explore() []Problem {
	firsts := make([][]int, len(n.starts))
	for i, start := range n.starts { // each begins a run of its own
		firsts[i] = n.nodes[start].out
	}
	return n.exploreFrom(firsts...)
}

// exploreFrom explores what can come of a token on each edge of the first states, each of which begins a run of its own.
func (n *net) exploreFrom(firsts ...[]int) []Problem {
	x := &explorer{net: n, known: map[string]int{}, fired: make([]bool, len(n.nodes))}
	for _, start := range n.starts {
		x.fired[start] = true
	}
	for _, first := range firsts {
		x.add(make(state, len(n.edges)).after(step{give: first}), -1, first)
	}
	for at := 0; at < len(x.visits); at++ {
		if len(x.visits) > MaxStates {
			return append(x.found, Problem{Code: Unproven})
		}
		if x.expand(at) {
			return x.found // tokens multiply: there is no end to exploring
		}
	}
	x.never()
	x.endless()
	return x.found
}

// add returns the visit of a state, and whether it is new.
func (x *explorer) add(s state, before int, took []int) (int, bool) {
	key := string(s)
	if at, known := x.known[key]; known {
		return at, false
	}
	x.known[key] = len(x.visits)
	x.visits = append(x.visits, visit{state: s, before: before, took: took})
	return len(x.visits) - 1, true
}

// expand finds what may come next. Each edge leads to one node, so what one node does takes nothing away from another: it is enough
// to let one of them go on. Unless that leads only to what has been looked at before: then the others do too, so that none is put off
// for ever.
func (x *explorer) expand(at int) (unbounded bool) {
	s := x.visits[at].state
	if s.empty() {
		return false
	}
	moved := false
	for pass := range 2 {
		for i := range x.net.nodes {
			joins := x.net.nodes[i].kind == graph.KindInclusiveGateway && len(x.net.nodes[i].in) > 1
			if joins != (pass == 1) {
				continue // inclusive joins wait for all that can move
			}
			steps := x.net.steps(i, s)
			if len(steps) == 0 {
				continue
			}
			moved = true
			x.fired[i] = true
			ahead := false
			for _, st := range steps {
				next, fresh := x.add(s.after(st), at, st.give)
				ahead = ahead || next > at
				x.visits[at].next = append(x.visits[at].next, next)
				if fresh && x.multiplies(next) {
					return true
				}
			}
			if ahead {
				return false
			}
		}
		if moved {
			return false
		}
	}
	x.stuck(at)
	return false
}

// multiplies tells whether a state has all that one before it had, and more: the way between them can be gone again and again.
func (x *explorer) multiplies(at int) bool {
	s := x.visits[at].state
	for before := x.visits[at].before; before >= 0; before = x.visits[before].before {
		if s.covers(x.visits[before].state) {
			node := ""
			for e := range s {
				if s[e] > x.visits[before].state[e] {
					node = x.net.nodes[x.net.edges[e].to].id
					break
				}
			}
			x.found = append(x.found, Problem{Code: Unbounded, Node: node, Path: x.path(at)})
			return true
		}
	}
	return false
}

// stuck notes the joins that wait in a state in which nothing can move, each once.
func (x *explorer) stuck(at int) {
	for e, tokens := range x.visits[at].state {
		if tokens == 0 {
			continue
		}
		id := x.net.nodes[x.net.edges[e].to].id
		if !slices.ContainsFunc(x.found, func(p Problem) bool { return p.Node == id && p.Code == Stuck }) {
			x.found = append(x.found, Problem{Code: Stuck, Node: id, Path: x.path(at)})
		}
	}
}

// never tells joins that never go on from those that go on in some run.
func (x *explorer) never() {
	for i := range x.found {
		p := &x.found[i]
		at := slices.IndexFunc(x.net.nodes, func(n node) bool { return n.id == p.Node })
		if p.Code == Stuck && at >= 0 && !x.fired[at] {
			p.Code = Never
		}
	}
}

// endless notes the first state from which no end can be come to although something always moves.
func (x *explorer) endless() {
	ends := make([]bool, len(x.visits))
	before := make([][]int, len(x.visits))
	var todo []int
	for at := range x.visits {
		for _, next := range x.visits[at].next {
			before[next] = append(before[next], at)
		}
		if len(x.visits[at].next) == 0 { // over, or stuck, which is told already
			ends[at] = true
			todo = append(todo, at)
		}
	}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, b := range before[at] {
			if !ends[b] {
				ends[b] = true
				todo = append(todo, b)
			}
		}
	}
	for at := range x.visits {
		if ends[at] {
			continue
		}
		node := ""
		for e, tokens := range x.visits[at].state {
			if tokens > 0 {
				node = x.net.nodes[x.net.edges[e].to].id
				break
			}
		}
		x.found = append(x.found, Problem{Code: Endless, Node: node, Path: x.path(at)})
		return
	}
}

// path lists the flows that were taken on the shortest way to a visit.
func (x *explorer) path(at int) []string {
	var visits []int
	for ; at >= 0; at = x.visits[at].before {
		visits = append(visits, at)
	}
	slices.Reverse(visits)
	var ids []string
	for _, v := range visits {
		for _, e := range x.visits[v].took {
			ids = append(ids, x.net.edges[e].ids...)
		}
	}
	return ids
}

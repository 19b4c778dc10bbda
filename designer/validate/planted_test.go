package validate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/validate"
)

// grower draws sound processes of nested blocks. It remembers where each kind of defect can be planted.
type grower struct {
	rng    *rand.Rand
	doc    *graph.Document
	forks  []string    // parallel splits that have a join
	loops  [][2]string // the head and the tail of each loop
	leaves []string    // tasks
}

func (g *grower) node(kind graph.Kind) string {
	n := graph.Node{ID: fmt.Sprintf("n%d", len(g.doc.Nodes)), Kind: kind, Title: "N"}
	switch kind {
	case graph.KindScriptTask:
		n.Script = &graph.ScriptTask{Output: map[string]graph.Value{}}
	case graph.KindEndEvent:
		n.End = &graph.EndEvent{Kind: graph.EndNone}
	}
	g.doc.Nodes = append(g.doc.Nodes, n)
	return n.ID
}

func (g *grower) edge(path ...string) {
	for i := 1; i < len(path); i++ {
		g.doc.Edges = append(g.doc.Edges, graph.Edge{ID: fmt.Sprintf("e%d", len(g.doc.Edges)), From: path[i-1], To: path[i]})
	}
}

// grow puts a block between two nodes.
func (g *grower) grow(from, to string, depth int) {
	if depth == 0 {
		task := g.node(graph.KindScriptTask)
		g.leaves = append(g.leaves, task)
		g.edge(from, task, to)
		return
	}
	switch g.rng.IntN(5) {
	case 0:
		middle := g.node(graph.KindScriptTask)
		g.grow(from, middle, depth-1)
		g.grow(middle, to, depth-1)
	case 1:
		head, tail := g.node(graph.KindExclusiveGateway), g.node(graph.KindExclusiveGateway)
		g.edge(from, head)
		g.grow(head, tail, depth-1)
		g.edge(tail, to)
		g.edge(tail, head)
		g.loops = append(g.loops, [2]string{head, tail})
	default:
		kind := []graph.Kind{graph.KindExclusiveGateway, graph.KindParallelGateway, graph.KindInclusiveGateway}[g.rng.IntN(3)]
		split, join := g.node(kind), g.node(kind)
		g.edge(from, split)
		for range 2 + g.rng.IntN(2) {
			g.grow(split, join, depth-1)
		}
		g.edge(join, to)
		if kind == graph.KindParallelGateway {
			g.forks = append(g.forks, split)
		}
	}
}

func (g *grower) kinds() map[string]graph.Kind {
	kinds := map[string]graph.Kind{}
	for i := range g.doc.Nodes {
		kinds[g.doc.Nodes[i].ID] = g.doc.Nodes[i].Kind
	}
	return kinds
}

// codes gives each flow behind an exclusive or inclusive gateway what it needs, and lists what is found.
func (g *grower) codes() (found []validate.Code) {
	kinds, first := g.kinds(), map[string]bool{}
	for i := range g.doc.Edges {
		e := &g.doc.Edges[i]
		e.Condition, e.Default = "", kinds[e.From].Splits() && !first[e.From]
		if kinds[e.From].Splits() && !e.Default {
			e.Condition = "=input.n > 1"
		}
		first[e.From] = true
	}
	for _, issue := range validate.Document(g.doc, nil) {
		found = append(found, validate.Code(issue.Code))
	}
	return found
}

// turn lets the first flow from a node to another one lead elsewhere; it returns where it led.
func (g *grower) turn(from, to, elsewhere string) (led string) {
	for i := range g.doc.Edges {
		if e := &g.doc.Edges[i]; e.From == from && (to == "" || e.To == to) {
			led, e.To = e.To, elsewhere
			return led
		}
	}
	return ""
}

// defects are what makes a sound graph unsound: each is planted where it can be, and tells whether it was. One of its codes is found.
var defects = map[string]struct {
	plant func(*grower) bool
	codes []validate.Code
}{
	"a parallel join after an exclusive split": {func(g *grower) bool {
		if len(g.forks) == 0 {
			return false
		}
		fork := g.forks[g.rng.IntN(len(g.forks))]
		for i := range g.doc.Nodes {
			if g.doc.Nodes[i].ID == fork {
				g.doc.Nodes[i].Kind = graph.KindExclusiveGateway
			}
		}
		return true
	}, []validate.Code{validate.SoundNever, validate.SoundStuck}},
	"a loop that leaves a token more each time": {func(g *grower) bool {
		if len(g.loops) == 0 {
			return false
		}
		loop := g.loops[g.rng.IntN(len(g.loops))]
		fork, task := g.node(graph.KindParallelGateway), g.node(graph.KindScriptTask)
		g.turn(loop[1], loop[0], fork)
		g.edge(fork, loop[0])
		g.edge(fork, task, loop[0])
		return true
	}, []validate.Code{validate.SoundUnbounded}},
	"a step that nothing leads to": {func(g *grower) bool {
		g.edge(g.node(graph.KindScriptTask), g.leaves[g.rng.IntN(len(g.leaves))])
		return true
	}, []validate.Code{validate.Unreachable}},
	"an end that cannot be reached": {func(g *grower) bool {
		from, a, b := g.leaves[g.rng.IntN(len(g.leaves))], g.node(graph.KindScriptTask), g.node(graph.KindScriptTask)
		g.turn(from, "", a)
		g.edge(a, b, a)
		return true
	}, []validate.Code{validate.DeadEnd, validate.SoundEndless}},
	"inclusive joins that wait for each other": {func(g *grower) bool {
		fork, join := g.node(graph.KindParallelGateway), g.node(graph.KindParallelGateway)
		one, two := g.node(graph.KindInclusiveGateway), g.node(graph.KindInclusiveGateway)
		forth, back := g.node(graph.KindExclusiveGateway), g.node(graph.KindExclusiveGateway)
		to := g.turn(g.leaves[g.rng.IntN(len(g.leaves))], "", fork)
		g.edge(fork, one, forth, join, to)
		g.edge(fork, two, back, join)
		g.edge(forth, two)
		g.edge(back, one)
		return true
	}, []validate.Code{validate.SoundNever, validate.SoundStuck}},
}

// TestEveryKindOfUnsoundnessIsFound grows sound graphs, in which nothing is found, and plants one defect in each.
func TestEveryKindOfUnsoundnessIsFound(t *testing.T) {
	t.Parallel()
	for name, defect := range defects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			planted := 0
			for seed := range uint64(250) {
				g := &grower{rng: rand.New(rand.NewPCG(seed, 11)), doc: &graph.Document{Schema: graph.SchemaVersion}}
				g.doc.Nodes = append(g.doc.Nodes, graph.Node{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{}})
				g.grow("start", g.node(graph.KindEndEvent), 1+int(seed%3))
				require.Empty(t, g.codes(), "seed %d is sound", seed)
				if !defect.plant(g) {
					continue
				}
				planted++
				found := g.codes()
				require.True(t, slices.ContainsFunc(found, func(code validate.Code) bool { return slices.Contains(defect.codes, code) }), "seed %d: found only %v", seed, found)
			}
			require.Greater(t, planted, 60)
		})
	}
}

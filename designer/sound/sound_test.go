package sound_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/sound"
)

// drawing makes a document of arrows. The beginning of a name says what a node is: s(tart), x(or), a(nd), o(r), w (first event), e(nd),
// t(erminate), f(ail), anything else is a task. "b1@task" is an event on its border that ends it, "k1@task" one that lets it go on.
func drawing(arrows ...string) *graph.Document {
	doc := &graph.Document{Schema: graph.SchemaVersion}
	known := map[string]bool{}
	add := func(name string) string {
		id, host, border := strings.Cut(name, "@")
		if known[id] {
			return id
		}
		known[id] = true
		n := graph.Node{ID: id, Kind: graph.KindScriptTask}
		switch id[0] {
		case 's':
			n.Kind = graph.KindStartEvent
		case 'x':
			n.Kind = graph.KindExclusiveGateway
		case 'a':
			n.Kind = graph.KindParallelGateway
		case 'o':
			n.Kind = graph.KindInclusiveGateway
		case 'w':
			n.Kind = graph.KindEventGateway
		case 'e':
			n.Kind, n.End = graph.KindEndEvent, &graph.EndEvent{Kind: graph.EndNone}
		case 't':
			n.Kind, n.End = graph.KindEndEvent, &graph.EndEvent{Kind: graph.EndTerminate}
		case 'f':
			n.Kind, n.End = graph.KindEndEvent, &graph.EndEvent{Kind: graph.EndError}
		}
		if border {
			n.Kind, n.Boundary = graph.KindBoundaryEvent, &graph.BoundaryEvent{On: host, Kind: graph.BoundaryTimer, KeepsRunning: id[0] == 'k'}
		}
		doc.Nodes = append(doc.Nodes, n)
		return id
	}
	for _, arrow := range arrows {
		names := strings.Fields(arrow)
		for i := 1; i < len(names); i++ {
			from, to := add(names[i-1]), add(names[i])
			doc.Edges = append(doc.Edges, graph.Edge{ID: from + "-" + to, From: from, To: to})
		}
	}
	return doc
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		arrows []string
		want   []string // code node: path
	}{
		"a row":                       {[]string{"s p q e"}, nil},
		"a choice":                    {[]string{"s x p x2 e", "x q x2"}, nil},
		"a fork and its join":         {[]string{"s a p a2 e", "a q a2"}, nil},
		"several ends":                {[]string{"s a p e", "a q e2"}, nil},
		"two tokens through one task": {[]string{"s a p r e", "a q r"}, nil},
		"a loop":                      {[]string{"s p x e", "x p"}, nil},
		"a fork inside a loop":        {[]string{"s x1 a p a2 x2 e", "a q a2", "x2 x1"}, nil},
		"any of, and those":           {[]string{"s o p o2 e", "o q o2", "o r o2"}, nil},
		"the first of two events":     {[]string{"s w p x e", "w q x"}, nil},
		"terminate beside a join that never comes": {[]string{"s x p a e", "x t"}, nil},
		"an event that ends its task":              {[]string{"s p e", "b1@p q e2"}, nil},
		"an event beside its task":                 {[]string{"s p e", "k1@p q e2"}, nil},

		"a row with two beginnings":                                    {[]string{"s p q e", "s2 q"}, nil},
		"a join that only one of two beginnings leads to the sides of": {[]string{"s a p a2 e", "a q a2", "s2 p"}, []string{"stuck a2: s2-p p-a2"}},

		"a join after a choice":              {[]string{"s x p a e", "x q a"}, []string{"never a: s-x x-p p-a"}},
		"a join that a choice may leave":     {[]string{"s a x p a2 e", "a q a2", "x e2"}, []string{"stuck a2: s-a a-x a-q q-a2 x-e2"}},
		"a join of an event and its task":    {[]string{"s p a e", "b1@p q a"}, []string{"never a: s-p p-a"}},
		"a join of what may happen beside":   {[]string{"s p a e", "k1@p q a"}, []string{"stuck a: s-p p-a"}},
		"a loop that forks":                  {[]string{"s x a p e", "a x"}, []string{"unbounded e: s-x x-a a-p p-e a-x x-a"}},
		"a loop without an end":              {[]string{"s x1 p x2 x1", "x2 q x3 r x3", "x2 e"}, []string{"endless x3: s-x1 x1-p p-x2 x2-q q-x3"}},
		"or-joins that wait for each other":  {[]string{"s a o1 p x1 e", "a o2 q x2 e2", "x1 o2", "x2 o1"}, []string{"never o1: s-a a-o1 a-o2", "never o2: s-a a-o1 a-o2"}},
		"a join that waits for its own loop": {[]string{"s a p x e", "x a"}, []string{"never a: s-a"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range sound.Check(drawing(test.arrows...)) {
				got = append(got, string(p.Code)+" "+p.Node+": "+strings.Join(p.Path, " "))
			}
			require.Equal(t, test.want, got)
		})
	}
}

// Wide and long graphs that people draw are explored whole.
func TestWideGraphsAreProven(t *testing.T) {
	var arrows []string
	for i := range 30 { // thirty branches with three steps and a choice each
		arrows = append(arrows, fmt.Sprintf("s a p%d x%d q%d x%dm r%d a2 e", i, i, i, i, i), fmt.Sprintf("x%d u%d x%dm", i, i, i))
	}
	require.Empty(t, sound.Check(drawing(arrows...)))
	arrows = []string{"s x0"}
	for i := range 500 {
		arrows = append(arrows, fmt.Sprintf("x%d p%d x%d", i, i, i+1), fmt.Sprintf("x%d q%d x%d", i, i, i+1))
	}
	require.Empty(t, sound.Check(drawing(append(arrows, "x500 e")...)))
}

func TestWhatIsTooLargeIsNotCalledSound(t *testing.T) {
	var arrows []string
	for i := range 10 { // ten loops beside each other
		arrows = append(arrows, fmt.Sprintf("s a p%d x%d q%d y%d r%d z%d x%dn a2 e", i, i, i, i, i, i, i), fmt.Sprintf("x%dn p%d", i, i), fmt.Sprintf("x%d o%d", i, i), fmt.Sprintf("o%d r%d", i, i), fmt.Sprintf("o%d z%d", i, i))
	}
	problems := sound.Check(drawing(arrows...))
	for _, p := range problems {
		require.Contains(t, []sound.Code{sound.Unproven, sound.Unbounded, sound.Stuck}, p.Code)
	}
	require.NotEmpty(t, problems)
}

// block draws a random sound block between two nodes and returns its arrows.
type maker struct {
	rng    *rand.Rand
	arrows []string
	n      int
	forks  []string // names of joins behind forks
}

func (m *maker) name(kind string) string {
	m.n++
	return fmt.Sprintf("%s%d", kind, m.n)
}

func (m *maker) block(from, to string, depth int) {
	if depth == 0 || m.rng.IntN(4) == 0 {
		m.arrows = append(m.arrows, from+" "+m.name("p")+" "+to)
		return
	}
	switch m.rng.IntN(5) {
	case 0: // one after the other
		middle := m.name("p")
		m.block(from, middle, depth-1)
		m.block(middle, to, depth-1)
	case 1: // a loop
		head, tail := m.name("x"), m.name("x")
		m.arrows = append(m.arrows, from+" "+head, tail+" "+to, tail+" "+head)
		m.block(head, tail, depth-1)
	default:
		kind := []string{"x", "a", "o"}[m.rng.IntN(3)]
		split, join := m.name(kind), m.name(kind)
		m.arrows = append(m.arrows, from+" "+split, join+" "+to)
		for range 2 + m.rng.IntN(2) {
			m.block(split, join, depth-1)
		}
		if kind == "a" {
			m.forks = append(m.forks, split)
		}
	}
}

// Random graphs of nested blocks are sound; with a fork made a choice they are not, and that is found.
func TestPlantedUnsoundnessIsFound(t *testing.T) {
	planted := 0
	for seed := range uint64(2000) {
		m := &maker{rng: rand.New(rand.NewPCG(seed, 7))}
		m.block("s", "e", 3)
		problems := sound.Check(drawing(m.arrows...))
		require.Empty(t, problems, "seed %d: %v", seed, m.arrows)
		if len(m.forks) == 0 {
			continue
		}
		planted++
		broken := drawing(m.arrows...)
		fork := m.forks[m.rng.IntN(len(m.forks))]
		for i := range broken.Nodes {
			if broken.Nodes[i].ID == fork {
				broken.Nodes[i].Kind = graph.KindExclusiveGateway
			}
		}
		require.NotEmpty(t, sound.Check(broken), "seed %d: %s made a choice in %v", seed, fork, m.arrows)
	}
	require.Greater(t, planted, 500)
}

func BenchmarkCheck(b *testing.B) {
	m := &maker{rng: rand.New(rand.NewPCG(3, 7))}
	m.block("s", "e", 5)
	doc := drawing(m.arrows...)
	for b.Loop() {
		sound.Check(doc)
	}
}

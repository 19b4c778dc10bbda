package flow_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// order runs a process to its end: of the tasks that are open the one that comes first in the list of wishes is completed. It
// returns the nodes in the order of their completion.
func (r *rig) order(wishes ...string) []string {
	r.t.Helper()
	var done []string
	for range 100 {
		if r.st.Process.State != flow.ProcessRunning {
			return done
		}
		var open []*flow.Task
		for _, t := range r.made {
			if t.State == flow.TaskQueued {
				open = append(open, t)
			}
		}
		require.NotEmpty(r.t, open, "nothing can go on after %v", done)
		next := open[0]
		for _, wish := range wishes {
			if i := slices.IndexFunc(open, func(t *flow.Task) bool { return t.NodeID == wish }); i >= 0 {
				next = open[i]
				break
			}
		}
		r.do(flow.Event{Kind: flow.EventCompleted, Task: next.ID, Epoch: next.Epoch, Output: json.RawMessage(`{}`)})
		done = append(done, next.NodeID)
	}
	r.t.Fatalf("it does not end: %v", done)
	return nil
}

func count(nodes []string, node string) int {
	n := 0
	for _, each := range nodes {
		if each == node {
			n++
		}
	}
	return n
}

// patterns are the workflow control-flow patterns WCP-1 to WCP-20 (van der Aalst, ter Hofstede, Kiepuszewski, Barros: Workflow
// Patterns, 2003), each as a definition that runs.
var patterns = map[string]func(t *testing.T){
	"WCP-1": func(t *testing.T) { // sequence
		d := (&draft{}).start().service("a").service("b").end("done").flow("start", "a", "b", "done")
		require.Equal(t, []string{"a", "b"}, begin(t, d, `{}`).order("b"))
	},
	"WCP-2": func(t *testing.T) { // parallel split
		d := (&draft{}).start().parallel("fork").service("a").service("b").end("done").flow("start", "fork", "a", "done").flow("fork", "b", "done")
		require.Equal(t, []string{"b", "a"}, begin(t, d, `{}`).order("b"))
	},
	"WCP-3": func(t *testing.T) { // synchronization
		d := (&draft{}).start().parallel("fork").service("a").service("b").parallel("join").service("c").end("done").
			flow("start", "fork", "a", "join", "c", "done").flow("fork", "b", "join")
		require.Equal(t, []string{"b", "a", "c"}, begin(t, d, `{}`).order("c", "b"))
	},
	"WCP-4": func(t *testing.T) { // exclusive choice
		d := (&draft{}).start().exclusive("which").service("a").service("b").end("done").flow("start", "which").when("which", "a", "=input.n > 1").otherwise("which", "b").
			flow("a", "done").flow("b", "done")
		require.Equal(t, []string{"a"}, begin(t, d, `{"n":2}`).order())
		require.Equal(t, []string{"b"}, begin(t, d, `{"n":1}`).order())
	},
	"WCP-5": func(t *testing.T) { // simple merge
		d := (&draft{}).start().exclusive("which").service("a").service("b").exclusive("merge").service("c").end("done").flow("start", "which").
			when("which", "a", "=input.n > 1").otherwise("which", "b").flow("a", "merge", "c", "done").flow("b", "merge")
		require.Equal(t, []string{"b", "c"}, begin(t, d, `{"n":1}`).order())
	},
	"WCP-6": func(t *testing.T) { // multi-choice
		require.ElementsMatch(t, []string{"a", "b", "d"}, begin(t, anyOf(), `{"a":true,"b":true}`).order())
		require.ElementsMatch(t, []string{"c", "d"}, begin(t, anyOf(), `{"a":false,"b":false}`).order())
	},
	"WCP-7": func(t *testing.T) { // structured synchronizing merge
		done := begin(t, anyOf(), `{"a":true,"b":true}`).order("d", "b")
		require.Equal(t, []string{"b", "a", "d"}, done, "it waits for what was taken, and for nothing else")
		require.Equal(t, []string{"a", "d"}, begin(t, anyOf(), `{"a":true,"b":false}`).order("d"))
	},
	"WCP-8": func(t *testing.T) { // multi-merge
		d := (&draft{}).start().parallel("fork").service("a").service("b").exclusive("merge").service("c").end("done").
			flow("start", "fork", "a", "merge", "c", "done").flow("fork", "b", "merge")
		require.Equal(t, 2, count(begin(t, d, `{}`).order("a", "c"), "c"), "each token activates what follows")
	},
	"WCP-9": func(t *testing.T) { // structured discriminator, the cancelling one
		d := (&draft{}).start().parallel("fork").service("a").service("b").end("first", ends(graph.EndTerminate, "", "")).service("c").end("done")
		d.kind("part", graph.KindSubProcess).node(graph.Node{ID: "s", Kind: graph.KindStartEvent, Parent: "part"}).in("part", "fork", "a", "b", "first").
			flow("s", "fork", "a", "first").flow("fork", "b", "first").flow("start", "part", "c", "done")
		r := begin(t, d, `{}`)
		require.Equal(t, []string{"b", "c"}, r.order("b"))
		r.taskState("a", flow.TaskCancelled)
	},
	"WCP-10": func(t *testing.T) { // arbitrary cycles: two ways in, two ways out
		d := (&draft{}).start().exclusive("in").service("a").exclusive("middle").service("b").exclusive("out").end("done").
			flow("start", "in").when("in", "a", "=input.n == 0").otherwise("in", "middle").flow("a", "middle", "b", "out").
			when("out", "a", "=tasks.a == nil").otherwise("out", "done")
		require.Equal(t, []string{"b", "a", "b"}, begin(t, d, `{"n":1}`).order())
		require.Equal(t, []string{"a", "b"}, begin(t, d, `{"n":0}`).order())
	},
	"WCP-11": func(t *testing.T) { // implicit termination
		d := (&draft{}).start().parallel("fork").service("a").service("b").flow("start", "fork", "a").flow("fork", "b")
		r := begin(t, d, `{}`)
		require.Equal(t, []string{"b", "a"}, r.order("b"))
		r.state("completed")
	},
	"WCP-12": func(t *testing.T) { // multiple instances without synchronization
		require.Equal(t, []string{"make", "make", "make", "b", "b", "b"}, begin(t, spawning(), `{"n":3}`).order("make"))
	},
	"WCP-13": func(t *testing.T) { // multiple instances, known when it was drawn
		require.Equal(t, 3, count(begin(t, repeated(`3`), `{}`).order(), "check"))
	},
	"WCP-14": func(t *testing.T) { // multiple instances, known when it runs
		done := begin(t, repeated(`"=input.files"`), `{"files":["a","b","c","d"]}`).order("after")
		require.Equal(t, 4, count(done, "check"))
		require.Equal(t, "after", done[4], "what follows waits for all of them")
	},
	"WCP-15": func(t *testing.T) { // multiple instances, not known before: instances are added while others run, and all are waited for
		d := spawning()
		d.service("after").end("over")
		for i := range d.doc.Nodes {
			if id := d.doc.Nodes[i].ID; id != "after" && id != "over" {
				d.doc.Nodes[i].Parent = "part"
			}
		}
		d.kind("part", graph.KindSubProcess).node(graph.Node{ID: "begin", Kind: graph.KindStartEvent}).flow("begin", "part", "after", "over")
		done := begin(t, d, `{"n":3}`).order("after", "b", "make")
		require.Equal(t, []string{"make", "b", "make", "b", "make", "b", "after"}, done)
	},
	"WCP-16": func(t *testing.T) { // deferred choice
		r := begin(t, race(), `{}`)
		r.comes(flow.EventMessage, "first", "answer", `{"a":2}`)
		require.Equal(t, []string{"use"}, r.order(), "what happens first decides, and the other is withdrawn")
		require.Empty(t, r.timers)
	},
	"WCP-17": func(t *testing.T) { // interleaved parallel routing, in an order that is known when the part begins
		d := (&draft{}).start().exclusive("which").service("a").service("b").service("c").end("one").end("done")
		d.kind("part", graph.KindSubProcess).node(graph.Node{ID: "s", Kind: graph.KindStartEvent, Parent: "part"}).in("part", "which", "a", "b", "c", "one").
			flow("s", "which").when("which", "a", `=item == "a"`).when("which", "b", `=item == "b"`).otherwise("which", "c").
			flow("a", "one").flow("b", "one").flow("c", "one").flow("start", "part", "done").
			multi("part", graph.Multi{Items: json.RawMessage(`"=input.order"`), Sequential: true})
		r := begin(t, d, `{"order":["b","c","a"]}`)
		require.Len(t, r.open(), 1, "never two at a time")
		require.Equal(t, []string{"b", "c", "a"}, r.order("a", "b", "c"))
	},
	"WCP-18": func(t *testing.T) { // milestone: b may happen only while a is at work
		d := (&draft{}).start().service("a").service("b").end("done").flow("start", "a", "done").
			on("a", "asked", graph.BoundaryEvent{Kind: graph.BoundaryMessage, KeepsRunning: true, Message: &graph.Message{Name: "b", Key: "k"}}, "b").flow("b", "done")
		r := begin(t, d, `{}`)
		r.comes(flow.EventMessage, "a", "asked", `{}`)
		require.Equal(t, []string{"b", "a"}, r.order("b"))
		r = begin(t, d, `{}`)
		require.Equal(t, []string{"a"}, r.order())
		require.Empty(t, r.waits, "past the milestone nobody waits any more")
	},
	"WCP-19": func(t *testing.T) { // cancel task
		r := begin(t, guarded(graph.BoundaryEvent{Kind: graph.BoundaryMessage, Message: &graph.Message{Name: "stop", Key: "k"}}), `{}`)
		r.comes(flow.EventMessage, "work", "edge", `{}`)
		r.taskState("work", flow.TaskCancelled)
		r.order()
		r.state("completed")
	},
	"WCP-20": func(t *testing.T) { // cancel case
		d := (&draft{}).start().parallel("fork").service("a").service("b").service("c").end("done").end("all", ends(graph.EndTerminate, "", "")).
			flow("start", "fork", "a", "done").flow("fork", "b", "done").flow("fork", "c", "all")
		r := begin(t, d, `{}`)
		require.Equal(t, []string{"c"}, r.order("c"))
		r.taskState("a", flow.TaskCancelled)
		r = begin(t, d, `{}`)
		r.do(flow.Event{Kind: flow.EventCancel})
		r.state("cancelled")
		require.Empty(t, r.open())
	},
}

// anyOf takes a and b as the input says, c when it says nothing, and d after them.
func anyOf() *draft {
	return (&draft{}).start().kind("split", graph.KindInclusiveGateway).service("a").service("b").service("c").kind("join", graph.KindInclusiveGateway).service("d").end("done").
		flow("start", "split").when("split", "a", "=input.a").when("split", "b", "=input.b").otherwise("split", "c").
		flow("a", "join", "d", "done").flow("b", "join").flow("c", "join")
}

// spawning sends a token to b in each round of a loop.
func spawning() *draft {
	return (&draft{}).start().script("n", map[string]string{"left": `"=(tasks.n?.left ?? (input.n + 1)) - 1"`}).exclusive("more").service("make").parallel("fork").service("b").end("done").
		flow("start", "n", "more").when("more", "make", "=tasks.n.left > 0").otherwise("more", "done").flow("make", "fork", "b", "done").flow("fork", "n")
}

func repeated(items string) *draft { return each(graph.Multi{Items: json.RawMessage(items)}) }

func TestPatterns(t *testing.T) {
	t.Parallel()
	for name, run := range patterns {
		t.Run(name, run)
	}
}

// The table of the documents says of each pattern what its definition here shows.
func TestThePatternsAreDocumented(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/control-flow-patterns.md")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^\| (WCP-\d+) \|.*\| (supported|partly|not) \|`).FindAllStringSubmatch(string(raw), -1)
	require.Len(t, rows, 20)
	supported := 0
	for _, row := range rows {
		require.Contains(t, patterns, row[1])
		require.Contains(t, string(raw), "TestPatterns/"+row[1]+"`")
		if row[2] == "supported" {
			supported++
		}
	}
	require.GreaterOrEqual(t, supported, 18)
	require.Equal(t, 20, strings.Count(string(raw), "TestPatterns/WCP-"))
}

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Items is what lists cost: an activity that is repeated for many entries in one process.
type Items struct {
	Lists  []List  `json:"lists"`  // of growing length
	Ratio  float64 `json:"ratio"`  // of the time an entry of the longest list to that of the shortest
	Memory float64 `json:"rss_mb"` // the most that server, engine and workers, one program here, have had in memory
	Timer  Left    `json:"timer"`  // the longest list, interrupted by a timer on its border
	Cancel Left    `json:"cancel"` // cancelled
}

// List is one that ran to its end.
type List struct {
	Entries  int     `json:"entries"`
	Seconds  float64 `json:"seconds"`
	Micros   float64 `json:"us_per_entry"`
	Memory   float64 `json:"rss_mb"` // the most during the run
	CPU      CPU     `json:"cpu_us_per_entry"`
	LogBytes float64 `json:"wal_bytes_per_entry"`
}

// Left is what a list leaves behind that was stopped in the middle.
type Left struct {
	Done    int     `json:"done"`         // entries that had completed
	Seconds float64 `json:"seconds"`      // from the stop to the end of the process
	Nothing float64 `json:"left_seconds"` // until nothing of it was left
}

const itemsKey, interruptedKey = "bench-items", "bench-items-stopped"

// shortList is what longer lists are compared with.
const shortList = 2000

// interruptAfter is when the timer on the border of the interrupted list comes.
const interruptAfter = 4 * time.Second

// listOf is a process of one list of no-op tasks; with a timer it ends by that.
func listOf(timer bool) graph.Document {
	start := graph.Node{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{InputSchema: json.RawMessage(
		`{"type":"object","properties":{"entries":{"type":"integer"}},"required":["entries"],"additionalProperties":false}`)}}
	each := step("each", "entry {{index}}")
	each.Multi = &graph.Multi{Items: value("=input.entries"), Limit: graph.MaxMultiLimit, Collect: value("=result.document")}
	done := end()
	done.End.Output = map[string]graph.Value{"completed": value("=tasks.each.completed")}
	doc := graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{start, each, done}, Edges: []graph.Edge{flow("start", "each"), flow("each", "end")}}
	if timer {
		doc.Nodes = append(doc.Nodes,
			graph.Node{ID: "late", Kind: graph.KindBoundaryEvent, Title: "Late", Boundary: &graph.BoundaryEvent{On: "each", Kind: graph.BoundaryTimer,
				Timer: &graph.Timer{Kind: graph.TimerDuration, Value: fmt.Sprintf("PT%dS", int(interruptAfter.Seconds()))}}},
			graph.Node{ID: "stopped", Kind: graph.KindEndEvent, Title: "Stopped", End: &graph.EndEvent{Kind: graph.EndNone}})
		doc.Edges = append(doc.Edges, flow("late", "stopped"))
	}
	return doc
}

// items runs lists up to the longest, and stops the longest in the middle in two ways.
func (c *client) items(ctx context.Context, longest int, progress io.Writer) (*Items, error) {
	run := shape{key: itemsKey, title: "Benchmark: a list", document: listOf(false)}
	stopped := shape{key: interruptedKey, title: "Benchmark: a list that is interrupted", document: listOf(true)}
	for _, s := range []shape{run, stopped} {
		if err := c.publish(ctx, s); err != nil {
			return nil, fmt.Errorf("publish %s: %w", s.key, err)
		}
	}
	if _, err := c.list(ctx, run, shortList); err != nil { // warms up
		return nil, err
	}
	out := &Items{}
	for n := shortList; ; n = min(n*10, longest) {
		l, err := c.list(ctx, run, n)
		if err != nil {
			return nil, fmt.Errorf("a list of %d: %w", n, err)
		}
		fmt.Fprintf(progress, "list of %d: %.1f s, %.0f µs an entry (%.0f+%.0f+%.0f µs), %.0f MB\n", n, l.Seconds, l.Micros, l.CPU.Product, l.CPU.Postgres, l.CPU.Redis, l.Memory)
		out.Lists = append(out.Lists, l)
		if n >= longest {
			break
		}
	}
	forgetMemory()
	out.Ratio = round3(out.Lists[len(out.Lists)-1].Micros / out.Lists[0].Micros)
	var err error
	if out.Timer, err = c.stop(ctx, stopped, longest, nil); err != nil {
		return nil, fmt.Errorf("interrupt a list of %d: %w", longest, err)
	}
	fmt.Fprintf(progress, "interrupted by a timer after %d entries: ended within %.2f s, nothing left after %.2f s\n", out.Timer.Done, out.Timer.Seconds, out.Timer.Nothing)
	out.Cancel, err = c.stop(ctx, run, longest, func(id string) error {
		return c.call(ctx, http.MethodPost, "/processes/"+id+"/cancel", nil, map[string]string{"reason": "benchmark"}, nil)
	})
	if err != nil {
		return nil, fmt.Errorf("cancel a list of %d: %w", longest, err)
	}
	fmt.Fprintf(progress, "cancelled after %d entries: ended within %.2f s, nothing left after %.2f s\n", out.Cancel.Done, out.Cancel.Seconds, out.Cancel.Nothing)
	for _, l := range out.Lists {
		out.Memory = max(out.Memory, l.Memory)
	}
	out.Memory = max(out.Memory, mostMemory())
	return out, nil
}

func (c *client) startList(ctx context.Context, s shape, entries int) (id string, err error) {
	var started struct {
		ID string `json:"id"`
	}
	err = c.call(ctx, http.MethodPost, "/processes", map[string]string{"Idempotency-Key": uuid.NewString()},
		map[string]any{"definition": s.key, "custom_id": "bench-" + uuid.NewString(), "input": map[string]int{"entries": entries}}, &started)
	return started.ID, err
}

// list runs one to its end.
func (c *client) list(ctx context.Context, s shape, entries int) (List, error) {
	logBefore, err := c.logged(ctx)
	if err != nil {
		return List{}, err
	}
	forgetMemory()
	spent, began := treeTicks(), time.Now()
	id, err := c.startList(ctx, s, entries)
	if err != nil {
		return List{}, err
	}
	if err := c.untilAllEnded(ctx, []string{id}); err != nil {
		return List{}, err
	}
	took, spentAfter := time.Since(began), treeTicks()
	l := List{Entries: entries, Seconds: round3(took.Seconds()), Micros: round1(float64(took.Microseconds()) / float64(entries)),
		CPU: cpuPerTask(spent, spentAfter, entries), Memory: mostMemory()}
	logAfter, err := c.logged(ctx)
	if err != nil {
		return List{}, err
	}
	l.LogBytes = round1((logAfter - logBefore) / float64(entries))
	var completed int
	err = c.target.DB.QueryRow(ctx, `SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'each' AND scope_id <> process_id AND state = 'completed'`, id).Scan(&completed)
	if err == nil && completed != entries {
		err = fmt.Errorf("%d of %d entries completed", completed, entries)
	}
	return l, err
}

// stop begins a list, lets it be stopped in the middle, by a timer of its own unless something else does it, and waits until nothing
// of it is left: no open task, no message, no row that waits.
func (c *client) stop(ctx context.Context, s shape, entries int, by func(id string) error) (Left, error) {
	id, err := c.startList(ctx, s, entries)
	if err != nil {
		return Left{}, err
	}
	if err := pause(ctx, interruptAfter); err != nil {
		return Left{}, err
	}
	began := time.Now()
	if by != nil {
		if err := by(id); err != nil {
			return Left{}, err
		}
	}
	if err := c.untilAllEnded(ctx, []string{id}); err != nil {
		return Left{}, err
	}
	left := Left{Seconds: round3(time.Since(began).Seconds())}
	until := time.Now().Add(time.Minute)
	for {
		found, err := c.remains(ctx, id)
		switch {
		case err != nil:
			return left, err
		case found != "" && time.Now().After(until):
			return left, fmt.Errorf("a minute after its end there is %s left", found)
		}
		if found == "" {
			break
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return left, err
		}
	}
	left.Nothing = round3(time.Since(began).Seconds())
	err = c.target.DB.QueryRow(ctx, `SELECT count(*) FROM task WHERE process_id = $1 AND scope_id <> process_id AND state = 'completed'`, id).Scan(&left.Done)
	if err == nil && left.Done >= entries {
		err = fmt.Errorf("the list had ended before it was stopped")
	}
	return left, err
}

// remains names something of an ended process that should be gone; empty: nothing is left. Redis serves nobody else here.
func (c *client) remains(ctx context.Context, id string) (string, error) {
	for _, what := range []struct{ name, sql string }{
		{"an open task", `SELECT count(*) FROM task WHERE process_id = $1 AND ended_at IS NULL`},
		{"a scope", `SELECT count(*) FROM scope WHERE process_id = $1 AND id <> $1`},
		{"a row of the backlog", `SELECT count(*) FROM backlog WHERE process_id = $1`},
		{"a message in the window", `SELECT count(*) FROM dispatch WHERE process_id = $1`},
		{"a row of the inbox", `SELECT count(*) FROM inbox WHERE process_id = $1`},
		{"a timer", `SELECT count(*) FROM timer WHERE process_id = $1`},
		{"a subscription", `SELECT count(*) FROM subscription WHERE process_id = $1`},
		{"a mark of closing", `SELECT count(*) FROM closing WHERE process_id = $1`},
	} {
		var n int
		if err := c.target.DB.QueryRow(ctx, what.sql, id).Scan(&n); err != nil {
			return "", fmt.Errorf("look for %s: %w", what.name, err)
		}
		if n > 0 {
			return what.name, nil
		}
	}
	for _, state := range []string{"pending", "active", "scheduled", "retry", "archived"} {
		queues, err := c.redis.Keys(ctx, "asynq:{*}:"+state).Result()
		if err != nil {
			return "", fmt.Errorf("list asynq's queues: %w", err)
		}
		if len(queues) > 0 { // an empty list or set has no key
			return state + " messages in Redis", nil
		}
	}
	return "", nil
}

// forgetMemory lets the kernel count anew how much memory this process has had at most; not everywhere does it.
func forgetMemory() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// mostMemory tells how much memory this process has had at most, in MB, 0 on a system without /proc.
func mostMemory() float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if size, found := strings.CutPrefix(line, "VmHWM:"); found {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(size), " kB"), 64)
			return round1(kb / 1000)
		}
	}
	return 0
}

// Package chaos_test does to real processes of the product what will happen to them one day, while many processes of 18 tasks
// run on two servers behind a balancer: tasks vanish, break and are answered far too late (the chaos drill); workers, servers,
// stores, networks, clocks and disks fail (the faults). Every customId must end exactly once.
//
// `make test` runs them with some hundred processes, `make drill` with 50,000 and 2,000. docs/failures.md lists what they prove.
package chaos_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/recount"
)

const (
	small      = 300 // processes, unless TASKUROTTA_DRILL says another number
	tasksEach  = 18
	oneVanish  = 100 // one of so many tasks vanishes
	oneBreaks  = 100 // one of so many attempts breaks and is tried again
	oneRuined  = 500 // one of so many attempts breaks for good; the operator tries it again
	attempt    = 5 * time.Second
	lateBy     = 8 * time.Second // beyond the attempt's time
	definition = "drill"
)

func TestChaosDrill(t *testing.T) {
	size := small
	if told := os.Getenv("TASKUROTTA_DRILL"); told != "" {
		var err error
		if size, err = strconv.Atoi(told); err != nil || size < 1 {
			t.Fatalf("TASKUROTTA_DRILL is %q, not a number of processes", told)
		}
	}
	oneLate := 1000 // one of so many attempts is answered far too late
	if size <= small {
		oneLate = 200 // or too few of them would be
	}
	p := newProduct(t, size > small)
	p.serve(2)
	for i := range 2 {
		p.run(fmt.Sprintf("worker-%d.log", i+1), p.worker, nil, "-broken", strconv.Itoa(oneBreaks), "-ruined", strconv.Itoa(oneRuined),
			"-late", strconv.Itoa(oneLate), "-late-by", lateBy.String())
	}
	p.publish()

	mischief, quiet := context.WithCancel(t.Context())
	thief := &thief{product: p, pool: "drill", oneOf: oneVanish}
	echo := &echo{product: p, oneOf: oneLate, late: lateBy}
	operator := &operator{product: p}
	var busy sync.WaitGroup
	for _, run := range []func(context.Context) error{thief.run, echo.run, operator.run} {
		busy.Go(func() {
			if err := run(mischief); err != nil {
				t.Error(err)
			}
		})
	}
	began := time.Now()
	p.startAll(size, nil)
	started := time.Since(began)
	p.eventually(5*time.Minute+time.Duration(size)*20*time.Millisecond, "every process has ended", func() bool {
		return t.Failed() || p.count(`SELECT count(*) FROM process_live`) == 0
	})
	took := time.Since(began)
	// What comes late comes after the end, too.
	p.eventually(time.Minute, "the last echoes are taken in", func() bool {
		return t.Failed() || echo.said.Load() > 0 && p.streamsAreEmpty()
	})
	quiet()
	busy.Wait()
	p.verdict(size)
	p.noErrorLogged()
	tasks := size * tasksEach
	p.tell(map[string]int{"vanished": tasks / oneVanish, "broken": tasks / oneBreaks, "ruined": tasks / oneRuined, "late": tasks / oneLate, "echoes": 2}, map[string]int{
		"processes": size, "tasks": tasks, "start_s": int(started.Seconds()), "all_s": int(took.Seconds()), "tasks_per_s": int(float64(tasks) / took.Seconds()),
		"vanished": int(thief.stolen.Load()), "echoes": int(echo.said.Load()), "repaired": int(operator.repaired.Load()),
		"broken": p.count(`SELECT count(*) FROM attempt WHERE error->>'code' = 'DRILL_BROKEN'`),
		"ruined": p.count(`SELECT count(*) FROM attempt WHERE error->>'code' = 'DRILL_RUINED'`),
		"late":   p.count(`SELECT count(*) FROM attempt WHERE outcome = 'timeout'`),
	})
}

// publish makes the definition of 18 tasks: three in sequence, four branches of three, three in sequence.
func (p *product) publish() {
	p.t.Helper()
	step := func(id string, n int) graph.Node {
		return graph.Node{ID: id, Kind: graph.KindServiceTask, Title: id, Service: &graph.ServiceTask{
			Type: "drill.step@1", Input: map[string]graph.Value{"n": graph.Value(strconv.Itoa(n))},
			Retry:    &graph.RetryPolicy{MaxAttempts: 4, Backoff: graph.BackoffFixed, InitialMS: 200},
			Timeouts: &graph.Timeouts{AttemptMS: attempt.Milliseconds()},
		}}
	}
	doc := graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{
		{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{}},
		{ID: "split", Kind: graph.KindParallelGateway, Title: "Split"},
		{ID: "join", Kind: graph.KindParallelGateway, Title: "Join"},
		{ID: "end", Kind: graph.KindEndEvent, Title: "End", End: &graph.EndEvent{Kind: graph.EndNone}},
	}}
	n := 0
	chain := func(from, to string) {
		for range 3 {
			n++
			id := fmt.Sprintf("n%d", n)
			doc.Nodes = append(doc.Nodes, step(id, n))
			doc.Edges = append(doc.Edges, graph.Edge{ID: from + "_" + id, From: from, To: id})
			from = id
		}
		doc.Edges = append(doc.Edges, graph.Edge{ID: from + "_" + to, From: from, To: to})
	}
	chain("start", "split")
	for range 4 {
		chain("split", "join")
	}
	chain("join", "end")
	if n != tasksEach {
		p.t.Fatalf("the definition has %d tasks", n)
	}
	if err := p.call(p.t.Context(), http.MethodPost, "/definitions", map[string]any{"key": definition, "title": "Drill", "document": doc}, nil, nil); err != nil {
		p.t.Fatal(err)
	}
	var last error
	defer func() {
		if p.t.Failed() {
			p.t.Log(last)
		}
	}()
	p.eventually(time.Minute, "published, once a worker has announced the node type", func() bool {
		last = p.call(p.t.Context(), http.MethodPost, "/definitions/"+definition+"/publish", map[string]string{"note": "drill"}, map[string]string{"If-Match": `"1"`}, nil)
		return last == nil
	})
}

// startAll starts size processes, each under its own customId; what a busy server refuses is asked again. When there will be a
// fault, any request that got no answer of the product is asked again, too, and the last fifth is started once it is there, ten a
// second.
func (p *product) startAll(size int, fault <-chan struct{}) {
	var next atomic.Int64
	var group sync.WaitGroup
	slowly := time.NewTicker(100 * time.Millisecond)
	defer slowly.Stop()
	for range 16 {
		group.Go(func() {
			again := time.NewTicker(100 * time.Millisecond)
			defer again.Stop()
			for i := next.Add(1); i <= int64(size); i = next.Add(1) {
				if fault != nil && i > int64(size-size/5) {
					<-fault
					<-slowly.C
				}
				customID := fmt.Sprintf("chaos-%d", i)
				body := map[string]any{"definition": definition, "custom_id": customID, "input": map[string]any{}}
				for {
					err := p.call(p.t.Context(), http.MethodPost, "/processes", body, map[string]string{"Idempotency-Key": customID}, nil)
					var refused *errRefused
					if err == nil {
						break
					}
					answered := errors.As(err, &refused)
					switch {
					case answered && refused.status == http.StatusServiceUnavailable:
					case fault != nil && (!answered || refused.status == http.StatusBadGateway) && p.t.Context().Err() == nil:
					default:
						p.t.Errorf("start %s: %v", customID, err)
						return
					}
					<-again.C
				}
			}
		})
	}
	group.Wait()
}

func (p *product) streamsAreEmpty() bool {
	for shard := range 16 {
		n, err := p.redis.XLen(p.t.Context(), p.keys.Results(shard)).Result()
		if err != nil || n > 0 {
			return false
		}
	}
	return true
}

// operator tries again whatever broke for good, as support would.
type operator struct {
	product  *product
	repaired atomic.Int64
}

func (o *operator) run(ctx context.Context) error {
	every := time.NewTicker(500 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		}
		var page struct {
			Items []struct {
				ProcessID string `json:"process_id"`
				TaskID    string `json:"task_id"`
			}
		}
		if err := o.product.call(ctx, http.MethodGet, "/incidents?limit=200", nil, nil, &page); err != nil {
			return stopped(ctx, err)
		}
		for _, incident := range page.Items {
			path := "/processes/" + incident.ProcessID + "/tasks/" + incident.TaskID + "/retry"
			err := o.product.call(ctx, http.MethodPost, path, map[string]string{"reason": "the drill's operator"}, nil, nil)
			var refused *errRefused
			if errors.As(err, &refused) && refused.status == http.StatusConflict {
				continue // it moves already
			}
			if err != nil {
				return stopped(ctx, err)
			}
			o.repaired.Add(1)
		}
	}
}

// verdict asks what the drill is about.
func (p *product) verdict(size int) {
	p.t.Helper()
	for what, n := range map[string]int{
		"processes that completed": p.count(`SELECT count(*) FROM process WHERE state = 'completed'`),
		"customIds that ended":     p.count(`SELECT count(DISTINCT custom_id) FROM process WHERE state = 'completed' AND custom_id LIKE 'chaos-%'`),
		"processes":                p.count(`SELECT count(*) FROM process`),
	} {
		if n != size {
			p.t.Errorf("%s: %d of %d", what, n, size)
		}
	}
	for what, n := range map[string]int{
		"completed activations": p.count(`SELECT count(*) FROM task WHERE state = 'completed' AND run = 1`),
		"activations":           p.count(`SELECT count(*) FROM task`),
		"acceptances":           p.count(`SELECT count(*) FROM event, json_array_elements(body) c WHERE c->>'kind' = 'task' AND c->>'state' = 'completed'`),
		"outputs":               p.count(`SELECT count(*) FROM output`),
	} {
		if n != size*tasksEach {
			p.t.Errorf("%s: %d of %d", what, n, size*tasksEach)
		}
	}
	if n := p.count(`SELECT count(*) FROM output WHERE body->>'n' <> substring(node_id from 2)`); n != 0 {
		p.t.Errorf("%d outputs are not the worker's: a late answer was accepted", n)
	}
	findings, err := recount.CheckAtRest(p.t.Context(), p.db)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range findings {
		p.t.Error(f)
	}
}

// noErrorLogged reads every line that a server logged.
func (p *product) noErrorLogged() {
	p.t.Helper()
	for _, name := range p.logs {
		file, err := os.Open(name)
		if err != nil {
			p.t.Fatal(err)
		}
		lines := bufio.NewScanner(file)
		read := 0
		for lines.Scan() {
			read++
			var line struct{ Level string }
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Level == "ERROR" {
				p.t.Errorf("%s", lines.Text())
			}
		}
		if err := errors.Join(lines.Err(), file.Close()); err != nil || read == 0 {
			p.t.Errorf("%s: %d lines, %v", name, read, err)
		}
	}
}

// tell prints what happened on one line, with commit and machine. A drill in which too little went wrong proves nothing.
func (p *product) tell(wanted, facts map[string]int) {
	p.t.Helper()
	for name, n := range wanted {
		if facts[name] < n/2 {
			p.t.Errorf("%s: %d, about %d were wanted", name, facts[name], n)
		}
	}
	told := map[string]any{"go": runtime.Version(), "cores": runtime.NumCPU()}
	for name, n := range facts {
		told[name] = n
	}
	commit, err := exec.CommandContext(p.t.Context(), "git", "rev-parse", "--short", "HEAD").Output()
	if err == nil {
		told["commit"] = strings.TrimSpace(string(commit))
	}
	line, err := json.Marshal(told)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Log(string(line))
}

package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// within lets the processes of a drawing take so long.
func within(d time.Duration, doc *graph.Document) *graph.Document {
	doc.Nodes[0].Start.TimeLimitMS = d.Milliseconds()
	return doc
}

// TestProcessesOverTheirTimeFail lets the time of processes end that run, that are suspended, that an incident holds and that have
// called others, some of it while no server runs.
func TestProcessesOverTheirTimeFail(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.publishCalls()
	broken := drawing([]graph.Node{step("breaks"), ending("done")}, "start > breaks > done")
	in.versions.publish("slow", within(time.Hour, drawing([]graph.Node{step("work"), ending("done")}, "start > work > done")))
	in.versions.publish("broken", within(time.Hour, broken))
	in.versions.publish("calls", within(time.Hour, drawing([]graph.Node{call("below", "main", "n", `1`), ending("done")}, "start > below > done")))
	in.versions.publish("quick", within(time.Hour, drawing([]graph.Node{step("after"), ending("done")}, "start > after > done")))
	stopped := make(chan struct{})
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		switch task.Node {
		case "work":
			<-stopped
		case "breaks":
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO", Message: "no"}}
		}
		return echo(ctx, task)
	})
	e := in.engine()
	ids := map[string]string{}
	for _, name := range []string{"slow", "suspended", "broken", "calls", "quick"} {
		definition := name
		if name == "suspended" {
			definition = "slow"
		}
		ids[name] = in.start(e, engine.StartCommand{DefinitionKey: definition, CustomID: name})
	}
	if err := e.Suspend(t.Context(), in.op(ids["suspended"], "wait")); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, ids["broken"], "incident", 20*time.Second)
	in.waitState(e, ids["quick"], "completed", 20*time.Second)
	if n := in.count(`SELECT count(*) FROM timer WHERE process_id = $1`, ids["quick"]); n != 0 {
		t.Error("a process that has ended left its time limit")
	}
	main := in.children(e, ids["calls"], 1)[0]
	leaf := in.children(e, main.ID, 1)[0]
	view, err := e.Process(t.Context(), ids["slow"])
	if err != nil || view.EndsBy == nil || !view.EndsBy.Equal(view.StartedAt.Add(time.Hour)) {
		t.Fatalf("ends by %v, %v", view.EndsBy, err)
	}
	e.Crash()
	in.exec(`UPDATE timer SET due_at = clock_timestamp() WHERE kind = 'limit'`)
	e = in.engine()
	for _, name := range []string{"slow", "suspended", "broken", "calls"} {
		in.waitState(e, ids[name], "failed", 30*time.Second)
		if view, err := e.Process(t.Context(), ids[name]); err != nil || view.ErrorCode != "TIMEOUT_PROCESS" || view.OpenIncidents != 0 || view.EndsBy != nil {
			t.Errorf("%s: %+v, %v", name, view, err)
		}
	}
	in.waitState(e, leaf.ID, "cancelled", 30*time.Second)
	close(stopped)
	in.settled()
}

func TestAMigratedProcessHasTheLimitOfItsVersion(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("line", line())
	in.versions.publish("line", within(time.Hour, longer()))
	in.versions.publish("line", within(time.Millisecond, longer()))
	in.versions.publish("line", longer())
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "line", Version: 1})
	limits := func() int { return in.count(`SELECT count(*) FROM timer WHERE process_id = $1 AND kind = 'limit'`, id) }
	for _, to := range []struct{ version, limits int }{{2, 1}, {4, 0}} {
		if err := in.migrate(e, id, to.version); err != nil {
			t.Fatal(err)
		}
		if n := limits(); n != to.limits {
			t.Errorf("in version %d it has %d limits", to.version, n)
		}
	}
	if err := in.migrate(e, id, 3); err != nil { // its time was over before
		t.Fatal(err)
	}
	in.waitState(e, id, "failed", 20*time.Second)
	in.settled()
}

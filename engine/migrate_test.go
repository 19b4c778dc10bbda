package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// longer is line with a step between b and c.
func longer() *graph.Document {
	return drawing([]graph.Node{step("a"), step("b"), step("between", "n", `"=tasks.b.n + 1"`), step("c", "n", `"=tasks.between.n"`), ending("done")}, "start > a > b > between > c > done")
}

func (in *installation) migrate(e *engine.Engine, process string, version int) error {
	return e.Migrate(context.Background(), engine.MigrateCommand{OpCommand: in.op(process, "the new rules hold for all"), Version: version})
}

// TestMigrateWhileAResultIsInFlight migrates processes while their tasks run and answer, on two engines: each result counts once, by
// whichever version the process runs when it comes.
func TestMigrateWhileAResultIsInFlight(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("line", line())
	g := newGate("b")
	in.worker("w1", "test", 32, g.handle)
	engines := []*engine.Engine{in.engine(), in.engine()}
	const n = 24
	var ids []string
	for i := range n {
		ids = append(ids, in.start(engines[i%2], engine.StartCommand{DefinitionKey: "line", Input: obj(fmt.Sprintf(`{"n":%d}`, i))}))
	}
	for range n {
		g.wait(t, "b")
	}
	in.versions.publish("line", longer())
	var group sync.WaitGroup
	moved := make([]bool, n)
	for i, id := range ids {
		if i%3 == 0 { // before its result is sent
			if err := in.migrate(engines[(i+1)%2], id, 2); err != nil {
				t.Fatal(err)
			}
			moved[i] = true
			continue
		}
		group.Go(func() { // it races with the result
			switch err := in.migrate(engines[(i+1)%2], id, 2); {
			case err == nil:
				moved[i] = true
			case fault.As(err) == nil || fault.As(err).Code != flow.RefusedProcessEnded:
				t.Error(err)
			}
		})
	}
	close(g.open)
	group.Wait()
	for i, id := range ids {
		in.waitState(engines[0], id, "completed", 30*time.Second)
		view, err := engines[0].Process(t.Context(), id)
		if want := map[bool]int{false: 1, true: 2}[moved[i]]; err != nil || view.Version != want {
			t.Errorf("process %d runs version %d, migrated %v, %v", i, view.Version, moved[i], err)
		}
		if i%3 == 0 && in.count(`SELECT count(*) FROM task WHERE process_id = $1 AND node_id = 'between' AND state = 'completed'`, id) != 1 {
			t.Errorf("process %d did not pass the new step", i)
		}
	}
	// No result is refused for the migration, which would have its task run again. A worker that this machine stalled is given up, and
	// a server that it stalled loses its shards, whose new owner may read a result a second time: neither is the migration's doing.
	again := in.count(`SELECT count(*) FROM task WHERE node_id = 'b' AND epoch > 1`)
	if lost := in.count(`SELECT count(*) FROM attempt WHERE outcome = 'lost'`); again > lost {
		t.Errorf("%d tasks ran again, %d runs were given up", again, lost)
	}
	in.settled()
}

func TestAMigrationTakesEverythingAlong(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	build := func(keys ...string) *graph.Document {
		doc := drawing([]graph.Node{step("a"), {ID: "review", Kind: graph.KindUserTask, Title: "Review", User: &graph.UserTask{Groups: []string{"clerks"}}},
			{ID: "answer", Kind: graph.KindMessageEvent, Title: "Answer", Message: &graph.Message{Name: "answer", Key: "=process.custom_id"}}, ending("done")},
			"start > a > done", "start > review > done", "start > answer > done")
		doc.Nodes[0].Start.SearchKeys = keys
		return doc
	}
	in.versions.publish("all", build("n"))
	in.versions.publish("all", build("m"))
	in.worker("w1", "test", 4, func(context.Context, *wire.Task) *wire.Report {
		return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO", Message: "no"}}
	})
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "all", Version: 1, CustomID: "A-1", Input: obj(`{"n":1,"m":"two"}`)})
	in.waitState(e, id, "incident", 20*time.Second)
	plan, err := e.PlanMigration(t.Context(), id, 2)
	if err != nil || !plan.Allowed || plan.From != 1 || plan.To != 2 || fmt.Sprint(plan.Open) != "[{a 1} {answer 1} {review 1}]" {
		t.Fatalf("plan %+v, %v", plan, err)
	}
	if err := in.migrate(e, id, 2); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		`SELECT version FROM process WHERE id = $1`:                                                          2,
		`SELECT version FROM incident WHERE process_id = $1`:                                                 2,
		`SELECT version FROM user_task WHERE process_id = $1`:                                                2,
		`SELECT count(*) FROM subscription WHERE process_id = $1`:                                            1,
		`SELECT count(*) FROM search_key WHERE process_id = $1 AND name = 'm' AND value = 'two'`:             1,
		`SELECT count(*) FROM search_key WHERE process_id = $1`:                                              1,
		`SELECT count(*) FROM task WHERE process_id = $1 AND state IN ('incident', 'waiting') AND epoch = 1`: 2,
	} {
		if n := in.count(query, id); n != want {
			t.Errorf("%s: %d instead of %d", query, n, want)
		}
	}
	counts, err := e.Counts(t.Context())
	if want := []engine.DefinitionCount{{Definition: "all", Version: 1, Started: 1}, {Definition: "all", Version: 2, Live: 1, Incidents: 1}}; err != nil || !slices.Equal(counts, want) {
		t.Errorf("counts %+v, %v", counts, err)
	}
	if got, err := e.SendMessage(t.Context(), engine.MessageCommand{Name: "answer", Key: "A-1"}); err != nil || got.ProcessID != id {
		t.Errorf("sent %+v, %v", got, err)
	}
	task := in.onlyTask(e, id, "a")
	if err := e.Skip(t.Context(), engine.TaskCommand{OpCommand: in.op(id, "x"), TaskID: task.ID}); err != nil {
		t.Fatal(err)
	}
	ann := engine.Person{Name: "ann", Groups: []string{"clerks"}}
	review := in.onlyTask(e, id, "review")
	if err := e.Complete(t.Context(), ann, engine.TaskCommand{OpCommand: in.op(id, ""), TaskID: review.ID, Output: obj(`{}`)}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, id, "completed", 20*time.Second)
	in.settled()
}

func TestARefusedMigrationNamesEachNode(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	split := graph.Node{ID: "split", Kind: graph.KindParallelGateway, Title: "Split"}
	in.versions.publish("fork", drawing([]graph.Node{split, step("a"), step("b"), ending("done")}, "start > split > a > done", "split > b > done"))
	other := step("b")
	other.Service.Type = "test.step@2"
	next := drawing([]graph.Node{split, other, ending("done")}, "start > split > b > done")
	next.Nodes[0].Start.InputSchema = obj(`{"type":"object","required":["email"]}`)
	in.versions.publish("fork", next)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "fork", Version: 1})
	seq := in.count(`SELECT seq FROM scope WHERE id = $1`, id)
	plan, err := e.PlanMigration(t.Context(), id, 2)
	if err != nil || plan.Allowed || plan.Code != engine.MigrateRefused || len(plan.Issues) != 2 || len(plan.Warnings) != 1 || plan.Warnings[0].Node != "start" {
		t.Errorf("plan %+v, %v", plan, err)
	}
	err = in.migrate(e, id, 2)
	wantFault(t, err, fault.Conflict, engine.MigrateRefused)
	var got []string
	for _, issue := range fault.As(err).Issues {
		got = append(got, issue.Code+" "+issue.Node)
	}
	if fmt.Sprint(got) != "[migrate.node_missing a migrate.node_type b]" {
		t.Errorf("issues %v", got)
	}
	wantFault(t, in.migrate(e, id, 1), fault.Conflict, flow.RefusedSameVersion)
	wantFault(t, in.migrate(e, id, 3), fault.NotFound, "version.unknown")
	if in.count(`SELECT seq FROM scope WHERE id = $1`, id) != seq || in.count(`SELECT version FROM process WHERE id = $1`, id) != 1 {
		t.Error("a refusal changed something")
	}
	if err := e.Cancel(t.Context(), in.op(id, "x")); err != nil {
		t.Fatal(err)
	}
	wantFault(t, in.migrate(e, id, 2), fault.Conflict, flow.RefusedProcessEnded)
	in.settled()
}

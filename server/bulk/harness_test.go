package bulk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/bulk"
	"github.com/taskurotta/taskurotta-go/server/bulk/pgstore"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// installation is a database, an engine and a worker whose step fails until it is mended.
type installation struct {
	t      testing.TB
	db     *pgxpool.Pool
	engine *engine.Engine
	store  *pgstore.Store
	mended atomic.Bool
	runs   sync.Map // customId → how often the step ran since it was mended
}

type definitions struct{}

const brokenCode = "TARIFF_UNKNOWN"

// Version is one step that fails for good at once, and its twin under another key. Before it the definition "route" waits for a
// time and for an answer; its third version does not wait for the answer.
func (definitions) Version(_ context.Context, key string, number int) (engine.Version, error) {
	if key == "route" && number > 3 || key != "route" && number > 1 {
		return engine.Version{}, fault.New(fault.NotFound, "version.not_found", "there is no such version")
	}
	doc := &graph.Document{Schema: graph.SchemaVersion, Nodes: []graph.Node{
		{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{}},
		{ID: "step", Kind: graph.KindServiceTask, Title: "Step", Service: &graph.ServiceTask{Type: "test.step@1", Input: map[string]graph.Value{"id": json.RawMessage(`"=process.custom_id"`)}}},
		{ID: "end", Kind: graph.KindEndEvent, Title: "End", End: &graph.EndEvent{Kind: graph.EndNone}},
	}, Edges: []graph.Edge{{ID: "a", From: "start", To: "step"}, {ID: "b", From: "step", To: "end"}}}
	if key == "route" {
		doc.Nodes = append(doc.Nodes, graph.Node{ID: "pause", Kind: graph.KindTimerEvent, Title: "Pause", Timer: &graph.Timer{Kind: graph.TimerDuration, Value: "PT1H"}})
		doc.Edges[0] = graph.Edge{ID: "a", From: "pause", To: "step"}
		if number < 3 {
			doc.Nodes = append(doc.Nodes, graph.Node{ID: "answer", Kind: graph.KindMessageEvent, Title: "Answer", Message: &graph.Message{Name: "answer", Key: "=process.custom_id"}})
			doc.Edges[0].To = "answer"
			doc.Edges = append(doc.Edges, graph.Edge{ID: "d", From: "answer", To: "step"})
		}
		doc.Edges = append(doc.Edges, graph.Edge{ID: "c", From: "start", To: "pause"})
	}
	return engine.Version{Key: key, Number: number, Title: key, Document: doc}, nil
}

func (definitions) Latest(context.Context, string) (int, error) { return 1, nil }

type catalog struct{}

func (catalog) Types(context.Context) (map[string]wire.Descriptor, error) { return nil, nil }

func (catalog) Announce(context.Context, string, []wire.Descriptor) ([]wire.Refusal, error) {
	return nil, nil
}
func (catalog) Pool(context.Context, string) (string, error) { return "test", nil }

type stepInput struct {
	ID string `json:"id"`
}

func newInstallation(t testing.TB) *installation {
	t.Helper()
	ctx := context.Background()
	db, err := pgxpool.New(ctx, stacktest.Postgres(t))
	require.NoError(t, err)
	t.Cleanup(db.Close)
	redisURL, id := stacktest.Redis(t)
	rdb, err := pipeline.Connect(redisURL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = rdb.Close() })
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	in := &installation{t: t, db: db, store: pgstore.New(db)}
	in.engine, err = engine.New(engine.Config{DB: db, Redis: rdb, Keys: wire.Keys{ID: id}, Definitions: definitions{}, Catalog: catalog{}, Log: log})
	require.NoError(t, err)
	require.NoError(t, in.engine.Start(ctx))
	t.Cleanup(in.engine.Stop)
	node := sdk.Define("test.step", 1, func(_ context.Context, step stepInput) (stepInput, error) {
		if !in.mended.Load() {
			return step, sdk.Business(brokenCode, "the tariff is not known")
		}
		n, _ := in.runs.LoadOrStore(step.ID, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
		return step, nil
	}, sdk.Title("Step", "Шаг"), sdk.Answers(brokenCode, "Unknown tariff", "Неизвестный тариф"))
	w, err := worker.New(worker.Config{Pool: "test", RedisURL: redisURL, Installation: id, ServerURL: "http://127.0.0.1:1", Token: "x", Slots: 64, Grace: time.Millisecond, Log: log}, node)
	require.NoError(t, err)
	require.NoError(t, w.Start(ctx))
	t.Cleanup(w.Stop)
	return in
}

// service runs jobs until the test's end.
func (in *installation) service(change ...func(*bulk.Config)) *bulk.Service {
	in.t.Helper()
	s := in.made(change...)
	require.NoError(in.t, s.Start(context.Background()))
	in.t.Cleanup(s.Stop)
	return s
}

func (in *installation) made(change ...func(*bulk.Config)) *bulk.Service {
	in.t.Helper()
	config := bulk.Config{Store: in.store, Engine: in.engine, Every: 50 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&config)
	}
	s, err := bulk.New(config)
	require.NoError(in.t, err)
	return s
}

// broken starts n processes that open an incident each, and returns their ids.
func (in *installation) broken(definition, prefix string, n int) []string {
	in.t.Helper()
	in.mended.Store(false)
	ids := make([]string, n)
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := worker; i < n; i += 16 {
				started, err := in.engine.StartProcess(context.Background(), engine.StartCommand{Actor: "anna", DefinitionKey: definition, CustomID: fmt.Sprintf("%s-%05d", prefix, i)})
				if err != nil {
					in.t.Error(err)
					return
				}
				ids[i] = started.ID
			}
		})
	}
	group.Wait()
	in.eventually("every process has its incident", func() bool {
		return in.count(`SELECT count(*) FROM incident WHERE process_id = ANY($1::uuid[])`, ids) == n
	})
	return ids
}

func (in *installation) count(query string, args ...any) int {
	in.t.Helper()
	var n int
	require.NoError(in.t, in.db.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

func (in *installation) eventually(what string, check func() bool) {
	in.t.Helper()
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !check() {
		select {
		case <-deadline.C:
			in.t.Fatalf("not in time: %s", what)
		case <-tick.C:
		}
	}
}

// draft makes a job and fails the test when it is refused.
func (in *installation) draft(s *bulk.Service, c bulk.Create) bulk.Job {
	in.t.Helper()
	c.Actor = "boris"
	job, err := s.Create(context.Background(), c)
	require.NoError(in.t, err)
	require.Equal(in.t, bulk.Draft, job.State)
	return job
}

func (in *installation) run(s *bulk.Service, job bulk.Job) {
	in.t.Helper()
	_, err := s.Run(context.Background(), bulk.Run{Actor: "boris", ID: job.ID, Reason: "the tariff is known now"})
	require.NoError(in.t, err)
}

// ended waits for a job's end.
func (in *installation) ended(s *bulk.Service, id string) (job bulk.Job) {
	in.t.Helper()
	in.eventually("the job ended", func() bool {
		var err error
		job, err = s.Job(context.Background(), id)
		require.NoError(in.t, err)
		return job.EndedAt != nil
	})
	return job
}

// items reads every page of a job's items.
func (in *installation) items(s *bulk.Service, id string, states ...bulk.ItemState) (all []bulk.Item) {
	in.t.Helper()
	cursor := ""
	for {
		page, next, err := s.Items(context.Background(), id, states, cursor, 70)
		require.NoError(in.t, err)
		all = append(all, page...)
		if cursor = next; next == "" {
			return all
		}
	}
}

func wantFault(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	found := fault.As(err)
	require.NotNil(t, found, "%v", err)
	require.Equal(t, kind, found.Kind, "%v", err)
	require.Equal(t, code, found.Code)
}

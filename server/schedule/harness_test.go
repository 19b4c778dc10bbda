package schedule_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/server/schedule"
	"github.com/taskurotta/taskurotta-go/server/schedule/pgstore"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("os/exec.(*Cmd).watchCtx.func1"), goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"))
}

// installation is a database whose clock the test sets, and engines over it.
type installation struct {
	t       *testing.T
	db      *pgxpool.Pool
	clocked *pgxpool.Pool // its clock_timestamp() is the test's
	address string
	redis   string
	keys    wire.Keys
}

// fakeClock puts a clock_timestamp() of the test's before PostgreSQL's own, for whoever searches the schema shifted first.
const fakeClock = `
CREATE SCHEMA shifted;
CREATE TABLE shifted.clock (at timestamptz NOT NULL, since timestamptz NOT NULL);
INSERT INTO shifted.clock VALUES (pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp());
CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT c.at + (pg_catalog.clock_timestamp() - c.since) FROM shifted.clock c $$;`

func newInstallation(t *testing.T) *installation {
	t.Helper()
	ctx := context.Background()
	address := stacktest.Postgres(t)
	pool := func(path string) *pgxpool.Pool {
		config, err := pgxpool.ParseConfig(address)
		require.NoError(t, err)
		if path != "" {
			config.ConnConfig.RuntimeParams["search_path"] = path
		}
		db, err := pgxpool.NewWithConfig(ctx, config)
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	in := &installation{t: t, db: pool(""), address: address}
	_, err := in.db.Exec(ctx, fakeClock)
	require.NoError(t, err)
	in.clocked = pool("shifted, public, pg_catalog")
	redisURL, id := stacktest.Redis(t)
	in.redis, in.keys = redisURL, wire.Keys{ID: id}
	return in
}

// set moves the database's clock to a moment; it goes on from there.
func (in *installation) set(at string) {
	in.t.Helper()
	moment, err := time.Parse(time.RFC3339, at)
	require.NoError(in.t, err)
	in.exec(`UPDATE shifted.clock SET at = $1, since = pg_catalog.clock_timestamp()`, moment)
}

// definitions are published versions: "wait" waits for a message, "quick" ends at once, "bad" has an incident at once; "later" gets its
// version when the test says so.
type definitions struct {
	mu    sync.Mutex
	later bool
}

func event(kind graph.StartKind) graph.Node {
	return graph.Node{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{Kind: kind}}
}

var published = map[string]*graph.Document{
	"wait": {Nodes: []graph.Node{event(""), {ID: "step", Kind: graph.KindMessageEvent, Title: "Wait", Message: &graph.Message{Name: "go", Key: "=process.id"}}}},
	"quick": {Nodes: []graph.Node{{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{
		InputSchema: json.RawMessage(`{"type":"object","properties":{"day":{"type":"string"}},"additionalProperties":false}`)}},
		{ID: "step", Kind: graph.KindScriptTask, Title: "Do", Script: &graph.ScriptTask{}}}},
	"bad": {Nodes: []graph.Node{event(""), {ID: "step", Kind: graph.KindScriptTask, Title: "Do", Script: &graph.ScriptTask{
		Output: map[string]graph.Value{"x": json.RawMessage(`"=int('x')"`)}}}}},
	"one": {Nodes: []graph.Node{{ID: "start", Kind: graph.KindStartEvent, Title: "Start", Start: &graph.StartEvent{OneActive: true}},
		{ID: "step", Kind: graph.KindMessageEvent, Title: "Wait", Message: &graph.Message{Name: "go", Key: "=process.id"}}}},
}

func (d *definitions) Latest(_ context.Context, key string) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if key == "later" && !d.later {
		return 0, fault.New(fault.NotFound, "version.none", "it has no published version")
	}
	return 1, nil
}

func (d *definitions) Version(_ context.Context, key string, number int) (engine.Version, error) {
	if key == "later" {
		key = "quick"
	}
	source := published[key]
	if source == nil {
		return engine.Version{}, fault.New(fault.NotFound, "definition.not_found", "there is no such definition")
	}
	doc := &graph.Document{Schema: graph.SchemaVersion, Nodes: append(slices.Clone(source.Nodes), graph.Node{ID: "end", Kind: graph.KindEndEvent, Title: "End", End: &graph.EndEvent{Kind: graph.EndNone}}),
		Edges: []graph.Edge{{ID: "a", From: "start", To: "step"}, {ID: "b", From: "step", To: "end"}}}
	return engine.Version{Key: key, Number: number, Title: key, Document: doc}, nil
}

type catalog struct{}

func (catalog) Types(context.Context) (map[string]wire.Descriptor, error) { return nil, nil }

func (catalog) Announce(context.Context, string, []wire.Descriptor) ([]wire.Refusal, error) {
	return nil, nil
}
func (catalog) Pool(context.Context, string) (string, error) { return "", nil }

func (in *installation) engine(defs *definitions) *engine.Engine {
	in.t.Helper()
	rdb, err := pipeline.Connect(in.redis)
	require.NoError(in.t, err)
	in.t.Cleanup(func() { _ = rdb.Close() })
	e, err := engine.New(engine.Config{DB: in.db, Redis: rdb, Keys: in.keys, Definitions: defs, Catalog: catalog{}, LeaseTTL: time.Second, Log: slog.New(slog.DiscardHandler)})
	require.NoError(in.t, err)
	require.NoError(in.t, e.Start(context.Background()))
	in.t.Cleanup(e.Stop)
	return e
}

// server is an engine and a service over it; the service is made and not started.
func (in *installation) server(change ...func(*schedule.Config)) *schedule.Service {
	in.t.Helper()
	config := schedule.Config{Store: pgstore.New(in.clocked), Settle: 50 * time.Millisecond, Adopt: 50 * time.Millisecond, Log: slog.New(slog.NewTextHandler(in.t.Output(), nil))}
	for _, c := range change {
		c(&config)
	}
	if config.Engine == nil {
		config.Engine = in.engine(&definitions{})
	}
	s, err := schedule.New(config)
	require.NoError(in.t, err)
	return s
}

func (in *installation) start(s *schedule.Service) {
	in.t.Helper()
	require.NoError(in.t, s.Start(context.Background()))
	in.t.Cleanup(s.Stop)
}

func (in *installation) create(s *schedule.Service, f schedule.Fields) schedule.Schedule {
	in.t.Helper()
	if f.Name == "" {
		f.Name = "Test"
	}
	made, err := s.Create(in.t.Context(), "anna", f)
	require.NoError(in.t, err)
	return made
}

func (in *installation) exec(statement string, args ...any) {
	in.t.Helper()
	_, err := in.db.Exec(context.Background(), statement, args...)
	require.NoError(in.t, err)
}

func (in *installation) count(query string, args ...any) int {
	in.t.Helper()
	var n int
	require.NoError(in.t, in.db.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

func (in *installation) eventually(what string, check func() bool) {
	in.t.Helper()
	require.Eventually(in.t, check, 30*time.Second, 5*time.Millisecond, what)
}

// history is a schedule's fires, oldest first.
func (in *installation) history(s *schedule.Service, id string) []schedule.Fire {
	in.t.Helper()
	var all []schedule.Fire
	for cursor := ""; ; {
		page, next, err := s.Fires(in.t.Context(), id, cursor, 7)
		require.NoError(in.t, err)
		all = append(all, page...)
		if cursor = next; next == "" {
			slices.Reverse(all)
			return all
		}
	}
}

// states writes a history down: "15:04 state(reason)".
func states(fires []schedule.Fire) (all []string) {
	for _, f := range fires {
		text := f.DueAt.Format("15:04 ") + string(f.State)
		if f.Kind == schedule.FireManual {
			text = "by hand " + string(f.State)
		}
		if f.Reason != "" {
			text += "(" + f.Reason + ")"
		}
		all = append(all, text)
	}
	return all
}

func (in *installation) becomes(s *schedule.Service, id string, want ...string) {
	in.t.Helper()
	var last []string
	defer func() {
		if in.t.Failed() {
			in.t.Logf("the history was last %q", last)
		}
	}()
	in.eventually("the history is as wanted", func() bool {
		last = states(in.history(s, id))
		return slices.Equal(want, last)
	})
}

func (in *installation) wantFault(err error, kind fault.Kind, code string) {
	in.t.Helper()
	found := fault.As(err)
	require.NotNil(in.t, found, "%v", err)
	require.Equal(in.t, code, found.Code)
	require.Equal(in.t, kind, found.Kind, "%v", err)
}

// lock holds a schedule's row, as another server does that decides about it; the returned function lets it go.
func (in *installation) lock(id string) func() {
	in.t.Helper()
	tx, err := in.db.Begin(context.Background())
	require.NoError(in.t, err)
	_, err = tx.Exec(context.Background(), `SELECT 1 FROM schedule WHERE id = $1 FOR UPDATE`, id)
	require.NoError(in.t, err)
	return func() {
		if err := tx.Rollback(context.Background()); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			in.t.Error(err)
		}
	}
}

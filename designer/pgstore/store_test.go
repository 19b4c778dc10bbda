package pgstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func open(t testing.TB) (*pgstore.Store, *pgxpool.Pool) {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), stacktest.Postgres(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store, err := pgstore.New(pool)
	require.NoError(t, err)
	return store, pool
}

func create(t testing.TB, store *pgstore.Store, key string) {
	t.Helper()
	require.NoError(t, store.Create(context.Background(), designer.Definition{
		ID: uuid.Must(uuid.NewV7()).String(), Key: key, Title: "Title of " + key, DraftRevision: 1, DraftSum: "sum-1", UpdatedBy: "ann",
	}, json.RawMessage(`{"b": 1,  "a":"é"}`)))
}

func TestDefinitions(t *testing.T) {
	t.Parallel()
	store, _ := open(t)
	ctx := t.Context()
	for _, key := range []string{"b-second", "a-first", "c-100%_third"} {
		if key == "c-100%_third" {
			key = "c-third"
		}
		create(t, store, key)
	}
	require.NoError(t, store.Rename(ctx, "c-third", `100%_of \it`))

	got, err := store.Get(ctx, "a-first")
	require.NoError(t, err)
	require.Equal(t, "Title of a-first", got.Title)
	require.Equal(t, "ann", got.UpdatedBy)
	require.True(t, got.Unpublished())

	keys := func(query, after string, limit int) []string {
		list, err := store.List(ctx, query, after, limit)
		require.NoError(t, err)
		var keys []string
		for _, d := range list {
			keys = append(keys, d.Key)
		}
		return keys
	}
	require.Equal(t, []string{"a-first", "b-second", "c-third"}, keys("", "", 10))
	require.Equal(t, []string{"b-second"}, keys("", "a-first", 1))
	require.Equal(t, []string{"b-second"}, keys("SECOND", "", 10))
	require.Equal(t, []string{"c-third"}, keys(`0%_o`, "", 10), "wildcards are letters")
	require.Equal(t, []string{"c-third"}, keys(`\i`, "", 10))
	require.Empty(t, keys(`%x%`, "", 10))

	draft, err := store.Draft(ctx, "a-first")
	require.NoError(t, err)
	require.Equal(t, `{"b": 1,  "a":"é"}`, string(draft.Document), "to the byte")

	titles, err := store.Titles(ctx)
	require.NoError(t, err)
	require.Equal(t, "Title of a-first", titles["a-first"])

	err = store.Create(ctx, designer.Definition{ID: uuid.Must(uuid.NewV7()).String(), Key: "a-first", Title: "x"}, json.RawMessage(`{}`))
	require.True(t, fault.Is(err, fault.Conflict), "%v", err)
	for what, err := range map[string]error{
		"get":     second(store.Get(ctx, "none")),
		"draft":   second(store.Draft(ctx, "none")),
		"latest":  second(store.Latest(ctx, "none")),
		"rename":  store.Rename(ctx, "none", "x"),
		"version": second(store.Version(ctx, "a-first", 1)),
		"set":     store.SetLatest(ctx, "a-first", 7, nil),
		"publish": second(store.Publish(ctx, 1, designer.Version{Key: "none"})),
	} {
		require.True(t, fault.Is(err, fault.NotFound), "%s: %v", what, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestADraftIsSavedOnlyOverItsOwnRevision(t *testing.T) {
	t.Parallel()
	store, _ := open(t)
	ctx := t.Context()
	create(t, store, "a")
	revision, at, err := store.SaveDraft(ctx, designer.Draft{Key: "a", Document: json.RawMessage(`{"n":2}`), Revision: 1, Checksum: "sum-2", UpdatedBy: "bob"})
	require.NoError(t, err)
	require.EqualValues(t, 2, revision)
	require.False(t, at.IsZero())

	var stale *designer.ErrRevision
	_, _, err = store.SaveDraft(ctx, designer.Draft{Key: "a", Document: json.RawMessage(`{"n":3}`), Revision: 1})
	require.ErrorAs(t, err, &stale)
	require.EqualValues(t, 2, stale.Current)
	_, _, err = store.SaveDraft(ctx, designer.Draft{Key: "none", Document: json.RawMessage(`{}`), Revision: 1})
	require.True(t, fault.Is(err, fault.NotFound))

	draft, err := store.Draft(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, `{"n":2}`, string(draft.Document))
	require.Equal(t, "bob", draft.UpdatedBy)
	require.Equal(t, "sum-2", draft.Checksum)
}

// Of many who save over one revision, exactly one does.
func TestSavesAtTheSameTime(t *testing.T) {
	t.Parallel()
	store, _ := open(t)
	create(t, store, "a")
	var group sync.WaitGroup
	var mu sync.Mutex
	saved := 0
	for i := range 8 {
		group.Go(func() {
			_, _, err := store.SaveDraft(t.Context(), designer.Draft{Key: "a", Document: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i)), Revision: 1})
			var stale *designer.ErrRevision
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				saved++
			} else if !errors.As(err, &stale) {
				t.Errorf("save: %v", err)
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, saved)
}

func TestVersions(t *testing.T) {
	t.Parallel()
	store, pool := open(t)
	ctx := t.Context()
	create(t, store, "a")
	publish := func(revision int64, sum string) (designer.Version, error) {
		return store.Publish(ctx, revision, designer.Version{
			Key: "a", Title: "Title of a", Note: "note " + sum, Checksum: sum, PublishedBy: "ann", Document: json.RawMessage(`{"z":1,  "a":2}`),
			NodeTypes: map[string]wire.Descriptor{"x@1": {Name: "x", Major: 1, InputSchema: json.RawMessage(`{"type":"object"}`)}},
			Starts:    []designer.Start{{Node: "daily", Kind: graph.StartSchedule, Title: "Daily", Event: json.RawMessage(`{"kind":"schedule"}`)}},
		})
	}
	starts := func() (all []string) {
		rows, err := pool.Query(ctx, `SELECT node_id || ' ' || version || ' ' || kind || ' ' || message FROM definition_start WHERE definition_key = 'a' ORDER BY node_id`)
		require.NoError(t, err)
		all, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return all
	}
	first, err := publish(1, "sum-1")
	require.NoError(t, err)
	require.Equal(t, 1, first.Number)
	second, err := publish(1, "sum-2")
	require.NoError(t, err)
	require.Equal(t, 2, second.Number)

	_, err = publish(1, "sum-2")
	require.True(t, fault.Is(err, fault.Conflict), "what the latest says is not published again: %v", err)
	var stale *designer.ErrRevision
	_, err = publish(9, "sum-3")
	require.ErrorAs(t, err, &stale)
	require.EqualValues(t, 1, stale.Current)

	list, err := store.Versions(ctx, "a", 0, 10)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, 2, list[0].Number)
	require.True(t, list[0].Latest)
	require.Empty(t, list[0].Document)
	list, err = store.Versions(ctx, "a", 2, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)

	got, err := store.Version(ctx, "a", 2)
	require.NoError(t, err)
	require.Equal(t, `{"z":1,  "a":2}`, string(got.Document), "to the byte")
	require.Equal(t, "note sum-2", got.Note)
	require.Equal(t, "x", got.NodeTypes["x@1"].Name)

	require.Equal(t, []string{"daily 2 schedule "}, starts())
	require.NoError(t, store.SetLatest(ctx, "a", 1, []designer.Start{{Node: "came", Kind: graph.StartMessage, Message: "order", Event: json.RawMessage(`{}`)}}))
	require.Equal(t, []string{"came 1 message order"}, starts(), "what starts the definition besides people moves with latest")
	rival := designer.Version{Key: "rival", Checksum: "sum-r", Document: json.RawMessage(`{}`), Starts: []designer.Start{{Node: "go", Kind: graph.StartMessage, Message: "order", Event: json.RawMessage(`{}`)}}}
	create(t, store, "rival")
	_, err = store.Publish(ctx, 1, rival)
	require.Equal(t, "start.message_taken", fault.As(err).Code, "%v", err)
	require.Equal(t, map[string]any{"definition": "a", "message": "order"}, fault.As(err).Issues[0].Params)
	_, err = store.Version(ctx, "rival", 1)
	require.True(t, fault.Is(err, fault.NotFound), "nothing was published")
	rival.Starts[0].Message = "other"
	_, err = store.Publish(ctx, 1, rival)
	require.NoError(t, err)
	latest, err := store.Latest(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, 1, latest)
	definition, err := store.Get(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, 1, definition.Latest)
	require.Equal(t, 2, definition.Versions)
	require.False(t, definition.Unpublished(), "the draft's checksum is that of version 1")

	_, err = pool.Exec(ctx, `UPDATE definition_version SET document = '{}'`)
	require.ErrorContains(t, err, "never changes")
}

func TestPublishesAtTheSameTimeGetNumbersWithoutGaps(t *testing.T) {
	t.Parallel()
	store, _ := open(t)
	create(t, store, "a")
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			if _, err := store.Publish(t.Context(), 1, designer.Version{Key: "a", Checksum: fmt.Sprint(i), Document: json.RawMessage(`{}`)}); err != nil {
				t.Errorf("publish: %v", err)
			}
		})
	}
	group.Wait()
	list, err := store.Versions(t.Context(), "a", 0, 20)
	require.NoError(t, err)
	for i, version := range list {
		require.Equal(t, 8-i, version.Number)
	}
}

func TestNodeTypes(t *testing.T) {
	t.Parallel()
	store, _ := open(t)
	ctx := t.Context()
	entry := catalog.Entry{Pool: "p", Descriptor: wire.Descriptor{
		Name: "a.b", Major: 2, Hash: "h1", Title: wire.Text{EN: "A", RU: "А"}, InputSchema: json.RawMessage(`{"type":"object"}`), OutputSchema: json.RawMessage(`{}`),
	}}
	put := func(hash, was string) bool {
		entry.Descriptor.Hash = hash
		stored, err := store.Put(ctx, entry, was)
		require.NoError(t, err)
		return stored
	}
	require.True(t, put("h1", ""))
	require.False(t, put("h2", ""), "it is there already")
	require.False(t, put("h2", "other"), "another server was quicker")
	require.True(t, put("h2", "h1"))
	entries, err := store.Entries(ctx)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, "h2", entries[0].Descriptor.Hash)
	require.Equal(t, "А", entries[0].Descriptor.Title.RU)
	require.Equal(t, "p", entries[0].Pool)
}

// Starts that come together share a statement; none may get a number that was replaced before it asked.
func TestLatestIsNeverOlderThanTheQuestion(t *testing.T) {
	t.Parallel()
	store, pool := open(t)
	create(t, store, "a")
	create(t, store, "b")
	var committed atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for committed.Load() < 100 {
				before := int(committed.Load())
				latest, err := store.Latest(t.Context(), "a")
				if err != nil || latest < before {
					t.Errorf("latest %d, %v; %d was committed before", latest, err, before)
					return
				}
				if other, err := store.Latest(t.Context(), "b"); err != nil || other != 0 {
					t.Errorf("b runs %d, %v", other, err)
				}
				if _, err := store.Latest(t.Context(), "none"); fault.KindOf(err) != fault.NotFound {
					t.Errorf("an unknown key: %v", err)
				}
			}
		})
	}
	for n := range 100 {
		_, err := pool.Exec(t.Context(), `UPDATE definition SET latest = $1 WHERE key = 'a'`, n+1)
		require.NoError(t, err)
		committed.Store(int64(n + 1))
	}
	group.Wait()
}

func TestLatestOfACallerThatLeavesDisturbsNobody(t *testing.T) {
	t.Parallel()
	store, _ := open(t)
	create(t, store, "a")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			ctx := t.Context()
			if i%2 == 0 {
				ctx = gone
			}
			if _, err := store.Latest(ctx, "a"); ctx != gone && err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func BenchmarkLatest(b *testing.B) {
	store, _ := open(b)
	create(b, store, "a")
	for b.Loop() {
		if _, err := store.Latest(b.Context(), "a"); err != nil {
			b.Fatal(err)
		}
	}
}

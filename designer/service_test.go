package designer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func open(t *testing.T) (*designer.Service, *catalog.Catalog) {
	t.Helper()
	t.Parallel()
	pool, err := pgxpool.New(context.Background(), stacktest.Postgres(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store, err := pgstore.New(pool)
	require.NoError(t, err)
	types := catalog.New(store)
	return designer.New(store, types), types
}

func announce(t *testing.T, types *catalog.Catalog, output string) {
	t.Helper()
	refusals, err := types.Announce(t.Context(), "steps", []wire.Descriptor{{
		Name: "demo.step", Major: 1, InputSchema: json.RawMessage(`{"type":"object"}`), OutputSchema: json.RawMessage(output),
	}})
	require.NoError(t, err)
	require.Empty(t, refusals)
}

// walk is a small sound document; title tells its editions apart.
func walk(title string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"schema": 1, "nodes": [
 {"id":"start","kind":"start_event","title":"Start","start":{"input_schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}},
 {"id":"step","kind":"service_task","title":%q,"service":{"type":"demo.step@1","input":{"x":"=input.name"}}},
 {"id":"end","kind":"end_event","title":"End","end":{"kind":"none"}}],
 "edges": [{"id":"e1","from":"start","to":"step"},{"id":"e2","from":"step","to":"end"}]}`, title))
}

func codes(issues []fault.Issue) string {
	var all []string
	for _, issue := range issues {
		all = append(all, issue.Code)
	}
	return strings.Join(all, " ")
}

func TestFromDraftToVersions(t *testing.T) {
	service, types := open(t)
	ctx := t.Context()
	announce(t, types, `{"type":"object"}`)

	made, err := service.Create(ctx, "ann", "walk", " A walk ", nil)
	require.NoError(t, err)
	require.Equal(t, "A walk", made.Title)
	draft, issues, err := service.Draft(ctx, "walk")
	require.NoError(t, err)
	require.NotEmpty(t, issues, "an empty drawing can't run yet")
	_, err = service.Publish(ctx, "ann", "walk", 0, "")
	require.True(t, fault.Is(err, fault.Invalid))
	require.NotEmpty(t, fault.As(err).Issues)
	_, err = service.Latest(ctx, "walk")
	require.True(t, fault.Is(err, fault.NotFound))

	saved, issues, err := service.SaveDraft(ctx, "bob", "walk", draft.Revision, walk("First"))
	require.NoError(t, err)
	require.Empty(t, issues)
	first, err := service.Publish(ctx, "ann", "walk", saved.Revision, " first ")
	require.NoError(t, err)
	require.Equal(t, 1, first.Number)
	require.Equal(t, "first", first.Note)
	require.Len(t, first.Checksum, 64)

	_, err = service.Publish(ctx, "ann", "walk", 0, "")
	require.Equal(t, "publish.unchanged", fault.As(err).Code)
	require.True(t, fault.Is(err, fault.Conflict))

	saved, _, err = service.SaveDraft(ctx, "bob", "walk", saved.Revision, walk("Second"))
	require.NoError(t, err)
	definition, err := service.Get(ctx, "walk")
	require.NoError(t, err)
	require.True(t, definition.Unpublished())
	_, err = service.Publish(ctx, "ann", "walk", saved.Revision-1, "")
	require.True(t, fault.Is(err, fault.PreconditionFailed), "%v", err)
	_, err = service.Publish(ctx, "ann", "walk", saved.Revision, "second")
	require.NoError(t, err)

	version, err := service.Version(ctx, "walk", 0)
	require.NoError(t, err)
	require.Equal(t, 2, version.Number)
	require.Equal(t, string(walk("Second")), string(version.Document), "to the byte")
	require.Equal(t, "Second", version.Graph.Nodes[1].Title)
	require.Contains(t, version.NodeTypes, "demo.step@1")

	definition, err = service.SetLatest(ctx, "walk", 1)
	require.NoError(t, err)
	require.Equal(t, 1, definition.Latest)
	latest, err := service.Latest(ctx, "walk")
	require.NoError(t, err)
	require.Equal(t, 1, latest)
	list, err := service.Versions(ctx, "walk", 0, 10)
	require.NoError(t, err)
	require.Equal(t, []bool{false, true}, []bool{list[0].Latest, list[1].Latest})
	_, err = service.SetLatest(ctx, "walk", 3)
	require.True(t, fault.Is(err, fault.NotFound))
	_, err = service.Version(ctx, "walk", 3)
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestOnlyTheLayoutIsNoReasonToPublish(t *testing.T) {
	service, types := open(t)
	announce(t, types, `{"type":"object"}`)
	_, err := service.Create(t.Context(), "ann", "walk", "Walk", walk("A"))
	require.NoError(t, err)
	_, err = service.Publish(t.Context(), "ann", "walk", 1, "")
	require.NoError(t, err)
	moved := strings.Replace(string(walk("A")), `"edges"`, `"layout":{"nodes":{"start":{"x":1,"y":2}}},"edges"`, 1)
	_, _, err = service.SaveDraft(t.Context(), "ann", "walk", 1, json.RawMessage(moved))
	require.NoError(t, err)
	definition, err := service.Get(t.Context(), "walk")
	require.NoError(t, err)
	require.False(t, definition.Unpublished())
	_, err = service.Publish(t.Context(), "ann", "walk", 2, "")
	require.Equal(t, "publish.unchanged", fault.As(err).Code)
}

// TestNothingIsLostToABadDraft: what can't be read, or is based on an old revision, is refused with its place, and the draft stays.
func TestNothingIsLostToABadDraft(t *testing.T) {
	service, _ := open(t)
	ctx := t.Context()
	_, err := service.Create(ctx, "ann", "walk", "Walk", walk("A"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		revision int64
		document string
		kind     fault.Kind
		code     string
		issue    string
	}{
		"an unknown field": {1, strings.Replace(string(walk("B")), `"schema"`, `"shema":1,"schema"`, 1), fault.Invalid, "draft.document", codec.CodeUnknownField},
		"a name twice":     {1, strings.Replace(string(walk("B")), `"schema"`, `"schema":1,"schema"`, 1), fault.Invalid, "draft.document", "json.duplicate_name"},
		"10 MB":            {1, `{"schema":1,"nodes":[` + strings.Repeat(" ", 10<<20) + `]}`, fault.TooLarge, "draft.document", "json.size"},
		"no JSON":          {1, `<bpmn/>`, fault.Invalid, "draft.document", "json.syntax"},
		"an old revision":  {0, string(walk("B")), fault.PreconditionFailed, "draft.conflict", "draft.conflict"},
		"a new revision":   {7, string(walk("B")), fault.PreconditionFailed, "draft.conflict", "draft.conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := service.SaveDraft(ctx, "bob", "walk", c.revision, json.RawMessage(c.document))
			refused := fault.As(err)
			require.NotNil(t, refused, "%v", err)
			require.Equal(t, c.kind, refused.Kind)
			require.Equal(t, c.code, refused.Code)
			require.Equal(t, c.issue, refused.Issues[0].Code)
			draft, _, err := service.Draft(ctx, "walk")
			require.NoError(t, err)
			require.Equal(t, string(walk("A")), string(draft.Document))
			require.EqualValues(t, 1, draft.Revision)
		})
	}
	_, _, err = service.SaveDraft(ctx, "bob", "none", 1, walk("A"))
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestADraftWithErrorsIsKeptAndNotPublished(t *testing.T) {
	service, types := open(t)
	ctx := t.Context()
	_, err := service.Create(ctx, "ann", "walk", "Walk", walk("A"))
	require.NoError(t, err)
	_, err = service.Publish(ctx, "ann", "walk", 1, "")
	require.True(t, fault.Is(err, fault.Invalid))
	require.Equal(t, "service.unknown_type", codes(fault.As(err).Issues), "no worker announced the type yet")

	twice := strings.Replace(string(walk("A")), `"id":"end"`, `"id":"step"`, 1)
	saved, issues, err := service.SaveDraft(ctx, "ann", "walk", 1, json.RawMessage(twice))
	require.NoError(t, err)
	require.Contains(t, codes(issues), "graph.duplicate_node")
	_, err = service.Publish(ctx, "ann", "walk", saved.Revision, "")
	require.Contains(t, codes(fault.As(err).Issues), "graph.duplicate_node")

	looping := strings.Replace(string(walk("A")), `"=input.name"`, `"=`+strings.Repeat("(", 200)+`"`, 1)
	issues, err = service.Validate(ctx, "walk", json.RawMessage(looping))
	require.NoError(t, err)
	require.Contains(t, codes(issues), "expr.limit")
	announce(t, types, `{}`)
}

func TestAVersionKeepsTheSchemasItWasPublishedWith(t *testing.T) {
	service, types := open(t)
	ctx := t.Context()
	announce(t, types, `{"type":"object","properties":{"a":{"type":"string"}}}`)
	_, err := service.Create(ctx, "ann", "walk", "Walk", walk("A"))
	require.NoError(t, err)
	_, err = service.Publish(ctx, "ann", "walk", 0, "")
	require.NoError(t, err)
	announce(t, types, `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}`)
	version, err := service.Version(ctx, "walk", 1)
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"object","properties":{"a":{"type":"string"}}}`, string(version.NodeTypes["demo.step@1"].OutputSchema))
}

func TestKeysAndTitles(t *testing.T) {
	service, _ := open(t)
	ctx := t.Context()
	for _, key := range []string{"", "A", "1a", "a_b", "-a", "a b", strings.Repeat("a", 64), "a\x00", "ключ"} {
		_, err := service.Create(ctx, "ann", key, "T", nil)
		require.True(t, fault.Is(err, fault.Invalid), "%q: %v", key, err)
		_, err = service.Latest(ctx, key)
		require.True(t, fault.Is(err, fault.NotFound), "%q: %v", key, err)
		_, err = service.Get(ctx, key)
		require.True(t, fault.Is(err, fault.NotFound), "%q: %v", key, err)
		_, _, err = service.Draft(ctx, key)
		require.True(t, fault.Is(err, fault.NotFound), "%q: %v", key, err)
	}
	for _, title := range []string{"", "  ", strings.Repeat("я", 201), "a\x00", "a\nb", "\xff"} {
		_, err := service.Create(ctx, "ann", "a", title, nil)
		require.True(t, fault.Is(err, fault.Invalid), "%q: %v", title, err)
	}
	_, err := service.Create(ctx, "ann", "a", "Заявка", nil)
	require.NoError(t, err)
	_, err = service.Create(ctx, "ann", "a", "Again", nil)
	require.True(t, fault.Is(err, fault.Conflict))
	_, err = service.Rename(ctx, "a", "b\x00")
	require.True(t, fault.Is(err, fault.Invalid))
	renamed, err := service.Rename(ctx, "a", "Заявление")
	require.NoError(t, err)
	require.Equal(t, "Заявление", renamed.Title)

	for _, key := range []string{"b", "c"} {
		_, err = service.Create(ctx, "ann", key, "T", nil)
		require.NoError(t, err)
	}
	page, next, err := service.List(ctx, "", "", 2)
	require.NoError(t, err)
	require.Len(t, page, 2)
	page, next, err = service.List(ctx, "", next, 2)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Empty(t, next)
	page, _, err = service.List(ctx, "a\x00", "", 2)
	require.NoError(t, err)
	require.Empty(t, page)
}

func TestTheExampleCanBePublished(t *testing.T) {
	raw, err := os.ReadFile("codec/testdata/document-check.json")
	require.NoError(t, err)
	service, types := open(t)
	anything := json.RawMessage(`{"type":"object"}`)
	_, err = types.Announce(t.Context(), "builtin", []wire.Descriptor{
		{Name: "document.inspect", Major: 1, InputSchema: anything, OutputSchema: anything}, {Name: "mail.send", Major: 1, InputSchema: anything, OutputSchema: anything}})
	require.NoError(t, err)
	_, err = service.Create(t.Context(), "ann", "document-check", "Document check", raw)
	require.NoError(t, err)
	_, err = service.Publish(t.Context(), "ann", "document-check", 0, "")
	require.NoError(t, err)
}

func TestPreview(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	data := designer.PreviewData{Input: json.RawMessage(`{"name":"Ann"}`), Tasks: map[string]json.RawMessage{"check": json.RawMessage(`{"n":9007199254740993}`)}}
	for value, want := range map[string]string{
		`"=input.name"`:                      `"Ann"`,
		`"Dear {{input.name}}"`:              `"Dear Ann"`,
		`{"n":"=tasks.check.n","t":"==x"}`:   `{"n":9007199254740993,"t":"=x"}`,
		`"=formatDate(now(), \"02.01.06\")"`: `"01.03.26"`,
		`7`:                                  `7`,
	} {
		got, err := designer.Preview(json.RawMessage(value), data, now)
		require.NoError(t, err, value)
		require.Equal(t, want, string(got))
	}
	for value, code := range map[string]expr.Code{
		`"=1 +"`: expr.CodeSyntax, `"=tasks.none.x"`: expr.CodeEval, `"=all(1..400, all(1..400, all(1..400, # > 0)))"`: expr.CodeLimit, `{`: expr.CodeSyntax,
	} {
		_, err := designer.Preview(json.RawMessage(value), data, now)
		var own *expr.Error
		require.True(t, errors.As(err, &own), "%s: %v", value, err)
		require.Equal(t, code, own.Code)
	}
}

// calls is a sound document that calls a definition and reads the field done of its output.
func calls(key string, version int, fields string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"schema": 1, "nodes": [
 {"id":"start","kind":"start_event","title":"Start","start":{"input_schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}},
 {"id":"ask","kind":"call_activity","title":"Ask","call":{"definition":%q,"version":%d,"input":%s}},
 {"id":"end","kind":"end_event","title":"End","end":{"kind":"none","output":{"done":"=tasks.ask.done"}}}],
 "edges": [{"id":"e1","from":"start","to":"ask"},{"id":"e2","from":"ask","to":"end"}]}`, key, version, fields))
}

func TestWhatIsCalledIsLookedAt(t *testing.T) {
	service, _ := open(t)
	ctx := t.Context()
	for _, key := range []string{"inner", "outer"} {
		_, err := service.Create(ctx, "ann", key, key, nil)
		require.NoError(t, err)
	}
	for name, test := range map[string]struct {
		document json.RawMessage
		want     string
	}{
		"nothing":        {calls("nothing", 0, `{}`), "call.unknown_definition"},
		"what is drawn":  {calls("inner", 0, `{}`), "call.not_published"},
		"no such number": {calls("inner", 1, `{}`), "call.unknown_version"},
		"itself":         {calls("outer", 0, `{"name":"=input.name"}`), ""},
		"itself, wrong":  {calls("outer", 0, `{}`), "service.input_missing"},
	} {
		issues, err := service.Validate(ctx, "outer", test.document)
		require.NoError(t, err)
		require.Equal(t, test.want, codes(issues), name)
	}
	draft, _, err := service.SaveDraft(ctx, "ann", "inner", 1, calls("inner", 0, `{"name":"x"}`))
	require.NoError(t, err)
	_, err = service.Publish(ctx, "ann", "inner", draft.Revision, "")
	require.NoError(t, err, "a definition may call itself")
	for version, want := range map[int]string{0: "service.input_missing", 1: "service.input_missing", 2: "call.unknown_version"} {
		issues, err := service.Validate(ctx, "outer", calls("inner", version, `{}`))
		require.NoError(t, err)
		require.Equal(t, want, codes(issues))
	}
}

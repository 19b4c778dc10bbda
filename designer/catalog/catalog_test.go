package catalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// memory is a catalog.Store in memory; pgstore's is tested with PostgreSQL.
type memory struct {
	mu      sync.Mutex
	entries []catalog.Entry
	fail    error
	puts    int
	race    func() // runs before a Put
}

func (m *memory) Entries(context.Context) ([]catalog.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries), m.fail
}

func (m *memory) Put(_ context.Context, entry catalog.Entry, was string) (bool, error) {
	if race := m.race; race != nil {
		m.race = nil
		race()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.puts++
	for i := range m.entries {
		if m.entries[i].Type() == entry.Type() {
			if m.entries[i].Descriptor.Hash != was {
				return false, nil
			}
			m.entries[i] = entry
			return true, nil
		}
	}
	m.entries = append(m.entries, entry)
	return was == "", nil
}

func descriptor(input, output string) wire.Descriptor {
	return wire.Descriptor{Name: "document.inspect", Major: 1, Title: wire.Text{EN: "Inspect", RU: "Проверить"}, Icon: "file-check",
		InputSchema: json.RawMessage(input), OutputSchema: json.RawMessage(output), Errors: []wire.ErrorCode{{Code: "INVALID"}}}
}

const (
	in  = `{"type":"object","properties":{"a":{"type":"string","title":"A"},"b":{"type":"object","properties":{"c":{"type":"integer"}}},"l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"}}}}},"required":["a"],"additionalProperties":false}`
	out = `{"type":"object","properties":{"ok":{"type":"boolean"},"why":{"enum":["x","y"]}},"required":["ok"],"additionalProperties":false}`
)

// announce tells of one type twice over, as two versions of a worker would, and returns the reason of the second refusal.
func announce(t *testing.T, known, next wire.Descriptor) string {
	t.Helper()
	types := catalog.New(&memory{})
	refusals, err := types.Announce(t.Context(), "documents", []wire.Descriptor{known})
	require.NoError(t, err)
	require.Empty(t, refusals)
	refusals, err = types.Announce(t.Context(), "documents", []wire.Descriptor{next})
	require.NoError(t, err)
	entry, found, err := types.Lookup(t.Context(), "document.inspect@1")
	require.NoError(t, err)
	require.True(t, found)
	if len(refusals) == 0 {
		require.JSONEq(t, string(next.InputSchema), string(entry.Descriptor.InputSchema), "what was accepted is kept")
		return ""
	}
	require.Equal(t, "document.inspect@1", refusals[0].Type)
	require.Equal(t, string(known.InputSchema), string(entry.Descriptor.InputSchema), "what was refused changes nothing")
	return refusals[0].Reason
}

// TestAWorkerThatAnnouncesAnotherSchemaUnderTheSameMajor: compatible changes are taken, others refused with the reason.
func TestAWorkerThatAnnouncesAnotherSchemaUnderTheSameMajor(t *testing.T) {
	for name, c := range map[string]struct {
		inFrom, inTo, outFrom, outTo string
		want                         string // part of the reason; empty when it is taken
	}{
		"the same":                      {},
		"another title":                 {inFrom: `"title":"A"`, inTo: `"title":"The letter A","description":"x","x-title-ru":"А"`},
		"other order and blanks":        {inFrom: `"type":"object","properties":{"a"`, inTo: `"properties" : {"a"`, want: ""},
		"an optional field more":        {inFrom: `"b":{`, inTo: `"d":{"type":"string"},"b":{`},
		"an optional field more inside": {inFrom: `"c":{"type":"integer"}`, inTo: `"c":{"type":"integer"},"d":{}`},
		"a field no longer required":    {inFrom: `"required":["a"]`, inTo: `"required":[]`},
		"an input that opens":           {inFrom: `"required":["a"],"additionalProperties":false`, inTo: `"required":["a"]`},
		"an output field more":          {outFrom: `"ok":{`, outTo: `"more":{"type":"string"},"ok":{`},
		"an output field always there":  {outFrom: `"required":["ok"]`, outTo: `"required":["ok","why"]`},
		"a field named like a keyword":  {inFrom: `"b":{`, inTo: `"title":{"type":"string"},"b":{`},

		"a required field more":         {inFrom: `"required":["a"]`, inTo: `"required":["a","b"]`, want: "input.b is required now"},
		"a field lost":                  {inFrom: `"a":{"type":"string","title":"A"},`, inTo: ``, want: "input.a is gone"},
		"a field lost inside":           {inFrom: `"c":{"type":"integer"}`, inTo: `"d":{}`, want: "input.b.c is gone"},
		"another type":                  {inFrom: `{"type":"integer"}`, inTo: `{"type":"string"}`, want: "other values than before fit input.b.c"},
		"another type in a list":        {inFrom: `"x":{"type":"string"}`, inTo: `"x":{"type":"integer"}`, want: "other values than before fit input.l[].x"},
		"a rule more":                   {inFrom: `"type":"string","title"`, inTo: `"type":"string","maxLength":3,"title"`, want: "other values than before fit input.a"},
		"a rule for the whole":          {inFrom: `"required":["a"]`, inTo: `"required":["a"],"minProperties":2`, want: "other values than before fit input"},
		"an object that becomes a text": {inFrom: `{"type":"object","properties":{"c":{"type":"integer"}}}`, inTo: `{"type":"string"}`, want: "other values than before fit input.b"},
		"no fields any more":            {inFrom: in, inTo: `{"type":"object"}`, want: "other values than before fit input"},
		"an output field lost":          {outFrom: `"why":{"enum":["x","y"]}`, outTo: `"because":{}`, want: "output.why is gone"},
		"an output field not always":    {outFrom: `"required":["ok"]`, outTo: `"required":[]`, want: "output.ok may be missing now"},
		"an output value more":          {outFrom: `["x","y"]`, outTo: `["x","y","z"]`, want: "other values than before fit output.why"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, in, c.inFrom)
			require.Contains(t, out, c.outFrom)
			next := descriptor(strings.Replace(in, c.inFrom, c.inTo, 1), strings.Replace(out, c.outFrom, c.outTo, 1))
			if name == "other order and blanks" {
				next = descriptor(strings.Replace(strings.Replace(in, `"type":"object",`, ``, 1), `"required":["a"]`, `"required":["a"], "type" : "object"`, 1), out)
			}
			reason := announce(t, descriptor(in, out), next)
			if c.want == "" {
				require.Empty(t, reason)
				return
			}
			require.Contains(t, reason, c.want)
			require.Contains(t, reason, "major", "it says what to do")
		})
	}
}

func TestAReferenceHidesNoChange(t *testing.T) {
	known := descriptor(`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`, `{}`)
	next := descriptor(strings.Replace(string(known.InputSchema), `"string"`, `"integer"`, 1), `{}`)
	require.Contains(t, announce(t, known, next), "other values than before fit input")
	whole := descriptor(`{"$ref":"#/$defs/A","$defs":{"A":{"type":"object","properties":{"x":{}}}}}`, `{}`)
	changed := descriptor(strings.Replace(string(whole.InputSchema), `"x"`, `"y"`, 1), `{}`)
	require.Contains(t, announce(t, whole, changed), "other values than before fit input")
}

func TestBusinessErrorsMayGrow(t *testing.T) {
	known, next := descriptor(in, out), descriptor(in, out)
	next.Errors = append(next.Errors, wire.ErrorCode{Code: "TOO_LARGE"})
	require.Empty(t, announce(t, known, next))
	require.Contains(t, announce(t, next, known), "no longer answers with the error TOO_LARGE")
}

func TestANodeTypeBelongsToOnePool(t *testing.T) {
	types := catalog.New(&memory{})
	refusals, err := types.Announce(t.Context(), "documents", []wire.Descriptor{descriptor(in, out)})
	require.NoError(t, err)
	require.Empty(t, refusals)
	refusals, err = types.Announce(t.Context(), "others", []wire.Descriptor{descriptor(in, out)})
	require.NoError(t, err)
	require.Contains(t, refusals[0].Reason, `the pool "documents" serves it already`)
	pool, err := types.Pool(t.Context(), "document.inspect@1")
	require.NoError(t, err)
	require.Equal(t, "documents", pool)
	pool, err = types.Pool(t.Context(), "nobody@1")
	require.NoError(t, err)
	require.Empty(t, pool)
}

func TestMalformedDescriptorsAreRefusedAndTheRestTaken(t *testing.T) {
	good := descriptor(in, out)
	for name, spoil := range map[string]func(d *wire.Descriptor){
		"a name":                func(d *wire.Descriptor) { d.Name = "Document Inspect" },
		"no name":               func(d *wire.Descriptor) { d.Name = "" },
		"a long name":           func(d *wire.Descriptor) { d.Name = strings.Repeat("a", 101) },
		"a major":               func(d *wire.Descriptor) { d.Major = 0 },
		"an icon":               func(d *wire.Descriptor) { d.Icon = "<svg>" },
		"a title":               func(d *wire.Descriptor) { d.Title.RU = strings.Repeat("я", 200) },
		"a text not to store":   func(d *wire.Descriptor) { d.Doc.EN = "a\x00b" },
		"an error's code":       func(d *wire.Descriptor) { d.Errors = []wire.ErrorCode{{}} },
		"many errors":           func(d *wire.Descriptor) { d.Errors = make([]wire.ErrorCode, 101) },
		"no schema":             func(d *wire.Descriptor) { d.InputSchema = nil },
		"a broken schema":       func(d *wire.Descriptor) { d.OutputSchema = json.RawMessage(`{"type":"words"}`) },
		"a remote reference":    func(d *wire.Descriptor) { d.InputSchema = json.RawMessage(`{"$ref":"file:///etc/passwd"}`) },
		"a schema not to store": func(d *wire.Descriptor) { d.InputSchema = json.RawMessage(`{"title":"\u0000"}`) },
		"a huge schema": func(d *wire.Descriptor) {
			d.InputSchema = json.RawMessage(`{"title":"` + strings.Repeat("x", 200_000) + `"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			bad.Name = "bad"
			spoil(&bad)
			store := &memory{}
			refusals, err := catalog.New(store).Announce(t.Context(), "p", []wire.Descriptor{bad, good})
			require.NoError(t, err)
			require.Len(t, refusals, 1)
			require.NotEmpty(t, refusals[0].Reason)
			require.Len(t, store.entries, 1)
			require.Equal(t, good.Name, store.entries[0].Descriptor.Name)
		})
	}
}

func TestTheCatalogMakesTheHashItself(t *testing.T) {
	known, next := descriptor(in, out), descriptor(in, strings.Replace(out, `"why"`, `"because"`, 1))
	known.Hash, next.Hash = "same", "same"
	require.Contains(t, announce(t, known, next), "output.why is gone", "a forged hash hides no change")

	store := &memory{}
	types := catalog.New(store)
	for range 3 {
		again := descriptor(in, out)
		_, err := types.Announce(t.Context(), "p", []wire.Descriptor{again})
		require.NoError(t, err)
	}
	require.Equal(t, 1, store.puts, "what is known is not written again")
	require.Len(t, store.entries[0].Descriptor.Hash, 64)
}

// Another server may store another form between the look and the write: the second look decides.
func TestAnnouncementsAtTheSameTime(t *testing.T) {
	store := &memory{}
	first, second := catalog.New(store), catalog.New(store)
	store.race = func() {
		refusals, err := second.Announce(t.Context(), "p", []wire.Descriptor{descriptor(in, out)})
		require.NoError(t, err)
		require.Empty(t, refusals)
	}
	refusals, err := first.Announce(t.Context(), "p", []wire.Descriptor{descriptor(in, strings.Replace(out, `"ok":{"type":"boolean"}`, `"ok":{"type":"string"}`, 1))})
	require.NoError(t, err)
	require.Contains(t, refusals[0].Reason, "output.ok")
	require.Contains(t, string(store.entries[0].Descriptor.OutputSchema), "boolean")
}

func TestAStoreThatFailsIsAnError(t *testing.T) {
	types := catalog.New(&memory{fail: errors.New("away")})
	_, err := types.Announce(t.Context(), "p", []wire.Descriptor{descriptor(in, out)})
	require.ErrorContains(t, err, "away")
	_, err = types.List(t.Context())
	require.ErrorContains(t, err, "away")
}

func TestListsAreInOrder(t *testing.T) {
	types := catalog.New(&memory{})
	a, b := descriptor(in, out), descriptor(in, out)
	a.Name, b.Name = "b.second", "a.first"
	_, err := types.Announce(t.Context(), "p", []wire.Descriptor{a, b})
	require.NoError(t, err)
	list, err := types.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, "a.first@1", list[0].Type())
	known, err := types.Types(t.Context())
	require.NoError(t, err)
	require.Contains(t, known, "b.second@1")
}

package codec_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/graph"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each testdata/*.json has its canonical form beside it, and its checksum in checksums.golden.
func TestGoldenFiles(t *testing.T) {
	sources, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, sources)
	var sums strings.Builder
	for _, source := range sources {
		raw, err := os.ReadFile(source)
		require.NoError(t, err)
		doc, issues := codec.Decode(raw)
		require.Empty(t, issues, source)
		canonical := codec.Encode(doc)
		fmt.Fprintf(&sums, "%s %s\n", codec.Checksum(doc), filepath.Base(source))
		golden(t, strings.TrimSuffix(source, ".json")+".canonical.golden", string(canonical)+"\n")
	}
	golden(t, "testdata/checksums.golden", sums.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, path)
}

func TestWhatIsRefused(t *testing.T) {
	const head, tail = `{"schema":1,"nodes":[`, `],"edges":[]}`
	node := func(more string) string { return head + `{"id":"a","kind":"start_event"` + more + `}` + tail }
	for name, c := range map[string]struct{ raw, code, path string }{
		"nothing":                      {``, "json.syntax", ``},
		"a list":                       {`[]`, codec.CodeType, ``},
		"an unknown field":             {`{"schema":1,"nodes":[],"edges":[],"color":"red"}`, codec.CodeUnknownField, `/color`},
		"an unknown field of a node":   {node(`,"titel":"x"`), codec.CodeUnknownField, `/nodes/0/titel`},
		"a name in another case":       {node(`,"Title":"x"`), codec.CodeUnknownField, `/nodes/0/Title`},
		"a name twice":                 {node(`,"title":"x","title":"y"`), "json.duplicate_name", `/nodes/0/title`},
		"a name twice in a value":      {node(`,"service":{"type":"a@1","input":{"x":{"y":1,"y":2}}}`), "json.duplicate_name", `/nodes/0/service/input/x/y`},
		"null":                         {node(`,"start":null`), codec.CodeType, `/nodes/0/start`},
		"null for a list":              {`{"schema":1,"nodes":null,"edges":[]}`, codec.CodeType, `/nodes`},
		"a number for a text":          {node(`,"title":7`), codec.CodeType, `/nodes/0/title`},
		"a text for a number":          {`{"schema":"1","nodes":[],"edges":[]}`, codec.CodeType, `/schema`},
		"a fraction":                   {node(`,"service":{"type":"a@1","timeouts":{"attempt_ms":1.5}}`), codec.CodeType, `/nodes/0/service/timeouts/attempt_ms`},
		"a number beyond 64 bits":      {node(`,"service":{"type":"a@1","timeouts":{"attempt_ms":99999999999999999999}}`), codec.CodeType, `/nodes/0/service/timeouts/attempt_ms`},
		"a text for a boolean":         {`{"schema":1,"nodes":[],"edges":[{"id":"e","from":"a","to":"b","default":"yes"}]}`, codec.CodeType, `/edges/0/default`},
		"no id":                        {head + `{"kind":"start_event"}` + tail, codec.CodeMissing, `/nodes/0/id`},
		"no nodes":                     {`{"schema":1,"edges":[]}`, codec.CodeMissing, `/nodes`},
		"no schema":                    {`{"nodes":[],"edges":[]}`, codec.CodeMissing, `/schema`},
		"another schema":               {`{"schema":2,"nodes":[],"edges":[]}`, codec.CodeSchema, `/schema`},
		"something after the end":      {`{"schema":1,"nodes":[],"edges":[]}{}`, "json.trailing", ``},
		"NaN":                          {`{"schema":1,"nodes":[],"edges":[],"layout":{"nodes":{"a":{"x":NaN,"y":0}}}}`, "json.syntax", `/layout/nodes/a/x`},
		"an endless exponent":          {`{"schema":1,"nodes":[],"edges":[],"layout":{"nodes":{"a":{"x":1e999,"y":0}}}}`, "json.number", `/layout/nodes/a/x`},
		"a place without y":            {`{"schema":1,"nodes":[],"edges":[],"layout":{"nodes":{"a":{"x":1}}}}`, codec.CodeMissing, `/layout/nodes/a/y`},
		"bad UTF-8":                    {node(",\"title\":\"\xff\""), "json.utf8", `/nodes/0/title`},
		"a character not to be stored": {node(`,"title":"\u0000"`), "json.text", `/nodes/0/title`},
		"a value too deep":             {node(`,"script":{"output":{"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}}`), "json.depth", `/nodes/0/script/output/x` + strings.Repeat("/0", 59)},
	} {
		t.Run(name, func(t *testing.T) {
			doc, issues := codec.Decode([]byte(c.raw))
			require.Nil(t, doc)
			require.NotEmpty(t, issues)
			require.Equal(t, c.code, issues[0].Code, issues[0].Message)
			require.Equal(t, c.path, issues[0].Path)
		})
	}
}

func TestBoundsOfADocument(t *testing.T) {
	list := func(n int, entry string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(entry+",", n), ",") + "]"
	}
	node, edge := `{"id":"a","kind":"x"}`, `{"id":"e","from":"a","to":"b"}`
	_, issues := codec.Decode([]byte(`{"schema":1,"nodes":` + list(codec.MaxNodes, node) + `,"edges":[]}`))
	require.Empty(t, issues)
	_, issues = codec.Decode([]byte(`{"schema":1,"nodes":` + list(codec.MaxNodes+1, node) + `,"edges":` + list(codec.MaxEdges+1, edge) + `}`))
	require.Len(t, issues, 2)
	require.Equal(t, codec.CodeTooMany, issues[0].Code)
	frames := list(codec.MaxFrames+1, `{"id":"f","title":"","nodes":[]}`)
	_, issues = codec.Decode([]byte(`{"schema":1,"nodes":[],"edges":[],"layout":{"frames":` + frames + `}}`))
	require.Len(t, issues, 1)
	require.Equal(t, "/layout/frames", issues[0].Path)

	began := time.Now()
	_, issues = codec.Decode([]byte(`{"schema":1,"nodes":` + list(500_000, node) + `}`)) // 10 MB
	require.Equal(t, "json.size", issues[0].Code)
	require.Less(t, time.Since(began), time.Second)
}

func TestAMalformedDocumentListsAllItsFaults(t *testing.T) {
	_, issues := codec.Decode([]byte(`{"schema":1,"nodes":[{"id":1,"kind":"x","a":1},{"kind":2}],"edges":[{}]}`))
	require.Len(t, issues, 7)
}

func TestOnlyMeaningChangesTheChecksum(t *testing.T) {
	raw, err := os.ReadFile("testdata/document-check.json")
	require.NoError(t, err)
	sum := func(change func(*graph.Document)) string {
		doc, issues := codec.Decode(raw)
		require.Empty(t, issues)
		change(doc)
		return codec.Checksum(doc)
	}
	same := sum(func(*graph.Document) {})
	require.Equal(t, same, sum(func(d *graph.Document) {
		d.Layout.Nodes["start"] = graph.Point{X: 1}
		d.Layout.Frames = []graph.Frame{{ID: "f", Title: "x", Nodes: []string{"start"}}}
		d.Notes = []graph.Note{{ID: "n", Text: "x"}}
		d.Extensions = map[string]json.RawMessage{"tool": json.RawMessage(`1`)}
	}))
	require.NotEqual(t, same, sum(func(d *graph.Document) { d.Nodes[0].Title = "x" }))
	require.NotEqual(t, same, sum(func(d *graph.Document) { d.Edges[0], d.Edges[1] = d.Edges[1], d.Edges[0] }), "the order of flows decides which condition is asked first")
	doc, issues := codec.Decode([]byte("{ \"edges\":[ ],\n\"nodes\":[{\"kind\":\"x\",\"id\":\"a\",\"script\":{\"output\":{\"b\":{\"z\":1,\"y\":2},\"a\":\"\\u0061\"}}}],\"schema\":1}"))
	require.Empty(t, issues)
	canonical := codec.Encode(doc)
	require.Equal(t, `{"edges":[],"layout":{},"nodes":[{"id":"a","kind":"x","script":{"output":{"a":"a","b":{"y":2,"z":1}}},"title":""}],"schema":1}`, string(canonical))
}

// Whatever document there is: its canonical form decodes to itself.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := document(t)
		first := codec.Encode(doc)
		decoded, issues := codec.Decode(first)
		require.Empty(t, issues, string(first))
		require.Equal(t, string(first), string(codec.Encode(decoded)))
		require.Equal(t, codec.Checksum(doc), codec.Checksum(decoded))
	})
}

func document(t *rapid.T) *graph.Document {
	text := rapid.StringN(0, 20, 60).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) })
	value := rapid.Custom(func(t *rapid.T) json.RawMessage {
		raw, err := json.Marshal(rapid.OneOf(
			rapid.Map(text, func(s string) any { return s }), rapid.Map(rapid.Int64(), func(n int64) any { return n }),
			rapid.Map(rapid.Float64Range(-1e6, 1e6), func(n float64) any { return n }), rapid.Just[any](nil),
			rapid.Map(rapid.SliceOfN(text, 0, 3), func(s []string) any { return s }),
			rapid.Map(rapid.MapOfN(text, text, 0, 3), func(m map[string]string) any { return m }),
		).Draw(t, "value"))
		require.NoError(t, err)
		return raw
	})
	values := rapid.MapOfN(text, value, 0, 3)
	doc := &graph.Document{Schema: graph.SchemaVersion}
	doc.Nodes = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) graph.Node {
		n := graph.Node{ID: text.Draw(t, "id"), Kind: graph.Kind(text.Draw(t, "kind")), Title: text.Draw(t, "title"), Doc: text.Draw(t, "doc")}
		switch rapid.IntRange(0, 4).Draw(t, "member") {
		case 0:
			n.Service = &graph.ServiceTask{Type: text.Draw(t, "type"), Input: values.Draw(t, "input"),
				Retry:    &graph.RetryPolicy{MaxAttempts: rapid.Int().Draw(t, "attempts"), Factor: rapid.Float64Range(0, 10).Draw(t, "factor")},
				Timeouts: &graph.Timeouts{AttemptMS: rapid.Int64().Draw(t, "attempt")}}
		case 1:
			n.Script = &graph.ScriptTask{Output: rapid.MapOfN(text, value, 1, 3).Draw(t, "output")}
		case 2:
			n.End = &graph.EndEvent{Kind: graph.EndKind(text.Draw(t, "end")), Message: text.Draw(t, "message"), Output: values.Draw(t, "output")}
		case 3:
			n.Start = &graph.StartEvent{InputSchema: value.Draw(t, "schema"), SearchKeys: rapid.SliceOfN(text, 0, 3).Draw(t, "keys")}
		}
		return n
	}), 0, 5).Draw(t, "nodes")
	doc.Edges = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) graph.Edge {
		return graph.Edge{ID: text.Draw(t, "id"), From: text.Draw(t, "from"), To: text.Draw(t, "to"), Condition: text.Draw(t, "condition"), Default: rapid.Bool().Draw(t, "default")}
	}), 0, 5).Draw(t, "edges")
	doc.Layout.Nodes = rapid.MapOfN(text, rapid.Custom(func(t *rapid.T) graph.Point {
		return graph.Point{X: rapid.Float64Range(-1e6, 1e6).Draw(t, "x"), Y: rapid.Float64Range(-1e6, 1e6).Draw(t, "y")}
	}), 0, 3).Draw(t, "layout")
	doc.Layout.Frames = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) graph.Frame {
		nodes := append([]string{}, rapid.SliceOfN(text, 0, 3).Draw(t, "nodes")...)
		return graph.Frame{ID: text.Draw(t, "id"), Title: text.Draw(t, "title"), Color: text.Draw(t, "color"), Nodes: nodes}
	}), 0, 3).Draw(t, "frames")
	doc.Notes = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) graph.Note {
		return graph.Note{ID: text.Draw(t, "id"), Text: text.Draw(t, "text"), Parent: text.Draw(t, "parent"), Color: text.Draw(t, "color"), Width: 8}
	}), 0, 3).Draw(t, "notes")
	doc.Extensions = values.Draw(t, "extensions")
	return doc
}

func FuzzDecode(f *testing.F) {
	sources, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	for _, source := range sources {
		raw, err := os.ReadFile(source)
		require.NoError(f, err)
		f.Add(raw)
	}
	for _, seed := range []string{`{"schema":1,"nodes":[],"edges":[]}`, `{"schema":1,"nodes":[{"id":"a","kind":"k","Title":""}],"edges":[]}`, `[[[[`, "\xff", `{"schema":1e0}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, issues := codec.Decode(raw)
		if len(issues) > 0 {
			return
		}
		canonical := codec.Encode(doc)
		again, issues := codec.Decode(canonical)
		if len(issues) > 0 {
			t.Fatalf("the canonical form is refused: %v\n%s", issues, canonical)
		}
		if second := codec.Encode(again); string(second) != string(canonical) {
			t.Fatalf("not canonical:\n%s\n%s", canonical, second)
		}
	})
}

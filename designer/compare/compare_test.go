package compare_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/compare"
	"github.com/taskurotta/taskurotta-go/designer/graph"
)

func decode(t *testing.T, raw []byte) *graph.Document {
	t.Helper()
	doc, issues := codec.Decode(raw)
	require.Empty(t, issues)
	return doc
}

func TestCases(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/cases.json")
	require.NoError(t, err)
	var cases []struct {
		Name                string
		Before, After, Want json.RawMessage
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.NotEmpty(t, cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			before, after := decode(t, c.Before), decode(t, c.After)
			found := compare.Documents(before, after)
			got, err := json.Marshal(found)
			require.NoError(t, err)
			require.JSONEq(t, string(c.Want), string(got))

			meant := len(found.Other) > 0 && (found.Other[0].Path == "/nodes" || found.Other[0].Path == "/edges")
			for _, item := range found.Items {
				meant = meant || item.Of != "note"
			}
			require.Equal(t, !meant, compare.SameMeaning(before, after), "what is listed is what the checksum sees")
			require.True(t, compare.Documents(after, after).Same())
			back := compare.Documents(after, before)
			require.Len(t, back.Items, len(found.Items), "the way back has as many differences")
			require.Len(t, back.Moved, len(found.Moved))
		})
	}
}

func TestADocumentWithAnIdTwiceIsCompared(t *testing.T) {
	t.Parallel()
	twice := decode(t, []byte(`{"schema":1,"nodes":[{"id":"a","kind":"parallel_gateway","title":"1"},{"id":"a","kind":"parallel_gateway","title":"2"}],"edges":[],"layout":{}}`))
	once := decode(t, []byte(`{"schema":1,"nodes":[{"id":"a","kind":"parallel_gateway","title":"2"}],"edges":[],"layout":{}}`))
	require.NotPanics(t, func() { compare.Documents(twice, once) })
	require.False(t, compare.SameMeaning(twice, once))
}

// FuzzDocuments holds that a document never differs from itself, and that a comparison of any two is told as JSON.
func FuzzDocuments(f *testing.F) {
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		f.Fatal(err)
	}
	var cases []struct{ Before, After json.RawMessage }
	if err := json.Unmarshal(raw, &cases); err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		f.Add([]byte(c.Before), []byte(c.After))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		before, broken := codec.Decode(a)
		after, alsoBroken := codec.Decode(b)
		if broken != nil || alsoBroken != nil {
			return
		}
		if _, err := json.Marshal(compare.Documents(before, after)); err != nil {
			t.Fatal(err)
		}
		if same := compare.Documents(before, before); len(same.Items)+len(same.Other) > 0 && ids(before) {
			t.Fatalf("a document differs from itself: %+v", same)
		}
	})
}

// ids reports whether no id is there twice.
func ids(doc *graph.Document) bool {
	seen := map[string]bool{}
	for _, node := range doc.Nodes {
		if seen["n"+node.ID] {
			return false
		}
		seen["n"+node.ID] = true
	}
	for _, edge := range doc.Edges {
		if seen["e"+edge.ID] {
			return false
		}
		seen["e"+edge.ID] = true
	}
	for _, note := range doc.Notes {
		if seen["m"+note.ID] {
			return false
		}
		seen["m"+note.ID] = true
	}
	return true
}

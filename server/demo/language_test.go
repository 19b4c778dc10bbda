package demo_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/server/demo"
)

var (
	cyrillic = regexp.MustCompile(`\p{Cyrillic}`)
	inserted = regexp.MustCompile(`\{\{.*?\}\}`)
	literal  = regexp.MustCompile(`\\"((?:[^"\\]|\\\\[^"])*)\\"`) // of an expression in JSON
	sentence = regexp.MustCompile(`\w \w`)
)

// TestRussianExamplesAreWhole: each text that people read has its translation, which inserts the same, and no translation is left over.
func TestRussianExamplesAreWhole(t *testing.T) {
	raw, err := os.ReadFile("definition/ru.json")
	require.NoError(t, err)
	var russian map[string]string
	require.NoError(t, json.Unmarshal(raw, &russian))
	unused := maps.Clone(russian)
	for text, said := range russian {
		require.Regexp(t, cyrillic, said)
		for _, value := range inserted.FindAllString(said, -1) {
			if !cyrillic.MatchString(value) { // those say something by themselves
				require.Contains(t, text, value)
			}
		}
		require.Len(t, inserted.FindAllString(said, -1), len(inserted.FindAllString(text, -1)), said)
	}
	english := demo.Definitions(demo.English)
	for i, definition := range demo.Definitions(demo.Russian) {
		require.Equal(t, english[i].Key, definition.Key)
		require.Equal(t, english[i].Types, definition.Types)
		was, is := parse(t, english[i]), parse(t, definition)
		texts := [][2]string{{english[i].Title, definition.Title}, {english[i].Note, definition.Note}}
		for n := range was.Nodes {
			a, b := &was.Nodes[n], &is.Nodes[n]
			texts = append(texts, [2]string{a.Title, b.Title}, [2]string{a.Doc, b.Doc})
			if a.End != nil {
				texts = append(texts, [2]string{a.End.Message, b.End.Message})
				a.End.Message, b.End.Message = "", ""
			}
			if a.Service != nil {
				for _, field := range []string{"subject", "text"} {
					if value, found := a.Service.Input[field]; found {
						texts = append(texts, [2]string{unquoted(t, value), unquoted(t, b.Service.Input[field])})
						delete(a.Service.Input, field)
						delete(b.Service.Input, field)
					}
				}
			}
			if a.User != nil {
				shown := map[string]graph.Value{}
				for name, value := range a.User.Input {
					require.NotEmpty(t, russian[name], "%s shows %s", a.ID, name)
					delete(unused, name)
					shown[russian[name]] = value
				}
				a.User.Input = shown
			}
			a.Title, a.Doc, b.Title, b.Doc = "", "", "", ""
			want := plain(t, a)
			if a.Service == nil { // what a step is given is for its worker
				want = literal.ReplaceAllStringFunc(want, func(quoted string) string {
					text := literal.FindStringSubmatch(quoted)[1]
					if !sentence.MatchString(text) {
						return quoted
					}
					require.NotEmpty(t, russian[text], "%s says: %s", a.ID, text)
					delete(unused, text)
					return `\"` + russian[text] + `\"`
				})
			}
			require.JSONEq(t, want, plain(t, b), "%s: nothing else is changed", definition.Key)
		}
		for n := range was.Edges {
			texts = append(texts, [2]string{was.Edges[n].Title, is.Edges[n].Title})
		}
		for n := range was.Notes {
			texts = append(texts, [2]string{was.Notes[n].Text, is.Notes[n].Text})
		}
		require.Equal(t, was.Layout, is.Layout)
		for _, pair := range texts {
			if pair[0] == "" || pair[0][0] == '=' {
				require.Equal(t, pair[0], pair[1])
				continue
			}
			require.NotRegexp(t, cyrillic, pair[0], definition.Key)
			require.Equal(t, russian[pair[0]], pair[1], "%s: %q", definition.Key, pair[0])
			delete(unused, pair[0])
		}
	}
	require.Empty(t, slices.Collect(maps.Keys(unused)), "nothing is called so")
}

func parse(t *testing.T, definition demo.Definition) (document graph.Document) {
	t.Helper()
	require.NoError(t, json.Unmarshal(definition.Document, &document), definition.Key)
	return document
}

func unquoted(t *testing.T, raw json.RawMessage) (text string) {
	t.Helper()
	require.NoError(t, json.Unmarshal(raw, &text))
	return text
}

func plain(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return string(raw)
}

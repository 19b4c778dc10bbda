package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/schema"
)

func TestWhatIsKnownOfAValueIsChecked(t *testing.T) {
	t.Parallel()
	const raw = `{"type":"object","required":["n"],"additionalProperties":false,"patternProperties":{"^x_":{"type":"boolean"}},
	"allOf":[{"properties":{"n":{"minimum":1}}}],
	"properties":{"n":{"type":"integer"},"text":{"type":"string","pattern":"^[a-z]+$"},"kind":{"enum":["sale","lease"]},
	"list":{"type":"array","maxItems":3,"items":{"$ref":"#/$defs/pair"}},"row":{"prefixItems":[{"type":"string"},{"type":"number"}],"items":{"type":"null"}},
	"free":{"type":"object","additionalProperties":{"type":"integer"}},
	"either":{"oneOf":[{"properties":{"kind":{"const":"a"},"n":{"type":"integer"}},"required":["n"]},{"properties":{"kind":{"const":"b"}}}]},
	"tree":{"$ref":"#/$defs/tree"},"loop":{"$ref":"#/$defs/loop"}},
	"$defs":{"pair":{"type":"object","required":["key"],"additionalProperties":false,"properties":{"key":{"type":"string"},"value":{"type":"number"}}},
	"tree":{"type":"object","properties":{"size":{"type":"integer"},"below":{"type":"array","items":{"$ref":"#/$defs/tree"}}}},
	"loop":{"allOf":[{"$ref":"#/$defs/loop"}],"type":"object"}}}`
	compiled, err := schema.Compile(json.RawMessage(raw), schema.Rules{Recursive: true})
	require.NoError(t, err)
	type object = map[string]any
	type list = []any
	open, text := schema.Open{}, schema.Open{Text: true}
	for name, c := range map[string]struct {
		value object
		want  []string
	}{
		"nothing is known":                     {object{"n": open, "text": open, "list": open, "kind": open}, nil},
		"nothing is open":                      {object{"n": 0, "text": "A"}, []string{"/n schema.range", "/text schema.pattern"}},
		"what stands beside an open part":      {object{"n": open, "text": 5, "kind": "gift"}, []string{"/kind schema.enum", "/text schema.type"}},
		"what allOf adds":                      {object{"n": 0, "text": open}, []string{"/n schema.range"}},
		"a text where a number is wanted":      {object{"n": text}, []string{"/n schema.type"}},
		"a text where a text is wanted":        {object{"n": open, "text": text, "kind": text}, nil},
		"a list where a number is wanted":      {object{"n": list{open}}, []string{"/n schema.type"}},
		"an object where a list is wanted":     {object{"n": 1, "list": object{"key": open}}, []string{"/list schema.type"}},
		"fields of an entry":                   {object{"n": 1, "list": list{object{"key": open, "value": "7"}, object{"value": open}, object{"key": "k", "more": open}}}, []string{"/list/0/value schema.type", "/list/1/key schema.required", "/list/2/more schema.unknown_field"}},
		"a known entry beside an open one":     {object{"n": 1, "list": list{open, object{"key": 1}, 5}}, []string{"/list/1/key schema.type", "/list/2 schema.type"}},
		"too many entries":                     {object{"n": 1, "list": list{open, open, open, open}}, []string{"/list schema.length"}},
		"the places of a row":                  {object{"n": 1, "row": list{text, text, open, 1}}, []string{"/row/1 schema.type", "/row/3 schema.type"}},
		"fields by a pattern":                  {object{"n": open, "x_a": "yes", "y": open}, []string{"/x_a schema.type", "/y schema.unknown_field"}},
		"fields of any name":                   {object{"n": 1, "free": object{"a": open, "b": "x", "c": text}}, []string{"/free/b schema.type", "/free/c schema.type"}},
		"a choice that the open part may make": {object{"n": 1, "either": object{"kind": "a", "n": open}}, nil},
		"a choice that is known":               {object{"n": open, "either": object{"kind": "a"}}, []string{"/either/kind schema.enum", "/either/n schema.required"}},
		"a schema inside of itself":            {object{"n": 1, "tree": object{"size": 1, "below": list{object{"size": open}, object{"below": list{object{"size": "x", "below": open}}}}}}, []string{"/tree/below/1/below/0/size schema.type"}},
		"a schema that is itself":              {object{"n": 1, "loop": list{open}}, []string{"/loop schema.type"}},
		"a missing field":                      {object{"text": open}, []string{"/n schema.required"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, issue := range compiled.CheckPartly(c.value) {
				got = append(got, issue.Path+" "+issue.Code)
				require.NotEmpty(t, issue.Message)
			}
			require.Equal(t, c.want, got)
		})
	}
}

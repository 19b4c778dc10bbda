package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/schema"
)

func TestASampleSatisfiesItsSchema(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ schema, want string }{
		"types":      {`{"type":"object","properties":{"n":{"type":"integer"},"on":{"type":"boolean"},"s":{"type":"string"},"list":{"type":"array","items":{"type":"number"}}}}`, `{"n":1,"on":true,"s":"text","list":[1]}`},
		"given":      {`{"properties":{"a":{"const":7},"b":{"enum":["x","y"]},"c":{"default":false},"d":{"type":"string","examples":["e"]}}}`, `{"a":7,"b":"x","c":false,"d":"e"}`},
		"formats":    {`{"type":"object","properties":{"d":{"type":"string","format":"date"},"m":{"type":"string","format":"decimal"}}}`, `{"d":"2026-01-31","m":"100.00"}`},
		"bounds":     {`{"type":"object","properties":{"n":{"type":"number","exclusiveMinimum":5},"s":{"type":"string","minLength":6},"short":{"type":"string","maxLength":2}}}`, `{"n":6,"s":"textxx","short":"te"}`},
		"references": {`{"$ref":"#/$defs/verdict","$defs":{"verdict":{"type":"object","properties":{"valid":{"type":"boolean"}}}}}`, `{"valid":true}`},
		"choices":    {`{"properties":{"v":{"oneOf":[{"type":"string"},{"type":"integer"}]},"o":{"type":["null","integer"]}}}`, `{"v":"text","o":1}`},
	} {
		got := schema.Sample(json.RawMessage(c.schema))
		require.JSONEq(t, c.want, string(got), name)
		compiled, err := schema.Compile(json.RawMessage(c.schema), schema.Rules{})
		require.NoError(t, err, name)
		require.Empty(t, compiled.Check(got), name)
	}
}

func TestASampleOfNothingIsAnObject(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{``, `true`, `{}`, `[`, `{"$ref":"#/$defs/none"}`, `{"$ref":"#"}`} {
		require.Equal(t, `{}`, string(schema.Sample(json.RawMessage(raw))), raw)
	}
}

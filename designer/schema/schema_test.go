package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/fault"
)

const application = `{"type":"object","additionalProperties":false,"required":["name","age","file"],"properties":{
	"name":{"type":"string","minLength":1,"maxLength":5},"age":{"type":"integer","minimum":0},"mail":{"type":"string","format":"email"},
	"sum":{"type":"string","format":"decimal"},"kind":{"enum":["sale","lease"]},"file":{"type":"object","format":"file"},
	"list":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/item"}}},"$defs":{"item":{"type":"object","required":["a/b"]}}}`

func TestCheckPointsAtWhatIsWrong(t *testing.T) {
	compiled, err := schema.Compile(json.RawMessage(application), schema.Rules{})
	require.NoError(t, err)
	file := `"file":{"$file":"sha256:` + strings.Repeat("a", 64) + `","name":"x"}`
	for name, c := range map[string]struct {
		raw  string
		want []string
	}{
		"nothing":         {`{"name":"a","age":1,` + file + `}`, nil},
		"a whole float":   {`{"name":"a","age":1.0,` + file + `}`, nil},
		"missing":         {`{` + file + `}`, []string{"/age schema.required", "/name schema.required"}},
		"unknown":         {`{"name":"a","age":1,"naem_":2,` + file + `}`, []string{"/naem_ schema.unknown_field"}},
		"type":            {`{"name":7,"age":"x",` + file + `}`, []string{"/age schema.type", "/name schema.type"}},
		"range":           {`{"name":"","age":-1,` + file + `}`, []string{"/age schema.range", "/name schema.length"}},
		"format":          {`{"name":"a","age":1,"mail":"nobody",` + file + `}`, []string{"/mail schema.format"}},
		"decimal":         {`{"name":"a","age":1,"sum":"1e5",` + file + `}`, []string{"/sum schema.format"}},
		"a good decimal":  {`{"name":"a","age":1,"sum":"-10.50",` + file + `}`, nil},
		"enum":            {`{"name":"a","age":1,"kind":"gift",` + file + `}`, []string{"/kind schema.enum"}},
		"a forged file":   {`{"name":"a","age":1,"file":{"$file":"../etc/passwd"}}`, []string{"/file schema.format"}},
		"inside lists":    {`{"name":"a","age":1,"list":[{}],` + file + `}`, []string{"/list/0/a~1b schema.required"}},
		"a list too long": {`{"name":"a","age":1,"list":[{"a/b":1},{"a/b":1},{"a/b":1}],` + file + `}`, []string{"/list schema.length"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, issue := range compiled.Check([]byte(c.raw)) {
				got = append(got, issue.Path+" "+issue.Code)
				require.NotEmpty(t, issue.Message)
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestSchemasThatAreRefused(t *testing.T) {
	doubling := `{"$defs":{"d0":{"type":"integer"}`
	for i := range 40 {
		doubling += fmt.Sprintf(`,"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]}`, i+1, i, i)
	}
	doubling += `},"$ref":"#/$defs/d40"}`
	for name, raw := range map[string]string{
		"not JSON":                `{`,
		"a list":                  `[]`,
		"a wrong type":            `{"type":"text"}`,
		"a file":                  `{"$ref":"file:///etc/passwd"}`,
		"a remote one":            `{"$ref":"https://example.com/schema.json"}`,
		"the meta schema":         `{"$ref":"https://json-schema.org/draft/2020-12/schema"}`,
		"a missing place":         `{"$ref":"#/$defs/none"}`,
		"an anchor":               `{"$ref":"#here","$defs":{"x":{"$anchor":"here"}}}`,
		"itself":                  `{"properties":{"child":{"$ref":"#"}}}`,
		"itself by a detour":      `{"$defs":{"a":{"properties":{"x":{"$ref":"#/$defs/b"}}},"b":{"items":{"$ref":"#/$defs/a"}}},"$ref":"#/$defs/a"}`,
		"doubling":                doubling,
		"an id inside":            `{"properties":{"a":{"$id":"https://example.com/a"}}}`,
		"a dynamic reference":     `{"$dynamicRef":"#x"}`,
		"a broken pattern":        `{"pattern":"("}`,
		"a name twice":            `{"type":"object","type":"string"}`,
		"too large":               `{"title":"` + strings.Repeat("x", schema.MaxBytes) + `"}`,
		"an unknown meta schema":  `{"$schema":"https://example.com/meta"}`,
		"a number without bounds": `{"minimum":1e100000}`,
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := schema.Compile(json.RawMessage(raw), schema.Rules{})
			refused := fault.As(err)
			require.NotNil(t, refused, "%v", err)
			require.Equal(t, fault.Invalid, refused.Kind)
			require.NotEmpty(t, refused.Issues)
			require.Less(t, time.Since(began), 2*time.Second)
		})
	}
}

func TestRecursionIsAllowedWhenAskedFor(t *testing.T) {
	compiled, err := schema.Compile(json.RawMessage(`{"type":"object","properties":{"child":{"$ref":"#"}},"additionalProperties":false}`), schema.Rules{Recursive: true})
	require.NoError(t, err)
	require.Len(t, compiled.Check([]byte(`{"child":{"child":{"x":1}}}`)), 1)
}

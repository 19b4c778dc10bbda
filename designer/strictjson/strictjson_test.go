package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/strictjson"
)

func TestWhatIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ raw, code, path string }{
		"empty":                        {``, strictjson.CodeSyntax, ``},
		"cut off":                      {`{"a":`, strictjson.CodeSyntax, `/a`},
		"a bare word":                  {`{"a":NaN}`, strictjson.CodeSyntax, `/a`},
		"infinity":                     {`[-Infinity]`, strictjson.CodeSyntax, `/0`},
		"a comment":                    {`{} // x`, strictjson.CodeTrailing, ``},
		"two values":                   {`{}{}`, strictjson.CodeTrailing, ``},
		"a comma too many":             {`[1,]`, strictjson.CodeSyntax, `/1`},
		"a leading zero":               {`[01]`, strictjson.CodeSyntax, ``},
		"no digit after the point":     {`[1.]`, strictjson.CodeSyntax, `/0`},
		"a name twice":                 {`{"a":{"b":1,"b":2}}`, strictjson.CodeDuplicate, `/a/b`},
		"a name twice, once escaped":   {`{"ab":1,"\u0061b":2}`, strictjson.CodeDuplicate, `/ab`},
		"a slash in the path":          {`{"a/b~":[x]}`, strictjson.CodeSyntax, `/a~1b~0/0`},
		"bad UTF-8":                    {"{\"a\":\"\xff\"}", strictjson.CodeUTF8, `/a`},
		"an overlong form":             {"[\"\xc0\x80\"]", strictjson.CodeUTF8, `/0`},
		"a raw line break":             {"[\"a\nb\"]", strictjson.CodeSyntax, `/0`},
		"NUL":                          {`["a\u0000"]`, strictjson.CodeText, `/0`},
		"a lone high surrogate":        {`["\ud800x"]`, strictjson.CodeText, `/0`},
		"a lone low surrogate":         {`["\udc00"]`, strictjson.CodeText, `/0`},
		"two high surrogates":          {`["\ud800\ud800"]`, strictjson.CodeText, `/0`},
		"an unknown escape":            {`["\x"]`, strictjson.CodeSyntax, `/0`},
		"half an escape":               {`["\u00`, strictjson.CodeSyntax, `/0`},
		"an exponent without end":      {`[1e1000000000]`, strictjson.CodeNumber, `/0`},
		"an exponent beyond int":       {`[1e99999999999999999999]`, strictjson.CodeNumber, `/0`},
		"a number without end":         {`[` + strings.Repeat("1", 65) + `]`, strictjson.CodeNumber, `/0`},
		"too deep":                     {strings.Repeat("[", 65), strictjson.CodeDepth, strings.Repeat("/0", 64)},
		"a million levels":             {strings.Repeat("[", 1_000_000), strictjson.CodeDepth, strings.Repeat("/0", 64)},
		"too many values":              {"[" + strings.Repeat("0,", 200_000) + "0]", strictjson.CodeSize, `/199999`},
		"too large":                    {`"` + strings.Repeat("x", 1<<20) + `"`, strictjson.CodeSize, ``},
		"a byte order mark":            {"\ufeff{}", strictjson.CodeSyntax, ``},
		"a name without quotes":        {`{a:1}`, strictjson.CodeSyntax, ``},
		"a value where a name belongs": {`{1:1}`, strictjson.CodeSyntax, ``},
		"no colon":                     {`{"a" 1}`, strictjson.CodeSyntax, `/a`},
	} {
		t.Run(name, func(t *testing.T) {
			issue := strictjson.Check([]byte(c.raw), strictjson.Limits{})
			require.NotNil(t, issue)
			require.Equal(t, c.code, issue.Code, issue.Message)
			require.Equal(t, c.path, issue.Path)
		})
	}
}

func TestWhatIsAccepted(t *testing.T) {
	for _, raw := range []string{
		`null`, ` true `, `-0.5e-10`, `"\ud83d\ude00 \" \/ \u00e9"`, `{"a":{"a":[{"a":1},{"a":2}]}}`, `[]`, `{}`, `1e300`,
		strings.Repeat("[", 64) + strings.Repeat("]", 64),
	} {
		require.Nil(t, strictjson.Check([]byte(raw), strictjson.Limits{}), raw)
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"x\u00e9",null,true]}`, `{"a":1,"a":2}`, `[1e999]`, "\"\xff\"", `"\ud800"`, `[[[[`, `{"":""}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if strictjson.Check(raw, strictjson.Limits{}) != nil {
			return
		}
		if !json.Valid(raw) {
			t.Fatalf("%q was accepted and is no JSON", raw)
		}
	})
}

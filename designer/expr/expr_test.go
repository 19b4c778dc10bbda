package expr_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/expr"
)

func eval(t *testing.T, source string, input any) (any, error) {
	t.Helper()
	program, err := expr.Compile(source, expr.Env{})
	if err != nil {
		return nil, err
	}
	return program.Eval(expr.Context{Input: input, Now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)})
}

func TestExpressionsGiveJSONValues(t *testing.T) {
	for source, want := range map[string]string{
		`input.n + 1`:                                 `8`,
		`"a" + "b"`:                                   `"ab"`,
		`input.big`:                                   `9007199254740993`,
		`map(input.list, # * 2)`:                      `[2,4,6]`,
		`filter(input.list, # > 1)`:                   `[2,3]`,
		`reduce(input.list, #acc + #, 0)`:             `6`,
		`keys(input.object)`:                          `["a","b","c"]`,
		`toPairs(input.object)[0]`:                    `["a",1]`,
		`now()`:                                       `"2026-03-01T12:00:00Z"`,
		`decimalAdd("0.10", "0.20")`:                  `"0.3"`,
		`decimalRound("2.345", 2)`:                    `"2.34"`,
		`decimalCompare("1.0", "1")`:                  `0`,
		`input.missing ?? "none"`:                     `"none"`,
		`{"total": sum(input.list), "kind": "sale"}`:  `{"kind":"sale","total":6}`,
		`join(["a", "b"], "-")`:                       `"a-b"`,
		`len(uniq([1, 1, 2, "1"]))`:                   `3`,
		`string(input.n) + "!"`:                       `"7!"`,
		`input.name matches "^I.*v$"`:                 `true`,
		`date("2026-01-02") < now()`:                  `true`,
		`input.n == 7 && input.name == "Ivanov"`:      `true`,
		`groupBy(input.list, # > 1 ? "many" : "one")`: `{"many":[2,3],"one":[1]}`,
	} {
		t.Run(source, func(t *testing.T) {
			input, err := expr.DecodeJSON([]byte(`{"n":7,"big":9007199254740993,"list":[1,2,3],"object":{"c":3,"a":1,"b":2},"name":"Ivanov"}`))
			require.NoError(t, err)
			got, err := eval(t, source, input)
			require.NoError(t, err)
			raw, err := expr.EncodeJSON(got)
			require.NoError(t, err)
			require.Equal(t, want, string(raw))
		})
	}
}

// Each of these ran for seconds or took gigabytes in the bare language.
func TestNothingBlowsUp(t *testing.T) {
	for name, source := range map[string]string{
		"nested loops":            `all(1..400, all(1..400, all(1..400, # > 0)))`,
		"counts in a sum":         `let a = 1..99999; sum(map(a, count(a, true)))`,
		"doubling text":           `let s = "0123456789abcdef"; let a = s+s; let b = a+a; let c = b+b; let d = c+c; let e = d+d; let f = e+e; let g = f+f; let h = g+g; let i = h+h; let j = i+i; let k = j+j; let l = k+k; let m = l+l; len(m+m)`,
		"doubling in a reduce":    `reduce(1..40, #acc + #acc, "xxxxxxxxxxxxxxxxxxxx")`,
		"joining":                 `let s = join(map(1..1000, "0123456789012345678901234567890123456789012345678901234567890")); s + s`,
		"replacing":               `replace(replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")`,
		"doubling lists":          `reduce(1..40, concat(#acc, #acc), [1])`,
		"flattening shared lists": `let a = map(1..1000, 1); let b = map(1..1000, a); flatten(b)`,
		"shared parts":            `let a = [1,2,3,4,5,6,7,8,9,0]; let b = [a,a,a,a,a,a,a,a,a,a]; let c = [b,b,b,b,b,b,b,b,b,b]; let d = [c,c,c,c,c,c,c,c,c,c]; let e = [d,d,d,d,d,d,d,d,d,d]; [e,e,e,e,e,e,e,e]`,
		"shared parts as text":    `let a = [1,2,3,4,5,6,7,8,9,0]; let b = [a,a,a,a,a,a,a,a,a,a]; let c = [b,b,b,b,b,b,b,b,b,b]; let d = [c,c,c,c,c,c,c,c,c,c]; let e = [d,d,d,d,d,d,d,d,d,d]; toJSON(e)`,
		"a huge range":            `1..999999999`,
		"a long source":           `"` + strings.Repeat("x", 9000) + `"`,
		"deep brackets":           strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500),
		"many negations":          strings.Repeat("!", 3000) + "true",
		"many nodes":              "1" + strings.Repeat("+1", 2000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := eval(t, source, nil)
			var own *expr.Error
			require.ErrorAs(t, err, &own)
			require.Equal(t, expr.CodeLimit, own.Code, own.Message)
		})
	}
}

func TestRefusedWords(t *testing.T) {
	for source, code := range map[string]expr.Code{
		`repeat("x", 10)`:            expr.CodeType,
		`$env`:                       expr.CodeSyntax,
		`__budget`:                   expr.CodeSyntax,
		`let __x = 1; __x`:           expr.CodeSyntax,
		`tasks`:                      expr.CodeSyntax,
		`tasks[input.name]`:          expr.CodeSyntax,
		`len(tasks)`:                 expr.CodeSyntax,
		`secret`:                     expr.CodeType,
		`timezone("Europe/Berlin")`:  expr.CodeType,
		`input.name matches input.p`: expr.CodeSyntax,
		`1 +`:                        expr.CodeSyntax,
		`"open`:                      expr.CodeSyntax,
		``:                           expr.CodeSyntax,
	} {
		t.Run(source, func(t *testing.T) {
			_, err := expr.Compile(source, expr.Env{})
			var own *expr.Error
			require.ErrorAs(t, err, &own)
			require.Equal(t, code, own.Code, own.Message)
		})
	}
}

func TestSchemasGiveTypes(t *testing.T) {
	env := expr.Env{
		Input: json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"},"count":{"type":"integer"}},"required":["name"],"additionalProperties":false}`),
		Tasks: map[string]json.RawMessage{"check": json.RawMessage(`{"type":"object","properties":{"valid":{"type":"boolean"}},"required":["valid"],"additionalProperties":false}`)},
	}
	for _, source := range []string{`input.name`, `tasks.check.valid`, `tasks["check"].valid`, `input.count == 3`, `tasks.check?.valid ?? false`} {
		_, err := expr.Compile(source, env)
		require.NoError(t, err, source)
	}
	for _, source := range []string{`input.nmae`, `tasks.chek.valid`, `tasks.check.vald`, `input.name + 1`, `input.name > 3`, `tasks.check.valid + 1`} {
		_, err := expr.Compile(source, env)
		var own *expr.Error
		require.ErrorAs(t, err, &own, source)
		require.Equal(t, expr.CodeType, own.Code, source)
	}
}

func TestReadsNamesWhatIsLookedAt(t *testing.T) {
	value, err := expr.CompileValue(json.RawMessage(`{"a":"={\"x\": tasks.check.valid && tasks.sign.ok}","b":["Dear {{input.name}}"],"c":"=process.id"}`), expr.Env{})
	require.NoError(t, err)
	require.Equal(t, expr.Reads{Input: true, Process: true, Tasks: []string{"check", "sign"}}, value.Reads())
}

func TestValueIsLiteralTemplateOrExpression(t *testing.T) {
	data := expr.Context{Input: map[string]any{"name": "Иванов", "n": 3}}
	for raw, want := range map[string]string{
		`"plain"`:    `"plain"`,
		`"==x"`:      `"=x"`,
		`"=input.n"`: `3`,
		`"Dear {{input.name}}, {{input.n}} files"`: `"Dear Иванов, 3 files"`,
		`[1,"=input.n",{"a":"==b"}]`:               `[1,3,{"a":"=b"}]`,
		`{"deep":{"n":"=input.n"}}`:                `{"deep":{"n":3}}`,
		`12345678901234567`:                        `12345678901234567`,
		`null`:                                     `null`,
	} {
		value, err := expr.CompileValue(json.RawMessage(raw), expr.Env{})
		require.NoError(t, err, raw)
		got, err := value.Eval(data)
		require.NoError(t, err, raw)
		encoded, err := expr.EncodeJSON(got)
		require.NoError(t, err)
		require.Equal(t, want, string(encoded))
	}
}

func TestErrorsPointIntoTheValue(t *testing.T) {
	_, err := expr.CompileValue(json.RawMessage(`{"list":[1,"=1 +"]}`), expr.Env{})
	var located *expr.PathError
	require.ErrorAs(t, err, &located)
	require.Equal(t, "/list/1", located.Path)
	require.Equal(t, expr.CodeSyntax, located.Err.Code)
	_, err = expr.CompileValue(json.RawMessage(`"Dear {{input.name"`), expr.Env{})
	require.ErrorAs(t, err, &located)
}

func TestDataThatIsNotThereIsAnEvalError(t *testing.T) {
	program, err := expr.Compile(`tasks.check.valid`, expr.Env{})
	require.NoError(t, err)
	_, err = program.Eval(expr.Context{})
	var own *expr.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, expr.CodeEval, own.Code)
}

func FuzzCompileAndEval(f *testing.F) {
	for _, seed := range []string{`input.a + 1`, `map(1..3, #)`, `let s = "x"; s+s`, `tasks.x?.y`, `{"a": [1, {"b": nil}]}`, `1 in [1]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		program, err := expr.Compile(source, expr.Env{})
		if err != nil {
			return
		}
		value, err := program.Eval(expr.Context{Input: map[string]any{"a": 1}})
		if err != nil {
			return
		}
		if _, err := expr.EncodeJSON(value); err != nil {
			t.Fatalf("%q gave a value without JSON: %v", source, err)
		}
	})
}

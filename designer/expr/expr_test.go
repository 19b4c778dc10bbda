package expr_test

import (
	"encoding/json"
	"fmt"
	"runtime"
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
		`sum(input.list, # * 10)`:                     `60`,
		`sum([])`:                                     `0`,
		`sum([1, 0.5])`:                               `1.5`,
		`count(input.list, # > 1)`:                    `2`,
		`2 in input.list and "a" in input.object`:     `true`,
		`9 not in input.list`:                         `true`,
		`input.list == 1..3`:                          `true`,
		`input.object == {"a": 1.0, "b": 2, "c": 3}`:  `true`,
		`input.object != input.list`:                  `true`,
		`input.n == 7.0`:                              `true`,
		`input.big - 1`:                               `9007199254740992`,
		`input.big * 3`:                               `27021597764222979`,
		`-input.n * 2`:                                `-14`,
		`split("a,b", ",")`:                           `["a","b"]`,
		`split("a,b,c", ",", 2)`:                      `["a","b,c"]`,
		`trim("  a ") + trim("--a-", "-")`:            `"aa"`,
		`int(3.9) + int("4")`:                         `7`,
		`max([1, [5, 2]])`:                            `5`,
		`mean(input.list)`:                            `2`,
		`sort([3, 1, 2])[0]`:                          `1`,
		`sortBy(input.list, -#)`:                      `[3,2,1]`,
		`fromPairs([["a", 1]])`:                       `{"a":1}`,
		`fromJSON("{\"a\":[1]}").a[0]`:                `1`,
		`toJSON({"b": 1, "a": [true]})`:               `"{\"a\":[true],\"b\":1}"`,
		`fromBase64(toBase64("да"))`:                  `"да"`,
		`flatten([[1], [2, [3]]])`:                    `[1,2,3]`,
		`concat([1], [2])`:                            `[1,2]`,
		`decimalSub("10", 3)`:                         `"7"`,
		`decimalMul("1.10", "3")`:                     `"3.3"`,
		`decimalSum(["0.1", "0.2", 1])`:               `"1.3"`,
		`date("2026-01-02") + duration("36h")`:        `"2026-01-03T12:00:00Z"`,
		`seconds(now() - date("2026-03-01"))`:         `43200`,
		`formatDate(now(), "02.01.2006")`:             `"01.03.2026"`,
		`"(((((" + ")"`:                               `"((((()"`,
		`input.list[1:]`:                              `[2,3]`,
		`input.name[0:2]`:                             `"Iv"`,
		`input?.missing?.deeper`:                      `null`,
		`let x = input.n; x > 3 ? "big" : "small"`:    `"big"`,
		`"----------------------------------------------------------------------" | len()`: `70`,
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

// Each of these ran for seconds or took gigabytes in the bare language, or gets round a bound that looks at one operation alone.
func TestNothingBlowsUp(t *testing.T) {
	ten := `"0123456789"`
	text := `let s = join(map(1..1000, "01234567890123456789012345678901234567890123456789")); ` // 50 KB
	nest := func(name string) string {
		source := "let " + name + "0 = [1,2,3,4,5,6,7,8,9,0]; "
		for i := range 9 {
			previous, next := fmt.Sprint(name, i), fmt.Sprint(name, i+1)
			source += "let " + next + " = [" + strings.Repeat(previous+",", 9) + previous + "]; "
		}
		return source
	}
	for name, source := range map[string]string{
		"nested loops":               `all(1..400, all(1..400, all(1..400, # > 0)))`,
		"counts in a sum":            `let a = 1..99999; sum(map(a, count(a, true)))`,
		"counts without a predicate": `let a = map(1..40000, true); sum(map(1..40000, count(a)))`,
		"doubling text":              `let s = "0123456789abcdef"; let a = s+s; let b = a+a; let c = b+b; let d = c+c; let e = d+d; let f = e+e; let g = f+f; let h = g+g; let i = h+h; let j = i+i; let k = j+j; let l = k+k; let m = l+l; len(m+m)`,
		"doubling in a reduce":       `reduce(1..40, #acc + #acc, "xxxxxxxxxxxxxxxxxxxx")`,
		"joining":                    text + `s + s`,
		"joining in a loop":          `let s = ` + ten + `; map(1..90000, join([s+s+s+s+s+s+s+s, s+s+s+s+s+s+s+s]))`,
		"many long texts":            text + `map(1..40000, s + string(#))`,
		"texts in a sum":             text + `sum(map(1..40000, s))`,
		"replacing":                  `replace(replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")`,
		"splitting":                  text + `map(1..90000, split(s, ""))`,
		"trimming":                   text + `map(1..90000, trim(s, "é"))`,
		"a long trim set":            text + `trim(s, s)`,
		"upper case in a loop":       text + `map(1..90000, upper(s))`,
		"base64 of base64":           `reduce(1..60, toBase64(#acc), "0123456789")`,
		"comparing texts":            text + `let t = s + ""; count(1..90000, s <= t)`,
		"equal texts":                text + `let t = s + ""; count(1..90000, s == t)`,
		"lengths":                    text + `sum(map(1..90000, len(s)))`,
		"slices":                     text + `map(1..90000, len(s[1:]))`,
		"a pattern":                  text + `count(1..90000, s matches "(a|b|[0-9]x?){1,50}y")`,
		"looking in lists":           `let a = 1..40000; count(1..40000, -# in a)`,
		"doubling lists":             `reduce(1..40, concat(#acc, #acc), [1])`,
		"flattening shared lists":    `let a = map(1..1000, 1); let b = map(1..1000, a); flatten(b)`,
		"flattening empty lists":     nest("a") + `flatten(map(1..90000, flatten([[],[],[],[],[],[]])))`,
		"comparing shared lists":     nest("a") + nest("b") + `a9 == b9`,
		"the least of shared lists":  nest("a") + `min(a9)`,
		"the mean of shared lists":   nest("a") + `mean(a9)`,
		"shared parts":               nest("a") + `a9`,
		"shared parts as text":       nest("a") + `toJSON(a9)`,
		"unique shared parts":        nest("a") + `uniq([a9, a9])`,
		"a deep list":                `reduce(1..90000, [#acc], 1)`,
		"comparing deep lists":       `let a = reduce(1..40000, [#acc], 1); let b = reduce(1..40000, [#acc], 1); a == b`,
		"sorting in a loop":          `let a = 1..300; map(1..9000, sort(a))`,
		"grouping in a loop":         `map(1..9000, groupBy(1..300, #))`,
		"objects in a loop":          `map(1..9000, ({"a": 1..3, "b": 1..3, "c": 1..3, "d": 1..3}))`,
		"a huge range":               `1..999999999`,
		"a long source":              `"` + strings.Repeat("x", 9000) + `"`,
		"deep brackets":              strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500),
		"many negations":             strings.Repeat("!", 3000) + "true",
		"many questions":             strings.Repeat("true ? ", 1000) + "1" + strings.Repeat(" : 1", 1000),
		"many nodes":                 "1" + strings.Repeat("+1", 2000),
		"a greedy pattern":           `"x" matches "((((x{1,30}){1,30}){1,30}){1,30}){1,30}"`,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			_, err := eval(t, source, nil)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			var own *expr.Error
			require.ErrorAs(t, err, &own)
			require.Contains(t, []expr.Code{expr.CodeLimit, expr.CodeSyntax, expr.CodeEval}, own.Code)
			if own.Code != expr.CodeLimit {
				require.Contains(t, []string{"texts in a sum", "a greedy pattern"}, name, "%s: %s", own.Code, own.Message)
			}
			require.Less(t, took, 2*time.Second, "it takes some milliseconds on an idle machine")
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
			t.Logf("%s in %v, %d KiB", own.Message, took, (after.TotalAlloc-before.TotalAlloc)>>10)
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
		`input.name matches "("`:     expr.CodeSyntax,
		`now().Local()`:              expr.CodeSyntax,
		`let f = now().Local; f()`:   expr.CodeType,
		`input.f()`:                  expr.CodeSyntax,
		`$env["__budget"]`:           expr.CodeSyntax,
		`__add(1, 2)`:                expr.CodeSyntax,
		`system("rm")`:               expr.CodeType,
		`join()`:                     expr.CodeType,
		`upper(1)`:                   expr.CodeType,
		`1 + "a"`:                    expr.CodeType,
		`env("HOME")`:                expr.CodeType,
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
		Input: json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"},"count":{"type":"integer"},"list":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}},"additionalProperties":false}}},"required":["name","list"],"additionalProperties":false}`),
		Tasks: map[string]json.RawMessage{"check": json.RawMessage(`{"type":"object","properties":{"valid":{"type":"boolean"}},"required":["valid"],"additionalProperties":false}`)},
	}
	for _, source := range []string{`input.name`, `tasks.check.valid`, `tasks["check"].valid`, `input.count == 3`, `tasks.check?.valid ?? false`} {
		_, err := expr.Compile(source, env)
		require.NoError(t, err, source)
	}
	for _, source := range []string{`input.naem_`, `tasks.check.vald`, `input.name + 1`, `input.name > 3`, `tasks.check.valid + 1`,
		`input.name == 3`, `filter(input.list, #.naem_ == 1)`, `process.custmId`, `decimalAdd("1")`, `input.name.deep`} {
		_, err := expr.Compile(source, env)
		var own *expr.Error
		require.ErrorAs(t, err, &own, source)
		require.Equal(t, expr.CodeType, own.Code, source)
	}
}

func TestATaskThatDoesNotExistHasItsOwnCode(t *testing.T) {
	_, err := expr.Compile(`tasks.chek.valid`, expr.Env{Tasks: map[string]json.RawMessage{"check": nil}})
	var own *expr.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, expr.CodeUnknownTask, own.Code)
}

// Data that breaks the schema it was compiled against is an error of the evaluation, never a panic or a wrong value.
func TestDataNeedNotKeepItsSchema(t *testing.T) {
	program, err := expr.Compile(`input.n == 3 && input.s + "x" == "ax"`, expr.Env{Input: json.RawMessage(
		`{"type":"object","properties":{"n":{"type":"integer"},"s":{"type":"string"}},"required":["n","s"],"additionalProperties":false}`)})
	require.NoError(t, err)
	got, err := program.Eval(expr.Context{Input: map[string]any{"n": 3.0, "s": "a"}})
	require.NoError(t, err)
	require.Equal(t, true, got)
	_, err = program.Eval(expr.Context{Input: map[string]any{"n": 3, "s": []any{}}})
	var own *expr.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, expr.CodeEval, own.Code)
}

func TestEvaluationErrors(t *testing.T) {
	for _, source := range []string{
		`9223372036854775807 + 1`, `-9223372036854775807 - 2`, `9223372036854775807 * 2`, `int(1e300)`, `2 ** 10000`, `1 / 0`, `1 % 0`,
		`"a" * 2`, `int("x")`, `float("x")`, `date("yesterday")`, `fromJSON("{")`, `decimalAdd("1e9", 1)`, `decimalAdd(0.1, 1)`,
		`decimalRound("1", 99)`, `fromBase64("!")`, `[1][5]`, `join([1])`, `sum(["a"])`, `keys([1])`, `flatten(1)`,
		`groupBy([[1]], #)`, `formatDate("x", "2006")`, `fromBase64("AA==")`, `input.a.b`,
	} {
		t.Run(source, func(t *testing.T) {
			_, err := eval(t, source, nil)
			var own *expr.Error
			require.ErrorAs(t, err, &own)
			if own.Code != expr.CodeType {
				require.Equal(t, expr.CodeEval, own.Code, own.Message)
			}
			require.NotContains(t, own.Message, "\n")
			require.NotContains(t, own.Message, "interface conversion", "a message for people")
		})
	}
}

// All fields of one value share the bounds of one expression.
func TestTheBoundsHoldForAWholeValue(t *testing.T) {
	long := `"=join(map(1..600, \"` + strings.Repeat("x", 100) + `\"))"`
	loop := `"=count(1..30000, true)"`
	for name, raw := range map[string]string{
		"size in a list":      "[" + strings.Repeat(long+",", 5) + long + "]",
		"size in an object":   `{"a":` + long + `,"b":` + long + `,"c":` + long + `,"d":` + long + `,"e":` + long + `}`,
		"steps in a list":     "[" + strings.Repeat(loop+",", 5) + loop + "]",
		"size in a template":  `"` + strings.Repeat(`{{join(map(1..600, '`+strings.Repeat("x", 100)+`'))}}`, 5) + `"`,
		"steps in a template": `"` + strings.Repeat(`{{count(1..30000, true)}}`, 5) + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			value, err := expr.CompileValue(json.RawMessage(raw), expr.Env{})
			require.NoError(t, err)
			_, err = value.Eval(expr.Context{})
			var own *expr.Error
			require.ErrorAs(t, err, &own)
			require.Equal(t, expr.CodeLimit, own.Code)
		})
	}
}

func TestAValueHoldsABoundedNumberOfExpressions(t *testing.T) {
	for _, raw := range []string{`[` + strings.Repeat(`"=1",`, expr.MaxParts) + `"=1"]`, `"` + strings.Repeat(`{{1}}`, expr.MaxParts+1) + `"`} {
		_, err := expr.CompileValue(json.RawMessage(raw), expr.Env{})
		var own *expr.Error
		require.ErrorAs(t, err, &own)
		require.Equal(t, expr.CodeLimit, own.Code)
	}
}

func TestResultsAreTheSameEachTime(t *testing.T) {
	program, err := expr.Compile(`[keys(input), values(input), toPairs(input), string(input), map(toPairs(groupBy(values(input), # % 3)), #[0])]`, expr.Env{})
	require.NoError(t, err)
	input := map[string]any{}
	for i := range 50 {
		input[fmt.Sprint("k", i)] = i
	}
	var first string
	for range 20 {
		value, err := program.Eval(expr.Context{Input: input})
		require.NoError(t, err)
		raw, err := expr.EncodeJSON(value)
		require.NoError(t, err)
		if first == "" {
			first = string(raw)
		}
		require.Equal(t, first, string(raw))
	}
}

func BenchmarkCompile(b *testing.B) {
	env := expr.Env{Tasks: map[string]json.RawMessage{"check": json.RawMessage(`{"type":"object","properties":{"valid":{"type":"boolean"}}}`)}}.Prepare()
	for b.Loop() {
		if _, err := expr.Compile(`tasks.check.valid && input.kind == "sale"`, env); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	program, err := expr.Compile(`tasks.check.valid && input.kind == "sale"`, expr.Env{})
	require.NoError(b, err)
	data := expr.Context{Input: map[string]any{"kind": "sale"}, Tasks: func(string) (any, bool) { return map[string]any{"valid": true}, true }}
	for b.Loop() {
		if _, err := program.Eval(data); err != nil {
			b.Fatal(err)
		}
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

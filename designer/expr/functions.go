package expr

import (
	"encoding/base64"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	exprlang "github.com/expr-lang/expr"
	"github.com/shopspring/decimal"
)

// budget is what one evaluation may still spend.
type budget struct {
	steps    int
	elements int
	now      time.Time
}

func (b *budget) step(n int) error {
	b.steps -= n
	if b.steps < 0 {
		return errorf(CodeLimit, -1, "the expression takes more than %d steps", MaxSteps)
	}
	return nil
}

func (b *budget) grow(n int) error {
	b.elements -= n
	if b.elements < 0 {
		return errorf(CodeLimit, -1, "the expression builds more than %d elements", MaxElements)
	}
	return nil
}

// spend charges for work that grows with the length of a value.
func (b *budget) spend(value any) error {
	switch v := value.(type) {
	case string:
		return b.step(len(v) / 128)
	case []any:
		return b.step(len(v))
	case map[string]any:
		return b.step(len(v))
	default:
		return nil
	}
}

func text(parts ...string) (string, error) {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	if length > MaxString {
		return "", errorf(CodeLimit, -1, "the expression builds a text longer than %d bytes", MaxString)
	}
	return strings.Join(parts, ""), nil
}

// unbounded lists the builtins of expr-lang that are replaced by ours or withheld: their cost or result is not bounded, or
// they read a clock, files, or an order that changes from run to run.
var unbounded = []string{
	"repeat", "join", "replace", "concat", "flatten", "uniq", "keys", "values", "toPairs", "string", "toJSON", "fromJSON", "now",
	"date", "timezone", "fromBase64", "get",
}

// functions returns the options that replace, withhold and add functions. All budgeted ones take the budget first.
func functions() []exprlang.Option {
	var options []exprlang.Option
	for _, name := range unbounded {
		options = append(options, exprlang.DisableBuiltin(name))
	}
	add := func(name string, f func(args []any) (any, error), types ...any) {
		options = append(options, exprlang.Function(name, func(args ...any) (any, error) { return f(args) }, types...))
	}
	add(tickName, func(args []any) (any, error) { return args[1], args[0].(*budget).step(1) }, new(func(*budget, any) any))
	add(spendName, func(args []any) (any, error) { return args[1], args[0].(*budget).spend(args[1]) }, new(func(*budget, any) any))
	add(addName, func(args []any) (any, error) { return sum(args[1], args[2]) }, new(func(*budget, any, any) any))
	add("join", join, new(func(*budget, any) string), new(func(*budget, any, string) string))
	add("replace", replace, new(func(*budget, string, string, string) string))
	add("concat", concat)
	add("flatten", flatten, new(func(*budget, any) []any))
	add("uniq", uniq, new(func(*budget, any) []any))
	add("keys", pairs(func(k string, _ any) any { return k }), new(func(*budget, any) []any))
	add("values", pairs(func(_ string, v any) any { return v }), new(func(*budget, any) []any))
	add("toPairs", pairs(func(k string, v any) any { return []any{k, v} }), new(func(*budget, any) []any))
	add("string", func(args []any) (any, error) { return toText(args[1]) }, new(func(*budget, any) string))
	add("toJSON", toJSON, new(func(*budget, any) string))
	add("fromJSON", fromJSON, new(func(*budget, string) any))
	add("now", func(args []any) (any, error) { return args[0].(*budget).now, nil }, new(func(*budget) time.Time))
	add("date", parseDate, new(func(string) time.Time))
	add("fromBase64", func(args []any) (any, error) {
		raw, err := base64.StdEncoding.DecodeString(args[0].(string))
		if err != nil {
			return nil, errorf(CodeEval, -1, "fromBase64: the text is not base64")
		}
		return strings.ToValidUTF8(string(raw), "\uFFFD"), nil
	}, new(func(string) string))
	binary := func(name string, f func(a, b decimal.Decimal) (any, error)) {
		add(name, func(args []any) (any, error) {
			a, err := toDecimal(args[0])
			if err != nil {
				return nil, err
			}
			b, err := toDecimal(args[1])
			if err != nil {
				return nil, err
			}
			return f(a, b)
		}, new(func(any, any) any))
	}
	exact := func(d decimal.Decimal) (any, error) { return text(d.String()) }
	binary("decimalAdd", func(a, b decimal.Decimal) (any, error) { return exact(a.Add(b)) })
	binary("decimalSub", func(a, b decimal.Decimal) (any, error) { return exact(a.Sub(b)) })
	binary("decimalMul", func(a, b decimal.Decimal) (any, error) { return exact(a.Mul(b)) })
	binary("decimalCompare", func(a, b decimal.Decimal) (any, error) { return a.Cmp(b), nil })
	binary("decimalRound", func(a, b decimal.Decimal) (any, error) {
		places := b.IntPart()
		if places < 0 || places > 30 {
			return nil, errorf(CodeEval, -1, "decimalRound: places must be 0 to 30")
		}
		return text(a.RoundBank(int32(places)).StringFixed(int32(places)))
	})
	return options
}

// sum is the + of expressions: exact for whole numbers, capped for texts.
func sum(left, right any) (any, error) {
	switch a := left.(type) {
	case string:
		if b, ok := right.(string); ok {
			return text(a, b)
		}
	case int:
		switch b := right.(type) {
		case int:
			if (b > 0 && a > math.MaxInt-b) || (b < 0 && a < math.MinInt-b) {
				return nil, errorf(CodeEval, -1, "the sum does not fit a whole number")
			}
			return a + b, nil
		case float64:
			return float64(a) + b, nil
		}
	case float64:
		switch b := right.(type) {
		case int:
			return a + float64(b), nil
		case float64:
			return a + b, nil
		}
	case time.Time:
		if b, ok := right.(time.Duration); ok {
			return a.Add(b), nil
		}
	case time.Duration:
		switch b := right.(type) {
		case time.Time:
			return b.Add(a), nil
		case time.Duration:
			return a + b, nil
		}
	}
	return nil, errorf(CodeEval, -1, "+ can't join a %s and a %s", kindName(left), kindName(right))
}

func list(name string, value any) ([]any, error) {
	switch v := value.(type) {
	case []any:
		return v, nil
	case []string:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = item
		}
		return items, nil
	case []int:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = item
		}
		return items, nil
	case nil:
		return nil, errorf(CodeEval, -1, "%s: there is no list", name)
	default:
		return nil, errorf(CodeEval, -1, "%s: not a list but a %s", name, kindName(value))
	}
}

func join(args []any) (any, error) {
	items, err := list("join", args[1])
	if err != nil {
		return nil, err
	}
	separator := ""
	if len(args) > 2 {
		separator = args[2].(string)
	}
	if err := args[0].(*budget).step(len(items)); err != nil {
		return nil, err
	}
	var built strings.Builder
	for i, item := range items {
		part, ok := item.(string)
		if !ok {
			return nil, errorf(CodeEval, -1, "join: item %d is not a text but a %s", i, kindName(item))
		}
		if i > 0 {
			built.WriteString(separator)
		}
		built.WriteString(part)
		if built.Len() > MaxString {
			return text(built.String())
		}
	}
	return built.String(), nil
}

func replace(args []any) (any, error) {
	subject, from, to := args[1].(string), args[2].(string), args[3].(string)
	if err := args[0].(*budget).step(len(subject)/128 + 1); err != nil {
		return nil, err
	}
	if len(subject)+strings.Count(subject, from)*(len(to)-len(from)) > MaxString {
		return nil, errorf(CodeLimit, -1, "the expression builds a text longer than %d bytes", MaxString)
	}
	return strings.ReplaceAll(subject, from, to), nil
}

func concat(args []any) (any, error) {
	var all []any
	for _, argument := range args[1:] {
		items, err := list("concat", argument)
		if err != nil {
			return nil, err
		}
		if err := args[0].(*budget).grow(len(items)); err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

func flatten(args []any) (any, error) {
	spend := args[0].(*budget)
	var all []any
	var walk func(items []any, depth int) error
	walk = func(items []any, depth int) error {
		if depth > MaxDepth {
			return errorf(CodeLimit, -1, "flatten: lists nest deeper than %d levels", MaxDepth)
		}
		if err := spend.grow(len(items)); err != nil {
			return err
		}
		for _, item := range items {
			if nested, ok := item.([]any); ok {
				if err := walk(nested, depth+1); err != nil {
					return err
				}
				continue
			}
			all = append(all, item)
		}
		return nil
	}
	items, err := list("flatten", args[1])
	if err != nil {
		return nil, err
	}
	return all, walk(items, 0)
}

// uniq keeps the first of equal scalars; lists and objects are compared by their JSON.
func uniq(args []any) (any, error) {
	items, err := list("uniq", args[1])
	if err != nil {
		return nil, err
	}
	spend := args[0].(*budget)
	if err := spend.grow(len(items)); err != nil {
		return nil, err
	}
	seen := make(map[any]bool, len(items))
	var kept []any
	for _, item := range items {
		var key any = item
		switch item.(type) {
		case []any, map[string]any:
			raw, err := toJSON([]any{spend, item})
			if err != nil {
				return nil, err
			}
			key = [1]string{raw.(string)}
		}
		if !seen[key] {
			seen[key] = true
			kept = append(kept, item)
		}
	}
	return kept, nil
}

// pairs lists a map in the order of its keys.
func pairs(pick func(key string, value any) any) func(args []any) (any, error) {
	return func(args []any) (any, error) {
		object, ok := args[1].(map[string]any)
		if !ok {
			return nil, errorf(CodeEval, -1, "not an object but a %s", kindName(args[1]))
		}
		if err := args[0].(*budget).grow(len(object)); err != nil {
			return nil, err
		}
		items := make([]any, 0, len(object))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			items = append(items, pick(key, object[key]))
		}
		return items, nil
	}
}

func toJSON(args []any) (any, error) {
	spend := args[0].(*budget)
	plain, err := plainValue(args[1], &size{left: MaxString})
	if err != nil {
		return nil, err
	}
	raw, err := EncodeJSON(plain)
	if err != nil {
		return nil, err
	}
	if err := spend.step(len(raw) / 16); err != nil {
		return nil, err
	}
	return string(raw), nil
}

func fromJSON(args []any) (any, error) {
	raw := args[1].(string)
	if err := args[0].(*budget).grow(len(raw) / 4); err != nil {
		return nil, err
	}
	value, err := DecodeJSON([]byte(raw))
	if err != nil {
		return nil, errorf(CodeEval, -1, "fromJSON: the text is not JSON")
	}
	return value, nil
}

func parseDate(args []any) (any, error) {
	source := args[0].(string)
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, source); err == nil {
			return at.UTC(), nil
		}
	}
	return nil, errorf(CodeEval, -1, "date: %q is neither RFC 3339 nor 2006-01-02", clip(source))
}

func toDecimal(value any) (decimal.Decimal, error) {
	switch v := value.(type) {
	case int:
		return decimal.NewFromInt(int64(v)), nil
	case string:
		if len(v) > 64 || strings.ContainsAny(v, "eE") {
			return decimal.Zero, errorf(CodeEval, -1, "%q is not a decimal number", clip(v))
		}
		d, err := decimal.NewFromString(v)
		if err != nil {
			return decimal.Zero, errorf(CodeEval, -1, "%q is not a decimal number", clip(v))
		}
		return d, nil
	default:
		return decimal.Zero, errorf(CodeEval, -1, "a %s is not a decimal number; write it as a text", kindName(value))
	}
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

package expr

import (
	"encoding/base64"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	exprlang "github.com/expr-lang/expr"
)

// function is one of ours: types are its signatures for the typed compilation.
type function struct {
	call  func(b *budget, args []any) (any, error)
	types []any
}

// functions are ours. They take the place of builtins of expr-lang whose cost or result is not bounded, that read a clock, or
// whose order changes from run to run; and they add exact decimals and times.
var functions = map[string]function{
	"join":       {join, []any{new(func(any) string), new(func(any, string) string)}},
	"replace":    {replace, []any{new(func(string, string, string) string)}},
	"split":      {splitBy(strings.SplitN), []any{new(func(string, string) []any), new(func(string, string, int) []any)}},
	"splitAfter": {splitBy(strings.SplitAfterN), []any{new(func(string, string) []any), new(func(string, string, int) []any)}},
	"trim":       {trim, []any{new(func(string) string), new(func(string, string) string)}},
	"concat":     {concat, nil},
	"flatten":    {flatten, []any{new(func(any) []any)}},
	"uniq":       {uniq, []any{new(func(any) []any)}},
	"keys":       {pairs(func(k string, _ any) any { return k }), []any{new(func(any) []any)}},
	"values":     {pairs(func(_ string, v any) any { return v }), []any{new(func(any) []any)}},
	"toPairs":    {pairs(func(k string, v any) any { return []any{k, v} }), []any{new(func(any) []any)}},
	"string":     {asText, []any{new(func(any) string)}},
	"int":        {whole, []any{new(func(any) int)}},
	"toJSON":     {toJSON, []any{new(func(any) string)}},
	"fromJSON":   {fromJSON, []any{new(func(string) any)}},
	"toBase64":   {toBase64, []any{new(func(string) string)}},
	"fromBase64": {fromBase64, []any{new(func(string) string)}},
	"now":        {func(b *budget, _ []any) (any, error) { return b.now, nil }, []any{new(func() time.Time)}},
	"date":       {parseDate, []any{new(func(string) time.Time)}},
	"formatDate": {formatDate, []any{new(func(time.Time, string) string)}},
	"seconds":    {seconds, []any{new(func(time.Duration) float64)}},

	"decimalAdd":     {decimals(decimalAdd), []any{new(func(any, any) string)}},
	"decimalSub":     {decimals(decimalSub), []any{new(func(any, any) string)}},
	"decimalMul":     {decimals(decimalMul), []any{new(func(any, any) string)}},
	"decimalCompare": {decimals(decimalCompare), []any{new(func(any, any) int)}},
	"decimalRound":   {decimalRound, []any{new(func(any, int) string)}},
	"decimalSum":     {decimalSum, []any{new(func(any) string)}},
}

// withheld lists the builtins of expr-lang that have no counterpart here.
var withheld = []string{"repeat", "timezone", "get"}

// known holds the names that can be called.
var known = func() map[string]bool {
	names := map[string]bool{}
	for name := range functions {
		names[name] = true
	}
	return names
}()

// guarded returns the options for the program that runs: no types, and every function takes the budget first.
func guarded() []exprlang.Option {
	options := bounds()
	options = append(options, exprlang.Env(untyped))
	add := func(name string, call func(*budget, []any) (any, error)) {
		options = append(options, exprlang.Function(name, func(args ...any) (any, error) {
			return call(args[0].(*budget), args[1:])
		}))
	}
	for name, f := range functions {
		add(name, checkArity(name, f))
	}
	for name, call := range hidden {
		add(name, call)
	}
	return options
}

// typed returns the options for checking the source as written.
func typed(env Env, reads Reads) []exprlang.Option {
	options := bounds()
	options = append(options, exprlang.Env(scopeOf(env, reads)))
	for name, f := range functions {
		options = append(options, exprlang.Function(name, func(...any) (any, error) { return nil, nil }, f.types...))
	}
	return options
}

func bounds() []exprlang.Option {
	options := []exprlang.Option{exprlang.MaxNodes(MaxNodes), exprlang.Optimize(false)}
	for name := range functions {
		options = append(options, exprlang.DisableBuiltin(name))
	}
	for _, name := range withheld {
		options = append(options, exprlang.DisableBuiltin(name))
	}
	return options
}

// checkArity holds a call to a number of arguments that one of the signatures has; the typed compilation said so before.
func checkArity(name string, f function) func(*budget, []any) (any, error) {
	if len(f.types) == 0 {
		return f.call
	}
	counts := map[int]bool{}
	for _, signature := range f.types {
		counts[parameters(signature)] = true
	}
	return func(b *budget, args []any) (any, error) {
		if !counts[len(args)] {
			return nil, errorf(CodeEval, -1, "%s: %d arguments are too many or too few", name, len(args))
		}
		return f.call(b, args)
	}
}

func textArgument(name string, value any) (string, error) {
	text, ok := value.(string)
	if !ok {
		return "", errorf(CodeEval, -1, "%s: not a text but a %s", name, kindName(value))
	}
	return text, nil
}

func texts(name string, args []any) ([]string, error) {
	all := make([]string, len(args))
	for i, argument := range args {
		text, err := textArgument(name, argument)
		if err != nil {
			return nil, err
		}
		all[i] = text
	}
	return all, nil
}

func list(name string, value any) ([]any, error) {
	switch v := value.(type) {
	case []any:
		return v, nil
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

func join(b *budget, args []any) (any, error) {
	items, err := list("join", args[0])
	if err != nil {
		return nil, err
	}
	separator := ""
	if len(args) > 1 {
		if separator, err = textArgument("join", args[1]); err != nil {
			return nil, err
		}
	}
	length := max(0, len(items)-1) * len(separator)
	for _, item := range items {
		part, err := textArgument("join", item)
		if err != nil {
			return nil, err
		}
		length += len(part)
	}
	if err := b.step(len(items)); err != nil {
		return nil, err
	}
	if err := b.text(length); err != nil {
		return nil, err
	}
	var built strings.Builder
	built.Grow(length)
	for i, item := range items {
		if i > 0 {
			built.WriteString(separator)
		}
		built.WriteString(item.(string))
	}
	return built.String(), nil
}

func replace(b *budget, args []any) (any, error) {
	all, err := texts("replace", args)
	if err != nil {
		return nil, err
	}
	subject, from, to := all[0], all[1], all[2]
	if err := b.step(len(subject)/128 + 1); err != nil {
		return nil, err
	}
	if err := b.text(len(subject) + strings.Count(subject, from)*max(0, len(to)-len(from))); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(subject, from, to), nil
}

func splitBy(split func(s, separator string, n int) []string) func(*budget, []any) (any, error) {
	return func(b *budget, args []any) (any, error) {
		all, err := texts("split", args[:2])
		if err != nil {
			return nil, err
		}
		limit := -1
		if len(args) > 2 {
			n, ok := args[2].(int)
			if !ok {
				return nil, errorf(CodeEval, -1, "split: not a number of parts but a %s", kindName(args[2]))
			}
			limit = n
		}
		if err := b.step(len(all[0]) / 128); err != nil {
			return nil, err
		}
		if err := b.grow(strings.Count(all[0], all[1]) + 1); err != nil {
			return nil, err
		}
		parts := split(all[0], all[1], limit)
		items := make([]any, len(parts))
		for i, part := range parts {
			items[i] = part
		}
		return items, nil
	}
}

func trim(b *budget, args []any) (any, error) {
	all, err := texts("trim", args)
	if err != nil {
		return nil, err
	}
	if err := b.step(len(all[0]) / 128); err != nil {
		return nil, err
	}
	if len(all) == 1 {
		return strings.TrimSpace(all[0]), nil
	}
	if len(all[1]) > 64 {
		return nil, errorf(CodeLimit, -1, "trim: more than 64 bytes of characters to cut off")
	}
	return strings.Trim(all[0], all[1]), nil
}

func concat(b *budget, args []any) (any, error) {
	all := []any{}
	for _, argument := range args {
		items, err := list("concat", argument)
		if err != nil {
			return nil, err
		}
		if err := b.grow(len(items)); err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

func flatten(b *budget, args []any) (any, error) {
	all := []any{}
	var walk func(items []any, depth int) error
	walk = func(items []any, depth int) error {
		if depth > MaxDepth {
			return errorf(CodeLimit, -1, "flatten: lists nest deeper than %d levels", MaxDepth)
		}
		if err := b.grow(len(items)); err != nil {
			return err
		}
		if err := b.step(1); err != nil {
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
	items, err := list("flatten", args[0])
	if err != nil {
		return nil, err
	}
	return all, walk(items, 0)
}

// uniq keeps the first of equal scalars; lists and objects are compared by their JSON.
func uniq(b *budget, args []any) (any, error) {
	items, err := list("uniq", args[0])
	if err != nil {
		return nil, err
	}
	if err := b.grow(len(items)); err != nil {
		return nil, err
	}
	seen := make(map[any]bool, len(items))
	kept := []any{}
	for _, item := range items {
		key := item
		switch item.(type) {
		case []any, map[string]any, []int:
			raw, err := toJSON(b, []any{item})
			if err != nil {
				return nil, err
			}
			key = [1]string{raw.(string)}
		case string:
			if err := b.spend(item); err != nil {
				return nil, err
			}
		}
		if !seen[key] {
			seen[key] = true
			kept = append(kept, item)
		}
	}
	return kept, nil
}

// pairs lists an object in the order of its keys.
func pairs(pick func(key string, value any) any) func(*budget, []any) (any, error) {
	return func(b *budget, args []any) (any, error) {
		object, ok := args[0].(map[string]any)
		if !ok {
			return nil, errorf(CodeEval, -1, "not an object but a %s", kindName(args[0]))
		}
		if err := b.grow(len(object)); err != nil {
			return nil, err
		}
		items := make([]any, 0, len(object))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			items = append(items, pick(key, object[key]))
		}
		return items, nil
	}
}

func asText(b *budget, args []any) (any, error) {
	text, err := toText(args[0])
	if err != nil {
		return nil, err
	}
	return text, b.text(len(text))
}

// whole is int(x): it cuts off the fraction and refuses what does not fit.
func whole(b *budget, args []any) (any, error) {
	switch v := args[0].(type) {
	case int:
		return v, nil
	case float64:
		if !(v >= -(1<<63) && v < 1<<63) {
			return nil, errOverflow
		}
		return int(math.Trunc(v)), nil
	case string:
		if err := b.spend(v); err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			return nil, errorf(CodeEval, -1, "int: %q is not a whole number", clip(v))
		}
		return n, nil
	default:
		return nil, errorf(CodeEval, -1, "int: not a number but a %s", kindName(v))
	}
}

func toJSON(b *budget, args []any) (any, error) {
	plain, err := plainValue(args[0], &size{left: MaxString, limit: MaxString}, 0)
	if err != nil {
		return nil, err
	}
	raw, err := EncodeJSON(plain)
	if err != nil {
		return nil, err
	}
	return string(raw), b.step(1 + len(raw)/16)
}

func fromJSON(b *budget, args []any) (any, error) {
	raw, err := textArgument("fromJSON", args[0])
	if err != nil {
		return nil, err
	}
	if err := b.grow(len(raw) / 2); err != nil {
		return nil, err
	}
	value, err := DecodeJSON([]byte(raw))
	if err != nil {
		return nil, errorf(CodeEval, -1, "fromJSON: the text is not JSON")
	}
	return value, nil
}

func toBase64(b *budget, args []any) (any, error) {
	source, err := textArgument("toBase64", args[0])
	if err != nil {
		return nil, err
	}
	if err := b.text(base64.StdEncoding.EncodedLen(len(source))); err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString([]byte(source)), nil
}

func fromBase64(b *budget, args []any) (any, error) {
	source, err := textArgument("fromBase64", args[0])
	if err != nil {
		return nil, err
	}
	if err := b.text(len(source)); err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(source)
	if err != nil {
		return nil, errorf(CodeEval, -1, "fromBase64: the text is not base64")
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD"), nil
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

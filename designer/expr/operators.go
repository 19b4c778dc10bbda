package expr

import (
	"fmt"
	"maps"
	"math"
	"math/bits"
	"reflect"
	"slices"
	"time"
)

// hidden are the functions that the guard puts in the place of operators, and around what costs.
var hidden = map[string]func(b *budget, args []any) (any, error){
	tickName:      func(b *budget, args []any) (any, error) { return args[0], b.step(1) },
	spendName:     func(b *budget, args []any) (any, error) { return args[0], b.spend(args[0]) },
	spendDeepName: func(b *budget, args []any) (any, error) { return args[0], b.spendDeep(args[0]) },
	matchName: func(b *budget, args []any) (any, error) {
		subject, ok := args[0].(string)
		if !ok {
			return args[0], nil
		}
		return subject, b.step(len(subject) * args[1].(int) / 256)
	},
	plainName: func(b *budget, args []any) (any, error) { return textKeys(b, args[0]) },
	sumName:   func(b *budget, args []any) (any, error) { return total(b, args[0]) },
	equalName: func(b *budget, args []any) (any, error) { return equal(b, args[0], args[1], 0) },
	inName:    func(b *budget, args []any) (any, error) { return isIn(b, args[0], args[1]) },
	"__add":   func(b *budget, args []any) (any, error) { return add(b, args[0], args[1]) },
	"__sub":   func(_ *budget, args []any) (any, error) { return subtract(args[0], args[1]) },
	"__mul":   func(_ *budget, args []any) (any, error) { return multiply(args[0], args[1]) },
}

var errOverflow = errorf(CodeEval, -1, "the result does not fit a whole number of 64 bits; use the decimal functions")

func mismatch(operator string, left, right any) error {
	return errorf(CodeEval, -1, "%s can't join a %s and a %s", operator, kindName(left), kindName(right))
}

// add is the + of expressions: exact for whole numbers, capped for texts.
func add(b *budget, left, right any) (any, error) {
	switch x := left.(type) {
	case string:
		if y, ok := right.(string); ok {
			return b.concat(x, y)
		}
	case int:
		switch y := right.(type) {
		case int:
			if (y > 0 && x > math.MaxInt-y) || (y < 0 && x < math.MinInt-y) {
				return nil, errOverflow
			}
			return x + y, nil
		case float64:
			return float64(x) + y, nil
		}
	case float64:
		if y, ok := number(right); ok {
			return x + y, nil
		}
	case time.Time:
		if y, ok := right.(time.Duration); ok {
			return x.Add(y), nil
		}
	case time.Duration:
		switch y := right.(type) {
		case time.Time:
			return y.Add(x), nil
		case time.Duration:
			return x + y, nil
		}
	}
	return nil, mismatch("+", left, right)
}

func subtract(left, right any) (any, error) {
	switch x := left.(type) {
	case int:
		switch y := right.(type) {
		case int:
			if (y < 0 && x > math.MaxInt+y) || (y > 0 && x < math.MinInt+y) {
				return nil, errOverflow
			}
			return x - y, nil
		case float64:
			return float64(x) - y, nil
		}
	case float64:
		if y, ok := number(right); ok {
			return x - y, nil
		}
	case time.Time:
		switch y := right.(type) {
		case time.Time:
			return x.Sub(y), nil
		case time.Duration:
			return x.Add(-y), nil
		}
	case time.Duration:
		if y, ok := right.(time.Duration); ok {
			return x - y, nil
		}
	}
	return nil, mismatch("-", left, right)
}

func multiply(left, right any) (any, error) {
	switch x := left.(type) {
	case int:
		switch y := right.(type) {
		case int:
			return multiplyWhole(x, y)
		case float64:
			return float64(x) * y, nil
		case time.Duration:
			return time.Duration(x) * y, nil
		}
	case float64:
		if y, ok := number(right); ok {
			return x * y, nil
		}
	case time.Duration:
		if y, ok := right.(int); ok {
			return x * time.Duration(y), nil
		}
	}
	return nil, mismatch("*", left, right)
}

func multiplyWhole(x, y int) (any, error) {
	high, low := bits.Mul64(magnitude(x), magnitude(y))
	negative := (x < 0) != (y < 0)
	if high != 0 || low > math.MaxInt64 && (!negative || low > 1<<63) {
		return nil, errOverflow
	}
	return x * y, nil
}

func magnitude(x int) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}

// total adds the numbers of a list; an empty one gives 0.
func total(b *budget, value any) (any, error) {
	items, err := list("sum", value)
	if err != nil {
		return nil, err
	}
	if err := b.step(len(items)); err != nil {
		return nil, err
	}
	var sum any = 0
	for _, item := range items {
		if _, ok := number(item); !ok {
			return nil, errorf(CodeEval, -1, "sum: not a number but a %s", kindName(item))
		}
		if sum, err = add(b, sum, item); err != nil {
			return nil, err
		}
	}
	return sum, nil
}

// equal compares as JSON does: 1 equals 1.0, lists in order, objects without order.
func equal(b *budget, left, right any, depth int) (bool, error) {
	if depth > MaxDepth {
		return false, errorf(CodeLimit, -1, "lists and objects deeper than %d levels are not compared", MaxDepth)
	}
	if err := b.step(1); err != nil {
		return false, err
	}
	switch x := left.(type) {
	case nil:
		return right == nil, nil
	case bool:
		y, ok := right.(bool)
		return ok && x == y, nil
	case int:
		if y, ok := right.(int); ok {
			return x == y, nil
		}
		y, ok := right.(float64)
		return ok && float64(x) == y && y < 1<<63 && int(y) == x, nil
	case float64:
		if _, ok := right.(int); ok {
			return equal(b, right, left, depth)
		}
		y, ok := right.(float64)
		return ok && x == y, nil
	case string:
		y, ok := right.(string)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		return x == y, b.step(len(x) / 128)
	case time.Time:
		y, ok := right.(time.Time)
		return ok && x.Equal(y), nil
	case time.Duration:
		y, ok := right.(time.Duration)
		return ok && x == y, nil
	case map[string]any:
		y, ok := right.(map[string]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for _, key := range slices.Sorted(maps.Keys(x)) {
			other, found := y[key]
			if !found {
				return false, nil
			}
			if same, err := equal(b, x[key], other, depth+1); err != nil || !same {
				return false, err
			}
		}
		return true, b.step(len(x))
	}
	return equalLists(b, left, right, depth)
}

func equalLists(b *budget, left, right any, depth int) (bool, error) {
	x, err := list("==", left)
	if err != nil {
		return false, err
	}
	if kind := reflect.ValueOf(right).Kind(); kind != reflect.Slice {
		return false, nil
	}
	y, err := list("==", right)
	if err != nil {
		return false, err
	}
	if len(x) != len(y) {
		return false, nil
	}
	for i := range x {
		if same, err := equal(b, x[i], y[i], depth+1); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// isIn is the in of expressions: an element of a list, or a key of an object.
func isIn(b *budget, needle, where any) (bool, error) {
	switch v := where.(type) {
	case nil:
		return false, nil
	case map[string]any:
		key, ok := needle.(string)
		if !ok {
			return false, nil
		}
		_, found := v[key]
		return found, nil
	}
	items, err := list("in", where)
	if err != nil {
		return false, err
	}
	for _, item := range items {
		if same, err := equal(b, item, needle, 0); err != nil || same {
			return same, err
		}
	}
	return false, nil
}

// textKeys turns the maps that builtins make into objects.
func textKeys(b *budget, value any) (any, error) {
	source := reflect.ValueOf(value)
	if source.Kind() != reflect.Map {
		return value, nil
	}
	if err := b.grow(source.Len()); err != nil {
		return nil, err
	}
	object := make(map[string]any, source.Len())
	for entries := source.MapRange(); entries.Next(); {
		key := entries.Key().Interface()
		switch key.(type) {
		case string, bool, int, float64:
		default:
			return nil, errorf(CodeEval, -1, "a %s can't be the name of a group", kindName(key))
		}
		name := fmt.Sprint(key)
		if _, twice := object[name]; twice {
			return nil, errorf(CodeEval, -1, "two groups have the name %q", firstLine(name))
		}
		object[name] = entries.Value().Interface()
	}
	return object, nil
}

package expr

import (
	"strings"

	"github.com/shopspring/decimal"
)

// The decimal functions are exact: money is a text with format "decimal". They take texts and whole numbers; a float64 is
// refused, for it may have lost the digits that matter.

const maxDecimal = 64 // bytes of a decimal's text

func decimalAdd(a, b decimal.Decimal) (any, error)     { return decimalText(a.Add(b)) }
func decimalSub(a, b decimal.Decimal) (any, error)     { return decimalText(a.Sub(b)) }
func decimalMul(a, b decimal.Decimal) (any, error)     { return decimalText(a.Mul(b)) }
func decimalCompare(a, b decimal.Decimal) (any, error) { return a.Cmp(b), nil }

// decimals adapts a function of two decimals.
func decimals(f func(a, b decimal.Decimal) (any, error)) func(*budget, []any) (any, error) {
	return func(b *budget, args []any) (any, error) {
		if err := b.step(1); err != nil {
			return nil, err
		}
		left, err := toDecimal(args[0])
		if err != nil {
			return nil, err
		}
		right, err := toDecimal(args[1])
		if err != nil {
			return nil, err
		}
		return f(left, right)
	}
}

// decimalRound is decimalRound(x, places): half to even, places 0 to 30, always with as many digits.
func decimalRound(b *budget, args []any) (any, error) {
	value, err := toDecimal(args[0])
	if err != nil {
		return nil, err
	}
	places, ok := args[1].(int)
	if !ok || places < 0 || places > 30 {
		return nil, errorf(CodeEval, -1, "decimalRound: places must be 0 to 30")
	}
	return value.RoundBank(int32(places)).StringFixed(int32(places)), b.step(1)
}

// decimalSum is decimalSum(list).
func decimalSum(b *budget, args []any) (any, error) {
	items, err := list("decimalSum", args[0])
	if err != nil {
		return nil, err
	}
	if err := b.step(len(items)); err != nil {
		return nil, err
	}
	sum := decimal.Zero
	for _, item := range items {
		value, err := toDecimal(item)
		if err != nil {
			return nil, err
		}
		sum = sum.Add(value)
	}
	return decimalText(sum)
}

func decimalText(d decimal.Decimal) (any, error) {
	text := d.String()
	if len(text) > maxDecimal {
		return nil, errorf(CodeEval, -1, "the decimal number is longer than %d characters", maxDecimal)
	}
	return text, nil
}

func toDecimal(value any) (decimal.Decimal, error) {
	switch v := value.(type) {
	case int:
		return decimal.NewFromInt(int64(v)), nil
	case string:
		if len(v) > maxDecimal || strings.ContainsAny(v, "eE") {
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

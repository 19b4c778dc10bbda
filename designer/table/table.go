// Package table reads the cells of decision tables: unary tests over one value, in the spirit of DMN 1.3 §7.3.
//
// A cell is empty or "-" (always holds), or alternatives with commas between them, each a value to be equal to, a comparison
// ("<= 5", "!= draft") or a range with both ends ("1..5"). Values are numbers, true, false, null, and texts, with or without
// quotes. Numbers are compared as numbers, texts by their bytes, which orders ISO dates too; a number and a text are never equal.
package table

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Bounds of a table.
const (
	MaxRules   = 1000
	MaxColumns = 50 // of inputs, and of outputs
)

// Cell holds when one of its tests does; without tests it always holds.
type Cell struct{ tests []test }

// test compares a value: operator "" is equality, ".." a range with both ends.
type test struct {
	operator string
	value    any
	upTo     any
}

// Unreadable says why a cell can't be read. Reason is stable: quote (one is not closed), empty (an alternative is), missing (a value is),
// order (what Text, an operator, needs has no order), range (Text is none), text (Text is no quoted one).
type Unreadable struct{ Reason, Text, Message string }

// Error is for people, in English.
func (u *Unreadable) Error() string { return u.Message }

// Compile reads a cell that is no expression. Its error is an *Unreadable.
func Compile(source string) (Cell, error) {
	source = strings.TrimSpace(source)
	if source == "" || source == "-" {
		return Cell{}, nil
	}
	parts, err := alternatives(source)
	if err != nil {
		return Cell{}, err
	}
	var c Cell
	for _, part := range parts {
		t, err := compileTest(part)
		if err != nil {
			return Cell{}, err
		}
		c.tests = append(c.tests, t)
	}
	return c, nil
}

// Holds tells whether a value, as decoded from JSON, satisfies the cell.
func (c Cell) Holds(value any) bool {
	if len(c.tests) == 0 {
		return true
	}
	for _, t := range c.tests {
		if t.holds(value) {
			return true
		}
	}
	return false
}

// alternatives cuts a cell at the commas that are outside of quotes.
func alternatives(source string) ([]string, error) {
	var parts []string
	quoted, from := false, 0
	for i := 0; i < len(source); i++ {
		switch {
		case quoted && source[i] == '\\':
			i++
		case source[i] == '"':
			quoted = !quoted
		case source[i] == ',' && !quoted:
			parts = append(parts, source[from:i])
			from = i + 1
		}
	}
	if quoted {
		return nil, &Unreadable{Reason: "quote", Message: "a quote is not closed"}
	}
	return append(parts, source[from:]), nil
}

func compileTest(source string) (test, error) {
	source = strings.TrimSpace(source)
	if source == "" {
		return test{}, &Unreadable{Reason: "empty", Message: "an alternative is empty"}
	}
	for _, operator := range []string{"<=", ">=", "!=", "<", ">"} {
		rest, found := strings.CutPrefix(source, operator)
		if !found {
			continue
		}
		value, err := literalOf(strings.TrimSpace(rest))
		if err == nil && operator != "!=" && !ordered(value) {
			err = &Unreadable{Reason: "order", Text: operator, Message: operator + " needs a number, a text or a date"}
		}
		return test{operator: operator, value: value}, err
	}
	if low, high, found := strings.Cut(source, ".."); found && !strings.HasPrefix(source, `"`) {
		from, err := literalOf(strings.TrimSpace(low))
		if err != nil {
			return test{}, err
		}
		to, err := literalOf(strings.TrimSpace(high))
		if err != nil {
			return test{}, err
		}
		if order, ordered := compareValues(from, to); !ordered || order > 0 {
			return test{}, &Unreadable{Reason: "range", Text: source, Message: source + " is no range"}
		}
		return test{operator: "..", value: from, upTo: to}, nil
	}
	value, err := literalOf(source)
	return test{value: value}, err
}

// literalOf reads a number, true, false, null, a quoted text or a bare one.
func literalOf(source string) (any, error) {
	if source == "" {
		return nil, &Unreadable{Reason: "missing", Message: "a value is missing"}
	}
	if source[0] == '"' {
		var s string
		if err := json.Unmarshal([]byte(source), &s); err != nil {
			return nil, &Unreadable{Reason: "text", Text: fmt.Sprintf("%.100s", source), Message: fmt.Sprintf("%.100s is not a quoted text", source)}
		}
		return s, nil
	}
	if n, err := strconv.Atoi(source); err == nil {
		return n, nil
	}
	if f, err := strconv.ParseFloat(source, 64); err == nil {
		return f, nil
	}
	switch source {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	return source, nil
}

func ordered(value any) bool {
	switch value.(type) {
	case int, float64, string:
		return true
	default:
		return false
	}
}

// compareValues orders numbers, and texts by their bytes, which orders ISO dates too.
func compareValues(a, b any) (order int, ordered bool) {
	if x, isText := a.(string); isText {
		y, both := b.(string)
		return strings.Compare(x, y), both
	}
	x, y := numberOf(a), numberOf(b)
	if x == nil || y == nil {
		return 0, false
	}
	switch {
	case *x < *y:
		return -1, true
	case *x > *y:
		return 1, true
	default:
		return 0, true
	}
}

func numberOf(value any) *float64 {
	var f float64
	switch n := value.(type) {
	case int:
		f = float64(n)
	case float64:
		f = n
	default:
		return nil
	}
	return &f
}

func (t test) holds(value any) bool {
	order, ordered := compareValues(value, t.value)
	switch t.operator {
	case "":
		return ordered && order == 0 || !ordered && value == t.value && !composite(value)
	case "!=":
		return ordered && order != 0 || !ordered && (composite(value) || value != t.value)
	case "<":
		return ordered && order < 0
	case "<=":
		return ordered && order <= 0
	case ">":
		return ordered && order > 0
	case ">=":
		return ordered && order >= 0
	default:
		upper, both := compareValues(value, t.upTo)
		return ordered && both && order >= 0 && upper <= 0
	}
}

// composite values can't be compared with == in Go.
func composite(value any) bool {
	switch value.(type) {
	case []any, map[string]any:
		return true
	default:
		return false
	}
}

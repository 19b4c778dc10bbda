package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// decision is a compiled decision table (DMN 1.3 §8).
type decision struct {
	hit     graph.HitPolicy
	inputs  []*evaluator
	outputs []string
	rules   []rule
	reads   readSet
}

type rule struct {
	cells []cell
	then  []*evaluator
}

// cell holds when one of its tests does, or when its condition does; an empty one always holds.
type cell struct {
	tests     []test
	condition *condition
}

// test compares a value: operator "" is equality, ".." a range with both ends.
type test struct {
	operator string
	value    any
	upTo     any
}

// Bounds of a decision table.
const (
	maxRules   = 1000
	maxColumns = 50
)

var errRules = fmt.Errorf("a table has at most %d rules of %d columns", maxRules, maxColumns)

func compileDecision(src *graph.DecisionTask) (*decision, error) {
	d := &decision{hit: src.Hit, outputs: src.Outputs}
	switch src.Hit {
	case graph.HitUnique, graph.HitFirst, graph.HitAny, graph.HitCollect:
	default:
		return nil, fmt.Errorf("the hit policy %q is not known", src.Hit)
	}
	if len(src.Rules) > maxRules || len(src.Inputs) > maxColumns || len(src.Outputs) > maxColumns {
		return nil, errRules
	}
	for i, source := range src.Inputs {
		raw, err := json.Marshal(source)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i+1, err)
		}
		e, err := compileValue(raw)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i+1, err)
		}
		d.reads.add(e.set())
		d.inputs = append(d.inputs, e)
	}
	for i := range src.Rules {
		compiled, err := d.compileRule(&src.Rules[i])
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		d.rules = append(d.rules, compiled)
	}
	return d, nil
}

func (d *decision) compileRule(src *graph.DecisionRule) (rule, error) {
	var out rule
	if len(src.When) != len(d.inputs) || len(src.Then) != len(d.outputs) {
		return out, fmt.Errorf("it has %d conditions and %d values for %d inputs and %d outputs", len(src.When), len(src.Then), len(d.inputs), len(d.outputs))
	}
	for i, source := range src.When {
		c, err := compileCell(source)
		if err != nil {
			return out, fmt.Errorf("condition %d: %w", i+1, err)
		}
		if c.condition != nil {
			d.reads.add(c.condition.set())
		}
		out.cells = append(out.cells, c)
	}
	for i, raw := range src.Then {
		e, err := compileValue(raw)
		if err != nil {
			return out, fmt.Errorf("value %d: %w", i+1, err)
		}
		d.reads.add(e.set())
		out.then = append(out.then, e)
	}
	return out, nil
}

func (d *decision) set() readSet {
	if d == nil {
		return readSet{}
	}
	return d.reads
}

// CheckCell tells what is wrong with a cell of a decision table.
func CheckCell(source string) error {
	_, err := compileCell(source)
	return err
}

func compileCell(source string) (cell, error) {
	source = strings.TrimSpace(source)
	switch {
	case source == "" || source == "-":
		return cell{}, nil
	case strings.HasPrefix(source, "="):
		c, err := compileCondition(source)
		return cell{condition: c}, err
	}
	parts, err := alternatives(source)
	if err != nil {
		return cell{}, err
	}
	var c cell
	for _, part := range parts {
		t, err := compileTest(part)
		if err != nil {
			return cell{}, err
		}
		c.tests = append(c.tests, t)
	}
	return c, nil
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
		return nil, errors.New("a quote is not closed")
	}
	return append(parts, source[from:]), nil
}

func compileTest(source string) (test, error) {
	source = strings.TrimSpace(source)
	if source == "" {
		return test{}, errors.New("an alternative is empty")
	}
	for _, operator := range []string{"<=", ">=", "!=", "<", ">"} {
		rest, found := strings.CutPrefix(source, operator)
		if !found {
			continue
		}
		value, err := literalOf(strings.TrimSpace(rest))
		if err == nil && operator != "!=" && !ordered(value) {
			err = fmt.Errorf("%s needs a number, a text or a date", operator)
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
		if order, comparable := compareValues(from, to); !comparable || order > 0 {
			return test{}, fmt.Errorf("%s..%s is no range", low, high)
		}
		return test{operator: "..", value: from, upTo: to}, nil
	}
	value, err := literalOf(source)
	return test{value: value}, err
}

// literalOf reads a number, true, false, null, a quoted text or a bare one.
func literalOf(source string) (any, error) {
	if source == "" {
		return nil, errors.New("a value is missing")
	}
	if source[0] == '"' {
		var s string
		if err := json.Unmarshal([]byte(source), &s); err != nil {
			return nil, fmt.Errorf("%.100s is not a quoted text", source)
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
func compareValues(a, b any) (order int, comparable bool) {
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
	order, comparable := compareValues(value, t.value)
	switch t.operator {
	case "":
		return comparable && order == 0 || !comparable && value == t.value && !composite(value)
	case "!=":
		return comparable && order != 0 || !comparable && (composite(value) || value != t.value)
	case "<":
		return comparable && order < 0
	case "<=":
		return comparable && order <= 0
	case ">":
		return comparable && order > 0
	case ">=":
		return comparable && order >= 0
	default:
		upper, both := compareValues(value, t.upTo)
		return comparable && both && order >= 0 && upper <= 0
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

func (c *cell) holds(v *variables, value any) (bool, error) {
	if c.condition != nil {
		return c.condition.holds(v)
	}
	if len(c.tests) == 0 {
		return true, nil
	}
	for _, t := range c.tests {
		if t.holds(value) {
			return true, nil
		}
	}
	return false, nil
}

// decide evaluates the table: the outputs of the rule that counts, or, with collect, a list for each output. No rule that holds
// gives nulls, or empty lists.
func (d *decision) decide(v *variables) (json.RawMessage, error) {
	values := make([]any, len(d.inputs))
	for i, e := range d.inputs {
		raw, err := e.eval(v)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i+1, err)
		}
		if values[i], err = expr.DecodeJSON(raw); err != nil {
			return nil, fmt.Errorf("input %d: %w", i+1, err)
		}
	}
	var hits []int
	for i := range d.rules {
		holds, err := d.rules[i].holds(v, values)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		if holds {
			hits = append(hits, i)
			if d.hit == graph.HitFirst {
				break
			}
		}
	}
	if d.hit == graph.HitUnique && len(hits) > 1 {
		return nil, fmt.Errorf("the rules %d and %d both hold, and the table allows one", hits[0]+1, hits[1]+1)
	}
	given := make([][]json.RawMessage, len(hits))
	for i, hit := range hits {
		for k, e := range d.rules[hit].then {
			raw, err := e.eval(v)
			if err != nil {
				return nil, fmt.Errorf("rule %d, value %d: %w", hit+1, k+1, err)
			}
			given[i] = append(given[i], raw)
		}
		if i > 0 && d.hit == graph.HitAny && !sameValues(given[0], given[i]) {
			return nil, fmt.Errorf("the rules %d and %d both hold and give different values", hits[0]+1, hit+1)
		}
	}
	return d.result(given)
}

func (r *rule) holds(v *variables, values []any) (bool, error) {
	for i := range r.cells {
		holds, err := r.cells[i].holds(v, values[i])
		if err != nil || !holds {
			return false, err
		}
	}
	return true, nil
}

func sameValues(a, b []json.RawMessage) bool {
	for i := range a {
		if string(a[i]) != string(b[i]) {
			return false
		}
	}
	return true
}

func (d *decision) result(given [][]json.RawMessage) (json.RawMessage, error) {
	fields := make(map[string]any, len(d.outputs))
	for k, name := range d.outputs {
		if d.hit != graph.HitCollect {
			fields[name] = nil
			if len(given) > 0 {
				fields[name] = given[0][k]
			}
			continue
		}
		list := make([]json.RawMessage, len(given))
		for i := range given {
			list[i] = given[i][k]
		}
		fields[name] = list
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encode the outputs: %w", err)
	}
	if len(raw) > maxPayload {
		return nil, errTooLarge
	}
	return raw, nil
}

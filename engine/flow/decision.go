package flow

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/table"
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

// cell is a test of the column's value, or a condition of its own.
type cell struct {
	tests     table.Cell
	condition *condition
}

var errRules = fmt.Errorf("a table has at most %d rules of %d columns", table.MaxRules, table.MaxColumns)

func compileDecision(src *graph.DecisionTask) (*decision, error) {
	d := &decision{hit: src.Hit, outputs: src.Outputs}
	switch src.Hit {
	case graph.HitUnique, graph.HitFirst, graph.HitAny, graph.HitCollect:
	default:
		return nil, fmt.Errorf("the hit policy %q is not known", src.Hit)
	}
	if len(src.Rules) > table.MaxRules || len(src.Inputs) > table.MaxColumns || len(src.Outputs) > table.MaxColumns {
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

func compileCell(source string) (c cell, err error) {
	if source = strings.TrimSpace(source); strings.HasPrefix(source, "=") {
		c.condition, err = compileCondition(source)
		return c, err
	}
	c.tests, err = table.Compile(source)
	return c, err
}

func (c *cell) holds(v *variables, value any) (bool, error) {
	if c.condition != nil {
		return c.condition.holds(v)
	}
	return c.tests.Holds(value), nil
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
	hits, err := d.hits(v, values, d.hit == graph.HitFirst)
	if err != nil {
		return nil, err
	}
	return d.give(v, hits)
}

// hits finds the rules that hold; one is enough when the first counts.
func (d *decision) hits(v *variables, values []any, one bool) ([]int, error) {
	var hits []int
	for i := range d.rules {
		holds, err := d.rules[i].holds(v, values)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		if holds {
			if hits = append(hits, i); one {
				break
			}
		}
	}
	return hits, nil
}

// give makes the outputs of the rules that hold.
func (d *decision) give(v *variables, hits []int) (json.RawMessage, error) {
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

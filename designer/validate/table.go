package validate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/table"
)

// columns checks what is said of a table's columns.
func (c *checker) columns(columns []graph.DecisionColumn, count int, at place) {
	if len(columns) > count {
		c.add(TableColumn, at, fmt.Sprintf("%d columns are described, and there are %d", len(columns), count), "detail", "")
	}
	for i, column := range columns {
		if utf8.RuneCountInString(column.Name) > 100 {
			c.add(TableColumn, at.at(strconv.Itoa(i), "name"), "a column's name has up to 100 characters", "detail", "")
		}
		switch column.Type {
		case "", graph.ColumnText, graph.ColumnNumber, graph.ColumnInteger, graph.ColumnBoolean, graph.ColumnDate:
		default:
			c.add(TableColumn, at.at(strconv.Itoa(i), "type"), "the type "+clip(string(column.Type))+" is not known", "detail", clip(string(column.Type)))
		}
	}
}

// coverage warns of cells that fit no value of their column, of inputs that no rule holds for, and of rules that quarrel.
func (c *checker) coverage(d *graph.DecisionTask, at place) {
	columns := make([]table.Column, len(d.Inputs))
	for i, source := range d.Inputs {
		columns[i] = c.column(d, i, source)
	}
	rules, misfits := make([]table.Rule, len(d.Rules)), false
	for r := range d.Rules {
		if len(d.Rules[r].When) != len(d.Inputs) || len(d.Rules[r].Then) != len(d.Outputs) {
			return
		}
		for i, source := range d.Rules[r].When {
			if strings.HasPrefix(strings.TrimSpace(source), "=") {
				rules[r] = append(rules[r], nil)
				continue
			}
			cell, err := table.Compile(source)
			if err != nil {
				return
			}
			if value, misfit := cell.Misfit(columns[i]); misfit {
				c.add(TableMisfit, at.at("rules", strconv.Itoa(r), "when", strconv.Itoa(i)), value+" is no value of this column", "value", value)
				misfits = true
			}
			rules[r] = append(rules[r], &cell)
		}
	}
	if misfits || len(d.Rules) == 0 || len(d.Inputs) == 0 {
		return
	}
	cover := table.NewCover(columns, rules)
	if cover == nil {
		return
	}
	if d.Hit == graph.HitUnique || d.Hit == graph.HitAny {
		for _, pair := range cover.Overlaps(func(a, b int) bool { return d.Hit == graph.HitUnique || quarrel(&d.Rules[a], &d.Rules[b]) }) {
			c.add(TableOverlap, at.at("rules", strconv.Itoa(pair.Second)), fmt.Sprintf("the rules %d and %d can hold at once: %s", pair.First+1, pair.Second+1, pair.Where),
				"first", pair.First+1, "second", pair.Second+1, "where", pair.Where)
		}
	}
	if d.Hit == graph.HitCollect {
		return
	}
	for _, gap := range cover.Gaps() {
		c.add(TableGap, at.at("rules"), "no rule holds for "+gap, "where", gap)
	}
}

// quarrel tells that two rules give different values; what expressions give is not known.
func quarrel(a, b *graph.DecisionRule) bool {
	return slices.ContainsFunc(a.Then, dynamic) == slices.ContainsFunc(b.Then, dynamic) && !slices.ContainsFunc(a.Then, dynamic) &&
		!slices.EqualFunc(a.Then, b.Then, func(x, y graph.Value) bool { return bytes.Equal(x, y) })
}

func dynamic(value graph.Value) bool {
	return bytes.Contains(value, []byte(`"=`)) || bytes.Contains(value, []byte("{{"))
}

// column is what its description, else the schema of what it reads, says of an input.
func (c *checker) column(d *graph.DecisionTask, i int, source string) table.Column {
	column := table.Column{Name: strings.TrimSpace(strings.TrimPrefix(source, "="))}
	if i < len(d.InputColumns) {
		if name := d.InputColumns[i].Name; name != "" {
			column.Name = name
		}
		column.Type = table.Type(d.InputColumns[i].Type)
	}
	of := c.schemaAt(strings.TrimSpace(strings.TrimPrefix(source, "=")))
	if column.Type == "" {
		column.Type = of.column()
	}
	for _, raw := range of.Enum {
		value, err := expr.DecodeJSON(raw)
		switch value.(type) {
		case []any, map[string]any, nil:
			return column
		}
		if err != nil {
			return column
		}
		column.Values = append(column.Values, value)
	}
	return column
}

// fieldSchema is what a table asks of the schema of what it reads.
type fieldSchema struct {
	Type       any                        `json:"type"`
	Format     string                     `json:"format"`
	Enum       []json.RawMessage          `json:"enum"`
	Properties map[string]json.RawMessage `json:"properties"`
}

func (s *fieldSchema) column() table.Type {
	switch s.Type {
	case "number":
		return table.Number
	case "integer":
		return table.Integer
	case "boolean":
		return table.Boolean
	case "string":
		if s.Format == "date" {
			return table.Date
		}
		return table.Text
	default:
		return ""
	}
}

var fieldPath = regexp.MustCompile(`^(input|tasks\.[a-z][a-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*)+)$`)

// schemaAt finds the schema of a field that an expression merely names; an empty one when it does more, or nothing is known.
func (c *checker) schemaAt(source string) (s fieldSchema) {
	parts := fieldPath.FindStringSubmatch(source)
	if parts == nil {
		return s
	}
	raw := c.env.Input
	if id, task := strings.CutPrefix(parts[1], "tasks."); task {
		raw = c.env.Tasks[id]
	}
	for _, name := range strings.Split(parts[2], ".") {
		if name != "" {
			raw = s.Properties[name]
		}
		s = fieldSchema{}
		if len(raw) == 0 || json.Unmarshal(raw, &s) != nil {
			return fieldSchema{}
		}
	}
	return s
}

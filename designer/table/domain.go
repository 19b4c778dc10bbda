package table

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Type is what the values of a column are; the empty one says nothing.
type Type string

// The types.
const (
	Text    Type = "text"
	Number  Type = "number"
	Integer Type = "integer"
	Boolean Type = "boolean"
	Date    Type = "date" // texts such as 2026-01-31
)

// Column is what is known of the values that a column's cells test.
type Column struct {
	Name   string // for people
	Type   Type   // empty: told from the cells
	Values []any  // the only ones; nil: all of the type
}

const day = time.DateOnly

// Misfit returns a value that a cell compares with and that is none of a column's; ok tells that there is one.
func (c Cell) Misfit(column Column) (value string, ok bool) {
	for _, t := range c.tests {
		for _, v := range t.values() {
			foreign := t.operator == "" && column.Values != nil && !slices.ContainsFunc(column.Values, t.holds)
			if v != nil && (foreign || !fits(v, column.Type)) {
				return show(v), true
			}
		}
	}
	return "", false
}

func (t test) values() []any {
	if t.operator == ".." {
		return []any{t.value, t.upTo}
	}
	return []any{t.value}
}

func fits(value any, of Type) bool {
	switch of {
	case Number, Integer:
		return numberOf(value) != nil
	case Boolean:
		_, is := value.(bool)
		return is
	case Text:
		_, is := value.(string)
		return is
	case Date:
		s, is := value.(string)
		return is && isDate(s)
	default:
		return true
	}
}

func isDate(s string) bool { _, err := time.Parse(day, s); return err == nil }

// region is a set of values that every cell of a column answers alike, and one of them.
type region struct {
	sample any
	low    any // nil: none; equal to high: just this value
	high   any
	other  bool // of a text: any that the cells do not name
}

// domain cuts the values of a column at what its cells compare with. It is nil when the values are of no one type.
type domain struct {
	column  Column
	regions []region
	named   []any // what the cells name, in order
}

func domainOf(column Column, cells []Cell) *domain {
	var named []any
	ordering := false
	for _, c := range cells {
		for _, t := range c.tests {
			ordering = ordering || t.operator != "" && t.operator != "!="
			for _, v := range t.values() {
				if v != nil {
					named = append(named, v)
				}
			}
		}
	}
	if column.Type == "" {
		column.Type = typeOf(named)
	}
	d := &domain{column: column, named: named}
	if column.Values != nil {
		d.points(column.Values)
		return d
	}
	if len(named) > 0 && (column.Type == "" || slices.ContainsFunc(named, func(v any) bool { return !fits(v, column.Type) })) {
		return nil
	}
	slices.SortFunc(named, func(a, b any) int { order, _ := compareValues(a, b); return order })
	d.named = slices.CompactFunc(named, func(a, b any) bool { order, same := compareValues(a, b); return same && order == 0 || a == b })
	switch {
	case column.Type == Boolean:
		d.points([]any{false, true})
	case column.Type == Text && !ordering:
		d.points(d.named)
		d.regions = append(d.regions, region{sample: unnamed(d.named), other: true})
	default:
		d.cut()
	}
	return d
}

// typeOf tells the one type of all values; none of no values and of mixed ones.
func typeOf(values []any) Type {
	for _, of := range []Type{Boolean, Number, Date, Text} {
		if len(values) > 0 && !slices.ContainsFunc(values, func(v any) bool { return !fits(v, of) }) {
			return of
		}
	}
	return ""
}

func (d *domain) points(values []any) {
	for _, v := range values {
		d.regions = append(d.regions, region{sample: v, low: v, high: v})
	}
}

// cut makes the points that are named, and the stretches before, between and after them in which there are values.
func (d *domain) cut() {
	for i, v := range d.named {
		var before any
		if i > 0 {
			before = d.named[i-1]
		}
		if sample, found := d.between(before, v); found {
			d.regions = append(d.regions, region{sample: sample, low: before, high: v})
		}
		d.points([]any{v})
	}
	var last any
	if len(d.named) > 0 {
		last = d.named[len(d.named)-1]
	}
	sample, _ := d.between(last, nil)
	d.regions = append(d.regions, region{sample: sample, low: last})
}

// between returns a value of the type between two others; nil is no bound.
func (d *domain) between(low, high any) (sample any, found bool) {
	switch d.column.Type {
	case Number:
		return numberBetween(numberOf(low), numberOf(high), false)
	case Integer:
		return numberBetween(numberOf(low), numberOf(high), true)
	case Date:
		return dayBetween(low, high)
	default:
		s, _ := low.(string)
		if low != nil {
			s += "\x00" // the very next text
		}
		return s, high == nil || s < high.(string)
	}
}

func numberBetween(low, high *float64, whole bool) (any, bool) {
	switch {
	case low == nil && high == nil:
		return 0.0, true
	case low == nil:
		return *high - 1, true
	case high == nil:
		return *low + 1, true
	case !whole:
		middle := *low + (*high-*low)/2
		return middle, middle > *low && middle < *high
	default:
		next := math.Floor(*low) + 1
		return next, next < *high
	}
}

func dayBetween(low, high any) (any, bool) {
	lower, _ := low.(string)
	upper, _ := high.(string)
	from, errFrom := time.Parse(day, lower)
	to, errTo := time.Parse(day, upper)
	switch {
	case errFrom != nil && errTo != nil:
		return "2000-01-01", true
	case errFrom != nil:
		return to.AddDate(0, 0, -1).Format(day), true
	default:
		next := from.AddDate(0, 0, 1).Format(day)
		return next, errTo != nil || next < upper
	}
}

// unnamed is a text that no cell names.
func unnamed(named []any) string {
	s := "?"
	for slices.Contains(named, any(s)) {
		s += "?"
	}
	return s
}

// describe says what the values of neighbouring regions are, as a condition that people read.
func (d *domain) describe(run []region) string {
	first, last := run[0], run[len(run)-1]
	name := d.column.Name
	if len(run) == len(d.regions) {
		return ""
	}
	if last.other {
		rest := make([]string, 0, len(d.named))
		for _, v := range d.named {
			if !slices.ContainsFunc(run, func(r region) bool { return r.low == v }) {
				rest = append(rest, show(v))
			}
		}
		return name + " ≠ " + list(rest)
	}
	ordered := d.column.Values == nil && d.column.Type != Boolean && (d.column.Type != Text || slices.ContainsFunc(d.regions, func(r region) bool { return r.low != r.high }))
	if !ordered {
		each := make([]string, len(run))
		for i, r := range run {
			each[i] = show(r.low)
		}
		return name + " = " + list(each)
	}
	if len(run) == 1 && first.low != nil && first.low == first.high {
		return name + " = " + show(first.low)
	}
	text := name
	if first.low != nil {
		text = show(first.low) + mark(first) + text
	}
	if last.high != nil {
		text += mark(last) + show(last.high)
	}
	return text
}

// mark is how a stretch meets its bound: a point is part of it.
func mark(r region) string {
	if r.low == r.high {
		return " ≤ "
	}
	return " < "
}

const mostListed = 5

func list(values []string) string {
	if len(values) > mostListed {
		values = append(slices.Clone(values[:mostListed]), "…")
	}
	return strings.Join(values, ", ")
}

func show(value any) string {
	switch v := value.(type) {
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		if r := []rune(v); len(r) > 40 {
			return string(r[:40]) + "…"
		}
		return v
	default:
		return fmt.Sprint(v)
	}
}

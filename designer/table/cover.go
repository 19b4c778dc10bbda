package table

import (
	"errors"
	"math/bits"
	"slices"
	"strings"
)

// The bounds of looking for gaps and overlaps. A table that passes one is not told about.
const (
	maxRegions = 4_000     // of one column
	maxAsked   = 4_000_000 // cells asked for a region
	maxWork    = 8_000_000 // words of 64 rules looked at
	mostFound  = 3         // gaps, and overlaps, that are told
)

// Rule is a row of a table that is looked through: a cell for each column. A nil cell is an expression: what it holds for is not known.
type Rule []*Cell

// Pair is two rules, by their places, that can hold at once, and for which inputs.
type Pair struct {
	First, Second int
	Where         string
}

// Cover is what the rules of a table hold for.
type Cover struct {
	domains []*domain
	rules   []Rule
	holds   [][]set // by column and rule: the regions that its cell holds for
	by      [][]set // by column and region: the rules that hold there
}

var errTooMuch = errors.New("the table is too large to be looked through")

// NewCover looks at a table. It returns nil when nothing can be told: a column compares values of several types, or all is too much.
func NewCover(columns []Column, rules []Rule) *Cover {
	c := &Cover{rules: rules}
	asked := 0
	for i, column := range columns {
		cells := make([]Cell, 0, len(rules))
		for _, rule := range rules {
			if rule[i] != nil {
				cells = append(cells, *rule[i])
			}
		}
		d := domainOf(column, cells)
		if d == nil || len(d.regions) > maxRegions {
			return nil
		}
		holds, by := make([]set, len(rules)), make([]set, len(d.regions))
		for k := range by {
			by[k] = newSet(len(rules))
		}
		for r, rule := range rules {
			if asked += len(d.regions); asked > maxAsked {
				return nil
			}
			holds[r] = newSet(len(d.regions))
			for k := range d.regions {
				if rule[i] == nil || rule[i].Holds(d.regions[k].sample) {
					holds[r].add(k)
					by[k].add(r)
				}
			}
		}
		c.domains, c.holds, c.by = append(c.domains, d), append(c.holds, holds), append(c.by, by)
	}
	return c
}

// Overlaps returns pairs of rules that can hold at once, of those that matter says matter; rules with an expression are left out.
func (c *Cover) Overlaps(matter func(first, second int) bool) []Pair {
	var pairs []Pair
	for second := range c.rules {
		for first := range second {
			if c.guesses(first) || c.guesses(second) || !c.meet(first, second) || !matter(first, second) {
				continue
			}
			if pairs = append(pairs, Pair{first, second, c.whereBoth(first, second)}); len(pairs) == mostFound {
				return pairs
			}
		}
	}
	return pairs
}

func (c *Cover) guesses(rule int) bool {
	for _, cell := range c.rules[rule] {
		if cell == nil {
			return true
		}
	}
	return false
}

func (c *Cover) meet(first, second int) bool {
	for i := range c.domains {
		if !c.holds[i][first].meets(c.holds[i][second]) {
			return false
		}
	}
	return true
}

// whereBoth names one stretch of each column for which two rules hold.
func (c *Cover) whereBoth(first, second int) string {
	var parts []string
	for i, d := range c.domains {
		var run []region
		for k := range d.regions {
			if !c.holds[i][first].has(k) || !c.holds[i][second].has(k) {
				if run != nil {
					break
				}
				continue
			}
			run = append(run, d.regions[k])
		}
		if text := d.describe(run); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// Gaps returns inputs for which no rule holds, as conditions. A cell that is an expression is taken to hold.
func (c *Cover) Gaps() []string {
	all := newSet(len(c.rules))
	for r := range c.rules {
		all.add(r)
	}
	search := gapSearch{cover: c}
	if search.at(0, all, nil) != nil {
		return nil
	}
	return search.found
}

type gapSearch struct {
	cover *Cover
	work  int
	found []string
}

// at looks from a column on, with the rules that hold so far.
func (s *gapSearch) at(column int, active set, where []string) error {
	c := s.cover
	if s.work > maxWork {
		return errTooMuch
	}
	if active.empty() {
		s.found = append(s.found, strings.Join(where, ", "))
		return nil
	}
	if column == len(c.domains) || s.settled(column, active) {
		return nil
	}
	d := c.domains[column]
	for k := 0; k < len(d.regions); {
		left := s.leftIn(column, active, k)
		run := d.regions[k : k+1]
		for k++; k < len(d.regions) && s.leftIn(column, active, k).equals(left); k++ {
			run = run[:len(run)+1]
		}
		next := where
		if text := d.describe(run); text != "" {
			next = append(slices.Clone(where), text)
		}
		if err := s.at(column+1, left, next); err != nil || len(s.found) == mostFound {
			return err
		}
	}
	return nil
}

// settled tells that a rule holds whatever the columns from one on are.
func (s *gapSearch) settled(column int, active set) bool {
	for r := range s.cover.rules {
		if !active.has(r) {
			continue
		}
		s.work++
		whole := true
		for i := column; i < len(s.cover.domains) && whole; i++ {
			whole = s.cover.holds[i][r].count() == len(s.cover.domains[i].regions)
		}
		if whole {
			return true
		}
	}
	return false
}

func (s *gapSearch) leftIn(column int, active set, k int) set {
	holding := s.cover.by[column][k]
	left := make(set, len(active))
	for i := range active {
		left[i] = active[i] & holding[i]
	}
	s.work += len(active)
	return left
}

// set is a set of small numbers.
type set []uint64

func newSet(size int) set { return make(set, (size+63)/64) }

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s set) empty() bool { return s.count() == 0 }

func (s set) count() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

func (s set) meets(other set) bool {
	for i, word := range s {
		if word&other[i] != 0 {
			return true
		}
	}
	return false
}

func (s set) equals(other set) bool {
	for i, word := range s {
		if word != other[i] {
			return false
		}
	}
	return true
}

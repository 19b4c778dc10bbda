package table_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/table"
)

// rulesOf reads rules as they are written: cells with "|" between them.
func rulesOf(t testing.TB, lines ...string) []table.Rule {
	t.Helper()
	rules := make([]table.Rule, len(lines))
	for i, line := range lines {
		for cell := range strings.SplitSeq(line, "|") {
			if cell = strings.TrimSpace(cell); strings.HasPrefix(cell, "=") {
				rules[i] = append(rules[i], nil)
				continue
			}
			compiled, err := table.Compile(cell)
			require.NoError(t, err)
			rules[i] = append(rules[i], &compiled)
		}
	}
	return rules
}

func TestGaps(t *testing.T) {
	t.Parallel()
	amount, kind := table.Column{Name: "amount"}, table.Column{Name: "kind"}
	for _, test := range []struct {
		name    string
		columns []table.Column
		rules   []string
		want    []string
	}{
		{"numbers that are all covered leave none", []table.Column{amount}, []string{"< 5", "5..10", "> 10"}, nil},
		{"a point left out", []table.Column{amount}, []string{"< 5", "> 5"}, []string{"amount = 5"}},
		{"a stretch left out", []table.Column{amount}, []string{"< 5", ">= 10"}, []string{"5 ≤ amount < 10"}},
		{"fractions between whole numbers", []table.Column{amount}, []string{"<= 5", ">= 6"}, []string{"5 < amount < 6"}},
		{"no fractions where there are none", []table.Column{{Name: "amount", Type: table.Integer}}, []string{"<= 5", ">= 6"}, nil},
		{"both ends left out", []table.Column{amount}, []string{"-3..5"}, []string{"amount < -3", "5 < amount"}},
		{"days that follow each other", []table.Column{{Name: "day"}}, []string{"<= 2026-01-31", ">= 2026-02-01"}, nil},
		{"a day left out", []table.Column{{Name: "day"}}, []string{"<= 2026-01-31", ">= 2026-02-02"}, []string{"2026-01-31 < day < 2026-02-02"}},
		{"any other text", []table.Column{kind}, []string{"sale", "gift"}, []string{"kind ≠ gift, sale"}},
		{"a text of a list that is whole", []table.Column{{Name: "kind", Type: table.Text, Values: []any{"sale", "gift"}}}, []string{"sale", "gift"}, nil},
		{"a text of a list", []table.Column{{Name: "kind", Type: table.Text, Values: []any{"sale", "gift", "lease"}}}, []string{"sale"}, []string{"kind = gift, lease"}},
		{"a text that is not another", []table.Column{kind}, []string{"sale", "!= sale"}, nil},
		{"yes without no", []table.Column{{Name: "urgent"}}, []string{"true"}, []string{"urgent = false"}},
		{"in the second column", []table.Column{kind, amount}, []string{"sale | < 5", "!= sale | -"}, []string{"kind = sale, 5 ≤ amount"}},
		{"a last rule for the rest", []table.Column{kind, amount}, []string{"sale | < 5", "- | -"}, nil},
		{"an expression may hold", []table.Column{amount}, []string{"< 5", "=input.big"}, nil},
		{"values of several types tell nothing", []table.Column{amount}, []string{"5", "sale"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cover := table.NewCover(test.columns, rulesOf(t, test.rules...))
			if cover == nil {
				require.Nil(t, test.want)
				return
			}
			require.Equal(t, test.want, cover.Gaps())
		})
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	columns := []table.Column{{Name: "kind"}, {Name: "amount"}}
	always := func(int, int) bool { return true }
	for _, test := range []struct {
		name  string
		rules []string
		want  []table.Pair
	}{
		{"rules that share nothing", []string{"sale | < 5", "sale | >= 5", "gift | -"}, nil},
		{"a shared point", []string{"sale | 1..5", "sale | 5..9"}, []table.Pair{{First: 0, Second: 1, Where: "kind = sale, amount = 5"}}},
		{"a rule for everything", []string{"sale | < 5", "- | -"}, []table.Pair{{First: 0, Second: 1, Where: "kind = sale, amount < 5"}}},
		{"what an expression holds for is not known", []string{"sale | =input.big", "sale | -"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, table.NewCover(columns, rulesOf(t, test.rules...)).Overlaps(always))
		})
	}
	t.Run("pairs that do not matter are left out", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, table.NewCover(columns, rulesOf(t, "- | -", "- | -")).Overlaps(func(int, int) bool { return false }))
	})
}

func TestMisfit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cell   string
		column table.Column
		want   string
	}{
		{"> 5", table.Column{Type: table.Number}, ""},
		{"5, many", table.Column{Type: table.Number}, "many"},
		{"yes", table.Column{Type: table.Boolean}, "yes"},
		{"null", table.Column{Type: table.Boolean}, ""},
		{"2026-02-30", table.Column{Type: table.Date}, "2026-02-30"},
		{"sale, sail", table.Column{Type: table.Text, Values: []any{"sale"}}, "sail"},
		{"anything", table.Column{}, ""},
	} {
		t.Run(test.cell, func(t *testing.T) {
			t.Parallel()
			cell, err := table.Compile(test.cell)
			require.NoError(t, err)
			got, misfit := cell.Misfit(test.column)
			require.Equal(t, test.want, got)
			require.Equal(t, test.want != "", misfit)
		})
	}
}

// The check of a draft runs while somebody types: a large table must not be felt.
func BenchmarkCover(b *testing.B) {
	lines := make([]string, 500)
	for i := range lines {
		lines[i] = fmt.Sprintf("%d..%d | kind_%d | > %d", i*10, i*10+9, i%20, i)
	}
	rules := rulesOf(b, lines...)
	columns := []table.Column{{Name: "amount", Type: table.Integer}, {Name: "kind"}, {Name: "days"}}
	for b.Loop() {
		cover := table.NewCover(columns, rules)
		_, _ = cover.Gaps(), cover.Overlaps(func(int, int) bool { return true })
	}
}

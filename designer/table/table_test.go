package table_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/table"
)

func TestCellsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{`"open`, `a,,b`, `<`, `> true`, `9..1`, `1..x`, `"a" b`, `<= null`, `,`} {
		_, err := table.Compile(cell)
		require.Error(t, err, cell)
	}
}

func TestCellsHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cell  string
		value any
		want  bool
	}{
		{``, 5, true}, {` - `, nil, true},
		{`5`, 5, true}, {`5`, 5.0, true}, {`5`, "5", false}, {`"5"`, "5", true}, {`5`, nil, false},
		{`a, b`, "b", true}, {`"a, b"`, "a, b", true}, {`"a, b"`, "b", false}, {`"a\"b"`, `a"b`, true},
		{`true`, true, true}, {`true`, false, false}, {`null`, nil, true}, {`null`, "", false},
		{`< 5`, 4.9, true}, {`< 5`, 5, false}, {`<= 5`, 5, true}, {`> 5`, "9", false}, {`>= 2026-01-01`, "2026-03-01", true},
		{`1..5`, 1, true}, {`1..5`, 5, true}, {`1..5`, 5.1, false}, {`2026-01-01..2026-12-31`, "2026-06-01", true},
		{`!= draft`, "done", true}, {`!= draft`, "draft", false}, {`!= draft`, nil, true}, {`!= null`, nil, false},
		{`5`, []any{5}, false}, {`!= 5`, map[string]any{}, true}, {`-5`, -5, true}, {`1.5..2`, 1.75, true},
	} {
		cell, err := table.Compile(c.cell)
		require.NoError(t, err, c.cell)
		require.Equal(t, c.want, cell.Holds(c.value), "%s of %v", c.cell, c.value)
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{``, `-`, `< 5`, `"a", b`, `1..2`, `!= "x"`, `..`, `1..`} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, source string) {
		if cell, err := table.Compile(source); err == nil {
			for _, value := range []any{nil, 1, 1.5, "x", true, []any{1}, map[string]any{"a": 1}} {
				cell.Holds(value)
			}
		}
	})
}

package sound_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/sound"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	fork := []string{"s a p q a2 r e", "a u a2"}
	for name, test := range map[string]struct {
		arrows []string
		before string
		on     string
		want   []string // code node
	}{
		"before the fork":                         {fork, "a", "", nil},
		"at the beginning":                        {fork, "s", "", nil},
		"behind the join":                         {fork, "r", "", nil},
		"one branch alone":                        {fork, "p", "", []string{"never a2"}},
		"deep in one branch":                      {fork, "q", "", []string{"never a2"}},
		"both branches":                           {fork, "q u", "", nil},
		"one branch, the other waits":             {fork, "q", "u-a2", nil},
		"one branch, and itself waits":            {fork, "q", "q-a2", []string{"never a2"}},
		"past a join that needs nobody else":      {fork, "a2", "", nil},
		"a fork that a loop leads back to":        {[]string{"s x1 a p a2 x2 e", "a q a2", "x2 x1"}, "x2", "", nil},
		"in a fork that a loop leads back to":     {[]string{"s x1 a p a2 x2 e", "a q a2", "x2 x1"}, "p", "", []string{"never a2"}},
		"an inclusive join asks who is coming":    {[]string{"s o p o2 e", "o q o2"}, "p", "", nil},
		"nested forks":                            {[]string{"s a p a4 e", "a a2 q a3 a4", "a2 r a3"}, "q", "", []string{"never a3"}},
		"a join that the drawing leaves waiting":  {[]string{"s a x p a2 e", "a q a2", "x e2"}, "p", "", nil},
		"a node that is not there":                {fork, "z", "z-e", nil},
		"an event on the border of a forked task": {[]string{"s a p a2 e", "a q a2", "b1@p e2"}, "p", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range sound.From(drawing(test.arrows...), sound.Marking{Before: strings.Fields(test.before), On: strings.Fields(test.on)}) {
				got = append(got, string(p.Code)+" "+p.Node)
			}
			require.ElementsMatch(t, test.want, got)
		})
	}
}

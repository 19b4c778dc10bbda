package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// A worker that lists its types in another order at each beat would otherwise be announced again each time, which empties the cache
// of pools and keeps an idle server busy.
func TestBeatsThatAnnounceTheSameAreToldFromThoseThatDoNot(t *testing.T) {
	a, b := wire.Descriptor{Name: "a", Hash: "1"}, wire.Descriptor{Name: "b", Hash: "2"}
	mark := markOf(wire.Beat{Pool: "p", Types: []wire.Descriptor{a, b}})
	require.Equal(t, mark, markOf(wire.Beat{Pool: "p", Seq: 7, Types: []wire.Descriptor{b, a}}))
	for name, other := range map[string]wire.Beat{
		"another pool":   {Pool: "q", Types: []wire.Descriptor{a, b}},
		"a type less":    {Pool: "p", Types: []wire.Descriptor{a}},
		"another schema": {Pool: "p", Types: []wire.Descriptor{a, {Name: "b", Hash: "3"}}},
	} {
		require.NotEqual(t, mark, markOf(other), name)
	}
}

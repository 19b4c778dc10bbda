package flow

import (
	"maps"
	"slices"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// JoinWait is a join at which some branches have arrived and others have not.
type JoinWait struct {
	Node    string
	Arrived []string // the nodes at the ends of the branches that are there, as in the document
	Missing []string // of those that are not
	Any     bool     // an inclusive join: it goes on once none of the missing can come any more
}

// JoinWaits lists the joins that wait in a scope, by id.
func (g *Graph) JoinWaits(s *ScopeState) []JoinWait {
	waits := map[string]JoinWait{}
	for id, tokens := range s.Joins {
		e := g.edges[id]
		if e == nil || tokens == 0 {
			continue
		}
		join := e.to
		if _, known := waits[join.ID]; known {
			continue
		}
		w := JoinWait{Node: join.ID, Any: join.Kind == graph.KindInclusiveGateway}
		for _, in := range join.in {
			if s.Joins[in.id] > 0 {
				w.Arrived = append(w.Arrived, in.from.ID)
			} else {
				w.Missing = append(w.Missing, in.from.ID)
			}
		}
		waits[join.ID] = w
	}
	out := make([]JoinWait, 0, len(waits))
	for _, id := range slices.Sorted(maps.Keys(waits)) {
		out = append(out, waits[id])
	}
	return out
}

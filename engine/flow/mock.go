package flow

import (
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// mocked gives a compiled node what it does in a test run.
func (n *Node) mocked(mock *graph.Mock) error {
	if !mock.Fits(n.Kind) {
		return fmt.Errorf("a %s can't be mocked like this", n.Kind)
	}
	n.mock, n.engineRuns = mock, true
	if mock.Answer == nil {
		n.multi = nil
	}
	return nil
}

// pretend does what a mock says instead of what the node does.
func (r *run) pretend(sc *Scope, n *Node, t *Task) error {
	if why := n.mock.Error; why != nil {
		return r.broken(sc, n, t, &wire.Error{Class: wire.ErrorBusiness, Code: why.Code, Message: why.Message})
	}
	if t == nil {
		t = r.create(sc, n)
	}
	return r.computed(sc, n, t, n.mock.Output)
}

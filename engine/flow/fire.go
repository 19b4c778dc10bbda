package flow

import (
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// fire lets a time that a task waits for come now: its own, that of an arm of its gateway, of an event on its border, or of its
// escalation.
func (r *run) fire() error {
	t := r.st.Tasks[r.ev.Task]
	switch {
	case r.p.State.Terminal():
		return refuse(RefusedProcessEnded, "the process has ended")
	case t == nil:
		return refuse(RefusedTaskUnknown, "the process has no such task")
	case t.State.Terminal():
		return refuse(RefusedNotWaiting, fmt.Sprintf("a task in state %s waits for nothing", t.State))
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	if event := r.g.nodes[r.ev.Node]; event == nil || !n.waitsForTimeOf(event) || event.boundary == nil && t.State != TaskWaiting {
		return refuse(RefusedNotWaiting, fmt.Sprintf("%s waits for no time of %q", n.ID, r.ev.Node))
	}
	r.cause = EventTimer
	return r.happened()
}

// waitsForTimeOf tells whether a task of the node may wait for the time of an event.
func (n *Node) waitsForTimeOf(event *Node) bool {
	switch {
	case event == n:
		return n.timer != nil || n.user != nil && n.user.escalate != nil
	case event.timer == nil:
		return false
	case event.boundary != nil:
		return event.host == n
	case n.Kind == graph.KindEventGateway:
		for _, e := range n.out {
			if e.to == event {
				return true
			}
		}
	}
	return false
}

package flow

import (
	"fmt"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// catching returns the boundary event of an activity that catches an error: the one with the most exact code, and of those the
// first in the document. A technical failure is caught only where the author says so.
func (n *Node) catching(code string, technical bool) *Node {
	var best *Node
	most := -1
	for _, b := range n.border {
		if b.boundary.Kind != graph.BoundaryError || technical && !b.boundary.Technical {
			continue
		}
		if exact := exactness(b.boundary.Codes, code); exact > most {
			best, most = b, exact
		}
	}
	return best
}

// exactness is the length of the longest pattern that covers a code; no patterns cover every code, -1 is no cover.
func exactness(patterns []string, code string) int {
	if len(patterns) == 0 {
		return 0
	}
	most := -1
	for _, p := range patterns {
		if p = strings.TrimSuffix(p, "."); len(p) > most && inFamilies([]string{p}, code) {
			most = len(p)
		}
	}
	return most
}

// catcher is where an error of a task is caught.
type catcher struct {
	scope   *Scope
	node    *Node // the activity that fails
	task    string
	event   *Node // the boundary event; nil: the list that the entry is of tolerates it
	outside bool  // the process's caller takes it: the process has failed
}

// catch looks outward for what catches an error of a task: the boundary events of its activity, then, level by level, the
// tolerance of a list that it is an entry of and the boundary events of the activity that it is inside of, at last the call that
// began the process. Nil: nothing does.
func (r *run) catch(sc *Scope, n *Node, task string, why *wire.Error) (*catcher, error) {
	technical := why.Class != wire.ErrorBusiness
	for {
		if r.instance(sc, n) {
			if m := sc.State.Multi; m.Failed < m.Tolerated {
				return &catcher{scope: sc, node: n, task: task}, nil
			}
		} else if b := n.catching(why.Code, technical); b != nil {
			return &catcher{scope: sc, node: n, task: task, event: b}, nil
		}
		if n.handler && !r.instance(sc, n) {
			return nil, nil // what fails to undo something holds the process
		}
		if sc.Kind == ScopeRoot {
			if sc.State.Caller.takes(why) {
				return &catcher{outside: true}, nil
			}
			return nil, nil
		}
		outer := r.st.Scopes[sc.ParentID]
		if outer == nil {
			return nil, fmt.Errorf("flow: scope %s around scope %s is not loaded", sc.ParentID, sc.ID)
		}
		inner := sc
		task, sc = inner.ID, outer
		var err error
		if n, err = r.nodeIn(outer.ID, inner.NodeID); err != nil {
			return nil, err
		}
		if n == nil {
			return nil, fmt.Errorf("flow: a scope is of a node that the graph does not have")
		}
	}
}

// fail ends a task that has failed for good: where its error is caught the token goes on from there, else it is an incident.
func (r *run) fail(sc *Scope, n *Node, t *Task, why *wire.Error) error {
	c, err := r.catch(sc, n, t.ID, why)
	if err != nil {
		return err
	}
	if c == nil {
		return r.incident(t, why)
	}
	if t.State == TaskIncident {
		r.closeIncident(t)
	}
	cause := r.cause
	r.cause = causeCaught
	t.Error = why
	err = r.closeTask(sc, t, TaskFailed)
	r.cause = cause
	if err != nil {
		return err
	}
	if (c.event != nil || c.outside) && (r.p.Held() || len(sc.State.Parked) > 0) {
		sc.State.Parked = append(sc.State.Parked, Parked{Task: t.ID, Node: n.ID, Error: why})
		return nil
	}
	return r.caught(sc, c, t.ID, why)
}

// thrown lets the error of a failed task reach its catcher, now that the hold is over.
func (r *run) thrown(sc *Scope, n *Node, task string, why *wire.Error) error {
	c, err := r.catch(sc, n, task, why)
	if err != nil {
		return err
	}
	if c == nil {
		return fmt.Errorf("flow: nothing catches the error %s of task %s any more", why.Code, task)
	}
	return r.caught(sc, c, task, why)
}

// caught ends everything between a failed task and its catcher. from is the failed task, already ended; its token, or that of the
// activity around it, goes on.
func (r *run) caught(sc *Scope, c *catcher, from string, why *wire.Error) error {
	if c.outside {
		return r.failProcess(why)
	}
	if c.task != from {
		host := r.st.Tasks[c.task]
		if host == nil {
			return &NeedTasks{IDs: []string{c.task}}
		}
		if err := r.endInside(host); err != nil {
			return err
		}
		host.Error = why
		cause := r.cause
		r.cause = causeCaught
		err := r.closeTask(c.scope, host, TaskFailed)
		r.cause = cause
		if err != nil {
			return err
		}
	}
	if c.event == nil {
		return r.entryEnded(c.scope, c.node, false)
	}
	body := errorValue(why)
	c.scope.State.Error = body
	r.outputOf(c.scope, c.event, body)
	r.pass(c.scope, c.event)
	r.leave(c.scope, c.event)
	return nil
}

// crossed applies a timer or a message on the border of an activity.
func (r *run) crossed(sc *Scope, host *Task, event *Node) error {
	if event.boundary.KeepsRunning {
		r.outputOf(sc, event, r.ev.Output)
		if err := r.rearm(sc, host, event); err != nil {
			return err
		}
		sc.State.Tokens++
		return r.goOrPark(sc, Parked{Task: host.ID, Node: event.ID})
	}
	for _, due := range sc.State.Due {
		if due.Task == host.ID {
			return r.ignore(IgnoredState) // another one came first
		}
	}
	stuck, err := r.stuck(host)
	if err != nil {
		return err
	}
	r.outputOf(sc, event, r.ev.Output)
	if r.p.Held() && !stuck {
		sc.State.Due = append(sc.State.Due, Interruption{Task: host.ID, Node: event.ID})
		r.dirty(sc)
		return nil
	}
	return r.interrupt(sc, host, event)
}

// stuck tells whether a task, or anything inside it, is an incident.
func (r *run) stuck(t *Task) (bool, error) {
	if t.State == TaskIncident {
		return true, nil
	}
	for _, sc := range r.below(t.ID) {
		for _, id := range openIDs(sc) {
			inner := r.st.Tasks[id]
			if inner == nil {
				return false, &NeedTasks{IDs: openIDs(sc)}
			}
			if inner.State == TaskIncident {
				return true, nil
			}
		}
	}
	return false, nil
}

// interrupt ends an activity in favour of a boundary event.
func (r *run) interrupt(sc *Scope, host *Task, event *Node) error {
	if err := r.endInside(host); err != nil {
		return err
	}
	if err := r.cancelTask(host, causeInterrupt); err != nil {
		return err
	}
	delete(sc.State.Open, host.ID)
	r.dirty(sc)
	return r.goOrPark(sc, Parked{Task: host.ID, Node: event.ID})
}

// rearm sets the next time of a repeating timer on the border of an activity that goes on.
func (r *run) rearm(sc *Scope, host *Task, event *Node) error {
	if event.timer == nil || !event.timer.repeats() {
		return nil
	}
	if sc.State.Fired == nil {
		sc.State.Fired = map[string]int{}
	}
	key := host.ID + "/" + event.ID
	sc.State.Fired[key]++
	if most := event.boundary.Times; most > 0 && sc.State.Fired[key] >= most {
		return nil
	}
	r.vars.enter(sc.ID, 0)
	due, err := event.timer.next(&r.vars, r.ev.At)
	if err != nil {
		return nil //nolint:nilerr // it told a time when the activity began; what it reads has changed since, and it just ends
	}
	r.fx.Timers = append(r.fx.Timers, Timer{TaskID: host.ID, Epoch: host.Epoch, Kind: TimerWait, Node: event.ID, Due: due})
	return nil
}

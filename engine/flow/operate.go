package flow

import (
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// operate applies what support does to one task.
func (r *run) operate() error {
	if r.p.State.Terminal() {
		return refuse(RefusedProcessEnded, "the process has ended")
	}
	t := r.st.Tasks[r.ev.Task]
	if t == nil {
		return refuse(RefusedTaskUnknown, "the process has no such task")
	}
	switch { // the scope of a task that has ended may have ended too
	case !t.State.Terminal():
	case r.ev.Kind == EventSkip:
		return notSkippable(t)
	default:
		return notRetryable(t)
	}
	sc, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	if r.ev.Kind == EventSkip {
		return r.skip(sc, n, t)
	}
	return r.retry(sc, n, t)
}

func notRetryable(t *Task) error {
	return refuse(RefusedNotRetryable, fmt.Sprintf("a task in state %s cannot be retried", t.State))
}

func notSkippable(t *Task) error {
	return refuse(RefusedNotSkippable, fmt.Sprintf("a task in state %s cannot be skipped", t.State))
}

// retry runs a task again: after an incident with all its attempts anew, while it waits for its next attempt at once. A call that
// waits for its child process begins another one.
func (r *run) retry(sc *Scope, n *Node, t *Task) error {
	calls := sc.State.Calls[t.ID] != ""
	if !Retryable(t.State, calls) {
		return notRetryable(t)
	}
	if r.p.State == ProcessCancelling {
		return refuse(RefusedCancelling, "the process is being cancelled")
	}
	var err error
	edited := len(r.ev.Input) > 0 || len(r.ev.Patch) > 0
	if edited && (n.NodeType == "" && n.call == nil || n.multi != nil && !r.instance(sc, n)) {
		return refuse(RefusedInputFixed, "this step has no input of its own")
	}
	input := r.ev.Input
	if len(r.ev.Patch) > 0 {
		if len(t.Input) == 0 {
			return refuse(RefusedNoInput, "the input of the step was never built, so there is nothing to change")
		}
		if input, err = patched(t.Input, r.ev.Patch); err != nil {
			return err
		}
	}
	if len(input) > maxPayload {
		return refuse(RefusedBadValue, "the input is larger than 256 KiB")
	}
	var border plan
	if edited && len(t.Input) == 0 && !r.instance(sc, n) { // it begins only now
		r.vars.enter(sc.ID, t.Run)
		if err := r.border(&border, n); err != nil {
			return refuse(RefusedBorder, "what is on the border of the step can't be waited for: "+err.Error())
		}
	}
	t.Epoch++
	r.adopt(t, &border)
	if edited {
		t.Input = input
		t.InputRev++
	}
	if t.State == TaskRetrying {
		return r.ready(n, t, t.Attempt+1)
	}
	unbuilt := n.NodeType == "" || t.Attempt == 0
	if calls {
		r.abandon(t)
	} else {
		r.closeIncident(t)
	}
	t.Attempt, t.Losses, t.FirstStartedAt, t.Error = 0, 0, nil, nil
	if !unbuilt || edited && n.call == nil {
		return r.ready(n, t, 1)
	}
	// Its evaluation failed before a worker was asked: a token evaluates it again, now or after the hold.
	if err := r.move(t, TaskReady); err != nil {
		return err
	}
	sc.State.Pending = append(sc.State.Pending, Pending{Task: t.ID})
	r.dirty(sc)
	return nil
}

// skip ends a task with a value instead of a run.
func (r *run) skip(sc *Scope, n *Node, t *Task) error {
	if !Skippable(t.State, sc.State.Calls[t.ID] != "") {
		return notSkippable(t)
	}
	value := r.ev.Output
	if len(value) == 0 {
		value = emptyObject
	}
	if len(value) > maxPayload {
		return refuse(RefusedBadValue, "the value is larger than 256 KiB")
	}
	var way *edge
	if n.Kind.Splits() || n.Kind == graph.KindEventGateway {
		if way = wayOut(n, value); way == nil {
			return refuse(RefusedSkipNeedsEdge, `to skip this gateway say which way to go: {"edge": "<edge id>"}`)
		}
	}
	merged := sc.State.Output
	if n.Kind == graph.KindEndEvent {
		var err error
		if merged, err = merge(merged, value); err != nil || !isObject(value) {
			return refuse(RefusedBadValue, "the value of an end event must be an object that fits into the output")
		}
	}
	if t.State == TaskIncident {
		r.closeIncident(t)
	}
	r.abandon(t)
	t.Epoch++
	if err := r.closeTask(sc, t, TaskSkipped); err != nil {
		return err
	}
	switch {
	case n.Kind == graph.KindEventGateway:
		r.outputOf(sc, way.to, value)
		return r.goOrPark(sc, Parked{Task: t.ID, Node: n.ID, Via: way.to.ID})
	case n.Kind.Splits():
		r.follow(sc, way)
		return nil
	case n.Kind == graph.KindEndEvent:
		return r.reachEnd(sc, n, merged, "")
	case n.Kind.Activity() || n.timer != nil || n.awaited != nil:
		r.output(t, value)
	}
	return r.done(sc, n, t, value)
}

func isObject(raw json.RawMessage) bool {
	var fields map[string]json.RawMessage
	return json.Unmarshal(raw, &fields) == nil && fields != nil
}

// wayOut is where a skipped exclusive gateway goes: the edge that the value names, else the default, else the only one.
func wayOut(n *Node, value json.RawMessage) *edge {
	var named struct {
		Edge string `json:"edge"`
	}
	if err := json.Unmarshal(value, &named); err != nil {
		return nil
	}
	for _, e := range n.out {
		if named.Edge == e.id || named.Edge == "" && (e.isDefault || len(n.out) == 1) {
			return e
		}
	}
	return nil
}

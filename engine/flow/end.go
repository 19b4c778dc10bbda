package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// end does what an end event does (BPMN 2.0.2 §10.5.3): none consumes its token, error fails the process, terminate completes
// it; both end every other open task.
func (r *run) end(sc *Scope, n *Node, t *Task) error {
	out, err := n.output.eval(&r.vars)
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, fmt.Errorf("output: %w", err)))
	}
	message := ""
	if n.message != nil {
		raw, err := n.message.eval(&r.vars)
		if err != nil {
			return r.broken(sc, n, t, fault(CodeExpression, fmt.Errorf("message: %w", err)))
		}
		message = text(raw)
	}
	if n.end.Kind == graph.EndError {
		why := &wire.Error{Class: wire.ErrorBusiness, Code: n.end.Code, Message: message}
		if stuck, err := r.failsHandler(sc, why); err != nil {
			return err
		} else if stuck {
			if t == nil {
				t = r.create(sc, n)
			}
			return r.incident(t, why)
		}
	}
	merged, err := merge(sc.State.Output, out)
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, fmt.Errorf("output: %w", err)))
	}
	if err := r.passed(sc, n, t); err != nil {
		return err
	}
	return r.reachEnd(sc, n, merged, message)
}

// reachEnd ends the token that stands at an end event, with the scope's output as it is then.
func (r *run) reachEnd(sc *Scope, n *Node, output json.RawMessage, message string) error {
	sc.State.Output = output
	sc.State.Tokens--
	r.dirty(sc)
	switch n.end.Kind {
	case graph.EndTerminate:
		return r.terminate(sc)
	case graph.EndError:
		if r.ev.Kind == EventSkip && r.inHandler(sc) {
			return nil // skipped by hand: what undoes goes on
		}
		return r.errorEnd(sc, &wire.Error{Class: wire.ErrorBusiness, Code: n.end.Code, Message: message})
	default:
		return nil
	}
}

// errorEnd ends a scope by an error: what catches it further out goes on, else the process has failed.
func (r *run) errorEnd(sc *Scope, why *wire.Error) error {
	if sc.Kind != ScopeRoot {
		outer, n := r.st.Scopes[sc.ParentID], r.g.nodes[sc.NodeID]
		if outer == nil || n == nil {
			return fmt.Errorf("flow: scope %s is not loaded", sc.ParentID)
		}
		c, err := r.catch(outer, n, sc.ID, why)
		if err != nil {
			return err
		}
		if c != nil {
			return r.caught(outer, c, "", why)
		}
	}
	return r.failProcess(why)
}

// failProcess ends the process by an error.
func (r *run) failProcess(why *wire.Error) error {
	r.p.ErrorCode, r.p.ErrorMessage, r.technical = why.Code, why.Message, why.Class != wire.ErrorBusiness
	return r.endProcess(r.st.Scopes[r.p.ID], ProcessFailed)
}

// endProcess brings the process to a terminal state; whatever is still open in the scope is cancelled.
func (r *run) endProcess(sc *Scope, to ProcessState) error {
	if r.st.open() > ChunkSize {
		return r.beginClosing(to)
	}
	r.ending = true
	for _, inner := range r.inner(sc.ID) {
		if err := r.cancelOpen(inner); err != nil {
			return err
		}
		r.drop(inner)
	}
	if err := r.cancelOpen(sc); err != nil {
		return err
	}
	sc.Ended = true
	if to != ProcessCancelled {
		r.p.Output = sc.State.Output
	}
	return r.setProcess(to)
}

// cancelOpen cancels every open task of a scope and takes all its tokens away.
func (r *run) cancelOpen(sc *Scope) error {
	ids := openIDs(sc)
	var missing []string
	for _, id := range ids {
		if r.st.Tasks[id] == nil {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		return &NeedTasks{IDs: missing}
	}
	cause := causeScopeEnd
	if r.cause == EventCancel {
		cause = EventCancel
	}
	for _, id := range ids {
		if err := r.cancelTask(r.st.Tasks[id], cause); err != nil {
			return err
		}
	}
	s := &sc.State
	s.Tokens, s.Open, s.Joins, s.Parked, s.Pending, s.Due, s.Calls, s.Undoing = 0, nil, nil, nil, nil, nil, nil, nil
	r.dirty(sc)
	return nil
}

// cancelTask ends an open task that nobody needs any more; its worker is told.
func (r *run) cancelTask(t *Task, cause EventKind) error {
	if t.State == TaskIncident {
		r.closeIncident(t)
	}
	r.stop(t)
	r.abandon(t)
	r.undoAgain(t)
	r.forgo(t)
	t.Epoch++
	t.EndedAt = r.at()
	before := r.cause
	r.cause = cause
	err := r.move(t, TaskCancelled)
	r.cause = before
	r.unwait(t)
	return err
}

// forgo takes away the token that was to evaluate a task again.
func (r *run) forgo(t *Task) {
	sc := r.st.Scopes[t.ScopeID]
	if sc == nil || len(sc.State.Pending) == 0 {
		return
	}
	sc.State.Pending = slices.DeleteFunc(sc.State.Pending, func(p Pending) bool { return p.Task == t.ID })
}

func openIDs(sc *Scope) []string {
	ids := make([]string, 0, len(sc.State.Open))
	for id := range sc.State.Open {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}

// merge lays the fields of one object over those of another, with sorted names.
func merge(base, over json.RawMessage) (json.RawMessage, error) {
	if len(over) == 0 || string(over) == "{}" {
		return base, nil
	}
	if len(base) == 0 {
		return over, nil
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(base, &fields); err != nil {
		return nil, fmt.Errorf("decode the output so far: %w", err)
	}
	if err := json.Unmarshal(over, &fields); err != nil {
		return nil, fmt.Errorf("decode the output: %w", err)
	}
	merged, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encode the output: %w", err)
	}
	if len(merged) > maxPayload {
		return nil, errTooLarge
	}
	return merged, nil
}

// text is a value as people read it: a string without its quotes, anything else as JSON.
func text(raw json.RawMessage) string {
	var s string
	if err := json.Unmarshal(raw, &s); err == nil {
		return s
	}
	return string(raw)
}

package flow

import (
	"errors"
	"fmt"
	"sort"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// settle lets every token move that may: first those that a hold parked, in the order in which they left their tasks, then
// those on their way. It stops at a hold, at the end of the process, and at the bound on steps.
func (r *run) settle() error {
	for _, id := range r.scopeIDs() {
		sc := r.st.Scopes[id]
		if err := r.drain(sc); err != nil {
			return err
		}
		if !r.p.State.Terminal() && sc.ID == r.p.ID && sc.State.Tokens == 0 && r.begun(sc) {
			if err := r.endProcess(sc, ProcessCompleted); err != nil {
				return err
			}
		}
	}
	return nil
}

// scopeIDs lists the loaded scopes in an order that depends on nothing else.
func (r *run) scopeIDs() []string {
	ids := make([]string, 0, len(r.st.Scopes))
	for id := range r.st.Scopes {
		ids = append(ids, id)
	}
	if len(ids) > 1 {
		sort.Strings(ids)
	}
	return ids
}

func (r *run) begun(sc *Scope) bool { return sc.State.Runs[r.g.start.ID] > 0 }

func (r *run) drain(sc *Scope) error {
	stopped := func() bool { return r.p.Held() || r.p.State.Terminal() || r.p.State == ProcessScheduled }
	if stopped() {
		return nil
	}
	s := &sc.State
	if len(s.Parked) > 0 {
		parked := s.Parked
		s.Parked = nil
		r.dirty(sc)
		for _, p := range parked {
			n := r.g.nodes[p.Node]
			if n == nil {
				return fmt.Errorf("flow: a token is parked at node %q, which the graph does not have", p.Node)
			}
			r.leave(sc, n)
		}
	}
	next := 0
	for next < len(s.Pending) && !stopped() {
		if r.steps == MaxSteps {
			r.fx.Continue = true
			break
		}
		r.steps++
		token := s.Pending[next]
		next++
		r.dirty(sc)
		if err := r.arrive(sc, token); err != nil {
			return err
		}
	}
	if !r.p.State.Terminal() && next > 0 {
		s.Pending = append([]Pending(nil), s.Pending[next:]...)
	}
	return nil
}

// arrive lets a token reach what stands before it.
func (r *run) arrive(sc *Scope, token Pending) error {
	if token.Task != "" {
		return r.again(sc, token.Task)
	}
	if token.Edge == "" {
		n := r.g.nodes[token.Node]
		if n == nil {
			return fmt.Errorf("flow: a token stands before node %q, which the graph does not have", token.Node)
		}
		return r.enter(sc, n)
	}
	e := r.g.edges[token.Edge]
	if e == nil {
		return fmt.Errorf("flow: a token is on edge %q, which the graph does not have", token.Edge)
	}
	n := e.to
	if n.Kind == graph.KindParallelGateway && len(n.in) > 1 && !r.join(sc, n, e) {
		return nil
	}
	return r.enter(sc, n)
}

// join adds a token to a parallel gateway and tells whether every incoming edge has one; then one of each is taken and one goes
// on (BPMN 2.0.2 §13.4.1).
func (r *run) join(sc *Scope, n *Node, by *edge) bool {
	s := &sc.State
	if s.Joins == nil {
		s.Joins = map[string]int{}
	}
	s.Joins[by.id]++
	for _, e := range n.in {
		if s.Joins[e.id] == 0 {
			return false
		}
	}
	for _, e := range n.in {
		if s.Joins[e.id]--; s.Joins[e.id] == 0 {
			delete(s.Joins, e.id)
		}
	}
	s.Tokens -= len(n.in) - 1
	return true
}

// enter activates a node for a token.
func (r *run) enter(sc *Scope, n *Node) error {
	if sc.State.Runs == nil {
		sc.State.Runs = map[string]int{}
	}
	sc.State.Runs[n.ID]++
	if sc.State.Runs[n.ID] > MaxRounds {
		why := &wire.Error{Class: wire.ErrorPermanent, Code: CodeTooManyRounds, Message: fmt.Sprintf("this step has been reached %d times in one run of the process", MaxRounds)}
		return r.incident(r.create(sc, n), why)
	}
	return r.perform(sc, n, nil)
}

// again evaluates the open task of an engine-run node once more.
func (r *run) again(sc *Scope, id string) error {
	t := r.st.Tasks[id]
	if t == nil {
		return &NeedTasks{IDs: []string{id}}
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	return r.perform(sc, n, t)
}

// perform does what a node does when a token reaches it. t is the node's open task when this is a second try, else nil.
func (r *run) perform(sc *Scope, n *Node, t *Task) error {
	r.cause = causeToken
	r.vars.scope = sc.ID
	switch n.Kind {
	case graph.KindStartEvent, graph.KindParallelGateway:
		if err := r.passed(sc, n, t); err != nil {
			return err
		}
		r.leave(sc, n)
		return nil
	case graph.KindServiceTask:
		return r.activate(sc, n, t)
	case graph.KindScriptTask:
		return r.script(sc, n, t)
	case graph.KindExclusiveGateway:
		e, why := r.choose(n)
		if why != nil {
			return r.broken(sc, n, t, why)
		}
		if err := r.passed(sc, n, t); err != nil {
			return err
		}
		r.follow(sc, e)
		return nil
	case graph.KindEndEvent:
		return r.end(sc, n, t)
	default:
		return fmt.Errorf("flow: node %s has the unknown kind %q", n.ID, n.Kind)
	}
}

// activate makes the task of a service node, or gives the input that was missing to one that exists.
func (r *run) activate(sc *Scope, n *Node, t *Task) error {
	input, err := n.input.eval(&r.vars)
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, fmt.Errorf("input: %w", err)))
	}
	if t == nil {
		t = r.create(sc, n)
	}
	t.Input = input
	return r.ready(n, t, 1)
}

func (r *run) script(sc *Scope, n *Node, t *Task) error {
	out, err := n.output.eval(&r.vars)
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, fmt.Errorf("output: %w", err)))
	}
	if t == nil {
		t = r.create(sc, n)
	}
	if err := r.closeTask(sc, t, TaskCompleted); err != nil {
		return err
	}
	r.output(t, out)
	r.leave(sc, n)
	return nil
}

// choose evaluates the conditions behind an exclusive gateway in the order of the document; an edge without one is always open.
func (r *run) choose(n *Node) (*edge, *wire.Error) {
	var other *edge
	for _, e := range n.out {
		if e.isDefault {
			other = e
			continue
		}
		if e.condition == nil {
			return e, nil
		}
		open, err := e.condition.holds(&r.vars)
		if err != nil {
			return nil, fault(CodeExpression, fmt.Errorf("condition of edge %s: %w", e.id, err))
		}
		if open {
			return e, nil
		}
	}
	if other == nil {
		return nil, fault(CodeNoPath, errNoPath)
	}
	return other, nil
}

var errNoPath = errors.New("no condition is true and there is no default path")

// passed notes that a token went through a node that has no task, and ends the task that an earlier failure made.
func (r *run) passed(sc *Scope, n *Node, t *Task) error {
	r.fx.Log = append(r.fx.Log, Change{Kind: "node", Node: n.ID, Scope: sc.ID, Run: sc.State.Runs[n.ID], State: string(TaskCompleted)})
	if t == nil {
		return nil
	}
	return r.closeTask(sc, t, TaskCompleted)
}

// broken opens the incident of a node whose evaluation failed.
func (r *run) broken(sc *Scope, n *Node, t *Task, why *wire.Error) error {
	if t == nil {
		t = r.create(sc, n)
	}
	return r.incident(t, why)
}

// leave sends the token at n along all of its outgoing edges; several are an implicit parallel split, none ends the token
// (BPMN 2.0.2 §13.3.1).
func (r *run) leave(sc *Scope, n *Node) {
	sc.State.Tokens += len(n.out) - 1
	for _, e := range n.out {
		r.follow(sc, e)
	}
	r.dirty(sc)
}

// follow puts a token on an edge.
func (r *run) follow(sc *Scope, e *edge) {
	r.fx.Log = append(r.fx.Log, Change{Kind: "edge", Edge: e.id, Node: e.from.ID, Scope: sc.ID})
	sc.State.Pending = append(sc.State.Pending, Pending{Edge: e.id})
}

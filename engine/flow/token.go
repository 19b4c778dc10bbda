package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// settle lets every token move that may: in each scope first what a hold kept from happening, in the order in which it came, then
// the tokens on their way. It stops at a hold, at the end of the process, and at the bound on steps.
func (r *run) settle() error {
	if r.p.State == ProcessCancelling {
		if closing(r.st) != nil && r.ev.Kind == EventContinue {
			if err := r.closeSome(); err != nil {
				return err
			}
		}
		return r.windUp()
	}
	for moved := true; moved && !r.over(); {
		moved = false
		for _, id := range r.scopeIDs() {
			sc := r.st.Scopes[id]
			if sc == nil || r.over() {
				continue // it ended with another one
			}
			progress, err := r.drain(sc)
			if err != nil {
				return err
			}
			moved = moved || progress
		}
		if r.fx.Continue {
			return nil
		}
	}
	return nil
}

// stopped tells whether no token may move.
func (r *run) stopped() bool {
	return r.p.Held() || r.over() || r.p.State == ProcessScheduled
}

// over tells whether nothing in the process counts any more.
func (r *run) over() bool { return r.p.State.Terminal() || r.p.State == ProcessCancelling }

// scopeIDs lists the live scopes in an order that depends on nothing else.
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

// drain moves what may move in one scope and ends the scope when nothing is left; it tells whether it did anything that another
// scope may have to hear of.
func (r *run) drain(sc *Scope) (progress bool, err error) {
	if progress, err = r.release(sc); err != nil {
		return false, err
	}
	for !r.stopped() && r.st.Scopes[sc.ID] == sc {
		moved, err := r.step(sc)
		if err != nil {
			return false, err
		}
		if !moved {
			break
		}
		progress = progress || sc.Kind != ScopeRoot || len(r.st.Scopes) > 1
	}
	if r.over() || r.p.State == ProcessScheduled || r.fx.Continue || r.st.Scopes[sc.ID] != sc {
		return progress, nil
	}
	if sc.Kind == ScopePlan {
		over, err := r.planOver(sc)
		if err != nil || !over {
			return progress, err
		}
		return true, r.endPlan(sc)
	}
	switch { // a scope ends in a hold too; what comes next waits

	case sc.over():
		n := r.g.nodes[sc.NodeID]
		return true, r.endRepeat(sc, n)
	case sc.State.Tokens > 0 || !r.begun(sc):
		return progress, nil
	case sc.Kind == ScopeRoot:
		return false, r.endProcess(sc, ProcessCompleted)
	default:
		return true, r.leaveScope(sc)
	}
}

// release applies what a hold kept from happening in a scope.
func (r *run) release(sc *Scope) (bool, error) {
	s := &sc.State
	if len(s.Parked) == 0 && len(s.Due) == 0 || r.stopped() {
		return false, nil
	}
	parked, due := s.Parked, s.Due
	s.Parked, s.Due = nil, nil
	r.dirty(sc)
	for i, p := range parked {
		if r.over() || r.st.Scopes[sc.ID] != sc {
			return true, nil // it ended, and they with it
		}
		if r.stopped() {
			s.Parked, s.Due = append(parked[i:], s.Parked...), append(due, s.Due...)
			return true, nil
		}
		if err := r.unpark(sc, p); err != nil {
			return false, err
		}
	}
	for i, d := range due {
		if r.over() || r.st.Scopes[sc.ID] != sc {
			return true, nil
		}
		if r.stopped() {
			s.Due = append(due[i:], s.Due...)
			return true, nil
		}
		if _, open := s.Open[d.Task]; !open {
			continue // it has ended meanwhile
		}
		host := r.st.Tasks[d.Task]
		if host == nil {
			return false, &NeedTasks{IDs: []string{d.Task}}
		}
		event := r.g.nodes[d.Node]
		if event == nil {
			return false, errNoNode(d.Node)
		}
		if err := r.interrupt(sc, host, event); err != nil {
			return false, err
		}
	}
	return true, nil
}

// goOrPark lets a token go on from its node: after the hold when there is one, and behind those that the hold parked.
func (r *run) goOrPark(sc *Scope, p Parked) error {
	r.dirty(sc)
	if r.p.Held() || len(sc.State.Parked) > 0 {
		sc.State.Parked = append(sc.State.Parked, p)
		return nil
	}
	return r.unpark(sc, p)
}

// unpark lets a token go on from its node.
func (r *run) unpark(sc *Scope, p Parked) error {
	n, err := r.nodeIn(sc.ID, p.Node)
	switch {
	case err != nil:
		return err
	case n == nil:
		return errNoNode(p.Node)
	case p.Error != nil:
		return r.thrown(sc, n, p.Task, p.Error)
	case p.Via != "":
		return r.via(sc, n, p.Via)
	case n.Kind == graph.KindBoundaryEvent:
		r.pass(sc, n)
	}
	r.leave(sc, n)
	return nil
}

func errNoNode(id string) error {
	return fmt.Errorf("flow: a token is at node %q, which the graph does not have", id)
}

// step moves one token of a scope, begins one entry of a list, or lets one inclusive join go on; it tells whether it did.
func (r *run) step(sc *Scope) (bool, error) {
	if sc.Kind == ScopePlan {
		return r.stepPlan(sc)
	}
	s := &sc.State
	if i := s.idle(); i >= 0 {
		return r.undoNext(sc, i)
	}
	n := r.g.nodes[sc.NodeID]
	filling := n != nil && n.multi != nil && s.Multi.begins(n.multi.limit)
	if len(s.Pending) == 0 && !filling {
		return r.gather(sc)
	}
	if r.steps == MaxSteps {
		r.fx.Continue = true
		return false, nil
	}
	r.steps++
	r.dirty(sc)
	if filling {
		return r.fill(sc, n)
	}
	token := s.Pending[0]
	if len(s.Pending) == 1 {
		s.Pending = nil
	} else {
		s.Pending = s.Pending[1:]
	}
	return true, r.arrive(sc, token)
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
	switch {
	case n.Kind == graph.KindParallelGateway && len(n.in) > 1 && !r.join(sc, n, e):
		return nil
	case n.Kind == graph.KindInclusiveGateway && len(n.in) > 1:
		if sc.State.Joins == nil {
			sc.State.Joins = map[string]int{}
		}
		sc.State.Joins[e.id]++
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
	r.reach(sc, n)
	if sc.State.Runs[n.ID] > MaxRounds {
		r.cause = causeToken
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
	run := sc.State.Runs[n.ID]
	if t != nil {
		run = t.Run
	}
	r.vars.enter(sc.ID, run)
	r.vars.undoing(sc, n, run)
	switch {
	case n.mock != nil && n.mock.Answer == nil:
		return r.pretend(sc, n, t)
	case n.multi != nil && !r.instance(sc, n):
		return r.repeat(sc, n, t)
	}
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
	case graph.KindDecisionTask:
		return r.decide(sc, n, t)
	case graph.KindUserTask:
		return r.ask(sc, n, t)
	case graph.KindTimerEvent, graph.KindMessageEvent, graph.KindEventGateway:
		return r.wait(sc, n, t)
	case graph.KindCompensationEvent:
		return r.compensate(sc, n, t)
	case graph.KindSubProcess:
		return r.sub(sc, n, t)
	case graph.KindCallActivity:
		return r.call(sc, n, t)
	case graph.KindInclusiveGateway:
		return r.split(sc, n, t)
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
		if n.end.Kind == graph.EndCompensate {
			return r.compensate(sc, n, t)
		}
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
	var p plan
	if len(n.border) > 0 && !r.instance(sc, n) && n.mock == nil {
		if err := r.border(&p, n); err != nil {
			return r.broken(sc, n, t, fault(CodeExpression, err))
		}
	}
	if t == nil {
		t = r.create(sc, n)
	}
	t.Input = input
	if n.mock != nil {
		return r.accept(sc, n, t, n.mock.Answer)
	}
	if err := r.ready(n, t, 1); err != nil {
		return err
	}
	r.adopt(t, &p)
	return nil
}

func (r *run) script(sc *Scope, n *Node, t *Task) error {
	out, err := n.output.eval(&r.vars)
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, fmt.Errorf("output: %w", err)))
	}
	if t == nil {
		t = r.create(sc, n)
	}
	return r.computed(sc, n, t, out)
}

func (r *run) decide(sc *Scope, n *Node, t *Task) error {
	out, err := n.decision.decide(&r.vars)
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, err))
	}
	if t == nil {
		t = r.create(sc, n)
	}
	return r.computed(sc, n, t, out)
}

// computed ends a task that the engine ran itself.
func (r *run) computed(sc *Scope, n *Node, t *Task, out json.RawMessage) error {
	if err := r.closeTask(sc, t, TaskCompleted); err != nil {
		return err
	}
	r.output(t, out)
	r.undoable(sc, n, t, out)
	return r.done(sc, n, t, out)
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

// broken fails a node whose evaluation failed: a technical failure of its task.
func (r *run) broken(sc *Scope, n *Node, t *Task, why *wire.Error) error {
	if t == nil {
		t = r.create(sc, n)
	}
	return r.fail(sc, n, t, why)
}

// done lets the token of an ended task go on. That of an entry of a list is counted instead.
func (r *run) done(sc *Scope, n *Node, t *Task, output json.RawMessage) error {
	if r.p.State == ProcessCancelling || n.handler {
		sc.State.Tokens--
		r.dirty(sc)
		return nil
	}
	if sc.Kind == ScopePlan { // what waits for it begins when tokens move
		sc.State.Tokens--
		r.dirty(sc)
		return nil
	}
	if !r.instance(sc, n) {
		return r.goOrPark(sc, Parked{Task: t.ID, Node: n.ID})
	}
	if err := r.collect(sc, n, t, output); err != nil {
		return err
	}
	return r.entryEnded(sc, n, true)
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

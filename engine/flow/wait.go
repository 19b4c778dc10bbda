package flow

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// awaited says which message an event takes.
type awaited struct {
	name string
	key  *evaluator // nil: the empty key
}

func compileMessage(src *graph.Message) (*awaited, error) {
	if src.Name == "" {
		return nil, fmt.Errorf("a message needs a name")
	}
	key, err := compileText(src.Key)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return &awaited{name: src.Name, key: key}, nil
}

// maxKey bounds a correlation key, in bytes.
const maxKey = 500

// keyNow is the correlation key as it is now.
func (a *awaited) keyNow(v *variables) (string, error) {
	if a.key == nil {
		return "", nil
	}
	raw, err := a.key.eval(v)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	key := text(raw)
	if string(raw) == "null" || key == "" {
		return "", fmt.Errorf("key: it is empty")
	}
	if len(key) > maxKey {
		return "", fmt.Errorf("key: it is longer than %d bytes", maxKey)
	}
	return key, nil
}

func (a *awaited) set() readSet {
	if a == nil || a.key == nil {
		return readSet{}
	}
	return a.key.set()
}

// userTask is what a person is asked.
type userTask struct {
	assignee   *evaluator
	groups     []*evaluator
	due        *timer
	escalate   *timer
	escalateTo []*evaluator
}

func compileUser(src *graph.UserTask) (u *userTask, input *mapping, err error) {
	u = &userTask{}
	if input, err = compileMapping(src.Input); err != nil {
		return nil, nil, fmt.Errorf("input: %w", err)
	}
	if u.assignee, err = compileText(src.Assignee); err != nil {
		return nil, nil, fmt.Errorf("assignee: %w", err)
	}
	if u.groups, err = compileTexts(src.Groups); err != nil {
		return nil, nil, fmt.Errorf("groups: %w", err)
	}
	if u.escalateTo, err = compileTexts(src.EscalateTo); err != nil {
		return nil, nil, fmt.Errorf("escalate to: %w", err)
	}
	if src.Due != nil {
		if u.due, err = compileTimer(src.Due); err != nil {
			return nil, nil, fmt.Errorf("due: %w", err)
		}
	}
	if src.Escalate != nil {
		if u.escalate, err = compileTimer(src.Escalate); err != nil {
			return nil, nil, fmt.Errorf("escalate: %w", err)
		}
	}
	return u, input, nil
}

func compileTexts(texts []string) (out []*evaluator, err error) {
	for _, s := range texts {
		e, err := compileText(s)
		if err != nil {
			return nil, err
		}
		if e != nil {
			out = append(out, e)
		}
	}
	return out, nil
}

func (u *userTask) set() readSet {
	var s readSet
	if u == nil {
		return s
	}
	for _, e := range append(append([]*evaluator{u.assignee}, u.groups...), u.escalateTo...) {
		if e != nil {
			s.add(e.set())
		}
	}
	s.add(u.due.set())
	s.add(u.escalate.set())
	return s
}

// plan is what a task is going to wait for, evaluated and not yet written.
type plan struct {
	timers []Timer
	waits  []Wait
}

// await adds what an event waits for: its time or its message.
func (r *run) await(p *plan, event *Node) error {
	if event.timer != nil {
		due, err := event.timer.next(&r.vars, r.ev.At)
		if err != nil {
			return fmt.Errorf("timer of %s: %w", event.ID, err)
		}
		p.timers = append(p.timers, Timer{Kind: TimerWait, Node: event.ID, Due: due})
		return nil
	}
	key, err := event.awaited.keyNow(&r.vars)
	if err != nil {
		return fmt.Errorf("message of %s: %w", event.ID, err)
	}
	p.waits = append(p.waits, Wait{Kind: WaitMessage, Node: event.ID, Name: event.awaited.name, Key: key})
	return nil
}

// border adds what the boundary events of an activity wait for.
func (r *run) border(p *plan, n *Node) error {
	for _, b := range n.border {
		if b.boundary.Kind == graph.BoundaryError {
			continue
		}
		if err := r.await(p, b); err != nil {
			return err
		}
		if last := len(p.waits) - 1; b.awaited != nil {
			p.waits[last].Many = b.boundary.KeepsRunning
		}
	}
	return nil
}

// adopt writes what a task waits for.
func (r *run) adopt(t *Task, p *plan) {
	for _, w := range p.timers {
		w.TaskID, w.Epoch = t.ID, t.Epoch
		r.fx.Timers = append(r.fx.Timers, w)
	}
	for _, w := range p.waits {
		w.TaskID, w.ScopeID = t.ID, t.ScopeID
		r.fx.Waits = append(r.fx.Waits, w)
	}
}

// wait makes the task of an intermediate event or of an event-based gateway.
func (r *run) wait(sc *Scope, n *Node, t *Task) error {
	var p plan
	if n.Kind == graph.KindEventGateway {
		for _, e := range n.out {
			if err := r.await(&p, e.to); err != nil {
				return r.broken(sc, n, t, fault(CodeExpression, err))
			}
		}
	} else if err := r.await(&p, n); err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, err))
	}
	if t == nil {
		t = r.create(sc, n)
	}
	if err := r.move(t, TaskWaiting); err != nil {
		return err
	}
	r.adopt(t, &p)
	return nil
}

// ask makes the task of a person.
func (r *run) ask(sc *Scope, n *Node, t *Task) error {
	var p plan
	input, err := n.input.eval(&r.vars)
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, fmt.Errorf("input: %w", err)))
	}
	offer := Wait{Kind: WaitPerson, Node: n.ID}
	if offer.Assignee, err = textNow(n.user.assignee, &r.vars); err == nil {
		offer.Groups, err = textsNow(n.user.groups, &r.vars)
	}
	if err == nil && n.user.due != nil {
		var due time.Time
		due, err = n.user.due.next(&r.vars, r.ev.At)
		offer.Due = &due
	}
	if err == nil && n.user.escalate != nil {
		var due time.Time
		due, err = n.user.escalate.next(&r.vars, r.ev.At)
		p.timers = append(p.timers, Timer{Kind: TimerWait, Node: n.ID, Due: due})
	}
	if err == nil && !r.instance(sc, n) {
		err = r.border(&p, n)
	}
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, err))
	}
	p.waits = append(p.waits, offer)
	if t == nil {
		t = r.create(sc, n)
	}
	t.Input = input
	if err := r.move(t, TaskWaiting); err != nil {
		return err
	}
	r.adopt(t, &p)
	return nil
}

func textNow(e *evaluator, v *variables) (string, error) {
	if e == nil {
		return "", nil
	}
	raw, err := e.eval(v)
	if err != nil || string(raw) == "null" {
		return "", err
	}
	if s := text(raw); len(s) <= maxKey {
		return s, nil
	}
	return "", fmt.Errorf("a name is longer than %d bytes", maxKey)
}

func textsNow(es []*evaluator, v *variables) (out []string, err error) {
	for _, e := range es {
		s, err := textNow(e, v)
		if err != nil {
			return nil, err
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

// happened applies a time or a message that a task waits for.
func (r *run) happened() error {
	t := r.st.Tasks[r.ev.Task]
	switch {
	case t == nil:
		return r.ignore(IgnoredUnknownTask)
	case r.p.State.Terminal():
		return r.ignore(IgnoredProcessEnded)
	case t.State.Terminal():
		return r.ignore(IgnoredTaskEnded)
	case r.p.State == ProcessCancelling:
		return r.ignore(IgnoredState)
	}
	sc, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	event := r.g.nodes[r.ev.Node]
	if event == nil {
		return fmt.Errorf("flow: task %s waits at node %q, which the graph does not have", t.ID, r.ev.Node)
	}
	if event.boundary != nil {
		return r.crossed(sc, t, event)
	}
	if t.State != TaskWaiting {
		return r.ignore(IgnoredState)
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	if n.Kind == graph.KindUserTask {
		return r.escalated(n, t)
	}
	if err := r.closeTask(sc, t, TaskCompleted); err != nil {
		return err
	}
	if n.Kind != graph.KindEventGateway {
		r.output(t, r.ev.Output)
		return r.goOrPark(sc, Parked{Task: t.ID, Node: n.ID})
	}
	r.outputOf(sc, event, r.ev.Output)
	return r.goOrPark(sc, Parked{Task: t.ID, Node: n.ID, Via: event.ID})
}

// escalated offers a user task to those who look after late ones.
func (r *run) escalated(n *Node, t *Task) error {
	r.vars.enter(t.ScopeID, t.Run)
	r.vars.undoing(r.st.Scopes[t.ScopeID], n, t.Run)
	groups, err := textsNow(n.user.escalateTo, &r.vars)
	if err != nil {
		groups = nil // the task itself goes on: who is to look after it can't be found out
	}
	r.fx.Waits = append(r.fx.Waits, Wait{TaskID: t.ID, ScopeID: t.ScopeID, Kind: WaitPerson, Node: n.ID, Groups: groups})
	r.fx.Log = append(r.fx.Log, Change{Kind: "escalated", Task: t.ID, Node: t.NodeID, Run: t.Run, Scope: t.ScopeID, State: string(t.State)})
	return nil
}

// answered accepts what a person gave.
func (r *run) answered() error {
	t := r.st.Tasks[r.ev.Task]
	switch {
	case r.p.State.Terminal():
		return refuse(RefusedProcessEnded, "the process has ended")
	case r.p.State == ProcessCancelling:
		return refuse(RefusedCancelling, "the process is being cancelled")
	case t == nil:
		return refuse(RefusedTaskUnknown, "the process has no such task")
	case t.State != TaskWaiting:
		return refuse(RefusedNotWaiting, fmt.Sprintf("a task in state %s waits for nobody", t.State))
	case len(r.ev.Output) > maxPayload:
		return refuse(RefusedBadValue, "the answer is larger than 256 KiB")
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	if n.Kind != graph.KindUserTask {
		return refuse(RefusedNotWaiting, "the task waits for no person")
	}
	sc, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	return r.computed(sc, n, t, r.ev.Output)
}

// via lets the token of an event-based gateway go on behind the event that came first.
func (r *run) via(sc *Scope, n *Node, event string) error {
	for _, e := range n.out {
		if e.to.ID != event {
			continue
		}
		r.fx.Log = append(r.fx.Log, Change{Kind: "edge", Edge: e.id, Node: n.ID, Scope: sc.ID})
		r.pass(sc, e.to)
		r.leave(sc, e.to)
		return nil
	}
	return fmt.Errorf("flow: gateway %s has no event %q", n.ID, event)
}

// pass notes that a token went through a node without a task.
func (r *run) pass(sc *Scope, n *Node) {
	r.reach(sc, n)
	r.fx.Log = append(r.fx.Log, Change{Kind: "node", Node: n.ID, Scope: sc.ID, Run: sc.State.Runs[n.ID], State: string(TaskCompleted)})
}

// outputOf gives an event without a task of its own an output; its run is the one that comes next.
func (r *run) outputOf(sc *Scope, n *Node, body json.RawMessage) {
	r.put(sc.ID, n.ID, sc.State.Runs[n.ID]+1, body)
}

// errorValue is what a boundary event gives of an error.
func errorValue(why *wire.Error) json.RawMessage {
	raw, err := json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{why.Code, why.Message})
	if err != nil {
		return emptyObject
	}
	return raw
}

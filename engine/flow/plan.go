package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Codes of the failures of planning tasks.
const (
	CodePlan           = "PLAN_INVALID"
	CodePlanUnexpected = "PLAN_NOT_ALLOWED"
)

// MayPlan tells whether the worker of a node may answer with a plan.
func (n *Node) MayPlan() bool { return n.plans }

// planned accepts a worker's plan: from now on the task runs what is inside it. Whoever had the task has it no more.
func (r *run) planned(sc *Scope, n *Node, t *Task) error {
	if !n.plans {
		t.Epoch++
		return r.fail(sc, n, t, fault(CodePlanUnexpected, errors.New("the worker answered with a plan, which this step does not allow")))
	}
	bp, kept, err := newPlan(t.NodeID, r.ev.Plan)
	if err == nil {
		err = r.planFits(sc, len(bp.tasks))
	}
	t.Epoch++
	if err != nil {
		return r.fail(sc, n, t, fault(CodePlan, fmt.Errorf("the plan can't be run: %w", err)))
	}
	if t.State != TaskRunning {
		if err := r.move(t, TaskRunning); err != nil {
			return err
		}
	}
	r.changed(t)
	detail := json.RawMessage(`{"tasks":` + strconv.Itoa(len(bp.tasks)) + `}`)
	r.fx.Log = append(r.fx.Log, Change{Kind: "planned", Task: t.ID, Node: t.NodeID, Run: t.Run, Scope: t.ScopeID, State: string(t.State), Epoch: t.Epoch,
		Attempt: t.Attempt, Worker: r.ev.Worker, Detail: detail})
	inner := r.open(t, ScopePlan)
	inner.plan, inner.State.Epoch = bp, t.Epoch
	r.outermostPlan(inner).State.Planned += len(bp.tasks)
	r.put(inner.ID, "", 1, kept)
	return nil
}

// planFits tells whether there is room for a plan of so many tasks, inside of a scope.
func (r *run) planFits(sc *Scope, tasks int) error {
	depth := 1
	for at := sc; at != nil && at.Kind == ScopePlan; at = r.st.Scopes[at.ParentID] {
		depth++
	}
	if depth > MaxPlanDepth {
		return fmt.Errorf("it is a plan within %d others, which is too deep", MaxPlanDepth)
	}
	if sc.Kind == ScopePlan {
		if sum := r.outermostPlan(sc).State.Planned + tasks; sum > MaxPlanned {
			return fmt.Errorf("it and the plans around it have %d tasks in all, more than %d", sum, MaxPlanned)
		}
	}
	return nil
}

// outermostPlan finds the plan that a plan lies in, however deep. It counts the tasks of all of them.
func (r *run) outermostPlan(sc *Scope) *Scope {
	for {
		outer := r.st.Scopes[sc.ParentID]
		if outer == nil || outer.Kind != ScopePlan {
			r.dirty(sc)
			return sc
		}
		sc = outer
	}
}

// blueprintOf returns the plan of a scope.
func (st *State) blueprintOf(sc *Scope) (*blueprint, error) {
	if sc.plan == nil {
		raw := st.Data.Outputs[OutputKey{Scope: sc.ID}]
		if len(raw) == 0 {
			return nil, &NeedCollected{Scope: sc.ID}
		}
		bp, err := readBlueprint(sc.NodeID, raw)
		if err != nil {
			return nil, err
		}
		sc.plan = bp
	}
	return sc.plan, nil
}

// NodeIn returns the node of a task: of the graph, or of the plan that the scope runs. Nil: there is none.
func (g *Graph) NodeIn(st *State, scope, id string) *Node {
	sc := st.Scopes[scope]
	if sc == nil || sc.Kind != ScopePlan {
		return g.nodes[id]
	}
	bp, err := st.blueprintOf(sc)
	if err != nil {
		return nil
	}
	n, err := bp.node(id)
	if err != nil {
		return nil
	}
	return n
}

func (r *run) nodeIn(scope, id string) (*Node, error) {
	sc := r.st.Scopes[scope]
	if sc == nil || sc.Kind != ScopePlan {
		return r.g.nodes[id], nil
	}
	bp, err := r.st.blueprintOf(sc)
	if err != nil {
		return nil, err
	}
	return bp.node(id)
}

// within is what a task's id is derived from besides its scope and run: the node, and which plan of the same task it belongs to.
func (sc *Scope) within(node string) string {
	if sc.State.Epoch == 0 {
		return node
	}
	return node + "@" + strconv.FormatInt(sc.State.Epoch, 10)
}

// progress tells which tasks of a plan have begun and which are open.
func (sc *Scope) planProgress() (begun, open map[string]bool) {
	begun, open = map[string]bool{}, map[string]bool{}
	for id := range sc.State.Runs {
		begun[id] = true
	}
	for _, id := range sc.State.Open {
		open[id] = true
	}
	return begun, open
}

// next is a task that has not begun and waits for no other, the first in the plan; nil: there is none.
func (b *blueprint) next(sc *Scope) *planTask {
	begun, open := sc.planProgress()
	done := func(name string) bool { id := b.named[name].id; return begun[id] && !open[id] }
	for _, t := range b.tasks {
		ready := !begun[t.id]
		for _, name := range t.After {
			ready = ready && done(name)
		}
		if ready {
			return t
		}
	}
	return nil
}

// stepPlan begins a task of a plan, or evaluates one again; it tells whether it did.
func (r *run) stepPlan(sc *Scope) (bool, error) {
	bp, err := r.st.blueprintOf(sc)
	if err != nil {
		return false, err
	}
	next := bp.next(sc)
	if len(sc.State.Pending) == 0 && next == nil {
		return false, nil
	}
	if r.steps == MaxSteps {
		r.fx.Continue = true
		return false, nil
	}
	r.steps++
	r.dirty(sc)
	if len(sc.State.Pending) > 0 {
		token := sc.State.Pending[0]
		sc.State.Pending = sc.State.Pending[1:]
		return true, r.arrive(sc, token)
	}
	n, err := bp.node(next.id)
	if err != nil {
		return false, err
	}
	sc.State.Tokens++
	return true, r.enter(sc, n)
}

// planOver tells whether every task of a plan has ended.
func (r *run) planOver(sc *Scope) (bool, error) {
	if sc.State.Tokens > 0 || len(sc.State.Parked) > 0 || len(sc.State.Pending) > 0 {
		return false, nil
	}
	bp, err := r.st.blueprintOf(sc)
	if err != nil {
		return false, err
	}
	begun, open := sc.planProgress()
	for _, t := range bp.tasks {
		if !begun[t.id] || open[t.id] {
			return false, nil
		}
	}
	return true, nil
}

// endPlan gives the result of a plan to the task that made it, as if its worker had answered with that.
func (r *run) endPlan(sc *Scope) error {
	t := r.st.Tasks[sc.ID]
	if t == nil {
		return &NeedTasks{IDs: []string{sc.ID}}
	}
	outer, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	bp, err := r.st.blueprintOf(sc)
	if err != nil {
		return err
	}
	result, err := bp.resultOf(r.st, sc)
	if errors.Is(err, errNotLoaded) {
		return fmt.Errorf("flow: result of the plan of task %s: %w", t.ID, err)
	}
	r.drop(sc)
	r.cause = causeScopeEnd
	if err != nil {
		t.Epoch++
		return r.fail(outer, n, t, fault(CodePlan, err))
	}
	return r.accept(outer, n, t, result)
}

var errNotLoaded = errors.New("an output is not loaded")

func (b *blueprint) resultOf(st *State, sc *Scope) (json.RawMessage, error) {
	output := func(t *planTask) (json.RawMessage, error) {
		if body := st.Data.Outputs[OutputKey{sc.ID, t.id}]; body != nil {
			return body, nil
		}
		return nil, fmt.Errorf("%w: of %s", errNotLoaded, t.id)
	}
	if b.result != "" {
		return output(b.named[b.result])
	}
	all := make(map[string]json.RawMessage, len(b.tasks))
	size := 2
	for _, t := range b.tasks {
		body, err := output(t)
		if err != nil {
			return nil, err
		}
		all[t.Name] = body
		size += len(t.Name) + len(body) + 4
	}
	if size > maxPayload {
		return nil, fmt.Errorf("the outputs of the plan's tasks together are larger than 256 KiB: let the plan name the task whose output is its result")
	}
	return json.Marshal(all)
}

// readsPlan adds what the tasks of a plan may read from now on, and the results that it ends with.
func (g *Graph) readsPlan(u *Needs, st *State, sc *Scope) {
	bp, err := st.blueprintOf(sc)
	if err != nil {
		return // it is loaded first: see plansOf
	}
	begun, _ := sc.planProgress()
	wanted := map[string]bool{}
	ending := true // nothing that has not begun waits for a worker
	for _, t := range bp.tasks {
		if begun[t.id] {
			continue
		}
		ending = ending && t.Answer != nil
		for _, name := range t.After {
			wanted[name] = true
		}
	}
	for _, t := range bp.tasks {
		result := ending && (bp.result == "" || bp.result == t.Name)
		if begun[t.id] && (result || wanted[t.Name]) {
			u.Outputs = append(u.Outputs, OutputKey{sc.ID, t.id})
		}
	}
	for at := sc; at != nil; {
		outer := st.Scopes[at.ParentID]
		if outer == nil {
			return
		}
		if host := g.nodes[at.NodeID]; host != nil && outer.Kind != ScopePlan {
			u.at(g, st, outer.ID, host.after)
			u.at(g, st, outer.ID, host.caught)
			return
		}
		at = outer
	}
}

// plansOf adds the plans that are not loaded. All else that an event may read is known when they are: the caller asks again.
func plansOf(u *Needs, st *State) {
	for _, sc := range st.Scopes {
		if key := (OutputKey{Scope: sc.ID}); sc.Kind == ScopePlan && sc.plan == nil && st.Data.Outputs[key] == nil {
			u.Outputs = append(u.Outputs, key)
		}
	}
}

func inPlan(st *State, scope string) bool {
	sc := st.Scopes[scope]
	return sc != nil && sc.Kind == ScopePlan
}

// plan is the scope of the plan that an expression is of, nil when it is of the graph.
func (v *variables) plan() *Scope {
	if sc := v.st.Scopes[v.scope]; sc != nil && sc.Kind == ScopePlan {
		return sc
	}
	return nil
}

// planInput is `input` in a plan: what the planning task was given.
func (v *variables) planInput(sc *Scope) (any, error) {
	if value, known := v.inputs[sc.ID]; known {
		return value, nil
	}
	t := v.st.Tasks[sc.ID]
	if t == nil {
		return nil, &NeedTasks{IDs: []string{sc.ID}}
	}
	value, err := expr.DecodeJSON(t.Input)
	if err != nil {
		return nil, fmt.Errorf("decode the input of task %s: %w", t.ID, err)
	}
	if v.inputs == nil {
		v.inputs = map[string]any{}
	}
	v.inputs[sc.ID] = value
	return value, nil
}

// PlanAttempts is how often a task of a plan is run at most.
func PlanAttempts(t *wire.PlanTask) int {
	var retry *graph.RetryPolicy
	if len(t.Retry) > 0 && json.Unmarshal(t.Retry, &retry) != nil {
		retry = nil
	}
	return withDefaults(retry).MaxAttempts
}

// PlanTasks lists the tasks of a plan as it is kept, for showing them.
func PlanTasks(raw json.RawMessage) []wire.PlanTask {
	var p wire.Plan
	if json.Unmarshal(raw, &p) != nil {
		return nil
	}
	return p.Tasks
}

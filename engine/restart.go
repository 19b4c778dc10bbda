package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// RestartFromCommand restarts a process from a node: a live one in place, an ended one as a new process that is linked with it.
type RestartFromCommand struct {
	OpCommand
	Node  string
	Scope string // of a live process: where the node is meant; empty when one live scope alone has it
}

// RestartPlan is what a restart from a node would do. Code and Message say why it is refused.
type RestartPlan struct {
	Allowed    bool
	Code       string
	Message    string
	NewProcess bool   // the process has ended: a new one goes on from the node
	Scope      string // where the token would stand
	Cancelled  []NodeTotal
	Hidden     []NodeTotal // runs that count no more; they run again if the token comes to them
	Kept       []string    // nodes that were reached and stay as they are
	Ahead      []string    // nodes that the token can come to
}

// NodeTotal is a number of tasks or runs of a node.
type NodeTotal struct {
	Node string
	N    int
}

// PlanRestart says what a restart from a node would do. It changes nothing.
func (e *Engine) PlanRestart(ctx context.Context, process, node, scope string) (RestartPlan, error) {
	plan, _, err := e.planRestart(ctx, process, node, scope)
	var refused *flow.Refused
	if errors.As(err, &refused) {
		return RestartPlan{Code: refused.Code, Message: refused.Message, Cancelled: []NodeTotal{}, Hidden: []NodeTotal{}, Kept: []string{}, Ahead: []string{}}, nil
	}
	if err != nil {
		return RestartPlan{}, err
	}
	view := RestartPlan{Allowed: true, NewProcess: plan.ended, Scope: plan.Scope, Cancelled: totals(plan.Cancelled), Hidden: []NodeTotal{}, Kept: plan.Kept, Ahead: plan.Ahead}
	hidden := map[string]int{}
	for n, runs := range plan.Hidden {
		hidden[n] = runs.To - runs.From + 1
	}
	view.Hidden = totals(hidden)
	return view, nil
}

func totals(counts map[string]int) []NodeTotal {
	out := make([]NodeTotal, 0, len(counts))
	for node, n := range counts {
		out = append(out, NodeTotal{node, n})
	}
	slices.SortFunc(out, func(a, b NodeTotal) int { return compare(a.Node, b.Node) })
	return out
}

// restartPlan is flow's plan with what it was made from.
type restartPlan struct {
	*flow.RestartPlan
	ended bool
	graph *compiled
}

func (e *Engine) planRestart(ctx context.Context, process, node, scope string) (*restartPlan, *flow.State, error) {
	st, graph, err := e.stateOf(ctx, process)
	if err != nil {
		return nil, nil, err
	}
	if of := graph.graph.PastFor(st, node, scope); of != nil {
		if st.Data.Past, err = e.store.Past(ctx, process, *of); err != nil {
			return nil, nil, storeFault(err, errUnknownProcess())
		}
	}
	plan := &restartPlan{graph: graph, ended: st.Process.State.Terminal()}
	if plan.ended {
		plan.RestartPlan, err = graph.graph.PlanRestartEnded(st.Scopes[process], node, st.Data.Past)
	} else {
		plan.RestartPlan, err = graph.graph.PlanRestart(st, node, scope)
	}
	return plan, st, err
}

// stateOf reads a process as it is committed, and the version that it runs.
func (e *Engine) stateOf(ctx context.Context, process string) (*flow.State, *compiled, error) {
	if uuid.Validate(process) != nil {
		return nil, nil, errUnknownProcess()
	}
	st, err := e.store.State(ctx, process)
	if err != nil {
		return nil, nil, e.missing(ctx, process, err)
	}
	graph, err := e.graphs.get(ctx, st.Process.Definition, st.Process.Version)
	return st, graph, err
}

// RestartFrom restarts a process from a node and returns the process that goes on: the same, or a new one that is linked with it
// when it has ended.
func (e *Engine) RestartFrom(ctx context.Context, cmd RestartFromCommand) (string, error) {
	if cmd.Scope != "" && uuid.Validate(cmd.Scope) != nil {
		return "", fault.New(fault.NotFound, "scope.unknown", "there is no such scope")
	}
	plan, st, err := e.planRestart(ctx, cmd.ProcessID, cmd.Node, cmd.Scope)
	var refused *flow.Refused
	switch {
	case errors.As(err, &refused):
		return "", fault.New(fault.Conflict, refused.Code, refused.Message)
	case err != nil:
		return "", err
	case plan.ended:
		return e.restartEnded(ctx, cmd, plan, st.Scopes[cmd.ProcessID])
	}
	return cmd.ProcessID, e.operate(ctx, cmd.OpCommand, flow.Event{Kind: flow.EventRestart, Node: cmd.Node, Scope: plan.Scope}, nil)
}

// restartEnded starts a process of the same version that begins at the node, with the outputs that came before it.
func (e *Engine) restartEnded(ctx context.Context, cmd RestartFromCommand, plan *restartPlan, root *flow.Scope) (string, error) {
	before := map[string]int{}
	for node, runs := range plan.Hidden {
		before[node] = runs.From
	}
	outputs, err := e.store.VisibleOutputs(ctx, cmd.ProcessID, cmd.ProcessID, before)
	if err != nil {
		return "", storeFault(err, errUnknownProcess())
	}
	start, err := e.startLike(ctx, RestartCommand{OpCommand: cmd.OpCommand})
	if err != nil {
		return "", err
	}
	ev := flow.Event{Kind: flow.EventRestart, Actor: cmd.Actor, Reason: clip(clean(cmd.Reason), 2000), Node: cmd.Node,
		Carried: plan.graph.graph.Carry(root, cmd.Node, plan.RestartPlan, outputs)}
	r, err := e.call(ctx, &entry{process: start.key.Process, start: start, also: cmd.Also, event: ev})
	return r.id, err
}

// pastRef names a past that an event needs.
type pastRef struct {
	process string
	of      flow.PastOf
}

// fetchPast reads the past of a restart: what is stored, then what this batch has done so far.
func (b *batch) fetchPast(ctx context.Context, ref pastRef) error {
	p := b.procs[ref.process]
	past, reached, err := b.tx.Past(ctx, ref.process, ref.of)
	if err != nil {
		return err
	}
	past.See(p.now.log, ref.of, reached)
	for _, o := range p.now.outputs {
		if first, since := past.Since[o.NodeID]; since && o.ScopeID == ref.of.Scope && o.Run < first && !p.now.hides(&o) {
			past.Outputs[o.NodeID] = o.Body
		}
	}
	p.state.Data.Past = past
	return nil
}

// hide takes runs out of sight, of this batch and of the database.
func (b *batch) hide(p *proc, h *flow.Hidden) {
	p.now.hidden = append(p.now.hidden, *h)
	for node := range h.Runs {
		p.known[flow.OutputKey{Scope: h.Scope, Node: node}] = true // what is in memory is what is in sight
	}
	b.write.Hide(p.id, h)
}

// hides tells whether a restart of this batch has hidden an output.
func (c *changes) hides(o *flow.Output) bool {
	return slices.ContainsFunc(c.hidden, func(h flow.Hidden) bool {
		runs, known := h.Runs[o.NodeID]
		return known && h.Scope == o.ScopeID && runs.From <= o.Run && o.Run <= runs.To
	})
}

// sinceRestarts leaves out where tokens went before a restart hid it.
func sinceRestarts(passed []pgstore.Passed, parentOf func(node string) string) []pgstore.Passed {
	type undone struct {
		place int64
		runs  map[string]flow.Runs
	}
	var restarts []undone
	for _, p := range passed {
		if p.Kind == "restarted" {
			restarts = append(restarts, undone{p.Place, flow.HiddenBy(&flow.Change{Kind: p.Kind, Detail: p.Detail})})
		}
	}
	if len(restarts) == 0 {
		return passed
	}
	return slices.DeleteFunc(slices.Clone(passed), func(p pgstore.Passed) bool {
		return slices.ContainsFunc(restarts, func(r undone) bool {
			if r.place < p.Place {
				return false
			}
			for node := p.Node; node != ""; node = parentOf(node) {
				if _, hidden := r.runs[node]; hidden {
					return true
				}
			}
			return false
		})
	})
}

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/trial"
	"github.com/taskurotta/taskurotta-go/designer/validate"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// mostPlanIssues is how many faults of a plan its incident tells.
const mostPlanIssues = 5

// checkPlan holds a plan against the catalog. One that does not fit is a failure of the worker that no retry mends. In a test run the
// tasks that change the world are given an answer instead.
func (b *batch) checkPlan(ctx context.Context, p *proc, ev *flow.Event) error {
	t := p.tasks[ev.Task]
	if t == nil || t.Epoch != ev.Epoch {
		return nil // it comes too late
	}
	if n := p.graph.graph.NodeIn(&p.state, t.ScopeID, t.NodeID); n == nil || !n.MayPlan() {
		return nil // the interpreter refuses it
	}
	refuse := func(why string) {
		ev.Kind, ev.Plan, ev.Output = flow.EventFailed, nil, nil
		ev.Error = &wire.Error{Class: wire.ErrorPermanent, Code: flow.CodePlan, Message: clip(clean("the plan can't be run: "+why), 8<<10)}
	}
	if err := flow.CheckPlan(ev.Plan); err != nil {
		refuse(err.Error())
		return nil
	}
	var plan wire.Plan
	if err := json.Unmarshal(ev.Plan, &plan); err != nil {
		return fmt.Errorf("decode the plan of task %s: %w", t.ID, err)
	}
	seen := map[string]bool{}
	for i := range plan.Tasks {
		if name := plan.Tasks[i].Type; !seen[name] {
			seen[name] = true
			if _, err := b.e.cfg.Catalog.Pool(ctx, name); err != nil { // it looks again for a type that is new
				return errAway(err)
			}
		}
	}
	types, err := b.e.cfg.Catalog.Types(ctx)
	if err != nil {
		return errAway(err)
	}
	if issues := validate.Plan(&plan, types); len(issues) > 0 {
		lines := make([]string, 0, mostPlanIssues)
		for _, issue := range issues[:min(len(issues), mostPlanIssues)] {
			lines = append(lines, fmt.Sprintf("%s: %s (%s)", issue.Node, issue.Message, issue.Code))
		}
		if more := len(issues) - len(lines); more > 0 {
			lines = append(lines, fmt.Sprintf("and %d more", more))
		}
		refuse(strings.Join(lines, "; "))
		return nil
	}
	return answerForTests(p, &plan, types, ev)
}

// answerForTests gives the tasks of a plan in a test run the answers that steps of the draft have there.
func answerForTests(p *proc, plan *wire.Plan, types map[string]wire.Descriptor, ev *flow.Event) error {
	doc := &graph.Document{}
	for i := range plan.Tasks {
		plan.Tasks[i].Answer = nil // it is the engine's to give
		doc.Nodes = append(doc.Nodes, graph.Node{ID: plan.Tasks[i].Name, Kind: graph.KindServiceTask, Service: &graph.ServiceTask{Type: plan.Tasks[i].Type}})
	}
	if p.graph.Number < 0 {
		for name, mock := range trial.Mocks(doc, types, nil, false) {
			for i := range plan.Tasks {
				if plan.Tasks[i].Name == name {
					plan.Tasks[i].Answer = mock.Answer
				}
			}
		}
	}
	raw, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("encode the plan of task %s: %w", ev.Task, err)
	}
	ev.Plan = raw
	return nil
}

// planTask returns the plan's task that a task of a process is.
func (w *whyContext) planTask(t *pgstore.TaskRow) *wire.PlanTask {
	name, planned := flow.PlanName(t.Node)
	if !planned {
		return nil
	}
	for i, task := range w.plans[t.Scope] {
		if task.Name == name {
			return &w.plans[t.Scope][i]
		}
	}
	return nil
}

// loadPlans reads the plans that tasks belong to.
func (w *whyContext) loadPlans(ctx context.Context, rows []pgstore.TaskRow) {
	var scopes []string
	seen := map[string]bool{}
	for i := range rows {
		if _, planned := flow.PlanName(rows[i].Node); planned && !seen[rows[i].Scope] {
			seen[rows[i].Scope] = true
			scopes = append(scopes, rows[i].Scope)
		}
	}
	if len(scopes) == 0 {
		return
	}
	plans, err := w.e.store.Plans(ctx, w.process.ID, scopes)
	if err != nil {
		w.e.log.Warn("read the plans of tasks", "process_id", w.process.ID, "error", err)
	}
	w.plans = map[string][]wire.PlanTask{}
	for scope, raw := range plans {
		w.plans[scope] = flow.PlanTasks(raw)
	}
}

// titleOf is what a node of a version is called; a task of a plan is called after the step that planned it.
func (c *compiled) titleOf(node string) string {
	title := flow.PlanHost(node)
	if n := c.graph.Node(title); n != nil && n.Title != "" {
		title = n.Title
	}
	if rest := strings.TrimPrefix(node, flow.PlanHost(node)); rest != "" {
		title += strings.ReplaceAll(rest, flow.PlanSeparator, " / ")
	}
	return title
}

package engine

import (
	"context"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// ChildView is the last process that a call's task has begun.
type ChildView struct {
	ProcessSummary
	Count int `json:"count"` // processes that the task has begun: one for each time that it was tried
}

// ChildFilter narrows a list of a process's children.
type ChildFilter struct {
	Task   string // the call's task; empty: all calls
	Cursor string
	Limit  int // default 50, at most 200
}

// Children lists the processes that one has called, oldest first, and the cursor of the next page.
func (e *Engine) Children(ctx context.Context, process string, f ChildFilter) ([]ProcessSummary, string, error) {
	if uuid.Validate(process) != nil {
		return nil, "", errUnknownProcess()
	}
	if f.Task != "" && uuid.Validate(f.Task) != nil {
		return nil, "", errUnknownTask()
	}
	if f.Cursor != "" && uuid.Validate(f.Cursor) != nil {
		return nil, "", errCursor
	}
	if _, err := e.store.Process(ctx, process); err != nil {
		return nil, "", e.missing(ctx, process, err)
	}
	limit := limitOf(f.Limit, defaultLimit, mostRows)
	rows, err := e.store.Children(ctx, process, f.Task, f.Cursor, limit+1)
	if err != nil {
		return nil, "", storeFault(err, errUnknownProcess())
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	out := make([]ProcessSummary, len(rows))
	for i := range rows {
		out[i] = summaryOf(&rows[i])
	}
	return out, next, nil
}

// Codes of Why for calls. Params: id, custom_id, definition, and incidents of the second.
const (
	WhyWaitingChild       = "waiting_child"
	WhyWaitingBrokenChild = "waiting_child_incident"
	WhyEndingChild        = "waiting_child_end" // the process is being cancelled and the child ends
)

// loadChildren reads what the calls among the tasks have begun.
func (w *whyContext) loadChildren(ctx context.Context, rows []pgstore.TaskRow) {
	c, err := w.e.graphs.get(ctx, w.process.Definition, w.process.Version)
	if err != nil {
		return
	}
	var calls []string
	for i := range rows {
		if n := c.node(rows[i].Node); n != nil && n.Kind == graph.KindCallActivity {
			calls = append(calls, rows[i].ID)
		}
	}
	if len(calls) == 0 {
		return
	}
	if w.children, err = w.e.store.LastChildren(ctx, calls); err != nil {
		w.e.log.Warn("explain waiting calls", "error", err)
	}
}

// waitingChild says which child process a running call waits for, nil when the task is no such call.
func (w *whyContext) waitingChild(t *pgstore.TaskRow) *Why {
	child := w.children[t.ID]
	if child == nil || flow.ProcessState(child.State).Terminal() {
		return nil
	}
	why := &Why{Code: WhyWaitingChild, Params: map[string]any{"id": child.ID, "custom_id": child.CustomID, "definition": child.Definition},
		TextEN: "waits for the child process " + child.ID + " (" + child.Definition + ")"}
	incidents := child.OpenIncidents + child.IncidentsBelow
	switch {
	case flow.ProcessState(w.process.State) == flow.ProcessCancelling:
		why.Code = WhyEndingChild
		why.TextEN += " to end"
	case incidents > 0:
		why.Code, why.Params["incidents"] = WhyWaitingBrokenChild, incidents
		why.TextEN += ", which has open incidents"
	}
	return why
}

// childOf is the last child process of a call's task as people see it.
func (w *whyContext) childOf(task string) *ChildView {
	child := w.children[task]
	if child == nil {
		return nil
	}
	return &ChildView{ProcessSummary: summaryOf(&child.ProcessRow), Count: child.Count}
}

// allowCall corrects the actions of a call's task: one that waits for its child process may be tried again and skipped.
func allowCall(a *TaskActions, state flow.TaskState, child *ChildView) {
	calls := child != nil && !flow.ProcessState(child.State).Terminal()
	if flow.Retryable(state, calls) {
		a.Retry, a.EditAndRetry = Action{Allowed: true}, Action{Allowed: true}
	}
	if flow.Skippable(state, calls) {
		a.Skip = Action{Allowed: true}
	}
}

// errChild refuses what is for outermost processes only.
func errChild(root string) error {
	return fault.Newf(fault.Conflict, "process.is_child", "the process was called by another one: delete the outermost process, %s, with all that it called", root)
}

package engine

import (
	"context"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// Codes of Why for tasks that wait for the world. Params are named in the comment.
const (
	WhyWaiting           = "waiting"               //
	WhyWaitingUntil      = "waiting_until"         // until
	WhyWaitingMessage    = "waiting_message"       // name, key
	WhyWaitingAnyMessage = "waiting_message_any"   // name
	WhyWaitingFirst      = "waiting_first"         // messages ("name (key)", with commas between), until
	WhyWaitingFirstOf    = "waiting_first_message" // messages
	WhyWaitingAssignee   = "waiting_assignee"      // who
	WhyWaitingClaimed    = "waiting_claimed"       // who
	WhyWaitingGroups     = "waiting_groups"        // groups, with commas between
	WhyWaitingAnybody    = "waiting_anybody"       //
)

// loadWaits reads what the waiting ones among the tasks wait for.
func (w *whyContext) loadWaits(ctx context.Context, rows []pgstore.TaskRow) {
	var waiting []string
	for i := range rows {
		if flow.TaskState(rows[i].State) == flow.TaskWaiting {
			waiting = append(waiting, rows[i].ID)
		}
	}
	if len(waiting) == 0 {
		return
	}
	var err error
	if w.waits, err = w.e.store.WaitsOf(ctx, w.process.ID, waiting); err != nil {
		w.e.log.Warn("explain waiting tasks", "error", err)
	}
}

// waiting says what a task waits for.
func (w *whyContext) waiting(ctx context.Context, t *pgstore.TaskRow) *Why {
	waits := w.waits[t.ID]
	if waits == nil {
		return &Why{Code: WhyWaiting, TextEN: "waits"}
	}
	if waits.Person != nil {
		return waitingPerson(waits.Person)
	}
	// What waits on the border of the task is not what the task waits for.
	var messages []pgstore.Awaited
	for _, m := range waits.Messages {
		if w.arm(ctx, t, m.Node) {
			messages = append(messages, m)
		}
	}
	var until *pgstore.WaitTimer
	for i := range waits.Timers {
		if timer := &waits.Timers[i]; w.arm(ctx, t, timer.Node) && (until == nil || timer.Due.Before(until.Due)) {
			until = timer
		}
	}
	switch {
	case until != nil && len(messages) == 0:
		return &Why{Code: WhyWaitingUntil, Params: map[string]any{"until": until.Due.UTC()}, TextEN: "waits until " + clock(until.Due)}
	case until == nil && len(messages) == 1 && messages[0].Correlation == "":
		return &Why{Code: WhyWaitingAnyMessage, Params: map[string]any{"name": messages[0].Name}, TextEN: "waits for the message " + messages[0].Name}
	case until == nil && len(messages) == 1:
		return &Why{Code: WhyWaitingMessage, Params: map[string]any{"name": messages[0].Name, "key": messages[0].Correlation}, TextEN: "waits for the message " + named(messages[0])}
	case len(messages) == 0:
		return &Why{Code: WhyWaiting, TextEN: "waits"}
	}
	all := make([]string, len(messages))
	for i, m := range messages {
		all[i] = named(m)
	}
	list := strings.Join(all, ", ")
	if until == nil {
		return &Why{Code: WhyWaitingFirstOf, Params: map[string]any{"messages": list}, TextEN: "waits for the first of the messages " + list}
	}
	return &Why{Code: WhyWaitingFirst, Params: map[string]any{"messages": list, "until": until.Due.UTC()},
		TextEN: "waits for the message " + list + ", until " + clock(until.Due)}
}

// arm tells whether an event is the task's own, or one of those that its gateway waits for.
func (w *whyContext) arm(ctx context.Context, t *pgstore.TaskRow, node string) bool {
	if node == t.Node {
		return true
	}
	c, err := w.e.graphs.get(ctx, w.process.Definition, w.process.Version)
	if err != nil {
		return true
	}
	n := c.node(node)
	return n != nil && n.Kind != graph.KindBoundaryEvent
}

func named(m pgstore.Awaited) string {
	if m.Correlation == "" {
		return m.Name
	}
	return m.Name + " (" + m.Correlation + ")"
}

func waitingPerson(p *pgstore.UserTask) *Why {
	switch {
	case p.ClaimedBy != "":
		return &Why{Code: WhyWaitingClaimed, Params: map[string]any{"who": p.ClaimedBy}, TextEN: p.ClaimedBy + " does it"}
	case p.Assignee != "":
		return &Why{Code: WhyWaitingAssignee, Params: map[string]any{"who": p.Assignee}, TextEN: "waits for " + p.Assignee}
	case len(p.Groups) > 0:
		groups := strings.Join(p.Groups, ", ")
		return &Why{Code: WhyWaitingGroups, Params: map[string]any{"groups": groups}, TextEN: "waits for somebody of " + groups}
	default:
		return &Why{Code: WhyWaitingAnybody, TextEN: "waits for anybody to do it"}
	}
}

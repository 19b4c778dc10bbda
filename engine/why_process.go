package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// Codes of Why for a process as a whole. Params are named in the comment.
const (
	WhyJoin    = "join"     // node, branches (those that are missing, with commas between), arrived, all: how many branches there are
	WhyJoinAny = "join_any" // node, branches, arrived, all: of an inclusive join
)

// processWhys says what a live process waits for besides its tasks: its start, the end of a hold, branches at its joins.
func (e *Engine) processWhys(ctx context.Context, p *pgstore.ProcessRow) ([]Why, error) {
	if flow.ProcessState(p.State).Terminal() {
		return nil, nil
	}
	var out []Why
	if flow.ProcessState(p.State) == flow.ProcessScheduled && p.ScheduledAt != nil {
		out = append(out, Why{Code: WhyScheduledUntil, Params: map[string]any{"until": p.ScheduledAt.UTC()}, TextEN: "starts at " + clock(*p.ScheduledAt)})
	}
	w := &whyContext{e: e, process: p}
	if p.SuspendedAt != nil {
		out = append(out, *w.suspended())
	}
	if p.OpenIncidents > 0 {
		out = append(out, *w.heldByIncident(ctx))
	}
	scopes, err := e.store.JoinScopes(ctx, p.ID)
	if err != nil || len(scopes) == 0 {
		return out, err
	}
	c, err := e.graphs.get(ctx, p.Definition, p.Version)
	if err != nil {
		return out, nil //nolint:nilerr // the version is gone or away: what waits is seen without its joins
	}
	for i := range scopes {
		for _, join := range c.graph.JoinWaits(&scopes[i]) {
			if len(join.Missing) > 0 {
				out = append(out, whyJoin(c, join))
			}
		}
	}
	return out, nil
}

func whyJoin(c *compiled, join flow.JoinWait) Why {
	branches := strings.Join(c.titles(join.Missing), ", ")
	all := len(join.Missing) + len(join.Arrived)
	why := Why{Code: WhyJoin, Params: map[string]any{"node": c.titles([]string{join.Node})[0], "branches": branches, "arrived": len(join.Arrived), "all": all}}
	why.TextEN = fmt.Sprintf("%s has %d of %d branches, and waits for %s", why.Params["node"], len(join.Arrived), all, branches)
	if join.Any {
		why.Code = WhyJoinAny
		why.TextEN = fmt.Sprintf("%s has %d of %d branches, and waits for what may still come by %s", why.Params["node"], len(join.Arrived), all, branches)
	}
	return why
}

// titles are the titles of nodes, of one without a title its id.
func (c *compiled) titles(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id
		if n := c.node(id); n != nil && n.Title != "" {
			out[i] = n.Title
		}
	}
	return out
}

func (w *whyContext) suspended() *Why {
	p := w.process
	why := &Why{Code: WhyHeldBySuspend, Params: map[string]any{"since": p.SuspendedAt.UTC(), "by": p.SuspendedBy, "reason": p.SuspendReason},
		TextEN: "the process is suspended by " + p.SuspendedBy + " since " + clock(*p.SuspendedAt)}
	if p.SuspendedByCaller {
		why.Code = WhyHeldByCaller
		why.TextEN = "the process that called it is suspended by " + p.SuspendedBy + " since " + clock(*p.SuspendedAt)
	}
	if p.SuspendReason != "" {
		why.TextEN += ": " + p.SuspendReason
	}
	return why
}

// heldBy is how many nodes with incidents are named.
const heldBy = 3

func (w *whyContext) heldByIncident(ctx context.Context) *Why {
	n := w.process.OpenIncidents
	why := &Why{Code: WhyHeldByIncident, Params: map[string]any{"incidents": n}, TextEN: fmt.Sprintf("the process is held by %d incidents", n)}
	if n == 1 {
		why.TextEN = "the process is held by an incident"
	}
	if w.broken == nil {
		var err error
		if w.broken, err = w.e.store.IncidentNodes(ctx, w.process.ID, heldBy); err != nil {
			w.e.log.Warn("explain waiting tasks", "error", err)
		}
	}
	if len(w.broken) == 0 {
		return why
	}
	names := w.broken
	if c, err := w.e.graphs.get(ctx, w.process.Definition, w.process.Version); err == nil {
		names = c.titles(w.broken)
	}
	at := strings.Join(names, ", ")
	why.Params["nodes"] = at
	why.TextEN += " at " + at
	return why
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Codes of Why. Params are named in the comment.
const (
	WhyHeldByIncident = "hold_incident"     // incidents, nodes (the first of them, with commas between)
	WhyHeldBySuspend  = "hold_suspended"    // since, by, reason
	WhyHeldByCaller   = "hold_caller"       // since, by, reason: the process that called it is suspended
	WhyRedisAway      = "redis_away"        //
	WhyNoWorker       = "no_worker"         // pool, since (when known)
	WhyNoPool         = "no_pool"           // type: nobody ever announced it
	WhyPausedPool     = "paused_pool"       // pool, reason, by, since
	WhyPausedType     = "paused_type"       // type, reason, by, since
	WhyPausedDef      = "paused_definition" // definition, reason, by, since
	WhyHeldByLimit    = "held_by_limit"     // type, most, starts, per_seconds, key (as the limit has them), value (of the key), n (how many are with the workers)
	WhyQueuedBehind   = "queued_behind"     // pool, n (at most whyMost), most
	WhyInQueue        = "in_queue"          // pool, since
	WhyRetryingUntil  = "retrying_until"    // until, attempt, most
	WhyScheduledUntil = "scheduled_until"   // until
	WhyIncident       = "incident"          // code
)

// whyMost is up to how many tasks ahead are counted.
const whyMost = 1000

// whyContext answers why tasks of one process do not move; what it reads is read once.
type whyContext struct {
	e        *Engine
	process  *pgstore.ProcessRow
	seen     map[string]time.Time
	paused   *pauses
	read     bool
	broken   []string                   // nodes with incidents
	waits    map[string]*pgstore.Waits  // by task
	children map[string]*pgstore.Child  // by task
	undoes   map[string]string          // by task: what it undoes
	plans    map[string][]wire.PlanTask // by scope
}

// whys answers for these tasks of a process.
func (e *Engine) whys(ctx context.Context, p *pgstore.ProcessRow, rows []pgstore.TaskRow) *whyContext {
	w := &whyContext{e: e, process: p}
	w.loadWaits(ctx, rows)
	w.loadChildren(ctx, rows)
	w.loadUndoes(ctx, rows)
	w.loadPlans(ctx, rows)
	return w
}

func (w *whyContext) load(ctx context.Context) {
	if w.read {
		return
	}
	w.read = true
	var err error
	if w.seen, err = w.e.store.PoolsSeen(ctx); err != nil {
		w.e.log.Warn("explain waiting tasks", "error", err)
	}
	if w.paused, err = w.e.readPauses(ctx); err != nil {
		w.e.log.Warn("explain waiting tasks", "error", err)
		w.paused = &pauses{}
	}
}

// of says why a task does not move, nil when it runs or has ended.
func (w *whyContext) of(ctx context.Context, t *pgstore.TaskRow) *Why {
	switch flow.TaskState(t.State) {
	case flow.TaskIncident:
		code := ""
		if t.Error != nil {
			code = t.Error.Code
		}
		return &Why{Code: WhyIncident, Params: map[string]any{"code": code}, TextEN: "failed for good (" + code + "); retry or skip it"}
	case flow.TaskRetrying:
		params := map[string]any{"attempt": t.Attempt + 1}
		text := fmt.Sprintf("waits for attempt %d", t.Attempt+1)
		if c, err := w.e.graphs.get(ctx, w.process.Definition, w.process.Version); err == nil {
			if n := c.graph.Node(t.Node); n != nil && n.Retry.MaxAttempts > 0 {
				params["most"] = n.Retry.MaxAttempts
				text += fmt.Sprintf(" of %d", n.Retry.MaxAttempts)
			}
		}
		if t.DueAt != nil {
			params["until"] = t.DueAt.UTC()
			text += " until " + clock(*t.DueAt)
		}
		return &Why{Code: WhyRetryingUntil, Params: params, TextEN: text}
	case flow.TaskReady:
		return w.ready(ctx, t)
	case flow.TaskQueued:
		w.load(ctx)
		if why := w.pause(t); why != nil {
			return why
		}
		if w.e.Degraded() {
			return redisAway()
		}
		if why := w.noWorker(t); why != nil {
			return why
		}
		since := t.PublishedAt
		if since == nil {
			since = t.ReadyAt
		}
		why := &Why{Code: WhyInQueue, Params: map[string]any{"pool": t.Pool}, TextEN: "in the queue of pool " + t.Pool}
		if since != nil {
			why.Params["since"] = since.UTC()
		}
		return why
	case flow.TaskWaiting:
		return w.waiting(ctx, t)
	case flow.TaskRunning:
		return w.waitingChild(t)
	default:
		return nil
	}
}

func (w *whyContext) ready(ctx context.Context, t *pgstore.TaskRow) *Why {
	p := w.process
	if p.SuspendedAt != nil {
		return w.suspended()
	}
	if p.OpenIncidents > 0 {
		return w.heldByIncident(ctx)
	}
	w.load(ctx)
	if t.Pool == "" {
		return &Why{Code: WhyNoPool, Params: map[string]any{"type": t.NodeType}, TextEN: "no worker ever announced " + t.NodeType}
	}
	if why := w.pause(t); why != nil {
		return why
	}
	if w.e.Degraded() {
		return redisAway()
	}
	if why := w.noWorker(t); why != nil {
		return why
	}
	if rule := w.e.limitOf(t.NodeType); rule != nil {
		return w.limited(ctx, t, rule)
	}
	why := &Why{Code: WhyQueuedBehind, Params: map[string]any{"pool": t.Pool, "n": 0}, TextEN: "waits for room in pool " + t.Pool}
	if t.BacklogAt == nil {
		return why
	}
	n, err := w.e.store.Ahead(ctx, t.Pool, t.Priority, t.Process, whyMost)
	if err != nil {
		w.e.log.Warn("explain waiting tasks", "error", err)
		return why
	}
	why.Params["n"], why.Params["most"] = n, n == whyMost
	why.TextEN = fmt.Sprintf("queued behind %d others in pool %s", n, t.Pool)
	return why
}

func redisAway() *Why {
	return &Why{Code: WhyRedisAway, TextEN: "Redis is away: nothing starts until it is back"}
}

// limited says which limit holds a task, and how much of it is used by the tasks with the same key.
func (w *whyContext) limited(ctx context.Context, t *pgstore.TaskRow, rule *limitRule) *Why {
	why := whyLimited(rule)
	key, n, err := w.e.store.LimitUse(ctx, t.Process, t.ID)
	if err != nil {
		if !errors.Is(err, pgstore.ErrNotFound) {
			w.e.log.Warn("explain waiting tasks", "error", err)
		}
		return why
	}
	if value, found := strings.CutPrefix(key, "="); found && rule.Key != "" {
		why.Params["value"] = value
		why.TextEN += " (this one: " + value + ")"
	}
	if rule.Most != nil {
		why.Params["n"] = n
		why.TextEN += fmt.Sprintf("; %d of %d are with the workers", n, *rule.Most)
	}
	return why
}

func whyLimited(rule *limitRule) *Why {
	v := limitView(&rule.Limit)
	why := &Why{Code: WhyHeldByLimit, Params: map[string]any{"type": v.NodeType}, TextEN: "held by the limit of " + v.NodeType + ":"}
	if v.Most > 0 {
		why.Params["most"] = v.Most
		why.TextEN += fmt.Sprintf(" at most %d at once", v.Most)
	}
	if v.Starts > 0 {
		why.Params["starts"], why.Params["per_seconds"] = v.Starts, v.PerSeconds
		why.TextEN += fmt.Sprintf(" at most %d starts in %g s", v.Starts, v.PerSeconds)
	}
	if v.Key != "" {
		why.Params["key"] = v.Key
		why.TextEN += " for each " + v.Key
	}
	return why
}

func (w *whyContext) pause(t *pgstore.TaskRow) *Why {
	for _, s := range []struct {
		kind             PauseKind
		name, code, text string
	}{
		{PauseDefinition, w.process.Definition, WhyPausedDef, "the definition "},
		{PausePool, t.Pool, WhyPausedPool, "pool "},
		{PauseType, t.NodeType, WhyPausedType, ""},
	} {
		if p, paused := w.paused.of(s.kind)[s.name]; paused {
			return &Why{Code: s.code, Params: map[string]any{string(s.kind): s.name, "reason": p.Reason, "by": p.Author, "since": p.At},
				TextEN: s.text + s.name + " is paused by " + p.Author + " since " + clock(p.At) + ": " + p.Reason}
		}
	}
	return nil
}

func (w *whyContext) noWorker(t *pgstore.TaskRow) *Why {
	if t.Pool == "" || w.e.roster.slots()[t.Pool] > 0 {
		return nil
	}
	why := &Why{Code: WhyNoWorker, Params: map[string]any{"pool": t.Pool}, TextEN: "no worker serves pool " + t.Pool}
	if at, known := w.seen[t.Pool]; known {
		why.Params["since"] = at.UTC()
		why.TextEN += " since " + clock(at)
	}
	return why
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

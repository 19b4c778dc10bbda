package flow

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// report applies what a worker, a timer or the watch over workers says of a task. Only the epoch decides whether it counts.
func (r *run) report() error {
	t := r.st.Tasks[r.ev.Task]
	switch {
	case t == nil:
		return r.ignore(IgnoredUnknownTask)
	case r.p.State.Terminal():
		return r.ignore(IgnoredProcessEnded)
	case t.State.Terminal():
		return r.ignore(IgnoredTaskEnded)
	case closing(r.st) != nil:
		return r.ignore(IgnoredClosing)
	case r.ev.Epoch != t.Epoch && (r.ev.Kind != EventTimeout || r.ev.Timeout != "total"):
		return r.ignore(IgnoredStale)
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	out := t.State == TaskReady || t.State == TaskQueued || t.State == TaskRunning // a worker may have it
	switch {
	case r.ev.Kind == EventTimeout:
		return r.timeout(n, t)
	case r.ev.Kind == EventRetryDue && t.State == TaskRetrying:
		return r.ready(n, t, t.Attempt+1)
	case !out || t.Attempt == 0:
		return r.ignore(IgnoredState)
	}
	switch r.ev.Kind {
	case EventStarted:
		return r.started(n, t)
	case EventProgress:
		return r.progress(n, t)
	case EventCompleted:
		return r.completed(n, t)
	case EventFailed:
		why := r.ev.Error
		if why == nil {
			why = &wire.Error{Class: wire.ErrorRetryable, Code: "UNKNOWN", Message: "the worker gave no error"}
		}
		t.Losses = 0
		r.firstStart(n, t)
		return r.failed(n, t, why)
	case EventHandback:
		t.Epoch++
		return r.ready(n, t, t.Attempt)
	case EventWithdrawn:
		if t.State == TaskRunning {
			return r.ignore(IgnoredState)
		}
		t.Epoch++
		return r.ready(n, t, t.Attempt)
	case EventLost:
		return r.lost(n, t)
	default:
		return r.ignore(IgnoredState)
	}
}

// ignore keeps an answer that came too late as part of the history and changes nothing.
func (r *run) ignore(reason string) error {
	r.fx.Ignored = reason
	switch r.ev.Kind {
	case EventCompleted, EventFailed, EventHandback:
		c := Change{
			Kind: "ignored", Task: r.ev.Task, State: string(r.ev.Kind), Code: reason,
			Attempt: r.ev.Attempt, Epoch: r.ev.Epoch, Worker: r.ev.Worker,
		}
		if t := r.st.Tasks[r.ev.Task]; t != nil {
			c.Node, c.Run, c.Scope = t.NodeID, t.Run, t.ScopeID
		}
		r.fx.Log = append(r.fx.Log, c)
	}
	return nil
}

// firstStart dates the first start of a task and arms the timeout that counts from it.
func (r *run) firstStart(n *Node, t *Task) {
	if t.FirstStartedAt != nil {
		return
	}
	at := r.ev.At.Add(-time.Duration(max(r.ev.RunMicros, 0)) * time.Microsecond)
	if at.Before(t.CreatedAt) {
		at = t.CreatedAt
	}
	t.FirstStartedAt = &at
	r.changed(t)
	if n.Timeouts.TotalMS > 0 {
		r.timer(t, TimerTotal, at.Add(milliseconds(n.Timeouts.TotalMS)))
	}
}

func (r *run) started(n *Node, t *Task) error {
	if t.State == TaskRunning {
		return r.ignore(IgnoredState)
	}
	r.firstStart(n, t)
	return r.move(t, TaskRunning)
}

func (r *run) progress(n *Node, t *Task) error {
	if t.State != TaskRunning { // its "started" is still under way or was lost
		r.firstStart(n, t)
		if err := r.move(t, TaskRunning); err != nil {
			return err
		}
	}
	r.fx.Log = append(r.fx.Log, Change{
		Kind: "progress", Task: t.ID, Node: t.NodeID, Run: t.Run, Scope: t.ScopeID, State: string(t.State),
		Attempt: t.Attempt, Epoch: t.Epoch, Percent: r.ev.Percent, Text: r.ev.Text, Worker: r.ev.Worker,
	})
	return nil
}

// completed accepts a worker's output: the only place where an activation of a service task is done.
func (r *run) completed(n *Node, t *Task) error {
	sc, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	r.firstStart(n, t)
	t.Losses = 0
	if len(r.ev.Plan) > 0 {
		return r.planned(sc, n, t)
	}
	return r.accept(sc, n, t, r.ev.Output)
}

// accept ends a service task with what a worker answered.
func (r *run) accept(sc *Scope, n *Node, t *Task, output json.RawMessage) error {
	if n.result != nil {
		r.vars.enter(sc.ID, t.Run)
		r.vars.undoing(sc, n, t.Run)
		r.vars.result = output
		var err error
		if output, err = n.result.eval(&r.vars); err != nil {
			t.Epoch++
			return r.fail(sc, n, t, fault(CodeExpression, fmt.Errorf("result: %w", err)))
		}
	}
	return r.computed(sc, n, t, output)
}

// failed decides between another attempt and an incident. Either way nobody holds the task any more, so its epoch moves on.
func (r *run) failed(n *Node, t *Task, why *wire.Error) error {
	t.Epoch++
	p := &n.Retry
	technical := why.Class != wire.ErrorBusiness && why.Class != wire.ErrorPermanent
	if !technical || !retries(p, why.Code) || t.Attempt >= p.MaxAttempts {
		return r.failGood(n, t, why)
	}
	wait := pause(p, t.ID, t.Attempt)
	if why.RetryAfterMS > 0 {
		wait = milliseconds(why.RetryAfterMS)
	}
	due := r.ev.At.Add(wait)
	if p.TotalMS > 0 && t.FirstStartedAt != nil && due.After(t.FirstStartedAt.Add(milliseconds(p.TotalMS))) {
		return r.failGood(n, t, why)
	}
	t.Error = why
	if err := r.move(t, TaskRetrying); err != nil {
		return err
	}
	r.timer(t, TimerRetry, due)
	return nil
}

// failGood ends a task whose failure no retry mends.
func (r *run) failGood(n *Node, t *Task, why *wire.Error) error {
	sc, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	return r.fail(sc, n, t, why)
}

// lost dispatches a task again whose worker or message is gone; that uses no attempt, but the third time in a row is an
// incident, for the task may be what kills its workers.
func (r *run) lost(n *Node, t *Task) error {
	t.Losses++
	t.Epoch++
	if t.Losses >= MaxLosses {
		return r.failGood(n, t, &wire.Error{
			Class: wire.ErrorRetryable, Code: CodeWorkerLost, Message: fmt.Sprintf("%d workers in a row were lost while they held this task", t.Losses),
		})
	}
	return r.ready(n, t, t.Attempt)
}

// timeout applies a deadline that has passed. Attempt and heartbeat count as a failed run; queue and total end in an incident
// at once. What a hold keeps waiting does not run out of time.
func (r *run) timeout(n *Node, t *Task) error {
	out := t.Attempt > 0 && (t.State == TaskReady || t.State == TaskQueued || t.State == TaskRunning)
	switch r.ev.Timeout {
	case "attempt", "heartbeat":
		if !out {
			return r.ignore(IgnoredState)
		}
		r.stop(t)
		t.Losses = 0
		r.firstStart(n, t)
		if r.ev.Timeout == "attempt" {
			return r.failed(n, t, timedOut("ATTEMPT", "the attempt took longer than %s", n.Timeouts.AttemptMS))
		}
		return r.failed(n, t, timedOut("HEARTBEAT", "the handler was silent for %s", n.Timeouts.HeartbeatMS))
	case "queue":
		if !out || t.FirstStartedAt != nil {
			return r.ignore(IgnoredState)
		}
		if r.p.Held() {
			r.queueTimer(n, t)
			return nil
		}
		r.stop(t)
		t.Epoch++
		return r.failGood(n, t, timedOut("QUEUE", "no worker took the task within %s", n.Timeouts.QueueMS))
	case "total":
		limit := milliseconds(n.Timeouts.TotalMS)
		if t.State == TaskIncident || limit <= 0 || t.FirstStartedAt == nil || r.ev.At.Before(t.FirstStartedAt.Add(limit)) {
			return r.ignore(IgnoredStale)
		}
		planned := r.st.Scopes[t.ID] != nil
		if r.p.Held() && (t.State == TaskReady || t.State == TaskRetrying || planned) {
			r.timer(t, TimerTotal, r.ev.At.Add(limit))
			return nil
		}
		if planned {
			if err := r.endInside(t); err != nil {
				return err
			}
		} else {
			r.stop(t)
		}
		t.Epoch++
		return r.failGood(n, t, timedOut("TOTAL", "all attempts together took longer than %s", n.Timeouts.TotalMS))
	default:
		return fmt.Errorf("flow: unknown timeout %q of task %s", r.ev.Timeout, t.ID)
	}
}

func timedOut(code, format string, ms int64) *wire.Error {
	return &wire.Error{Class: wire.ErrorTimeout, Code: CodeTimeout + code, Message: fmt.Sprintf(format, milliseconds(ms))}
}

var emptyObject = json.RawMessage("{}")

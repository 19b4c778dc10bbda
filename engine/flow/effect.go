package flow

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func (r *run) at() *time.Time {
	at := r.ev.At
	return &at
}

func (r *run) dirty(sc *Scope) {
	if r.fx.ScopeDirty == nil {
		r.fx.ScopeDirty = make(map[string]bool, 1)
	}
	r.fx.ScopeDirty[sc.ID] = true
}

// create makes the task of a node's present run; the caller moves it to its first state.
func (r *run) create(sc *Scope, n *Node) *Task {
	run := sc.State.Runs[n.ID]
	t := &Task{
		ID: TaskID(r.p.ID, sc.ID, sc.within(n.ID), run), ScopeID: sc.ID, NodeID: n.ID, Run: run,
		Epoch: 1, NodeType: n.NodeType, CreatedAt: r.ev.At, recorded: true,
	}
	if sc.State.Open == nil {
		sc.State.Open = map[string]string{}
	}
	if r.st.Tasks == nil {
		r.st.Tasks = map[string]*Task{}
	}
	sc.State.Open[t.ID] = n.ID
	r.st.Tasks[t.ID] = t
	r.fx.Created = append(r.fx.Created, t)
	return t
}

// changed lists a task whose row is to be written, once.
func (r *run) changed(t *Task) {
	if !t.recorded {
		t.recorded = true
		r.fx.Changed = append(r.fx.Changed, t)
	}
}

// move brings a task to another state, which the table of transitions must allow, and logs it.
func (r *run) move(t *Task, to TaskState) error {
	if !legalTask(t.State, to, r.cause) {
		return &IllegalTransition{Task: t.ID, From: string(t.State), To: string(to), On: r.cause}
	}
	t.State = to
	r.changed(t)
	c := Change{
		Kind: "task", Task: t.ID, Node: t.NodeID, Run: t.Run, Scope: t.ScopeID, State: string(to),
		Attempt: t.Attempt, Epoch: t.Epoch, Worker: r.ev.Worker, Actor: r.ev.Actor,
	}
	if t.Error != nil && (to == TaskIncident || to == TaskRetrying) {
		c.Code, c.Text = t.Error.Code, t.Error.Message
	}
	r.fx.Log = append(r.fx.Log, c)
	return nil
}

// ready makes a task one that a worker may take, as run number attempt.
func (r *run) ready(n *Node, t *Task, attempt int) error {
	t.Attempt = attempt
	if err := r.move(t, TaskReady); err != nil {
		return err
	}
	r.queueTimer(n, t)
	r.fx.Dispatch = append(r.fx.Dispatch, t)
	return nil
}

// queueTimer bounds the wait for the first start. It counts from the moment the task last became ready, so that neither a hold
// nor a hand-back eats it up.
func (r *run) queueTimer(n *Node, t *Task) {
	if n.Timeouts.QueueMS > 0 && t.FirstStartedAt == nil {
		r.timer(t, TimerQueue, r.ev.At.Add(milliseconds(n.Timeouts.QueueMS)))
	}
}

func (r *run) timer(t *Task, kind TimerKind, due time.Time) {
	r.fx.Timers = append(r.fx.Timers, Timer{TaskID: t.ID, Epoch: t.Epoch, Kind: kind, Due: due})
}

func milliseconds(ms int64) time.Duration {
	return time.Duration(min(ms, int64(maxPause/time.Millisecond))) * time.Millisecond
}

// incident marks a task as failed for good; from now on its process is held.
func (r *run) incident(t *Task, why *wire.Error) error {
	t.Error = why
	if err := r.move(t, TaskIncident); err != nil {
		return err
	}
	r.p.OpenIncidents++
	r.fx.ProcessDirty = true
	r.fx.Opened = append(r.fx.Opened, Incident{TaskID: t.ID, NodeID: t.NodeID, Code: why.Code, Message: why.Message})
	return nil
}

// closeIncident takes back the hold of one task; the caller moves the task on.
func (r *run) closeIncident(t *Task) {
	r.p.OpenIncidents--
	r.fx.ProcessDirty = true
	r.fx.Closed = append(r.fx.Closed, t.ID)
}

// closeTask brings a task to a terminal state in which its token goes on.
func (r *run) closeTask(sc *Scope, t *Task, to TaskState) error {
	t.EndedAt = r.at()
	if to == TaskCompleted {
		t.Error = nil
	}
	if err := r.move(t, to); err != nil {
		return err
	}
	delete(sc.State.Open, t.ID)
	sc.State.undone(t.ID)
	r.unwait(t)
	r.dirty(sc)
	return nil
}

// unwait takes away what an ended task waited for.
func (r *run) unwait(t *Task) {
	if n := r.g.nodes[t.NodeID]; n != nil && n.waits {
		r.fx.Unwait = append(r.fx.Unwait, t.ID)
		for key := range r.firedOf(t) {
			delete(r.st.Scopes[t.ScopeID].State.Fired, key)
		}
	}
}

// firedOf lists the counts of the repeating timers on a task's border.
func (r *run) firedOf(t *Task) map[string]bool {
	keys := map[string]bool{}
	if sc := r.st.Scopes[t.ScopeID]; sc != nil {
		for key := range sc.State.Fired {
			if strings.HasPrefix(key, t.ID+"/") {
				keys[key] = true
			}
		}
	}
	return keys
}

// output makes a task's output the latest of its node.
func (r *run) output(t *Task, body json.RawMessage) {
	r.put(t.ScopeID, t.NodeID, t.Run, body)
	if sc := r.st.Scopes[t.ScopeID]; sc != nil && sc.Kind == ScopeUndo { // others that undo there may read it
		r.put(sc.data(), t.NodeID, -t.Run, body) // the runs of that scope have numbers of their own
	}
}

// stop asks for the worker of a task to be told; call it before the epoch moves. A ready task counts: the feeder may have put
// it into the window since.
func (r *run) stop(t *Task) {
	if t.Attempt > 0 && (t.State == TaskReady || t.State == TaskQueued || t.State == TaskRunning) {
		told := *t
		told.recorded = false
		r.fx.Stop = append(r.fx.Stop, &told)
	}
}

func (r *run) setProcess(to ProcessState) error {
	if !legalProcess(r.p.State, to) {
		return &IllegalTransition{From: string(r.p.State), To: string(to), On: r.cause}
	}
	r.p.State = to
	if to.Terminal() {
		r.p.EndedAt = r.at()
		r.p.Suspended, r.p.Below = false, 0 // an ended process is held by nothing
		r.answerCaller(to)
	}
	r.fx.ProcessDirty = true
	return nil
}

func (r *run) logProcess() {
	r.fx.Log = append(r.fx.Log, Change{
		Kind: "process", State: r.p.Shown(), Code: r.p.ErrorCode, Text: r.reason(), Actor: r.ev.Actor,
	})
}

func (r *run) reason() string {
	if r.ev.Reason == "" {
		return r.p.ErrorMessage
	}
	return r.ev.Reason
}

// finish sorts out what the whole of the call amounts to: what is dispatched and what waits, what a hold that began takes back.
func (r *run) finish(wasHeld bool, wasShown string) {
	held := r.p.Held()
	dispatch := r.fx.Dispatch
	r.fx.Dispatch = nil
	for _, t := range dispatch {
		switch {
		case t.State != TaskReady: // ended again by the same call
		case held || r.p.State == ProcessCancelling:
			r.fx.Backlog = append(r.fx.Backlog, t)
		case r.fx.Dispatch == nil && len(dispatch) == 1:
			r.fx.Dispatch = dispatch
		default:
			r.fx.Dispatch = append(r.fx.Dispatch, t)
		}
	}
	if held && !wasHeld {
		r.withdraw()
	}
	if len(r.fx.Timers) > 0 {
		kept := r.fx.Timers[:0]
		for _, w := range r.fx.Timers {
			if w.Kind == TimerLimit {
				kept = append(kept, w)
				continue
			}
			if s := r.st.Tasks[w.TaskID].State; !s.Terminal() && (s != TaskIncident || w.Kind == TimerWait) {
				kept = append(kept, w)
			}
		}
		r.fx.Timers = kept
	}
	if len(r.fx.Waits) > 0 {
		r.fx.Waits = slices.DeleteFunc(r.fx.Waits, func(w Wait) bool { return r.st.Tasks[w.TaskID].State.Terminal() })
	}
	if shown := r.p.Shown(); shown != wasShown {
		r.logProcess()
	}
	for _, t := range r.fx.Created {
		t.recorded = false
	}
	for _, t := range r.fx.Changed {
		t.recorded = false
	}
}

// withdraw lists the messages that a hold takes back. A running task runs on.
func (r *run) withdraw() {
	for _, scope := range r.scopeIDs() {
		sc := r.st.Scopes[scope]
		for _, id := range openIDs(sc) {
			t := r.st.Tasks[id]
			switch {
			case t == nil:
				r.fx.Withdraw = append(r.fx.Withdraw, &Task{ID: id, ScopeID: sc.ID, NodeID: sc.State.Open[id]})
			case t.State == TaskQueued:
				r.fx.Withdraw = append(r.fx.Withdraw, t)
			}
		}
	}
}

// MarkQueued brings a task of Dispatch to state queued, in the history too. The caller uses it for tasks that it commits
// straight into the window.
func (e *Effects) MarkQueued(t *Task) {
	t.State = TaskQueued
	for i := len(e.Log) - 1; i >= 0; i-- {
		if c := &e.Log[i]; c.Kind == "task" && c.Task == t.ID {
			c.State = string(TaskQueued)
			return
		}
	}
}

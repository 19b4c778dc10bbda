package engine

import (
	"context"
	"encoding/json"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// collect turns the changes of every process into rows to write.
func (b *batch) collect(ctx context.Context) error {
	for _, p := range b.order {
		b.collectProcess(ctx, p)
		for i := range p.now.letters {
			if err := b.post(p.id, &p.now.letters[i]); err != nil {
				return err
			}
		}
	}
	for d, n := range b.deltas {
		if n != 0 {
			d.N = n
			b.write.Counters = append(b.write.Counters, d)
		}
	}
	return nil
}

func (b *batch) collectProcess(ctx context.Context, p *proc) {
	c := &p.now
	h := p.state.Process
	freed := map[string]int{} // pool → messages that are done with: what comes next in this commit may have their room
	for _, t := range p.tasks {
		if !t.isNew && t.dirty && t.NodeType != "" && t.rowState != flow.TaskRetrying && t.rowState != flow.TaskIncident && !t.planned && !p.withWorker(t) {
			freed[t.Pool]++
			b.wakes = b.wakes || b.e.limitOf(t.NodeType) != nil
		}
	}
	b.dispatch(ctx, p, freed)
	for pool, n := range freed {
		b.e.window.credit(pool, n)
		b.taken[pool] -= n
	}
	w := &b.write
	h.ErrorCode, h.ErrorMessage = clip(clean(h.ErrorCode), 200), clip(clean(h.ErrorMessage), 8<<10)
	moved := p.isNew || c.process || len(c.scopes) > 0 || len(c.log) > 0
	for _, t := range p.tasks {
		if t.isNew || t.dirty {
			moved = true
		}
		b.collectTask(p, t)
	}
	if !moved {
		return
	}
	p.seq++
	root := pgstore.ScopeRow{Process: p.id, Scope: p.root, Seq: p.seq, At: p.at}
	if p.isNew {
		w.NewScopes = append(w.NewScopes, root)
		b.collectNew(p)
		if h.Suspended { // its caller was suspended meanwhile
			b.collectSuspended(p)
		}
	} else {
		w.Scopes = append(w.Scopes, root)
		b.collectHeader(p)
		b.collectClosing(p)
	}
	b.collectScopes(p)
	b.collectUndo(p)
	w.Events = append(w.Events, pgstore.EventRow{Process: p.id, Seq: p.seq, Changes: c.log})
	for part, o := range c.outputs {
		w.NodeOut = append(w.NodeOut, pgstore.OutputRow{Process: p.id, Seq: p.seq, Part: part, Output: o})
		if !c.hides(&o) {
			p.state.Data.Outputs[flow.OutputKey{Scope: o.ScopeID, Node: o.NodeID}] = o.Body
		}
	}
	w.Attempts = append(w.Attempts, mergeAttempts(c.attempts)...)
	w.Kept = append(w.Kept, c.kept...)
	if !h.State.Terminal() {
		for _, timer := range c.timers {
			w.Timers = append(w.Timers, pgstore.TimerRow{Process: p.id, Timer: timer})
		}
		if c.goOn {
			b.wake(p.id)
			w.Inbox = append(w.Inbox, pgstore.Note{Process: p.id, Sender: p.id, Kind: string(flow.EventContinue)})
		}
	}
	for _, wait := range c.waits {
		b.inbox = b.inbox || wait.Kind == flow.WaitMessage // it may have been given a message that waited for it
	}
	for id := range c.closed {
		if _, again := c.opened[id]; !again {
			w.CloseInc = append(w.CloseInc, pgstore.TaskRef{Process: p.id, Task: id})
		}
	}
	for _, inc := range c.opened {
		w.Incidents = append(w.Incidents, pgstore.IncidentRow{Process: p.id, Definition: h.Definition, Version: h.Version, Incident: inc})
	}
}

// collectScopes writes the scopes inside of tasks, and what tasks wait for besides the clock.
func (b *batch) collectScopes(p *proc) {
	c, h, w := &p.now, p.state.Process, &b.write
	for id := range c.scopes {
		if sc := p.state.Scopes[id]; sc != nil && id != p.id {
			w.Inner = append(w.Inner, pgstore.ScopeRow{Process: p.id, Scope: sc})
		}
	}
	for _, id := range c.ended {
		w.EndedIn = append(w.EndedIn, pgstore.ScopeRef{Process: p.id, Scope: id})
	}
	for _, id := range c.unwait {
		w.Unwait = append(w.Unwait, pgstore.TaskRef{Process: p.id, Task: id})
	}
	for _, wait := range c.waits {
		if t := p.tasks[wait.TaskID]; t != nil && !t.State.Terminal() {
			w.Waits = append(w.Waits, pgstore.WaitRow{Process: p.id, Definition: h.Definition, Version: h.Version, Wait: wait})
		}
	}
}

// mergeAttempts makes one row of what several events of a batch said of the same attempt: a statement may not touch a row
// twice.
func mergeAttempts(rows []pgstore.AttemptRow) []pgstore.AttemptRow {
	type key struct {
		task  string
		epoch int64
	}
	at := map[key]int{}
	var out []pgstore.AttemptRow
	for _, r := range rows {
		k := key{r.Task, r.Epoch}
		i, seen := at[k]
		if !seen {
			at[k] = len(out)
			out = append(out, r)
			continue
		}
		o := &out[i]
		if o.Outcome != "" {
			continue
		}
		log := o.Log + r.Log
		if r.Outcome != "" && r.Log != "" {
			log = r.Log
		}
		if r.StartedAt == nil || o.StartedAt != nil {
			r.StartedAt = o.StartedAt
		}
		*o = r
		o.Log = log
	}
	return out
}

func (b *batch) count(p *proc, name string, n int64) {
	if n != 0 {
		b.deltas[pgstore.Delta{Name: name, Definition: p.state.Process.Definition, Version: p.state.Process.Version}] += n
	}
}

// collectNew writes the process of a start.
func (b *batch) collectNew(p *proc) {
	h, s := p.state.Process, p.origin
	row := pgstore.NewProcess{Process: *h, CreatedBy: s.cmd.Actor, RestartedFrom: s.cmd.RestartedFrom, Caller: s.caller, Test: s.graph.Number < 0, Input: s.cmd.Input, SearchKeys: s.graph.searchKeys(s.cmd.Input)}
	if h.State == flow.ProcessScheduled {
		row.ScheduledAt = s.cmd.StartAt
	}
	b.write.NewProcesses = append(b.write.NewProcesses, row)
	if t := s.cmd.Trigger; t != nil {
		b.write.QueueSQL(pgstore.InsertTrigger, p.id, string(t.Kind), s.cmd.Node, t.Ref, t.Name, t.At)
	} else if s.cmd.Node != s.graph.graph.Start() {
		b.write.QueueSQL(pgstore.InsertTrigger, p.id, "", s.cmd.Node, "", "", b.tx.Now) // a restart begins there, too
	}
	b.count(p, "started", 1)
	if h.State.Terminal() {
		if s.active != nil {
			b.write.Freed = append(b.write.Freed, p.id)
		}
		b.count(p, string(h.State), 1)
	} else {
		b.count(p, "live", 1)
		b.count(p, "incidents", int64(h.OpenIncidents))
	}
	if b.e.cfg.Files != nil {
		if len(s.cmd.Files) > 0 {
			b.e.cfg.Files.Grant(commitTx{&b.write}, p.id, s.cmd.Files)
		}
		if s.caller != nil {
			b.e.cfg.Files.Share(commitTx{&b.write}, s.caller.Process, p.id, s.cmd.Input)
		}
		if s.cmd.RestartedFrom != "" {
			b.e.cfg.Files.Copy(commitTx{&b.write}, s.cmd.RestartedFrom, p.id)
		}
	}
}

// collectHeader writes what changed of a process that exists.
func (b *batch) collectHeader(p *proc) {
	h, c := p.state.Process, &p.now
	w := &b.write
	if c.process {
		b.collectSuspended(p)
	}
	ended := h.State.Terminal() && !p.was.state.Terminal()
	if ended {
		w.Ended = append(w.Ended, p.id)
		if p.graph.start.OneActive && h.CustomID != "" {
			w.Freed = append(w.Freed, p.id)
		}
		b.count(p, "live", -1)
		b.count(p, string(h.State), 1)
		if len(h.Output) > 0 {
			if w.Outputs == nil {
				w.Outputs = map[string]json.RawMessage{}
			}
			w.Outputs[p.id] = h.Output
		}
	}
	b.count(p, "incidents", int64(h.OpenIncidents-p.was.incidents))
	switch held := h.Held(); {
	case held && !p.was.held:
		w.Hold = append(w.Hold, p.id)
		b.recall = append(b.recall, p.id)
	case !held && p.was.held && !ended && h.State != flow.ProcessCancelling:
		w.Release = append(w.Release, p.id)
		b.e.window.wakeFeeder()
	}
}

// collectSuspended writes the header, with what a suspension says of itself.
func (b *batch) collectSuspended(p *proc) {
	h, c := p.state.Process, &p.now
	b.write.Processes = append(b.write.Processes, pgstore.ProcessChange{Process: h, SuspendedBy: c.suspender, SuspendReason: c.why,
		SuspendedByCaller: h.Suspended && p.root.State.SuspendedByCaller()})
}

// collectTask writes a task, and its rows in the window and the backlog.
func (b *batch) collectTask(p *proc, t *heldTask) {
	w := &b.write
	if t.isNew {
		w.NewTasks = append(w.NewTasks, &t.Task)
		return
	}
	if !t.dirty {
		return
	}
	change := pgstore.TaskChange{Task: &t.Task, WasState: t.rowState, WasEpoch: t.rowEpoch, QueuedMS: t.queuedMS, RunUS: t.runUS, Percent: t.percent, Text: t.text, DueAt: t.due}
	if t.edited || t.State == flow.TaskReady || t.State == flow.TaskQueued {
		change.Input = t.Input
	}
	w.Tasks = append(w.Tasks, change)
	ref := pgstore.TaskRef{Process: p.id, Task: t.ID}
	if t.State == flow.TaskCancelled && t.rowState == flow.TaskReady {
		b.stop(p, t, t.rowEpoch) // the feeder may have put it into the window
	}
	if t.NodeType == "" {
		return
	}
	inWindow := p.withWorker(t)
	switch t.rowState {
	case flow.TaskReady:
		if t.State != flow.TaskReady {
			w.Unbacklog = append(w.Unbacklog, ref)
		}
		if !inWindow {
			w.Unqueue = append(w.Unqueue, ref)
		}
	case flow.TaskQueued, flow.TaskRunning:
		if !inWindow {
			w.Unqueue = append(w.Unqueue, ref)
		}
	}
}

// dispatch decides for every task that became ready whether it is queued now or waits in the backlog.
func (b *batch) dispatch(ctx context.Context, p *proc, freed map[string]int) {
	h := p.state.Process
	seen := map[string]bool{}
	for _, id := range p.now.dispatch {
		t := p.tasks[id]
		if t == nil || seen[id] || t.State != flow.TaskReady {
			continue
		}
		seen[id] = true
		t.dirty = true
		node := p.graph.graph.NodeIn(&p.state, t.ScopeID, t.NodeID)
		if node == nil {
			continue
		}
		if t.Pool == "" {
			t.Pool = b.e.poolOf(ctx, t.NodeType)
		}
		m := pgstore.Message{Process: p.id, Task: t.ID, Epoch: t.Epoch, Pool: t.Pool, NodeType: t.NodeType, Definition: h.Definition, Priority: h.Priority,
			Lane: laneOf(h.Priority, t.Losses > 0), Fresh: t.isNew, AttemptMS: node.Timeouts.AttemptMS, HeartbeatMS: node.Timeouts.HeartbeatMS, Held: h.Held()}
		at := rank{h.Priority, p.id}
		m.Limited = b.e.limitOf(t.NodeType) != nil
		if m.Held || m.Limited || t.Pool == "" || !b.admit(subject{t.Pool, t.NodeType, h.Definition}, at, freed, t.Losses > 0) {
			b.write.Backlog = append(b.write.Backlog, m)
			switch {
			case m.Limited:
				b.wakes = true
			case !m.Held:
				b.answers = append(b.answers, func() { b.e.window.stored(m.Pool, at) })
			}
			continue
		}
		t.State = flow.TaskQueued
		relabel(p.now.log, t.ID)
		b.write.Queue = append(b.write.Queue, m)
		b.publish = append(b.publish, b.e.message(&m, h.CustomID, &t.Task.Task))
	}
	for _, ref := range p.now.started {
		if t := p.tasks[ref.Task]; t != nil && t.State == flow.TaskRunning {
			b.write.Started = append(b.write.Started, ref)
		}
	}
}

// admit finds room in the window for a task: that of a message of its own process first. One whose worker was lost is sent again.
func (b *batch) admit(of subject, at rank, freed map[string]int, again bool) bool {
	if freed[of.pool] > 0 {
		if b.e.window.pass(of, at.priority, again) {
			freed[of.pool]--
			return true
		}
		return false
	}
	if b.e.window.take(of, at) {
		b.taken[of.pool]++
		return true
	}
	return false
}

// relabel makes the history say queued where Advance said ready.
func relabel(log []flow.Change, task string) {
	for i := len(log) - 1; i >= 0; i-- {
		if log[i].Task == task && log[i].Kind == "task" && log[i].State == string(flow.TaskReady) {
			log[i].State = string(flow.TaskQueued)
			return
		}
	}
}

// laneOf is where a message waits. A task whose worker was lost has waited for its turn before: the next free slot is its.
func laneOf(priority int, again bool) wire.Lane {
	if priority == urgent || again {
		return wire.LaneUrgent
	}
	return wire.LaneNormal
}

// message makes what a worker gets. A large input is fetched by the worker, under a reference that names its revision.
func (e *Engine) message(m *pgstore.Message, customID string, t *flow.Task) dispatch.Message {
	task := wire.Task{V: wire.Version, Process: m.Process, Task: m.Task, Epoch: m.Epoch, Attempt: max(t.Attempt, 1), NodeType: m.NodeType, CustomID: customID,
		Node: t.NodeID, InputRev: t.InputRev, AttemptMS: m.AttemptMS, HeartbeatMS: m.HeartbeatMS}
	if len(t.Input) <= e.cfg.InlineInput {
		task.Input = t.Input
	} else {
		task.InputRef = inputRef(m.Process, m.Task, t.InputRev)
	}
	return dispatch.Message{Pool: m.Pool, Lane: m.Lane, Task: task}
}

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// changes gathers the effects of all the events of one process in one batch.
type changes struct {
	created   []*heldTask
	outputs   []flow.Output
	dispatch  []string // task ids, in order; their final state decides
	timers    []flow.Timer
	opened    map[string]flow.Incident
	closed    map[string]bool
	attempts  []pgstore.AttemptRow
	kept      []pgstore.InputKept
	started   []pgstore.TaskRef
	log       []flow.Change
	goOn      bool
	letters   []flow.Letter
	waits     []flow.Wait
	unwait    []string
	ended     []string // scopes
	scopes    map[string]bool
	hidden    []flow.Hidden
	undoable  []flow.UndoRecord
	undone    []flow.UndoStep
	process   bool
	suspender string
	why       string
}

// taskBefore is the event's task before the event.
type taskBefore struct {
	epoch     int64
	attempt   int
	state     flow.TaskState
	startedAt *time.Time
	worker    string
	input     json.RawMessage
	rev       int
}

// take adds the effects of one event to its process's changes.
func (b *batch) take(ctx context.Context, p *proc, en *entry, ev *flow.Event, t *heldTask, before taskBefore, fx *flow.Effects) error {
	c := &p.now
	if fx.Ignored != "" {
		b.ignored(p, en, ev, fx)
		return nil
	}
	if err := b.keepFiles(ctx, p, en, fx.Files); err != nil {
		return err
	}
	if en.reply != nil && en.start == nil {
		b.answers = append(b.answers, func() { en.answer(reply{id: p.id}) })
	}
	if len(en.files) > 0 && b.e.cfg.Files != nil {
		b.e.cfg.Files.Grant(commitTx{&b.write}, p.id, en.files)
	}
	for _, created := range fx.Created {
		h := &heldTask{Task: pgstore.Task{Task: *created, Process: p.id}, isNew: true}
		p.addTask(h)
		c.created = append(c.created, h)
	}
	for _, changed := range fx.Changed {
		if h := p.tasks[changed.ID]; h != nil {
			b.touch(p, h, ev, h == t, before)
			if !planEnded(fx, h.ID) {
				b.cutShort(p, h, h == t)
			}
		}
	}
	if t != nil {
		b.report(p, en, ev, t, before)
	}
	if fx.Hidden != nil {
		b.hide(p, fx.Hidden)
	}
	if en.migrate != nil {
		b.migrated(p, en.migrate)
	}
	if ev.Kind == flow.EventFire { // it does not come again by itself
		b.write.DropWaits = append(b.write.DropWaits, pgstore.TimerRow{Process: p.id, Timer: flow.Timer{TaskID: ev.Task, Kind: flow.TimerWait, Node: ev.Node}})
	}
	c.outputs = append(c.outputs, fx.Outputs...)
	c.undoable, c.undone = append(c.undoable, fx.Undoable...), append(c.undone, fx.Undone...)
	for _, list := range [][]*flow.Task{fx.Dispatch, fx.Backlog} {
		for _, d := range list {
			c.dispatch = append(c.dispatch, d.ID)
		}
	}
	for _, stop := range fx.Stop {
		if h := p.tasks[stop.ID]; h != nil {
			b.stop(p, h, stop.Epoch)
		}
	}
	for _, timer := range fx.Timers {
		c.timers = append(c.timers, timer)
		if h := p.tasks[timer.TaskID]; h != nil && (timer.Kind == flow.TimerRetry || timer.Node == h.NodeID) {
			due := timer.Due
			h.due, h.dirty = &due, true
		}
	}
	for _, id := range fx.Closed {
		delete(c.opened, id)
		setOf(&c.closed)[id] = true
	}
	for _, inc := range fx.Opened {
		if c.opened == nil {
			c.opened = map[string]flow.Incident{}
		}
		inc.Message = clip(clean(inc.Message), 8<<10)
		c.opened[inc.TaskID] = inc
	}
	c.log = append(c.log, fx.Log...)
	if ev.Reason != "" {
		why := flow.Change{Kind: "operation", Task: ev.Task, Code: string(ev.Kind), Text: ev.Reason, Actor: ev.Actor}
		if t != nil {
			why.Node = t.NodeID
		}
		c.log = append(c.log, why)
	}
	if en.also != nil {
		en.also(commitTx{&b.write}, p.id)
	}
	c.goOn = c.goOn || fx.Continue
	c.letters = append(c.letters, fx.Letters...)
	if ev.Kind == flow.EventChild && b.e.cfg.Files != nil {
		b.e.cfg.Files.Share(commitTx{&b.write}, ev.Child, p.id, ev.Output)
	}
	for id := range fx.ScopeDirty {
		setOf(&c.scopes)[id] = true
	}
	c.process = c.process || fx.ProcessDirty
	if ev.Kind == flow.EventPriority {
		b.write.Priority = append(b.write.Priority, pgstore.PriorityRow{Process: p.id, Priority: p.state.Process.Priority})
	}
	switch above := p.root.State.Above; {
	case ev.Kind == flow.EventSuspend && (ev.Caller == nil || above != nil && !above.Self):
		c.suspender, c.why = ev.Actor, ev.Reason
	case ev.Kind == flow.EventResume && ev.Caller == nil && above != nil && above.Held: // what is left is the caller's hold
		c.suspender, c.why = above.Actor, above.Reason
	}
	c.waits = append(c.waits, fx.Waits...)
	c.unwait = append(c.unwait, fx.Unwait...)
	for _, sc := range fx.Ended {
		c.ended = append(c.ended, sc.ID)
	}
	return nil
}

// keepFiles stores values that are too large to be kept inline, before the commit that names them: content that nothing names is
// found and removed later.
func (b *batch) keepFiles(ctx context.Context, p *proc, en *entry, files []flow.File) error {
	for _, f := range files {
		if b.e.cfg.Files == nil {
			return &entryError{entry: en, err: fault.New(fault.Invalid, "process.files_unsupported", "this server keeps no files")}
		}
		grant := FileGrant{SHA256: f.SHA256, Name: f.Name, Size: int64(len(f.Body)), MediaType: f.MediaType}
		if err := b.e.cfg.Files.Keep(ctx, commitTx{&b.write}, p.id, grant, f.Body); err != nil {
			return fmt.Errorf("keep the values of process %s: %w", p.id, err)
		}
	}
	return nil
}

func setOf(m *map[string]bool) map[string]bool {
	if *m == nil {
		*m = map[string]bool{}
	}
	return *m
}

// ignored answers a command that came too late and keeps a late result as a line of the history. What the engine itself sent
// (timers, losses) leaves no trace when it is stale, nor does a late start or progress.
func (b *batch) ignored(p *proc, en *entry, ev *flow.Event, fx *flow.Effects) {
	if en.reply != nil {
		b.answers = append(b.answers, func() {
			en.answer(reply{err: fault.New(fault.Conflict, "flow."+fx.Ignored, "the operation does not apply to the present state: "+fx.Ignored)})
		})
	}
	if en.report == nil || (ev.Kind != flow.EventCompleted && ev.Kind != flow.EventFailed) {
		return
	}
	if len(fx.Log) > 0 {
		p.now.log = append(p.now.log, fx.Log...)
		return
	}
	p.now.log = append(p.now.log, flow.Change{Kind: "ignored", Task: ev.Task, Epoch: ev.Epoch, Worker: ev.Worker, Code: fx.Ignored, Text: string(ev.Kind)})
}

// stop has a message taken out of the queue, or its worker told, after the commit.
func (b *batch) stop(p *proc, h *heldTask, epoch int64) {
	b.stops[wire.TaskID(h.ID, epoch)] = dispatch.Ref{Pool: h.Pool, Lane: laneOf(p.state.Process.Priority, h.Losses > 0), Task: h.ID, Epoch: epoch}
}

// touch prepares the row of a task that Advance changed.
func (b *batch) touch(p *proc, h *heldTask, ev *flow.Event, own bool, before taskBefore) {
	h.dirty = true
	if h.State != flow.TaskRunning {
		h.percent, h.text = nil, nil
	}
	if h.State != flow.TaskRetrying {
		h.due = nil
	}
	switch h.State {
	case flow.TaskReady, flow.TaskRetrying:
		h.StartedAt = nil
		if h.State == flow.TaskReady {
			h.Worker = ""
		}
	}
	if own && ev.Kind == flow.EventRetry && len(ev.Input) > 0 && h.InputRev != before.rev {
		h.edited = true
		p.now.kept = append(p.now.kept, pgstore.InputKept{Process: p.id, Task: h.ID, Input: before.input})
	}
}

// cutShort ends the attempt of a task that is cancelled while a worker runs it.
func (b *batch) cutShort(p *proc, h *heldTask, own bool) {
	if !own && h.State == flow.TaskCancelled && h.rowState == flow.TaskRunning && h.NodeType != "" {
		now := b.tx.Now
		p.now.attempts = append(p.now.attempts, pgstore.AttemptRow{Process: p.id, Task: h.ID, Epoch: h.rowEpoch, Attempt: h.Attempt, Worker: h.Worker,
			Outcome: "cancelled", QueuedAt: h.ReadyAt, StartedAt: h.StartedAt, EndedAt: &now})
	}
}

// planEnded tells whether a task ended with a plan inside it: no worker had it.
func planEnded(fx *flow.Effects, task string) bool {
	return slices.ContainsFunc(fx.Ended, func(sc *flow.Scope) bool { return sc.ID == task && sc.Kind == flow.ScopePlan })
}

// report writes down what an event says of an attempt: the task's columns, and a row of its own unless the first try just
// succeeded without a word.
func (b *batch) report(p *proc, en *entry, ev *flow.Event, t *heldTask, before taskBefore) {
	b.tally(p, ev, t, before)
	now := b.tx.Now
	row := pgstore.AttemptRow{Process: p.id, Task: t.ID, Epoch: before.epoch, Attempt: max(before.attempt, 1), Worker: ev.Worker, QueuedAt: t.ReadyAt, StartedAt: before.startedAt}
	if row.Worker == "" {
		row.Worker = before.worker
	}
	if en.report != nil {
		row.Log = en.report.Log
	}
	ran := before.state == flow.TaskRunning
	switch ev.Kind {
	case flow.EventStarted:
		t.Worker, t.StartedAt, t.dirty = ev.Worker, &now, true
		row.StartedAt = &now
		t.waited(now)
		p.now.started = append(p.now.started, pgstore.TaskRef{Process: p.id, Task: t.ID})
	case flow.EventProgress:
		percent, text := ev.Percent, ev.Text
		t.percent, t.text, t.dirty = &percent, &text, true
		if row.Log == "" {
			return
		}
	case flow.EventCompleted, flow.EventFailed:
		us := ev.RunMicros
		t.Worker, t.runUS, t.dirty = ev.Worker, &us, true
		if row.StartedAt == nil {
			started := now.Add(-time.Duration(us) * time.Microsecond)
			row.StartedAt = &started
			t.waited(started)
		}
		if t.State != flow.TaskRetrying && t.State != flow.TaskReady {
			t.StartedAt = row.StartedAt
		}
		row.RunUS, row.Error = &us, ev.Error
		if ev.Kind == flow.EventCompleted && !ran && row.Log == "" && len(ev.Plan) == 0 {
			return
		}
	case flow.EventLost:
	case flow.EventTimeout:
		if !ran && ev.Timeout != "attempt" {
			return
		}
		row.Error = t.Error
	case flow.EventHandback, flow.EventWithdrawn:
		if !ran {
			return
		}
	default:
		return
	}
	if row.Outcome = outcomeOf(ev); row.Outcome != "" {
		row.EndedAt = &now
		if ran || row.Outcome == "completed" || row.Outcome == "failed" {
			if row.StartedAt == nil {
				row.StartedAt = &now
			}
		}
	}
	p.now.attempts = append(p.now.attempts, row)
}

// commitTx lets others add statements to a commit.
type commitTx struct{ w *pgstore.Write }

// Queue adds a statement.
func (t commitTx) Queue(sql string, args ...any) { t.w.QueueSQL(sql, args...) }

func timerRow(t *pgstore.DueTimer) pgstore.TimerRow {
	return pgstore.TimerRow{Process: t.Process, Timer: flow.Timer{TaskID: t.Task, Kind: t.Kind, Node: t.Node, Epoch: t.Epoch}}
}

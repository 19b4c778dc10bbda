package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// batch is one commit: the entries, the processes that they touch, and what is to be written and done afterwards.
type batch struct {
	e       *Engine
	entries []*entry
	procs   map[string]*proc
	order   []*proc
	tx      *pgstore.Tx
	write   pgstore.Write

	publish   []dispatch.Message
	stops     map[string]dispatch.Ref // by asynq task id: messages that nobody is to run any more
	recall    []string                // processes that are held from now on: their messages are taken back
	taken     map[string]int          // pool → room of the window that this batch took
	deltas    map[pgstore.Delta]int64
	attempts  map[string]*AttemptTotals // by node type
	wakes     bool                      // the feeder: a limit may let something through
	answers   []func()
	acks      []streamPosition
	inbox     bool
	elsewhere map[int]bool // shards of other engines that are said something
	done      []*entry
}

// entryError is the fault of one entry: the batch is done again without it.
type entryError struct {
	entry *entry
	err   error
}

func (e *entryError) Error() string { return e.err.Error() }

func (e *entryError) Unwrap() error { return e.err }

// errReload says that a process must be read again with every open task.
type errReload struct {
	process string
	entry   *entry
}

func (e *errReload) Error() string { return "process " + e.process + " needs its open tasks" }

// commit applies the entries in one transaction. On an error nothing has happened, and whatever was taken from memory is
// gone from there. whole names processes that are loaded with every open task.
func (e *Engine) commit(ctx context.Context, entries []*entry, whole map[string]bool) (*batch, error) {
	b := &batch{e: e, entries: entries, procs: make(map[string]*proc, len(entries)),
		stops: map[string]dispatch.Ref{}, taken: map[string]int{}, deltas: map[pgstore.Delta]int64{}}
	if err := b.run(ctx, whole); err != nil {
		if b.tx != nil {
			b.tx.Rollback()
		}
		for pool, n := range b.taken {
			e.window.credit(pool, n)
		}
		return nil, err
	}
	e.usage.committed(b)
	for _, p := range b.order {
		if p.state.Process != nil && !p.state.Process.State.Terminal() {
			p.settle(b.tx.Now)
			e.memory.put(p)
		}
	}
	for _, answer := range b.answers {
		answer()
	}
	if b.wakes {
		e.limitNews.Store(true)
		e.window.wakeFeeder()
	}
	if (len(b.taken) > 0 || len(b.write.Backlog) > 0) && e.window.anyBacklog() {
		e.window.wakeFeeder()
	}
	return b, nil
}

func (b *batch) run(ctx context.Context, whole map[string]bool) error {
	starts, err := b.begin(ctx, whole)
	if err != nil {
		return err
	}
	for _, en := range starts {
		b.open(en)
	}
	if err := b.loadData(ctx); err != nil {
		return err
	}
	for _, en := range b.entries {
		if err := b.apply(ctx, en); err != nil {
			return err
		}
	}
	if err := b.collect(ctx); err != nil {
		return err
	}
	return b.tx.Commit(ctx, &b.write)
}

// begin locks and loads. It returns the starts that are really new.
func (b *batch) begin(ctx context.Context, whole map[string]bool) ([]*entry, error) {
	var (
		ids    []string
		keys   []pgstore.Key
		notes  []int64
		starts []*entry
		byKey  = map[[2]string]*entry{}
		seen   = make(map[string]bool, len(b.entries))
		twins  []*entry
	)
	for _, en := range b.entries {
		if en.inbox != 0 {
			notes = append(notes, en.inbox)
		}
		switch {
		case en.refusal != nil:
		case en.start == nil:
			if !seen[en.process] {
				seen[en.process] = true
				ids = append(ids, en.process)
			}
		case en.start.key.Key == "":
			starts = append(starts, en)
		case byKey[en.start.keyID()] != nil:
			twins = append(twins, en)
		default:
			byKey[en.start.keyID()] = en
			keys = append(keys, en.start.key)
			starts = append(starts, en)
		}
	}
	tx, begun, err := b.e.store.Begin(ctx, ids, keys, notes)
	if err != nil {
		return nil, err
	}
	b.tx = tx
	if len(begun.Inbox) < len(notes) {
		starts = b.leaveOut(starts, begun.Inbox)
	}
	var held map[[2]string]pgstore.Key
	if len(begun.Claimed) < len(keys) {
		if starts, held, err = b.settleKeys(ctx, starts, begun.Claimed); err != nil {
			return nil, err
		}
	}
	starts, refused, err := b.claimActive(ctx, starts)
	if err != nil {
		return nil, err
	}
	for _, en := range twins {
		first := byKey[en.start.keyID()]
		key, known := held[en.start.keyID()]
		switch why := refused[first]; {
		case known:
			b.answerKnown(en, key)
		case why != nil:
			b.answers = append(b.answers, func() { en.answer(reply{err: why}) })
		default:
			b.answerKnown(en, first.start.key)
		}
	}
	return starts, b.load(ctx, begun.Roots, whole)
}

// fewOpen is how many open tasks are loaded with a process without being asked for.
const fewOpen = 8

// open puts the process of a start among the batch's processes.
func (b *batch) open(en *entry) {
	s := en.start
	p := newProc(en.process)
	p.isNew, p.origin, p.graph = true, s, s.graph
	p.input, p.state.Data.Input = true, s.cmd.Input
	p.state.Process = &flow.Process{ID: p.id, CustomID: s.cmd.CustomID, Definition: s.graph.Key, Version: s.graph.Number, State: "", Priority: s.cmd.Priority}
	p.root = &flow.Scope{ID: p.id, Kind: flow.ScopeRoot}
	p.state.Scopes[p.id] = p.root
	p.was = processWas{}
	b.procs[p.id] = p
	b.order = append(b.order, p)
	b.answers = append(b.answers, func() { en.answer(reply{id: p.id}) })
}

// apply advances the entry's process by its event.
func (b *batch) apply(ctx context.Context, en *entry) error {
	b.done = append(b.done, en)
	if en.stream.id != "" {
		b.acks = append(b.acks, en.stream)
	}
	if en.timer != nil {
		b.write.DropTimers = append(b.write.DropTimers, timerRow(en.timer))
	}
	if en.inbox != 0 {
		b.write.InboxDone = append(b.write.InboxDone, en.inbox)
	}
	if en.refusal != nil {
		return b.post(en.process, en.refusal)
	}
	p := b.procs[en.process]
	if p == nil {
		if en.start == nil {
			if err := b.unknown(ctx, en); err != nil {
				return err
			}
			b.settleMessage(&en.event, false)
		}
		return nil
	}
	if en.start != nil && b.schedule(p) {
		return nil
	}
	if en.event.Kind != flow.EventStart || en.start == nil {
		// What an earlier event of the batch released may read more than was foreseen.
		need := newNeeds()
		need.add(p, p.readsOf(en))
		if err := b.fetch(ctx, need); err != nil {
			return err
		}
	}
	return b.advance(ctx, p, en)
}

// unknown deals with an event of a process that does not exist.
func (b *batch) unknown(ctx context.Context, en *entry) error {
	if en.reply != nil {
		b.answers = append(b.answers, func() { en.answer(reply{err: errUnknownProcess()}) })
		return nil
	}
	if en.inbox != 0 {
		// A process that another engine was just about to make: it was not there yet to be locked.
		made, err := b.tx.Exists(ctx, en.process)
		if err == nil && made {
			err = fmt.Errorf("process %s has been made meanwhile: %w", en.process, pgstore.ErrConflict)
		}
		return err // nil: it was deleted, or could not begin
	}
	b.e.log.Warn("event of an unknown process", "process_id", en.process, "task_id", en.event.Task, "kind", string(en.event.Kind))
	return nil
}

func errUnknownProcess() error {
	return fault.New(fault.NotFound, "process.unknown", "there is no such process")
}

func errUnknownTask() error {
	return fault.New(fault.NotFound, "task.unknown", "the process has no such task")
}

// schedule keeps a start with a later startAt for its timer; it tells whether it did.
func (b *batch) schedule(p *proc) bool {
	at := p.origin.cmd.StartAt
	if at == nil || !at.After(b.tx.Now) {
		return false
	}
	p.state.Process.State = flow.ProcessScheduled
	p.now.log = append(p.now.log, flow.Change{Kind: "process", State: string(flow.ProcessScheduled), Actor: p.origin.cmd.Actor, Text: at.UTC().Format(time.RFC3339Nano)})
	p.now.timers = append(p.now.timers, flow.Timer{Kind: flow.TimerStart, Due: *at})
	return true
}

// advance runs the interpreter and takes its effects in.
func (b *batch) advance(ctx context.Context, p *proc, en *entry) error {
	ev := en.event
	ev.At = b.tx.Now
	t := p.tasks[ev.Task]
	if ev.Task != "" && t == nil && en.reply != nil {
		b.answers = append(b.answers, func() { en.answer(reply{err: errUnknownTask()}) })
		return nil
	}
	var before taskBefore
	if t != nil {
		if t.State == flow.TaskReady && ev.Epoch == t.Epoch && ofMessage(ev.Kind) {
			t.State = flow.TaskQueued // its message was in the window: the feeder does not touch the row
		}
		before = taskBefore{epoch: t.Epoch, attempt: t.Attempt, state: t.State, startedAt: t.StartedAt, worker: t.Worker, input: t.Input, rev: t.InputRev}
	}
	if len(ev.Plan) > 0 {
		if err := b.checkPlan(ctx, p, &ev); err != nil {
			return err
		}
	}
	effects, err := p.advance(en, ev)
	var refused *flow.Refused
	var misfit *flow.RefusedMigration
	var missing *flow.NeedTasks
	var values *flow.NeedCollected
	switch {
	case errors.As(err, &refused):
		b.answers = append(b.answers, func() {
			en.answer(reply{err: fault.New(fault.Conflict, refused.Code, refused.Message)})
		})
		return nil
	case errors.As(err, &misfit):
		b.answers = append(b.answers, func() { en.answer(reply{err: errMisfit(misfit.Issues)}) })
		return nil
	case errors.As(err, &missing), errors.As(err, &values):
		return &errReload{process: p.id, entry: en}
	case err != nil:
		return &entryError{entry: en, err: fmt.Errorf("advance process %s by %s of task %s: %w", p.id, ev.Kind, ev.Task, err)}
	}
	b.settleMessage(&ev, effects.Ignored == "")
	return b.take(ctx, p, en, &ev, t, before, effects)
}

// settleMessage marks a message as taken by this commit, or gives it back.
func (b *batch) settleMessage(ev *flow.Event, taken bool) {
	switch {
	case ev.Kind != flow.EventMessage || ev.Message == "":
	case taken:
		b.write.Taken = append(b.write.Taken, ev.Message)
	default:
		b.write.Returned = append(b.write.Returned, ev.Message)
		b.inbox = true // it may go to the next one
	}
}

// ofMessage tells whether an event can only come of a message that was in the window.
func ofMessage(kind flow.EventKind) bool {
	switch kind {
	case flow.EventStarted, flow.EventProgress, flow.EventCompleted, flow.EventFailed, flow.EventHandback, flow.EventLost, flow.EventWithdrawn:
		return true
	default:
		return false
	}
}

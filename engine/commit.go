package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	wakes     bool // the feeder: a limit may let something through
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

// leaveOut takes out the entries whose rows of the inbox another engine has dealt with. It returns the starts that are left.
func (b *batch) leaveOut(starts []*entry, inbox map[int64]bool) []*entry {
	var entries []*entry
	for _, en := range b.entries {
		if en.inbox != 0 && !inbox[en.inbox] {
			b.done = append(b.done, en)
		} else {
			entries = append(entries, en)
		}
	}
	b.entries = entries
	return slices.DeleteFunc(starts, func(en *entry) bool { return en.inbox != 0 && !inbox[en.inbox] })
}

// claimActive refuses starts whose customId another live process of the definition has to itself. It returns the others, and why the
// refused ones are.
func (b *batch) claimActive(ctx context.Context, starts []*entry) ([]*entry, map[*entry]error, error) {
	var keys []pgstore.ActiveKey
	first := map[[2]string]*entry{}
	for _, en := range starts {
		if a := en.start.active; a != nil && first[[2]string{a.Definition, a.CustomID}] == nil {
			first[[2]string{a.Definition, a.CustomID}] = en
			keys = append(keys, *a)
		}
	}
	if len(keys) == 0 {
		return starts, nil, nil
	}
	taken, err := b.tx.ClaimActive(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	fresh, refused := starts[:0:0], map[*entry]error{}
	for _, en := range starts {
		a := en.start.active
		if a == nil {
			fresh = append(fresh, en)
			continue
		}
		key := [2]string{a.Definition, a.CustomID}
		holder, held := taken[key]
		if !held && first[key] == en {
			fresh = append(fresh, en)
			continue
		}
		if !held {
			holder = first[key].process
		}
		refused[en] = errActive(a, holder)
		if en.start.key.Key != "" { // claimed by this very commit: the same start may be tried again
			b.write.QueueSQL(pgstore.ReleaseKey, en.start.key.Definition, en.start.key.Key, en.process)
		}
		if en.start.caller != nil {
			if err := b.post(en.process, refusalOf(en.process, en.start.caller, fault.As(refused[en]))); err != nil {
				return nil, nil, err
			}
		}
		b.answers = append(b.answers, func() { en.answer(reply{err: refused[en]}) })
	}
	return fresh, refused, nil
}

func errActive(a *pgstore.ActiveKey, holder string) error {
	issue := fault.Issue{Code: "process.already_active", Path: "/custom_id", Message: "a process with this customId has not ended", Params: map[string]any{}}
	if holder != "" {
		issue.Params["process_id"] = holder
	}
	return fault.Newf(fault.Conflict, "process.already_active", "%s allows one process at a time for the customId %q, and one has not ended", a.Definition, a.CustomID).WithIssues(issue)
}

// settleKeys answers the starts whose idempotency key is known. It returns the others, and who holds the known keys.
func (b *batch) settleKeys(ctx context.Context, starts []*entry, claimed map[[2]string]bool) ([]*entry, map[[2]string]pgstore.Key, error) {
	var fresh []*entry
	var known []pgstore.Key
	for _, en := range starts {
		if en.start.key.Key == "" || claimed[en.start.keyID()] {
			fresh = append(fresh, en)
		} else {
			known = append(known, en.start.key)
		}
	}
	held, err := b.tx.HeldKeys(ctx, known)
	if err != nil {
		return nil, nil, err
	}
	for _, en := range starts {
		if en.start.key.Key == "" || claimed[en.start.keyID()] {
			continue
		}
		key, ok := held[en.start.keyID()]
		if !ok { // taken away between the two statements: claim it again
			return nil, nil, fmt.Errorf("claim idempotency key %q: %w", en.start.key.Key, pgstore.ErrConflict)
		}
		b.answerKnown(en, key)
	}
	return fresh, held, nil
}

// answerKnown answers a start whose key belongs to a process already.
func (b *batch) answerKnown(en *entry, key pgstore.Key) {
	if !bytes.Equal(key.BodyHash, en.start.key.BodyHash) {
		b.answers = append(b.answers, func() {
			en.answer(reply{err: fault.New(fault.Conflict, "process.idempotency_mismatch", "the idempotency key was used with another request")})
		})
		return
	}
	b.answers = append(b.answers, func() { en.answer(reply{id: key.Process, existing: true}) })
}

// load fills the locked processes: from memory where it is up to date, else from PostgreSQL.
func (b *batch) load(ctx context.Context, roots []pgstore.Root, whole map[string]bool) error {
	var cold []string
	for _, root := range roots {
		p := b.e.memory.take(root.Process, root.Seq)
		if p == nil || whole[root.Process] {
			p = newProc(root.Process)
			p.seq = root.Seq
			p.root = &flow.Scope{ID: root.Process, Kind: flow.ScopeRoot, Ended: root.Ended}
			if err := json.Unmarshal(root.State, &p.root.State); err != nil {
				return fmt.Errorf("decode the root scope of process %s: %w", root.Process, err)
			}
			p.state.Scopes[root.Process] = p.root
			cold = append(cold, root.Process)
		}
		p.at = root.At
		b.procs[root.Process] = p
		b.order = append(b.order, p)
	}
	refs := b.missingTasks(cold, whole)
	if len(cold) == 0 && len(refs) == 0 {
		b.rememberAll()
		return nil
	}
	var inner []string
	for _, id := range cold {
		if b.procs[id].root.State.Inner > 0 {
			inner = append(inner, id)
		}
	}
	l, err := b.tx.Load(ctx, cold, refs, inner, nil)
	if err != nil {
		return err
	}
	for id, scopes := range l.Scopes {
		for _, sc := range scopes {
			b.procs[id].state.Scopes[sc.ID] = sc
		}
	}
	for _, id := range cold {
		p := b.procs[id]
		if p.state.Process = l.Headers[id]; p.state.Process == nil {
			return fmt.Errorf("process %s has a scope and no header", id)
		}
		if p.graph, err = b.e.graphs.get(ctx, p.state.Process.Definition, p.state.Process.Version); err != nil {
			return &entryError{entry: b.firstOf(id), err: err}
		}
	}
	b.adopt(l)
	b.rememberAll()
	return b.loadWhole(ctx, cold, whole)
}

// loadWhole reads every open task of the inner scopes of processes that need them, and what their lists have collected.
func (b *batch) loadWhole(ctx context.Context, cold []string, whole map[string]bool) error {
	need := newNeeds()
	for _, id := range cold {
		p := b.procs[id]
		if !whole[id] || len(p.state.Scopes) < 2 {
			continue
		}
		reads := flow.Needs{Open: true}
		for _, sc := range p.state.Scopes {
			if sc.Kind == flow.ScopeMulti {
				reads.Collected = append(reads.Collected, sc.ID)
			}
		}
		need.add(p, reads)
	}
	return b.fetch(ctx, need)
}

func (b *batch) rememberAll() {
	for _, p := range b.order {
		p.remember()
	}
}

func (b *batch) firstOf(process string) *entry {
	for _, en := range b.entries {
		if en.process == process {
			return en
		}
	}
	return nil
}

// fewOpen is how many open tasks are loaded with a process without being asked for.
const fewOpen = 8

// missingTasks lists the tasks that the events name and memory lacks, and the open tasks of processes that need them.
func (b *batch) missingTasks(cold []string, whole map[string]bool) []pgstore.TaskRef {
	var refs []pgstore.TaskRef
	seen := map[pgstore.TaskRef]bool{}
	add := func(p *proc, task string) {
		ref := pgstore.TaskRef{Process: p.id, Task: task}
		if p.tasks[task] == nil && !seen[ref] {
			seen[ref] = true
			refs = append(refs, ref)
		}
	}
	for _, en := range b.entries {
		if p := b.procs[en.process]; p != nil && en.event.Task != "" {
			add(p, en.event.Task)
		}
	}
	for _, id := range cold {
		p := b.procs[id]
		if whole[id] || len(p.root.State.Open) <= fewOpen {
			for task := range p.root.State.Open {
				add(p, task)
			}
		}
	}
	return refs
}

// adopt puts loaded tasks into their processes.
func (b *batch) adopt(l *pgstore.Loaded) {
	for ref, t := range l.Tasks {
		if p := b.procs[ref.Process]; p != nil {
			p.addTask(&heldTask{Task: t.Task, rowState: t.RowState, rowEpoch: t.Epoch, planned: p.plans(t.ID)})
		}
	}
}

// loadData reads what the events' stretches will read: outputs, inputs and open tasks.
func (b *batch) loadData(ctx context.Context) error {
	need := newNeeds()
	for _, en := range b.entries {
		if p := b.procs[en.process]; p != nil && p.state.Process != nil {
			need.add(p, p.readsOf(en))
		}
	}
	if err := b.loadCalendars(ctx); err != nil {
		return err
	}
	return b.fetch(ctx, need)
}

// needs collects what is to be read.
type needs struct {
	outputs []pgstore.OutputRef
	inputs  []string
	tasks   []pgstore.TaskRef
	lists   []pgstore.ScopeRef // whose collected values are read
	pasts   []pastRef
	undo    []undoRef
	left    []string // processes whose records that can be undone are read
	seen    map[any]bool
}

func newNeeds() *needs { return &needs{seen: map[any]bool{}} }

func (n *needs) empty() bool {
	return len(n.outputs)+len(n.inputs)+len(n.tasks)+len(n.lists)+len(n.pasts)+len(n.undo)+len(n.left) == 0
}

func (n *needs) add(p *proc, reads flow.Needs) {
	if reads.Input && !p.input && !n.seen[p.id] {
		n.seen[p.id] = true
		n.inputs = append(n.inputs, p.id)
	}
	for _, key := range reads.Outputs {
		ref := pgstore.OutputRef{Process: p.id, Scope: key.Scope, Node: key.Node}
		if _, have := p.state.Data.Outputs[key]; !have && !p.known[key] && !n.seen[ref] {
			n.seen[ref] = true
			n.outputs = append(n.outputs, ref)
		}
	}
	for _, scope := range reads.Collected {
		ref := pgstore.ScopeRef{Process: p.id, Scope: scope}
		if p.state.Data.Collected[scope] == nil && !n.seen[ref] {
			n.seen[ref] = true
			n.lists = append(n.lists, ref)
		}
	}
	if reads.Past != nil {
		n.pasts = append(n.pasts, pastRef{p.id, *reads.Past})
	}
	n.addUndo(p, &reads)
	for _, task := range reads.Tasks {
		n.task(p, task)
	}
	if !reads.Open {
		return
	}
	for _, sc := range p.state.Scopes {
		for task := range sc.State.Open {
			n.task(p, task)
		}
	}
}

func (n *needs) task(p *proc, task string) {
	ref := pgstore.TaskRef{Process: p.id, Task: task}
	if p.tasks[task] == nil && !n.seen[ref] {
		n.seen[ref] = true
		n.tasks = append(n.tasks, ref)
	}
}

func (b *batch) fetch(ctx context.Context, need *needs) error {
	if need.empty() {
		return nil
	}
	outputs, l, err := b.tx.LoadData(ctx, need.outputs, need.inputs, need.tasks)
	if err != nil {
		return err
	}
	for _, ref := range need.outputs {
		p, key := b.procs[ref.Process], flow.OutputKey{Scope: ref.Scope, Node: ref.Node}
		p.known[key] = true
		if body, ok := outputs[ref]; ok {
			p.state.Data.Outputs[key] = body
		}
	}
	for _, id := range need.inputs {
		p := b.procs[id]
		p.input, p.state.Data.Input = true, l.Inputs[id]
	}
	b.adopt(l)
	for _, ref := range need.lists {
		if err := b.fetchList(ctx, ref); err != nil {
			return err
		}
	}
	for _, ref := range need.pasts {
		if err := b.fetchPast(ctx, ref); err != nil {
			return err
		}
	}
	for _, ref := range need.undo {
		if err := b.fetchUndo(ctx, ref); err != nil {
			return err
		}
	}
	for _, id := range need.left {
		if err := b.fetchLeft(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// fetchList reads what the entries of a list have given, those of this batch included.
func (b *batch) fetchList(ctx context.Context, ref pgstore.ScopeRef) error {
	values, err := b.tx.Collected(ctx, ref.Process, ref.Scope)
	if err != nil {
		return err
	}
	p := b.procs[ref.Process]
	for _, o := range p.now.outputs {
		if o.ScopeID == ref.Scope && o.NodeID == "" {
			values[o.Run] = o.Body
		}
	}
	for run := range values {
		if p.now.hides(&flow.Output{ScopeID: ref.Scope, Run: run}) {
			delete(values, run)
		}
	}
	if p.state.Data.Collected == nil {
		p.state.Data.Collected = map[string]map[int]json.RawMessage{}
	}
	p.state.Data.Collected[ref.Scope] = values
	return nil
}

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

package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

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

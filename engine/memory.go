package engine

import (
	"container/list"
	"encoding/json"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// proc is a locked process in memory: the state that Advance works on and what the commit needs beside it.
type proc struct {
	id     string
	seq    int64      // head of the history, as PostgreSQL has it
	at     pgtype.TID // where the locked row of the root is
	graph  *compiled
	state  flow.State
	root   *flow.Scope
	tasks  map[string]*heldTask
	input  bool // Data.Input is loaded
	known  map[flow.OutputKey]bool
	isNew  bool
	origin *startPlan
	bytes  int // of payloads, about

	was processWas
	now changes
}

// processWas is the header before the batch, to see what changed.
type processWas struct {
	closing   bool
	state     flow.ProcessState
	held      bool
	suspended bool
	incidents int
}

// heldTask is a task of a process in memory. The state and the epoch of its row guard the update.
type heldTask struct {
	pgstore.Task
	rowState flow.TaskState
	rowEpoch int64
	isNew    bool
	dirty    bool
	planned  bool // before the batch a plan ran inside it: no worker had it

	// What the next update of the row says besides; see pgstore.TaskChange.
	queuedMS, runUS *int64
	percent         *int
	text            *string
	due             *time.Time
	edited          bool
}

func newProc(id string) *proc {
	p := &proc{id: id, tasks: map[string]*heldTask{}, known: map[flow.OutputKey]bool{}}
	p.state = flow.State{Scopes: map[string]*flow.Scope{}, Tasks: map[string]*flow.Task{}, Data: flow.Data{Outputs: map[flow.OutputKey]json.RawMessage{}}}
	return p
}

// addTask puts a task under the eyes of Advance.
func (p *proc) addTask(t *heldTask) {
	p.tasks[t.ID] = t
	p.state.Tasks[t.ID] = &t.Task.Task
}

// remember notes what the header looks like before a batch.
func (p *proc) remember() {
	h := p.state.Process
	total, _ := p.state.Closing()
	p.was = processWas{state: h.State, held: h.Held(), suspended: h.Suspended, incidents: h.OpenIncidents, closing: total > 0}
}

// waited notes how long a task was ready before it started.
func (t *heldTask) waited(start time.Time) {
	if t.ReadyAt != nil {
		ms := max(start.Sub(*t.ReadyAt).Milliseconds(), 0)
		t.queuedMS = &ms
	}
}

// plans tells whether a plan runs inside a task.
func (p *proc) plans(task string) bool {
	sc := p.state.Scopes[task]
	return sc != nil && sc.Kind == flow.ScopePlan
}

// withWorker tells whether a task has a message in the window.
func (p *proc) withWorker(t *heldTask) bool {
	return (t.State == flow.TaskQueued || t.State == flow.TaskRunning) && !p.plans(t.ID)
}

// waits tells whether a task in this state waits for a worker.
func waits(s flow.TaskState) bool { return s == flow.TaskReady || s == flow.TaskQueued }

// settle makes the process fit to be kept after its commit at the time now: ended tasks go, the rows are as written.
func (p *proc) settle(now time.Time) {
	p.isNew, p.origin, p.now = false, nil, changes{}
	p.state.Data.Undo = flow.UndoData{}
	p.bytes = 2048 + len(p.state.Data.Input)
	for id, t := range p.tasks {
		if t.State.Terminal() {
			delete(p.tasks, id)
			delete(p.state.Tasks, id)
			continue
		}
		if waits(t.State) && (t.isNew || !waits(t.rowState) || t.rowEpoch != t.Epoch) {
			t.ReadyAt = &now
		}
		t.isNew, t.dirty, t.edited, t.rowState, t.rowEpoch = false, false, false, t.State, t.Epoch
		t.planned = p.plans(id)
		p.bytes += 512 + len(t.Input)
	}
	for key, body := range p.state.Data.Outputs {
		if p.state.Scopes[key.Scope] == nil {
			delete(p.state.Data.Outputs, key)
			delete(p.known, key)
			continue
		}
		p.bytes += 64 + len(body)
	}
	for key := range p.known {
		if p.state.Scopes[key.Scope] == nil {
			delete(p.known, key)
		}
	}
	for scope, values := range p.state.Data.Collected {
		if p.state.Scopes[scope] == nil {
			delete(p.state.Data.Collected, scope)
			continue
		}
		for _, body := range values {
			p.bytes += 64 + len(body)
		}
	}
	p.bytes += 1024 * (len(p.state.Scopes) - 1)
}

// memory keeps the state of processes between commits, so that the hot path loads nothing: a process is taken out to be
// worked on and put back after the commit. It is only believed when the head of the history in the locked row is the same:
// whoever changes a process moves its head.
type memory struct {
	mu    sync.Mutex
	most  int
	bytes int
	procs map[string]*list.Element
	order *list.List // of *proc, least recently used first
}

// memoryBytes bounds the payloads that are kept.
const memoryBytes = 64 << 20

func newMemory(most int) *memory {
	return &memory{most: most, procs: map[string]*list.Element{}, order: list.New()}
}

// take removes and returns a process if it is known with this head.
func (m *memory) take(id string, seq int64) *proc {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.procs[id]
	if e == nil {
		return nil
	}
	p := m.remove(e)
	if p.seq != seq {
		return nil
	}
	return p
}

func (m *memory) remove(e *list.Element) *proc {
	p := m.order.Remove(e).(*proc)
	delete(m.procs, p.id)
	m.bytes -= p.bytes
	return p
}

// put keeps a settled process.
func (m *memory) put(p *proc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old := m.procs[p.id]; old != nil {
		m.remove(old)
	}
	if p.bytes > memoryBytes/16 {
		return
	}
	m.procs[p.id] = m.order.PushBack(p)
	m.bytes += p.bytes
	for m.order.Len() > m.most || m.bytes > memoryBytes {
		m.remove(m.order.Front())
	}
}

package flow

import (
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Bounds of one process.
const (
	// MaxSteps is how many nodes one Advance lets the engine pass; what remains waits in ScopeState.Pending for EventContinue.
	MaxSteps = 1000
	// MaxRounds is how often one node may be activated in a scope; each activation beyond it is an incident.
	MaxRounds = 10_000
	// MaxLosses is how many losses of its worker in a row make a task an incident.
	MaxLosses = 3
)

// Codes of the incidents that the engine itself opens.
const (
	CodeTooManyRounds = "flow.too_many_rounds"
	CodeNoPath        = "flow.no_path"
	CodeExpression    = "flow.expression"
	CodeTooDeep       = "flow.too_deep"
	CodeCallCancelled = "CALL_CANCELLED"
	CodeWorkerLost    = "WORKER_LOST"
	CodeTimeout       = "TIMEOUT_" // followed by ATTEMPT, HEARTBEAT, TOTAL, QUEUE or PROCESS
)

// Reasons of Effects.Ignored.
const (
	IgnoredStale        = "stale_epoch"    // the task's epoch has moved on
	IgnoredTaskEnded    = "task_ended"     // terminal is final
	IgnoredProcessEnded = "process_ended"  // terminal is final
	IgnoredUnknownTask  = "unknown_task"   //
	IgnoredClosing      = "process_ending" // what is open in the process is being cancelled
	IgnoredState        = "state"          // the task's state has no use for the event
	IgnoredNothing      = "nothing_to_do"  //
)

// run is one call of Advance.
type run struct {
	g         *Graph
	st        *State
	p         *Process
	ev        *Event
	fx        *Effects
	vars      variables
	steps     int
	cause     EventKind // what the next changes of state come from, a row of the table of transitions
	technical bool      // the process fails by a technical failure
	ending    bool      // everything in the process ends: nothing is to be undone any more

	gathered map[string]map[int]json.RawMessage // what the entries of lists gave that began in this Advance, by scope and run
}

// usualChanges is how many lines a completion in a sequence adds to the history: the task, the edge, the next task, one to spare.
const usualChanges = 4

// Advance applies one event to the state of one process and says what is to be written. It changes st; on an error st is to be
// thrown away, except on *Refused, which leaves it as it was. Its errors are *Refused, *NeedTasks, and faults of the caller:
// a scope that is not loaded, a node that the graph does not have.
func Advance(g *Graph, st *State, ev Event) (*Effects, error) {
	r := run{g: g, st: st, p: st.Process, ev: &ev, fx: &Effects{Log: make([]Change, 0, usualChanges)}, cause: ev.Kind}
	r.vars = variables{g: g, st: st, now: ev.At}
	held, shown, trouble := r.p.Held(), r.p.Shown(), r.p.trouble()
	if err := r.apply(); err != nil {
		return nil, err
	}
	if r.fx.Ignored == "" { // else nothing of it is written: what waits to go on does so with another event
		if err := r.settle(); err != nil {
			return nil, err
		}
	}
	r.tellTrouble(trouble)
	r.finish(held, shown)
	return r.fx, nil
}

func (r *run) apply() error {
	switch r.ev.Kind {
	case EventStart:
		return r.begin()
	case EventSuspend:
		return r.suspend()
	case EventResume:
		return r.resume()
	case EventCancel:
		return r.cancel()
	case EventPriority:
		return r.prioritise()
	case EventContinue:
		r.proceed()
		return nil
	case EventRetry, EventSkip:
		return r.operate()
	case EventTimer, EventMessage:
		return r.happened()
	case EventAnswer:
		return r.answered()
	case EventRestart:
		return r.restart()
	case EventLimit:
		return r.overLimit()
	case EventChild:
		return r.childEnded()
	case EventBelow:
		return r.troubleBelow()
	case EventEntry:
		return r.restartEntry()
	case EventFire:
		return r.fire()
	case EventStarted, EventProgress, EventCompleted, EventFailed, EventHandback, EventLost, EventTimeout, EventRetryDue, EventWithdrawn:
		return r.report()
	default:
		return fmt.Errorf("flow: unknown event %q", r.ev.Kind)
	}
}

// begin puts the first token on the start event and opens the root scope, unless the process has begun before.
func (r *run) begin() error {
	if r.p.State.Terminal() {
		r.fx.Ignored = IgnoredProcessEnded
		return nil
	}
	if r.st.Scopes == nil {
		r.st.Scopes = map[string]*Scope{}
	}
	if r.st.Tasks == nil {
		r.st.Tasks = map[string]*Task{}
	}
	root := r.st.Scopes[r.p.ID]
	if root == nil {
		root = &Scope{ID: r.p.ID, Kind: ScopeRoot}
		r.st.Scopes[root.ID] = root
	}
	start := r.g.start
	if r.ev.Node != "" {
		if start = r.g.nodes[r.ev.Node]; start == nil || start.Kind != graph.KindStartEvent || start.Parent != "" {
			return fmt.Errorf("flow: the graph has no start event %q", r.ev.Node)
		}
	}
	if len(root.State.Runs) > 0 || len(root.State.Pending) > 0 {
		r.fx.Ignored = IgnoredNothing
		return nil
	}
	if r.p.State == ProcessScheduled || r.p.State == "" {
		if err := r.setProcess(ProcessRunning); err != nil {
			return err
		}
	} else {
		r.logProcess()
	}
	if r.ev.Caller != nil {
		root.State.Caller = r.ev.Caller
	}
	r.p.StartedAt = r.ev.At
	r.limit()
	r.fx.ProcessDirty = true
	root.State.Tokens = 1
	root.State.Pending = append(root.State.Pending, Pending{Node: start.ID})
	r.dirty(root)
	return nil
}

// proceed notes when there is nothing that a continuation could move.
func (r *run) proceed() {
	if closing(r.st) != nil {
		return
	}
	for _, sc := range r.st.Scopes {
		waits := len(sc.State.Pending) > 0 || len(sc.State.Undoing) > 0 || sc.State.Multi != nil || sc.Kind == ScopePlan
		if waits && !r.p.Held() && !r.p.State.Terminal() {
			return
		}
	}
	r.fx.Ignored = IgnoredNothing
}

// scopeOf returns the scope of a task.
func (r *run) scopeOf(t *Task) (*Scope, error) {
	sc := r.st.Scopes[t.ScopeID]
	if sc == nil {
		return nil, fmt.Errorf("flow: scope %s of task %s is not loaded", t.ScopeID, t.ID)
	}
	return sc, nil
}

// nodeOf returns the node of a task.
func (r *run) nodeOf(t *Task) (*Node, error) {
	n, err := r.nodeIn(t.ScopeID, t.NodeID)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, fmt.Errorf("flow: task %s is of node %q, which the graph does not have", t.ID, t.NodeID)
	}
	return n, nil
}

// fault is an error that the engine itself found in a node.
func fault(code string, err error) *wire.Error {
	return &wire.Error{Class: wire.ErrorPermanent, Code: code, Message: err.Error()}
}

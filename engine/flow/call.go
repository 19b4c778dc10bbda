package flow

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// MaxDepth is how many calls may lie between the outermost process and one that it called, however indirectly.
const MaxDepth = 50

// call is a compiled call activity.
type call struct {
	definition string
	version    int // 0: the latest when the call begins
	customID   *evaluator
	goesOn     bool // a child that ends without success is no failure of the call
}

func compileCall(src *graph.CallActivity) (c *call, input *mapping, err error) {
	if src.Definition == "" {
		return nil, nil, fmt.Errorf("it calls no definition")
	}
	c = &call{definition: src.Definition, version: src.Version}
	switch src.OnFailure {
	case "", graph.CallIncident:
	case graph.CallContinue:
		c.goesOn = true
	default:
		return nil, nil, fmt.Errorf("this release does not know what %q does on failure", src.OnFailure)
	}
	if c.customID, err = compileText(src.CustomID); err != nil {
		return nil, nil, fmt.Errorf("custom id: %w", err)
	}
	if input, err = compileMapping(src.Input); err != nil {
		return nil, nil, fmt.Errorf("input: %w", err)
	}
	return c, input, nil
}

func (c *call) set() readSet {
	if c == nil || c.customID == nil {
		return readSet{}
	}
	return c.customID.set()
}

// Called is the process that a call begins.
type Called struct {
	Definition string
	Version    int // 0: the latest
	CustomID   string
	Priority   int
}

// Caller is the call that a process was begun by.
type Caller struct {
	Process string  `json:"process"`
	Task    string  `json:"task"`
	Epoch   int64   `json:"epoch"`
	Root    string  `json:"root"`  // the outermost process
	Depth   int     `json:"depth"` // 1 when the caller is the outermost
	Catches []Catch `json:"catches,omitempty"`
}

// Catch says which errors of a child process are taken by what is around its call: the process ends by them instead of stopping
// with an incident. No codes are all codes.
type Catch struct {
	Codes     []string `json:"codes,omitempty"`
	Technical bool     `json:"technical,omitempty"` // technical failures, too
}

func (c *Caller) takes(why *wire.Error) bool {
	if c == nil {
		return false
	}
	technical := why.Class != wire.ErrorBusiness
	return slices.ContainsFunc(c.Catches, func(x Catch) bool { return (x.Technical || !technical) && exactness(x.Codes, why.Code) >= 0 })
}

// catches tells what takes an error of a call's child process, from the inside out as catch asks, the process's own caller included.
func (r *run) catches(sc *Scope, n *Node) ([]Catch, error) {
	var all []Catch
	add := func(c Catch) {
		if !slices.ContainsFunc(all, func(x Catch) bool { return x.Technical == c.Technical && slices.Equal(x.Codes, c.Codes) }) {
			all = append(all, c)
		}
	}
	if n.call != nil && n.call.goesOn {
		add(Catch{Technical: true})
	}
	for {
		if r.instance(sc, n) {
			if sc.State.Multi.Tolerated > 0 {
				add(Catch{Technical: true})
			}
		} else {
			for _, b := range n.border {
				if b.boundary.Kind == graph.BoundaryError {
					add(Catch{Codes: b.boundary.Codes, Technical: b.boundary.Technical})
				}
			}
		}
		if n.handler && !r.instance(sc, n) {
			return all, nil
		}
		if sc.Kind == ScopeRoot {
			break
		}
		outer := r.st.Scopes[sc.ParentID]
		if outer == nil {
			return nil, fmt.Errorf("flow: scope %s around scope %s is not loaded", sc.ParentID, sc.ID)
		}
		if sc, n = outer, r.g.nodes[sc.NodeID]; n == nil {
			return nil, fmt.Errorf("flow: a scope is of a node that the graph does not have")
		}
	}
	if caller := sc.State.Caller; caller != nil {
		for _, c := range caller.Catches {
			add(c)
		}
	}
	return all, nil
}

// call begins a child process. A call that is tried again keeps its input.
func (r *run) call(sc *Scope, n *Node, t *Task) error {
	var caller *Caller
	if root := r.st.Scopes[r.p.ID]; root != nil {
		caller = root.State.Caller
	}
	own := &Caller{Process: r.p.ID, Root: r.p.ID, Depth: 1}
	if caller != nil {
		own.Root, own.Depth = caller.Root, caller.Depth+1
	}
	if own.Depth > MaxDepth {
		return r.broken(sc, n, t, fault(CodeTooDeep, fmt.Errorf("%d calls lie between this process and the outermost one: does a definition call itself without end?", caller.Depth)))
	}
	called := &Called{Definition: n.call.definition, Version: n.call.version, CustomID: r.p.CustomID, Priority: r.p.Priority}
	var p plan
	var input json.RawMessage
	var err error
	if n.call.customID != nil {
		called.CustomID, err = textNow(n.call.customID, &r.vars)
	}
	again := t != nil && len(t.Input) > 0
	switch {
	case err != nil:
		err = fmt.Errorf("custom id: %w", err)
	case again:
		input = t.Input
	default:
		if input, err = n.input.eval(&r.vars); err != nil {
			err = fmt.Errorf("input: %w", err)
		} else if !r.instance(sc, n) {
			err = r.border(&p, n)
		}
	}
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, err))
	}
	if own.Catches, err = r.catches(sc, n); err != nil {
		return err
	}
	if t == nil {
		t = r.create(sc, n)
	}
	t.Input = input
	own.Task, own.Epoch = t.ID, t.Epoch
	if err := r.move(t, TaskRunning); err != nil {
		return err
	}
	r.adopt(t, &p)
	child := ChildID(r.ev.At, t.ID, t.Epoch)
	if sc.State.Calls == nil {
		sc.State.Calls = map[string]string{}
	}
	sc.State.Calls[t.ID] = child
	r.dirty(sc)
	r.noteChild(child)
	r.say(Letter{To: child, Called: called, Event: Event{Kind: EventStart, Input: input, Caller: own}})
	return nil
}

// noteChild adds a child process to the line of the history that was written last.
func (r *run) noteChild(child string) {
	raw, err := json.Marshal(map[string]string{"child": child})
	if err == nil {
		r.fx.Log[len(r.fx.Log)-1].Detail = raw
	}
}

func (r *run) say(l Letter) { r.fx.Letters = append(r.fx.Letters, l) }

// abandon tells the child process of a call, if there is one, that nobody waits for it any more.
func (r *run) abandon(t *Task) {
	sc := r.st.Scopes[t.ScopeID]
	if sc == nil {
		return
	}
	if child := sc.State.Calls[t.ID]; child != "" {
		r.tellChild(child)
		delete(sc.State.Calls, t.ID)
		r.dirty(sc)
	}
}

func (r *run) tellChild(child string) {
	r.say(Letter{To: child, Event: Event{Kind: EventCancel, Actor: r.ev.Actor, Reason: r.ev.Reason, Caller: &Caller{Process: r.p.ID}}})
}

// childEnded applies the end of the child process that a call waits for.
func (r *run) childEnded() error {
	t := r.st.Tasks[r.ev.Task]
	switch {
	case t == nil:
		return r.ignore(IgnoredUnknownTask)
	case r.p.State.Terminal():
		return r.ignore(IgnoredProcessEnded)
	case t.State.Terminal():
		return r.ignore(IgnoredTaskEnded)
	case r.ev.Epoch != t.Epoch:
		return r.ignore(IgnoredStale)
	}
	sc, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	n, err := r.nodeOf(t)
	if err != nil {
		return err
	}
	if child := sc.State.Calls[t.ID]; child == "" || child != r.ev.Child {
		return r.ignore(IgnoredStale)
	}
	delete(sc.State.Calls, t.ID)
	r.dirty(sc)
	if r.ev.Outcome == ProcessCompleted {
		return r.computed(sc, n, t, r.ev.Output)
	}
	if r.p.State == ProcessCancelling {
		return r.closed(sc, t)
	}
	t.Epoch++
	return r.childFailed(sc, n, t)
}

// childFailed decides what becomes of a call whose child process could not begin (then there is no outcome) or ended without
// success. A boundary event on the call comes before its policy.
func (r *run) childFailed(sc *Scope, n *Node, t *Task) error {
	why := r.ev.Error
	if why == nil {
		why = &wire.Error{Class: wire.ErrorPermanent, Code: CodeCallCancelled, Message: "the child process was cancelled"}
	}
	caught := !r.instance(sc, n) && n.catching(why.Code, why.Class != wire.ErrorBusiness) != nil
	if caught || !n.call.goesOn || r.ev.Outcome == "" {
		return r.fail(sc, n, t, why)
	}
	output, err := json.Marshal(struct {
		State ProcessState    `json:"state"`
		Error json.RawMessage `json:"error"`
	}{r.ev.Outcome, errorValue(why)})
	if err != nil {
		return fmt.Errorf("flow: outcome of call %s: %w", t.ID, err)
	}
	return r.computed(sc, n, t, output)
}

// answerCaller says to the caller of this process, if it has one, how it ended.
func (r *run) answerCaller(outcome ProcessState) {
	root := r.st.Scopes[r.p.ID]
	if root == nil || root.State.Caller == nil {
		return
	}
	caller := root.State.Caller
	ev := Event{Kind: EventChild, Task: caller.Task, Epoch: caller.Epoch, Child: r.p.ID, Outcome: outcome}
	switch outcome {
	case ProcessCompleted:
		ev.Output = r.p.Output
	case ProcessFailed:
		ev.Error = &wire.Error{Class: wire.ErrorBusiness, Code: r.p.ErrorCode, Message: r.p.ErrorMessage}
		if r.technical {
			ev.Error.Class = wire.ErrorPermanent
		}
	}
	r.say(Letter{To: caller.Process, Event: ev})
}

// trouble is how many open incidents the process and those below it have.
func (p *Process) trouble() int { return p.OpenIncidents + p.Below }

// tellTrouble says to the caller of this process that there are more or fewer incidents here than before.
func (r *run) tellTrouble(before int) {
	root := r.st.Scopes[r.p.ID]
	now := r.p.trouble()
	if now == before || root == nil || root.State.Caller == nil {
		return
	}
	caller := root.State.Caller
	r.say(Letter{To: caller.Process, Event: Event{Kind: EventBelow, Task: caller.Task, Child: r.p.ID, Count: now - before}})
}

// troubleBelow counts incidents of child processes. They hold nothing here.
func (r *run) troubleBelow() error {
	if r.p.State.Terminal() {
		return r.ignore(IgnoredProcessEnded)
	}
	r.p.Below = max(0, r.p.Below+r.ev.Count)
	r.fx.ProcessDirty = true
	c := Change{Kind: "below", Task: r.ev.Task, State: "incident"}
	if r.ev.Count < 0 {
		c.State = "closed"
	}
	if t := r.st.Tasks[r.ev.Task]; t != nil {
		c.Node, c.Run, c.Scope = t.NodeID, t.Run, t.ScopeID
	}
	r.fx.Log = append(r.fx.Log, c)
	r.noteChild(r.ev.Child)
	return nil
}

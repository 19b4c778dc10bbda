package flow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// suspend holds the process, and with it what it has called. By itself and by its caller are two holds: each goes with who set it.
func (r *run) suspend() error {
	if r.ev.Caller != nil {
		return r.suspendedAbove()
	}
	root := r.st.Scopes[r.p.ID]
	switch {
	case r.p.State.Terminal():
		return refuse(RefusedProcessEnded, "the process has ended")
	case r.p.State == ProcessCancelling:
		return refuse(RefusedCancelling, "the process is being cancelled")
	case r.p.Suspended && root != nil && root.State.SuspendedByCaller():
		root.State.Above.Self = true
		r.dirty(root)
		r.fx.ProcessDirty = true
		return nil
	case r.p.Suspended:
		return refuse(RefusedSuspended, "the process is suspended already")
	}
	r.setSuspended(true)
	return nil
}

func (r *run) resume() error {
	if r.ev.Caller != nil {
		return r.resumedAbove()
	}
	root := r.st.Scopes[r.p.ID]
	switch {
	case r.p.State.Terminal():
		return refuse(RefusedProcessEnded, "the process has ended")
	case !r.p.Suspended:
		return refuse(RefusedNotSuspended, "the process is not suspended")
	case root != nil && root.State.SuspendedByCaller():
		return refuse(RefusedByCaller, "the process is suspended with the one that called it, and goes on with it")
	case root != nil && root.State.Above != nil && root.State.Above.Held:
		root.State.Above.Self = false // its caller still holds it
		r.dirty(root)
		r.fx.ProcessDirty = true
		return nil
	}
	r.setSuspended(false)
	return nil
}

// above takes in what the caller says of its suspension; nil: it says nothing any more.
func (r *run) above(held bool) (*Above, error) {
	root := r.st.Scopes[r.p.ID]
	switch {
	case r.p.State.Terminal():
		return nil, r.ignore(IgnoredProcessEnded)
	case r.p.State == ProcessCancelling:
		return nil, r.ignore(IgnoredClosing)
	case root == nil:
		return nil, fmt.Errorf("flow: the root scope of process %s is not loaded", r.p.ID)
	}
	was := root.State.Above
	if was == nil {
		was = &Above{}
	}
	if r.ev.Count <= was.Seq {
		return nil, r.ignore(IgnoredStale)
	}
	now := &Above{Held: held, Seq: r.ev.Count}
	if held {
		now.Self = was.Self || r.p.Suspended && !was.Held
		now.Actor, now.Reason = r.ev.Actor, r.ev.Reason
	}
	root.State.Above = now
	r.dirty(root)
	r.fx.ProcessDirty = true
	return was, nil
}

func (r *run) suspendedAbove() error {
	was, err := r.above(true)
	if was != nil && !r.p.Suspended {
		r.setSuspended(true)
	}
	return err
}

func (r *run) resumedAbove() error {
	was, err := r.above(false)
	if was != nil && was.Held && !was.Self && r.p.Suspended {
		r.setSuspended(false)
	}
	return err
}

// setSuspended begins or ends the hold and tells what the process has called.
func (r *run) setSuspended(to bool) {
	r.p.Suspended = to
	r.fx.ProcessDirty = true
	children := r.children()
	root := r.st.Scopes[r.p.ID]
	if root == nil || len(children) == 0 {
		return
	}
	root.State.Holds++
	r.dirty(root)
	kind := EventResume
	if to {
		kind = EventSuspend
	}
	r.tellChildren(children, Event{Kind: kind, Count: root.State.Holds})
}

// children lists the child processes that calls wait for.
func (r *run) children() []string {
	var all []string
	for _, sc := range r.st.Scopes {
		all = slices.AppendSeq(all, maps.Values(sc.State.Calls))
	}
	slices.Sort(all)
	return all
}

func (r *run) tellChildren(children []string, ev Event) {
	ev.Actor, ev.Reason, ev.Caller = r.ev.Actor, r.ev.Reason, &Caller{Process: r.p.ID}
	for _, child := range children {
		r.say(Letter{To: child, Event: ev})
	}
}

// prioritise changes the order in which pools serve the process and what it has called.
func (r *run) prioritise() error {
	told := r.ev.Caller != nil
	switch {
	case r.p.State.Terminal() && told:
		return r.ignore(IgnoredProcessEnded)
	case r.p.State.Terminal():
		return refuse(RefusedProcessEnded, "the process has ended")
	}
	children := r.children()
	same := r.p.Priority == r.ev.Priority
	if same && (!told || len(children) == 0) {
		return r.ignore(IgnoredNothing)
	}
	r.tellChildren(children, Event{Kind: EventPriority, Priority: r.ev.Priority})
	r.p.Priority = r.ev.Priority
	r.fx.ProcessDirty = true
	r.logProcess()
	r.fx.Log[len(r.fx.Log)-1].Detail = json.RawMessage(fmt.Sprintf(`{"priority":%d}`, r.p.Priority))
	return nil
}

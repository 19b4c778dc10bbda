package flow

import "fmt"

// cancel ends the process and everything in it; what happened so far stays readable. It is cancelling as long as child processes
// that it waits for have not ended.
func (r *run) cancel() error {
	switch {
	case r.p.State.Terminal():
		return refuse(RefusedProcessEnded, "the process has ended")
	case r.p.State == ProcessCancelling:
		return refuse(RefusedCancelling, "the process is being cancelled already")
	}
	root := r.st.Scopes[r.p.ID]
	if root == nil || r.p.State != ProcessRunning { // it has not begun
		return r.setProcess(ProcessCancelled)
	}
	r.ending = true
	r.p.Suspended = false // it would keep the process from ending
	if r.st.open() > ChunkSize {
		return r.beginClosing(ProcessCancelled)
	}
	if err := r.shut(root); err != nil {
		return err
	}
	return r.setProcess(ProcessCancelling)
}

// shut cancels what is open in a scope, from the inside out. A call stays open until its child process, which is told, has ended,
// and so does whatever that call lies in.
func (r *run) shut(sc *Scope) error {
	ids := openIDs(sc)
	var missing []string
	for _, id := range ids {
		if r.st.Tasks[id] == nil {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		return &NeedTasks{IDs: missing}
	}
	s := &sc.State
	s.Tokens, s.Joins, s.Parked, s.Pending, s.Due, s.Undoing = len(ids), nil, nil, nil, nil, nil
	r.dirty(sc)
	for _, id := range ids {
		t := r.st.Tasks[id]
		if child := s.Calls[id]; child != "" {
			r.tellChild(child)
			r.unwait(t)
			continue
		}
		if inner := r.st.Scopes[id]; inner != nil && inner.Kind != ScopeRoot {
			if err := r.shut(inner); err != nil {
				return err
			}
			if inner.State.Tokens > 0 {
				r.unwait(t)
				continue
			}
			r.drop(inner)
		}
		if err := r.closed(sc, t); err != nil {
			return err
		}
	}
	return nil
}

// closed takes a cancelled task out of its scope, with its token.
func (r *run) closed(sc *Scope, t *Task) error {
	if err := r.cancelTask(t, EventCancel); err != nil {
		return err
	}
	delete(sc.State.Open, t.ID)
	sc.State.Tokens--
	r.dirty(sc)
	return nil
}

// windUp ends the scopes of a process that is being cancelled in which nothing is left, and then the process.
func (r *run) windUp() error {
	for again := true; again; {
		again = false
		for _, id := range r.scopeIDs() {
			sc := r.st.Scopes[id]
			if closing(r.st) != nil && len(sc.State.Open) == 0 {
				r.halt(sc)
			}
			if sc.Kind == ScopeRoot || sc.State.Tokens > 0 {
				continue
			}
			host := r.st.Tasks[sc.ID]
			if host == nil {
				return &NeedTasks{IDs: []string{sc.ID}}
			}
			outer, err := r.scopeOf(host)
			if err != nil {
				return err
			}
			r.drop(sc)
			if err := r.closed(outer, host); err != nil {
				return err
			}
			again = true
		}
	}
	root := r.st.Scopes[r.p.ID]
	if root == nil {
		return fmt.Errorf("flow: the root scope of process %s is not loaded", r.p.ID)
	}
	if root.State.Tokens > 0 {
		return nil
	}
	to := ProcessCancelled
	if c := root.State.Closing; c != nil {
		to, r.technical = c.To, c.Technical
		root.State.Closing = nil
	}
	return r.endProcess(root, to)
}

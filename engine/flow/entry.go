package flow

import (
	"fmt"
	"slices"
)

// restartEntry lets an entry of a list that is under way begin anew, whatever became of it: what is open of it is cancelled, what it
// gave is hidden. It has another run, so that the old one stays as it was.
func (r *run) restartEntry() error {
	t := r.st.Tasks[r.ev.Task]
	switch {
	case r.p.State.Terminal():
		return refuse(RefusedProcessEnded, "the process has ended")
	case r.p.State == ProcessCancelling:
		return refuse(RefusedCancelling, "the process is being cancelled")
	case t == nil:
		return refuse(RefusedTaskUnknown, "the process has no such task")
	}
	sc, n := r.st.Scopes[t.ScopeID], r.g.nodes[t.NodeID]
	switch {
	case sc == nil || n == nil || !r.instance(sc, n) || sc.State.Multi.Over:
		return refuse(RefusedNotEntry, "the task is no entry of a list that is under way")
	case t.Hidden || t.State == TaskCancelled:
		return refuse(RefusedReplaced, "another run of this entry has taken its place")
	}
	m := sc.State.Multi
	switch t.State {
	case TaskFailed:
		if !sc.forget(t.ID) {
			m.Failed--
		}
	case TaskCompleted, TaskSkipped:
		m.Completed--
	default:
		if err := r.endInside(t); err != nil {
			return err
		}
		if err := r.cancelTask(t, causeInterrupt); err != nil {
			return err
		}
		delete(sc.State.Open, t.ID)
		sc.State.Tokens--
	}
	t.Hidden = true
	if held := r.st.Data.Collected[sc.ID]; held != nil {
		delete(held, t.Run)
	}
	gone := Runs{From: t.Run, To: t.Run}
	r.fx.Hidden = &Hidden{Scope: sc.ID, Runs: map[string]Runs{n.ID: gone, "": gone}}
	r.st.Data.Undo.hide(r.fx.Hidden)
	r.fx.Log = append(r.fx.Log, Change{Kind: "again", Task: t.ID, Node: n.ID, Run: t.Run, Scope: sc.ID, Actor: r.ev.Actor, Text: fmt.Sprintf("entry %d", m.entryOf(t.Run)+1)})
	m.Again = append(m.Again, t.Run+m.Total)
	r.dirty(sc)
	return nil
}

// forget takes away the error of a failed task that a hold keeps from being caught; it tells whether there was one.
func (sc *Scope) forget(task string) bool {
	s := &sc.State
	i := slices.IndexFunc(s.Parked, func(p Parked) bool { return p.Task == task && p.Error != nil })
	if i < 0 {
		return false
	}
	s.Parked = slices.Delete(s.Parked, i, i+1)
	s.Tokens--
	return true
}

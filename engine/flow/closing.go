package flow

import (
	"fmt"
	"maps"
	"slices"
)

// ChunkSize is how many open tasks one Advance ends at most. A process that has more when it ends is closed in chunks.
const ChunkSize = 500

// Closing is that a process ends and very much is open in it. From the mark on nothing in it counts: no token moves, no answer is
// taken, nothing is dispatched. What is open is cancelled chunk by chunk, by EventContinue; then the process is what To says.
type Closing struct {
	Total     int          `json:"total"` // open tasks at the mark
	To        ProcessState `json:"to"`
	Technical bool         `json:"technical,omitempty"` // it fails by a technical failure
}

// closing returns the mark of a process that ends in chunks, nil when it does not.
func closing(st *State) *Closing {
	if root := st.Scopes[st.Process.ID]; root != nil {
		return root.State.Closing
	}
	return nil
}

// open counts the open tasks of a process.
func (st *State) open() int {
	n := 0
	for _, sc := range st.Scopes {
		n += len(sc.State.Open)
	}
	return n
}

// Closing tells how many tasks were open when a process began to end in chunks, and how many are still; zeros when it does not.
func (st *State) Closing() (total, left int) {
	if c := closing(st); c != nil {
		return c.Total, st.open()
	}
	return 0, 0
}

// beginClosing marks the process; what is open in it ends later.
func (r *run) beginClosing(to ProcessState) error {
	root := r.st.Scopes[r.p.ID]
	if root == nil {
		return fmt.Errorf("flow: the root scope of process %s is not loaded", r.p.ID)
	}
	r.p.Suspended = false
	root.State.Closing = &Closing{Total: r.st.open(), To: to, Technical: r.technical}
	r.halt(root)
	r.dirty(root)
	r.fx.Continue = true
	return r.setProcess(ProcessCancelling)
}

// halt takes the tokens of a scope away that are in no task.
func (r *run) halt(sc *Scope) {
	s := &sc.State
	if s.Tokens == len(s.Open) && s.Joins == nil && s.Parked == nil && s.Pending == nil && s.Due == nil && s.Undoing == nil {
		return
	}
	s.Tokens, s.Joins, s.Parked, s.Pending, s.Due, s.Undoing = len(s.Open), nil, nil, nil, nil, nil
	r.dirty(sc)
}

// chunkOf lists the tasks that are to end next, by scope, from the inside out: a task with a live inside comes after it, a call whose
// child process has been told ends with that.
func chunkOf(st *State) map[string][]string {
	chunk, n := map[string][]string{}, 0
	for _, id := range slices.Sorted(maps.Keys(st.Scopes)) {
		sc := st.Scopes[id]
		for _, task := range openIDs(sc) {
			if st.Scopes[task] != nil || sc.State.Told[task] {
				continue
			}
			chunk[id] = append(chunk[id], task)
			if n++; n == ChunkSize {
				return chunk
			}
		}
	}
	return chunk
}

// closeSome ends a chunk.
func (r *run) closeSome() error {
	chunk := chunkOf(r.st)
	n := 0
	for _, id := range slices.Sorted(maps.Keys(chunk)) {
		sc := r.st.Scopes[id]
		r.halt(sc)
		for _, task := range chunk[id] {
			n++
			t := r.st.Tasks[task]
			if t == nil {
				return &NeedTasks{IDs: chunk[id]}
			}
			if child := sc.State.Calls[task]; child != "" && closing(r.st).To == ProcessCancelled {
				r.tellChild(child)
				r.unwait(t)
				if sc.State.Told == nil {
					sc.State.Told = map[string]bool{}
				}
				sc.State.Told[task] = true
				r.dirty(sc)
				continue
			}
			if err := r.closed(sc, t); err != nil {
				return err
			}
		}
	}
	if n == 0 { // calls are waited for; nothing is left to do here
		return nil
	}
	r.fx.Continue = len(chunkOf(r.st)) > 0
	return nil
}

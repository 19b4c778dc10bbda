package flow_test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// load builds the least state that an event may ask for, or the whole.
func (db *database) load(ev flow.Event, whole bool) *flow.State {
	p := db.process
	st := &flow.State{Process: &p, Scopes: map[string]*flow.Scope{}, Tasks: map[string]*flow.Task{}}
	add := func(id string) {
		if task, ok := db.tasks[id]; ok && st.Tasks[id] == nil {
			st.Tasks[id] = &task
		}
	}
	for id, stored := range db.scopes {
		sc := flow.Scope{ID: id, ParentID: stored.scope.ParentID, Kind: stored.scope.Kind, NodeID: stored.scope.NodeID, Ended: stored.scope.Ended}
		if err := json.Unmarshal(stored.state, &sc.State); err != nil {
			db.fatal("decode scope: %v", err)
		}
		st.Scopes[id] = &sc
		add(id)
	}
	add(ev.Task)
	st.Data.Outputs = map[flow.OutputKey]json.RawMessage{}
	reads := db.g.ReadsFor(st, ev)
	for _, key := range reads.Outputs {
		if key.Node == "" { // a plan: what else is read is known with it
			st.Data.Outputs[key] = db.data.Outputs[key]
		}
	}
	if len(st.Data.Outputs) > 0 {
		reads = db.g.ReadsFor(st, ev)
	}
	for _, id := range reads.Tasks {
		add(id)
	}
	for id, sc := range st.Scopes {
		if reads.Open || whole {
			for task := range sc.State.Open {
				add(task)
			}
		}
		if key := (flow.OutputKey{Scope: id}); whole && sc.Kind == flow.ScopePlan {
			st.Data.Outputs[key] = db.data.Outputs[key]
		}
		if sc.Kind == flow.ScopeMulti && (whole || slices.Contains(reads.Collected, id)) {
			if st.Data.Collected == nil {
				st.Data.Collected = map[string]map[int]json.RawMessage{}
			}
			st.Data.Collected[id] = map[int]json.RawMessage{}
			for run, value := range db.collected[id] {
				st.Data.Collected[id][run] = value
			}
		}
	}
	if reads.Input {
		st.Data.Input = db.data.Input
	}
	for _, key := range reads.Outputs {
		if raw, ok := db.data.Outputs[key]; ok {
			st.Data.Outputs[key] = raw
		}
	}
	db.loadUndo(st, reads.Undo, whole)
	return st
}

// loadUndo reads what can be undone, a page of two at a time.
func (db *database) loadUndo(st *flow.State, refs []flow.UndoRef, whole bool) {
	d := &st.Data.Undo
	d.Loaded, d.Now = map[flow.UndoRef]*flow.UndoLoaded{}, map[flow.UndoKey]*flow.UndoRecord{}
	page := func(ref flow.UndoRef) {
		loaded := &flow.UndoLoaded{}
		for _, row := range slices.Backward(db.undo[ref.Scope]) {
			switch {
			case row.N == ref.Now:
				rec := row.UndoRecord
				d.Now[flow.UndoKey{Scope: ref.Scope, N: row.N}] = &rec
			case row.N > ref.Top || row.by != "" || row.hidden || ref.Of != "" && ref.Of != row.Node:
			case len(loaded.Records) == 2:
				loaded.More = true
			default:
				loaded.Records = append(loaded.Records, row.UndoRecord)
			}
		}
		ref.Now = 0
		d.Loaded[ref] = loaded
	}
	for _, ref := range refs {
		page(ref)
	}
	if !whole {
		return
	}
	named := []string{""}
	for _, s := range db.gen.steps {
		if s.undoes != "" {
			named = append(named, s.undoes)
		}
	}
	scopes := map[string]bool{}
	for scope := range st.Scopes {
		scopes[scope] = true
	}
	for scope := range db.undo {
		scopes[scope] = true
	}
	for scope := range scopes {
		for top := range len(db.undo[scope]) + 1 {
			for _, of := range named {
				page(flow.UndoRef{Scope: scope, Top: top, Of: of})
			}
		}
	}
}

func (db *database) store(st *flow.State, fx *flow.Effects) {
	db.t.Helper()
	if fx.Ignored != "" && (len(fx.Changed)+len(fx.Created)+len(fx.Outputs)+len(fx.ScopeDirty)+len(fx.Ended)+len(fx.Letters)+len(fx.Undone) > 0 || fx.ProcessDirty) {
		db.fatal("ignored, yet it changes something: %+v", fx)
	}
	if st.Process.Held() && len(fx.Dispatch) > 0 || !st.Process.Held() && st.Process.State == flow.ProcessRunning && len(fx.Backlog) > 0 {
		db.fatal("held %v, dispatch %d, backlog %d", st.Process.Held(), len(fx.Dispatch), len(fx.Backlog))
	}
	for _, task := range fx.Dispatch {
		if db.rnd.IntN(3) > 0 { // else it waits in the backlog
			fx.MarkQueued(task)
		}
	}
	if fx.ProcessDirty {
		db.process = *st.Process
	}
	for id := range fx.ScopeDirty {
		raw, err := json.Marshal(st.Scopes[id].State)
		if err != nil {
			db.fatal("encode scope: %v", err)
		}
		db.scopes[id] = storedScope{scope: *st.Scopes[id], state: raw}
	}
	for _, sc := range fx.Ended {
		delete(db.scopes, sc.ID)
	}
	db.storeTasks(fx)
	for _, o := range fx.Outputs {
		if o.NodeID == "" && !strings.HasPrefix(string(o.Body), `{"tasks":`) {
			if db.collected[o.ScopeID] == nil {
				db.collected[o.ScopeID] = map[int]json.RawMessage{}
			}
			db.collected[o.ScopeID][o.Run] = o.Body
			continue
		}
		db.data.Outputs[flow.OutputKey{Scope: o.ScopeID, Node: o.NodeID}] = o.Body
	}
	db.storeUndo(st, fx)
	if h := fx.Hidden; h != nil {
		for run := range db.collected[h.Scope] {
			if gone, is := h.Runs[""]; is && gone.From <= run && run <= gone.To {
				delete(db.collected[h.Scope], run)
			}
		}
		for id, task := range db.tasks {
			if gone, is := h.Runs[task.NodeID]; is && task.ScopeID == h.Scope && gone.From <= task.Run && task.Run <= gone.To {
				task.Hidden = true
				db.tasks[id] = task
			}
		}
		for i := range db.undo[h.Scope] {
			row := &db.undo[h.Scope][i]
			if gone, is := h.Runs[row.Node]; is && gone.From <= row.Run && row.Run <= gone.To {
				row.hidden = true
			}
		}
	}
	db.storeLetters(fx)
	db.note(fx)
}

func (db *database) storeTasks(fx *flow.Effects) {
	db.t.Helper()
	for i := range fx.Log {
		if c := &fx.Log[i]; c.Kind == "planned" {
			db.plans[c.Task]++
		}
	}
	for _, task := range slices.Concat(fx.Created, fx.Changed) {
		before, exists := db.tasks[task.ID]
		if exists == slices.Contains(fx.Created, task) {
			db.fatal("task %s was created or changed at the wrong time", db.path(*task))
		}
		if before.State.Terminal() && before.State != task.State {
			db.fatal("task %s was %s and is %s", db.path(*task), before.State, task.State)
		}
		db.tasks[task.ID] = *task
		db.path(*task)
		if task.State.Terminal() && !before.State.Terminal() {
			db.ended[task.ID]++
		}
		if done := task.State == flow.TaskCompleted || task.State == flow.TaskSkipped; done && !before.State.Terminal() {
			db.accepted[task.ID]++
		}
	}
	db.timers = append(db.timers, fx.Timers...)
	db.waits = append(db.waits, fx.Waits...)
	for _, id := range fx.Unwait {
		db.waits = slices.DeleteFunc(db.waits, func(w flow.Wait) bool { return w.TaskID == id })
		db.timers = slices.DeleteFunc(db.timers, func(w flow.Timer) bool { return w.TaskID == id && w.Kind == flow.TimerWait })
	}
	for _, task := range fx.Withdraw {
		// The message was still pending, or somebody had taken it.
		if stored := db.tasks[task.ID]; stored.State == flow.TaskQueued && db.rnd.IntN(2) == 0 {
			db.told = append(db.told, flow.Event{Kind: flow.EventWithdrawn, Task: task.ID, Epoch: stored.Epoch})
		}
	}
}

func (db *database) storeUndo(st *flow.State, fx *flow.Effects) {
	db.t.Helper()
	undoing := map[string]flow.Undoing{} // by the task that undoes
	for _, sc := range st.Scopes {
		for _, u := range sc.State.Undoing {
			if key := sc.ID + u.By; db.thrown[key] == 0 {
				db.thrown[key] = max(u.Top, u.Now)
			}
			u.Top = db.thrown[sc.ID+u.By]
			undoing[u.Task] = u
		}
	}
	for _, rec := range fx.Undoable {
		if rec.N != len(db.undo[rec.Scope])+1 {
			db.fatal("record %d follows %d", rec.N, len(db.undo[rec.Scope]))
		}
		db.undo[rec.Scope] = append(db.undo[rec.Scope], undoRow{UndoRecord: rec})
	}
	for _, u := range fx.Undone {
		row := &db.undo[u.Scope][u.N-1]
		if by, known := undoing[u.By]; known && u.By != "" { // the reverse of completion: nothing that completed later is left
			for _, later := range db.undo[u.Scope][u.N:] {
				if later.N <= by.Top && later.by == "" && !later.hidden && (by.Of == "" || by.Of == later.Node) {
					db.fatal("%s is undone before %s, which completed later", row.Node, later.Node)
				}
			}
		}
		if (row.by == "") == (u.By == "") || u.By != "" && row.hidden {
			db.fatal("record %d of %s is undone by %q, was by %q", u.N, u.Scope, u.By, row.by)
		}
		if row.by = u.By; u.By != "" {
			db.met["undone"]++
		}
	}
}

// storeLetters plays the processes that this one speaks with.
func (db *database) storeLetters(fx *flow.Effects) {
	db.t.Helper()
	for _, l := range fx.Letters {
		switch {
		case l.Called != nil:
			if db.children[l.To] != nil {
				db.fatal("a child process begins twice")
			}
			from := l.Event.Caller
			db.children[l.To] = &childProcess{event: flow.Event{Kind: flow.EventChild, Task: from.Task, Epoch: from.Epoch, Child: l.To}}
		case l.Event.Kind == flow.EventCancel:
			if c := db.children[l.To]; c == nil || c.over {
				db.fatal("a child process is cancelled that does not live")
			} else {
				c.told = true
			}
		case l.Event.Kind == flow.EventChild:
			if db.answers++; db.caller == nil || l.To != db.caller.Process || l.Event.Epoch != db.caller.Epoch || l.Event.Outcome != db.process.State {
				db.fatal("the caller is told %+v", l)
			}
		case l.Event.Kind == flow.EventBelow:
			db.trouble += l.Event.Count
		}
	}
}

// note counts what the cases have in them.
func (db *database) note(fx *flow.Effects) {
	for i := range fx.Log {
		c := &fx.Log[i]
		s := db.gen.steps[c.Node]
		if s != nil && c.Kind == "planned" {
			if db.met["planned"]++; s.inPlan() {
				db.met["planned in a plan"]++
			}
		}
		if s == nil || c.Kind != "node" && c.Kind != "task" {
			continue
		}
		db.met["node "+string(s.kind)]++
		if s.inPlan() && c.State == string(flow.TaskCancelled) && !db.process.State.Terminal() {
			db.met["plan ended early"]++
		}
		switch c.Code {
		case "PLAN_INVALID":
			db.met["plan refused"]++
		case "PLAN_NOT_ALLOWED":
			db.met["plan not allowed"]++
		}
		switch {
		case c.Kind == "node" && s.kind == graph.KindBoundaryEvent && s.boundary.Kind == graph.BoundaryError:
			db.met["error caught"]++
		case c.Kind == "node" && s.kind == graph.KindBoundaryEvent && !s.boundary.KeepsRunning:
			db.met["interrupted"]++
		case c.State == string(flow.TaskFailed) && s.list != nil && s.list.tolerated > 0:
			db.met["entry tolerated"]++
		case c.Code == flow.CodeTooManyRounds:
			db.met["rounds guarded"]++
		}
	}
	if db.process.State.Terminal() && fx.ProcessDirty {
		db.met["ends "+string(db.process.State)]++
	}
}

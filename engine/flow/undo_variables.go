package flow

import (
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/expr"
)

// undoing says that a task of a handler reads from now on; other nodes are left alone.
func (v *variables) undoing(sc *Scope, n *Node, run int) {
	if !n.handler || sc == nil {
		return
	}
	v.undone = v.recordOf(sc, TaskID(v.st.Process.ID, sc.ID, n.ID, run))
	if v.undone != nil && sc.ofList() {
		v.run = v.undone.Run
	}
}

// recordOf finds what a task undoes, or what it lies in does.
func (v *variables) recordOf(sc *Scope, task string) *UndoRecord {
	for ; sc != nil; task, sc = sc.ID, v.st.Scopes[sc.ParentID] {
		if u := sc.State.undoingOf(task); u != nil {
			return v.st.Data.Undo.Now[UndoKey{u.Stack, u.Now}]
		}
		if sc.Kind == ScopeRoot {
			break
		}
	}
	return nil
}

// undoneNow decodes what is undone.
func (v *variables) undoneNow(data *expr.Context) error {
	rec := v.undone
	if rec == nil {
		rec = v.recordOf(v.st.Scopes[v.scope], "")
	}
	if rec == nil {
		return nil
	}
	value := map[string]any{"node": rec.Node, "run": rec.Run, "input": nil, "output": nil}
	for name, raw := range map[string]json.RawMessage{"input": rec.Input, "output": rec.Output} {
		if len(raw) == 0 {
			continue
		}
		decoded, err := expr.DecodeJSON(raw)
		if err != nil {
			return fmt.Errorf("decode the %s of task %s: %w", name, rec.Task, err)
		}
		value[name] = decoded
	}
	data.Undone = value
	return nil
}

package flow_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// field is the JSON of the member v of an object.
func field(raw json.RawMessage) string {
	var o struct {
		V json.RawMessage `json:"v"`
	}
	if json.Unmarshal(raw, &o) != nil {
		return ""
	}
	return string(o.V)
}

// compare holds the stored state to its invariants and to the reference.
func (db *database) compare() {
	db.t.Helper()
	st := db.load(flow.Event{})
	for id, task := range db.tasks {
		st.Tasks[id] = &task
	}
	checkState(db.t, st)
	if got, want := db.picture(st), db.ref.picture(); got != want {
		db.fatal("Advance:\n%s\nreference:\n%s", got, want)
	}
	for _, task := range db.tasks {
		if task.State == flow.TaskRetrying {
			due := slices.ContainsFunc(db.timers, func(w flow.Timer) bool { return w.TaskID == task.ID && w.Epoch == task.Epoch })
			if !due {
				db.fatal("task %s is retrying without a timer", task.NodeID)
			}
		}
	}
}

func (db *database) picture(st *flow.State) string {
	var lines []string
	for _, task := range st.Tasks {
		state := string(task.State)
		switch task.State {
		case flow.TaskReady, flow.TaskQueued, flow.TaskRunning:
			if state = "live"; task.Attempt == 0 {
				state = "waiting"
			}
		}
		lines = append(lines, fmt.Sprintf("task %s#%d %s epoch %d attempt %d losses %d input %q rev %d",
			task.NodeID, task.Run, state, task.Epoch, task.Attempt, task.Losses, field(task.Input), task.InputRev))
	}
	tokens, parked := 0, 0
	if root := st.Scopes[processID]; root != nil {
		tokens, parked = root.State.Tokens, len(root.State.Parked)
		for e, n := range root.State.Joins {
			lines = append(lines, fmt.Sprintf("join %s %d", e, n))
		}
		for n, c := range root.State.Runs {
			lines = append(lines, fmt.Sprintf("reached %s %d", n, c))
		}
		var output map[string]json.RawMessage
		if len(root.State.Output) > 0 && json.Unmarshal(root.State.Output, &output) != nil {
			db.fatal("the output is no object: %s", root.State.Output)
		}
		for n, v := range output {
			lines = append(lines, "output "+n+" "+string(v))
		}
	}
	for key, raw := range db.data.Outputs {
		lines = append(lines, "latest "+key.Node+" "+field(raw))
	}
	sort.Strings(lines)
	return fmt.Sprintf("%s %s tokens %d parked %d\n%s", st.Process.Shown(), st.Process.ErrorCode, tokens, parked, strings.Join(lines, "\n"))
}

// checkAccepted holds that each activation was accepted once and each task ended once.
func (db *database) checkAccepted() {
	db.t.Helper()
	for what, n := range db.accepted {
		if n != 1 {
			db.fatal("the output of %s was accepted %d times", what, n)
		}
	}
	for id, task := range db.tasks {
		if db.ended[id] != 1 {
			db.fatal("task %s#%d ended %d times", task.NodeID, task.Run, db.ended[id])
		}
		done := task.State == flow.TaskCompleted || task.State == flow.TaskSkipped
		if (db.ref.done[task.NodeID+"#"+strconv.Itoa(task.Run)] == 1) != done {
			db.fatal("task %s#%d is %s", task.NodeID, task.Run, task.State)
		}
	}
}

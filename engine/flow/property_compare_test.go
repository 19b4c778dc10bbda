package flow_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// field is the JSON of the member v of an object, null when it has none.
func field(raw json.RawMessage) string {
	var o struct {
		V json.RawMessage `json:"v"`
	}
	if json.Unmarshal(raw, &o) != nil || len(o.V) == 0 {
		return "null"
	}
	return string(o.V)
}

// given is what an activity gave, in the words of the reference: v, or what a list ended with.
func given(raw json.RawMessage) string {
	var o struct {
		Total                    *int
		Completed, Failed, Extra int
		Values                   json.RawMessage
	}
	if json.Unmarshal(raw, &o) != nil || o.Total == nil {
		return field(raw)
	}
	body := fmt.Sprintf("total %d completed %d failed %d", *o.Total, o.Completed, o.Failed)
	if len(o.Values) > 0 {
		body += " values " + string(o.Values)
	}
	return body
}

// compare holds the stored state to its invariants and to the reference.
func (db *database) compare() {
	db.t.Helper()
	st := db.load(flow.Event{}, false)
	for id, task := range db.tasks {
		st.Tasks[id] = &task
	}
	checkState(failing{db.t, db}, st)
	if got, want := db.picture(st), db.ref.picture(); got != want {
		db.fatal("they differ:\n%s", difference(got, want))
	}
	for _, task := range db.tasks {
		if task.State == flow.TaskRetrying {
			due := slices.ContainsFunc(db.timers, func(w flow.Timer) bool { return w.TaskID == task.ID && w.Epoch == task.Epoch })
			if !due {
				db.fatal("task %s is retrying without a timer", db.path(task))
			}
		}
	}
	for _, c := range db.children {
		if db.process.State == flow.ProcessCancelling && !c.told && !c.over {
			db.fatal("a process that is being cancelled waits for the child process of %s, which nobody has told to end", db.pathOf(c.event.Task))
		}
	}
	if now := db.process.OpenIncidents + db.process.Below; db.caller != nil && now != db.trouble {
		db.fatal("the caller knows of %d incidents, and there are %d", db.trouble, now)
	}
}

// failing tells which case it is that fails.
type failing struct {
	testing.TB
	db *database
}

func (f failing) Fatalf(format string, args ...any) { f.db.fatal(format, args...) }

// difference shows the lines that only one of the two has.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	var out []string
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, "Advance:   "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			out = append(out, "reference: "+line)
		}
	}
	if len(out) == 0 {
		return "the same lines, more or less often\nAdvance:\n" + got + "\nreference:\n" + want
	}
	return strings.Join(out, "\n")
}

func (db *database) picture(st *flow.State) string {
	var lines []string
	for _, task := range st.Tasks {
		sc := st.Scopes[task.ScopeID]
		state := string(task.State)
		switch task.State {
		case flow.TaskReady, flow.TaskQueued:
			if state = "live"; task.Attempt == 0 {
				state = "again"
			}
		case flow.TaskWaiting:
			state = "waits"
		case flow.TaskRunning:
			if state = "live"; task.Attempt == 0 {
				state = "inside"
			}
			if sc != nil && sc.State.Calls[task.ID] != "" {
				state = "inside calling"
			}
			if db.planning(*task) {
				state = "inside"
			}
		}
		input := ""
		if len(task.Input) > 0 && !strings.HasPrefix(string(task.Input), `{"items":`) {
			input = field(task.Input)
		}
		lines = append(lines, fmt.Sprintf("task %s %s epoch %d attempt %d losses %d input %q rev %d gone %v",
			db.path(*task), state, task.Epoch, task.Attempt, task.Losses, input, task.InputRev, task.Hidden))
	}
	for _, w := range db.timers {
		if task := db.tasks[w.TaskID]; w.Kind == flow.TimerWait && !task.State.Terminal() {
			lines = append(lines, "awaits "+db.path(task)+" "+w.Node)
		}
	}
	for _, w := range db.waits {
		if task := db.tasks[w.TaskID]; w.Kind == flow.WaitMessage && !task.State.Terminal() {
			lines = append(lines, "awaits "+db.path(task)+" "+w.Node)
		}
	}
	for _, sc := range st.Scopes {
		lines = append(lines, db.pictureOf(sc)...)
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s %s\n%s", st.Process.Shown(), st.Process.ErrorCode, strings.Join(lines, "\n"))
}

func (db *database) pictureOf(sc *flow.Scope) (lines []string) {
	s := &sc.State
	add := func(format string, args ...any) {
		lines = append(lines, db.pathOfScope(sc)+" "+fmt.Sprintf(format, args...))
	}
	add("tokens %d parked %d due %d throws %d", s.Tokens, len(s.Parked), len(s.Due), len(s.Undoing))
	for e, n := range s.Joins {
		add("join %s %d", e, n)
	}
	var output map[string]json.RawMessage
	if len(s.Output) > 0 && json.Unmarshal(s.Output, &output) != nil {
		db.fatal("the output is no object: %s", s.Output)
	}
	for n, v := range output {
		add("output %s %s", n, v)
	}
	if m := s.Multi; m != nil {
		add("total %d next %d completed %d failed %d allow %d over %v again %d", m.Total, m.Next, m.Completed, m.Failed, m.Tolerated, m.Over, len(m.Again))
		return lines
	}
	for n, c := range s.Runs {
		add("reached %s %d", n, c)
	}
	if sc.Kind == flow.ScopeUndo {
		return lines
	}
	for key, raw := range db.data.Outputs {
		if sc.Kind == flow.ScopePlan && (s.Runs[key.Node] == 0 || slices.Contains(slices.Collect(maps.Values(s.Open)), key.Node)) {
			continue // of an earlier plan of the same task, which nothing reads
		}
		if key.Scope == sc.ID && !db.gen.steps[key.Node].handler {
			add("latest %s %s", key.Node, given(raw))
		}
	}
	return lines
}

func (db *database) pathOfScope(sc *flow.Scope) string {
	if sc.Kind == flow.ScopeRoot {
		return ""
	}
	return db.pathOf(sc.ID)
}

// checkEnd holds that each activation was accepted once, each task ended once, every child process is looked after, the caller has its
// answer, and nothing is waited for any more.
func (db *database) checkEnd() {
	db.t.Helper()
	for id, task := range db.tasks {
		if db.ended[id] != 1 {
			db.fatal("task %s ended %d times", db.path(task), db.ended[id])
		}
		done := task.State == flow.TaskCompleted || task.State == flow.TaskSkipped
		if (db.accepted[id] == 1) != done || db.ref.done[db.path(task)] != db.accepted[id] {
			db.fatal("task %s is %s; accepted %d times, by the reference %d", db.path(task), task.State, db.accepted[id], db.ref.done[db.path(task)])
		}
	}
	for _, c := range db.children {
		if !c.told && !c.over {
			db.fatal("nobody has told the child process of %s that nobody waits for it", db.pathOf(c.event.Task))
		}
	}
	if db.caller != nil && db.answers != 1 {
		db.fatal("the caller was told %d times how it ended", db.answers)
	}
	if len(db.scopes) != 1 {
		db.fatal("%d scopes live on", len(db.scopes)-1)
	}
	for _, w := range db.waits {
		db.fatal("task %s still waits at %s", db.pathOf(w.TaskID), w.Node)
	}
}

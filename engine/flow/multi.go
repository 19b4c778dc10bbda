package flow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Bounds of a multi-instance activity.
const (
	// MaxEntries is the longest list.
	MaxEntries = 1_000_000
	// UsualLimit is how many entries are under way at a time when the author gives no limit.
	UsualLimit = 100
)

// multi is a compiled multi-instance marker.
type multi struct {
	items     *evaluator
	limit     int
	until     *condition
	tolerated int // a number of entries, or per cent when share is set
	share     bool
	collect   *evaluator
	inside    readSet // what its expressions read while entries end
}

func compileMulti(src *graph.Multi) (*multi, error) {
	m := &multi{limit: UsualLimit}
	var err error
	if m.items, err = compileValue(src.Items); err != nil {
		return nil, fmt.Errorf("items: %w", err)
	}
	switch {
	case src.Sequential:
		m.limit = 1
	case src.Limit > 0:
		m.limit = min(src.Limit, graph.MaxMultiLimit)
	}
	if src.Until != "" {
		if m.until, err = compileCondition(src.Until); err != nil {
			return nil, fmt.Errorf("until: %w", err)
		}
		m.inside.add(m.until.set())
	}
	if len(src.Collect) > 0 {
		if m.collect, err = compileValue(src.Collect); err != nil {
			return nil, fmt.Errorf("collect: %w", err)
		}
		m.inside.add(m.collect.set())
	}
	if src.Tolerated != "" {
		number, share := strings.CutSuffix(src.Tolerated, "%")
		if m.tolerated, err = strconv.Atoi(strings.TrimSpace(number)); err != nil || m.tolerated < 0 || share && m.tolerated > 100 {
			return nil, fmt.Errorf("tolerated: %q is neither a number nor a share", src.Tolerated)
		}
		m.share = share
	}
	return m, nil
}

// allowed is how many of total entries may fail.
func (m *multi) allowed(total int) int {
	if m.share {
		return total * m.tolerated / 100
	}
	return m.tolerated
}

// instance tells whether a task of the node in this scope is an entry of a list.
func (r *run) instance(sc *Scope, n *Node) bool { return sc.Kind == ScopeMulti && sc.NodeID == n.ID }

// repeat begins an activity for each entry of a list. The list is frozen in the task's input: {"items": [...]}, or the number.
func (r *run) repeat(sc *Scope, n *Node, t *Task) error {
	list, total, err := r.entries(n)
	var p plan
	if err == nil {
		err = r.border(&p, n)
	}
	if err != nil {
		return r.broken(sc, n, t, fault(CodeExpression, err))
	}
	if t == nil {
		t = r.create(sc, n)
	}
	t.Input = list
	if err := r.move(t, TaskRunning); err != nil {
		return err
	}
	r.adopt(t, &p)
	inner := r.open(t, ScopeMulti)
	inner.State.Multi = &MultiState{Total: total, Tolerated: n.multi.allowed(total)}
	if n.multi.collect != nil {
		if r.gathered == nil {
			r.gathered = map[string]map[int]json.RawMessage{}
		}
		r.gathered[inner.ID] = map[int]json.RawMessage{}
	}
	return nil
}

// entries evaluates the list.
func (r *run) entries(n *Node) (input json.RawMessage, total int, err error) {
	raw, err := n.multi.items.eval(&r.vars)
	if err != nil {
		return nil, 0, fmt.Errorf("items: %w", err)
	}
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) > 0 && raw[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, 0, fmt.Errorf("items: %w", err)
		}
		total = len(list)
	default:
		if total, err = strconv.Atoi(string(raw)); err != nil || total < 0 {
			return nil, 0, fmt.Errorf("items: %.100s is neither a list nor a whole number", raw)
		}
	}
	if total > MaxEntries {
		return nil, 0, fmt.Errorf("items: %d are more than %d", total, MaxEntries)
	}
	return slices.Concat([]byte(`{"items":`), raw, []byte(`}`)), total, nil
}

// begins tells whether an entry is to begin: one anew, or the next one.
func (m *MultiState) begins(limit int) bool {
	return m != nil && !m.Over && (len(m.Again) > 0 || m.Next < m.Total) && m.Active()-len(m.Again) < limit
}

// fill begins an entry of a list if there is room; it tells whether it did.
func (r *run) fill(sc *Scope, n *Node) (bool, error) {
	m := sc.State.Multi
	if !m.begins(n.multi.limit) {
		return false, nil
	}
	if sc.State.Runs == nil {
		sc.State.Runs = map[string]int{}
	}
	if len(m.Again) > 0 {
		sc.State.Runs[n.ID], m.Again = m.Again[0], m.Again[1:]
		defer func() { sc.State.Runs[n.ID] = m.Next }()
	} else {
		m.Next++
		sc.State.Runs[n.ID] = m.Next
	}
	sc.State.Tokens++
	r.dirty(sc)
	return true, r.perform(sc, n, nil)
}

// entryOf is which entry of a list a run is of.
func (m *MultiState) entryOf(run int) int { return (run - 1) % max(m.Total, 1) }

// entryEnded counts an entry that is over. Its token is consumed.
func (r *run) entryEnded(sc *Scope, n *Node, completed bool) error {
	m := sc.State.Multi
	sc.State.Tokens--
	if completed {
		m.Completed++
	} else {
		m.Failed++
	}
	r.dirty(sc)
	if n.multi.until == nil || m.Over {
		return nil
	}
	r.vars.enter(sc.ParentID, 0)
	counts, err := json.Marshal(map[string]int{"total": m.Total, "completed": m.Completed, "failed": m.Failed, "active": m.Active()})
	if err != nil {
		return fmt.Errorf("flow: counts of %s: %w", n.ID, err)
	}
	if n.handler {
		r.vars.undone = r.vars.recordOf(sc, "")
	}
	r.vars.result = counts
	over, err := n.multi.until.holds(&r.vars)
	m.Over = err == nil && over // an expression that fails ends nothing early
	return nil
}

// collect keeps what an entry gives to the list of values.
func (r *run) collect(sc *Scope, n *Node, t *Task, output json.RawMessage) error {
	if n.multi.collect == nil {
		return nil
	}
	r.vars.enter(sc.ID, t.Run)
	r.vars.result = output
	value, err := n.multi.collect.eval(&r.vars)
	if err != nil {
		value = json.RawMessage("null")
		r.fx.Log = append(r.fx.Log, Change{Kind: "collect_failed", Task: t.ID, Node: n.ID, Run: t.Run, Scope: sc.ID, Text: err.Error()})
	}
	r.fx.Outputs = append(r.fx.Outputs, Output{ScopeID: sc.ID, Run: t.Run, Body: value})
	for _, held := range []map[int]json.RawMessage{r.st.Data.Collected[sc.ID], r.gathered[sc.ID]} {
		if held != nil {
			held[t.Run] = value
		}
	}
	return nil
}

// over tells whether a list has nothing left to do.
func (sc *Scope) over() bool {
	m := sc.State.Multi
	return m != nil && (m.Over || m.Next >= m.Total && m.Active() == 0)
}

// endRepeat ends a multi-instance activity; entries under way are cancelled.
func (r *run) endRepeat(sc *Scope, n *Node) error {
	t := r.st.Tasks[sc.ID]
	if t == nil {
		return &NeedTasks{IDs: []string{sc.ID}}
	}
	outer, err := r.scopeOf(t)
	if err != nil {
		return err
	}
	output, err := r.repeated(sc, n)
	if err != nil {
		return err
	}
	if err := r.endInside(t); err != nil {
		return err
	}
	r.cause = causeScopeEnd
	if err := r.closeTask(outer, t, TaskCompleted); err != nil {
		return err
	}
	r.output(t, output)
	if n.handler {
		return r.done(outer, n, t, output)
	}
	return r.goOrPark(outer, Parked{Task: t.ID, Node: n.ID})
}

// repeated is the output of a multi-instance activity: {total, completed, failed, values}.
func (r *run) repeated(sc *Scope, n *Node) (json.RawMessage, error) {
	m := sc.State.Multi
	counts := fmt.Sprintf(`{"total":%d,"completed":%d,"failed":%d`, m.Total, m.Completed, m.Failed)
	if n.multi.collect == nil {
		return json.RawMessage(counts + "}"), nil
	}
	collected := r.st.Data.Collected[sc.ID]
	if collected == nil { // it began just now
		collected = r.gathered[sc.ID]
	}
	if collected == nil && m.Completed > 0 {
		return nil, &NeedCollected{Scope: sc.ID}
	}
	runs := make([]int, 0, len(collected))
	size := 2
	for run, value := range collected {
		runs = append(runs, run)
		size += len(value) + 1
	}
	slices.SortFunc(runs, func(a, b int) int { return m.entryOf(a) - m.entryOf(b) })
	values := make([]byte, 0, size)
	values = append(values, '[')
	for i, run := range runs {
		if i > 0 {
			values = append(values, ',')
		}
		values = append(values, collected[run]...)
	}
	values = append(values, ']')
	if len(values)+len(counts)+16 <= maxPayload {
		return json.RawMessage(counts + `,"values":` + string(values) + "}"), nil
	}
	sum := sha256.Sum256(values)
	file := File{SHA256: hex.EncodeToString(sum[:]), Name: n.ID + ".json", MediaType: "application/json", Body: values}
	r.fx.Files = append(r.fx.Files, file)
	return json.RawMessage(fmt.Sprintf(`%s,"values":{"$file":"sha256:%s","name":%q,"size":%d,"media_type":%q}}`,
		counts, file.SHA256, file.Name, len(values), file.MediaType)), nil
}

// NeedCollected says that a list is over and what its entries gave is not in Data.Collected. The caller loads it and calls Advance
// again on a fresh state.
type NeedCollected struct{ Scope string }

// Error says of which scope.
func (e *NeedCollected) Error() string {
	return "flow: the values of scope " + e.Scope + " are not loaded"
}

var errNoEntry = errors.New("the list has no such entry")

// entry is the value of `item` for a run of an activity in a multi-instance scope.
func (v *variables) entry(scope string, index int) (any, error) {
	list, known := v.st.lists[scope]
	if !known {
		t := v.st.Tasks[scope]
		if t == nil {
			return nil, &NeedTasks{IDs: []string{scope}}
		}
		var frozen struct {
			Items json.RawMessage `json:"items"`
		}
		if err := json.Unmarshal(t.Input, &frozen); err != nil {
			return nil, fmt.Errorf("decode the list of task %s: %w", t.ID, err)
		}
		decoded, err := expr.DecodeJSON(frozen.Items)
		if err != nil {
			return nil, fmt.Errorf("decode the list of task %s: %w", t.ID, err)
		}
		list, _ = decoded.([]any)
		if v.st.lists == nil {
			v.st.lists = map[string][]any{}
		}
		v.st.lists[scope] = list
	}
	switch {
	case list == nil: // a number: the entries are the numbers from 0
		return index, nil
	case index < 0 || index >= len(list):
		return nil, errNoEntry
	default:
		return list[index], nil
	}
}

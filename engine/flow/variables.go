package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/expr"
)

var errTooLarge = errors.New("the object is larger than 256 KiB")

// variables is what expressions see of the state: it decodes a payload when it is first read, once per Advance.
type variables struct {
	g       *Graph
	st      *State
	scope   string // id of the scope whose token reads
	run     int    // of the activity that reads: in a multi-instance scope the entry's index plus one
	now     time.Time
	result  json.RawMessage // the worker's output, in result mappings
	undone  *UndoRecord     // what the task undoes whose token reads
	input   any
	decoded bool // input is
	process map[string]any
	outputs map[OutputKey]any
	given   *expr.Context  // all that there is, where no process runs
	inputs  map[string]any // of planning tasks, by task
}

// enter says whose token reads from now on.
func (v *variables) enter(scope string, run int) {
	v.scope, v.run, v.result, v.undone = scope, run, nil, nil
}

// context gathers what the given reads name.
func (v *variables) context(reads *expr.Reads) (expr.Context, error) {
	if v.given != nil {
		return *v.given, nil
	}
	data := expr.Context{Now: v.now}
	if sc := v.plan(); reads.Input && sc != nil {
		input, err := v.planInput(sc)
		if err != nil {
			return data, err
		}
		data.Input = input
	} else if reads.Input {
		if !v.decoded {
			input, err := expr.DecodeJSON(v.st.Data.Input)
			if err != nil {
				return data, fmt.Errorf("decode the input of process %s: %w", v.st.Process.ID, err)
			}
			v.input, v.decoded = input, true
		}
		data.Input = v.input
	}
	if reads.Process {
		data.Process = v.header()
	}
	if reads.Result {
		result, err := expr.DecodeJSON(v.result)
		if err != nil {
			return data, fmt.Errorf("decode the worker's output: %w", err)
		}
		data.Result = result
	}
	if reads.Item {
		if err := v.item(&data); err != nil {
			return data, err
		}
	}
	if reads.Error {
		value, err := v.latestError()
		if err != nil {
			return data, err
		}
		data.Error = value
	}
	if reads.Undone || v.undone != nil && len(reads.Tasks) > 0 {
		if err := v.undoneNow(&data); err != nil {
			return data, err
		}
	}
	for _, node := range reads.Tasks {
		if err := v.load(node); err != nil {
			return data, err
		}
	}
	if len(reads.Tasks) > 0 {
		data.Tasks = func(node string) (any, bool) {
			if v.undone != nil && v.undone.Node == node {
				return data.Undone.(map[string]any)["output"], true // of that very run
			}
			output, found := v.outputs[v.key(node)]
			return output, found
		}
	}
	return data, nil
}

// key is where a node's latest output is, as seen from the scope that reads.
func (v *variables) key(node string) OutputKey {
	if sc := v.plan(); sc != nil {
		return OutputKey{sc.ID, sc.NodeID + PlanSeparator + node}
	}
	if level := v.g.levelOf(v.st.Scopes, v.scope, node); level != nil {
		return OutputKey{level.data(), node}
	}
	return OutputKey{v.scope, node}
}

// item finds the entry of the nearest list around the token.
func (v *variables) item(data *expr.Context) error {
	index := v.run - 1
	for sc := v.st.Scopes[v.scope]; sc != nil; sc = v.st.Scopes[sc.ParentID] {
		if sc.Kind == ScopeMulti || sc.ofList() {
			if m := sc.State.Multi; m != nil {
				index = m.entryOf(index + 1)
			} else if sc.ofList() {
				index = sc.State.Undo.entryOf(index + 1)
			}
			value, err := v.entry(sc.ID, index)
			data.Item, data.Index = value, index
			return err
		}
		if sc.State.Item > 0 {
			index = sc.State.Item - 1
		}
		if sc.Kind == ScopeRoot {
			break
		}
	}
	return nil
}

// latestError is what a boundary event caught last in the token's scope, or around it.
func (v *variables) latestError() (any, error) {
	for sc := v.st.Scopes[v.scope]; sc != nil; sc = v.st.Scopes[sc.ParentID] {
		if len(sc.State.Error) > 0 {
			return expr.DecodeJSON(sc.State.Error)
		}
		if sc.Kind == ScopeRoot {
			break
		}
	}
	return nil, nil
}

// load decodes the latest output of a node, if it has one.
func (v *variables) load(node string) error {
	key := v.key(node)
	if _, done := v.outputs[key]; done {
		return nil
	}
	raw, found := v.st.Data.Outputs[key]
	if !found {
		return nil
	}
	output, err := expr.DecodeJSON(raw)
	if err != nil {
		return fmt.Errorf("decode the output of %s: %w", node, err)
	}
	if v.outputs == nil {
		v.outputs = map[OutputKey]any{}
	}
	v.outputs[key] = output
	return nil
}

// forget drops what was decoded of an output that has been replaced.
func (v *variables) forget(key OutputKey) { delete(v.outputs, key) }

// header is `process` in expressions.
func (v *variables) header() map[string]any {
	if v.process == nil {
		p := v.st.Process
		v.process = map[string]any{
			"id": p.ID, "custom_id": p.CustomID, "definition": p.Definition, "version": p.Version, "priority": p.Priority,
			"started_at": p.StartedAt.UTC().Format(time.RFC3339Nano),
		}
	}
	return v.process
}

// evaluator is a compiled value of a node's configuration.
type evaluator struct {
	value *expr.Value
	reads expr.Reads
}

func compileValue(raw json.RawMessage) (*evaluator, error) {
	value, err := expr.CompileValue(raw, expr.Env{})
	if err != nil {
		return nil, err
	}
	return &evaluator{value: value, reads: value.Reads()}, nil
}

// eval gives the value as JSON.
func (e *evaluator) eval(v *variables) (json.RawMessage, error) {
	data, err := v.context(&e.reads)
	if err != nil {
		return nil, err
	}
	value, err := e.value.Eval(data)
	if err != nil {
		return nil, err
	}
	return expr.EncodeJSON(value)
}

// constant gives a value that depends on nothing.
func (e *evaluator) constant() (json.RawMessage, error) {
	value, err := e.value.Eval(expr.Context{})
	if err != nil {
		return nil, err
	}
	return expr.EncodeJSON(value)
}

func (e *evaluator) set() readSet { return setOf(e.reads) }

// condition is a compiled condition of an edge.
type condition struct {
	program *expr.Program
	reads   expr.Reads
}

func compileCondition(source string) (*condition, error) {
	body, ok := strings.CutPrefix(source, "=")
	if !ok {
		return nil, errors.New(`a condition begins with "="`)
	}
	program, err := expr.Compile(body, expr.Env{})
	if err != nil {
		return nil, err
	}
	return &condition{program: program, reads: program.Reads()}, nil
}

// holds tells whether the condition is true; anything but true and false is an error.
func (c *condition) holds(v *variables) (bool, error) {
	data, err := v.context(&c.reads)
	if err != nil {
		return false, err
	}
	value, err := c.program.Eval(data)
	if err != nil {
		return false, err
	}
	open, ok := value.(bool)
	if !ok {
		raw, err := expr.EncodeJSON(value)
		if err != nil {
			return false, err
		}
		return false, fmt.Errorf("it gives %.100s, which is neither true nor false", raw)
	}
	return open, nil
}

func (c *condition) set() readSet { return setOf(c.reads) }

func setOf(reads expr.Reads) readSet {
	set := readSet{input: reads.Input}
	if len(reads.Tasks) > 0 {
		set.tasks = make(map[string]bool, len(reads.Tasks))
		for _, t := range reads.Tasks {
			set.tasks[t] = true
		}
	}
	return set
}

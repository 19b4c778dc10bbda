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
	st      *State
	scope   string // id of the scope whose token reads
	now     time.Time
	result  json.RawMessage // the worker's output, in result mappings
	input   any
	decoded bool // input is
	process map[string]any
	outputs map[OutputKey]any
}

// context gathers what the given reads name.
func (v *variables) context(reads *expr.Reads) (expr.Context, error) {
	data := expr.Context{Now: v.now}
	if reads.Input {
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
	for _, node := range reads.Tasks {
		if err := v.load(node); err != nil {
			return data, err
		}
	}
	if len(reads.Tasks) > 0 {
		data.Tasks = func(node string) (any, bool) {
			output, found := v.outputs[OutputKey{v.scope, node}]
			return output, found
		}
	}
	return data, nil
}

// load decodes the latest output of a node, if it has one.
func (v *variables) load(node string) error {
	key := OutputKey{v.scope, node}
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

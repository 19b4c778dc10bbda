package flow

import (
	"encoding/json"
	"errors"
	"time"
)

var errTooLarge = errors.New("the object is larger than 256 KiB")

// variables is what expressions see of the state: it decodes a payload when it is first read, once per Advance.
type variables struct {
	st     *State
	scope  *Scope
	now    time.Time
	input  any
	result json.RawMessage
	known  map[string]any
}

func (v *variables) forget(node string) { delete(v.known, node) }

// evaluator is a compiled value of a node's configuration.
type evaluator interface {
	reads() readSet
	// eval gives the value as JSON.
	eval(v *variables) (json.RawMessage, error)
}

type condition struct{}

func compileCondition(string) (*condition, error)   { return &condition{}, nil }
func (c *condition) reads() readSet                 { return readSet{} }
func (c *condition) holds(*variables) (bool, error) { return true, nil }

type rawValue json.RawMessage

func (r rawValue) reads() readSet                           { return readSet{} }
func (r rawValue) eval(*variables) (json.RawMessage, error) { return json.RawMessage(r), nil }

func compileValue(raw json.RawMessage) (evaluator, error) { return rawValue(raw), nil }

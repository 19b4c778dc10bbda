package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/fault"
)

// beginning is a start event of the process, ready to use.
type beginning struct {
	*graph.StartEvent
	input    *expr.Value // what becomes the process input; nil: what came
	customID *expr.Value // nil: none
}

// indexStarts prepares the start events of the process.
func (c *compiled) indexStarts() error {
	c.begin = map[string]*beginning{}
	for i := range c.Document.Nodes {
		n := &c.Document.Nodes[i]
		if n.Kind != graph.KindStartEvent || n.Parent != "" {
			continue
		}
		b := &beginning{StartEvent: n.Start}
		if b.StartEvent == nil {
			b.StartEvent = &graph.StartEvent{}
		}
		for _, part := range []struct {
			use   bool
			value any
			into  **expr.Value
		}{{b.Input != nil, b.Input, &b.input}, {b.CustomID != "", b.CustomID, &b.customID}} {
			if !part.use {
				continue
			}
			raw, err := json.Marshal(part.value)
			if err == nil {
				*part.into, err = expr.CompileValue(raw, expr.Env{})
			}
			if err != nil {
				return fmt.Errorf("start %s: %w", n.ID, err)
			}
		}
		c.begin[n.ID] = b
	}
	return nil
}

// beginAt finds the start event of a start and, when a message or a request set it off, makes the input of what came.
func (c *compiled) beginAt(cmd *StartCommand, most int) error {
	if cmd.Node == "" {
		cmd.Node = c.graph.Start()
	}
	b := c.begin[cmd.Node]
	if b == nil {
		return fault.Newf(fault.Conflict, "start.no_node", "version %d of %s has no start event %q", cmd.Version, cmd.DefinitionKey, cmd.Node)
	}
	if cmd.StartAt != nil && cmd.Node != c.graph.Start() {
		return fault.New(fault.Invalid, "start.node_later", "only the usual start event begins at a later time")
	}
	t := cmd.Trigger
	if t == nil || t.Kind == TriggerSchedule {
		return nil // a schedule computes its own
	}
	if b.input != nil {
		if len(cmd.Input) > most {
			return fault.Newf(fault.TooLarge, "process.input_too_large", "the input is larger than %d bytes", most)
		}
		if issue := objectIssue(cmd.Input, "/input"); issue != nil {
			return fault.New(fault.Invalid, "process.input_invalid", "the input is not a JSON object that can be kept").WithIssues(*issue)
		}
		value, err := valueOf(b.input, cmd.Input, t.At)
		if err == nil {
			cmd.Input, err = expr.EncodeJSON(value)
		}
		if err != nil {
			return errStartValue("input", err)
		}
	}
	if b.customID == nil {
		return nil
	}
	value, err := valueOf(b.customID, cmd.Input, t.At)
	if err != nil {
		return errStartValue("custom_id", err)
	}
	if cmd.CustomID, err = TextOf(value); err != nil {
		return errStartValue("custom_id", err)
	}
	if len(cmd.CustomID) > mostKey || cmd.CustomID != clean(cmd.CustomID) {
		return errCustomID()
	}
	return nil
}

func valueOf(value *expr.Value, input json.RawMessage, at time.Time) (any, error) {
	decoded, err := expr.DecodeJSON(input)
	if err != nil {
		return nil, err
	}
	return value.Eval(expr.Context{Input: decoded, Now: at.UTC()})
}

// TextOf is a value where a text is wanted: null is the empty one, other scalars are written as JSON does.
func TextOf(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []any, map[string]any:
		return "", errors.New("it is a list or an object, not a text")
	}
	raw, err := expr.EncodeJSON(value)
	return string(raw), err
}

func errStartValue(field string, err error) error {
	return fault.Newf(fault.Invalid, "start.expression", "the start event's %s can't be computed: %s", field, err).
		WithIssues(fault.Issue{Code: "start.expression", Path: "/" + field, Message: err.Error()})
}

package schedule

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Actor is who the history of a process names when a schedule acts.
const Actor = "schedule"

// MarkRunning is what the commit says that starts a fire's process: $1 schedule, $2 time, $3 process.
const MarkRunning = `
UPDATE schedule_fire SET state = 'running', process_id = $3, started_at = clock_timestamp() WHERE schedule_id = $1 AND due_at = $2 AND state = 'due'`

// addManual is what the commit says that starts a process because a person ran the schedule: $1 schedule, $2 process, $3 who.
const addManual = `
INSERT INTO schedule_fire (schedule_id, due_at, kind, state, process_id, actor, decided_at, started_at)
SELECT id, clock_timestamp(), 'manual', 'running', $2, $3, clock_timestamp(), clock_timestamp() FROM schedule WHERE id = $1
ON CONFLICT DO NOTHING`

// command makes the start of a fire that comes at a time.
func command(p *Pending, at time.Time) (engine.StartCommand, error) {
	input, customID, err := values(p.Input, p.CustomID, at)
	if err != nil {
		return engine.StartCommand{}, err
	}
	return engine.StartCommand{
		Actor: Actor, DefinitionKey: p.Definition, Version: p.Version, Node: p.Node, CustomID: customID, Input: input, Priority: p.Priority,
		Trigger: &engine.Trigger{Kind: engine.TriggerSchedule, Node: p.Node, Ref: p.Schedule, Name: p.Name, At: at},
	}, nil
}

// values computes the input and the customId of a start at a time.
func values(input json.RawMessage, customID string, at time.Time) (json.RawMessage, string, error) {
	context := expr.Context{Now: at.UTC()}
	value, err := compute("input", input, &context)
	if err != nil {
		return nil, "", err
	}
	raw, err := expr.EncodeJSON(value)
	if err != nil {
		return nil, "", broken("input", err)
	}
	if customID == "" {
		return raw, "", nil
	}
	quoted, err := json.Marshal(customID)
	if err != nil {
		return nil, "", broken("custom_id", err)
	}
	context.Input = value
	named, err := compute("custom_id", quoted, &context)
	if err != nil {
		return nil, "", err
	}
	text, err := engine.TextOf(named)
	if err != nil {
		return nil, "", broken("custom_id", err)
	}
	return raw, text, nil
}

func compute(field string, raw json.RawMessage, context *expr.Context) (any, error) {
	compiled, err := expr.CompileValue(raw, expr.Env{Tasks: map[string]json.RawMessage{}})
	if err != nil {
		return nil, broken(field, err)
	}
	value, err := compiled.Eval(*context)
	if err != nil {
		return nil, broken(field, err)
	}
	return value, nil
}

func broken(field string, err error) error {
	return fault.New(fault.Invalid, "schedule.expression", fmt.Sprintf("the schedule's %s can't be computed: %s", field, err)).
		WithIssues(fault.Issue{Code: "schedule.expression", Path: "/" + field, Message: err.Error()})
}

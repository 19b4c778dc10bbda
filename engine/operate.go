package engine

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Cancel ends a process and everything in it; its history stays.
func (e *Engine) Cancel(ctx context.Context, cmd OpCommand) error {
	return e.operate(ctx, cmd, flow.Event{Kind: flow.EventCancel}, nil)
}

// Suspend holds a process: running tasks may end, nothing new starts.
func (e *Engine) Suspend(ctx context.Context, cmd OpCommand) error {
	return e.operate(ctx, cmd, flow.Event{Kind: flow.EventSuspend}, nil)
}

// Resume ends the hold of Suspend.
func (e *Engine) Resume(ctx context.Context, cmd OpCommand) error {
	return e.operate(ctx, cmd, flow.Event{Kind: flow.EventResume}, nil)
}

// Retry runs a task again: one that failed for good with all its attempts anew, one that waits for its next attempt at once.
// cmd.Input replaces the task's input, cmd.Patch changes it.
func (e *Engine) Retry(ctx context.Context, cmd TaskCommand) error {
	if err := e.checkPayload("/input", cmd.Input); err != nil {
		return err
	}
	if err := e.checkPayload("/patch", cmd.Patch); err != nil {
		return err
	}
	return e.operate(ctx, cmd.OpCommand, flow.Event{Kind: flow.EventRetry, Task: cmd.TaskID, Input: cmd.Input, Patch: cmd.Patch}, cmd.Files)
}

// Skip completes a task with a value instead of a run.
func (e *Engine) Skip(ctx context.Context, cmd TaskCommand) error {
	if err := e.checkPayload("/output", cmd.Output); err != nil {
		return err
	}
	output := cmd.Output
	if len(output) == 0 {
		output = emptyObject
	}
	return e.operate(ctx, cmd.OpCommand, flow.Event{Kind: flow.EventSkip, Task: cmd.TaskID, Output: output}, cmd.Files)
}

func (e *Engine) operate(ctx context.Context, cmd OpCommand, ev flow.Event, files []FileGrant) error {
	if uuid.Validate(cmd.ProcessID) != nil {
		return errUnknownProcess()
	}
	if ev.Task != "" && uuid.Validate(ev.Task) != nil {
		return errUnknownTask()
	}
	if len(files) > 0 && e.cfg.Files == nil {
		return fault.New(fault.Invalid, "process.files_unsupported", "this server keeps no files")
	}
	ev.Actor, ev.Reason = cmd.Actor, clip(clean(cmd.Reason), 2000)
	_, err := e.call(ctx, &entry{process: cmd.ProcessID, event: ev, files: files, also: cmd.Also})
	return err
}

// checkPayload answers what is wrong with a value that a person gave; nil values are right.
func (e *Engine) checkPayload(path string, value json.RawMessage) error {
	if len(value) == 0 {
		return nil
	}
	if len(value) > e.cfg.MaxPayload {
		return fault.Newf(fault.TooLarge, "task.payload_too_large", "the value is larger than %d bytes", e.cfg.MaxPayload)
	}
	if issue := objectIssue(value, path); issue != nil {
		return fault.New(fault.Invalid, "task.payload_invalid", "the value is not a JSON object that can be kept").WithIssues(*issue)
	}
	return nil
}

// RestartAsNew starts a new process of the same version, linked with the old one; input and customId may be changed. The old
// process stays as it is: cancel it when it is still live.
func (e *Engine) RestartAsNew(ctx context.Context, cmd RestartCommand) (string, error) {
	plan, err := e.startLike(ctx, cmd)
	if err != nil {
		return "", err
	}
	begin := flow.Event{Kind: flow.EventStart, Actor: cmd.Actor, Reason: clip(clean(cmd.Reason), 2000), Node: plan.cmd.Node}
	r, err := e.call(ctx, &entry{process: plan.key.Process, start: plan, also: cmd.Also, event: begin})
	return r.id, err
}

// startLike plans the start of a process like another one.
func (e *Engine) startLike(ctx context.Context, cmd RestartCommand) (*startPlan, error) {
	if uuid.Validate(cmd.ProcessID) != nil {
		return nil, errUnknownProcess()
	}
	old, err := e.store.Origin(ctx, cmd.ProcessID)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	start := StartCommand{Actor: cmd.Actor, DefinitionKey: old.Definition, Version: old.Version, CustomID: old.CustomID, Input: old.Input,
		Priority: old.Priority, RestartedFrom: cmd.ProcessID, Files: cmd.Files, Node: old.Node}
	if len(cmd.Input) > 0 {
		start.Input = cmd.Input
	}
	if cmd.CustomID != nil {
		start.CustomID = *cmd.CustomID
	}
	return e.planStart(ctx, start)
}

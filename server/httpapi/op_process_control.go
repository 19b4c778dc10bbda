package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
)

// reasonBody is what every operation on a process is told.
type reasonBody struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
}

type controlInput struct {
	ProcessPath
	Body reasonBody
}

type priorityInput struct {
	ProcessPath
	Body struct {
		Priority int    `json:"priority" minimum:"1" maximum:"5" doc:"1 is the most urgent"`
		Reason   string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
	} `nameHint:"ChangePriority"`
}

type restartInput struct {
	ProcessPath
	Body struct {
		Reason   string  `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
		Input    Object  `json:"input,omitempty" doc:"Absent keeps the input"`
		CustomID *string `json:"custom_id,omitempty" maxLength:"200" doc:"Absent keeps the customId"`
	} `nameHint:"RestartProcess"`
}

type restartOutput struct {
	Body struct {
		ID string `json:"id" doc:"Of the new process"`
	} `nameHint:"RestartedProcess"`
}

func (a *API) registerProcessControl() {
	for _, control := range []struct {
		id, verb     string
		permission   Permission
		summary, doc string
		do           func(Engine, context.Context, ProcessCommand) error
	}{
		{"cancelProcess", "cancel", PermProcessOperate, "Cancel a process", "Tasks are told to stop; the history stays.", Engine.Cancel},
		{"suspendProcess", "suspend", PermProcessOperate, "Suspend a process", "Running tasks may end; nothing new starts until it is resumed, nor in what it has called, at any level.", Engine.Suspend},
		{"resumeProcess", "resume", PermProcessOperate, "Resume a suspended process", "What it has called goes on with it, unless it was suspended on its own. A process that is suspended with its caller is resumed with it: flow.suspended_by_caller.", Engine.Resume},
		{"deleteProcess", "delete", PermProcessDelete, "Delete a process with all its traces",
			"A live one is cancelled first. What stays is a tombstone (that it was, who deleted it, when and why), the audit, and its idempotency key.", Engine.Delete},
	} {
		add(a, operation{id: control.id, method: http.MethodPost, path: "/processes/{id}/" + control.verb, tag: "processes",
			permission: control.permission, status: http.StatusNoContent, audit: "process." + control.verb,
			summary: control.summary, doc: control.doc},
			func(ctx context.Context, in *controlInput) (*struct{}, error) {
				command := ProcessCommand{Actor: caller(ctx).Login, ProcessID: in.ID, Reason: in.Body.Reason}
				if err := control.do(a.config.Engine, ctx, command); err != nil {
					return nil, err
				}
				audited(ctx, "process", in.ID, in.Body.Reason, nil)
				return nil, nil
			})
	}
	add(a, operation{id: "setPriority", method: http.MethodPost, path: "/processes/{id}/priority", tag: "processes", permission: PermProcessOperate,
		status: http.StatusNoContent, audit: "process.priority", summary: "Change the priority of a live process",
		doc: "What waits is ordered anew; what a worker has, or is about to get, stays as it is. What it has called gets the same priority."}, a.setPriority)
	add(a, operation{id: "restartProcess", method: http.MethodPost, path: "/processes/{id}/restart", tag: "processes",
		permission: PermProcessOperate, status: http.StatusCreated, audit: "process.restart", summary: "Restart as a new, linked process",
		doc: "The same definition and version; the input and the customId may be changed."}, a.restartProcess)
}

func (a *API) setPriority(ctx context.Context, in *priorityInput) (*struct{}, error) {
	command := ProcessCommand{Actor: caller(ctx).Login, ProcessID: in.ID, Reason: in.Body.Reason}
	if err := a.config.Engine.SetPriority(ctx, command, in.Body.Priority); err != nil {
		return nil, err
	}
	audited(ctx, "process", in.ID, in.Body.Reason, map[string]any{"priority": in.Body.Priority})
	return nil, nil
}

func (a *API) restartProcess(ctx context.Context, in *restartInput) (*restartOutput, error) {
	who := caller(ctx)
	input := json.RawMessage(in.Body.Input)
	files, err := a.filesIn(ctx, who, in.ID, input)
	if err != nil {
		return nil, err
	}
	id, err := a.config.Engine.Restart(ctx, RestartProcess{
		ProcessCommand: ProcessCommand{Actor: who.Login, ProcessID: in.ID, Reason: in.Body.Reason},
		Input:          input, CustomID: in.Body.CustomID, Files: files,
	})
	if err != nil {
		return nil, err
	}
	audited(ctx, "process", in.ID, in.Body.Reason, map[string]any{"restarted_as": id, "input_edited": input != nil})
	out := &restartOutput{}
	out.Body.ID = id
	return out, nil
}

package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
)

type fireInput struct {
	TaskPath
	Body struct {
		Node   string `json:"node,omitempty" maxLength:"63" doc:"The event that waits; absent: the only time that the task waits for"`
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
	} `nameHint:"FireTimer"`
}

type sendToInput struct {
	ProcessPath
	Body struct {
		Name    string `json:"name" minLength:"1" maxLength:"200" doc:"Of the message that the process waits for"`
		Key     string `json:"key,omitempty" maxLength:"500" doc:"Correlation key; absent: the one that the process waits under"`
		Payload Object `json:"payload,omitempty" doc:"What the waiting step gives as its output; absent means {}"`
		Reason  string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
	} `nameHint:"SendToProcess"`
}

type sendToOutput struct {
	Body struct {
		ID string `json:"id" doc:"Of the message"`
	} `nameHint:"SentToProcess"`
}

type againInput struct {
	TaskPath
	Body reasonBody
}

type againOutput struct {
	Body struct {
		Restarted int `json:"restarted" doc:"Entries that began anew"`
	} `nameHint:"RestartedEntries"`
}

func (a *API) registerWaits() {
	add(a, operation{id: "fireTimer", method: http.MethodPost, path: "/processes/{id}/tasks/{task_id}/fire", tag: "tasks", permission: PermProcessOperate,
		status: http.StatusNoContent, audit: "task.fire", summary: "Let a time that a task waits for come now",
		doc: "Of a timer, of an arm of a gateway, of an event on the border, of an escalation. What repeats goes on from now."}, a.fire)
	add(a, operation{id: "sendToProcess", method: http.MethodPost, path: "/processes/{id}/messages", tag: "processes", permission: PermProcessOperate,
		status: http.StatusCreated, audit: "process.message", summary: "Send a message to one process that waits for it",
		doc: "No other process takes it, whoever waits longest."}, a.sendTo)
	add(a, operation{id: "restartEntry", method: http.MethodPost, path: "/processes/{id}/tasks/{task_id}/restart", tag: "tasks", permission: PermProcessOperate,
		status: http.StatusNoContent, audit: "task.restart", summary: "Let an entry of a list that is under way begin anew",
		doc: "Whatever became of it: what is open of it is cancelled, what it gave is hidden, its old run stays in the history."}, a.restartEntry)
	add(a, operation{id: "restartFailedEntries", method: http.MethodPost, path: "/processes/{id}/tasks/{task_id}/restart-failed", tag: "tasks", permission: PermProcessOperate,
		audit: "task.restart_failed", summary: "Let all entries of a list begin anew that failed and were tolerated"}, a.restartFailed)
}

func (a *API) fire(ctx context.Context, in *fireInput) (*struct{}, error) {
	command := TaskCommand{ProcessCommand: ProcessCommand{Actor: caller(ctx).Login, ProcessID: in.ID, Reason: in.Body.Reason}, TaskID: in.TaskID}
	if err := a.config.Engine.Fire(ctx, command, in.Body.Node); err != nil {
		return nil, err
	}
	audited(ctx, "task", in.TaskID, in.Body.Reason, map[string]any{"process_id": in.ID, "node": in.Body.Node})
	return nil, nil
}

func (a *API) sendTo(ctx context.Context, in *sendToInput) (*sendToOutput, error) {
	who, payload := caller(ctx), json.RawMessage(in.Body.Payload)
	files, err := a.filesIn(ctx, who, in.ID, payload)
	if err != nil {
		return nil, err
	}
	id, err := a.config.Engine.SendTo(ctx, ProcessCommand{Actor: who.Login, ProcessID: in.ID, Reason: in.Body.Reason},
		SendMessage{Actor: who.Login, Name: in.Body.Name, Key: in.Body.Key, Payload: payload, Files: files})
	if err != nil {
		return nil, err
	}
	audited(ctx, "process", in.ID, in.Body.Reason, map[string]any{"message_id": id, "name": in.Body.Name, "key": in.Body.Key})
	out := &sendToOutput{}
	out.Body.ID = id
	return out, nil
}

func againCommand(ctx context.Context, in *againInput) TaskCommand {
	return TaskCommand{ProcessCommand: ProcessCommand{Actor: caller(ctx).Login, ProcessID: in.ID, Reason: in.Body.Reason}, TaskID: in.TaskID}
}

func (a *API) restartEntry(ctx context.Context, in *againInput) (*struct{}, error) {
	if err := a.config.Engine.RestartEntry(ctx, againCommand(ctx, in)); err != nil {
		return nil, err
	}
	audited(ctx, "task", in.TaskID, in.Body.Reason, map[string]any{"process_id": in.ID})
	return nil, nil
}

func (a *API) restartFailed(ctx context.Context, in *againInput) (*againOutput, error) {
	n, err := a.config.Engine.RestartFailed(ctx, againCommand(ctx, in))
	if err != nil {
		return nil, err
	}
	audited(ctx, "task", in.TaskID, in.Body.Reason, map[string]any{"process_id": in.ID, "restarted": n})
	out := &againOutput{}
	out.Body.Restarted = n
	return out, nil
}

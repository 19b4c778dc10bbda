package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
)

// TaskPath is the path parameter of everything below one task.
type TaskPath struct {
	ProcessPath
	TaskID string `path:"task_id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"Id of the task"`
}

type listTasksInput struct {
	ProcessPath
	Cursor string   `query:"cursor" maxLength:"1024" doc:"next_cursor of the answer before"`
	Limit  int      `query:"limit" minimum:"1" maximum:"500" default:"100"`
	State  []string `query:"state" maxItems:"10" enum:"waiting,ready,queued,running,retrying,incident,completed,failed,skipped,cancelled" doc:"Any of these, separated by commas"`
	Scope  string   `query:"scope" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"Only tasks of this scope"`
}

type listTasksOutput struct {
	Body struct {
		Items      []TaskSummary `json:"items"`
		NextCursor string        `json:"next_cursor,omitempty"`
	} `nameHint:"TaskList"`
}

type taskOutput struct {
	Body Task
}

type retryInput struct {
	TaskPath
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
		Input  Object `json:"input,omitempty" doc:"Absent keeps the input"`
	} `nameHint:"RetryTask"`
}

type skipInput struct {
	TaskPath
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
		Output Object `json:"output,omitempty" doc:"What the task would have answered; absent means {}"`
	} `nameHint:"SkipTask"`
}

func (a *API) registerTasks() {
	add(a, operation{id: "listTasks", method: http.MethodGet, path: "/processes/{id}/tasks", tag: "tasks", permission: PermProcessRead,
		summary: "List a process's tasks, oldest first"}, a.listTasks)
	add(a, operation{id: "getTask", method: http.MethodGet, path: "/processes/{id}/tasks/{task_id}", tag: "tasks", permission: PermProcessRead,
		summary: "Read a task with its attempts"}, a.getTask)
	add(a, operation{id: "retryTask", method: http.MethodPost, path: "/processes/{id}/tasks/{task_id}/retry", tag: "tasks",
		permission: PermProcessOperate, status: http.StatusNoContent, audit: "task.retry", summary: "Retry a task",
		doc: "With an input: it is edited first."}, a.retryTask)
	add(a, operation{id: "skipTask", method: http.MethodPost, path: "/processes/{id}/tasks/{task_id}/skip", tag: "tasks",
		permission: PermProcessOperate, status: http.StatusNoContent, audit: "task.skip", summary: "Skip a task with a value"}, a.skipTask)
}

func (a *API) listTasks(ctx context.Context, in *listTasksInput) (*listTasksOutput, error) {
	page, err := a.config.Engine.Tasks(ctx, in.ID, TaskFilter{States: in.State, Scope: in.Scope, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &listTasksOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) getTask(ctx context.Context, in *struct{ TaskPath }) (*taskOutput, error) {
	task, err := a.config.Engine.Task(ctx, in.ID, in.TaskID)
	if err != nil {
		return nil, err
	}
	task.Attempts, task.Waits = list(task.Attempts), list(task.Waits)
	return &taskOutput{Body: task}, nil
}

func (a *API) retryTask(ctx context.Context, in *retryInput) (*struct{}, error) {
	who, input := caller(ctx), json.RawMessage(in.Body.Input)
	files, err := a.filesIn(ctx, who, in.ID, input)
	if err != nil {
		return nil, err
	}
	err = a.config.Engine.RetryTask(ctx, TaskCommand{
		ProcessCommand: ProcessCommand{Actor: who.Login, ProcessID: in.ID, Reason: in.Body.Reason},
		TaskID:         in.TaskID, Input: input, Files: files,
	})
	if err != nil {
		return nil, err
	}
	audited(ctx, "task", in.TaskID, in.Body.Reason, map[string]any{"process_id": in.ID, "input_edited": input != nil})
	return nil, nil
}

func (a *API) skipTask(ctx context.Context, in *skipInput) (*struct{}, error) {
	who, output := caller(ctx), json.RawMessage(in.Body.Output)
	if len(output) == 0 {
		output = json.RawMessage(`{}`)
	}
	files, err := a.filesIn(ctx, who, in.ID, output)
	if err != nil {
		return nil, err
	}
	err = a.config.Engine.SkipTask(ctx, TaskCommand{
		ProcessCommand: ProcessCommand{Actor: who.Login, ProcessID: in.ID, Reason: in.Body.Reason},
		TaskID:         in.TaskID, Output: output, Files: files,
	})
	if err != nil {
		return nil, err
	}
	audited(ctx, "task", in.TaskID, in.Body.Reason, map[string]any{"process_id": in.ID, "output": output})
	return nil, nil
}

package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/fault"
)

type userTasksInput struct {
	Paging
	Mine       bool   `query:"mine" doc:"Only those that the caller has claimed"`
	Definition string `query:"definition" maxLength:"63"`
	CustomID   string `query:"custom_id_prefix" maxLength:"200" doc:"Beginning of the process's customId"`
	Process    string `query:"process" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID"`
}

type userTasksOutput struct {
	Body struct {
		Items      []UserTaskSummary `json:"items"`
		NextCursor string            `json:"next_cursor,omitempty"`
	} `nameHint:"UserTaskList"`
}

// UserTaskPath is the path parameters of everything below one user task.
type UserTaskPath struct {
	ProcessID string `path:"process_id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"Id of the process"`
	TaskID    string `path:"task_id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"Id of the task"`
}

type userTaskOutput struct {
	Body UserTask
}

type completeInput struct {
	UserTaskPath
	Body struct {
		Output Object `json:"output,omitempty" doc:"The answer, checked against the form's schema; absent means {}"`
	} `nameHint:"CompleteUserTask"`
}

type userTaskFileInput struct {
	UserTaskPath
	SHA256 string `path:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Of the content"`
}

func (a *API) registerUserTasks() {
	const one = "/user-tasks/{process_id}/{task_id}"
	add(a, operation{id: "listUserTasks", method: http.MethodGet, path: "/user-tasks", tag: "user tasks", permission: PermTaskDo,
		summary: "List the tasks that the caller may do, oldest first"}, a.listUserTasks)
	add(a, operation{id: "getUserTask", method: http.MethodGet, path: one, tag: "user tasks", permission: PermTaskDo,
		summary: "Read a user task with its form"}, a.getUserTask)
	add(a, operation{id: "claimUserTask", method: http.MethodPost, path: one + "/claim", tag: "user tasks", permission: PermTaskDo,
		status: http.StatusNoContent, audit: "user_task.claim", summary: "Claim a user task, so that nobody else does it too",
		doc: "409 when somebody else has claimed it."}, a.claimUserTask)
	add(a, operation{id: "releaseUserTask", method: http.MethodPost, path: one + "/release", tag: "user tasks", permission: PermTaskDo,
		status: http.StatusNoContent, audit: "user_task.release", summary: "Give a claimed user task back",
		doc: "Whoever operates processes may give back what somebody else has claimed."}, a.releaseUserTask)
	add(a, operation{id: "completeUserTask", method: http.MethodPost, path: one + "/complete", tag: "user tasks", permission: PermTaskDo,
		status: http.StatusNoContent, audit: "user_task.complete", summary: "Complete a user task with an answer",
		doc: "An unclaimed task need not be claimed first. 409 when somebody else has claimed it."}, a.completeUserTask)
	add(a, operation{id: "downloadUserTaskFile", method: http.MethodGet, path: one + "/files/{sha256}", tag: "user tasks", permission: PermTaskDo,
		timeout: a.config.UploadTimeout, summary: "Download a file that a user task shows, as an attachment"}, a.downloadUserTaskFile)
	a.describeDownload(one + "/files/{sha256}")
}

func person(ctx context.Context) Person {
	who := caller(ctx)
	return Person{Login: who.Login, Groups: who.Groups, All: who.May(PermProcessOperate)}
}

func (a *API) listUserTasks(ctx context.Context, in *userTasksInput) (*userTasksOutput, error) {
	page, err := a.config.Engine.UserTasks(ctx, person(ctx), UserTaskFilter{Mine: in.Mine, Definition: in.Definition, CustomIDPrefix: in.CustomID, ProcessID: in.Process, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &userTasksOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) getUserTask(ctx context.Context, in *struct{ UserTaskPath }) (*userTaskOutput, error) {
	task, err := a.config.Engine.UserTask(ctx, person(ctx), in.ProcessID, in.TaskID)
	if err != nil {
		return nil, err
	}
	return &userTaskOutput{Body: task}, nil
}

func (a *API) claimUserTask(ctx context.Context, in *struct{ UserTaskPath }) (*struct{}, error) {
	if err := a.config.Engine.ClaimUserTask(ctx, person(ctx), in.ProcessID, in.TaskID); err != nil {
		return nil, err
	}
	audited(ctx, "task", in.TaskID, "", map[string]any{"process_id": in.ProcessID})
	return nil, nil
}

func (a *API) releaseUserTask(ctx context.Context, in *struct{ UserTaskPath }) (*struct{}, error) {
	if err := a.config.Engine.ReleaseUserTask(ctx, person(ctx), in.ProcessID, in.TaskID); err != nil {
		return nil, err
	}
	audited(ctx, "task", in.TaskID, "", map[string]any{"process_id": in.ProcessID})
	return nil, nil
}

func (a *API) completeUserTask(ctx context.Context, in *completeInput) (*struct{}, error) {
	output := json.RawMessage(in.Body.Output)
	if len(output) == 0 {
		output = json.RawMessage(`{}`)
	}
	who := caller(ctx)
	files, err := a.filesIn(ctx, who, in.ProcessID, output)
	if err != nil {
		return nil, err
	}
	err = a.config.Engine.CompleteUserTask(ctx, person(ctx), TaskCommand{
		ProcessCommand: ProcessCommand{Actor: who.Login, ProcessID: in.ProcessID}, TaskID: in.TaskID, Output: output, Files: files,
	})
	if err != nil {
		return nil, err
	}
	audited(ctx, "task", in.TaskID, "", map[string]any{"process_id": in.ProcessID})
	return nil, nil
}

// downloadUserTaskFile gives whoever may do a task the files that its form shows, and no other file of the process.
func (a *API) downloadUserTaskFile(ctx context.Context, in *userTaskFileInput) (*huma.StreamResponse, error) {
	task, err := a.config.Engine.UserTask(ctx, person(ctx), in.ProcessID, in.TaskID)
	if err != nil {
		return nil, err
	}
	shown, _ := schema.Files(task.Input) // what is no file is shown as it is
	if !slices.ContainsFunc(shown, func(file schema.File) bool { return file.Digest == in.SHA256 }) {
		return nil, fault.New(fault.NotFound, "file.not_found", "There is no such file in this task.")
	}
	return a.open(ctx, OpenFile{SHA256: in.SHA256, UserID: caller(ctx).UserID, ProcessID: in.ProcessID})
}

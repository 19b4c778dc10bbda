package app

import (
	"context"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// Messages and people's tasks, as the API shows them.

func (a engineAPI) SendMessage(ctx context.Context, m httpapi.SendMessage) (httpapi.SentMessage, error) {
	sent, err := a.engine.SendMessage(ctx, engine.MessageCommand{
		Actor: m.Actor, Name: m.Name, Key: m.Key, ID: m.ID, Payload: m.Payload, Files: grants(m.Files), Keep: m.Keep,
	})
	return httpapi.SentMessage{
		ID: sent.ID, Outcome: string(sent.Outcome), ProcessID: sent.ProcessID, Definition: sent.Definition, Existing: sent.Existing, ExpiresAt: utc(sent.ExpiresAt),
	}, err
}

func person(p httpapi.Person) engine.Person {
	return engine.Person{Name: p.Login, Groups: p.Groups, All: p.All}
}

func (a engineAPI) apiUserTask(ctx context.Context, t engine.UserTask) httpapi.UserTaskSummary {
	groups := t.Groups
	if groups == nil {
		groups = []string{}
	}
	return httpapi.UserTaskSummary{
		ProcessID: t.ProcessID, TaskID: t.TaskID, CustomID: t.CustomID, Definition: t.Definition, DefinitionTitle: a.titles.of(ctx, t.Definition),
		Version: t.Version, NodeID: t.NodeID, Title: t.Title, Doc: t.Doc, Priority: t.Priority, Held: t.Held, Assignee: t.Assignee, Groups: groups,
		ClaimedBy: t.ClaimedBy, ClaimedAt: t.ClaimedAt, DueAt: t.DueAt, EscalatedAt: t.EscalatedAt, CreatedAt: t.CreatedAt,
	}
}

func (a engineAPI) UserTasks(ctx context.Context, p httpapi.Person, f httpapi.UserTaskFilter) (httpapi.Page[httpapi.UserTaskSummary], error) {
	found, next, err := a.engine.UserTasks(ctx, person(p), engine.UserTaskFilter(f))
	return httpapi.Page[httpapi.UserTaskSummary]{
		Items:      mapped(found, func(t engine.UserTask) httpapi.UserTaskSummary { return a.apiUserTask(ctx, t) }),
		NextCursor: next,
	}, err
}

func (a engineAPI) UserTask(ctx context.Context, p httpapi.Person, process, task string) (httpapi.UserTask, error) {
	t, err := a.engine.UserTask(ctx, person(p), process, task)
	if err != nil {
		return httpapi.UserTask{}, err
	}
	return httpapi.UserTask{UserTaskSummary: a.apiUserTask(ctx, t), Input: t.Input, InputSchema: t.InputSchema, Form: t.Form}, nil
}

func (a engineAPI) ClaimUserTask(ctx context.Context, p httpapi.Person, process, task string) error {
	return a.engine.Claim(ctx, person(p), process, task)
}

func (a engineAPI) ReleaseUserTask(ctx context.Context, p httpapi.Person, process, task string) error {
	return a.engine.Release(ctx, person(p), process, task)
}

func (a engineAPI) CompleteUserTask(ctx context.Context, p httpapi.Person, c httpapi.TaskCommand) error {
	return a.engine.Complete(ctx, person(p), taskCommand(c))
}

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/files"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/server/live"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func nodeTypeName(d wire.Descriptor) string { return fmt.Sprintf("%s@%d", d.Name, d.Major) }

// engineAPI shows the engine to the API and to the live feed.
type engineAPI struct {
	engine *engine.Engine
	titles *titles
}

var (
	_ httpapi.Engine = engineAPI{}
	_ live.Source    = engineAPI{}
)

func grants(refs []httpapi.FileRef) []engine.FileGrant {
	return mapped(refs, func(ref httpapi.FileRef) engine.FileGrant {
		return engine.FileGrant{SHA256: strings.TrimPrefix(ref.File, "sha256:"), Name: ref.Name, Size: ref.Size, MediaType: ref.MediaType}
	})
}

// fileGranter joins the grant of files to the engine's commits.
type fileGranter struct{ store *files.Store }

func (fileGranter) Grant(tx engine.Tx, process string, granted []engine.FileGrant) {
	for _, file := range granted {
		files.Grant(tx, process, files.Named{SHA256: file.SHA256, Name: file.Name})
	}
}

func (g fileGranter) Keep(ctx context.Context, tx engine.Tx, process string, file engine.FileGrant, content []byte) error {
	return g.store.Keep(ctx, tx, process, files.Meta{SHA256: file.SHA256, Name: file.Name, Size: file.Size, MediaType: file.MediaType}, content)
}

func (fileGranter) Revoke(tx engine.Tx, processes ...string) { files.Revoke(tx, processes...) }

func (fileGranter) Copy(tx engine.Tx, from, to string) { files.CopyGrants(tx, from, to) }

func (fileGranter) Share(tx engine.Tx, from, to string, payload json.RawMessage) {
	files.ShareNamed(tx, from, to, payload)
}

func (a engineAPI) StartProcess(ctx context.Context, c httpapi.StartProcess) (httpapi.StartedProcess, error) {
	started, err := a.engine.StartProcess(ctx, engine.StartCommand{
		Actor: c.Actor, DefinitionKey: c.Definition, Version: c.Version, CustomID: c.CustomID, Input: c.Input, Priority: c.Priority,
		StartAt: c.StartAt, IdempotencyKey: c.IdempotencyKey, Files: grants(c.Files),
	})
	return httpapi.StartedProcess(started), err
}

func (a engineAPI) SearchProcesses(ctx context.Context, f httpapi.ProcessFilter) (httpapi.Page[httpapi.ProcessSummary], error) {
	found, next, err := a.engine.Search(ctx, engine.Filter{
		CustomID: f.CustomID, CustomIDPrefix: f.CustomIDPrefix, IDs: f.IDs, Definition: f.Definition, Version: f.Version, States: f.States,
		StartedFrom: f.StartedFrom, StartedTo: f.StartedTo, ErrorCode: f.ErrorCode, Worker: f.Worker, Tests: engine.Tests(f.Tests), Outermost: f.Outermost, Limit: f.Limit, Cursor: f.Cursor,
	})
	if err != nil {
		return httpapi.Page[httpapi.ProcessSummary]{}, err
	}
	return httpapi.Page[httpapi.ProcessSummary]{Items: mapped(found, func(p engine.ProcessSummary) httpapi.ProcessSummary {
		return apiSummary(p, a.titles.of(ctx, p.Definition))
	}), NextCursor: next}, nil
}

func (a engineAPI) Process(ctx context.Context, id string) (httpapi.Process, error) {
	p, err := a.engine.Process(ctx, id)
	if err != nil {
		return httpapi.Process{}, err
	}
	shown := apiProcess(p, a.titles.of(ctx, p.Definition))
	for _, above := range p.Ancestors {
		shown.Ancestors = append(shown.Ancestors, a.link(ctx, above))
	}
	return shown, nil
}

func (a engineAPI) link(ctx context.Context, p engine.ProcessSummary) httpapi.ProcessLink {
	return httpapi.ProcessLink{ID: p.ID, CustomID: p.CustomID, Definition: p.Definition, DefinitionTitle: a.titles.of(ctx, p.Definition), Version: p.Version, State: p.State}
}

// child shows the process that a call has called last.
func (a engineAPI) child(ctx context.Context, c *engine.ChildView) *httpapi.TaskChild {
	if c == nil {
		return nil
	}
	return &httpapi.TaskChild{ProcessLink: a.link(ctx, c.ProcessSummary), OpenIncidents: c.OpenIncidents, IncidentsBelow: c.IncidentsBelow, Count: c.Count}
}

func (a engineAPI) Children(ctx context.Context, process string, f httpapi.ChildFilter) (httpapi.Page[httpapi.ProcessSummary], error) {
	found, next, err := a.engine.Children(ctx, process, engine.ChildFilter{Task: f.Task, Limit: f.Limit, Cursor: f.Cursor})
	return httpapi.Page[httpapi.ProcessSummary]{Items: mapped(found, func(p engine.ProcessSummary) httpapi.ProcessSummary {
		return apiSummary(p, a.titles.of(ctx, p.Definition))
	}), NextCursor: next}, err
}

func (a engineAPI) Tasks(ctx context.Context, process string, f httpapi.TaskFilter) (httpapi.Page[httpapi.TaskSummary], error) {
	found, next, err := a.engine.Tasks(ctx, process, engine.TaskFilter{Cursor: f.Cursor, Limit: f.Limit, ParentScope: f.Scope, States: f.States, IDs: f.IDs})
	return httpapi.Page[httpapi.TaskSummary]{Items: mapped(found, func(t engine.TaskSummary) httpapi.TaskSummary {
		summary := apiTaskSummary(t)
		summary.Child = a.child(ctx, t.Child)
		return summary
	}), NextCursor: next}, err
}

func (a engineAPI) Task(ctx context.Context, process, task string) (httpapi.Task, error) {
	t, err := a.engine.Task(ctx, process, task)
	if err != nil {
		return httpapi.Task{}, err
	}
	shown := apiTask(t)
	shown.Child = a.child(ctx, t.Child)
	return shown, nil
}

func (a engineAPI) Events(ctx context.Context, process string, after int64, limit int) ([]httpapi.Event, int64, error) {
	events, head, err := a.engine.Events(ctx, process, after, limit)
	return mapped(events, apiEvent), head, err
}

func (a engineAPI) Heads(ctx context.Context, ids []string) (map[string]int64, error) {
	return a.engine.Heads(ctx, ids)
}

func operation(c httpapi.ProcessCommand) engine.OpCommand {
	return engine.OpCommand{Actor: c.Actor, ProcessID: c.ProcessID, Reason: c.Reason}
}

func (a engineAPI) Cancel(ctx context.Context, c httpapi.ProcessCommand) error {
	return a.engine.Cancel(ctx, operation(c))
}

func (a engineAPI) Delete(ctx context.Context, c httpapi.ProcessCommand) error {
	return a.engine.Delete(ctx, operation(c))
}

func (a engineAPI) SetPriority(ctx context.Context, c httpapi.ProcessCommand, priority int) error {
	return a.engine.SetPriority(ctx, operation(c), priority)
}

func (a engineAPI) Limits(ctx context.Context) ([]httpapi.Limit, error) {
	all, err := a.engine.Limits(ctx)
	return mapped(all, func(l engine.LimitView) httpapi.Limit { return httpapi.Limit(l) }), err
}

func (a engineAPI) SetLimit(ctx context.Context, c httpapi.SetLimit) error {
	return a.engine.SetLimit(ctx, engine.LimitCommand{
		NodeType: c.NodeType, Key: c.Key, Most: c.Most, Starts: c.Starts, Per: c.Per, Actor: c.Actor, Reason: c.Reason,
	})
}

func (a engineAPI) RemoveLimit(ctx context.Context, nodeType string) error {
	return a.engine.RemoveLimit(ctx, nodeType)
}

func (a engineAPI) Pauses(ctx context.Context) ([]httpapi.Pause, error) {
	all, err := a.engine.Pauses(ctx)
	return mapped(all, func(p engine.PauseView) httpapi.Pause { return *apiPause(&p) }), err
}

func (a engineAPI) Pause(ctx context.Context, c httpapi.PauseCommand) error {
	return a.engine.Pause(ctx, pauseCommand(c))
}

func (a engineAPI) Unpause(ctx context.Context, c httpapi.PauseCommand) error {
	return a.engine.Unpause(ctx, pauseCommand(c))
}

func (a engineAPI) Drain(ctx context.Context, c httpapi.DrainCommand) ([]httpapi.DrainedWorker, error) {
	drained, err := a.engine.Drain(ctx, drainCommand(c))
	return mapped(drained, apiDrained), err
}

func (a engineAPI) Undrain(ctx context.Context, c httpapi.DrainCommand) ([]httpapi.DrainedWorker, error) {
	drained, err := a.engine.Undrain(ctx, drainCommand(c))
	return mapped(drained, apiDrained), err
}

func drainCommand(c httpapi.DrainCommand) engine.DrainCommand {
	return engine.DrainCommand{Worker: c.Worker, Pool: c.Pool, Host: c.Host, Stay: c.Stay, Within: c.Within, Actor: c.Actor, Reason: c.Reason}
}

func apiDrained(d engine.DrainedView) httpapi.DrainedWorker {
	return httpapi.DrainedWorker{Worker: d.Worker, Pool: d.Pool, Host: d.Host, Busy: d.Busy, Outcome: string(d.Outcome)}
}

func pauseCommand(c httpapi.PauseCommand) engine.PauseCommand {
	return engine.PauseCommand{Kind: engine.PauseKind(c.Kind), Name: c.Name, Actor: c.Actor, Reason: c.Reason}
}

func (a engineAPI) Suspend(ctx context.Context, c httpapi.ProcessCommand) error {
	return a.engine.Suspend(ctx, operation(c))
}

func (a engineAPI) Resume(ctx context.Context, c httpapi.ProcessCommand) error {
	return a.engine.Resume(ctx, operation(c))
}

func (a engineAPI) Restart(ctx context.Context, c httpapi.RestartProcess) (string, error) {
	return a.engine.RestartAsNew(ctx, engine.RestartCommand{
		OpCommand: operation(c.ProcessCommand), Input: c.Input, CustomID: c.CustomID, Files: grants(c.Files),
	})
}

func taskCommand(c httpapi.TaskCommand) engine.TaskCommand {
	return engine.TaskCommand{OpCommand: operation(c.ProcessCommand), TaskID: c.TaskID, Input: c.Input, Output: c.Output, Files: grants(c.Files)}
}

func (a engineAPI) RetryTask(ctx context.Context, c httpapi.TaskCommand) error {
	return a.engine.Retry(ctx, taskCommand(c))
}

func (a engineAPI) SkipTask(ctx context.Context, c httpapi.TaskCommand) error {
	return a.engine.Skip(ctx, taskCommand(c))
}

func apiMessage(m engine.MessageView) httpapi.Message {
	return httpapi.Message{
		ID: m.ID, Name: m.Name, Key: m.Key, SenderID: m.SenderID, SentBy: m.SentBy, State: string(m.State), RefusedBy: m.RefusedBy, Refusal: m.Refusal,
		ProcessID: m.ProcessID, SentAt: m.SentAt, ExpiresAt: m.ExpiresAt, TakenAt: utc(m.TakenAt), Repeats: m.Repeats, RepeatedAt: utc(m.RepeatedAt), Payload: m.Payload,
	}
}

func (a engineAPI) KeptMessages(ctx context.Context, f httpapi.MessageFilter) (httpapi.Page[httpapi.Message], error) {
	found, next, err := a.engine.Messages(ctx, engine.MessageFilter{State: engine.MessageState(f.State), Name: f.Name, Key: f.Key, Limit: f.Limit, Cursor: f.Cursor})
	return httpapi.Page[httpapi.Message]{Items: mapped(found, apiMessage), NextCursor: next}, err
}

func (a engineAPI) KeptMessage(ctx context.Context, id string) (httpapi.Message, error) {
	m, err := a.engine.Message(ctx, id)
	return apiMessage(m), err
}

func (a engineAPI) DeleteMessage(ctx context.Context, id string) error {
	return a.engine.DeleteMessage(ctx, id)
}

func (a engineAPI) Incidents(ctx context.Context, f httpapi.IncidentFilter) (httpapi.Page[httpapi.Incident], error) {
	found, next, err := a.engine.Incidents(ctx, incidentFilter(f))
	return httpapi.Page[httpapi.Incident]{Items: mapped(found, func(i engine.IncidentView) httpapi.Incident {
		return apiIncident(i, a.titles.of(ctx, i.Definition))
	}), NextCursor: next}, err
}

func (a engineAPI) IncidentCount(ctx context.Context) (n int64, err error) {
	counts, err := a.engine.Counts(ctx)
	for _, c := range counts {
		n += c.Incidents
	}
	return n, err
}

func (a engineAPI) IncidentGroups(ctx context.Context, f httpapi.IncidentFilter) (httpapi.IncidentGroups, error) {
	found, err := a.engine.IncidentGroups(ctx, incidentFilter(f))
	return httpapi.IncidentGroups{Items: mapped(found.Groups, func(g engine.IncidentGroupView) httpapi.IncidentGroup {
		return apiIncidentGroup(g, a.titles.of(ctx, g.Definition))
	}), Incidents: found.Incidents, Groups: found.Count, NextCursor: found.NextCursor}, err
}

func incidentFilter(f httpapi.IncidentFilter) engine.IncidentFilter {
	return engine.IncidentFilter{IncidentMatch: engine.IncidentMatch{Definition: f.Definition, NodeID: f.NodeID, Code: f.Code, Group: f.Group, Text: f.Text,
		OpenedFrom: f.OpenedFrom, OpenedTo: f.OpenedTo}, Limit: f.Limit, Cursor: f.Cursor}
}

func (a engineAPI) Pools(ctx context.Context) ([]httpapi.Pool, error) {
	pools, err := a.engine.Pools(ctx)
	return mapped(pools, apiPool), err
}

func (a engineAPI) Usage(ctx context.Context, subject, name string, span time.Duration) (httpapi.Usage, error) {
	view, err := a.engine.Usage(ctx, engine.UsageSubject(subject), name, span)
	if err != nil {
		return httpapi.Usage{}, err
	}
	var since *time.Time
	if !view.Since.IsZero() {
		since = &view.Since
	}
	return httpapi.Usage{Since: utc(since), From: view.From, StepS: int(view.Step.Seconds()), Steps: view.Steps,
		Series: mapped(view.Series, func(s engine.UsageSeries) httpapi.UsageSeries { return httpapi.UsageSeries(s) })}, nil
}

func (a engineAPI) TaskInput(ctx context.Context, ref string) (json.RawMessage, error) {
	return a.engine.WorkInput(ctx, ref)
}

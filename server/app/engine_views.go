package app

import (
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func mapped[From, To any](items []From, convert func(From) To) []To {
	all := make([]To, len(items))
	for i, item := range items {
		all[i] = convert(item)
	}
	return all
}

func apiSummary(p engine.ProcessSummary, title string) httpapi.ProcessSummary {
	return httpapi.ProcessSummary{
		ID: p.ID, CustomID: p.CustomID, Definition: p.Definition, DefinitionTitle: title, Version: p.Version, State: p.State,
		Priority: p.Priority, CreatedAt: p.CreatedAt, CreatedBy: p.CreatedBy, StartedAt: p.StartedAt, EndedAt: p.EndedAt,
		ScheduledAt: p.ScheduledAt, OpenIncidents: p.OpenIncidents, ErrorCode: p.ErrorCode, ErrorMessage: p.ErrorMessage,
		RestartedFrom: p.RestartedFrom, RestartedAs: p.RestartedAs, Test: p.Test,
		ParentID: p.ParentID, ParentTaskID: p.ParentTaskID, RootID: p.RootID, IncidentsBelow: p.IncidentsBelow,
	}
}

func apiProcess(p engine.ProcessView, title string) httpapi.Process {
	nodes := make(map[string]httpapi.NodeCounts, len(p.Nodes))
	for id, node := range p.Nodes {
		counts := make(httpapi.NodeCounts, len(node.States)+2)
		for state, n := range node.States {
			counts[state] = n
		}
		counts["last_run"] = node.LastRun
		if node.Undone > 0 {
			counts["undone"] = node.Undone
		}
		nodes[id] = counts
	}
	var trigger *httpapi.ProcessTrigger
	if t := p.Trigger; t != nil {
		trigger = &httpapi.ProcessTrigger{Kind: string(t.Kind), Node: t.Node, Ref: t.Ref, Name: t.Name, At: t.At.UTC()}
	}
	return httpapi.Process{
		Trigger:         trigger,
		ProcessSummary:  apiSummary(p.ProcessSummary, title),
		ProcessProgress: httpapi.ProcessProgress{Counts: p.Counts, Nodes: nodes, TakenEdges: p.TakenEdges, Carried: p.Carried, Whys: mapped(p.Whys, apiWhy)},
		Input:           p.Input, Output: p.Output, Seq: p.Seq, EndsBy: utc(p.EndsBy), SuspendedBy: p.SuspendedBy, SuspendReason: p.SuspendReason,
		Actions: httpapi.ProcessActions{
			Cancel: httpapi.Action(p.Actions.Cancel), Restart: httpapi.Action(p.Actions.Restart), RestartFrom: httpapi.Action(p.Actions.RestartFrom),
			Suspend: httpapi.Action(p.Actions.Suspend), Resume: httpapi.Action(p.Actions.Resume),
		},
	}
}

func apiWhy(w engine.Why) httpapi.Why { return httpapi.Why(w) }

func apiTaskError(e *wire.Error) *httpapi.TaskError {
	if e == nil {
		return nil
	}
	return &httpapi.TaskError{Class: string(e.Class), Code: e.Code, Message: e.Message, Stack: e.Stack}
}

func apiTaskSummary(t engine.TaskSummary) httpapi.TaskSummary {
	summary := httpapi.TaskSummary{
		ID: t.ID, NodeID: t.NodeID, Title: t.Title, Kind: t.Kind, NodeType: t.NodeType, ScopeID: t.ScopeID, Run: t.Run, State: t.State,
		Epoch: t.Epoch, Attempt: t.Attempt, Hidden: t.Hidden, Undoes: t.Undoes, MaxAttempts: t.MaxAttempts, CreatedAt: t.CreatedAt, ReadyAt: t.ReadyAt,
		StartedAt: t.StartedAt, EndedAt: t.EndedAt, QueuedMS: t.QueuedMS, RunMS: t.RunMS, Worker: t.Worker, Error: apiTaskError(t.Error),
	}
	if t.Progress != nil {
		summary.Progress = &httpapi.Progress{Percent: t.Progress.Percent, Text: t.Progress.Text}
	}
	if t.Why != nil {
		why := apiWhy(*t.Why)
		summary.Why = &why
	}
	return summary
}

func apiTask(t engine.TaskView) httpapi.Task {
	return httpapi.Task{
		TaskSummary: apiTaskSummary(t.TaskSummary), Input: t.Input, Output: t.Output,
		Attempts: mapped(t.Attempts, func(a engine.AttemptView) httpapi.Attempt {
			return httpapi.Attempt{
				Attempt: a.Attempt, Epoch: a.Epoch, Worker: a.Worker, Outcome: a.Outcome, QueuedAt: a.QueuedAt, StartedAt: a.StartedAt,
				EndedAt: a.EndedAt, RunMS: a.RunMS, Error: apiTaskError(a.Error), Log: a.Log, Input: a.Input,
			}
		}),
		Waits: mapped(t.Waits, apiWait),
		Actions: httpapi.TaskActions{
			RestartEntry: httpapi.Action(t.Actions.RestartEntry), RestartFailed: httpapi.Action(t.Actions.RestartFailed),
			Retry: httpapi.Action(t.Actions.Retry), EditAndRetry: httpapi.Action(t.Actions.EditAndRetry), Skip: httpapi.Action(t.Actions.Skip),
		},
	}
}

func apiEvent(e engine.EventView) httpapi.Event {
	return httpapi.Event{Seq: e.Seq, At: e.At, Changes: mapped(e.Changes, func(c flow.Change) httpapi.Change { return httpapi.Change(c) })}
}

func apiIncident(i engine.IncidentView, title string) httpapi.Incident {
	return httpapi.Incident{
		ProcessID: i.ProcessID, CustomID: i.CustomID, Definition: i.Definition, DefinitionTitle: title, Version: i.Version,
		NodeID: i.NodeID, TaskID: i.TaskID, Code: i.Code, Message: i.Message, Group: i.Group, OpenedAt: i.OpenedAt,
	}
}

func apiIncidentGroup(g engine.IncidentGroupView, title string) httpapi.IncidentGroup {
	return httpapi.IncidentGroup{
		Definition: g.Definition, DefinitionTitle: title, NodeID: g.NodeID, NodeTitle: g.NodeTitle, Group: g.Group, Code: g.Code, Shape: g.Shape,
		Message: g.Message, Version: g.Version, Count: g.Count, FirstOpenedAt: g.First, LastOpenedAt: g.Last, Trend: g.Trend,
		Samples: mapped(g.Samples, func(s engine.IncidentSample) httpapi.IncidentSample { return httpapi.IncidentSample(s) }),
	}
}

func apiPool(p engine.PoolView) httpapi.Pool {
	return httpapi.Pool{
		Pool: p.Pool, Slots: p.Slots, Busy: p.Busy, Queued: p.Queued, Running: p.Running, Backlog: p.Backlog, OldestAgeMS: p.OldestAgeMS,
		LastPollAt: p.LastPollAt, NoWorkerSince: p.NoWorkerSince, Paused: apiPause(p.Paused),
		Workers: mapped(p.Workers, func(w engine.WorkerView) httpapi.Worker {
			return httpapi.Worker{
				ID: w.ID, Host: w.Host, PID: w.PID, Version: w.Version, Slots: w.Slots, Busy: w.Busy, StartedAt: w.StartedAt,
				SeenAt: w.SeenAt, Draining: w.Draining, Drain: (*httpapi.Drain)(w.Drain), Refusals: apiRefusals(w.Refusals),
			}
		}),
		Types: mapped(p.Types, func(t engine.PoolTypeView) httpapi.PoolType {
			return httpapi.PoolType{Type: t.Type, Title: httpapi.Text(t.Title), Queued: t.Queued, Running: t.Running, Paused: apiPause(t.Paused)}
		}),
	}
}

func apiPause(p *engine.PauseView) *httpapi.Pause {
	if p == nil {
		return nil
	}
	return &httpapi.Pause{Kind: string(p.Kind), Name: p.Name, Reason: p.Reason, Author: p.Author, At: p.At}
}

func apiRefusals(refusals []wire.Refusal) []httpapi.Refusal {
	return mapped(refusals, func(r wire.Refusal) httpapi.Refusal { return httpapi.Refusal(r) })
}

func apiNodeType(d wire.Descriptor, pool string, live bool, refusals []wire.Refusal) httpapi.NodeType {
	return httpapi.NodeType{
		Type: nodeTypeName(d), Name: d.Name, Major: d.Major, Title: httpapi.Text(d.Title), Doc: httpapi.Text(d.Doc),
		Category: httpapi.Text(d.Category), Icon: d.Icon, InputSchema: httpapi.Object(d.InputSchema), OutputSchema: httpapi.Object(d.OutputSchema),
		Errors: mapped(d.Errors, func(e wire.ErrorCode) httpapi.ErrorCode {
			return httpapi.ErrorCode{Code: e.Code, Title: httpapi.Text(e.Title)}
		}),
		SideEffects: d.SideEffects, Pool: pool, Live: live, Refusals: apiRefusals(refusals),
	}
}

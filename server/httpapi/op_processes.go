package httpapi

import (
	"context"
	"net/http"
	"time"
)

// ProcessPath is the path parameter of everything below one process.
type ProcessPath struct {
	ID string `path:"id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"Id of the process"`
}

type searchInput struct {
	Paging
	CustomID       string    `query:"custom_id" maxLength:"200" doc:"Exactly this customId"`
	CustomIDPrefix string    `query:"custom_id_prefix" maxLength:"200"`
	Definition     string    `query:"definition" maxLength:"63"`
	Version        int       `query:"version" minimum:"1"`
	State          []string  `query:"state" maxItems:"8" enum:"scheduled,running,suspended,incident,cancelling,completed,failed,cancelled" doc:"Any of these, separated by commas"`
	StartedFrom    time.Time `query:"started_from" doc:"Not before, RFC 3339"`
	StartedTo      time.Time `query:"started_to" doc:"Before, RFC 3339"`
	ErrorCode      string    `query:"error_code" maxLength:"200"`
	Worker         string    `query:"worker" maxLength:"200" doc:"A worker that ran one of its tasks"`
	Tests          string    `query:"tests" enum:"only,any" doc:"Test runs of drafts, which are left out else"`
	Outermost      bool      `query:"outermost" doc:"Leaves out what was called by another process"`
}

type processListOutput struct {
	Body struct {
		Items      []ProcessSummary `json:"items"`
		NextCursor string           `json:"next_cursor,omitempty"`
	} `nameHint:"ProcessList"`
}

type processOutput struct {
	Body Process
}

type childrenInput struct {
	ProcessPath
	Paging
	TaskID string `query:"task_id" format:"uuid" doc:"Only those that this task of a call has called"`
}

type graphOutput struct {
	Body ProcessGraph
}

type eventsInput struct {
	ProcessPath
	After int64 `query:"after" minimum:"0" doc:"Only events with a greater sequence"`
	Limit int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type eventsOutput struct {
	Body struct {
		Items []Event `json:"items"`
		Head  int64   `json:"head" doc:"Sequence of the process's last event"`
	} `nameHint:"EventList"`
}

func (a *API) registerProcesses() {
	add(a, operation{id: "searchProcesses", method: http.MethodGet, path: "/processes", tag: "processes", permission: PermProcessRead,
		summary: "Search processes, newest first", doc: "Filters are combined with AND."}, a.searchProcesses)
	add(a, operation{id: "getProcess", method: http.MethodGet, path: "/processes/{id}", tag: "processes", permission: PermProcessRead,
		summary: "Read a process"}, a.getProcess)
	add(a, operation{id: "listChildren", method: http.MethodGet, path: "/processes/{id}/children", tag: "processes", permission: PermProcessRead,
		summary: "List the processes that a process has called, oldest first"}, a.listChildren)
	add(a, operation{id: "getProcessGraph", method: http.MethodGet, path: "/processes/{id}/graph", tag: "processes", permission: PermProcessRead,
		summary: "Read the graph that a process runs"}, a.getProcessGraph)
	add(a, operation{id: "listProcessEvents", method: http.MethodGet, path: "/processes/{id}/events", tag: "processes", permission: PermProcessRead,
		summary: "Read a process's history, oldest first"}, a.listProcessEvents)
}

func (a *API) searchProcesses(ctx context.Context, in *searchInput) (*processListOutput, error) {
	page, err := a.config.Engine.SearchProcesses(ctx, ProcessFilter{
		CustomID: in.CustomID, CustomIDPrefix: in.CustomIDPrefix, Definition: in.Definition, Version: in.Version, States: in.State,
		StartedFrom: timeOrNil(in.StartedFrom), StartedTo: timeOrNil(in.StartedTo), ErrorCode: in.ErrorCode, Worker: in.Worker, Tests: in.Tests,
		Outermost: in.Outermost,
		Limit:     in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	out := &processListOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) getProcess(ctx context.Context, in *struct{ ProcessPath }) (*processOutput, error) {
	process, err := a.config.Engine.Process(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &processOutput{Body: process}, nil
}

func (a *API) listChildren(ctx context.Context, in *childrenInput) (*processListOutput, error) {
	page, err := a.config.Engine.Children(ctx, in.ID, ChildFilter{Task: in.TaskID, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &processListOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) getProcessGraph(ctx context.Context, in *struct{ ProcessPath }) (*graphOutput, error) {
	process, err := a.config.Engine.Process(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	version, err := a.config.Designer.Version(ctx, process.Definition, process.Version)
	if err != nil {
		return nil, err
	}
	return &graphOutput{Body: ProcessGraph{Document: version.Document, NodeTypes: list(version.NodeTypes)}}, nil
}

func (a *API) listProcessEvents(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	events, head, err := a.config.Engine.Events(ctx, in.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &eventsOutput{}
	out.Body.Items, out.Body.Head = list(events), head
	return out, nil
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

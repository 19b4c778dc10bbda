package httpapi

import (
	"context"
	"net/http"
)

type incidentsInput struct {
	Paging
	Definition string `query:"definition" maxLength:"63"`
	Code       string `query:"code" maxLength:"200"`
}

type incidentsOutput struct {
	Body struct {
		Items      []Incident `json:"items"`
		NextCursor string     `json:"next_cursor,omitempty"`
	} `nameHint:"IncidentList"`
}

type workersOutput struct {
	Body struct {
		Pools []Pool `json:"pools"`
	} `nameHint:"PoolList"`
}

func (a *API) registerOperations() {
	add(a, operation{id: "listIncidents", method: http.MethodGet, path: "/incidents", tag: "incidents", permission: PermProcessRead,
		summary: "List the open incidents, newest first"}, a.listIncidents)
	add(a, operation{id: "listWorkers", method: http.MethodGet, path: "/workers", tag: "workers", permission: PermWorkerRead,
		summary: "List pools, their workers and queues"}, a.listWorkers)
}

func (a *API) listIncidents(ctx context.Context, in *incidentsInput) (*incidentsOutput, error) {
	page, err := a.config.Engine.Incidents(ctx, IncidentFilter{Definition: in.Definition, Code: in.Code, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &incidentsOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) listWorkers(ctx context.Context, _ *struct{}) (*workersOutput, error) {
	pools, err := a.config.Engine.Pools(ctx)
	if err != nil {
		return nil, err
	}
	out := &workersOutput{}
	out.Body.Pools = list(pools)
	return out, nil
}

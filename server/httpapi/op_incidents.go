package httpapi

import (
	"context"
	"net/http"
	"time"
)

// IncidentQuery narrows open incidents; its members are combined with AND.
type IncidentQuery struct {
	Definition string    `query:"definition" maxLength:"63"`
	NodeID     string    `query:"node_id" maxLength:"200"`
	Code       string    `query:"code" maxLength:"200"`
	Group      string    `query:"group" maxLength:"64" doc:"Of similar errors, as listIncidentGroups names it"`
	Text       string    `query:"text" maxLength:"200" doc:"Found in the code or the message, in whatever case"`
	OpenedFrom time.Time `query:"opened_from" doc:"Not before"`
	OpenedTo   time.Time `query:"opened_to" doc:"Before"`
}

func (q *IncidentQuery) filter(p Paging) IncidentFilter {
	return IncidentFilter{Definition: q.Definition, NodeID: q.NodeID, Code: q.Code, Group: q.Group, Text: q.Text,
		OpenedFrom: timeOrNil(q.OpenedFrom), OpenedTo: timeOrNil(q.OpenedTo), Limit: p.Limit, Cursor: p.Cursor}
}

type incidentsInput struct {
	Paging
	IncidentQuery
}

type incidentsOutput struct {
	Body struct {
		Items      []Incident `json:"items"`
		NextCursor string     `json:"next_cursor,omitempty"`
	} `nameHint:"IncidentList"`
}

type incidentGroupsOutput struct {
	Body IncidentGroups `nameHint:"IncidentGroupList"`
}

type incidentCountOutput struct {
	Body struct {
		Incidents int64 `json:"incidents" doc:"Open incidents"`
	} `nameHint:"IncidentCount"`
}

func (a *API) registerIncidents() {
	add(a, operation{id: "countIncidents", method: http.MethodGet, path: "/incident-count", tag: "incidents", permission: PermProcessRead,
		summary: "Count the open incidents", doc: "Read from counters that are a second behind, so that it costs nothing however many there are."}, a.countIncidents)
	add(a, operation{id: "listIncidents", method: http.MethodGet, path: "/incidents", tag: "incidents", permission: PermProcessRead,
		summary: "List the open incidents, newest first"}, a.listIncidents)
	add(a, operation{id: "listIncidentGroups", method: http.MethodGet, path: "/incident-groups", tag: "incidents", permission: PermProcessRead,
		summary: "Group the open incidents by definition, step and error, the largest group first",
		doc:     "Errors are alike when they have the same code, and the same message but for ids, numbers, times, quoted texts and the like. A group is mended by a bulk job with its definition, node_id and error_group as the filter."}, a.listIncidentGroups)
}

func (a *API) listIncidents(ctx context.Context, in *incidentsInput) (*incidentsOutput, error) {
	page, err := a.config.Engine.Incidents(ctx, in.filter(in.Paging))
	if err != nil {
		return nil, err
	}
	out := &incidentsOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) countIncidents(ctx context.Context, _ *struct{}) (*incidentCountOutput, error) {
	n, err := a.config.Engine.IncidentCount(ctx)
	if err != nil {
		return nil, err
	}
	out := &incidentCountOutput{}
	out.Body.Incidents = n
	return out, nil
}

func (a *API) listIncidentGroups(ctx context.Context, in *incidentsInput) (*incidentGroupsOutput, error) {
	groups, err := a.config.Engine.IncidentGroups(ctx, in.filter(in.Paging))
	if err != nil {
		return nil, err
	}
	groups.Items = list(groups.Items)
	return &incidentGroupsOutput{Body: groups}, nil
}

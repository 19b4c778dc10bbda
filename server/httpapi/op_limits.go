package httpapi

import (
	"context"
	"net/http"
	"time"
)

type limitsOutput struct {
	Body struct {
		Items []Limit `json:"items"`
	} `nameHint:"LimitList"`
}

type setLimitInput struct {
	Body struct {
		NodeType   string  `json:"node_type" minLength:"1" maxLength:"200" doc:"name@major"`
		Key        string  `json:"key,omitempty" maxLength:"1000" doc:"Expression over the task's input; absent: one limit for all" example:"input.region"`
		Most       int     `json:"most,omitempty" minimum:"0" maximum:"1000000" doc:"At once with the workers; 0: any number"`
		Starts     int     `json:"starts,omitempty" minimum:"0" maximum:"1000000" doc:"Starts within per_seconds; 0: any number"`
		PerSeconds float64 `json:"per_seconds,omitempty" minimum:"0" maximum:"86400" doc:"Absent: 1"`
		Reason     string  `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit and for whoever waits"`
	} `nameHint:"SetLimit"`
}

type removeLimitInput struct {
	Body struct {
		NodeType string `json:"node_type" minLength:"1" maxLength:"200" doc:"name@major"`
		Reason   string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
	} `nameHint:"RemoveLimit"`
}

func (a *API) registerLimits() {
	add(a, operation{id: "listLimits", method: http.MethodGet, path: "/limits", tag: "limits", permission: PermProcessRead,
		summary: "List the limits of node types"}, a.listLimits)
	add(a, operation{id: "setLimit", method: http.MethodPost, path: "/limits", tag: "limits", permission: PermProcessOperate, status: http.StatusNoContent,
		audit: "limit.set", summary: "Limit a node type, or change its limit",
		doc: "So many at once, or so many starts in a time, for each value of an expression over the task's input. What waits says so."}, a.setLimit)
	add(a, operation{id: "removeLimit", method: http.MethodPost, path: "/limits/remove", tag: "limits", permission: PermProcessOperate,
		status: http.StatusNoContent, audit: "limit.remove", summary: "Remove the limit of a node type"}, a.removeLimit)
}

func (a *API) listLimits(ctx context.Context, _ *struct{}) (*limitsOutput, error) {
	limits, err := a.config.Engine.Limits(ctx)
	if err != nil {
		return nil, err
	}
	out := &limitsOutput{}
	out.Body.Items = list(limits)
	return out, nil
}

func (a *API) setLimit(ctx context.Context, in *setLimitInput) (*struct{}, error) {
	body := &in.Body
	command := SetLimit{Actor: caller(ctx).Login, NodeType: body.NodeType, Key: body.Key, Most: body.Most, Starts: body.Starts,
		Per: time.Duration(body.PerSeconds * float64(time.Second)), Reason: body.Reason}
	if err := a.config.Engine.SetLimit(ctx, command); err != nil {
		return nil, err
	}
	audited(ctx, "type", body.NodeType, body.Reason, map[string]any{"key": body.Key, "most": body.Most, "starts": body.Starts, "per_seconds": body.PerSeconds})
	return nil, nil
}

func (a *API) removeLimit(ctx context.Context, in *removeLimitInput) (*struct{}, error) {
	if err := a.config.Engine.RemoveLimit(ctx, in.Body.NodeType); err != nil {
		return nil, err
	}
	audited(ctx, "type", in.Body.NodeType, in.Body.Reason, nil)
	return nil, nil
}

package httpapi

import (
	"context"
	"net/http"
)

type planRestartInput struct {
	ProcessPath
	Node  string `query:"node" required:"true" maxLength:"63" doc:"Node to begin at"`
	Scope string `query:"scope" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"Which run of the sub-process around the node, when several are under way"`
}

type restartPlanOutput struct{ Body RestartPlan }

type restartFromInput struct {
	ProcessPath
	Body struct {
		Node   string `json:"node" minLength:"1" maxLength:"63" doc:"Node to begin at"`
		Scope  string `json:"scope,omitempty" format:"uuid" doc:"Which run of the sub-process around the node, when several are under way"`
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
	} `nameHint:"RestartFromNode"`
}

type restartFromOutput struct {
	Body struct {
		ID         string `json:"id" doc:"Of the process that goes on"`
		NewProcess bool   `json:"new_process" doc:"It is a new one: the other had ended"`
	} `nameHint:"RestartedFromNode"`
}

func (a *API) registerRestart() {
	add(a, operation{id: "planRestartFrom", method: http.MethodGet, path: "/processes/{id}/restart-from", tag: "processes", permission: PermProcessRead,
		summary: "Look at what a restart from a node would do", doc: "Nothing changes."}, a.planRestart)
	add(a, operation{id: "restartFrom", method: http.MethodPost, path: "/processes/{id}/restart-from", tag: "processes", permission: PermProcessOperate,
		audit: "process.restart_from", summary: "Restart a process from a node",
		doc: "In a live process everything in the node's scope is cancelled, what has happened since the node was last reached is hidden, and the process goes on before the node. " +
			"For an ended process a new one, linked with it, begins there with the outputs that came before. Refused inside a parallel block or a list."}, a.restartFrom)
}

func (a *API) planRestart(ctx context.Context, in *planRestartInput) (*restartPlanOutput, error) {
	plan, err := a.config.Engine.PlanRestart(ctx, in.ID, in.Node, in.Scope)
	if err != nil {
		return nil, err
	}
	return &restartPlanOutput{Body: plan}, nil
}

func (a *API) restartFrom(ctx context.Context, in *restartFromInput) (*restartFromOutput, error) {
	id, err := a.config.Engine.RestartFrom(ctx, RestartFrom{
		ProcessCommand: ProcessCommand{Actor: caller(ctx).Login, ProcessID: in.ID, Reason: in.Body.Reason}, Node: in.Body.Node, Scope: in.Body.Scope,
	})
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"node": in.Body.Node}
	if id != in.ID {
		detail["restarted_as"] = id
	}
	audited(ctx, "process", in.ID, in.Body.Reason, detail)
	out := &restartFromOutput{}
	out.Body.ID, out.Body.NewProcess = id, id != in.ID
	return out, nil
}

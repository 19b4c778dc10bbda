package httpapi

import (
	"context"
	"net/http"
)

type pausesOutput struct {
	Body struct {
		Items []Pause `json:"items"`
	} `nameHint:"PauseList"`
}

type pauseInput struct {
	Body struct {
		Kind   string `json:"kind" enum:"type,pool,definition"`
		Name   string `json:"name" minLength:"1" maxLength:"200" doc:"Of the node type (name@major), the pool or the definition"`
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit and for whoever waits"`
	} `nameHint:"PauseSubject"`
}

func (a *API) registerPauses() {
	add(a, operation{id: "listPauses", method: http.MethodGet, path: "/pauses", tag: "pauses", permission: PermProcessRead,
		summary: "List what is paused"}, a.listPauses)
	for _, control := range []struct {
		id, path, audit, summary, doc string
		do                            func(Engine, context.Context, PauseCommand) error
	}{
		{"pause", "", "pause.begin", "Pause a node type, a pool or a definition",
			"What runs runs on. Nothing else of it starts, on any worker, from one second on; starts are taken and wait.", Engine.Pause},
		{"resume", "/resume", "pause.end", "Resume what is paused", "", Engine.Unpause},
	} {
		add(a, operation{id: control.id, method: http.MethodPost, path: "/pauses" + control.path, tag: "pauses", permission: PermProcessOperate,
			status: http.StatusNoContent, audit: control.audit, summary: control.summary, doc: control.doc},
			func(ctx context.Context, in *pauseInput) (*struct{}, error) {
				command := PauseCommand{Actor: caller(ctx).Login, Kind: in.Body.Kind, Name: in.Body.Name, Reason: in.Body.Reason}
				if err := control.do(a.config.Engine, ctx, command); err != nil {
					return nil, err
				}
				audited(ctx, in.Body.Kind, in.Body.Name, in.Body.Reason, nil)
				return nil, nil
			})
	}
}

func (a *API) listPauses(ctx context.Context, _ *struct{}) (*pausesOutput, error) {
	pauses, err := a.config.Engine.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	out := &pausesOutput{}
	out.Body.Items = list(pauses)
	return out, nil
}

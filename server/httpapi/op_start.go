package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

type startInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"Per definition: the same key with the same body answers the first process, with another body 409"`
	Body           struct {
		Definition string     `json:"definition" maxLength:"63" doc:"Key"`
		Version    int        `json:"version,omitempty" minimum:"1" doc:"Absent means the latest"`
		CustomID   string     `json:"custom_id,omitempty" maxLength:"200" doc:"Business key; may repeat"`
		Input      Object     `json:"input,omitempty" doc:"Checked against the version's input schema; absent means {}"`
		Priority   int        `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"1 (urgent) to 5; absent means 3"`
		StartAt    *time.Time `json:"start_at,omitempty" doc:"Not before this time"`
	} `nameHint:"StartProcess"`
}

type startOutput struct {
	Status int
	Body   StartedProcess
}

func (a *API) registerStart() {
	add(a, operation{id: "startProcess", method: http.MethodPost, path: "/processes", tag: "processes", permission: PermProcessStart,
		status: http.StatusCreated, alternative: http.StatusOK, audit: "process.start", auditLater: true, summary: "Start a process",
		doc: "201 for a new process, 200 when the idempotency key was known. Files that the input names must be the caller's uploads."}, a.startProcess)
}

func (a *API) startProcess(ctx context.Context, in *startInput) (*startOutput, error) {
	body := in.Body
	input := json.RawMessage(body.Input)
	if len(input) == 0 {
		input = json.RawMessage(`{}`)
	}
	who := caller(ctx)
	files, err := a.filesIn(ctx, who, "", input)
	if err != nil {
		return nil, err
	}
	started, err := a.config.Engine.StartProcess(ctx, StartProcess{
		Actor: who.Login, Definition: body.Definition, Version: body.Version, CustomID: body.CustomID, Input: input,
		Priority: body.Priority, StartAt: body.StartAt, IdempotencyKey: in.IdempotencyKey, Files: files,
	})
	if err != nil {
		return nil, err
	}
	status := http.StatusCreated
	if started.Existing {
		status = http.StatusOK
	} else {
		audited(ctx, "process", started.ID, "", map[string]any{"definition": body.Definition, "custom_id": body.CustomID})
	}
	return &startOutput{Status: status, Body: started}, nil
}

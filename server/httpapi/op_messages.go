package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

type messageInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"The sender's id, where the body has none"`
	Body           struct {
		Name    string `json:"name" minLength:"1" maxLength:"200" doc:"Of the message that processes wait for or start by"`
		Key     string `json:"key,omitempty" maxLength:"500" doc:"Correlation key: what the waiting process computed for its own; a process that the message starts has it as its customId, unless its start says otherwise"`
		ID      string `json:"id,omitempty" maxLength:"200" doc:"The sender's id: the same name and id sent again changes nothing"`
		Payload Object `json:"payload,omitempty" doc:"What the waiting step gives as its output, and what a start makes its input of; absent means {}"`
		KeepS   *int64 `json:"keep_s,omitempty" minimum:"0" maximum:"7776000" doc:"How long it waits for somebody to take it, in seconds, and is remembered; absent means a day, 0: it does not wait"`
	} `nameHint:"SendMessage"`
}

type messageOutput struct {
	Status int
	Body   SentMessage
}

func (a *API) registerMessages() {
	add(a, operation{id: "sendMessage", method: http.MethodPost, path: "/messages", tag: "messages", permission: PermMessageSend,
		status: http.StatusCreated, alternative: http.StatusOK, audit: "message.send", summary: "Send a message to the process that waits for it, or start one",
		doc: "The process that has waited longest for this name and key takes it. When none waits, the definition whose latest version has a message start of this name begins a process. Else the message " +
			"waits for either. What a start refuses, its schema for one, is refused here and not kept. 201 for a new message, 200 when the sender's id was known."}, a.sendMessage)
}

func (a *API) sendMessage(ctx context.Context, in *messageInput) (*messageOutput, error) {
	who, payload := caller(ctx), json.RawMessage(in.Body.Payload)
	files, err := a.filesIn(ctx, who, "", payload)
	if err != nil {
		return nil, err
	}
	message := SendMessage{Actor: who.Login, Name: in.Body.Name, Key: in.Body.Key, ID: in.Body.ID, Payload: payload, Files: files}
	if message.ID == "" {
		message.ID = in.IdempotencyKey
	}
	if in.Body.KeepS != nil {
		message.Keep = time.Duration(*in.Body.KeepS) * time.Second
		if message.Keep == 0 {
			message.Keep = -1
		}
	}
	sent, err := a.config.Engine.SendMessage(ctx, message)
	if err != nil {
		return nil, err
	}
	out := &messageOutput{Status: http.StatusCreated, Body: sent}
	if sent.Existing {
		out.Status = http.StatusOK
		return out, nil
	}
	audited(ctx, "message", sent.ID, "", map[string]any{"name": message.Name, "key": message.Key, "outcome": sent.Outcome, "process_id": sent.ProcessID, "definition": sent.Definition})
	return out, nil
}

package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

type messageInput struct {
	Body struct {
		Name    string `json:"name" minLength:"1" maxLength:"200" doc:"Of the message that processes wait for"`
		Key     string `json:"key,omitempty" maxLength:"500" doc:"Correlation key: what the waiting process computed for its own"`
		ID      string `json:"id,omitempty" maxLength:"200" doc:"The sender's id: the same name and id sent again changes nothing"`
		Payload Object `json:"payload,omitempty" doc:"What the waiting step gives as its output; absent means {}"`
		KeepS   *int64 `json:"keep_s,omitempty" minimum:"0" maximum:"7776000" doc:"How long it waits for somebody to take it, in seconds, and is remembered; absent means a day, 0: it does not wait"`
	} `nameHint:"SendMessage"`
}

type messageOutput struct {
	Status int
	Body   SentMessage
}

func (a *API) registerMessages() {
	add(a, operation{id: "sendMessage", method: http.MethodPost, path: "/messages", tag: "messages", permission: PermMessageSend,
		status: http.StatusCreated, alternative: http.StatusOK, audit: "message.send", summary: "Send a message to the process that waits for it",
		doc: "The process that has waited longest for this name and key takes it; when none does it waits. 201 for a new message, 200 when the sender's id was known."}, a.sendMessage)
}

func (a *API) sendMessage(ctx context.Context, in *messageInput) (*messageOutput, error) {
	who, payload := caller(ctx), json.RawMessage(in.Body.Payload)
	files, err := a.filesIn(ctx, who, "", payload)
	if err != nil {
		return nil, err
	}
	message := SendMessage{Actor: who.Login, Name: in.Body.Name, Key: in.Body.Key, ID: in.Body.ID, Payload: payload, Files: files}
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
	audited(ctx, "message", sent.ID, "", map[string]any{"name": message.Name, "key": message.Key, "process_id": sent.ProcessID})
	return out, nil
}

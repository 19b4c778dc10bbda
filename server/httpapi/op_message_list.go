package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Message is a message that is kept.
type Message struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Key        string          `json:"key,omitempty"`
	SenderID   string          `json:"sender_id" doc:"The sender's id of it; ours when it gave none"`
	SentBy     string          `json:"sent_by"`
	State      string          `json:"state" enum:"waiting,refused,under_way,taken" doc:"refused: a definition that begins with it would not have it, and it waits on; under_way: its receiver is being told; taken: remembered, so that the same one is known"`
	RefusedBy  string          `json:"refused_by,omitempty" doc:"The definition and the version that would not have it: key@version"`
	Refusal    string          `json:"refusal,omitempty" doc:"Why"`
	ProcessID  string          `json:"process_id,omitempty" doc:"Who takes it, or took it"`
	SentAt     time.Time       `json:"sent_at"`
	ExpiresAt  time.Time       `json:"expires_at" doc:"Until then it waits, or is remembered"`
	TakenAt    *time.Time      `json:"taken_at,omitempty"`
	Repeats    int             `json:"repeats" doc:"How often the same one was sent again, which changed nothing"`
	RepeatedAt *time.Time      `json:"repeated_at,omitempty" doc:"When last"`
	Payload    json.RawMessage `json:"payload,omitempty" doc:"Of a single message only; null once it has started a process"`
}

// MessageFilter narrows a list of messages.
type MessageFilter struct {
	State, Name, Key string
	Limit            int
	Cursor           string
}

type messagesInput struct {
	Paging
	State string `query:"state" enum:"waiting,refused,under_way,taken" doc:"Absent: all that nobody has taken"`
	Name  string `query:"name" maxLength:"200"`
	Key   string `query:"key" maxLength:"500"`
}

type messagesOutput struct {
	Body struct {
		Items      []Message `json:"items"`
		NextCursor string    `json:"next_cursor,omitempty"`
	} `nameHint:"MessageList"`
}

// MessagePath names a message.
type MessagePath struct {
	ID string `path:"id" format:"uuid"`
}

type oneMessageOutput struct{ Body Message }

type deleteMessageInput struct {
	MessagePath
	Body reasonBody
}

func (a *API) registerMessageList() {
	add(a, operation{id: "listMessages", method: http.MethodGet, path: "/messages", tag: "messages", permission: PermProcessRead,
		summary: "List the messages that are kept, newest first"}, a.listMessages)
	add(a, operation{id: "getMessage", method: http.MethodGet, path: "/messages/{id}", tag: "messages", permission: PermProcessRead,
		summary: "Read a message that is kept, with its payload"}, a.getMessage)
	add(a, operation{id: "deleteMessage", method: http.MethodPost, path: "/messages/{id}/delete", tag: "messages", permission: PermProcessOperate,
		status: http.StatusNoContent, audit: "message.delete", summary: "Delete a message that nobody has taken",
		doc: "The same one may be sent again then. One that has been taken, or is about to be, is refused: message.taken."}, a.deleteMessage)
}

func (a *API) listMessages(ctx context.Context, in *messagesInput) (*messagesOutput, error) {
	page, err := a.config.Engine.KeptMessages(ctx, MessageFilter{State: in.State, Name: in.Name, Key: in.Key, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &messagesOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) getMessage(ctx context.Context, in *MessagePath) (*oneMessageOutput, error) {
	message, err := a.config.Engine.KeptMessage(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &oneMessageOutput{Body: message}, nil
}

func (a *API) deleteMessage(ctx context.Context, in *deleteMessageInput) (*struct{}, error) {
	message, err := a.config.Engine.KeptMessage(ctx, in.ID)
	if err == nil {
		err = a.config.Engine.DeleteMessage(ctx, in.ID)
	}
	if err != nil {
		return nil, err
	}
	audited(ctx, "message", in.ID, in.Body.Reason, map[string]any{"name": message.Name, "key": message.Key, "sender_id": message.SenderID, "sent_by": message.SentBy})
	return nil, nil
}

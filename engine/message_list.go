package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// MessageState is what became of a message that is kept.
type MessageState string

// The states. A refused message waits on: another version of the definition may begin with it, or a process take it.
const (
	MessageWaiting  MessageState = "waiting"
	MessageRefused  MessageState = "refused"
	MessageUnderWay MessageState = "under_way" // its receiver is being told
	MessageTaken    MessageState = "taken"     // remembered, so that the same one is known
)

// MessageView is a message that is kept. Payload is of a single one only, and gone once it started a process.
type MessageView struct {
	ID         string
	Name, Key  string
	SenderID   string // the sender's id of it, or ours
	SentBy     string
	State      MessageState
	RefusedBy  string // of MessageRefused: the definition and version, key@version
	Refusal    string // and why
	ProcessID  string // of MessageUnderWay and MessageTaken
	SentAt     time.Time
	ExpiresAt  time.Time
	TakenAt    *time.Time
	Repeats    int // how often the same one was sent again; that changed nothing
	RepeatedAt *time.Time
	Payload    json.RawMessage
}

// MessageFilter narrows a list of messages; without a state it lists those that nobody has taken.
type MessageFilter struct {
	State  MessageState
	Name   string
	Key    string
	Cursor string
	Limit  int // default 50, at most 200
}

// Messages lists messages that are kept, newest first, and the cursor of the next page.
func (e *Engine) Messages(ctx context.Context, f MessageFilter) ([]MessageView, string, error) {
	switch {
	case f.State != "" && !slices.Contains([]MessageState{MessageWaiting, MessageRefused, MessageUnderWay, MessageTaken}, f.State):
		return nil, "", fault.Newf(fault.Invalid, "list.state_unknown", "there is no state %q", f.State)
	case f.Cursor != "" && uuid.Validate(f.Cursor) != nil:
		return nil, "", errCursor
	case strings.ContainsRune(f.Name+f.Key, 0):
		return []MessageView{}, "", nil
	}
	limit := limitOf(f.Limit, defaultLimit, mostRows)
	rows, err := e.store.Messages(ctx, pgstore.MessageFilter{State: string(f.State), Name: f.Name, Key: f.Key, BeforeID: f.Cursor, Limit: limit + 1})
	if err != nil {
		return nil, "", storeFault(err, errUnknownMessage())
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	out := make([]MessageView, len(rows))
	for i := range rows {
		out[i] = messageView(&rows[i])
	}
	return out, next, nil
}

// Message returns a message that is kept, with its payload.
func (e *Engine) Message(ctx context.Context, id string) (MessageView, error) {
	if uuid.Validate(id) != nil {
		return MessageView{}, errUnknownMessage()
	}
	row, err := e.store.Message(ctx, id)
	if err != nil {
		return MessageView{}, storeFault(err, errUnknownMessage())
	}
	return messageView(&row), nil
}

// DeleteMessage forgets a message that nobody has taken. The same one may be sent again.
func (e *Engine) DeleteMessage(ctx context.Context, id string) error {
	if uuid.Validate(id) != nil {
		return errUnknownMessage()
	}
	dropped, err := e.store.DropMessage(ctx, id)
	switch {
	case err != nil:
		return storeFault(err, errUnknownMessage())
	case dropped:
		return nil
	}
	if _, err := e.Message(ctx, id); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "message.taken", "somebody has taken the message, or is about to")
}

func messageView(m *pgstore.MessageRow) MessageView {
	return MessageView{ID: m.ID, Name: m.Name, Key: m.Correlation, SenderID: m.SenderID, SentBy: m.SentBy, State: MessageState(m.State), RefusedBy: m.RefusedBy,
		Refusal: m.Refusal, ProcessID: m.Process, SentAt: m.SentAt.UTC(), ExpiresAt: m.ExpiresAt.UTC(), TakenAt: m.TakenAt, Repeats: m.Repeats, RepeatedAt: m.RepeatedAt, Payload: m.Payload}
}

func errUnknownMessage() error {
	return fault.New(fault.NotFound, "message.unknown", "there is no such message")
}

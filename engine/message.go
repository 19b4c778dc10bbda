package engine

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// MessageCommand is a message to whatever process waits for it. One process takes it: the one that has waited longest, or, when none
// waits, one that it starts.
type MessageCommand struct {
	Actor   string
	Name    string
	Key     string          // the correlation key, empty where the process's is
	Payload json.RawMessage // an object; empty means {}
	Files   []FileGrant     // that the payload names; whoever takes the message may read them
	// ID is the sender's id of the message: the same name and id sent again changes nothing. Empty: none.
	ID string
	// Keep is how long it waits for somebody to take it, and is remembered; 0 means a day, negative: it does not wait.
	Keep time.Duration
}

// MessageOutcome is what became of a message.
type MessageOutcome string

// The outcomes.
const (
	MessageCorrelated MessageOutcome = "correlated" // a process waited for it
	MessageStarted    MessageOutcome = "started"    // it started a process
	MessageStored     MessageOutcome = "stored"     // it waits
)

// MessageResult says what became of a message.
type MessageResult struct {
	ID         string // ours
	Outcome    MessageOutcome
	ProcessID  string     // who takes it; empty: it waits
	Definition string     // of MessageStarted: what it started
	Existing   bool       // it was sent before: nothing happened
	ExpiresAt  *time.Time // of MessageStored: until when it waits
}

// Bounds of messages.
const (
	usualKeep = 24 * time.Hour
	mostKeep  = 90 * 24 * time.Hour
	mostName  = 200
	mostKey   = 500
)

// SendMessage gives a message to the process that waits for it, else starts what begins with it, else keeps it for who will wait.
func (e *Engine) SendMessage(ctx context.Context, cmd MessageCommand) (MessageResult, error) {
	if err := e.checkMessage(&cmd); err != nil {
		return MessageResult{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return MessageResult{}, errNoID(err)
	}
	process, err := e.clock.id()
	if err != nil {
		return MessageResult{}, errNoID(err)
	}
	m := pgstore.NewMessage{ID: id.String(), Name: cmd.Name, Correlation: cmd.Key, SenderID: cmd.ID, Payload: cmd.Payload, SentBy: cmd.Actor, Keep: cmd.Keep,
		Files: append([]FileGrant{}, cmd.Files...)}
	if m.SenderID == "" {
		m.SenderID = m.ID
	}
	if cmd.Keep <= 0 {
		m.Keep = time.Minute // until it is known whether somebody waits
	}
	state, err := e.store.SendMessage(ctx, m, process)
	switch {
	case err != nil:
		return MessageResult{}, storeFault(err, nil)
	case len(state.Rivals) > 0:
		return MessageResult{}, fault.Newf(fault.Conflict, "message.several_starts", "nobody waits for this message, and it would start several definitions: %s", strings.Join(state.Rivals, ", ")).
			With(map[string]any{"definitions": strings.Join(state.Rivals, ", ")})
	case state.Start != nil:
		return e.startFor(ctx, state)
	}
	result := MessageResult{ID: state.ID, ProcessID: state.Process, Existing: state.Known, Definition: state.Started}
	switch {
	case state.Started != "":
		result.Outcome = MessageStarted
		return result, nil
	case result.ProcessID != "":
		result.Outcome = MessageCorrelated
		e.wakeOwner(ctx, result.ProcessID)
		return result, nil
	case cmd.Keep < 0 && !result.Existing:
		dropped, err := e.store.DropMessage(ctx, result.ID)
		if err != nil {
			return MessageResult{}, storeFault(err, nil)
		}
		if dropped {
			return MessageResult{}, fault.New(fault.NotFound, "message.nobody_waits", "no process waits for this message, and it starts none")
		}
	}
	result.Outcome, result.ExpiresAt = MessageStored, &state.ExpiresAt
	return result, nil
}

func errNoID(err error) error {
	return fault.Wrap(err, fault.Internal, "engine.no_id", "no id could be made")
}

func (e *Engine) checkMessage(cmd *MessageCommand) error {
	if len(cmd.Payload) == 0 {
		cmd.Payload = emptyObject
	}
	if cmd.Keep == 0 {
		cmd.Keep = usualKeep
	}
	switch {
	case len(cmd.Files) > 0 && e.cfg.Files == nil:
		return fault.New(fault.Invalid, "process.files_unsupported", "this server keeps no files")
	case cmd.Name == "" || len(cmd.Name) > mostName || cmd.Name != clean(cmd.Name):
		return fault.Newf(fault.Invalid, "message.name_invalid", "a message's name is text of 1 to %d bytes", mostName)
	case len(cmd.Key) > mostKey || cmd.Key != clean(cmd.Key):
		return fault.Newf(fault.Invalid, "message.key_invalid", "a message's key is text of at most %d bytes", mostKey)
	case len(cmd.ID) > mostName || cmd.ID != clean(cmd.ID):
		return fault.Newf(fault.Invalid, "message.id_invalid", "a message's id is text of at most %d bytes", mostName)
	case cmd.Keep > mostKeep:
		return fault.New(fault.Invalid, "message.keep_invalid", "a message waits for at most 90 days")
	case len(cmd.Payload) > e.cfg.MaxPayload:
		return fault.Newf(fault.TooLarge, "message.payload_too_large", "the payload is larger than %d bytes", e.cfg.MaxPayload)
	}
	if issue := objectIssue(cmd.Payload, "/payload"); issue != nil {
		return fault.New(fault.Invalid, "message.payload_invalid", "the payload is not a JSON object that can be kept").WithIssues(*issue)
	}
	return nil
}

package engine

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// WaitKind is what a task waits for.
type WaitKind string

// The kinds of wait.
const (
	WaitMessage WaitKind = "message"
	WaitTimer   WaitKind = "timer"
)

// WaitView is something that a task waits for: a message, which can be sent to it, or a time, which can be let come now. Border: it
// happens on the task's border while the task goes on with what it does.
type WaitView struct {
	Kind   WaitKind   `json:"kind"`
	Node   string     `json:"node"`
	Title  string     `json:"title"`
	Border bool       `json:"border,omitempty"`
	Name   string     `json:"name,omitempty"`
	Key    string     `json:"key,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
}

// waitsOf lists what a task waits for, besides people and workers.
func (e *Engine) waitsOf(ctx context.Context, p *pgstore.ProcessRow, task string) ([]WaitView, error) {
	out := []WaitView{}
	all, err := e.store.WaitsOf(ctx, p.ID, []string{task})
	if err != nil {
		return nil, storeFault(err, errUnknownTask())
	}
	waits := all[task]
	if waits == nil {
		return out, nil
	}
	c, err := e.graphs.get(ctx, p.Definition, p.Version)
	if err != nil {
		return nil, err
	}
	add := func(w WaitView) {
		if n := c.node(w.Node); n != nil {
			w.Title, w.Border = n.Title, n.Kind == graph.KindBoundaryEvent
		}
		out = append(out, w)
	}
	for _, m := range waits.Messages {
		add(WaitView{Kind: WaitMessage, Node: m.Node, Name: m.Name, Key: m.Correlation})
	}
	for _, t := range waits.Timers {
		due := t.Due.UTC()
		add(WaitView{Kind: WaitTimer, Node: t.Node, Until: &due})
	}
	return out, nil
}

// FireCommand lets a time that a task waits for come now.
type FireCommand struct {
	OpCommand
	TaskID string
	Node   string // the event that waits; empty: the only time that the task waits for
}

// Fire lets a time that a task waits for come now: of a timer, of an arm of a gateway, of an event on the border, of an escalation.
func (e *Engine) Fire(ctx context.Context, cmd FireCommand) error {
	if uuid.Validate(cmd.ProcessID) != nil {
		return errUnknownProcess()
	}
	if uuid.Validate(cmd.TaskID) != nil {
		return errUnknownTask()
	}
	all, err := e.store.WaitsOf(ctx, cmd.ProcessID, []string{cmd.TaskID})
	if err != nil {
		return storeFault(err, errUnknownTask())
	}
	var nodes []string
	if waits := all[cmd.TaskID]; waits != nil {
		for _, t := range waits.Timers {
			if cmd.Node == "" || cmd.Node == t.Node {
				nodes = append(nodes, t.Node)
			}
		}
	}
	switch {
	case len(nodes) == 0:
		return fault.New(fault.Conflict, flow.RefusedNotWaiting, "the task waits for no such time")
	case len(nodes) > 1:
		return fault.New(fault.Conflict, "flow.several_waits", "the task waits for several times; say which event is meant")
	}
	return e.operate(ctx, cmd.OpCommand, flow.Event{Kind: flow.EventFire, Task: cmd.TaskID, Node: nodes[0]}, nil)
}

// SendTo gives a message to one process that waits for it, and to no other. Without a key it takes the one that the process waits
// under.
func (e *Engine) SendTo(ctx context.Context, op OpCommand, cmd MessageCommand) (string, error) {
	if uuid.Validate(op.ProcessID) != nil {
		return "", errUnknownProcess()
	}
	if err := e.checkMessage(&cmd); err != nil {
		return "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "engine.no_id", "no id could be made")
	}
	m := pgstore.NewMessage{ID: id.String(), Name: cmd.Name, Correlation: cmd.Key, SenderID: id.String(), Payload: cmd.Payload, SentBy: op.Actor, Keep: cmd.Keep,
		Files: append([]FileGrant{}, cmd.Files...)}
	err = e.store.SendTo(ctx, op.ProcessID, m, clip(clean(op.Reason), 2000), func(queue pgstore.Queue) {
		if op.Also != nil {
			op.Also(queueTx(queue), op.ProcessID)
		}
	})
	switch {
	case errors.Is(err, pgstore.ErrNotFound):
		if _, err := e.store.State(ctx, op.ProcessID); err != nil {
			return "", e.missing(ctx, op.ProcessID, err)
		}
		return "", fault.Newf(fault.Conflict, "message.not_awaited", "the process waits for no message %q", cmd.Name)
	case errors.Is(err, pgstore.ErrSeveral):
		return "", fault.Newf(fault.Conflict, "message.key_needed", "the process waits for the message %q under several keys; say which one is meant", cmd.Name)
	case err != nil:
		return "", storeFault(err, errUnknownProcess())
	}
	e.wakeInbox()
	return m.ID, nil
}

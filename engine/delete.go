package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Delete removes a process with its tasks, history, payloads, queue entries and rights to files. A live process is cancelled
// first. A tombstone stays, and the idempotency key: the same start again finds the id of the deleted process.
func (e *Engine) Delete(ctx context.Context, cmd OpCommand) error {
	if uuid.Validate(cmd.ProcessID) != nil {
		return errUnknownProcess()
	}
	reason := clip(clean(strings.TrimSpace(cmd.Reason)), 2000)
	if reason == "" {
		return fault.New(fault.Invalid, "process.reason_missing", "deleting a process needs a reason: it is all that will be left")
	}
	err := e.erase(ctx, cmd, reason)
	if errors.Is(err, pgstore.ErrLive) {
		cancel := cmd
		cancel.Also = nil // that is for the deletion
		err = e.operate(ctx, cancel, flow.Event{Kind: flow.EventCancel}, nil)
		if err != nil && !fault.Is(err, fault.Conflict) { // it may have ended meanwhile
			return err
		}
		err = e.erase(ctx, cmd, reason)
	}
	if errors.Is(err, pgstore.ErrLive) {
		return fault.New(fault.Conflict, "process.cancelling", "the process is still being cancelled; delete it when it has ended")
	}
	if err != nil {
		return e.missing(ctx, cmd.ProcessID, err)
	}
	return nil
}

func (e *Engine) erase(ctx context.Context, cmd OpCommand, reason string) error {
	id := strings.ToLower(cmd.ProcessID)
	return e.store.Delete(ctx, pgstore.Tombstone{Process: id, DeletedBy: cmd.Actor, Reason: reason}, func(queue pgstore.Queue) {
		if e.cfg.Files != nil {
			e.cfg.Files.Revoke(queueTx(queue), id)
		}
		if cmd.Also != nil {
			cmd.Also(queueTx(queue), id)
		}
	})
}

// queueTx lets others add statements.
type queueTx pgstore.Queue

// Queue adds a statement.
func (q queueTx) Queue(sql string, args ...any) { q(sql, args...) }

// missing is the fault of what the store said of a process: a deleted one is told apart from one that never was.
func (e *Engine) missing(ctx context.Context, process string, err error) error {
	if errors.Is(err, pgstore.ErrNotFound) {
		if t, found := e.store.Tombstone(ctx, process); found == nil {
			return fault.Newf(fault.NotFound, "process.deleted", "the process was deleted by %s at %s: %s", t.DeletedBy, clock(t.DeletedAt), t.Reason)
		}
	}
	return storeFault(err, errUnknownProcess())
}

// SetPriority changes the priority of a live process, 1 (urgent) to 5: what waits is queued anew by it, what is in the queue
// stays where it is.
func (e *Engine) SetPriority(ctx context.Context, cmd OpCommand, priority int) error {
	if priority < 1 || priority > 5 {
		return errPriority()
	}
	return e.operate(ctx, cmd, flow.Event{Kind: flow.EventPriority, Priority: priority}, nil)
}

func errPriority() error {
	return fault.New(fault.Invalid, "process.priority_invalid", "the priority is a number from 1 to 5").
		WithIssues(fault.Issue{Code: "process.priority_invalid", Path: "/priority", Message: "from 1 to 5"})
}

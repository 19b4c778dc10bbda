package engine

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// treeEnds is how long a deletion waits for the end of what it has cancelled.
const treeEnds = 20 * time.Second

// Delete removes an outermost process with all that it has called, with tasks, history, payloads, queue entries and rights to files.
// Live ones are cancelled first. Tombstones stay, and the idempotency key: the same start again finds the id of the deleted process.
func (e *Engine) Delete(ctx context.Context, cmd OpCommand) error {
	if uuid.Validate(cmd.ProcessID) != nil {
		return errUnknownProcess()
	}
	id := strings.ToLower(cmd.ProcessID)
	reason := clip(clean(strings.TrimSpace(cmd.Reason)), 2000)
	if reason == "" {
		return fault.New(fault.Invalid, "process.reason_missing", "deleting a process needs a reason: it is all that will be left")
	}
	p, err := e.store.Process(ctx, id)
	if err != nil {
		return e.missing(ctx, id, err)
	}
	if p.RootID != "" {
		return errChild(p.RootID)
	}
	if !flow.ProcessState(p.State).Terminal() {
		cancel := cmd
		cancel.Also = nil                                                                                                         // that is for the deletion
		if err := e.operate(ctx, cancel, flow.Event{Kind: flow.EventCancel}, nil); err != nil && !fault.Is(err, fault.Conflict) { // it may have ended meanwhile
			return err
		}
	}
	for {
		if err := e.treeEnded(ctx, id); err != nil {
			return err
		}
		err := e.eraseBelow(ctx, id, cmd.Actor, reason)
		if err == nil {
			err = e.erase(ctx, []string{id}, true, cmd.Actor, reason, cmd.Also)
		}
		switch {
		case errors.Is(err, pgstore.ErrChildren), errors.Is(err, pgstore.ErrLive):
			continue // one began just now; it has been told to end
		case err != nil:
			return e.missing(ctx, id, err)
		}
		return nil
	}
}

// treeEnded waits until a process and all that it has called have ended.
func (e *Engine) treeEnded(ctx context.Context, root string) error {
	ctx, cancel := context.WithTimeout(ctx, treeEnds)
	defer cancel()
	pause := 10 * time.Millisecond
	for {
		ended, err := e.store.TreeEnded(ctx, root)
		switch {
		case err != nil && ctx.Err() == nil:
			return storeFault(err, errUnknownProcess())
		case err != nil || ctx.Err() != nil:
			return fault.New(fault.Conflict, "process.cancelling", "the process, or one that it has called, is still being cancelled; delete it when it has ended")
		case ended:
			return nil
		}
		sleep(ctx, pause)
		pause = min(2*pause, 200*time.Millisecond)
	}
}

// eraseBelow deletes what a process has called, however indirectly.
func (e *Engine) eraseBelow(ctx context.Context, root, actor, reason string) error {
	for {
		ids, err := e.store.Below(ctx, root, e.cfg.Batch)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := e.erase(ctx, ids, false, actor, reason, nil); err != nil && !errors.Is(err, pgstore.ErrNotFound) {
			return err
		}
	}
}

func (e *Engine) erase(ctx context.Context, ids []string, outermost bool, actor, reason string, also func(Tx, string)) error {
	return e.store.Delete(ctx, ids, outermost, actor, reason, func(queue pgstore.Queue) {
		if e.cfg.Files != nil {
			e.cfg.Files.Revoke(queueTx(queue), ids...)
		}
		for _, id := range ids {
			if also != nil {
				also(queueTx(queue), id)
			}
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
			return fault.Newf(fault.NotFound, "process.deleted", "the process was deleted by %s at %s: %s", t.DeletedBy, clock(t.DeletedAt), t.Reason).
				With(map[string]any{"by": t.DeletedBy, "at": t.DeletedAt.UTC(), "reason": t.Reason})
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

package engine

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// RestartEntry lets an entry of a list that is under way begin anew: one that runs, that failed, or that has ended. What it gave is
// hidden; its old run stays in the history.
func (e *Engine) RestartEntry(ctx context.Context, cmd TaskCommand) error {
	return e.operate(ctx, cmd.OpCommand, flow.Event{Kind: flow.EventEntry, Task: cmd.TaskID}, nil)
}

// entriesAtOnce bounds how many entries one command restarts.
const entriesAtOnce = 10_000

// RestartFailed lets every entry of a list begin anew that failed and was tolerated. cmd.TaskID is the list's. It returns how many.
func (e *Engine) RestartFailed(ctx context.Context, cmd TaskCommand) (int, error) {
	if uuid.Validate(cmd.ProcessID) != nil {
		return 0, errUnknownProcess()
	}
	if uuid.Validate(cmd.TaskID) != nil {
		return 0, errUnknownTask()
	}
	failed, err := e.store.FailedEntries(ctx, cmd.ProcessID, cmd.TaskID, entriesAtOnce)
	if err != nil {
		return 0, storeFault(err, errUnknownProcess())
	}
	if len(failed) == 0 {
		return 0, fault.New(fault.Conflict, "flow."+flow.IgnoredNothing, "no entry of the list has failed")
	}
	var done, next atomic.Int64
	var first atomic.Pointer[error]
	var group sync.WaitGroup
	for range min(16, len(failed)) { // side by side, so that they share commits
		group.Go(func() {
			for i := next.Add(1); int(i) <= len(failed) && ctx.Err() == nil; i = next.Add(1) {
				one := cmd
				one.TaskID = failed[i-1]
				switch err := e.RestartEntry(ctx, one); {
				case err == nil:
					done.Add(1)
				case !fault.Is(err, fault.Conflict): // somebody else was quicker, or the list has ended
					first.CompareAndSwap(nil, &err)
					return
				}
			}
		})
	}
	group.Wait()
	if err := first.Load(); err != nil {
		return int(done.Load()), *err
	}
	return int(done.Load()), nil
}

// entryActions says whether a task is an entry of a list that is under way, or such a list with failed entries.
func (e *Engine) entryActions(ctx context.Context, a *TaskActions, t *pgstore.TaskRow) error {
	a.RestartEntry, a.RestartFailed = Action{Reason: flow.RefusedNotEntry}, Action{Reason: "flow." + flow.IgnoredNothing}
	lists, err := e.store.Lists(ctx, t.Process, t.Scope, t.ID)
	if err != nil {
		return storeFault(err, errUnknownTask())
	}
	switch {
	case !lists[t.Scope].Live:
	case t.Hidden || flow.TaskState(t.State) == flow.TaskCancelled:
		a.RestartEntry = Action{Reason: flow.RefusedReplaced}
	default:
		a.RestartEntry = Action{Allowed: true}
	}
	if own := lists[t.ID]; own.Live && own.Failed > 0 {
		a.RestartFailed = Action{Allowed: true}
	}
	return nil
}

package engine

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Workers that speak HTTP instead of asynq are served through the engine of whatever server they call: it takes messages for them and
// commits what they report at once, so that they are told whether it counted.

// WorkRef names a task that a worker has.
type WorkRef struct {
	Pool    string
	Lane    wire.Lane
	Process string
	Task    string
	Epoch   int64
}

func (r WorkRef) message() dispatch.Ref {
	return dispatch.Ref{Pool: r.Pool, Lane: r.Lane, Task: r.Task, Epoch: r.Epoch}
}

// TakeWork takes a task off a pool's queues; nil when there is none.
func (e *Engine) TakeWork(ctx context.Context, pool string) (*dispatch.Taken, error) {
	taken, err := e.publisher.Take(ctx, pool)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "work.queue_away", "the queue does not answer")
	}
	return taken, nil
}

// HoldWork keeps tasks of a pool with their worker, and tells which of them are not its any more: they were cancelled, lost, or timed out.
func (e *Engine) HoldWork(ctx context.Context, pool string, refs []WorkRef) (gone []WorkRef, err error) {
	held := make([]pgstore.Held, len(refs))
	for i, r := range refs {
		held[i] = pgstore.Held{Process: r.Process, Task: r.Task, Epoch: r.Epoch}
	}
	still, err := e.store.StillHeld(ctx, pool, held)
	if err != nil {
		return nil, storeFault(err, nil)
	}
	var keep, drop []dispatch.Ref
	for i, r := range refs {
		if still[held[i]] {
			keep = append(keep, r.message())
		} else {
			gone, drop = append(gone, r), append(drop, r.message())
		}
	}
	if err := e.publisher.Extend(ctx, keep); err != nil {
		return gone, fault.Wrap(err, fault.Unavailable, "work.queue_away", "the queue does not answer")
	}
	if err := e.publisher.Clean(ctx, drop); err != nil {
		e.log.Warn("clean up after tasks that a worker has no more", "pool", pool, "error", err)
	}
	return gone, nil
}

// ReportWork commits what a worker says of a task. A report that counts no more is a conflict, and is kept in the history.
func (e *Engine) ReportWork(ctx context.Context, r wire.Report, lane wire.Lane) error {
	en, err := entryOf(string(r.AppendJSON(nil)), streamPosition{}, e.cfg.MaxPayload)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "work.report_invalid", "the report can't be read")
	}
	if _, err := e.call(ctx, en); err != nil {
		return err
	}
	if r.Kind == wire.ReportStarted || r.Kind == wire.ReportProgress {
		return nil
	}
	if err := e.publisher.Clean(ctx, []dispatch.Ref{{Pool: r.Pool, Lane: lane, Task: r.Task, Epoch: r.Epoch}}); err != nil {
		e.log.Warn("take a finished task off its queue", "task_id", r.Task, "error", fmt.Errorf("pool %s: %w", r.Pool, err))
	}
	return nil
}

// TellWork passes on what a worker says while a task runs: that it began, how far it is, log lines.
func (e *Engine) TellWork(ctx context.Context, reports []wire.Report) error {
	if len(reports) == 0 {
		return nil
	}
	pipe := e.cfg.Redis.Pipeline()
	for i := range reports {
		r := &reports[i]
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: e.cfg.Keys.Results(wire.Shard(r.Process)), Values: []any{wire.ReportField, r.AppendJSON(nil)}})
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fault.Wrap(err, fault.Unavailable, "work.queue_away", "the queue does not answer")
	}
	return nil
}

// WorksOn tells whether workers of the pools have a task of a process now.
func (e *Engine) WorksOn(ctx context.Context, process string, pools []string) (bool, error) {
	works, err := e.store.WorksOn(ctx, process, pools)
	if err != nil {
		return false, storeFault(err, nil)
	}
	return works, nil
}

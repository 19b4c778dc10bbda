package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/server/work"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// workAPI shows the service of workers that speak HTTP to the API.
type workAPI struct{ work *work.Service }

var _ httpapi.Work = workAPI{}

func wireType(t httpapi.AnnouncedType) wire.Descriptor {
	return wire.Descriptor{
		Name: t.Name, Major: t.Major, Title: wire.Text(t.Title), Doc: wire.Text(t.Doc), Category: wire.Text(t.Category), Icon: t.Icon,
		InputSchema: json.RawMessage(t.InputSchema), OutputSchema: json.RawMessage(t.OutputSchema), SideEffects: t.SideEffects,
		Errors: mapped(t.Errors, func(e httpapi.AnnouncedError) wire.ErrorCode {
			return wire.ErrorCode{Code: e.Code, Title: wire.Text(e.Title)}
		}),
	}
}

func (a workAPI) Drained(pool, worker string) bool { return a.work.Drained(pool, worker) }

func (a workAPI) Heartbeat() time.Duration { return work.Heartbeat }

func (a workAPI) Announce(ctx context.Context, w httpapi.AnnounceWorker) ([]httpapi.RefusedType, error) {
	refused, err := a.work.Announce(ctx, work.Announcement{
		Pool: w.Pool, Worker: w.Worker, Host: w.Host, Version: w.Version, Slots: w.Slots, Types: mapped(w.Types, wireType),
	})
	return mapped(refused, func(r wire.Refusal) httpapi.RefusedType { return httpapi.RefusedType(r) }), err
}

func (a workAPI) Take(ctx context.Context, p httpapi.TakeWork) ([]httpapi.WorkTask, []string, error) {
	tasks, gone, err := a.work.Take(ctx, work.Poll(p))
	return mapped(tasks, func(t work.Task) httpapi.WorkTask {
		return httpapi.WorkTask{
			Lease: t.Lease, Type: t.Task.NodeType, Input: t.Input, ProcessID: t.Task.Process, CustomID: t.Task.CustomID, TaskID: t.Task.Task, NodeID: t.Task.Node,
			Attempt: t.Task.Attempt, IdempotencyKey: t.Idempotency, TimeoutMS: t.Task.AttemptMS, Trace: t.Task.Trace,
		}
	}), gone, err
}

func (a workAPI) Beat(ctx context.Context, pool, worker string, news []httpapi.WorkNews) ([]string, error) {
	return a.work.Beat(ctx, pool, worker, mapped(news, func(n httpapi.WorkNews) work.Progress { return work.Progress(n) }))
}

func (a workAPI) Finish(ctx context.Context, pool, worker, lease string, o httpapi.WorkOutcome) error {
	outcome := work.Outcome{Output: o.Output, Plan: o.Plan, Log: o.Log}
	if e := o.Error; e != nil {
		outcome.Error = &wire.Error{Class: wire.ErrorClass(e.Class), Code: e.Code, Message: e.Message, Stack: e.Stack, RetryAfterMS: e.RetryAfterMS}
	}
	return a.work.Finish(ctx, pool, worker, lease, outcome)
}

func (a workAPI) Release(ctx context.Context, pool, worker, lease string) error {
	return a.work.Release(ctx, pool, worker, lease)
}

func (a workAPI) WorksOn(ctx context.Context, process string, pools []string) (bool, error) {
	return a.work.WorksOn(ctx, process, pools)
}

func (a workAPI) Leave(ctx context.Context, pool, worker string) error {
	return a.work.Leave(ctx, pool, worker)
}

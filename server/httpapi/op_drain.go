package httpapi

import (
	"context"
	"net/http"
	"time"
)

type drainInput struct {
	Body struct {
		Worker  string  `json:"worker,omitempty" maxLength:"300" doc:"Id of one worker, as listWorkers names it"`
		Pool    string  `json:"pool,omitempty" maxLength:"63" doc:"All live workers of a pool"`
		Host    string  `json:"host,omitempty" maxLength:"255" doc:"All live workers on a host"`
		Stay    bool    `json:"stay,omitempty" doc:"The processes do not end when they have nothing left to do"`
		WithinS float64 `json:"within_s,omitempty" minimum:"0" maximum:"604800" doc:"What still runs after so many seconds is handed back and runs elsewhere; absent: it may take its time"`
		Reason  string  `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit and for whoever misses the worker"`
	} `nameHint:"DrainWorkers"`
}

type drainOutput struct {
	Body struct {
		Items []DrainedWorker `json:"items"`
	} `nameHint:"DrainedWorkerList"`
}

func (a *API) registerDrain() {
	add(a, operation{id: "drainWorkers", method: http.MethodPost, path: "/workers/drain", tag: "workers", permission: PermProcessOperate, audit: "worker.drain",
		summary: "Drain one worker, or all of a pool or a host",
		doc: "Name one of worker, pool and host. A drained worker takes no new task from one second on, finishes what it has, leaves, and its process ends with " +
			"status 0. There is no way back: start another. 404 says that there is no such live worker, 409 that all of them drain already or are of a release " +
			"that does not know the order; else outcome says it of each."}, a.drain)
}

func (a *API) drain(ctx context.Context, in *drainInput) (*drainOutput, error) {
	b := &in.Body
	drained, err := a.config.Engine.Drain(ctx, DrainCommand{Actor: caller(ctx).Login, Worker: b.Worker, Pool: b.Pool, Host: b.Host, Stay: b.Stay,
		Within: time.Duration(b.WithinS * float64(time.Second)), Reason: b.Reason})
	if err != nil {
		return nil, err
	}
	kind, name := "worker", b.Worker
	switch {
	case b.Pool != "":
		kind, name = "pool", b.Pool
	case b.Host != "":
		kind, name = "host", b.Host
	}
	workers := []string{}
	for _, d := range drained {
		if d.Outcome == "draining" {
			workers = append(workers, d.Worker)
		}
	}
	audited(ctx, kind, name, b.Reason, map[string]any{"workers": workers, "stay": b.Stay, "within_s": b.WithinS})
	out := &drainOutput{}
	out.Body.Items = list(drained)
	return out, nil
}

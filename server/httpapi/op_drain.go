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

type undrainInput struct {
	Body struct {
		Worker string `json:"worker,omitempty" maxLength:"300" doc:"Id of one worker, as listWorkers names it"`
		Pool   string `json:"pool,omitempty" maxLength:"63" doc:"All live workers of a pool"`
		Host   string `json:"host,omitempty" maxLength:"255" doc:"All live workers on a host"`
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"Why, for the audit"`
	} `nameHint:"UndrainWorkers"`
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
			"status 0. Until it has left, or for as long as it stays, undrainWorkers takes the order back. 404 says that there is no such live worker, 409 that all of " +
			"them drain already or are of a release that does not know the order; else outcome says it of each."}, a.drain)
	add(a, operation{id: "undrainWorkers", method: http.MethodPost, path: "/workers/undrain", tag: "workers", permission: PermProcessOperate, audit: "worker.undrain",
		summary: "Let drained workers take tasks again",
		doc: "Name one of worker, pool and host. Workers that have not left yet, and those that stay, take tasks again within a second. 404 says that there is no such " +
			"live worker, 409 that none of them is drained, or that it is too late for all of them; else outcome says it of each."}, a.undrain)
}

func (a *API) drain(ctx context.Context, in *drainInput) (*drainOutput, error) {
	b := &in.Body
	command := DrainCommand{Actor: caller(ctx).Login, Worker: b.Worker, Pool: b.Pool, Host: b.Host, Stay: b.Stay, Within: time.Duration(b.WithinS * float64(time.Second)), Reason: b.Reason}
	drained, err := a.config.Engine.Drain(ctx, command)
	if err != nil {
		return nil, err
	}
	return drainedOutput(ctx, command, drained, "draining", map[string]any{"stay": b.Stay, "within_s": b.WithinS}), nil
}

func (a *API) undrain(ctx context.Context, in *undrainInput) (*drainOutput, error) {
	b := &in.Body
	command := DrainCommand{Actor: caller(ctx).Login, Worker: b.Worker, Pool: b.Pool, Host: b.Host, Reason: b.Reason}
	drained, err := a.config.Engine.Undrain(ctx, command)
	if err != nil {
		return nil, err
	}
	return drainedOutput(ctx, command, drained, "taken_back", map[string]any{}), nil
}

// drainedOutput answers, and tells the audit for which workers something has changed.
func drainedOutput(ctx context.Context, c DrainCommand, drained []DrainedWorker, changed string, detail map[string]any) *drainOutput {
	kind, name := "worker", c.Worker
	switch {
	case c.Pool != "":
		kind, name = "pool", c.Pool
	case c.Host != "":
		kind, name = "host", c.Host
	}
	workers := []string{}
	for _, d := range drained {
		if d.Outcome == changed {
			workers = append(workers, d.Worker)
		}
	}
	detail["workers"] = workers
	audited(ctx, kind, name, c.Reason, detail)
	out := &drainOutput{}
	out.Body.Items = list(drained)
	return out
}

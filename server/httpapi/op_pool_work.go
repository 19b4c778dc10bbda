package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// WorkPool names a pool.
type WorkPool struct {
	Pool string `path:"pool" maxLength:"63" pattern:"^[a-z][a-z0-9_-]*$" patternDescription:"a pool's name"`
}

type announceInput struct {
	WorkPool
	Body struct {
		Worker  string          `json:"worker" minLength:"1" maxLength:"100" pattern:"^[A-Za-z0-9][A-Za-z0-9_.:-]*$" patternDescription:"letters, digits and _.:-" doc:"A name of its own for each running program: host and process id, for one"`
		Host    string          `json:"host,omitempty" maxLength:"200"`
		Version string          `json:"version,omitempty" maxLength:"100" doc:"Of the program"`
		Slots   int             `json:"slots,omitempty" minimum:"1" maximum:"1000" doc:"Tasks at once; absent means 1"`
		Types   []AnnouncedType `json:"types" minItems:"1" maxItems:"200"`
	} `nameHint:"AnnounceWorker"`
}

type announceOutput struct {
	Body struct {
		Accepted   []string      `json:"accepted" doc:"name@major of the types that it gets tasks of"`
		Refused    []RefusedType `json:"refused"`
		HeartbeatS float64       `json:"heartbeat_s" doc:"Say so often that you live, with every task that you run"`
		Draining   bool          `json:"draining" doc:"An operator drains this worker: it gets no tasks. Finish what you have, then leave and end"`
	} `nameHint:"AnnouncedWorker"`
}

type takeInput struct {
	WorkPool
	Body struct {
		Worker string   `json:"worker" minLength:"1" maxLength:"100"`
		Most   int      `json:"most,omitempty" minimum:"1" maximum:"100" doc:"Tasks; absent means 1"`
		WaitS  *float64 `json:"wait_s,omitempty" minimum:"0" maximum:"30" doc:"How long to wait for the first; absent means 20"`
		Holds  []string `json:"holds,omitempty" maxItems:"1000" doc:"Leases of tasks that run meanwhile: the poll is a heartbeat of theirs"`
	} `nameHint:"TakeWork"`
}

type takeOutput struct {
	Body struct {
		Tasks    []WorkTask `json:"tasks"`
		Gone     []string   `json:"gone" doc:"Leases of holds that count no more: stop what you do for them"`
		Draining bool       `json:"draining" doc:"An operator drains this worker: it gets no tasks. Finish what you have, then leave and end"`
	} `nameHint:"TakenWork"`
}

type beatInput struct {
	WorkPool
	Body struct {
		Worker string     `json:"worker" minLength:"1" maxLength:"100"`
		Tasks  []WorkNews `json:"tasks,omitempty" maxItems:"1000"`
	} `nameHint:"WorkHeartbeat"`
}

type beatOutput struct {
	Body struct {
		Gone     []string `json:"gone" doc:"Leases that count no more: the task was cancelled, timed out, or is lost to you"`
		Draining bool     `json:"draining" doc:"An operator drains this worker: it gets no more tasks. Finish what you have, then leave and end"`
	} `nameHint:"WorkGone"`
}

// WorkLease is what an outcome is about.
type WorkLease struct {
	Worker string `json:"worker" minLength:"1" maxLength:"100"`
	Lease  string `json:"lease" minLength:"1" maxLength:"1000"`
	Log    string `json:"log,omitempty" maxLength:"65536" doc:"The whole log of the attempt; what heartbeats told is replaced by it"`
}

type completeWorkInput struct {
	WorkPool
	Body struct {
		WorkLease
		Output Object `json:"output,omitempty" doc:"Fits the type's output schema; absent means {}"`
		Plan   Object `json:"plan,omitempty" doc:"Instead of an output, of a step that is allowed to plan: tasks for the engine to run, whose result is the output"`
	} `nameHint:"CompleteWork"`
}

type failInput struct {
	WorkPool
	Body struct {
		WorkLease
		Error WorkError `json:"error"`
	} `nameHint:"FailWork"`
}

type releaseInput struct {
	WorkPool
	Body struct {
		Worker string `json:"worker" minLength:"1" maxLength:"100"`
		Lease  string `json:"lease" minLength:"1" maxLength:"1000"`
	} `nameHint:"ReleaseWork"`
}

type leaveInput struct {
	WorkPool
	Body struct {
		Worker string `json:"worker" minLength:"1" maxLength:"100"`
	} `nameHint:"LeaveWork"`
}

// workWait is the longest poll, and what is left of a request around it.
const (
	usualWait   = 20 * time.Second
	workTimeout = 45 * time.Second
)

func (a *API) registerPoolWork() {
	add(a, operation{id: "announceWorker", method: http.MethodPost, path: "/work/{pool}/announce", tag: "work", permission: PermWork, maxBody: 4 << 20, timeout: workTimeout,
		summary: "Announce a worker and its node types", doc: "At its start, and when it is told work.unknown_worker. The types are in every palette from then on."}, a.announce)
	add(a, operation{id: "takeWork", method: http.MethodPost, path: "/work/{pool}/take", tag: "work", permission: PermWork, timeout: workTimeout,
		summary: "Wait for tasks", doc: "A long poll. It is a heartbeat of the worker and of the tasks in holds."}, a.take)
	add(a, operation{id: "heartbeatWork", method: http.MethodPost, path: "/work/{pool}/heartbeat", tag: "work", permission: PermWork, maxBody: 4 << 20,
		summary: "Say that a worker and its tasks live", doc: "What is not heard of for 8 seconds runs elsewhere within 15."}, a.beat)
	add(a, operation{id: "completeWork", method: http.MethodPost, path: "/work/{pool}/complete", tag: "work", permission: PermWork, status: http.StatusNoContent,
		summary: "Complete a task", doc: "204 says that the result is committed and counts, also when it is sent again. 409 work.lease_lost: it came too late and changes nothing."}, a.complete)
	add(a, operation{id: "failWork", method: http.MethodPost, path: "/work/{pool}/fail", tag: "work", permission: PermWork, status: http.StatusNoContent,
		summary: "Say that a task failed", doc: "Whether it is tried again is the node's policy."}, a.fail)
	add(a, operation{id: "releaseWork", method: http.MethodPost, path: "/work/{pool}/release", tag: "work", permission: PermWork, status: http.StatusNoContent,
		summary: "Give a task back", doc: "Before a worker stops: it uses no attempt and runs elsewhere at once."}, a.release)
	add(a, operation{id: "leaveWork", method: http.MethodPost, path: "/work/{pool}/leave", tag: "work", permission: PermWork, status: http.StatusNoContent,
		summary: "Say that a worker stops", doc: "Release or finish its tasks before."}, a.leave)
}

// ofPool refuses tokens that are for other pools.
func ofPool(ctx context.Context, pool string) error {
	if pools := caller(ctx).Pools; len(pools) > 0 && !slices.Contains(pools, pool) {
		return newProblem(http.StatusForbidden, "work.pool", "This token is for other pools.")
	}
	return nil
}

func (a *API) announce(ctx context.Context, in *announceInput) (*announceOutput, error) {
	if err := ofPool(ctx, in.Pool); err != nil {
		return nil, err
	}
	refused, err := a.config.Work.Announce(ctx, AnnounceWorker{
		Pool: in.Pool, Worker: in.Body.Worker, Host: in.Body.Host, Version: in.Body.Version, Slots: in.Body.Slots, Types: in.Body.Types,
	})
	if err != nil {
		return nil, err
	}
	out := &announceOutput{}
	out.Body.Draining = a.config.Work.Drained(in.Pool, in.Body.Worker)
	out.Body.Accepted, out.Body.Refused, out.Body.HeartbeatS = []string{}, list(refused), a.config.Work.Heartbeat().Seconds()
	for _, t := range in.Body.Types {
		if name := t.typeName(); !slices.ContainsFunc(refused, func(r RefusedType) bool { return r.Type == name }) {
			out.Body.Accepted = append(out.Body.Accepted, name)
		}
	}
	return out, nil
}

func (a *API) take(ctx context.Context, in *takeInput) (*takeOutput, error) {
	if err := ofPool(ctx, in.Pool); err != nil {
		return nil, err
	}
	wait := usualWait
	if in.Body.WaitS != nil {
		wait = time.Duration(*in.Body.WaitS * float64(time.Second))
	}
	tasks, gone, err := a.config.Work.Take(ctx, TakeWork{Pool: in.Pool, Worker: in.Body.Worker, Most: max(in.Body.Most, 1), Wait: wait, Holds: in.Body.Holds})
	if err != nil {
		return nil, err
	}
	out := &takeOutput{}
	out.Body.Tasks, out.Body.Gone, out.Body.Draining = list(tasks), list(gone), a.config.Work.Drained(in.Pool, in.Body.Worker)
	return out, nil
}

func (a *API) beat(ctx context.Context, in *beatInput) (*beatOutput, error) {
	if err := ofPool(ctx, in.Pool); err != nil {
		return nil, err
	}
	gone, err := a.config.Work.Beat(ctx, in.Pool, in.Body.Worker, in.Body.Tasks)
	if err != nil {
		return nil, err
	}
	out := &beatOutput{}
	out.Body.Gone, out.Body.Draining = list(gone), a.config.Work.Drained(in.Pool, in.Body.Worker)
	return out, nil
}

func (a *API) complete(ctx context.Context, in *completeWorkInput) (*struct{}, error) {
	if err := ofPool(ctx, in.Pool); err != nil {
		return nil, err
	}
	if len(in.Body.Plan) > 0 && len(in.Body.Output) > 0 {
		p := newProblem(http.StatusUnprocessableEntity, "work.plan_and_output", "A task completes with an output or with a plan.")
		p.Issues = []Issue{{Code: "work.plan_and_output", Path: "/plan", Message: "either this or output"}}
		return nil, p
	}
	outcome := WorkOutcome{Output: json.RawMessage(in.Body.Output), Plan: json.RawMessage(in.Body.Plan), Log: in.Body.Log}
	return nil, a.config.Work.Finish(ctx, in.Pool, in.Body.Worker, in.Body.Lease, outcome)
}

func (a *API) fail(ctx context.Context, in *failInput) (*struct{}, error) {
	if err := ofPool(ctx, in.Pool); err != nil {
		return nil, err
	}
	failure := in.Body.Error
	if failure.Code == "" {
		if failure.Class == "business" {
			p := newProblem(http.StatusUnprocessableEntity, "work.code_required", "A business error has a code.")
			p.Issues = []Issue{{Code: "work.code_required", Path: "/error/code", Message: "it is needed"}}
			return nil, p
		}
		failure.Code = "FAILED"
	}
	return nil, a.config.Work.Finish(ctx, in.Pool, in.Body.Worker, in.Body.Lease, WorkOutcome{Error: &failure, Log: in.Body.Log})
}

func (a *API) release(ctx context.Context, in *releaseInput) (*struct{}, error) {
	if err := ofPool(ctx, in.Pool); err != nil {
		return nil, err
	}
	return nil, a.config.Work.Release(ctx, in.Pool, in.Body.Worker, in.Body.Lease)
}

func (a *API) leave(ctx context.Context, in *leaveInput) (*struct{}, error) {
	if err := ofPool(ctx, in.Pool); err != nil {
		return nil, err
	}
	return nil, a.config.Work.Leave(ctx, in.Pool, in.Body.Worker)
}

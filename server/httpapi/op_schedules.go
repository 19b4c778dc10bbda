package httpapi

import (
	"context"
	"net/http"
	"time"
)

// SchedulePath names a schedule.
type SchedulePath struct {
	ID string `path:"id" format:"uuid"`
}

type schedulesInput struct {
	Paging
	Definition string `query:"definition" maxLength:"63" doc:"Key"`
	State      string `query:"state" enum:"active,paused,stopped,retired"`
	Query      string `query:"q" maxLength:"200" doc:"That the name holds"`
}

type schedulesOutput struct {
	Body struct {
		Items      []Schedule `json:"items"`
		NextCursor string     `json:"next_cursor,omitempty"`
	} `nameHint:"ScheduleList"`
}

type scheduleOutput struct {
	ETag string `header:"ETag" doc:"The revision in quotes, for If-Match"`
	Body Schedule
}

type createScheduleInput struct {
	Body ScheduleRule `nameHint:"CreateSchedule"`
}

type updateScheduleInput struct {
	SchedulePath
	IfMatch string       `header:"If-Match" maxLength:"64" doc:"The revision that was edited, in quotes; required"`
	Body    ScheduleRule `nameHint:"UpdateSchedule"`
}

type scheduleReasonInput struct {
	SchedulePath
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	} `nameHint:"ScheduleReason"`
}

type runScheduleInput struct {
	SchedulePath
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"The same key starts one process"`
}

type firesInput struct {
	SchedulePath
	Paging
}

type firesOutput struct {
	Body struct {
		Items      []ScheduleFire `json:"items"`
		NextCursor string         `json:"next_cursor,omitempty"`
	} `nameHint:"ScheduleFireList"`
}

type previewCronInput struct {
	Cron  string `query:"cron" required:"true" maxLength:"200"`
	Zone  string `query:"zone" maxLength:"100"`
	Count int    `query:"count" minimum:"1" maximum:"50" default:"5"`
}

type previewCronOutput struct {
	Body struct {
		Times []time.Time `json:"times" doc:"Fewer than asked for when the rule comes no more often"`
	} `nameHint:"CronPreview"`
}

func (a *API) registerSchedules() {
	add(a, operation{id: "listSchedules", method: http.MethodGet, path: "/schedules", tag: "schedules", permission: PermProcessRead,
		summary: "List schedules by name"}, a.listSchedules)
	add(a, operation{id: "createSchedule", method: http.MethodPost, path: "/schedules", tag: "schedules", permission: PermScheduleManage, status: http.StatusCreated,
		audit: "schedule.create", summary: "Add a schedule",
		doc: "Schedules of start events are made when their version is published; this one belongs to none."}, a.createSchedule)
	add(a, operation{id: "previewCron", method: http.MethodGet, path: "/cron-times", tag: "schedules", permission: PermProcessRead,
		summary: "List the next times of a cron rule, as schedules will come"}, a.previewCron)
	add(a, operation{id: "getSchedule", method: http.MethodGet, path: "/schedules/{id}", tag: "schedules", permission: PermProcessRead, summary: "Get a schedule"}, a.getSchedule)
	add(a, operation{id: "updateSchedule", method: http.MethodPut, path: "/schedules/{id}", tag: "schedules", permission: PermScheduleManage, audit: "schedule.update",
		summary: "Replace a schedule", doc: "Needs If-Match. Of one that belongs to a start event only the policies and the priority change: 409, code schedule.of_definition."}, a.updateSchedule)
	add(a, operation{id: "deleteSchedule", method: http.MethodDelete, path: "/schedules/{id}", tag: "schedules", permission: PermScheduleManage, status: http.StatusNoContent,
		audit: "schedule.delete", summary: "Delete a schedule with its history", doc: "Processes that it started stay."}, a.deleteSchedule)
	add(a, operation{id: "pauseSchedule", method: http.MethodPost, path: "/schedules/{id}/pause", tag: "schedules", permission: PermScheduleManage, audit: "schedule.pause",
		summary: "Let a schedule rest", doc: "What waits for its turn is skipped; what runs goes on."}, a.pauseSchedule)
	add(a, operation{id: "resumeSchedule", method: http.MethodPost, path: "/schedules/{id}/resume", tag: "schedules", permission: PermScheduleManage, audit: "schedule.resume",
		summary: "Let a schedule fire again", doc: "From now on: what came meanwhile is not made up for, and failures so far are forgiven."}, a.resumeSchedule)
	add(a, operation{id: "runSchedule", method: http.MethodPost, path: "/schedules/{id}/run", tag: "schedules", permission: PermProcessStart, status: http.StatusCreated,
		alternative: http.StatusOK, audit: "schedule.run", summary: "Start a process of a schedule now",
		doc: "Whatever its state and its overlap policy. 200 when the idempotency key was known."}, a.runSchedule)
	add(a, operation{id: "listScheduleFires", method: http.MethodGet, path: "/schedules/{id}/fires", tag: "schedules", permission: PermProcessRead,
		summary: "List a schedule's history, newest first"}, a.listScheduleFires)
}

func (a *API) listSchedules(ctx context.Context, in *schedulesInput) (*schedulesOutput, error) {
	page, err := a.config.Schedules.Schedules(ctx, ScheduleFilter{Definition: in.Definition, State: in.State, Query: in.Query, Cursor: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &schedulesOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func scheduleAnswer(s Schedule, err error) (*scheduleOutput, error) {
	if err != nil {
		return nil, err
	}
	return &scheduleOutput{ETag: etag(s.Revision), Body: s}, nil
}

// auditedSchedule says what a schedule is like after its change.
func auditedSchedule(ctx context.Context, s Schedule, reason string) {
	audited(ctx, "schedule", s.ID, reason, map[string]any{
		"name": s.Name, "definition": s.Definition, "version": s.Version, "cron": s.Cron, "zone": s.Zone, "custom_id": s.CustomID, "input": s.input(), "priority": s.Priority,
		"misfire": s.Misfire, "catch_up_most": s.CatchUpMost, "late_after_s": s.LateAfterS, "overlap": s.Overlap, "max_running": s.MaxRunning, "max_errors": s.MaxErrors,
		"state": s.State,
	})
}

func (a *API) createSchedule(ctx context.Context, in *createScheduleInput) (*scheduleOutput, error) {
	made, err := a.config.Schedules.CreateSchedule(ctx, caller(ctx).Login, in.Body)
	if err == nil {
		auditedSchedule(ctx, made, "")
	}
	return scheduleAnswer(made, err)
}

func (a *API) previewCron(ctx context.Context, in *previewCronInput) (*previewCronOutput, error) {
	times, err := a.config.Schedules.PreviewCron(ctx, in.Cron, in.Zone, in.Count)
	if err != nil {
		return nil, err
	}
	out := &previewCronOutput{}
	out.Body.Times = list(times)
	return out, nil
}

func (a *API) getSchedule(ctx context.Context, in *SchedulePath) (*scheduleOutput, error) {
	return scheduleAnswer(a.config.Schedules.Schedule(ctx, in.ID))
}

func (a *API) updateSchedule(ctx context.Context, in *updateScheduleInput) (*scheduleOutput, error) {
	revision, err := matched(in.IfMatch)
	if err != nil {
		return nil, err
	}
	changed, err := a.config.Schedules.UpdateSchedule(ctx, caller(ctx).Login, in.ID, revision, in.Body)
	if err == nil {
		auditedSchedule(ctx, changed, "")
	}
	return scheduleAnswer(changed, err)
}

func (a *API) deleteSchedule(ctx context.Context, in *SchedulePath) (*struct{}, error) {
	known, err := a.config.Schedules.Schedule(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.config.Schedules.DeleteSchedule(ctx, in.ID); err != nil {
		return nil, err
	}
	auditedSchedule(ctx, known, "")
	return nil, nil
}

func (a *API) pauseSchedule(ctx context.Context, in *scheduleReasonInput) (*scheduleOutput, error) {
	changed, err := a.config.Schedules.PauseSchedule(ctx, caller(ctx).Login, in.ID, in.Body.Reason)
	if err == nil {
		audited(ctx, "schedule", in.ID, in.Body.Reason, map[string]any{"name": changed.Name})
	}
	return scheduleAnswer(changed, err)
}

func (a *API) resumeSchedule(ctx context.Context, in *scheduleReasonInput) (*scheduleOutput, error) {
	changed, err := a.config.Schedules.ResumeSchedule(ctx, caller(ctx).Login, in.ID, in.Body.Reason)
	if err == nil {
		audited(ctx, "schedule", in.ID, in.Body.Reason, map[string]any{"name": changed.Name})
	}
	return scheduleAnswer(changed, err)
}

func (a *API) runSchedule(ctx context.Context, in *runScheduleInput) (*startOutput, error) {
	started, err := a.config.Schedules.RunSchedule(ctx, caller(ctx).Login, in.ID, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	if started.Existing {
		return &startOutput{Status: http.StatusOK, Body: started}, nil
	}
	audited(ctx, "schedule", in.ID, "", map[string]any{"process_id": started.ID})
	return &startOutput{Status: http.StatusCreated, Body: started}, nil
}

func (a *API) listScheduleFires(ctx context.Context, in *firesInput) (*firesOutput, error) {
	page, err := a.config.Schedules.ScheduleFires(ctx, in.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &firesOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/server/schedule"
)

// schedulesAPI shows the schedules to the API.
type schedulesAPI struct {
	schedules *schedule.Service
	titles    *titles
}

var _ httpapi.Schedules = schedulesAPI{}

func (a schedulesAPI) show(ctx context.Context, s *schedule.Schedule) httpapi.Schedule {
	out := httpapi.Schedule{
		ScheduleRule: httpapi.ScheduleRule{
			Name: s.Name, Definition: s.Definition, Version: s.Version, Cron: s.Cron, Zone: s.Zone, Input: httpapi.Object(s.Input), CustomID: s.CustomID, Priority: s.Priority,
			Misfire: string(s.Misfire), CatchUpMost: s.CatchUpMost, LateAfterS: int(s.LateAfter / time.Second), Overlap: string(s.Overlap), MaxRunning: s.MaxRunning, MaxErrors: s.MaxErrors,
		},
		ID: s.ID, DefinitionTitle: a.titles.of(ctx, s.Definition), NodeID: s.Node, State: string(s.State), StateAt: s.StateAt, StateBy: s.StateBy, StateReason: s.StateReason,
		NextAt: s.NextAt, Running: s.Running, Revision: s.Revision, CreatedAt: s.CreatedAt, CreatedBy: s.CreatedBy, UpdatedAt: s.UpdatedAt, UpdatedBy: s.UpdatedBy,
	}
	if s.Last != nil {
		last := apiFire(*s.Last)
		out.Last = &last
	}
	return out
}

func (a schedulesAPI) answer(ctx context.Context, s schedule.Schedule, err error) (httpapi.Schedule, error) {
	if err != nil {
		return httpapi.Schedule{}, err
	}
	return a.show(ctx, &s), nil
}

func apiFire(f schedule.Fire) httpapi.ScheduleFire {
	out := httpapi.ScheduleFire{
		DueAt: f.DueAt, Kind: string(f.Kind), State: string(f.State), Reason: f.Reason, Message: f.Message, CaughtUp: f.CaughtUp, Missed: f.Missed, ProcessID: f.Process,
		Actor: f.Actor, StartedAt: f.StartedAt, EndedAt: f.EndedAt,
	}
	if f.Missed > 0 {
		out.MissedFrom = &f.Missing
	}
	if f.Incident {
		out.State = "incident"
	}
	return out
}

func scheduleFields(r httpapi.ScheduleRule) schedule.Fields {
	return schedule.Fields{
		Name: r.Name, Definition: r.Definition, Version: r.Version, Cron: r.Cron, Zone: r.Zone, Input: json.RawMessage(r.Input), CustomID: r.CustomID, Priority: r.Priority,
		Policy: schedule.Policy{
			Misfire: schedule.Misfire(r.Misfire), CatchUpMost: r.CatchUpMost, LateAfter: time.Duration(r.LateAfterS) * time.Second, Overlap: schedule.Overlap(r.Overlap),
			MaxRunning: r.MaxRunning, MaxErrors: r.MaxErrors,
		},
	}
}

func (a schedulesAPI) Schedules(ctx context.Context, f httpapi.ScheduleFilter) (httpapi.Page[httpapi.Schedule], error) {
	found, next, err := a.schedules.Schedules(ctx, schedule.Filter{Definition: f.Definition, State: schedule.State(f.State), Query: f.Query, Limit: f.Limit}, f.Cursor)
	return httpapi.Page[httpapi.Schedule]{Items: mapped(found, func(s schedule.Schedule) httpapi.Schedule { return a.show(ctx, &s) }), NextCursor: next}, err
}

func (a schedulesAPI) Schedule(ctx context.Context, id string) (httpapi.Schedule, error) {
	s, err := a.schedules.Schedule(ctx, id)
	return a.answer(ctx, s, err)
}

func (a schedulesAPI) CreateSchedule(ctx context.Context, actor string, rule httpapi.ScheduleRule) (httpapi.Schedule, error) {
	s, err := a.schedules.Create(ctx, actor, scheduleFields(rule))
	return a.answer(ctx, s, err)
}

func (a schedulesAPI) UpdateSchedule(ctx context.Context, actor, id string, revision int64, rule httpapi.ScheduleRule) (httpapi.Schedule, error) {
	s, err := a.schedules.Update(ctx, actor, id, revision, scheduleFields(rule))
	return a.answer(ctx, s, err)
}

func (a schedulesAPI) DeleteSchedule(ctx context.Context, id string) error {
	return a.schedules.Delete(ctx, id)
}

func (a schedulesAPI) PauseSchedule(ctx context.Context, actor, id, reason string) (httpapi.Schedule, error) {
	s, err := a.schedules.Pause(ctx, actor, id, reason)
	return a.answer(ctx, s, err)
}

func (a schedulesAPI) ResumeSchedule(ctx context.Context, actor, id, reason string) (httpapi.Schedule, error) {
	s, err := a.schedules.Resume(ctx, actor, id, reason)
	return a.answer(ctx, s, err)
}

func (a schedulesAPI) RunSchedule(ctx context.Context, actor, id, key string) (httpapi.StartedProcess, error) {
	started, err := a.schedules.Run(ctx, actor, id, key)
	return httpapi.StartedProcess(started), err
}

func (a schedulesAPI) ScheduleFires(ctx context.Context, id, cursor string, limit int) (httpapi.Page[httpapi.ScheduleFire], error) {
	found, next, err := a.schedules.Fires(ctx, id, cursor, limit)
	return httpapi.Page[httpapi.ScheduleFire]{Items: mapped(found, apiFire), NextCursor: next}, err
}

func (a schedulesAPI) PreviewCron(ctx context.Context, cron, zone string, count int) ([]time.Time, error) {
	return a.schedules.Preview(ctx, cron, zone, count)
}

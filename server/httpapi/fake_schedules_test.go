package httpapi

import (
	"context"
	"time"
)

// fakeSchedules knows one schedule.
type fakeSchedules struct{ *fake }

func (f fakeSchedules) Schedules(ctx context.Context, _ ScheduleFilter) (Page[Schedule], error) {
	return Page[Schedule]{}, f.called(ctx, "schedules")
}

func (f fakeSchedules) Schedule(ctx context.Context, id string) (Schedule, error) {
	return Schedule{ID: id, Revision: 7}, f.called(ctx, "schedule")
}

func (f fakeSchedules) CreateSchedule(ctx context.Context, _ string, rule ScheduleRule) (Schedule, error) {
	return Schedule{ID: knownTask, ScheduleRule: rule, Revision: 1}, f.called(ctx, "create schedule")
}

func (f fakeSchedules) UpdateSchedule(ctx context.Context, _, id string, revision int64, rule ScheduleRule) (Schedule, error) {
	return Schedule{ID: id, ScheduleRule: rule, Revision: revision + 1}, f.called(ctx, "update schedule")
}

func (f fakeSchedules) DeleteSchedule(ctx context.Context, _ string) error {
	return f.called(ctx, "delete schedule")
}

func (f fakeSchedules) PauseSchedule(ctx context.Context, _, id, _ string) (Schedule, error) {
	return Schedule{ID: id}, f.called(ctx, "pause schedule")
}

func (f fakeSchedules) ResumeSchedule(ctx context.Context, _, id, _ string) (Schedule, error) {
	return Schedule{ID: id}, f.called(ctx, "resume schedule")
}

func (f fakeSchedules) RunSchedule(ctx context.Context, _, _, _ string) (StartedProcess, error) {
	return StartedProcess{ID: knownProcess}, f.called(ctx, "run schedule")
}

func (f fakeSchedules) ScheduleFires(ctx context.Context, _, _ string, _ int) (Page[ScheduleFire], error) {
	return Page[ScheduleFire]{}, f.called(ctx, "schedule fires")
}

func (f fakeSchedules) PreviewCron(ctx context.Context, _, _ string, _ int) ([]time.Time, error) {
	return nil, f.called(ctx, "preview cron")
}

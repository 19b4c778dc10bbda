package app

import (
	"context"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/designer/timing"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

var _ httpapi.Calendars = designerAPI{}

func apiCalendar(c designer.Calendar) httpapi.Calendar {
	return httpapi.Calendar{Key: c.Key, Revision: c.Revision, ChangedAt: c.ChangedAt, ChangedBy: c.ChangedBy, CalendarRule: httpapi.CalendarRule{
		Title: c.Title, Zone: c.Days.Zone, Weekend: c.Days.Weekend,
		Holidays: mapped(c.Days.Holidays, func(d timing.Day) httpapi.CalendarDay { return httpapi.CalendarDay(d) }),
		Worked:   mapped(c.Days.Worked, func(d timing.Day) httpapi.CalendarDay { return httpapi.CalendarDay(d) }),
	}}
}

func calendarOf(actor, key string, revision int64, rule httpapi.CalendarRule) designer.Calendar {
	return designer.Calendar{Key: key, Title: rule.Title, Revision: revision, ChangedBy: actor, Days: timing.Days{
		Zone: rule.Zone, Weekend: rule.Weekend,
		Holidays: mapped(rule.Holidays, func(d httpapi.CalendarDay) timing.Day { return timing.Day(d) }),
		Worked:   mapped(rule.Worked, func(d httpapi.CalendarDay) timing.Day { return timing.Day(d) }),
	}}
}

func (a designerAPI) Calendars(ctx context.Context) ([]httpapi.Calendar, error) {
	all, err := a.designer.Calendars(ctx)
	return mapped(all, apiCalendar), err
}

func (a designerAPI) AddCalendar(ctx context.Context, actor, key string, rule httpapi.CalendarRule) (httpapi.Calendar, error) {
	made, err := a.designer.AddCalendar(ctx, calendarOf(actor, key, 0, rule))
	return apiCalendar(made), err
}

func (a designerAPI) ChangeCalendar(ctx context.Context, actor, key string, revision int64, rule httpapi.CalendarRule) (httpapi.Calendar, error) {
	changed, err := a.designer.ChangeCalendar(ctx, calendarOf(actor, key, revision, rule))
	return apiCalendar(changed), err
}

func (a designerAPI) RemoveCalendar(ctx context.Context, key string) error {
	return a.designer.RemoveCalendar(ctx, key)
}

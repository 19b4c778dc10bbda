package designer

import (
	"context"
	"errors"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/timing"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Calendar says which days are worked; timers of working days are counted in it. What is changed counts for timers that are set from
// then on: one that is set stays.
type Calendar struct {
	Key       string
	Title     string
	Days      timing.Days
	Revision  int64 // 1 when it is made, one more with each change
	ChangedAt time.Time
	ChangedBy string
}

// maxCalendars bounds how many there are: they are listed as a whole.
const maxCalendars = 200

// Calendars returns all of them, by key.
func (s *Service) Calendars(ctx context.Context) ([]Calendar, error) { return s.store.Calendars(ctx) }

// Calendar returns one.
func (s *Service) Calendar(ctx context.Context, key string) (Calendar, error) {
	all, err := s.store.Calendars(ctx)
	if err != nil {
		return Calendar{}, err
	}
	for _, c := range all {
		if c.Key == key {
			return c, nil
		}
	}
	return Calendar{}, NoCalendar(key)
}

// NoCalendar says that there is no calendar with this key.
func NoCalendar(key string) error {
	return fault.Newf(fault.NotFound, "calendar.unknown", "There is no calendar %.100q.", key)
}

// AddCalendar makes a calendar. A key in use is a conflict.
func (s *Service) AddCalendar(ctx context.Context, c Calendar) (Calendar, error) {
	if err := checkCalendar(&c); err != nil {
		return Calendar{}, err
	}
	all, err := s.store.Calendars(ctx)
	if err != nil {
		return Calendar{}, err
	}
	if len(all) >= maxCalendars {
		return Calendar{}, fault.Newf(fault.Conflict, "calendar.too_many", "There are %d calendars already.", len(all))
	}
	if err := s.store.AddCalendar(ctx, c); err != nil {
		return Calendar{}, err
	}
	return s.Calendar(ctx, c.Key)
}

// ChangeCalendar replaces what a revision of a calendar says. When somebody else changed it since, it answers precondition_failed.
func (s *Service) ChangeCalendar(ctx context.Context, c Calendar) (Calendar, error) {
	if !validKey.MatchString(c.Key) {
		return Calendar{}, NoCalendar(c.Key)
	}
	if err := checkCalendar(&c); err != nil {
		return Calendar{}, err
	}
	err := s.store.ChangeCalendar(ctx, c)
	var stale *ErrRevision
	if errors.As(err, &stale) {
		return Calendar{}, fault.Newf(fault.PreconditionFailed, "calendar.conflict", "Somebody changed the calendar meanwhile: it has revision %d now.", stale.Current)
	}
	if err != nil {
		return Calendar{}, err
	}
	return s.Calendar(ctx, c.Key)
}

// RemoveCalendar removes a calendar. The default one stays, and so does one that a draft or a version counts in.
func (s *Service) RemoveCalendar(ctx context.Context, key string) error {
	switch {
	case key == timing.DefaultCalendar:
		return fault.New(fault.Conflict, "calendar.default", "The default calendar stays: timers that name none count in it.")
	case !validKey.MatchString(key):
		return NoCalendar(key)
	}
	return s.store.RemoveCalendar(ctx, key)
}

func checkCalendar(c *Calendar) error {
	_, issues := timing.NewCalendar(c.Days)
	if !validKey.MatchString(c.Key) {
		issues = append(issues, fault.Issue{Code: "calendar.key", Path: "/key", Message: "A key has 1 to 63 lower-case letters, digits and hyphens, and begins with a letter."})
	}
	for i, days := range [][]timing.Day{c.Days.Holidays, c.Days.Worked} {
		for _, day := range days {
			if !storable(day.Title) {
				issues = append(issues, fault.Issue{Code: "calendar.day_title", Path: []string{"/holidays", "/worked"}[i], Message: "The name of a day holds a control character."})
				break
			}
		}
	}
	if c.Title, issues = checkTitle(c.Title, issues); len(issues) > 0 {
		return fault.New(fault.Invalid, "calendar.invalid", "The calendar can't be like this.").WithIssues(issues...)
	}
	if c.Days.Weekend == nil {
		c.Days.Weekend = []int{}
	}
	return nil
}

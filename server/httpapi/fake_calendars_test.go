package httpapi

import "context"

func (f *fake) Calendars(ctx context.Context) ([]Calendar, error) {
	return []Calendar{{Key: "default", Revision: 1}}, f.called(ctx, "calendars")
}

func (f *fake) AddCalendar(ctx context.Context, _, key string, rule CalendarRule) (Calendar, error) {
	return Calendar{Key: key, Revision: 1, CalendarRule: rule}, f.called(ctx, "add calendar "+key)
}

func (f *fake) ChangeCalendar(ctx context.Context, _, key string, revision int64, rule CalendarRule) (Calendar, error) {
	return Calendar{Key: key, Revision: revision + 1, CalendarRule: rule}, f.called(ctx, "change calendar "+key)
}

func (f *fake) RemoveCalendar(ctx context.Context, key string) error {
	return f.called(ctx, "remove calendar "+key)
}

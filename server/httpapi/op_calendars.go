package httpapi

import (
	"context"
	"net/http"
	"time"
)

// CalendarDay is a day of a calendar.
type CalendarDay struct {
	Date  string `json:"date" maxLength:"10" doc:"A day, or a holiday of every year as month and day" example:"2026-05-11"`
	Title string `json:"title,omitempty" maxLength:"200"`
}

// CalendarRule is what a calendar says.
type CalendarRule struct {
	Title    string        `json:"title" maxLength:"200"`
	Zone     string        `json:"zone,omitempty" maxLength:"100" doc:"Where its days begin, an IANA name; absent: UTC" example:"Europe/Moscow"`
	Weekend  []int         `json:"weekend" maxItems:"7" doc:"Days of the week that are not worked: 1 is Monday, 7 is Sunday"`
	Holidays []CalendarDay `json:"holidays,omitempty" maxItems:"2000" doc:"Days besides that are not worked"`
	Worked   []CalendarDay `json:"worked,omitempty" maxItems:"2000" doc:"Days of one year that are worked, whatever else is said of them"`
}

// Calendar says which days are worked: timers count them.
type Calendar struct {
	Key string `json:"key"`
	CalendarRule
	Revision  int64     `json:"revision"`
	ChangedAt time.Time `json:"changed_at"`
	ChangedBy string    `json:"changed_by"`
}

// Calendars is what the API needs of whoever keeps calendars.
type Calendars interface {
	Calendars(ctx context.Context) ([]Calendar, error)
	AddCalendar(ctx context.Context, actor, key string, rule CalendarRule) (Calendar, error)
	// ChangeCalendar answers precondition_failed when revision is not the present one.
	ChangeCalendar(ctx context.Context, actor, key string, revision int64, rule CalendarRule) (Calendar, error)
	RemoveCalendar(ctx context.Context, key string) error
}

type calendarsOutput struct {
	Body struct {
		Items []Calendar `json:"items"`
	} `nameHint:"CalendarList"`
}

type calendarOutput struct {
	ETag string `header:"ETag" doc:"The revision in quotes, for If-Match"`
	Body Calendar
}

// CalendarPath names a calendar.
type CalendarPath struct {
	Key string `path:"key" maxLength:"63"`
}

type addCalendarInput struct {
	Body struct {
		Key string `json:"key" maxLength:"63" doc:"Lower-case letters, digits and hyphens; timers name the calendar by it" example:"registry"`
		CalendarRule
	} `nameHint:"AddCalendar"`
}

type changeCalendarInput struct {
	CalendarPath
	IfMatch string       `header:"If-Match" maxLength:"64" doc:"The revision that was edited, in quotes; required"`
	Body    CalendarRule `nameHint:"ChangeCalendar"`
}

func (a *API) registerCalendars() {
	add(a, operation{id: "listCalendars", method: http.MethodGet, path: "/calendars", tag: "calendars", permission: PermDefinitionRead,
		summary: "List the calendars of working days"}, a.listCalendars)
	add(a, operation{id: "addCalendar", method: http.MethodPost, path: "/calendars", tag: "calendars", permission: PermCalendarManage, status: http.StatusCreated,
		audit: "calendar.add", summary: "Add a calendar"}, a.addCalendar)
	add(a, operation{id: "changeCalendar", method: http.MethodPut, path: "/calendars/{key}", tag: "calendars", permission: PermCalendarManage, audit: "calendar.change",
		summary: "Change a calendar", doc: "Needs If-Match. It counts for timers that are set from now on; those that are set stay as they are."}, a.changeCalendar)
	add(a, operation{id: "removeCalendar", method: http.MethodDelete, path: "/calendars/{key}", tag: "calendars", permission: PermCalendarManage,
		status: http.StatusNoContent, audit: "calendar.remove", summary: "Remove a calendar",
		doc: "409 of the default one, code calendar.default, and of one that a draft or a version counts in, code calendar.in_use."}, a.removeCalendar)
}

func (a *API) listCalendars(ctx context.Context, _ *struct{}) (*calendarsOutput, error) {
	all, err := a.config.Designer.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	out := &calendarsOutput{}
	out.Body.Items = list(all)
	return out, nil
}

func calendarAnswer(ctx context.Context, c Calendar, err error) (*calendarOutput, error) {
	if err != nil {
		return nil, err
	}
	audited(ctx, "calendar", c.Key, "", map[string]any{"title": c.Title, "zone": c.Zone, "weekend": c.Weekend, "holidays": c.Holidays, "worked": c.Worked, "revision": c.Revision})
	return &calendarOutput{ETag: etag(c.Revision), Body: c}, nil
}

func (a *API) addCalendar(ctx context.Context, in *addCalendarInput) (*calendarOutput, error) {
	made, err := a.config.Designer.AddCalendar(ctx, caller(ctx).Login, in.Body.Key, in.Body.CalendarRule)
	return calendarAnswer(ctx, made, err)
}

func (a *API) changeCalendar(ctx context.Context, in *changeCalendarInput) (*calendarOutput, error) {
	revision, err := matched(in.IfMatch)
	if err != nil {
		return nil, err
	}
	changed, err := a.config.Designer.ChangeCalendar(ctx, caller(ctx).Login, in.Key, revision, in.Body)
	return calendarAnswer(ctx, changed, err)
}

func (a *API) removeCalendar(ctx context.Context, in *CalendarPath) (*struct{}, error) {
	if err := a.config.Designer.RemoveCalendar(ctx, in.Key); err != nil {
		return nil, err
	}
	audited(ctx, "calendar", in.Key, "", nil)
	return nil, nil
}

package designer_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/designer/timing"
	"github.com/taskurotta/taskurotta-go/fault"
)

func registry() designer.Calendar {
	return designer.Calendar{Key: "registry", Title: " Land registry ", ChangedBy: "ann", Days: timing.Days{
		Zone: "Europe/Moscow", Weekend: []int{6, 7}, Holidays: []timing.Day{{Date: "05-09", Title: "Victory Day"}}, Worked: []timing.Day{{Date: "2026-11-14"}},
	}}
}

// waiting is a document with a timer of five working days.
func waiting(calendar string) json.RawMessage {
	return json.RawMessage(strings.ReplaceAll(`{"schema": 1, "nodes": [
 {"id":"start","kind":"start_event","title":"Start"},
 {"id":"pause","kind":"timer_event","title":"Wait","timer":{"kind":"working_days","value":"5","calendar":"CALENDAR","at":"18:00"}},
 {"id":"end","kind":"end_event","title":"End","end":{"kind":"none"}}],
 "edges": [{"id":"e1","from":"start","to":"pause"},{"id":"e2","from":"pause","to":"end"}]}`, "CALENDAR", calendar))
}

func TestCalendars(t *testing.T) {
	service, _ := open(t)
	ctx := t.Context()
	all, err := service.Calendars(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1, "one comes with the product")
	require.Equal(t, timing.DefaultCalendar, all[0].Key)
	require.Equal(t, []int{6, 7}, all[0].Days.Weekend)

	made, err := service.AddCalendar(ctx, registry())
	require.NoError(t, err)
	require.Equal(t, "Land registry", made.Title)
	require.Equal(t, registry().Days, made.Days)
	require.EqualValues(t, 1, made.Revision)
	require.Equal(t, "ann", made.ChangedBy)
	_, err = service.AddCalendar(ctx, registry())
	require.Equal(t, "calendar.exists", fault.As(err).Code)

	change := made
	change.Days.Holidays = append(change.Days.Holidays, timing.Day{Date: "2027-05-10"})
	changed, err := service.ChangeCalendar(ctx, change)
	require.NoError(t, err)
	require.EqualValues(t, 2, changed.Revision)
	require.Len(t, changed.Days.Holidays, 2)
	_, err = service.ChangeCalendar(ctx, change)
	require.Equal(t, "calendar.conflict", fault.As(err).Code, "another's change is not overwritten")
	kept, err := service.Calendar(ctx, "registry")
	require.NoError(t, err)
	require.Equal(t, changed, kept)

	require.NoError(t, service.RemoveCalendar(ctx, "registry"))
	require.True(t, fault.Is(service.RemoveCalendar(ctx, "registry"), fault.NotFound))
	_, err = service.ChangeCalendar(ctx, change)
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestCalendarsThatAreRefused(t *testing.T) {
	service, _ := open(t)
	for _, c := range []struct {
		name   string
		change func(*designer.Calendar)
		path   string
	}{
		{"a key that is none", func(c *designer.Calendar) { c.Key = "Registry 1" }, "/key"},
		{"no title", func(c *designer.Calendar) { c.Title = " " }, "/title"},
		{"a day that is none", func(c *designer.Calendar) { c.Days.Worked[0].Date = "2026-02-30" }, "/worked/0/date"},
		{"a name that can't be kept", func(c *designer.Calendar) { c.Days.Holidays[0].Title = "a\x00b" }, "/holidays"},
		{"a zone that is none", func(c *designer.Calendar) { c.Days.Zone = "Europe/Tver" }, "/zone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			calendar := registry()
			c.change(&calendar)
			_, err := service.AddCalendar(t.Context(), calendar)
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.Equal(t, c.path, fault.As(err).Issues[0].Path)
		})
	}
}

func TestACalendarThatIsCountedInStays(t *testing.T) {
	service, _ := open(t)
	ctx := t.Context()
	require.Equal(t, "calendar.default", fault.As(service.RemoveCalendar(ctx, timing.DefaultCalendar)).Code)
	_, err := service.Create(ctx, "ann", "wait", "Wait", waiting("registry"))
	require.NoError(t, err)
	_, err = service.Publish(ctx, "ann", "wait", 0, "")
	require.Equal(t, "timer.calendar", codes(fault.As(err).Issues), "nobody has made it")
	for _, key := range []string{"registry", "spare"} {
		calendar := registry()
		calendar.Key = key
		_, err = service.AddCalendar(ctx, calendar)
		require.NoError(t, err)
	}
	_, err = service.Publish(ctx, "ann", "wait", 0, "")
	require.NoError(t, err)
	require.Equal(t, "calendar.in_use", fault.As(service.RemoveCalendar(ctx, "registry")).Code)
	require.NoError(t, service.RemoveCalendar(ctx, "spare"))
	draft, _, err := service.Draft(ctx, "wait")
	require.NoError(t, err)
	_, _, err = service.SaveDraft(ctx, "ann", "wait", draft.Revision, waiting("default"))
	require.NoError(t, err)
	require.Equal(t, "calendar.in_use", fault.As(service.RemoveCalendar(ctx, "registry")).Code, "the version counts in it still")
}

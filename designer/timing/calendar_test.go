package timing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/timing"
)

// office is a week of five days in Moscow, with days of 2026 as the law moves them there.
var office = timing.Days{
	Zone: "Europe/Moscow", Weekend: []int{6, 7},
	Holidays: []timing.Day{{Date: "01-01"}, {Date: "02-23"}, {Date: "05-01"}, {Date: "05-09"}, {Date: "2026-05-11", Title: "for the 9th, a Saturday"}},
	Worked:   []timing.Day{{Date: "2026-11-14"}, {Date: "2027-01-01"}},
}

func TestAfterWorkingDays(t *testing.T) {
	t.Parallel()
	berlin := timing.Days{Zone: "Europe/Berlin", Weekend: []int{6}}
	for _, c := range []struct {
		name  string
		days  timing.Days
		count int
		at    string
		now   string
		want  string // empty: an error
	}{
		{"the next day is worked", office, 1, "", "2026-03-02T09:00:00+03:00", "2026-03-03T09:00:00+03:00"},
		{"a weekend is passed over", office, 1, "", "2026-03-06T09:00:00+03:00", "2026-03-09T09:00:00+03:00"},
		{"a weekend on the way is passed over", office, 5, "", "2026-03-04T17:30:00+03:00", "2026-03-11T17:30:00+03:00"},
		{"what begins on a Saturday counts from the Monday", office, 1, "", "2026-03-07T12:00:00+03:00", "2026-03-09T12:00:00+03:00"},
		{"a holiday of every year is passed over", office, 1, "", "2026-02-20T10:00:00+03:00", "2026-02-24T10:00:00+03:00"},
		{"it is one of the next year, too", office, 1, "", "2028-02-22T10:00:00+03:00", "2028-02-24T10:00:00+03:00"},
		{"a holiday of one year is passed over", office, 2, "", "2026-05-07T10:00:00+03:00", "2026-05-12T10:00:00+03:00"},
		{"and is worked the year after", office, 1, "", "2027-05-10T10:00:00+03:00", "2027-05-11T10:00:00+03:00"},
		{"a moved working day counts on a Saturday", office, 1, "", "2026-11-13T10:00:00+03:00", "2026-11-14T10:00:00+03:00"},
		{"and on a holiday of every year", office, 1, "", "2026-12-31T10:00:00+03:00", "2027-01-01T10:00:00+03:00"},
		{"no days are today", office, 0, "18:00", "2026-03-02T09:00:00+03:00", "2026-03-02T18:00:00+03:00"},
		{"no days on a Sunday are the Monday", office, 0, "18:00", "2026-03-08T09:00:00+03:00", "2026-03-09T18:00:00+03:00"},
		{"a time of the day is that of the last day", office, 2, "18:00", "2026-03-05T21:00:00+03:00", "2026-03-09T18:00:00+03:00"},
		{"the end of the day is the beginning of the next", office, 1, "24:00", "2026-03-05T21:00:00+03:00", "2026-03-07T00:00:00+03:00"},
		{"the day is the one of the zone", office, 1, "", "2026-03-05T22:30:00Z", "2026-03-09T01:30:00+03:00"},
		{"the time of day stays where clocks change", berlin, 1, "", "2026-03-27T12:00:00+01:00", "2026-03-29T12:00:00+02:00"},
		{"a time that is skipped comes when clocks have jumped", berlin, 1, "02:30", "2026-03-27T12:00:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"a time that comes twice counts the first time", berlin, 1, "02:30", "2026-10-23T12:00:00+02:00", "2026-10-25T02:30:00+02:00"},
		{"no zone is UTC", timing.Days{Weekend: []int{5, 6}}, 1, "09:00", "2026-03-05T23:30:00Z", "2026-03-08T09:00:00Z"},
		{"many days", office, 250, "", "2026-03-02T09:00:00+03:00", "2027-02-16T09:00:00+03:00"},
		{"fewer than none", office, -1, "", "2026-03-02T09:00:00+03:00", ""},
		{"more than are counted", office, 3001, "", "2026-03-02T09:00:00+03:00", ""},
		{"a time that is none", office, 1, "25:00", "2026-03-02T09:00:00+03:00", ""},
		{"a time after the end of the day", office, 1, "24:01", "2026-03-02T09:00:00+03:00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			calendar, issues := timing.NewCalendar(c.days)
			require.Empty(t, issues)
			now, err := time.Parse(time.RFC3339, c.now)
			require.NoError(t, err)
			due, err := calendar.After(c.count, c.at, now)
			if c.want == "" {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			want, err := time.Parse(time.RFC3339, c.want)
			require.NoError(t, err)
			require.Equal(t, want.UTC(), due)
		})
	}
}

// TestWorkingDaysOneByOne counts by asking of every day whether it is worked.
func TestWorkingDaysOneByOne(t *testing.T) {
	t.Parallel()
	calendar, issues := timing.NewCalendar(office)
	require.Empty(t, issues)
	begin := time.Date(2026, 1, 1, 7, 0, 0, 0, time.UTC)
	for offset := range 400 {
		now := begin.AddDate(0, 0, offset)
		worked := 0
		for day := 1; worked < 12; day++ {
			at := now.AddDate(0, 0, day)
			if !calendar.Works(at) {
				continue
			}
			worked++
			due, err := calendar.After(worked, "", now)
			require.NoError(t, err)
			require.Equal(t, at, due, "%d days after %s", worked, now)
		}
	}
}

func TestCalendarThatSaysNothingClear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		days timing.Days
		want string // path of the issue
	}{
		{"a zone that is none", timing.Days{Zone: "Mars/Olympus"}, "/zone"},
		{"the zone of whatever machine", timing.Days{Zone: "Local"}, "/zone"},
		{"a day of the week that is none", timing.Days{Weekend: []int{1, 8}}, "/weekend/1"},
		{"a day of the week twice", timing.Days{Weekend: []int{6, 6}}, "/weekend/1"},
		{"a week without work", timing.Days{Weekend: []int{1, 2, 3, 4, 5, 6, 7}}, "/weekend"},
		{"a holiday that is no day", timing.Days{Holidays: []timing.Day{{Date: "2026-02-29"}}}, "/holidays/0/date"},
		{"a holiday of every year that is no day", timing.Days{Holidays: []timing.Day{{Date: "02-30"}}}, "/holidays/0/date"},
		{"a holiday in other words", timing.Days{Holidays: []timing.Day{{Date: "1 May"}}}, "/holidays/0/date"},
		{"a holiday twice", timing.Days{Holidays: []timing.Day{{Date: "05-09"}, {Date: "05-09"}}}, "/holidays/1/date"},
		{"a working day of every year", timing.Days{Worked: []timing.Day{{Date: "05-09"}}}, "/worked/0/date"},
		{"a holiday that is worked", timing.Days{Holidays: []timing.Day{{Date: "2026-05-11"}}, Worked: []timing.Day{{Date: "2026-05-11"}}}, "/worked/0/date"},
		{"more days than are kept", timing.Days{Holidays: make([]timing.Day, timing.MaxCalendarDays+1)}, "/holidays"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, issues := timing.NewCalendar(c.days)
			require.NotEmpty(t, issues)
			require.Equal(t, c.want, issues[0].Path)
			require.NotEmpty(t, issues[0].Message)
		})
	}
}

func BenchmarkAfterWorkingDays(b *testing.B) {
	calendar, issues := timing.NewCalendar(office)
	require.Empty(b, issues)
	now := time.Date(2026, 1, 1, 7, 0, 0, 0, time.UTC)
	for b.Loop() {
		_, _ = calendar.After(30, "18:00", now)
	}
}

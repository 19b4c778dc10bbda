package timing

import (
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/fault"
)

// DefaultCalendar is the key of the calendar that is meant where none is named. It is always there.
const DefaultCalendar = "default"

// The bounds of a calendar and of what is counted in it.
const (
	MaxWorkingDays  = 3_000 // that a timer counts: about twelve years
	MaxCalendarDays = 2_000 // holidays, and as many moved working days
	maxDayTitle     = 200
)

// Day is a day of a calendar: "2026-05-11", or "05-09" for every year.
type Day struct {
	Date  string `json:"date"`
	Title string `json:"title,omitempty"`
}

// Days is what a calendar says: which days of the week (1 is Monday, 7 is Sunday) are not worked, which other days are not, and
// which are worked all the same. A day that is named as worked is worked, whatever else is said of it; only such a day has a year.
// Zone is where its days begin, an IANA name, default UTC.
type Days struct {
	Zone     string `json:"zone,omitempty"`
	Weekend  []int  `json:"weekend"`
	Holidays []Day  `json:"holidays,omitempty"`
	Worked   []Day  `json:"worked,omitempty"`
}

// Calendar tells working days from others. It is never changed and safe for concurrent use.
type Calendar struct {
	zone    *time.Location
	weekend [7]bool         // by time.Weekday
	off, on map[civil]bool  // days of one year
	yearly  map[[2]int]bool // month and day that are off every year
}

// civil is a day of the calendar on the wall.
type civil struct{ year, month, day int }

func civilOf(t time.Time) civil {
	year, month, day := t.Date()
	return civil{year, int(month), day}
}

var (
	datedDay  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	yearlyDay = regexp.MustCompile(`^[0-9]{2}-[0-9]{2}$`)
	timeOfDay = regexp.MustCompile(`^(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)$`)
)

// NewCalendar reads what a calendar says. Issues tell, by JSON pointer, what is wrong with it.
func NewCalendar(days Days) (*Calendar, []fault.Issue) {
	c := &Calendar{off: map[civil]bool{}, on: map[civil]bool{}, yearly: map[[2]int]bool{}}
	var issues []fault.Issue
	wrong := func(code, path, format string, args ...any) {
		if len(issues) < 50 {
			issues = append(issues, fault.Issue{Code: code, Path: path, Message: fmt.Sprintf(format, args...)})
		}
	}
	var err error
	if c.zone, err = Zone(days.Zone); err != nil {
		wrong("calendar.zone", "/zone", "The time zone %.100q is not known.", days.Zone)
	}
	for i, day := range days.Weekend {
		switch {
		case day < 1 || day > 7:
			wrong("calendar.weekend", fmt.Sprintf("/weekend/%d", i), "A day of the week is a number from 1 (Monday) to 7 (Sunday).")
		case slices.Contains(days.Weekend[:i], day):
			wrong("calendar.weekend", fmt.Sprintf("/weekend/%d", i), "The day %d is named twice.", day)
		default:
			c.weekend[day%7] = true
		}
	}
	if !slices.Contains(c.weekend[:], false) {
		wrong("calendar.weekend", "/weekend", "At least one day of the week is worked.")
	}
	for _, list := range []struct {
		name  string
		days  []Day
		dated map[civil]bool
	}{{"holidays", days.Holidays, c.off}, {"worked", days.Worked, c.on}} {
		if len(list.days) > MaxCalendarDays {
			wrong("calendar.days", "/"+list.name, "%d days are more than %d.", len(list.days), MaxCalendarDays)
			continue
		}
		for i, day := range list.days {
			at := fmt.Sprintf("/%s/%d", list.name, i)
			if utf8.RuneCountInString(day.Title) > maxDayTitle {
				wrong("calendar.day_title", at+"/title", "The name of a day has at most %d characters.", maxDayTitle)
			}
			c.add(day, list.name == "holidays", list.dated, func(message string) { wrong("calendar.day", at+"/date", "%s", message) })
		}
	}
	for i, day := range days.Worked {
		if on, err := time.Parse(time.DateOnly, day.Date); err == nil && c.off[civilOf(on)] {
			wrong("calendar.day", fmt.Sprintf("/worked/%d/date", i), "%s is a holiday and a working day.", day.Date)
		}
	}
	if len(issues) > 0 {
		return nil, issues
	}
	return c, nil
}

// add takes a named day in.
func (c *Calendar) add(day Day, mayRepeat bool, dated map[civil]bool, wrong func(message string)) {
	switch {
	case datedDay.MatchString(day.Date):
		on, err := time.Parse(time.DateOnly, day.Date)
		switch {
		case err != nil || on.Year() < 1:
			wrong(day.Date + " is no day.")
		case dated[civilOf(on)]:
			wrong(day.Date + " is named twice.")
		default:
			dated[civilOf(on)] = true
		}
	case mayRepeat && yearlyDay.MatchString(day.Date):
		on, err := time.Parse(time.DateOnly, "2024-"+day.Date) // a leap year has every day
		key := [2]int{int(on.Month()), on.Day()}
		switch {
		case err != nil:
			wrong(day.Date + " is no day of the year.")
		case c.yearly[key]:
			wrong(day.Date + " is named twice.")
		default:
			c.yearly[key] = true
		}
	case mayRepeat:
		wrong(fmt.Sprintf("%.40q is neither a day such as 2026-05-11 nor one of every year such as 05-09.", day.Date))
	default:
		wrong(fmt.Sprintf("%.40q is no day such as 2026-05-11.", day.Date))
	}
}

// works tells whether a day, at midnight of UTC, is worked.
func (c *Calendar) works(day time.Time) bool {
	on := civilOf(day)
	return c.on[on] || !c.weekend[day.Weekday()] && !c.off[on] && !c.yearly[[2]int{on.month, on.day}]
}

// Works tells whether the day that it is then, in the calendar's zone, is worked.
func (c *Calendar) Works(at time.Time) bool { return c.works(midnight(at.In(c.zone))) }

// midnight is the day on the wall, as a moment of UTC, where all days are equally long.
func midnight(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// CheckTime answers what is wrong with a time of the day: "09:30" is none, and neither are "24:00", the end of the day, nor "".
func CheckTime(text string) error {
	if text == "" || timeOfDay.MatchString(text) {
		return nil
	}
	return fmt.Errorf("%.40q is no time of the day such as 18:00; 24:00 is its end", text)
}

// After is the moment so many working days after now. The day of now does not count, worked or not: one day after a Friday is the
// Monday. Zero days are the day of now or, when it is not worked, the next that is. at is the time of that day ("18:00"; "24:00" is
// its end); without one it is the time of day that it is now. The clocks of the calendar's zone count.
func (c *Calendar) After(days int, at string, now time.Time) (time.Time, error) {
	if days < 0 || days > MaxWorkingDays {
		return time.Time{}, fmt.Errorf("%d working days are not between 0 and %d", days, MaxWorkingDays)
	}
	if err := CheckTime(at); err != nil {
		return time.Time{}, err
	}
	here := now.In(c.zone)
	day := midnight(here)
	last := day.Add(Furthest)
	if days == 0 && !c.works(day) {
		days = 1
	}
	for ; days > 0; days-- {
		for day = day.AddDate(0, 0, 1); !c.works(day); day = day.AddDate(0, 0, 1) {
			if day.After(last) {
				return time.Time{}, fmt.Errorf("the calendar has not so many working days in a hundred years")
			}
		}
	}
	shown := day.Add(wall(here).Sub(midnight(here)))
	if at != "" {
		var hour, minute int
		if _, err := fmt.Sscanf(at, "%d:%d", &hour, &minute); err != nil {
			return time.Time{}, fmt.Errorf("time of day %q: %w", at, err)
		}
		shown = day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	return moment(shown, c.zone).UTC(), nil
}

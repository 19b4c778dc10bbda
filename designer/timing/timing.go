// Package timing reads what timers say: ISO 8601 durations, dates and cron rules, in a zone, and working days of a calendar.
//
// It reads no clock: now is given. It imports designer/graph, fault and the libraries that know durations and cron rules.
package timing

import (
	"fmt"
	"time"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/sosodev/duration"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Furthest is how far ahead a timer may be set: about a hundred years.
const Furthest = 100 * 366 * 24 * time.Hour

// Zone returns a zone by its IANA name; the empty one is UTC.
func Zone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if name == "Local" {
		return nil, fmt.Errorf("zone %q is another one on each machine", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %.100q: %w", name, err)
	}
	return zone, nil
}

// Next is when a timer with this value comes, counted from now: an ISO 8601 duration, whose years, months and days are those
// of the calendar in the zone; a date (RFC 3339, or a day or local time in the zone), which may be past; or the next time of a
// cron rule of five fields in the zone (see Cron).
func Next(kind graph.TimerKind, value string, zone *time.Location, now time.Time) (time.Time, error) {
	switch kind {
	case graph.TimerDuration:
		return afterDuration(value, zone, now)
	case graph.TimerDate:
		return dateOf(value, zone)
	case graph.TimerCron:
		rule, err := ParseCron(value, zone)
		if err != nil {
			return time.Time{}, err
		}
		return rule.Next(now)
	default:
		return time.Time{}, fmt.Errorf("unknown kind of timer %q", kind)
	}
}

func afterDuration(value string, zone *time.Location, now time.Time) (time.Time, error) {
	d, err := duration.Parse(value)
	if err != nil {
		return time.Time{}, fmt.Errorf("%.100q is not an ISO 8601 duration such as PT15M or P1DT12H", value)
	}
	whole := func(f float64) bool { return f == float64(int(f)) && f >= 0 && f < 1e6 }
	if d.Negative || !whole(d.Years) || !whole(d.Months) || !whole(d.Weeks) || !whole(d.Days) {
		return time.Time{}, fmt.Errorf("%.100q is not a duration ahead with whole years, months, weeks and days", value)
	}
	at := now.In(zone).AddDate(int(d.Years), int(d.Months), int(d.Weeks)*7+int(d.Days))
	seconds := d.Hours*3600 + d.Minutes*60 + d.Seconds
	if seconds < 0 || seconds > Furthest.Seconds() {
		return time.Time{}, fmt.Errorf("%.100q is not a duration ahead of at most a hundred years", value)
	}
	return at.Add(time.Duration(seconds * float64(time.Second))).UTC(), nil
}

func dateOf(value string, zone *time.Location) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
		return at.UTC(), nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, value, zone); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.100q is no date such as 2026-03-01, 2026-03-01T09:00 or 2026-03-01T09:00:00Z", value)
}

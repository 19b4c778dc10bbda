package timing

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Cron is a rule of five fields (minute, hour, day of the month, month, day of the week) in a zone. It is never changed.
//
// Where the clocks of the zone jump, a rule with fixed hours ("30 2 * * *") keeps its promise of once a day: a time that is skipped
// comes when the clocks have jumped, a time that comes twice counts the first time. A rule that leaves the hour open ("*/15 * * * *",
// "0 */2 * * *") follows the clock as it runs: what is skipped is skipped, and the hour that comes twice counts twice.
type Cron struct {
	rule cron.Schedule
	zone *time.Location
	open bool // the hour is left open
	text string
}

// ParseCron reads a rule. Names of months and days of the week are known; descriptors such as "@daily" are not.
func ParseCron(text string, zone *time.Location) (*Cron, error) {
	fields := strings.Fields(text)
	if len(fields) != 5 || strings.ContainsAny(text, "@=") {
		return nil, fmt.Errorf("%.100q is not a cron rule of five fields", text)
	}
	rule, err := cron.ParseStandard(strings.Join(fields, " "))
	if err != nil {
		return nil, fmt.Errorf("%.100q is not a cron rule of five fields: %.200s", text, err.Error())
	}
	c := &Cron{rule: rule, zone: zone, text: strings.Join(fields, " "), open: strings.ContainsAny(fields[1], "*?")}
	if _, err := c.Next(anyDay); err != nil {
		return nil, err
	}
	return c, nil
}

// anyDay is a moment that every rule which ever comes has a time soon after: a leap year is near.
var anyDay = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// String returns the rule's five fields.
func (c *Cron) String() string { return c.text }

// Next is the first time of the rule after a moment, in UTC.
func (c *Cron) Next(after time.Time) (time.Time, error) {
	find := c.nextFixed
	if c.open {
		find = c.nextOpen
	}
	at, found := find(after.In(c.zone))
	if !found {
		return time.Time{}, fmt.Errorf("the cron rule %.100q has no next time", c.text)
	}
	return at.UTC(), nil
}

// wall is what the clock on the wall shows, as a time that knows no zone.
func wall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// nextFixed walks the times on the wall; later ones never come earlier, so the first that is late enough is the next.
func (c *Cron) nextFixed(after time.Time) (time.Time, bool) {
	for shown := c.rule.Next(wall(after)); !shown.IsZero(); shown = c.rule.Next(shown) {
		if at := moment(shown, c.zone); at.After(after) {
			return at, true
		}
	}
	return time.Time{}, false
}

// nextOpen walks the stretches between two changes of the clocks.
func (c *Cron) nextOpen(after time.Time) (time.Time, bool) {
	for from := wall(after); ; {
		shown := c.rule.Next(from)
		if shown.IsZero() {
			return time.Time{}, false
		}
		_, offset := after.Zone()
		at := shown.Add(-time.Duration(offset) * time.Second)
		_, end := after.ZoneBounds()
		if end.IsZero() || at.Before(end) {
			return at, true
		}
		after, from = end, wall(end).Add(-time.Second)
	}
}

// moment is when the wall shows a time: the first time that it does, or, when it never does, when the clocks have jumped over it.
func moment(shown time.Time, zone *time.Location) time.Time {
	near := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), shown.Second(), 0, zone)
	start, end := near.ZoneBounds()
	offsets := make([]int, 0, 3)
	for _, t := range []time.Time{start.Add(-time.Nanosecond), near, end} {
		if !t.IsZero() && t.Year() > 1 {
			_, offset := t.In(zone).Zone()
			offsets = append(offsets, offset)
		}
	}
	var first time.Time
	for _, offset := range offsets {
		at := shown.Add(-time.Duration(offset) * time.Second)
		if _, has := at.In(zone).Zone(); has == offset && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if !first.IsZero() {
		return first
	}
	for _, change := range []time.Time{start, end} {
		if change.IsZero() {
			continue
		}
		before, after := wall(change.Add(-time.Nanosecond).In(zone)), wall(change.In(zone))
		if before.Before(shown) && shown.Before(after) {
			return change
		}
	}
	return near
}

package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// when shows a time in the terminal's zone, as short as it is clear.
func (s *session) when(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	local, now := t.In(s.Zone), s.Now().In(s.Zone)
	switch {
	case local.Format(time.DateOnly) == now.Format(time.DateOnly):
		return local.Format(time.TimeOnly)
	case local.Year() == now.Year():
		return local.Format("01-02 15:04")
	}
	return local.Format("2006-01-02 15:04")
}

// lasted shows a duration with two figures that matter.
func lasted(d time.Duration) string {
	switch {
	case d < 0:
		return ""
	case d < time.Millisecond:
		return "<1ms"
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
}

// took is how long something lasted, or lasts.
func (s *session) took(from, to *time.Time) string {
	if from == nil || from.IsZero() {
		return ""
	}
	if to == nil || to.IsZero() {
		return lasted(s.Now().Sub(*from))
	}
	return lasted(to.Sub(*from))
}

// moment reads a time: RFC 3339, a date at midnight here, or a distance from now in the given direction.
func (s *session) moment(flag, text string, direction time.Duration) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return &t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, s.Zone); err == nil {
		return &t, nil
	}
	distance, err := distanceOf(text)
	if err != nil {
		return nil, usage("%s must be a time such as 2026-01-31T15:04:05Z, a date such as 2026-01-31, or 15m, 2h, 7d.", flag)
	}
	t := s.Now().Add(direction * distance)
	return &t, nil
}

func distanceOf(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, found := strings.CutSuffix(text, "d"); found {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * 24 * time.Hour
		if n > 36500 {
			err = strconv.ErrRange
		}
	}
	if err == nil && d < 0 {
		err = strconv.ErrRange
	}
	return d, err
}

package timing_test

import (
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/timing"
)

// times lists what a rule gives between two moments, in the zone's own time.
func times(t *testing.T, text, zone, from, to string) []string {
	t.Helper()
	place, err := timing.Zone(zone)
	require.NoError(t, err)
	rule, err := timing.ParseCron(text, place)
	require.NoError(t, err)
	at, err := time.Parse(time.RFC3339, from)
	require.NoError(t, err)
	end, err := time.Parse(time.RFC3339, to)
	require.NoError(t, err)
	var all []string
	for {
		at, err = rule.Next(at)
		require.NoError(t, err)
		if at.After(end) {
			return all
		}
		all = append(all, at.In(place).Format("02T15:04-07"))
	}
}

func TestCronWhereClocksChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, rule, zone, from, to, want string }{
		{"a daily time that is skipped comes when the clocks have jumped", "30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-30T23:00:00Z",
			"28T02:30+01 29T03:00+02 30T02:30+02"},
		{"a daily time that comes twice counts once", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z",
			"25T02:30+02 26T02:30+01"},
		{"times that are skipped together come together, once", "0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z",
			"29T03:00+02"},
		{"a skipped time does not double the one where the clocks jump to", "0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z",
			"29T03:00+02"},
		{"an open hour follows the clock that jumps ahead", "30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z",
			"29T01:30+01 29T03:30+02"},
		{"an open hour follows the clock that falls back", "0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z",
			"25T02:00+02 25T02:00+01 25T03:00+01"},
		{"midnight may be skipped", "0 0 * * *", "Africa/Cairo", "2026-04-22T12:00:00Z", "2026-04-24T23:00:00Z",
			"23T00:00+02 24T01:00+03 25T00:00+03"},
		{"half an hour may be skipped", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-04T20:00:00Z",
			"04T02:30+11 05T02:15+11"},
		{"a whole day may be skipped", "0 9 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", "2012-01-01T00:00:00Z",
			"29T09:00-10 31T00:00+14 31T09:00+14 01T09:00+14"},
		{"names are known", "0 9 * jan-feb mon", "Europe/Moscow", "2026-01-01T00:00:00Z", "2026-01-13T00:00:00Z", "05T09:00+03 12T09:00+03"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, strings.Join(times(t, c.rule, c.zone, c.from, c.to), " "))
		})
	}
}

// TestCronLikeTheClockOnTheWall compares with a scan of every minute around changes of the clocks.
func TestCronLikeTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	changes := map[string][]string{
		"Europe/Berlin": {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"}, "America/New_York": {"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"},
		"Australia/Lord_Howe": {"2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"}, "Africa/Cairo": {"2026-04-23T22:00:00Z", "2026-10-29T21:00:00Z"},
		"America/St_Johns": {"2026-03-08T05:30:00Z", "2026-11-01T04:30:00Z"}, "Asia/Kolkata": {"2026-06-01T00:00:00Z"},
	}
	rules := []string{"30 2 * * *", "*/20 1-3 * * *", "0 */2 * * *", "*/7 * * * *", "59 23 * * *", "0 0 * * *", "15 0,2 * * 0", "0 0 1,25 * *", "1 1 * * mon"}
	for name, moments := range changes {
		zone, err := timing.Zone(name)
		require.NoError(t, err)
		for _, moment := range moments {
			change, err := time.Parse(time.RFC3339, moment)
			require.NoError(t, err)
			for _, text := range rules {
				from, to := change.Add(-50*time.Hour), change.Add(50*time.Hour)
				require.Equal(t, scanned(t, text, zone, from, to), listed(t, text, zone, from, to), "%s in %s around %s", text, name, moment)
			}
		}
	}
}

func listed(t *testing.T, text string, zone *time.Location, from, to time.Time) (all []string) {
	rule, err := timing.ParseCron(text, zone)
	require.NoError(t, err)
	for at := from; ; {
		next, err := rule.Next(at)
		require.NoError(t, err)
		require.True(t, next.After(at))
		if at = next; at.After(to) {
			return all
		}
		all = append(all, at.Format(time.RFC3339))
	}
}

// scanned looks at the wall every minute: with fixed hours, each time of the rule counts at the first minute that shows it or, when
// none does, the first that shows a later one.
func scanned(t *testing.T, text string, zone *time.Location, from, to time.Time) (all []string) {
	rule, err := cron.ParseStandard(text)
	require.NoError(t, err)
	due := func(shown time.Time) bool { return rule.Next(shown.Add(-time.Second)).Equal(shown) }
	shows := func(at time.Time) time.Time {
		here := at.In(zone)
		return time.Date(here.Year(), here.Month(), here.Day(), here.Hour(), here.Minute(), 0, 0, time.UTC)
	}
	open := strings.Contains(strings.Fields(text)[1], "*")
	found := map[string]bool{}
	latest := shows(from.Add(-26 * time.Hour))
	for at := from.Add(-26 * time.Hour).Add(time.Minute); !at.After(to); at = at.Add(time.Minute) {
		shown, hit := shows(at), false
		if open {
			hit = due(shown)
		} else {
			for ; latest.Before(shown); latest = latest.Add(time.Minute) {
				hit = hit || due(latest.Add(time.Minute))
			}
		}
		if hit && at.After(from) {
			found[at.Format(time.RFC3339)] = true
		}
	}
	for at := range found {
		all = append(all, at)
	}
	sort.Strings(all)
	return all
}

func TestCronThatCantBeRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "* * * *", "* * * * * *", "@daily", "@every 1s", "TZ=UTC * * * * *", "61 * * * *", "0 0 30 2 *", "a b c d e"} {
		_, err := timing.ParseCron(text, time.UTC)
		require.Error(t, err, fmt.Sprintf("%q", text))
	}
}

func BenchmarkCronNext(b *testing.B) {
	zone, err := timing.Zone("Europe/Berlin")
	require.NoError(b, err)
	rule, err := timing.ParseCron("* * * * *", zone)
	require.NoError(b, err)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		at, _ = rule.Next(at)
	}
}

package timing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/timing"
)

func TestNext(t *testing.T) {
	t.Parallel()
	moscow, err := timing.Zone("Europe/Moscow")
	require.NoError(t, err)
	berlin, err := timing.Zone("Europe/Berlin")
	require.NoError(t, err)
	for _, c := range []struct {
		kind  graph.TimerKind
		value string
		zone  *time.Location
		now   string
		want  string // empty: an error
	}{
		{graph.TimerDuration, "PT15M", time.UTC, "2026-03-02T12:00:00Z", "2026-03-02T12:15:00Z"},
		{graph.TimerDuration, "P1DT12H", time.UTC, "2026-03-02T12:00:00Z", "2026-03-04T00:00:00Z"},
		{graph.TimerDuration, "P1M", time.UTC, "2026-02-02T12:00:00Z", "2026-03-02T12:00:00Z"},
		{graph.TimerDuration, "P2W", time.UTC, "2026-02-02T12:00:00Z", "2026-02-16T12:00:00Z"},
		{graph.TimerDuration, "PT0.5S", time.UTC, "2026-02-02T12:00:00Z", "2026-02-02T12:00:00.5Z"},
		{graph.TimerDuration, "P1D", berlin, "2026-03-28T12:00:00Z", "2026-03-29T11:00:00Z"}, // the day has 23 hours
		{graph.TimerDuration, "-PT1M", time.UTC, "2026-02-02T12:00:00Z", ""},
		{graph.TimerDuration, "15 minutes", time.UTC, "2026-02-02T12:00:00Z", ""},
		{graph.TimerDuration, "P0.5D", time.UTC, "2026-02-02T12:00:00Z", ""},
		{graph.TimerDuration, "P9999999Y", time.UTC, "2026-02-02T12:00:00Z", ""},
		{graph.TimerDate, "2026-05-01", moscow, "2026-02-02T12:00:00Z", "2026-04-30T21:00:00Z"},
		{graph.TimerDate, "2026-05-01T09:30", moscow, "2026-02-02T12:00:00Z", "2026-05-01T06:30:00Z"},
		{graph.TimerDate, "2026-05-01T09:30:00+05:00", moscow, "2026-02-02T12:00:00Z", "2026-05-01T04:30:00Z"},
		{graph.TimerDate, "1 May", moscow, "2026-02-02T12:00:00Z", ""},
		{graph.TimerCron, "0 9 * * 1-5", moscow, "2026-02-06T12:00:00Z", "2026-02-09T06:00:00Z"},
		{graph.TimerCron, "30 2 * * *", berlin, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"}, // 02:30 does not exist on the 29th
		{graph.TimerCron, "0 0 30 2 *", time.UTC, "2026-02-06T12:00:00Z", ""},
		{graph.TimerCron, "@every 1s", time.UTC, "2026-02-06T12:00:00Z", ""},
		{graph.TimerCron, "* * *", time.UTC, "2026-02-06T12:00:00Z", ""},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		require.NoError(t, err)
		got, err := timing.Next(c.kind, c.value, c.zone, now)
		if c.want == "" {
			require.Error(t, err, c.value)
			continue
		}
		require.NoError(t, err, c.value)
		require.Equal(t, c.want, got.Format(time.RFC3339Nano), "%s %s in %s", c.kind, c.value, c.zone)
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Mars/Base", "Local", "../etc/passwd"} {
		_, err := timing.Zone(name)
		require.Error(t, err, name)
	}
	zone, err := timing.Zone("")
	require.NoError(t, err)
	require.Equal(t, time.UTC, zone)
}

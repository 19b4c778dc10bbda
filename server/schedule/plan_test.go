package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shown writes a decision down: each fire as "15:04 state(reason)", ↻ when it had been missed, ×n when it stands for several times, -process
// when that is cancelled for it.
func shown(d Decision) string {
	var all []string
	for _, list := range [][]Fire{d.Begin, d.Fires} {
		for _, f := range list {
			text := f.DueAt.Format("15:04") + " " + string(f.State)
			if f.Reason != "" {
				text += "(" + f.Reason + ")"
			}
			if f.CaughtUp {
				text += "↻"
			}
			if f.Missed > 0 {
				text += fmt.Sprintf("×%d from %s", f.Missed, f.Missing.Format("15:04"))
			}
			for _, process := range f.cancels {
				text += " -" + process
			}
			all = append(all, text)
		}
	}
	for _, due := range d.Drop {
		all = append(all, due.Format("15:04")+" dropped("+d.Why+")")
	}
	next := "never"
	if d.NextAt != nil {
		next = d.NextAt.Format("15:04")
	}
	return strings.Join(append(all, "next "+next, string(d.State)), ", ")
}

func TestDecide(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		moment, err := time.Parse("15:04:05", text)
		require.NoError(t, err)
		return time.Date(2026, 3, 2, moment.Hour(), moment.Minute(), moment.Second(), 0, time.UTC)
	}
	waiting := func(times ...string) (all []time.Time) {
		for _, text := range times {
			all = append(all, at(text))
		}
		return all
	}
	for _, c := range []struct {
		name  string
		cron  string
		next  string // when the schedule comes next
		now   string
		st    Standing
		wants string
	}{
		{"in time", "0 * * * *", "09:00:00", "09:00:00", Standing{}, "09:00 due, next 10:00, active"},
		{"a little late", "0 * * * *", "09:00:00", "09:01:00", Standing{}, "09:00 due, next 10:00, active"},
		{"nothing due", "0 * * * *", "09:00:00", "08:59:59", Standing{}, "next 09:00, active"},

		{"missed, skipped", "0 * * * *", "09:00:00", "12:30:00", policy(Policy{Misfire: MisfireSkip}), "12:00 skipped(missed)×4 from 09:00, next 13:00, active"},
		{"missed, one for all", "0 * * * *", "09:00:00", "12:30:00", policy(Policy{Misfire: MisfireRunOnce}), "11:00 skipped(missed)×3 from 09:00, 12:00 due↻, next 13:00, active"},
		{"one that is in time stands for the missed", "0 * * * *", "09:00:00", "12:00:10", policy(Policy{Misfire: MisfireRunOnce}), "11:00 skipped(missed)×3 from 09:00, 12:00 due, next 13:00, active"},
		{"one missed, one for all", "0 * * * *", "09:00:00", "09:30:00", policy(Policy{Misfire: MisfireRunOnce}), "09:00 due↻, next 10:00, active"},
		{"missed, the last few", "0 * * * *", "09:00:00", "12:00:10", policy(Policy{Misfire: MisfireCatchUp, CatchUpMost: 2}),
			"09:00 skipped(missed)×1 from 09:00, 10:00 due↻, 11:00 due↻, 12:00 due, next 13:00, active"},
		{"missed, all", "0 * * * *", "09:00:00", "10:30:00", policy(Policy{Misfire: MisfireCatchUp, CatchUpMost: 10}), "09:00 due↻, 10:00 due↻, next 11:00, active"},
		{"late is what the schedule says", "0 * * * *", "09:00:00", "09:30:00", policy(Policy{Misfire: MisfireSkip, LateAfter: time.Hour}), "09:00 due, next 10:00, active"},

		{"room for two", "* * * * *", "09:00:00", "09:00:00", standing(Policy{Overlap: OverlapSkip, MaxRunning: 2}, "p"), "09:00 due, next 09:01, active"},
		{"no room, skipped", "* * * * *", "09:00:00", "09:00:00", standing(Policy{Overlap: OverlapSkip, MaxRunning: 2}, "p", "q"), "09:00 skipped(overlap), next 09:01, active"},
		{"one that is being started takes room", "* * * * *", "09:00:00", "09:00:00", Standing{Schedule: Schedule{Fields: Fields{Policy: Policy{Overlap: OverlapSkip}}}, Starting: 1},
			"09:00 skipped(overlap), next 09:01, active"},
		{"room does not count", "* * * * *", "09:00:00", "09:00:00", standing(Policy{Overlap: OverlapAllow}, "p", "q"), "09:00 due, next 09:01, active"},
		{"no room, waits", "* * * * *", "09:00:00", "09:00:00", standing(Policy{Overlap: OverlapQueue}, "p"), "09:00 waiting, next 09:01, active"},
		{"what waits goes first", "* * * * *", "09:05:00", "09:05:00", Standing{Schedule: Schedule{Fields: Fields{Policy: Policy{Overlap: OverlapQueue}}}, Waiting: waiting("09:03:00", "09:04:00")},
			"09:03 due, 09:05 waiting, next 09:06, active"},
		{"what waits goes on without a new one", "0 10 * * *", "10:00:00", "09:05:00", Standing{Schedule: Schedule{Fields: Fields{Policy: Policy{Overlap: OverlapQueue, MaxRunning: 2}}}, Waiting: waiting("09:03:00", "09:04:00")},
			"09:03 due, 09:04 due, next 10:00, active"},
		{"too many wait", "* * * * *", "09:05:00", "09:05:00", Standing{Live: []string{"p"}, Schedule: Schedule{Fields: Fields{Policy: Policy{Overlap: OverlapQueue}}}, Waiting: make([]time.Time, 100)},
			"09:05 skipped(queue_full), next 09:06, active"},
		{"the old one is cancelled", "* * * * *", "09:00:00", "09:00:00", standing(Policy{Overlap: OverlapCancelOld}, "p"), "09:00 due -p, next 09:01, active"},
		{"the oldest is cancelled", "* * * * *", "09:00:00", "09:00:00", standing(Policy{Overlap: OverlapCancelOld, MaxRunning: 2}, "p", "q"), "09:00 due -p, next 09:01, active"},
		{"of those that are made up for the last one stays", "0 * * * *", "09:00:00", "11:30:00", standing(Policy{Misfire: MisfireCatchUp, CatchUpMost: 9, Overlap: OverlapCancelOld}, "p"),
			"09:00 skipped(replaced)↻, 10:00 skipped(replaced)↻, 11:00 due↻ -p, next 12:00, active"},
		{"what is being started can't be cancelled yet", "* * * * *", "09:00:00", "09:00:00", Standing{Schedule: Schedule{Fields: Fields{Policy: Policy{Overlap: OverlapCancelOld}}}, Starting: 1},
			"09:00 waiting, next 09:01, active"},
		{"the newest takes the place of what waits", "* * * * *", "09:05:00", "09:05:00", Standing{Schedule: Schedule{Fields: Fields{Policy: Policy{Overlap: OverlapCancelOld}}}, Starting: 1, Waiting: waiting("09:04:00")},
			"09:05 waiting, 09:04 dropped(replaced), next 09:06, active"},
		{"what waited cancels the old one", "0 10 * * *", "10:00:00", "09:05:00", Standing{Schedule: Schedule{Fields: Fields{Policy: Policy{Overlap: OverlapCancelOld}}}, Live: []string{"p"}, Waiting: waiting("09:04:00")},
			"09:04 due -p, next 10:00, active"},

		{"too many failed", "* * * * *", "09:00:00", "09:02:00", Standing{Failures: 3, Schedule: Schedule{Fields: Fields{Policy: Policy{MaxErrors: 3}}}, Waiting: waiting("08:59:00")},
			"09:02 skipped(error_limit)×3 from 09:00, 08:59 dropped(error_limit), next never, stopped"},
		{"not yet too many", "* * * * *", "09:00:00", "09:00:00", Standing{Failures: 2, Schedule: Schedule{Fields: Fields{Policy: Policy{MaxErrors: 3}}}}, "09:00 due, next 09:01, active"},
		{"a rule that can't be read stops its schedule", "nonsense", "09:00:00", "09:00:00", Standing{}, "09:00 skipped(cron), next never, stopped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			st := c.st
			st.ID, st.Cron, st.State, st.Policy = "s", c.cron, Active, st.orUsual()
			next := at(c.next)
			st.NextAt = &next
			require.Equal(t, c.wants, shown(decide(&st, at(c.now))))
		})
	}
}

func policy(p Policy) Standing { return Standing{Schedule: Schedule{Fields: Fields{Policy: p}}} }

func standing(p Policy, live ...string) Standing {
	st := policy(p)
	st.Live = live
	return st
}

// A server that was away for years does not spend them at once, and counts every time.
func TestDecideAfterYears(t *testing.T) {
	t.Parallel()
	next := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	now := next.Add(30_000*time.Minute + 90*time.Second)
	st := Standing{Schedule: Schedule{ID: "s", NextAt: &next, Fields: Fields{Cron: "* * * * *", Policy: usual}}}
	var missed, decisions int64
	var due []string
	for !st.NextAt.After(now) {
		d := decide(&st, now)
		require.LessOrEqual(t, len(d.Fires), 3)
		for _, f := range d.Fires {
			missed += f.Missed
			if f.State == FireDue {
				due = append(due, f.DueAt.Format("2 15:04"))
			}
		}
		st.NextAt = d.NextAt
		decisions++
	}
	require.EqualValues(t, 4, decisions)
	require.EqualValues(t, 30_001, missed)
	require.Equal(t, []string{"21 20:01"}, due, "the one that is in time stands for them all")
}

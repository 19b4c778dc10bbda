package schedule_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/schedule"
)

// The predecessor forgot what came while it was away.
func TestDefect_MissedCronFiresVanished(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T08:59:30Z")
	s := in.server()
	made := map[schedule.Misfire]schedule.Schedule{}
	for _, misfire := range []schedule.Misfire{schedule.MisfireSkip, schedule.MisfireRunOnce, schedule.MisfireCatchUp} {
		made[misfire] = in.create(s, schedule.Fields{Definition: "quick", Cron: "0 * * * *", Input: json.RawMessage(`{"day":"{{formatDate(now(), '15:04')}}"}`),
			CustomID: "{{input.day}}", Policy: schedule.Policy{Misfire: misfire, CatchUpMost: 3}})
	}
	in.set("2026-03-02T14:10:00Z") // no server ran for six times
	in.start(s)
	in.becomes(s, made[schedule.MisfireSkip].ID, "14:00 skipped(missed)")
	in.becomes(s, made[schedule.MisfireRunOnce].ID, "13:00 skipped(missed)", "14:00 completed")
	in.becomes(s, made[schedule.MisfireCatchUp].ID, "11:00 skipped(missed)", "12:00 completed", "13:00 completed", "14:00 completed")
	for misfire, one := range made {
		fires := in.history(s, one.ID)
		accounted := int64(0)
		for _, f := range fires {
			if accounted++; f.Missed > 0 {
				accounted += f.Missed - 1
			}
			if f.State == schedule.FireCompleted {
				require.True(t, f.CaughtUp)
				require.Equal(t, 1, in.count(`SELECT count(*) FROM process WHERE id = $1 AND custom_id = $2`, f.Process, f.DueAt.Format("15:04")),
					"a process that was made up for knows its own time")
			}
		}
		require.EqualValues(t, 6, accounted, "every time is in the history of %s: %q", misfire, states(fires))
		require.Equal(t, "09:00", fires[0].Missing.Format("15:04"))
		now, err := s.Schedule(t.Context(), one.ID)
		require.NoError(t, err)
		require.Equal(t, "15:00", now.NextAt.Format("15:04"))
	}
}

func TestEveryTimeIsOneFireWhoeverLooks(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T08:59:50Z")
	servers := []*schedule.Service{in.server(), in.server(), in.server()}
	var ids []string
	for i := range 40 {
		ids = append(ids, in.create(servers[0], schedule.Fields{Name: fmt.Sprint("S", i), Definition: "quick", Cron: "* * * * *"}).ID)
	}
	for _, s := range servers {
		in.start(s)
	}
	const minutes = 5
	for i := range minutes {
		in.set(fmt.Sprintf("2026-03-02T09:%02d:00Z", i))
		in.eventually("each has fired", func() bool {
			return in.count(`SELECT count(*) FROM schedule_fire WHERE state IN ('running', 'completed')`) == 40*(i+1)
		})
	}
	in.set("2026-03-02T08:30:00Z") // the clock goes back: nothing comes again
	in.eventually("all have ended", func() bool {
		return in.count(`SELECT count(*) FROM schedule_fire WHERE state = 'completed'`) == 40*minutes
	})
	require.Equal(t, 40*minutes, in.count(`SELECT count(*) FROM process`))
	require.Equal(t, 40*minutes, in.count(`SELECT count(DISTINCT process_id) FROM schedule_fire`))
	require.Equal(t, 40*minutes, in.count(`SELECT count(*) FROM schedule_fire f JOIN process_trigger t ON t.process_id = f.process_id AND t.kind = 'schedule' AND t.ref = f.schedule_id::text AND t.at = f.due_at`))
	require.Len(t, in.history(servers[1], ids[7]), minutes)
}

// Half of the fires at least: the machine may have other things to do for a moment.
func TestFiresWithin250Milliseconds(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T08:59:30Z")
	s := in.server()
	one := in.create(s, schedule.Fields{Definition: "quick", Cron: "* * * * *"})
	in.start(s)
	const late = `
SELECT (extract(epoch FROM p.started_at - (c.since + (f.due_at - c.at))) * 1000)::int FROM schedule_fire f JOIN process p ON p.id = f.process_id, shifted.clock c
WHERE f.schedule_id = $1 ORDER BY f.due_at DESC LIMIT 1`
	var took []int
	for minute := range 5 {
		in.set(fmt.Sprintf("2026-03-02T09:%02d:59.7Z", minute))
		in.eventually("it has fired", func() bool {
			return in.count(`SELECT count(*) FROM schedule_fire WHERE state = 'completed' AND due_at = $1`, time.Date(2026, 3, 2, 9, minute+1, 0, 0, time.UTC)) == 1
		})
		took = append(took, in.count(late, one.ID))
	}
	slices.Sort(took)
	require.Less(t, took[len(took)/2], 250, "milliseconds from the time to the start of its process: %v", took)
	t.Logf("milliseconds: %v", took)
}

func TestFiresWhereClocksChange(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-29T00:59:59Z")
	s := in.server(func(c *schedule.Config) { c.Keep = 10 * 365 * 24 * time.Hour })
	one := in.create(s, schedule.Fields{Definition: "quick", Cron: "30 2 * * *", Zone: "Europe/Berlin"})
	in.start(s)
	in.becomes(s, one.ID, "01:00 completed") // 02:30 does not exist that day: 03:00 does
	in.set("2026-10-25T00:29:59Z")           // the clock jumps: what came meanwhile is one start
	whole := []string{"01:00 completed", "00:30 skipped(missed)", "00:30 completed", "00:30 completed"}
	in.becomes(s, one.ID, whole...)
	in.set("2026-10-25T01:29:59.9Z") // 02:30 comes a second time
	next := func() string {
		now, err := s.Schedule(t.Context(), one.ID)
		require.NoError(t, err)
		return now.NextAt.Format(time.RFC3339)
	}
	in.eventually("the second 02:30 is over", func() bool {
		return in.count(`SELECT count(*) FROM shifted.clock WHERE shifted.clock_timestamp() > '2026-10-25T01:30:01Z'`) == 1
	})
	in.becomes(s, one.ID, whole...)
	require.Equal(t, "2026-10-26T01:30:00Z", next())
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T08:59:50Z")
	e := in.engine(&definitions{})
	s := in.server(func(c *schedule.Config) { c.Engine = e })
	ids := map[schedule.Overlap]string{}
	for _, overlap := range []schedule.Overlap{schedule.OverlapAllow, schedule.OverlapSkip, schedule.OverlapQueue, schedule.OverlapCancelOld} {
		ids[overlap] = in.create(s, schedule.Fields{Definition: "wait", Cron: "* * * * *", Policy: schedule.Policy{Overlap: overlap}}).ID
	}
	in.start(s)
	for minute := range 3 {
		in.set(fmt.Sprintf("2026-03-02T09:%02d:00Z", minute))
		in.eventually("all have been decided about", func() bool {
			return in.count(`SELECT count(*) FROM schedule_fire WHERE state <> 'due'`) == 4*(minute+1)
		})
	}
	in.becomes(s, ids[schedule.OverlapAllow], "09:00 running", "09:01 running", "09:02 running")
	in.becomes(s, ids[schedule.OverlapSkip], "09:00 running", "09:01 skipped(overlap)", "09:02 skipped(overlap)")
	in.becomes(s, ids[schedule.OverlapQueue], "09:00 running", "09:01 waiting", "09:02 waiting")
	in.becomes(s, ids[schedule.OverlapCancelOld], "09:00 cancelled", "09:01 cancelled", "09:02 running")
	running, err := s.Schedule(t.Context(), ids[schedule.OverlapAllow])
	require.NoError(t, err)
	require.Equal(t, 3, running.Running)
	require.Equal(t, schedule.FireRunning, running.Last.State)

	// When the one before has ended, the next that waits begins, and only that.
	first := in.history(s, ids[schedule.OverlapQueue])[0].Process
	_, err = e.SendMessage(context.Background(), engine.MessageCommand{Name: "go", Key: first})
	require.NoError(t, err)
	in.becomes(s, ids[schedule.OverlapQueue], "09:00 completed", "09:01 running", "09:02 waiting")

	// What waits is skipped when the schedule is paused.
	_, err = s.Pause(t.Context(), "anna", ids[schedule.OverlapQueue], "holiday")
	require.NoError(t, err)
	in.becomes(s, ids[schedule.OverlapQueue], "09:00 completed", "09:01 running", "09:02 skipped(paused)")
}

func TestErrorsStopASchedule(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T08:59:50Z")
	s := in.server()
	one := in.create(s, schedule.Fields{Definition: "bad", Cron: "* * * * *", Policy: schedule.Policy{MaxErrors: 2}})
	in.start(s)
	for minute := range 3 {
		in.set(fmt.Sprintf("2026-03-02T09:%02d:00Z", minute))
		in.eventually("decided", func() bool {
			return in.count(`SELECT count(*) FROM schedule_fire WHERE state <> 'due'`) == minute+1 && in.count(`SELECT count(*) FROM incident`) == min(minute+1, 2)
		})
	}
	in.becomes(s, one.ID, "09:00 running", "09:01 running", "09:02 skipped(error_limit)")
	require.True(t, in.history(s, one.ID)[0].Incident)
	now, err := s.Schedule(t.Context(), one.ID)
	require.NoError(t, err)
	require.Equal(t, schedule.Stopped, now.State)
	require.Nil(t, now.NextAt)
	require.NotEmpty(t, now.StateReason)

	// A person lets it go on: what failed so far is forgiven.
	now, err = s.Resume(t.Context(), "anna", one.ID, "mended")
	require.NoError(t, err)
	require.Equal(t, schedule.Active, now.State)
	in.set("2026-03-02T09:03:00Z")
	in.becomes(s, one.ID, "09:00 running", "09:01 running", "09:02 skipped(error_limit)", "09:03 running")
}

func TestAStartThatIsRefusedIsHistory(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T08:59:50Z")
	s := in.server()
	one := in.create(s, schedule.Fields{Definition: "one", Cron: "* * * * *", CustomID: "the one"})
	in.start(s)
	in.set("2026-03-02T09:00:00Z")
	in.becomes(s, one.ID, "09:00 running")
	in.set("2026-03-02T09:01:00Z")
	in.becomes(s, one.ID, "09:00 running", "09:01 refused(process.already_active)")
	require.Contains(t, in.history(s, one.ID)[1].Message, "the one")
}

// A server dies after it decided, or after it started the process and before that was noted.
func TestAFireSurvivesItsServer(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T09:00:30Z")
	e := in.engine(&definitions{})
	s := in.server(func(c *schedule.Config) { c.Engine = e })
	one := in.create(s, schedule.Fields{Definition: "wait", Cron: "0 0 1 1 *"})
	due := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for i := range 2 {
		in.exec(`INSERT INTO schedule_fire (schedule_id, due_at, kind, state, decided_at, claimed_until) VALUES ($1, $2, 'cron', 'due', $2, $2)`, one.ID, due.Add(time.Duration(i)*time.Second))
	}
	started, err := e.StartProcess(context.Background(), engine.StartCommand{DefinitionKey: "wait", Trigger: &engine.Trigger{
		Kind: engine.TriggerSchedule, Ref: one.ID, At: due, Once: one.ID + " " + due.Format(time.RFC3339)}})
	require.NoError(t, err)
	in.start(s)
	in.start(in.server(func(c *schedule.Config) { c.Engine = e }))
	in.becomes(s, one.ID, "09:00 running", "09:00 running")
	require.Equal(t, started.ID, in.history(s, one.ID)[0].Process)
	require.Equal(t, 2, in.count(`SELECT count(*) FROM process`))
}

// Whoever holds one schedule's lock, for however long, keeps no other schedule from firing; and that one fires when it is let go.
func TestALockedScheduleHoldsNoOther(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T08:59:50Z")
	s := in.server()
	locked, free := in.create(s, schedule.Fields{Definition: "quick", Cron: "* * * * *"}), in.create(s, schedule.Fields{Definition: "quick", Cron: "* * * * *"})
	release := in.lock(locked.ID)
	t.Cleanup(release)
	in.start(s)
	in.set("2026-03-02T09:00:00Z")
	in.becomes(s, free.ID, "09:00 completed")
	require.Empty(t, in.history(s, locked.ID))
	release()
	in.becomes(s, locked.ID, "09:00 completed")
}

func TestStartEventsOfPublishedVersions(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T08:59:50Z")
	s := in.server()
	in.start(s)
	in.start(in.server())
	publish := func(node, start string) {
		in.exec(`INSERT INTO definition_start (definition_key, node_id, version, kind, title, start) VALUES ('quick', $1, 1, 'schedule', 'Nightly', $2::json)
ON CONFLICT (definition_key, node_id) DO UPDATE SET start = excluded.start`, node, start)
	}
	publish("start", `{"kind":"schedule","schedule":{"cron":"* * * * *","input":{"day":"{{formatDate(now(), '2006-01-02')}}"}},"custom_id":"day {{input.day}}"}`)
	var one schedule.Schedule
	in.eventually("it has a schedule", func() bool {
		all, _, err := s.Schedules(t.Context(), schedule.Filter{Definition: "quick", Limit: 10}, "")
		require.NoError(t, err)
		if len(all) == 1 {
			one = all[0]
		}
		return len(all) == 1
	})
	require.Equal(t, "Nightly", one.Name)
	require.Equal(t, "start", one.Node)
	in.set("2026-03-02T09:00:00Z")
	in.becomes(s, one.ID, "09:00 completed")
	require.Equal(t, 1, in.count(`SELECT count(*) FROM process WHERE custom_id = 'day 2026-03-02'`))

	// People say how it behaves, the version when it comes and what it starts.
	fields := one.Fields
	fields.Overlap, fields.MaxErrors = schedule.OverlapSkip, 5
	changed, err := s.Update(t.Context(), "anna", one.ID, one.Revision, fields)
	require.NoError(t, err)
	require.Equal(t, schedule.OverlapSkip, changed.Overlap)
	_, err = s.Update(t.Context(), "anna", one.ID, one.Revision, fields)
	in.wantFault(err, fault.PreconditionFailed, "schedule.conflict")
	fields.Cron = "0 0 * * *"
	_, err = s.Update(t.Context(), "anna", one.ID, 0, fields)
	in.wantFault(err, fault.Conflict, "schedule.of_definition")
	in.wantFault(s.Delete(t.Context(), one.ID), fault.Conflict, "schedule.of_definition")

	// Another version says another time; the policies stay. Without the start event the schedule rests, and comes back with it.
	publish("start", `{"kind":"schedule","schedule":{"cron":"30 * * * *"}}`)
	next := func() string {
		now, err := s.Schedule(t.Context(), one.ID)
		require.NoError(t, err)
		if now.NextAt == nil {
			return string(now.State)
		}
		return now.NextAt.Format("15:04 ") + string(now.Overlap)
	}
	in.eventually("the next time is another", func() bool { return next() == "09:30 skip" })
	in.exec(`DELETE FROM definition_start`)
	in.eventually("it rests", func() bool { return next() == "retired" })
	_, err = s.Resume(t.Context(), "anna", one.ID, "")
	in.wantFault(err, fault.Conflict, "schedule.retired")
	publish("start", `{"kind":"schedule","schedule":{"cron":"30 * * * *"}}`)
	in.eventually("it is back", func() bool { return next() == "09:30 skip" })

	// One that a person paused stays so, whatever is published.
	_, err = s.Pause(t.Context(), "anna", one.ID, "holiday")
	require.NoError(t, err)
	publish("start", `{"kind":"schedule","schedule":{"cron":"45 * * * *"}}`)
	in.eventually("the rule is taken over", func() bool {
		now, err := s.Schedule(t.Context(), one.ID)
		require.NoError(t, err)
		return now.Cron == "45 * * * *"
	})
	require.Equal(t, "paused", next())
	require.Equal(t, 1, in.count(`SELECT count(*) FROM schedule`))
}

func TestPeopleManageSchedules(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-02T09:00:10Z")
	s := in.server()
	in.start(s)
	ctx := t.Context()
	one := in.create(s, schedule.Fields{Name: " Daily ", Definition: "wait", Version: 1, Cron: " 0  9 * * mon-fri", Zone: "Europe/Moscow"})
	require.Equal(t, "Daily", one.Name)
	require.Equal(t, "0 9 * * mon-fri", one.Cron)
	require.Equal(t, "2026-03-03T06:00:00Z", one.NextAt.Format(time.RFC3339))
	require.Equal(t, "anna", one.CreatedBy)

	// Run now: whatever the overlap policy says; the same key starts one.
	var group sync.WaitGroup
	started := make([]string, 6)
	for i := range started {
		group.Go(func() {
			r, err := s.Run(ctx, "boris", one.ID, fmt.Sprint("key", i%2))
			if err != nil {
				t.Error(err)
			}
			started[i] = r.ID
		})
	}
	group.Wait()
	require.Equal(t, started[0], started[2])
	require.NotEqual(t, started[0], started[1])
	in.becomes(s, one.ID, "by hand running", "by hand running")
	require.Equal(t, "boris", in.history(s, one.ID)[0].Actor)

	paused, err := s.Pause(ctx, "anna", one.ID, " spring ")
	require.NoError(t, err)
	require.Equal(t, schedule.Paused, paused.State)
	require.Equal(t, "anna", paused.StateBy)
	require.Equal(t, "spring", paused.StateReason)
	require.Nil(t, paused.NextAt)
	_, err = s.Pause(ctx, "anna", one.ID, "")
	in.wantFault(err, fault.Conflict, "schedule.state")
	in.set("2026-03-10T12:00:00Z") // what comes while it rests is nobody's to make up for
	resumed, err := s.Resume(ctx, "boris", one.ID, "")
	require.NoError(t, err)
	require.Equal(t, "2026-03-11T06:00:00Z", resumed.NextAt.Format(time.RFC3339))
	in.becomes(s, one.ID, "by hand running", "by hand running")

	fields := resumed.Fields
	fields.Cron = "30 13 * * *"
	changed, err := s.Update(ctx, "boris", one.ID, resumed.Revision, fields)
	require.NoError(t, err)
	require.Equal(t, "2026-03-11T10:30:00Z", changed.NextAt.Format(time.RFC3339))
	require.NoError(t, s.Delete(ctx, one.ID))
	_, err = s.Schedule(ctx, one.ID)
	in.wantFault(err, fault.NotFound, "schedule.unknown")
	require.Equal(t, 2, in.count(`SELECT count(*) FROM process`), "what it started stays")

	for name, c := range map[string]struct {
		code   string
		change func(*schedule.Fields)
	}{
		"no name":              {"schedule.name", func(f *schedule.Fields) { f.Name = " " }},
		"no rule":              {"schedule.cron", func(f *schedule.Fields) { f.Cron = "often" }},
		"no zone":              {"schedule.zone", func(f *schedule.Fields) { f.Zone = "Europe/Tver" }},
		"a list as input":      {"schedule.input", func(f *schedule.Fields) { f.Input = json.RawMessage(`[]`) }},
		"no JSON":              {"schedule.input", func(f *schedule.Fields) { f.Input = json.RawMessage(`{`) }},
		"a file":               {"schedule.files", func(f *schedule.Fields) { f.Input = json.RawMessage(`{"x":{"$file":"sha256:0"}}`) }},
		"a file in escapes":    {"schedule.files", func(f *schedule.Fields) { f.Input = json.RawMessage(`{"x":{"\u0024file":"sha256:0"}}`) }},
		"no expression":        {"schedule.expression", func(f *schedule.Fields) { f.Input = json.RawMessage(`{"day":"=1 +"}`) }},
		"no customId":          {"schedule.expression", func(f *schedule.Fields) { f.CustomID = "=input" }},
		"a foreign name":       {"schedule.expression", func(f *schedule.Fields) { f.CustomID = "=tasks.x.y" }},
		"an input of no use":   {"process.input_invalid", func(f *schedule.Fields) { f.Input = json.RawMessage(`{"other":1}`) }},
		"an unknown process":   {"definition.not_found", func(f *schedule.Fields) { f.Definition = "none" }},
		"nothing published":    {"version.none", func(f *schedule.Fields) { f.Definition = "later" }},
		"too low a priority":   {"schedule.number", func(f *schedule.Fields) { f.Priority = 6 }},
		"too many to catch up": {"schedule.number", func(f *schedule.Fields) { f.CatchUpMost = 1001 }},
	} {
		bad := schedule.Fields{Name: "Bad", Definition: "quick", Cron: "* * * * *"}
		c.change(&bad)
		_, err := s.Create(ctx, "anna", bad)
		found := fault.As(err)
		require.NotNil(t, found, name)
		code := found.Code
		if code == "schedule.invalid" {
			code = found.Issues[0].Code
		}
		require.Equal(t, c.code, code, name)
	}
}

func TestListsOfSchedules(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.server()
	for _, name := range []string{"bravo", "Alpha", "charlie", "alpha", "Übung"} {
		in.create(s, schedule.Fields{Name: name, Definition: "quick", Cron: "0 0 * * *"})
	}
	var names []string
	for cursor := ""; ; {
		page, next, err := s.Schedules(t.Context(), schedule.Filter{Limit: 2}, cursor)
		require.NoError(t, err)
		for _, one := range page {
			names = append(names, one.Name)
		}
		if cursor = next; next == "" {
			break
		}
	}
	require.Equal(t, []string{"Alpha", "alpha", "bravo", "charlie", "Übung"}, names)
	found, _, err := s.Schedules(t.Context(), schedule.Filter{Query: "ALPH", State: schedule.Active, Limit: 9}, "")
	require.NoError(t, err)
	require.Len(t, found, 2)
	_, _, err = s.Schedules(t.Context(), schedule.Filter{Limit: 9}, "x")
	in.wantFault(err, fault.Invalid, "cursor.malformed")
}

func TestPreview(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.set("2026-03-28T12:00:00Z")
	s := in.server()
	times, err := s.Preview(t.Context(), "30 2 * * *", "Europe/Berlin", 3)
	require.NoError(t, err)
	var shown []string
	for _, at := range times {
		shown = append(shown, at.Format(time.RFC3339))
	}
	require.Equal(t, []string{"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"}, shown)
	_, err = s.Preview(t.Context(), "x", "", 3)
	in.wantFault(err, fault.Invalid, "schedule.cron")
	_, err = s.Preview(t.Context(), "* * * * *", "Moon", 3)
	in.wantFault(err, fault.Invalid, "schedule.zone")
}

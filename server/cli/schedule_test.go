package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// TestSchedulesFromTheCommandLine makes a schedule, runs it by hand, pauses it and looks at its history.
func TestSchedulesFromTheCommandLine(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.publish("quick", between(`{"type":"object","properties":{"day":{"type":"string"}}}`, `{"id":"do","kind":"script_task","title":"Do","script":{"output":{"x":1}}}`, edge("start", "do")+","+edge("do", "end")))
	refused := o.run("", "schedule", "create", "quick", "--name", "Nightly", "--cron", "61 * * * *")
	require.Equal(t, cli.Failure, refused.Exit)
	require.Contains(t, refused.err, "/cron")
	made := ask[httpapi.Schedule](o, "schedule", "create", "quick", "--name", "Nightly", "--cron", "30 2 29 2 *", "--zone", "Europe/Berlin",
		"--input", `{"day":"=formatDate(now(), '2006-01-02')"}`, "--custom-id", "night {{input.day}}", "--overlap", "skip", "--max-errors", "3")
	require.Equal(t, "active", made.State)
	shown := o.do("schedule", "show", "Nightly")
	require.Contains(t, shown, "30 2 29 2 * Europe/Berlin")
	require.Contains(t, shown, "3 in a row stop it")
	started := ask[httpapi.StartedProcess](o, "schedule", "run", "Nightly", "--idempotency-key", "k")
	require.Equal(t, started.ID, ask[httpapi.StartedProcess](o, "schedule", "run", made.ID, "--idempotency-key", "k").ID)
	require.Contains(t, ask[httpapi.Process](o, "process", "show", started.ID).CustomID, "night 20")
	o.eventually("it is history", func() bool {
		fires := ask[list[httpapi.ScheduleFire]](o, "schedule", "history", "Nightly").Items
		return len(fires) == 1 && fires[0].State == "completed" && fires[0].ProcessID == started.ID
	})
	require.Contains(t, o.do("schedule", "history", "Nightly"), "run by anna")
	require.Equal(t, cli.Usage, o.run("", "schedule", "pause", "Nightly").Exit, "a reason is asked")
	o.do("schedule", "pause", "Nightly", "--reason", "the archive is closed")
	require.Contains(t, o.do("schedule", "list", "--state", "paused"), "Nightly")
	require.Contains(t, o.do("schedule", "show", "Nightly"), "the archive is closed")
	o.do("schedule", "resume", "Nightly", "--reason", "open again")
	o.do("schedule", "create", "quick", "--name", "Nightly", "--cron", "0 0 29 2 *")
	require.Equal(t, cli.Conflict, o.run("", "schedule", "run", "Nightly").Exit)
	o.do("schedule", "delete", made.ID)
	require.Equal(t, cli.NotFound, o.run("", "schedule", "show", made.ID).Exit)
	require.Equal(t, cli.NotFound, o.run("", "schedule", "show", "nobody").Exit)
}

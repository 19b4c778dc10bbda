package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// TestBulkFromTheCommandLine cancels many processes after a look at what would happen.
func TestBulkFromTheCommandLine(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.publish("slow", between("", step("nap", `{"sleep_ms":60000}`), edge("start", "nap")+","+edge("nap", "end")))
	for _, id := range []string{"B-1", "B-2", "B-3", "C-1"} {
		o.do("process", "start", "slow", "--custom-id", id)
	}
	require.Equal(t, cli.Usage, o.run("", "bulk", "prepare", "cancel").Exit, "all processes are not meant by mistake")
	draft := ask[httpapi.BulkJob](o, "bulk", "prepare", "cancel", "--prefix", "B-")
	require.Equal(t, "draft", draft.State)
	require.EqualValues(t, 3, draft.Pending)
	require.Contains(t, o.run("", "bulk", "show", draft.ID).err, "nothing has happened yet")
	require.Equal(t, cli.Usage, o.run("", "bulk", "run", draft.ID).Exit, "a reason is asked")
	o.do("bulk", "run", draft.ID, "--reason", "the drawing was wrong")
	o.eventually("finished", func() bool { return ask[httpapi.BulkJob](o, "bulk", "show", draft.ID).State == "finished" })
	require.Len(t, ask[list[httpapi.BulkItem]](o, "bulk", "items", draft.ID, "--state", "done").Items, 3)
	require.Contains(t, o.do("bulk", "list"), "the drawing was wrong")
	o.eventually("cancelled", func() bool {
		return len(ask[list[httpapi.ProcessSummary]](o, "process", "search", "--state", "cancelled").Items) == 3
	})
	back := ask[httpapi.BulkJob](o, "bulk", "prepare", "restart_from", "--prefix", "B-", "--step", "nap")
	require.EqualValues(t, 3, back.Pending)
	onward := ask[httpapi.BulkJob](o, "bulk", "prepare", "migrate", "--definition", "slow", "--to-version", "7")
	require.EqualValues(t, 4, onward.Refused)
	require.Contains(t, o.do("bulk", "items", onward.ID), "version.not_found")
	send := ask[httpapi.BulkJob](o, "bulk", "prepare", "message", "--prefix", "C-", "--message", "answer", "--key", "k", "--payload", `{"n":1}`)
	require.Equal(t, "message.not_awaited", send.Reasons[0].Code)
	require.JSONEq(t, `{"n":1}`, string(send.Options.Message.Payload))
	require.Equal(t, cli.Usage, o.run("", "bulk", "prepare", "fire", "--prefix", "C-").Exit, "which time is asked")
	again := ask[httpapi.BulkJob](o, "bulk", "prepare", "set_priority", "--definition", "slow", "--priority", "1", "--reason", "the client waits")
	o.eventually("finished", func() bool { return ask[httpapi.BulkJob](o, "bulk", "show", again.ID).State == "finished" })
	require.Contains(t, o.do("bulk", "show", again.ID), "flow.process_ended")
	require.Equal(t, 1, ask[httpapi.Process](o, "process", "show", "C-1").Priority)
	require.Equal(t, cli.Conflict, o.run("", "bulk", "abort", again.ID).Exit)
}

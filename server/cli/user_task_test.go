package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// TestPeopleAndMessages does a person's task and sends a message from the command line.
func TestPeopleAndMessages(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.publish("ask", between("",
		`{"id":"review","kind":"user_task","title":"Review","doc":"Is it whole?","user":{"groups":["clerks"],"form":{"type":"object","properties":{"good":{"type":"boolean"},"scan":{"type":"object","format":"file"}},"required":["good"]}}},
		 {"id":"fixed","kind":"message_event","title":"Fixed","message":{"name":"fixed","key":"=process.custom_id"}}`,
		edge("start", "review")+","+edge("review", "fixed")+","+edge("fixed", "end")))
	id := ask[httpapi.StartedProcess](o, "process", "start", "ask", "--custom-id", "A-1").ID
	other := ask[httpapi.StartedProcess](o, "process", "start", "ask", "--custom-id", "A-10").ID
	o.eventually("both ask", func() bool {
		return len(ask[list[httpapi.UserTaskSummary]](o, "task", "list", "--custom-id", "A-1").Items) == 2
	})
	require.Contains(t, o.do("task", "list"), "clerks")
	require.Contains(t, o.do("task", "show", "A-1"), "Is it whole?")
	require.Equal(t, id, ask[httpapi.UserTask](o, "task", "show", id).ProcessID)
	require.Contains(t, o.do("process", "tree", "A-1"), "waits for somebody of clerks")
	o.do("task", "claim", "A-1")
	require.Len(t, ask[list[httpapi.UserTaskSummary]](o, "task", "list", "--mine").Items, 1)
	o.do("task", "release", "A-1")
	require.Empty(t, ask[list[httpapi.UserTaskSummary]](o, "task", "list", "--mine").Items)
	require.Equal(t, cli.NotFound, o.run("", "task", "show", "A-2").Exit)
	refused := o.run("", "task", "complete", "A-1", "--answer", `{"good":"yes"}`)
	require.Equal(t, cli.Failure, refused.Exit)
	require.Contains(t, refused.err, "/output/good")
	o.do("task", "complete", "A-1", "--answer", `{"good":true}`, "--file", "scan="+o.file("scan.txt", "the seal"))
	o.eventually("it waits for the message", func() bool {
		return len(ask[shownTree](o, "process", "tree", "A-1").Tasks) == 2
	})
	require.Contains(t, o.do("process", "tree", "A-1"), "waits for the message fixed (A-1)")
	require.Contains(t, o.do("message", "send", "fixed", "--key", "A-1", "--id", "m-1", "--payload", `{"by":"mail"}`), "sent")
	require.Contains(t, o.do("message", "send", "fixed", "--key", "A-1", "--id", "m-1"), "had been sent before")
	o.eventually("completed", func() bool { return ask[httpapi.Process](o, "process", "show", "A-1").State == "completed" })
	require.Equal(t, cli.NotFound, o.run("", "message", "send", "fixed", "--key", "nobody", "--keep", "0").Exit)
	require.Contains(t, o.do("message", "send", "fixed", "--key", "A-10"), "nobody waits for it yet")
	o.do("message", "send", "mistaken", "--key", "A-11", "--id", "m-2", "--payload", `{"by":"hand"}`)
	o.do("message", "send", "mistaken", "--key", "A-11", "--id", "m-2")
	kept := ask[list[httpapi.Message]](o, "message", "list", "--name", "mistaken").Items
	require.Len(t, kept, 1)
	require.Equal(t, 1, kept[0].Repeats)
	require.JSONEq(t, `{"by":"hand"}`, string(ask[httpapi.Message](o, "message", "show", kept[0].ID).Payload))
	require.Contains(t, o.do("message", "list"), "mistaken")
	require.Equal(t, cli.Usage, o.run("", "message", "delete", kept[0].ID).Exit, "a reason is asked")
	o.do("message", "delete", kept[0].ID, "--reason", "sent by mistake")
	require.Equal(t, cli.NotFound, o.run("", "message", "show", kept[0].ID).Exit)
	taken := ask[list[httpapi.Message]](o, "message", "list", "--state", "taken", "--name", "fixed").Items
	require.NotEmpty(t, taken)
	require.Equal(t, cli.Conflict, o.run("", "message", "delete", taken[0].ID, "--reason", "x").Exit)
	o.do("task", "complete", other, "--answer", `{"good":false}`)
	o.eventually("the early message was kept", func() bool { return ask[httpapi.Process](o, "process", "show", "A-10").State == "completed" })
}

package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// TestAGroupOfIncidentsIsMendedFromTheCommandLine finds the groups, retries one of them with corrected inputs and cancels the other.
func TestAGroupOfIncidentsIsMendedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	for _, key := range []string{"broken", "worse"} {
		o.publish(key, between("", step("step", `{"fail_times":1,"fail_class":"permanent","fail_code":"BAD"}`), edge("start", "step")+","+edge("step", "end")))
	}
	for _, id := range []string{"B-1", "B-2", "B-3"} {
		o.do("process", "start", "broken", "--custom-id", id)
	}
	o.do("process", "start", "worse", "--custom-id", "W-1")
	o.eventually("four incidents", func() bool { return len(ask[list[httpapi.Incident]](o, "incident", "list").Items) == 4 })
	groups := ask[list[httpapi.IncidentGroup]](o, "incident", "groups")
	require.Len(t, groups.Items, 2)
	group := groups.Items[0]
	require.EqualValues(t, 3, group.Count)
	require.Equal(t, "broken", group.Definition)
	require.Contains(t, o.do("incident", "groups", "--definition", "broken", "--opened-from", "1h"), group.Group)
	require.NotContains(t, o.do("incident", "groups", "--opened-to", "1h"), group.Group)
	require.Contains(t, o.do("incident", "list", "--group", group.Group, "--definition", "broken", "--node", "step", "--text", "attempt"), "B-2")

	require.Equal(t, cli.Usage, o.run("", "incident", "retry").Exit, "all are not meant by mistake")
	draft := ask[httpapi.BulkJob](o, "incident", "retry", "--definition", "broken", "--group", group.Group, "--change", `{"fail_times":0}`)
	require.Equal(t, "draft", draft.State)
	require.EqualValues(t, 3, draft.Pending)
	o.do("bulk", "run", draft.ID, "--reason", "the cause is gone")
	o.eventually("completed", func() bool {
		return len(ask[list[httpapi.ProcessSummary]](o, "process", "search", "--state", "completed").Items) == 3
	})
	o.do("incident", "cancel", "--definition", "worse", "--reason", "not needed")
	o.eventually("cancelled", func() bool { return ask[httpapi.Process](o, "process", "show", "W-1").State == "cancelled" })
	require.Empty(t, ask[list[httpapi.IncidentGroup]](o, "incident", "groups").Items)
	require.Equal(t, cli.OK, o.run("", "incident", "skip", "--everything", "--value", `{"done":true}`).Exit)
}

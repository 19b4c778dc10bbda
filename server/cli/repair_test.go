package cli_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// TestRepair mends processes from the command line.
func TestRepair(t *testing.T) {
	o := newOperator(t)
	quick := `{"sleep_ms":1}`
	o.publish("line", between("", step("one", quick)+","+step("two", quick)+","+step("three", `{"fail_times":1,"fail_class":"permanent","fail_code":"BAD"}`),
		strings.Join([]string{edge("start", "one"), edge("one", "two"), edge("two", "three"), edge("three", "end")}, ",")))
	state := func(process string) string { return ask[httpapi.Process](o, "process", "show", process).State }

	t.Run("restart from a node", func(t *testing.T) {
		o.do("process", "start", "line", "--custom-id", "LINE-1")
		o.eventually("an incident", func() bool { return state("LINE-1") == "incident" })
		require.Equal(t, cli.Usage, o.run("", "process", "restart-from", "LINE-1", "--node", "two").Exit, "a reason is asked")
		refused := o.run("", "process", "restart-from", "LINE-1", "--node", "nine", "--reason", "x")
		require.Equal(t, cli.Conflict, refused.Exit)
		require.Contains(t, refused.err, "flow.restart_node")
		require.Equal(t, cli.Conflict, o.run("", "process", "restart-from", "LINE-1", "--node", "nine", "--dry-run").Exit)

		plan := ask[httpapi.RestartPlan](o, "process", "restart-from", "LINE-1", "--node", "two", "--dry-run")
		require.True(t, plan.Allowed)
		require.Equal(t, []httpapi.NodeTotal{{Node: "three", Count: 1}}, plan.Cancelled)
		require.Equal(t, []string{"one", "start"}, plan.Kept)
		require.Contains(t, o.do("process", "restart-from", "LINE-1", "--node", "two", "--dry-run"), "three, two")
		require.Equal(t, "incident", state("LINE-1"), "a look changes nothing")

		require.Contains(t, o.do("process", "restart-from", "LINE-1", "--node", "two", "--reason", "the rates were wrong"), "from two")
		o.eventually("an incident again", func() bool { return state("LINE-1") == "incident" })
		tree := ask[shownTree](o, "process", "tree", "LINE-1")
		runs := map[string][]bool{}
		for _, task := range tree.Tasks {
			runs[task.NodeID] = append(runs[task.NodeID], task.Hidden)
		}
		require.ElementsMatch(t, []bool{true, false}, runs["two"])
		require.Equal(t, []bool{false}, runs["one"])

		o.do("process", "cancel", "LINE-1", "--reason", "enough")
		made := ask[struct {
			ID         string
			NewProcess bool `json:"new_process"`
		}](o, "process", "restart-from", "LINE-1", "--node", "three", "--reason", "after all")
		require.True(t, made.NewProcess)
		o.eventually("the new one has its incident", func() bool { return state(made.ID) == "incident" })
		require.Equal(t, []string{"one", "two"}, ask[httpapi.Process](o, "process", "show", made.ID).Carried)
	})
}

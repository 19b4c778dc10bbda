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
	t.Parallel()
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
	t.Run("migrate", func(t *testing.T) {
		drawn := func(middle ...string) string {
			nodes, flows, last := []string{}, []string{}, "start"
			for _, id := range middle {
				nodes, flows = append(nodes, step(id, `{"sleep_ms":60000}`)), append(flows, edge(last, id))
				last = id
			}
			return between("", strings.Join(nodes, ","), strings.Join(append(flows, edge(last, "end")), ","))
		}
		o.publish("rules", drawn("wait"))
		o.do("process", "start", "rules", "--custom-id", "R-1")
		o.publish("rules", drawn("wait", "more"))
		o.publish("rules", drawn("more"))
		require.Equal(t, cli.Usage, o.run("", "process", "migrate", "R-1", "--to", "2").Exit, "a reason is asked")
		plan := ask[httpapi.MigrationPlan](o, "process", "migrate", "R-1", "--to", "2", "--dry-run")
		require.True(t, plan.Allowed)
		require.Equal(t, []httpapi.NodeTotal{{Node: "wait", Count: 1}}, plan.Open)
		look := o.run("", "process", "migrate", "R-1", "--to", "3", "--dry-run")
		require.Equal(t, cli.Conflict, look.Exit)
		require.Contains(t, look.out, "wait migrate.node_missing")
		refused := o.run("", "process", "migrate", "R-1", "--to", "3", "--reason", "x")
		require.Equal(t, cli.Conflict, refused.Exit)
		require.Contains(t, refused.err, "the other version has no wait")
		require.Equal(t, cli.NotFound, o.run("", "process", "migrate", "R-1", "--to", "9", "--reason", "x").Exit)
		o.do("process", "migrate", "R-1", "--to", "2", "--reason", "the new rules hold")
		require.Equal(t, 2, ask[httpapi.Process](o, "process", "show", "R-1").Version)
	})
	t.Run("times, messages, entries of lists", func(t *testing.T) {
		o.publish("waits", between("", `{"id":"wait","kind":"timer_event","title":"Wait","timer":{"kind":"duration","value":"P1D"}},`+
			`{"id":"answer","kind":"message_event","title":"Answer","message":{"name":"answer","key":"{{process.custom_id}}"}}`,
			strings.Join([]string{edge("start", "wait"), edge("wait", "answer"), edge("answer", "end")}, ",")))
		o.do("process", "start", "waits", "--custom-id", "W-1")
		o.do("process", "start", "waits", "--custom-id", "W-2")
		require.Equal(t, cli.Conflict, o.run("", "process", "message", "W-1", "--name", "answer", "--reason", "x").Exit, "it does not wait for it yet")
		o.do("process", "fire", "W-1", "--reason", "no need to wait")
		o.eventually("it waits for the message", func() bool {
			return strings.Contains(o.do("process", "tree", "W-1"), "waits for the message answer (W-1)")
		})
		require.Equal(t, cli.Conflict, o.run("", "process", "fire", "W-1", "--reason", "x").Exit)
		o.do("process", "message", "W-1", "--name", "answer", "--reason", "they called", "--payload", `{"yes":true}`)
		o.eventually("completed", func() bool { return state("W-1") == "completed" })
		require.Equal(t, "running", state("W-2"))

		items := `[{"fail":1,"sleep":0},{"fail":0,"sleep":60000}]`
		o.publish("list", between("", `{"id":"each","kind":"service_task","title":"Each","service":{"type":"demo.step@1",`+
			`"input":{"fail_times":"=item.fail","sleep_ms":"=item.sleep","fail_class":"permanent","fail_code":"BAD"}},"multi":{"items":`+items+`,"tolerated":"1"}}`,
			strings.Join([]string{edge("start", "each"), edge("each", "end")}, ",")))
		id := ask[httpapi.StartedProcess](o, "process", "start", "list", "--custom-id", "L-1").ID
		var list, entry string
		o.eventually("an entry has failed", func() bool {
			for _, task := range ask[shownTree](o, "process", "tree", "L-1").Tasks {
				switch {
				case task.ScopeID == id:
					list = task.ID
				case task.State == "failed":
					entry = task.ID
				}
			}
			return entry != ""
		})
		require.Contains(t, o.do("process", "entry", "L-1", "--task", list, "--failed", "--reason", "mended"), "1 entries")
		o.eventually("it has failed again", func() bool {
			failed := 0
			for _, task := range ask[shownTree](o, "process", "tree", "L-1").Tasks {
				if task.State == "failed" {
					failed++
				}
			}
			return failed == 2
		})
		again := o.run("", "process", "entry", "L-1", "--task", entry, "--reason", "x")
		require.Equal(t, cli.Conflict, again.Exit)
		require.Contains(t, again.err, "flow.replaced")
	})
}

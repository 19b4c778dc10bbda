package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

type list[T any] struct{ Items []T }

type shownTree struct {
	Process httpapi.Process
	Tasks   []httpapi.TaskSummary
}

// TestOperator drives a server through its whole day from the command line.
func TestOperator(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	fails := `{"fail_times":1,"fail_class":"permanent","fail_code":"BAD"}`
	o.publish("inspect", between(`{"type":"object","required":["scan"],"properties":{"scan":{"type":"object","format":"file"},"n":{"type":"integer"}}}`,
		`{"id":"look","kind":"service_task","title":"Look","service":{"type":"document.inspect@1","input":{"file":"=input.scan"}}}`, edge("start", "look")+","+edge("look", "end")))
	o.publish("broken", between("", step("one", fails), edge("start", "one")+","+edge("one", "end")))
	o.publish("slow", between("", step("nap", `{"sleep_ms":60000}`), edge("start", "nap")+","+edge("nap", "end")))
	o.publish("twice", between("", `{"id":"fork","kind":"parallel_gateway","title":"Fork"},{"id":"join","kind":"parallel_gateway","title":"Join"},`+step("left", fails)+","+step("right", fails),
		strings.Join([]string{edge("start", "fork"), edge("fork", "left"), edge("fork", "right"), edge("left", "join"), edge("right", "join"), edge("join", "end")}, ",")))

	t.Run("start with a file", func(t *testing.T) {
		scan := o.file("scan.txt", "a short text")
		p := ask[httpapi.Process](o, "process", "start", "inspect", "--custom-id", "DOC-1", "--input", `{"n":12345678901234567}`, "--file", "scan="+scan, "--wait", "--timeout", "60s")
		require.Equal(t, "completed", p.State)
		require.Contains(t, string(p.Input), "12345678901234567", "numbers keep their digits")
		var input struct {
			Scan struct {
				Name string
				Size int64
			}
		}
		require.NoError(t, json.Unmarshal(p.Input, &input))
		require.Equal(t, "scan.txt", input.Scan.Name)
		require.EqualValues(t, len("a short text"), input.Scan.Size)

		refused := o.run("", "process", "start", "inspect", "--input", `{"n":"no number"}`)
		require.Equal(t, cli.Failure, refused.Exit)
		require.Contains(t, refused.err, "process.input_invalid", "the API's code")
		require.Contains(t, refused.err, "/input", "where it is wrong")

		first := ask[httpapi.StartedProcess](o, "process", "start", "slow", "--custom-id", "ONCE", "--idempotency-key", "k")
		again := ask[httpapi.StartedProcess](o, "process", "start", "slow", "--custom-id", "ONCE", "--idempotency-key", "k")
		require.Equal(t, first.ID, again.ID)
		require.True(t, again.Existing)
		require.Equal(t, cli.Conflict, o.run("", "process", "start", "slow", "--custom-id", "OTHER", "--idempotency-key", "k").Exit)
	})

	t.Run("search", func(t *testing.T) {
		found := ask[list[httpapi.ProcessSummary]](o, "process", "search", "--prefix", "DOC-", "--definition", "inspect", "--version", "1", "--state", "failed,completed", "--started-from", "15m")
		require.Len(t, found.Items, 1)
		require.Equal(t, "DOC-1", found.Items[0].CustomID)
		require.Empty(t, ask[list[httpapi.ProcessSummary]](o, "process", "search", "--prefix", "DOC-", "--started-to", "1h").Items)
		table := strings.Split(strings.TrimSpace(o.do("process", "search", "--custom-id", "DOC-1")), "\n")
		require.Len(t, table, 2)
		require.Equal(t, strings.Index(table[0], "STATE"), strings.Index(table[1], "completed"), "columns are aligned")
		require.NotContains(t, table[1], "\x1b", "no colours outside a terminal")
	})

	t.Run("lists go on", func(t *testing.T) {
		for range 3 {
			o.do("process", "start", "slow", "--custom-id", "MANY", "--start-at", "1h")
		}
		some := o.run("", "process", "search", "--custom-id", "MANY", "--limit", "2")
		require.Equal(t, 3, strings.Count(some.out, "\n"))
		require.Contains(t, some.err, "--all")
		require.Len(t, ask[list[httpapi.ProcessSummary]](o, "process", "search", "--custom-id", "MANY", "--limit", "1", "--all").Items, 3)
		require.Equal(t, "scheduled", ask[httpapi.Process](o, "process", "show", "MANY").State)
	})

	t.Run("an incident is retried with corrected input", func(t *testing.T) {
		waited := o.run("", "process", "start", "broken", "--custom-id", "BROKEN-1", "--wait")
		require.Equal(t, cli.NotCompleted, waited.Exit)
		incidents := ask[list[httpapi.Incident]](o, "incident", "list", "--definition", "broken", "--code", "BAD")
		require.Len(t, incidents.Items, 1)
		tree := o.do("process", "tree", "BROKEN-1")
		require.Contains(t, tree, "Step one")
		require.Contains(t, tree, "BAD: attempt 1 of 1 that fail")
		require.Contains(t, tree, "failed for good (BAD); retry or skip it", "why it does not move")

		require.Equal(t, cli.Usage, o.run("", "process", "retry", "BROKEN-1").Exit, "a reason is asked")
		require.Contains(t, o.run("", "process", "retry", "BROKEN-1", "--reason", "r", "--task", "elsewhere").err, "no incident at the node elsewhere")
		done := o.run(`{"sleep_ms":1}`, "process", "retry", "BROKEN-1", "--reason", "the address was wrong", "--input", "-")
		require.Equal(t, cli.OK, done.Exit, done.err)
		o.eventually("completed", func() bool { return ask[httpapi.Process](o, "process", "show", "BROKEN-1").State == "completed" })
		shown := ask[shownTree](o, "process", "tree", "BROKEN-1")
		require.Equal(t, "completed", shown.Tasks[0].State)
		require.Equal(t, cli.Conflict, o.run("", "process", "retry", "BROKEN-1", "--reason", "again").Exit)
		events := ask[list[httpapi.Event]](o, "process", "events", "BROKEN-1", "--all")
		require.Equal(t, len(events.Items), len(ask[list[httpapi.Event]](o, "process", "events", "BROKEN-1").Items))
		require.Contains(t, o.do("process", "events", "BROKEN-1"), "incident")
	})

	t.Run("of several incidents one must be named", func(t *testing.T) {
		o.do("process", "start", "twice", "--custom-id", "TWICE")
		o.eventually("two incidents", func() bool { return ask[httpapi.Process](o, "process", "show", "TWICE").OpenIncidents == 2 })
		r := o.run("", "process", "retry", "TWICE", "--reason", "r")
		require.Equal(t, cli.Conflict, r.Exit)
		require.Contains(t, r.err, "left BAD")
		require.Contains(t, r.err, "right BAD")
		task := ask[shownTree](o, "process", "tree", "TWICE").Tasks[0]
		o.do("process", "skip", "TWICE", "--task", task.ID, "--reason", "not needed", "--value", `{"attempt":1,"slept_ms":0}`)
		o.do("process", "skip", "TWICE", "--reason", "not needed either", "--value", `{"attempt":1,"slept_ms":0}`)
		o.eventually("completed", func() bool { return ask[httpapi.Process](o, "process", "show", "TWICE").State == "completed" })
	})

	t.Run("processes that call each other", func(t *testing.T) {
		o.publish("caller", between("", `{"id":"ask","kind":"call_activity","title":"Ask","call":{"definition":"broken"}}`, edge("start", "ask")+","+edge("ask", "end")))
		id := ask[httpapi.StartedProcess](o, "process", "start", "caller", "--custom-id", "CALL-1").ID
		o.eventually("the incident is seen above", func() bool { return ask[httpapi.Process](o, "process", "show", "CALL-1").IncidentsBelow == 1 })
		children := ask[list[httpapi.ProcessSummary]](o, "process", "children", "CALL-1")
		require.Len(t, children.Items, 1)
		require.Equal(t, id, children.Items[0].ParentID)
		require.Contains(t, o.do("process", "children", "CALL-1"), "incident")
		require.Contains(t, o.do("process", "tree", "CALL-1"), "waits for the child process "+children.Items[0].ID)
		require.Contains(t, o.do("process", "show", "CALL-1"), "1 open incidents in processes that it has called")
		require.Contains(t, o.do("process", "show", children.Items[0].ID), id+" (caller v1)")
		require.Len(t, ask[list[httpapi.ProcessSummary]](o, "process", "search", "--custom-id", "CALL-1").Items, 2)
		require.Len(t, ask[list[httpapi.ProcessSummary]](o, "process", "search", "--custom-id", "CALL-1", "--outermost").Items, 1)
		refused := o.run("", "process", "delete", children.Items[0].ID, "--reason", "alone")
		require.Equal(t, cli.Conflict, refused.Exit)
		require.Contains(t, refused.err, id, "which one to delete instead")
		o.do("process", "delete", "CALL-1", "--reason", "all of it")
		require.Equal(t, cli.NotFound, o.run("", "process", "show", children.Items[0].ID).Exit)
	})

	t.Run("suspend, resume, cancel, restart", func(t *testing.T) {
		id := ask[httpapi.StartedProcess](o, "process", "start", "slow", "--custom-id", "SLOW-1").ID
		o.do("process", "suspend", "SLOW-1", "--reason", "look first")
		require.Contains(t, o.do("process", "show", "SLOW-1"), "look first")
		o.do("process", "resume", id, "--reason", "looked")
		timeout := o.run("", "process", "start", "slow", "--wait", "--timeout", "100ms")
		require.Equal(t, cli.NotCompleted, timeout.Exit)
		o.do("process", "cancel", "SLOW-1", "--reason", "no more")
		o.eventually("cancelled", func() bool { return ask[httpapi.Process](o, "process", "show", id).State == "cancelled" })
		require.Equal(t, cli.Conflict, o.run("", "process", "cancel", id, "--reason", "again").Exit)
		made := ask[struct{ ID string }](o, "process", "restart", id, "--reason", "after all")
		require.Equal(t, id, ask[httpapi.Process](o, "process", "show", made.ID).RestartedFrom)

		r := o.run("", "process", "show", "SLOW-1")
		require.Contains(t, r.out, made.ID, "the live one is read")
		require.Contains(t, r.err, "several processes")
		r = o.run("", "process", "cancel", "SLOW-1", "--reason", "which?")
		require.Equal(t, cli.Conflict, r.Exit)
		require.Contains(t, r.err, id)
		require.Contains(t, r.err, made.ID)
	})

	t.Run("definitions travel", func(t *testing.T) {
		exported := o.do("definition", "export", "twice")
		require.Equal(t, exported, o.do("definition", "export", "twice", "--version", "1"))
		r := o.run(exported, "definition", "import", "-", "--key", "copy")
		require.Equal(t, cli.OK, r.Exit, r.err)
		require.Equal(t, exported, o.do("definition", "export", "copy", "--draft"))
		require.Equal(t, cli.Conflict, o.run("", "definition", "export", "copy").Exit, "nothing is published")
		o.do("definition", "import", o.file("empty.json", between("", step("a", "{}"), edge("start", "a"))), "--key", "copy", "--title", "A copy")
		r = o.run("", "definition", "publish", "copy", "--note", "n")
		require.Equal(t, cli.Failure, r.Exit)
		require.Contains(t, r.err, "node a", "the issues say where")
		require.Contains(t, o.do("definition", "list", "--query", "copy"), "A copy")
	})

	t.Run("documents are compared", func(t *testing.T) {
		exported := o.do("definition", "export", "twice")
		o.do("definition", "import", o.file("twice.json", exported), "--key", "compared")
		require.Equal(t, "no difference\n", o.do("definition", "diff", "compared@draft", o.file("twice.json", exported)))
		require.Equal(t, cli.Conflict, o.run("", "definition", "diff", "compared").Exit, "nothing runs yet")
		o.do("definition", "publish", "compared", "--note", "first")
		require.Equal(t, "no difference\n", o.do("definition", "diff", "compared"))

		changed := strings.Replace(exported, `"schema"`, `"notes":[{"id":"n","text":"look","x":0,"y":0,"width":80,"height":40}],"schema"`, 1)
		r := o.run(changed, "definition", "diff", "compared@1", "-")
		require.Equal(t, cli.OK, r.Exit, "a note changes nothing that runs: %s", r.err)
		require.Contains(t, r.out, `+ note n "look"`)

		o.do("definition", "import", o.file("empty.json", between("", step("a", "{}"), edge("start", "a"))), "--key", "compared")
		r = o.run("", "definition", "diff", "compared")
		require.Equal(t, cli.Differ, r.Exit)
		require.Contains(t, r.err, "compared and compared@draft are not the same")
		require.Contains(t, r.out, "node a (service_task)")
		require.Contains(t, r.out, "\n- flow ")
		r = o.run(strings.Replace(exported, "Step left", "The left one", 1), "definition", "diff", "compared@1", "-")
		require.Equal(t, cli.Differ, r.Exit)
		require.Equal(t, "~ node left (service_task) \"The left one\"\n    title: \"Step left\" → \"The left one\"\n", r.out)
		told := o.run("", "definition", "diff", "compared@latest", "compared@draft", "-o", "json")
		require.Equal(t, cli.Differ, told.Exit)
		var found struct {
			SameMeaning bool `json:"same_meaning"`
			Items       []struct{ Of, ID, Change string }
		}
		require.NoError(t, json.Unmarshal([]byte(told.out), &found))
		require.False(t, found.SameMeaning)
		require.NotEmpty(t, found.Items)

		for _, wrong := range [][]string{{"./nowhere.json", "compared"}, {"twice.json"}, {"compared@draft"}, {"-", "-"}, {o.file("list.json", "[]"), "compared"}} {
			require.Equal(t, cli.Usage, o.run("", append([]string{"definition", "diff"}, wrong...)...).Exit, "%v", wrong)
		}
		require.Equal(t, cli.NotFound, o.run("", "definition", "diff", "compared@9", "compared").Exit)
	})

	t.Run("urgent, then deleted", func(t *testing.T) {
		id := ask[httpapi.StartedProcess](o, "process", "start", "slow", "--custom-id", "GONE").ID
		o.do("process", "priority", "GONE", "--to", "1", "--reason", "a deadline")
		require.Equal(t, 1, ask[httpapi.Process](o, "process", "show", id).Priority)
		require.Equal(t, cli.Failure, o.run("", "process", "priority", id, "--to", "7", "--reason", "x").Exit)
		o.do("process", "delete", "GONE", "--reason", "started by mistake")
		r := o.run("", "process", "show", id)
		require.Equal(t, cli.NotFound, r.Exit)
		require.Contains(t, r.err, "started by mistake")
	})

	t.Run("pauses and limits", func(t *testing.T) {
		o.do("worker", "pause", "definition", "broken", "--reason", "the register is down")
		require.Contains(t, o.do("worker", "pauses"), "the register is down")
		id := ask[httpapi.StartedProcess](o, "process", "start", "broken", "--custom-id", "WAITS").ID
		o.eventually("it says why", func() bool { return strings.Contains(o.do("process", "tree", id), "paused") })
		o.do("worker", "resume", "definition", "broken", "--reason", "it is back")
		require.Equal(t, cli.NotFound, o.run("", "worker", "resume", "definition", "broken", "--reason", "again").Exit)
		require.Equal(t, cli.Usage, o.run("", "worker", "pause", "server", "x", "--reason", "x").Exit)

		o.do("worker", "limit", "demo.step@1", "--most", "5", "--starts", "100", "--per", "2s", "--key", "input.sleep_ms", "--reason", "slow")
		require.Contains(t, o.do("worker", "limits"), "5 at once, 100 starts in 2 s, for each input.sleep_ms")
		require.Equal(t, cli.Failure, o.run("", "worker", "limit", "demo.step@1", "--reason", "neither number").Exit)
		o.do("worker", "unlimit", "demo.step@1", "--reason", "fast again")
		require.Empty(t, ask[list[httpapi.Limit]](o, "worker", "limits").Items)
	})

	t.Run("workers", func(t *testing.T) {
		pools := ask[struct{ Pools []httpapi.Pool }](o, "worker", "list").Pools
		require.Len(t, pools, 1)
		require.Contains(t, o.do("worker", "list"), pools[0].Workers[0].ID)
	})

	t.Run("a worker is drained", func(t *testing.T) {
		o.publish("brief", between("", step("nap", `{"sleep_ms":1500}`), edge("start", "nap")+","+edge("nap", "end")))
		nap := func(id string) httpapi.TaskSummary { return ask[shownTree](o, "process", "tree", id).Tasks[0] }
		slow := ask[httpapi.StartedProcess](o, "process", "start", "slow", "--custom-id", "LONG").ID
		brief := ask[httpapi.StartedProcess](o, "process", "start", "brief", "--custom-id", "BRIEF").ID
		o.eventually("it has both", func() bool { return nap(slow).State == "running" && nap(brief).Worker != "" })
		second := o.second()
		o.eventually("there are two", func() bool { return strings.Contains(o.do("worker", "list"), second.ID()) })

		first := o.worker.ID()
		table := o.do("worker", "drain", first, "--within", "4s", "--reason", "a new release")
		require.Contains(t, table, first)
		require.Contains(t, table, "draining")
		require.NotContains(t, table, second.ID())
		require.Contains(t, o.do("worker", "list"), "draining by anna: a new release")
		again := o.run("", "worker", "drain", first, "--reason", "again")
		require.Equal(t, cli.Conflict, again.Exit)
		require.Contains(t, again.err, "drain.already")

		o.eventually("it has heard", func() bool {
			beat, err := o.server.Redis.HGet(t.Context(), o.server.Keys.Workers(), first).Result()
			return err == nil && strings.Contains(beat, `"draining":true`)
		})
		for range 3 {
			id := ask[httpapi.Process](o, "process", "start", "broken", "--custom-id", "NEXT").ID
			o.eventually("it is done", func() bool { return nap(id).State == "incident" })
			require.Equal(t, second.ID(), nap(id).Worker, "the drained one takes nothing")
		}
		o.eventually("what it had is finished", func() bool { return nap(brief).State == "completed" })
		require.Equal(t, first, nap(brief).Worker)
		o.eventually("what took too long runs elsewhere", func() bool { return nap(slow).Worker == second.ID() })
		require.Equal(t, 1, nap(slow).Attempt, "and has used no attempt")
		<-o.worker.Drained()
		o.worker.Stop()
		o.eventually("it is gone", func() bool { return !strings.Contains(o.do("worker", "list"), first) })
		require.Equal(t, cli.NotFound, o.run("", "worker", "drain", first, "--reason", "gone").Exit)

		for _, wrong := range []string{"worker drain --reason x", "worker drain a --pool b --reason x", "worker drain --pool a --host b --reason x", "worker drain " + second.ID()} {
			require.Equal(t, cli.Usage, o.run("", strings.Fields(wrong)...).Exit, wrong)
		}
		require.Equal(t, cli.NotFound, o.run("", "worker", "drain", "--host", "nowhere", "--reason", "x").Exit)
		require.Equal(t, cli.Conflict, o.run("", "worker", "undrain", second.ID(), "--reason", "not drained").Exit)
		o.do("worker", "drain", second.ID(), "--stay", "--reason", "a look at the disk")
		o.eventually("it has heard", func() bool { return strings.Contains(o.do("worker", "list"), "by anna: a look at the disk") })
		require.Contains(t, o.do("worker", "undrain", "--pool", "default", "--reason", "the disk is well"), "takes tasks again")
		id := ask[httpapi.Process](o, "process", "start", "broken", "--custom-id", "NEXT").ID
		o.eventually("it does", func() bool { return nap(id).State == "incident" })
		drained := ask[list[httpapi.DrainedWorker]](o, "worker", "drain", "--pool", "default", "--within", "10ms", "--reason", "the rest")
		require.Len(t, drained.Items, 1)
		require.Equal(t, "draining", drained.Items[0].Outcome)
	})

	t.Run("each class of error has its exit code", func(t *testing.T) {
		nobody := "00000000-0000-7000-8000-000000000000"
		viewer, stranger := o.as(o.account("vera", auth.Viewer)), o.as("tk_nobody")
		away := *o
		away.url = "http://127.0.0.1:1"
		wrong := *o
		wrong.url = "ftp://x"
		for what, c := range map[string]struct {
			by        *operator
			arguments string
			exit      cli.Exit
			says      string
		}{
			"unknown flag":         {o, "process search --nothing", cli.Usage, "--nothing"},
			"a time that is none":  {o, "process search --started-from soon", cli.Usage, "--started-from"},
			"input that is none":   {o, "process start slow --input {", cli.Usage, "--input"},
			"input that is a list": {o, "process start slow --input []", cli.Usage, "object"},
			"a file that is not":   {o, "process start slow --file a=/nowhere", cli.Usage, "/nowhere"},
			"a state that is none": {o, "process search --state asleep", cli.Usage, "--state"},
			"a server that is no":  {&wrong, "process search", cli.Usage, "--server"},
			"no such process":      {o, "process show " + nobody, cli.NotFound, "process.unknown"},
			"no such customId":     {o, "process tree nobody", cli.NotFound, "process.unknown"},
			"no such definition":   {o, "process start nothing", cli.NotFound, "definition.not_found"},
			"may not":              {viewer, "process start slow", cli.NoAccess, "process.start"},
			"no token":             {stranger, "process search", cli.NoAccess, "token.refused"},
			"nobody there":         {&away, "worker list", cli.Unavailable, "cli.server_away"},
		} {
			r := c.by.run("", strings.Fields(c.arguments)...)
			require.Equal(t, c.exit, r.Exit, "%s: %s", what, r.err)
			require.Contains(t, r.err, c.says, what)
			require.Empty(t, r.out, what)
		}
	})
}

// TestAWaitBearsARestart has a server that is away for a while, as one is that restarts behind a balancer.
func TestAWaitBearsARestart(t *testing.T) {
	const id = "00000000-0000-7000-8000-000000000000"
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"id":"`+id+`","existing":false}`)
			return
		}
		switch n := asked.Add(1); {
		case n == 2:
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"status":503,"code":"engine.stopped","detail":"The server stops.","request_id":"r","issues":[]}`)
		case n < 5:
			panic(http.ErrAbortHandler)
		default:
			_, _ = io.WriteString(w, `{"id":"`+id+`","state":"completed"}`)
		}
	}))
	defer server.Close()
	o := &operator{t: t, url: server.URL}
	r := o.run("", "process", "start", "nap", "--wait", "--timeout", "30s")
	require.Equal(t, cli.OK, r.Exit, r.err)
	require.Contains(t, r.out, "completed")
	require.EqualValues(t, 5, asked.Load())
}

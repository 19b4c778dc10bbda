// Package whole tests the API and the live feed over the real server: PostgreSQL, Redis, engine, designer and a worker.
package whole

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/server/secret"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// whole is the real server over real PostgreSQL and Redis, with a real worker.
type whole struct {
	t               *testing.T
	server          *app.Server
	url             string
	token           string
	session         string // the cookie of the one whom the token belongs to
	database, redis string
	posted          *atomic.Int64 // letters that the worker really posted
}

type checkInput struct {
	File sdk.File `json:"file"`
}

type checkOutput struct {
	Size int `json:"size"`
}

// check reads its file through the server and refuses one that begins with "broken".
func check(ctx context.Context, in checkInput) (checkOutput, error) {
	content, err := sdk.Open(ctx, in.File)
	if err != nil {
		return checkOutput{}, err
	}
	defer func() { _ = content.Close() }()
	body, err := io.ReadAll(content)
	if err != nil {
		return checkOutput{}, err
	}
	if bytes.HasPrefix(body, []byte("broken")) {
		return checkOutput{}, sdk.Business("FILE_BROKEN", "the file is broken")
	}
	return checkOutput{Size: len(body)}, nil
}

type letter struct {
	To string `json:"to"`
}

type receipt struct {
	Number string `json:"number"`
}

// post stands for what can't be taken back.
func (w *whole) post(context.Context, letter) (receipt, error) {
	return receipt{Number: fmt.Sprint(w.posted.Add(1))}, nil
}

const checkGraph = `{
	"schema": 1,
	"nodes": [
		{"id": "start", "kind": "start_event", "title": "Start", "start": {"input_schema": {
			"type": "object", "properties": {"file": {"type": "object", "format": "file"}}, "required": ["file"], "additionalProperties": false}}},
		{"id": "check", "kind": "service_task", "title": "Check", "service": {"type": "test.check@1", "input": {"file": "=input.file"}}},
		{"id": "end", "kind": "end_event", "title": "End", "end": {"kind": "none", "output": {"size": "=tasks.check.size"}}}
	],
	"edges": [{"id": "e1", "from": "start", "to": "check"}, {"id": "e2", "from": "check", "to": "end"}],
	"layout": {}
}`

func start(t *testing.T) *whole {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	redisURL, installation := stacktest.Redis(t)
	database := stacktest.Postgres(t)
	server, err := app.NewServer(t.Context(), app.ServerConfig{
		Mode: "serve", Version: "test", DatabaseURL: database, RedisURL: redisURL, Installation: installation, Listen: "127.0.0.1:0",
		Files: "file://" + t.TempDir(), WorkerToken: "worker-secret", SecretKey: secret.NewKey(), UploadLimit: 1 << 20, Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &whole{t: t, server: server, url: "http://" + server.API.Address(), database: database, redis: redisURL, posted: &atomic.Int64{}}
	account, err := server.Auth.EnsureAccount(t.Context(), "ann", "Ann", []auth.Role{auth.Admin})
	if err != nil {
		t.Fatal(err)
	}
	once, err := server.Auth.OfferSignIn(t.Context(), account.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w.session = w.signIn(once)
	made := w.call(call{method: "POST", path: "/tokens", cookie: w.session, body: `{"name":"test"}`}, http.StatusCreated)
	w.token = field[string](t, made, "token")
	node := sdk.Define("test.check", 1, check, sdk.Title("Check", "Проверить"), sdk.Answers("FILE_BROKEN", "Broken", "Испорчен"))
	host, err := worker.New(worker.Config{Pool: "test", RedisURL: redisURL, Installation: installation, ServerURL: w.url, Token: "worker-secret", Slots: 32, Grace: time.Millisecond, Log: quiet}, node,
		sdk.Define("test.post", 1, w.post, sdk.Title("Post", "Отправить"), sdk.SideEffects()),
		sdk.Define("test.open", 1, unlock, sdk.Title("Open", "Открыть")))
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Stop)
	w.until("the node type is in the catalog", func() bool {
		return strings.Contains(string(w.call(call{path: "/node-types"}, http.StatusOK)), `"test.check@1"`)
	})
	return w
}

func (w *whole) signIn(once string) string {
	w.t.Helper()
	response, err := http.Post(w.url+"/api/v1/session", "application/json", strings.NewReader(`{"token":"`+once+`"}`))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK || len(response.Cookies()) != 1 {
		w.t.Fatalf("signing in answered %d", response.StatusCode)
	}
	return response.Cookies()[0].Value
}

type call struct {
	method, path, body, cookie string
	headers                    map[string]string
	code                       string // expected of a problem
}

func (w *whole) call(c call, status int) []byte {
	w.t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	request, err := http.NewRequest(c.method, w.url+"/api/v1"+c.path, strings.NewReader(c.body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.cookie != "" {
		request.AddCookie(&http.Cookie{Name: httpapi.SessionCookie, Value: c.cookie})
		request.Header.Set("Origin", w.url)
	} else {
		request.Header.Set("Authorization", "Bearer "+w.token)
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if response.StatusCode != status || (c.code != "" && field[string](w.t, raw, "code") != c.code) {
		w.t.Fatalf("%s %s answered %d, want %d %s: %s", c.method, c.path, response.StatusCode, status, c.code, raw)
	}
	return raw
}

func field[T any](t *testing.T, raw []byte, name string) T {
	t.Helper()
	var members map[string]json.RawMessage
	var value T
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	if err := json.Unmarshal(members[name], &value); err != nil {
		t.Fatalf("%s of %s: %v", name, raw, err)
	}
	return value
}

func (w *whole) upload(content string) string {
	w.t.Helper()
	return w.uploadAs("", content)
}

// uploadAs uploads as whoever a cookie belongs to.
func (w *whole) uploadAs(cookie, content string) string {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "application.txt")
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = io.WriteString(part, content)
	_ = form.Close()
	return string(w.call(call{method: "POST", path: "/files", cookie: cookie, body: body.String(), headers: map[string]string{"Content-Type": form.FormDataContentType()}}, http.StatusCreated))
}

func (w *whole) until(what string, done func() bool) {
	w.t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(30 * time.Second); !done(); <-ticker.C {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited too long until %s", what)
		}
	}
}

func (w *whole) publish() {
	w.t.Helper()
	w.publishAs("check", checkGraph)
}

func (w *whole) publishAs(key, document string) {
	w.t.Helper()
	w.call(call{method: "POST", path: "/definitions", body: `{"key":"` + key + `","title":"Check","document":` + document + `}`}, http.StatusCreated)
	draft := w.call(call{path: "/definitions/" + key + "/draft"}, http.StatusOK)
	revision := fmt.Sprintf(`"%d"`, field[int64](w.t, draft, "revision"))
	w.call(call{method: "POST", path: "/definitions/" + key + "/publish", body: `{"note":"first"}`, headers: map[string]string{"If-Match": revision}}, http.StatusCreated)
}

// TestBrokenFileIsMendedAndWatched walks the path that the product is for: publish, start with a file that breaks a check,
// watch it become an incident, retry with another file, watch it end.
func TestBrokenFileIsMendedAndWatched(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish()
	started := w.call(call{method: "POST", path: "/processes", body: `{"definition":"check","custom_id":"A-17","input":{"file":` + w.upload("broken content") + `}}`}, http.StatusCreated)
	id := field[string](t, started, "id")

	conn, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+"/api/v1/live", http.Header{"Authorization": {"Bearer " + w.token}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	watcher := &watcher{t: t, conn: conn, tasks: map[string]httpapi.TaskSummary{}}
	if err := conn.WriteJSON(httpapi.LiveRequest{Type: "subscribe", ID: "s1", Topic: "process", ProcessID: id}); err != nil {
		t.Fatal(err)
	}
	watcher.until("incident")
	var broken httpapi.TaskSummary
	for _, task := range watcher.tasks {
		if task.NodeID == "check" {
			broken = task
		}
	}
	if broken.State != "incident" || broken.Error == nil || broken.Error.Code != "FILE_BROKEN" {
		t.Fatalf("the task is shown as %+v", broken)
	}
	found := w.call(call{path: "/processes?custom_id_prefix=A-1&state=incident&definition=check"}, http.StatusOK)
	if items := field[[]httpapi.ProcessSummary](t, found, "items"); len(items) != 1 || items[0].ID != id || items[0].DefinitionTitle != "Check" {
		t.Errorf("found %s", found)
	}
	w.call(call{method: "POST", path: "/processes/" + id + "/tasks/" + broken.ID + "/retry", body: `{"reason":"a corrected file","input":{"file":` + w.upload("good content") + `}}`}, http.StatusNoContent)
	watcher.until("completed")
	if watcher.process.OpenIncidents != 0 || watcher.process.Counts["completed"] == 0 {
		t.Errorf("at the end the process is shown as %+v", watcher.process)
	}
	process := w.call(call{path: "/processes/" + id}, http.StatusOK)
	if output := string(field[json.RawMessage](t, process, "output")); output != `{"size":12}` && output != `{"size": 12}` {
		t.Errorf("the output is %s", output)
	}
	task := w.call(call{path: "/processes/" + id + "/tasks/" + broken.ID}, http.StatusOK)
	if attempts := field[[]httpapi.Attempt](t, task, "attempts"); len(attempts) != 2 {
		t.Errorf("%d attempts are kept, want 2: %s", len(attempts), task)
	}
	trail := w.call(call{path: "/processes/" + id + "/audit"}, http.StatusOK)
	for _, action := range []string{"process.start", "task.retry"} {
		if !strings.Contains(string(trail), action) {
			t.Errorf("the audit of the process lacks %s: %s", action, trail)
		}
	}
	lines := []string{`taskurotta_attempts_total{outcome="completed",type="test.check@1"} 1`, `taskurotta_attempts_total{outcome="failed",type="test.check@1"} 1`,
		`taskurotta_processes_started_total{definition="check"} 1`, `taskurotta_pool_slots{pool="test"} 32`}
	w.until("metrics have each line once", func() bool {
		metrics := w.scrape()
		return !slices.ContainsFunc(lines, func(line string) bool { return strings.Count(metrics, line+"\n") != 1 })
	})
	w.until("the charts have it", func() bool {
		series := field[[]httpapi.UsageSeries](t, w.call(call{path: "/usage?subject=definition&name=check&hours=1"}, http.StatusOK), "series")
		return len(series) == 1 && slices.Contains(series[0].Metrics["completed"], 1) && slices.Contains(series[0].Metrics["incidents"], 1)
	})
}

// scrape reads what Prometheus would.
func (w *whole) scrape() string {
	w.t.Helper()
	response, err := http.Get(w.url + "/metrics")
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	metrics, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(metrics)
}

// watcher keeps what a page would show.
type watcher struct {
	t       *testing.T
	conn    *websocket.Conn
	seq     int64
	process httpapi.LiveProcessProgress
	tasks   map[string]httpapi.TaskSummary
}

func (w *watcher) until(state string) {
	w.t.Helper()
	if err := w.conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		w.t.Fatal(err)
	}
	for w.process.State != state {
		var message struct {
			Type    string                      `json:"type"`
			Seq     int64                       `json:"seq"`
			Process httpapi.LiveProcessProgress `json:"process"`
			Tasks   []httpapi.TaskSummary       `json:"tasks"`
		}
		if err := w.conn.ReadJSON(&message); err != nil {
			w.t.Fatalf("the process is %q, not %q: %v", w.process.State, state, err)
		}
		switch message.Type {
		case "hello":
			continue
		case "snapshot", "batch":
		default:
			w.t.Fatalf("got %q", message.Type)
		}
		if message.Seq < w.seq {
			w.t.Errorf("sequence %d came after %d", message.Seq, w.seq)
		}
		w.seq, w.process = message.Seq, message.Process
		for _, task := range message.Tasks {
			w.tasks[task.ID] = task
		}
	}
}

func TestBadInputIsRefusedClearly(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish()
	file := w.upload("content")
	draft := w.call(call{path: "/definitions/check/draft"}, http.StatusOK)
	match := map[string]string{"If-Match": fmt.Sprintf(`"%d"`, field[int64](t, draft, "revision"))}
	graph := func(old, replaced string) string { return strings.Replace(checkGraph, old, replaced, 1) }
	for name, test := range map[string]struct {
		send   call
		status int
		issue  string // part of the answer
	}{
		"a graph with an unknown field":               {call{method: "PUT", path: "/definitions/check/draft", headers: match, body: graph(`"schema": 1`, `"schema": 1, "colour": "red"`)}, 422, "/colour"},
		"a graph with a name in other case":           {call{method: "PUT", path: "/definitions/check/draft", headers: match, body: graph(`"schema": 1`, `"Schema": 1`)}, 422, "Schema"},
		"a save over a revision that is not the last": {call{method: "PUT", path: "/definitions/check/draft", headers: map[string]string{"If-Match": `"999"`}, body: checkGraph, code: "draft.conflict"}, 412, `"current_revision"`},
		"a start with input that breaks the schema":   {call{method: "POST", path: "/processes", body: `{"definition":"check","input":{}}`}, 422, "file"},
		"a start of what is not there":                {call{method: "POST", path: "/processes", body: `{"definition":"nothing","input":{}}`}, 404, ""},
		"a file that nobody uploaded":                 {call{method: "POST", path: "/processes", body: `{"definition":"check","input":{"file":{"$file":"sha256:` + strings.Repeat("0", 64) + `","name":"x","size":1,"media_type":"text/plain"}}}`}, 403, ""},
		"10 MB of JSON":                               {call{method: "POST", path: "/processes", body: `{"definition":"check","input":{"a":"` + strings.Repeat("x", 10<<20) + `"}}`, code: "request.too_large"}, 413, ""},
		"a process that is not there":                 {call{path: "/processes/01926d5e-7b1a-7000-8000-000000000001"}, 404, ""},
		"an operation on a process that is not there": {call{method: "POST", path: "/processes/01926d5e-7b1a-7000-8000-000000000001/cancel", body: `{"reason":"x"}`}, 404, ""},
		"a worker's route with a person's token":      {call{path: "/work/inputs/a.1.1", code: "access.denied"}, 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			here := *w
			here.t = t
			if got := string(here.call(test.send, test.status)); !strings.Contains(got, test.issue) {
				t.Errorf("the refusal does not tell %s: %s", test.issue, got)
			}
		})
	}
	for name, change := range map[string][2]string{
		"a node id twice":      {`"id": "end", "kind"`, `"id": "check", "kind"`},
		"an unknown node type": {`test.check@1`, `test.gone@7`},
	} {
		t.Run(name+" at publish", func(t *testing.T) {
			here := *w
			here.t = t
			draft := here.call(call{path: "/definitions/check/draft"}, http.StatusOK)
			match := map[string]string{"If-Match": fmt.Sprintf(`"%d"`, field[int64](t, draft, "revision"))}
			saved := here.call(call{method: "PUT", path: "/definitions/check/draft", headers: match, body: graph(change[0], change[1])}, http.StatusOK)
			match = map[string]string{"If-Match": fmt.Sprintf(`"%d"`, field[int64](t, saved, "revision"))}
			refused := here.call(call{method: "POST", path: "/definitions/check/publish", headers: match, body: `{"note":""}`}, http.StatusUnprocessableEntity)
			if issues := field[[]httpapi.Issue](t, refused, "issues"); len(issues) == 0 {
				t.Errorf("the refusal has no issues: %s", refused)
			}
		})
	}
	for name, value := range map[string]string{
		"loops without end":     `"=let a = 1..100000; sum(map(a, count(a, true)))"`,
		"allocates without end": `"=reduce(1..40, #acc + #acc, \"xxxxxxxxxxxxxxxx\")"`,
	} {
		t.Run("an expression that "+name, func(t *testing.T) {
			here := *w
			here.t = t
			got := here.call(call{method: "POST", path: "/expressions/preview", body: `{"value":` + value + `,"context":{}}`}, http.StatusOK)
			if failed := field[httpapi.ExpressionError](t, got, "error"); failed.Code == "" {
				t.Errorf("it was computed: %.300s", got)
			}
		})
	}
	t.Run("a decision table is asked before there is a process", func(t *testing.T) {
		here := *w
		here.t = t
		table := `{"hit":"unique","inputs":["=input.amount"],"outputs":["days"],"rules":[{"when":["> 10"],"then":[5]},{"when":["> 100"],"then":["=input.days"]}]}`
		ask := func(inputs string) httpapi.TriedDecision {
			got := here.call(call{method: "POST", path: "/expressions/decision", body: `{"decision":` + table + `,"inputs":` + inputs + `,"context":{"input":{"days":9,"amount":11}}}`}, http.StatusOK)
			var tried httpapi.TriedDecision
			if err := json.Unmarshal(got, &tried); err != nil {
				t.Fatal(err)
			}
			return tried
		}
		if one := ask(`[]`); string(one.Output) != `{"days":5}` || len(one.Hits) != 1 {
			t.Errorf("the input's own expression gave %+v", one)
		}
		if both := ask(`[500]`); len(both.Hits) != 2 || both.Error == "" {
			t.Errorf("two rules where one may hold gave %+v", both)
		}
		here.call(call{method: "POST", path: "/expressions/decision", body: `{"decision":{"rules":5},"inputs":[],"context":{}}`}, http.StatusUnprocessableEntity)
	})
	body := `{"definition":"check","input":{"file":` + file + `}}`
	key := map[string]string{"Idempotency-Key": "key-0001"}
	first := w.call(call{method: "POST", path: "/processes", headers: key, body: body}, http.StatusCreated)
	again := w.call(call{method: "POST", path: "/processes", headers: key, body: body}, http.StatusOK)
	if field[string](t, first, "id") != field[string](t, again, "id") || !field[bool](t, again, "existing") {
		t.Errorf("started %s, then %s", first, again)
	}
	w.call(call{method: "POST", path: "/processes", headers: key, body: strings.Replace(body, "{", `{"custom_id":"other",`, 1)}, http.StatusConflict)
}

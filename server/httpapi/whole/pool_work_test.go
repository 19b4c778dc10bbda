package whole

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/app"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

const greetGraph = `{
	"schema": 1,
	"nodes": [
		{"id": "start", "kind": "start_event", "title": "Start", "start": {"input_schema": {"type": "object", "properties": {"name": {"type": "string"}}}}},
		{"id": "greet", "kind": "service_task", "title": "Greet", "service": {"type": "py.greet@1", "input": {"name": "=input.name"},
			"retry": {"max_attempts": 2, "backoff": "fixed", "initial_ms": 100}}},
		{"id": "end", "kind": "end_event", "title": "End", "end": {"kind": "none", "output": {"text": "=tasks.greet.text"}}}
	],
	"edges": [{"id": "e1", "from": "start", "to": "greet"}, {"id": "e2", "from": "greet", "to": "end"}],
	"layout": {}
}`

const greetType = `{"name":"py.greet","major":1,"title":{"en":"Greet","ru":"Приветствие"},"category":{"en":"Words","ru":"Слова"},"icon":"hand-stop",
	"input_schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]},
	"output_schema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}}`

// poller is a worker that speaks HTTP, by hand.
type poller struct {
	*whole
	token, pool, name string
	url               string
}

func (p *poller) post(what, body string, status int, code string) []byte {
	p.t.Helper()
	at := *p.whole
	at.url = p.url
	body = `{"worker":"` + p.name + `",` + strings.TrimPrefix(body, "{")
	return at.call(call{method: "POST", path: "/work/" + p.pool + "/" + what, body: strings.Replace(body, ",}", "}", 1), code: code,
		headers: map[string]string{"Authorization": "Bearer " + p.token}}, status)
}

func (p *poller) announce() {
	p.t.Helper()
	raw := p.post("announce", `{"slots":2,"types":[`+greetType+`]}`, http.StatusOK, "")
	if accepted := field[[]string](p.t, raw, "accepted"); !slices.Equal(accepted, []string{"py.greet@1"}) {
		p.t.Fatalf("announced: %s", raw)
	}
}

// take waits for one task.
func (p *poller) take() httpapi.WorkTask {
	p.t.Helper()
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); {
		if tasks := field[[]httpapi.WorkTask](p.t, p.post("take", `{"wait_s":5}`, http.StatusOK, ""), "tasks"); len(tasks) == 1 {
			return tasks[0]
		}
	}
	p.t.Fatal("no task came")
	return httpapi.WorkTask{}
}

func (w *whole) poller(name string) *poller {
	w.t.Helper()
	made := w.call(call{method: "POST", path: "/tokens", cookie: w.session, body: `{"name":"` + name + `","roles":["worker"],"pools":["words"]}`}, http.StatusCreated)
	p := &poller{whole: w, token: field[string](w.t, made, "token"), pool: "words", name: name, url: w.url}
	p.announce()
	return p
}

func (w *whole) greet(name string) string {
	w.t.Helper()
	return field[string](w.t, w.call(call{method: "POST", path: "/processes", body: `{"definition":"greet","input":{"name":"` + name + `"}}`}, http.StatusCreated), "id")
}

func (w *whole) ends(process, state string) []byte {
	w.t.Helper()
	var raw []byte
	w.until("the process is "+state, func() bool {
		raw = w.call(call{path: "/processes/" + process}, http.StatusOK)
		return field[string](w.t, raw, "state") == state
	})
	return raw
}

// second is another server of the same installation.
func (w *whole) second() string {
	w.t.Helper()
	server, err := app.NewServer(w.t.Context(), app.ServerConfig{
		Mode: "serve", Version: "test", DatabaseURL: w.database, RedisURL: w.redis, Installation: w.server.Keys.ID, Listen: "127.0.0.1:0",
		Files: "file://" + w.t.TempDir(), WorkerToken: "worker-secret", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(server.Stop)
	if err := server.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return "http://" + server.API.Address()
}

// TestWorkersSpeakHTTP follows tasks of a worker that polls: done, failed, given back, cancelled; on two servers.
func TestWorkersSpeakHTTP(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := w.poller("one")
	if types := string(w.call(call{path: "/node-types"}, http.StatusOK)); !strings.Contains(types, `"py.greet@1"`) {
		t.Fatalf("the palette has %s", types)
	}
	w.publishAs("greet", greetGraph)

	// Taken at one server, reported at the other, which says what counts.
	other := *p
	other.url = w.second()
	id := w.greet("Ann")
	task := p.take()
	if task.Type != "py.greet@1" || string(task.Input) != `{"name":"Ann"}` || task.ProcessID != id || task.Attempt != 1 || task.NodeID != "greet" || task.IdempotencyKey == "" {
		t.Errorf("the task is %+v", task)
	}
	other.post("complete", `{"lease":"`+task.Lease+`","output":{"word":"x"}}`, http.StatusUnprocessableEntity, "work.output_invalid")
	if gone := field[[]string](t, other.post("heartbeat", `{"tasks":[{"lease":"`+task.Lease+`","percent":40,"text":"thinking","log":"a line\n"}]}`, http.StatusOK, ""), "gone"); len(gone) != 0 {
		t.Errorf("gone is %v", gone)
	}
	w.until("the progress is seen", func() bool {
		return strings.Contains(string(w.call(call{path: "/processes/" + id + "/tasks/" + task.TaskID}, http.StatusOK)), "thinking")
	})
	for range 2 { // the answer to the first was lost
		other.post("complete", `{"lease":"`+task.Lease+`","output":{"text":"hello Ann"},"log":"a line\n"}`, http.StatusNoContent, "")
	}
	if output := field[map[string]string](t, w.ends(id, "completed"), "output"); output["text"] != "hello Ann" {
		t.Errorf("the output is %v", output)
	}

	// Failures follow the node's policy; a business error is one at once; given back uses no attempt.
	id = w.greet("Bob")
	task = p.take()
	p.post("release", `{"lease":"`+task.Lease+`"}`, http.StatusNoContent, "")
	task = p.take()
	if task.Attempt != 1 {
		t.Errorf("given back, it is attempt %d", task.Attempt)
	}
	p.post("fail", `{"lease":"`+task.Lease+`","error":{"class":"retryable","message":"the line is busy"}}`, http.StatusNoContent, "")
	if task = p.take(); task.Attempt != 2 {
		t.Errorf("after a failure it is attempt %d", task.Attempt)
	}
	p.post("fail", `{"lease":"`+task.Lease+`","error":{"class":"business","code":"RUDE","message":"no"}}`, http.StatusNoContent, "")
	if raw := w.ends(id, "incident"); !strings.Contains(string(raw), id) {
		t.Errorf("%s", raw)
	}

	// A step that may plan is answered with tasks, which come to the same worker.
	w.publishAs("plan", strings.Replace(greetGraph, `"type": "py.greet@1"`, `"type": "py.greet@1", "plan": true`, 1))
	id = field[string](t, w.call(call{method: "POST", path: "/processes", body: `{"definition":"plan","input":{"name":"all"}}`}, http.StatusCreated), "id")
	task = p.take()
	p.post("complete", `{"lease":"`+task.Lease+`","output":{"text":"x"},"plan":{"tasks":[]}}`, http.StatusUnprocessableEntity, "work.plan_and_output")
	for range 2 {
		p.post("complete", `{"lease":"`+task.Lease+`","plan":{"tasks":[{"name":"one","type":"py.greet@1","input":{"name":"Dan"}},
			{"name":"two","type":"py.greet@1","input":{"name":"{{tasks.one.text}} and Eve"}}],"result":"two"}}`, http.StatusNoContent, "")
	}
	for _, want := range []string{`{"name":"Dan"}`, `{"name":"hello Dan and Eve"}`} {
		if task = p.take(); string(task.Input) != want {
			t.Errorf("a task of the plan is given %s instead of %s", task.Input, want)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(want, `{"name":"`), `"}`)
		p.post("complete", `{"lease":"`+task.Lease+`","output":{"text":"hello `+name+`"}}`, http.StatusNoContent, "")
	}
	if output := field[map[string]string](t, w.ends(id, "completed"), "output"); output["text"] != "hello hello Dan and Eve" {
		t.Errorf("the plan gave %v", output)
	}

	// A cancelled task is told with the next word, and its late result is refused.
	id = w.greet("Cid")
	task = p.take()
	w.call(call{method: "POST", path: "/processes/" + id + "/cancel", body: `{"reason":"not wanted"}`}, http.StatusNoContent)
	w.until("the worker is told", func() bool {
		return slices.Equal(field[[]string](t, p.post("heartbeat", `{"tasks":[{"lease":"`+task.Lease+`"}]}`, http.StatusOK, ""), "gone"), []string{task.Lease})
	})
	p.post("complete", `{"lease":"`+task.Lease+`","output":{"text":"late"}}`, http.StatusConflict, "work.lease_lost")
	p.post("release", `{"lease":"`+task.Lease+`"}`, http.StatusConflict, "work.lease_lost")

	// What must not be.
	for name, c := range map[string]struct {
		what, body, code string
		status           int
	}{
		"no types":                {"announce", `{"types":[]}`, "", http.StatusUnprocessableEntity},
		"a type twice":            {"announce", `{"types":[` + greetType + `,` + greetType + `]}`, "work.type_twice", http.StatusUnprocessableEntity},
		"a broken lease":          {"complete", `{"lease":"x","output":{}}`, "work.lease_invalid", http.StatusUnprocessableEntity},
		"no lease":                {"complete", `{"output":{}}`, "", http.StatusUnprocessableEntity},
		"a list as output":        {"complete", `{"lease":"x","output":[]}`, "", http.StatusUnprocessableEntity},
		"an error without a code": {"fail", `{"lease":"x","error":{"class":"business","message":"no"}}`, "work.code_required", http.StatusUnprocessableEntity},
		"an unknown class":        {"fail", `{"lease":"x","error":{"class":"odd","message":"no"}}`, "", http.StatusUnprocessableEntity},
		"too long a wait":         {"take", `{"wait_s":31}`, "", http.StatusUnprocessableEntity},
		"another member":          {"take", `{"wait":1}`, "", http.StatusUnprocessableEntity},
	} {
		t.Log(name)
		p.post(c.what, c.body, c.status, c.code)
	}
	nobody := *p
	nobody.name = "nobody"
	nobody.post("take", `{"wait_s":0}`, http.StatusConflict, "work.unknown_worker")
	foreign := *p
	foreign.pool = "default"
	foreign.post("take", `{"wait_s":0}`, http.StatusForbidden, "work.pool")
	viewer := *p
	viewer.token = w.token
	viewer.post("take", `{"wait_s":0}`, http.StatusForbidden, "access.denied")
	w.call(call{method: "POST", path: "/tokens", cookie: w.session, body: `{"name":"x","roles":["admin"],"pools":["words"]}`, code: "token.pools"}, http.StatusUnprocessableEntity)
	w.call(call{path: "/work/files/" + strings.Repeat("0", 64) + "?process=" + id, code: "work.pool", headers: map[string]string{"Authorization": "Bearer " + p.token}}, http.StatusForbidden)

	// An operator drains it: it hears so in every answer, and gets nothing; what it has counts. Once it has left, its name is free.
	id = w.greet("Dan")
	task = p.take()
	drain := `{"worker":"http:words:` + p.name + `","reason":"a new release"}`
	w.call(call{method: "POST", path: "/workers/drain", body: drain}, http.StatusOK)
	w.call(call{method: "POST", path: "/workers/drain", body: drain, code: "drain.already"}, http.StatusConflict)
	w.call(call{method: "POST", path: "/workers/drain", body: `{"worker":"nobody","reason":"x"}`, code: "drain.unknown_worker"}, http.StatusNotFound)
	if audit := string(w.call(call{path: "/audit"}, http.StatusOK)); !strings.Contains(audit, `"worker.drain"`) || !strings.Contains(audit, "a new release") {
		t.Errorf("the audit has %s", audit)
	}
	waiting := w.greet("Eve")
	for _, at := range []*poller{p, &other} {
		w.until("it hears it from either server", func() bool {
			return field[bool](t, at.post("heartbeat", `{"tasks":[]}`, http.StatusOK, ""), "draining")
		})
		raw := at.post("take", `{"wait_s":20}`, http.StatusOK, "") // ends after a second
		if !field[bool](t, raw, "draining") || len(field[[]httpapi.WorkTask](t, raw, "tasks")) != 0 {
			t.Errorf("the drained worker is told %s", raw)
		}
	}
	if raw := p.post("announce", `{"types":[`+greetType+`]}`, http.StatusOK, ""); !field[bool](t, raw, "draining") {
		t.Errorf("announced again, it is told %s", raw)
	}
	other.post("complete", `{"lease":"`+task.Lease+`","output":{"text":"hello Dan"}}`, http.StatusNoContent, "")
	w.ends(id, "completed")
	p.post("leave", `{}`, http.StatusNoContent, "")
	p.announce()
	if task = p.take(); task.ProcessID != waiting {
		t.Errorf("in its next life it takes %+v", task)
	}
	p.post("complete", `{"lease":"`+task.Lease+`","output":{"text":"hello Eve"}}`, http.StatusNoContent, "")
	w.ends(waiting, "completed")

	// A type that is another in the catalog is refused, with the reason.
	changed := strings.Replace(greetType, `"required":["text"]`, `"required":[]`, 1)
	changed = strings.Replace(changed, `"properties":{"text":{"type":"string"}}`, `"properties":{"text":{"type":"integer"}}`, 1)
	rival := *p
	rival.name = "rival"
	raw := rival.post("announce", `{"types":[`+changed+`]}`, http.StatusOK, "")
	if refused := field[[]httpapi.RefusedType](t, raw, "refused"); len(refused) != 1 || refused[0].Type != "py.greet@1" || refused[0].Reason == "" {
		t.Errorf("the rival is told %s", raw)
	}
	rival.post("take", `{"wait_s":0}`, http.StatusConflict, "work.refused")
}

// TestASilentWorkersTaskRunsElsewhere: a worker that is killed, and one that goes on but forgets a task, both lose it within 15 s.
func TestASilentWorkersTaskRunsElsewhere(t *testing.T) {
	t.Parallel()
	for name, forgets := range map[string]bool{"killed": false, "forgets": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			first, second := w.poller("first"), w.poller("second")
			w.publishAs("greet", greetGraph)
			id := w.greet("Ann")
			lost := first.take()
			taken, stop := time.Now(), make(chan struct{})
			done := make(chan struct{})
			go func() {
				defer close(done)
				tick := time.NewTicker(time.Second)
				defer tick.Stop()
				for forgets {
					first.post("heartbeat", `{"tasks":[]}`, http.StatusOK, "")
					select {
					case <-stop:
						return
					case <-tick.C:
					}
				}
			}()
			task := second.take()
			close(stop)
			<-done
			if within := time.Since(taken); within > 15*time.Second {
				t.Errorf("it ran elsewhere after %s", within)
			}
			if task.TaskID != lost.TaskID || task.Attempt != 1 || task.Lease == lost.Lease {
				t.Errorf("the second has %+v, the first had %+v", task, lost)
			}
			first.announce()
			first.post("complete", `{"lease":"`+lost.Lease+`","output":{"text":"late"}}`, http.StatusConflict, "work.lease_lost")
			second.post("complete", `{"lease":"`+task.Lease+`","output":{"text":"in time"}}`, http.StatusNoContent, "")
			if output := field[map[string]string](t, w.ends(id, "completed"), "output"); output["text"] != "in time" {
				t.Errorf("the output is %v", output)
			}
		})
	}
}

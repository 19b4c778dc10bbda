package whole

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

const letterGraph = `{
	"schema": 1,
	"nodes": [
		{"id": "start", "kind": "start_event", "title": "Start", "start": {"input_schema": {
			"type": "object", "properties": {"names": {"type": "array", "items": {"type": "string"}}}, "required": ["names"], "additionalProperties": false}}},
		{"id": "count", "kind": "script_task", "title": "Count", "script": {"output": {"n": "=len(input.names)"}}},
		{"id": "post", "kind": "service_task", "title": "Post", "multi": {"items": "=input.names", "collect": "=result.number"},
			"service": {"type": "test.post@1", "input": {"to": "{{item}} ({{index + 1}} of {{tasks.count.n}})"}}},
		{"id": "end", "kind": "end_event", "title": "End", "end": {"kind": "none", "output": {"numbers": "=tasks.post.values", "n": "=tasks.count.n"}}}
	],
	"edges": [{"id": "e1", "from": "start", "to": "count"}, {"id": "e2", "from": "count", "to": "post"}, {"id": "e3", "from": "post", "to": "end"}],
	"layout": {}
}`

// try runs a test to its end and returns its process.
func (w *whole) try(body string) (id string, process []byte) {
	w.t.Helper()
	started := w.call(call{method: "POST", path: "/definitions/letters/tests", body: body}, http.StatusCreated)
	id = field[string](w.t, started, "id")
	w.until("the test has ended", func() bool {
		process = w.call(call{path: "/processes/" + id}, http.StatusOK)
		return field[string](w.t, process, "state") == "completed"
	})
	return id, process
}

func (w *whole) output(process []byte) string {
	w.t.Helper()
	output, err := json.Marshal(field[map[string]any](w.t, process, "output"))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(output)
}

func TestADraftIsTriedBeforeItIsPublished(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.call(call{method: "POST", path: "/definitions", body: `{"key":"letters","title":"Letters","document":` + letterGraph + `}`}, http.StatusCreated)

	id, process := w.try(`{"input":{"names":["A","B"]}}`)
	if got := w.output(process); got != `{"n":2,"numbers":["text","text"]}` || w.posted.Load() != 0 {
		t.Errorf("a test gave %s and posted %d letters", got, w.posted.Load())
	}
	if version := field[int](t, process, "version"); version != -1 || !field[bool](t, process, "test") {
		t.Errorf("the test runs version %d", version)
	}
	detail := w.call(call{path: "/definitions/letters/versions/-1"}, http.StatusOK)
	if mocks := field[map[string]httpapi.Mock](t, detail, "mocks"); string(mocks["post"].Answer) != `{"number":"text"}` {
		t.Errorf("the test's version tells of the mocks %v", mocks)
	}
	for query, want := range map[string]int{"": 0, "&tests=any": 1, "&tests=only": 1} {
		found := w.call(call{path: "/processes?definition=letters" + query}, http.StatusOK)
		if items := field[[]httpapi.ProcessSummary](t, found, "items"); len(items) != want {
			t.Errorf("a search with %q finds %s", query, found)
		}
	}
	listed := w.call(call{path: "/definitions/letters"}, http.StatusOK)
	if field[int](t, listed, "latest") != 0 {
		t.Errorf("a test published something: %s", listed)
	}
	tasks := w.call(call{path: "/processes/" + id + "/tasks"}, http.StatusOK)
	for _, task := range field[[]httpapi.TaskSummary](t, tasks, "items") {
		if task.NodeID == "post" && task.State != "completed" {
			t.Errorf("a mocked step is %s", task.State)
		}
	}

	_, process = w.try(`{"input":{"names":["A"]},"side_effects":true}`)
	if got := w.output(process); got != `{"n":1,"numbers":["1"]}` || w.posted.Load() != 1 {
		t.Errorf("with effects a test gave %s and posted %d letters", got, w.posted.Load())
	}

	w.call(call{method: "PUT", path: "/definitions/letters/pins/post", body: `{"output":{"values":["pinned"]}}`}, http.StatusNoContent)
	_, process = w.try(`{"input":{"names":["A"]},"side_effects":true}`)
	if got := w.output(process); got != `{"n":1,"numbers":["pinned"]}` {
		t.Errorf("with a pin a test gave %s", got)
	}
	_, process = w.try(`{"input":{"names":["A"]},"real":["post"],"mocks":{"count":{"output":{"n":9}}}}`)
	if got := w.output(process); got != `{"n":9,"numbers":["2"]}` {
		t.Errorf("without the pin a test gave %s", got)
	}
	w.call(call{method: "DELETE", path: "/definitions/letters/pins/post"}, http.StatusNoContent)
	if pins := w.call(call{path: "/definitions/letters/pins"}, http.StatusOK); len(field[[]httpapi.Pin](t, pins, "items")) != 0 {
		t.Errorf("the pin stayed: %s", pins)
	}
}

func TestAStepIsTriedAlone(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.call(call{method: "POST", path: "/definitions", body: `{"key":"letters","title":"Letters","document":` + letterGraph + `}`}, http.StatusCreated)
	id, _ := w.try(`{"side_effects":true,"input":{"names":["A","B"]},"step":{"node":"post","outputs":{"count":{"n":7}}}}`)
	tasks := field[[]httpapi.TaskSummary](t, w.call(call{path: "/processes/" + id + "/tasks?limit=50"}, http.StatusOK), "items")
	var asked []string
	for _, task := range tasks {
		if detail := w.call(call{path: "/processes/" + id + "/tasks/" + task.ID}, http.StatusOK); task.NodeID == "post" && task.ScopeID != id {
			asked = append(asked, field[map[string]string](t, detail, "input")["to"])
		}
	}
	slices.Sort(asked)
	if got := strings.Join(asked, ", "); got != "A (1 of 7), B (2 of 7)" || w.posted.Load() != 2 {
		t.Errorf("it was asked for %q, %d letters were posted", got, w.posted.Load())
	}
}

func TestATestIsRefusedClearly(t *testing.T) {
	t.Parallel()
	w := start(t)
	broken := strings.Replace(letterGraph, "test.post@1", "test.gone@1", 1)
	w.call(call{method: "POST", path: "/definitions", body: `{"key":"letters","title":"Letters","document":` + letterGraph + `}`}, http.StatusCreated)
	w.call(call{method: "POST", path: "/definitions", body: `{"key":"broken","title":"Broken","document":` + broken + `}`}, http.StatusCreated)
	const tests = "/definitions/letters/tests"
	for name, c := range map[string]struct {
		send   call
		status int
	}{
		"a draft with errors":            {call{path: "/definitions/broken/tests", body: `{"input":{"names":[]}}`, code: "test.invalid"}, 422},
		"another revision":               {call{path: tests, body: `{"revision":9,"input":{"names":[]}}`, code: "draft.conflict"}, 412},
		"input that breaks the schema":   {call{path: tests, body: `{"input":{}}`}, 422},
		"a mock of no step":              {call{path: tests, body: `{"input":{"names":[]},"mocks":{"gone":{"output":{}}}}`, code: "test.mock"}, 422},
		"a mock that is no object":       {call{path: tests, body: `{"input":{"names":[]},"mocks":{"post":{"answer":[1]}}}`, code: "test.mock"}, 422},
		"a worker's answer to a script":  {call{path: tests, body: `{"input":{"names":[]},"mocks":{"count":{"answer":{}}}}`, code: "test.mock"}, 422},
		"a mock with nothing":            {call{path: tests, body: `{"input":{"names":[]},"mocks":{"post":{}}}`, code: "test.mock"}, 422},
		"a gateway that is tried alone":  {call{path: tests, body: `{"step":{"node":"end"}}`, code: "test.no_step"}, 422},
		"a pin with two members":         {call{method: "PUT", path: "/definitions/letters/pins/post", body: `{"output":{},"answer":{}}`, code: "test.mock"}, 422},
		"a test of what is not there":    {call{path: "/definitions/nothing/tests", body: `{}`}, 404},
		"a version that no test has run": {call{method: "GET", path: "/definitions/letters/versions/-7", code: "version.not_found"}, 404},
	} {
		t.Run(name, func(t *testing.T) {
			here := *w
			here.t = t
			if c.send.method == "" {
				c.send.method = "POST"
			}
			here.call(c.send, c.status)
		})
	}
}

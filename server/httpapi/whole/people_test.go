package whole

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// returnGraph asks a clerk about a file; a returned one waits for a message with the corrected file, at most ten days.
const returnGraph = `{
	"schema": 1,
	"nodes": [
		{"id": "start", "kind": "start_event", "title": "Start", "start": {"input_schema": {
			"type": "object", "properties": {"file": {"type": "object", "format": "file"}}, "required": ["file"], "additionalProperties": false}}},
		{"id": "review", "kind": "user_task", "title": "Review", "doc": "Is the seal whole?", "user": {"groups": ["clerks"], "input": {"file": "=tasks.corrected?.file ?? input.file"},
			"form": {"type": "object", "properties": {"good": {"type": "boolean"}, "scan": {"type": "object", "format": "file"}}, "required": ["good"], "additionalProperties": false}}},
		{"id": "good", "kind": "exclusive_gateway", "title": ""},
		{"id": "first", "kind": "event_gateway", "title": ""},
		{"id": "corrected", "kind": "message_event", "title": "Corrected", "message": {"name": "corrected", "key": "={{KEY}}"}},
		{"id": "late", "kind": "timer_event", "title": "Late", "timer": {"kind": "duration", "value": "P10D"}},
		{"id": "end", "kind": "end_event", "title": "End", "end": {"kind": "none"}}
	],
	"edges": [{"id": "e1", "from": "start", "to": "review"}, {"id": "e2", "from": "review", "to": "good"},
		{"id": "e3", "from": "good", "to": "end", "condition": "=tasks.review.good"}, {"id": "e4", "from": "good", "to": "first", "default": true},
		{"id": "e5", "from": "first", "to": "corrected"}, {"id": "e6", "from": "first", "to": "late"},
		{"id": "e7", "from": "corrected", "to": "review"}, {"id": "e8", "from": "late", "to": "end"}],
	"layout": {}
}`

// person makes an account and signs it in.
func (w *whole) person(login string, role auth.Role, groups ...string) string {
	w.t.Helper()
	account, err := w.server.Auth.CreateAccount(w.t.Context(), auth.NewAccount{Login: login, Roles: []auth.Role{role}, Groups: groups})
	if err != nil {
		w.t.Fatal(err)
	}
	once, err := w.server.Auth.OfferSignIn(w.t.Context(), account.ID, time.Hour)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.signIn(once)
}

func (w *whole) inbox(cookie string) []httpapi.UserTaskSummary {
	w.t.Helper()
	return field[[]httpapi.UserTaskSummary](w.t, w.call(call{path: "/user-tasks", cookie: cookie}, http.StatusOK), "items")
}

// waits returns why the process's open task of a node does not move.
func (w *whole) waits(process, node string) string {
	w.t.Helper()
	tasks := field[[]httpapi.TaskSummary](w.t, w.call(call{path: "/processes/" + process + "/tasks"}, http.StatusOK), "items")
	for i := len(tasks) - 1; i >= 0; i-- {
		if tasks[i].NodeID == node && tasks[i].Why != nil {
			return tasks[i].Why.Code + ": " + tasks[i].Why.TextEN
		}
	}
	return ""
}

func digest(file string) string {
	return file[strings.Index(file, "sha256:")+len("sha256:"):][:64]
}

// TestAClerkReturnsAPackage walks through an inbox: who sees a task, claims it, sees its file, answers; a message brings the corrected
// file, which the next task shows.
func TestAClerkReturnsAPackage(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publishAs("return", strings.Replace(returnGraph, "={{KEY}}", "=process.custom_id", 1))
	clerk, other, outsider := w.person("clerk", auth.Participant, "clerks"), w.person("other", auth.Participant, "clerks"), w.person("outsider", auth.Participant, "heads")
	file := w.upload("a broken seal")
	id := field[string](t, w.call(call{method: "POST", path: "/processes", body: `{"definition":"return","custom_id":"A-17","input":{"file":` + file + `}}`}, http.StatusCreated), "id")
	w.until("the task is offered", func() bool { return len(w.inbox(clerk)) == 1 })
	if len(w.inbox(other)) != 1 || len(w.inbox(outsider)) != 0 {
		t.Fatal("a task is offered to its groups, and to nobody else")
	}
	if why := w.waits(id, "review"); why != "waiting_groups: waits for somebody of clerks" {
		t.Errorf("the task waits because %q", why)
	}
	task := w.inbox(clerk)[0]
	if task.Title != "Review" || task.Doc != "Is the seal whole?" || task.CustomID != "A-17" || task.DefinitionTitle != "Check" {
		t.Errorf("the inbox shows %+v", task)
	}
	at := "/user-tasks/" + id + "/" + task.TaskID
	w.call(call{path: at, cookie: outsider, code: "usertask.not_yours"}, http.StatusForbidden)
	w.call(call{path: "/processes/" + id, cookie: clerk, code: "access.denied"}, http.StatusForbidden)
	if shown := string(w.call(call{path: at, cookie: clerk}, http.StatusOK)); !strings.Contains(shown, digest(file)) || !strings.Contains(shown, `"scan"`) {
		t.Errorf("the task shows neither its file nor its form: %s", shown)
	}
	if got := w.call(call{path: at + "/files/" + digest(file), cookie: clerk}, http.StatusOK); string(got) != "a broken seal" {
		t.Errorf("the clerk reads %q", got)
	}
	secret := w.upload("not of this task")
	w.call(call{path: at + "/files/" + digest(secret), cookie: clerk, code: "file.not_found"}, http.StatusNotFound)
	w.call(call{path: "/files/" + digest(file) + "?process=" + id, cookie: clerk, code: "access.denied"}, http.StatusForbidden)
	w.call(call{path: at + "/files/" + digest(file), cookie: outsider, code: "usertask.not_yours"}, http.StatusForbidden)

	w.call(call{method: "POST", path: at + "/claim", cookie: clerk}, http.StatusNoContent)
	if len(w.inbox(other)) != 0 {
		t.Error("a claimed task is still offered")
	}
	if why := w.waits(id, "review"); why != "waiting_claimed: clerk does it" {
		t.Errorf("the task waits because %q", why)
	}
	w.call(call{method: "POST", path: at + "/claim", cookie: other, code: "usertask.claimed"}, http.StatusConflict)
	w.call(call{method: "POST", path: at + "/complete", cookie: other, body: `{"output":{"good":true}}`, code: "usertask.claimed"}, http.StatusConflict)
	refused := w.call(call{method: "POST", path: at + "/complete", cookie: clerk, body: `{"output":{"good":"perhaps"}}`, code: "usertask.answer_invalid"}, http.StatusUnprocessableEntity)
	if issues := field[[]httpapi.Issue](t, refused, "issues"); len(issues) != 1 || issues[0].Path != "/output/good" {
		t.Errorf("the refusal is %s", refused)
	}
	w.call(call{method: "POST", path: at + "/complete", cookie: clerk, body: `{"output":{"good":false,"scan":` + secret + `}}`, code: "file.not_yours"}, http.StatusForbidden)
	scan := w.uploadAs(clerk, "a photo of the seal")
	w.call(call{path: "/files/" + digest(scan), cookie: clerk}, http.StatusOK)
	w.call(call{method: "POST", path: at + "/complete", cookie: clerk, body: `{"output":{"good":false,"scan":` + scan + `}}`}, http.StatusNoContent)
	if len(w.inbox(clerk)) != 0 {
		t.Error("a completed task is still there")
	}
	w.call(call{method: "POST", path: at + "/complete", cookie: clerk, body: `{"output":{"good":true}}`, code: "usertask.unknown"}, http.StatusNotFound)

	w.until("it waits for the corrected file", func() bool {
		return strings.HasPrefix(w.waits(id, "first"), "waiting_first: waits for the message corrected (A-17), until ")
	})
	corrected := w.upload("a whole seal")
	body := `{"name":"corrected","key":"A-17","id":"mail-1","payload":{"file":` + corrected + `}}`
	w.call(call{method: "POST", path: "/messages", cookie: clerk, body: body, code: "access.denied"}, http.StatusForbidden)
	sent := w.call(call{method: "POST", path: "/messages", body: body}, http.StatusCreated)
	if field[string](t, sent, "process_id") != id {
		t.Errorf("the message went elsewhere: %s", sent)
	}
	if again := w.call(call{method: "POST", path: "/messages", body: body}, http.StatusOK); !field[bool](t, again, "existing") {
		t.Errorf("a message that is known was taken twice: %s", again)
	}
	w.until("the clerk is asked again", func() bool { return len(w.inbox(clerk)) == 1 })
	again := "/user-tasks/" + id + "/" + w.inbox(clerk)[0].TaskID
	if got := w.call(call{path: again + "/files/" + digest(corrected), cookie: other}, http.StatusOK); string(got) != "a whole seal" {
		t.Errorf("the next task shows %q", got)
	}
	w.call(call{method: "POST", path: again + "/complete", cookie: other, body: `{"output":{"good":true}}`}, http.StatusNoContent)
	w.until("the process is over", func() bool {
		return field[string](t, w.call(call{path: "/processes/" + id}, http.StatusOK), "state") == "completed"
	})
	trail := string(w.call(call{path: "/processes/" + id + "/audit"}, http.StatusOK))
	for _, action := range []string{"user_task.claim", "user_task.complete", "message.send"} {
		if !strings.Contains(trail, action) {
			t.Errorf("the audit lacks %s: %s", action, trail)
		}
	}
	w.call(call{method: "POST", path: "/messages", body: `{"name":"corrected","key":"A-99","keep_s":0}`, code: "message.nobody_waits"}, http.StatusNotFound)
	w.call(call{method: "POST", path: "/messages", body: `{"name":"corrected","payload":[1]}`}, http.StatusUnprocessableEntity)
}

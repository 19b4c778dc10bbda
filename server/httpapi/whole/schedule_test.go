package whole

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// nightlyGraph begins by hand and every night.
// nightlyGraph starts by a clock that comes by on the 29th of February only: no run of a test meets it.
const nightlyGraph = `{
	"schema": 1,
	"nodes": [
		{"id": "start", "kind": "start_event", "title": "Start", "start": {"input_schema": {
			"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"], "additionalProperties": false}, "one_active": true}},
		{"id": "nightly", "kind": "start_event", "title": "Every night", "start": {"kind": "schedule", "custom_id": "night {{input.day}}",
			"schedule": {"cron": "30 2 29 2 *", "zone": "Europe/Berlin", "input": {"day": "=formatDate(now(), '2006-01-02')"}}}},
		{"id": "wait", "kind": "message_event", "title": "Wait", "message": {"name": "morning", "key": "=input.day"}},
		{"id": "end", "kind": "end_event", "title": "End", "end": {"kind": "none"}}
	],
	"edges": [{"id": "e1", "from": "start", "to": "wait"}, {"id": "e2", "from": "nightly", "to": "wait"}, {"id": "e3", "from": "wait", "to": "end"}],
	"layout": {}
}`

// TestAPublishedScheduleIsRunByHand publishes a definition that starts by the clock, runs its schedule, and looks at what is told of it.
func TestAPublishedScheduleIsRunByHand(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publishAs("nightly", nightlyGraph)
	var one httpapi.Schedule
	w.until("the start event has a schedule", func() bool {
		all := field[[]httpapi.Schedule](t, w.call(call{path: "/schedules?definition=nightly"}, http.StatusOK), "items")
		if len(all) == 1 {
			one = all[0]
		}
		return len(all) == 1
	})
	if one.Name != "Every night" || one.NodeID != "nightly" || one.DefinitionTitle != "Check" || one.State != "active" || one.NextAt == nil || !one.NextAt.After(time.Now()) {
		t.Errorf("the schedule is %+v", one)
	}
	at := "/schedules/" + one.ID
	started := w.call(call{method: "POST", path: at + "/run", headers: map[string]string{"Idempotency-Key": "k"}}, http.StatusCreated)
	id := field[string](t, started, "id")
	if again := w.call(call{method: "POST", path: at + "/run", headers: map[string]string{"Idempotency-Key": "k"}}, http.StatusOK); field[string](t, again, "id") != id {
		t.Errorf("the same key started another one: %s", again)
	}
	w.call(call{method: "POST", path: at + "/run", code: "process.already_active"}, http.StatusConflict)
	process := w.call(call{path: "/processes/" + id}, http.StatusOK)
	trigger := field[httpapi.ProcessTrigger](t, process, "trigger")
	if trigger.Kind != "schedule" || trigger.Ref != one.ID || trigger.Name != "Every night" || trigger.Node != "nightly" {
		t.Errorf("the process says that %+v started it", trigger)
	}
	if custom := field[string](t, process, "custom_id"); !strings.HasPrefix(custom, "night 20") {
		t.Errorf("the customId is %q", custom)
	}
	fires := field[[]httpapi.ScheduleFire](t, w.call(call{path: at + "/fires"}, http.StatusOK), "items")
	if len(fires) != 1 || fires[0].Kind != "manual" || fires[0].State != "running" || fires[0].ProcessID != id || fires[0].Actor != "ann" {
		t.Errorf("the history is %+v", fires)
	}

	// Its policies are people's, its rule is the version's. Whoever looks may not change.
	rule := `{"name":"Every night","definition":"nightly","cron":"30 2 29 2 *","zone":"Europe/Berlin","input":{"day":"=formatDate(now(), '2006-01-02')"},"custom_id":"night {{input.day}}","overlap":"skip"}`
	w.call(call{method: "PUT", path: at, body: rule, code: "draft.if_match_required"}, http.StatusPreconditionRequired)
	changed := w.call(call{method: "PUT", path: at, body: rule, headers: map[string]string{"If-Match": `"1"`}}, http.StatusOK)
	if field[string](t, changed, "overlap") != "skip" {
		t.Errorf("the change is not there: %s", changed)
	}
	w.call(call{method: "PUT", path: at, body: rule, headers: map[string]string{"If-Match": `"1"`}, code: "schedule.conflict"}, http.StatusPreconditionFailed)
	w.call(call{method: "PUT", path: at, body: strings.Replace(rule, "30 2", "31 2", 1), headers: map[string]string{"If-Match": `"2"`}, code: "schedule.of_definition"}, http.StatusConflict)
	viewer := w.person("viewer", auth.Viewer)
	w.call(call{path: at, cookie: viewer}, http.StatusOK)
	w.call(call{method: "POST", path: at + "/pause", cookie: viewer, body: `{}`, code: "access.denied"}, http.StatusForbidden)
	w.call(call{method: "POST", path: at + "/run", cookie: viewer, code: "access.denied"}, http.StatusForbidden)
	w.call(call{method: "POST", path: at + "/pause", body: `{"reason":"holiday"}`}, http.StatusOK)
	paused := w.call(call{path: at}, http.StatusOK)
	if field[string](t, paused, "state") != "paused" || field[string](t, paused, "state_reason") != "holiday" {
		t.Errorf("it is not paused: %s", paused)
	}
	trail := string(w.call(call{path: "/audit?subject=" + one.ID}, http.StatusOK))
	for _, action := range []string{"schedule.run", "schedule.update", "schedule.pause"} {
		if !strings.Contains(trail, action) {
			t.Errorf("the audit lacks %s: %s", action, trail)
		}
	}
	preview := field[[]time.Time](t, w.call(call{path: "/cron-times?cron=30+2+29+2+*&zone=Europe/Berlin&count=3"}, http.StatusOK), "times")
	if len(preview) != 3 || !preview[0].Equal(*one.NextAt) {
		t.Errorf("the preview is %v", preview)
	}
	w.call(call{path: "/cron-times?cron=x", code: "schedule.cron"}, http.StatusUnprocessableEntity)

	w.call(call{method: "POST", path: "/schedules", body: `{"name":"Mine","definition":"nightly","version":1,"cron":"0 0 * * *","input":{}}`, code: "process.input_invalid"}, http.StatusUnprocessableEntity)
}

package whole

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/workers/bus"
)

// orderGraph begins by hand, by a message of the shop and by one of a bus, and waits for the payment of its number.
const orderGraph = `{
	"schema": 1,
	"nodes": [
		{"id": "start", "kind": "start_event", "title": "Start", "start": {"input_schema": {
			"type": "object", "properties": {"number": {"type": "integer", "minimum": 1}}, "required": ["number"], "additionalProperties": false}}},
		{"id": "ordered", "kind": "start_event", "title": "Ordered", "start": {"kind": "message", "message": "order.placed",
			"input": {"number": "=input.order.number"}, "custom_id": "order {{input.number}}"}},
		{"id": "applied", "kind": "start_event", "title": "Applied", "start": {"kind": "message", "message": "urn:apply", "input": {"number": "=int(input.body.number)"}}},
		{"id": "pay", "kind": "message_event", "title": "Pay", "message": {"name": "order.paid", "key": "=process.custom_id"}},
		{"id": "end", "kind": "end_event", "title": "End", "end": {"kind": "none", "output": {"number": "=input.number"}}}
	],
	"edges": [{"id": "e1", "from": "start", "to": "pay"}, {"id": "e2", "from": "ordered", "to": "pay"}, {"id": "e3", "from": "applied", "to": "pay"}, {"id": "e4", "from": "pay", "to": "end"}],
	"layout": {}
}`

func (w *whole) message(body string, status int, code string) httpapi.SentMessage {
	w.t.Helper()
	var sent httpapi.SentMessage
	raw := w.call(call{method: "POST", path: "/messages", body: body, code: code}, status)
	if status < http.StatusBadRequest {
		if err := json.Unmarshal(raw, &sent); err != nil {
			w.t.Fatal(err)
		}
	}
	return sent
}

// TestMessagesStartProcesses follows messages through the API and the bus: early ones, those that start, those that are refused, those
// that a process waits for.
func TestMessagesStartProcesses(t *testing.T) {
	t.Parallel()
	w := start(t)
	early := w.message(`{"name":"order.placed","key":"k","id":"m-1","payload":{"order":{"number":1}}}`, http.StatusCreated, "")
	if early.Outcome != "stored" || early.ExpiresAt == nil || early.ProcessID != "" {
		t.Errorf("an early message: %+v", early)
	}
	w.publishAs("order", orderGraph)
	found := func(customID string) []httpapi.ProcessSummary {
		return field[[]httpapi.ProcessSummary](t, w.call(call{path: "/processes?custom_id=" + customID}, http.StatusOK), "items")
	}
	w.until("the early message has started its process", func() bool { return len(found("order%201")) == 1 })
	again := w.message(`{"name":"order.placed","key":"k","id":"m-1","payload":{"order":{"number":1}}}`, http.StatusOK, "")
	if again.Outcome != "started" || !again.Existing || again.ID != early.ID || again.ProcessID != found("order%201")[0].ID {
		t.Errorf("the early message sent again: %+v", again)
	}

	sent := w.message(`{"name":"order.placed","key":"k","id":"m-2","payload":{"order":{"number":2}}}`, http.StatusCreated, "")
	if sent.Outcome != "started" || sent.Definition != "order" || sent.Existing {
		t.Errorf("a message that starts: %+v", sent)
	}
	process := w.call(call{path: "/processes/" + sent.ProcessID}, http.StatusOK)
	trigger := field[httpapi.ProcessTrigger](t, process, "trigger")
	if trigger.Kind != "message" || trigger.Ref != sent.ID || trigger.Name != "order.placed" || trigger.Node != "ordered" || field[string](t, process, "custom_id") != "order 2" {
		t.Errorf("the process says that %+v started it", trigger)
	}
	for name, c := range map[string]struct {
		body, code string
		status     int
	}{
		"the schema refuses":      {`{"name":"order.placed","payload":{"order":{"number":0}}}`, "process.input_invalid", http.StatusUnprocessableEntity},
		"the mapping fails":       {`{"name":"order.placed","payload":{"order":7}}`, "start.expression", http.StatusUnprocessableEntity},
		"the payload is a list":   {`{"name":"order.placed","payload":[1]}`, "", http.StatusUnprocessableEntity},
		"no name":                 {`{"name":"","payload":{}}`, "", http.StatusUnprocessableEntity},
		"another member":          {`{"name":"order.placed","pay":{}}`, "", http.StatusUnprocessableEntity},
		"nobody, and not to wait": {`{"name":"order.unknown","keep_s":0}`, "message.nobody_waits", http.StatusNotFound},
	} {
		t.Log(name)
		w.message(c.body, c.status, c.code)
	}

	paid := w.message(`{"name":"order.paid","key":"order 2"}`, http.StatusCreated, "")
	if paid.Outcome != "correlated" || paid.ProcessID != sent.ProcessID {
		t.Errorf("a message that a process waits for: %+v", paid)
	}
	w.until("it has ended", func() bool {
		return field[string](t, w.call(call{path: "/processes/" + sent.ProcessID}, http.StatusOK), "state") == "completed"
	})

	// The bus: the same message twice.
	answers := []string{w.bus("2026-1", "7", http.StatusAccepted), w.bus("2026-1", "7", http.StatusAccepted)}
	applied := found("2026-1")
	if len(applied) != 1 {
		t.Fatalf("the bus has started %+v", applied)
	}
	for i, known := range []string{`known="false"`, `known="true"`} {
		if !strings.Contains(answers[i], known+` outcome="started" process="`+applied[0].ID) {
			t.Errorf("the bus is told %s", answers[i])
		}
	}
	if refused := w.bus("2026-2", "0", http.StatusBadRequest); !strings.Contains(refused, "process_input_invalid") {
		t.Errorf("the bus is told %s", refused)
	}
	document := field[map[string]int](t, w.call(call{path: "/processes/" + applied[0].ID}, http.StatusOK), "input")
	if document["number"] != 7 {
		t.Errorf("the input is %v", document)
	}
}

// bus sends an application with a number over the bus.
func (w *whole) bus(key, number string, status int) string {
	w.t.Helper()
	message := bus.Message{ID: "urn:uuid:" + key, Action: "urn:apply", From: "mfc", Key: key, Payload: []byte(`<a:apply xmlns:a="urn:a"><a:number>` + number + `</a:number></a:apply>`)}
	encoded, err := message.Encode(bus.SOAP)
	if err != nil {
		w.t.Fatal(err)
	}
	var body bytes.Buffer
	if err := encoded.Write(&body); err != nil {
		w.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, w.url+"/api/v1/bus", &body)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", encoded.ContentType)
	request.SetBasicAuth("bus", w.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		w.t.Fatalf("the bus is answered %d: %s, %v", response.StatusCode, raw, err)
	}
	return string(raw)
}

package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"testing"
)

func TestEveryChangeIsAudited(t *testing.T) {
	t.Parallel()
	h := serve(t)
	process := "/api/v1/processes/" + knownProcess
	id := map[string]string{"X-Request-Id": "request-0001"}
	tests := []struct {
		send request
		want AuditEntry
	}{
		{request{method: "POST", path: process + "/cancel", body: `{"reason":"twice"}`}, AuditEntry{Action: "process.cancel", SubjectKind: "process", SubjectID: knownProcess, Reason: "twice"}},
		{request{method: "POST", path: process + "/tasks/" + knownTask + "/retry", body: `{"reason":"fixed","input":{"a":1}}`}, AuditEntry{Action: "task.retry", SubjectKind: "task", SubjectID: knownTask, Reason: "fixed"}},
		{request{method: "POST", path: process + "/tasks/" + knownTask + "/skip", body: `{"reason":"known","output":{"ok":true}}`}, AuditEntry{Action: "task.skip", SubjectKind: "task", SubjectID: knownTask, Reason: "known"}},
		{request{method: "POST", path: process + "/restart", body: `{"reason":"again"}`}, AuditEntry{Action: "process.restart", SubjectKind: "process", SubjectID: knownProcess, Reason: "again"}},
		{request{method: "POST", path: "/api/v1/processes", body: `{"definition":"check"}`}, AuditEntry{Action: "process.start", SubjectKind: "process", SubjectID: knownProcess[:len(knownProcess)-1] + "0"}},
		{request{method: "POST", path: "/api/v1/definitions", body: `{"key":"check","title":"Check"}`}, AuditEntry{Action: "definition.create", SubjectKind: "definition", SubjectID: "check"}},
		{request{method: "PUT", path: "/api/v1/definitions/check/latest", body: `{"version":2,"reason":"v3 is broken"}`}, AuditEntry{Action: "definition.set_latest", SubjectKind: "definition", SubjectID: "check", Reason: "v3 is broken"}},
		{request{method: "POST", path: "/api/v1/users", body: `{"login":"bob","password":"12345678","roles":["viewer"]}`}, AuditEntry{Action: "user.create", SubjectKind: "user", SubjectID: "u2"}},
		{request{method: "POST", path: "/api/v1/schedules", body: `{"name":"Daily","definition":"check","cron":"0 9 * * *"}`}, AuditEntry{Action: "schedule.create", SubjectKind: "schedule", SubjectID: knownTask}},
		{request{method: "POST", path: "/api/v1/schedules/" + knownTask + "/pause", body: `{"reason":"holiday"}`}, AuditEntry{Action: "schedule.pause", SubjectKind: "schedule", SubjectID: knownTask, Reason: "holiday"}},
		{request{method: "POST", path: "/api/v1/schedules/" + knownTask + "/run"}, AuditEntry{Action: "schedule.run", SubjectKind: "schedule", SubjectID: knownTask}},
		{request{method: "DELETE", path: "/api/v1/schedules/" + knownTask}, AuditEntry{Action: "schedule.delete", SubjectKind: "schedule", SubjectID: knownTask}},
		{request{method: "POST", path: "/api/v1/calendars", body: `{"key":"registry","title":"Registry","weekend":[6,7]}`}, AuditEntry{Action: "calendar.add", SubjectKind: "calendar", SubjectID: "registry"}},
		{request{method: "DELETE", path: "/api/v1/calendars/registry"}, AuditEntry{Action: "calendar.remove", SubjectKind: "calendar", SubjectID: "registry"}},
	}
	for _, test := range tests {
		test.send.token, test.send.headers = "all", id
		if got := h.do(test.send); got.status >= 300 {
			t.Fatalf("%s answered %d: %s", test.send.path, got.status, got.body)
		}
	}
	// refused ones leave no trace
	h.do(request{method: "POST", path: process + "/cancel", token: "none", body: `{"reason":"x"}`})
	h.fake.fail = errors.New("no")
	h.do(request{method: "POST", path: process + "/cancel", token: "all", body: `{"reason":"x"}`})
	h.server.Stop() // writes what is queued
	recorded := h.fake.recorded()
	if len(recorded) != len(tests) {
		t.Fatalf("%d records, want %d: %+v", len(recorded), len(tests), recorded)
	}
	for i, test := range tests {
		got := recorded[i]
		if got.At.IsZero() || got.Actor != "ann" || got.RequestID != "request-0001" {
			t.Errorf("record %+v lacks who, when or which request", got)
		}
		if got.Action != test.want.Action || got.SubjectKind != test.want.SubjectKind || got.SubjectID != test.want.SubjectID || got.Reason != test.want.Reason {
			t.Errorf("record %+v, want %+v", got, test.want)
		}
	}
}

// brokenAudit refuses every record.
type brokenAudit struct{ Audit }

func (brokenAudit) Record(context.Context, []AuditEntry) error { return errors.New("disk full") }

func TestChangeThatCannotBeRecordedIsNotCalledDone(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.Audit = brokenAudit{c.Audit} })
	h.expect(request{method: "POST", path: "/api/v1/processes/" + knownProcess + "/cancel", token: "all", body: `{"reason":"x"}`}, http.StatusInternalServerError, "server.error")
}

// countingAudit counts the groups it is given.
type countingAudit struct {
	Audit
	mu      sync.Mutex
	groups  int
	entries int
	gate    chan struct{}
}

func (c *countingAudit) Record(_ context.Context, entries []AuditEntry) error {
	<-c.gate
	c.mu.Lock()
	defer c.mu.Unlock()
	c.groups++
	c.entries += len(entries)
	return nil
}

func TestRecordsAreWrittenInGroups(t *testing.T) {
	t.Parallel()
	audit := &countingAudit{gate: make(chan struct{})}
	trail := newAuditTrail(audit, slog.New(slog.DiscardHandler))
	trail.Start()
	for range 200 {
		if err := trail.add(context.Background(), AuditEntry{}, false); err != nil {
			t.Fatal(err)
		}
	}
	close(audit.gate)
	trail.Stop()
	if audit.entries != 200 || audit.groups > 3 {
		t.Errorf("%d records in %d groups, want 200 in at most 3", audit.entries, audit.groups)
	}
	if err := trail.add(context.Background(), AuditEntry{}, true); !errors.Is(err, errAuditStopped) {
		t.Errorf("a record after the end: %v", err)
	}
}

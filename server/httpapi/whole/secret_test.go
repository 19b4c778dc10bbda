package whole

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

type door struct {
	Key string `json:"key"`
}

type opened struct {
	Length int `json:"length"`
}

// unlock uses a secret, and says too much of it.
func unlock(ctx context.Context, in door) (opened, error) {
	value, err := sdk.Secret(ctx, in.Key)
	if err != nil {
		return opened{}, err
	}
	sdk.Log(ctx, "the key is %s", value)
	return opened{Length: len(value)}, nil
}

const doorGraph = `{
	"schema": 1,
	"nodes": [
		{"id": "start", "kind": "start_event", "title": "Start", "start": {}},
		{"id": "unlock", "kind": "service_task", "title": "Unlock", "service": {"type": "test.open@1", "input": {"key": "secret://door.key"}}},
		{"id": "end", "kind": "end_event", "title": "End", "end": {"kind": "none", "output": {"length": "=tasks.unlock.length"}}}
	],
	"edges": [{"id": "e1", "from": "start", "to": "unlock"}, {"id": "e2", "from": "unlock", "to": "end"}],
	"layout": {}
}`

const doorKey = "open-sesame-4711"

// TestSecretsReachWorkersWithinTheirScope follows a secret from the administrator to a worker, and looks for it where it must not be.
func TestSecretsReachWorkersWithinTheirScope(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publishAs("door", doorGraph)
	analyst := w.person("drawer", auth.Analyst)
	w.call(call{method: "PUT", path: "/secrets/door.key", cookie: analyst, body: `{"value":"x"}`, code: "access.denied"}, http.StatusForbidden)
	for name, c := range map[string]struct {
		path, body, code string
		status           int
	}{
		"a new one without a value": {"/secrets/door.key", `{"description":"of the door"}`, "secret.value_required", http.StatusUnprocessableEntity},
		"an empty value":            {"/secrets/door.key", `{"value":""}`, "", http.StatusUnprocessableEntity},
		"a value too long":          {"/secrets/door.key", `{"value":"` + strings.Repeat("x", 16385) + `"}`, "", http.StatusUnprocessableEntity},
		"a name in capitals":        {"/secrets/Door", `{"value":"x"}`, "", http.StatusUnprocessableEntity},
		"another member":            {"/secrets/door.key", `{"values":"x"}`, "", http.StatusUnprocessableEntity},
		"an empty scope":            {"/secrets/door.key", `{"value":"x","pools":[""]}`, "secret.invalid", http.StatusUnprocessableEntity},
	} {
		t.Log(name)
		w.call(call{method: "PUT", path: c.path, body: c.body, code: c.code}, c.status)
	}
	w.call(call{method: "DELETE", path: "/secrets/door.key", code: "secret.unknown"}, http.StatusNotFound)

	put := func(body string, status int) string {
		t.Helper()
		raw := w.call(call{method: "PUT", path: "/secrets/door.key", body: body}, status)
		if bytes.Contains(raw, []byte(doorKey)) {
			t.Errorf("the answer shows the value: %s", raw)
		}
		return string(raw)
	}
	run := func(state string) string {
		t.Helper()
		id := field[string](t, w.call(call{method: "POST", path: "/processes", body: `{"definition":"door"}`}, http.StatusCreated), "id")
		w.until("the process is "+state, func() bool {
			return field[string](t, w.call(call{path: "/processes/" + id}, http.StatusOK), "state") == state
		})
		return id
	}
	run("incident") // there is none yet
	put(`{"value":"`+doorKey+`","node_types":["test.open"],"definitions":["door"],"pools":["test"]}`, http.StatusCreated)
	done := run("completed")
	if length := field[map[string]int](t, w.call(call{path: "/processes/" + done}, http.StatusOK), "output")["length"]; length != len(doorKey) {
		t.Errorf("the worker was given %d characters", length)
	}
	listed := w.call(call{path: "/secrets", cookie: analyst}, http.StatusOK)
	all := field[[]httpapi.Secret](t, listed, "items")
	if len(all) != 1 || all[0].Name != "door.key" || all[0].UpdatedBy != "ann" || all[0].LastUsedAt == nil || bytes.Contains(listed, []byte(doorKey)) {
		t.Errorf("the list is %s", listed)
	}

	// Outside of its scope nobody is given it, and the value stays as it was.
	for _, scope := range []string{`{"definitions":["other"]}`, `{"node_types":["test.open@2"]}`, `{"pools":["other"]}`} {
		put(scope, http.StatusOK)
		run("incident")
	}
	put(`{"node_types":["test.open@1"]}`, http.StatusOK)
	run("completed")

	// A worker's token alone opens nothing: the process must have a task that may read it, now.
	get := call{path: "/work/secrets/door.key?process=" + done, headers: map[string]string{"Authorization": "Bearer worker-secret"}}
	get.code = "secret.scope"
	w.call(get, http.StatusForbidden)
	get.path = "/work/secrets/other?process=" + done
	get.code = "secret.unknown"
	w.call(get, http.StatusNotFound)
	w.call(call{path: "/work/secrets/door.key?process=" + done, code: "access.denied"}, http.StatusForbidden) // an administrator

	// The audit says what changed, and no value; neither do the events, the tasks with their logs, or any table of the database.
	trail := w.call(call{path: "/audit?action=secret.put&limit=10"}, http.StatusOK)
	if !bytes.Contains(trail, []byte(`"value_changed":true`)) || !bytes.Contains(trail, []byte(`"subject_id":"door.key"`)) {
		t.Errorf("the audit is %s", trail)
	}
	w.until("the log has arrived", func() bool {
		tasks := w.call(call{path: "/processes/" + done + "/tasks"}, http.StatusOK)
		for _, task := range field[[]httpapi.TaskSummary](t, tasks, "items") {
			if bytes.Contains(w.call(call{path: "/processes/" + done + "/tasks/" + task.ID}, http.StatusOK), []byte("the key is •••")) {
				return true
			}
		}
		return false
	})
	for _, table := range w.tables() {
		var rows int
		if err := w.server.DB.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` AS t WHERE t::text LIKE '%' || $1 || '%'`, doorKey).Scan(&rows); err != nil || rows > 0 {
			t.Errorf("the table %s has the value in %d rows, %v", table, rows, err)
		}
	}
	w.call(call{method: "DELETE", path: "/secrets/door.key"}, http.StatusNoContent)
	run("incident")
}

// tables lists every table of the database.
func (w *whole) tables() []string {
	w.t.Helper()
	rows, err := w.server.DB.Query(w.t.Context(), `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = current_schema()`)
	if err != nil {
		w.t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) < 20 {
		w.t.Fatalf("there are %d tables, %v", len(names), err)
	}
	return names
}

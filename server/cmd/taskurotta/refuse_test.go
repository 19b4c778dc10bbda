package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// upload returns the value of a field of format file.
func (in *installation) upload(content, token string) (status int, answer []byte) {
	in.t.Helper()
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" + content + "\r\n--x--\r\n"
	status, answer, err := in.call(http.MethodPost, "/api/v1/files", body, map[string]string{
		"Content-Type": "multipart/form-data; boundary=x", "Authorization": "Bearer " + token})
	if err != nil {
		in.t.Fatal(err)
	}
	return status, answer
}

// refused checks that an answer is a problem with a code and a text for people, and nothing else.
func (in *installation) refused(what string, status, want int, answer []byte, code string) {
	in.t.Helper()
	var problem struct{ Code, Detail string }
	if err := json.Unmarshal(answer, &problem); err != nil || status != want || problem.Code != code || problem.Detail == "" {
		in.t.Errorf("%s: %d %.400s; wanted %d %s", what, status, answer, want, code)
	}
}

func TestStrangersAndTheirFilesAreRefused(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.environ = append(in.environ, "TASKUROTTA_UPLOAD_LIMIT=100000")
	in.serve()
	in.run("worker")
	in.publish("nap", 1, `{"sleep_ms":1}`)
	anna, boris := in.account("anna", "support"), in.account("boris", "support")
	start := `{"definition":"nap","custom_id":"c","input":{}}`
	for what, c := range map[string]struct {
		headers map[string]string
		status  int
		code    string
	}{
		"a Host that is not this server's":   {map[string]string{"Host": "evil.example"}, http.StatusMisdirectedRequest, "request.host"},
		"another site's page with a session": {map[string]string{"Authorization": "", "Cookie": "taskurotta_session=x", "Origin": "https://evil.example"}, http.StatusForbidden, "request.origin"},
		"a session without an Origin":        {map[string]string{"Authorization": "", "Cookie": "taskurotta_session=x"}, http.StatusForbidden, "request.origin"},
		"a token that nobody has":            {map[string]string{"Authorization": "Bearer tk_nobody"}, http.StatusUnauthorized, "token.refused"},
		"nobody":                             {map[string]string{"Authorization": ""}, http.StatusUnauthorized, "session.required"},
	} {
		status, answer, err := in.call(http.MethodPost, "/api/v1/processes", start, c.headers)
		if err != nil {
			t.Fatal(err)
		}
		in.refused(what, status, c.status, answer, c.code)
	}

	status, answer := in.upload(strings.Repeat("x", 200_000), anna)
	in.refused("a file that is too large", status, http.StatusRequestEntityTooLarge, answer, "file.too_large")
	status, file := in.upload("what only Anna may read", anna)
	if status != http.StatusCreated {
		t.Fatalf("upload: %d %s", status, file)
	}
	theft := `{"definition":"nap","custom_id":"c","input":{"file":` + string(file) + `}}`
	status, answer, err := in.call(http.MethodPost, "/api/v1/processes", theft, map[string]string{"Authorization": "Bearer " + boris})
	if err != nil {
		t.Fatal(err)
	}
	in.refused("somebody else's file", status, http.StatusForbidden, answer, "file.not_yours")
	var ref struct {
		File string `json:"$file"`
	}
	if err := json.Unmarshal(file, &ref); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/files/" + strings.TrimPrefix(ref.File, "sha256:")
	status, answer, err = in.call(http.MethodGet, path, "", map[string]string{"Authorization": "Bearer " + boris})
	if err != nil {
		t.Fatal(err)
	}
	in.refused("reading somebody else's file", status, http.StatusNotFound, answer, "file.not_found")
	if status, answer, err = in.call(http.MethodGet, path, "", map[string]string{"Authorization": "Bearer " + anna}); err != nil || status != http.StatusOK || string(answer) != "what only Anna may read" {
		t.Errorf("reading an own file: %d %s %v", status, answer, err)
	}
	if n := in.count(`SELECT count(*) FROM process`); n != 0 {
		t.Errorf("%d processes were started", n)
	}
}

func TestWorkerWithAnotherSchemaUnderTheSameMajorIsRefused(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.serve()
	in.run("worker")
	in.publish("nap", 1, `{"sleep_ms":1}`)
	type other struct {
		SleepMS string `json:"sleep_ms"`
	}
	impostor, err := worker.New(worker.Config{RedisURL: in.urls.redis, Installation: in.keys.ID, ServerURL: "http://" + in.listen, Token: "workers", Slots: 32,
		Log: slog.New(slog.DiscardHandler)}, sdk.Define("demo.step", 1, func(context.Context, other) (other, error) { return other{}, nil }))
	if err != nil {
		t.Fatal(err)
	}
	if err := impostor.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(impostor.Stop)
	in.eventually(time.Minute, "the refusal is shown", func() bool {
		status, answer, err := in.call(http.MethodGet, "/api/v1/node-types", "", nil)
		return err == nil && status == http.StatusOK && strings.Contains(string(answer), `"refusals"`) && strings.Contains(string(answer), "sleep_ms")
	})
	for i := range 20 {
		if _, err := in.start("nap", strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	in.eventually(time.Minute, "all processes ended", func() bool { return in.count(`SELECT count(*) FROM process WHERE state = 'completed'`) == 20 })
	if n := in.count(`SELECT count(*) FROM output WHERE body->>'slept_ms' IS NOT NULL`); n != 20 {
		t.Errorf("%d of 20 tasks were done by whom the catalog accepted", n)
	}
}

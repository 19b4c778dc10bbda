package main

import (
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/server/mailsink"
)

// uploadPaper stores a file and returns what an input names it with.
func (in *installation) uploadPaper(file paper.File) json.RawMessage {
	in.t.Helper()
	var body strings.Builder
	form := multipart.NewWriter(&body)
	part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename=%q`, file.Name)}, "Content-Type": {file.MediaType}})
	if err == nil {
		_, err = part.Write(file.Content)
	}
	if err != nil {
		in.t.Fatal(err)
	}
	_ = form.Close()
	status, answer, err := in.call(http.MethodPost, "/api/v1/files", body.String(), map[string]string{"Content-Type": form.FormDataContentType()})
	if err != nil || status != http.StatusCreated {
		in.t.Fatalf("upload %s: %d %s %v", file.Name, status, answer, err)
	}
	return answer
}

// must calls and expects success.
func (in *installation) must(method, path string, body any, headers map[string]string) []byte {
	in.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		in.t.Fatal(err)
	}
	status, answer, err := in.call(method, path, string(raw), headers)
	if err != nil || status >= 300 {
		in.t.Fatalf("%s %s: %d %s %v", method, path, status, answer, err)
	}
	return answer
}

// TestAWorkerKilledWhileItEntersLeavesOneEntry: the worker dies after the register made the entry and before it heard so. Another one
// sends the same message, and the register knows it.
func TestAWorkerKilledWhileItEntersLeavesOneEntry(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	mail := mailsink.New(mailsink.Config{})
	if err := mail.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mail.Stop)
	papers, trust, bus := paper.New(1), t.TempDir(), freePort(t)
	if err := papers.WriteTrust(filepath.Join(trust, "demo")); err != nil {
		t.Fatal(err)
	}
	in.environ = append(in.environ, "TASKUROTTA_BUS=registry=http://"+bus+"/bus", "TASKUROTTA_TRUST="+trust, "TASKUROTTA_SMTP_ADDRESS="+mail.Address(),
		"TASKUROTTA_SMTP_TLS=false", "TASKUROTTA_TOKEN="+in.token, "TASKUROTTA_URL=http://"+in.listen)
	in.serve()
	in.run("demo", "bus", "--listen", bus, "--fault", "delay_min=0s,delay_max=100ms,ack_delay=1s,duplicate=0.5")
	worker := in.run("worker")
	for _, definition := range demo.Definitions(demo.English) {
		in.must(http.MethodPost, "/api/v1/definitions", map[string]any{"key": definition.Key, "title": definition.Title, "document": json.RawMessage(definition.Document)}, nil)
		in.eventually(time.Minute, "published", func() bool {
			status, _, err := in.call(http.MethodPost, "/api/v1/definitions/"+definition.Key+"/publish", `{"note":"test"}`, map[string]string{"If-Match": `"1"`})
			return err == nil && status < 300
		})
	}
	a, err := papers.Application(1, paper.None)
	if err != nil {
		t.Fatal(err)
	}
	var refs []json.RawMessage
	for _, file := range a.Files {
		refs = append(refs, in.uploadPaper(file))
	}
	in.must(http.MethodPost, "/api/v1/processes", map[string]any{"definition": "rights-registration", "custom_id": a.Number, "input": demo.Input("rights-registration", a, refs)}, nil)
	var list struct {
		Items []struct {
			ProcessID string `json:"process_id"`
			TaskID    string `json:"task_id"`
			NodeID    string `json:"node_id"`
		}
	}
	in.eventually(time.Minute, "the registrar is asked", func() bool {
		status, answer, err := in.call(http.MethodGet, "/api/v1/user-tasks", "", nil)
		return err == nil && status == http.StatusOK && json.Unmarshal(answer, &list) == nil && len(list.Items) == 1
	})
	in.must(http.MethodPost, "/api/v1/user-tasks/"+list.Items[0].ProcessID+"/"+list.Items[0].TaskID+"/complete", map[string]any{"output": map[string]any{"decision": "approve"}}, nil)
	in.eventually(time.Minute, "the register made the entry", func() bool { return in.count(`SELECT count(*) FROM demo_registry.entry`) == 1 })
	worker.kill()
	if done := in.count(`SELECT count(*) FROM task WHERE node_id = 'entry_make' AND state = 'completed'`); done != 0 {
		t.Fatal("the worker heard of the entry before it was killed")
	}
	in.run("worker")
	in.eventually(2*time.Minute, "the registration ended", func() bool {
		return in.count(`SELECT count(*) FROM process WHERE definition_key = 'rights-registration' AND state = 'completed'`) == 1
	})
	for what, query := range map[string]string{
		"entries but one":          `SELECT count(*) - 1 FROM demo_registry.entry`,
		"fees but one":             `SELECT count(*) - 1 FROM demo_registry.booking`,
		"refunds":                  `SELECT count(*) FROM demo_registry.booking WHERE refunded_at IS NOT NULL`,
		"steps that were not lost": `SELECT count(*) FROM task WHERE node_id = 'entry_make' AND epoch < 2`,
		"other entries asked for":  `SELECT count(*) - 1 FROM demo_registry.received WHERE action = 'registry.entry.make'`,
	} {
		if n := in.count(query); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}

package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
)

// office is the whole product with the registry's processes, as its people use it: over HTTP.
type office struct {
	*browser
	dev    *app.Dev
	faults registry.Faults
	next   atomic.Int64 // number of the next application
}

func openOffice(t *testing.T, faults registry.Faults) *office {
	t.Helper()
	dev, err := app.NewDev(t.Context(), config.Dev{Data: t.TempDir()}, "test", quiet(t))
	require.NoError(t, err)
	t.Cleanup(dev.Stop)
	require.NoError(t, dev.StartPublished(t.Context()))
	require.NoError(t, dev.Registry.Behave(t.Context(), faults))
	url, err := dev.SignInURL(t.Context())
	require.NoError(t, err)
	b, _ := visit(t, url)
	return &office{browser: b, dev: dev, faults: faults}
}

// pick makes the next application that fits; its number decides how the registry treats it.
func (o *office) pick(t *testing.T, flaw paper.Flaw, fits func(a paper.Application) bool) paper.Application {
	t.Helper()
	for {
		a, err := o.dev.Paper.Application(int(o.next.Add(1)), flaw)
		require.NoError(t, err)
		if fits(a) {
			return a
		}
	}
}

// usual is an application that nothing is wrong with in the registry.
func (o *office) usual(a paper.Application) bool {
	f := o.faults
	return !f.RefusesInformation(a.CadastralNumber) && !f.FailsEntry(a.Number) && !f.FailsExtract(a.Number) && !f.NeverPaid(a.Number) && !f.PaysLate(a.Number)
}

func (o *office) upload(t *testing.T, files []paper.File) (refs []json.RawMessage) {
	t.Helper()
	for _, file := range files {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename=%q`, file.Name)}, "Content-Type": {file.MediaType}})
		require.NoError(t, err)
		_, err = part.Write(file.Content)
		require.NoError(t, err)
		require.NoError(t, form.Close())
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.base+"/api/v1/files", &body)
		require.NoError(t, err)
		request.Header.Set("Origin", o.base)
		request.Header.Set("Content-Type", form.FormDataContentType())
		response, err := o.client.Do(request)
		require.NoError(t, err)
		raw, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		_ = response.Body.Close()
		require.Equal(t, http.StatusCreated, response.StatusCode, "%s", raw)
		refs = append(refs, raw)
	}
	return refs
}

// apply starts an application and returns the process's id.
func (o *office) apply(t *testing.T, definition string, a paper.Application) string {
	t.Helper()
	return o.start(t, definition, a.Number, demo.Input(definition, a, o.upload(t, a.Files)))
}

// How long a test waits for the office, and how often it looks: many look at once, and each look costs a request.
const (
	patience = 5 * time.Minute
	glance   = 200 * time.Millisecond
)

// answer waits for a task of people in the application's processes and completes it.
func (o *office) answer(t *testing.T, customID, node string, output map[string]any) {
	t.Helper()
	type task struct {
		ProcessID string `json:"process_id"`
		TaskID    string `json:"task_id"`
		CustomID  string `json:"custom_id"`
		NodeID    string `json:"node_id"`
	}
	require.Eventually(t, func() bool {
		var list struct{ Items []task }
		o.get(t, "/api/v1/user-tasks?custom_id_prefix="+url.QueryEscape(customID), &list)
		for _, one := range list.Items {
			if one.NodeID == node && one.CustomID == customID {
				return o.send(t, http.MethodPost, "/api/v1/user-tasks/"+one.ProcessID+"/"+one.TaskID+"/complete", map[string]any{"output": output}, nil, nil) == http.StatusNoContent
			}
		}
		return false
	}, patience, glance, "%s is asked of nobody for %s", node, customID)
}

// fire lets the time that a node waits for come now, in a process or one that it called.
func (o *office) fire(t *testing.T, customID, node, timer string) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, p := range o.processes(t, "state=running&custom_id="+url.QueryEscape(customID)) {
			var list struct {
				Items []struct {
					ID     string
					NodeID string `json:"node_id"`
					State  string
				}
			}
			o.get(t, "/api/v1/processes/"+p.ID+"/tasks?limit=200", &list)
			for _, one := range list.Items {
				if one.NodeID == node && one.State == "waiting" {
					return o.send(t, http.MethodPost, "/api/v1/processes/"+p.ID+"/tasks/"+one.ID+"/fire", map[string]any{"node": timer, "reason": "test"}, nil, nil) == http.StatusNoContent
				}
			}
		}
		return false
	}, patience, glance, "%s waits for no time in %s", node, customID)
}

func (o *office) message(t *testing.T, name, key string, payload map[string]any) {
	t.Helper()
	require.Equal(t, http.StatusCreated, o.send(t, http.MethodPost, "/api/v1/messages", map[string]any{"name": name, "key": key, "payload": payload}, nil, nil))
}

type ended struct {
	State   string
	Output  map[string]any
	Code    string `json:"error_code"`
	Message string `json:"error_message"`
}

// ends waits for the end of a process.
func (o *office) ends(t *testing.T, id string) (e ended) {
	t.Helper()
	require.Eventually(t, func() bool {
		e = ended{}
		o.get(t, "/api/v1/processes/"+id, &e)
		return e.State == "completed" || e.State == "failed" || e.State == "incident"
	}, patience, glance)
	if e.State == "incident" {
		var raw json.RawMessage
		o.get(t, "/api/v1/processes/"+id+"/tasks?limit=200", &raw)
		t.Fatalf("%s is held: %s", id, raw)
	}
	return e
}

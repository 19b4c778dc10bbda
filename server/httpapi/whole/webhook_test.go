package whole

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// hookGraph begins by two webhooks: one whose path nobody can guess, one whose requests are signed.
const hookGraph = `{
	"schema": 1,
	"nodes": [
		{"id": "open", "kind": "start_event", "title": "Form sent", "start": {"kind": "webhook", "webhook": {"check": "path"}, "custom_id": "form {{input.number}}",
			"input_schema": {"type": "object", "properties": {"number": {"type": "string", "maxLength": 5}, "event": {"type": "string"}}, "required": ["number"], "additionalProperties": false}}},
		{"id": "signed", "kind": "start_event", "title": "Pushed", "start": {"kind": "webhook", "webhook": {"check": "hmac", "secret": "secret://hook.key"},
			"input": {"number": "=string(input.body.number)", "event": "=input.headers['x-github-event']"}}},
		{"id": "wait", "kind": "message_event", "title": "Wait", "message": {"name": "never", "key": "=process.id"}},
		{"id": "end", "kind": "end_event", "title": "End", "end": {"kind": "none"}}
	],
	"edges": [{"id": "e1", "from": "open", "to": "wait"}, {"id": "e2", "from": "signed", "to": "wait"}, {"id": "e3", "from": "wait", "to": "end"}],
	"layout": {}
}`

// request is a call of another system.
type request struct {
	method, url, media, body string
	headers                  map[string]string
}

func (w *whole) hook(r request) (int, httpapi.WebhookStarted, string) {
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.media == "" {
		r.media = "application/json"
	}
	sent, err := http.NewRequest(r.method, r.url, strings.NewReader(r.body))
	if err != nil {
		w.t.Error(err)
		return 0, httpapi.WebhookStarted{}, ""
	}
	sent.Header.Set("Content-Type", r.media)
	for name, value := range r.headers {
		sent.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(sent)
	if err != nil {
		w.t.Error(err)
		return 0, httpapi.WebhookStarted{}, ""
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Error(err)
	}
	var told struct {
		httpapi.WebhookStarted
		Code string `json:"code"`
	}
	if err := json.Unmarshal(raw, &told); err != nil && response.StatusCode != http.StatusOK {
		w.t.Errorf("%d %s: %v", response.StatusCode, raw, err)
	}
	return response.StatusCode, told.WebhookStarted, told.Code
}

func (w *whole) hookRefused(name string, r request, status int, code string) {
	w.t.Helper()
	if got, _, told := w.hook(r); got != status || told != code {
		w.t.Errorf("%s: answered %d %s, want %d %s", name, got, told, status, code)
	}
}

func hexMAC(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// TestWebhooksWithASecretPathStartProcesses: JSON and forms, what is sent again, what is refused, another path.
func TestWebhooksWithASecretPathStartProcesses(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.call(call{path: "/definitions/hook/webhooks/open"}, http.StatusNotFound)
	w.publishAs("hook", hookGraph)
	analyst, viewer := w.person("drawer", auth.Analyst), w.person("viewer", auth.Viewer)
	w.call(call{path: "/definitions/hook/webhooks/open", cookie: viewer, code: "access.denied"}, http.StatusForbidden)
	shown := func(raw []byte) httpapi.Webhook {
		var hook httpapi.Webhook
		if err := json.Unmarshal(raw, &hook); err != nil {
			t.Fatal(err)
		}
		return hook
	}
	hook := shown(w.call(call{path: "/definitions/hook/webhooks/open", cookie: analyst}, http.StatusOK))
	if !hook.Live || hook.Check != "path" || hook.SignedURL != w.url+"/hooks/hook/open" || !strings.HasPrefix(hook.PathURL, hook.SignedURL+"/") || len(hook.PathURL) < len(hook.SignedURL)+20 {
		t.Fatalf("the webhook is %+v", hook)
	}
	if again := shown(w.call(call{path: "/definitions/hook/webhooks/open"}, http.StatusOK)); again.PathURL != hook.PathURL {
		t.Error("the path changes when somebody else looks")
	}
	if drawn := shown(w.call(call{path: "/definitions/hook/webhooks/new_one"}, http.StatusOK)); drawn.Live || drawn.PathURL == "" {
		t.Errorf("one that is drawn only is %+v", drawn)
	}

	status, first, code := w.hook(request{url: hook.PathURL, body: `{"number":"1"}`})
	if status != http.StatusAccepted || first.ProcessID == "" || first.Existing {
		t.Fatalf("answered %d %s %+v", status, code, first)
	}
	process := w.call(call{path: "/processes/" + first.ProcessID}, http.StatusOK)
	trigger := field[httpapi.ProcessTrigger](t, process, "trigger")
	if trigger.Kind != "webhook" || trigger.Name != "Form sent" || trigger.Node != "open" || field[string](t, process, "custom_id") != "form 1" {
		t.Errorf("the process says that %+v started it", trigger)
	}
	if _, other, _ := w.hook(request{url: hook.PathURL, body: `{"number":"1"}`}); other.ProcessID == first.ProcessID {
		t.Error("without an id each request is one")
	}
	status, form, code := w.hook(request{url: hook.PathURL + "?x=1", media: "application/x-www-form-urlencoded", body: "number=22&event=a+b"})
	if status != http.StatusAccepted {
		t.Fatalf("a form is answered %d %s", status, code)
	}
	if input := field[map[string]string](t, w.call(call{path: "/processes/" + form.ProcessID}, http.StatusOK), "input"); input["number"] != "22" || input["event"] != "a b" {
		t.Errorf("the form became %v", input)
	}

	// The sender tries again, at once and later.
	var group sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		group.Go(func() {
			_, started, _ := w.hook(request{url: hook.PathURL, body: `{"number":"3"}`, headers: map[string]string{"Idempotency-Key": "d-3"}})
			ids[i] = started.ProcessID
		})
	}
	group.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("one delivery started %v", ids)
		}
	}

	large := `{"number":"` + strings.Repeat("x", 250<<10) + `"}`
	for name, c := range map[string]struct {
		r      request
		status int
		code   string
	}{
		"no path":                  {request{url: hook.SignedURL, body: `{"number":"1"}`}, http.StatusNotFound, "webhook.unknown"},
		"another path":             {request{url: hook.PathURL[:len(hook.PathURL)-1], body: `{"number":"1"}`}, http.StatusNotFound, "webhook.unknown"},
		"another start":            {request{url: strings.Replace(hook.PathURL, "/open/", "/signed/", 1), body: `{"number":"1"}`}, http.StatusNotFound, "webhook.unknown"},
		"another definition":       {request{url: strings.Replace(hook.PathURL, "/hook/open", "/hooks/open", 1), body: `{"number":"1"}`}, http.StatusNotFound, "webhook.unknown"},
		"one more part":            {request{url: hook.PathURL + "/x", body: `{"number":"1"}`}, http.StatusNotFound, "webhook.unknown"},
		"GET":                      {request{method: "GET", url: hook.PathURL}, http.StatusMethodNotAllowed, "request.method"},
		"no JSON":                  {request{url: hook.PathURL, body: `{`}, http.StatusBadRequest, "webhook.body"},
		"XML":                      {request{url: hook.PathURL, media: "text/xml", body: `<a/>`}, http.StatusUnsupportedMediaType, "webhook.media_type"},
		"a list":                   {request{url: hook.PathURL, body: `[]`}, http.StatusUnprocessableEntity, "start.expression"},
		"against the schema":       {request{url: hook.PathURL, body: `{"number":7}`}, http.StatusUnprocessableEntity, "process.input_invalid"},
		"a field too many":         {request{url: hook.PathURL, body: `{"number":"7","x":1}`}, http.StatusUnprocessableEntity, "process.input_invalid"},
		"a file of somebody":       {request{url: hook.PathURL, body: `{"number":"7","event":{"\u0024file":"sha256:` + strings.Repeat("a", 64) + `"}}`}, http.StatusUnprocessableEntity, "webhook.files"},
		"too large":                {request{url: hook.PathURL, body: large}, http.StatusRequestEntityTooLarge, "request.too_large"},
		"compressed":               {request{url: hook.PathURL, body: `{"number":"1"}`, headers: map[string]string{"Content-Encoding": "gzip"}}, http.StatusUnsupportedMediaType, "request.encoding"},
		"from a page of elsewhere": {request{url: hook.PathURL, body: `{"number":"1"}`, headers: map[string]string{"Origin": "https://evil.example"}}, http.StatusForbidden, "request.origin"},
	} {
		w.hookRefused(name, c.r, c.status, c.code)
	}

	w.call(call{method: "POST", path: "/definitions/hook/webhooks/open/rotate", cookie: analyst, code: "access.denied"}, http.StatusForbidden)
	rotated := shown(w.call(call{method: "POST", path: "/definitions/hook/webhooks/open/rotate"}, http.StatusOK))
	w.hookRefused("the path before", request{url: hook.PathURL, body: `{"number":"1"}`}, http.StatusNotFound, "webhook.unknown")
	if status, _, code := w.hook(request{url: rotated.PathURL, body: `{"number":"4"}`}); status != http.StatusAccepted {
		t.Errorf("the new path answers %d %s", status, code)
	}
	if trail := string(w.call(call{path: "/audit?action=webhook.rotate"}, http.StatusOK)); !strings.Contains(trail, `"node":"open"`) || strings.Contains(trail, rotated.PathURL[len(rotated.SignedURL)+1:]) {
		t.Errorf("the audit is %s", trail)
	}
	for _, table := range w.tables() {
		var rows int
		if err := w.server.DB.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` AS t WHERE t::text LIKE '%' || $1 || '%'`, rotated.PathURL[len(rotated.SignedURL)+1:]).Scan(&rows); err != nil || rows > 0 {
			t.Errorf("the table %s has the path in %d rows, %v", table, rows, err)
		}
	}
}

// TestSignedWebhooksStartProcesses: signatures of GitHub and Stripe, what is sent again, and what somebody overheard.
func TestSignedWebhooksStartProcesses(t *testing.T) {
	t.Parallel()
	const key = "a-key-that-both-know"
	w := start(t)
	w.publishAs("hook", hookGraph)
	at := w.url + "/hooks/hook/signed"
	github := func(number int, id string) request {
		body := fmt.Sprintf(`{"number":%d}`, number)
		headers := map[string]string{"X-Hub-Signature-256": "sha256=" + hexMAC(key, body), "X-GitHub-Event": "push"}
		if id != "" {
			headers["X-GitHub-Delivery"] = id
		}
		return request{url: at, body: body, headers: headers}
	}
	stripe := func(when time.Time, id string) request {
		body := fmt.Sprintf(`{"id":%q,"number":9}`, id)
		stamp := fmt.Sprint(when.Unix())
		return request{url: at, body: body, headers: map[string]string{"Stripe-Signature": "t=" + stamp + ",v1=" + hexMAC(key, stamp+"."+body), "X-GitHub-Event": "paid"}}
	}
	w.hookRefused("the secret is not set", github(1, "d-1"), http.StatusServiceUnavailable, "webhook.no_secret")
	w.call(call{method: "PUT", path: "/secrets/hook.key", body: `{"value":"` + key + `"}`}, http.StatusCreated)

	status, first, code := w.hook(github(1, "d-1"))
	if status != http.StatusAccepted || first.Existing {
		t.Fatalf("answered %d %s %+v", status, code, first)
	}
	if input := field[map[string]string](t, w.call(call{path: "/processes/" + first.ProcessID}, http.StatusOK), "input"); input["number"] != "1" || input["event"] != "push" {
		t.Errorf("the request became %v", input)
	}
	if _, again, _ := w.hook(github(1, "d-1")); again.ProcessID != first.ProcessID || !again.Existing {
		t.Errorf("the same delivery is answered %+v", again)
	}
	w.hookRefused("overheard, under another id", github(1, "d-2"), http.StatusConflict, "webhook.replayed")
	w.hookRefused("overheard, without an id", github(1, ""), http.StatusConflict, "webhook.replayed")
	if _, plain, _ := w.hook(github(2, "")); plain.ProcessID == "" {
		t.Error("a signature alone is enough")
	} else if _, again, _ := w.hook(github(2, "")); again.ProcessID != plain.ProcessID || !again.Existing {
		t.Errorf("the same signature without an id is answered %+v", again)
	}

	_, paid, _ := w.hook(stripe(time.Now(), "evt_1"))
	if _, again, _ := w.hook(stripe(time.Now().Add(-time.Minute), "evt_1")); paid.ProcessID == "" || again.ProcessID != paid.ProcessID {
		t.Errorf("an event that is signed anew is answered %+v, at first %+v", again, paid)
	}
	w.hookRefused("an old one", stripe(time.Now().Add(-6*time.Minute), "evt_2"), http.StatusUnauthorized, "webhook.timestamp")

	wrong := github(3, "d-3")
	wrong.headers["X-Hub-Signature-256"] = "sha256=" + hexMAC("another", wrong.body)
	w.hookRefused("another key", wrong, http.StatusUnauthorized, "webhook.signature")
	unsigned := github(3, "d-3")
	delete(unsigned.headers, "X-Hub-Signature-256")
	w.hookRefused("unsigned", unsigned, http.StatusUnauthorized, "webhook.unsigned")
	behind := github(3, "d-3")
	behind.url += "/x"
	w.hookRefused("a path behind it", behind, http.StatusNotFound, "webhook.unknown")
	refused := github(3, "d-3")
	refused.body = `{"number":1234567}`
	refused.headers["X-Hub-Signature-256"] = "sha256=" + hexMAC(key, refused.body)
	w.hookRefused("against the schema", refused, http.StatusUnprocessableEntity, "process.input_invalid")

	// Another value counts at once.
	w.call(call{method: "PUT", path: "/secrets/hook.key", body: `{"value":"another-key"}`}, http.StatusOK)
	w.hookRefused("the key before", github(4, "d-4"), http.StatusUnauthorized, "webhook.signature")
}

package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp keeps the date of its answers for the life of the process
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		// its pool of workers notices the end of its server within 10 s
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/gofiber/fiber/v2/utils.StartTimeStampUpdater.func1.1"),
	)
}

// harness is a server on a real port over fakes.
type harness struct {
	t      *testing.T
	fake   *fake
	server *Server
	client *http.Client
	url    string
}

func serve(t *testing.T, change ...func(*Config)) *harness {
	t.Helper()
	f := newFake()
	config := Config{
		Mode: "dev", Version: "test", Address: "127.0.0.1:0", Engine: f, Designer: f, Catalog: f, Expressions: f, Auth: f, Files: f, Audit: f, Alerts: fakeAlerts{f}, Bulk: fakeBulk{f}, Schedules: fakeSchedules{f}, Secrets: fakeSecrets{f}, Webhooks: fakeWebhooks{f}, Work: fakeWork{f}, Mail: f,
		UploadLimit: 1 << 20, Log: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&config)
	}
	server, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Stop()
	})
	return &harness{t: t, fake: f, server: server, client: &http.Client{Transport: transport, Timeout: 20 * time.Second}, url: "http://" + server.Address()}
}

// request is one call and what is expected of its answer.
type request struct {
	method, path string
	token        string // bearer; "" sends none
	session      string // cookie
	host         string
	headers      map[string]string
	body         string
	reader       io.Reader
}

type answer struct {
	status  int
	headers http.Header
	body    string
	problem Problem
}

func (h *harness) do(r request) answer {
	h.t.Helper()
	if r.method == "" {
		r.method = http.MethodGet
	}
	body := r.reader
	if body == nil && r.body != "" {
		body = strings.NewReader(r.body)
	}
	sent, err := http.NewRequest(r.method, h.url+r.path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	if r.body != "" {
		sent.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		sent.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.session != "" {
		sent.AddCookie(&http.Cookie{Name: SessionCookie, Value: r.session})
	}
	for name, value := range r.headers {
		sent.Header.Set(name, value)
	}
	if r.host != "" {
		sent.Host = r.host
	}
	got, err := h.client.Do(sent)
	if err != nil {
		h.t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		h.t.Fatalf("%s %s: read the answer: %v", r.method, r.path, err)
	}
	a := answer{status: got.StatusCode, headers: got.Header, body: string(raw)}
	if got.Header.Get("Content-Type") == "application/problem+json" {
		if err := json.Unmarshal(raw, &a.problem); err != nil {
			h.t.Fatalf("%s %s: problem %q: %v", r.method, r.path, raw, err)
		}
	}
	return a
}

func (h *harness) expect(r request, status int, code string) answer {
	h.t.Helper()
	a := h.do(r)
	if a.status != status || a.problem.Code != code {
		h.t.Errorf("%s %s answered %d %q, want %d %q: %.500s", r.method, r.path, a.status, a.problem.Code, status, code, a.body)
	}
	if code != "" && a.problem.RequestID == "" {
		h.t.Errorf("%s %s: the problem has no request id", r.method, r.path)
	}
	return a
}

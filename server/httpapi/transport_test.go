package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

func TestTextOfErrorsStaysInTheLog(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.fake.fail = errors.New(`dial tcp 10.0.0.5:5432: password authentication failed for user "taskurotta"`)
	for _, path := range []string{"/api/v1/processes", "/api/v1/definitions", "/api/v1/workers"} {
		got := h.expect(request{path: path, token: "all"}, http.StatusInternalServerError, "server.error")
		if strings.Contains(got.body, "10.0.0.5") || strings.Contains(got.body, "password") {
			t.Errorf("%s shows the driver's text: %s", path, got.body)
		}
	}
	h.fake.fail = fault.Wrap(errors.New("sEcrEt"), fault.Internal, "x", "sEcrEt")
	if got := h.expect(request{path: "/api/v1/processes", token: "all"}, http.StatusInternalServerError, "server.error"); strings.Contains(got.body, "sEcrEt") {
		t.Errorf("the text of an internal fault is shown: %s", got.body)
	}
	h.fake.fail = fault.Wrap(errors.New("sEcrEt"), fault.Unavailable, "storage.unavailable", "The database does not answer.")
	got := h.expect(request{path: "/api/v1/processes", token: "all"}, http.StatusServiceUnavailable, "storage.unavailable")
	if got.headers.Get("Retry-After") == "" || strings.Contains(got.body, "sEcrEt") {
		t.Errorf("unavailable: Retry-After %q, body %s", got.headers.Get("Retry-After"), got.body)
	}
}

func TestAStoreThatIsAwayIsNoFaultOfTheServer(t *testing.T) {
	t.Parallel()
	away := errors.New("connection refused")
	h := serve(t, func(c *Config) { c.Away = func(err error) bool { return errors.Is(err, away) } })
	h.fake.fail = fmt.Errorf("find account: %w", away)
	got := h.expect(request{path: "/api/v1/processes", token: "all"}, http.StatusServiceUnavailable, "server.unavailable")
	if got.headers.Get("Retry-After") != "2" || strings.Contains(got.body, "refused") {
		t.Errorf("Retry-After %q, body %s", got.headers.Get("Retry-After"), got.body)
	}
	h.fake.fail = errors.New("another")
	h.expect(request{path: "/api/v1/processes", token: "all"}, http.StatusInternalServerError, "server.error")
}

func TestPanicIsAnsweredAndSurvived(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.fake.block = func(context.Context) { panic("sEcrEt") }
	got := h.expect(request{path: "/api/v1/processes", token: "all"}, http.StatusInternalServerError, "server.error")
	if strings.Contains(got.body, "sEcrEt") {
		t.Errorf("the panic's text is shown: %s", got.body)
	}
	h.fake.block = nil
	h.expect(request{path: "/api/v1/processes", token: "all"}, http.StatusOK, "")
}

func TestRequestHasADeadline(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.RequestTimeout = 50 * time.Millisecond })
	h.fake.block = func(ctx context.Context) { <-ctx.Done() }
	h.expect(request{path: "/api/v1/processes", token: "all"}, http.StatusServiceUnavailable, "request.deadline")
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	h := serve(t)
	for _, path := range []string{"/api/v1/processes", "/healthz", "/nothing"} {
		got := h.do(request{path: path, token: "all", headers: map[string]string{"X-Request-Id": "abcdefgh-1"}})
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "X-Request-Id": "abcdefgh-1", "Content-Security-Policy": pagePolicy,
		} {
			if got.headers.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got.headers.Get(name), want)
			}
		}
	}
	if strings.Contains(pagePolicy, "unsafe-eval") || strings.Contains(strings.Split(pagePolicy, "style-src")[0], "unsafe-inline") {
		t.Errorf("the policy lets code in: %s", pagePolicy)
	}
	if got := h.do(request{path: "/healthz", headers: map[string]string{"X-Request-Id": "a\tb; drop"}}); len(got.headers.Get("X-Request-Id")) != 36 {
		t.Errorf("a request id that is none was kept: %q", got.headers.Get("X-Request-Id"))
	}
}

// TestRestOfABodyIsNotTheNextRequest: what a refused request's body holds must not be answered as a request of its own.
func TestHostsAreTheNamedOnesAndThisMachine(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.Hosts = []string{"taskurotta.example"} })
	for _, host := range []string{"taskurotta.example", "taskurotta.example:8420", "localhost", "127.0.0.1:1", "[::1]:1"} {
		if got := h.do(request{path: "/api/v1/session", token: "all", host: host}); got.status != http.StatusOK {
			t.Errorf("called %s it answers %d", host, got.status)
		}
	}
	h.expect(request{path: "/api/v1/session", token: "all", host: "evil.example"}, http.StatusMisdirectedRequest, "request.host")
}

func TestHeadersThatAreTooLargeAreTheClientsFault(t *testing.T) {
	t.Parallel()
	got := serve(t).do(request{path: "/healthz", headers: map[string]string{"X-Large": strings.Repeat("a", 2*headerLimit)}})
	if got.status != http.StatusRequestHeaderFieldsTooLarge || got.problem.Code != "request.headers_too_large" {
		t.Errorf("answered %d %q", got.status, got.problem.Code)
	}
}

func TestRestOfABodyIsNotTheNextRequest(t *testing.T) {
	t.Parallel()
	h := serve(t)
	smuggled := "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
	// the first 8 KiB of a body are read with the header: the rest must be longer
	body := strings.Repeat("x", 20<<10) + smuggled
	for name, first := range map[string]string{
		"with a length": fmt.Sprintf("POST /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body),
		"in chunks":     fmt.Sprintf("POST /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", h.server.Address())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, first); err != nil {
				t.Fatal(err)
			}
			reader := bufio.NewReader(conn)
			got, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, got.Body); err != nil {
				t.Fatal(err)
			}
			if got.StatusCode != http.StatusNotFound {
				t.Fatalf("the first request answered %d", got.StatusCode)
			}
			if got.Close {
				if rest, _ := io.ReadAll(reader); len(rest) > 0 {
					t.Errorf("after the last answer came %q", rest)
				}
				return
			}
			if _, err := io.WriteString(conn, "GET /api/v1/second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(reader)
			if strings.Count(string(rest), "HTTP/1.1 ") != 1 || !strings.HasPrefix(string(rest), "HTTP/1.1 404") {
				t.Errorf("the second request was answered %q", rest)
			}
		})
	}
}

func TestStopIsIdempotentAndWithoutStart(t *testing.T) {
	t.Parallel()
	f := newFake()
	server, err := New(Config{Engine: f, Designer: f, Catalog: f, Expressions: f, Auth: f, Files: f, Audit: f, Alerts: fakeAlerts{f}, Bulk: fakeBulk{f}, Schedules: fakeSchedules{f}, Secrets: fakeSecrets{f}, Webhooks: fakeWebhooks{f}, Work: fakeWork{f}})
	if err != nil {
		t.Fatal(err)
	}
	server.Stop()
	server.Stop()
	if _, err := New(Config{}); !errors.Is(err, errPorts) {
		t.Errorf("a server without ports: %v", err)
	}
}

// TestStopDoesNotWaitForWhoIsSilent: a browser keeps its connections open for minutes.
func TestStopDoesNotWaitForWhoIsSilent(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.do(request{path: "/healthz"})
	conn, err := net.Dial("tcp", h.server.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	began := time.Now()
	h.server.Stop()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

// TestStopLetsAnswersFinish: a request that was accepted is answered.
func TestStopLetsAnswersFinish(t *testing.T) {
	t.Parallel()
	h := serve(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	h.fake.block = func(context.Context) {
		close(entered)
		<-leave
	}
	answered := make(chan answer)
	go func() { answered <- h.do(request{path: "/api/v1/processes", token: "all"}) }()
	<-entered
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		h.server.Stop()
	}()
	select {
	case <-stopped:
		t.Error("the server stopped with a request under way")
	case <-time.After(5 * idleLook):
	}
	close(leave)
	if got := <-answered; got.status != http.StatusOK {
		t.Errorf("the request under way was answered %d", got.status)
	}
	<-stopped
}

package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// TestDefect_HealthCheckCreatedAQueue: looking must change nothing.
func TestDefect_HealthCheckCreatedAQueue(t *testing.T) {
	t.Parallel()
	store := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: store.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	if err := store.Set("taskurotta:queue", "1"); err != nil {
		t.Fatal(err)
	}
	h := serve(t, func(c *Config) {
		c.Checks = []Check{{Name: "redis", Ping: func(ctx context.Context) error { return client.Ping(ctx).Err() }}}
	})
	before := store.Dump()
	for range 5 {
		for _, path := range []string{"/healthz", "/readyz"} {
			if got := h.do(request{path: path}); got.status != http.StatusOK {
				t.Errorf("%s answered %d: %s", path, got.status, got.body)
			}
		}
	}
	if after := store.Dump(); after != before {
		t.Errorf("Redis held %s and holds %s", before, after)
	}
	if h.fake.countCalls() != 0 || len(h.fake.recorded()) != 0 {
		t.Errorf("a health check reached the ports: %v", h.fake.calls)
	}
}

func TestReadinessNamesWhatIsAway(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) {
		c.Checks = []Check{
			{Name: "postgres", Ping: func(context.Context) error { return errors.New("dial 10.0.0.5: sEcrEt") }},
			{Name: "redis", Ping: func(context.Context) error { return nil }},
		}
	})
	got := h.do(request{path: "/readyz", host: "10.1.2.3:8080"})
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"postgres":"unavailable"`) || !strings.Contains(got.body, `"redis":"ok"`) {
		t.Errorf("answered %d: %s", got.status, got.body)
	}
	if strings.Contains(got.body, "sEcrEt") {
		t.Errorf("shows the driver's text: %s", got.body)
	}
	if live := h.do(request{path: "/healthz"}); live.status != http.StatusOK {
		t.Errorf("healthz answered %d", live.status)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) {
		c.Metrics = []prometheus.Collector{prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "taskurotta_own_total"}, func() float64 { return 4 })}
	})
	h.do(request{path: "/api/v1/processes", token: "all"})
	h.expect(request{path: "/metrics", headers: map[string]string{"X-Forwarded-For": "203.0.113.1"}}, http.StatusForbidden, "metrics.forbidden")
	got := h.do(request{path: "/metrics"})
	for _, want := range []string{`taskurotta_http_request_seconds_count{method="GET",route="/api/v1/processes",status="200"} 1`, "go_goroutines", "taskurotta_own_total 4"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

// TestDefect_UIAndAPIDisagreedOnAVerb: what the web app's types are generated from is what the server serves, and every
// verb of every path is either described or refused.
func TestDefect_UIAndAPIDisagreedOnAVerb(t *testing.T) {
	t.Parallel()
	generated, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	requireSameAsFile(t, "../../frontend/openapi.json", generated)
	h := serve(t)
	if served := h.do(request{path: "/api/v1/openapi.json"}); served.body != string(generated) {
		t.Error("the server describes itself differently")
	}
	verbs := map[string][]string{}
	for _, op := range h.server.api.operations {
		verbs[pathOf(op)] = append(verbs[pathOf(op)], op.method)
	}
	for path, known := range verbs {
		for _, verb := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			got := h.do(request{method: verb, path: path, token: "all", headers: map[string]string{"If-Match": `"7"`}})
			if described := slices.Contains(known, verb); described == (got.status == http.StatusMethodNotAllowed) {
				t.Errorf("%s %s: described %v, answered %d", verb, path, described, got.status)
			}
		}
	}
}

package httpapi

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/taskurotta/taskurotta-go/fault"
)

const collectTimeout = 3 * time.Second

func (s *Server) registerMetrics() error {
	s.registry = prometheus.NewRegistry()
	s.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "taskurotta_http_request_seconds", Help: "Time to answer, by route and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})
	own := []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), s.requests, newPoolCollector(s.config.Engine),
	}
	for _, collector := range append(own, s.config.Metrics...) {
		if err := s.registry.Register(collector); err != nil {
			return fmt.Errorf("register a metrics collector: %w", err)
		}
	}
	return nil
}

// metrics serves what Prometheus scrapes, to loopback and to whoever has the metrics token.
func (s *Server) metrics() fiber.Handler {
	serve := adaptor.HTTPHandler(promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	return func(c *fiber.Ctx) error {
		token, _ := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
		known := s.config.MetricsToken != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.config.MetricsToken)) == 1
		if address := net.ParseIP(c.IP()); !known && (address == nil || !address.IsLoopback()) {
			return fault.New(fault.Forbidden, "metrics.forbidden", "Metrics are for loopback and for holders of the metrics token.")
		}
		return serve(c)
	}
}

// poolCollector reads the pools when Prometheus asks.
type poolCollector struct {
	engine  Engine
	queued  *prometheus.Desc
	running *prometheus.Desc
	backlog *prometheus.Desc
	oldest  *prometheus.Desc
	workers *prometheus.Desc
	slots   *prometheus.Desc
}

func newPoolCollector(engine Engine) *poolCollector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("taskurotta_pool_"+name, help, []string{"pool"}, nil)
	}
	return &poolCollector{
		engine:  engine,
		queued:  desc("queued", "Messages in Redis that no worker has taken."),
		running: desc("running", "Tasks that live workers hold."),
		backlog: desc("backlog", "Tasks in PostgreSQL that wait for room."),
		oldest:  desc("oldest_age_seconds", "Age of the oldest task that waits."),
		workers: desc("workers", "Live workers."),
		slots:   desc("slots", "Tasks that the live workers can run at a time."),
	}
}

// Describe lists the metrics.
func (p *poolCollector) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{p.queued, p.running, p.backlog, p.oldest, p.workers, p.slots} {
		out <- desc
	}
}

// Collect reads the pools; when that fails the other metrics are still served.
func (p *poolCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTimeout)
	defer cancel()
	pools, err := p.engine.Pools(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(p.queued, err)
		return
	}
	for _, pool := range pools {
		gauge := func(desc *prometheus.Desc, value float64) {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, pool.Pool)
		}
		gauge(p.queued, float64(pool.Queued))
		gauge(p.running, float64(pool.Running))
		gauge(p.backlog, float64(pool.Backlog))
		gauge(p.oldest, float64(pool.OldestAgeMS)/1000)
		gauge(p.workers, float64(len(pool.Workers)))
		gauge(p.slots, float64(pool.Slots))
	}
}

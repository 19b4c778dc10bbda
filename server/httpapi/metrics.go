package httpapi

import (
	"crypto/subtle"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/taskurotta/taskurotta-go/fault"
)

func (s *Server) registerMetrics() error {
	s.registry = prometheus.NewRegistry()
	s.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "taskurotta_http_request_seconds", Help: "Time to answer, by route and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})
	own := []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), s.requests,
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
		if !known && !s.local(c) {
			return fault.New(fault.Forbidden, "metrics.forbidden", "Metrics are for loopback and for holders of the metrics token.")
		}
		return serve(c)
	}
}

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	headerLimit  = 16 << 10
	readTimeout  = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	stopTimeout  = 10 * time.Second
	connectionsN = 20_000
)

// Server is the HTTP server.
type Server struct {
	config   Config
	app      *fiber.App
	api      *API
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	openapi  []byte
	conns    *connections
	proxies  []netip.Prefix

	listener net.Listener
	served   chan struct{}
	stop     sync.Once
}

// New checks the configuration and builds the server; Start makes it listen.
func New(config Config) (*Server, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	proxies, err := parseNetworks(config.Proxies)
	if err != nil {
		return nil, err
	}
	s := &Server{config: config, app: newFiber(config), served: make(chan struct{}), conns: &connections{}, proxies: proxies}
	s.conns.watch(s.app)
	if err := s.registerMetrics(); err != nil {
		return nil, err
	}
	s.app.Use(s.enter, s.checkHost, s.checkBody, s.checkOrigin)
	s.app.Get("/healthz", s.healthz)
	s.app.Get("/readyz", s.readyz)
	s.app.Get("/metrics", s.metrics())
	s.app.Get(Base+"/openapi.json", s.serveOpenAPI)
	s.api = newAPI(config, s.conns, s.app, s.app.Group(Base))
	s.app.Get(Base+"/live", s.live)
	s.app.Post("/hooks/:definition/:node/:path?", s.hook)
	s.app.Use("/hooks", s.unknownHook)
	s.app.Use("/api", s.unknownOperation)
	if config.Web != nil {
		s.app.Use(config.Web)
	}
	s.app.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
	if s.openapi, err = s.api.document(); err != nil {
		return nil, err
	}
	return s, nil
}

// newFiber is the only place that makes a fiber app: every limit is set here. The body limit is not fiber's: bodies are
// streams, and each operation bounds its own.
func newFiber(config Config) *fiber.App {
	return fiber.New(fiber.Config{
		AppName:                      "taskurotta",
		Immutable:                    true, // else strings change under whoever keeps them
		CaseSensitive:                true,
		StrictRouting:                false,
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		BodyLimit:                    headerLimit,
		ReadBufferSize:               headerLimit,
		Concurrency:                  connectionsN,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 config.UploadTimeout,
		IdleTimeout:                  idleTimeout,
		EnableTrustedProxyCheck:      true, // fiber believes X-Forwarded-* of nobody; see remote
		DisableStartupMessage:        true,
		ErrorHandler:                 answerError,
	})
}

// Start listens and serves until Stop.
func (s *Server) Start(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.config.Address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.config.Address, err)
	}
	s.listener = listener
	s.api.trail.Start()
	go func() {
		defer close(s.served)
		if err := s.app.Listener(listener); err != nil && !errors.Is(err, net.ErrClosed) {
			s.config.Log.Error("http server stopped", "error", err)
		}
	}()
	s.config.Log.Info("http server listens", "address", s.Address())
	return nil
}

// Stop ends listening, lets requests under way finish within 10 s, and writes the last audit records. Websockets are not
// the server's: stop the live hub first.
func (s *Server) Stop() {
	s.stop.Do(func() {
		if s.listener != nil {
			s.shutdown()
			_ = s.listener.Close() // Shutdown before the first Accept leaves it open
			<-s.served
		}
		s.api.trail.Stop()
	})
}

// shutdown waits for answers under way, not for connections that are only open.
func (s *Server) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var waiting sync.WaitGroup
	waiting.Go(func() {
		s.conns.waitIdle(ctx)
		cancel()
	})
	_ = s.app.ShutdownWithContext(ctx) // what it complains of are the connections that are closed below
	waiting.Wait()
	if cut := s.conns.answers.Load(); cut > 0 {
		s.config.Log.Warn("http requests cut off at stop", "requests", cut)
	}
	s.conns.closeAll()
}

// Address returns the host and port that the server listens on.
func (s *Server) Address() string {
	if s.listener == nil {
		return s.config.Address
	}
	return s.listener.Addr().String()
}

func (s *Server) serveOpenAPI(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/openapi+json")
	return c.Send(s.openapi)
}

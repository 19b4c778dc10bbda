package httpapi

import (
	"errors"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what the API needs. The ports are required, except Mail; zero values of the rest are the documented defaults.
type Config struct {
	Mode    string // "dev" or "serve"; default serve
	Version string // of the server; default dev

	Engine      Engine
	Designer    Designer
	Catalog     Catalog
	Expressions Expressions
	Auth        Auth
	Files       Files
	Audit       Audit
	Alerts      Alerts
	Bulk        Bulk
	Schedules   Schedules
	Secrets     Secrets
	Webhooks    Webhooks
	Work        Work
	Mail        Mailbox // nil: /mail answers 404

	Live fiber.Handler // the websocket of /api/v1/live; nil: 404
	Web  fiber.Handler // the web app; nil: 404

	Address      string   // to listen on; default 127.0.0.1:8080
	Hosts        []string // names that requests may call this server, besides localhost, 127.0.0.1 and [::1]
	Proxies      []string // addresses and networks of proxies, whose X-Forwarded-For is believed
	Origins      []string // origins besides the server's own that may send unsafe requests, scheme://host:port
	SecureCookie bool     // the session cookie only travels over TLS

	// Away tells errors of a store that does not answer now from faults of the server: they are 503, not 500. Default: none is.
	Away func(error) bool

	Checks       []Check                // what /readyz asks
	Metrics      []prometheus.Collector // besides the API's own and Go's
	MetricsToken string                 // lets others than loopback read /metrics; empty: loopback only

	UploadLimit    int64         // bytes of one file; default 100 MiB
	UploadTimeout  time.Duration // default 10 min
	RequestTimeout time.Duration // a request's deadline; default 20 s
	Log            *slog.Logger  // default slog.Default()
}

var errPorts = errors.New("httpapi: Engine, Designer, Catalog, Expressions, Auth, Files, Audit, Alerts, Bulk, Schedules, Secrets, Webhooks and Work are required")

func (c Config) withDefaults() (Config, error) {
	if c.Engine == nil || c.Designer == nil || c.Catalog == nil || c.Expressions == nil || c.Auth == nil || c.Files == nil || c.Audit == nil || c.Alerts == nil || c.Bulk == nil || c.Schedules == nil ||
		c.Secrets == nil || c.Webhooks == nil || c.Work == nil {
		return c, errPorts
	}
	return c.withLimits(), nil
}

func (c Config) withLimits() Config {
	if c.Mode == "" {
		c.Mode = "serve"
	}
	if c.Away == nil {
		c.Away = func(error) bool { return false }
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Address == "" {
		c.Address = "127.0.0.1:8080"
	}
	c.Hosts = append([]string{"localhost", "127.0.0.1", "[::1]"}, c.Hosts...)
	if c.UploadLimit == 0 {
		c.UploadLimit = 100 << 20
	}
	if c.UploadTimeout == 0 {
		c.UploadTimeout = defaultUploadTimeout
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = 20 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

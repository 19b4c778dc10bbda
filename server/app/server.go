package app

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/designer/desk"
	designerstore "github.com/taskurotta/taskurotta-go/designer/pgstore"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/migrations"
	"github.com/taskurotta/taskurotta-go/server/alert"
	alertstore "github.com/taskurotta/taskurotta-go/server/alert/pgstore"
	"github.com/taskurotta/taskurotta-go/server/audit"
	"github.com/taskurotta/taskurotta-go/server/auth"
	authstore "github.com/taskurotta/taskurotta-go/server/auth/pgstore"
	"github.com/taskurotta/taskurotta-go/server/bulk"
	bulkstore "github.com/taskurotta/taskurotta-go/server/bulk/pgstore"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/files"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/server/live"
	"github.com/taskurotta/taskurotta-go/server/mailsink"
	"github.com/taskurotta/taskurotta-go/server/schedule"
	schedulestore "github.com/taskurotta/taskurotta-go/server/schedule/pgstore"
	"github.com/taskurotta/taskurotta-go/server/secret"
	secretstore "github.com/taskurotta/taskurotta-go/server/secret/pgstore"
	"github.com/taskurotta/taskurotta-go/server/webhook"
	webhookstore "github.com/taskurotta/taskurotta-go/server/webhook/pgstore"
	"github.com/taskurotta/taskurotta-go/server/webui"
	"github.com/taskurotta/taskurotta-go/server/work"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Service is a part that runs. Stop may be called more than once, and after a failed Start.
type Service interface {
	Start(ctx context.Context) error
	Stop()
}

// ServerConfig is what a server is made of.
type ServerConfig struct {
	Mode         string // dev or serve
	Version      string
	DatabaseURL  string
	RedisURL     string
	Installation string
	Listen       string
	Hosts        []string
	Proxies      []string
	Origins      []string
	Files        string        // URL of the blob store
	FilesGrace   time.Duration // how long contents are kept that nothing names; default 24 h
	WorkerToken  string
	SecretKey    string // keys of secrets, as secret.NewBox reads them; empty: none can be kept
	MetricsToken string
	SecureCookie bool
	UploadLimit  int64
	Mail         *mailsink.Sink // nil: none
	SMTP         alert.Mail     // for alerts
	PublicURL    string         // where people reach the product; default: the address to listen on
	PrivateHooks bool           // webhooks may call loopback and private addresses
	Log          *slog.Logger
}

// Server is a server with everything that it needs.
type Server struct {
	DB       *pgxpool.Pool
	Redis    *redis.Client
	Keys     wire.Keys
	Designer *designer.Service
	Catalog  *catalog.Catalog
	Engine   *engine.Engine
	Auth     *auth.Service
	Files    *files.Store
	API      *httpapi.Server
	Alerts   *alert.Service
	Bulk     *bulk.Service
	Schedule *schedule.Service
	Secrets  *secret.Service
	Webhooks *webhook.Service
	Work     *work.Service

	config   ServerConfig
	accounts *authstore.Store
	desks    desk.Store
	sweeper  *files.Sweeper
	services []Service // in the order they start
	started  int
}

// NewServer migrates the database and makes the parts; nothing runs before Start.
func NewServer(ctx context.Context, config ServerConfig) (server *Server, err error) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	s := &Server{config: config, Keys: wire.Keys{ID: config.Installation}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if _, err = migrations.Up(ctx, config.DatabaseURL); err != nil {
		return nil, err
	}
	if err = s.connect(ctx); err != nil {
		return nil, err
	}
	store, err := designerstore.New(s.DB)
	if err != nil {
		return nil, err
	}
	s.Catalog = catalog.New(store)
	s.Designer = designer.New(store, s.Catalog)
	s.desks = store
	if s.Files, err = files.Open(ctx, files.Config{DB: s.DB, URL: config.Files, Limit: config.UploadLimit}); err != nil {
		return nil, err
	}
	s.Engine, err = engine.New(engine.Config{
		DB: s.DB, Redis: s.Redis, Keys: s.Keys, Definitions: versions{s.Designer}, Catalog: s.Catalog, Log: config.Log, Files: fileGranter{s.Files}, Removals: removals{},
	})
	if err != nil {
		return nil, err
	}
	if s.accounts, err = authstore.New(s.DB); err != nil {
		return nil, err
	}
	if s.Auth, err = auth.New(auth.Config{Store: s.accounts, WorkerToken: config.WorkerToken, Log: config.Log}); err != nil {
		return nil, err
	}
	return s, s.serveHTTP()
}

func (s *Server) connect(ctx context.Context) error {
	config, err := pgxpool.ParseConfig(s.config.DatabaseURL)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	config.MaxConns = max(config.MaxConns, 24)
	config.ConnConfig.RuntimeParams["application_name"] = "taskurotta"
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if s.DB, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	s.Redis, err = pipeline.Connect(s.config.RedisURL)
	return err
}

// serveHTTP makes the live feed and the API over the parts.
func (s *Server) serveHTTP() error {
	engineView := engineAPI{engine: s.Engine, titles: &titles{load: s.Designer.Titles}}
	hub, err := live.New(live.Config{
		Source: engineView, Pokes: &live.RedisPokes{Client: s.Redis, Channel: s.Keys.Live(), Log: s.config.Log}, Drafts: draftsView{s.desks},
		Server: s.config.Listen, Version: s.config.Version, Log: s.config.Log,
	})
	if err != nil {
		return err
	}
	designs := designerAPI{designer: s.Designer, catalog: s.Catalog, engine: s.Engine, saved: hub.Saved}
	if s.Alerts, err = alert.New(alert.Config{
		Store: alertstore.New(s.DB), Names: alertNames{designer: s.Designer, titles: engineView.titles}, Mail: s.config.SMTP,
		PublicURL: s.publicURL, AllowPrivate: s.config.PrivateHooks, Log: s.config.Log,
	}); err != nil {
		return err
	}
	if s.Bulk, err = bulk.New(bulk.Config{Store: bulkstore.New(s.DB), Engine: s.Engine, Log: s.config.Log}); err != nil {
		return err
	}
	if s.Schedule, err = schedule.New(schedule.Config{Store: schedulestore.New(s.DB), Engine: s.Engine, Log: s.config.Log}); err != nil {
		return err
	}
	box, err := secret.NewBox(s.config.SecretKey)
	if err != nil {
		return err
	}
	if s.Secrets, err = secret.New(secret.Config{Store: secretstore.New(s.DB), Box: box, Log: s.config.Log}); err != nil {
		return err
	}
	if s.Webhooks, err = webhook.New(webhook.Config{Store: webhookstore.New(s.DB), Engine: s.Engine, Secrets: s.Secrets, Box: box, Log: s.config.Log}); err != nil {
		return err
	}
	if s.Work, err = work.New(work.Config{Redis: s.Redis, Keys: s.Keys, Engine: s.Engine, Log: s.config.Log}); err != nil {
		return err
	}
	s.sweeper = files.NewSweeper(s.Files, files.SweepConfig{Grace: s.config.FilesGrace, Texts: namesOfFiles, Log: s.config.Log})
	var mailbox httpapi.Mailbox
	if s.config.Mail != nil {
		mailbox = mailAPI{s.config.Mail}
	}
	s.API, err = httpapi.New(httpapi.Config{
		Mode: s.config.Mode, Version: s.config.Version, Engine: engineView, Designer: designs, Catalog: designs, Expressions: designs,
		Auth: authAPI{s.Auth}, Files: filesAPI{s.Files}, Audit: auditAPI{audit.New(s.DB)}, Alerts: alertsAPI{s.Alerts}, Bulk: bulkAPI{s.Bulk}, Schedules: schedulesAPI{s.Schedule, engineView.titles},
		Secrets: secretsAPI{s.Secrets}, Webhooks: webhooksAPI{s.Webhooks, s.publicURL}, Work: workAPI{s.Work}, Mail: mailbox, Live: hub.Handler(), Web: webui.New().Handler(),
		Address: s.config.Listen, Hosts: s.config.Hosts, Proxies: s.config.Proxies, Origins: s.config.Origins, SecureCookie: s.config.SecureCookie,
		MetricsToken: s.config.MetricsToken, UploadLimit: s.config.UploadLimit, Log: s.config.Log,
		Metrics: append(engineMetrics(s.Engine), &fileCollector{s.sweeper}), Away: away,
		Checks: []httpapi.Check{
			{Name: "postgres", Ping: s.DB.Ping},
			{Name: "redis", Ping: func(ctx context.Context) error { return s.Redis.Ping(ctx).Err() }},
			{Name: "files", Ping: s.Files.Ping},
		},
	})
	s.services = []Service{s.Engine, s.sweeper, hub, s.API, s.Alerts, s.Bulk, s.Schedule, s.Webhooks, s.Work}
	return err
}

// Start starts engine, live feed and API, in this order. When one fails, those before it are stopped.
func (s *Server) Start(ctx context.Context) error {
	for i, service := range s.services {
		s.started = i + 1
		if err := service.Start(ctx); err != nil {
			s.Stop()
			return err
		}
	}
	return nil
}

// Stop stops what runs in reverse order, then closes the stores.
func (s *Server) Stop() {
	// The API goes last but one: it refuses new requests first, sockets close, and the engine commits what it was given.
	for _, service := range slices.Backward(s.services[:s.started]) {
		service.Stop()
	}
	s.started = 0
	s.close()
}

func (s *Server) close() {
	if s.Files != nil {
		s.Files.Close()
		s.Files = nil
	}
	if s.Redis != nil {
		_ = s.Redis.Close()
		s.Redis = nil
	}
	if s.accounts != nil {
		s.accounts.Close()
		s.accounts = nil
	}
	if s.DB != nil {
		s.DB.Close()
		s.DB = nil
	}
}

// publicURL is where people reach the product; a port that was left open is known after the start.
func (s *Server) publicURL() string {
	if s.config.PublicURL != "" {
		return s.config.PublicURL
	}
	return config.BaseURL(s.API.Address())
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// fileURL is the blob store in a folder of this machine.
func fileURL(folder string) string {
	u := url.URL{Scheme: "file", Path: strings.ReplaceAll(folder, `\`, "/")}
	return u.String()
}

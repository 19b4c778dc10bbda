// Package registry is a land registry behind an enterprise bus, for demonstrations and tests: it takes messages as SOAP 1.2 and plain
// XML, keeps parcels, entries and the books of fees in a database, and answers later by messages of its own. It behaves as badly as
// it is told to: late, twice, too early, with refusals and outages.
//
// A message is acknowledged after the commit that did what it asks for and wrote its answer down; the same message again changes
// nothing. It knows the product by its bus only, and imports the packages of the bus.
package registry

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/workers/bus"
)

//go:embed schema.sql
var schema string

// Config of a Registry. Zero values mean the defaults.
type Config struct {
	DatabaseURL string
	Schema      string       // that its tables are in, made when absent; default demo_registry
	Listen      string       // loopback address; default 127.0.0.1:0 (a free port)
	Server      string       // URL that takes its messages, a server's /api/v1/bus
	Token       string       // an API token of that server
	Faults      *Faults      // nil: those of the last run, at first DefaultFaults
	Paper       *paper.Maker // makes what is asked about; default: seed 1
	Russian     bool         // it says in Russian why it refuses; default English
	Log         *slog.Logger // default slog.Default()
}

// Registry is the running simulator.
type Registry struct {
	config   Config
	db       *pgxpool.Pool
	listener net.Listener
	http     *http.Server
	client   *http.Client
	wake     chan struct{} // something became due
	began    time.Time

	faultsMu sync.RWMutex
	faults   Faults

	stop    context.CancelFunc
	running sync.WaitGroup
}

// New listens, but neither serves nor reads the database yet. Stop undoes it.
func New(ctx context.Context, config Config) (*Registry, error) {
	if config.Schema == "" {
		config.Schema = "demo_registry"
	}
	if config.Listen == "" {
		config.Listen = "127.0.0.1:0"
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Paper == nil {
		config.Paper = paper.New(1)
	}
	if to, err := url.Parse(config.Server); err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, errors.New("the server that takes the registry's messages has no http or https URL")
	}
	faults := DefaultFaults()
	if config.Faults != nil {
		faults = *config.Faults
	}
	if err := faults.Check(); err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for the bus: %w", err)
	}
	r := &Registry{
		config: config, listener: listener, wake: make(chan struct{}, 1), faults: faults,
		client: &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	r.http = &http.Server{
		Handler: r.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug),
	}
	return r, nil
}

// URL is where its page is.
func (r *Registry) URL() string { return "http://" + r.listener.Addr().String() }

// SetToken says with which token it calls the server. It must be called before Start.
func (r *Registry) SetToken(token string) { r.config.Token = token }

// Start makes the schema where it is absent and serves until Stop.
func (r *Registry) Start(ctx context.Context) error {
	if err := r.connect(ctx); err != nil {
		return err
	}
	if err := r.loadFaults(ctx); err != nil {
		return err
	}
	r.began = time.Now()
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	r.running.Go(func() {
		if err := r.http.Serve(r.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			r.config.Log.Error("the bus stopped", "error", err)
		}
	})
	for range senders {
		r.running.Go(func() { r.deliver(running) })
	}
	return nil
}

func (r *Registry) connect(ctx context.Context) error {
	config, err := pgxpool.ParseConfig(r.config.DatabaseURL)
	if err != nil {
		return fmt.Errorf("read the address of the registry's database: %w", err)
	}
	config.MaxConns = max(config.MaxConns, senders+8)
	config.ConnConfig.RuntimeParams["application_name"] = "taskurotta-demo"
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["search_path"] = pgx.Identifier{r.config.Schema}.Sanitize()
	if r.db, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect to the registry's database: %w", err)
	}
	// Two that start at once make the schema one after the other.
	err = pgx.BeginFunc(ctx, r.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 20261126))`, r.config.Schema); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+pgx.Identifier{r.config.Schema}.Sanitize()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, schema)
		return err
	})
	if err != nil {
		return fmt.Errorf("make the registry's tables: %w", err)
	}
	return nil
}

// Stop ends it. It may be called more than once, and without Start.
func (r *Registry) Stop() {
	if r.stop != nil {
		r.stop()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if r.http.Shutdown(ctx) != nil {
			_ = r.http.Close()
		}
		cancel()
		r.running.Wait()
		r.stop = nil
	}
	_ = r.listener.Close()
	if r.db != nil {
		r.db.Close()
		r.db = nil
	}
}

// name is how it signs its messages.
const name = "registry"

// namespace is that of its payloads.
const namespace = "urn:taskurotta:registry:1"

// message is one of its own, to be sent.
type message struct {
	bus.Message
	format bus.Format
	files  []paper.File
}

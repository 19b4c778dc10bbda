package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/taskurotta/taskurotta-go/server/alert"
	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
	"github.com/taskurotta/taskurotta-go/server/devstack"
	"github.com/taskurotta/taskurotta-go/server/mailsink"
	"github.com/taskurotta/taskurotta-go/server/secret"
	"github.com/taskurotta/taskurotta-go/workers/node/mailsend"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// Dev is everything on one machine: PostgreSQL, Redis, a mail sink, a server, a worker and the registry of the examples in one process.
type Dev struct {
	Server   *Server
	Worker   *worker.Worker     // nil with NoWorker
	Registry *registry.Registry // nil when the worker is told of another bus of its name
	Paper    *paper.Maker       // of what the examples are about

	config config.Dev
	folder string
	log    *slog.Logger
	stack  *devstack.Stack
	mail   *mailsink.Sink

	ended chan struct{}
	once  sync.Once
	loops sync.WaitGroup
}

// NewDev starts the stores and makes the server and the worker. Stop undoes it.
func NewDev(ctx context.Context, c config.Dev, version string, log *slog.Logger) (dev *Dev, err error) {
	d := &Dev{config: c, log: log, ended: make(chan struct{})}
	defer func() {
		if err != nil {
			d.Stop()
		}
	}()
	folder, err := filepath.Abs(c.Data)
	if err != nil {
		return nil, err
	}
	d.folder = folder
	databaseURL, redisURL := c.DatabaseURL, c.RedisURL
	if databaseURL == "" || redisURL == "" {
		d.stack = devstack.New(devstack.Config{Dir: folder, Log: log, NoRedis: redisURL != ""})
		if err := d.stack.Start(ctx); err != nil {
			d.stack = nil
			return nil, err
		}
		if databaseURL == "" {
			databaseURL = d.stack.DatabaseURL()
		}
		if redisURL == "" {
			redisURL = d.stack.RedisURL()
		}
	}
	address, err := freeAddress(ctx, c.Port)
	if err != nil {
		return nil, err
	}
	d.mail = mailsink.New(mailsink.Config{Log: log})
	if err := d.mail.Start(ctx); err != nil {
		return nil, err
	}
	token, err := kept(filepath.Join(folder, "worker.token"), rand.Text)
	if err != nil {
		return nil, err
	}
	installation, err := kept(filepath.Join(folder, "installation"), func() string { return "dev-" + strings.ToLower(rand.Text()[:8]) })
	if err != nil {
		return nil, err
	}
	key, err := kept(filepath.Join(folder, "secret.key"), secret.NewKey)
	if err != nil {
		return nil, err
	}
	var origins []string
	if c.WebDev != "" {
		origins = []string{strings.TrimRight(c.WebDev, "/")}
	}
	d.Server, err = NewServer(ctx, ServerConfig{
		Mode: "dev", Version: version, DatabaseURL: databaseURL, RedisURL: redisURL, Installation: installation, Listen: address,
		Origins: origins, Files: fileURL(filepath.Join(folder, "files")), WorkerToken: token, SecretKey: key, Mail: d.mail, Log: log,
		SMTP: alert.Mail{Address: d.mail.Address()}, PublicURL: publicURL(c), PrivateHooks: c.WebhooksPrivate,
	})
	if err != nil {
		return nil, err
	}
	if c.NoWorker {
		return d, nil // nobody would send to the registry
	}
	nodes := NodeConfig{Mail: mailsend.Config{Address: d.mail.Address(), From: "taskurotta@localhost"}}
	nodes.Set(c.Nodes)
	if nodes.Trust == "" {
		nodes.Trust = filepath.Join(folder, "trust")
	}
	if err := d.makeRegistry(ctx, databaseURL, address, &nodes); err != nil {
		return nil, err
	}
	hosted, err := Nodes(nodes)
	if err != nil {
		return nil, err
	}
	d.Worker, err = worker.New(worker.Config{
		RedisURL: redisURL, Installation: installation, ServerURL: "http://" + address, Token: token, Slots: c.Slots, Version: version, Log: log,
	}, hosted...)
	return d, err
}

// publicURL is where links in alerts lead; empty means the server's own address.
func publicURL(c config.Dev) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	return strings.TrimRight(c.WebDev, "/")
}

// StartEmpty starts server and worker without any example.
func (d *Dev) StartEmpty(ctx context.Context) error {
	if err := d.Server.Start(ctx); err != nil {
		return err
	}
	if d.Worker == nil {
		return nil
	}
	if err := d.Worker.Start(ctx); err != nil {
		return err
	}
	d.loops.Go(d.letWorkerGo)
	return nil
}

// letWorkerGo ends the worker when an operator has drained it; the rest stays.
func (d *Dev) letWorkerGo() {
	select {
	case <-d.ended:
	case <-d.Worker.Drained():
		d.Worker.Stop()
		d.log.Warn("the worker is drained and gone; start again to have another", "worker_id", d.Worker.ID())
	}
}

// AwaitTypes returns once the catalog has the node types, e.g. "demo.step@1".
func (d *Dev) AwaitTypes(ctx context.Context, types ...string) error {
	return product{server: d.Server}.AwaitTypes(ctx, types)
}

// StartPublished starts server, worker and registry, and publishes the examples without starting a process.
func (d *Dev) StartPublished(ctx context.Context) error {
	if err := d.StartEmpty(ctx); err != nil {
		return err
	}
	if err := d.StartRegistry(ctx); err != nil {
		return err
	}
	return demo.Publish(ctx, product{d.Server, d.Registry}, demo.Language(d.config.DemoLanguage))
}

// Start starts server and worker, and on the first start publishes the examples and runs them once.
func (d *Dev) Start(ctx context.Context) error {
	if err := d.StartEmpty(ctx); err != nil || d.Worker == nil {
		return err
	}
	if err := d.StartRegistry(ctx); err != nil {
		return err
	}
	if err := demo.Seed(ctx, product{d.Server, d.Registry}, d.Paper, demo.Language(d.config.DemoLanguage)); err != nil {
		return fmt.Errorf("publish the examples: %w", err)
	}
	return nil
}

// SignInURL returns an address that signs a browser in once, as the administrator of this machine.
func (d *Dev) SignInURL(ctx context.Context) (string, error) {
	account, err := d.Server.Auth.EnsureAccount(ctx, "admin", "Administrator", []auth.Role{auth.Admin})
	if err != nil {
		return "", err
	}
	token, err := d.Server.Auth.OfferSignIn(ctx, account.ID, 24*time.Hour)
	if err != nil {
		return "", err
	}
	base := "http://" + d.Server.API.Address()
	if d.config.WebDev != "" {
		base = strings.TrimRight(d.config.WebDev, "/")
	}
	return base + "/?token=" + token, nil
}

// Stop stops the worker first, so that its results are still taken, then the server and the stores.
func (d *Dev) Stop() {
	d.once.Do(func() { close(d.ended) })
	d.loops.Wait()
	if d.Worker != nil {
		d.Worker.Stop()
	}
	if d.Registry != nil {
		d.Registry.Stop()
	}
	if d.Server != nil {
		d.Server.Stop()
	}
	if d.mail != nil {
		d.mail.Stop()
	}
	if d.stack != nil {
		d.stack.Stop()
	}
}

// freeAddress returns the loopback address with a port, or with any free one when that is in use.
func freeAddress(ctx context.Context, port int) (string, error) {
	var listen net.ListenConfig
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	listener, err := listen.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		listener, err = listen.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return "", fmt.Errorf("listen on %s: %w", address, err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// kept returns what the file holds, made on first use.
func kept(file string, first func() string) (string, error) {
	if raw, err := os.ReadFile(file); err == nil && len(raw) > 0 {
		return strings.TrimSpace(string(raw)), nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	return replaced(file, first())
}

// replaced keeps a value in the file instead of what it holds.
func replaced(file, value string) (string, error) {
	return value, os.WriteFile(file, []byte(value), 0o600)
}

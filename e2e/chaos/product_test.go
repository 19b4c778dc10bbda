package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/migrations"
	"github.com/taskurotta/taskurotta-go/server/devstack"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// product is an installation of real processes: servers behind a balancer, and workers that work badly.
type product struct {
	t       *testing.T
	stack   *devstack.Stack
	db      *pgxpool.Pool
	redis   *redis.Client
	keys    wire.Keys
	front   string // the balancer's address
	token   string
	binary  string
	worker  string
	folder  string
	environ []string
	logs    []string // files that servers log into
}

// newProduct starts the two stores and builds what runs over them. durable says that PostgreSQL waits for the disk, as it does
// for users.
func newProduct(t *testing.T, durable bool) *product {
	t.Helper()
	p := &product{t: t, folder: t.TempDir(), keys: wire.Keys{ID: "chaos"}, binary: os.Getenv("TASKUROTTA_BINARY")}
	if p.binary == "" {
		p.binary = p.build("taskurotta", "../../server/cmd/taskurotta")
	}
	p.worker = p.build("worker", "../worker")
	p.stack = devstack.New(devstack.Config{Dir: filepath.Join(p.folder, "stores"), Unsafe: !durable})
	if err := p.stack.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stack.Stop)
	if _, err := migrations.Up(t.Context(), p.stack.DatabaseURL()); err != nil {
		t.Fatal(err)
	}
	p.environ = append(os.Environ(), "DATABASE_URL="+p.stack.DatabaseURL(), "REDIS_URL="+p.stack.RedisURL(), "TASKUROTTA_REDIS_URL="+p.stack.RedisURL(),
		"TASKUROTTA_INSTALLATION="+p.keys.ID, "TASKUROTTA_FILES=file://"+filepath.Join(p.folder, "files"), "TASKUROTTA_WORKER_TOKEN=workers",
		"TASKUROTTA_LOG_FORMAT=json", "TASKUROTTA_LOG_LEVEL=info")
	var err error
	if p.db, err = pgxpool.New(t.Context(), p.stack.DatabaseURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.db.Close)
	options, err := redis.ParseURL(p.stack.RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	p.redis = redis.NewClient(options)
	t.Cleanup(func() { _ = p.redis.Close() })
	p.command("a long enough password\n", "user", "add", "operator")
	p.token = strings.TrimSpace(p.command("", "token", "create", "operator", "drill"))
	return p
}

func (p *product) build(name, from string) string {
	p.t.Helper()
	program := filepath.Join(p.folder, name)
	//nolint:gosec // fixed arguments
	if out, err := exec.CommandContext(p.t.Context(), "go", "build", "-o", program, from).CombinedOutput(); err != nil {
		p.t.Fatalf("build %s: %v\n%s", from, err, out)
	}
	return program
}

// command runs a command of the product to its end and returns what it printed.
func (p *product) command(input string, arguments ...string) string {
	p.t.Helper()
	//nolint:gosec // the product itself
	cmd := exec.CommandContext(p.t.Context(), p.binary, arguments...)
	var errors bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stderr = p.environ, strings.NewReader(input), &errors
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("%v: %v\n%s", arguments, err, errors.String())
	}
	return string(out)
}

// run starts a program that lasts until the test's end; it logs into a file.
func (p *product) run(log, program string, environ []string, arguments ...string) {
	p.t.Helper()
	output, err := os.Create(filepath.Join(p.folder, log))
	if err != nil {
		p.t.Fatal(err)
	}
	//nolint:gosec // the product itself
	cmd := exec.CommandContext(context.WithoutCancel(p.t.Context()), program, arguments...)
	cmd.Env, cmd.Stdout, cmd.Stderr = slices.Concat(p.environ, environ), output, output
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		late := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		if err := cmd.Wait(); err != nil {
			p.t.Errorf("%s ended with %v", log, err)
		}
		_ = output.Close()
	})
}

// serve starts n servers and a balancer before them, and waits until all are ready.
func (p *product) serve(n int) {
	p.t.Helper()
	var backends []*url.URL
	for i := range n {
		address := freePort(p.t)
		log := fmt.Sprintf("server-%d.log", i+1)
		p.logs = append(p.logs, filepath.Join(p.folder, log))
		p.run(log, p.binary, []string{"TASKUROTTA_LISTEN=" + address}, "serve")
		backends = append(backends, &url.URL{Scheme: "http", Host: address})
	}
	for _, backend := range backends {
		p.eventually(time.Minute, backend.Host+" is ready", func() bool {
			response, err := http.Get(backend.String() + "/readyz")
			if err != nil {
				return false
			}
			defer response.Body.Close()
			return response.StatusCode == http.StatusOK
		})
	}
	var turn atomic.Uint64
	balancer := &http.Server{ReadHeaderTimeout: time.Minute, Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(backends[turn.Add(1)%uint64(len(backends))])
			r.Out.Host = ""
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	listener, err := new(net.ListenConfig).Listen(p.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	go func() {
		if err := balancer.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			p.t.Error(err)
		}
	}()
	p.t.Cleanup(func() { _ = balancer.Close() })
	p.front = "http://" + listener.Addr().String()
	p.environ = append(p.environ, "TASKUROTTA_SERVER_URL="+p.front)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

var client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// errRefused is an answer that says no.
type errRefused struct {
	status int
	body   string
}

func (e *errRefused) Error() string { return fmt.Sprintf("%d: %s", e.status, e.body) }

// call sends a request through the balancer and decodes the answer into out, unless it is nil.
func (p *product) call(ctx context.Context, method, path string, body any, headers map[string]string, out any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, p.front+"/api/v1"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %w", method, path, &errRefused{response.StatusCode, string(answer)})
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

func (p *product) count(query string) int {
	p.t.Helper()
	var n int
	if err := p.db.QueryRow(p.t.Context(), query).Scan(&n); err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (p *product) eventually(within time.Duration, what string, check func() bool) {
	p.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(within); !check(); <-again.C {
		if time.Now().After(deadline) {
			p.t.Fatalf("not within %s: %s", within, what)
		}
	}
}

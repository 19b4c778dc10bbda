package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/migrations"
	"github.com/taskurotta/taskurotta-go/server/devstack"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// command is the product's program.
const command = "../../server/cmd/taskurotta"

// product is an installation of real processes: servers behind a balancer, and workers that work badly.
type product struct {
	t        *testing.T
	postgres *devstack.Stack // PostgreSQL alone, so that a fault may stop it
	store    *devstack.Stack // Redis alone
	db       *pgxpool.Pool
	redis    *redis.Client
	keys     wire.Keys
	front    string // the balancer's address
	token    string
	binary   string
	worker   string
	folder   string
	environ  []string
	logs     []string   // files that servers log into
	servers  []*program // behind the balancer, in the order of their addresses
	listen   []string   // their addresses
}

// newProduct starts the two stores and builds what runs over them. durable says that PostgreSQL waits for the disk, as it does
// for users.
func newProduct(t *testing.T, durable bool, change ...func(*devstack.Config)) *product {
	t.Helper()
	p := &product{t: t, folder: stacktest.Folder(t), keys: wire.Keys{ID: "chaos"}, binary: os.Getenv("TASKUROTTA_BINARY")}
	if p.binary == "" {
		p.binary = built(t, "taskurotta", command)
	}
	p.worker = built(t, "worker", "../worker")
	config := devstack.Config{Dir: filepath.Join(p.folder, "postgres"), Unsafe: !durable, NoRedis: true}
	for _, c := range change {
		c(&config)
	}
	p.postgres = devstack.New(config)
	p.store = devstack.New(devstack.Config{Dir: filepath.Join(p.folder, "redis"), NoPostgres: true})
	for _, stack := range []*devstack.Stack{p.postgres, p.store} {
		if err := stack.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stack.Stop)
	}
	if _, err := migrations.Up(t.Context(), p.postgres.DatabaseURL()); err != nil {
		t.Fatal(err)
	}
	p.environ = append(os.Environ(), "DATABASE_URL="+p.postgres.DatabaseURL(), "REDIS_URL="+p.store.RedisURL(), "TASKUROTTA_REDIS_URL="+p.store.RedisURL(),
		"TASKUROTTA_INSTALLATION="+p.keys.ID, "TASKUROTTA_FILES=file://"+filepath.Join(p.folder, "files"), "TASKUROTTA_WORKER_TOKEN=workers",
		"TASKUROTTA_LOG_FORMAT=json", "TASKUROTTA_LOG_LEVEL=info")
	var err error
	if p.db, err = pgxpool.New(t.Context(), p.postgres.DatabaseURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.db.Close)
	options, err := redis.ParseURL(p.store.RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	p.redis = redis.NewClient(options)
	t.Cleanup(func() { _ = p.redis.Close() })
	p.command("a long enough password\n", "user", "add", "operator")
	p.token = strings.TrimSpace(p.command("", "token", "create", "operator", "drill"))
	return p
}

// programs are those that the tests build, each once.
var programs struct {
	sync.Mutex
	folder string
	made   map[string]string // name → path
}

func TestMain(m *testing.M) {
	flag.Parse()
	if runtime.GOMAXPROCS(0) < 4 {
		_ = flag.Set("test.parallel", "4") // a fault is mostly waited for
	}
	folder, err := os.MkdirTemp("", "taskurotta-chaos-")
	if err != nil {
		panic(err)
	}
	programs.folder, programs.made = folder, map[string]string{}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// built is the path of a program, which is built when it is first asked for.
func built(t *testing.T, name, from string, flags ...string) string {
	t.Helper()
	programs.Lock()
	defer programs.Unlock()
	if path := programs.made[name]; path != "" {
		return path
	}
	path := filepath.Join(programs.folder, name)
	//nolint:gosec // fixed arguments
	build := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"build", "-trimpath"}, flags, []string{"-o", path, from})...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as `make build` does, whose work is used again
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", from, err, out)
	}
	programs.made[name] = path
	return path
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

// program is a process of the installation.
type program struct {
	t       *testing.T
	name    string
	process *os.Process
	ended   chan struct{} // closed when err is known
	err     error
	killed  atomic.Bool // on purpose
}

// run starts a program that lasts until the test's end, unless it is killed before; it logs into a file.
func (p *product) run(log, name string, environ []string, arguments ...string) *program {
	p.t.Helper()
	output, err := os.OpenFile(filepath.Join(p.folder, log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer output.Close()
	//nolint:gosec // the product itself
	cmd := exec.CommandContext(context.WithoutCancel(p.t.Context()), name, arguments...)
	cmd.Env, cmd.Stdout, cmd.Stderr = slices.Concat(p.environ, environ), output, output
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	r := &program{t: p.t, name: log, process: cmd.Process, ended: make(chan struct{})}
	go func() {
		r.err = cmd.Wait()
		close(r.ended)
	}()
	p.t.Cleanup(r.quit)
	return r
}

// signal sends a signal to a process that must still be there.
func (r *program) signal(s os.Signal) {
	r.t.Helper()
	if err := r.process.Signal(s); err != nil {
		r.t.Errorf("%v to %s: %v", s, r.name, err)
	}
}

// kill is kill -9.
func (r *program) kill() {
	r.killed.Store(true)
	_ = r.process.Kill()
	<-r.ended
}

// quit asks the program to end, as an operator does, and waits. It may be called again.
func (r *program) quit() {
	_ = r.process.Signal(syscall.SIGCONT)
	_ = r.process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(30*time.Second, func() { _ = r.process.Kill() })
	defer late.Stop()
	<-r.ended
	if r.err != nil && !r.killed.Swap(true) {
		r.t.Errorf("%s ended with %v", r.name, r.err)
	}
}

// serve starts n servers and a balancer before them, and waits until all are ready.
func (p *product) serve(n int) {
	p.t.Helper()
	var backends []*url.URL
	for i := range n {
		p.listen = append(p.listen, freePort(p.t))
		p.logs = append(p.logs, filepath.Join(p.folder, fmt.Sprintf("server-%d.log", i+1)))
		p.servers = append(p.servers, nil)
		p.startServer(i, p.binary)
		backends = append(backends, &url.URL{Scheme: "http", Host: p.listen[i]})
	}
	for i := range n {
		p.serverReady(i)
	}
	var turn atomic.Uint64
	balancer := &http.Server{ReadHeaderTimeout: time.Minute, Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(backends[turn.Add(1)%uint64(len(backends))])
			r.Out.Host = ""
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, ResponseHeaderTimeout: 40 * time.Second},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		},
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

// startServer starts the server number i, from which nothing runs.
func (p *product) startServer(i int, binary string) {
	p.t.Helper()
	p.servers[i] = p.run(filepath.Base(p.logs[i]), binary, []string{"TASKUROTTA_LISTEN=" + p.listen[i]}, "serve")
}

func (p *product) serverReady(i int) {
	p.t.Helper()
	p.eventually(time.Minute, p.listen[i]+" is ready", func() bool {
		response, err := http.Get("http://" + p.listen[i] + "/readyz")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
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

func (p *product) count(query string, arguments ...any) int {
	p.t.Helper()
	var n int
	if err := p.db.QueryRow(p.t.Context(), query, arguments...).Scan(&n); err != nil {
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

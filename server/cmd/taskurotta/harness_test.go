package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// asCommand makes a process of the test binary be the command itself: what the tests start and kill are real processes.
const asCommand = "TASKUROTTA_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	documentinspect.RunChild()
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// installation is a database and a Redis, with the processes of a test over them.
type installation struct {
	t       *testing.T
	urls    struct{ database, redis string }
	db      *pgxpool.Pool
	redis   *redis.Client
	keys    wire.Keys
	environ []string
	listen  string
	token   string
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	database, redisURL := stacktest.Postgres(t), stacktest.OwnRedis(t).RedisURL()
	in := &installation{t: t, keys: wire.Keys{ID: "killed"}, listen: freePort(t)}
	in.urls.database, in.urls.redis = database, redisURL
	in.environ = append(os.Environ(), asCommand+"=1", "DATABASE_URL="+database, "REDIS_URL="+redisURL, "TASKUROTTA_INSTALLATION="+in.keys.ID,
		"TASKUROTTA_FILES=file://"+t.TempDir(), "TASKUROTTA_WORKER_TOKEN=workers", "TASKUROTTA_LISTEN="+in.listen,
		"TASKUROTTA_SERVER_URL=http://"+in.listen, "TASKUROTTA_SLOTS=64", "TASKUROTTA_LOG_LEVEL=warn")
	var err error
	if in.db, err = pgxpool.New(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.db.Close)
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	in.redis = redis.NewClient(options)
	t.Cleanup(func() { _ = in.redis.Close() })
	in.token = in.account("admin", "admin")
	return in
}

// account makes an account with a role and returns a token of it.
func (in *installation) account(login, role string) string {
	in.t.Helper()
	var out bytes.Buffer
	if err := addUser(in.t.Context(), config.UserAdd{DatabaseURL: in.urls.database, Login: login, Roles: []string{role}}, strings.NewReader("a long enough password\n"), io.Discard); err != nil {
		in.t.Fatal(err)
	}
	if err := createToken(in.t.Context(), config.TokenCreate{DatabaseURL: in.urls.database, Login: login, Name: "test"}, &out); err != nil {
		in.t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

func freePort(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// running is a process of the command.
type running struct {
	*exec.Cmd
	wait func()
}

// kill is kill -9.
func (r *running) kill() {
	_ = r.Process.Kill()
	r.wait()
}

// run starts the command; it is killed at the test's end at the latest.
func (in *installation) run(arguments ...string) *running {
	in.t.Helper()
	//nolint:gosec // the test binary itself
	cmd := exec.Command(os.Args[0], arguments...)
	var output bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = in.environ, &output, &output
	if err := cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	r := &running{Cmd: cmd, wait: sync.OnceFunc(func() { _ = cmd.Wait() })}
	in.t.Cleanup(func() {
		r.kill()
		if in.t.Failed() {
			in.t.Logf("%v said: %s", arguments, output.String())
		}
	})
	return r
}

// serve starts a server and waits until it is ready.
func (in *installation) serve() *running {
	in.t.Helper()
	r := in.run("serve")
	in.eventually(time.Minute, "the server is ready", func() bool {
		status, _, err := in.call(http.MethodGet, "/readyz", "", nil)
		return err == nil && status == http.StatusOK
	})
	return r
}

// call sends a request; body is JSON or empty.
func (in *installation) call(method, path, body string, headers map[string]string) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+in.listen+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+in.token)
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	request.Host = request.Header.Get("Host")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// publish makes a definition whose steps in sequence run demo.step with the given input, once a worker has announced it.
func (in *installation) publish(key string, steps int, input string) {
	in.t.Helper()
	nodes, edges, last := `{"id":"start","kind":"start_event","title":"Start","start":{}}`, "", "start"
	for i := range steps {
		id := "step_" + strconv.Itoa(i+1)
		nodes += fmt.Sprintf(`,{"id":%q,"kind":"service_task","title":%q,"service":{"type":"demo.step@1","input":%s}}`, id, id, input)
		edges += fmt.Sprintf(`{"id":"to_%s","from":%q,"to":%q},`, id, last, id)
		last = id
	}
	document := fmt.Sprintf(`{"schema":1,"nodes":[%s,{"id":"end","kind":"end_event","title":"End","end":{"kind":"none"}}],"edges":[%s{"id":"to_end","from":%q,"to":"end"}]}`, nodes, edges, last)
	status, answer, err := in.call(http.MethodPost, "/api/v1/definitions", fmt.Sprintf(`{"key":%q,"title":%q,"document":%s}`, key, key, document), nil)
	if err != nil || status >= 300 {
		in.t.Fatalf("create: %d %s %v", status, answer, err)
	}
	in.eventually(time.Minute, "published", func() bool {
		status, answer, err = in.call(http.MethodPost, "/api/v1/definitions/"+key+"/publish", `{"note":"test"}`, map[string]string{"If-Match": `"1"`})
		return err == nil && status < 300
	})
}

// start starts a process, asking again under the same idempotency key for as long as the server is away.
func (in *installation) start(key, customID string) (string, error) {
	body := fmt.Sprintf(`{"definition":%q,"custom_id":%q,"input":{}}`, key, customID)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-again.C {
		status, answer, err := in.call(http.MethodPost, "/api/v1/processes", body, map[string]string{"Idempotency-Key": customID})
		if err == nil && status < 300 {
			var started struct{ ID string }
			err := json.Unmarshal(answer, &started)
			return started.ID, err
		}
		if err == nil && status != http.StatusServiceUnavailable || time.Now().After(deadline) {
			return "", fmt.Errorf("start %s: %d %s %w", customID, status, answer, err)
		}
	}
}

func (in *installation) count(query string, arguments ...any) int {
	in.t.Helper()
	var n int
	if err := in.db.QueryRow(in.t.Context(), query, arguments...).Scan(&n); err != nil {
		in.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (in *installation) eventually(within time.Duration, what string, check func() bool) {
	in.t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(within); !check(); <-again.C {
		if time.Now().After(deadline) {
			in.t.Fatalf("not within %s: %s", within, what)
		}
	}
}

package cli_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/server/secret"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/node/mailsend"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

func TestMain(m *testing.M) {
	documentinspect.RunChild()
	os.Exit(m.Run())
}

// operator is a person at a terminal, with a token of a running server.
type operator struct {
	t      *testing.T
	server *app.Server
	url    string
	token  string
	worker *worker.Worker
	second func() *worker.Worker // starts another one
}

// result is how a command ended.
type result struct {
	cli.Exit
	out, err string
}

// newOperator starts a server and a worker, and signs a person in.
func newOperator(t *testing.T) *operator {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	redis, installation := stacktest.Redis(t)
	server, err := app.NewServer(t.Context(), app.ServerConfig{
		Mode: "serve", Version: "test", DatabaseURL: stacktest.Postgres(t), RedisURL: redis, Installation: installation, Listen: "127.0.0.1:0",
		Files: "file://" + t.TempDir(), WorkerToken: "workers", SecretKey: secret.NewKey(), Log: log,
	})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	require.NoError(t, server.Start(t.Context()))
	o := &operator{t: t, server: server, url: "http://" + server.API.Address()}
	nodes, err := app.Nodes(app.NodeConfig{Mail: mailsend.Config{Address: "127.0.0.1:1"}})
	require.NoError(t, err)
	o.second = func() *worker.Worker {
		w, err := worker.New(worker.Config{RedisURL: redis, Installation: installation, ServerURL: o.url, Token: "workers", Slots: 16, Grace: time.Millisecond, Log: log}, nodes...)
		require.NoError(t, err)
		require.NoError(t, w.Start(t.Context()))
		t.Cleanup(w.Stop)
		return w
	}
	o.worker = o.second()
	o.token = o.account("anna", auth.Admin)
	return o
}

func (o *operator) account(login string, role auth.Role) string {
	o.t.Helper()
	account, err := o.server.Auth.EnsureAccount(o.t.Context(), login, login, []auth.Role{role})
	require.NoError(o.t, err)
	_, secret, err := o.server.Auth.CreateToken(o.t.Context(), auth.NewToken{Owner: auth.Identity{UserID: account.ID, Login: account.Login, Roles: account.Roles}, Name: "test"})
	require.NoError(o.t, err)
	return secret
}

// as is the operator with another token.
func (o *operator) as(token string) *operator {
	other := *o
	other.token = token
	return &other
}

// run runs a command line as main does.
func (o *operator) run(stdin string, arguments ...string) result {
	o.t.Helper()
	var flags config.CLI
	parser, err := kong.New(&flags, kong.Name("taskurotta"))
	require.NoError(o.t, err)
	chosen, err := parser.Parse(append(arguments, "--server="+o.url, "--token="+o.token))
	if err != nil {
		return result{Exit: cli.Usage, err: err.Error()}
	}
	require.True(o.t, cli.Known(chosen.Command()), chosen.Command())
	var out, notes bytes.Buffer
	err = cli.Run(o.t.Context(), chosen.Command(), &flags, cli.Terminal{In: strings.NewReader(stdin), Out: &out, Err: &notes, Now: time.Now, Zone: time.UTC})
	r := result{Exit: cli.ExitOf(err), out: out.String(), err: notes.String()}
	if err != nil {
		r.err += err.Error()
		require.NotContains(o.t, err.Error(), "\n", "an error is one line")
	}
	return r
}

// do runs a command line that succeeds.
func (o *operator) do(arguments ...string) string {
	o.t.Helper()
	r := o.run("", arguments...)
	require.Equal(o.t, cli.OK, r.Exit, "%v: %s", arguments, r.err)
	return r.out
}

// ask runs a command line that succeeds, with JSON output.
func ask[T any](o *operator, arguments ...string) T {
	o.t.Helper()
	var value T
	out := o.do(append(arguments, "-o", "json")...)
	decoder := json.NewDecoder(strings.NewReader(out))
	require.NoError(o.t, decoder.Decode(&value), out)
	require.False(o.t, decoder.More(), "one document")
	return value
}

func (o *operator) eventually(what string, check func() bool) {
	o.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(30 * time.Second); !check(); <-again.C {
		require.False(o.t, time.Now().After(deadline), what)
	}
}

func (o *operator) file(name, content string) string {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), name)
	require.NoError(o.t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// publish imports a document and publishes it, once the worker's announcement is in the catalog.
func (o *operator) publish(key, document string) {
	o.t.Helper()
	o.do("definition", "import", o.file(key+".json", document), "--key", key, "--title", "The "+key)
	var last result
	defer func() {
		if last.Exit != cli.OK {
			o.t.Log(last.err)
		}
	}()
	o.eventually("published", func() bool {
		last = o.run("", "definition", "publish", key, "--note", "first")
		return last.Exit == cli.OK
	})
}

// between is a document with these nodes and edges between a start and an end; schema may be empty.
func between(schema, nodes, edges string) string {
	if schema == "" {
		schema = `{"type":"object"}`
	}
	return `{"schema":1,"nodes":[{"id":"start","kind":"start_event","title":"Start","start":{"input_schema":` + schema + `}},` + nodes +
		`,{"id":"end","kind":"end_event","title":"End","end":{"kind":"none"}}],"edges":[` + edges + `],"layout":{"nodes":{}}}`
}

func step(id, input string) string {
	return `{"id":"` + id + `","kind":"service_task","title":"Step ` + id + `","service":{"type":"demo.step@1","input":` + input + `}}`
}

func edge(from, to string) string {
	return `{"id":"` + from + `_` + to + `","from":"` + from + `","to":"` + to + `"}`
}

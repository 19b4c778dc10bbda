package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/node/mailsend"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// chain is three steps of 30 ms, so that a stop falls into the middle of many processes.
const chain = `{"schema":1,"nodes":[
{"id":"start","kind":"start_event","title":"Start","start":{}},
{"id":"one","kind":"service_task","title":"One","service":{"type":"demo.step@1","input":{"sleep_ms":30}}},
{"id":"two","kind":"service_task","title":"Two","service":{"type":"demo.step@1","input":{"sleep_ms":30}}},
{"id":"three","kind":"service_task","title":"Three","service":{"type":"demo.step@1","input":{"sleep_ms":30}}},
{"id":"end","kind":"end_event","title":"End","end":{"kind":"none"}}],
"edges":[{"id":"a","from":"start","to":"one"},{"id":"b","from":"one","to":"two"},{"id":"c","from":"two","to":"three"},{"id":"d","from":"three","to":"end"}],
"layout":{"nodes":{}}}`

type cluster struct {
	database, redis, installation, files string
}

func (c cluster) server(t *testing.T) *app.Server {
	t.Helper()
	server, err := app.NewServer(t.Context(), app.ServerConfig{
		Mode: "serve", Version: "test", DatabaseURL: c.database, RedisURL: c.redis, Installation: c.installation, Listen: "127.0.0.1:0",
		Files: c.files, WorkerToken: "workers", Log: quiet(t),
	})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	require.NoError(t, server.Start(t.Context()))
	return server
}

// TestServersShareTheWork starts processes through two servers and takes one away in the middle.
func TestServersShareTheWork(t *testing.T) {
	t.Parallel()
	c := cluster{database: stacktest.Postgres(t), files: "file://" + t.TempDir()}
	c.redis, c.installation = stacktest.Redis(t)
	first, second := c.server(t), c.server(t)
	nodes, err := app.Nodes(app.NodeConfig{Mail: mailsend.Config{Address: "127.0.0.1:1"}})
	require.NoError(t, err)
	w, err := worker.New(worker.Config{
		RedisURL: c.redis, Installation: c.installation, ServerURL: "http://" + first.API.Address(), Token: "workers", Slots: 64, Log: quiet(t),
	}, nodes...)
	require.NoError(t, err)
	require.NoError(t, w.Start(t.Context()))
	t.Cleanup(w.Stop)

	account, err := first.Auth.EnsureAccount(t.Context(), "anna", "Anna", []auth.Role{auth.Admin})
	require.NoError(t, err)
	browsers := make([]*browser, 2)
	for i, server := range []*app.Server{first, second} {
		token, err := first.Auth.OfferSignIn(t.Context(), account.ID, time.Minute)
		require.NoError(t, err)
		b, status := visit(t, "http://"+server.API.Address()+"/?token="+token)
		require.Less(t, status, 300)
		browsers[i] = b
	}
	made := map[string]any{"key": "chain", "title": "Chain", "document": json.RawMessage(chain)}
	require.Less(t, browsers[0].do(t, http.MethodPost, "/api/v1/definitions", made, nil), 300)
	require.Eventually(t, func() bool { // once the worker's announcement is in the catalog
		_, err := first.Designer.Publish(t.Context(), "anna", "chain", 0, "")
		return err == nil
	}, 20*time.Second, 100*time.Millisecond)

	const n = 60
	for i := range n {
		start := map[string]any{"definition": "chain", "custom_id": fmt.Sprintf("c-%03d", i), "input": map[string]any{}}
		require.Less(t, browsers[i%2].do(t, http.MethodPost, "/api/v1/processes", start, nil), 300)
		if i == n/2 {
			first.Stop()
			browsers[0] = browsers[1]
		}
	}
	require.Eventually(t, func() bool { return len(browsers[1].processes(t, "definition=chain&state=completed")) == n },
		60*time.Second, 200*time.Millisecond)

	pool, err := pgxpool.New(t.Context(), c.database)
	require.NoError(t, err)
	defer pool.Close()
	var tasks, completed int
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE state = 'completed') FROM task`).Scan(&tasks, &completed))
	require.Equal(t, 3*n, tasks, "each step of each process is activated once")
	require.Equal(t, 3*n, completed)
	var recorded int
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE action = 'process.start'`).Scan(&recorded))
	require.Equal(t, n, recorded, "a stopped server wrote its last records")
}

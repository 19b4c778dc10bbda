package worker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/pipeline/cabletest"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

var input = json.RawMessage(`{"value":"a"}`)

// A result is kept while Redis is away, and delivered when it is back.
func TestResultsSurviveAnOutageOfRedis(t *testing.T) {
	url, id := stacktest.Redis(t)
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	cord := cabletest.Plug(t, options.Addr)
	options.Addr, options.PoolSize = cord.Addr(), 64
	through := redis.NewClient(options)
	t.Cleanup(func() { _ = through.Close() })
	running, release := make(chan struct{}), make(chan struct{})
	r := startOn(t, url, id, worker.Config{Redis: through}, node(func(_ context.Context, in text) (text, error) {
		close(running)
		<-release
		return text{Value: in.Value + "!"}, nil
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: input})
	<-running
	cord.Pull()
	close(release)
	timer := time.NewTimer(700 * time.Millisecond)
	<-timer.C
	cord.Mend()
	report := r.final(t)
	require.Equal(t, wire.ReportCompleted, report.Kind)
	require.JSONEq(t, `{"value":"a!"}`, string(report.Output))
}

func TestStopDuringAnOutageIsBounded(t *testing.T) {
	url, id := stacktest.Redis(t)
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	cord := cabletest.Plug(t, options.Addr)
	options.Addr, options.PoolSize = cord.Addr(), 64
	through := redis.NewClient(options)
	t.Cleanup(func() { _ = through.Close() })
	r := startOn(t, url, id, worker.Config{Redis: through, Slots: worker.DefaultSlots, Log: slog.New(slog.DiscardHandler)},
		node(func(_ context.Context, in text) (text, error) { return in, nil }))
	cord.Pull()
	began := time.Now()
	r.worker.Stop()
	require.Less(t, time.Since(began), 10*time.Second)
}

// The development server falls back to a Redis in its own process.
func TestAWorkerRunsOnMiniredis(t *testing.T) {
	server := miniredis.RunT(t)
	r := startOn(t, "redis://"+server.Addr(), "mini", worker.Config{}, node(func(_ context.Context, in text) (text, error) { return in, nil }))
	for range 20 {
		r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: input})
		require.Equal(t, wire.ReportCompleted, r.final(t).Kind)
	}
}

func TestNoMoreHandlersRunThanThereAreSlots(t *testing.T) {
	var running, most atomic.Int64
	r := start(t, worker.Config{Slots: 3}, node(func(_ context.Context, in text) (text, error) {
		now := running.Add(1)
		defer running.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		timer := time.NewTimer(20 * time.Millisecond)
		<-timer.C
		return in, nil
	}))
	const n = 12
	for range n {
		r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: input})
	}
	for range n {
		require.Equal(t, wire.ReportCompleted, r.final(t).Kind)
	}
	require.Equal(t, int64(3), most.Load())
}

func TestFetchingTheInputCountsAgainstTheAttempt(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	r := start(t, worker.Config{ServerURL: server.URL}, node(func(_ context.Context, in text) (text, error) { return in, nil }))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", InputRef: "ref", AttemptMS: 80})
	require.Equal(t, sdk.CodeTimeout, r.final(t).Error.Code)
}

func TestRefusalsOfTheServerAreClassified(t *testing.T) {
	for status, want := range map[int]wire.ErrorClass{
		http.StatusUnauthorized: wire.ErrorRetryable, http.StatusServiceUnavailable: wire.ErrorRetryable,
		http.StatusForbidden: wire.ErrorPermanent, http.StatusNotFound: wire.ErrorPermanent,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			t.Cleanup(server.Close)
			r := start(t, worker.Config{ServerURL: server.URL}, node(func(_ context.Context, in text) (text, error) { return in, nil }))
			r.dispatch(t, wire.Task{NodeType: "test.node@1", InputRef: "ref"})
			require.Equal(t, want, r.final(t).Error.Class)
		})
	}
}

func TestAnUnknownTypeIsHandedBack(t *testing.T) {
	r := start(t, worker.Config{}, node(func(_ context.Context, in text) (text, error) { return in, nil }))
	r.dispatch(t, wire.Task{NodeType: "other.node@1", Input: input})
	require.Equal(t, wire.ReportHandback, r.final(t).Kind)
}

func TestTheLogIsBounded(t *testing.T) {
	r := start(t, worker.Config{}, node(func(ctx context.Context, in text) (text, error) {
		for range 2000 {
			sdk.Log(ctx, "%s", strings.Repeat("x", 100))
		}
		return in, nil
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: input})
	report := r.final(t)
	require.LessOrEqual(t, len(report.Log), 64<<10)
	require.Greater(t, len(report.Log), 60<<10)
	require.Contains(t, report.Log, "the log is full")
}

func TestLogLinesAreToldWhileTheHandlerRuns(t *testing.T) {
	release := make(chan struct{})
	r := start(t, worker.Config{}, node(func(ctx context.Context, in text) (text, error) {
		logger := slog.New(slog.NewTextHandler(sdk.LogWriter(ctx), nil))
		logger.Info("first")
		<-release
		logger.Info("second")
		return in, nil
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: input})
	require.Equal(t, wire.ReportStarted, r.report(t).Kind)
	progress := r.report(t)
	require.Equal(t, wire.ReportProgress, progress.Kind)
	require.Contains(t, progress.Log, "msg=first")
	close(release)
	final := r.final(t)
	require.Contains(t, final.Log, "msg=first")
	require.Contains(t, final.Log, "msg=second")
}

func TestAnOutputThatCantBeStoredIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		kind  wire.ReportKind
	}{
		"U+0000":                 {"a\x00b", wire.ReportFailed},
		"backslash and u0000":    {`a\u0000b`, wire.ReportCompleted},
		"backslashes and U+0000": {"a\\\x00b", wire.ReportFailed},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, worker.Config{}, node(func(context.Context, text) (text, error) { return text{Value: c.value}, nil }))
			r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: input})
			require.Equal(t, c.kind, r.final(t).Kind)
		})
	}
}

// sink is a log that tests may read while it is written.
type sink struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *sink) count(part string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.buf.String(), part)
}

func other(name string) sdk.Node {
	return sdk.Define(name, 1, func(_ context.Context, in text) (text, error) { return in, nil })
}

func TestARefusedTypeIsLoggedLoudlyAndHandedBack(t *testing.T) {
	log := &sink{}
	url, id := stacktest.Redis(t)
	r := startWith(t, url, id, `[{"type":"test.node@1","reason":"another schema"}]`, worker.Config{Log: slog.New(slog.NewTextHandler(log, nil))},
		node(func(_ context.Context, in text) (text, error) { return in, nil }), other("test.other"))
	bad := r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"x"}`)})
	report := r.report(t)
	require.Equal(t, wire.ReportHandback, report.Kind)
	require.Equal(t, bad.Task, report.Task)
	r.dispatch(t, wire.Task{NodeType: "test.other@1", Input: json.RawMessage(`{"value":"x"}`)})
	require.Equal(t, wire.ReportCompleted, r.report(t).Kind)
	require.Equal(t, 1, log.count("another schema"))
}

func TestAWorkerOfWhichNothingIsAcceptedTakesNothing(t *testing.T) {
	log := &sink{}
	url, id := stacktest.Redis(t)
	r := startWith(t, url, id, `[{"type":"test.other@1","reason":"another schema"}]`, worker.Config{Log: slog.New(slog.NewTextHandler(log, nil))}, other("test.other"))
	require.Eventually(t, func() bool { return log.count("it takes no tasks") == 1 }, 5*time.Second, 20*time.Millisecond)
	r.dispatch(t, wire.Task{NodeType: "test.other@1", Input: json.RawMessage(`{"value":"x"}`)})
	require.Equal(t, int64(1), r.redis.LLen(t.Context(), "asynq:{"+r.keys.Queue("test", wire.LaneNormal)+"}:pending").Val())
	r.worker.Stop()
	require.Equal(t, int64(1), r.redis.LLen(t.Context(), "asynq:{"+r.keys.Queue("test", wire.LaneNormal)+"}:pending").Val(), "it waits for another worker")
}

func TestAWorkerWaitsForTheVerdict(t *testing.T) {
	url, id := stacktest.Redis(t)
	r := startWith(t, url, id, "", worker.Config{}, other("test.other"))
	r.dispatch(t, wire.Task{NodeType: "test.other@1", Input: json.RawMessage(`{"value":"x"}`)})
	beat := func() (b wire.Beat) {
		require.NoError(t, json.Unmarshal([]byte(r.redis.HGet(t.Context(), r.keys.Workers(), r.worker.ID()).Val()), &b))
		return b
	}
	require.True(t, beat().Waiting)
	require.Empty(t, r.reports)
	require.NoError(t, r.redis.HSet(t.Context(), r.keys.Verdicts(), r.worker.ID(), `[]`).Err())
	require.Equal(t, wire.ReportCompleted, r.report(t).Kind)
	require.Eventually(t, func() bool { return !beat().Waiting }, 5*time.Second, 10*time.Millisecond)
}

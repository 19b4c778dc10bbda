package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

type text struct {
	Value string `json:"value" title:"Value" title_ru:"Значение"`
}

// rig is a worker and what an engine would see of it.
type rig struct {
	keys    wire.Keys
	redis   *redis.Client
	client  *asynq.Client
	worker  *worker.Worker
	reports chan wire.Report
	process string
}

func start(t *testing.T, config worker.Config, nodes ...sdk.Node) *rig {
	t.Helper()
	url, id := stacktest.Redis(t)
	return startOn(t, url, id, config, nodes...)
}

func startOn(t *testing.T, url, id string, config worker.Config, nodes ...sdk.Node) *rig {
	t.Helper()
	return startWith(t, url, id, `[]`, config, nodes...)
}

// startWith starts a worker with what an engine would have said of its node types; empty: nothing yet.
func startWith(t *testing.T, url, id, verdict string, config worker.Config, nodes ...sdk.Node) *rig {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	r := &rig{keys: wire.Keys{ID: id}, redis: redis.NewClient(options), reports: make(chan wire.Report, 1000), process: uuid.NewString()}
	t.Cleanup(func() { _ = r.redis.Close() })
	r.client = asynq.NewClientFromRedisClient(r.redis)
	config.Pool, config.Installation = "test", id
	if config.Slots == 0 {
		config.Slots = 64
	}
	if config.Redis == nil {
		config.RedisURL = url
	}
	r.worker, err = worker.New(config, nodes...)
	require.NoError(t, err)
	if verdict != "" {
		require.NoError(t, r.redis.HSet(t.Context(), r.keys.Verdicts(), r.worker.ID(), verdict).Err())
	}
	require.NoError(t, r.worker.Start(t.Context()))
	t.Cleanup(r.worker.Stop)
	ctx, cancel := context.WithCancel(context.Background())
	read := make(chan struct{})
	go func() {
		defer close(read)
		last := "0"
		for ctx.Err() == nil {
			streams, err := r.redis.XRead(ctx, &redis.XReadArgs{Streams: []string{r.keys.Results(wire.Shard(r.process)), last}, Block: 100 * time.Millisecond}).Result()
			if err != nil {
				continue
			}
			for _, message := range streams[0].Messages {
				last = message.ID
				var report wire.Report
				if json.Unmarshal([]byte(message.Values[wire.ReportField].(string)), &report) == nil {
					r.reports <- report
				}
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-read })
	return r
}

func (r *rig) dispatch(t *testing.T, task wire.Task) wire.Task {
	t.Helper()
	task.V, task.Process, task.Epoch = wire.Version, r.process, max(task.Epoch, 1)
	task.Attempt = max(task.Attempt, 1)
	if task.Task == "" {
		task.Task = uuid.NewString()
	}
	payload, err := json.Marshal(task)
	require.NoError(t, err)
	_, err = r.client.Enqueue(asynq.NewTask("task", payload), asynq.Queue(r.keys.Queue("test", wire.LaneNormal)), asynq.MaxRetry(0),
		asynq.TaskID(wire.TaskID(task.Task, task.Epoch)), asynq.Deadline(time.Now().Add(24*time.Hour)))
	require.NoError(t, err)
	require.NoError(t, r.redis.Publish(t.Context(), r.keys.Wake("test"), string(wire.LaneNormal)).Err())
	return task
}

func (r *rig) report(t *testing.T) wire.Report {
	t.Helper()
	select {
	case report := <-r.reports:
		return report
	case <-time.After(10 * time.Second):
		t.Fatal("no report came")
		return wire.Report{}
	}
}

// final skips the reports that come before the outcome.
func (r *rig) final(t *testing.T) wire.Report {
	t.Helper()
	for {
		if report := r.report(t); report.Kind != wire.ReportStarted && report.Kind != wire.ReportProgress {
			return report
		}
	}
}

func node(handler func(context.Context, text) (text, error)) sdk.Node {
	return sdk.Define("test.node", 1, handler)
}

func TestAShortTaskReportsOnlyItsOutput(t *testing.T) {
	r := start(t, worker.Config{}, node(func(ctx context.Context, in text) (text, error) {
		sdk.Log(ctx, "saw %s", in.Value)
		return text{Value: in.Value + "!"}, nil
	}))
	task := r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`), Epoch: 7, Attempt: 3})
	report := r.report(t)
	require.Equal(t, wire.ReportCompleted, report.Kind)
	require.JSONEq(t, `{"value":"a!"}`, string(report.Output))
	require.Equal(t, task.Task, report.Task)
	require.Equal(t, int64(7), report.Epoch)
	require.Equal(t, 3, report.Attempt)
	require.Contains(t, report.Log, "saw a")
	require.Equal(t, r.worker.ID(), report.Worker)
}

func TestALongTaskReportsStartAndProgress(t *testing.T) {
	release := make(chan struct{})
	r := start(t, worker.Config{}, node(func(ctx context.Context, in text) (text, error) {
		sdk.Progress(ctx, 40, "checking")
		<-release
		return in, nil
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`)})
	require.Equal(t, wire.ReportStarted, r.report(t).Kind)
	progress := r.report(t)
	require.Equal(t, wire.ReportProgress, progress.Kind)
	require.Equal(t, &wire.Progress{Percent: 40, Text: "checking"}, progress.Progress)
	close(release)
	require.Equal(t, wire.ReportCompleted, r.final(t).Kind)
}

func TestOutcomesAreClassified(t *testing.T) {
	for name, c := range map[string]struct {
		handler func(context.Context, text) (text, error)
		input   string
		class   wire.ErrorClass
		code    string
	}{
		"business":       {func(context.Context, text) (text, error) { return text{}, sdk.Business("NO", "no") }, `{"value":"a"}`, wire.ErrorBusiness, "NO"},
		"permanent":      {func(context.Context, text) (text, error) { return text{}, sdk.Permanent(errors.New("x")) }, `{"value":"a"}`, wire.ErrorPermanent, "FAILED"},
		"any error":      {func(context.Context, text) (text, error) { return text{}, errors.New("x") }, `{"value":"a"}`, wire.ErrorRetryable, "FAILED"},
		"panic":          {func(context.Context, text) (text, error) { panic("oops") }, `{"value":"a"}`, wire.ErrorRetryable, "PANIC"},
		"input":          {func(_ context.Context, in text) (text, error) { return in, nil }, `{"value":5}`, wire.ErrorPermanent, "INPUT_INVALID"},
		"missing field":  {func(_ context.Context, in text) (text, error) { return in, nil }, `{}`, wire.ErrorPermanent, "INPUT_INVALID"},
		"output is huge": {func(context.Context, text) (text, error) { return text{strings.Repeat("x", 300<<10)}, nil }, `{"value":"a"}`, wire.ErrorPermanent, "OUTPUT_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, worker.Config{}, node(c.handler))
			r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(c.input)})
			report := r.final(t)
			require.Equal(t, wire.ReportFailed, report.Kind)
			require.Equal(t, c.class, report.Error.Class, report.Error.Message)
			require.Equal(t, c.code, report.Error.Code)
			if name == "panic" {
				require.Contains(t, report.Error.Stack, "worker_test.go")
			}
		})
	}
}

func TestAnAttemptTimesOutThoughItsHandlerIgnoresIt(t *testing.T) {
	release := make(chan struct{})
	r := start(t, worker.Config{}, node(func(_ context.Context, in text) (text, error) {
		<-release
		return in, nil
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`), AttemptMS: 50})
	report := r.final(t)
	require.Equal(t, wire.ErrorTimeout, report.Error.Class)
	require.Equal(t, "TIMEOUT_ATTEMPT", report.Error.Code)
	close(release)
}

func TestASilentHandlerTimesOut(t *testing.T) {
	r := start(t, worker.Config{}, node(func(ctx context.Context, _ text) (text, error) {
		<-ctx.Done()
		return text{}, context.Cause(ctx)
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`), HeartbeatMS: 60})
	require.Equal(t, "TIMEOUT_HEARTBEAT", r.final(t).Error.Code)
}

func TestACancelReachesTheHandler(t *testing.T) {
	running := make(chan struct{})
	r := start(t, worker.Config{}, node(func(ctx context.Context, _ text) (text, error) {
		close(running)
		<-ctx.Done()
		return text{}, context.Cause(ctx)
	}))
	task := r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`)})
	<-running
	require.Eventually(t, func() bool {
		n, err := r.redis.Publish(t.Context(), r.keys.Cancels(), wire.TaskID(task.Task, task.Epoch)).Result()
		return err == nil && n > 0
	}, 5*time.Second, 10*time.Millisecond)
	require.Equal(t, wire.ReportFailed, r.final(t).Kind)
}

func TestStopHandsBackWhatDoesNotEnd(t *testing.T) {
	running := make(chan struct{})
	r := start(t, worker.Config{Grace: 50 * time.Millisecond}, node(func(ctx context.Context, _ text) (text, error) {
		close(running)
		<-ctx.Done()
		return text{}, context.Cause(ctx)
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`)})
	<-running
	r.worker.Stop()
	require.Equal(t, wire.ReportHandback, r.final(t).Kind)
	left, err := r.redis.HExists(t.Context(), r.keys.Workers(), r.worker.ID()).Result()
	require.NoError(t, err)
	require.False(t, left, "a worker that left cleanly is not in the list")
}

func TestAPausedTypeIsHandedBackUnrun(t *testing.T) {
	var runs atomic.Int64
	r := start(t, worker.Config{}, node(func(_ context.Context, in text) (text, error) { runs.Add(1); return in, nil }))
	require.NoError(t, r.redis.HSet(t.Context(), r.keys.Paused(), "type:test.node@1", "registry is down").Err())
	require.Eventually(t, func() bool {
		before := runs.Load()
		r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`)})
		return r.final(t).Kind == wire.ReportHandback && runs.Load() == before
	}, 5*time.Second, 50*time.Millisecond)
}

func TestTheBeatTellsWhatIsHeldAndServed(t *testing.T) {
	release, running := make(chan struct{}), make(chan struct{})
	r := start(t, worker.Config{}, node(func(_ context.Context, in text) (text, error) {
		close(running)
		<-release
		return in, nil
	}))
	defer close(release)
	task := r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`)})
	<-running
	require.Eventually(t, func() bool {
		raw, err := r.redis.HGet(t.Context(), r.keys.Workers(), r.worker.ID()).Bytes()
		if err != nil {
			return false
		}
		var beat wire.Beat
		if json.Unmarshal(raw, &beat) != nil || len(beat.Holds) != 1 {
			return false
		}
		require.Equal(t, wire.TaskID(task.Task, task.Epoch), beat.Holds[0])
		require.Equal(t, "test.node", beat.Types[0].Name)
		require.Len(t, beat.Types[0].Hash, 64)
		require.Contains(t, string(beat.Types[0].InputSchema), `"x-title-ru":"Значение"`)
		return true
	}, 10*time.Second, 20*time.Millisecond)
}

func TestLargeInputsAndFilesComeFromTheServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		switch {
		case strings.HasPrefix(request.URL.Path, "/api/v1/work/inputs/"):
			_, _ = fmt.Fprint(w, `{"value":"large"}`)
		case request.Method == http.MethodPost:
			body, _ := io.ReadAll(request.Body)
			_ = json.NewEncoder(w).Encode(sdk.File{Ref: "sha256:aa", Name: request.URL.Query().Get("name"), Size: int64(len(body))})
		default:
			_, _ = fmt.Fprint(w, "content of "+request.URL.Path+" for "+request.URL.Query().Get("process"))
		}
	}))
	t.Cleanup(server.Close)
	r := start(t, worker.Config{ServerURL: server.URL, Token: "secret"}, node(func(ctx context.Context, in text) (text, error) {
		content, err := sdk.Open(ctx, sdk.File{Ref: "sha256:ff"})
		if err != nil {
			return text{}, err
		}
		defer content.Close()
		raw, err := io.ReadAll(content)
		if err != nil {
			return text{}, err
		}
		saved, err := sdk.Save(ctx, "out.txt", "text/plain", strings.NewReader("12345"))
		return text{Value: fmt.Sprintf("%s|%s|%s|%d", in.Value, raw, saved.Name, saved.Size)}, err
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", InputRef: "ref"})
	report := r.final(t)
	require.Equal(t, wire.ReportCompleted, report.Kind, "%+v", report.Error)
	require.JSONEq(t, `{"value":"large|content of /api/v1/work/files/ff for `+r.process+`|out.txt|5"}`, string(report.Output))
}

func TestMistakesInTheProgramAreToldAtOnce(t *testing.T) {
	_, err := worker.New(worker.Config{RedisURL: "redis://127.0.0.1:1"})
	require.ErrorContains(t, err, "no nodes")
	one := node(func(_ context.Context, in text) (text, error) { return in, nil })
	_, err = worker.New(worker.Config{RedisURL: "redis://127.0.0.1:1"}, one, one)
	require.ErrorContains(t, err, "given twice")
	_, err = worker.New(worker.Config{RedisURL: "redis://127.0.0.1:1", Pool: "Not a pool"}, one)
	require.ErrorContains(t, err, "no pool name")
	require.Panics(t, func() { sdk.Define("Bad Name", 1, func(_ context.Context, in text) (text, error) { return in, nil }) })
}

// TestSecretsComeFromTheServer: a handler asks for a value by name, each time; a name that the server does not give is permanent.
func TestSecretsComeFromTheServer(t *testing.T) {
	value := "hunter2"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "Bearer workers" || request.URL.Query().Get("process") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		switch request.URL.Path {
		case "/api/v1/work/secrets/token":
			_ = json.NewEncoder(w).Encode(map[string]string{"value": value})
		case "/api/v1/work/secrets/away":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	r := start(t, worker.Config{ServerURL: server.URL, Token: "workers"}, node(func(ctx context.Context, in text) (text, error) {
		secret, err := sdk.Secret(ctx, in.Value)
		return text{Value: fmt.Sprint(len(secret))}, err
	}))
	ask := func(ref string) wire.Report {
		r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(fmt.Sprintf(`{"value":%q}`, ref))})
		return r.report(t)
	}
	require.JSONEq(t, `{"value":"7"}`, string(ask("secret://token").Output))
	value = "hunter22"
	require.JSONEq(t, `{"value":"8"}`, string(ask("secret://token").Output), "a changed value counts at once")
	unknown := ask("secret://other")
	require.Equal(t, sdk.CodeSecret, unknown.Error.Code)
	require.Equal(t, wire.ErrorPermanent, unknown.Error.Class)
	require.Equal(t, wire.ErrorRetryable, ask("secret://away").Error.Class)
	require.Equal(t, sdk.CodeInputInvalid, ask("token").Error.Code)
}

// TestSecretsDoNotLeaveTheWorker: not in a log line, a progress text, an error, the stack of a panic, an output.
func TestSecretsDoNotLeaveTheWorker(t *testing.T) {
	const value = `p"ss-w0rd`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"value": value})
	}))
	t.Cleanup(server.Close)
	r := start(t, worker.Config{ServerURL: server.URL, Token: "workers"}, node(func(ctx context.Context, in text) (text, error) {
		secret, err := sdk.Secret(ctx, "secret://token")
		if err != nil {
			return text{}, err
		}
		sdk.Log(ctx, "signing in with %s", secret)
		sdk.Progress(ctx, 10, "sent "+secret)
		switch in.Value {
		case "error":
			return text{}, errors.New("refused: " + secret)
		case "panic":
			panic(secret)
		case "output":
			return text{Value: "token=" + secret}, nil
		}
		return text{Value: "fine"}, nil
	}))
	for _, how := range []string{"error", "panic", "output", ""} {
		r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(fmt.Sprintf(`{"value":%q}`, how))})
		report := r.report(t)
		raw, err := json.Marshal(report)
		require.NoError(t, err)
		require.NotContains(t, string(raw), "w0rd", how)
		require.Contains(t, report.Log, "signing in with •••")
		if how == "output" {
			require.Equal(t, sdk.CodeSecretShown, report.Error.Code)
			require.Equal(t, wire.ErrorPermanent, report.Error.Class)
		}
	}
}

package pipeline_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func connect(t testing.TB, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	options.PoolSize = 100
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

type rig struct {
	keys    wire.Keys
	parking *pipeline.Client
	redis   *redis.Client
	client  *asynq.Client
	taken   chan string
	hold    atomic.Pointer[chan struct{}] // handlers that begin while it is set wait for it
}

// serve starts asynq servers over a parking client and returns what enqueues to them.
func serve(t testing.TB, servers int) *rig {
	t.Helper()
	url, id := stacktest.Redis(t)
	client := connect(t, url)
	return serveOn(t, client, client, id, servers)
}

// serveOn is serve with a connection of the workers' own.
func serveOn(t testing.TB, workers, direct *redis.Client, id string, servers int) *rig {
	t.Helper()
	r := &rig{keys: wire.Keys{ID: id}, redis: direct, taken: make(chan string, 100_000)}
	parking := pipeline.NewParking(context.Background(), workers, r.keys, "p")
	r.parking = parking
	var running []*asynq.Server
	for range servers {
		server := asynq.NewServerFromRedisClient(parking, asynq.Config{
			Concurrency: 32, StrictPriority: true, TaskCheckInterval: 2 * time.Millisecond, LogLevel: asynq.FatalLevel,
			Queues: map[string]int{r.keys.Queue("p", wire.LaneUrgent): 2, r.keys.Queue("p", wire.LaneNormal): 1},
		})
		require.NoError(t, server.Start(asynq.HandlerFunc(func(_ context.Context, task *asynq.Task) error {
			hold := r.hold.Load()
			r.taken <- string(task.Payload())
			if hold != nil {
				<-*hold
			}
			return nil
		})))
		running = append(running, server)
	}
	t.Cleanup(func() {
		parking.Release()
		for _, server := range running {
			server.Shutdown()
		}
		_ = parking.Close()
	})
	enqueuing := pipeline.New(r.redis)
	t.Cleanup(func() { _ = enqueuing.Close() })
	r.client = asynq.NewClientFromRedisClient(enqueuing)
	return r
}

func (r *rig) enqueue(t testing.TB, lane wire.Lane, payload string) {
	t.Helper()
	_, err := r.client.Enqueue(asynq.NewTask("t", []byte(payload)), asynq.Queue(r.keys.Queue("p", lane)), asynq.MaxRetry(0))
	require.NoError(t, err)
}

func (r *rig) announce(t testing.TB, lane wire.Lane) {
	t.Helper()
	require.NoError(t, r.redis.Publish(t.Context(), r.keys.Wake("p"), string(lane)).Err())
}

func receive(t testing.TB, from <-chan string) string {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(10 * time.Second):
		t.Fatal("no task was taken")
		return ""
	}
}

func TestBothLanesAreServed(t *testing.T) {
	r := serve(t, 2)
	for _, lane := range []wire.Lane{wire.LaneNormal, wire.LaneUrgent} {
		r.enqueue(t, lane, string(lane))
		r.announce(t, lane)
		require.Equal(t, string(lane), receive(t, r.taken))
	}
}

func TestALostWakeIsMadeUpFor(t *testing.T) {
	r := serve(t, 2)
	r.enqueue(t, wire.LaneUrgent, "nobody was told")
	require.Equal(t, "nobody was told", receive(t, r.taken))
}

func TestABurstReachesEveryTaskOnce(t *testing.T) {
	r := serve(t, 4)
	const n = 2000
	for i := range n {
		r.enqueue(t, wire.LaneNormal, fmt.Sprint(i))
	}
	r.announce(t, wire.LaneNormal)
	seen := map[string]bool{}
	for range n {
		seen[receive(t, r.taken)] = true
	}
	require.Len(t, seen, n)
}

func TestParkedDequeuesCostNoRoundTrips(t *testing.T) {
	r := serve(t, 16)
	calls := func() int64 {
		info, err := r.redis.Info(t.Context(), "commandstats").Result()
		require.NoError(t, err)
		var n int64
		for line := range lines(info) {
			if _, err := fmt.Sscanf(line, "cmdstat_evalsha:calls=%d,", &n); err == nil {
				return n
			}
		}
		return 0
	}
	before := calls()
	timer := time.NewTimer(time.Second)
	<-timer.C
	require.Less(t, calls()-before, int64(400), "16 polling servers at 2 ms would have asked thousands of times")
}

func lines(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for len(text) > 0 {
			line := text
			for i := range text {
				if text[i] == '\n' {
					line = text[:i]
					break
				}
			}
			if !yield(line) {
				return
			}
			text = text[min(len(line)+1, len(text)):]
		}
	}
}

func TestCloseAnswersCallsUnderWay(t *testing.T) {
	url, id := stacktest.Redis(t)
	client := pipeline.NewParking(context.Background(), connect(t, url), wire.Keys{ID: id}, "p")
	require.NoError(t, client.Close())
	require.ErrorIs(t, client.EvalSha(t.Context(), "0", nil).Err(), pipeline.ErrClosed)
}

// BenchmarkIdleHop measures the time from an announced enqueue to the handler, one at a time.
func BenchmarkIdleHop(b *testing.B) {
	r := serve(b, 16)
	for b.Loop() {
		r.enqueue(b, wire.LaneNormal, "x")
		require.NoError(b, r.redis.Publish(b.Context(), r.keys.Wake("p"), "normal").Err())
		<-r.taken
	}
}

// BenchmarkThroughput measures tasks through 16 servers with 64 enqueuers.
func BenchmarkThroughput(b *testing.B) {
	r := serve(b, 16)
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	for range 64 {
		go func() {
			for left.Add(-1) >= 0 {
				r.enqueue(b, wire.LaneNormal, "x")
			}
			_ = r.redis.Publish(context.Background(), r.keys.Wake("p"), "normal")
		}()
	}
	for range b.N {
		<-r.taken
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
}

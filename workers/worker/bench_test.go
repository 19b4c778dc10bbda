package worker_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// BenchmarkTasks measures tasks that wait in the queue already, from the first dequeue to the last report in its stream:
// through a worker, and through one plain asynq server with as many slots that reports nothing.
func BenchmarkTasks(b *testing.B) {
	b.Run("worker", func(b *testing.B) { benchmark(b, serveWorker) })
	b.Run("plain asynq", func(b *testing.B) { benchmark(b, servePlain) })
}

type bench struct {
	url    string
	keys   wire.Keys
	redis  *redis.Client
	served chan struct{} // one entry per task that the plain server ran
}

func benchmark(b *testing.B, serve func(*testing.B, *bench)) {
	url, id := stacktest.Redis(b)
	options, err := redis.ParseURL(url)
	require.NoError(b, err)
	rig := &bench{url: url, keys: wire.Keys{ID: id}, redis: redis.NewClient(options), served: make(chan struct{}, b.N)}
	b.Cleanup(func() { _ = rig.redis.Close() })
	through := pipeline.New(rig.redis)
	b.Cleanup(func() { _ = through.Close() })
	client := asynq.NewClientFromRedisClient(through)
	payload := json.RawMessage(`{"value":"` + strings.Repeat("x", 180) + `"}`)
	var group sync.WaitGroup
	tasks := make(chan int)
	for range 64 {
		group.Go(func() {
			for range tasks {
				task := wire.Task{V: wire.Version, Process: uuid.NewString(), Task: uuid.NewString(), Epoch: 1, Attempt: 1, NodeType: "test.node@1", Input: payload}
				body, _ := json.Marshal(task)
				if _, err := client.Enqueue(asynq.NewTask("task", body), asynq.Queue(rig.keys.Queue("test", wire.LaneNormal)), asynq.MaxRetry(0),
					asynq.TaskID(wire.TaskID(task.Task, 1)), asynq.Deadline(time.Now().Add(24*time.Hour))); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range b.N {
		tasks <- i
	}
	close(tasks)
	group.Wait()
	b.ResetTimer()
	serve(b, rig)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
}

func serveWorker(b *testing.B, rig *bench) {
	w, err := worker.New(worker.Config{Pool: "test", RedisURL: rig.url, Installation: rig.keys.ID, Log: slog.New(slog.DiscardHandler)},
		sdk.Define("test.node", 1, identity[text]))
	require.NoError(b, err)
	require.NoError(b, w.Start(b.Context()))
	for reported := int64(0); reported < int64(b.N); {
		timer := time.NewTimer(5 * time.Millisecond)
		<-timer.C
		reported = 0
		for shard := range wire.Shards {
			n, err := rig.redis.XLen(b.Context(), rig.keys.Results(shard)).Result()
			require.NoError(b, err)
			reported += n
		}
	}
	b.StopTimer()
	w.Stop()
}

func servePlain(b *testing.B, rig *bench) {
	options, err := asynq.ParseRedisURI(rig.url)
	require.NoError(b, err)
	server := asynq.NewServer(options, asynq.Config{
		Concurrency: worker.DefaultSlots, TaskCheckInterval: worker.CheckInterval, LogLevel: asynq.FatalLevel,
		Queues: map[string]int{rig.keys.Queue("test", wire.LaneNormal): 1},
	})
	require.NoError(b, server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		rig.served <- struct{}{}
		return nil
	})))
	for range b.N {
		<-rig.served
	}
	b.StopTimer()
	server.Shutdown()
}

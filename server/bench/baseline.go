package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// plainAsynq enqueues n tasks, then measures how one asynq.Server with the product's slots completes them.
func plainAsynq(ctx context.Context, target Target, n int) (sample, error) {
	queue := "bench-" + uuid.NewString()
	db := redis.NewClient(target.Redis)
	defer db.Close()
	defer func() {
		inspector := asynq.NewInspectorFromRedisClient(db)
		_ = inspector.DeleteQueue(queue, true)
	}()
	client := asynq.NewClientFromRedisClient(db)
	payload := []byte(strings.Repeat("x", payloadBytes))
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, 64)
	for range 64 {
		group.Go(func() {
			for next.Add(1) <= int64(n) {
				if _, err := client.EnqueueContext(ctx, asynq.NewTask("noop", payload), asynq.Queue(queue), asynq.MaxRetry(0)); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return sample{}, err
	default:
	}
	var done atomic.Int64
	finished := make(chan struct{})
	server := asynq.NewServerFromRedisClient(redis.NewClient(target.Redis), asynq.Config{
		Concurrency: target.Slots, Queues: map[string]int{queue: 1}, TaskCheckInterval: target.Interval, LogLevel: asynq.FatalLevel,
	})
	before, began := treeTicks(), time.Now()
	err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if done.Add(1) == int64(n) {
			close(finished)
		}
		return nil
	}))
	if err != nil {
		return sample{}, err
	}
	defer server.Shutdown()
	select {
	case <-finished:
		took := time.Since(began)
		return sample{rate: float64(n) / took.Seconds(), cpu: cpuPerTask(before, treeTicks(), n)}, nil
	case <-ctx.Done():
		return sample{}, ctx.Err()
	case <-time.After(2 * time.Minute):
		return sample{}, fmt.Errorf("%d of %d tasks done after 2 minutes", done.Load(), n)
	}
}

// percentile returns the p-th percentile (nearest rank) of values.
func percentile(values []float64, p int) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := (len(sorted)*p + 99) / 100
	return sorted[max(rank, 1)-1]
}

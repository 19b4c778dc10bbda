package pipeline_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/pipeline/cabletest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// While Redis is away dequeues must not spin, and when it comes back they must find what waits, without a wake.
func TestAnOutageOfRedisCostsNoSpinning(t *testing.T) {
	url, id := stacktest.Redis(t)
	direct := connect(t, url)
	cord := cabletest.Plug(t, direct.Options().Addr)
	options := *direct.Options()
	options.Addr, options.MaxRetries = cord.Addr(), -1
	through := redis.NewClient(&options)
	t.Cleanup(func() { _ = through.Close() })
	r := serveOn(t, through, direct, id, 16)

	cord.Pull()
	before := cord.Dials.Load()
	wait(3 * time.Second)
	require.Less(t, cord.Dials.Load()-before, int64(600), "16 loops that spin would dial many thousands of times")

	r.enqueue(t, "normal", "held")
	cord.Mend()
	require.Equal(t, "held", receive(t, r.taken))
}

// asynq computes a lease before it asks for a message: a message taken after a long idle time must have a lease to live.
func TestAMessageTakenAfterALongWaitHasAFreshLease(t *testing.T) {
	r := serve(t, 1)
	wait(6500 * time.Millisecond)
	release := make(chan struct{})
	r.hold.Store(&release)
	r.enqueue(t, wire.LaneNormal, "x")
	r.announce(t, wire.LaneNormal)
	receive(t, r.taken)
	leases, err := r.redis.ZRangeWithScores(t.Context(), "asynq:{"+r.keys.Queue("p", wire.LaneNormal)+"}:lease", 0, -1).Result()
	require.NoError(t, err)
	require.Len(t, leases, 1)
	left := time.Until(time.Unix(int64(leases[0].Score), 0))
	require.Greater(t, left, 24*time.Second) // a wait takes at most 5 s of it
	close(release)
}

func TestUrgentGoesFirst(t *testing.T) {
	r := serve(t, 1)
	release := make(chan struct{})
	r.hold.Store(&release)
	for range 32 { // all slots of the one server
		r.enqueue(t, wire.LaneNormal, "filler")
	}
	for range 32 {
		receive(t, r.taken)
	}
	for range 10 {
		r.enqueue(t, wire.LaneNormal, "normal")
	}
	r.enqueue(t, wire.LaneUrgent, "urgent")
	r.announce(t, wire.LaneUrgent)
	require.Eventually(t, r.parking.UrgentMaybe, 10*time.Second, time.Millisecond)
	r.hold.Store(nil)
	close(release)
	require.Equal(t, "urgent", receive(t, r.taken))
}

// A Redis that restarted knows no scripts: asynq falls back to sending them.
func TestForgottenScriptsAreSentAgain(t *testing.T) {
	r := serve(t, 2)
	for _, payload := range []string{"before", "after"} {
		r.enqueue(t, wire.LaneNormal, payload)
		r.announce(t, wire.LaneNormal)
		require.Equal(t, payload, receive(t, r.taken))
		require.NoError(t, r.redis.ScriptFlush(t.Context()).Err())
	}
}

func TestReleaseLetsServersShutDownAtOnce(t *testing.T) {
	url, id := stacktest.Redis(t)
	client := connect(t, url)
	keys := wire.Keys{ID: id}
	parking := pipeline.NewParking(context.Background(), client, keys, "p")
	server := asynq.NewServerFromRedisClient(parking, asynq.Config{
		Concurrency: 4, LogLevel: asynq.FatalLevel, TaskCheckInterval: 2 * time.Millisecond,
		Queues: map[string]int{keys.Queue("p", wire.LaneUrgent): 2, keys.Queue("p", wire.LaneNormal): 1}, StrictPriority: true,
	})
	require.NoError(t, server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error { return nil })))
	wait(50 * time.Millisecond)
	began := time.Now()
	parking.Release()
	parking.Release()
	server.Stop()
	require.Less(t, time.Since(began), 500*time.Millisecond)
	server.Shutdown()
	require.NoError(t, parking.Close())
	require.NoError(t, parking.Close())
}

func TestConcurrentScriptsKeepTheirOwnAnswers(t *testing.T) {
	url, _ := stacktest.Redis(t)
	client := pipeline.New(connect(t, url))
	t.Cleanup(func() { _ = client.Close() })
	script := redis.NewScript(`if ARGV[1] == "0" then return redis.error_reply("BAD zero") end return ARGV[1]`)
	var group sync.WaitGroup
	for i := range 500 {
		group.Go(func() {
			got, err := script.Run(context.Background(), client, []string{"k"}, i%7).Int()
			if i%7 == 0 {
				if err == nil || !redis.HasErrorPrefix(err, "BAD") {
					t.Errorf("an error is one command's own: %v", err)
				}
				return
			}
			if err != nil || got != i%7 {
				t.Errorf("got %d, %v for %d", got, err, i%7)
			}
		})
	}
	group.Wait()
}

func TestACancelledCallerIsNotKept(t *testing.T) {
	url, _ := stacktest.Redis(t)
	client := pipeline.New(connect(t, url))
	t.Cleanup(func() { _ = client.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := client.EvalSha(ctx, "0000000000000000000000000000000000000000", []string{"k"}).Err()
	require.True(t, errors.Is(err, context.Canceled) || redis.HasErrorPrefix(err, "NOSCRIPT"), "%v", err)
}

func TestMain(m *testing.M) {
	// The test servers of the machine outlive a test run.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/taskurotta/taskurotta-go/server/devstack.startChild.func1"))
}

func wait(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}

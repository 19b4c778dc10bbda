package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/pipeline"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func open(t *testing.T) (*dispatch.Publisher, *redis.Client, wire.Keys) {
	t.Helper()
	address, id := stacktest.Redis(t)
	opts, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(opts)
	fast := pipeline.New(rdb)
	t.Cleanup(func() {
		_ = fast.Close()
		_ = rdb.Close()
	})
	keys := wire.Keys{ID: id}
	return dispatch.New(fast, rdb, keys), rdb, keys
}

func messages(n int, lane wire.Lane) []dispatch.Message {
	out := make([]dispatch.Message, n)
	for i := range out {
		out[i] = dispatch.Message{Pool: "p", Lane: lane, Task: wire.Task{V: wire.Version, Process: "x", Task: fmt.Sprintf("%s-%d", lane, i), Epoch: 1, NodeType: "t@1"}}
	}
	return out
}

func refs(ms []dispatch.Message) []dispatch.Ref {
	out := make([]dispatch.Ref, len(ms))
	for i, m := range ms {
		out[i] = dispatch.Ref{Pool: m.Pool, Lane: m.Lane, Task: m.Task.Task, Epoch: m.Task.Epoch}
	}
	return out
}

func TestPublishedMessagesArePendingAndTheirPoolIsWokenOnce(t *testing.T) {
	t.Parallel()
	p, rdb, keys := open(t)
	sub := rdb.Subscribe(t.Context(), keys.Wake("p"))
	defer func() { _ = sub.Close() }()
	if _, err := sub.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	ms := append(messages(300, wire.LaneNormal), messages(20, wire.LaneUrgent)...)
	for range 2 { // publishing again finds them there and is no error
		if err := p.Publish(t.Context(), ms); err != nil {
			t.Fatal(err)
		}
	}
	states, err := p.States(t.Context(), append(refs(ms), dispatch.Ref{Pool: "p", Lane: wire.LaneNormal, Task: "unknown", Epoch: 1}))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range states[:320] {
		if s != dispatch.Pending {
			t.Errorf("message %d is %s", i, s)
		}
	}
	if states[320] != dispatch.Missing {
		t.Errorf("unknown message is %s", states[320])
	}
	if n := rdb.LLen(t.Context(), "asynq:{"+keys.Queue("p", wire.LaneUrgent)+"}:pending").Val(); n != 20 {
		t.Errorf("%d urgent messages", n)
	}
	lanes := map[string]int{}
	for range 4 {
		select {
		case m := <-sub.Channel():
			lanes[m.Payload]++
		case <-time.After(5 * time.Second):
			t.Fatal("no wake-up")
		}
	}
	if lanes["normal"] != 2 || lanes["urgent"] != 2 {
		t.Errorf("wake-ups %v", lanes)
	}
}

func TestWithdrawTakesBackWhatNoWorkerHas(t *testing.T) {
	t.Parallel()
	p, rdb, keys := open(t)
	ms := messages(2, wire.LaneNormal)
	if err := p.Publish(t.Context(), ms[:1]); err != nil {
		t.Fatal(err)
	}
	took, release := make(chan struct{}), make(chan struct{})
	srv := asynq.NewServerFromRedisClient(rdb, asynq.Config{Concurrency: 1, Queues: map[string]int{keys.Queue("p", wire.LaneNormal): 1}, TaskCheckInterval: 5 * time.Millisecond, LogLevel: asynq.FatalLevel})
	if err := srv.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		close(took)
		<-release
		return nil
	})); err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown()
	defer close(release)
	<-took
	if err := p.Publish(t.Context(), ms[1:]); err != nil {
		t.Fatal(err)
	}
	all := refs(ms)
	states, err := p.States(t.Context(), all)
	if err != nil || states[0] != dispatch.Active || states[1] != dispatch.Pending {
		t.Fatalf("states %v, %v", states, err)
	}
	for i, want := range []bool{false, true} {
		if back, err := p.Withdraw(t.Context(), all[i]); err != nil || back != want {
			t.Errorf("withdraw %d: %v, %v", i, back, err)
		}
	}
	if back, err := p.Withdraw(t.Context(), all[1]); err != nil || back {
		t.Errorf("withdraw of what is gone: %v, %v", back, err)
	}
	if err := p.Clean(t.Context(), all[:1]); err != nil {
		t.Fatal(err)
	}
	if states, err = p.States(t.Context(), all); err != nil || states[0] != dispatch.Missing || states[1] != dispatch.Missing {
		t.Errorf("after the cleaning %v, %v", states, err)
	}
	if err := rdb.Del(t.Context(), "asynq:queues").Err(); err != nil {
		t.Fatal(err)
	}
	if err := p.Enlist(t.Context(), []string{"p"}); err != nil {
		t.Fatal(err)
	}
	if !rdb.SIsMember(t.Context(), "asynq:queues", keys.Queue("p", wire.LaneNormal)).Val() {
		t.Error("the queue is not enlisted")
	}
}

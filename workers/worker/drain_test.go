package worker_test

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// drain writes an order as an engine does.
func (r *rig) drain(t *testing.T, order wire.Drain) {
	t.Helper()
	text, err := json.Marshal(order)
	require.NoError(t, err)
	require.NoError(t, r.redis.HSet(t.Context(), r.keys.Drains(), r.worker.ID(), text).Err())
	require.NoError(t, r.redis.Publish(t.Context(), r.keys.PauseNews(), "").Err())
}

func (r *rig) beat(t *testing.T) (beat wire.Beat) {
	t.Helper()
	raw, err := r.redis.HGet(t.Context(), r.keys.Workers(), r.worker.ID()).Bytes()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &beat))
	return beat
}

func TestADrainedWorkerFinishesWhatItHasAndTakesNothing(t *testing.T) {
	url, id := stacktest.Redis(t)
	running, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var runs atomic.Int64
	first := startOn(t, url, id, worker.Config{Slots: 4}, node(func(_ context.Context, in text) (text, error) {
		runs.Add(1)
		once.Do(func() { close(running) })
		<-release
		return in, nil
	}))
	held := first.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"held"}`)})
	<-running
	require.True(t, first.beat(t).Orders, "it says that it knows the order")
	first.drain(t, wire.Drain{V: wire.Version})
	require.Eventually(t, func() bool { return first.beat(t).Draining }, 30*time.Second, 10*time.Millisecond)

	second := startOn(t, url, id, worker.Config{Slots: 4}, node(func(_ context.Context, in text) (text, error) { return in, nil }))
	const rest = 20
	for range rest {
		first.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"rest"}`)})
	}
	for range rest {
		report := first.final(t)
		require.Equal(t, wire.ReportCompleted, report.Kind)
		require.Equal(t, second.worker.ID(), report.Worker)
	}
	select {
	case <-first.worker.Drained():
		t.Fatal("it has a task still")
	default:
	}
	close(release)
	report := first.final(t)
	require.Equal(t, wire.ReportCompleted, report.Kind)
	require.Equal(t, held.Task, report.Task)
	require.Equal(t, first.worker.ID(), report.Worker)
	select {
	case <-first.worker.Drained():
	case <-time.After(30 * time.Second):
		t.Fatal("it has nothing left to do, and does not end")
	}
	require.EqualValues(t, 1, runs.Load())
	first.worker.Stop()
	left, err := first.redis.HExists(t.Context(), first.keys.Workers(), first.worker.ID()).Result()
	require.NoError(t, err)
	require.False(t, left, "it has left the list")
	select {
	case <-second.worker.Drained():
		t.Fatal("nobody has drained the second")
	default:
	}
}

func TestADrainHandsBackWhatIsTooLongAndMayStay(t *testing.T) {
	running := make(chan struct{}, 2)
	var quick atomic.Bool
	r := start(t, worker.Config{}, node(func(ctx context.Context, in text) (text, error) {
		running <- struct{}{}
		if quick.Load() {
			return in, nil
		}
		<-ctx.Done()
		return text{}, context.Cause(ctx)
	}))
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"a"}`)})
	<-running
	r.drain(t, wire.Drain{V: wire.Version, Stay: true, WithinMS: 50})
	require.Equal(t, wire.ReportHandback, r.final(t).Kind)
	require.Eventually(t, func() bool { beat := r.beat(t); return beat.Draining && len(beat.Holds) == 0 }, 30*time.Second, 10*time.Millisecond)
	select {
	case <-r.worker.Drained():
		t.Fatal("it was told to stay")
	default:
	}

	// What comes meanwhile waits; that Redis forgets the order is not its end.
	quick.Store(true)
	waits := r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"b"}`)})
	require.NoError(t, r.redis.Del(t.Context(), r.keys.Drains()).Err())
	before := r.beat(t).Seq
	require.Eventually(t, func() bool { return r.beat(t).Seq >= before+2 }, 30*time.Second, 10*time.Millisecond)
	require.Empty(t, running, "it is drained still")
	r.drain(t, wire.Drain{V: wire.Version, Back: true})
	report := r.final(t)
	require.Equal(t, wire.ReportCompleted, report.Kind, "the order is taken back")
	require.Equal(t, waits.Task, report.Task)
	require.Eventually(t, func() bool { return !r.beat(t).Draining }, 30*time.Second, 10*time.Millisecond)

	// And it can be drained anew, and go.
	<-running
	quick.Store(false)
	r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: json.RawMessage(`{"value":"c"}`)})
	<-running
	r.drain(t, wire.Drain{V: wire.Version, WithinMS: 50})
	require.Equal(t, wire.ReportHandback, r.final(t).Kind)
	select {
	case <-r.worker.Drained():
	case <-time.After(30 * time.Second):
		t.Fatal("it does not go")
	}
}

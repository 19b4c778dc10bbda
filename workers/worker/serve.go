package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// askEvery is how often a worker looks for the verdict on its node types.
const askEvery = 100 * time.Millisecond

// serve takes tasks once an engine says that the catalog knows this worker's node types: a worker whose contract is not the
// one that processes were drawn against must not touch them. With nothing accepted it stays, to be seen on /workers.
func (w *Worker) serve() {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for asked := 1; ; asked++ {
		refusals, known, err := w.verdict()
		if err == nil && known {
			if !w.accept(refusals) {
				w.log.Error("the catalog refuses every node type of this worker: it takes no tasks", "worker_id", w.id)
				return
			}
			if err = w.startServers(); err == nil {
				return
			}
		}
		if err != nil {
			w.log.Warn("the worker can't take tasks yet", "worker_id", w.id, "error", err)
		}
		if asked == int(10*time.Second/askEvery) {
			w.log.Warn("no server has answered for 10 s whether the node types of this worker are accepted; it waits", "worker_id", w.id)
		}
		select {
		case <-w.leave:
			return
		case <-tick.C:
		}
	}
}

// verdict reads what the engines say of this worker; known is false as long as none has.
func (w *Worker) verdict() (refusals []wire.Refusal, known bool, err error) {
	ctx, cancel := context.WithTimeout(w.handlers, beatEvery)
	defer cancel()
	raw, err := w.redis.HGet(ctx, w.keys.Verdicts(), w.id).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if err := json.Unmarshal(raw, &refusals); err != nil {
		return nil, false, fmt.Errorf("read the verdict: %w", err)
	}
	return refusals, true, nil
}

// accept keeps what is refused, and tells it loudly. It reports whether anything is left to serve.
func (w *Worker) accept(refusals []wire.Refusal) bool {
	refused := make(map[string]bool, len(refusals))
	for _, refusal := range refusals {
		w.log.Error("the catalog refuses a node type of this worker", "worker_id", w.id, "node_type", refusal.Type, "reason", refusal.Reason)
		refused[refusal.Type] = true
	}
	w.mu.Lock()
	w.refused = refused
	w.mu.Unlock()
	for name := range w.nodes {
		if !refused[name] {
			return true
		}
	}
	return false
}

// startServers starts the asynq servers that are not running yet, and tells at once that this worker takes tasks.
func (w *Worker) startServers() error {
	normal, urgent := w.keys.Queue(w.config.Pool, wire.LaneNormal), w.keys.Queue(w.config.Pool, wire.LaneUrgent)
	for left := w.config.Slots - len(w.servers)*slotsPerServer; left > 0; left -= slotsPerServer {
		server := asynq.NewServerFromRedisClient(w.client, asynq.Config{
			Concurrency: min(left, slotsPerServer), Queues: map[string]int{urgent: 2, normal: 1}, StrictPriority: true,
			TaskCheckInterval: checkInterval, ShutdownTimeout: time.Second,
			// Scheduled, retried and retained messages are never used, so nobody needs to look for them.
			DelayedTaskCheckInterval: time.Hour, JanitorInterval: time.Hour,
			LogLevel: asynq.ErrorLevel, Logger: asynqLog{w.log},
			BaseContext: func() context.Context { return w.handlers },
		})
		if err := server.Start(asynq.HandlerFunc(w.handle)); err != nil {
			return fmt.Errorf("start an asynq server: %w", err)
		}
		w.servers = append(w.servers, server)
	}
	w.waiting.Store(false)
	ctx, cancel := context.WithTimeout(w.handlers, beatEvery)
	defer cancel()
	if err := w.beat(ctx); err != nil {
		w.log.Warn("the worker could not tell that it takes tasks; the next beat does", "worker_id", w.id, "error", err)
	}
	return nil
}

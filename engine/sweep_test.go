package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// logged is what an engine logs.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes a line.
func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

// What ends between the look at its row and the look at its message is not lost, and nobody is told that it is.
func TestASweepAmongEndingTasksLosesNothing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(3))
	said := &logged{}
	e := in.engine(func(c *engine.Config) {
		c.SweepAge, c.SweepEvery = 400*time.Millisecond, time.Millisecond
		c.Log = slog.New(slog.NewTextHandler(said, nil))
	})
	in.worker("w1", "test", 64, func(ctx context.Context, task *wire.Task) *wire.Report {
		select { // longer than a message is spared
		case <-ctx.Done():
		case <-time.After(500*time.Millisecond + rand.N(100*time.Millisecond)):
		}
		r := echo(ctx, task) // on its stream before the message leaves the queue, as workers do it
		r.V, r.Process, r.Task, r.Epoch, r.Attempt, r.Worker, r.Pool, r.NodeType = wire.Version, task.Process, task.Task, task.Epoch, task.Attempt, "w1", "test", task.NodeType
		body, err := json.Marshal(r)
		if err == nil {
			err = in.rdb.XAdd(ctx, &redis.XAddArgs{Stream: in.keys.Results(wire.Shard(task.Process)), Values: []any{wire.ReportField, body}}).Err()
		}
		if err != nil {
			t.Error(err)
		}
		return nil
	})
	in.startMany(e, 100, "chain")
	in.allEnded(time.Minute)
	in.checkInvariants(t)
	if n := said.count("message lost"); n != 0 {
		t.Errorf("%d messages were called lost", n)
	}
}

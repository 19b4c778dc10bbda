package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Taken is a message that was taken for a worker that has no asynq of its own.
type Taken struct {
	Lane wire.Lane
	Task wire.Task
}

// lease is asynq's own: what is active for longer without being extended is archived by any asynq server of the queue.
const lease = 30 * time.Second

// take leaves a queue as asynq's servers do that take a message (their keys and fields are their contract: look here when asynq is
// upgraded): its id is active with a lease until the given second, and the message says so. It answers the id, false when the queue is
// paused or empty; what the message holds is read through asynq's inspector.
var take = redis.NewScript(`
local pending, paused, active, leases = unpack(KEYS)
local prefix, until_second = ARGV[1], ARGV[2]
if redis.call('EXISTS', paused) > 0 then return false end
local taken = redis.call('LMOVE', pending, active, 'RIGHT', 'LEFT')
if not taken then return false end
redis.call('ZADD', leases, until_second, taken)
redis.call('HDEL', prefix .. taken, 'pending_since')
redis.call('HSET', prefix .. taken, 'state', 'active')
return taken`)

// Take takes a message off a pool's queues, the urgent one first; nil when there is none. From then on it is the taker's: it extends it,
// and removes it with Clean when its report is committed.
func (p *Publisher) Take(ctx context.Context, pool string) (*Taken, error) {
	for _, lane := range []wire.Lane{wire.LaneUrgent, wire.LaneNormal} {
		queue := p.keys.Queue(pool, lane)
		prefix := "asynq:{" + queue + "}:"
		id, err := take.Run(ctx, p.rdb, []string{prefix + "pending", prefix + "paused", prefix + "active", prefix + "lease"},
			prefix+"t:", time.Now().Add(lease).Unix()).Text()
		switch {
		case errors.Is(err, redis.Nil):
			continue
		case err != nil:
			return nil, fmt.Errorf("take a message of pool %s: %w", pool, err)
		}
		info, err := p.inspector.GetTaskInfo(queue, id)
		if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
			continue // it was withdrawn this very moment
		}
		if err != nil {
			return nil, fmt.Errorf("read message %s of pool %s: %w", id, pool, err)
		}
		task, err := wire.DecodeTask(info.Payload)
		if err != nil {
			return nil, fmt.Errorf("decode message %s of pool %s: %w", id, pool, err)
		}
		return &Taken{Lane: lane, Task: task}, nil
	}
	return nil, nil
}

// Extend keeps messages that were taken from being archived.
func (p *Publisher) Extend(ctx context.Context, refs []Ref) error {
	if len(refs) == 0 {
		return nil
	}
	until := float64(time.Now().Add(lease).Unix())
	pipe := p.rdb.Pipeline()
	for _, r := range refs {
		pipe.ZAddXX(ctx, "asynq:{"+p.keys.Queue(r.Pool, r.Lane)+"}:lease", redis.Z{Score: until, Member: wire.TaskID(r.Task, r.Epoch)})
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("extend %d messages: %w", len(refs), err)
	}
	return nil
}

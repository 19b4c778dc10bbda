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

// take does what asynq's dequeue does, and tells the id: what the message holds is read through asynq's inspector.
var take = redis.NewScript(`
if redis.call("EXISTS", KEYS[2]) == 0 then
	local id = redis.call("RPOPLPUSH", KEYS[1], KEYS[3])
	if id then
		local key = ARGV[2] .. id
		redis.call("HSET", key, "state", "active")
		redis.call("HDEL", key, "pending_since")
		redis.call("ZADD", KEYS[4], ARGV[1], id)
		return id
	end
end
return false`)

// Take takes a message off a pool's queues, the urgent one first; nil when there is none. From then on it is the taker's: it extends it,
// and removes it with Clean when its report is committed.
func (p *Publisher) Take(ctx context.Context, pool string) (*Taken, error) {
	for _, lane := range []wire.Lane{wire.LaneUrgent, wire.LaneNormal} {
		queue := p.keys.Queue(pool, lane)
		prefix := "asynq:{" + queue + "}:"
		id, err := take.Run(ctx, p.rdb, []string{prefix + "pending", prefix + "paused", prefix + "active", prefix + "lease"},
			time.Now().Add(lease).Unix(), prefix+"t:").Text()
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

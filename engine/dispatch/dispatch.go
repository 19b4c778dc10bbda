// Package dispatch is the engine's side of the window in Redis: it publishes messages to asynq, takes them back, and reads what
// became of them.
//
// It alone in the engine knows asynq. Of asynq it uses queues and task ids, never retries, Unique, retention or the scheduler:
// who is alive and what is lost is the engine's to decide.
package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Message is one dispatch of a task.
type Message struct {
	Pool string
	Lane wire.Lane
	Task wire.Task
}

// Ref names a message that was published.
type Ref struct {
	Pool  string
	Lane  wire.Lane
	Task  string
	Epoch int64
}

// State is what Redis says of a message.
type State string

// The states that matter: Missing messages are unknown to Redis; Pending ones wait; Active ones were taken by a worker;
// every other state of asynq (archived, retry …) is Other: nobody will run it.
const (
	Missing State = "missing"
	Pending State = "pending"
	Active  State = "active"
	Other   State = "other"
)

// parallel bounds the publishing goroutines of one batch; the pipelining client turns what they send into a few round trips.
const parallel = 256

// farDeadline keeps asynq from cancelling what it knows nothing about; timeouts are the worker's and the engine's.
const farDeadline = 100 * 365 * 24 * time.Hour

// Publisher writes messages and reads their fate.
type Publisher struct {
	client    *asynq.Client
	inspector *asynq.Inspector
	rdb       redis.UniversalClient
	keys      wire.Keys
}

// New returns a publisher. fast is the client for publishing (an auto-pipelining one), rdb the plain one for everything
// else; both belong to the caller.
func New(fast, rdb redis.UniversalClient, keys wire.Keys) *Publisher {
	return &Publisher{client: asynq.NewClientFromRedisClient(fast), inspector: asynq.NewInspectorFromRedisClient(rdb), rdb: rdb, keys: keys}
}

// Publish enqueues the messages side by side and wakes their pools. A message that is there already is published. It
// returns the first error; the messages that failed are found by the sweep.
func (p *Publisher) Publish(ctx context.Context, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	deadline := time.Now().Add(farDeadline)
	var first error
	if len(messages) == 1 {
		first = p.enqueue(ctx, &messages[0], deadline)
	} else {
		first = p.enqueueAll(ctx, messages, deadline)
	}
	if err := p.wake(ctx, messages); first == nil {
		first = err
	}
	return first
}

func (p *Publisher) enqueueAll(ctx context.Context, messages []Message, deadline time.Time) error {
	var (
		group sync.WaitGroup
		once  sync.Once
		first error
		next  = make(chan *Message, len(messages))
	)
	for i := range messages {
		next <- &messages[i]
	}
	close(next)
	for range min(parallel, len(messages)) {
		group.Go(func() {
			for m := range next {
				if err := p.enqueue(ctx, m, deadline); err != nil {
					once.Do(func() { first = err })
					if ctx.Err() != nil {
						return
					}
				}
			}
		})
	}
	group.Wait()
	return first
}

func (p *Publisher) enqueue(ctx context.Context, m *Message, deadline time.Time) error {
	payload := m.Task.AppendJSON(make([]byte, 0, 256+len(m.Task.Input)))
	_, err := p.client.EnqueueContext(ctx, asynq.NewTask(m.Task.NodeType, payload),
		asynq.TaskID(wire.TaskID(m.Task.Task, m.Task.Epoch)), asynq.Queue(p.keys.Queue(m.Pool, m.Lane)),
		asynq.MaxRetry(0), asynq.Deadline(deadline))
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("publish task %s to pool %s: %w", m.Task.Task, m.Pool, err)
	}
	return nil
}

// wake tells the pools' parked workers, once per pool and lane.
func (p *Publisher) wake(ctx context.Context, messages []Message) error {
	type lane struct {
		pool string
		lane wire.Lane
	}
	seen := make(map[lane]bool, 2)
	pipe := p.rdb.Pipeline()
	for i := range messages {
		l := lane{messages[i].Pool, messages[i].Lane}
		if !seen[l] {
			seen[l] = true
			pipe.Publish(ctx, p.keys.Wake(l.pool), string(l.lane))
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("wake %d pools: %w", len(seen), err)
	}
	return nil
}

// Withdraw takes a message back. It answers true only for a message that waited in Redis and is gone from there: a worker has
// or had any other.
func (p *Publisher) Withdraw(_ context.Context, r Ref) (bool, error) {
	err := p.inspector.DeleteTask(p.keys.Queue(r.Pool, r.Lane), wire.TaskID(r.Task, r.Epoch))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		// A worker may have run it already, and its result be on the stream; what was lost the sweep finds.
		return false, nil
	}
	// asynq has no exported error for an active task: ask for its state.
	states, serr := p.States(context.Background(), []Ref{r})
	if serr == nil && states[0] == Active {
		return false, nil
	}
	return false, fmt.Errorf("withdraw task %s: %w", r.Task, err)
}

// States reads what became of messages, in one pipeline.
func (p *Publisher) States(ctx context.Context, refs []Ref) ([]State, error) {
	pipe := p.rdb.Pipeline()
	cmds := make([]*redis.StringCmd, len(refs))
	for i, r := range refs {
		cmds[i] = pipe.HGet(ctx, p.key(r), "state")
	}
	if len(refs) > 0 {
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("read the state of %d messages: %w", len(refs), err)
		}
	}
	out := make([]State, len(refs))
	for i, c := range cmds {
		switch v, err := c.Result(); {
		case errors.Is(err, redis.Nil):
			out[i] = Missing
		case err != nil:
			return nil, fmt.Errorf("read the state of task %s: %w", refs[i].Task, err)
		case v == "pending":
			out[i] = Pending
		case v == "active":
			out[i] = Active
		default:
			out[i] = Other
		}
	}
	return out, nil
}

// Clean removes what a lost message left in asynq, so that its queue's lists don't grow; the message's worker is gone.
func (p *Publisher) Clean(ctx context.Context, refs []Ref) error {
	pipe := p.rdb.Pipeline()
	for _, r := range refs {
		queue, id := "asynq:{"+p.keys.Queue(r.Pool, r.Lane)+"}:", wire.TaskID(r.Task, r.Epoch)
		pipe.LRem(ctx, queue+"active", 0, id)
		pipe.ZRem(ctx, queue+"lease", id)
		pipe.ZRem(ctx, queue+"archived", id)
		pipe.LRem(ctx, queue+"pending", 0, id)
		pipe.Del(ctx, p.key(r))
	}
	if _, err := pipe.Exec(ctx); err != nil && len(refs) > 0 {
		return fmt.Errorf("clean up after %d lost messages: %w", len(refs), err)
	}
	return nil
}

// Enlist puts the queues of pools into asynq's set of queues: asynq writes it once per client, and a flush takes it away.
func (p *Publisher) Enlist(ctx context.Context, pools []string) error {
	if len(pools) == 0 {
		return nil
	}
	names := make([]any, 0, 2*len(pools))
	for _, pool := range pools {
		names = append(names, p.keys.Queue(pool, wire.LaneNormal), p.keys.Queue(pool, wire.LaneUrgent))
	}
	if err := p.rdb.SAdd(ctx, "asynq:queues", names...).Err(); err != nil {
		return fmt.Errorf("enlist %d pools: %w", len(pools), err)
	}
	return nil
}

func (p *Publisher) key(r Ref) string {
	return "asynq:{" + p.keys.Queue(r.Pool, r.Lane) + "}:t:" + wire.TaskID(r.Task, r.Epoch)
}

// Package pipeline wraps a Redis client for asynq: commands that run at the same time travel in one round trip, and a
// dequeue that finds nothing waits for word of new messages instead of polling.
//
// It knows asynq's dequeue only by the shape of its keys. It imports go-redis and wire.
package pipeline

import (
	"context"
	"errors"
	"sync"

	"github.com/redis/go-redis/v9"
)

const (
	drainers = 2   // pipelines under way at once
	longest  = 200 // commands in one pipeline
)

// Client is a redis.UniversalClient whose EvalSha calls are pipelined. asynq sends its enqueue, dequeue and done through it.
type Client struct {
	redis.UniversalClient
	calls chan call
	lot   *lot // nil: dequeues don't park
	stop  chan struct{}
	once  sync.Once
	done  sync.WaitGroup
}

type call struct {
	cmd  *redis.Cmd
	done chan struct{}
}

// ErrClosed answers calls after Close.
var ErrClosed = errors.New("pipeline: the client is closed")

// New wraps a client. Close ends the wrapper, not the client.
func New(client redis.UniversalClient) *Client {
	c := &Client{UniversalClient: client, calls: make(chan call, 4096), stop: make(chan struct{})}
	for range drainers {
		c.done.Go(c.drain)
	}
	return c
}

// drain sends what has gathered, again and again: whatever came during one round trip is the next pipeline.
func (c *Client) drain() {
	batch := make([]call, 0, longest)
	for {
		select {
		case <-c.stop:
			return
		case first := <-c.calls:
			batch = append(batch[:0], first)
		}
	gather:
		for len(batch) < longest {
			select {
			case next := <-c.calls:
				batch = append(batch, next)
			default:
				break gather
			}
		}
		if len(batch) == 1 {
			_ = c.Process(context.Background(), batch[0].cmd)
		} else {
			pipe := c.Pipeline()
			for _, waiting := range batch {
				_ = pipe.Process(context.Background(), waiting.cmd)
			}
			_, _ = pipe.Exec(context.Background()) // each command carries its own error
		}
		for _, waiting := range batch {
			close(waiting.done)
		}
	}
}

// EvalSha runs a script by its digest, together with other calls of the same moment.
func (c *Client) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if c.lot != nil && c.lot.isDequeue(keys) {
		return c.lot.dequeue(ctx, sha, keys, args)
	}
	return c.evalSha(ctx, sha, keys, args)
}

func (c *Client) evalSha(ctx context.Context, sha string, keys []string, args []any) *redis.Cmd {
	words := make([]any, 0, 3+len(keys)+len(args))
	words = append(words, "evalsha", sha, len(keys))
	for _, key := range keys {
		words = append(words, key)
	}
	words = append(words, args...)
	cmd := redis.NewCmd(ctx, words...)
	if len(keys) > 0 {
		cmd.SetFirstKeyPos(3)
	}
	waiting := call{cmd: cmd, done: make(chan struct{})}
	select {
	case c.calls <- waiting:
	case <-c.stop:
		cmd.SetErr(ErrClosed)
		return cmd
	case <-ctx.Done():
		cmd.SetErr(ctx.Err())
		return cmd
	}
	select {
	case <-waiting.done:
		return cmd
	case <-c.stop:
		// The command may be in flight, so its result is not touched: the caller gets one of its own.
		closed := redis.NewCmd(ctx)
		closed.SetErr(ErrClosed)
		return closed
	}
}

// Close ends the wrapper; calls under way answer ErrClosed. The wrapped client stays open: it belongs to its maker.
func (c *Client) Close() error {
	c.once.Do(func() {
		close(c.stop)
		if c.lot != nil {
			c.lot.close()
		}
		c.done.Wait()
	})
	return nil
}

var _ redis.UniversalClient = (*Client)(nil)

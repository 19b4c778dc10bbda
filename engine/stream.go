package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

const groupName = wire.Group

// readBlock bounds how long a reader waits for results before it looks at its leases again.
const readBlock = 500 * time.Millisecond

// What was delivered to this engine and is not acknowledged is looked for again so often, once it is so old: the answer with
// it, or its acknowledgement, may have been lost on the way. Whatever comes after it counts as not passed until then.
const (
	reclaimEvery = 2 * time.Second
	reclaimAge   = time.Second
)

// runShards reads the result streams of the shards that this engine holds and that fall to committer number index.
func (e *Engine) runShards(ctx context.Context, index int) {
	c := newCommitter(e)
	defer c.wait()
	ready := map[int]int64{} // shard → fence for which the group exists and the pending entries were taken
	reclaimed := time.Now()
	pause := 50 * time.Millisecond
	for ctx.Err() == nil {
		shards := e.myShards(index)
		if len(shards) == 0 {
			sleep(ctx, 100*time.Millisecond)
			continue
		}
		if err := e.takeOver(ctx, c, shards, ready); err != nil {
			e.backOff(ctx, "take over shards", err, &pause)
			continue
		}
		if time.Since(reclaimed) > reclaimEvery {
			if err := e.reclaim(ctx, c, shards); err != nil {
				clear(ready)
				e.backOff(ctx, "reclaim results", err, &pause)
				continue
			}
			reclaimed = time.Now()
		}
		entries, err := e.readShards(ctx, shards)
		switch {
		case err == nil:
			pause = 50 * time.Millisecond
		case ctx.Err() != nil:
			return
		case strings.HasPrefix(err.Error(), "NOGROUP"):
			clear(ready) // Redis lost its data
			continue
		default:
			clear(ready) // another Redis may answer next
			e.backOff(ctx, "read results", err, &pause)
			continue
		}
		if len(entries) > 0 {
			c.commitAll(ctx, entries)
		}
	}
}

func (e *Engine) backOff(ctx context.Context, doing string, err error, pause *time.Duration) {
	if ctx.Err() == nil {
		e.log.Warn("redis does not answer", "doing", doing, "error", err)
		sleep(ctx, *pause)
		*pause = min(2**pause, time.Second)
	}
}

// myShards are the shards of committer index with their fences, in order.
func (e *Engine) myShards(index int) []shardFence {
	var out []shardFence
	for shard, fence := range e.leases.held() {
		if shard%e.cfg.Committers == index {
			out = append(out, shardFence{shard, fence})
		}
	}
	slices.SortFunc(out, func(a, b shardFence) int { return a.shard - b.shard })
	return out
}

type shardFence struct {
	shard int
	fence int64
}

// takeOver makes the groups of new shards and commits what their last reader left unacknowledged.
func (e *Engine) takeOver(ctx context.Context, c *committer, shards []shardFence, ready map[int]int64) error {
	for _, s := range shards {
		if fence, ok := ready[s.shard]; ok && fence == s.fence {
			continue
		}
		stream := e.cfg.Keys.Results(s.shard)
		if err := e.cfg.Redis.XGroupCreateMkStream(ctx, stream, groupName, "0").Err(); err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
			return err
		}
		if err := e.claimPending(ctx, c, s.shard, 0); err != nil {
			return err
		}
		ready[s.shard] = s.fence
		e.forgetConsumers(ctx, stream)
	}
	return nil
}

// claimPending commits what was delivered so long ago, to whomever, and is not acknowledged.
func (e *Engine) claimPending(ctx context.Context, c *committer, shard int, age time.Duration) error {
	for start := "0-0"; ; {
		messages, next, err := e.cfg.Redis.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: e.cfg.Keys.Results(shard), Group: groupName, Consumer: e.cfg.ID,
			MinIdle: age, Start: start, Count: int64(e.cfg.Batch)}).Result()
		if err != nil {
			return err
		}
		c.commitAll(ctx, e.entriesOf(ctx, shard, messages))
		if start = next; next == "0-0" || next == "" || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// reclaim commits what was delivered to this engine and never acknowledged. Nothing of it is in the committer's hands: that
// has just ended its last commit, and what it acknowledges beside is committed already, which makes it stale.
func (e *Engine) reclaim(ctx context.Context, c *committer, shards []shardFence) error {
	pipe := e.cfg.Redis.Pipeline()
	pending := make([]*redis.XPendingCmd, len(shards))
	for i, s := range shards {
		pending[i] = pipe.XPending(ctx, e.cfg.Keys.Results(s.shard), groupName)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	for i, s := range shards {
		if pending[i].Val().Count > 0 {
			if err := e.claimPending(ctx, c, s.shard, reclaimAge); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetConsumers removes the readers of former engines, which have nothing pending any more.
func (e *Engine) forgetConsumers(ctx context.Context, stream string) {
	consumers, err := e.cfg.Redis.XInfoConsumers(ctx, stream, groupName).Result()
	if err != nil {
		return
	}
	for _, c := range consumers {
		if c.Name != e.cfg.ID && c.Pending == 0 && c.Idle > time.Minute {
			_ = e.cfg.Redis.XGroupDelConsumer(ctx, stream, groupName, c.Name).Err() // the next takeover tries again
		}
	}
}

// readShards waits for results; it returns nothing when none came.
func (e *Engine) readShards(ctx context.Context, shards []shardFence) ([]*entry, error) {
	streams := make([]string, 0, 2*len(shards))
	byStream := make(map[string]int, len(shards))
	for _, s := range shards {
		name := e.cfg.Keys.Results(s.shard)
		streams = append(streams, name)
		byStream[name] = s.shard
	}
	for range shards {
		streams = append(streams, ">")
	}
	count := max(e.cfg.Batch/len(shards), 32)
	read, err := e.cfg.Redis.XReadGroup(ctx, &redis.XReadGroupArgs{Group: groupName, Consumer: e.cfg.ID, Streams: streams, Count: int64(count), Block: readBlock}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []*entry
	for _, s := range read {
		out = append(out, e.entriesOf(ctx, byStream[s.Stream], s.Messages)...)
	}
	return out, nil
}

// entriesOf decodes stream entries; what cannot be read is kept aside and acknowledged at once.
func (e *Engine) entriesOf(ctx context.Context, shard int, messages []redis.XMessage) []*entry {
	out := make([]*entry, 0, len(messages))
	for _, m := range messages {
		at := streamPosition{shard: shard, id: m.ID}
		body, _ := m.Values[wire.ReportField].(string)
		en, err := entryOf(body, at, e.cfg.MaxPayload)
		if err != nil {
			e.log.Warn("unreadable report", "shard", shard, "entry", m.ID, "error", err)
			e.dismissReport(ctx, at, body, err)
			continue
		}
		out = append(out, en)
	}
	return out
}

func (e *Engine) ack(ctx context.Context, positions []streamPosition) {
	pipe := e.cfg.Redis.Pipeline()
	for _, p := range positions {
		pipe.XAck(ctx, e.cfg.Keys.Results(p.shard), groupName, p.id)
		pipe.XDel(ctx, e.cfg.Keys.Results(p.shard), p.id)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		e.log.Warn("acknowledge results", "entries", len(positions), "error", err)
	}
}

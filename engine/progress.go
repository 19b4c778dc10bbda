package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// streamEnds returns the last id of each shard's stream, "0-0" where there is none.
func (e *Engine) streamEnds(ctx context.Context) ([]string, error) {
	pipe := e.cfg.Redis.Pipeline()
	cmds := make([]*redis.XInfoStreamCmd, wire.Shards)
	for shard := range cmds {
		cmds[shard] = pipe.XInfoStream(ctx, e.cfg.Keys.Results(shard))
	}
	_, _ = pipe.Exec(ctx)
	out := make([]string, wire.Shards)
	for shard, c := range cmds {
		info, err := c.Result()
		switch {
		case err == nil:
			out[shard] = info.LastGeneratedID
		case isNoKey(err):
			out[shard] = "0-0"
		default:
			return nil, fmt.Errorf("read the end of stream %d: %w", shard, err)
		}
	}
	return out, nil
}

func isNoKey(err error) bool {
	return errors.Is(err, redis.Nil) || strings.Contains(err.Error(), "no such key")
}

// passed reads how far the committers are and returns a question about it: has everything up to an id of a shard's stream been
// committed? The group knows it, whichever engine reads the shard: everything up to the last delivered entry that is not
// pending was acknowledged, which happens after its commit.
func (e *Engine) passed(ctx context.Context) (func(shard int, id string) bool, error) {
	pipe := e.cfg.Redis.Pipeline()
	groups := make([]*redis.XInfoGroupsCmd, wire.Shards)
	pending := make([]*redis.XPendingCmd, wire.Shards)
	for shard := range groups {
		groups[shard] = pipe.XInfoGroups(ctx, e.cfg.Keys.Results(shard))
		pending[shard] = pipe.XPending(ctx, e.cfg.Keys.Results(shard), groupName)
	}
	_, _ = pipe.Exec(ctx)
	type place struct {
		delivered, first string
		empty            bool // no stream or no group: nothing can be waiting
	}
	places := make([]place, wire.Shards)
	for shard := range groups {
		infos, err := groups[shard].Result()
		switch {
		case err != nil && isNoKey(err):
			places[shard].empty = true
			continue
		case err != nil:
			return nil, fmt.Errorf("read the group of stream %d: %w", shard, err)
		}
		found := false
		for _, info := range infos {
			if info.Name == groupName {
				places[shard].delivered, found = info.LastDeliveredID, true
			}
		}
		if !found {
			continue // entries without a group: a reader is about to make it
		}
		p, err := pending[shard].Result()
		if err != nil {
			return nil, fmt.Errorf("read what is pending of stream %d: %w", shard, err)
		}
		if p.Count > 0 {
			places[shard].first = p.Lower
		}
	}
	return func(shard int, id string) bool {
		p := places[shard]
		if p.empty || id == "0-0" {
			return true
		}
		return p.delivered != "" && !earlier(p.delivered, id) && (p.first == "" || earlier(id, p.first))
	}, nil
}

// earlier compares stream ids: milliseconds, then sequence.
func earlier(a, b string) bool {
	am, as := splitID(a)
	bm, bs := splitID(b)
	return am < bm || am == bm && as < bs
}

func splitID(id string) (ms, seq uint64) {
	left, right, _ := strings.Cut(id, "-")
	ms, _ = strconv.ParseUint(left, 10, 64)
	seq, _ = strconv.ParseUint(right, 10, 64)
	return ms, seq
}

// keepGeneration sets the key whose absence shows that Redis lost its data. It starts a look at the window early; nothing
// depends on it. No two are the same, so that whoever reads it later sees that there was a loss between.
func (e *Engine) keepGeneration(ctx context.Context) {
	made, err := e.cfg.Redis.SetNX(ctx, e.cfg.Keys.Generation(), fmt.Sprintf("%s.%d", e.cfg.ID, time.Now().UnixNano()), 0).Result()
	if err != nil {
		return
	}
	if made {
		e.log.Info("redis is empty: its queues are rebuilt from the database as far as they are missing")
	}
	if err := e.publisher.Enlist(ctx, e.roster.pools()); err != nil {
		e.log.Warn("enlist queues", "error", err)
	}
}

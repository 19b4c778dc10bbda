package chaos_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// thief makes one of every so many tasks vanish between the queue and its worker: the message is gone, nobody holds the task
// and nobody will ever answer for it.
type thief struct {
	product *product
	pool    string
	oneOf   int64 // tasks
	stolen  atomic.Int64
}

// run steals as many messages as the work that was done since allows, until ctx ends.
func (f *thief) run(ctx context.Context) error {
	every := time.NewTicker(20 * time.Millisecond)
	defer every.Stop()
	queue := "asynq:{" + f.product.keys.Queue(f.pool, wire.LaneNormal) + "}:"
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		}
		done, err := f.done(ctx)
		if err != nil {
			return stopped(ctx, err)
		}
		for f.stolen.Load() < done/f.oneOf {
			message, err := f.product.redis.LPop(ctx, queue+"pending").Result()
			if errors.Is(err, redis.Nil) {
				break
			}
			if err != nil {
				return stopped(ctx, err)
			}
			if err := f.product.redis.Del(ctx, queue+"t:"+message).Err(); err != nil {
				return stopped(ctx, err)
			}
			f.stolen.Add(1)
		}
	}
}

// done is how many results have ever been put on the streams.
func (f *thief) done(ctx context.Context) (int64, error) {
	pipe := f.product.redis.Pipeline()
	streams := make([]*redis.XInfoStreamCmd, wire.Shards)
	for i := range streams {
		streams[i] = pipe.XInfoStream(ctx, f.product.keys.Results(i))
	}
	_, err := pipe.Exec(ctx)
	var sum int64
	for _, stream := range streams {
		if info, err := stream.Result(); err == nil {
			sum += info.EntriesAdded
		}
	}
	if err != nil && sum == 0 && redis.HasErrorPrefix(err, "ERR no such key") {
		return 0, nil // nothing has been done yet
	}
	return sum, nil
}

// echo answers a second time, late: what a worker said of one of every so many tasks comes again after a while, and a
// timeout comes again as if the work had been done after all.
type echo struct {
	product *product
	oneOf   int
	late    time.Duration
	said    atomic.Int64
}

func (e *echo) run(ctx context.Context) error {
	last := make([]string, 0, 2*wire.Shards)
	for i := range wire.Shards {
		last = append(last, e.product.keys.Results(i))
	}
	for range wire.Shards {
		last = append(last, "0-0")
	}
	type entry struct {
		at     time.Time
		stream string
		report string
	}
	var waiting []entry
	for ctx.Err() == nil {
		streams, err := e.product.redis.XRead(ctx, &redis.XReadArgs{Streams: last, Count: 1000, Block: 100 * time.Millisecond}).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return stopped(ctx, err)
		}
		for _, stream := range streams {
			for _, message := range stream.Messages {
				for i, key := range last[:wire.Shards] {
					if key == stream.Stream {
						last[wire.Shards+i] = message.ID
					}
				}
				raw, _ := message.Values[wire.ReportField].(string)
				var report wire.Report
				if err := json.Unmarshal([]byte(raw), &report); err != nil {
					return err
				}
				timeout := report.Kind == wire.ReportFailed && report.Error != nil && report.Error.Class == wire.ErrorTimeout
				if timeout {
					report.Kind, report.Error, report.Output = wire.ReportCompleted, nil, json.RawMessage(`{"n":-1}`)
					again, err := json.Marshal(report)
					if err != nil {
						return err
					}
					raw = string(again)
				}
				if timeout || rand.IntN(e.oneOf) == 0 { //nolint:gosec // a drill
					waiting = append(waiting, entry{time.Now().Add(e.late), stream.Stream, raw})
				}
			}
		}
		for len(waiting) > 0 && time.Now().After(waiting[0].at) {
			if err := e.product.redis.XAdd(ctx, &redis.XAddArgs{Stream: waiting[0].stream, Values: []string{wire.ReportField, waiting[0].report}}).Err(); err != nil {
				return stopped(ctx, err)
			}
			waiting = waiting[1:]
			e.said.Add(1)
		}
	}
	return nil
}

// stopped is nil when it was the drill's end that broke off a call.
func stopped(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// reporter puts reports on the result streams, many in one round trip, in the order they were sent. A report is kept until
// Redis acknowledged it.
type reporter struct {
	redis redis.UniversalClient
	keys  wire.Keys
	log   *slog.Logger
	queue chan outgoing
	stop  chan struct{}
	ended sync.WaitGroup
}

type outgoing struct {
	stream string
	body   []byte
	acked  chan struct{} // nil: nobody waits
}

func newReporter(client redis.UniversalClient, keys wire.Keys, log *slog.Logger) *reporter {
	r := &reporter{redis: client, keys: keys, log: log, queue: make(chan outgoing, 4096), stop: make(chan struct{})}
	r.ended.Go(r.run)
	return r
}

// deliver sends a report and waits until Redis has it; false when the worker ended before.
func (r *reporter) deliver(report wire.Report) bool {
	out := r.encode(report)
	out.acked = make(chan struct{})
	select {
	case r.queue <- out:
	case <-r.stop:
		return false
	}
	select {
	case <-out.acked:
		return true
	case <-r.stop:
		return false
	}
}

// tell sends a report that may be dropped when the queue is full: the next one says more.
func (r *reporter) tell(report wire.Report) {
	select {
	case r.queue <- r.encode(report):
	default:
	}
}

func (r *reporter) encode(report wire.Report) outgoing {
	report.V = wire.Version
	body := report.AppendJSON(make([]byte, 0, 320+len(report.Output)+len(report.Log)))
	return outgoing{stream: r.keys.Results(wire.Shard(report.Process)), body: body}
}

func (r *reporter) run() {
	const most, heavy = 256, 4 << 20 // reports and bytes of one round trip
	batch := make([]outgoing, 0, most)
	for {
		select {
		case <-r.stop:
			return
		case first := <-r.queue:
			batch = append(batch[:0], first)
		}
		weight := len(batch[0].body)
	gather:
		for len(batch) < most && weight < heavy {
			select {
			case next := <-r.queue:
				batch = append(batch, next)
				weight += len(next.body)
			default:
				break gather
			}
		}
		if !r.send(batch) {
			return
		}
	}
}

// send keeps trying until Redis has taken the batch; false when the worker ends first.
func (r *reporter) send(batch []outgoing) bool {
	pause := 10 * time.Millisecond
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		pipe := r.redis.Pipeline()
		commands := make([]*redis.StringCmd, len(batch))
		for i, out := range batch {
			commands[i] = pipe.XAdd(ctx, &redis.XAddArgs{Stream: out.stream, Values: []any{wire.ReportField, out.body}})
		}
		_, err := pipe.Exec(ctx)
		cancel()
		var left []outgoing
		for i, out := range batch {
			if commands[i].Err() != nil {
				left = append(left, out)
				continue
			}
			if out.acked != nil {
				close(out.acked)
			}
		}
		if len(left) == 0 {
			return true
		}
		batch = left
		r.log.Warn("results wait for redis", "results", len(left), "error", err)
		timer := time.NewTimer(pause)
		select {
		case <-r.stop:
			timer.Stop()
			return false
		case <-timer.C:
		}
		pause = min(2*pause, time.Second)
	}
}

func (r *reporter) close() {
	close(r.stop)
	r.ended.Wait()
}

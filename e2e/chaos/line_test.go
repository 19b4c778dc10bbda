package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// line carries a worker's connections to Redis; change sees what the worker sends.
type line struct {
	listener net.Listener
	target   string
	change   func(*bytes.Buffer) []byte // takes what may be sent on out of the buffer
}

// newLine listens on an address of this machine.
func newLine(t *testing.T, on, target string, change func(*bytes.Buffer) []byte) *line {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", on)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, target: target, change: change}
	go l.accept()
	t.Cleanup(func() { _ = listener.Close() })
	return l
}

func (l *line) accept() {
	for {
		worker, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(context.Background(), "tcp", l.target)
		if err != nil {
			_ = worker.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(worker, server)
			_ = worker.Close()
		}()
		go func() {
			l.send(server, worker)
			_ = server.Close()
		}()
	}
}

func (l *line) send(server io.Writer, worker io.Reader) {
	var waiting bytes.Buffer
	part := make([]byte, 64<<10)
	for {
		n, err := worker.Read(part)
		waiting.Write(part[:n])
		if _, failed := server.Write(l.change(&waiting)); failed != nil || err != nil {
			return
		}
	}
}

// asItIs changes nothing.
func asItIs(waiting *bytes.Buffer) []byte { return waiting.Next(waiting.Len()) }

// results and detours name streams with names of the same length: what a worker sends is no longer or shorter for it.
var results, detours = []byte(":results:"), []byte(":detours:")

// detour has the worker put its results on streams that no engine reads. A name may come in two parts.
func detour(waiting *bytes.Buffer) []byte {
	all := waiting.Bytes()
	keep := 0
	for n := min(len(results)-1, len(all)); n > 0; n-- {
		if bytes.HasSuffix(all, results[:n]) {
			keep = n
			break
		}
	}
	out := bytes.ReplaceAll(all[:len(all)-keep], results, detours)
	waiting.Next(len(all) - keep)
	return out
}

// through is the address of Redis behind the line.
func (p *product) through(l *line) []string {
	p.t.Helper()
	u, err := url.Parse(p.store.RedisURL())
	if err != nil {
		p.t.Fatal(err)
	}
	u.Host = l.listener.Addr().String()
	return []string{"REDIS_URL=" + u.String(), "TASKUROTTA_REDIS_URL=" + u.String()}
}

// redisAddress is where Redis listens.
func (p *product) redisAddress() string { return p.redis.Options().Addr }

// courier brings what workers put on the detours to the engines: shuffled, many a result twice, some far too late.
type courier struct {
	product *product
	off     atomic.Bool // brings everything as it came
	doubled atomic.Int64
	late    atomic.Int64
}

func (c *courier) run(ctx context.Context) error {
	type report struct{ stream, body string }
	type parcel struct {
		at time.Time
		report
	}
	streams := make([]string, 0, 2*wire.Shards)
	for i := range wire.Shards {
		streams = append(streams, string(bytes.Replace([]byte(c.product.keys.Results(i)), results, detours, 1)))
	}
	for range wire.Shards {
		streams = append(streams, "0-0")
	}
	var later []parcel
	for {
		read, err := c.product.redis.XRead(ctx, &redis.XReadArgs{Streams: streams, Count: 200, Block: 100 * time.Millisecond}).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return stopped(ctx, err)
		}
		var now []report
		for _, s := range read {
			for _, m := range s.Messages {
				for i, key := range streams[:wire.Shards] {
					if key == s.Stream {
						streams[wire.Shards+i] = m.ID
					}
				}
				body, _ := m.Values[wire.ReportField].(string)
				r := report{c.product.keys.Results(shardOf(body)), body}
				switch n := rand.IntN(40); { //nolint:gosec // a drill
				case c.off.Load():
					now = append(now, r)
				case n == 0:
					c.late.Add(1)
					later = append(later, parcel{time.Now().Add(time.Duration(3+rand.IntN(12)) * time.Second), r}) //nolint:gosec // a drill
				case n < 20:
					c.doubled.Add(1)
					now = append(now, r, r)
				default:
					now = append(now, r)
				}
			}
		}
		kept := later[:0]
		for _, p := range later {
			if c.off.Load() || time.Now().After(p.at) {
				now = append(now, p.report)
			} else {
				kept = append(kept, p)
			}
		}
		later = kept
		rand.Shuffle(len(now), func(i, j int) { now[i], now[j] = now[j], now[i] })
		pipe := c.product.redis.Pipeline()
		for _, r := range now {
			pipe.XAdd(ctx, &redis.XAddArgs{Stream: r.stream, Values: []any{wire.ReportField, r.body}})
		}
		if _, err := pipe.Exec(ctx); err != nil && len(now) > 0 {
			return stopped(ctx, err)
		}
	}
}

func shardOf(body string) int {
	var r wire.Report
	_ = json.Unmarshal([]byte(body), &r)
	return wire.Shard(r.Process)
}

// startCourier puts a line between the workers and Redis, and a courier behind it.
func (f *faulty) startCourier() {
	f.line = newLine(f.t, "127.0.0.1:0", f.redisAddress(), detour)
	f.courier = &courier{product: f.product}
	ctx, stop := context.WithCancel(context.WithoutCancel(f.t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := f.courier.run(ctx); err != nil {
			f.t.Error(err)
		}
	})
	f.t.Cleanup(func() {
		stop()
		running.Wait()
	})
}

package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Announcement is what a worker says of itself.
type Announcement struct {
	Pool, Worker, Host, Version string
	Slots                       int
	Types                       []wire.Descriptor
}

// Drained tells whether a worker is ordered to take no more tasks. It is in every answer to it until it leaves.
func (s *Service) Drained(pool, worker string) bool { return s.config.Engine.Drained(id(pool, worker)) }

// Announce makes a worker and its node types known, and returns those that the catalog refuses. A worker whose types are all refused
// is told so and takes nothing.
func (s *Service) Announce(ctx context.Context, a Announcement) ([]wire.Refusal, error) {
	if err := named(a.Pool, a.Worker); err != nil {
		return nil, err
	}
	if len(a.Types) == 0 {
		return nil, fault.New(fault.Invalid, "work.no_types", "Announce at least one node type.")
	}
	seen := map[string]bool{}
	for i := range a.Types {
		name := fmt.Sprintf("%s@%d", a.Types[i].Name, a.Types[i].Major)
		if seen[name] {
			return nil, fault.Newf(fault.Invalid, "work.type_twice", "%s is announced twice.", name)
		}
		seen[name] = true
		hash, err := catalog.Hash(a.Types[i])
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "work.type_invalid", "%s can't be read: its schemas are not JSON.", name)
		}
		a.Types[i].Hash = hash
	}
	slices.SortFunc(a.Types, func(x, y wire.Descriptor) int { return strings.Compare(x.Name, y.Name)*10000 + x.Major - y.Major })
	me := id(a.Pool, a.Worker)
	beat := wire.Beat{
		V: wire.Version, Worker: me, Pool: a.Pool, Host: a.Host, Version: a.Version, Slots: min(max(a.Slots, 1), 1000), StartedMS: time.Now().UnixMilli(),
		Waiting: true, Orders: true, Returns: true, Holds: []string{}, Types: a.Types,
	}
	// The verdict on what it announced before, if it did, is not the one on this.
	if err := s.config.Redis.HDel(ctx, s.config.Keys.Verdicts(), me).Err(); err != nil {
		return nil, s.away(err)
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(verdictIn); time.Now().Before(until); {
		if err := s.write(ctx, beat); err != nil {
			return nil, err
		}
		raw, err := s.config.Redis.HGet(ctx, s.config.Keys.Verdicts(), me).Bytes()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, s.away(err)
		}
		if err == nil {
			var refusals []wire.Refusal
			if err := json.Unmarshal(raw, &refusals); err != nil {
				return nil, fault.Wrap(err, fault.Internal, "work.verdict", "The catalog's answer can't be read.")
			}
			if beat.Waiting = len(refusals) == len(a.Types); !beat.Waiting {
				err = s.write(ctx, beat)
			}
			return refusals, err
		}
		select {
		case <-ctx.Done():
			return nil, s.away(ctx.Err())
		case <-tick.C:
		}
	}
	return nil, fault.New(fault.Unavailable, "work.no_verdict", "No engine has answered whether the node types are accepted; announce again.")
}

// write stores a beat. Its number only has to be another one each time.
func (s *Service) write(ctx context.Context, beat wire.Beat) error {
	beat.Seq = time.Now().UnixNano()
	raw, err := json.Marshal(beat)
	if err == nil {
		err = s.config.Redis.HSet(ctx, s.config.Keys.Workers(), beat.Worker, raw).Err()
	}
	if err != nil {
		return s.away(err)
	}
	return nil
}

// touch notes on Redis's clock that tasks of a worker live, and returns all that do: several calls of one worker may each speak of their own.
var touch = redis.NewScript(`
local t = redis.call("TIME")
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for i = 2, #ARGV do
	redis.call("ZADD", KEYS[1], now, ARGV[i])
end
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - ARGV[1])
redis.call("PEXPIRE", KEYS[1], 10 * ARGV[1])
return redis.call("ZRANGE", KEYS[1], 0, -1)`)

func (s *Service) holdsKey(me string) string { return s.config.Keys.ID + ":holds:" + me }

// beat says that a worker and some of its tasks live. It returns the worker's beat as it is now.
func (s *Service) beat(ctx context.Context, pool, worker string, live []lease) (wire.Beat, error) {
	me := id(pool, worker)
	raw, err := s.config.Redis.HGet(ctx, s.config.Keys.Workers(), me).Bytes()
	if errors.Is(err, redis.Nil) {
		return wire.Beat{}, errUnknown
	}
	if err != nil {
		return wire.Beat{}, s.away(err)
	}
	var beat wire.Beat
	if err := json.Unmarshal(raw, &beat); err != nil || beat.Pool != pool {
		return wire.Beat{}, errUnknown
	}
	arguments := []any{leaseLasts.Milliseconds()}
	for _, l := range live {
		arguments = append(arguments, wire.TaskID(l.task, l.epoch))
	}
	if beat.Holds, err = touch.Run(ctx, s.config.Redis, []string{s.holdsKey(me)}, arguments...).StringSlice(); err != nil {
		return wire.Beat{}, s.away(err)
	}
	if beat.Holds == nil {
		beat.Holds = []string{}
	}
	return beat, s.write(ctx, beat)
}

// Progress is what a worker says of a task that it runs.
type Progress struct {
	Lease   string
	Percent *int
	Text    string
	Log     string // new lines
}

// Beat says that a worker and the tasks named live, and passes on their news. It returns the leases that count no more.
func (s *Service) Beat(ctx context.Context, pool, worker string, news []Progress) ([]string, error) {
	if err := named(pool, worker); err != nil {
		return nil, err
	}
	leases := make([]lease, len(news))
	for i, n := range news {
		l, err := readLease(n.Lease)
		if err != nil {
			return nil, err
		}
		leases[i] = l
	}
	gone, live, err := s.sort(ctx, pool, leases)
	if err != nil {
		return nil, err
	}
	if _, err := s.beat(ctx, pool, worker, live); err != nil {
		return nil, err
	}
	var reports []wire.Report
	for i, n := range news {
		if n.Percent == nil && n.Log == "" || !slices.Contains(live, leases[i]) {
			continue
		}
		report := leases[i].report(wire.ReportProgress, pool, id(pool, worker))
		report.Log = n.Log
		if n.Percent != nil {
			report.Progress = &wire.Progress{Percent: *n.Percent, Text: n.Text}
		}
		reports = append(reports, report)
	}
	return gone, s.config.Engine.TellWork(ctx, reports)
}

// sort tells leases that count no more from those that do.
func (s *Service) sort(ctx context.Context, pool string, leases []lease) (gone []string, live []lease, err error) {
	gone = []string{}
	if len(leases) == 0 {
		return gone, nil, nil
	}
	lost, err := s.config.Engine.HoldWork(ctx, pool, refs(pool, leases))
	if err != nil {
		return nil, nil, err
	}
	for _, l := range leases {
		if slices.Contains(lost, l.ref(pool)) {
			gone = append(gone, l.text())
		} else {
			live = append(live, l)
		}
	}
	return gone, live, nil
}

// Leave says that a worker ends: it gets no tasks any more. What it still has is lost; it should finish or release it before.
func (s *Service) Leave(ctx context.Context, pool, worker string) error {
	if err := named(pool, worker); err != nil {
		return err
	}
	beat, err := s.beat(ctx, pool, worker, nil)
	if err != nil {
		return err
	}
	beat.Draining = true
	if err := s.write(ctx, beat); err != nil {
		return err
	}
	if err := s.config.Redis.Del(ctx, s.holdsKey(beat.Worker)).Err(); err != nil {
		return s.away(err)
	}
	return s.config.Engine.LeftDrained(ctx, beat.Worker)
}

package pipeline

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

const (
	// recheck is how often one parked dequeue looks without being woken: a lost wake costs no more than this.
	recheck = 250 * time.Millisecond
	// longestPark is how long a dequeue is kept. asynq computes the lease of what it takes before it asks, so a dequeue
	// that waited for longer than a lease (30 s) would take messages whose lease ended before it began.
	longestPark = 5 * time.Second
	// The pause after a dequeue that could not reach Redis, growing with each one in a row: asynq asks again at once.
	firstPause, longestPause = 20 * time.Millisecond, time.Second
)

// lot is where empty dequeues of a pool's two lanes wait. asynq asks for the urgent lane first and then for the normal one;
// the urgent question is answered "nothing" at once, and the normal one serves both lanes, urgent first.
type lot struct {
	client *Client
	normal string // asynq's key prefix of the lane's queue
	urgent string

	mu      sync.Mutex
	waiting []chan struct{}
	gone    chan struct{} // closed by Release

	held        atomic.Bool  // by Hold
	failures    atomic.Int32 // dequeues in a row that could not reach Redis
	urgentMaybe atomic.Bool  // the urgent lane may hold something
	wakes       *redis.PubSub
	ended       chan struct{}
}

// NewParking is New for a worker of a pool: its empty dequeues park until the engine says that messages came.
func NewParking(ctx context.Context, client redis.UniversalClient, keys wire.Keys, pool string) *Client {
	c := New(client)
	l := &lot{
		client: c,
		normal: "asynq:{" + keys.Queue(pool, wire.LaneNormal) + "}:",
		urgent: "asynq:{" + keys.Queue(pool, wire.LaneUrgent) + "}:",
		wakes:  client.Subscribe(ctx, keys.Wake(pool)),
		gone:   make(chan struct{}),
		ended:  make(chan struct{}),
	}
	l.urgentMaybe.Store(true)
	c.lot = l
	go l.listen()
	return c
}

// listen wakes one parked dequeue for each word of new messages, and one now and then without any.
func (l *lot) listen() {
	defer close(l.ended)
	words := l.wakes.Channel(redis.WithChannelSize(1000))
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	for {
		select {
		case word, open := <-words:
			if !open {
				return
			}
			if strings.HasPrefix(word.Payload, string(wire.LaneUrgent)) {
				l.urgentMaybe.Store(true)
			}
			l.wake()
		case <-tick.C:
			l.urgentMaybe.Store(true)
			l.wake()
		}
	}
}

// wake lets one parked dequeue look. One that finds something wakes the next, so a burst wakes as many as it needs.
func (l *lot) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.waiting); n > 0 {
		close(l.waiting[n-1])
		l.waiting = l.waiting[:n-1]
	}
}

// isDequeue recognises the keys of asynq's dequeue: pending, paused, active and lease of one of the pool's queues.
func (l *lot) isDequeue(keys []string) bool {
	if len(keys) != 4 {
		return false
	}
	prefix, found := strings.CutSuffix(keys[0], "pending")
	return found && (prefix == l.normal || prefix == l.urgent) &&
		keys[1] == prefix+"paused" && keys[2] == prefix+"active" && keys[3] == prefix+"lease"
}

// dequeue answers with a message, or with "nothing" after a bounded wait. Whoever is told "nothing" comes again and looks
// first, so a wake that finds nobody parked is not lost.
func (l *lot) dequeue(ctx context.Context, sha string, keys []string, args []any) *redis.Cmd {
	if strings.HasPrefix(keys[0], l.urgent) {
		return nothing(ctx)
	}
	enough := time.NewTimer(longestPark - rand.N(longestPark/5)) // not all at the same moment
	defer enough.Stop()
	for {
		place, open := l.place()
		if !open {
			return nothing(ctx)
		}
		if l.held.Load() {
			select {
			case <-place: // to look again whether it still is
				continue
			case <-enough.C:
				l.leave(place)
				return nothing(ctx)
			}
		}
		cmd := l.look(ctx, sha, keys, args)
		switch {
		case cmd.Err() == nil:
			l.failures.Store(0)
			l.leave(place)
			l.wake()
			return cmd
		case errors.Is(cmd.Err(), redis.Nil):
			l.failures.Store(0)
		case redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT"):
			// asynq answers this by sending the script itself.
			l.leave(place)
			return cmd
		default:
			l.leave(place)
			l.pause()
			return nothing(ctx)
		}
		select {
		case <-place:
		case <-enough.C:
			l.leave(place)
			return nothing(ctx)
		}
	}
}

// pause keeps a dequeue that could not reach Redis, longer with each one in a row.
func (l *lot) pause() {
	pause := longestPause
	if n := l.failures.Add(1); n < 8 {
		pause = min(firstPause<<(n-1), longestPause)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-l.gone:
	case <-timer.C:
	}
}

// look asks the urgent lane when it may hold something, then the normal one. The place in the lot was taken before, so a
// wake between the look and the wait is not missed.
func (l *lot) look(ctx context.Context, sha string, keys []string, args []any) *redis.Cmd {
	if l.urgentMaybe.Swap(false) {
		urgent := make([]string, len(keys))
		for i, key := range keys {
			urgent[i] = l.urgent + strings.TrimPrefix(key, l.normal)
		}
		urgentArgs := []any{args[0], l.urgent + "t:"}
		cmd := l.client.evalSha(ctx, sha, urgent, urgentArgs)
		if cmd.Err() == nil {
			l.urgentMaybe.Store(true)
			return cmd
		}
		if !errors.Is(cmd.Err(), redis.Nil) {
			l.urgentMaybe.Store(true)
			return cmd
		}
	}
	return l.client.evalSha(ctx, sha, keys, args)
}

// place takes a place in the lot; false once the lot is closed to newcomers.
func (l *lot) place() (chan struct{}, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isReleased() {
		return nil, false
	}
	place := make(chan struct{})
	l.waiting = append(l.waiting, place)
	return place, true
}

// leave gives a place up; when a wake took it meanwhile, the wake is passed on.
func (l *lot) leave(place chan struct{}) {
	l.mu.Lock()
	for i, other := range l.waiting {
		if other == place {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			l.mu.Unlock()
			return
		}
	}
	l.mu.Unlock()
	l.wake()
}

// Hold keeps dequeues from looking: but for those that look already, nothing is taken until Resume. It may be called twice.
func (c *Client) Hold() {
	if c.lot != nil {
		c.lot.held.Store(true)
	}
}

// Resume ends a Hold: whoever is parked looks.
func (c *Client) Resume() {
	if c.lot == nil {
		return
	}
	c.lot.held.Store(false)
	c.lot.urgentMaybe.Store(true)
	c.lot.wake()
}

// Release answers all parked and all later dequeues with "nothing", so that asynq can be shut down. It may be called twice.
func (c *Client) Release() {
	if c.lot == nil {
		return
	}
	c.lot.mu.Lock()
	defer c.lot.mu.Unlock()
	if c.lot.isReleased() {
		return
	}
	close(c.lot.gone)
	for _, place := range c.lot.waiting {
		close(place)
	}
	c.lot.waiting = nil
}

func (l *lot) isReleased() bool {
	select {
	case <-l.gone:
		return true
	default:
		return false
	}
}

func (l *lot) close() {
	l.client.Release()
	_ = l.wakes.Close()
	<-l.ended
}

func nothing(ctx context.Context) *redis.Cmd {
	cmd := redis.NewCmd(ctx)
	cmd.SetErr(redis.Nil)
	return cmd
}

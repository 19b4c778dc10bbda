package work

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// recheck is how often polls look without being woken: a lost word of new tasks costs no more than this.
const recheck = 500 * time.Millisecond

// wakes lets polls of a pool know that it got tasks: one subscription for the whole server.
type wakes struct {
	redis redis.UniversalClient
	keys  wire.Keys
	ended chan struct{}
	once  sync.Once
	done  sync.WaitGroup

	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool // by pool
}

func newWakes(client redis.UniversalClient, keys wire.Keys) *wakes {
	return &wakes{redis: client, keys: keys, ended: make(chan struct{}), waiting: map[string]map[chan struct{}]bool{}}
}

func (w *wakes) start() {
	w.done.Go(func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		feed := w.redis.PSubscribe(ctx, w.keys.Wake("*"))
		defer func() { _ = feed.Close() }()
		words := feed.Channel(redis.WithChannelSize(1000))
		tick := time.NewTicker(recheck)
		defer tick.Stop()
		for {
			select {
			case <-w.ended:
				return
			case word, open := <-words:
				if !open {
					return
				}
				w.wake(strings.TrimPrefix(word.Channel, w.keys.Wake("")))
			case <-tick.C:
				w.wakeAll()
			}
		}
	})
}

func (w *wakes) stop() {
	w.once.Do(func() { close(w.ended) })
	w.done.Wait()
}

// wait returns a channel that says each time that the pool may have tasks; leave ends that.
func (w *wakes) wait(pool string) (news <-chan struct{}, leave func()) {
	own := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting[pool] == nil {
		w.waiting[pool] = map[chan struct{}]bool{}
	}
	w.waiting[pool][own] = true
	return own, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiting[pool], own)
		if len(w.waiting[pool]) == 0 {
			delete(w.waiting, pool)
		}
	}
}

func (w *wakes) wake(pool string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for each := range w.waiting[pool] {
		tell(each)
	}
}

func (w *wakes) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, polls := range w.waiting {
		for each := range polls {
			tell(each)
		}
	}
}

func tell(poll chan struct{}) {
	select {
	case poll <- struct{}{}:
	default: // it is told already
	}
}

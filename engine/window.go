package engine

import (
	"sync"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// window is this engine's share of the room in the pools' queues. A committer asks it for every task that becomes ready: with
// room the task is committed queued, without it goes to the backlog, which only the feeder empties. The numbers are close, not
// exact: they are counted on between two readings of PostgreSQL, and a window somewhat too full does no harm.
type window struct {
	mu     sync.Mutex
	pools  map[string]*room
	paused map[string]bool // node types
	down   bool            // Redis is away: nothing is queued
	wake   chan struct{}   // of the feeder
}

type room struct {
	free    int // messages that this engine may still add
	limit   int // of the whole pool; 0 when no worker serves it
	backlog int // more than 0 while rows wait: about how many were seen
	arrived int // how often rows came, to see those that came meanwhile
	paused  bool
}

func newWindow() *window {
	return &window{pools: map[string]*room{}, paused: map[string]bool{}, wake: make(chan struct{}, 1)}
}

func (w *window) room(pool string) *room {
	r := w.pools[pool]
	if r == nil {
		r = &room{}
		w.pools[pool] = r
	}
	return r
}

// take says whether a task of the pool may be queued now, and counts it.
func (w *window) take(pool, nodeType string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.room(pool)
	if w.down || r.paused || r.backlog > 0 || r.free <= 0 || w.paused[nodeType] {
		return false
	}
	r.free--
	return true
}

// giveBack returns room: a message's result was committed, or the commit that took it failed.
func (w *window) giveBack(pool string, n int) {
	if n == 0 {
		return
	}
	w.mu.Lock()
	r := w.room(pool)
	r.free += n
	waiting := r.backlog > 0
	w.mu.Unlock()
	if waiting {
		w.wakeFeeder()
	}
}

// stored counts tasks that a commit put into the backlog.
func (w *window) stored(pool string, n int) {
	if n == 0 {
		return
	}
	w.mu.Lock()
	r := w.room(pool)
	r.backlog += n
	r.arrived++
	w.mu.Unlock()
	w.wakeFeeder()
}

func (w *window) wakeFeeder() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// hunger is a pool with a backlog and room for it.
type hunger struct {
	room    int
	arrived int
}

// hungry lists the pools that the feeder should look at.
func (w *window) hungry() map[string]hunger {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]hunger{}
	if w.down {
		return out
	}
	for pool, r := range w.pools {
		if r.backlog > 0 && r.free > 0 && !r.paused {
			out[pool] = hunger{room: r.free, arrived: r.arrived}
		}
	}
	return out
}

// admitted counts what the feeder moved; all says that it found nothing more to move, which holds unless rows came since h was
// taken.
func (w *window) admitted(pool string, n int, all bool, h hunger) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.room(pool)
	r.free -= n
	r.backlog = max(r.backlog-n, 1)
	if all && r.arrived == h.arrived {
		r.backlog = 0
	}
}

// refresh replaces the counts by what PostgreSQL says. members is the number of engines that share the room; the engine
// that feeds gets all of the rest while there is a backlog, since nobody else may add then.
func (w *window) refresh(loads map[string]pgstore.PoolLoad, limits map[string]int, members int, pausedPools, pausedTypes map[string]string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for pool, r := range w.pools {
		if _, ok := loads[pool]; !ok {
			r.backlog, r.free = 0, 0
		}
		r.limit = 0
	}
	for pool, limit := range limits {
		w.room(pool).limit = limit
	}
	for pool, load := range loads {
		w.room(pool).backlog = load.Backlog
	}
	for pool, r := range w.pools {
		_, r.paused = pausedPools[pool]
		r.free = r.limit - loads[pool].Window
		if r.backlog == 0 {
			r.free /= max(members, 1)
		}
	}
	clear(w.paused)
	for t := range pausedTypes {
		w.paused[t] = true
	}
}

func (w *window) setDown(down bool) {
	w.mu.Lock()
	w.down = down
	w.mu.Unlock()
}

func (w *window) isDown() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down
}

func (w *window) anyBacklog() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.pools {
		if r.backlog > 0 {
			return true
		}
	}
	return false
}

func (w *window) pausedTypes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]string, 0, len(w.paused))
	for t := range w.paused {
		out = append(out, t)
	}
	return out
}

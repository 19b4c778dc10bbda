package engine

import (
	"maps"
	"slices"
	"sync"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// window is this engine's share of the room in the pools' queues. A committer asks it for every task that becomes ready: with
// room the task is committed queued, without it the task goes to the backlog, which only the feeder empties. The numbers are close, not
// exact: they are counted on between two readings of PostgreSQL, and a window somewhat too full does no harm.
type window struct {
	mu    sync.Mutex
	pools map[string]*room
	types map[string]bool // that are paused
	defs  map[string]bool // definitions that are paused
	down  bool            // Redis is away: nothing is queued
	wake  chan struct{}   // of the feeder
}

type room struct {
	free    int  // messages that this engine may still add
	limit   int  // of the whole pool; 0 when no worker serves it
	waiting bool // a backlog waits that may move
	head    rank // its first, as far as known: never later than it is
	passed  int  // tasks that went ahead of the backlog
	arrived int  // how often rows came, to see those that came meanwhile
	paused  bool
}

// rank is the order in which a pool serves: priority, then the age of the process. A process under way goes on in the room of
// the task that it ended (pass); others queue up in this order (take). So what began first ends first, and a bounded number of
// processes is under way.
type rank struct {
	priority int
	process  string
}

func (r rank) before(o rank) bool {
	return r.priority < o.priority || r.priority == o.priority && r.process < o.process
}

// urgent is the priority of tasks that have a lane of their own.
const urgent = 1

// feederShare is how many of the tasks that would go ahead of a backlog leave their room to the feeder: one of so many. It
// bounds how long other definitions wait for processes that never end.
const feederShare = 16

func newWindow() *window {
	return &window{pools: map[string]*room{}, types: map[string]bool{}, defs: map[string]bool{}, wake: make(chan struct{}, 1)}
}

func (w *window) room(pool string) *room {
	r := w.pools[pool]
	if r == nil {
		r = &room{}
		w.pools[pool] = r
	}
	return r
}

// take says whether a task of the pool may be queued now, and counts it. It may when there is room and nothing of the backlog
// goes before it. An urgent task may use as much room again: it is served first, so it must not wait until a slot is taken once more.
func (w *window) take(of subject, at rank) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.room(of.pool)
	floor := 0
	if at.priority == urgent {
		floor = -r.limit
	}
	if w.isPaused(of) || r.free <= floor {
		return false
	}
	if r.waiting && (r.head.before(at) || r.free > 0 && r.leaves()) {
		return false
	}
	r.free--
	return true
}

// pass says whether a task may have the room of a message of its own process that is done with. It may unless something more
// urgent waits, and in any case when it had that room before and its worker was lost; nothing is counted, the room stays taken.
func (w *window) pass(of subject, priority int, again bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.room(of.pool)
	if w.isPaused(of) {
		return false
	}
	return !r.waiting || again || r.head.priority >= priority && !r.leaves()
}

// subject is what a pause may hold a task by.
type subject struct{ pool, nodeType, definition string }

// isPaused is for who holds the lock.
func (w *window) isPaused(of subject) bool {
	return w.down || w.room(of.pool).paused || w.types[of.nodeType] || w.defs[of.definition]
}

// leaves says whether a task that would go ahead of the backlog leaves its room to the feeder.
func (r *room) leaves() bool {
	r.passed++
	return r.passed%feederShare == 0
}

// credit returns room for messages that are done with; a negative n takes it back.
func (w *window) credit(pool string, n int) {
	w.mu.Lock()
	w.room(pool).free += n
	w.mu.Unlock()
}

// stored notes a task that a commit put into the backlog.
func (w *window) stored(pool string, of rank) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.room(pool)
	if !r.waiting || of.before(r.head) {
		r.head = of
	}
	r.waiting = true
	r.arrived++
}

// roomFor is how many messages of a subject may be added now, of priorities down to lowest.
func (w *window) roomFor(of subject, lowest int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.room(of.pool)
	switch {
	case w.isPaused(of):
		return 0
	case lowest == urgent:
		return r.free + r.limit
	default:
		return r.free
	}
}

// wakeFeeder has the feeder look now.
func (w *window) wakeFeeder() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// hunger is a pool with a backlog and room for it.
type hunger struct {
	head    int // the priority of its first
	arrived int
}

const lowestPriority = 5

// hungry lists the pools that the feeder should look at.
func (w *window) hungry() map[string]hunger {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]hunger{}
	if w.down {
		return out
	}
	for pool, r := range w.pools {
		if r.waiting && !r.paused && (r.free > 0 || r.head.priority == urgent && r.free > -r.limit) {
			out[pool] = hunger{head: r.head.priority, arrived: r.arrived}
		}
	}
	return out
}

// admitted counts what the feeder moved; all says that it found nothing more to move down to the priority lowest, which holds unless
// rows came since h was taken. next is not after the first that is left.
func (w *window) admitted(pool string, n int, all bool, next rank, lowest int, h hunger) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.room(pool)
	r.free -= n
	if r.arrived != h.arrived {
		return
	}
	switch {
	case all && lowest < lowestPriority:
		r.head = rank{priority: lowest + 1} // what is left is less urgent
	case all:
		r.waiting = false
	case r.head.before(next):
		r.head = next
	}
}

// refresh replaces what is known by what PostgreSQL says. members is the number of engines that share the room; while there
// is a backlog nobody but its feeder and older processes use the room, and it is not divided.
func (w *window) refresh(loads map[string]pgstore.WindowLoad, limits map[string]int, members int, paused *pauses) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for pool := range loads {
		w.room(pool)
	}
	for pool := range limits {
		w.room(pool)
	}
	for pool, r := range w.pools {
		load := loads[pool]
		_, r.paused = paused.pools[pool]
		r.limit = limits[pool]
		r.waiting, r.head = load.Process != "", rank{load.Priority, load.Process}
		if r.free = r.limit - load.Window; !r.waiting {
			r.free /= max(members, 1)
		}
	}
	clear(w.types)
	for t := range paused.types {
		w.types[t] = true
	}
	clear(w.defs)
	for d := range paused.definitions {
		w.defs[d] = true
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
		if r.waiting {
			return true
		}
	}
	return false
}

// paused lists the node types and the definitions that are paused.
func (w *window) paused() (types, definitions []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.types)), slices.Collect(maps.Keys(w.defs))
}

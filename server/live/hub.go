package live

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// Hub knows who looks at what and feeds them. One goroutine, the refresher, asks the source and sends batches; another
// compares sequences and looks at the pools; a third listens for pokes.
type Hub struct {
	config Config

	mu      sync.Mutex
	clients map[*client]struct{}
	feeds   map[string]*feed // process id → who watches it
	rows    map[string]*row  // process id → whose lists show it
	pools   map[*subscription]struct{}
	known   []byte           // the pools as they were sent last
	desks   map[string]*desk // definition → who has its draft open here
	left    []Seat           // tabs that were closed, not told yet
	stopped bool

	wake    chan struct{} // holds one token when something is to be refreshed
	sockets sync.WaitGroup
	tasks   sync.WaitGroup
	cancel  context.CancelFunc
	once    sync.Once
}

// New checks the configuration; Start makes the hub work.
func New(config Config) (*Hub, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Hub{
		config: config, clients: map[*client]struct{}{}, feeds: map[string]*feed{}, rows: map[string]*row{},
		pools: map[*subscription]struct{}{}, desks: map[string]*desk{}, wake: make(chan struct{}, 1),
	}, nil
}

// Start begins to feed. ctx bounds only the start; Stop ends the work.
func (h *Hub) Start(ctx context.Context) error {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.cancel = cancel
	h.tasks.Go(func() { h.refresher(working) })
	h.tasks.Go(func() { h.comparer(working) })
	if h.config.Pokes != nil {
		h.tasks.Go(func() { h.config.Pokes.Listen(working, h.watching, h.poked) })
	}
	return nil
}

// Stop closes every socket, waits for their handlers, and ends the work. New sockets are refused from then on.
func (h *Hub) Stop() {
	h.once.Do(func() {
		h.mu.Lock()
		h.stopped = true
		open := make([]*client, 0, len(h.clients))
		for c := range h.clients {
			open = append(open, c)
		}
		h.mu.Unlock()
		for _, c := range open {
			c.stop(closeGoingAway, "server stops")
		}
		h.sockets.Wait()
		if h.cancel != nil {
			h.cancel()
		}
		h.tasks.Wait()
	})
}

// join lets a socket in, or says why not.
func (h *Hub) join(c *client) (code int, reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return closeGoingAway, "server stops"
	}
	same := 0
	for other := range h.clients {
		if other.session.Identity.UserID == c.session.Identity.UserID {
			same++
		}
	}
	if len(h.clients) >= h.config.Sockets || same >= h.config.SocketsEach {
		return closeTryLater, "too many sockets"
	}
	h.clients[c] = struct{}{}
	h.sockets.Add(1)
	c.send(nil, httpapi.LiveHello{Type: "hello", Server: h.config.Server, Version: h.config.Version})
	return 0, ""
}

func (h *Hub) leave(c *client) {
	h.mu.Lock()
	for _, sub := range c.subs {
		h.detach(sub)
	}
	delete(h.clients, c)
	h.mu.Unlock()
	h.sockets.Done()
}

// subscribe replaces the client's subscription of the same id; false when it has too many.
func (h *Hub) subscribe(sub *subscription) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := sub.client
	if old := c.subs[sub.id]; old != nil {
		h.close(old)
		c.out.forget(old)
	} else if len(c.subs) >= h.config.Subscriptions {
		return false
	}
	c.subs[sub.id] = sub
	switch sub.topic {
	case "process":
		f := h.feeds[sub.process]
		if f == nil {
			f = &feed{process: sub.process, subs: map[*subscription]struct{}{}, whys: map[string]string{}}
			h.feeds[sub.process] = f
		}
		f.subs[sub] = struct{}{}
		f.dirty = true
	case "processes":
		for _, id := range sub.ids {
			r := h.rows[id]
			if r == nil {
				r = &row{subs: map[*subscription]struct{}{}}
				h.rows[id] = r
			}
			r.subs[sub] = struct{}{}
			r.dirty = true
		}
		if len(sub.ids) == 0 {
			sub.fresh = false
			c.send(sub, httpapi.LiveRows{Type: "rows", ID: sub.id, Items: []httpapi.ProcessSummary{}})
		}
	case "workers":
		h.pools[sub] = struct{}{}
	case "draft":
		d := h.desks[sub.seat.Definition]
		if d == nil {
			d = &desk{subs: map[*subscription]struct{}{}}
			h.desks[sub.seat.Definition] = d
		}
		d.subs[sub] = struct{}{}
	}
	h.signal()
	return true
}

func (h *Hub) unsubscribe(c *client, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sub := c.subs[id]; sub != nil {
		h.close(sub)
		c.out.forget(sub)
	}
}

// close detaches a subscription that its client ended: the tab is gone, while one whose socket broke may come back. h.mu is held.
func (h *Hub) close(sub *subscription) {
	h.detach(sub)
	if sub.seated && !sub.gone {
		sub.gone = true
		h.left = append(h.left, sub.seat)
		h.signal()
	}
}

// detach forgets a subscription; h.mu is held.
func (h *Hub) detach(sub *subscription) {
	sub.over = true
	delete(sub.client.subs, sub.id)
	switch sub.topic {
	case "process":
		if f := h.feeds[sub.process]; f != nil {
			delete(f.subs, sub)
			if len(f.subs) == 0 {
				delete(h.feeds, sub.process)
			}
		}
	case "processes":
		for _, id := range sub.ids {
			if r := h.rows[id]; r != nil {
				delete(r.subs, sub)
				if len(r.subs) == 0 {
					delete(h.rows, id)
				}
			}
		}
	case "workers":
		delete(h.pools, sub)
	case "draft":
		if d := h.desks[sub.seat.Definition]; d != nil {
			delete(d.subs, sub)
			if len(d.subs) == 0 {
				delete(h.desks, sub.seat.Definition)
			}
		}
	}
}

// deliver sends a message of a subscription, unless it is over; one that overflows its client's queue is.
func (h *Hub) deliver(sub *subscription, message any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !sub.over && !sub.client.send(sub, message) {
		h.detach(sub)
	}
}

// drop ends a subscription with an error message.
func (h *Hub) drop(sub *subscription, code, message string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !sub.over {
		h.detach(sub)
		sub.client.refuse(sub.id, code, message)
	}
}

func (h *Hub) signal() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// watching reports whether anybody looks at any process.
func (h *Hub) watching() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.feeds)+len(h.rows) > 0
}

// poked marks what moved on among what is looked at.
func (h *Hub) poked(pokes []Poke) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news := false
	for _, poke := range pokes {
		news = h.moved(poke.Process, poke.Seq) || news
	}
	if news {
		h.signal()
	}
}

// moved notes that a process's history has reached a sequence; h.mu is held.
func (h *Hub) moved(process string, seq int64) bool {
	news := false
	if f := h.feeds[process]; f != nil && seq > f.head {
		f.head, f.dirty, news = seq, true, true
	}
	if r := h.rows[process]; r != nil && seq > r.head {
		r.head, r.dirty, news = seq, true, true
	}
	return news
}

// refresher sends what is due, then waits a tick: that is what bounds a client's batches to 10 a second.
func (h *Hub) refresher(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	<-pause.C
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		wait := h.config.Tick
		if err := h.refresh(ctx); err != nil && ctx.Err() == nil {
			h.config.Log.Warn("live feed not refreshed", "error", err)
			wait = max(wait, afterFailure)
			h.signal() // what failed is still marked
		}
		pause.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

func (h *Hub) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	h.mu.Lock()
	var due []*feed
	for _, f := range h.feeds {
		if f.dirty {
			f.dirty = false
			due = append(due, f)
		}
	}
	h.mu.Unlock()
	var group errgroup.Group
	group.SetLimit(feedsAtOnce)
	for _, f := range due {
		group.Go(func() error {
			err := h.refreshFeed(ctx, f)
			if err != nil {
				h.markAgain(f)
			}
			return err
		})
	}
	group.Go(func() error { return h.refreshRows(ctx) })
	group.Go(func() error { return h.refreshPools(ctx, false) })
	group.Go(func() error { return h.refreshDesks(ctx) })
	return group.Wait()
}

func (h *Hub) markAgain(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.dirty = true
}

// comparer finds what no poke told of.
func (h *Hub) comparer(ctx context.Context) {
	ticker := time.NewTicker(h.config.CompareAll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := h.compare(ctx); err != nil && ctx.Err() == nil {
			h.config.Log.Warn("live feed not compared", "error", err)
		}
	}
}

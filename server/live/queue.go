package live

import (
	"encoding/json"
	"slices"
	"sync"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// frame is a message on its way to a client; sub is nil when it belongs to no subscription.
type frame struct {
	sub  *subscription
	data []byte
}

// queue holds what a client has not taken yet. It is bounded: a subscription that overflows it loses its frames and gets one
// resync instead.
type queue struct {
	mostFrames, mostBytes int

	mu     sync.Mutex
	frames []frame
	bytes  int
	closed bool
	ready  chan struct{} // holds one token when there may be frames
}

func newQueue(mostFrames, mostBytes int) *queue {
	return &queue{mostFrames: mostFrames, mostBytes: mostBytes, ready: make(chan struct{}, 1)}
}

// push adds a frame; false means that the subscription overflowed and is over.
func (q *queue) push(sub *subscription, data []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return true
	}
	defer q.signal()
	if len(q.frames) == 0 || (len(q.frames) < q.mostFrames && q.bytes+len(data) <= q.mostBytes) {
		q.add(frame{sub, data})
		return true
	}
	if sub == nil { // a pong or an error: the client is told enough by what it has not read yet
		return true
	}
	q.drop(sub)
	resync, _ := json.Marshal(httpapi.LiveResync{Type: "resync", ID: sub.id}) // plain strings
	q.add(frame{nil, resync})                                                 // one per subscription: bounded too
	return false
}

func (q *queue) add(f frame) {
	q.frames = append(q.frames, f)
	q.bytes += len(f.data)
}

// forget takes back what waits for an ended subscription.
func (q *queue) forget(sub *subscription) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.drop(sub)
}

func (q *queue) drop(sub *subscription) {
	q.frames = slices.DeleteFunc(q.frames, func(f frame) bool {
		if f.sub != sub {
			return false
		}
		q.bytes -= len(f.data)
		return true
	})
}

// pop takes the oldest frame.
func (q *queue) pop() ([]byte, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.frames) == 0 {
		return nil, false
	}
	f := q.frames[0]
	q.frames = slices.Delete(q.frames, 0, 1)
	q.bytes -= len(f.data)
	return f.data, true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.frames, q.bytes = true, nil, 0
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

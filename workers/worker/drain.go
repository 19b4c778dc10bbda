package worker

import (
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// obey carries out orders to drain, until the worker leaves or stops.
func (w *Worker) obey() {
	for {
		select {
		case <-w.stop:
			return
		case <-w.told:
		}
		if order := w.order.Load(); !order.Back && w.carryOut(order) {
			return
		}
	}
}

// carryOut drains the worker: it takes nothing more, and goes when it has nothing left to do. What runs may take its time, unless the
// order says how long. It returns false when the order was taken back before the worker has gone: it takes tasks again.
func (w *Worker) carryOut(order *wire.Drain) (gone bool) {
	within := time.Duration(order.WithinMS) * time.Millisecond
	w.log.Info("the worker is drained by an operator: it takes no more tasks", "worker_id", w.id, "tasks", w.held(), "within", within.String(), "stay", order.Stay)
	w.client.Hold()
	w.draining.Store(true)
	w.announceDraining()
	var late <-chan time.Time
	if within > 0 {
		timer := time.NewTimer(within)
		defer timer.Stop()
		late = timer.C
	}
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	busy := true
	for {
		now := w.order.Load()
		if now.Back {
			return !w.takeAgain()
		}
		if busy && w.held() == 0 {
			busy = false
			w.log.Info("the worker is drained", "worker_id", w.id)
			poll.Stop()
			if !now.Stay {
				w.retire()
				close(w.drained)
				return true
			}
		}
		select {
		case <-w.stop:
			return true
		case <-w.told:
		case <-late:
			w.log.Info("what still runs is handed back", "worker_id", w.id, "tasks", w.held())
			late = nil
			w.handRestBack()
		case <-poll.C:
		}
	}
}

// takeAgain ends a drain; false when the worker stops.
func (w *Worker) takeAgain() bool {
	w.mu.Lock()
	if closed(w.leave) {
		w.mu.Unlock()
		return false
	}
	w.draining.Store(false)
	if closed(w.handBacks) {
		w.handBacks = make(chan struct{})
	}
	w.mu.Unlock()
	w.log.Info("the order to drain is taken back: the worker takes tasks again", "worker_id", w.id)
	w.client.Resume()
	w.announceDraining()
	return true
}

package worker

import (
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// obey waits for an order to drain and carries it out; there is no way back. What runs may take its time, unless the order says how long.
func (w *Worker) obey() {
	var order wire.Drain
	select {
	case <-w.stop:
		return
	case order = <-w.orders:
	}
	within := time.Duration(order.WithinMS) * time.Millisecond
	w.log.Info("the worker is drained by an operator: it takes no more tasks", "worker_id", w.id, "tasks", w.held(), "within", within.String(), "stay", order.Stay)
	w.retire()
	var late <-chan time.Time
	if within > 0 {
		timer := time.NewTimer(within)
		defer timer.Stop()
		late = timer.C
	}
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for w.held() > 0 {
		select {
		case <-w.stop:
			return
		case <-late:
			w.log.Info("what still runs is handed back", "worker_id", w.id, "tasks", w.held())
			late = nil
			w.handRestBack()
		case <-poll.C:
		}
	}
	w.log.Info("the worker is drained", "worker_id", w.id)
	if !order.Stay {
		close(w.drained)
	}
}

package flow

import (
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// EndsBy is when a process that began then has to have ended; the zero time: whenever it does.
func (g *Graph) EndsBy(started time.Time) time.Time {
	if g.limit <= 0 || started.IsZero() {
		return time.Time{}
	}
	return started.Add(g.limit)
}

// limit asks to be woken when the time of the process is over.
func (r *run) limit() {
	if by := r.g.EndsBy(r.p.StartedAt); !by.IsZero() {
		r.fx.Timers = append(r.fx.Timers, Timer{Kind: TimerLimit, Epoch: int64(r.p.Version), Due: by})
	}
}

// overLimit fails a process whose time is over, with everything in it. No hold keeps it from that: the time that somebody was promised
// an end goes on, whoever suspended the process or whatever broke in it.
func (r *run) overLimit() error {
	switch {
	case r.p.State.Terminal():
		return r.ignore(IgnoredProcessEnded)
	case r.p.State == ProcessCancelling:
		return r.ignore(IgnoredClosing)
	case r.ev.Epoch != int64(r.p.Version) || r.g.limit <= 0:
		return r.ignore(IgnoredStale)
	case r.st.Scopes[r.p.ID] == nil:
		return fmt.Errorf("flow: the root scope of process %s is not loaded", r.p.ID)
	}
	return r.failProcess(&wire.Error{Class: wire.ErrorTimeout, Code: CodeTimeout + "PROCESS", Message: fmt.Sprintf("the process has not ended within %s", r.g.limit)})
}

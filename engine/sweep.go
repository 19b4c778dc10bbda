package engine

import (
	"context"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// attemptGrace is how much longer than its timeout an attempt may run before the engine ends it: the worker does it in time
// unless it hangs.
const attemptGrace = 5 * time.Second

// suspect is a message that seems lost; it is so once the committer has passed the end of the stream as it was when the
// message was looked at, and its row is still there.
type suspect struct {
	row   pgstore.InWindow
	kind  flow.EventKind
	after string // last id of the shard's stream
	clean bool   // asynq still lists it
	sent  bool
	mark  int64 // of the sweep that saw it last
}

// doubt is a message that Redis calls active though no worker says that it holds it: it was taken an instant ago, or its taker
// died before its first beat. Two beats of every live worker of the pool decide.
type doubt struct {
	advances map[string]int64
	mark     int64
}

// sweeper compares the window with Redis and with what the workers hold.
type sweeper struct {
	e        *Engine
	suspects map[string]*suspect // by asynq task id
	doubts   map[string]*doubt
	mark     int64
}

// sweep is the loop: every SweepEvery, and at once when a worker was lost or the generation of Redis changed.
func (e *Engine) sweep(ctx context.Context) {
	s := &sweeper{e: e, suspects: map[string]*suspect{}, doubts: map[string]*doubt{}}
	tick := time.NewTicker(e.cfg.SweepEvery)
	defer tick.Stop()
	quick := time.NewTicker(200 * time.Millisecond)
	defer quick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.look(ctx)
		case <-e.roster.changed:
			s.look(ctx)
		case <-quick.C:
		}
		s.settle(ctx)
	}
}

// look reads the window, the state of each message and the ends of the streams.
func (s *sweeper) look(ctx context.Context) {
	e := s.e
	s.mark++
	e.keepGeneration(ctx)
	rows, err := e.store.Window(ctx, e.cfg.SweepAge)
	if err != nil || len(rows) == 0 {
		s.forget()
		return
	}
	mine := rows[:0]
	for _, r := range rows {
		if e.leases.owns(r.Process) {
			mine = append(mine, r)
		}
	}
	refs := make([]dispatch.Ref, len(mine))
	for i, r := range mine {
		refs[i] = refOf(&r)
	}
	states, err := e.publisher.States(ctx, refs)
	if err != nil {
		return
	}
	// Read after the states: a result is on its stream before its message leaves asynq.
	ends, err := e.streamEnds(ctx)
	if err != nil {
		return
	}
	team := e.roster.snapshot()
	for i := range mine {
		s.judge(&mine[i], states[i], ends, &team)
	}
	s.forget()
}

func refOf(r *pgstore.InWindow) dispatch.Ref {
	return dispatch.Ref{Pool: r.Pool, Lane: r.Lane, Task: r.Task, Epoch: r.Epoch}
}

// forget drops what the last look did not see again.
func (s *sweeper) forget() {
	for id, x := range s.suspects {
		if x.mark != s.mark {
			delete(s.suspects, id)
		}
	}
	for id, d := range s.doubts {
		if d.mark != s.mark {
			delete(s.doubts, id)
		}
	}
}

// judge decides about one message.
func (s *sweeper) judge(r *pgstore.InWindow, state dispatch.State, ends []string, team *snapshot) {
	id := wire.TaskID(r.Task, r.Epoch)
	end := ends[wire.Shard(r.Process)]
	if _, held := team.holds[id]; held {
		if r.AttemptMS > 0 && r.StartedAt != nil && r.Ran > time.Duration(r.AttemptMS)*time.Millisecond+attemptGrace {
			s.suspect(id, r, flow.EventTimeout, end, false)
		}
		return
	}
	switch state {
	case dispatch.Pending:
	case dispatch.Missing:
		kind := flow.EventHandback // never taken, as far as known: no run was lost
		if _, lost := team.lostWith[id]; lost {
			kind = flow.EventLost
		}
		s.suspect(id, r, kind, end, false)
	case dispatch.Other:
		s.suspect(id, r, flow.EventLost, end, true)
	case dispatch.Active:
		if _, lost := team.lostWith[id]; lost || s.unheld(id, r.Pool, team) {
			s.suspect(id, r, flow.EventLost, end, true)
		}
	}
}

// unheld tells whether every live worker of the pool has beaten twice since the message was first seen active and held by
// nobody.
func (s *sweeper) unheld(id, pool string, team *snapshot) bool {
	now := team.advances[pool]
	d := s.doubts[id]
	if d == nil {
		s.doubts[id] = &doubt{advances: now, mark: s.mark}
		return false
	}
	d.mark = s.mark
	for worker, advance := range now {
		if before, known := d.advances[worker]; known && advance < before+2 {
			return false
		}
	}
	return true
}

func (s *sweeper) suspect(id string, r *pgstore.InWindow, kind flow.EventKind, end string, clean bool) {
	if x := s.suspects[id]; x != nil {
		x.mark = s.mark
		if earlier(end, x.after) { // a Redis that knows less took the place of the one that was asked
			x.after = end
		}
		return
	}
	s.suspects[id] = &suspect{row: *r, kind: kind, after: end, clean: clean, mark: s.mark}
}

// settle commits the losses of the suspects whose streams were read far enough.
func (s *sweeper) settle(ctx context.Context) {
	open := false
	for _, x := range s.suspects {
		open = open || !x.sent
	}
	if !open {
		return
	}
	passed, err := s.e.passed(ctx)
	if err != nil {
		return
	}
	due := make([]*pgstore.InWindow, 0, len(s.suspects))
	for _, x := range s.suspects {
		if !x.sent && passed(wire.Shard(x.row.Process), x.after) {
			due = append(due, &x.row)
		}
	}
	if len(due) == 0 {
		return
	}
	here, err := s.e.store.StillInWindow(ctx, due)
	if err != nil {
		return
	}
	team := s.e.roster.snapshot()
	for id, x := range s.suspects {
		if x.sent || !passed(wire.Shard(x.row.Process), x.after) {
			continue
		}
		if !here[pgstore.TaskEpoch{Task: x.row.Task, Epoch: x.row.Epoch}] {
			delete(s.suspects, id) // it ended between the look at its row and the look at its message
			continue
		}
		worker := team.lostWith[id]
		if holder, held := team.holds[id]; held {
			if x.kind != flow.EventTimeout {
				delete(s.suspects, id)
				continue
			}
			worker = holder
		}
		x.sent = true
		ev := flow.Event{Kind: x.kind, Task: x.row.Task, Epoch: x.row.Epoch, Worker: worker}
		if x.kind == flow.EventTimeout {
			ev.Timeout = "attempt"
		}
		s.e.log.Warn("message lost", "process_id", x.row.Process, "task_id", x.row.Task, "epoch", x.row.Epoch, "pool", x.row.Pool, "as", string(x.kind), "worker_id", worker)
		if err := s.e.submit(ctx, &entry{process: x.row.Process, event: ev}); err != nil {
			x.sent = false
			return
		}
		if x.clean {
			if err := s.e.publisher.Clean(ctx, []dispatch.Ref{refOf(&x.row)}); err != nil {
				s.e.log.Warn("clean up a lost message", "task_id", x.row.Task, "error", err)
			}
		}
	}
}

package bulk

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// chunk is how many items a server takes in hand at once.
const chunk = 64

// Start begins to look for jobs to run.
func (s *Service) Start(ctx context.Context) error {
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.group.Go(func() { s.look(ctx) })
	return nil
}

// Stop lets what is under way end, and leaves the jobs to other servers.
func (s *Service) Stop() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	s.group.Wait()
	s.cancel = nil
}

func (s *Service) look(ctx context.Context) {
	tick := time.NewTicker(4 * s.config.Every) // jobs of this server wake it
	defer tick.Stop()
	var forgot time.Time
	for {
		s.claim(ctx)
		if time.Since(forgot) > time.Hour {
			forgot = time.Now()
			if err := s.config.Store.Forget(ctx, forgot.Add(-keepDrafts), forgot.Add(-s.config.KeepEnds)); err != nil && ctx.Err() == nil {
				s.config.Log.Warn("forget old bulk jobs", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// claim takes jobs that nobody runs, as many as this server runs at once.
func (s *Service) claim(ctx context.Context) {
	for s.runs() < s.config.Jobs {
		sent := time.Now()
		job, lease, err := s.config.Store.Claim(ctx, s.config.Owner, s.config.Lease)
		if errors.Is(err, ErrUnknown) || ctx.Err() != nil {
			return
		}
		if err != nil {
			s.config.Log.Warn("look for bulk jobs", "error", err)
			return
		}
		r := &run{s: s, job: job, lease: lease}
		r.renewed(sent)
		s.own(job.ID, true)
		s.group.Go(func() {
			defer s.own(job.ID, false)
			r.run(ctx)
		})
	}
}

func (s *Service) runs() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mine)
}

func (s *Service) own(job string, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mine {
		s.mine[job] = true
	} else {
		delete(s.mine, job)
	}
}

// run is this server's part of a job.
type run struct {
	s     *Service
	job   Job
	lease Lease

	until   atomic.Int64 // unix nanoseconds: before that the lease cannot have expired
	halt    atomic.Bool  // somebody aborted the job
	unknown atomic.Bool  // an operation was given up without an answer
}

// renewed notes a lease that was prolonged by a statement sent at that time.
func (r *run) renewed(sent time.Time) {
	r.until.Store(sent.Add(r.s.config.Lease * 9 / 10).UnixNano())
}

func (r *run) leased() bool { return time.Now().UnixNano() < r.until.Load() }

// patience is how long a server that stops waits for the operations that it has begun.
const patience = 5 * time.Second

// run works through the job until it is over, this server stops, or the lease is lost. Operations outlive ctx for a while: an
// answer that nobody waits for would leave it open whether the operation happened.
func (r *run) run(ctx context.Context) {
	work, drop := context.WithCancel(context.WithoutCancel(ctx))
	defer drop()
	defer context.AfterFunc(ctx, func() {
		_ = pause(work, patience)
		drop()
	})()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.watch(work, drop)
	}()
	err := r.steps(ctx, work)
	drop()
	<-watched
	if err != nil {
		r.s.config.Log.Warn("bulk job goes on elsewhere", "job_id", r.job.ID, "error", err)
	}
}

// watch prolongs the lease, and hears of an abort within its period. Without the lease nothing more is done.
func (r *run) watch(ctx context.Context, drop func()) {
	tick := time.NewTicker(r.s.config.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		sent := time.Now()
		state, err := r.s.config.Store.Renew(ctx, r.lease, r.s.config.Lease)
		switch {
		case err == nil:
			r.renewed(sent)
			if state == Aborting {
				r.halt.Store(true)
			}
		case errors.Is(err, ErrLeaseOff) || !r.leased():
			drop()
			return
		}
	}
}

func (r *run) steps(ctx, work context.Context) error {
	var results []Result
	for {
		stopping := ctx.Err() != nil
		want := chunk
		if stopping {
			want = 0
		}
		var state State
		var items []Item
		err := r.insist(work, func(ctx context.Context) (err error) {
			sent := time.Now()
			state, items, err = r.s.config.Store.Step(ctx, r.lease, r.s.config.Lease, results, want)
			if err == nil {
				r.renewed(sent)
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case r.unknown.Load():
			return nil // the lease runs out, and by then what was under way has ended
		case state == Aborting:
			return r.end(work, Aborted)
		case stopping:
			return r.s.config.Store.Release(work, r.lease)
		case len(items) == 0:
			return r.end(work, Finished)
		}
		results = r.do(ctx, work, items)
		if away(results) && !r.halt.Load() {
			_ = pause(ctx, time.Second)
		}
	}
}

// insist repeats what failed, until the lease is lost.
func (r *run) insist(ctx context.Context, f func(context.Context) error) error {
	for {
		err := f(ctx)
		if err == nil || errors.Is(err, ErrLeaseOff) || ctx.Err() != nil || !r.leased() {
			return err
		}
		r.s.config.Log.Warn("bulk job waits for the database", "job_id", r.job.ID, "error", err)
		if paused := pause(ctx, 500*time.Millisecond); paused != nil {
			return err
		}
	}
}

func (r *run) end(ctx context.Context, state State) error {
	return r.insist(ctx, func(ctx context.Context) error {
		job, err := r.s.config.Store.End(ctx, r.lease, state)
		if err == nil {
			r.s.config.Log.Info("bulk job ended", "job_id", job.ID, "operation", string(job.Operation), "state", string(job.State),
				"done", job.Of(Done), "refused", job.Of(Refused), "failed", job.Of(Failed))
		}
		return err
	})
}

// do applies the operation to the items, some at once.
func (r *run) do(ctx, work context.Context, items []Item) []Result {
	results := make([]Result, len(items))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(r.s.config.Parallel, len(items)) {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				results[i] = r.one(ctx, work, &items[i])
			}
		})
	}
	group.Wait()
	return results
}

func (r *run) one(ctx, work context.Context, item *Item) Result {
	putBack := Result{Seq: item.Seq, State: Pending}
	if r.halt.Load() || r.s.pace.wait(ctx) != nil || r.halt.Load() || work.Err() != nil || !r.leased() {
		return putBack
	}
	err := r.s.apply(work, r.lease, &r.job, item)
	result := resultOf(item, err)
	if result.State == Pending && work.Err() != nil {
		r.unknown.Store(true)
		result.State = Taken
	}
	if result.State == Failed {
		r.s.config.Log.Error("bulk operation failed", "job_id", r.job.ID, "process_id", item.ProcessID, "task_id", item.TaskID, "error", err)
	}
	return result
}

// away tells whether an item has to be tried again later.
func away(results []Result) bool {
	for _, result := range results {
		if result.State == Pending {
			return true
		}
	}
	return false
}

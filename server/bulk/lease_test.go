package bulk_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/bulk"
)

// stalling is a server that dies in the middle: from some operation on nothing comes back to it, though the engine has done
// what it was asked for.
type stalling struct {
	bulk.Engine
	bulk.Store
	left atomic.Int64
	dead chan struct{}
}

func (d *stalling) Retry(ctx context.Context, cmd engine.TaskCommand) error {
	if d.left.Add(-1) < 0 {
		<-d.dead
		return context.Canceled
	}
	err := d.Engine.Retry(ctx, cmd)
	if d.left.Add(-1) < 0 {
		<-d.dead // the operation happened and its caller never heard of it
	}
	return err
}

func (d *stalling) alive() bool { return d.left.Load() >= 0 }

func (d *stalling) Renew(ctx context.Context, lease bulk.Lease, ttl time.Duration) (bulk.State, error) {
	if !d.alive() {
		return "", bulk.ErrLeaseOff
	}
	return d.Store.Renew(ctx, lease, ttl)
}

func (d *stalling) Step(ctx context.Context, lease bulk.Lease, ttl time.Duration, results []bulk.Result, n int) (bulk.State, []bulk.Item, error) {
	if !d.alive() {
		return "", nil, bulk.ErrLeaseOff
	}
	return d.Store.Step(ctx, lease, ttl, results, n)
}

// TestAnotherServerGoesOnWhereOneDied lets a server die with operations under way, some of which have happened.
func TestAnotherServerGoesOnWhereOneDied(t *testing.T) {
	in := newInstallation(t)
	const n = 200
	ids := in.broken("tariff", "A", n)
	in.mended.Store(true)
	dying := &stalling{Engine: in.engine, Store: in.store, dead: make(chan struct{})}
	dying.left.Store(150)
	first := in.made(func(c *bulk.Config) {
		c.Store, c.Engine, c.Lease, c.Jobs = dying, dying, 700*time.Millisecond, 1
	})
	job := in.draft(first, bulk.Create{Operation: bulk.Retry, Filter: &bulk.Filter{CustomIDPrefix: "A-"}})
	in.run(first, job)
	require.NoError(t, first.Start(t.Context()))
	in.eventually("the first server died", func() bool { return !dying.alive() })
	in.eventually("its lease ran out", func() bool {
		return in.count(`SELECT count(*) FROM bulk_job WHERE id = $1 AND expires_at < clock_timestamp()`, job.ID) == 1
	})
	taken := in.count(`SELECT count(*) FROM bulk_item WHERE job_id = $1 AND state = 'taken'`, job.ID)
	require.Positive(t, taken, "it died with items in hand")
	second := in.service()
	ended := in.ended(second, job.ID)
	require.Equal(t, bulk.Finished, ended.State)
	require.EqualValues(t, n, ended.Of(bulk.Done), "%+v", ended.Counts)
	in.eventually("every process ended", func() bool {
		return in.count(`SELECT count(*) FROM process WHERE id = ANY($1::uuid[]) AND state = 'completed'`, ids) == n
	})
	ran := 0
	in.runs.Range(func(id, runs any) bool {
		ran++
		require.EqualValues(t, 1, runs.(*atomic.Int64).Load(), "%s ran once", id)
		return true
	})
	require.Equal(t, n, ran)
	require.Equal(t, n, in.count(`SELECT count(*) FROM audit WHERE action = 'task.retry' AND detail->>'bulk_job' = $1`, job.ID), "each is recorded once")
	require.Equal(t, n, in.count(`SELECT coalesce(sum(n), 0) FROM bulk_tally WHERE job_id = $1`, job.ID))
	close(dying.dead)
	first.Stop()
	require.Equal(t, bulk.Finished, in.ended(second, job.ID).State, "the dead server's last words change nothing")
}

// TestAStoppingServerHandsItsJobOver stops a server in the middle: it finishes what it began and the other goes on at once.
func TestAStoppingServerHandsItsJobOver(t *testing.T) {
	in := newInstallation(t)
	const n = 200
	in.broken("tariff", "A", n)
	in.mended.Store(true)
	first := in.made(func(c *bulk.Config) { c.Rate = 200 })
	job := in.draft(first, bulk.Create{Operation: bulk.Retry, Filter: &bulk.Filter{}})
	in.run(first, job)
	require.NoError(t, first.Start(t.Context()))
	in.eventually("some are done", func() bool {
		return in.count(`SELECT count(*) FROM bulk_item WHERE job_id = $1 AND state = 'done'`, job.ID) > 10
	})
	first.Stop()
	require.Zero(t, in.count(`SELECT count(*) FROM bulk_item WHERE job_id = $1 AND state = 'taken'`, job.ID), "nothing is left in hand")
	second := in.service()
	began := time.Now()
	ended := in.ended(second, job.ID)
	require.Less(t, time.Since(began), 10*time.Second, "it does not wait for the lease")
	require.EqualValues(t, n, ended.Of(bulk.Done))
	require.Equal(t, n, in.count(`SELECT count(*) FROM audit WHERE action = 'task.retry'`))
}

// sleeper is a server that is stopped after it decided to act and wakes when its job is over: the engine hears of it then.
type sleeper struct {
	bulk.Engine
	bulk.Store
	asleep atomic.Int64
	wake   chan struct{}
	woke   chan error
}

func (s *sleeper) RestartAsNew(_ context.Context, cmd engine.RestartCommand) (string, error) {
	s.asleep.Add(1)
	<-s.wake
	id, err := s.Engine.RestartAsNew(context.Background(), cmd)
	s.woke <- err
	return id, err
}

func (s *sleeper) Renew(ctx context.Context, lease bulk.Lease, ttl time.Duration) (bulk.State, error) {
	<-s.wake
	return s.Store.Renew(ctx, lease, ttl)
}

// TestAServerThatSleptThroughItsLeaseDoesNothing lets the operations of a stopped server reach the engine after another server
// did them. A restart could happen any number of times, were it not for the fence.
func TestAServerThatSleptThroughItsLeaseDoesNothing(t *testing.T) {
	in := newInstallation(t)
	const n = 24
	in.broken("tariff", "A", n)
	sleeping := &sleeper{Engine: in.engine, Store: in.store, wake: make(chan struct{}), woke: make(chan error, n)}
	first := in.made(func(c *bulk.Config) {
		c.Store, c.Engine, c.Lease, c.Parallel, c.Jobs = sleeping, sleeping, 500*time.Millisecond, 8, 1
	})
	job := in.draft(first, bulk.Create{Operation: bulk.Restart, Filter: &bulk.Filter{CustomIDPrefix: "A-"}})
	in.run(first, job)
	require.NoError(t, first.Start(t.Context()))
	in.eventually("the first server sleeps with operations under way", func() bool { return sleeping.asleep.Load() == 8 })
	second := in.service()
	ended := in.ended(second, job.ID)
	require.EqualValues(t, n, ended.Of(bulk.Done), "%+v", ended.Counts)
	close(sleeping.wake)
	for range 8 {
		require.Error(t, <-sleeping.woke, "the commit of a server without the lease fails")
	}
	first.Stop()
	require.Equal(t, n, in.count(`SELECT count(*) FROM process WHERE restarted_from IS NOT NULL`), "each was restarted once")
	require.Equal(t, n, in.count(`SELECT count(*) FROM audit WHERE action = 'process.restart'`))
	require.Equal(t, ended.Counts, in.ended(second, job.ID).Counts)
}

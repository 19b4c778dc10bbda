package engine

import (
	"context"
	"time"
)

// maintain is the loop of small duties.
func (e *Engine) maintain(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	usage, leader := e.duty(10*time.Second, "write usage", func(ctx context.Context) error { e.writeUsage(ctx); return nil }), e.duties()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		usage(ctx)
		if e.leases.fence(leadMaintenance) == 0 {
			continue
		}
		for _, do := range leader {
			do(ctx)
		}
	}
}

// duties are what the leader does, each every so often.
func (e *Engine) duties() []func(context.Context) {
	return []func(context.Context){
		e.duty(0, "fold counters", e.store.FoldCounters),
		e.duty(time.Hour, "ensure partitions", e.store.EnsurePartitions),
		e.duty(time.Hour, "forget old drains", func(ctx context.Context) error { return e.store.ForgetDrains(ctx, drainedKept) }),
		e.duty(0, "forget expired messages", func(ctx context.Context) error {
			_, err := e.store.ExpireMessages(ctx, 1000)
			return err
		}),
		e.duty(3*time.Second, "remember pools", func(ctx context.Context) error {
			if pools := e.roster.pools(); len(pools) > 0 {
				return e.store.SeePools(ctx, pools)
			}
			return nil
		}),
		e.duty(time.Minute, "sample pools", e.samplePools),
		e.duty(15*time.Minute, "fold usage", func(ctx context.Context) error { return e.store.FoldUsage(ctx, time.Now()) }),
	}
}

// duty makes a function that does something when it was not done for so long; what failed is tried again at the next call.
func (e *Engine) duty(every time.Duration, name string, do func(context.Context) error) func(context.Context) {
	var done time.Time
	return func(ctx context.Context) {
		if time.Since(done) < every {
			return
		}
		if err := do(ctx); err != nil {
			if ctx.Err() == nil {
				e.log.Warn("a small duty failed", "duty", name, "error", err)
			}
			return
		}
		done = time.Now()
	}
}

package engine

import (
	"context"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

const (
	limitRest  = 500 * time.Millisecond // how long a limit without waiting tasks is not looked at, unless a commit stores one
	sharedRest = 50 * time.Millisecond  // the same when other engines may store one
	markEvery  = 5 * time.Second
	keysAtOnce = 500
	headsMost  = 1000 // keys of a limited node type that one round looks at
)

// limitedClaims finds what waits of limited node types, by pool. Only the engine that leads lets it through, so a limit is never
// passed.
func (e *Engine) limitedClaims(ctx context.Context) (map[string][]*claim, error) {
	rules := e.wakefulLimits()
	if len(rules) == 0 {
		return nil, nil
	}
	types, since := make([]string, len(rules)), make([]string, len(rules))
	for i, rule := range rules {
		if err := e.markLimited(ctx, rule); err != nil {
			return nil, err
		}
		types[i], since[i] = rule.NodeType, rule.since
	}
	heads, err := e.store.LimitHeads(ctx, types, since, headsMost)
	if err != nil {
		return nil, err
	}
	claims := map[string][]*claim{}
	for i, rule := range rules {
		of := heads[rule.NodeType]
		if of.Unkeyed {
			if err := e.findKeys(ctx, rule, pgstore.InBacklog); err != nil {
				return nil, err
			}
			again, err := e.store.LimitHeads(ctx, types[i:i+1], since[i:i+1], headsMost)
			if err != nil {
				return nil, err
			}
			of = again[rule.NodeType]
		}
		if c := rule.claim(of); c != nil {
			pool := e.poolOf(ctx, rule.NodeType)
			claims[pool] = append(claims[pool], c)
		}
	}
	return claims, nil
}

// wakefulLimits are those that are worth a look.
func (e *Engine) wakefulLimits() []*limitRule {
	now, news, rest := time.Now(), e.limitNews.Swap(false), limitRest
	if e.leases.engines() > 1 {
		rest = sharedRest
	}
	e.limitsLock.RLock()
	defer e.limitsLock.RUnlock()
	out := make([]*limitRule, 0, len(e.limits))
	for _, rule := range e.limits {
		if news || now.Sub(rule.rested) >= rest {
			out = append(out, rule)
		}
	}
	return out
}

// markLimited finds what engines wrote that did not know the limit.
func (e *Engine) markLimited(ctx context.Context, rule *limitRule) error {
	now := time.Now()
	if now.Sub(rule.marked) <= markEvery {
		return nil
	}
	if err := e.store.MarkLimited(ctx, rule.NodeType); err != nil {
		return err
	}
	if err := e.findKeys(ctx, rule, pgstore.WithAWorker); err != nil {
		return err
	}
	rule.marked = now
	return nil
}

// claim is what waits under a limit, nil when nothing does. When there are too many keys for one look, the next begins behind them.
func (l *limitRule) claim(of *pgstore.LimitHeads) *claim {
	from := l.since
	l.since = ""
	if len(of.Heads) == 0 {
		if from == "" {
			l.rested = time.Now()
		}
		return nil
	}
	l.rested = time.Time{}
	c := &claim{head: of.Heads[0].Priority, rule: l, keys: of.Heads}
	for _, h := range of.Heads {
		c.head = min(c.head, h.Priority)
	}
	if !of.All {
		l.since = of.Last + "\x01"
	}
	return c
}

// findKeys computes the keys of tasks that have none.
func (e *Engine) findKeys(ctx context.Context, rule *limitRule, place pgstore.Place) error {
	for {
		tasks, err := e.store.Unkeyed(ctx, place, rule.NodeType, keysAtOnce)
		if err != nil || len(tasks) == 0 {
			return err
		}
		refs, keys := make([]pgstore.TaskRef, len(tasks)), make([]string, len(tasks))
		for i := range tasks {
			refs[i], keys[i] = tasks[i].TaskRef, rule.keyOf(tasks[i].Input)
		}
		if err := e.store.SetKeys(ctx, place, refs, keys); err != nil {
			return err
		}
		if len(tasks) < keysAtOnce {
			return nil
		}
	}
}

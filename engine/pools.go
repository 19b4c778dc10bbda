package engine

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Pools lists every pool that has workers, tasks or a past, with its queue and its workers.
func (e *Engine) Pools(ctx context.Context) ([]PoolView, error) {
	loads, err := e.store.PoolLoads(ctx)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	types, err := e.store.TypeLoads(ctx)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	seen, err := e.store.PoolsSeen(ctx)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	paused, err := e.readPauses(ctx)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	pools := map[string]*PoolView{}
	at := func(name string) *PoolView {
		p := pools[name]
		if p == nil {
			p = &PoolView{Pool: name, Workers: []WorkerView{}, Types: []PoolTypeView{}}
			pools[name] = p
		}
		return p
	}
	now, under := time.Now(), e.roster.drains()
	taking := map[string]bool{}
	titles := map[string]wire.Text{}
	served := map[string]map[string]bool{}
	for _, m := range e.roster.beats() {
		b := &m.beat
		p := at(b.Pool)
		p.Slots += b.Slots
		p.Busy += len(b.Holds)
		heard := m.heard
		if p.LastPollAt == nil || heard.After(*p.LastPollAt) {
			p.LastPollAt = &heard
		}
		var drain *DrainView
		if order, ordered := under[b.Worker]; ordered {
			drain = &order
		}
		taking[b.Pool] = taking[b.Pool] || drain == nil && !b.Draining
		p.Workers = append(p.Workers, WorkerView{ID: b.Worker, Host: b.Host, PID: b.PID, Version: b.Version, Slots: b.Slots, Busy: len(b.Holds),
			StartedAt: time.UnixMilli(b.StartedMS).UTC(), SeenAt: heard.UTC(), Draining: b.Draining || drain != nil, Drain: drain, Refusals: e.roster.refusalsOf(b.Worker)})
		for _, d := range b.Types {
			name := typeName(&d)
			titles[name] = d.Title
			if served[b.Pool] == nil {
				served[b.Pool] = map[string]bool{}
			}
			served[b.Pool][name] = true
		}
	}
	for name, load := range loads {
		p := at(name)
		p.Backlog, p.Running = load.Backlog, min(p.Busy, load.Window)
		p.Queued = load.Window - p.Running
		if load.Oldest != nil {
			p.OldestAgeMS = max(now.Sub(*load.Oldest).Milliseconds(), 0)
		}
	}
	for name, last := range seen {
		p := at(name)
		if !taking[name] {
			p.NoWorkerSince = &last
		}
		if len(p.Workers) == 0 {
			p.LastPollAt = &last
		}
	}
	for _, t := range types {
		p := at(t.Pool)
		p.Types = append(p.Types, PoolTypeView{Type: t.Type, Title: titles[t.Type], Queued: t.Window - t.Started + t.Backlog, Running: t.Started, Paused: paused.typeView(t.Type)})
		delete(served[t.Pool], t.Type)
	}
	for pool, names := range served {
		for name := range names {
			at(pool).Types = append(at(pool).Types, PoolTypeView{Type: name, Title: titles[name], Paused: paused.typeView(name)})
		}
	}
	out := make([]PoolView, 0, len(pools))
	for name, p := range pools {
		if name == "" {
			continue
		}
		if view, held := paused.pools[name]; held {
			p.Paused = &view
		}
		slices.SortFunc(p.Types, func(a, b PoolTypeView) int { return compare(a.Type, b.Type) })
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b PoolView) int { return compare(a.Pool, b.Pool) })
	return out, nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

func typeName(d *wire.Descriptor) string { return d.Name + "@" + strconv.Itoa(d.Major) }

func (r *roster) refusalsOf(worker string) []wire.Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	if out := r.refusals[worker]; out != nil {
		return out
	}
	return []wire.Refusal{}
}

package engine

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// AttemptTotals are what became of a node type's attempts since the engine was made.
type AttemptTotals struct {
	Completed int64
	Failed    int64 // with an error, out of time, or lost with their worker
	Run       time.Duration
	Wait      time.Duration // between a task's readiness and its start
}

func (t *AttemptTotals) add(o *AttemptTotals) {
	t.Completed, t.Failed, t.Run, t.Wait = t.Completed+o.Completed, t.Failed+o.Failed, t.Run+o.Run, t.Wait+o.Wait
}

// usage adds up what commits did until it is written, and attempts since the engine was made.
type usage struct {
	mu     sync.Mutex
	fresh  map[[3]string]float64     // by subject, name and metric, since it was written last
	totals map[string]*AttemptTotals // by node type
}

// add adds to a figure; the caller holds the lock.
func (u *usage) add(subject, name, metric string, value float64) {
	if u.fresh == nil {
		u.fresh = map[[3]string]float64{}
	}
	if value != 0 {
		u.fresh[[3]string{subject, name, metric}] += value
	}
}

// tally adds what an event says of an attempt to the batch.
func (b *batch) tally(p *proc, ev *flow.Event, t *heldTask, before taskBefore) {
	ran := before.state == flow.TaskRunning
	var n AttemptTotals
	switch ev.Kind {
	case flow.EventCompleted:
		n.Completed, n.Run = 1, time.Duration(ev.RunMicros)*time.Microsecond
	case flow.EventFailed:
		n.Failed, n.Run = 1, time.Duration(ev.RunMicros)*time.Microsecond
	case flow.EventTimeout:
		if !ran && ev.Timeout != "attempt" {
			return
		}
		n.Failed = 1
	case flow.EventLost:
		n.Failed = 1
	default:
		return
	}
	if t.NodeType == "" || p.state.Process.Version < 0 {
		return // nobody's work; a test run
	}
	if t.ReadyAt != nil {
		started := b.tx.Now.Add(-n.Run)
		if before.startedAt != nil {
			started = *before.startedAt
		}
		n.Wait = max(started.Sub(*t.ReadyAt), 0)
	}
	if b.attempts == nil {
		b.attempts = map[string]*AttemptTotals{}
	}
	if b.attempts[t.NodeType] == nil {
		b.attempts[t.NodeType] = &AttemptTotals{}
	}
	b.attempts[t.NodeType].add(&n)
}

// charted are the counters of definitions that charts show.
var charted = map[string]bool{"started": true, "completed": true, "failed": true, "cancelled": true}

// committed takes in what a batch did.
func (u *usage) committed(b *batch) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, n := range b.attempts {
		if u.totals == nil {
			u.totals = map[string]*AttemptTotals{}
		}
		if u.totals[name] == nil {
			u.totals[name] = &AttemptTotals{}
		}
		u.totals[name].add(n)
		u.add("type", name, "completed", float64(n.Completed))
		u.add("type", name, "failed", float64(n.Failed))
		u.add("type", name, "run_ms", float64(n.Run)/float64(time.Millisecond))
		u.add("type", name, "wait_ms", float64(n.Wait)/float64(time.Millisecond))
	}
	for d, n := range b.deltas {
		if charted[d.Name] && d.Version > 0 {
			u.add("definition", d.Definition, d.Name, float64(n))
		}
	}
	for _, p := range b.order {
		if h := p.state.Process; h != nil && h.Version > 0 {
			u.add("definition", h.Definition, "incidents", float64(len(p.now.opened)))
		}
	}
}

// take empties what has been added up.
func (u *usage) take() []pgstore.Usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := make([]pgstore.Usage, 0, len(u.fresh))
	for key, value := range u.fresh {
		out = append(out, pgstore.Usage{Subject: key[0], Name: key[1], Metric: key[2], Value: value})
	}
	clear(u.fresh)
	return out
}

// giveBack adds what could not be written to what is written next.
func (u *usage) giveBack(figures []pgstore.Usage) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i := range figures {
		f := &figures[i]
		u.add(f.Subject, f.Name, f.Metric, f.Value)
	}
}

// Attempts returns what became of attempts since this engine was made, by node type.
func (e *Engine) Attempts() map[string]AttemptTotals {
	e.usage.mu.Lock()
	defer e.usage.mu.Unlock()
	out := make(map[string]AttemptTotals, len(e.usage.totals))
	for name, n := range e.usage.totals {
		out[name] = *n
	}
	return out
}

// writeUsage adds what this engine did to the minute that is now.
func (e *Engine) writeUsage(ctx context.Context) {
	figures := e.usage.take()
	if len(figures) == 0 {
		return
	}
	if err := e.store.AddUsage(ctx, time.Now(), figures); err != nil {
		e.usage.giveBack(figures)
		e.log.Warn("write usage: it will be in a later minute of the charts", "error", err)
	}
}

// samplePools keeps how full the pools are now.
func (e *Engine) samplePools(ctx context.Context) error {
	pools, err := e.Pools(ctx)
	if err != nil {
		return err
	}
	var figures []pgstore.Usage
	for i := range pools {
		p := &pools[i]
		for metric, value := range map[string]float64{"waiting": float64(p.Queued + p.Backlog), "running": float64(p.Running), "slots": float64(p.Slots), "oldest_ms": float64(p.OldestAgeMS)} {
			if value != 0 {
				figures = append(figures, pgstore.Usage{Subject: "pool", Name: p.Pool, Metric: metric, Value: value})
			}
		}
	}
	if len(figures) == 0 {
		return nil
	}
	return e.store.AddUsage(ctx, time.Now(), figures)
}

// UsageSubject is what a chart is about.
type UsageSubject string

// The subjects and their metrics. Sums of a step: of a type completed, failed, run_ms, wait_ms; of a definition started,
// completed, failed, cancelled, incidents. Peaks of a step: of a pool waiting, running, slots, oldest_ms.
const (
	UsageOfTypes       UsageSubject = "type"
	UsageOfPools       UsageSubject = "pool"
	UsageOfDefinitions UsageSubject = "definition"
)

// UsageView is a chart's figures: Series has as many values as there are steps from From.
type UsageView struct {
	Since  time.Time // when the oldest figure of this installation begins; zero without any
	From   time.Time
	Step   time.Duration
	Steps  int
	Series []UsageSeries
}

// UsageSeries is the figures of one name, by metric; a metric without any figure is left out.
type UsageSeries struct {
	Name    string
	Metrics map[string][]float64
}

// usageSteps are the steps of charts: the first that is long enough for its span.
var usageSteps = []struct{ span, step time.Duration }{
	{time.Hour, time.Minute}, {6 * time.Hour, 5 * time.Minute}, {48 * time.Hour, 15 * time.Minute}, {8 * 24 * time.Hour, 2 * time.Hour},
	{31 * 24 * time.Hour, 6 * time.Hour}, {91 * 24 * time.Hour, 24 * time.Hour},
}

// Usage returns the figures of a subject's names (name "": of all) in the span until now, which is at most 91 days. The present
// step is among them; the last ten seconds may not.
func (e *Engine) Usage(ctx context.Context, subject UsageSubject, name string, span time.Duration) (*UsageView, error) {
	at := slices.IndexFunc(usageSteps, func(s struct{ span, step time.Duration }) bool { return span <= s.span })
	if at < 0 || span < time.Minute {
		return nil, fault.New(fault.Invalid, "usage.span", "a chart shows a minute to 91 days")
	}
	step := usageSteps[at].step
	to := time.Now().UTC().Truncate(step).Add(step)
	from := to.Add(-span).Truncate(step)
	rows, err := e.store.Usage(ctx, string(subject), name, from, to, step)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	since, err := e.store.UsageSince(ctx)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	view := &UsageView{Since: since, From: from, Step: step, Steps: int(to.Sub(from) / step), Series: []UsageSeries{}}
	by := map[string]map[string][]float64{}
	for i := range rows {
		r := &rows[i]
		if by[r.Name] == nil {
			by[r.Name] = map[string][]float64{}
		}
		if by[r.Name][r.Metric] == nil {
			by[r.Name][r.Metric] = make([]float64, view.Steps)
		}
		if n := int(r.At.Sub(from) / step); n >= 0 && n < view.Steps {
			by[r.Name][r.Metric][n] = r.Value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		view.Series = append(view.Series, UsageSeries{Name: name, Metrics: by[name]})
	}
	return view, nil
}

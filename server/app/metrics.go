package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/files"
)

// engineCollector asks the engine when Prometheus does: nothing is counted twice, and counters survive restarts because
// PostgreSQL keeps them.
type engineCollector struct {
	engine *engine.Engine

	started, live, incidents, ended  *prometheus.Desc
	removed                          *prometheus.Desc
	queued, running, backlog, oldest *prometheus.Desc
	workers, slots                   *prometheus.Desc
	commits, entries, commitSeconds  *prometheus.Desc
	attempts, attemptRun             *prometheus.Desc
	attemptWait                      *prometheus.Desc
}

func engineMetrics(e *engine.Engine) []prometheus.Collector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("taskurotta_"+name, help, labels, nil)
	}
	return []prometheus.Collector{&engineCollector{
		engine:        e,
		started:       describe("processes_started_total", "Processes started.", "definition"),
		live:          describe("processes_live", "Processes that have not ended.", "definition"),
		incidents:     describe("incidents_open", "Open incidents.", "definition"),
		ended:         describe("processes_ended_total", "Processes ended.", "definition", "state"),
		removed:       describe("processes_removed_total", "Ended processes that the retention or somebody removed.", "definition", "state"),
		queued:        describe("pool_queued", "Messages in Redis that no worker took.", "pool"),
		running:       describe("pool_running", "Tasks held by workers.", "pool"),
		backlog:       describe("pool_backlog", "Tasks in PostgreSQL that wait for room.", "pool"),
		oldest:        describe("pool_oldest_age_seconds", "Age of the oldest waiting task.", "pool"),
		workers:       describe("pool_workers", "Live workers.", "pool"),
		slots:         describe("pool_slots", "Tasks that the live workers can run at once.", "pool"),
		commits:       describe("engine_commits_total", "Transactions of this server's committers."),
		entries:       describe("engine_entries_total", "Results, commands, starts and timers in those transactions."),
		commitSeconds: describe("engine_commit_seconds_total", "Time spent in those transactions."),
		attempts:      describe("attempts_total", "Attempts that this server saw end; failed with an error, out of time or with their worker.", "type", "outcome"),
		attemptRun:    describe("attempt_run_seconds_total", "Time that workers spent in those attempts.", "type"),
		attemptWait:   describe("attempt_wait_seconds_total", "Time that their tasks waited for a worker.", "type"),
	}}
}

// Describe names nothing in advance: the collector is unchecked.
func (c *engineCollector) Describe(chan<- *prometheus.Desc) {}

// Collect reads the figures now. What can't be read is left out.
func (c *engineCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	send := func(desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
	}
	gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
	if counts, err := c.engine.Counts(ctx); err == nil {
		// What was removed did start and end: a counter never falls.
		type sums struct {
			started, live, incidents, completed, failed, cancelled, removedCompleted, removedFailed, removedCancelled int64
		}
		by := map[string]sums{}
		for _, n := range counts {
			s := by[n.Definition]
			by[n.Definition] = sums{
				s.started + n.Started + n.Removed(), s.live + n.Live, s.incidents + n.Incidents, s.completed + n.Completed + n.RemovedCompleted,
				s.failed + n.Failed + n.RemovedFailed, s.cancelled + n.Cancelled + n.RemovedCancelled,
				s.removedCompleted + n.RemovedCompleted, s.removedFailed + n.RemovedFailed, s.removedCancelled + n.RemovedCancelled,
			}
		}
		for definition, n := range by {
			send(c.started, counter, float64(n.started), definition)
			send(c.live, gauge, float64(n.live), definition)
			send(c.incidents, gauge, float64(n.incidents), definition)
			send(c.ended, counter, float64(n.completed), definition, "completed")
			send(c.ended, counter, float64(n.failed), definition, "failed")
			send(c.ended, counter, float64(n.cancelled), definition, "cancelled")
			send(c.removed, counter, float64(n.removedCompleted), definition, "completed")
			send(c.removed, counter, float64(n.removedFailed), definition, "failed")
			send(c.removed, counter, float64(n.removedCancelled), definition, "cancelled")
		}
	}
	if pools, err := c.engine.Pools(ctx); err == nil {
		for _, p := range pools {
			send(c.queued, gauge, float64(p.Queued), p.Pool)
			send(c.running, gauge, float64(p.Running), p.Pool)
			send(c.backlog, gauge, float64(p.Backlog), p.Pool)
			send(c.oldest, gauge, float64(p.OldestAgeMS)/1000, p.Pool)
			send(c.workers, gauge, float64(len(p.Workers)), p.Pool)
			send(c.slots, gauge, float64(p.Slots), p.Pool)
		}
	}
	for name, n := range c.engine.Attempts() {
		send(c.attempts, counter, float64(n.Completed), name, "completed")
		send(c.attempts, counter, float64(n.Failed), name, "failed")
		send(c.attemptRun, counter, n.Run.Seconds(), name)
		send(c.attemptWait, counter, n.Wait.Seconds(), name)
	}
	stats := c.engine.Stats()
	send(c.commits, counter, float64(stats.Commits))
	send(c.entries, counter, float64(stats.Entries))
	send(c.commitSeconds, counter, stats.CommitTime.Seconds())
}

// fileCollector shows what the sweeper of this server removed.
type fileCollector struct{ sweeper *files.Sweeper }

var (
	filesRemoved      = prometheus.NewDesc("taskurotta_files_removed_total", "Contents that nothing named any more, removed by this server.", nil, nil)
	filesRemovedBytes = prometheus.NewDesc("taskurotta_files_removed_bytes_total", "Bytes of those contents.", nil, nil)
)

// Describe names nothing in advance: the collector is unchecked.
func (c *fileCollector) Describe(chan<- *prometheus.Desc) {}

// Collect reads the figures now.
func (c *fileCollector) Collect(out chan<- prometheus.Metric) {
	contents, bytes := c.sweeper.Removed()
	out <- prometheus.MustNewConstMetric(filesRemoved, prometheus.CounterValue, float64(contents))
	out <- prometheus.MustNewConstMetric(filesRemovedBytes, prometheus.CounterValue, float64(bytes))
}

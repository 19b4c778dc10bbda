package httpapi

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// CommitTotals are what the engine's committers did since it was made.
type CommitTotals struct {
	Commits int64         // transactions
	Entries int64         // results, commands, starts, timers … in them
	Time    time.Duration // spent in them
}

// ProcessTotals are the counters of one version of a definition.
type ProcessTotals struct {
	Definition string
	Version    int
	Started    int64
	Live       int64
	Incidents  int64
	Completed  int64
	Failed     int64
	Cancelled  int64
}

// EngineCollector shows the engine's totals to Prometheus. It reads them when it is asked and changes nothing.
type EngineCollector struct {
	// Commits returns the committers' totals; entries over commits is the mean batch, time over commits the mean commit.
	Commits func() CommitTotals
	// Processes returns the counters of every version.
	Processes func(ctx context.Context) ([]ProcessTotals, error)
}

var _ prometheus.Collector = EngineCollector{}

var (
	commitsDesc       = prometheus.NewDesc("taskurotta_commits_total", "Transactions of the committers.", nil, nil)
	commitEntriesDesc = prometheus.NewDesc("taskurotta_commit_entries_total", "Entries in the committers' transactions.", nil, nil)
	commitSecondsDesc = prometheus.NewDesc("taskurotta_commit_seconds_total", "Time spent in the committers' transactions.", nil, nil)
	startedDesc       = processDesc("started_total", "Processes started.")
	liveDesc          = processDesc("live", "Processes that have not ended.")
	incidentsDesc     = processDesc("open_incidents", "Open incidents.")
	completedDesc     = processDesc("completed_total", "Processes completed.")
	failedDesc        = processDesc("failed_total", "Processes failed.")
	cancelledDesc     = processDesc("cancelled_total", "Processes cancelled.")
)

func processDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("taskurotta_processes_"+name, help, []string{"definition", "version"}, nil)
}

// Describe lists the metrics.
func (EngineCollector) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		commitsDesc, commitEntriesDesc, commitSecondsDesc, startedDesc, liveDesc, incidentsDesc, completedDesc, failedDesc, cancelledDesc,
	} {
		out <- desc
	}
}

// Collect reads the totals; when that fails the other metrics are still served.
func (e EngineCollector) Collect(out chan<- prometheus.Metric) {
	if e.Commits != nil {
		totals := e.Commits()
		out <- prometheus.MustNewConstMetric(commitsDesc, prometheus.CounterValue, float64(totals.Commits))
		out <- prometheus.MustNewConstMetric(commitEntriesDesc, prometheus.CounterValue, float64(totals.Entries))
		out <- prometheus.MustNewConstMetric(commitSecondsDesc, prometheus.CounterValue, totals.Time.Seconds())
	}
	if e.Processes == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), collectTimeout)
	defer cancel()
	versions, err := e.Processes(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(startedDesc, err)
		return
	}
	for _, v := range versions {
		labels := []string{v.Definition, strconv.Itoa(v.Version)}
		for _, metric := range []struct {
			desc  *prometheus.Desc
			kind  prometheus.ValueType
			value int64
		}{
			{startedDesc, prometheus.CounterValue, v.Started}, {liveDesc, prometheus.GaugeValue, v.Live}, {incidentsDesc, prometheus.GaugeValue, v.Incidents},
			{completedDesc, prometheus.CounterValue, v.Completed}, {failedDesc, prometheus.CounterValue, v.Failed}, {cancelledDesc, prometheus.CounterValue, v.Cancelled},
		} {
			out <- prometheus.MustNewConstMetric(metric.desc, metric.kind, float64(metric.value), labels...)
		}
	}
}

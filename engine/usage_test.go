package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

func sum(values []float64) (n float64) {
	for _, v := range values {
		n += v
	}
	return n
}

// Charts outlive the engine that counted: what one did until it stopped and what the next does add up.
func TestUsageSurvivesARestart(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(2))
	in.worker("w1", "test", 16, echo)
	for range 2 {
		e := in.engine()
		in.startMany(e, 5, "chain")
		in.allEnded(30 * time.Second)
		eventually(t, 30*time.Second, "the last commit is counted", func() bool { return e.Attempts()["test.step@1"].Completed == 10 })
		away, cancel := context.WithCancel(t.Context())
		cancel()
		e.WriteUsage(away) // what can't be written now is written later
		e.Stop()
	}
	e := in.engine()
	read := func(subject engine.UsageSubject, span time.Duration) map[string][]float64 {
		view, err := e.Usage(t.Context(), subject, "", span)
		require.NoError(t, err)
		if len(view.Series) == 0 {
			return nil
		}
		require.Len(t, view.Series, 1)
		for metric, values := range view.Series[0].Metrics {
			require.Len(t, values, view.Steps, metric)
		}
		return view.Series[0].Metrics
	}
	for _, span := range []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour} {
		types := read(engine.UsageOfTypes, span)
		require.EqualValues(t, 20, sum(types["completed"]), span)
		require.Zero(t, sum(types["failed"]))
		definitions := read(engine.UsageOfDefinitions, span)
		require.EqualValues(t, 10, sum(definitions["started"]), span)
		require.EqualValues(t, 10, sum(definitions["completed"]), span)
	}
	view, err := e.Usage(t.Context(), engine.UsageOfTypes, "", time.Hour)
	require.NoError(t, err)
	require.WithinRange(t, view.Since, time.Now().Add(-10*time.Minute), time.Now(), "the chart knows how young it is")
	eventually(t, 2*time.Minute, "the leader to look at the pools", func() bool { return len(read(engine.UsageOfPools, time.Hour)["slots"]) > 0 })
	_, err = e.Usage(t.Context(), engine.UsageOfTypes, "", 92*24*time.Hour)
	require.ErrorContains(t, err, "91 days")
}

// Old minutes become quarters of an hour, of which pools keep the peak, and are forgotten in the end.
func TestUsageIsFoldedAndForgotten(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	store, err := pgstore.Open(t.Context(), in.db, 2)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	now := time.Now().UTC()
	old := now.Add(-3 * 24 * time.Hour).Truncate(15 * time.Minute)
	figures := []pgstore.Usage{{Subject: "type", Name: "a@1", Metric: "completed", Value: 2}, {Subject: "pool", Name: "p", Metric: "waiting", Value: 7}}
	for _, at := range []time.Time{now, old, old.Add(time.Minute), old.Add(16 * time.Minute), now.Add(-92 * 24 * time.Hour)} {
		require.NoError(t, store.AddUsage(t.Context(), at, figures))
	}
	require.NoError(t, store.AddUsage(t.Context(), old, figures))
	rows := func(subject string) (out []float64) {
		got, err := store.Usage(t.Context(), subject, "", now.Add(-100*24*time.Hour), now.Add(time.Hour), 15*time.Minute)
		require.NoError(t, err)
		for _, r := range got {
			out = append(out, r.Value)
		}
		return out
	}
	require.Equal(t, []float64{2, 6, 2, 2}, rows("type"))
	for range 2 { // the second time finds nothing to do
		require.NoError(t, store.FoldUsage(t.Context(), now))
		require.Equal(t, []float64{6, 2, 2}, rows("type"))
		require.Equal(t, []float64{7, 7, 7}, rows("pool"))
	}
	require.Equal(t, 2, in.count(`SELECT count(*) FROM usage_sample WHERE minutes = 1`))
}

package bulk_test

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/bulk"
)

// incidents is how many a job has to deal with: 300, or what TASKUROTTA_BULK says.
func incidents(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TASKUROTTA_BULK")
	if text == "" {
		return 300
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// TestBulkRetryDoesExactlyThose retries the incidents of one definition that carry one error, and nothing besides.
func TestBulkRetryDoesExactlyThose(t *testing.T) {
	in := newInstallation(t)
	s := in.service()
	n := incidents(t)
	meant := in.broken("tariff", "A", n)
	others := in.broken("other", "B", 20)
	job := in.draft(s, bulk.Create{Operation: bulk.Retry, Filter: &bulk.Filter{Definition: "tariff", States: []string{"incident"}, ErrorCode: brokenCode, NodeID: "step"}})
	require.EqualValues(t, n, job.Total)
	require.Equal(t, []bulk.Count{{State: bulk.Pending, N: int64(n)}}, job.Plan)
	late := in.broken("tariff", "C", 5) // they match, and are not in the snapshot

	in.mended.Store(true)
	require.Zero(t, in.count(`SELECT count(*) FROM process WHERE ended_at IS NOT NULL`), "a dry run changes nothing")
	in.run(s, job)
	job = in.ended(s, job.ID)
	require.Equal(t, bulk.Finished, job.State)
	require.EqualValues(t, n, job.Of(bulk.Done))
	require.Positive(t, job.Rate())
	in.eventually("the retried processes ended", func() bool {
		return in.count(`SELECT count(*) FROM process WHERE id = ANY($1::uuid[]) AND state = 'completed'`, meant) == n
	})
	require.Equal(t, 25, in.count(`SELECT count(*) FROM incident WHERE process_id = ANY($1::uuid[])`, append(others, late...)), "the others are as they were")
	in.runs.Range(func(id, runs any) bool {
		require.EqualValues(t, 1, runs.(*atomic.Int64).Load(), "%s ran once", id)
		return true
	})

	items := in.items(s, job.ID, bulk.Done)
	require.Len(t, items, n)
	seen := map[string]bool{}
	for i, item := range items {
		require.EqualValues(t, i+1, item.Seq)
		require.Contains(t, meant, item.ProcessID)
		require.NotEmpty(t, item.TaskID)
		require.Equal(t, "step", item.NodeID)
		require.NotNil(t, item.EndedAt)
		seen[item.ProcessID] = true
	}
	require.Len(t, seen, n)

	require.Equal(t, n, in.count(`SELECT count(*) FROM audit WHERE action = 'task.retry' AND actor = 'boris' AND detail->>'bulk_job' = $1 AND reason = 'the tariff is known now'`, job.ID))
	require.Equal(t, 1, in.count(`SELECT count(*) FROM audit WHERE action = 'bulk.finished' AND subject_id = $1 AND (detail->>'done')::int = $2`, job.ID, n))
	events, _, err := in.engine.Events(t.Context(), meant[0], 0, 100)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(events, func(e engine.EventView) bool {
		for _, c := range e.Changes {
			if c.Actor == "boris" && strings.Contains(c.Text, job.ID) && strings.Contains(c.Text, "the tariff is known now") {
				return true
			}
		}
		return false
	}), "the history names the job, its author and the reason")
}

// TestARetryOfAGroupCanCorrectTheInputs retries one group of incidents with a change of each input, and leaves the other groups.
func TestARetryOfAGroupCanCorrectTheInputs(t *testing.T) {
	in := newInstallation(t)
	s := in.service()
	meant := in.broken("tariff", "A", 12)
	in.broken("other", "B", 3)
	groups, err := in.engine.IncidentGroups(t.Context(), engine.IncidentFilter{IncidentMatch: engine.IncidentMatch{Definition: "tariff"}})
	require.NoError(t, err)
	require.Len(t, groups.Groups, 1)
	group := groups.Groups[0]
	filter := &bulk.Filter{Definition: "tariff", NodeID: group.NodeID, ErrorGroup: group.Group}

	from := time.Now().Add(time.Hour)
	for _, none := range []bulk.Filter{
		{ErrorGroup: "0123456789abcdef"}, {ErrorText: "no such text"}, {OpenedFrom: &from}, {ErrorGroup: group.Group, NodeID: "other"},
	} {
		require.Zero(t, in.draft(s, bulk.Create{Operation: bulk.Retry, Filter: &none}).Total, "%+v", none)
		require.Zero(t, in.draft(s, bulk.Create{Operation: bulk.Cancel, Filter: &none}).Total, "%+v", none)
	}
	require.EqualValues(t, 15, in.draft(s, bulk.Create{Operation: bulk.Cancel, Filter: &bulk.Filter{ErrorGroup: group.Group, ErrorText: "TARIFF is", OpenedTo: &from}}).Total)
	_, err = s.Create(t.Context(), bulk.Create{Actor: "boris", Operation: bulk.Retry, Filter: filter, Options: bulk.Options{Patch: json.RawMessage(`[1]`)}})
	wantFault(t, err, fault.Invalid, "bulk.patch_invalid")

	in.mended.Store(true)
	job := in.draft(s, bulk.Create{Operation: bulk.Retry, Filter: filter, Options: bulk.Options{Patch: json.RawMessage(`{"id":"corrected"}`)}})
	require.EqualValues(t, len(meant), job.Total)
	in.run(s, job)
	job = in.ended(s, job.ID)
	require.EqualValues(t, len(meant), job.Of(bulk.Done))
	in.eventually("the group ended", func() bool {
		return in.count(`SELECT count(*) FROM process WHERE id = ANY($1::uuid[]) AND state = 'completed'`, meant) == len(meant)
	})
	runs, corrected := in.runs.Load("corrected")
	require.True(t, corrected, "the handler got the corrected input")
	require.EqualValues(t, len(meant), runs.(*atomic.Int64).Load())
	require.Equal(t, 3, in.count(`SELECT count(*) FROM incident`), "the others are as they were")
	require.Equal(t, len(meant), in.count(`SELECT count(*) FROM task WHERE process_id = ANY($1::uuid[]) AND node_id = 'step' AND input_rev = 1`, meant), "the edit is kept")
}

// TestWhatChangedMeanwhileIsRefused retries half of a snapshot by hand before the job runs.
func TestWhatChangedMeanwhileIsRefused(t *testing.T) {
	in := newInstallation(t)
	s := in.service()
	ids := in.broken("tariff", "A", 40)
	job := in.draft(s, bulk.Create{Operation: bulk.Retry, Filter: &bulk.Filter{CustomIDPrefix: "A-"}})
	in.mended.Store(true)
	for _, id := range ids[:20] {
		require.NoError(t, in.engine.Cancel(t.Context(), engine.OpCommand{Actor: "anna", ProcessID: id, Reason: "not needed"}))
	}
	in.run(s, job)
	job = in.ended(s, job.ID)
	require.EqualValues(t, 20, job.Of(bulk.Done))
	require.Equal(t, []bulk.Count{{State: bulk.Done, N: 20}, {State: bulk.Refused, Code: "flow.process_ended", N: 20}}, job.Counts)
	for _, item := range in.items(s, job.ID, bulk.Refused) {
		require.Equal(t, "the process has ended", item.Message)
	}
}

// TestAnAbortStops aborts in the middle of 300 incidents, or of what TASKUROTTA_BULK says, and finds the rest untouched.
func TestAnAbortStops(t *testing.T) {
	in := newInstallation(t)
	n := incidents(t)
	ids := in.broken("tariff", "A", n)
	s := in.service(func(c *bulk.Config) { c.Rate = max(100, n/20) })
	in.mended.Store(true)
	job := in.draft(s, bulk.Create{Operation: bulk.Retry, Filter: &bulk.Filter{CustomIDPrefix: "A-"}})
	in.run(s, job)
	in.eventually("a tenth is done", func() bool {
		return in.count(`SELECT count(*) FROM bulk_item WHERE job_id = $1 AND state = 'done'`, job.ID) > n/10
	})
	aborting, err := s.Abort(t.Context(), job.ID, "vera")
	require.NoError(t, err)
	require.Contains(t, []bulk.State{bulk.Aborting, bulk.Aborted}, aborting.State, "it may have ended by the time of the answer")
	// What was in hand when the abort was answered may be finished, and is told; nothing else is begun.
	atAbort := in.count(`SELECT count(*) FROM bulk_item WHERE job_id = $1 AND state IN ('done', 'taken')`, job.ID)
	ended := in.ended(s, job.ID)
	require.Equal(t, bulk.Aborted, ended.State)
	require.Equal(t, "vera", ended.AbortedBy)
	done := ended.Of(bulk.Done)
	require.Greater(t, done, int64(n/10))
	require.Less(t, done, int64(n))
	require.LessOrEqual(t, done, int64(atAbort), "nothing was taken in hand after the abort's answer")
	in.eventually("what was done ended", func() bool {
		return in.count(`SELECT count(*) FROM process WHERE id = ANY($1::uuid[]) AND state = 'completed'`, ids) == int(done)
	})
	require.Equal(t, n-int(done), in.count(`SELECT count(*) FROM incident`), "the rest waits as before")
	told := map[string]bool{}
	for _, state := range []bulk.ItemState{bulk.Done, bulk.Pending} {
		for _, item := range in.items(s, job.ID, state) {
			told[item.ProcessID] = true
			if retried, was := in.runs.Load(item.CustomID); was != (state == bulk.Done) {
				t.Fatalf("%s is told as %s, and its handler: %v", item.CustomID, state, retried)
			}
		}
	}
	require.Len(t, told, n, "done and not done are all there are, each told once")
	_, err = s.Abort(t.Context(), job.ID, "vera")
	wantFault(t, err, fault.Conflict, "bulk.not_running")
	_, err = s.Run(t.Context(), bulk.Run{Actor: "vera", ID: job.ID})
	wantFault(t, err, fault.Conflict, "bulk.started_already")
}

package bulk_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
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

// TestTheDryRunTellsRefusals compares what the dry run says with what the engine then does.
func TestTheDryRunTellsRefusals(t *testing.T) {
	in := newInstallation(t)
	s := in.service()
	ids := in.broken("tariff", "A", 6)
	op := func(i int) engine.OpCommand {
		return engine.OpCommand{Actor: "anna", ProcessID: ids[i], Reason: "x"}
	}
	require.NoError(t, in.engine.Cancel(t.Context(), op(0)))
	require.NoError(t, in.engine.Suspend(t.Context(), op(1)))
	require.NoError(t, in.engine.SetPriority(t.Context(), op(2), 1))
	gone := uuid.Must(uuid.NewV7()).String()
	named := append(slices.Clone(ids), gone, ids[3])
	options := bulk.Options{Priority: 1, Output: json.RawMessage(`{"by":"hand"}`)}
	for _, test := range []struct {
		operation bulk.Operation
		would     int64
		refused   map[string]int64
	}{
		{bulk.Suspend, 4, map[string]int64{"flow.already_suspended": 1, "flow.process_ended": 1, "process.unknown": 1}},
		{bulk.Resume, 5, map[string]int64{"flow.process_ended": 1, "process.unknown": 1}}, // once Suspend has run
		{bulk.SetPriority, 4, map[string]int64{"flow.nothing_to_do": 1, "flow.process_ended": 1, "process.unknown": 1}},
		{bulk.Restart, 6, map[string]int64{"process.unknown": 1}},
		{bulk.Skip, 5, map[string]int64{"flow.process_ended": 1, "process.unknown": 1}},
		{bulk.Retry, 0, map[string]int64{"flow.process_ended": 6, "process.unknown": 1}},
		{bulk.Cancel, 0, map[string]int64{"flow.process_ended": 6, "process.unknown": 1}},
		{bulk.Delete, 6, map[string]int64{"process.unknown": 1}},
	} {
		if test.operation == bulk.Retry {
			in.eventually("the skipped processes ended", func() bool {
				return in.count(`SELECT count(*) FROM process WHERE id = ANY($1::uuid[]) AND ended_at IS NULL`, ids) == 0
			})
		}
		job := in.draft(s, bulk.Create{Operation: test.operation, IDs: named, Options: options})
		require.EqualValues(t, 7, job.Total, "%s: each process is there once", test.operation)
		got := map[string]int64{}
		for _, c := range job.Plan {
			if c.State == bulk.Refused {
				got[c.Code] = c.N
			} else {
				require.Equal(t, test.would, c.N, "%s", test.operation)
			}
		}
		require.Equal(t, test.refused, got, "%s", test.operation)
		for _, item := range in.items(s, job.ID, bulk.Refused) {
			require.NotEmpty(t, item.Message, "%s", test.operation)
		}
		in.run(s, job)
		job = in.ended(s, job.ID)
		require.Equal(t, test.would, job.Of(bulk.Done), "%s: the engine agrees with the dry run: %+v", test.operation, job.Counts)
		require.EqualValues(t, 7-test.would, job.Of(bulk.Refused), "%s", test.operation)
		if test.operation == bulk.Restart {
			for _, item := range in.items(s, job.ID, bulk.Done) {
				require.Equal(t, 1, in.count(`SELECT count(*) FROM process WHERE id = $1 AND restarted_from = $2`, item.ResultID, item.ProcessID))
			}
		}
	}
	require.Zero(t, in.count(`SELECT count(*) FROM process WHERE id = ANY($1::uuid[])`, ids))
	require.Equal(t, 6, in.count(`SELECT count(*) FROM tombstone WHERE reason LIKE 'bulk job %: the tariff is known now'`))
	require.Equal(t, 6, in.count(`SELECT count(*) FROM audit WHERE action = 'process.delete'`))
}

// TestProcessesAreMovedInBulk lets times come, migrates, sends messages and goes back to a step, and compares each dry run with what
// the engine then does.
func TestProcessesAreMovedInBulk(t *testing.T) {
	in := newInstallation(t)
	s := in.service()
	const n = 6
	ids := make([]string, n)
	for i := range ids {
		started, err := in.engine.StartProcess(t.Context(), engine.StartCommand{Actor: "anna", DefinitionKey: "route", CustomID: "A-" + strconv.Itoa(i), Version: 1})
		require.NoError(t, err)
		ids[i] = started.ID
	}
	require.NoError(t, in.engine.Cancel(t.Context(), engine.OpCommand{Actor: "anna", ProcessID: ids[5], Reason: "x"}))
	gone := uuid.Must(uuid.NewV7()).String()
	answer := &bulk.MessageOptions{Name: "answer", Payload: json.RawMessage(`{"n":1}`)}
	at := func(node string) func() int {
		return func() int {
			return in.count(`SELECT count(*) FROM task WHERE process_id = ANY($1::uuid[]) AND node_id = $2 AND ended_at IS NULL AND state IN ('waiting', 'incident')`, ids, node)
		}
	}
	for _, test := range []struct {
		name      string
		operation bulk.Operation
		options   bulk.Options
		would     int64
		refused   map[string]int64
		says      string     // a refusal
		then      func() int // how many are where they should be
		want      int
	}{
		{"a time comes", bulk.Fire, bulk.Options{Node: "pause"}, 5, map[string]int64{"flow.process_ended": 1, "process.unknown": 1}, "no such process", at("answer"), 5},
		{"no time is waited for", bulk.Fire, bulk.Options{Node: "pause"}, 0, map[string]int64{"flow.not_waiting": 5, "flow.process_ended": 1, "process.unknown": 1}, "no such time", at("answer"), 5},
		{"a version without the step", bulk.Migrate, bulk.Options{Version: 3}, 0, map[string]int64{"migrate.refused": 5, "flow.process_ended": 1, "process.unknown": 1}, "answer: ", at("answer"), 5},
		{"a version that is not there", bulk.Migrate, bulk.Options{Version: 9}, 0, map[string]int64{"version.not_found": 5, "flow.process_ended": 1, "process.unknown": 1}, "no such version", at("answer"), 5},
		{"another version", bulk.Migrate, bulk.Options{Version: 2}, 5, map[string]int64{"flow.process_ended": 1, "process.unknown": 1}, "has ended", func() int {
			return in.count(`SELECT count(*) FROM process WHERE id = ANY($1::uuid[]) AND version = 2`, ids)
		}, 5},
		{"the same version", bulk.Migrate, bulk.Options{Version: 2}, 0, map[string]int64{"flow.same_version": 5, "flow.process_ended": 1, "process.unknown": 1}, "already", at("answer"), 5},
		{"a message under another key", bulk.Message, bulk.Options{Message: &bulk.MessageOptions{Name: "answer", Key: "A-3"}}, 1,
			map[string]int64{"message.not_awaited": 4, "flow.process_ended": 1, "process.unknown": 1}, "no such message", at("answer"), 4},
		{"a message", bulk.Message, bulk.Options{Message: answer}, 4, map[string]int64{"message.not_awaited": 1, "flow.process_ended": 1, "process.unknown": 1}, "no such message", at("step"), 5},
		{"back to no step", bulk.RestartFrom, bulk.Options{Node: "nowhere"}, 0, map[string]int64{"flow.restart_node": 6, "process.unknown": 1}, "nowhere", at("step"), 5},
		{"back to a step", bulk.RestartFrom, bulk.Options{Node: "answer"}, 6, map[string]int64{"process.unknown": 1}, "no such process", at("answer"), 5},
	} {
		job := in.draft(s, bulk.Create{Operation: test.operation, IDs: append(slices.Clone(ids), gone, ids[1]), Options: test.options})
		require.EqualValues(t, 7, job.Total, test.name)
		got := map[string]int64{}
		for _, c := range job.Plan {
			if c.State == bulk.Refused {
				got[c.Code] = c.N
			} else {
				require.Equal(t, test.would, c.N, test.name)
			}
		}
		require.Equal(t, test.refused, got, test.name)
		said := in.items(s, job.ID, bulk.Refused)
		require.True(t, slices.ContainsFunc(said, func(i bulk.Item) bool { return strings.Contains(i.Message, test.says) }), "%s: %+v", test.name, said)
		in.run(s, job)
		job = in.ended(s, job.ID)
		require.Equal(t, test.would, job.Of(bulk.Done), "%s: the engine agrees with the dry run: %+v", test.name, job.Counts)
		in.eventually(test.name, func() bool { return test.then() == test.want })
		for _, item := range in.items(s, job.ID, bulk.Done) {
			if anew := item.ProcessID == ids[5]; anew != (item.ResultID != "") {
				t.Errorf("%s: process %s goes on as %q", test.name, item.ProcessID, item.ResultID)
			}
		}
	}
	require.Equal(t, 1, in.count(`SELECT count(*) FROM process WHERE restarted_from = $1`, ids[5]), "what has ended goes on as a new process")
	for action, want := range map[string]int{"task.fire": 5, "process.migrate": 5, "process.message": 5, "process.restart_from": 6} {
		require.Equal(t, want, in.count(`SELECT count(*) FROM audit WHERE action = $1 AND actor = 'boris' AND reason <> ''`, action), action)
	}

	job := in.draft(s, bulk.Create{Operation: bulk.RestartFrom, Filter: &bulk.Filter{Definition: "route"}, Options: bulk.Options{Node: "pause"}})
	_, err := s.Run(t.Context(), bulk.Run{Actor: "boris", ID: job.ID, Reason: "x", Options: &bulk.Options{Node: "answer"}})
	wantFault(t, err, fault.Conflict, "bulk.not_judged")
	few := in.made(func(c *bulk.Config) { c.MaxPlans = 3 })
	_, err = few.Create(t.Context(), bulk.Create{Actor: "boris", Operation: bulk.Migrate, Filter: &bulk.Filter{}, Options: bulk.Options{Version: 2}})
	wantFault(t, err, fault.TooLarge, "bulk.too_many")
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

func TestBadJobsAreRefused(t *testing.T) {
	in := newInstallation(t)
	s := in.made(func(c *bulk.Config) { c.MaxItems = 3 })
	ids := in.broken("tariff", "A", 4)
	for name, test := range map[string]struct {
		create bulk.Create
		kind   fault.Kind
		code   string
	}{
		"an unknown operation":    {bulk.Create{Operation: "explode", IDs: ids[:1]}, fault.Invalid, "bulk.operation_unknown"},
		"neither filter nor ids":  {bulk.Create{Operation: bulk.Cancel}, fault.Invalid, "bulk.selection_invalid"},
		"filter and ids":          {bulk.Create{Operation: bulk.Cancel, Filter: &bulk.Filter{}, IDs: ids[:1]}, fault.Invalid, "bulk.selection_invalid"},
		"an id that is none":      {bulk.Create{Operation: bulk.Cancel, IDs: []string{"x"}}, fault.Invalid, "bulk.selection_invalid"},
		"an unknown state":        {bulk.Create{Operation: bulk.Cancel, Filter: &bulk.Filter{States: []string{"sad"}}}, fault.Invalid, "list.state_unknown"},
		"a NUL":                   {bulk.Create{Operation: bulk.Cancel, Filter: &bulk.Filter{NodeID: "a\x00"}}, fault.Invalid, "bulk.selection_invalid"},
		"a priority out of range": {bulk.Create{Operation: bulk.SetPriority, IDs: ids[:1]}, fault.Invalid, "process.priority_invalid"},
		"an output that is none":  {bulk.Create{Operation: bulk.Skip, IDs: ids[:1], Options: bulk.Options{Output: json.RawMessage(`[1]`)}}, fault.Invalid, "bulk.output_invalid"},
		"a restart from nowhere":  {bulk.Create{Operation: bulk.RestartFrom, IDs: ids[:1]}, fault.Invalid, "bulk.node_missing"},
		"a time of no step":       {bulk.Create{Operation: bulk.Fire, IDs: ids[:1], Options: bulk.Options{Node: "a\x00"}}, fault.Invalid, "bulk.node_missing"},
		"a migration to nowhere":  {bulk.Create{Operation: bulk.Migrate, IDs: ids[:1]}, fault.Invalid, "bulk.version_missing"},
		"no message":              {bulk.Create{Operation: bulk.Message, IDs: ids[:1]}, fault.Invalid, "bulk.message_invalid"},
		"a payload that is none":  {bulk.Create{Operation: bulk.Message, IDs: ids[:1], Options: bulk.Options{Message: &bulk.MessageOptions{Name: "a", Payload: json.RawMessage(`[1]`)}}}, fault.Invalid, "message.payload_invalid"},
		"more than allowed":       {bulk.Create{Operation: bulk.Cancel, Filter: &bulk.Filter{}}, fault.TooLarge, "bulk.too_many"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Create(t.Context(), test.create)
			wantFault(t, err, test.kind, test.code)
		})
	}
	require.Zero(t, in.count(`SELECT count(*) FROM bulk_job`))
	require.Zero(t, in.count(`SELECT count(*) FROM bulk_item`))
	job := in.draft(s, bulk.Create{Operation: bulk.Cancel, IDs: ids[:1]})
	_, err := s.Run(t.Context(), bulk.Run{Actor: "boris", ID: job.ID, Reason: "  "})
	wantFault(t, err, fault.Invalid, "bulk.reason_missing")
	_, err = s.Job(t.Context(), uuid.NewString())
	wantFault(t, err, fault.NotFound, "bulk.unknown")
	_, _, err = s.Items(t.Context(), job.ID, nil, "x", 10)
	wantFault(t, err, fault.Invalid, "list.cursor_invalid")
	listed, _, err := s.Jobs(t.Context(), nil, "", 10)
	require.NoError(t, err)
	require.Empty(t, listed, "drafts are not listed")
	require.NoError(t, in.store.Forget(t.Context(), time.Now().Add(time.Hour), time.Now()))
	require.Zero(t, in.count(`SELECT (SELECT count(*) FROM bulk_job) + (SELECT count(*) FROM bulk_item)`), "old drafts are forgotten")
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

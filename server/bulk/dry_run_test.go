package bulk_test

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/bulk"
)

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
	in.preparedAtOnce(s, 3*int(in.db.Config().MaxConns))
	few := in.made(func(c *bulk.Config) { c.MaxPlans = 3 })
	_, err = few.Create(t.Context(), bulk.Create{Actor: "boris", Operation: bulk.Migrate, Filter: &bulk.Filter{}, Options: bulk.Options{Version: 2}})
	wantFault(t, err, fault.TooLarge, "bulk.too_many")
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

// preparedAtOnce makes more dry runs that ask the engine than there are connections to the database. Each needs one for itself and others for
// the engine's answers: were all let through at once, they would wait for each other.
func (in *installation) preparedAtOnce(s *bulk.Service, n int) {
	in.t.Helper()
	ctx, cancel := context.WithTimeout(in.t.Context(), time.Minute)
	defer cancel()
	failures := make(chan error, n)
	for range n {
		go func() {
			_, err := s.Create(ctx, bulk.Create{Actor: "boris", Operation: bulk.RestartFrom, Filter: &bulk.Filter{Definition: "route"}, Options: bulk.Options{Node: "pause"}})
			failures <- err
		}()
	}
	for range n {
		require.NoError(in.t, <-failures)
	}
}

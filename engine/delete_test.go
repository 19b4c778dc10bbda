package engine_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// traces lists the tables that still name a process.
func (in *installation) traces(process string) []string {
	in.t.Helper()
	rows, err := in.db.Query(context.Background(), `
SELECT c.table_name::text FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.column_name = 'process_id' AND t.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1`)
	if err != nil {
		in.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		in.t.Fatal(err)
	}
	var out []string
	for _, table := range append(tables, "process") {
		column := "process_id"
		if table == "process" {
			column = "id"
		}
		if in.count(`SELECT count(*) FROM `+pgx.Identifier{table}.Sanitize()+` WHERE `+column+` = $1`, process) > 0 {
			out = append(out, table)
		}
	}
	return out
}

func TestADeletedProcessLeavesATombstoneAndNothingElse(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(2))
	release := make(chan struct{})
	var late atomic.Int64
	in.worker("w1", "test", 8, func(ctx context.Context, task *wire.Task) *wire.Report {
		switch task.CustomID {
		case "broken":
			return &wire.Report{Kind: wire.ReportFailed, Error: &wire.Error{Class: wire.ErrorBusiness, Code: "NO", Message: "no"}}
		case "running":
			<-release
			late.Add(1)
		}
		return echo(ctx, task)
	})
	e := in.engine()
	op := func(id string) engine.OpCommand {
		return engine.OpCommand{Actor: "anna", ProcessID: id, Reason: "the citizen asked for it"}
	}
	start := func(customID, state string) string {
		id := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: customID, IdempotencyKey: customID})
		in.waitState(e, id, state, 10*time.Second)
		return id
	}
	ids := []string{start("done", "completed"), start("broken", "incident"), start("running", "running"), in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "later", StartAt: ptr(time.Now().Add(time.Hour))})}
	eventually(t, 10*time.Second, "a task runs", func() bool { return in.count(`SELECT count(*) FROM dispatch`) > 0 })
	stays := start("stays", "completed")
	wantFault(t, e.Delete(t.Context(), engine.OpCommand{Actor: "anna", ProcessID: ids[0], Reason: " "}), fault.Invalid, "process.reason_missing")
	for _, id := range ids {
		if err := e.Delete(t.Context(), op(id)); err != nil {
			t.Fatal(err)
		}
		kept := strings.ReplaceAll(strings.Join(in.traces(id), " "), "idempotency_key ", "")
		if kept != "tombstone" {
			t.Errorf("%s is still in %s", id, kept)
		}
		_, err := e.Process(t.Context(), id)
		wantFault(t, err, fault.NotFound, "process.deleted")
		if !strings.Contains(err.Error(), "anna") || !strings.Contains(err.Error(), "the citizen asked for it") {
			t.Errorf("the tombstone says %v", err)
		}
		wantFault(t, e.Delete(t.Context(), op(id)), fault.NotFound, "process.deleted")
	}
	close(release) // the result of a task whose process is gone comes late
	eventually(t, 10*time.Second, "the late result is taken off its stream", func() bool {
		left := int64(0)
		for shard := range wire.Shards {
			left += in.rdb.XLen(t.Context(), in.keys.Results(shard)).Val()
		}
		return late.Load() == 1 && left == 0
	})
	again, err := e.StartProcess(t.Context(), engine.StartCommand{DefinitionKey: "chain", CustomID: "done", IdempotencyKey: "done"})
	if err != nil || !again.Existing || again.ID != ids[0] {
		t.Errorf("the same start after the deletion: %+v, %v", again, err)
	}
	if v, err := e.Process(t.Context(), stays); err != nil || v.State != "completed" {
		t.Errorf("another process: %+v, %v", v, err)
	}
	in.checkInvariants(t)
}

func TestUrgentGoesAheadOfWhatWaitsSinceLong(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	release := make(chan struct{})
	var order atomic.Pointer[string]
	in.worker("w1", "test", 1, func(ctx context.Context, task *wire.Task) *wire.Report {
		<-release
		if task.CustomID == "raised" || task.CustomID == "last" {
			order.CompareAndSwap(nil, &task.CustomID)
		}
		return echo(ctx, task)
	})
	e := in.engine(func(c *engine.Config) { c.WindowFloor = 1 })
	eventually(t, 10*time.Second, "the worker is known", func() bool {
		pools, err := e.Pools(t.Context())
		return err == nil && len(pools) == 1 && pools[0].Slots == 1
	})
	for range 20 {
		in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	}
	last := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "last"})
	raised := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "raised", Priority: 5})
	op := engine.OpCommand{Actor: "anna", ProcessID: raised, Reason: "a deadline"}
	wantFault(t, e.SetPriority(t.Context(), op, 9), fault.Invalid, "process.priority_invalid")
	if err := e.SetPriority(t.Context(), op, 1); err != nil {
		t.Fatal(err)
	}
	close(release)
	in.waitState(e, last, "completed", 20*time.Second)
	in.waitState(e, raised, "completed", 20*time.Second)
	if first := order.Load(); first == nil || *first != "raised" {
		t.Errorf("%v went first", first)
	}
	if v, err := e.Process(t.Context(), raised); err != nil || v.Priority != 1 {
		t.Errorf("priority %d, %v", v.Priority, err)
	}
	wantFault(t, e.SetPriority(t.Context(), op, 2), fault.Conflict, "")
	in.checkInvariants(t)
}

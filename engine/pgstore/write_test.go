package pgstore_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
)

// complete writes what the result of a task in a chain amounts to: the task ends, the next one is queued.
func complete(w *pgstore.Write, root pgstore.Root, from *pgstore.Task) *pgstore.Task {
	process, seq := root.Process, root.Seq+1
	now := time.Now()
	ended := *from
	ended.State, ended.EndedAt, ended.Worker = flow.TaskCompleted, &now, "w"
	next := &pgstore.Task{Process: process, Pool: "p", Task: flow.Task{ID: flow.TaskID(process, process, "step", from.Run+1), ScopeID: process, NodeID: "step", Run: from.Run + 1, NodeType: "t@1", State: flow.TaskQueued, Epoch: 1, Attempt: 1, Input: []byte(`{"a":1}`)}}
	us := int64(10)
	w.Tasks = append(w.Tasks, pgstore.TaskChange{Task: &ended, WasState: from.State, WasEpoch: from.Epoch, RunUS: &us})
	w.NewTasks = append(w.NewTasks, next)
	w.Scopes = append(w.Scopes, pgstore.ScopeRow{Process: process, Seq: seq, At: root.At, Scope: &flow.Scope{ID: process, Kind: "root", State: flow.ScopeState{Tokens: 1, Open: map[string]string{next.ID: "step"}}}})
	w.Events = append(w.Events, pgstore.EventRow{Process: process, Seq: seq, Changes: []flow.Change{{Kind: "task", Task: ended.ID, Node: "step", State: "completed"}, {Kind: "task", Task: next.ID, Node: "step", State: "queued"}}})
	w.NodeOut = append(w.NodeOut, pgstore.OutputRow{Process: process, Seq: seq, Output: flow.Output{ScopeID: process, NodeID: "step", Run: from.Run, Body: []byte(`{"a":1}`)}})
	w.Unqueue = append(w.Unqueue, pgstore.TaskRef{Process: process, Task: ended.ID})
	w.Queue = append(w.Queue, pgstore.Message{Process: process, Task: next.ID, Epoch: 1, Pool: "p", NodeType: "t@1", Definition: "d", Priority: 3})
	return next
}

func TestCommitOfAStaleMemoryChangesNothing(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	tx, _ := begin(t, s)
	w := &pgstore.Write{}
	process, _ := add(w, "d", flow.TaskQueued)
	commit(t, tx, w)
	task := w.NewTasks[0]
	for name, change := range map[string]func(c *pgstore.TaskChange){
		"another epoch": func(c *pgstore.TaskChange) { c.WasEpoch = 7 },
		"another state": func(c *pgstore.TaskChange) { c.WasState = flow.TaskRunning },
	} {
		t.Run(name, func(t *testing.T) {
			tx, roots := begin(t, s, process)
			if len(roots) != 1 || roots[0].Seq != 1 {
				t.Fatalf("roots %+v", roots)
			}
			w := &pgstore.Write{}
			complete(w, roots[0], task)
			change(&w.Tasks[0])
			err := tx.Commit(t.Context(), w)
			if err == nil || pgstore.FaultOf(err) != pgstore.FaultConflict {
				t.Errorf("commit: %v", err)
			}
		})
	}
	var events int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM event`).Scan(&events); err != nil || events != 1 {
		t.Errorf("%d events, %v", events, err)
	}
}

func TestLockedProcessIsReadAsItsLastHolderLeftIt(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	tx, _ := begin(t, s)
	w := &pgstore.Write{}
	process, _ := add(w, "d", flow.TaskQueued)
	commit(t, tx, w)
	task := w.NewTasks[0]
	first, roots := begin(t, s, process)
	type locked struct {
		tx    *pgstore.Tx
		roots []pgstore.Root
	}
	second := make(chan locked, 1)
	var group sync.WaitGroup
	group.Go(func() {
		tx, begun, err := s.Begin(context.Background(), []string{process}, nil, nil)
		if err != nil {
			t.Errorf("begin: %v", err)
		}
		second <- locked{tx, begun.Roots}
	})
	w = &pgstore.Write{}
	next := complete(w, roots[0], task)
	commit(t, first, w)
	got := <-second
	group.Wait()
	if len(got.roots) != 1 || got.roots[0].Seq != 2 {
		t.Fatalf("roots %+v", got.roots)
	}
	loaded, err := got.tx.Load(t.Context(), []string{process}, []pgstore.TaskRef{{Process: process, Task: next.ID}}, nil, []string{process})
	if err != nil {
		t.Fatal(err)
	}
	if l := loaded.Tasks[pgstore.TaskRef{Process: process, Task: next.ID}]; l == nil || l.State != flow.TaskQueued || l.Run != 2 || loaded.Headers[process].CustomID != "c" || string(loaded.Inputs[process]) != "{}" {
		t.Errorf("loaded %+v", loaded)
	}
	outputs, _, err := got.tx.LoadData(t.Context(), []pgstore.OutputRef{{Process: process, Scope: process, Node: "step"}, {Process: process, Scope: process, Node: "other"}}, nil, nil)
	if err != nil || len(outputs) != 1 {
		t.Errorf("outputs %v, %v", outputs, err)
	}
	got.tx.Rollback()
}

// Two tokens may be in one node at once: the run that began last is not always the one that ends last.
func TestLatestOutputIsTheOneThatCameLast(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	tx, _ := begin(t, s)
	w := &pgstore.Write{}
	process, _ := add(w, "d", flow.TaskQueued)
	for _, o := range []struct{ seq, part, run int }{{4, 0, 3}, {5, 0, 2}, {5, 1, 1}} {
		w.NodeOut = append(w.NodeOut, pgstore.OutputRow{Process: process, Seq: int64(o.seq), Part: o.part,
			Output: flow.Output{ScopeID: process, NodeID: "step", Run: o.run, Body: fmt.Appendf(nil, `{"run":%d}`, o.run)}})
	}
	commit(t, tx, w)
	tx, _ = begin(t, s, process)
	defer tx.Rollback()
	ref := pgstore.OutputRef{Process: process, Scope: process, Node: "step"}
	outputs, _, err := tx.LoadData(t.Context(), []pgstore.OutputRef{ref}, nil, nil)
	if err != nil || string(outputs[ref]) != `{"run":1}` {
		t.Errorf("outputs %s, %v", outputs[ref], err)
	}
}

func TestProcessesOfDaysWithoutAPartitionAreUnknown(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	tx, roots := begin(t, s, "019ab000-0000-7000-8000-000000000001", uuid.NewString())
	defer tx.Rollback()
	if len(roots) != 0 {
		t.Errorf("roots %+v", roots)
	}
}

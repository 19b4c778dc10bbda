package pgstore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

func open(t testing.TB) (*pgstore.Store, *pgxpool.Pool) {
	t.Helper()
	ctx := context.Background()
	db, err := pgxpool.New(ctx, stacktest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	s, err := pgstore.Open(ctx, db, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.EnsurePartitions(ctx); err != nil {
		t.Fatal(err)
	}
	return s, db
}

// begin starts a transaction without locks.
func begin(t testing.TB, s *pgstore.Store, ids ...string) (*pgstore.Tx, []pgstore.Root) {
	t.Helper()
	tx, begun, err := s.Begin(context.Background(), ids, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tx, begun.Roots
}

func commit(t testing.TB, tx *pgstore.Tx, w *pgstore.Write) {
	t.Helper()
	if err := tx.Commit(context.Background(), w); err != nil {
		t.Fatal(err)
	}
}

// add puts a process with one task to w.
func add(w *pgstore.Write, definition string, state flow.TaskState) (process, task string) {
	process = uuid.Must(uuid.NewV7()).String()
	task = flow.TaskID(process, process, "step", 1)
	now := time.Now()
	w.NewProcesses = append(w.NewProcesses, pgstore.NewProcess{Process: flow.Process{ID: process, CustomID: "c", Definition: definition, Version: 1, State: flow.ProcessRunning, Priority: 3, StartedAt: now}, Input: []byte(`{}`)})
	w.NewScopes = append(w.NewScopes, pgstore.ScopeRow{Process: process, Seq: 1, Scope: &flow.Scope{ID: process, Kind: "root", State: flow.ScopeState{Tokens: 1, Open: map[string]string{task: "step"}}}})
	w.NewTasks = append(w.NewTasks, &pgstore.Task{Process: process, Pool: "p", Task: flow.Task{ID: task, ScopeID: process, NodeID: "step", Run: 1, NodeType: "t@1", State: state, Epoch: 1, Attempt: 1, Input: []byte(`{"a":1}`)}})
	w.Events = append(w.Events, pgstore.EventRow{Process: process, Seq: 1, Changes: []flow.Change{{Kind: "process", State: "running"}}})
	return process, task
}

func backlog(w *pgstore.Write, definition string, priority int, nodeType string, held bool) string {
	process, task := add(w, definition, flow.TaskReady)
	w.Backlog = append(w.Backlog, pgstore.Message{Process: process, Task: task, Epoch: 1, Pool: "p", NodeType: nodeType, Definition: definition, Priority: priority, Held: held})
	return task
}

func lead(t *testing.T, s *pgstore.Store) int64 {
	t.Helper()
	fence, err := s.Lead(t.Context(), "feeder", "me", time.Minute)
	if err != nil || fence == 0 {
		t.Fatalf("lead: %d, %v", fence, err)
	}
	return fence
}

func TestAdmitTakesUrgentFirstThenTurnsBetweenDefinitions(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	names := map[string]string{}
	put := func(name, definition string, priority int, nodeType string, held bool) {
		tx, _ := begin(t, s)
		w := &pgstore.Write{}
		names[backlog(w, definition, priority, nodeType, held)] = name
		commit(t, tx, w)
	}
	for i := range 4 {
		put(fmt.Sprintf("a%d", i), "alpha", 3, "t@1", false)
	}
	put("b0", "beta", 3, "t@1", false)
	put("b1", "beta", 3, "t@1", false)
	put("held", "beta", 1, "t@1", true)
	put("paused", "beta", 1, "paused@1", false)
	put("urgent", "gamma", 1, "t@1", false)
	fence := lead(t, s)
	admit := func(n int) []string {
		out, err := s.Admit(t.Context(), "me", fence, "p", n, 5, []string{"paused@1"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range out {
			got = append(got, names[o.Task])
			if o.Node != "step" || string(o.Input) != `{"a":1}` || o.Epoch != 1 {
				t.Errorf("outgoing %+v", o)
			}
			if want := map[bool]string{true: "urgent", false: "normal"}[o.Priority == 1]; string(o.Lane) != want {
				t.Errorf("lane of %s: %s", names[o.Task], o.Lane)
			}
		}
		return got
	}
	first := admit(5)
	slices.Sort(first)
	if want := []string{"a0", "a1", "b0", "b1", "urgent"}; !slices.Equal(first, want) {
		t.Errorf("first %v, want %v", first, want)
	}
	if rest := admit(10); !slices.Equal(rest, []string{"a2", "a3"}) {
		t.Errorf("rest %v", rest)
	}
	var left, moved int
	if err := db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM backlog), (SELECT count(*) FROM dispatch)`).Scan(&left, &moved); err != nil || left != 2 || moved != 7 {
		t.Errorf("%d left, %d moved, %v", left, moved, err)
	}
}

func TestAdmitIsFencedByTheLease(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	tx, _ := begin(t, s)
	w := &pgstore.Write{}
	backlog(w, "alpha", 3, "t@1", false)
	commit(t, tx, w)
	fence := lead(t, s)
	if other, err := s.Lead(t.Context(), "feeder", "you", time.Minute); err != nil || other != 0 {
		t.Errorf("another leads too: %d, %v", other, err)
	}
	if _, err := db.Exec(t.Context(), `UPDATE leader_lease SET expires_at = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	next, err := s.Lead(t.Context(), "feeder", "you", time.Minute)
	if err != nil || next <= fence {
		t.Fatalf("takeover: fence %d after %d, %v", next, fence, err)
	}
	if out, err := s.Admit(t.Context(), "me", fence, "p", 10, 5, nil, nil); err != nil || len(out) != 0 {
		t.Errorf("the former leader moved %d tasks, %v", len(out), err)
	}
	if out, err := s.Admit(t.Context(), "you", next, "p", 10, 1, nil, nil); err != nil || len(out) != 0 {
		t.Errorf("of urgent ones alone it moved %v, %v", out, err)
	}
	if out, err := s.Admit(t.Context(), "you", next, "p", 10, 5, nil, nil); err != nil || len(out) != 1 {
		t.Errorf("the leader moved %d tasks, %v", len(out), err)
	}
}

func TestShardsAreSharedAndYielded(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	renew := func(id string) int {
		m, err := s.RenewMembership(t.Context(), id, time.Minute, 16)
		if err != nil {
			t.Fatal(err)
		}
		return len(m.Shards)
	}
	if n := renew("a"); n != 16 {
		t.Errorf("alone: %d", n)
	}
	if n := renew("b"); n != 0 {
		t.Errorf("newcomer before the other yields: %d", n)
	}
	if a, b := renew("a"), renew("b"); a != 8 || b != 8 {
		t.Errorf("shared %d and %d", a, b)
	}
	if err := s.Leave(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if n := renew("b"); n != 16 {
		t.Errorf("alone again: %d", n)
	}
}

// An engine that died before PostgreSQL's clock was put back by an hour would hold its leases for that hour.
func TestLeasesFromAFutureThatIsNoMoreAreFree(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	if _, err := s.RenewMembership(t.Context(), "dead", time.Minute, 16); err != nil {
		t.Fatal(err)
	}
	fence := lead(t, s)
	for _, table := range []string{"shard_lease", "engine_member", "leader_lease"} {
		if _, err := db.Exec(t.Context(), `UPDATE `+table+` SET expires_at = now() + interval '1 hour'`); err != nil {
			t.Fatal(err)
		}
	}
	m, err := s.RenewMembership(t.Context(), "heir", time.Minute, 16)
	if err != nil || len(m.Shards) != 16 || m.Members != 1 {
		t.Errorf("the heir has %d shards among %d engines, %v", len(m.Shards), m.Members, err)
	}
	if next, err := s.Lead(t.Context(), "feeder", "heir", time.Minute); err != nil || next <= fence {
		t.Errorf("the heir leads under fence %d after %d, %v", next, fence, err)
	}
}

package engine_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/history"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// removals counts what the engine says that it removed, by what its transactions have written.
type removals struct{}

func (removals) Removed(tx engine.Tx, r engine.Removal) {
	tx.Queue(`INSERT INTO audit (actor, action, subject_kind, subject_id, detail) VALUES ('retention', 'retention.remove', 'definition', $1, jsonb_build_object('n', $2::int, 'days', $3::int))`,
		r.Definition, r.Processes, r.Days)
}

// revokes is who forgets the files of a process.
type revokes struct {
	engine.FileGranter
	mu  sync.Mutex
	ids []string
}

func (r *revokes) Revoke(_ engine.Tx, processes ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, processes...)
}

func (in *installation) exec(sql string, args ...any) {
	in.t.Helper()
	if _, err := in.db.Exec(in.t.Context(), sql, args...); err != nil {
		in.t.Fatalf("%s: %v", sql, err)
	}
}

// past writes n processes of a definition that began from the given day on, an hour after midnight, a second apart.
func (in *installation) past(definition string, day time.Time, n int) {
	in.t.Helper()
	err := history.Write(in.t.Context(), in.db, history.Spec{Definition: definition, Count: n, From: day.Add(time.Hour), Every: time.Second, CustomID: definition + "-" + day.Format("0102") + "-"})
	if err != nil {
		in.t.Fatal(err)
	}
}

// call makes one process of the past the child of another.
func (in *installation) call(parent, child string) {
	in.t.Helper()
	in.exec(`UPDATE process c SET parent_id = p.id, root_id = p.id, parent_task = (SELECT id FROM task WHERE process_id = p.id LIMIT 1), depth = 1
		FROM process p WHERE p.custom_id = $1 AND c.custom_id = $2`, parent, child)
}

// midnights tells when the day began that was so many days before this one; it keeps to its day while the clock passes midnight.
func midnights() func(daysAgo int) time.Time {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	return func(daysAgo int) time.Time { return today.AddDate(0, 0, -daysAgo) }
}

func (in *installation) left(prefix string) int {
	in.t.Helper()
	return in.count(`SELECT count(*) FROM process WHERE custom_id LIKE $1 || '%'`, prefix)
}

func (in *installation) partitions(day time.Time) int {
	in.t.Helper()
	return in.count(`SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE '%\_' || $1`, day.Format("20060102"))
}

func TestRetentionRemovesWhatIsOverAndNothingElse(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	for _, key := range []string{"chain", "short", "long"} {
		in.versions.publish(key, chain(3))
	}
	midnight := midnights()
	whole, livesOn, mixed, young, soon, kept := midnight(120), midnight(110), midnight(100), midnight(40), midnight(90), midnight(60)
	if time.Until(midnight(-1)) < 2*time.Minute {
		soon = midnight(89) // which none but the next day brings to its end
	}
	in.past("chain", whole, 700)
	in.past("short", whole, 30)
	in.past("chain", livesOn, 600) // more than one batch
	in.past("chain", mixed, 10)
	in.past("long", mixed, 10)
	in.past("short", young, 10)
	in.past("chain", young, 10)
	in.past("chain", kept, 10)
	// Some of this day are over and the rest will be before it ends: the day will go as a whole.
	for hour := range 22 {
		in.past("chain", soon.Add(time.Duration(hour)*time.Hour), 1)
	}
	in.past("chain", soon.Add(22*time.Hour+59*time.Minute+30*time.Second), 1) // half a minute before midnight
	// Trees: one whose child is kept for longer, one that is over and spans two days.
	in.past("chain", midnight(99), 2)
	in.past("long", midnight(98), 1)
	in.past("chain", midnight(97), 1)
	in.call("chain-"+midnight(99).Format("0102")+"-000000", "long-"+midnight(98).Format("0102")+"-000000")
	in.call("chain-"+midnight(99).Format("0102")+"-000001", "chain-"+midnight(97).Format("0102")+"-000000")
	in.past("chain", midnight(96), 1) // called by one that was removed already
	in.exec(`UPDATE process SET parent_id = $1, root_id = $1, parent_task = $1, depth = 1 WHERE custom_id LIKE 'chain-' || $2 || '-%'`, uuid.NewString(), midnight(96).Format("0102"))
	// One that began long ago and lives.
	in.exec(`UPDATE process SET state = 'scheduled', started_at = NULL, ended_at = NULL, scheduled_at = now() + interval '1 day' WHERE custom_id = $1`, "chain-"+livesOn.Format("0102")+"-000003")
	in.exec(`INSERT INTO process_live SELECT id FROM process WHERE ended_at IS NULL`)
	in.exec(`INSERT INTO counter_delta (name, definition_key, version, n) VALUES ('live', 'chain', 1, 1), ('completed', 'chain', 1, -1)`)
	// Keys go with their processes; that of a tombstone with the tombstone.
	in.exec(`INSERT INTO idempotency_key (definition_key, key, process_id, body_hash) SELECT definition_key, id::text, id, '' FROM process`)
	for id, days := range map[string]int{"over": 91, "kept": 89} {
		in.exec(`INSERT INTO tombstone (process_id, custom_id, definition_key, version, state, created_at, deleted_at, deleted_by, reason)
			VALUES (md5($1)::uuid, $1, 'chain', 1, 'completed', now() - interval '1 year', now() - make_interval(days => $2), 'anna', 'x')`, id, days)
		in.exec(`INSERT INTO idempotency_key (definition_key, key, process_id, body_hash) VALUES ('chain', 'stone-' || $1, md5($1)::uuid, '')`, id)
	}
	var late string
	if err := in.db.QueryRow(t.Context(), `SELECT id::text FROM process WHERE custom_id = $1`, "chain-"+whole.Format("0102")+"-000005").Scan(&late); err != nil {
		t.Fatal(err)
	}

	granter := &revokes{}
	config := func(c *engine.Config) {
		c.RetainEvery, c.Removals, c.Files = 100*time.Millisecond, removals{}, granter
	}
	first := in.engine() // its first pass is minutes away
	for key, days := range map[string]int{"short": 30, "long": 365} {
		if err := first.SetRetention(t.Context(), engine.RetentionCommand{Definition: key, Days: days, Actor: "anna", Reason: "the law"}); err != nil {
			t.Fatal(err)
		}
	}
	n, more, err := first.Expired(t.Context(), "chain", 90)
	if err != nil || n < 700+600-1+10 || more {
		t.Errorf("%d of chain would be removed, %v, %v", n, more, err)
	}
	first.Stop()
	e, _ := in.engine(config), in.engine(config) // two: one leads

	eventually(t, 30*time.Second, "a day went as a whole", func() bool { return in.partitions(whole) == 0 })
	eventually(t, 30*time.Second, "what is over of other days went", func() bool {
		return in.left("chain-"+livesOn.Format("0102")) == 1 && in.left("chain-"+mixed.Format("0102"))+in.left("short-") == 0 &&
			in.partitions(midnight(97))+in.partitions(midnight(96)) == 0
	})
	passed := e.Retained().Passed
	eventually(t, 30*time.Second, "another pass found nothing", func() bool {
		return in.count(`SELECT count(*) FROM tombstone`) == 1 && !e.Retained().Passed.Before(passed)
	})
	for what, want := range map[string]int{
		"chain-" + livesOn.Format("0102"): 1, "long-" + mixed.Format("0102"): 10, "chain-" + young.Format("0102"): 10, "chain-" + kept.Format("0102"): 10,
		"chain-" + soon.Format("0102"):         23,
		"chain-" + midnight(99).Format("0102"): 1, "long-" + midnight(98).Format("0102"): 1, "short-": 0,
	} {
		if n := in.left(what); n != want {
			t.Errorf("%d of %s are left, not %d", n, what, want)
		}
	}
	for day, want := range map[time.Time]int{whole: 0, livesOn: 6, mixed: 6, young: 6, kept: 6, midnight(99): 6} {
		if n := in.partitions(day); n != want {
			t.Errorf("%d partitions of %s are left", n, day.Format(time.DateOnly))
		}
	}
	if n := in.count(`SELECT count(*) FROM idempotency_key k WHERE NOT EXISTS (SELECT 1 FROM process p WHERE p.id = k.process_id) AND key <> 'stone-kept'`); n != 0 {
		t.Errorf("%d keys outlived their processes", n)
	}
	if n := in.count(`SELECT count(*) FROM scope s WHERE NOT EXISTS (SELECT 1 FROM process p WHERE p.id = s.process_id)`); n != 0 {
		t.Errorf("%d histories outlived their processes", n)
	}
	removed := 730 + 599 + 10 + 10 + 1 + 1 + 1
	slices.Sort(granter.ids)
	if n := in.count(`SELECT sum((detail->>'n')::int) FROM audit WHERE action = 'retention.remove'`); n != removed || len(slices.Compact(granter.ids)) != removed {
		t.Errorf("%d removals are recorded, %d processes lost their files; %d were removed", n, len(granter.ids), removed)
	}
	if n := in.count(`SELECT sum(n) FROM (SELECT name, n FROM counter UNION ALL SELECT name, n FROM counter_delta) AS x WHERE name LIKE 'removed\_%'`); n != removed {
		t.Errorf("%d are counted as removed", n)
	}

	// A worker answers for a process whose day is gone; others run on.
	if err := in.rdb.XAdd(t.Context(), addReport(in, wire.Shard(late), `{"v":1,"k":"completed","p":"`+late+`","t":"`+late+`","e":1,"a":1}`)).Err(); err != nil {
		t.Fatal(err)
	}
	in.worker("w1", "test", 4, echo)
	in.waitState(e, in.start(e, engine.StartCommand{DefinitionKey: "chain"}), "completed", 20*time.Second)
	eventually(t, 10*time.Second, "the late answer is taken off its stream", func() bool {
		return in.rdb.XLen(t.Context(), in.keys.Results(wire.Shard(late))).Val() == 0
	})
	if _, err := e.Process(t.Context(), late); !fault.Is(err, fault.NotFound) {
		t.Errorf("a removed process: %v", err)
	}
	in.exec(`UPDATE process SET parent_id = NULL, root_id = NULL, parent_task = NULL, depth = 0`)
	in.checkInvariants(t)
}

// TestRetentionFindsItsDaysInEveryOrder makes PostgreSQL look at the names of all relations before it asks whose partitions they are.
func TestRetentionFindsItsDaysInEveryOrder(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(3))
	in.exec(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_nestloop = off', current_database()); END $$`)
	in.past("chain", midnights()(200), 1)
	in.db.Reset()
	in.engine(func(c *engine.Config) { c.RetainEvery = 50 * time.Millisecond })
	eventually(t, 20*time.Second, "the process is removed", func() bool { return in.left("chain-") == 0 })
}

// A cleaner of the predecessor died when it lost its lock.
func TestDefect_ACleanerThatLostItsLockGoesOn(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(3))
	in.exec(`INSERT INTO leader_lease (name, owner, fence, expires_at) VALUES ('retention', 'thief', 7, now() + interval '3 seconds')`)
	midnight := midnights()
	in.past("chain", midnight(200), 50)
	e := in.engine(func(c *engine.Config) { c.RetainEvery = 50 * time.Millisecond })
	eventually(t, 10*time.Second, "the day is dropped once the lock is free", func() bool { return in.partitions(midnight(200)) == 0 })
	if !e.Leads("retention") {
		t.Error("nobody leads")
	}
	in.exec(`UPDATE leader_lease SET owner = 'thief', fence = fence + 1, expires_at = now() + interval '4 seconds' WHERE name = 'retention'`)
	eventually(t, 4*time.Second, "the engine knows that it leads no more", func() bool { return !e.Leads("retention") })
	in.past("chain", midnight(190), 50)
	if n := in.left("chain-"); n != 50 {
		t.Errorf("%d are left: somebody removed without the lock", n)
	}
	eventually(t, 10*time.Second, "it leads again and removes", func() bool { return in.left("chain-") == 0 && in.partitions(midnight(190)) == 0 })
	in.checkInvariants(t)
}

func TestRetentionsAreSetWithinReason(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	e := in.engine()
	for _, c := range []struct {
		cmd  engine.RetentionCommand
		kind fault.Kind
		code string
	}{
		{engine.RetentionCommand{Definition: "chain", Days: -1, Reason: "x"}, fault.Invalid, "retention.days"},
		{engine.RetentionCommand{Definition: "chain", Days: 36501, Reason: "x"}, fault.Invalid, "retention.days"},
		{engine.RetentionCommand{Definition: "chain", Days: 7, Reason: " "}, fault.Invalid, "retention.reason_missing"},
		{engine.RetentionCommand{Definition: "none", Days: 7, Reason: "x"}, fault.NotFound, "definition.unknown"},
	} {
		wantFault(t, e.SetRetention(t.Context(), c.cmd), c.kind, c.code)
	}
	_, err := e.Retention(t.Context(), "none")
	wantFault(t, err, fault.NotFound, "definition.unknown")
	_, _, err = e.Expired(t.Context(), "chain", 0)
	wantFault(t, err, fault.Invalid, "retention.days")
	if v, err := e.Retention(t.Context(), "chain"); err != nil || v.Days != 90 || v.Own || v.At != nil {
		t.Errorf("by default %+v, %v", v, err)
	}
	if err := e.SetRetention(t.Context(), engine.RetentionCommand{Definition: "chain", Days: 7, Actor: "anna", Reason: "the law"}); err != nil {
		t.Fatal(err)
	}
	if v, err := e.Retention(t.Context(), "chain"); err != nil || v.Days != 7 || !v.Own || v.Default != 90 || v.Author != "anna" || v.Reason != "the law" || v.At == nil {
		t.Errorf("own %+v, %v", v, err)
	}
	if err := e.SetRetention(t.Context(), engine.RetentionCommand{Definition: "chain", Actor: "anna", Reason: "as all"}); err != nil {
		t.Fatal(err)
	}
	if v, err := e.Retention(t.Context(), "chain"); err != nil || v.Days != 90 || v.Own {
		t.Errorf("as all %+v, %v", v, err)
	}
}

// TestTheDefaultRetentionIsChangedWhileTheServersRun shortens the default, and sees what that removes: first in the preview, then done.
func TestTheDefaultRetentionIsChangedWhileTheServersRun(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	ago := midnights()(50)
	for _, key := range []string{"chain", "long"} {
		in.versions.publish(key, chain(3))
		in.past(key, ago, 7)
	}
	e := in.engine(func(c *engine.Config) { c.RetainEvery = 50 * time.Millisecond })
	set := func(definition string, days int) {
		t.Helper()
		if err := e.SetRetention(t.Context(), engine.RetentionCommand{Definition: definition, Days: days, Actor: "anna", Reason: "the law"}); err != nil {
			t.Fatal(err)
		}
	}
	set("long", 365)
	if n, more, err := e.Expired(t.Context(), "", 40); err != nil || n != 7 || more {
		t.Errorf("%d would be removed, %v, %v; wanted those of the default alone", n, more, err)
	}
	eventually(t, 20*time.Second, "a pass that removed nothing", func() bool {
		all, err := e.Retentions(t.Context())
		return err == nil && all.LastPass != nil && all.LastPass.Processes == 0 && all.Default.Days == engine.DefaultRetention && !all.Default.Own
	})
	if n := in.count(`SELECT count(*) FROM process`); n != 14 {
		t.Fatalf("%d processes are left", n)
	}
	set("", 40)
	eventually(t, 20*time.Second, "what is over went", func() bool { return in.left("chain-") == 0 })
	all, err := e.Retentions(t.Context())
	if err != nil || all.Default.Days != 40 || !all.Default.Own || all.Default.Author != "anna" || len(all.Own) != 1 || all.Own[0].Days != 365 || all.Own[0].Default != 40 {
		t.Errorf("retentions %+v, %v", all, err)
	}
	eventually(t, 20*time.Second, "the removal is counted", func() bool {
		counts, err := e.Counts(t.Context())
		return err == nil && slices.ContainsFunc(counts, func(c engine.DefinitionCount) bool {
			return c.Definition == "chain" && c.RemovedCompleted == 7 && c.Removed() == 7 && c.Completed == 0
		})
	})
	if in.left("long-") != 7 {
		t.Error("a definition with a retention of its own follows the default")
	}
	set("", 0)
	if all, err := e.Retentions(t.Context()); err != nil || all.Default.Own || all.Default.Days != engine.DefaultRetention {
		t.Errorf("retentions %+v, %v", all, err)
	}
}

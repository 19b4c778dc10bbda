package live

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

var first, second = processNumber(1), processNumber(2)

func watch(id, process string) httpapi.LiveRequest {
	return httpapi.LiveRequest{Type: "subscribe", ID: id, Topic: "process", ProcessID: process}
}

func resume(id, process string, seq int64) httpapi.LiveRequest {
	request := watch(id, process)
	request.After = map[string]int64{process: seq}
	return request
}

func TestSnapshotThenBatches(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.source.change(first, task(1, "running"), task(2, "queued"))
	v := h.open("ann")
	v.say(watch("s1", first))
	snapshot := v.expect("snapshot", "s1")
	if snapshot.Seq != 1 || snapshot.states()[task(2, "").ID] != "queued" || len(snapshot.Tasks) != 2 {
		t.Fatalf("the snapshot is %+v", snapshot)
	}
	h.poke([]Poke{h.source.change(first, task(2, "running")), h.source.change(second, task(9, "running"))})
	batch := v.expect("batch", "s1")
	if batch.Seq != 2 || len(batch.Tasks) != 1 || batch.states()[task(2, "").ID] != "running" {
		t.Errorf("the batch is %+v", batch)
	}
}

func TestARestartBringsASnapshot(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.source.change(first, task(1, "completed"), task(2, "running"))
	v := h.open("ann")
	v.say(watch("s1", first))
	v.expect("snapshot", "s1")
	h.poke([]Poke{h.source.restart(first)})
	snapshot := v.expect("snapshot", "s1")
	if snapshot.Seq != 2 || len(snapshot.Tasks) != 2 {
		t.Errorf("the snapshot is %+v", snapshot)
	}
	h.poke([]Poke{h.source.change(first, task(2, "completed"))})
	if batch := v.expect("batch", "s1"); batch.Seq != 3 || len(batch.Tasks) != 1 {
		t.Errorf("the batch is %+v", batch)
	}
}

func TestLastStateWins(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.Tick = 100 * time.Millisecond })
	h.source.change(first, task(1, "queued"))
	v := h.open("ann")
	v.say(watch("s1", first))
	v.expect("snapshot", "s1")
	began := time.Now()
	for _, state := range []string{"running", "retrying", "queued", "running", "completed"} {
		h.poke([]Poke{h.source.change(first, task(1, state))})
	}
	seq, batches := int64(0), 0
	for seq < 6 {
		batch := v.expect("batch", "s1")
		seq = batch.Seq
		batches++
		if seq == 6 && (len(batch.Tasks) != 1 || batch.states()[task(1, "").ID] != "completed") {
			t.Errorf("the last batch is %+v", batch)
		}
	}
	if most := 1 + int(time.Since(began)/(100*time.Millisecond)); batches > most+1 {
		t.Errorf("%d batches came in %s", batches, time.Since(began))
	}
}

func TestResumeBringsWhatWasMissed(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.source.change(first, task(1, "completed"))
	h.source.change(first, task(2, "queued"))
	h.source.change(first, task(2, "completed"), task(3, "queued"))
	v := h.open("ann")
	v.say(resume("s1", first, 1))
	batch := v.expect("batch", "s1")
	if batch.Seq != 3 || len(batch.Tasks) != 2 || batch.states()[task(2, "").ID] != "completed" {
		t.Errorf("the batch is %+v", batch)
	}
	v.say(resume("s2", first, 3))
	if upToDate := v.expect("batch", "s2"); upToDate.Seq != 3 || len(upToDate.Tasks) != 0 {
		t.Errorf("who has everything got %+v", upToDate)
	}
}

func TestResumeOfWhatIsTooOldOrUnknownIsASnapshot(t *testing.T) {
	t.Parallel()
	h := serve(t)
	for range eventsAtOnce + 2 {
		h.source.change(first, task(1, "running"))
	}
	v := h.open("ann")
	v.say(resume("s1", first, 1))
	if snapshot := v.expect("snapshot", "s1"); snapshot.Seq != eventsAtOnce+2 {
		t.Errorf("the snapshot is at %d", snapshot.Seq)
	}
	v.say(resume("s2", first, 1<<40))
	v.expect("snapshot", "s2")
}

func TestLostPokeShowsLate(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.Pokes, c.CompareAll = nil, 10*time.Millisecond })
	h.source.change(first, task(1, "running"))
	h.source.change(second, task(1, "running"))
	v := h.open("ann")
	v.say(watch("s1", first))
	v.expect("snapshot", "s1")
	h.source.change(first, task(1, "completed"))
	if batch := v.expect("batch", "s1"); batch.Seq != 2 || batch.states()[task(1, "").ID] != "completed" {
		t.Errorf("the batch is %+v", batch)
	}
	v.say(httpapi.LiveRequest{Type: "unsubscribe", ID: "s1"})
	v.say(httpapi.LiveRequest{Type: "subscribe", ID: "l1", Topic: "processes", IDs: []string{second}})
	v.expect("rows", "l1")
	h.source.change(second, task(1, "completed"))
	if rows := v.expect("rows", "l1"); len(rows.Items) != 1 {
		t.Errorf("the rows are %+v", rows)
	}
}

func TestReasonToWaitIsNews(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.CompareAll = 10 * time.Millisecond })
	h.source.change(first, task(1, "queued"), task(2, "completed"))
	v := h.open("ann")
	v.say(watch("s1", first))
	v.expect("snapshot", "s1")
	h.source.say(first, task(1, "").ID, "task.no_worker")
	batch := v.expect("batch", "s1")
	if batch.Seq != 1 || len(batch.Tasks) != 1 || batch.Tasks[0].Why == nil || batch.Tasks[0].Why.Code != "task.no_worker" {
		t.Errorf("the batch is %+v", batch)
	}
	if extra, err := v.read(100 * time.Millisecond); err == nil {
		t.Errorf("the same reason was told again: %+v", extra)
	}
}

func TestSourceThatWasAwayIsAskedAgain(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.source.change(first, task(1, "queued"))
	v := h.open("ann")
	v.say(watch("s1", first))
	v.expect("snapshot", "s1")
	h.source.breakDown(true)
	h.poke([]Poke{h.source.change(first, task(1, "completed"))})
	for h.source.readsOf("events") == 0 {
		runtime.Gosched()
	}
	h.source.breakDown(false)
	if batch := v.expect("batch", "s1"); batch.Seq != 2 {
		t.Errorf("the batch is at %d", batch.Seq)
	}
}

func TestRowsOfAList(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.source.change(first)
	h.source.change(second)
	v := h.open("ann")
	v.say(httpapi.LiveRequest{Type: "subscribe", ID: "l1", Topic: "processes", IDs: []string{first, second, processNumber(3)}})
	if rows := v.expect("rows", "l1"); len(rows.Items) != 2 {
		t.Errorf("the list starts with %d rows", len(rows.Items))
	}
	h.poke([]Poke{h.source.change(second)})
	if rows := v.expect("rows", "l1"); len(rows.Items) != 1 || !strings.Contains(string(rows.Items[0]), second) {
		t.Errorf("the list was sent %s", rows.Items)
	}
	v.say(httpapi.LiveRequest{Type: "subscribe", ID: "l1", Topic: "processes", IDs: []string{first}})
	if rows := v.expect("rows", "l1"); len(rows.Items) != 1 || !strings.Contains(string(rows.Items[0]), first) {
		t.Errorf("the replaced list starts with %s", rows.Items)
	}
	v.say(httpapi.LiveRequest{Type: "subscribe", ID: "l2", Topic: "processes"})
	v.expect("rows", "l2")
}

func TestPoolsAreSentWhenTheyChange(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.CompareAll = 10 * time.Millisecond })
	h.source.setPools(httpapi.Pool{Pool: "documents", Queued: 1})
	v := h.open("worker-reader")
	v.say(watch("s1", first))
	if refused := v.expect("error", "s1"); refused.Code != "access.denied" {
		t.Errorf("refused with %s", refused.Code)
	}
	v.say(httpapi.LiveRequest{Type: "subscribe", ID: "w1", Topic: "workers"})
	v.expect("pools", "w1")
	if extra, err := v.read(60 * time.Millisecond); err == nil {
		t.Fatalf("unchanged pools were sent: %+v", extra)
	}
}

func TestChangedPoolsAreSent(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.CompareAll = 10 * time.Millisecond })
	h.source.setPools(httpapi.Pool{Pool: "documents", Queued: 1})
	v := h.open("ann")
	v.say(httpapi.LiveRequest{Type: "subscribe", ID: "w1", Topic: "workers"})
	v.expect("pools", "w1")
	h.source.setPools(httpapi.Pool{Pool: "documents", Queued: 2})
	if pools := v.expect("pools", "w1"); !strings.Contains(string(pools.Items[0]), `"queued":2`) {
		t.Errorf("got %s", pools.Items)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.Subscriptions = 2 })
	h.source.change(first)
	v := h.open("ann")
	many := make([]string, rowsAtOnce+1)
	for i := range many {
		many[i] = processNumber(i)
	}
	for _, test := range []struct {
		raw, code string
		request   httpapi.LiveRequest
	}{
		{raw: `{`, code: "live.malformed"},
		{raw: `{"type":"subscribe","id":"a","id":"b"}`, code: "live.malformed"},
		{raw: `{"type":"subscribe","colour":"red"}`, code: "live.malformed"},
		{raw: `{"type":"shout"}`, code: "live.unknown_type"},
		{request: httpapi.LiveRequest{Type: "subscribe", Topic: "process", ProcessID: first}, code: "live.id_required"},
		{request: httpapi.LiveRequest{Type: "subscribe", ID: "s", Topic: "everything"}, code: "live.unknown_topic"},
		{request: watch("s", "no-id"), code: "process.not_found"},
		{request: watch("s", processNumber(77)), code: "process.not_found"},
		{request: httpapi.LiveRequest{Type: "subscribe", ID: "s", Topic: "processes", IDs: many}, code: "live.too_many_rows"},
	} {
		if test.raw != "" {
			if err := v.conn.WriteMessage(textMessage, []byte(test.raw)); err != nil {
				t.Fatal(err)
			}
		} else {
			v.say(test.request)
		}
		if got := v.next(); got.Type != "error" || got.Code != test.code {
			t.Errorf("%s%v answered %s %s, want %s", test.raw, test.request, got.Type, got.Code, test.code)
		}
	}
	for _, id := range []string{"a", "b"} {
		v.say(watch(id, first))
		v.expect("snapshot", id)
	}
	v.say(watch("c", first))
	if got := v.expect("error", "c"); got.Code != "live.too_many_subscriptions" {
		t.Errorf("refused with %s", got.Code)
	}
	v.say(httpapi.LiveRequest{Type: "ping"})
	v.expect("pong", "")
}

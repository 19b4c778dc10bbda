package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
)

// resting keeps a calendar in which the days so many days after the given one, and no others, are not worked.
func (in *installation) resting(key string, today time.Time, days ...int) {
	in.t.Helper()
	holidays := make([]string, len(days))
	for i, day := range days {
		holidays[i] = `{"date":"` + today.AddDate(0, 0, day).Format(time.DateOnly) + `"}`
	}
	if _, err := in.db.Exec(in.t.Context(), `INSERT INTO calendar (key, title, days) VALUES ($1, $1, $2)
		ON CONFLICT (key) DO UPDATE SET days = excluded.days, revision = calendar.revision + 1`, key, `{"zone":"`+today.Location().String()+`","weekend":[],"holidays":[`+strings.Join(holidays, ",")+`]}`); err != nil {
		in.t.Fatal(err)
	}
}

// daytime is a zone in which no midnight is near, so that a test of days may take its time.
func daytime(t *testing.T) *time.Location {
	t.Helper()
	name := "UTC"
	if hour := time.Now().UTC().Hour(); hour < 6 || hour >= 18 {
		name = "Etc/GMT-12" // half a day ahead
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestWorkingDaysAreCountedInACalendar(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	days := func(value, calendar string) *graph.Timer {
		return &graph.Timer{Kind: graph.TimerWorkingDays, Value: value, Calendar: calendar, At: "18:00"}
	}
	in.versions.publish("terms", drawing([]graph.Node{
		{ID: "ask", Kind: graph.KindUserTask, Title: "Ask", User: &graph.UserTask{Due: days("=input.days", "office"), Escalate: days("1", ""), EscalateTo: []string{"chiefs"}}},
		{ID: "late", Kind: graph.KindBoundaryEvent, Title: "Late", Boundary: &graph.BoundaryEvent{On: "ask", Kind: graph.BoundaryTimer, KeepsRunning: true, Timer: days("3", "office")}},
		{ID: "pause", Kind: graph.KindTimerEvent, Title: "Pause", Timer: days("1", "office")}, step("remind"), ending("done"),
	}, "start > ask > pause > done", "late > remind > done"))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	zone := daytime(t)
	year, month, day := time.Now().In(zone).Date()
	today := time.Date(year, month, day, 0, 0, 0, 0, zone)
	at := func(day int) time.Time { return today.AddDate(0, 0, day).Add(18 * time.Hour) }
	due := func(process, kind string) time.Time {
		t.Helper()
		var due time.Time
		if err := in.db.QueryRow(t.Context(), `SELECT due_at FROM timer WHERE process_id = $1 AND kind = $2`, process, kind).Scan(&due); err != nil {
			t.Fatalf("timer %s: %v", kind, err)
		}
		return due.UTC()
	}
	offered := func(process string) time.Time {
		t.Helper()
		var due time.Time
		if err := in.db.QueryRow(t.Context(), `SELECT due_at FROM user_task WHERE process_id = $1`, process).Scan(&due); err != nil {
			t.Fatal(err)
		}
		return due.UTC()
	}

	in.resting("office", today, 1)
	first := in.start(e, engine.StartCommand{DefinitionKey: "terms", Input: obj(`{"days":2}`)})
	if got := due(first, "wait:late"); !got.Equal(at(4)) {
		t.Errorf("the reminder comes at %s, want %s", got, at(4))
	}
	if got := offered(first); !got.Equal(at(3)) {
		t.Errorf("the task is due at %s, want %s", got, at(3))
	}

	in.resting("office", today, 1, 2, 3)
	second := in.start(e, engine.StartCommand{DefinitionKey: "terms", Input: obj(`{"days":2}`)})
	if got := due(second, "wait:late"); !got.Equal(at(6)) {
		t.Errorf("after the change a reminder comes at %s, want %s", got, at(6))
	}
	if got := due(first, "wait:late"); !got.Equal(at(4)) {
		t.Errorf("the change moved a timer that was set, to %s", got)
	}
	if err := e.Complete(t.Context(), engine.Person{Name: "ann", All: true}, engine.TaskCommand{OpCommand: in.op(first, ""), TaskID: in.onlyTask(e, first, "ask").ID, Output: obj(`{}`)}); err != nil {
		t.Fatal(err)
	}
	if got := due(first, "wait:pause"); !got.Equal(at(4)) {
		t.Errorf("a timer that is set after the change comes at %s, want %s", got, at(4))
	}

	if _, err := in.db.Exec(t.Context(), `DELETE FROM calendar WHERE key = 'office'`); err != nil {
		t.Fatal(err)
	}
	third := in.start(e, engine.StartCommand{DefinitionKey: "terms", Input: obj(`{"days":2}`)})
	in.waitState(e, third, "incident", 10*time.Second)
	if why := in.onlyTask(e, third, "ask").Error; why == nil || !strings.Contains(why.Message, `there is no calendar "office"`) {
		t.Errorf("the incident says %+v", why)
	}
	in.resting("office", today, 1)
	if err := e.Retry(t.Context(), engine.TaskCommand{OpCommand: in.op(third, "it is back"), TaskID: in.onlyTask(e, third, "ask").ID}); err != nil {
		t.Fatal(err)
	}
	in.waitState(e, third, "running", 10*time.Second)
	if got := offered(third); !got.Equal(at(3)) {
		t.Errorf("the task is due at %s, want %s", got, at(3))
	}
	for _, bad := range []string{`{"days":1.5}`, `{"days":-1}`, `{"days":"soon"}`, `{}`} {
		broken := in.start(e, engine.StartCommand{DefinitionKey: "terms", Input: obj(bad)})
		in.waitState(e, broken, "incident", 10*time.Second)
		if why := in.onlyTask(e, broken, "ask").Error; why == nil || why.Code != "flow.expression" {
			t.Errorf("%s: the incident says %+v", bad, why)
		}
	}
}

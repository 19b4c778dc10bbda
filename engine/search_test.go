package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// A search by customId ignored the state filter.
func TestDefect_CombinedFiltersAreANDed(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	in.versions.publish("other", chain(1))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	ended := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "doc-1"})
	in.waitState(e, ended, "completed", 10*time.Second)
	cancelled := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "doc-1", StartAt: ptr(time.Now().Add(time.Hour))})
	if err := e.Cancel(t.Context(), engine.OpCommand{ProcessID: cancelled, Actor: "a"}); err != nil {
		t.Fatal(err)
	}
	scheduled := in.start(e, engine.StartCommand{DefinitionKey: "other", CustomID: "doc-1", StartAt: ptr(time.Now().Add(time.Hour))})
	odd := in.start(e, engine.StartCommand{DefinitionKey: "other", CustomID: `do%_\x`, StartAt: ptr(time.Now().Add(time.Hour))})
	// The time filter read minutes as seconds.
	minute, soon := time.Now().Add(-time.Minute), time.Now().Add(time.Minute)
	for name, c := range map[string]struct {
		filter engine.Filter
		want   []string
	}{
		"customId":                   {engine.Filter{CustomID: "doc-1"}, []string{scheduled, cancelled, ended}},
		"customId and state":         {engine.Filter{CustomID: "doc-1", States: []string{"completed"}}, []string{ended}},
		"customId and two states":    {engine.Filter{CustomID: "doc-1", States: []string{"completed", "scheduled"}}, []string{scheduled, ended}},
		"prefix":                     {engine.Filter{CustomIDPrefix: "doc"}, []string{scheduled, cancelled, ended}},
		"prefix is text":             {engine.Filter{CustomIDPrefix: `do%_\`}, []string{odd}},
		"prefix with wildcard":       {engine.Filter{CustomIDPrefix: `d%`}, nil},
		"customId and definition":    {engine.Filter{CustomID: "doc-1", Definition: "other"}, []string{scheduled}},
		"all of them, no match":      {engine.Filter{CustomID: "doc-1", Definition: "other", States: []string{"completed"}}, nil},
		"worker":                     {engine.Filter{Worker: "w1"}, []string{ended}},
		"worker and state":           {engine.Filter{Worker: "w1", States: []string{"cancelled"}}, nil},
		"time":                       {engine.Filter{StartedFrom: &minute, CustomID: "doc-1"}, []string{scheduled, cancelled, ended}},
		"earlier":                    {engine.Filter{StartedTo: &minute}, nil},
		"until soon":                 {engine.Filter{StartedTo: &soon, CustomID: "doc-1"}, []string{scheduled, cancelled, ended}},
		"ids":                        {engine.Filter{IDs: []string{ended}, CustomID: "doc-1"}, []string{ended}},
		"version that does not exit": {engine.Filter{CustomID: "doc-1", Version: 2}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rows, _, err := e.Search(t.Context(), c.filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				got = append(got, r.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	var all []string
	cursor := ""
	for range 10 {
		rows, next, err := e.Search(t.Context(), engine.Filter{Limit: 1, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			all = append(all, r.ID)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if !slices.Equal(all, []string{odd, scheduled, cancelled, ended}) {
		t.Errorf("pages %v", all)
	}
	_, _, err := e.Search(t.Context(), engine.Filter{States: []string{"broken"}})
	wantFault(t, err, fault.Invalid, "list.state_unknown")
	in.checkInvariants(t)
}

// A filter for the last minutes looked at the last seconds.
func TestDefect_MinutesCount(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	in.waitState(e, id, "completed", 10*time.Second)
	// As if it had been started ten minutes ago.
	if _, err := in.db.Exec(t.Context(), `UPDATE process SET created_at = created_at - interval '10 minutes', started_at = started_at - interval '10 minutes', ended_at = ended_at - interval '10 minutes'`); err != nil {
		t.Fatal(err)
	}
	for minutes, want := range map[int]int{1: 0, 9: 0, 11: 1, 60: 1} {
		from := time.Now().Add(-time.Duration(minutes) * time.Minute)
		rows, _, err := e.Search(t.Context(), engine.Filter{StartedFrom: &from})
		if err != nil || len(rows) != want {
			t.Errorf("of the last %d minutes: %d processes, %v", minutes, len(rows), err)
		}
	}
}

// What was not in the server's memory could not be found.
func TestDefect_EverythingStoredIsFound(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	in.worker("w1", "test", 4, echo)
	first := in.engine(func(c *engine.Config) { c.CachedProcess = 1 })
	ids := map[string]bool{}
	for i := range 50 {
		ids[in.start(first, engine.StartCommand{DefinitionKey: "chain", CustomID: fmt.Sprintf("doc-%d", i)})] = true
	}
	for id := range ids {
		in.waitState(first, id, "completed", 20*time.Second)
	}
	first.Stop()
	second := in.engine() // knows nothing but what is stored
	rows, _, err := second.Search(t.Context(), engine.Filter{CustomIDPrefix: "doc-", States: []string{"completed"}, Limit: 100})
	if err != nil || len(rows) != len(ids) {
		t.Fatalf("%d of %d found, %v", len(rows), len(ids), err)
	}
	for _, r := range rows {
		if v, err := second.Process(t.Context(), r.ID); err != nil || !ids[v.ID] {
			t.Errorf("process %s: %+v, %v", r.ID, v, err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestStartAtWaitsAndThenStarts(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	due := time.Now().Add(1500 * time.Millisecond)
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain", StartAt: &due})
	if s := in.state(e, id); s != "scheduled" {
		t.Fatalf("state %s", s)
	}
	in.waitState(e, id, "completed", 10*time.Second)
	v, err := e.Process(t.Context(), id)
	if err != nil || v.StartedAt == nil || v.StartedAt.Before(due.Add(-50*time.Millisecond)) || v.StartedAt.After(due.Add(time.Second)) {
		t.Errorf("started at %v, due %v, %v", v.StartedAt, due, err)
	}
	in.checkInvariants(t)
}

func TestBadStartsAreRefusedWithTheirReason(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	doc := chain(1)
	doc.Nodes[0].Start.InputSchema = obj(`{"type":"object","required":["kind"],"properties":{"kind":{"type":"string","enum":["sale","gift"]},"area":{"type":"number"}}}`)
	doc.Nodes[0].Start.SearchKeys = []string{"kind"}
	in.versions.publish("chain", doc)
	e := in.engine()
	for name, c := range map[string]struct {
		cmd  engine.StartCommand
		kind fault.Kind
		code string
	}{
		"unknown definition": {engine.StartCommand{DefinitionKey: "nope"}, fault.NotFound, ""},
		"unknown version":    {engine.StartCommand{DefinitionKey: "chain", Version: 9, Input: obj(`{"kind":"sale"}`)}, fault.NotFound, ""},
		"missing field":      {engine.StartCommand{DefinitionKey: "chain"}, fault.Invalid, "process.input_invalid"},
		"wrong type":         {engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"kind":"sale","area":"big"}`)}, fault.Invalid, "process.input_invalid"},
		"no object":          {engine.StartCommand{DefinitionKey: "chain", Input: obj(`[1]`)}, fault.Invalid, "process.input_invalid"},
		"no JSON":            {engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"kind":`)}, fault.Invalid, "process.input_invalid"},
		"NUL":                {engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"kind":"\u0000"}`)}, fault.Invalid, "process.input_invalid"},
		"too large":          {engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"kind":"` + strings.Repeat("x", 300<<10) + `"}`)}, fault.TooLarge, "process.input_too_large"},
		"priority":           {engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"kind":"sale"}`), Priority: 9}, fault.Invalid, "process.priority_invalid"},
		"files without room": {engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"kind":"sale"}`), Files: []engine.FileGrant{{SHA256: "x"}}}, fault.Invalid, "process.files_unsupported"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.StartProcess(t.Context(), c.cmd)
			wantFault(t, err, c.kind, c.code)
		})
	}
	if n := in.count(`SELECT count(*) FROM process`); n != 0 {
		t.Errorf("%d processes were started", n)
	}
	in.start(e, engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"kind":"sale"}`)})
	rows, _, err := e.Search(t.Context(), engine.Filter{SearchKey: map[string]string{"kind": "sa"}})
	if err != nil || len(rows) != 1 {
		t.Errorf("search key: %d rows, %v", len(rows), err)
	}
	if rows, _, err = e.Search(t.Context(), engine.Filter{SearchKey: map[string]string{"kind": "gift"}}); err != nil || len(rows) != 0 {
		t.Errorf("search key: %d rows, %v", len(rows), err)
	}
}

package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// drafts is one definition's draft in memory: whoever sits first edits; taking over waits for letting go.
type drafts struct {
	mu       sync.Mutex
	revision int64
	seats    []httpapi.LiveSeat
	sockets  map[string]string // tab → socket
	tended   []string
	broken   bool
}

func (d *drafts) change(seat Seat, do func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return errors.New("the database is away")
	}
	if seat.Definition != "check" {
		return fault.New(fault.NotFound, "definition.not_found", "There is no such definition.")
	}
	do()
	return nil
}

func (d *drafts) find(tab string) *httpapi.LiveSeat {
	for i := range d.seats {
		if d.seats[i].Tab == tab {
			return &d.seats[i]
		}
	}
	return &httpapi.LiveSeat{}
}

func (d *drafts) edited() bool {
	return slices.ContainsFunc(d.seats, func(s httpapi.LiveSeat) bool { return s.Editing })
}

func (d *drafts) Sit(_ context.Context, seat Seat, edit bool) error {
	return d.change(seat, func() {
		if d.find(seat.Tab).Tab == "" {
			d.seats = append(d.seats, httpapi.LiveSeat{Tab: seat.Tab, Login: seat.Login, Editing: edit && !d.edited()})
		}
		d.sockets[seat.Tab] = seat.Socket
	})
}

func (d *drafts) Leave(_ context.Context, seat Seat) error {
	return d.change(seat, func() {
		if d.sockets[seat.Tab] == seat.Socket {
			d.seats = slices.DeleteFunc(d.seats, func(s httpapi.LiveSeat) bool { return s.Tab == seat.Tab })
		}
	})
}

func (d *drafts) TakeOver(_ context.Context, seat Seat) error {
	return d.change(seat, func() { d.find(seat.Tab).Heir = true })
}

func (d *drafts) LetGo(_ context.Context, seat Seat) error {
	return d.change(seat, func() {
		for i := range d.seats {
			d.seats[i].Editing, d.seats[i].Heir = d.seats[i].Heir, false
		}
	})
}

func (d *drafts) Tend(_ context.Context, sockets []string) error {
	return d.change(Seat{Definition: "check"}, func() { d.tended = sockets })
}

func (d *drafts) Drafts(_ context.Context, _ []string) (map[string]httpapi.LiveDraft, error) {
	var draft httpapi.LiveDraft
	err := d.change(Seat{Definition: "check"}, func() {
		draft = httpapi.LiveDraft{Definition: "check", Revision: d.revision, Seats: slices.Clone(d.seats)}
	})
	return map[string]httpapi.LiveDraft{"check": draft}, err
}

func (d *drafts) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func serveDrafts(t *testing.T, change ...func(*Config)) (*harness, *drafts) {
	d := &drafts{revision: 1, sockets: map[string]string{}}
	return serve(t, append(change, func(c *Config) { c.Drafts = d })...), d
}

func sit(user string) httpapi.LiveRequest {
	return httpapi.LiveRequest{Type: "subscribe", ID: "d", Topic: "draft", Definition: "check", Tab: "tab-of-" + user, Edit: true}
}

// who is everybody in the order in which they came; * edits, ? waits for it.
func (m message) who() string {
	var all []string
	for _, seat := range m.Seats {
		all = append(all, seat.Login+map[bool]string{true: "*"}[seat.Editing]+map[bool]string{true: "?"}[seat.Heir])
	}
	return strings.Join(all, " ")
}

// sees waits for a message in which everybody is as told.
func (v *viewer) sees(want string) message {
	v.t.Helper()
	for {
		if m := v.expect("draft", "d"); m.who() == want {
			return m
		}
	}
}

func TestWhoHasADraftOpenIsSeenByAll(t *testing.T) {
	t.Parallel()
	h, d := serveDrafts(t)
	ann, bob := h.open("ann"), h.open("bob")
	ann.say(sit("ann"))
	ann.sees("ann*")
	bob.say(sit("bob"))
	bob.sees("ann* bob")
	ann.sees("ann* bob")

	bob.say(httpapi.LiveRequest{Type: "take_over", ID: "d"})
	ann.sees("ann* bob?")
	d.set(func() { d.revision = 2 })
	ann.say(httpapi.LiveRequest{Type: "let_go", ID: "d"})
	if m := bob.sees("ann bob*"); m.Type != "draft" {
		t.Errorf("bob sees %+v", m)
	}
	ann.say(httpapi.LiveRequest{Type: "unsubscribe", ID: "d"})
	bob.sees("bob*")
}

func TestASaveIsToldAtOnceAndWhatOtherServersDoWhenItIsLookedFor(t *testing.T) {
	t.Parallel()
	h, d := serveDrafts(t)
	ann := h.open("ann")
	ann.say(sit("ann"))
	ann.sees("ann*")
	d.set(func() { d.revision = 2 })
	h.hub.Saved("another")
	h.hub.Saved("check")
	ann.sees("ann*")
	d.set(func() { d.seats = append(d.seats, httpapi.LiveSeat{Tab: "tab-of-cem", Login: "cem"}) })
	if err := h.hub.compare(t.Context()); err != nil {
		t.Fatal(err)
	}
	ann.sees("ann* cem")
	d.set(func() {
		if len(d.tended) != 1 || d.tended[0] != d.sockets["tab-of-ann"] {
			t.Errorf("the seats of %v are kept", d.tended)
		}
		d.seats = nil // while this server slept, others took the tab for gone
	})
	h.hub.Saved("check")
	ann.sees("ann*")
}

func TestABrokenSocketLeavesNoSeatButAReloadKeepsIt(t *testing.T) {
	t.Parallel()
	h, d := serveDrafts(t)
	ann, bob := h.open("ann"), h.open("bob")
	ann.say(sit("ann"))
	ann.sees("ann*")
	_ = ann.conn.Close()
	bob.say(sit("bob"))
	bob.sees("ann* bob")
	again := h.open("ann")
	again.say(sit("ann"))
	again.sees("ann* bob")
	again.say(sit("ann")) // the same subscription anew: its seat stays
	again.sees("ann* bob")
	d.set(func() {
		if len(d.seats) != 2 {
			t.Errorf("seated are %+v", d.seats)
		}
	})
}

func TestWhatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	h, d := serveDrafts(t)
	d.set(func() { d.broken = true })
	ann := h.open("ann")
	ann.say(sit("ann"))
	ann.say(httpapi.LiveRequest{Type: "ping"})
	if m := ann.next(); m.Type != "pong" {
		t.Fatalf("got %+v", m)
	}
	d.set(func() { d.broken = false })
	ann.sees("ann*")
}

func TestWhoMayNotEditNeitherGetsNorTakesTheLock(t *testing.T) {
	t.Parallel()
	h, _ := serveDrafts(t)
	reader := h.open("reader")
	reader.say(sit("reader"))
	reader.sees("reader")
	reader.say(httpapi.LiveRequest{Type: "take_over", ID: "d"})
	if m := reader.expect("error", "d"); m.Code != "access.denied" {
		t.Errorf("refused with %s", m.Code)
	}
	refused := map[string]httpapi.LiveRequest{
		"live.unknown_subscription": {Type: "let_go", ID: "x"},
		"live.tab_required":         {Type: "subscribe", ID: "x", Topic: "draft", Definition: "check", Tab: "short"},
		"definition.not_found":      {Type: "subscribe", ID: "x", Topic: "draft", Definition: "nothing", Tab: "tab-of-reader"},
	}
	for code, request := range refused {
		reader.say(request)
		if m := reader.expect("error", "x"); m.Code != code {
			t.Errorf("refused with %s, want %s", m.Code, code)
		}
	}
	nobody := h.open("worker-reader")
	nobody.say(sit("nobody"))
	if m := nobody.expect("error", "d"); m.Code != "access.denied" {
		t.Errorf("refused with %s", m.Code)
	}
}

func TestAServerWithoutDraftsHasNoSuchTopic(t *testing.T) {
	t.Parallel()
	v := serve(t).open("ann")
	v.say(sit("ann"))
	if m := v.expect("error", "d"); m.Code != "definition.not_found" {
		t.Errorf("refused with %s", m.Code)
	}
}

func TestSeatsAreGivenBackByWhoLeftWhileBeingSeated(t *testing.T) {
	t.Parallel()
	h, d := serveDrafts(t, func(c *Config) { c.Tick = 20 * time.Millisecond })
	ann, bob := h.open("ann"), h.open("bob")
	for range 20 {
		ann.say(sit("ann"))
		ann.say(httpapi.LiveRequest{Type: "unsubscribe", ID: "d"})
	}
	bob.say(sit("bob"))
	for seen := ""; seen != "bob*" && seen != "bob"; {
		seen = bob.expect("draft", "d").who()
	}
	d.set(func() {
		if slices.ContainsFunc(d.seats, func(s httpapi.LiveSeat) bool { return s.Login == "ann" }) {
			t.Errorf("seated are %+v", d.seats)
		}
	})
}

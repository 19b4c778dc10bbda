package live

import (
	"strings"
	"testing"
	"time"
)

func TestSlowClientIsToldToAskAgain(t *testing.T) {
	t.Parallel()
	q := newQueue(3, 1000)
	slow, other := &subscription{id: "slow"}, &subscription{id: "other"}
	for i, push := range []struct {
		sub  *subscription
		data string
		kept bool
	}{{slow, "1", true}, {other, "2", true}, {slow, "3", true}, {slow, "4", false}, {nil, "pong", true}} {
		if kept := q.push(push.sub, []byte(push.data)); kept != push.kept {
			t.Fatalf("push %d kept %v", i, kept)
		}
	}
	var got []string
	for data, waits := q.pop(); waits; data, waits = q.pop() {
		got = append(got, string(data))
	}
	want := `2 {"type":"resync","id":"slow"} pong`
	if strings.Join(got, " ") != want {
		t.Errorf("the client reads %q, want %q", got, want)
	}
	if q.bytes != 0 {
		t.Errorf("%d bytes are counted in an empty queue", q.bytes)
	}
	if !q.push(slow, make([]byte, 5000)) {
		t.Error("a message that is large alone was refused by an empty queue")
	}
	if q.push(other, []byte("x")) {
		t.Error("a full queue took more")
	}
}

// TestOverflowEndsInAResync floods a client that does not read, then reads.
func TestOverflowEndsInAResync(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.Tick, c.QueueFrames, c.QueueBytes = time.Millisecond, 2, 1<<20 })
	large := task(1, "running")
	large.Title = strings.Repeat("x", 1<<20)
	h.source.change(first, large)
	v := h.open("ann")
	v.say(watch("s1", first))
	v.expect("snapshot", "s1")
	for range 400 { // more than the socket's buffers and the queue hold
		events := h.source.readsOf("events")
		h.poke([]Poke{h.source.change(first, large)})
		for deadline := time.Now().Add(time.Second); h.source.readsOf("events") == events && time.Now().Before(deadline); {
			if h.count() == 0 {
				break
			}
		}
		if h.count() == 0 {
			break
		}
	}
	for {
		m := v.next()
		if m.Type == "resync" && m.ID == "s1" {
			break
		}
		if m.Type != "batch" {
			t.Fatalf("got %s", m.Type)
		}
	}
	v.say(watch("s1", first))
	v.expect("snapshot", "s1")
}

// count returns how many processes are looked at.
func (h *harness) count() int {
	h.hub.mu.Lock()
	defer h.hub.mu.Unlock()
	return len(h.hub.feeds)
}

func TestStopClosesSocketsAndRefusesNewOnes(t *testing.T) {
	t.Parallel()
	h := serve(t)
	h.source.change(first)
	v := h.open("ann")
	v.say(watch("s1", first))
	v.expect("snapshot", "s1")
	h.hub.Stop()
	h.hub.Stop()
	if code := v.closed(); code != closeGoingAway {
		t.Errorf("closed with %d", code)
	}
	if h.count() != 0 {
		t.Error("a subscription outlived its socket")
	}
}

func TestEndedSessionClosesTheSocket(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.CheckEvery = 5 * time.Millisecond })
	v := h.open("ann")
	h.revoked.Store(true)
	if code := v.closed(); code != closeSessionEnded {
		t.Errorf("closed with %d", code)
	}
}

func TestTooManySocketsOfOneUser(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.SocketsEach = 1 })
	h.open("ann")
	h.open("bob")
	conn := h.dial("ann")
	if code := conn.closed(); code != closeTryLater {
		t.Errorf("closed with %d", code)
	}
}

func TestSilentSocketIsClosed(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) { c.PingEvery = 20 * time.Millisecond })
	v := h.open("ann")
	v.conn.SetPingHandler(func(string) error { return nil }) // never answers
	if _, err := v.read(10 * time.Second); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a dumb socket was kept: %v", err)
	}
}

func TestFloodAndLargeMessagesEndTheSocket(t *testing.T) {
	t.Parallel()
	h := serve(t)
	flood := h.open("ann")
	go func() {
		for range 10 * messagesBurst {
			if flood.conn.WriteMessage(textMessage, []byte(`{"type":"ping"}`)) != nil {
				return
			}
		}
	}()
	answers := 0
	for { // the close message may be lost: the server does not read what the flood still sends
		if _, err := flood.read(10 * time.Second); err != nil {
			if strings.Contains(err.Error(), "timeout") {
				t.Errorf("a flood was let through: %v", err)
			}
			break
		}
		answers++
	}
	if answers > 2*messagesBurst {
		t.Errorf("a flood got %d answers", answers)
	}
	large := h.open("bob")
	if err := large.conn.WriteMessage(textMessage, make([]byte, requestLimit+1)); err != nil {
		t.Fatal(err)
	}
	if _, err := large.read(10 * time.Second); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a message too large was read: %v", err)
	}
}

func TestPanicEndsTheSocketOnly(t *testing.T) {
	t.Parallel()
	h := serve(t)
	v := h.open("ann")
	h.anyClient().guard(func() { panic("sEcrEt") })
	if code := v.closed(); code != closeTryLater {
		t.Errorf("closed with %d", code)
	}
	h.open("bob")
}

func (h *harness) anyClient() *client {
	h.hub.mu.Lock()
	defer h.hub.mu.Unlock()
	for c := range h.hub.clients {
		return c
	}
	h.t.Fatal("nobody is connected")
	return nil
}

// TestEachClientReadsItsOwn opens and closes sockets at once: no message of one user may reach another.
func TestEachClientReadsItsOwn(t *testing.T) {
	t.Parallel()
	h := serve(t)
	for i := range 20 {
		h.source.change(processNumber(i), task(i, "running"))
	}
	done := make(chan struct{})
	for i := range 20 {
		go func() {
			defer func() { done <- struct{}{} }()
			for round := range 5 {
				v := h.dial(processNumber(i))
				if hello, err := v.read(10 * time.Second); err != nil || hello.Type != "hello" {
					t.Errorf("hello: %v", err)
					return
				}
				if err := v.conn.WriteJSON(watch("s", processNumber(i))); err != nil {
					t.Error(err)
					return
				}
				m, err := v.read(10 * time.Second)
				if err != nil || m.Process.ID != processNumber(i) {
					t.Errorf("viewer %d round %d read %s: %v", i, round, m.Process.ID, err)
				}
				_ = v.conn.Close()
			}
		}()
	}
	for range 20 {
		<-done
	}
}

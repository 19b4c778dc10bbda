package live

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp keeps the date of its answers for the life of the process
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		// its pool of workers notices the end of its server within 10 s
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// harness is a hub behind a real port.
type harness struct {
	t       *testing.T
	source  *history
	hub     *Hub
	url     string
	poke    func([]Poke)
	revoked atomic.Bool
}

func serve(t *testing.T, change ...func(*Config)) *harness {
	t.Helper()
	h := &harness{t: t, source: newHistory()}
	config := Config{
		Source: h.source, Pokes: h.source, Server: "s1", Version: "test", Log: slog.New(slog.DiscardHandler),
		Tick: 5 * time.Millisecond, CompareAll: time.Hour, CheckEvery: time.Hour, PingEvery: time.Hour,
	}
	for _, c := range change {
		c(&config)
	}
	hub, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	h.hub = hub
	if err := hub.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	if config.Pokes != nil {
		h.poke = <-h.source.heard
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true})
	app.Get("/live", func(c *fiber.Ctx) error {
		user := c.Query("user", "ann")
		who := httpapi.Identity{UserID: user, Login: user, Permissions: []httpapi.Permission{
			httpapi.PermProcessRead, httpapi.PermWorkerRead, httpapi.PermDefinitionRead, httpapi.PermDefinitionEdit,
		}}
		if user == "worker-reader" {
			who.Permissions = []httpapi.Permission{httpapi.PermWorkerRead}
		}
		if user == "reader" {
			who.Permissions = []httpapi.Permission{httpapi.PermDefinitionRead}
		}
		c.Locals(httpapi.LiveLocal, &httpapi.LiveSession{Identity: who, Check: func(context.Context) (httpapi.Identity, error) {
			if h.revoked.Load() {
				return httpapi.Identity{}, &httpapi.Problem{Status: http.StatusUnauthorized}
			}
			return who, nil
		}})
		return c.Next()
	}, hub.Handler())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = app.Listener(listener)
	}()
	h.url = "ws://" + listener.Addr().String() + "/live"
	t.Cleanup(func() {
		hub.Stop()
		_ = app.ShutdownWithTimeout(time.Second)
		_ = listener.Close()
		<-served
	})
	return h
}

// viewer is a browser.
type viewer struct {
	t    *testing.T
	conn *websocket.Conn
}

func (h *harness) open(user string) *viewer {
	h.t.Helper()
	v := h.dial(user)
	if hello := v.next(); hello.Type != "hello" {
		h.t.Fatalf("the first message is %q", hello.Type)
	}
	return v
}

func (h *harness) dial(user string) *viewer {
	h.t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial(h.url+"?user="+user, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = response.Body.Close()
	h.t.Cleanup(func() { _ = conn.Close() })
	return &viewer{h.t, conn}
}

// message is any message of the server.
type message struct {
	Type    string          `json:"type"`
	ID      string          `json:"id"`
	Seq     int64           `json:"seq"`
	Code    string          `json:"code"`
	Process httpapi.Process `json:"process"`
	Tasks   []httpapi.TaskSummary
	Items   []json.RawMessage
	Seats   []httpapi.LiveSeat
}

func (m message) states() map[string]string {
	states := map[string]string{}
	for _, task := range m.Tasks {
		states[task.ID] = task.State
	}
	return states
}

func (v *viewer) say(request httpapi.LiveRequest) {
	v.t.Helper()
	if err := v.conn.WriteJSON(request); err != nil {
		v.t.Fatal(err)
	}
}

func (v *viewer) next() message {
	v.t.Helper()
	m, err := v.read(10 * time.Second)
	if err != nil {
		v.t.Fatalf("no message: %v", err)
	}
	return m
}

func (v *viewer) read(within time.Duration) (message, error) {
	if err := v.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return message{}, err
	}
	_, raw, err := v.conn.ReadMessage()
	if err != nil {
		return message{}, err
	}
	var m message
	return m, json.Unmarshal(raw, &m)
}

func (v *viewer) expect(kind, id string) message {
	v.t.Helper()
	m := v.next()
	if m.Type != kind || m.ID != id {
		v.t.Fatalf("got %s %q (seq %d, code %s), want %s %q", m.Type, m.ID, m.Seq, m.Code, kind, id)
	}
	return m
}

// closed waits for the close code.
func (v *viewer) closed() int {
	v.t.Helper()
	for {
		_, err := v.read(10 * time.Second)
		var ended *websocket.CloseError
		if errors.As(err, &ended) {
			return ended.Code
		}
		if err != nil {
			v.t.Fatalf("not closed: %v", err)
		}
	}
}

func task(id int, state string) httpapi.TaskSummary {
	return httpapi.TaskSummary{ID: processNumber(1000 + id), State: state}
}

package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// socket is a websocket connection. One goroutine reads it and one writes it; control messages and Close may come from any.
type socket interface {
	ReadMessage() (kind int, data []byte, err error)
	WriteMessage(kind int, data []byte) error
	WriteControl(kind int, data []byte, deadline time.Time) error
	SetReadLimit(limit int64)
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	SetPongHandler(h func(data string) error)
	Close() error
}

// The values of RFC 6455 that the hub uses.
const (
	textMessage       = 1
	closeMessage      = 8
	pingMessage       = 9
	closeGoingAway    = 1001
	closePolicy       = 1008
	closeTryLater     = 1013
	closeSessionEnded = 4401 // of the product
)

// client is one open socket.
type client struct {
	hub     *Hub
	socket  socket
	session *httpapi.LiveSession
	log     *slog.Logger
	out     *queue
	done    chan struct{}
	end     sync.Once

	subs map[string]*subscription // guarded by hub.mu

	allowance float64 // of messages, guarded by the reader being one
	refilled  time.Time
}

// subscription is one thing that a client watches. Which of the members below the line are used depends on the topic.
type subscription struct {
	client *client
	id     string
	topic  string
	over   bool // guarded by hub.mu

	process string // topic process
	seq     int64  // what the client has; below 0 it needs a snapshot. Of the refresher alone.
	greeted bool   // it was answered at all. Of the refresher alone.

	ids   []string // topic processes
	fresh bool     // all is to be sent; guarded by hub.mu

	seat      Seat // topic draft
	edit      bool
	seated    bool // guarded by hub.mu, like those below
	gone      bool // its seat was or will be given back
	takesOver bool
	letsGo    bool
}

const (
	messagesPerSecond = 20
	messagesBurst     = 100
)

// serve runs a socket until it ends. It returns only when nothing uses the socket any more: the library reuses it.
func (h *Hub) serve(s socket, session *httpapi.LiveSession) {
	c := &client{
		hub: h, socket: s, session: session, out: newQueue(h.config.QueueFrames, h.config.QueueBytes), done: make(chan struct{}),
		subs: map[string]*subscription{}, allowance: messagesBurst, refilled: time.Now(),
		log: h.config.Log.With("request_id", session.RequestID, "actor", session.Identity.Login),
	}
	if code, reason := h.join(c); code != 0 {
		closing, _ := closeFrame(code, reason)
		_ = s.WriteControl(closeMessage, closing, time.Now().Add(writeTimeout)) // it is refused either way
		return
	}
	var group sync.WaitGroup
	defer func() {
		c.stop(0, "")
		group.Wait()
		h.leave(c)
	}()
	group.Go(func() { c.guard(c.write) })
	group.Go(func() { c.guard(c.watchSession) })
	c.guard(c.read)
}

// guard keeps a panic from ending the process: the library's goroutine has no recovery.
func (c *client) guard(run func()) {
	defer func() {
		if failure := recover(); failure != nil {
			c.log.Error("live socket panicked", "error", fmt.Sprint(failure), "stack", string(debug.Stack()))
			c.stop(closeTryLater, "internal error")
		}
	}()
	run()
}

// stop ends the socket, with a close message when there is a code. What it interrupts returns by itself.
func (c *client) stop(code int, reason string) {
	c.end.Do(func() {
		close(c.done)
		c.out.close()
		if frame, ok := closeFrame(code, reason); ok {
			_ = c.socket.WriteControl(closeMessage, frame, time.Now().Add(time.Second)) // a courtesy
		}
		_ = c.socket.Close()
	})
}

func closeFrame(code int, reason string) ([]byte, bool) {
	if code == 0 {
		return nil, false
	}
	return append([]byte{byte(code >> 8), byte(code)}, reason...), true
}

func (c *client) read() {
	silence := 3 * c.hub.config.PingEvery
	extend := func() error { return c.socket.SetReadDeadline(time.Now().Add(silence)) }
	c.socket.SetReadLimit(requestLimit)
	c.socket.SetPongHandler(func(string) error { return extend() })
	for {
		if extend() != nil {
			return
		}
		kind, data, err := c.socket.ReadMessage()
		if err != nil {
			return
		}
		if kind != textMessage || !c.allowed() {
			c.stop(closePolicy, "too many messages, or not text")
			return
		}
		c.handle(data)
	}
}

// allowed bounds how fast a client may ask.
func (c *client) allowed() bool {
	now := time.Now()
	c.allowance = min(messagesBurst, c.allowance+now.Sub(c.refilled).Seconds()*messagesPerSecond)
	c.refilled = now
	c.allowance--
	return c.allowance >= 0
}

func (c *client) write() {
	ping := time.NewTicker(c.hub.config.PingEvery)
	defer ping.Stop()
	defer c.stop(0, "")
	for {
		select {
		case <-c.done:
			return
		case <-ping.C:
			if c.socket.WriteControl(pingMessage, nil, time.Now().Add(writeTimeout)) != nil {
				return
			}
		case <-c.out.ready:
			for data, waits := c.out.pop(); waits; data, waits = c.out.pop() {
				if c.socket.SetWriteDeadline(time.Now().Add(writeTimeout)) != nil || c.socket.WriteMessage(textMessage, data) != nil {
					return
				}
			}
		}
	}
}

// watchSession closes the socket of who signed out, was disabled or lost the right to look.
func (c *client) watchSession() {
	ticker := time.NewTicker(c.hub.config.CheckEvery)
	defer ticker.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-ticker.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), checkDeadline)
		_, err := c.session.Check(ctx)
		cancel()
		var refused *httpapi.Problem
		if errors.As(err, &refused) || fault.Is(err, fault.Unauthorized) || fault.Is(err, fault.Forbidden) {
			c.stop(closeSessionEnded, "session ended")
			return
		}
	}
}

func (c *client) send(sub *subscription, message any) bool {
	data, err := json.Marshal(message)
	if err != nil {
		c.log.Error("live message not encoded", "error", err)
		return true
	}
	return c.out.push(sub, data)
}

func (c *client) refuse(id, code, message string) {
	c.send(nil, httpapi.LiveError{Type: "error", ID: id, Code: code, Message: message})
}

var (
	processRule    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	definitionRule = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	tabRule        = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)
)

func (c *client) handle(data []byte) {
	var request httpapi.LiveRequest
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if httpapi.CheckJSON(data) != nil || decoder.Decode(&request) != nil {
		c.refuse("", "live.malformed", "This is not a message of the live feed.")
		return
	}
	switch request.Type {
	case "ping":
		c.send(nil, httpapi.LivePong{Type: "pong"})
	case "unsubscribe":
		c.hub.unsubscribe(c, request.ID)
	case "subscribe":
		c.subscribe(request)
	case "take_over", "let_go":
		c.hub.change(c, request.ID, request.Type == "take_over")
	default:
		c.refuse(request.ID, "live.unknown_type", "There is no such message.")
	}
}

func (c *client) subscribe(request httpapi.LiveRequest) {
	if request.ID == "" || len(request.ID) > 64 {
		c.refuse("", "live.id_required", "A subscription needs an id of at most 64 bytes.")
		return
	}
	sub := &subscription{client: c, id: request.ID, topic: request.Topic}
	needs := httpapi.PermProcessRead
	switch request.Topic {
	case "process":
		if !processRule.MatchString(request.ProcessID) {
			c.refuse(request.ID, "process.not_found", "There is no such process.")
			return
		}
		sub.process, sub.seq = request.ProcessID, -1
		if after, known := request.After[request.ProcessID]; known && after >= 0 {
			sub.seq = after
		}
	case "processes":
		if len(request.IDs) > rowsAtOnce {
			c.refuse(request.ID, "live.too_many_rows", fmt.Sprintf("At most %d rows can be watched at once.", rowsAtOnce))
			return
		}
		for _, id := range request.IDs {
			if !processRule.MatchString(id) {
				c.refuse(request.ID, "process.not_found", "There is no such process.")
				return
			}
		}
		sub.ids, sub.fresh = request.IDs, true
	case "workers":
		needs = httpapi.PermWorkerRead
		sub.fresh = true
	case "draft":
		needs = httpapi.PermDefinitionRead
		if !definitionRule.MatchString(request.Definition) || c.hub.config.Drafts == nil {
			c.refuse(request.ID, "definition.not_found", "There is no such definition.")
			return
		}
		if !tabRule.MatchString(request.Tab) {
			c.refuse(request.ID, "live.tab_required", "A tab is named by 8 to 64 letters, digits and hyphens.")
			return
		}
		who := c.session.Identity
		sub.fresh, sub.edit = true, request.Edit && who.May(httpapi.PermDefinitionEdit)
		sub.seat = Seat{Definition: request.Definition, Tab: request.Tab, Socket: uuid.NewString(), Login: who.Login, Name: who.Name}
	default:
		c.refuse(request.ID, "live.unknown_topic", "There is no such topic.")
		return
	}
	if !c.session.Identity.May(needs) {
		c.refuse(request.ID, "access.denied", "You may not do this.")
		return
	}
	if !c.hub.subscribe(sub) {
		c.refuse(request.ID, "live.too_many_subscriptions", "This socket watches too much already.")
	}
}

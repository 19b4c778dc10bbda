package httpapi

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// connections knows which connections are open and how many answers are under way. The transport itself takes a connection
// that has not said anything yet for a busy one, and browsers open such ones in advance: a stop would wait for them.
type connections struct {
	answers atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]struct{}
}

// watch follows an app's connections; it is called before the app listens.
func (c *connections) watch(app *fiber.App) {
	c.open = map[net.Conn]struct{}{}
	app.Server().ConnState = func(conn net.Conn, state fasthttp.ConnState) {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch state {
		case fasthttp.StateNew:
			c.open[conn] = struct{}{}
		case fasthttp.StateClosed, fasthttp.StateHijacked: // a socket is the live hub's from then on
			delete(c.open, conn)
		}
	}
}

const (
	idleLook = 50 * time.Millisecond
	idleFor  = 3 // looks in a row: what was just answered is being written
)

// waitIdle returns once no answer is under way, or when ctx ends.
func (c *connections) waitIdle(ctx context.Context) {
	ticker := time.NewTicker(idleLook)
	defer ticker.Stop()
	for looks := 0; looks < idleFor; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		looks++
		if c.answers.Load() > 0 {
			looks = 0
		}
	}
}

func (c *connections) closeAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.open {
		_ = conn.Close()
	}
}

// counted is a body that is an answer under way until it is closed.
type counted struct {
	io.ReadCloser
	answers *atomic.Int64
	once    sync.Once
}

func (c *connections) count(body io.ReadCloser) io.ReadCloser {
	c.answers.Add(1)
	return &counted{ReadCloser: body, answers: &c.answers}
}

func (c *counted) Close() error {
	c.once.Do(func() { c.answers.Add(-1) })
	return c.ReadCloser.Close()
}

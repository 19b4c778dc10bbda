// Package cabletest gives tests a connection that can be pulled and mended, to see what happens while Redis is away. It
// imports only the standard library.
package cabletest

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Cable passes TCP connections on to a target.
type Cable struct {
	Dials atomic.Int64 // connections that were tried

	listener net.Listener
	target   string
	mu       sync.Mutex
	pulled   bool
	open     []net.Conn
}

// Plug returns a cable to target (host:port) that ends with the test.
func Plug(t testing.TB, target string) *Cable {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	c := &Cable{listener: listener, target: target}
	go c.run()
	t.Cleanup(func() { _ = listener.Close(); c.Pull() })
	return c
}

// Addr is where to connect instead of to the target.
func (c *Cable) Addr() string { return c.listener.Addr().String() }

// Pull ends all connections and refuses new ones.
func (c *Cable) Pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulled = true
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}

// Mend lets connections through again.
func (c *Cable) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulled = false
}

func (c *Cable) run() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		c.Dials.Add(1)
		c.connect(near)
	}
}

func (c *Cable) connect(near net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pulled {
		_ = near.Close()
		return
	}
	far, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", c.target)
	if err != nil {
		_ = near.Close()
		return
	}
	c.open = append(c.open, near, far)
	go pump(near, far)
	go pump(far, near)
}

func pump(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}

package live

import (
	"net"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/websocket/v2"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// Handler upgrades a request and serves the socket. Origin and caller were checked by server/httpapi, which hands the
// session over as a local.
func (h *Hub) Handler() fiber.Handler {
	upgrade := websocket.New(func(pooled *websocket.Conn) {
		session, known := pooled.Locals(httpapi.LiveLocal).(*httpapi.LiveSession)
		if !known {
			return
		}
		// The wrapper goes back to a pool when this function returns and may then be another user's: only the connection
		// inside is used, and serve returns when nobody uses that any more.
		h.serve(connection{pooled.Conn, pooled.Conn}, session)
	}, websocket.Config{ReadBufferSize: 4 << 10, WriteBufferSize: 16 << 10})
	return func(c *fiber.Ctx) error {
		if _, known := c.Locals(httpapi.LiveLocal).(*httpapi.LiveSession); !known {
			return fiber.ErrUnauthorized
		}
		return upgrade(c)
	}
}

// connection closes for real: the transport's own Close of an upgraded connection does nothing, and a reader would never
// learn of it.
type connection struct {
	socket
	inside interface{ UnderlyingConn() net.Conn }
}

func (c connection) Close() error {
	if hijacked, is := c.inside.UnderlyingConn().(interface{ UnsafeConn() net.Conn }); is {
		return hijacked.UnsafeConn().Close()
	}
	return c.socket.Close()
}

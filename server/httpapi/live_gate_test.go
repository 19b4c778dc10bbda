package httpapi

import (
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// TestOnlyTheOwnPageOpensALiveSocket: a websocket is no fetch, no browser rule keeps another site's page from opening one
// with this user's cookie.
func TestOnlyTheOwnPageOpensALiveSocket(t *testing.T) {
	t.Parallel()
	h := serve(t, func(c *Config) {
		c.Live = func(c *fiber.Ctx) error {
			session, known := c.Locals(LiveLocal).(*LiveSession)
			if !known || session.Identity.Login != "ann" {
				return fiber.ErrTeapot
			}
			if _, err := session.Check(c.UserContext()); err != nil {
				return err
			}
			return c.SendString("let in")
		}
	})
	own := h.url
	tests := []struct {
		name    string
		origin  string
		session string
		token   string
		status  int
		code    string
	}{
		{name: "the own page with its session", origin: own, session: "all", status: http.StatusOK},
		{name: "a program with a token", token: "only:process.read", status: http.StatusOK},
		{name: "who may see only workers", origin: own, session: "only:worker.read", status: http.StatusOK},
		{name: "another site's page with this user's cookie", origin: "http://evil.example", session: "all", status: http.StatusForbidden, code: "request.origin"},
		{name: "another port of this host", origin: "http://127.0.0.1:1", session: "all", status: http.StatusForbidden, code: "request.origin"},
		{name: "a cookie without an origin", session: "all", status: http.StatusForbidden, code: "request.origin"},
		{name: "nobody", origin: own, status: http.StatusUnauthorized, code: "session.required"},
		{name: "an unknown session", origin: own, session: "stolen", status: http.StatusUnauthorized, code: "token.unknown"},
		{name: "who may see nothing of it", origin: own, session: "only:audit.read", status: http.StatusForbidden, code: "access.denied"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			here := *h
			here.t = t
			headers := map[string]string{"Upgrade": "websocket", "Connection": "Upgrade"}
			if test.origin != "" {
				headers["Origin"] = test.origin
			}
			here.expect(request{path: "/api/v1/live", token: test.token, session: test.session, headers: headers}, test.status, test.code)
		})
	}
	h.expect(request{path: "/api/v1/live", token: "all"}, http.StatusUpgradeRequired, "live.upgrade_required")
}

package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// LiveSession is who opened a live socket. It is handed to the socket's handler as the fiber local LiveLocal.
type LiveSession struct {
	Identity  Identity
	RequestID string
	// Check asks again who this is; an error means that the session or token ended, or the permissions are gone.
	Check func(ctx context.Context) (Identity, error)
}

// LiveLocal is the name of the fiber local that holds a *LiveSession.
const LiveLocal = "live_session"

// live lets a socket in: its origin was checked, here its caller is. The handler behind knows nothing of cookies.
func (s *Server) live(c *fiber.Ctx) error {
	if s.config.Live == nil {
		return newProblem(http.StatusNotFound, "live.absent", "This server has no live feed.")
	}
	if !strings.EqualFold(c.Get(fiber.HeaderUpgrade), "websocket") {
		return newProblem(http.StatusUpgradeRequired, "live.upgrade_required", "This is a websocket.")
	}
	authorization, session := c.Get(fiber.HeaderAuthorization), c.Cookies(SessionCookie)
	check := func(ctx context.Context) (Identity, error) {
		who, err := s.api.identify(ctx, authorization, session)
		if err == nil && !who.May(PermProcessRead) && !who.May(PermWorkerRead) {
			err = newProblem(http.StatusForbidden, "access.denied", "You may not do this.")
		}
		return who, err
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), s.config.RequestTimeout)
	defer cancel()
	who, err := check(ctx)
	if err != nil {
		return err
	}
	c.Locals(LiveLocal, &LiveSession{Identity: who, RequestID: requestID(c.UserContext()), Check: check})
	return s.config.Live(c)
}

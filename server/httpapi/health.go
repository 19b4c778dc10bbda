package httpapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Check is one thing that must answer for the server to be ready. Ping only asks; it writes and creates nothing.
type Check struct {
	Name string
	Ping func(ctx context.Context) error
}

const checkTimeout = 2 * time.Second

type health struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

// healthz says that the process serves requests; whether what it needs is there is readyz's.
func (s *Server) healthz(c *fiber.Ctx) error {
	return s.answerHealth(c, http.StatusOK, health{Status: "ok"})
}

func (s *Server) readyz(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), checkTimeout)
	defer cancel()
	answer := health{Status: "ok", Checks: map[string]string{}}
	status := http.StatusOK
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, check := range s.config.Checks {
		group.Go(func() {
			err := check.Ping(ctx)
			mu.Lock()
			defer mu.Unlock()
			answer.Checks[check.Name] = "ok"
			if err != nil {
				s.config.Log.Warn("readiness check failed", "check", check.Name, "error", err)
				answer.Checks[check.Name] = "unavailable"
				answer.Status = "unavailable"
				status = http.StatusServiceUnavailable
			}
		})
	}
	group.Wait()
	return s.answerHealth(c, status, answer)
}

func (s *Server) answerHealth(c *fiber.Ctx, status int, answer health) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Status(status)
	return jsonFormat.Marshal(c, answer)
}

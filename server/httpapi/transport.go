package httpapi

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
)

// The policy of the app's pages. Only styles may be inline: the component kit sets them so.
const pagePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

var requestIDRule = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// enter is around every request: its id, headers of the answer, its panic, its log line and its measure.
func (s *Server) enter(c *fiber.Ctx) (err error) {
	began := time.Now()
	id := c.Get("X-Request-Id")
	if !requestIDRule.MatchString(id) {
		id = uuid.Must(uuid.NewV7()).String()
	}
	request := &call{id: id, log: s.config.Log, remote: s.remote(c)}
	c.SetUserContext(withCall(c.UserContext(), request))
	c.Set("X-Request-Id", id)
	s.setHeaders(c)
	s.conns.answers.Add(1)
	defer s.conns.answers.Add(-1)
	defer func() {
		if failure := recover(); failure != nil {
			s.config.Log.Error("request panicked", "request_id", id, "error", fmt.Sprint(failure), "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
		if err != nil {
			_ = answerError(c, err) // writes into memory
			err = nil
		}
		s.finishBody(c)
		s.measure(c, time.Since(began))
	}()
	return c.Next()
}

func (s *Server) setHeaders(c *fiber.Ctx) {
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("X-Frame-Options", "DENY")
	c.Set("Referrer-Policy", "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	c.Set("Content-Security-Policy", pagePolicy)
	if s.config.SecureCookie {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if strings.HasPrefix(c.Path(), "/api/") {
		c.Set("Cache-Control", "no-store")
	}
}

// checkHost refuses names that this server is not called by: a page of another site may point its own name here.
func (s *Server) checkHost(c *fiber.Ctx) error {
	if path := c.Path(); path == "/healthz" || path == "/readyz" {
		return c.Next() // probes use addresses, and learn nothing
	}
	host := c.Get(fiber.HeaderHost)
	if slices.ContainsFunc(s.config.Hosts, func(allowed string) bool { return sameHost(allowed, host) }) {
		return c.Next()
	}
	return newProblem(http.StatusMisdirectedRequest, "request.host", "This server is not called so. Its operator can allow the name.")
}

// sameHost compares host names; an allowed name without a port stands for every port.
func sameHost(allowed, host string) bool {
	if strings.EqualFold(allowed, host) {
		return true
	}
	colon := strings.LastIndexByte(host, ':')
	if colon < 0 || strings.HasSuffix(host, "]") {
		return false
	}
	if _, err := strconv.ParseUint(host[colon+1:], 10, 16); err != nil {
		return false
	}
	return strings.EqualFold(allowed, host[:colon])
}

// checkBody refuses compressed bodies: their size says nothing about what comes out of them.
func (s *Server) checkBody(c *fiber.Ctx) error {
	encoding := c.Get(fiber.HeaderContentEncoding)
	if encoding != "" && !strings.EqualFold(encoding, "identity") {
		return newProblem(http.StatusUnsupportedMediaType, "request.encoding", "Send the body without Content-Encoding.")
	}
	return c.Next()
}

// checkOrigin refuses unsafe requests that another site's page sends with this user's cookie. Browsers always tell the
// origin; a client without a cookie has nothing that could be misused.
func (s *Server) checkOrigin(c *fiber.Ctx) error {
	switch c.Method() {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		if c.Get(fiber.HeaderUpgrade) == "" {
			return c.Next()
		}
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		if c.Cookies(SessionCookie) != "" && c.Get(fiber.HeaderAuthorization) == "" {
			return newProblem(http.StatusForbidden, "request.origin", "A request with a session cookie must tell its Origin.")
		}
		return c.Next()
	}
	if s.ownOrigin(origin, c.Get(fiber.HeaderHost)) {
		return c.Next()
	}
	return newProblem(http.StatusForbidden, "request.origin", "Requests of this origin are not accepted.")
}

func (s *Server) ownOrigin(origin, host string) bool {
	if slices.Contains(s.config.Origins, origin) {
		return true
	}
	parsed, err := url.Parse(origin)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return false
	}
	if s.config.SecureCookie && parsed.Scheme != "https" {
		return false
	}
	return strings.EqualFold(parsed.Host, host)
}

// finishBody reads what a handler left of the body: the connection's next request would begin with it. What is too much, or
// has no known end, costs the connection.
func (s *Server) finishBody(c *fiber.Ctx) {
	body := c.Request().BodyStream()
	if body == nil || c.Context().Hijacked() {
		return
	}
	length := c.Request().Header.ContentLength()
	if length < 0 {
		c.Response().SetConnectionClose()
		return
	}
	if length <= maxDrain {
		if _, err := io.Copy(io.Discard, body); err == nil {
			return
		}
	} else {
		drain(body)
	}
	c.Response().SetConnectionClose()
}

// answerError is fiber's error handler too: nothing but problems leaves the server, and no text that was not meant to.
func answerError(c *fiber.Ctx, err error) error {
	var p *Problem
	var routed *fiber.Error
	switch {
	case errors.As(err, &routed):
		p = newProblem(routed.Code, "", http.StatusText(routed.Code))
	default:
		p = problemOf(err)
	}
	answer := *p
	answer.RequestID = requestID(c.UserContext())
	c.Status(answer.Status)
	for name, values := range answer.GetHeaders() {
		c.Set(name, values[0])
	}
	c.Response().Header.Del(fiber.HeaderContentDisposition)
	c.Set(fiber.HeaderContentType, answer.ContentType(""))
	return jsonFormat.Marshal(c, &answer)
}

// unknownOperation answers what no operation matched.
func (s *Server) unknownOperation(c *fiber.Ctx) error {
	path := strings.TrimPrefix(strings.TrimSuffix(c.Path(), "/"), Base)
	var allowed []string
	for _, op := range s.api.operations {
		if pathMatches(op.path, path) {
			allowed = append(allowed, op.method)
		}
	}
	if len(allowed) == 0 {
		return newProblem(http.StatusNotFound, "request.not_found", "There is no such resource.")
	}
	c.Set(fiber.HeaderAllow, strings.Join(allowed, ", "))
	return newProblem(http.StatusMethodNotAllowed, "request.method", "This resource knows "+strings.Join(allowed, ", ")+".")
}

func pathMatches(template, path string) bool {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(w, h string) bool { return w == h || (strings.HasPrefix(w, "{") && h != "") })
}

// measure logs and counts a finished request.
func (s *Server) measure(c *fiber.Ctx, took time.Duration) {
	route := c.Route().Path
	status := c.Response().StatusCode()
	s.requests.WithLabelValues(c.Method(), route, strconv.Itoa(status)).Observe(took.Seconds())
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	s.config.Log.Log(c.UserContext(), level, "request answered", "request_id", requestID(c.UserContext()), "method", c.Method(),
		"route", route, "status", status, "duration_ms", float64(took.Microseconds())/1000)
}

// stream hands a body to the transport, which reads it after the handler returned, and closes it.
func stream(answer huma.Context, body io.Reader, size int64) {
	c := humafiber.Unwrap(answer)
	c.Context().SetBodyStream(body, int(size))
}

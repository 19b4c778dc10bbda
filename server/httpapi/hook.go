package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/taskurotta/taskurotta-go/fault"
)

// hookMaxBody bounds what a webhook is sent: with what comes along it must fit into a process input.
const hookMaxBody = 240 << 10

// hook takes a request of another system that starts a process. It is no operation of the API: who may call it is the webhook's matter,
// and its body is checked as it came.
func (s *Server) hook(c *fiber.Ctx) error {
	body, err := hookBody(c)
	if err != nil {
		return err
	}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return newProblem(http.StatusBadRequest, "request.query", "The query can't be read.")
	}
	request := WebhookRequest{
		Definition: c.Params("definition"), Node: c.Params("node"), Path: c.Params("path"), Headers: map[string]string{}, Query: query, Body: body, Remote: s.remote(c),
	}
	for name, values := range c.GetReqHeaders() {
		request.Headers[textproto.CanonicalMIMEHeaderKey(name)] = strings.Join(values, ",")
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), s.config.RequestTimeout)
	defer cancel()
	started, err := s.config.Webhooks.Call(ctx, request)
	if err != nil {
		return s.refuseHook(ctx, err)
	}
	c.Set("Cache-Control", "no-store")
	c.Set(fiber.HeaderContentType, "application/json")
	c.Status(http.StatusAccepted)
	return jsonFormat.Marshal(c, started)
}

// refuseHook says a refusal in the words of HTTP: a media type that is not read has a status of its own.
func (s *Server) refuseHook(ctx context.Context, err error) error {
	p := s.api.refusal(ctx, err)
	switch p.Code {
	case "webhook.media_type":
		p.Status, p.Title = http.StatusUnsupportedMediaType, http.StatusText(http.StatusUnsupportedMediaType)
	case "webhook.body":
		p.Status, p.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
	}
	return p
}

// unknownHook answers what is no POST to a webhook; a web page is not what other systems look for.
func (s *Server) unknownHook(c *fiber.Ctx) error {
	if c.Method() != http.MethodPost {
		c.Set(fiber.HeaderAllow, http.MethodPost)
		return newProblem(http.StatusMethodNotAllowed, "request.method", "Webhooks know POST.")
	}
	return newProblem(http.StatusNotFound, "webhook.unknown", "There is no such webhook.")
}

// hookBody reads the body within its bound and 10 seconds.
func hookBody(c *fiber.Ctx) ([]byte, error) {
	tooLarge := fault.Newf(fault.TooLarge, "request.too_large", "The body is larger than %d bytes.", hookMaxBody)
	if length, err := strconv.ParseInt(c.Get(fiber.HeaderContentLength), 10, 64); err == nil && length > hookMaxBody {
		return nil, tooLarge
	}
	source := c.Context().RequestBodyStream()
	if source == nil {
		return bytes.Clone(c.Body()), nil
	}
	if conn := c.Context().Conn(); conn != nil {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // the transport sets its own for the next request
	}
	body, err := io.ReadAll(io.LimitReader(source, hookMaxBody+1))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, newProblem(http.StatusBadRequest, "request.body", "The body can't be read.")
	case len(body) > hookMaxBody:
		return nil, tooLarge
	}
	return body, nil
}

package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Problem is every refusal of the API (RFC 9457) with a stable code.
type Problem struct {
	Type      string  `json:"type" example:"about:blank"`
	Title     string  `json:"title" doc:"The status in words"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail,omitempty" doc:"What is wrong, for people"`
	Code      string  `json:"code" example:"draft.conflict" doc:"Stable code"`
	RequestID string  `json:"request_id" doc:"Also in the server's log"`
	Issues    []Issue `json:"issues" doc:"Where it is wrong"`

	Params map[string]any `json:"params,omitempty" doc:"What a translated message needs"`

	Revision int64 `json:"current_revision,omitempty" doc:"Of a draft.conflict: the revision that is stored"`

	retryAfter time.Duration
}

// Issue points at one place in what was sent.
type Issue struct {
	Path     string         `json:"path,omitempty" doc:"JSON pointer into the body, or query.name, header.name, path.name"`
	Code     string         `json:"code"`
	Message  string         `json:"message"`
	Severity string         `json:"severity,omitempty" enum:"error,warning" doc:"Absent means error"`
	Node     string         `json:"node,omitempty" doc:"Node id of a graph document"`
	Edge     string         `json:"edge,omitempty" doc:"Edge id of a graph document"`
	Params   map[string]any `json:"params,omitempty" doc:"What a translated message needs"`
}

// Error returns the code and the detail.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem details.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders returns Retry-After when it makes sense to try again.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter <= 0 {
		return nil
	}
	return http.Header{"Retry-After": {retryAfterSeconds(p.retryAfter)}}
}

func retryAfterSeconds(after time.Duration) string {
	return strconv.Itoa(max(1, int((after+time.Second-1)/time.Second)))
}

// statusOf is the one table from kinds of error to HTTP statuses.
var statusOf = map[fault.Kind]int{
	fault.Invalid:            http.StatusUnprocessableEntity,
	fault.NotFound:           http.StatusNotFound,
	fault.Conflict:           http.StatusConflict,
	fault.PreconditionFailed: http.StatusPreconditionFailed,
	fault.Unauthorized:       http.StatusUnauthorized,
	fault.Forbidden:          http.StatusForbidden,
	fault.TooLarge:           http.StatusRequestEntityTooLarge,
	fault.TooMany:            http.StatusTooManyRequests,
	fault.Unavailable:        http.StatusServiceUnavailable,
	fault.Internal:           http.StatusInternalServerError,
}

// codeOf names refusals that come from the transport, not from a fault.
var codeOf = map[int]string{
	http.StatusBadRequest:                  "request.malformed",
	http.StatusUnauthorized:                "session.required",
	http.StatusForbidden:                   "access.denied",
	http.StatusNotFound:                    "request.not_found",
	http.StatusMethodNotAllowed:            "request.method",
	http.StatusNotAcceptable:               "request.not_acceptable",
	http.StatusRequestTimeout:              "request.timeout",
	http.StatusRequestEntityTooLarge:       "request.too_large",
	http.StatusUnsupportedMediaType:        "request.media_type",
	http.StatusUnprocessableEntity:         "request.invalid",
	http.StatusRequestHeaderFieldsTooLarge: "request.headers_too_large",
	http.StatusServiceUnavailable:          "server.unavailable",
}

func newProblem(status int, code, detail string) *Problem {
	if code == "" {
		code = codeOf[status]
	}
	if code == "" {
		code = "server.error"
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Issues: []Issue{}}
}

// problemOf turns an error of a port into what the client may read. A text that nobody meant for clients stays in the log.
func problemOf(err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	found := fault.As(err)
	if found == nil {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			p := newProblem(http.StatusServiceUnavailable, "request.deadline", "The server could not answer in time.")
			p.retryAfter = time.Second
			return p
		}
		return newProblem(http.StatusInternalServerError, "server.error", "Something went wrong on the server.")
	}
	status, known := statusOf[found.Kind]
	if !known || status == http.StatusInternalServerError {
		return newProblem(http.StatusInternalServerError, "server.error", "Something went wrong on the server.")
	}
	p := newProblem(status, found.Code, found.Message)
	p.Params, p.retryAfter = found.Params, found.RetryAfter
	if found.Kind == fault.Unavailable && p.retryAfter == 0 {
		p.retryAfter = time.Second
	}
	for _, issue := range found.Issues {
		p.Issues = append(p.Issues, IssueOf(issue))
	}
	p.Revision = currentRevision(found)
	return p
}

// IssueOf maps an issue of the product's error vocabulary.
func IssueOf(issue fault.Issue) Issue {
	return Issue{Path: issue.Path, Code: issue.Code, Message: issue.Message, Severity: issue.Severity, Node: issue.Node, Edge: issue.Edge, Params: issue.Params}
}

// currentRevision finds the stored revision that a conflict of drafts names in its first issue.
func currentRevision(e *fault.Error) int64 {
	if e.Kind != fault.PreconditionFailed || len(e.Issues) == 0 {
		return 0
	}
	for _, name := range []string{"current_revision", "revision", "current"} {
		switch n := e.Issues[0].Params[name].(type) {
		case int64:
			return n
		case int:
			return int64(n)
		}
	}
	return 0
}

// huma has its settings in process-wide variables; this package is the only one that uses it.
func init() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return transportProblem(status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		p := transportProblem(status, message, errs)
		p.RequestID = requestID(ctx.Context())
		if status == http.StatusInternalServerError {
			logHidden(ctx.Context(), errors.Join(append([]error{errors.New(message)}, errs...)...))
		}
		return p
	}
}

// transportProblem maps what huma found wrong with a request. Rejected values are never echoed: they may be secrets, or
// megabytes.
func transportProblem(status int, message string, errs []error) *Problem {
	if status == http.StatusInternalServerError {
		return newProblem(status, "server.error", "Something went wrong on the server.")
	}
	p := newProblem(status, "", message)
	for _, err := range errs {
		if err == nil {
			continue
		}
		var ready *Problem
		if errors.As(err, &ready) {
			p.Code, p.Detail = ready.Code, ready.Detail
			p.Issues = append(p.Issues, ready.Issues...)
			continue
		}
		issue := Issue{Code: "request.invalid", Message: err.Error()}
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			issue.Message = detail.Message
			issue.Path = pointer(detail.Location)
			issue.Code = issueCode(detail.Message)
			if name, found := missingProperty(detail.Message); found {
				issue.Path += "/" + name
			}
		}
		p.Issues = append(p.Issues, issue)
	}
	return p
}

func issueCode(message string) string {
	switch {
	case message == "unexpected property":
		return "request.unknown_field"
	case message == "unknown query parameter":
		return "request.unknown_parameter"
	case strings.HasPrefix(message, "expected required property"), strings.HasPrefix(message, "required "):
		return "request.missing"
	case strings.HasPrefix(message, duplicateKey):
		return "request.duplicate_key"
	}
	return "request.invalid"
}

// missingProperty finds the name in huma's message; its location is the object that lacks it.
func missingProperty(message string) (string, bool) {
	rest, found := strings.CutPrefix(message, "expected required property ")
	if !found {
		return "", false
	}
	return strings.CutSuffix(rest, " to be present")
}

// pointer turns huma's "body.items[3].tags" into the JSON pointer "/items/3/tags"; other places keep their form.
func pointer(location string) string {
	rest, inBody := strings.CutPrefix(location, "body")
	if !inBody {
		return location
	}
	rest = strings.ReplaceAll(rest, "~", "~0")
	rest = strings.ReplaceAll(rest, "/", "~1")
	rest = strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(rest)
	return rest
}

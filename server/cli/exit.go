package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// Exit is the code that a command ends with. docs/cli.md documents them; a test compares.
type Exit int

// The exit codes.
const (
	OK           Exit = 0
	Failure      Exit = 1 // the server refused what was sent, or failed
	Usage        Exit = 2 // the command line is wrong; nothing was sent
	NotFound     Exit = 3
	Conflict     Exit = 4 // the state does not allow it
	NoAccess     Exit = 5 // no token, or one that may not
	Unavailable  Exit = 6 // the server is away, or asks to come back later
	NotCompleted Exit = 7 // the process that was waited for did not complete
	Differ       Exit = 8 // the documents that were compared do not do the same
)

// Error is why a command failed.
type Error struct {
	Exit    Exit
	Code    string // stable: the API's, or one that begins with "cli."
	Message string
	Issues  []httpapi.Issue
	Request string // id in the server's log, when the fault is the server's
}

// Error returns one line: the code, what is wrong, and where.
func (e *Error) Error() string {
	text := e.Code
	if e.Message != "" {
		text += ": " + e.Message
	}
	for i, issue := range e.Issues {
		place := issue.Path
		if issue.Node != "" {
			place = strings.TrimSpace("node " + issue.Node + " " + place)
		} else if issue.Edge != "" {
			place = strings.TrimSpace("edge " + issue.Edge + " " + place)
		}
		if place != "" {
			place += ": "
		}
		text += fmt.Sprintf("%s %s%s (%s)", map[bool]string{true: " —", false: ";"}[i == 0], place, issue.Message, issue.Code)
	}
	if e.Request != "" {
		text += " (request " + e.Request + ")"
	}
	return printable(text)
}

// ExitOf returns the exit code for what a command returned.
func ExitOf(err error) Exit {
	if err == nil {
		return OK
	}
	var known *Error
	if errors.As(err, &known) {
		return known.Exit
	}
	return Failure
}

func failed(exit Exit, code, format string, args ...any) *Error {
	return &Error{Exit: exit, Code: code, Message: fmt.Sprintf(format, args...)}
}

func usage(format string, args ...any) *Error { return failed(Usage, "cli.usage", format, args...) }

// refusalOf maps a problem of the API.
func refusalOf(status int, p *httpapi.Problem) *Error {
	e := &Error{Exit: exitOf(status), Code: p.Code, Message: p.Detail, Issues: p.Issues}
	if status >= http.StatusInternalServerError {
		e.Request = p.RequestID
	}
	return e
}

// exitOf is the one table from HTTP statuses to exit codes.
func exitOf(status int) Exit {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return NotFound
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusPreconditionRequired:
		return Conflict
	case http.StatusUnauthorized, http.StatusForbidden:
		return NoAccess
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Unavailable
	}
	return Failure
}

func away(ctx context.Context, server string, err error) *Error {
	if ctx.Err() != nil {
		return failed(Failure, "cli.interrupted", "Interrupted.")
	}
	return failed(Unavailable, "cli.server_away", "No answer from %s: %v", server, err)
}

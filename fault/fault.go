// Package fault is the product's one vocabulary of errors: a kind, a stable code, a message for the client, and issues that
// point into what was sent.
//
// It imports only the standard library; every layer may use it, and only server/httpapi turns kinds into HTTP statuses.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of thing went wrong; the HTTP status follows from it alone.
type Kind string

// The kinds.
const (
	Invalid            Kind = "invalid"             // what was sent breaks a rule
	NotFound           Kind = "not_found"           //
	Conflict           Kind = "conflict"            // the state does not allow it
	PreconditionFailed Kind = "precondition_failed" // If-Match names another revision
	Unauthorized       Kind = "unauthorized"        // who are you
	Forbidden          Kind = "forbidden"           // you may not
	TooLarge           Kind = "too_large"           //
	TooMany            Kind = "too_many"            // slow down
	Unavailable        Kind = "unavailable"         // try again after RetryAfter
	Internal           Kind = "internal"            // ours; the text never reaches a client
)

// Issue points at one place in what was sent.
type Issue struct {
	Severity string         `json:"severity,omitempty"` // "error" or "warning"; empty means error
	Code     string         `json:"code"`               // stable, e.g. "graph.duplicate_node"
	Path     string         `json:"path,omitempty"`     // JSON pointer (RFC 6901)
	Node     string         `json:"node,omitempty"`     // node id of a graph document
	Edge     string         `json:"edge,omitempty"`     // edge id of a graph document
	Message  string         `json:"message"`            // for people, in English
	Params   map[string]any `json:"params,omitempty"`   // what a translated message needs
}

// Error is an error that a client may be told of: Code and Message are for it, Err is for the log.
type Error struct {
	Kind       Kind
	Code       string
	Message    string
	Params     map[string]any // what a translated message needs
	Issues     []Issue
	RetryAfter time.Duration // of Unavailable and TooMany
	Err        error
}

// Error returns the text for the log.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of a kind.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Newf is New with a formatted message; the arguments reach the client.
func Newf(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an error of a kind with its cause, which only the log sees.
func Wrap(err error, kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message, Err: err}
}

// With returns a copy of e with what a translated message needs.
func (e *Error) With(params map[string]any) *Error {
	clone := *e
	clone.Params = params
	return &clone
}

// WithIssues returns a copy of e that carries issues.
func (e *Error) WithIssues(issues ...Issue) *Error {
	clone := *e
	clone.Issues = issues
	return &clone
}

// As returns the first *Error in err's chain, or nil.
func As(err error) *Error {
	var found *Error
	if errors.As(err, &found) {
		return found
	}
	return nil
}

// KindOf returns the kind of err: Internal when no *Error is in its chain.
func KindOf(err error) Kind {
	if found := As(err); found != nil {
		return found.Kind
	}
	return Internal
}

// Is reports whether err is of a kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

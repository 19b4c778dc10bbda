package sdk

import (
	"context"
	"errors"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Codes of errors that the sdk and the host make themselves.
const (
	CodeInputInvalid  = "INPUT_INVALID"
	CodeOutputInvalid = "OUTPUT_INVALID"
	CodePanic         = "PANIC"
	CodeTimeout       = "TIMEOUT_ATTEMPT"
	CodeHeartbeat     = "TIMEOUT_HEARTBEAT"
	CodeSecret        = "SECRET_UNKNOWN"
	CodeSecretShown   = "SECRET_IN_OUTPUT"
	CodeFailed        = "FAILED" // any other error of a handler
)

// Error is an outcome that is not a value.
type Error struct {
	Class      wire.ErrorClass
	Code       string
	Message    string
	RetryAfter time.Duration
	Err        error
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Business answers with a business error: a code that the process can be drawn to handle. It is never retried.
func Business(code, message string) error {
	return &Error{Class: wire.ErrorBusiness, Code: code, Message: message}
}

// Permanent marks a technical failure that a retry won't mend.
func Permanent(err error) error {
	return &Error{Class: wire.ErrorPermanent, Code: codeOf(err), Message: err.Error(), Err: err}
}

// RetryAfter asks for the next attempt after d instead of the policy's pause.
func RetryAfter(d time.Duration, err error) error {
	return &Error{Class: wire.ErrorRetryable, Code: codeOf(err), Message: err.Error(), RetryAfter: d, Err: err}
}

// Failure is a technical failure with a code, which retry policies can name. It is retried by policy.
func Failure(code string, err error) error {
	return &Error{Class: wire.ErrorRetryable, Code: code, Message: err.Error(), Err: err}
}

func codeOf(err error) string {
	var own *Error
	if errors.As(err, &own) {
		return own.Code
	}
	return CodeFailed
}

// ToWire turns what a handler returned into what the engine is told: any error that is none of ours is retried by policy.
func ToWire(err error) *wire.Error {
	var own *Error
	if errors.As(err, &own) {
		return &wire.Error{Class: own.Class, Code: own.Code, Message: own.Message, RetryAfterMS: own.RetryAfter.Milliseconds()}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &wire.Error{Class: wire.ErrorRetryable, Code: "DEADLINE_EXCEEDED", Message: err.Error()}
	}
	return &wire.Error{Class: wire.ErrorRetryable, Code: CodeFailed, Message: err.Error()}
}

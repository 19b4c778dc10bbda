package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"strconv"

	"github.com/taskurotta/taskurotta-go/fault"
)

var problemType = reflect.TypeFor[Problem]()

// call is what one request carries through its context.
type call struct {
	id      string
	log     *slog.Logger
	remote  string
	subject auditSubject
}

// auditSubject is what a handler says of the change it made.
type auditSubject struct {
	kind, id, reason string
	detail           json.RawMessage
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

func requestID(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.id
	}
	return ""
}

// logHidden writes what the client is not told. That it is to ask again is no error of the server.
func logHidden(ctx context.Context, err error) {
	log, id := slog.Default(), ""
	if c := callOf(ctx); c != nil {
		log, id = c.log, c.id
	}
	level := slog.LevelError
	if fault.Is(err, fault.Unavailable) {
		level = slog.LevelWarn
	}
	log.Log(ctx, level, "request failed", "request_id", id, "error", err)
}

// audited says what an operation changed; add records it after success.
func audited(ctx context.Context, kind, id, reason string, detail any) {
	c := callOf(ctx)
	if c == nil {
		return
	}
	c.subject.kind, c.subject.id, c.subject.reason = kind, id, reason
	if detail != nil {
		c.subject.detail, _ = json.Marshal(detail) // maps of plain values
	}
}

func statusText(status int) string { return strconv.Itoa(status) }

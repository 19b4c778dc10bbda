package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// File is a stored file as it travels in inputs and outputs. Its content is opened with Open.
type File struct {
	Ref       string `json:"$file"` // "sha256:" and 64 hexadecimal digits
	Name      string `json:"name"`
	Size      int64  `json:"size"` // bytes
	MediaType string `json:"media_type"`
}

// Host is what runs a handler; the worker host and sdktest implement it.
type Host interface {
	Progress(percent int, text string)
	Log(line string)
	Heartbeat()
	Info() Info
	Open(ctx context.Context, file File) (io.ReadCloser, error)
	Save(ctx context.Context, name, mediaType string, content io.Reader) (File, error)
	Secret(ctx context.Context, name string) (string, error)
}

// Info says which attempt runs.
type Info struct {
	ProcessID      string
	CustomID       string
	TaskID         string
	NodeID         string
	Attempt        int    // 1 for the first run
	IdempotencyKey string // equal for all runs of a task with the same input
	Trace          string // W3C traceparent to pass on to what the handler calls; may be empty
}

type hostKey struct{}

// WithHost returns a context whose handler is run by host.
func WithHost(ctx context.Context, host Host) context.Context {
	return context.WithValue(ctx, hostKey{}, host)
}

func hostOf(ctx context.Context) Host {
	host, _ := ctx.Value(hostKey{}).(Host)
	return host
}

// Progress tells how far the handler is, 0 to 100, and in words. It counts as a heartbeat.
func Progress(ctx context.Context, percent int, text string) {
	if host := hostOf(ctx); host != nil {
		host.Progress(max(0, min(100, percent)), text)
	}
}

// Log adds a line to the attempt's log, of which 64 KiB are kept. It counts as a heartbeat.
func Log(ctx context.Context, format string, args ...any) {
	if host := hostOf(ctx); host != nil {
		host.Log(fmt.Sprintf(format, args...))
	}
}

// Heartbeat tells that the handler lives, for nodes with a heartbeat timeout.
func Heartbeat(ctx context.Context) {
	if host := hostOf(ctx); host != nil {
		host.Heartbeat()
	}
}

// RunInfo returns which attempt runs; the zero Info outside of a host.
func RunInfo(ctx context.Context) Info {
	if host := hostOf(ctx); host != nil {
		return host.Info()
	}
	return Info{}
}

// Attempt returns 1 for the first run of a task, 2 for the next; 0 outside of a host.
func Attempt(ctx context.Context) int { return RunInfo(ctx).Attempt }

// IdempotencyKey returns what is equal for all runs of a task with the same input, and for nothing else: tasks run at least
// once, so a node with side effects passes it on to what it calls. Empty outside of a host.
func IdempotencyKey(ctx context.Context) string { return RunInfo(ctx).IdempotencyKey }

// LogWriter returns a writer whose lines go to the attempt's log, e.g. for a child process or for slog:
//
//	logger := slog.New(slog.NewTextHandler(sdk.LogWriter(ctx), nil))
//
// A line that is not ended yet waits for its end, up to 8 KiB. The writer may be used by several goroutines.
func LogWriter(ctx context.Context) io.Writer { return &logWriter{ctx: ctx} }

// longestLine is how much of a line without an end is kept before it is written.
const longestLine = 8 << 10

type logWriter struct {
	ctx  context.Context
	mu   sync.Mutex
	rest []byte
}

func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	for {
		end := bytes.IndexByte(w.rest, '\n')
		switch {
		case end >= 0:
			Log(w.ctx, "%s", bytes.TrimSuffix(w.rest[:end], []byte("\r")))
			w.rest = w.rest[end+1:]
		case len(w.rest) > longestLine:
			Log(w.ctx, "%s", w.rest)
			w.rest = nil
		default:
			return len(p), nil
		}
	}
}

// ErrNoHost is returned where a handler runs outside of a host.
var ErrNoHost = errors.New("sdk: the handler runs outside of a host")

// Open returns the content of a file that the process may read. The caller closes it.
func Open(ctx context.Context, file File) (io.ReadCloser, error) {
	if host := hostOf(ctx); host != nil {
		return host.Open(ctx, file)
	}
	return nil, ErrNoHost
}

// Save stores content as a file of the process.
func Save(ctx context.Context, name, mediaType string, content io.Reader) (File, error) {
	if host := hostOf(ctx); host != nil {
		return host.Save(ctx, name, mediaType, content)
	}
	return File{}, ErrNoHost
}

// secretPrefix is how inputs name secrets.
const secretPrefix = "secret://"

// Secret returns the value of a secret that an input names as "secret://name". Inputs hold names only, and outputs, logs and
// errors must never hold values. A text that names no secret, and a name that is not known, are permanent errors.
func Secret(ctx context.Context, ref string) (string, error) {
	name, found := strings.CutPrefix(ref, secretPrefix)
	if !found || name == "" {
		return "", Permanent(&Error{Class: wire.ErrorPermanent, Code: CodeInputInvalid, Message: "a secret is named like secret://name"})
	}
	if host := hostOf(ctx); host != nil {
		return host.Secret(ctx, name)
	}
	return "", ErrNoHost
}

package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Why a handler's context ends.
var (
	errCancelled = errors.New("the task was cancelled")
	errDraining  = errors.New("the worker is stopping")
	errTimeout   = errors.New("the attempt timed out")
	errSilent    = errors.New("the handler was silent for too long")
)

// run is one attempt under way. It is the sdk.Host of its handler.
type run struct {
	worker *Worker
	task   wire.Task
	cancel context.CancelCauseFunc
	began  time.Time

	handBacks <-chan struct{} // the worker's when the attempt began

	lastSign atomic.Int64 // monotonic nanoseconds since began of the handler's last sign of life
	reported sync.Once    // the outcome is reported once

	mu       sync.Mutex
	log      bytes.Buffer
	told     int // bytes of log that were told already
	progress *wire.Progress
	news     bool
	secrets  []string // values that must not leave the worker
}

func (r *run) report(kind wire.ReportKind) wire.Report {
	return wire.Report{
		Kind: kind, Process: r.task.Process, Task: r.task.Task, Epoch: r.task.Epoch, Attempt: r.task.Attempt,
		Worker: r.worker.id, Pool: r.worker.config.Pool, NodeType: r.task.NodeType,
		RunMicros: time.Since(r.began).Microseconds(),
	}
}

// finish reports the outcome; only the first one counts.
func (r *run) finish(output json.RawMessage, err error) {
	r.reported.Do(func() {
		report := r.report(wire.ReportCompleted)
		if plan, is := sdk.PlanOf(err); is {
			report.Plan, err = plan, nil
		}
		if err != nil {
			report.Kind = wire.ReportFailed
			report.Error = sdk.ToWire(err)
			var stack *panicError
			if errors.As(err, &stack) {
				report.Error.Code, report.Error.Stack = sdk.CodePanic, stack.stack
			}
			if errors.Is(err, errTimeout) {
				report.Error.Class, report.Error.Code = wire.ErrorTimeout, sdk.CodeTimeout
			}
			if errors.Is(err, errSilent) {
				report.Error.Class, report.Error.Code = wire.ErrorTimeout, sdk.CodeHeartbeat
			}
			r.mu.Lock()
			report.Error.Message, report.Error.Stack = r.redacted(report.Error.Message), r.redacted(report.Error.Stack)
			r.mu.Unlock()
			report.Error.Code, report.Error.Message = clip(report.Error.Code, 100), clip(report.Error.Message, maxMessage)
			report.Error.Stack = clip(report.Error.Stack, maxStack)
		} else {
			report.Output = output
		}
		r.mu.Lock()
		report.Log = r.log.String()
		report.Progress = r.progress
		r.mu.Unlock()
		r.worker.reports.deliver(report)
	})
}

// clip keeps the beginning of a text, cut between runes.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// handBack gives the task back: it uses no attempt.
func (r *run) handBack() {
	r.reported.Do(func() { r.worker.reports.deliver(r.report(wire.ReportHandback)) })
}

// attempt fetches and checks the input, runs the handler, and checks its output.
func (r *run) attempt(ctx context.Context, node *hosted) (json.RawMessage, error) {
	input, err := r.worker.inputOf(ctx, r.task)
	if err != nil {
		return nil, fmt.Errorf("fetch the input: %w", err)
	}
	r.sign()
	if broken := violations(node.input, input); broken != "" {
		return nil, &sdk.Error{Class: wire.ErrorPermanent, Code: sdk.CodeInputInvalid, Message: broken}
	}
	output, err := node.node.Run(sdk.WithHost(ctx, r), input)
	if plan, is := sdk.PlanOf(err); is {
		if broken := checkPlan(plan); broken != nil {
			return nil, broken
		}
	}
	if err != nil {
		return nil, err
	}
	if err := checkOutput(node, output); err != nil {
		return nil, err
	}
	return output, r.checkSecrets(output)
}

// perform makes the attempt within its limits and reports. It returns when the handler has returned, or was handed back.
func (r *run) perform(ctx context.Context, node *hosted) {
	type answer struct {
		output json.RawMessage
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		var got answer
		defer func() {
			if value := recover(); value != nil {
				got = answer{err: &panicError{value: value, stack: string(debug.Stack())}}
			}
			answers <- got
		}()
		got.output, got.err = r.attempt(ctx, node)
	}()

	show := time.NewTimer(startedAfter)
	defer show.Stop()
	var limit, silence, news <-chan time.Time
	if r.task.AttemptMS > 0 {
		timer := time.NewTimer(time.Duration(r.task.AttemptMS) * time.Millisecond)
		defer timer.Stop()
		limit = timer.C
	}
	heartbeat := time.Duration(r.task.HeartbeatMS) * time.Millisecond
	if heartbeat > 0 {
		ticker := time.NewTicker(max(heartbeat/4, time.Millisecond))
		defer ticker.Stop()
		silence = ticker.C
	}
	for {
		select {
		case got := <-answers:
			r.finish(got.output, got.err)
			return
		case <-show.C:
			r.show()
			ticker := time.NewTicker(250 * time.Millisecond)
			defer ticker.Stop()
			news = ticker.C
		case <-news:
			r.tellNews()
		case <-limit:
			// The engine hears of it now; the slot stays taken until the handler returns.
			r.cancel(errTimeout)
			r.finish(nil, fmt.Errorf("no answer after %s: %w", time.Duration(r.task.AttemptMS)*time.Millisecond, errTimeout))
			limit, silence, news = nil, nil, nil
			show.Stop()
		case <-silence:
			if time.Since(r.began)-time.Duration(r.lastSign.Load()) > heartbeat {
				r.cancel(errSilent)
				r.finish(nil, fmt.Errorf("no sign of life for %s: %w", heartbeat, errSilent))
				limit, silence, news = nil, nil, nil
				show.Stop()
			}
		case <-r.handBacks:
			r.cancel(errDraining)
			r.handBack()
			return
		}
	}
}

func checkOutput(node *hosted, output json.RawMessage) error {
	if len(output) > maxOutput {
		return &sdk.Error{Class: wire.ErrorPermanent, Code: sdk.CodeOutputInvalid,
			Message: fmt.Sprintf("the output has %d bytes, more than %d: save a file instead", len(output), maxOutput)}
	}
	if holdsNUL(output) {
		return &sdk.Error{Class: wire.ErrorPermanent, Code: sdk.CodeOutputInvalid, Message: "the output holds the character U+0000, which can't be stored"}
	}
	if broken := violations(node.output, output); broken != "" {
		return &sdk.Error{Class: wire.ErrorPermanent, Code: sdk.CodeOutputInvalid, Message: broken}
	}
	return nil
}

// checkPlan holds a plan to what can be kept; the engine looks at the rest.
func checkPlan(plan json.RawMessage) error {
	if len(plan) > maxOutput {
		return &sdk.Error{Class: wire.ErrorPermanent, Code: sdk.CodeOutputInvalid, Message: fmt.Sprintf("the plan has %d bytes, more than %d", len(plan), maxOutput)}
	}
	if holdsNUL(plan) {
		return &sdk.Error{Class: wire.ErrorPermanent, Code: sdk.CodeOutputInvalid, Message: "the plan holds the character U+0000, which can't be stored"}
	}
	return nil
}

// holdsNUL reports whether a JSON text holds the escaped character U+0000, which PostgreSQL refuses in jsonb.
func holdsNUL(raw []byte) bool {
	for at := 0; ; {
		i := bytes.Index(raw[at:], []byte(`\u0000`))
		if i < 0 {
			return false
		}
		i += at
		slashes := 0
		for i-slashes > 0 && raw[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return true
		}
		at = i + 1
	}
}

// show reports the start of a run that is not short.
func (r *run) show() {
	report := r.report(wire.ReportStarted)
	r.mu.Lock()
	report.Progress = r.progress
	r.mu.Unlock()
	r.worker.reports.tell(report)
}

// tellNews reports progress and log lines since the last time.
func (r *run) tellNews() {
	report := r.report(wire.ReportProgress)
	r.mu.Lock()
	news := r.news
	r.news = false
	report.Progress = r.progress
	report.Log = string(r.log.Bytes()[r.told:])
	r.told = r.log.Len()
	r.mu.Unlock()
	if news {
		r.worker.reports.tell(report)
	}
}

type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("the handler panicked: %v", e.value) }

func (r *run) sign() { r.lastSign.Store(int64(time.Since(r.began))) }

// Progress notes how far the handler is.
func (r *run) Progress(percent int, text string) {
	r.sign()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress, r.news = &wire.Progress{Percent: percent, Text: clip(r.redacted(text), maxProgress)}, true
}

// Log keeps a line with the time since the start.
func (r *run) Log(line string) {
	r.sign()
	r.mu.Lock()
	defer r.mu.Unlock()
	const cut = "… the log is full\n"
	stamped := fmt.Sprintf("%s %s\n", time.Now().UTC().Format("15:04:05.000"), r.redacted(line))
	switch {
	case r.log.Len()+len(stamped)+len(cut) <= maxLog:
		r.log.WriteString(stamped)
	case !bytes.HasSuffix(r.log.Bytes(), []byte(cut)):
		r.log.WriteString(cut)
	default:
		return
	}
	r.news = true
}

// Heartbeat notes that the handler lives.
func (r *run) Heartbeat() { r.sign() }

// Info says which attempt this is.
func (r *run) Info() sdk.Info {
	return sdk.Info{
		ProcessID: r.task.Process, CustomID: r.task.CustomID, TaskID: r.task.Task, NodeID: r.task.Node, Attempt: r.task.Attempt,
		IdempotencyKey: fmt.Sprintf("%s.%d", r.task.Task, r.task.InputRev), Trace: r.task.Trace,
	}
}

// Open fetches a file from the server.
func (r *run) Open(ctx context.Context, file sdk.File) (io.ReadCloser, error) {
	return r.worker.openFile(ctx, r.task.Process, file)
}

// Secret asks the server for a secret.
func (r *run) Secret(ctx context.Context, name string) (string, error) {
	value, err := r.worker.secret(ctx, r.task.Process, name)
	r.hide(value)
	return value, err
}

// Save stores a file on the server.
func (r *run) Save(ctx context.Context, name, mediaType string, content io.Reader) (sdk.File, error) {
	return r.worker.saveFile(ctx, r.task.Process, name, mediaType, content)
}

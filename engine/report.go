package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// maxLog is how much of an attempt's log is kept.
const maxLog = 64 << 10

var errReport = errors.New("unreadable report")

// entryOf turns a report from a stream into an entry. What a worker sends is checked here once: sizes, ids, JSON; text is made
// fit for PostgreSQL.
func entryOf(body string, at streamPosition, maxPayload int) (*entry, error) {
	r, err := wire.DecodeReport([]byte(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errReport, err)
	}
	for _, id := range []string{r.Process, r.Task} {
		if len(id) != 36 || uuid.Validate(id) != nil {
			return nil, fmt.Errorf("%w: %q is no id", errReport, id)
		}
	}
	if len(r.Output) > maxPayload {
		r.Kind, r.Output = wire.ReportFailed, nil
		r.Error = &wire.Error{Class: wire.ErrorPermanent, Code: "OUTPUT_TOO_LARGE", Message: fmt.Sprintf("the output is larger than %d bytes", maxPayload)}
	}
	if len(r.Output) > 0 {
		if issue := objectIssue(r.Output, ""); issue != nil {
			r.Kind, r.Output = wire.ReportFailed, nil
			r.Error = &wire.Error{Class: wire.ErrorPermanent, Code: "OUTPUT_INVALID", Message: fmt.Sprintf("the output cannot be kept: %s (at %q)", issue.Message, issue.Path)}
		}
	}
	if issue := planIssue(r.Plan, maxPayload); issue != "" {
		r.Kind, r.Output, r.Plan = wire.ReportFailed, nil, nil
		r.Error = &wire.Error{Class: wire.ErrorPermanent, Code: flow.CodePlan, Message: "the plan can't be run: " + issue}
	}
	r.Log = clip(clean(r.Log), maxLog)
	if r.Error != nil {
		r.Error.Code, r.Error.Message, r.Error.Stack = clip(clean(r.Error.Code), 200), clip(clean(r.Error.Message), 8<<10), clip(clean(r.Error.Stack), maxLog)
	}
	ev := flow.Event{Task: r.Task, Epoch: r.Epoch, Attempt: r.Attempt, Worker: clip(clean(r.Worker), 200), Error: r.Error, RunMicros: r.RunMicros}
	switch r.Kind {
	case wire.ReportStarted:
		ev.Kind = flow.EventStarted
	case wire.ReportProgress:
		ev.Kind = flow.EventProgress
		if r.Progress != nil {
			ev.Percent, ev.Text = min(max(r.Progress.Percent, 0), 100), clip(clean(r.Progress.Text), 1000)
		}
	case wire.ReportCompleted:
		ev.Kind, ev.Plan = flow.EventCompleted, r.Plan
		if ev.Output = r.Output; len(ev.Output) == 0 {
			ev.Output = emptyObject
		}
	case wire.ReportFailed:
		ev.Kind = flow.EventFailed
		if ev.Error == nil {
			ev.Error = &wire.Error{Class: wire.ErrorRetryable, Code: "UNKNOWN", Message: "the worker gave no reason"}
		}
	case wire.ReportHandback:
		ev.Kind = flow.EventHandback
	default:
		return nil, fmt.Errorf("%w: kind %q", errReport, r.Kind)
	}
	return &entry{process: strings.ToLower(r.Process), event: ev, report: &r, stream: at}, nil
}

// planIssue says why a plan can't be kept, nothing when it can.
func planIssue(plan json.RawMessage, most int) string {
	if len(plan) == 0 {
		return ""
	}
	if len(plan) > most {
		return fmt.Sprintf("it is larger than %d bytes", most)
	}
	if issue := objectIssue(plan, ""); issue != nil {
		return fmt.Sprintf("%s (at %q)", issue.Message, issue.Path)
	}
	return ""
}

// clean makes text that PostgreSQL stores: valid UTF-8 without NUL.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// clip keeps the beginning of a text, cut between runes.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

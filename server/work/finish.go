package work

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Outcome is how an attempt ended. Error nil: it completed with Output, or with a Plan (wire.Plan) whose result is to be its output.
type Outcome struct {
	Output json.RawMessage
	Plan   json.RawMessage
	Error  *wire.Error
	Log    string
}

// Finish takes the outcome of an attempt. One whose lease counts no more is refused, unless it is the one that was accepted.
func (s *Service) Finish(ctx context.Context, pool, worker, text string, o Outcome) error {
	l, err := s.mine(ctx, pool, worker, text)
	if err != nil {
		if fault.Is(err, fault.Conflict) && s.accepted(ctx, l, pool, worker, o.Error != nil) {
			return nil
		}
		return err
	}
	report := l.report(wire.ReportCompleted, pool, id(pool, worker))
	report.Log = o.Log
	switch {
	case o.Error != nil:
		report.Kind, report.Error = wire.ReportFailed, o.Error
	case len(o.Plan) > 0: // the engine says what is wrong with it: that is an incident, as with any other worker
		report.Plan = o.Plan
	default:
		if err := s.checkOutput(ctx, pool, worker, l.nodeType, o.Output); err != nil {
			return err
		}
		report.Output = o.Output
	}
	return s.counted(s.config.Engine.ReportWork(ctx, report, l.lane))
}

// Release gives a task back: it uses no attempt.
func (s *Service) Release(ctx context.Context, pool, worker, text string) error {
	l, err := s.mine(ctx, pool, worker, text)
	if err != nil {
		return err
	}
	return s.counted(s.handBack(ctx, pool, worker, l))
}

var errLost = fault.New(fault.Conflict, "work.lease_lost", "The task is not this worker's any more: it was cancelled, timed out, or runs elsewhere. The result changes nothing.")

// mine reads a lease that counts.
func (s *Service) mine(ctx context.Context, pool, worker, text string) (lease, error) {
	if err := named(pool, worker); err != nil {
		return lease{}, err
	}
	l, err := readLease(text)
	if err != nil {
		return l, err
	}
	gone, err := s.config.Engine.HoldWork(ctx, pool, refs(pool, []lease{l}))
	if err != nil {
		return l, err
	}
	if len(gone) > 0 {
		return l, errLost
	}
	return l, nil
}

// accepted tells whether an outcome of this worker under this lease was accepted before: the answer to it was lost.
func (s *Service) accepted(ctx context.Context, l lease, pool, worker string, failed bool) bool {
	task, err := s.config.Engine.Task(ctx, l.process, l.task)
	if err != nil {
		return false
	}
	want := "completed"
	if failed {
		want = "failed"
	}
	return slices.ContainsFunc(task.Attempts, func(a engine.AttemptView) bool {
		return a.Epoch == l.epoch && a.Outcome == want && a.Worker == id(pool, worker)
	})
}

// counted says what it means that a report does not count.
func (s *Service) counted(err error) error {
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return errLost
	}
	return err
}

// checkOutput holds an output to the schema that the worker announced; a worker may mend it, or fail.
func (s *Service) checkOutput(ctx context.Context, pool, worker, nodeType string, output json.RawMessage) error {
	raw, err := s.config.Redis.HGet(ctx, s.config.Keys.Workers(), id(pool, worker)).Bytes()
	if errors.Is(err, redis.Nil) {
		return errUnknown
	}
	if err != nil {
		return s.away(err)
	}
	var beat wire.Beat
	if err := json.Unmarshal(raw, &beat); err != nil {
		return errUnknown
	}
	descriptor := typeOf(&beat, nodeType)
	if descriptor == nil {
		return errLost
	}
	compiled, err := schema.Compile(descriptor.OutputSchema, schema.Rules{})
	if err != nil {
		return fault.Wrap(err, fault.Internal, "work.schema", "The node type's output schema can't be read.")
	}
	if len(output) == 0 {
		output = json.RawMessage(`{}`)
	}
	issues := compiled.Check(output)
	if len(issues) == 0 {
		return nil
	}
	for i := range issues {
		issues[i].Path = "/output" + issues[i].Path
	}
	return fault.New(fault.Invalid, "work.output_invalid", "The output does not fit the node type's schema. The task is still yours.").WithIssues(issues...)
}

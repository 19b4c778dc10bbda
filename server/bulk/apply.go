package bulk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// apply does the operation to one item. The commit that does it marks the item done.
func (s *Service) apply(ctx context.Context, lease Lease, job *Job, item *Item) error {
	op := engine.OpCommand{
		Actor: job.RunBy, ProcessID: item.ProcessID, Reason: ReasonOf(job),
		Also: func(tx engine.Tx, process string) { s.config.Store.Done(tx, lease, job, item, process) },
	}
	switch job.Operation {
	case Retry:
		return s.config.Engine.Retry(ctx, engine.TaskCommand{OpCommand: op, TaskID: item.TaskID, Patch: job.Options.Patch})
	case Skip:
		return s.config.Engine.Skip(ctx, engine.TaskCommand{OpCommand: op, TaskID: item.TaskID, Output: job.Options.Output})
	case Cancel:
		return s.config.Engine.Cancel(ctx, op)
	case Suspend:
		return s.config.Engine.Suspend(ctx, op)
	case Resume:
		return s.config.Engine.Resume(ctx, op)
	case Restart:
		_, err := s.config.Engine.RestartAsNew(ctx, engine.RestartCommand{OpCommand: op})
		return err
	case RestartFrom:
		_, err := s.config.Engine.RestartFrom(ctx, engine.RestartFromCommand{OpCommand: op, Node: job.Options.Node})
		return err
	case Migrate:
		return s.config.Engine.Migrate(ctx, engine.MigrateCommand{OpCommand: op, Version: job.Options.Version})
	case Message:
		m := job.Options.Message
		_, err := s.config.Engine.SendTo(ctx, op, engine.MessageCommand{Actor: op.Actor, Name: m.Name, Key: m.Key, Payload: m.Payload})
		return err
	case Fire:
		return s.config.Engine.Fire(ctx, engine.FireCommand{OpCommand: op, TaskID: item.TaskID, Node: job.Options.Node})
	case Delete:
		return s.config.Engine.Delete(ctx, op)
	case SetPriority:
		return s.config.Engine.SetPriority(ctx, op, job.Options.Priority)
	}
	return fmt.Errorf("apply %q to process %s: no such operation", job.Operation, item.ProcessID)
}

// few issues are kept with an item: the first that stand against it.
const few = 5

// withIssues adds the first few issues to a text, with the steps that they are about.
func withIssues(text string, issues []fault.Issue) string {
	if len(issues) == 0 {
		return text
	}
	remarks := make([]string, 0, few+1)
	for _, issue := range issues[:min(len(issues), few)] {
		remarks = append(remarks, strings.TrimPrefix(issue.Node+": "+issue.Message, ": "))
	}
	if more := len(issues) - few; more > 0 {
		remarks = append(remarks, fmt.Sprintf("and %d more", more))
	}
	return text + ": " + strings.Join(remarks, "; ")
}

// moreIssues is the code of an issue that stands for those that are not kept; their number is its parameter count.
const moreIssues = "bulk.more_issues"

func firstOf(issues []fault.Issue) []fault.Issue {
	more := len(issues) - few
	if more <= 0 {
		return issues
	}
	return append(slices.Clone(issues[:few]), fault.Issue{Code: moreIssues, Message: fmt.Sprintf("and %d more", more), Params: map[string]any{"count": more}})
}

// ReasonOf is the reason that each process keeps in its history: it names the job.
func ReasonOf(job *Job) string { return "bulk job " + job.ID + ": " + job.Reason }

// resultOf says what an answer of the engine means for an item.
func resultOf(item *Item, err error) Result {
	if err == nil {
		return Result{Seq: item.Seq, State: Done}
	}
	switch known := fault.As(err); fault.KindOf(err) {
	case fault.Unavailable, fault.TooMany:
		return Result{Seq: item.Seq, State: Pending}
	case fault.Internal:
		return Result{Seq: item.Seq, State: Failed, Code: "server.error", Message: "something went wrong on the server; its log says what"}
	default:
		return Result{Seq: item.Seq, State: Refused, Code: known.Code, Message: withIssues(known.Message, known.Issues), Issues: firstOf(known.Issues)}
	}
}

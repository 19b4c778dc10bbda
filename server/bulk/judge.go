package bulk

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// judge asks the engine what a Planned operation would do to each item. Items that it would do are pending.
func (s *Service) judge(ctx context.Context, job *Job, items []Item) ([]Result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	results := make([]Result, len(items))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(s.config.Parallel, len(items)) {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				var err error
				if results[i], err = s.judgeOne(ctx, job, &items[i]); err != nil {
					stop(err)
				}
			}
		})
	}
	group.Wait()
	return results, context.Cause(ctx)
}

// judgeOne returns an error only when the engine could not say.
func (s *Service) judgeOne(ctx context.Context, job *Job, item *Item) (Result, error) {
	var code, text string
	var issues []fault.Issue
	var err error
	switch job.Operation {
	case RestartFrom:
		var plan engine.RestartPlan
		plan, err = s.config.Engine.PlanRestart(ctx, item.ProcessID, job.Options.Node, "")
		code, text = plan.Code, plan.Message
	case Migrate:
		var plan engine.MigrationPlan
		plan, err = s.config.Engine.PlanMigration(ctx, item.ProcessID, job.Options.Version)
		code, text = plan.Code, plan.Message
		for _, issue := range plan.Issues {
			issues = append(issues, fault.Issue{Code: issue.Code, Node: issue.Node, Message: issue.Message, Params: issue.Params})
		}
	}
	if kind := fault.KindOf(err); err != nil && (kind == fault.Internal || kind == fault.Unavailable || kind == fault.TooMany) {
		return Result{}, err
	}
	if err != nil {
		return resultOf(item, err), nil
	}
	if code != "" {
		return Result{Seq: item.Seq, State: Refused, Code: code, Message: withIssues(text, issues), Issues: firstOf(issues)}, nil
	}
	return Result{Seq: item.Seq, State: Pending}, nil
}

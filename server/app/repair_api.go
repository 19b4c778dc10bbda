package app

import (
	"context"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func apiTotals(totals []engine.NodeTotal) []httpapi.NodeTotal {
	return mapped(totals, func(t engine.NodeTotal) httpapi.NodeTotal { return httpapi.NodeTotal{Node: t.Node, Count: t.N} })
}

func (a engineAPI) PlanRestart(ctx context.Context, process, node, scope string) (httpapi.RestartPlan, error) {
	p, err := a.engine.PlanRestart(ctx, process, node, scope)
	return httpapi.RestartPlan{
		Allowed: p.Allowed, Code: p.Code, Message: p.Message, NewProcess: p.NewProcess, Scope: p.Scope,
		Cancelled: apiTotals(p.Cancelled), Hidden: apiTotals(p.Hidden), Kept: p.Kept, Ahead: p.Ahead,
	}, err
}

func (a engineAPI) RestartFrom(ctx context.Context, c httpapi.RestartFrom) (string, error) {
	return a.engine.RestartFrom(ctx, engine.RestartFromCommand{OpCommand: operation(c.ProcessCommand), Node: c.Node, Scope: c.Scope})
}

func apiMigrationIssue(i engine.MigrationIssue) httpapi.MigrationIssue {
	return httpapi.MigrationIssue(i)
}

func (a engineAPI) PlanMigration(ctx context.Context, process string, version int) (httpapi.MigrationPlan, error) {
	p, err := a.engine.PlanMigration(ctx, process, version)
	return httpapi.MigrationPlan{
		Allowed: p.Allowed, Code: p.Code, Message: p.Message, Issues: mapped(p.Issues, apiMigrationIssue), Warnings: mapped(p.Warnings, apiMigrationIssue),
		From: p.From, To: p.To, Open: apiTotals(p.Open),
	}, err
}

func (a engineAPI) Migrate(ctx context.Context, c httpapi.ProcessCommand, version int) error {
	return a.engine.Migrate(ctx, engine.MigrateCommand{OpCommand: operation(c), Version: version})
}

func (a engineAPI) RestartEntry(ctx context.Context, c httpapi.TaskCommand) error {
	return a.engine.RestartEntry(ctx, taskCommand(c))
}

func (a engineAPI) RestartFailed(ctx context.Context, c httpapi.TaskCommand) (int, error) {
	return a.engine.RestartFailed(ctx, taskCommand(c))
}

func (a engineAPI) Fire(ctx context.Context, c httpapi.TaskCommand, node string) error {
	return a.engine.Fire(ctx, engine.FireCommand{OpCommand: operation(c.ProcessCommand), TaskID: c.TaskID, Node: node})
}

func (a engineAPI) SendTo(ctx context.Context, c httpapi.ProcessCommand, m httpapi.SendMessage) (string, error) {
	return a.engine.SendTo(ctx, operation(c), engine.MessageCommand{Actor: m.Actor, Name: m.Name, Key: m.Key, Payload: m.Payload, Files: grants(m.Files)})
}

func apiWait(w engine.WaitView) httpapi.TaskWait {
	return httpapi.TaskWait{Kind: string(w.Kind), Node: w.Node, Title: w.Title, Border: w.Border, Name: w.Name, Key: w.Key, Until: w.Until}
}

package engine

import (
	"context"
	"maps"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// MigrateCommand lets a live process go on in another version of its definition.
type MigrateCommand struct {
	OpCommand
	Version int
}

// MigrationPlan is what a migration would do. Code, Message and Issues say why it is refused.
type MigrationPlan struct {
	Allowed  bool
	Code     string
	Message  string
	Issues   []MigrationIssue
	Warnings []MigrationIssue // what does not hinder it
	From, To int
	Open     []NodeTotal // open tasks by node: they go on where they are
}

// MigrationIssue says why something of the process has no place in the other version.
type MigrationIssue struct {
	Code    string
	Node    string
	Message string
	Params  map[string]any // what a translated message needs
}

// Codes of a refused migration and of its warnings, besides those of flow.
const (
	MigrateRefused = "migrate.refused"
	MigrateInput   = "migrate.input" // a warning: the process's input does not satisfy the other version's schema
)

// PlanMigration says whether a process can go on in another version. It changes nothing.
func (e *Engine) PlanMigration(ctx context.Context, process string, version int) (MigrationPlan, error) {
	st, from, err := e.stateOf(ctx, process)
	if err != nil {
		return MigrationPlan{}, err
	}
	to, err := e.graphs.get(ctx, st.Process.Definition, version)
	if err != nil {
		return MigrationPlan{}, err
	}
	plan := MigrationPlan{From: st.Process.Version, To: version, Issues: []MigrationIssue{}, Warnings: []MigrationIssue{}}
	open := map[string]int{}
	for _, sc := range st.Scopes {
		for _, node := range sc.State.Open {
			open[node]++
		}
	}
	plan.Open = totals(open)
	switch {
	case st.Process.State.Terminal():
		plan.Code, plan.Message = flow.RefusedProcessEnded, "the process has ended"
		return plan, nil
	case version == st.Process.Version:
		plan.Code, plan.Message = flow.RefusedSameVersion, "the process runs this version already"
		return plan, nil
	}
	if st.Data.Undo.Left, err = e.store.UndoLeft(ctx, process); err != nil {
		return plan, storeFault(err, errUnknownProcess())
	}
	for _, issue := range flow.CheckMigration(from.graph, to.graph, st) {
		plan.Issues = append(plan.Issues, MigrationIssue(issue))
	}
	if len(plan.Issues) > 0 {
		plan.Code, plan.Message = MigrateRefused, misfitMessage
	}
	plan.Allowed = len(plan.Issues) == 0
	origin, err := e.store.Origin(ctx, process)
	if err != nil {
		return plan, storeFault(err, errUnknownProcess())
	}
	if err := to.checkInput(origin.Input, e.cfg.MaxPayload); err != nil {
		plan.Warnings = append(plan.Warnings, inputWarnings(to, err)...)
	}
	return plan, nil
}

const misfitMessage = "something of the process has no place in the other version"

// inputWarnings tells what the other version expects of the input and the process does not have.
func inputWarnings(to *compiled, err error) []MigrationIssue {
	f := fault.As(err)
	if f == nil {
		return nil
	}
	var out []MigrationIssue
	for _, issue := range f.Issues {
		params := map[string]any{"path": issue.Path, "detail": issue.Message, "broken": issue.Code}
		maps.Copy(params, issue.Params)
		out = append(out, MigrationIssue{Code: MigrateInput, Node: to.graph.Start(), Message: issue.Path + ": " + issue.Message, Params: params})
	}
	return out
}

// Migrate lets a process go on in another version of its definition: everything of it stays where it is, by the ids of the nodes.
// What runs goes on running, and its result counts. All is checked before anything changes; the fault of a refusal has an issue for
// each node.
func (e *Engine) Migrate(ctx context.Context, cmd MigrateCommand) error {
	st, _, err := e.stateOf(ctx, cmd.ProcessID)
	if err != nil {
		return err
	}
	to, err := e.graphs.get(ctx, st.Process.Definition, cmd.Version)
	if err != nil {
		return err
	}
	ev := flow.Event{Kind: flow.EventMigrate, Version: cmd.Version, Actor: cmd.Actor, Reason: clip(clean(cmd.Reason), 2000)}
	_, err = e.call(ctx, &entry{process: cmd.ProcessID, event: ev, also: cmd.Also, migrate: to})
	return err
}

func errMisfit(issues []flow.MigrationIssue) error {
	all := make([]fault.Issue, len(issues))
	for i, issue := range issues {
		all[i] = fault.Issue{Code: issue.Code, Node: issue.Node, Message: issue.Message, Params: issue.Params}
	}
	return fault.New(fault.Conflict, MigrateRefused, misfitMessage).WithIssues(all...)
}

// readsOf is what an entry's event may read.
func (p *proc) readsOf(en *entry) flow.Needs {
	if en.migrate != nil {
		reads := flow.ReadsForMigration(p.graph.graph, en.migrate.graph, &p.state)
		reads.Input = true // it is searched by what the other version names
		return reads
	}
	return p.graph.graph.ReadsFor(&p.state, en.event)
}

// advance runs the interpreter.
func (p *proc) advance(en *entry, ev flow.Event) (*flow.Effects, error) {
	if en.migrate != nil {
		return flow.Migrate(p.graph.graph, en.migrate.graph, &p.state, ev)
	}
	return flow.Advance(p.graph.graph, &p.state, ev)
}

// migrated writes that a process runs another version.
func (b *batch) migrated(p *proc, to *compiled) {
	from := p.graph.Number
	p.graph = to
	b.write.DropTimers = append(b.write.DropTimers, pgstore.TimerRow{Process: p.id, Timer: flow.Timer{Kind: flow.TimerLimit, Epoch: int64(from)}})
	b.write.Migrate(&pgstore.Migrated{Process: p.id, Definition: to.Key, Version: to.Number, SearchKeys: to.searchKeys(p.state.Data.Input)})
	for name, n := range map[string]int64{"live": 1, "incidents": int64(p.was.incidents)} {
		if n != 0 {
			b.deltas[pgstore.Delta{Name: name, Definition: to.Key, Version: from}] -= n
			b.deltas[pgstore.Delta{Name: name, Definition: to.Key, Version: to.Number}] += n
		}
	}
}

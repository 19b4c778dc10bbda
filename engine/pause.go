package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// PauseKind is what can be paused.
type PauseKind string

// The kinds of what can be paused.
const (
	PauseType       PauseKind = "type"       // a node type, name@major
	PausePool       PauseKind = "pool"       // a queue group
	PauseDefinition PauseKind = "definition" // all processes of a definition, those that are started meanwhile too
)

// PauseCommand pauses a subject, or ends its pause.
type PauseCommand struct {
	Kind   PauseKind
	Name   string
	Actor  string
	Reason string
}

// pauses are the subjects that start nothing, as one reading of PostgreSQL found them.
type pauses struct {
	pools, types, definitions map[string]PauseView
}

func (p *pauses) of(kind PauseKind) map[string]PauseView {
	switch kind {
	case PausePool:
		return p.pools
	case PauseType:
		return p.types
	default:
		return p.definitions
	}
}

// typeView is the pause of a node type, nil when it is not paused.
func (p *pauses) typeView(name string) *PauseView {
	if view, paused := p.types[name]; paused {
		return &view
	}
	return nil
}

// Pauses lists what is paused, by kind and name.
func (e *Engine) Pauses(ctx context.Context) ([]PauseView, error) {
	rows, err := e.store.Pauses(ctx)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	out := make([]PauseView, len(rows))
	for i, r := range rows {
		out[i] = PauseView{Kind: PauseKind(r.Kind), Name: r.Name, Reason: r.Reason, Author: r.Author, At: r.At.UTC()}
	}
	return out, nil
}

func (e *Engine) readPauses(ctx context.Context) (*pauses, error) {
	rows, err := e.store.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	p := &pauses{pools: map[string]PauseView{}, types: map[string]PauseView{}, definitions: map[string]PauseView{}}
	for _, r := range rows {
		p.of(PauseKind(r.Kind))[r.Name] = PauseView{Kind: PauseKind(r.Kind), Name: r.Name, Reason: r.Reason, Author: r.Author, At: r.At.UTC()}
	}
	return p, nil
}

// Pause lets nothing of a node type, a pool or a definition start any more: what runs runs on, everything else waits in
// PostgreSQL. It holds for all servers and workers within a second.
func (e *Engine) Pause(ctx context.Context, cmd PauseCommand) error {
	if err := e.checkPause(ctx, &cmd); err != nil {
		return err
	}
	cmd.Reason = clip(clean(strings.TrimSpace(cmd.Reason)), 2000)
	if cmd.Reason == "" {
		return fault.New(fault.Invalid, "pause.reason_missing", "a pause needs a reason: whoever waits reads it")
	}
	if err := e.store.Pause(ctx, pgstore.Pause{Kind: string(cmd.Kind), Name: cmd.Name, Reason: cmd.Reason, Author: cmd.Actor}); err != nil {
		return storeFault(err, errUnknownProcess())
	}
	e.refreshWindow(ctx)
	e.group.Go(func() { e.recallPaused(context.WithoutCancel(ctx), cmd) })
	return nil
}

// Unpause lets start again what waits.
func (e *Engine) Unpause(ctx context.Context, cmd PauseCommand) error {
	if err := knownKind(cmd.Kind); err != nil {
		return err
	}
	was, err := e.store.Unpause(ctx, string(cmd.Kind), cmd.Name)
	if err != nil {
		return storeFault(err, errUnknownProcess())
	}
	if !was {
		return fault.Newf(fault.NotFound, "pause.unknown", "%s %q is not paused", cmd.Kind, cmd.Name)
	}
	e.refreshWindow(ctx)
	return nil
}

func knownKind(kind PauseKind) error {
	if kind != PauseType && kind != PausePool && kind != PauseDefinition {
		return fault.Newf(fault.Invalid, "pause.kind", "%q cannot be paused: a type, a pool or a definition can", kind)
	}
	return nil
}

func (e *Engine) checkPause(ctx context.Context, cmd *PauseCommand) error {
	if err := knownKind(cmd.Kind); err != nil {
		return err
	}
	unknown := fault.Newf(fault.NotFound, "pause.subject", "there is no %s %q", cmd.Kind, cmd.Name)
	switch cmd.Kind {
	case PauseType:
		pool, err := e.cfg.Catalog.Pool(ctx, cmd.Name)
		if err != nil {
			return errAway(err)
		}
		if pool == "" {
			return unknown
		}
	case PausePool:
		pools, err := e.store.PoolsSeen(ctx)
		if err != nil {
			return storeFault(err, unknown)
		}
		if _, seen := pools[cmd.Name]; !seen && !slices.Contains(e.roster.pools(), cmd.Name) {
			return unknown
		}
	case PauseDefinition:
		if _, err := e.cfg.Definitions.Latest(ctx, cmd.Name); err != nil {
			return unknown
		}
	}
	return nil
}

// recallPaused takes the messages of a paused subject back that no worker has.
func (e *Engine) recallPaused(ctx context.Context, cmd PauseCommand) {
	rows, err := e.store.WindowOfPause(ctx, string(cmd.Kind), cmd.Name)
	if err != nil {
		e.log.Warn("recall the messages of a pause", "kind", string(cmd.Kind), "name", cmd.Name, "error", err)
		return
	}
	e.withdraw(ctx, rows)
}

// withdraw takes messages back: what was deleted in Redis becomes ready again, what a worker has runs on.
func (e *Engine) withdraw(ctx context.Context, rows []pgstore.InWindow) {
	for _, row := range rows {
		back, err := e.publisher.Withdraw(ctx, dispatch.Ref{Pool: row.Pool, Lane: row.Lane, Task: row.Task, Epoch: row.Epoch})
		if err != nil {
			e.log.Warn("withdraw a message", "process_id", row.Process, "task_id", row.Task, "error", err)
			continue
		}
		if back {
			en := &entry{process: row.Process, event: flow.Event{Kind: flow.EventWithdrawn, Task: row.Task, Epoch: row.Epoch}}
			if err := e.submit(ctx, en); err != nil {
				return
			}
		}
	}
}

// mirrorPauses makes Redis say what the workers are to hand back, when it says something else: after a change, and after
// Redis lost its data. Definitions are not among it: a worker does not know them.
func (e *Engine) mirrorPauses(ctx context.Context, p *pauses) {
	want := map[string]string{}
	for name, pause := range p.types {
		want["type:"+name] = pause.Reason
	}
	for name, pause := range p.pools {
		want["pool:"+name] = pause.Reason
	}
	have, err := e.cfg.Redis.HGetAll(ctx, e.cfg.Keys.Paused()).Result()
	if err != nil || maps.Equal(have, want) {
		return
	}
	pipe := e.cfg.Redis.TxPipeline()
	pipe.Del(ctx, e.cfg.Keys.Paused())
	for name, reason := range want {
		pipe.HSet(ctx, e.cfg.Keys.Paused(), name, reason)
	}
	pipe.Publish(ctx, e.cfg.Keys.PauseNews(), "")
	if _, err := pipe.Exec(ctx); err != nil {
		e.log.Warn("tell the workers what is paused", "error", err)
	}
}

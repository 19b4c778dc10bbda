package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// LimitCommand limits a node type, for each value of Key, an expression over the task's input such as "input.region"; the
// empty Key means all tasks of the type together. Most: at most so many are with the workers at once; Starts: at most so many
// start within Per. Zero means no such limit; one of the two must be given.
type LimitCommand struct {
	NodeType string
	Key      string
	Most     int
	Starts   int
	Per      time.Duration // default 1 s
	Actor    string
	Reason   string
}

// limitRule is a limit ready to use.
type limitRule struct {
	pgstore.Limit
	key    *expr.Program // nil: one key for all
	rested time.Time     // nothing waited then; only the feeder's loop uses it
	marked time.Time     // rows of engines that did not know the limit were looked for then
	since  string        // the keys from here on are looked at next, when there are too many for once
}

const (
	longestKey    = 200
	limitedSource = "limit.key"
)

// keyOf computes the key of a task. What the expression fails on has a key of its own: it is limited, too.
func (l *limitRule) keyOf(input json.RawMessage) string {
	if l.key == nil {
		return ""
	}
	decoded, err := expr.DecodeJSON(input)
	if err != nil {
		return "?"
	}
	value, err := l.key.Eval(expr.Context{Input: decoded})
	if err != nil {
		return "?"
	}
	if text, ok := value.(string); ok {
		return "=" + clip(clean(text), longestKey)
	}
	raw, err := expr.EncodeJSON(value)
	if err != nil {
		return "?"
	}
	return "=" + clip(clean(string(raw)), longestKey)
}

// SetLimit limits a node type, or changes its limit. It holds on this server at once and on the others within a second.
func (e *Engine) SetLimit(ctx context.Context, cmd LimitCommand) error {
	l := pgstore.Limit{NodeType: cmd.NodeType, Key: strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(cmd.Key), "=")), PerMS: cmd.Per.Milliseconds(),
		Author: cmd.Actor, Reason: clip(clean(strings.TrimSpace(cmd.Reason)), 2000)}
	invalid := func(code, field, message string) error {
		return fault.New(fault.Invalid, code, message).WithIssues(fault.Issue{Code: code, Path: "/" + field, Message: message})
	}
	switch {
	case cmd.Most < 0 || cmd.Starts < 0 || cmd.Most == 0 && cmd.Starts == 0:
		return invalid("limit.none", "most", "say how many at once, or how many starts in a time")
	case cmd.Per == 0:
		l.PerMS = 1000
	case cmd.Per < time.Millisecond || cmd.Per > 24*time.Hour:
		return invalid("limit.per", "per_seconds", "the time is between a millisecond and a day")
	}
	if cmd.Most > 0 {
		l.Most = &cmd.Most
	}
	if cmd.Starts > 0 {
		l.Starts = &cmd.Starts
	}
	if _, err := compileLimit(l); err != nil {
		var broken *expr.Error
		if errors.As(err, &broken) {
			return invalid(limitedSource, "key", broken.Message)
		}
		return invalid(limitedSource, "key", err.Error())
	}
	pool, err := e.cfg.Catalog.Pool(ctx, cmd.NodeType)
	if err != nil {
		return errAway(err)
	}
	if pool == "" {
		return fault.Newf(fault.NotFound, "limit.type", "there is no node type %q", cmd.NodeType)
	}
	if err := e.store.SetLimit(ctx, l); err != nil {
		return storeFault(err, errUnknownProcess())
	}
	e.refreshWindow(ctx)
	return nil
}

// RemoveLimit lets a node type run unlimited again.
func (e *Engine) RemoveLimit(ctx context.Context, nodeType string) error {
	was, err := e.store.RemoveLimit(ctx, nodeType)
	if err != nil {
		return storeFault(err, errUnknownProcess())
	}
	if !was {
		return fault.Newf(fault.NotFound, "limit.unknown", "the node type %q is not limited", nodeType)
	}
	e.refreshWindow(ctx)
	return nil
}

// Limits lists the limits, by node type.
func (e *Engine) Limits(ctx context.Context) ([]LimitView, error) {
	rows, err := e.store.Limits(ctx)
	if err != nil {
		return nil, storeFault(err, errUnknownProcess())
	}
	out := make([]LimitView, len(rows))
	for i := range rows {
		out[i] = limitView(&rows[i])
	}
	return out, nil
}

func limitView(l *pgstore.Limit) LimitView {
	v := LimitView{NodeType: l.NodeType, Key: l.Key, Reason: l.Reason, Author: l.Author, At: l.ChangedAt.UTC()}
	if l.Most != nil {
		v.Most = *l.Most
	}
	if l.Starts != nil {
		v.Starts, v.PerSeconds = *l.Starts, float64(l.PerMS)/1000
	}
	return v
}

func compileLimit(l pgstore.Limit) (*limitRule, error) {
	rule := &limitRule{Limit: l}
	if l.Key == "" {
		return rule, nil
	}
	program, err := expr.Compile(l.Key, expr.Env{Tasks: map[string]json.RawMessage{}})
	if err != nil {
		return nil, err
	}
	rule.key = program
	return rule, nil
}

// readLimits replaces what this engine knows of the limits; rules that did not change keep what they noted.
func (e *Engine) readLimits(ctx context.Context) error {
	rows, err := e.store.Limits(ctx)
	if err != nil {
		return err
	}
	e.limitsLock.Lock()
	defer e.limitsLock.Unlock()
	next := make(map[string]*limitRule, len(rows))
	for _, l := range rows {
		if old := e.limits[l.NodeType]; old != nil && old.ChangedAt.Equal(l.ChangedAt) {
			next[l.NodeType] = old
			continue
		}
		rule, err := compileLimit(l)
		if err != nil {
			e.log.Error("a limit cannot be used", "node_type", l.NodeType, "error", err)
			rule = &limitRule{Limit: l} // without its key it limits more, never less
		}
		next[l.NodeType] = rule
	}
	e.limits = next
	return nil
}

// limitOf is the limit of a node type, nil when it has none.
func (e *Engine) limitOf(nodeType string) *limitRule {
	e.limitsLock.RLock()
	defer e.limitsLock.RUnlock()
	return e.limits[nodeType]
}

func (e *Engine) limitedTypes() []string {
	e.limitsLock.RLock()
	defer e.limitsLock.RUnlock()
	out := make([]string, 0, len(e.limits))
	for name := range e.limits {
		out = append(out, name)
	}
	return out
}

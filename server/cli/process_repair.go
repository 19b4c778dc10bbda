package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// needReason asks for a reason before anything is sent.
func needReason(look config.Look) error {
	if !look.DryRun && strings.TrimSpace(look.Reason) == "" {
		return usage("Say why with --reason, or look with --dry-run.")
	}
	return nil
}

func (s *session) restartFrom(ctx context.Context, c config.ProcessRestartFrom) error {
	if err := needReason(c.Look); err != nil {
		return err
	}
	id, err := s.changing(ctx, c.Subject)
	if err != nil {
		return err
	}
	if c.DryRun {
		query := url.Values{"node": {c.Node}}
		set(query, "scope", c.Scope)
		raw, err := s.get(ctx, "/processes/"+id+"/restart-from", query)
		if err != nil {
			return err
		}
		return s.answer(raw, func() error { return s.restartPlan(raw) })
	}
	raw, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/restart-from", struct {
		Node   string `json:"node"`
		Scope  string `json:"scope,omitempty"`
		Reason string `json:"reason"`
	}{c.Node, c.Scope, c.Reason}, nil)
	if err != nil {
		return err
	}
	made, err := decoded[struct {
		ID         string `json:"id"`
		NewProcess bool   `json:"new_process"`
	}](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		if made.NewProcess {
			s.say("restarted %s from %s as %s", id, c.Node, made.ID)
		} else {
			s.say("restarted %s from %s", id, c.Node)
		}
		return nil
	})
}

func (s *session) restartPlan(raw json.RawMessage) error {
	plan, err := decoded[httpapi.RestartPlan](raw)
	if err != nil {
		return err
	}
	if !plan.Allowed {
		return failed(Conflict, plan.Code, "%s.", plan.Message)
	}
	where := "the same"
	if plan.NewProcess {
		where = "a new one: this one has ended"
	}
	s.lines([][2]string{
		{"process", where}, {"cancelled", totals(plan.Cancelled)}, {"hidden", totals(plan.Hidden)},
		{"kept", strings.Join(plan.Kept, ", ")}, {"ahead", strings.Join(plan.Ahead, ", ")},
	})
	return nil
}

// totals is how many of each node.
func totals(of []httpapi.NodeTotal) string {
	parts := make([]string, len(of))
	for i, t := range of {
		parts[i] = t.Node
		if t.Count > 1 {
			parts[i] += " × " + strconv.Itoa(t.Count)
		}
	}
	return strings.Join(parts, ", ")
}

func (s *session) migrate(ctx context.Context, c config.ProcessMigrate) error {
	if err := needReason(c.Look); err != nil {
		return err
	}
	id, err := s.changing(ctx, c.Subject)
	if err != nil {
		return err
	}
	if c.DryRun {
		raw, err := s.get(ctx, "/processes/"+id+"/migrate", url.Values{"version": {strconv.Itoa(c.To)}})
		if err != nil {
			return err
		}
		return s.answer(raw, func() error { return s.migrationPlan(raw) })
	}
	if _, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/migrate", map[string]any{"version": c.To, "reason": c.Reason}, nil); err != nil {
		return err
	}
	return s.changed(changed{ProcessID: id, Done: "migrated to v" + strconv.Itoa(c.To)})
}

func (s *session) migrationPlan(raw json.RawMessage) error {
	plan, err := decoded[httpapi.MigrationPlan](raw)
	if err != nil {
		return err
	}
	s.lines([][2]string{{"from", "v" + strconv.Itoa(plan.From)}, {"to", "v" + strconv.Itoa(plan.To)}, {"goes on at", totals(plan.Open)}})
	for _, w := range plan.Warnings {
		s.say("%-15s %s", "warning", w.Node+" "+w.Message)
	}
	for _, i := range plan.Issues {
		s.say("%-15s %s", "refused", i.Node+" "+i.Code+": "+i.Message)
	}
	if !plan.Allowed {
		return failed(Conflict, plan.Code, "%s.", plan.Message)
	}
	return nil
}

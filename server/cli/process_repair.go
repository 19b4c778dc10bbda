package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

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

func (s *session) entry(ctx context.Context, c config.ProcessEntry) error {
	id, err := s.changing(ctx, c.Subject)
	if err != nil {
		return err
	}
	verb := "/restart"
	if c.Failed {
		verb = "/restart-failed"
	}
	raw, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/tasks/"+c.Task+verb, map[string]string{"reason": c.Reason.Reason}, nil)
	if err != nil {
		return err
	}
	if !c.Failed {
		return s.changed(changed{ProcessID: id, TaskID: c.Task, Done: "begun anew"})
	}
	made, err := decoded[struct{ Restarted int }](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		s.say("%d entries of %s begin anew", made.Restarted, c.Task)
		return nil
	})
}

func (s *session) fire(ctx context.Context, c config.ProcessFire) error {
	id, err := s.changing(ctx, c.Subject)
	if err != nil {
		return err
	}
	task, err := s.waiting(ctx, id, c.Task)
	if err != nil {
		return err
	}
	if _, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/tasks/"+task+"/fire", struct {
		Node   string `json:"node,omitempty"`
		Reason string `json:"reason"`
	}{c.Node, c.Reason.Reason}, nil); err != nil {
		return err
	}
	return s.changed(changed{ProcessID: id, TaskID: task, Done: "fired"})
}

// waiting returns the id of the task that waits: the named one, the only open one of the named node, or the only one that waits.
func (s *session) waiting(ctx context.Context, process, task string) (string, error) {
	if id, err := uuid.Parse(task); err == nil {
		return id.String(), nil
	}
	states := "waiting"
	if task != "" {
		states = "waiting,ready,queued,running,retrying,incident" // something may wait on its border
	}
	list, err := s.list(ctx, "/processes/"+process+"/tasks", url.Values{"state": {states}}, config.Page{All: true}, 500)
	if err != nil {
		return "", err
	}
	all, err := rows[httpapi.TaskSummary](list)
	if err != nil {
		return "", err
	}
	var found []string
	for _, t := range all {
		if task == "" || t.NodeID == task {
			found = append(found, t.ID+" "+t.NodeID)
		}
	}
	switch len(found) {
	case 0:
		return "", failed(Conflict, "cli.nothing_waits", "No task of the process %s waits there.", process)
	case 1:
		id, _, _ := strings.Cut(found[0], " ")
		return id, nil
	}
	return "", failed(Conflict, "cli.ambiguous", "%d tasks of the process %s wait; name one with --task: %s", len(found), process, strings.Join(found[:min(len(found), named)], ", "))
}

func (s *session) messageTo(ctx context.Context, c config.ProcessMessage) error {
	payload, err := s.object("--payload", c.Payload)
	if err != nil {
		return err
	}
	files, err := attachments(c.File, payload)
	if err != nil {
		return err
	}
	defer closeAll(files)
	id, err := s.changing(ctx, c.Subject)
	if err != nil {
		return err
	}
	if payload, err = s.uploaded(ctx, payload, files); err != nil {
		return err
	}
	raw, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/messages", struct {
		Name    string          `json:"name"`
		Key     string          `json:"key,omitempty"`
		Payload json.RawMessage `json:"payload,omitempty"`
		Reason  string          `json:"reason"`
	}{c.Name, c.Key, payload, c.Reason.Reason}, nil)
	if err != nil {
		return err
	}
	sent, err := decoded[struct{ ID string }](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		s.say("sent %s to process %s", sent.ID, id)
		return nil
	})
}

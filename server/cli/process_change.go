package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// changed tells what a command did; the API answers a change with no body.
type changed struct {
	ProcessID string `json:"process_id"`
	TaskID    string `json:"task_id,omitempty"`
	Done      string `json:"done"`
}

func (s *session) changed(done changed) error {
	return s.composed(done, func() error {
		s.say("%s %s", done.Done, strings.TrimSpace(done.ProcessID+" "+done.TaskID))
		return nil
	})
}

var pastTense = map[string]string{"cancel": "cancelled", "suspend": "suspended", "resume": "resumed", "delete": "deleted"}

// control makes a command of an operation that needs nothing but a reason.
func control(verb string) func(*session, context.Context, config.ProcessControl) error {
	return func(s *session, ctx context.Context, c config.ProcessControl) error {
		id, err := s.changing(ctx, c.Subject)
		if err != nil {
			return err
		}
		if _, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/"+verb, map[string]string{"reason": c.Reason.Reason}, nil); err != nil {
			return err
		}
		return s.changed(changed{ProcessID: id, Done: pastTense[verb]})
	}
}

func (s *session) prioritise(ctx context.Context, c config.ProcessPriority) error {
	id, err := s.changing(ctx, c.Subject)
	if err != nil {
		return err
	}
	body := map[string]any{"reason": c.Reason.Reason, "priority": c.To}
	if _, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/priority", body, nil); err != nil {
		return err
	}
	return s.changed(changed{ProcessID: id, Done: "reprioritised"})
}

func (s *session) restart(ctx context.Context, c config.ProcessRestart) error {
	input, err := s.object("--input", c.Input)
	if err != nil {
		return err
	}
	id, err := s.changing(ctx, c.Subject)
	if err != nil {
		return err
	}
	raw, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/restart", struct {
		Reason   string          `json:"reason"`
		Input    json.RawMessage `json:"input,omitempty"`
		CustomID *string         `json:"custom_id,omitempty"`
	}{c.Reason.Reason, input, c.CustomID}, nil)
	if err != nil {
		return err
	}
	made, err := decoded[struct{ ID string }](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		s.say("restarted %s as %s", id, made.ID)
		return nil
	})
}

func (s *session) retry(ctx context.Context, c config.ProcessRetry) error {
	input, err := s.object("--input", c.Input)
	if err != nil {
		return err
	}
	return s.mend(ctx, c.Subject, c.Task, "retry", "retried", struct {
		Reason string          `json:"reason"`
		Input  json.RawMessage `json:"input,omitempty"`
	}{c.Reason.Reason, input})
}

func (s *session) skip(ctx context.Context, c config.ProcessSkip) error {
	value, err := s.object("--value", c.Value)
	if err != nil {
		return err
	}
	return s.mend(ctx, c.Subject, c.Task, "skip", "skipped", struct {
		Reason string          `json:"reason"`
		Output json.RawMessage `json:"output,omitempty"`
	}{c.Reason.Reason, value})
}

func (s *session) mend(ctx context.Context, subject config.Subject, task, verb, done string, body any) error {
	id, err := s.changing(ctx, subject)
	if err != nil {
		return err
	}
	if task, err = s.task(ctx, id, task); err != nil {
		return err
	}
	if _, err := s.send(ctx, http.MethodPost, "/processes/"+id+"/tasks/"+task+"/"+verb, body, nil); err != nil {
		return err
	}
	return s.changed(changed{ProcessID: id, TaskID: task, Done: done})
}

// task returns the id of the task to mend: the named one, the one that stands at the named node, or the only incident.
func (s *session) task(ctx context.Context, process, task string) (string, error) {
	if id, err := uuid.Parse(task); err == nil {
		return id.String(), nil
	}
	states := "incident"
	if task != "" {
		states += ",retrying"
	}
	list, err := s.list(ctx, "/processes/"+process+"/tasks", url.Values{"state": {states}}, config.Page{All: true}, 500)
	if err != nil {
		return "", err
	}
	all, err := rows[httpapi.TaskSummary](list)
	if err != nil {
		return "", err
	}
	var found []httpapi.TaskSummary
	for _, t := range all {
		if task == "" || t.NodeID == task {
			found = append(found, t)
		}
	}
	switch {
	case len(found) == 1:
		return found[0].ID, nil
	case len(found) == 0 && task != "":
		return "", failed(Conflict, "cli.no_incident", "The process %s has no incident at the node %s.", process, task)
	case len(found) == 0:
		return "", failed(Conflict, "cli.no_incident", "The process %s has no incident.", process)
	}
	var names []string
	for _, t := range found[:min(len(found), named)] {
		names = append(names, t.ID+" "+t.NodeID+" "+codeOf(t))
	}
	more := ""
	if len(found) > named {
		more = fmt.Sprintf(", and %d more", len(found)-named)
	}
	return "", failed(Conflict, "cli.ambiguous", "The process %s has %d incidents; name one with --task: %s%s", process, len(found), strings.Join(names, ", "), more)
}

func codeOf(t httpapi.TaskSummary) string {
	if t.Error == nil {
		return t.State
	}
	return t.Error.Code
}

package cli

import (
	"bytes"
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

func (s *session) userTasks(ctx context.Context, c config.TaskList) error {
	query := url.Values{}
	set(query, "definition", c.Definition)
	set(query, "custom_id_prefix", c.CustomID)
	if c.Mine {
		query.Set("mine", "true")
	}
	found, err := s.list(ctx, "/user-tasks", query, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"CREATED", "CUSTOM ID", "TITLE", "DEFINITION", "DUE", "FOR", "CLAIMED BY", "TASK"}, func(t httpapi.UserTaskSummary) []cell {
		created := t.CreatedAt
		return []cell{plain(s.when(&created)), plain(t.CustomID), plain(t.Title), plain(fmt.Sprintf("%s v%d", t.Definition, t.Version)), plain(s.when(t.DueAt)),
			plain(offeredTo(t)), plain(t.ClaimedBy), plain(t.TaskID)}
	})
}

func offeredTo(t httpapi.UserTaskSummary) string {
	switch {
	case t.Assignee != "":
		return t.Assignee
	case len(t.Groups) == 0:
		return "everybody"
	default:
		return strings.Join(t.Groups, ", ")
	}
}

// userTask finds the task that a command is about.
func (s *session) userTask(ctx context.Context, which config.UserTask) (httpapi.UserTaskSummary, error) {
	var none httpapi.UserTaskSummary
	if which.Task == "" {
		return none, usage("Name a task by its id, or by the id or the customId of its process.")
	}
	query := url.Values{}
	means := func(t httpapi.UserTaskSummary) bool { return t.CustomID == which.Task }
	if id, err := uuid.Parse(which.Task); err == nil && len(which.Task) == len(id.String()) {
		means = func(t httpapi.UserTaskSummary) bool { return t.TaskID == id.String() || t.ProcessID == id.String() }
	} else {
		query.Set("custom_id_prefix", which.Task)
	}
	all, err := s.list(ctx, "/user-tasks", query, config.Page{All: true}, 200)
	if err != nil {
		return none, err
	}
	tasks, err := rows[httpapi.UserTaskSummary](all)
	if err != nil {
		return none, err
	}
	var found []httpapi.UserTaskSummary
	for _, t := range tasks {
		if means(t) {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 0:
		return none, failed(NotFound, "usertask.unknown", "You may do no task of %s.", which.Task)
	case 1:
		return found[0], nil
	}
	var names []string
	for _, t := range found[:min(len(found), named)] {
		names = append(names, t.TaskID+" "+t.Title)
	}
	return none, failed(Conflict, "cli.ambiguous", "You may do several tasks of %s; name one by its id: %s", which.Task, strings.Join(names, ", "))
}

func pathOfTask(t httpapi.UserTaskSummary) string {
	return "/user-tasks/" + t.ProcessID + "/" + t.TaskID
}

func (s *session) showUserTask(ctx context.Context, c config.TaskShow) error {
	found, err := s.userTask(ctx, c.UserTask)
	if err != nil {
		return err
	}
	raw, err := s.get(ctx, pathOfTask(found), nil)
	if err != nil {
		return err
	}
	t, err := decoded[httpapi.UserTask](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		created := t.CreatedAt
		s.lines([][2]string{
			{"id", t.TaskID}, {"title", t.Title}, {"process", t.ProcessID}, {"customId", t.CustomID}, {"definition", fmt.Sprintf("%s v%d %s", t.Definition, t.Version, t.DefinitionTitle)},
			{"for", offeredTo(t.UserTaskSummary)}, {"claimed by", t.ClaimedBy}, {"created", s.when(&created)}, {"due", s.when(t.DueAt)}, {"escalated", s.when(t.EscalatedAt)},
			{"what to do", t.Doc},
		})
		s.jsonBelow("input", t.Input)
		s.jsonBelow("form", t.Form)
		return nil
	})
}

// lines writes what has a value, one below the other.
func (s *session) lines(all [][2]string) {
	for _, line := range all {
		if line[1] != "" {
			s.say("%-15s %s", line[0], line[1])
		}
	}
}

// jsonBelow writes JSON below its name.
func (s *session) jsonBelow(name string, raw json.RawMessage) {
	var out bytes.Buffer
	if len(raw) == 0 || json.Indent(&out, raw, "", "  ") != nil {
		return
	}
	s.say("%s", name)
	for line := range strings.Lines(out.String()) {
		s.say("  %s", strings.TrimSuffix(line, "\n"))
	}
}

// claiming makes a command that takes a task or gives it back.
func claiming(verb, done string) func(*session, context.Context, config.TaskShow) error {
	return func(s *session, ctx context.Context, c config.TaskShow) error {
		found, err := s.userTask(ctx, c.UserTask)
		if err != nil {
			return err
		}
		if _, err := s.send(ctx, http.MethodPost, pathOfTask(found)+"/"+verb, nil, nil); err != nil {
			return err
		}
		return s.changed(changed{ProcessID: found.ProcessID, TaskID: found.TaskID, Done: done})
	}
}

func (s *session) complete(ctx context.Context, c config.TaskComplete) error {
	answer, err := s.object("--answer", c.Answer)
	if err != nil {
		return err
	}
	files, err := attachments(c.File, answer)
	if err != nil {
		return err
	}
	defer closeAll(files)
	found, err := s.userTask(ctx, c.UserTask)
	if err != nil {
		return err
	}
	if answer, err = s.uploaded(ctx, answer, files); err != nil {
		return err
	}
	body := struct {
		Output json.RawMessage `json:"output,omitempty"`
	}{answer}
	if _, err := s.send(ctx, http.MethodPost, pathOfTask(found)+"/complete", body, nil); err != nil {
		return err
	}
	return s.changed(changed{ProcessID: found.ProcessID, TaskID: found.TaskID, Done: "completed"})
}

func (s *session) message(ctx context.Context, c config.MessageSend) error {
	payload, err := s.object("--payload", c.Payload)
	if err != nil {
		return err
	}
	if c.Keep < 0 {
		return usage("--keep is not negative.")
	}
	files, err := attachments(c.File, payload)
	if err != nil {
		return err
	}
	defer closeAll(files)
	if payload, err = s.uploaded(ctx, payload, files); err != nil {
		return err
	}
	raw, err := s.send(ctx, http.MethodPost, "/messages", struct {
		Name    string          `json:"name"`
		Key     string          `json:"key,omitempty"`
		ID      string          `json:"id,omitempty"`
		Payload json.RawMessage `json:"payload,omitempty"`
		KeepS   int64           `json:"keep_s"`
	}{c.Name, c.Key, c.ID, payload, int64(c.Keep.Seconds())}, nil)
	if err != nil {
		return err
	}
	sent, err := decoded[httpapi.SentMessage](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		switch {
		case sent.Existing:
			s.say("had been sent before: %s", sent.ID)
		case sent.Outcome == "started":
			s.say("sent %s: it started process %s of %s", sent.ID, sent.ProcessID, sent.Definition)
		case sent.ProcessID == "":
			s.say("sent %s: nobody waits for it yet", sent.ID)
		default:
			s.say("sent %s to process %s", sent.ID, sent.ProcessID)
		}
		return nil
	})
}

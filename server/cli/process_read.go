package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func (s *session) search(ctx context.Context, c config.ProcessSearch) error {
	query := url.Values{}
	set(query, "custom_id", c.CustomID)
	set(query, "custom_id_prefix", c.Prefix)
	set(query, "definition", c.Definition)
	set(query, "state", strings.Join(c.State, ","))
	set(query, "error_code", c.ErrorCode)
	if c.Version != 0 {
		query.Set("version", strconv.Itoa(c.Version))
	}
	if c.Outermost {
		query.Set("outermost", "true")
	}
	for flag, text := range map[string]string{"started_from": c.StartedFrom, "started_to": c.StartedTo} {
		t, err := s.moment("--"+strings.ReplaceAll(flag, "_", "-"), text, -1)
		if err != nil {
			return err
		}
		if t != nil {
			query.Set(flag, t.UTC().Format(time.RFC3339Nano))
		}
	}
	found, err := s.list(ctx, "/processes", query, c.Page, 200)
	if err != nil {
		return err
	}
	return s.showProcesses(found)
}

func (s *session) showProcesses(found listing) error {
	return showList(s, found, []string{"ID", "CUSTOM ID", "DEFINITION", "STATE", "STARTED", "TOOK", "ERROR"}, func(p httpapi.ProcessSummary) []cell {
		trouble := fault(p.ErrorCode, p.ErrorMessage)
		if p.IncidentsBelow > 0 {
			trouble = strings.TrimPrefix(trouble+"; "+below(p.IncidentsBelow), "; ")
		}
		return []cell{plain(p.ID), plain(p.CustomID), plain(fmt.Sprintf("%s v%d", p.Definition, p.Version)), state(p.State),
			plain(s.when(p.StartedAt)), plain(s.took(p.StartedAt, p.EndedAt)), plain(trouble)}
	})
}

func below(incidents int) string {
	if incidents == 0 {
		return ""
	}
	return fmt.Sprintf("%d open incidents in processes that it has called", incidents)
}

func (s *session) children(ctx context.Context, c config.ProcessChildren) error {
	id, err := s.reading(ctx, c.Subject)
	if err != nil {
		return err
	}
	found, err := s.list(ctx, "/processes/"+id+"/children", url.Values{}, c.Page, 200)
	if err != nil {
		return err
	}
	return s.showProcesses(found)
}

func set(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

// fault joins a code and a message, which may begin with the code itself.
func fault(code, message string) string {
	if strings.HasPrefix(message, code) {
		return message
	}
	return strings.TrimSpace(code + " " + message)
}

func (s *session) process(ctx context.Context, id string) (httpapi.Process, json.RawMessage, error) {
	raw, err := s.get(ctx, "/processes/"+id, nil)
	if err != nil {
		return httpapi.Process{}, nil, err
	}
	p, err := decoded[httpapi.Process](raw)
	return p, raw, err
}

func (s *session) show(ctx context.Context, c config.ProcessShow) error {
	id, err := s.reading(ctx, c.Subject)
	if err != nil {
		return err
	}
	p, raw, err := s.process(ctx, id)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		created := p.CreatedAt
		s.lines([][2]string{
			{"id", p.ID}, {"customId", p.CustomID}, {"definition", fmt.Sprintf("%s v%d %s", p.Definition, p.Version, p.DefinitionTitle)},
			{"state", p.State}, {"error", fault(p.ErrorCode, p.ErrorMessage)}, {"suspended", fault(p.SuspendedBy, p.SuspendReason)}, {"ends by", s.when(p.EndsBy)},
			{"priority", strconv.Itoa(p.Priority)}, {"created", strings.TrimSpace(s.when(&created) + " " + p.CreatedBy)}, {"scheduled", s.when(p.ScheduledAt)},
			{"started", s.when(p.StartedAt)}, {"ended", s.when(p.EndedAt)}, {"took", s.took(p.StartedAt, p.EndedAt)},
			{"called by", calledBy(p.Ancestors)}, {"below", below(p.IncidentsBelow)}, {"tasks", counts(p.Counts)}, {"restarted from", p.RestartedFrom}, {"restarted as", strings.Join(p.RestartedAs, " ")},
		})
		for _, w := range p.Whys {
			s.lines([][2]string{{"waits", w.TextEN}})
		}
		s.jsonBelow("input", p.Input)
		s.jsonBelow("output", p.Output)
		return nil
	})
}

// calledBy names the processes that have called one, the outermost first.
func calledBy(ancestors []httpapi.ProcessLink) string {
	all := make([]string, len(ancestors))
	for i, p := range ancestors {
		all[i] = fmt.Sprintf("%s (%s v%d)", p.ID, p.Definition, p.Version)
	}
	return strings.Join(all, " > ")
}

// counts tells how many tasks are in each state, in the order of a task's life.
func counts(of map[string]int) string {
	var all []string
	for _, name := range []string{"waiting", "ready", "queued", "running", "retrying", "incident", "completed", "failed", "skipped", "cancelled"} {
		if of[name] > 0 {
			all = append(all, fmt.Sprintf("%d %s", of[name], name))
		}
	}
	return strings.Join(all, ", ")
}

func (s *session) tree(ctx context.Context, c config.ProcessTree) error {
	id, err := s.reading(ctx, c.Subject)
	if err != nil {
		return err
	}
	p, raw, err := s.process(ctx, id)
	if err != nil {
		return err
	}
	tasks, err := s.list(ctx, "/processes/"+id+"/tasks", url.Values{}, config.Page{All: true}, 500)
	if err != nil {
		return err
	}
	return s.composed(map[string]any{"process": raw, "tasks": tasks.Items}, func() error {
		all, err := rows[httpapi.TaskSummary](tasks)
		if err != nil {
			return err
		}
		s.say("%s %s  %s v%d  %s  %s", p.ID, p.CustomID, p.Definition, p.Version, p.State, s.took(p.StartedAt, p.EndedAt))
		t := table{head: []string{"TASK", "NODE", "STATE", "ATTEMPT", "STARTED", "TOOK", "WORKER", "WHY"}}
		for _, task := range all {
			title, attempt := task.Title, ""
			if task.Run > 1 {
				title += " #" + strconv.Itoa(task.Run)
			}
			if task.Attempt > 0 && task.MaxAttempts > 0 {
				attempt = fmt.Sprintf("%d/%d", task.Attempt, task.MaxAttempts)
			}
			t.add(plain(title), plain(task.NodeID), state(task.State), plain(attempt), plain(s.when(task.StartedAt)), plain(s.taskTook(task)),
				plain(task.Worker), plain(why(task)))
		}
		return t.write(s)
	})
}

func (s *session) taskTook(t httpapi.TaskSummary) string {
	if t.RunMS != nil {
		return lasted(time.Duration(*t.RunMS * float64(time.Millisecond)))
	}
	if t.State == "running" {
		return s.took(t.StartedAt, nil)
	}
	return ""
}

// why says what happened to a task, or what it waits for.
func why(t httpapi.TaskSummary) string {
	var parts []string
	if t.Error != nil {
		parts = append(parts, fault(t.Error.Code, t.Error.Message))
	}
	if t.Why != nil {
		text := t.Why.TextEN
		if text == "" {
			text = t.Why.Code
		}
		parts = append(parts, text)
	}
	if t.Child != nil && t.Why == nil {
		parts = append(parts, fmt.Sprintf("called %s %s, %s", t.Child.Definition, t.Child.ID, t.Child.State))
	}
	if t.Progress != nil && t.State == "running" {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d%% %s", t.Progress.Percent, t.Progress.Text)))
	}
	return strings.Join(parts, "; ")
}

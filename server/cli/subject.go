package cli

import (
	"context"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// live are the states of a process that has not ended.
const live = "scheduled,running,suspended,incident,cancelling"

// named is how many of several an error names.
const named = 10

// reading returns the id of the process that a command looks at: of several with a customId the newest live one, else the
// newest.
func (s *session) reading(ctx context.Context, subject config.Subject) (string, error) {
	found, err := s.bearers(ctx, subject.Process, "")
	if err != nil || len(found) == 1 {
		return first(found), err
	}
	alive, err := s.bearers(ctx, subject.Process, live)
	if err != nil && ExitOf(err) != NotFound {
		return "", err
	}
	if len(alive) > 0 {
		found = alive
	}
	s.note("several processes have the customId %s; this is the newest, %s", subject.Process, found[0].ID)
	return found[0].ID, nil
}

// changing returns the id of the process that a command changes: a customId must be of one process alone.
func (s *session) changing(ctx context.Context, subject config.Subject) (string, error) {
	found, err := s.bearers(ctx, subject.Process, "")
	if err != nil || len(found) == 1 {
		return first(found), err
	}
	var all []string
	for _, p := range found[:min(len(found), named)] {
		created := p.CreatedAt
		all = append(all, p.ID+" "+p.State+" "+s.when(&created))
	}
	more := ""
	if len(found) > named {
		more = ", and more"
	}
	return "", failed(Conflict, "cli.ambiguous", "Several processes have the customId %s; name one by its id: %s%s", subject.Process, strings.Join(all, ", "), more)
}

// bearers returns the processes that the argument may mean, newest first: at least one.
func (s *session) bearers(ctx context.Context, argument, states string) ([]httpapi.ProcessSummary, error) {
	if id, err := uuid.Parse(argument); err == nil && len(argument) == len(id.String()) {
		return []httpapi.ProcessSummary{{ID: id.String()}}, nil
	}
	if argument == "" {
		return nil, usage("Name a process by its id or its customId.")
	}
	query := url.Values{"custom_id": {argument}, "outermost": {"true"}}
	if states != "" {
		query.Set("state", states)
	}
	list, err := s.list(ctx, "/processes", query, config.Page{Limit: named + 1}, named+1)
	if err != nil {
		return nil, err
	}
	found, err := rows[httpapi.ProcessSummary](list)
	if err == nil && len(found) == 0 { // a process that was called may have a customId of its own
		query.Del("outermost")
		if list, err = s.list(ctx, "/processes", query, config.Page{Limit: named + 1}, named+1); err == nil {
			found, err = rows[httpapi.ProcessSummary](list)
		}
	}
	if err == nil && len(found) == 0 {
		err = failed(NotFound, "process.unknown", "No process has the customId %s.", argument)
	}
	return found, err
}

func first(found []httpapi.ProcessSummary) string {
	if len(found) == 0 {
		return ""
	}
	return found[0].ID
}

package cli

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func (s *session) retentions(ctx context.Context, _ config.RetentionList) error {
	raw, err := s.get(ctx, "/retention", nil)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		all, err := decoded[httpapi.Retentions](raw)
		if err != nil {
			return err
		}
		rows := table{head: []string{"DEFINITION", "DAYS", "SINCE", "BY", "REASON"}}
		for _, r := range append([]httpapi.Retention{all.Default}, all.Items...) {
			name := r.Definition
			if name == "" {
				name = "(default)"
			}
			rows.add(plain(name), plain(strconv.Itoa(r.Days)), plain(s.when(r.At)), plain(r.Author), plain(r.Reason))
		}
		if err := rows.write(s); err != nil {
			return err
		}
		if p := all.LastPass; p != nil {
			ended := p.EndedAt
			s.note("the last pass ended %s: %d processes removed, %d days dropped as a whole %s", s.when(&ended), p.Processes, p.Days, p.Error)
		}
		return nil
	})
}

func (s *session) previewRetention(ctx context.Context, c config.RetentionPreview) error {
	query := url.Values{"days": {strconv.Itoa(c.Days)}}
	set(query, "definition", c.Definition)
	raw, err := s.get(ctx, "/retention/preview", query)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		found, err := decoded[struct {
			Processes int
			More      bool
		}](raw)
		if err != nil {
			return err
		}
		most := ""
		if found.More {
			most = "more than "
		}
		s.say("%s%d ended processes would be removed now", most, found.Processes)
		return nil
	})
}

func (s *session) setRetention(ctx context.Context, c config.RetentionSet) error {
	if (c.Definition == "") != c.Default {
		return usage("Say which definition, or --default.")
	}
	body := map[string]any{"definition": c.Definition, "days": c.Days, "reason": c.Reason.Reason}
	if _, err := s.send(ctx, http.MethodPost, "/retention", body, nil); err != nil {
		return err
	}
	s.say("kept for %d days", c.Days)
	return nil
}

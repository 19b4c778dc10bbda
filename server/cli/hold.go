package cli

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// held tells what a pause or a limit did; the API answers a change with no body.
type held struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Done string `json:"done"`
}

func (s *session) held(done held) error {
	return s.composed(done, func() error {
		s.say("%s %s %s", done.Done, done.Kind, done.Name)
		return nil
	})
}

// pausing makes a command that pauses a subject or ends its pause.
func pausing(path, done string) func(*session, context.Context, config.WorkerPause) error {
	return func(s *session, ctx context.Context, c config.WorkerPause) error {
		body := map[string]string{"kind": c.Kind, "name": c.Name, "reason": c.Reason.Reason}
		if _, err := s.send(ctx, http.MethodPost, path, body, nil); err != nil {
			return err
		}
		return s.held(held{Kind: c.Kind, Name: c.Name, Done: done})
	}
}

func (s *session) pauses(ctx context.Context, _ config.WorkerPauses) error {
	raw, err := s.get(ctx, "/pauses", nil)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		answer, err := decoded[struct{ Items []httpapi.Pause }](raw)
		if err != nil {
			return err
		}
		list := table{head: []string{"KIND", "NAME", "SINCE", "BY", "REASON"}}
		for _, p := range answer.Items {
			list.add(plain(p.Kind), plain(p.Name), plain(s.when(&p.At)), plain(p.Author), plain(p.Reason))
		}
		return list.write(s)
	})
}

func (s *session) limit(ctx context.Context, c config.WorkerLimit) error {
	body := map[string]any{"node_type": c.Type, "key": c.Key, "most": c.Most, "starts": c.Starts, "per_seconds": c.Per.Seconds(), "reason": c.Reason.Reason}
	if _, err := s.send(ctx, http.MethodPost, "/limits", body, nil); err != nil {
		return err
	}
	return s.held(held{Kind: "type", Name: c.Type, Done: "limited"})
}

func (s *session) unlimit(ctx context.Context, c config.WorkerUnlimit) error {
	body := map[string]string{"node_type": c.Type, "reason": c.Reason.Reason}
	if _, err := s.send(ctx, http.MethodPost, "/limits/remove", body, nil); err != nil {
		return err
	}
	return s.held(held{Kind: "type", Name: c.Type, Done: "unlimited"})
}

func (s *session) limits(ctx context.Context, _ config.WorkerLimits) error {
	raw, err := s.get(ctx, "/limits", nil)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		answer, err := decoded[struct{ Items []httpapi.Limit }](raw)
		if err != nil {
			return err
		}
		list := table{head: []string{"TYPE", "LIMIT", "SINCE", "BY", "REASON"}}
		for _, l := range answer.Items {
			list.add(plain(l.NodeType), plain(limitText(l)), plain(s.when(&l.At)), plain(l.Author), plain(l.Reason))
		}
		return list.write(s)
	})
}

func limitText(l httpapi.Limit) string {
	var parts []string
	if l.Most > 0 {
		parts = append(parts, fmt.Sprintf("%d at once", l.Most))
	}
	if l.Starts > 0 {
		parts = append(parts, fmt.Sprintf("%d starts in %g s", l.Starts, l.PerSeconds))
	}
	if l.Key != "" {
		parts = append(parts, "for each "+l.Key)
	}
	return strings.Join(parts, ", ")
}

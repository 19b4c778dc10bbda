package cli

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func (s *session) messages(ctx context.Context, c config.MessageList) error {
	query := url.Values{}
	set(query, "state", c.State)
	set(query, "name", c.Name)
	set(query, "key", c.Key)
	found, err := s.list(ctx, "/messages", query, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"ID", "NAME", "KEY", "STATE", "SENT", "BY", "UNTIL", "REPEATS", "WHY"}, func(m httpapi.Message) []cell {
		sent, until := m.SentAt, m.ExpiresAt
		return []cell{plain(m.ID), plain(m.Name), plain(m.Key), plain(m.State), plain(s.when(&sent)), plain(m.SentBy), plain(s.when(&until)),
			plain(strconv.Itoa(m.Repeats)), plain(fault(m.RefusedBy, m.Refusal))}
	})
}

func (s *session) showMessage(ctx context.Context, c config.MessageShow) error {
	raw, err := s.get(ctx, "/messages/"+url.PathEscape(c.ID), nil)
	if err != nil {
		return err
	}
	m, err := decoded[httpapi.Message](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		sent, until := m.SentAt, m.ExpiresAt
		s.lines([][2]string{
			{"id", m.ID}, {"name", m.Name}, {"key", m.Key}, {"sender's id", m.SenderID}, {"state", m.State}, {"refused by", fault(m.RefusedBy, m.Refusal)},
			{"process", m.ProcessID}, {"sent", s.when(&sent) + " " + m.SentBy}, {"until", s.when(&until)}, {"taken", s.when(m.TakenAt)},
			{"sent again", strconv.Itoa(m.Repeats)}, {"payload", string(m.Payload)},
		})
		return nil
	})
}

func (s *session) deleteMessage(ctx context.Context, c config.MessageDelete) error {
	_, err := s.send(ctx, http.MethodPost, "/messages/"+url.PathEscape(c.ID)+"/delete", map[string]string{"reason": c.Reason.Reason}, nil)
	if err != nil {
		return err
	}
	s.note("deleted")
	return nil
}

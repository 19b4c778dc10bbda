package cli

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

type history struct {
	Items []json.RawMessage `json:"items"`
	Head  int64             `json:"head"`
}

func (s *session) events(ctx context.Context, c config.ProcessEvents) error {
	if c.Limit < 1 && !c.All {
		return usage("--limit must be at least 1.")
	}
	id, err := s.reading(ctx, c.Subject)
	if err != nil {
		return err
	}
	const most = 500
	all, last := history{Items: []json.RawMessage{}}, c.After
	for {
		size := most
		if !c.All {
			size = min(most, c.Limit-len(all.Items))
		}
		raw, err := s.get(ctx, "/processes/"+id+"/events", url.Values{"after": {strconv.FormatInt(last, 10)}, "limit": {strconv.Itoa(size)}})
		if err != nil {
			return err
		}
		part, err := decoded[history](raw)
		if err != nil {
			return err
		}
		all.Items, all.Head = append(all.Items, part.Items...), part.Head
		if len(part.Items) > 0 {
			event, err := decoded[httpapi.Event](part.Items[len(part.Items)-1])
			if err != nil {
				return err
			}
			last = event.Seq
		}
		if len(part.Items) < size || !c.All && len(all.Items) >= c.Limit {
			break
		}
	}
	return s.composed(all, func() error {
		events, err := rows[httpapi.Event](listing{Items: all.Items})
		if err != nil {
			return err
		}
		t := table{head: []string{"SEQ", "AT", "WHAT", "OF", "STATE", "DETAIL"}}
		for _, event := range events {
			at := event.At
			for _, change := range event.Changes {
				t.add(plain(strconv.FormatInt(event.Seq, 10)), plain(s.when(&at)), plain(change.Kind), plain(subjectOf(change)), state(change.State), plain(detailOf(change)))
			}
		}
		if last < all.Head {
			s.note("there are more: see --limit, --all and --after %d", last)
		}
		return t.write(s)
	})
}

func subjectOf(c httpapi.Change) string {
	if c.Edge != "" {
		return c.Edge
	}
	if c.Run > 1 {
		return c.Node + " #" + strconv.Itoa(c.Run)
	}
	return c.Node
}

func detailOf(c httpapi.Change) string {
	var parts []string
	for _, part := range []string{c.Code, c.Text, c.Worker, c.Actor} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if c.Attempt > 1 {
		parts = append(parts, "attempt "+strconv.Itoa(c.Attempt))
	}
	if detail := string(c.Detail); detail != "" && detail != "null" {
		parts = append(parts, detail)
	}
	return strings.Join(parts, " ")
}

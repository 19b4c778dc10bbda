package cli

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func (s *session) secrets(ctx context.Context, _ config.SecretList) error {
	raw, err := s.get(ctx, "/secrets", nil)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		answer, err := decoded[struct {
			Items  []httpapi.Secret
			Locked bool
		}](raw)
		if err != nil {
			return err
		}
		if answer.Locked {
			s.note("this server has no key for secrets: TASKUROTTA_SECRET_KEY")
		}
		list := table{head: []string{"NAME", "DEFINITIONS", "NODE TYPES", "POOLS", "CHANGED", "BY", "LAST USED", "DESCRIPTION"}}
		for _, one := range answer.Items {
			list.add(plain(one.Name), plain(allOr(one.Definitions)), plain(allOr(one.NodeTypes)), plain(allOr(one.Pools)), plain(s.when(&one.ValueAt)),
				plain(one.UpdatedBy), plain(s.when(one.LastUsedAt)), plain(one.Description))
		}
		return list.write(s)
	})
}

func allOr(names []string) string {
	if len(names) == 0 {
		return "all"
	}
	return strings.Join(names, ", ")
}

func (s *session) setSecret(ctx context.Context, c config.SecretSet) error {
	body := map[string]any{}
	for name, value := range map[string][]string{"definitions": c.Definitions, "node_types": c.NodeTypes, "pools": c.Pools} {
		if len(value) > 0 {
			body[name] = value
		}
	}
	if c.Description != "" {
		body["description"] = c.Description
	}
	if !c.KeepValue {
		raw, err := io.ReadAll(io.LimitReader(s.In, 64<<10))
		if err != nil {
			return err
		}
		value := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
		if value == "" {
			return usage("The value comes on the standard input; --keep-value leaves it as it is.")
		}
		body["value"] = value
	}
	raw, err := s.send(ctx, http.MethodPut, "/secrets/"+url.PathEscape(c.Name), body, nil)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		s.say("set secret://%s", c.Name)
		return nil
	})
}

func (s *session) deleteSecret(ctx context.Context, c config.SecretDelete) error {
	if _, err := s.send(ctx, http.MethodDelete, "/secrets/"+url.PathEscape(c.Name), nil, nil); err != nil {
		return err
	}
	return s.held(held{Kind: "secret", Name: c.Name, Done: "deleted"})
}

package app

import (
	"context"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func (a engineAPI) Retentions(ctx context.Context) (httpapi.Retentions, error) {
	all, err := a.engine.Retentions(ctx)
	if err != nil {
		return httpapi.Retentions{}, err
	}
	view := func(r engine.RetentionView) httpapi.Retention {
		out := httpapi.Retention{Definition: r.Definition, Days: r.Days, Own: r.Own, Default: r.Default, Reason: r.Reason, Author: r.Author, At: r.At}
		if r.Definition != "" {
			out.DefinitionTitle = a.titles.of(ctx, r.Definition)
		}
		return out
	}
	out := httpapi.Retentions{Default: view(all.Default), Items: mapped(all.Own, view), EverySeconds: all.Every.Seconds()}
	if p := all.LastPass; p != nil {
		out.LastPass = &httpapi.RetentionPass{BeganAt: p.Began.UTC(), EndedAt: p.Ended.UTC(), Processes: p.Processes, Days: p.Days, Error: p.Error}
	}
	return out, nil
}

func (a engineAPI) PreviewRetention(ctx context.Context, definition string, days int) (int, bool, error) {
	return a.engine.Expired(ctx, definition, days)
}

func (a engineAPI) SetRetention(ctx context.Context, c httpapi.SetRetention) error {
	return a.engine.SetRetention(ctx, engine.RetentionCommand{Definition: c.Definition, Days: c.Days, Actor: c.Actor, Reason: c.Reason})
}

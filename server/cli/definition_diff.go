package cli

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/compare"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// published names a document that the server has.
var published = regexp.MustCompile(`^([a-z][a-z0-9-]{0,62})(?:@(draft|latest|[1-9][0-9]{0,8}))?$`)

// difference is what diff prints with -o json.
type difference struct {
	Before      string `json:"before"`
	After       string `json:"after"`
	SameMeaning bool   `json:"same_meaning"`
	compare.Comparison
}

func (s *session) diff(ctx context.Context, c config.DefinitionDiff) error {
	if c.After == "" {
		if !published.MatchString(c.Before) || strings.Contains(c.Before, "@") {
			return usage("Say what to compare %s with: KEY alone is compared with its draft.", c.Before)
		}
		c.After = c.Before + "@draft"
	}
	if c.Before == "-" && c.After == "-" {
		return usage("The standard input can be read once.")
	}
	before, err := s.named(ctx, c.Before)
	if err != nil {
		return err
	}
	after, err := s.named(ctx, c.After)
	if err != nil {
		return err
	}
	found := difference{Before: c.Before, After: c.After, SameMeaning: compare.SameMeaning(before, after), Comparison: compare.Documents(before, after)}
	if err := s.composed(found, func() error { s.tell(found.Comparison); return nil }); err != nil {
		return err
	}
	if !found.SameMeaning {
		return failed(Differ, "cli.differ", "%s and %s are not the same.", c.Before, c.After)
	}
	return nil
}

// named reads a document by its name on the command line.
func (s *session) named(ctx context.Context, name string) (*graph.Document, error) {
	if found := published.FindStringSubmatch(name); found != nil {
		source := config.DefinitionExport{Key: found[1], Draft: found[2] == "draft"}
		source.Version, _ = strconv.Atoi(found[2]) // 0, the one that starts run, unless it is a number
		raw, err := s.stored(ctx, source)
		if err != nil {
			return nil, err
		}
		doc, issues := codec.Decode(raw)
		if len(issues) > 0 {
			return nil, failed(Failure, "cli.answer", "This program can't read %s: %s. Are both of one version?", name, issues[0].Message)
		}
		return doc, nil
	}
	raw, err := s.readFile(name)
	if err != nil {
		return nil, err
	}
	doc, issues := codec.Decode(raw)
	if len(issues) > 0 {
		return nil, usage("%s is no document: %s %s.", name, issues[0].Path, issues[0].Message)
	}
	return doc, nil
}

// readFile reads JSON from a file, or the standard input for "-".
func (s *session) readFile(name string) ([]byte, error) {
	var raw []byte
	var err error
	if name == "-" {
		raw, err = io.ReadAll(s.In)
	} else {
		raw, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, usage("%v", err)
	}
	if err := httpapi.CheckJSON(raw); err != nil {
		return nil, usage("%s is no JSON: %v", name, err)
	}
	return raw, nil
}

var (
	signs = map[compare.Change]string{compare.Added: "+", compare.Removed: "-", compare.Changed: "~"}
	hues  = map[compare.Change]string{compare.Added: "32", compare.Removed: "31", compare.Changed: "33"}
)

// tell prints a comparison for people: a line for each part, indented ones for its fields.
func (s *session) tell(c compare.Comparison) {
	if c.Same() {
		s.say("no difference")
		return
	}
	for _, item := range c.Items {
		line := signs[item.Change] + " " + strings.Replace(item.Of, "edge", "flow", 1) + " " + item.ID
		if item.Kind != "" {
			line += " (" + item.Kind + ")"
		}
		if item.Title != "" {
			line += " " + strconv.Quote(item.Title)
		}
		s.tinted(line, hues[item.Change])
		for _, field := range item.Fields {
			s.say("    %s", changeOf(field))
		}
	}
	for _, field := range c.Other {
		if len(field.Before)+len(field.After) == 0 {
			s.tinted("~ the order of "+strings.TrimPrefix(field.Path, "/"), hues[compare.Changed])
			continue
		}
		s.tinted("~ "+changeOf(field), hues[compare.Changed])
	}
	if len(c.Moved) > 0 {
		s.say("moved: %s", strings.Join(c.Moved, ", "))
	}
}

func changeOf(field compare.Field) string {
	side := func(raw json.RawMessage) string {
		if raw == nil {
			return "(nothing)"
		}
		return string(raw)
	}
	return strings.TrimPrefix(field.Path, "/") + ": " + side(field.Before) + " → " + side(field.After)
}

// tinted is say in a colour, where people see it.
func (s *session) tinted(line, tone string) {
	if s.Colour {
		_, _ = io.WriteString(s.Out, "\x1b["+tone+"m"+printable(line)+"\x1b[0m\n") // as say does: a terminal that is gone is nobody's loss
		return
	}
	s.say("%s", line)
}

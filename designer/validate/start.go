package validate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/designer/timing"
)

// start checks a start event. What describes the input of the process belongs to the one that people use, or else to the first that
// does so.
func (c *checker) start(node int, start *graph.StartEvent, at place) {
	if c.doc.Nodes[node].Parent != "" {
		return // it is begun by the flow that leads to its sub-process
	}
	if owner := c.doc.InputStart(); owner != node {
		for _, has := range []struct {
			name    string
			present bool
		}{{"input_schema", len(start.InputSchema) > 0}, {"search_keys", len(start.SearchKeys) > 0}, {"one_active", start.OneActive}, {"time_limit_ms", start.TimeLimitMS != 0}} {
			if has.present {
				c.add(StartSecond, at.at(has.name), "the input of the process is described at "+clip(c.doc.Nodes[owner].ID), "id", clip(c.doc.Nodes[owner].ID))
			}
		}
	} else {
		c.describe(start, at)
	}
	c.trigger(node, start, at)
}

// describe checks the input schema and the search keys.
func (c *checker) describe(start *graph.StartEvent, at place) {
	var properties map[string]json.RawMessage
	if len(start.InputSchema) > 0 {
		if _, err := schema.Compile(start.InputSchema, schema.Rules{}); err != nil {
			issue := firstIssue(err)
			c.add(StartSchema, place{node: at.node, path: at.path + "/input_schema" + issue.Path}, issue.Message, "detail", issue.Message)
		} else if typeOf(start.InputSchema) != "object" {
			c.add(StartObject, at.at("input_schema", "type"), "the input schema must describe an object")
		}
		properties = shapeOf(start.InputSchema).Properties
	}
	if start.TimeLimitMS != 0 {
		c.between(StartLimit, "time_limit_ms", float64(start.TimeLimitMS), 1000, float64(maxWait), at)
	}
	seen := map[string]bool{}
	for i, key := range start.SearchKeys {
		kind := typeOf(properties[key])
		if i >= 5 || seen[key] || !slices.Contains([]string{"string", "integer", "number", "boolean"}, kind) {
			c.add(SearchKey, place{node: at.node, path: at.path + strictjson.Pointer("search_keys", fmt.Sprint(i))},
				clip(key)+" can't be a search key: these are up to 5 different texts, numbers or booleans of the input", "name", clip(key))
		}
		seen[key] = true
	}
}

var validSecret = regexp.MustCompile(`^secret://[a-z][a-z0-9_.-]{0,99}$`)

// trigger checks what sets a start off besides people.
func (c *checker) trigger(node int, start *graph.StartEvent, at place) {
	if !slices.Contains([]graph.StartKind{"", graph.StartManual, graph.StartSchedule, graph.StartMessage, graph.StartWebhook}, start.Kind) {
		c.add(StartKind, at.at("kind"), "the kind of start "+clip(string(start.Kind))+" is not known", "kind", clip(string(start.Kind)))
		return
	}
	came := start.Kind == graph.StartMessage || start.Kind == graph.StartWebhook
	for _, has := range []struct {
		name            string
		present, wanted bool
		optional        bool
	}{{"schedule", start.Schedule != nil, start.Kind == graph.StartSchedule, false}, {"message", start.Message != "", start.Kind == graph.StartMessage, false},
		{"webhook", start.Webhook != nil, start.Kind == graph.StartWebhook, false}, {"input", start.Input != nil, came, true},
		{"custom_id", start.CustomID != "", !start.Manual(), true}} {
		if has.present && !has.wanted || has.wanted && !has.present && !has.optional {
			c.add(StartMember, at.at(has.name), "it lacks "+has.name+", or has it in vain", "kind", string(start.Kind), "member", has.name)
		}
	}
	switch {
	case start.Kind == graph.StartSchedule && start.Schedule != nil:
		c.schedule(node, start.Schedule, at.at("schedule"))
	case start.Kind == graph.StartMessage:
		c.startMessage(node, start.Message, at.at("message"))
	case start.Kind == graph.StartWebhook && start.Webhook != nil:
		c.webhook(start.Webhook, at.at("webhook"))
	}
	if came && start.Input != nil {
		c.startInput(node, start.Input, true, at.at("input"))
	}
	if start.CustomID != "" && !start.Manual() {
		c.startText(node, start.CustomID, at.at("custom_id"))
	}
}

func (c *checker) schedule(node int, s *graph.Schedule, at place) {
	zone, err := timing.Zone(s.Zone)
	if err != nil {
		c.add(TimerZone, at.at("zone"), err.Error(), "zone", clip(s.Zone))
	} else if _, err := timing.ParseCron(s.Cron, zone); err != nil {
		c.add(TimerValue, at.at("cron"), err.Error(), "detail", err.Error())
	}
	c.startInput(node, s.Input, false, at.at("input"))
}

func (c *checker) startMessage(node int, name string, at place) {
	if n := utf8.RuneCountInString(name); n > 100 {
		c.add(MessageName, at, "the name of a message has 1 to 100 characters")
	}
	for i := range node {
		if n := &c.doc.Nodes[i]; n.Start != nil && n.Parent == "" && n.Start.Kind == graph.StartMessage && n.Start.Message == name && name != "" {
			c.add(StartMessageTwice, at, "another start waits for this message already", "id", clip(n.ID))
			return
		}
	}
}

func (c *checker) webhook(w *graph.Webhook, at place) {
	switch w.Check {
	case graph.WebhookHMAC:
		if !validSecret.MatchString(w.Secret) {
			c.add(StartSecret, at.at("secret"), `the secret is named like "secret://orders"`)
		}
	case graph.WebhookPath:
		if w.Secret != "" {
			c.add(StartSecret, at.at("secret"), "a path that nobody can guess needs no secret")
		}
	default:
		c.add(StartCheck, at.at("check"), "the check "+clip(string(w.Check))+" is not known", "check", clip(string(w.Check)))
	}
}

// startInput checks the values that make the input of the process. With came they see what a message or a request brought as "input".
func (c *checker) startInput(node int, fields map[string]graph.Value, came bool, at place) {
	before := c.env
	c.env = expr.Env{Tasks: map[string]json.RawMessage{}}.Prepare()
	c.beginning, c.nothing = true, !came
	given := c.mapping(node, fields, at, false)
	c.env, c.beginning, c.nothing = before, false, false
	if owner := c.doc.InputStart(); owner >= 0 && c.doc.Nodes[owner].Start != nil {
		c.fits(c.doc.Nodes[owner].Start.InputSchema, fields, given, at)
	}
}

// startText checks a text that sees the input of the process and nothing else.
func (c *checker) startText(node int, text string, at place) {
	before := c.env
	c.env = expr.Env{Input: c.env.Input, Tasks: map[string]json.RawMessage{}}.Prepare()
	c.beginning = true
	c.text(node, text, at)
	c.env, c.beginning = before, false
}

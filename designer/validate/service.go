package validate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/schema"
)

// service checks a service task against its node type.
func (c *checker) service(node int, task *graph.ServiceTask, at place) {
	known := c.mapping(node, task.Input, at.at("input"), false)
	descriptor, announced := c.types[task.Type]
	switch {
	case task.Type == "":
		c.add(TypeMissing, at.at("type"), "no node type is chosen")
	case !announced:
		c.add(TypeUnknown, at.at("type"), "no worker ever announced "+clip(task.Type), "type", clip(task.Type))
	default:
		c.fits(descriptor.InputSchema, task.Input, known, at.at("input"))
	}
	if task.Result != nil {
		output := descriptor.OutputSchema
		if task.Plan {
			output = nil
		}
		c.withResult(output, func() { c.mapping(node, task.Result, at.at("result"), true) })
	}
	if task.Retry != nil {
		c.retry(task.Retry, at.at("retry"))
	}
	if task.Timeouts != nil {
		c.timeouts(task.Timeouts, at.at("timeouts"))
	}
}

// fits checks which fields of an object there are, and what is known of them.
func (c *checker) fits(raw json.RawMessage, fields map[string]graph.Value, known map[string]any, at place) {
	if len(raw) == 0 {
		return
	}
	shape := shapeOf(raw)
	for _, name := range shape.Required {
		if _, mapped := fields[name]; !mapped {
			c.add(InputMissing, at.at(name), name+" is required", "name", name)
		}
	}
	if string(shape.Additional) == "false" {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if _, there := shape.Properties[name]; !there {
				c.add(InputUnknown, at.at(name), "there is no field "+clip(name), "name", clip(name))
				delete(known, name)
			}
		}
	}
	if len(known) == 0 {
		return
	}
	compiled, err := schema.Compile(raw, schema.Rules{Recursive: true})
	if err != nil {
		return // it has an issue of its own, or the catalog does not accept such a type
	}
	for _, issue := range compiled.CheckPartly(known) {
		name := firstPart(issue.Path)
		if _, given := known[name]; given {
			c.add(InputValue, place{node: at.node, path: at.path + issue.Path}, issue.Message, "name", name, "detail", issue.Message)
		}
	}
}

// shape is the top of an input schema.
type shape struct {
	Ref        string                     `json:"$ref"`
	Defs       map[string]json.RawMessage `json:"$defs"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	Additional json.RawMessage            `json:"additionalProperties"`
}

// shapeOf follows a reference at the top, as generators make it.
func shapeOf(raw json.RawMessage) shape {
	var top shape
	if json.Unmarshal(raw, &top) != nil {
		return shape{}
	}
	if name, ok := strings.CutPrefix(top.Ref, "#/$defs/"); ok && len(top.Properties) == 0 {
		var target shape
		if json.Unmarshal(top.Defs[name], &target) == nil {
			return target
		}
	}
	return top
}

func firstPart(pointer string) string {
	part, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
}

const (
	day     = int64(24 * 60 * 60 * 1000)
	maxWait = 365 * day
)

func (c *checker) between(code Code, name string, value, least, most float64, at place) {
	if value < least || value > most {
		c.add(code, at.at(name), fmt.Sprintf("%s must be %g to %g", name, least, most), "name", name, "min", least, "max", most)
	}
}

// retry checks a policy; zero values mean defaults.
func (c *checker) retry(r *graph.RetryPolicy, at place) {
	c.between(RetryBounds, "max_attempts", float64(r.MaxAttempts), 0, 100, at)
	c.between(RetryBounds, "initial_ms", float64(r.InitialMS), 0, float64(30*day), at)
	c.between(RetryBounds, "cap_ms", float64(r.CapMS), 0, float64(30*day), at)
	c.between(RetryBounds, "total_ms", float64(r.TotalMS), 0, float64(maxWait), at)
	c.between(RetryBounds, "jitter", r.Jitter, 0, 1, at)
	if r.Factor != 0 {
		c.between(RetryBounds, "factor", r.Factor, 1, 100, at)
	}
	backoffs := []graph.Backoff{"", graph.BackoffFixed, graph.BackoffLinear, graph.BackoffExponential}
	if !slices.Contains(backoffs, r.Backoff) {
		c.add(RetryBounds, at.at("backoff"), "the backoff "+clip(string(r.Backoff))+" is not known", "name", "backoff", "min", "", "max", "")
	}
	for _, list := range []struct {
		name  string
		codes []string
	}{{"retry_codes", r.RetryCodes}, {"dont_retry_codes", r.DontRetryCodes}} {
		bad := func(code string) bool { return !validErrorCode.MatchString(code) }
		if len(list.codes) > 100 || slices.ContainsFunc(list.codes, bad) {
			c.add(RetryBounds, at.at(list.name), list.name+" has up to 100 error codes", "name", list.name, "min", 0, "max", 100)
		}
	}
}

func (c *checker) timeouts(t *graph.Timeouts, at place) {
	c.between(TimeoutBounds, "queue_ms", float64(t.QueueMS), 0, float64(maxWait), at)
	c.between(TimeoutBounds, "attempt_ms", float64(t.AttemptMS), 0, float64(30*day), at)
	c.between(TimeoutBounds, "total_ms", float64(t.TotalMS), 0, float64(maxWait), at)
	if t.HeartbeatMS != 0 {
		c.between(TimeoutBounds, "heartbeat_ms", float64(t.HeartbeatMS), 1000, float64(day), at)
	}
}

// typeOf returns the type of a schema; of one that lists its values, "string".
func typeOf(raw json.RawMessage) string {
	var s struct {
		Type json.RawMessage `json:"type"`
		Enum []any           `json:"enum"`
	}
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	var kind string
	if json.Unmarshal(s.Type, &kind) != nil && len(s.Enum) > 0 {
		return "string"
	}
	return kind
}

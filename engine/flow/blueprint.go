package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// The bounds of a plan.
const (
	MaxPlanTasks  = 200   // of one plan
	MaxPlanFields = 1_000 // input fields of one plan
	MaxPlanDepth  = 8     // plans within plans
	// MaxPlanExpressions bounds the expressions and templates of one plan, and with them what its check costs.
	MaxPlanExpressions = 500
	MaxPlanned         = 10_000 // tasks of a plan and of all plans within it
	maxPlanTitle       = 200
)

// PlanSeparator stands between the node of a planning task and the name of a task of its plan, in the node id of the latter. No node
// of a graph has it in its id.
const PlanSeparator = "/"

// PlanHost returns the node of the graph that a task belongs to: of a task of a plan, that of the planning task.
func PlanHost(node string) string {
	host, _, _ := strings.Cut(node, PlanSeparator)
	return host
}

// PlanName returns the name that a task of a plan has in it; false for tasks of the graph.
func PlanName(node string) (string, bool) {
	at := strings.LastIndex(node, PlanSeparator)
	if at < 0 {
		return "", false
	}
	return node[at+len(PlanSeparator):], true
}

var planTaskName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// blueprint is a plan ready to run. Inputs are compiled when they are first asked for.
type blueprint struct {
	host   string
	tasks  []*planTask
	named  map[string]*planTask
	nodes  map[string]*Node // by node id, once compiled
	result string
}

type planTask struct {
	wire.PlanTask
	id string // of its node
}

// readBlueprint reads a plan that CheckPlan has let pass and that was kept.
func readBlueprint(host string, raw json.RawMessage) (*blueprint, error) {
	var p wire.Plan
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("decode the plan of %s: %w", host, err)
	}
	return newBlueprint(host, &p), nil
}

func newBlueprint(host string, p *wire.Plan) *blueprint {
	b := &blueprint{host: host, named: make(map[string]*planTask, len(p.Tasks)), nodes: map[string]*Node{}, result: p.Result}
	for i := range p.Tasks {
		t := &planTask{PlanTask: p.Tasks[i], id: host + PlanSeparator + p.Tasks[i].Name}
		b.tasks = append(b.tasks, t)
		b.named[t.Name] = t
	}
	return b
}

// node returns the node of a task.
func (b *blueprint) node(id string) (*Node, error) {
	if n := b.nodes[id]; n != nil {
		return n, nil
	}
	name, _ := PlanName(id)
	t := b.named[name]
	if t == nil || t.id != id {
		return nil, fmt.Errorf("flow: the plan of %s has no task %q", b.host, id)
	}
	n, err := t.compile()
	if err != nil {
		return nil, fmt.Errorf("flow: task %s of the plan of %s: %w", t.Name, b.host, err)
	}
	b.nodes[id] = n
	return n, nil
}

func (t *planTask) compile() (*Node, error) {
	src := &graph.ServiceTask{Type: t.Type, Input: t.Input}
	for _, part := range []struct {
		name string
		raw  json.RawMessage
		into any
	}{{"retry", t.Retry, &src.Retry}, {"timeouts", t.Timeouts, &src.Timeouts}} {
		if len(part.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(part.raw, part.into); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	n := &Node{ID: t.id, Kind: graph.KindServiceTask, Title: t.Title}
	if n.Title == "" {
		n.Title = t.Name
	}
	if err := n.compileService(src); err != nil {
		return nil, err
	}
	n.plans = true
	if t.Answer != nil {
		n.mock = &graph.Mock{Answer: t.Answer}
	}
	return n, nil
}

// tooManyExpressions tells whether a plan holds more expressions and templates than one may.
func tooManyExpressions(raw json.RawMessage) bool {
	return bytes.Count(raw, []byte(`"=`))+bytes.Count(raw, []byte(`{{`)) > MaxPlanExpressions
}

// newPlan checks a plan that a worker answered with, and returns it ready to run and as it is kept: with all that a task waits for
// in After.
func newPlan(host string, raw json.RawMessage) (*blueprint, json.RawMessage, error) {
	var p wire.Plan
	switch {
	case len(raw) > maxPayload:
		return nil, nil, fmt.Errorf("it is larger than 256 KiB")
	case tooManyExpressions(raw):
		return nil, nil, fmt.Errorf("it holds more than %d expressions", MaxPlanExpressions)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, nil, fmt.Errorf("it can't be read: %w", err)
	}
	if len(p.Tasks) == 0 || len(p.Tasks) > MaxPlanTasks {
		return nil, nil, fmt.Errorf("it has %d tasks; a plan has 1 to %d", len(p.Tasks), MaxPlanTasks)
	}
	fields := 0
	for i := range p.Tasks {
		t := &p.Tasks[i]
		fields += len(t.Input)
		switch {
		case !planTaskName.MatchString(t.Name):
			return nil, nil, fmt.Errorf("%.100q is no name of a task: a lower-case letter and up to 62 letters, digits and underscores", t.Name)
		case slices.ContainsFunc(p.Tasks[:i], func(o wire.PlanTask) bool { return o.Name == t.Name }):
			return nil, nil, fmt.Errorf("two tasks are named %s", t.Name)
		case utf8.RuneCountInString(t.Title) > maxPlanTitle:
			return nil, nil, fmt.Errorf("the title of %s is longer than %d characters", t.Name, maxPlanTitle)
		case t.Type == "":
			return nil, nil, fmt.Errorf("%s has no node type", t.Name)
		}
	}
	if fields > MaxPlanFields {
		return nil, nil, fmt.Errorf("it has %d input fields, more than %d", fields, MaxPlanFields)
	}
	b := newBlueprint(host, &p)
	if p.Result != "" && b.named[p.Result] == nil {
		return nil, nil, fmt.Errorf("its result is that of %.100q, which it does not have", p.Result)
	}
	for i, t := range b.tasks {
		if err := b.link(t); err != nil {
			return nil, nil, err
		}
		p.Tasks[i].After = t.After
	}
	if loop := b.loop(); loop != "" {
		return nil, nil, fmt.Errorf("its tasks wait for each other: %s", loop)
	}
	kept, err := json.Marshal(&p)
	if err != nil {
		return nil, nil, fmt.Errorf("it can't be kept: %w", err)
	}
	return b, bytes.TrimSpace(kept), nil
}

// CheckPlan says what keeps a plan from being run, whatever the catalog knows.
func CheckPlan(raw json.RawMessage) error {
	_, _, err := newPlan("", raw)
	return err
}

// link compiles a task and finds what it waits for.
func (b *blueprint) link(t *planTask) error {
	n, err := b.node(t.id)
	if err != nil {
		return fmt.Errorf("%s: %w", t.Name, errors.Unwrap(err))
	}
	reads, err := planReads(n)
	if err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	after := slices.Concat(t.After, reads)
	slices.Sort(after)
	t.After = slices.Compact(after)
	for _, name := range t.After {
		if b.named[name] == nil {
			return fmt.Errorf("%s waits for %.100q, which the plan does not have", t.Name, name)
		}
	}
	return nil
}

// planReads lists the tasks whose outputs an input reads; it refuses names that have no value in a plan.
func planReads(n *Node) ([]string, error) {
	var all expr.Reads
	for _, f := range n.input.fields {
		all = all.Merge(f.value.reads)
	}
	for _, use := range []struct {
		name string
		used bool
	}{{"item", all.Item}, {"error", all.Error}, {"result", all.Result}} {
		if use.used {
			return nil, fmt.Errorf("%s has no value in a plan", use.name)
		}
	}
	return all.Tasks, nil
}

// loop names tasks that wait for each other in a circle, empty when none do.
func (b *blueprint) loop() string {
	left := map[string]int{}
	for _, t := range b.tasks {
		left[t.Name] = len(t.After)
	}
	for freed := true; freed; {
		freed = false
		for _, t := range b.tasks {
			if n, waits := left[t.Name]; !waits || n > 0 {
				continue
			}
			delete(left, t.Name)
			freed = true
			for _, o := range b.tasks {
				if slices.Contains(o.After, t.Name) {
					left[o.Name]--
				}
			}
		}
	}
	for _, t := range b.tasks {
		if _, stuck := left[t.Name]; !stuck {
			continue
		}
		path := []string{t.Name}
		for at := t; ; {
			next := at.After[slices.IndexFunc(at.After, func(name string) bool { _, stuck := left[name]; return stuck })]
			if seen := slices.Index(path, next); seen >= 0 {
				return strings.Join(append(path[seen:], next), ", ")
			}
			path = append(path, next)
			at = b.named[next]
		}
	}
	return ""
}

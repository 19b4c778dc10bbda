package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/designer/table"
	"github.com/taskurotta/taskurotta-go/designer/timing"
	"github.com/taskurotta/taskurotta-go/fault"
)

const (
	maxGroups = 20
	maxCodes  = 100
	maxTimes  = 10_000
)

// text checks a field that is kept as a plain string: a literal, a template or an expression.
func (c *checker) text(node int, text string, at place) (literal string, constant bool) {
	raw, err := json.Marshal(text)
	if err != nil {
		return "", false
	}
	value := c.value(node, raw, at, false)
	if value == nil {
		return "", false
	}
	literal, isText := value.Known(nil, nil).(string)
	return literal, isText
}

// someDay is a moment to try a timer's literal at: a leap year, so that every rule that has a time has one soon.
var someDay = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func (c *checker) timer(node int, t *graph.Timer, at place) {
	zone, err := timing.Zone(t.Zone)
	if err != nil {
		c.add(TimerZone, at.at("zone"), err.Error(), "zone", clip(t.Zone))
		zone = time.UTC
	}
	switch t.Kind {
	case graph.TimerDuration, graph.TimerDate, graph.TimerCron:
	case graph.TimerWorkingDays:
		c.workingDays(t, at)
	default:
		c.add(TimerKind, at.at("kind"), "the kind of timer "+clip(string(t.Kind))+" is not known", "kind", clip(string(t.Kind)))
		return
	}
	for _, has := range []struct {
		name    string
		present bool
		ofDays  bool
	}{{"zone", t.Zone != "", false}, {"calendar", t.Calendar != "", true}, {"at", t.At != "", true}} {
		if has.present && has.ofDays != (t.Kind == graph.TimerWorkingDays) {
			c.add(TimerMember, at.at(has.name), "a timer of kind "+string(t.Kind)+" has no "+has.name, "kind", string(t.Kind), "member", has.name)
		}
	}
	if t.Value == "" {
		c.add(TimerValue, at.at("value"), "it says no time", "detail", "it says no time")
		return
	}
	literal, constant := c.text(node, t.Value, at.at("value"))
	if !constant {
		return
	}
	literal = strings.TrimSpace(literal)
	if t.Kind == graph.TimerWorkingDays {
		if days, err := strconv.Atoi(literal); err != nil || days < 0 || days > timing.MaxWorkingDays {
			message := fmt.Sprintf("%.100q is not a whole number of working days from 0 to %d", literal, timing.MaxWorkingDays)
			c.add(TimerValue, at.at("value"), message, "detail", message)
		}
		return
	}
	if _, err := timing.Next(t.Kind, literal, zone, someDay); err != nil {
		c.add(TimerValue, at.at("value"), err.Error(), "detail", err.Error())
	}
}

// workingDays checks where working days are counted.
func (c *checker) workingDays(t *graph.Timer, at place) {
	if c.known.Calendars != nil && t.Calendar != "" && !c.known.Calendars[t.Calendar] {
		c.add(TimerCalendar, at.at("calendar"), "there is no calendar "+clip(t.Calendar), "calendar", clip(t.Calendar))
	}
	if err := timing.CheckTime(t.At); err != nil {
		c.add(TimerAt, at.at("at"), err.Error(), "at", clip(t.At))
	}
}

func (c *checker) message(node int, m *graph.Message, at place) {
	if n := utf8.RuneCountInString(m.Name); n == 0 || n > 100 {
		c.add(MessageName, at.at("name"), "the name of a message has 1 to 100 characters")
	}
	c.text(node, m.Key, at.at("key"))
}

func (c *checker) boundary(node int, b *graph.BoundaryEvent, at place) {
	host, known := c.net.index[b.On]
	if !known || !c.doc.Nodes[host].Kind.Activity() || c.doc.Nodes[host].Parent != c.doc.Nodes[node].Parent {
		c.add(BoundaryHost, at.at("on"), clip(b.On)+" is no activity of its level", "id", clip(b.On))
		known = false
	}
	needs := map[graph.BoundaryKind]string{graph.BoundaryError: "", graph.BoundaryTimer: "timer", graph.BoundaryMessage: "message"}
	want, is := needs[b.Kind]
	if !is {
		c.add(BoundaryKind, at.at("kind"), "the kind of boundary event "+clip(string(b.Kind))+" is not known", "kind", clip(string(b.Kind)))
		return
	}
	for _, has := range []struct {
		name     string
		present  bool
		optional bool
	}{{"timer", b.Timer != nil, false}, {"message", b.Message != nil, false},
		{"codes", len(b.Codes) > 0, b.Kind == graph.BoundaryError}, {"technical", b.Technical, b.Kind == graph.BoundaryError}} {
		if has.present != (has.name == want) && !has.optional {
			c.add(BoundaryMember, at.at(has.name), "it lacks "+has.name+", or has it in vain", "kind", string(b.Kind), "member", has.name)
		}
	}
	if b.Kind == graph.BoundaryError && b.KeepsRunning {
		c.add(BoundaryKeeps, at.at("keeps_running"), "an error ends its activity")
	}
	c.codes(b.Codes, at.at("codes"))
	if b.Times < 0 || b.Times > maxTimes || b.Times > 0 && (b.Timer == nil || b.Timer.Kind != graph.TimerCron || !b.KeepsRunning) {
		c.add(BoundaryTimes, at.at("times"), fmt.Sprintf("only a cron timer that keeps the activity running fires several times: 1 to %d", maxTimes), "min", 1, "max", maxTimes)
	}
	if b.Timer != nil && want == "timer" {
		c.timer(node, b.Timer, at.at("timer"))
	}
	if b.Message != nil && want == "message" {
		c.message(node, b.Message, at.at("message"))
	}
	if known && want != "" && c.instant(host) {
		c.add(BoundaryNever, at.at("on"), "the activity takes no time: the event never happens")
	}
}

// instant tells whether an activity is over as soon as it begins.
func (c *checker) instant(node int) bool {
	n := &c.doc.Nodes[node]
	return n.Multi == nil && (n.Kind == graph.KindScriptTask || n.Kind == graph.KindDecisionTask)
}

func (c *checker) codes(codes []string, at place) {
	if len(codes) > maxCodes {
		c.add(BoundaryCode, at, fmt.Sprintf("%d codes are more than %d", len(codes), maxCodes))
		return
	}
	for i, code := range codes {
		if !validErrorCode.MatchString(code) {
			c.add(BoundaryCode, at.at(strconv.Itoa(i)), "a code has up to 100 letters, digits, dots, hyphens and underscores")
		}
	}
}

func (c *checker) user(node int, u *graph.UserTask, at place) {
	if len(u.Form) > 0 {
		if _, err := schema.Compile(u.Form, schema.Rules{}); err != nil {
			issue := firstIssue(err)
			c.add(UserForm, place{node: at.node, path: at.path + "/form" + issue.Path}, issue.Message, "detail", issue.Message)
		} else if typeOf(u.Form) != "object" {
			c.add(UserFormObject, at.at("form", "type"), "the form must describe an object")
		}
	}
	c.mapping(node, u.Input, at.at("input"), false)
	c.groups(node, u.Groups, at.at("groups"))
	c.groups(node, u.EscalateTo, at.at("escalate_to"))
	c.text(node, u.Assignee, at.at("assignee"))
	if u.Assignee == "" && len(u.Groups) == 0 {
		c.add(UserNobody, at.at("groups"), "the task names neither a person nor a group")
	}
	if u.Due != nil {
		c.timer(node, u.Due, at.at("due"))
	}
	switch {
	case u.Escalate != nil && len(u.EscalateTo) == 0:
		c.add(UserEscalate, at.at("escalate_to"), "it does not say to whom", "member", "escalate_to")
	case u.Escalate == nil && len(u.EscalateTo) > 0:
		c.add(UserEscalate, at.at("escalate"), "it does not say when", "member", "escalate")
	}
	if u.Escalate != nil {
		c.timer(node, u.Escalate, at.at("escalate"))
	}
}

func (c *checker) groups(node int, groups []string, at place) {
	if len(groups) > maxGroups {
		c.add(UserGroups, at, fmt.Sprintf("%d groups are more than %d", len(groups), maxGroups), "limit", maxGroups)
		return
	}
	for i, group := range groups {
		if group == "" {
			c.add(UserGroups, at.at(strconv.Itoa(i)), "a group has a name", "limit", maxGroups)
		}
		c.text(node, group, at.at(strconv.Itoa(i)))
	}
}

func (c *checker) decision(node int, d *graph.DecisionTask, at place) {
	if !slices.Contains([]graph.HitPolicy{graph.HitUnique, graph.HitFirst, graph.HitAny, graph.HitCollect}, d.Hit) {
		c.add(TableHit, at.at("hit"), "the hit policy "+clip(string(d.Hit))+" is not known", "hit", clip(string(d.Hit)))
	}
	if len(d.Rules) > table.MaxRules || len(d.Inputs) > table.MaxColumns || len(d.Outputs) > table.MaxColumns {
		c.add(TableSize, at, fmt.Sprintf("a table has at most %d rules of %d columns", table.MaxRules, table.MaxColumns))
		return
	}
	for i, source := range d.Inputs {
		c.expression(node, source, TableInput, at.at("inputs", strconv.Itoa(i)))
	}
	if len(d.Outputs) == 0 {
		c.add(TableOutput, at.at("outputs"), "a table gives at least one value", "name", "")
	}
	for i, name := range d.Outputs {
		if n := utf8.RuneCountInString(name); n == 0 || n > 100 || slices.Contains(d.Outputs[:i], name) {
			c.add(TableOutput, at.at("outputs", strconv.Itoa(i)), "outputs have different names of 1 to 100 characters", "name", clip(name))
		}
	}
	c.columns(d.InputColumns, len(d.Inputs), at.at("input_columns"))
	c.columns(d.OutputColumns, len(d.Outputs), at.at("output_columns"))
	for i := range d.Rules {
		c.row(node, d, i, at.at("rules", strconv.Itoa(i)))
	}
	c.coverage(d, at)
}

func (c *checker) row(node int, d *graph.DecisionTask, row int, at place) {
	rule := &d.Rules[row]
	if len(rule.When) != len(d.Inputs) || len(rule.Then) != len(d.Outputs) {
		c.add(TableRow, at, fmt.Sprintf("it has %d cells and %d values for %d inputs and %d outputs", len(rule.When), len(rule.Then), len(d.Inputs), len(d.Outputs)),
			"inputs", len(d.Inputs), "outputs", len(d.Outputs))
		return
	}
	for i, cell := range rule.When {
		at := at.at("when", strconv.Itoa(i))
		if strings.HasPrefix(strings.TrimSpace(cell), "=") {
			c.expression(node, strings.TrimSpace(cell), TableCell, at)
		} else if _, err := table.Compile(cell); err != nil {
			reason, text := "", ""
			if u := (*table.Unreadable)(nil); errors.As(err, &u) {
				reason, text = u.Reason, clip(u.Text)
			}
			c.add(TableCell, at, err.Error(), "detail", err.Error(), "reason", reason, "text", text)
		}
	}
	for i, value := range rule.Then {
		c.value(node, value, at.at("then", strconv.Itoa(i)), false)
	}
}

// expression checks what must be an expression; form is the code of what is none.
func (c *checker) expression(node int, source string, form Code, at place) {
	body, ok := strings.CutPrefix(source, "=")
	if !ok {
		c.add(form, at, `an expression begins with "="`, "detail", `an expression begins with "="`)
		return
	}
	c.count++
	if c.count > MaxExpressions {
		return
	}
	program, err := expr.Compile(body, c.env)
	if err != nil {
		c.broken(err, at)
		return
	}
	c.reads(node, program.Reads(), at, c.env.Result != nil)
}

func (c *checker) multi(node int, n *graph.Node, at place) {
	if !n.Kind.Activity() {
		c.add(MultiPlace, at, "only an activity is repeated for a list")
		return
	}
	c.outside = true
	c.items(node, n.Multi, at.at("items"))
	c.between(MultiLimit, "limit", float64(n.Multi.Limit), 0, graph.MaxMultiLimit, at)
	if text := n.Multi.Tolerated; text != "" {
		number, share := strings.CutSuffix(text, "%")
		if most, err := strconv.Atoi(strings.TrimSpace(number)); err != nil || most < 0 || share && most > 100 {
			c.add(MultiTolerated, at.at("tolerated"), clip(text)+" is neither a whole number nor a share of up to 100%")
		}
	}
	if n.Multi.Until != "" {
		c.withResult(countsSchema, func() { c.expression(node, n.Multi.Until, MultiUntil, at.at("until")) })
	}
	c.outside = false
	if len(n.Multi.Collect) > 0 {
		output, _ := c.output(n)
		c.withResult(output, func() { c.value(node, n.Multi.Collect, at.at("collect"), true) })
	}
}

// withResult runs check with "result" in scope.
func (c *checker) withResult(schema json.RawMessage, check func()) {
	before := c.env
	if schema == nil {
		schema = json.RawMessage(`{}`)
	}
	c.env.Result = schema
	check()
	c.env = before
}

func (c *checker) items(node int, m *graph.Multi, at place) {
	if len(m.Items) == 0 {
		c.add(MultiItems, at, "there is no list")
		return
	}
	value := c.value(node, m.Items, at, false)
	if value == nil {
		return
	}
	switch value.Known(schema.Open{}, schema.Open{}).(type) {
	case schema.Open, []any:
		return
	}
	if n, err := strconv.Atoi(strings.TrimSpace(string(m.Items))); err != nil || n < 0 {
		c.add(MultiItems, at, clip(string(m.Items))+" is neither a list nor a whole number")
	}
}

// firstIssue is what a refused schema says first.
func firstIssue(err error) fault.Issue {
	if refused := fault.As(err); refused != nil && len(refused.Issues) > 0 {
		return refused.Issues[0]
	}
	return fault.Issue{Message: err.Error()}
}

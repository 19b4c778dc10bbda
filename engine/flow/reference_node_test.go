package flow_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

const badExpression = "flow.expression"

// entry tells whether a task of a step in a level is an entry of a list.
func (l *level) entry(s *step) bool { return l.kind == "list" && l.list.step == s }

// evaluate does what a node does when a token reaches it; a is its task when it was evaluated before and failed.
func (m *reference) evaluate(l *level, s *step, a *activation, run int) {
	task := func() *activation {
		if a == nil {
			a = m.activate(l, s.id, run)
		}
		return a
	}
	breaks := func() { m.fail(task(), &failure{code: badExpression, technical: true}) }
	pass := func() {
		if a != nil {
			m.finish(a, "completed")
		}
	}
	if s.list != nil && !l.entry(s) {
		values, ok := m.itemsFor(l, s, run)
		if !ok {
			breaks()
			return
		}
		m.beginList(task(), s, values)
		return
	}
	in, ok := m.read(l, s, run, s.in)
	switch s.kind {
	case graph.KindServiceTask:
		if !ok {
			breaks()
			return
		}
		m.awaitBorder(task(), s)
		a.state, a.attempt, a.input = "live", 1, in
	case graph.KindScriptTask:
		if !ok {
			breaks()
			return
		}
		m.complete(task(), in)
	case graph.KindDecisionTask:
		out, ok := s.decide(in)
		if !ok {
			breaks()
			return
		}
		m.complete(task(), out)
	case graph.KindUserTask:
		if !ok {
			breaks()
			return
		}
		m.awaitBorder(task(), s)
		a.state, a.input = "waits", in
	case graph.KindCallActivity:
		again := a != nil && a.input != ""
		if !ok && !again {
			breaks()
			return
		}
		m.awaitBorder(task(), s)
		if a.state = "calling"; !again {
			a.input = in
		}
	case graph.KindTimerEvent, graph.KindMessageEvent:
		task().state = "waits"
		a.awaits[s.id] = true
	case graph.KindEventGateway:
		task().state = "waits"
		for _, way := range s.out {
			a.awaits[way.to] = true
		}
	case graph.KindSubProcess:
		m.awaitBorder(task(), s)
		a.state = "inside"
		m.begin("sub", a).tokens = []*token{{where: "before", node: s.id + "_s"}}
	case graph.KindCompensationEvent:
		m.throw(task(), s)
	case graph.KindExclusiveGateway, graph.KindInclusiveGateway:
		ways, wrong := m.chosen(l, s, run)
		if wrong != "" {
			m.fail(task(), &failure{code: wrong, technical: true})
			return
		}
		pass()
		for _, way := range ways {
			l.tokens = append(l.tokens, &token{where: "edge", edge: way.id, node: way.to})
		}
	case graph.KindEndEvent:
		if s.end == graph.EndCompensate {
			m.throw(task(), s)
			return
		}
		m.end(l, s, a, run)
	default:
		pass()
		m.send(l, s.id)
	}
}

// end is a token at an end event.
func (m *reference) end(l *level, s *step, a *activation, run int) {
	out, ok := m.read(l, s, run, s.in)
	if !ok {
		if a == nil {
			a = m.activate(l, s.id, run)
		}
		m.fail(a, &failure{code: badExpression, technical: true})
		return
	}
	if a != nil {
		m.finish(a, "completed")
	}
	m.reachEnd(l, s, out)
}

func (m *reference) reachEnd(l *level, s *step, out string) {
	l.output["o_"+s.id] = out
	switch s.end {
	case graph.EndTerminate:
		if l.kind == "process" {
			m.stopAll("completed")
			return
		}
		m.clear(l)
		m.leave(l)
	case graph.EndError:
		why := &failure{code: s.code}
		if l.kind == "process" {
			m.errorCode = why.code
			m.stopAll("failed")
			return
		}
		m.caught(m.catcher(l.host, why), nil, why)
	}
}

// chosen are the ways behind a gateway whose conditions hold: one of an exclusive gateway, all of an inclusive one, else the default.
func (m *reference) chosen(l *level, s *step, run int) (ways []arc, wrong string) {
	var other []arc
	for _, a := range s.out {
		if a.other {
			other = append(other, a)
			continue
		}
		if a.condition != nil {
			raw, _ := m.read(l, s, run, term{node: a.condition.node})
			n, err := strconv.Atoi(raw)
			if err != nil {
				return nil, badExpression
			}
			if n%a.condition.mod != a.condition.rest {
				continue
			}
		}
		ways = append(ways, a)
		if s.kind == graph.KindExclusiveGateway {
			return ways, ""
		}
	}
	if len(ways) == 0 {
		ways = other
	}
	if len(ways) == 0 {
		wrong = "flow.no_path"
	}
	return ways, wrong
}

// decide looks a value up in a decision table.
func (s *step) decide(raw string) (string, bool) {
	n, err := strconv.Atoi(raw)
	hits := []string{}
	for _, r := range s.rules {
		if err == nil && n >= r.from {
			hits = append(hits, strconv.Itoa(r.gives))
		}
	}
	switch {
	case s.hit == graph.HitCollect:
		return "[" + strings.Join(hits, ",") + "]", true
	case len(hits) == 0:
		return "null", true
	case s.hit == graph.HitUnique && len(hits) > 1:
		return "", false
	case s.hit == graph.HitAny && len(slices.Compact(slices.Clone(hits))) > 1:
		return "", false
	}
	return hits[0], true
}

// awaitBorder lets what is on the border of an activity come from now on.
func (m *reference) awaitBorder(a *activation, s *step) {
	if a.begun || a.level.entry(s) {
		return
	}
	a.begun = true
	for _, b := range s.border {
		if b.boundary.Kind != graph.BoundaryError {
			a.awaits[b.id] = true
		}
	}
}

func (m *reference) itemsFor(l *level, s *step, run int) ([]string, bool) {
	switch {
	case s.list.from != nil:
		raw, _ := m.read(l, s, run, *s.list.from)
		return itemsOf(raw)
	case s.list.values != nil:
		var values []string
		for _, n := range s.list.values {
			values = append(values, strconv.Itoa(n))
		}
		return values, true
	default:
		return itemsOf(strconv.Itoa(s.list.number))
	}
}

func (m *reference) beginList(a *activation, s *step, values []string) {
	m.awaitBorder(a, s)
	a.state = "inside"
	l := m.begin("list", a)
	l.list = &entryCounts{step: s, values: values, allow: s.list.tolerated, given: map[int]string{}}
	if s.list.share {
		l.list.allow = len(values) * s.list.tolerated / 100
	}
}

func (e *entryCounts) active() int { return e.next - e.completed - e.failed }

func (e *entryCounts) begins() bool {
	return !e.over && (len(e.again) > 0 || e.next < len(e.values)) && e.active()-len(e.again) < e.step.list.limit
}

func (e *entryCounts) finished() bool { return e.over || e.next == len(e.values) && e.active() == 0 }

func (e *entryCounts) nextRun() int {
	if len(e.again) > 0 {
		run := e.again[0]
		e.again = e.again[1:]
		return run
	}
	e.next++
	return e.next
}

// ended counts an entry.
func (e *entryCounts) ended(completed bool) {
	if completed {
		e.completed++
	} else {
		e.failed++
	}
	r := e.step.list
	switch r.until {
	case "completed":
		e.over = e.over || e.completed >= r.enough
	case "failed":
		e.over = e.over || e.failed >= r.enough
	case "ended":
		e.over = e.over || e.completed+e.failed >= r.enough
	}
}

// endList ends a list with what its entries gave, in the order of the list.
func (m *reference) endList(l *level) {
	e, s := l.list, l.list.step
	body := fmt.Sprintf("total %d completed %d failed %d", len(e.values), e.completed, e.failed)
	if s.list.collect {
		runs := slices.Collect(maps.Keys(e.given))
		slices.SortFunc(runs, func(a, b int) int { return (a-1)%len(e.values) - (b-1)%len(e.values) })
		var values []string
		for _, run := range runs {
			values = append(values, e.given[run])
		}
		body += " values [" + strings.Join(values, ",") + "]"
	}
	m.endInside(l.host)
	m.finish(l.host, "completed")
	l.outer.latest[s.id] = body
	m.onward(l.outer, &token{node: s.id})
}

// finish ends a task for good. What it undid is undone.
func (m *reference) finish(a *activation, state string) {
	a.state = state
	if state == "completed" || state == "skipped" {
		m.done[a.id]++
	}
	for _, th := range a.level.throws {
		if th.task == a.id {
			th.now, th.task = nil, ""
		}
	}
}

// complete ends an activity with what it gives.
func (m *reference) complete(a *activation, value string) {
	m.finish(a, "completed")
	a.level.latest[a.node] = value
	if s := m.steps[a.node]; s.undo != "" && m.state == "running" {
		a.level.records = append(a.level.records, &record{task: a, value: value})
	}
	m.goOn(a, value)
}

// goOn lets the token of an ended activity go on; that of an entry is counted, that of what undoes is gone.
func (m *reference) goOn(a *activation, value string) {
	l, s := a.level, m.steps[a.node]
	switch {
	case m.state != "running" || s.handler || l.kind == "plan":
	case l.entry(s):
		l.list.given[a.run] = value
		l.list.ended(true)
	default:
		m.onward(l, &token{node: s.id, task: a})
	}
}

// leave ends a sub-process.
func (m *reference) leave(l *level) {
	if m.steps[l.host.node].undo != "" { // undone by its handler, as a whole
		l.records = nil
	}
	m.drop(l)
	m.complete(l.host, "null")
}

package flow_test

import (
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// covers is how exactly codes name a code: the length of the longest that is the code or its family, 0 when all are meant, -1 when none.
func (c catch) covers(why *failure) int {
	most := -1
	if len(c.codes) == 0 {
		most = 0
	}
	for _, code := range c.codes {
		if code == why.code || strings.HasPrefix(why.code, code+".") {
			most = max(most, len(code))
		}
	}
	if why.technical && !c.technical {
		return -1
	}
	return most
}

// taking is the event on the border of an activity that takes an error: the most exact one, the first of several.
func (s *step) taking(why *failure) string {
	event, most := "", -1
	for _, b := range s.border {
		if b.boundary.Kind != graph.BoundaryError {
			continue
		}
		if n := (catch{codes: b.boundary.Codes, technical: b.boundary.Technical}).covers(why); n > most {
			event, most = b.id, n
		}
	}
	return event
}

// catcher is where an error is taken: by an event on the border of a task, by the list that the task is an entry of, by the process's caller.
type catcher struct {
	task  *activation
	event string
	out   bool
}

// catcher looks outward from a task; nil: nothing takes the error.
func (m *reference) catcher(a *activation, why *failure) *catcher {
	for ; a != nil; a = a.level.host {
		s := m.steps[a.node]
		if a.level.entry(s) {
			if a.level.list.failed < a.level.list.allow {
				return &catcher{task: a}
			}
			continue
		}
		if event := s.taking(why); event != "" {
			return &catcher{task: a, event: event}
		}
		if s.handler {
			return nil
		}
	}
	for _, c := range m.takes {
		if c.covers(why) >= 0 {
			return &catcher{out: true}
		}
	}
	return nil
}

// fail ends a task that has failed for good: what catches the error goes on, else it is an incident.
func (m *reference) fail(a *activation, why *failure) {
	c := m.catcher(a, why)
	if c == nil {
		a.state = "incident"
		return
	}
	m.finish(a, "failed")
	if parked := a.level.first("parked") != nil; (c.event != "" || c.out) && (m.held() || parked) {
		a.level.tokens = append(a.level.tokens, &token{where: "parked", node: a.node, task: a, error: why})
		return
	}
	m.caught(c, a, why)
}

// caught ends everything between a failed task, which has ended, and what takes its error.
func (m *reference) caught(c *catcher, from *activation, why *failure) {
	if c == nil || c.out {
		m.errorCode = why.code
		m.stopAll("failed")
		return
	}
	if c.task != from {
		m.endInside(c.task)
		m.finish(c.task, "failed")
	}
	l := c.task.level
	if c.event == "" {
		l.list.ended(false)
		return
	}
	l.latest[c.event] = "null"
	m.through(l, c.event)
}

// interrupt ends an activity in favour of an event on its border.
func (m *reference) interrupt(a *activation, event string) {
	m.cancelTask(a)
	m.onward(a.level, &token{node: event, event: event})
}

// cancelTask ends a task that nobody needs any more. What it was to undo is not undone.
func (m *reference) cancelTask(a *activation) {
	m.endInside(a)
	for _, th := range a.level.throws {
		if th.task == a.id {
			th.now.taken = false
		}
	}
	a.level.tokens = slices.DeleteFunc(a.level.tokens, func(t *token) bool { return t.where == "again" && t.task == a })
	m.finish(a, "cancelled")
	a.epoch++
}

func (m *reference) endInside(a *activation) {
	if l := m.inside(a); l != nil {
		m.clear(l)
		m.drop(l)
	}
}

// clear ends everything in a level, the innermost first.
func (m *reference) clear(l *level) {
	open := m.openIn(l)
	slices.SortFunc(open, func(a, b *activation) int { return strings.Compare(m.order(b.id), m.order(a.id)) })
	for _, a := range open {
		m.cancelTask(a)
	}
	l.tokens, l.due, l.throws = nil, nil, nil
}

// drop takes an ended level away; what has completed in it can still be undone.
func (m *reference) drop(l *level) {
	m.levels = slices.DeleteFunc(m.levels, func(other *level) bool { return other == l })
	if len(l.records) > 0 && l.kind != "undo" {
		l.outer.records = append(l.outer.records, &record{task: l.host, inside: l})
	}
}

// stopAll ends the process at once.
func (m *reference) stopAll(state string) {
	m.state = state
	for _, a := range m.tasks {
		if a.open() {
			a.state = "cancelled"
			a.epoch++
		}
	}
	for _, l := range m.levels {
		l.tokens, l.due, l.throws = nil, nil, nil
	}
}

// cancel ends everything but the calls whose child processes have not ended.
func (m *reference) cancel() bool {
	if m.state != "running" {
		return false
	}
	m.state, m.suspended = "cancelling", false
	for _, l := range m.levels {
		l.tokens, l.due, l.throws = nil, nil, nil
	}
	for _, a := range m.tasks {
		a.awaits = map[string]bool{}
		if a.open() && a.state != "calling" && m.inside(a) == nil {
			a.state = "cancelled"
			a.epoch++
		}
	}
	m.windUp()
	return true
}

// windUp ends what has nothing left inside of a process that is being cancelled.
func (m *reference) windUp() {
	for again := true; again; {
		again = false
		for _, l := range m.levels {
			if l.kind != "process" && len(m.openIn(l)) == 0 {
				m.levels = slices.DeleteFunc(m.levels, func(other *level) bool { return other == l })
				l.host.state = "cancelled"
				l.host.epoch++
				again = true
				break
			}
		}
	}
	if len(m.openIn(m.levels[0])) == 0 {
		m.state = "cancelled"
	}
}

// throw begins to undo what has completed so far (BPMN 2.0.2 §13.5.5).
func (m *reference) throw(a *activation, s *step) {
	a.state = "inside"
	a.level.throws = append(a.level.throws, &throw{by: a, stack: a.level, of: s.undoes, top: len(a.level.records)})
}

// undo takes the latest record that is left: the handler of its activity runs, or what has completed inside is undone in a level of its
// own. When none is left the throw is over.
func (m *reference) undo(l *level, th *throw) {
	for i := th.top - 1; i >= 0; i-- {
		r := th.stack.records[i]
		if r.taken || th.of != "" && th.of != r.task.node {
			continue
		}
		by := r.task.node
		if r.inside == nil {
			by = m.steps[by].undo
		}
		l.reached[by]++
		run := l.reached[by]
		r.taken, th.top, th.now = true, i, r
		th.task = l.taskOf(by, run)
		if r.inside == nil {
			m.evaluate(l, m.steps[by], nil, run)
			return
		}
		a := m.activate(l, by, run)
		a.state = "inside"
		if r.task.input != "" {
			a.input = r.task.input
		}
		m.begin("undo", a).throws = []*throw{{stack: r.inside, top: len(r.inside.records)}}
		return
	}
	l.throws = slices.DeleteFunc(l.throws, func(other *throw) bool { return other == th })
	if th.by == nil {
		return
	}
	if s := m.steps[th.by.node]; s.kind == graph.KindEndEvent {
		m.end(l, s, th.by, th.by.run)
		return
	}
	m.finish(th.by, "completed")
	m.onward(l, &token{node: th.by.node})
}

package flow_test

import (
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// answer is what a worker, a timer or the watch says; it counts only for a live task at its epoch.
func (m *reference) answer(a *activation, epoch int64, kind, value string) {
	if m.ended() || a.epoch != epoch {
		return
	}
	if kind == "due" {
		if a.state == "retrying" {
			a.state = "live"
			a.attempt++
		}
		return
	}
	if a.state != "live" {
		return
	}
	s := m.steps[a.node]
	switch kind {
	case "completed":
		a.losses = 0
		m.take(a, value)
	case "business", "permanent":
		a.losses = 0
		a.epoch++
		m.fail(a, &failure{code: value, technical: kind == "permanent"})
	case "failed": // value is the code
		a.losses = 0
		a.epoch++
		if a.attempt < s.attempts && (s.dont == "" || value != s.dont && !strings.HasPrefix(value, s.dont+".")) {
			a.state = "retrying"
		} else {
			m.fail(a, &failure{code: value, technical: true})
		}
	case "lost":
		a.losses++
		a.epoch++
		if a.losses == 3 {
			m.fail(a, &failure{code: "WORKER_LOST", technical: true})
		}
	case "handback", "withdrawn":
		a.epoch++
	}
	m.settle()
}

// happens is a time or a message that a task waits for.
func (m *reference) happens(a *activation, event, value string) {
	if m.state != "running" || !a.open() {
		return
	}
	l, e := a.level, m.steps[event]
	if b := e.boundary; b == nil || !b.KeepsRunning || b.Timer != nil && b.Timer.Kind != graph.TimerCron {
		delete(a.awaits, event)
	}
	switch {
	case e.boundary != nil && e.boundary.KeepsRunning:
		l.latest[event] = value
		if a.fired[event]++; e.boundary.Times > 0 && a.fired[event] >= e.boundary.Times {
			delete(a.awaits, event)
		}
		m.onward(l, &token{node: event, event: event})
	case e.boundary != nil:
		for _, d := range l.due {
			if d.task == a {
				return // another one came first
			}
		}
		l.latest[event] = value
		if m.held() && !m.stuck(a) {
			l.due = append(l.due, interruption{a, event})
			return
		}
		m.interrupt(a, event)
	case a.state != "waits":
		return
	default:
		m.finish(a, "completed")
		l.latest[event] = value
		if t := (&token{node: a.node}); event == a.node {
			m.onward(l, t)
		} else {
			t.event = event
			m.onward(l, t)
		}
	}
	m.settle()
}

// stuck tells whether a task is an incident, or something inside of it.
func (m *reference) stuck(a *activation) bool {
	if a.state == "incident" {
		return true
	}
	if l := m.inside(a); l != nil {
		for _, inner := range m.openIn(l) {
			if m.stuck(inner) {
				return true
			}
		}
	}
	return false
}

// person answers a user task.
func (m *reference) person(a *activation, value string) bool {
	if m.state != "running" || a.state != "waits" || m.steps[a.node].kind != graph.KindUserTask {
		return false
	}
	m.complete(a, value)
	m.settle()
	return true
}

// child is the end of a child process, or that it could not begin.
func (m *reference) child(a *activation, epoch int64, outcome, value string, why *failure) {
	if m.ended() || a.state != "calling" || a.epoch != epoch {
		return
	}
	s := m.steps[a.node]
	switch {
	case outcome == "completed":
		m.complete(a, value)
	case m.state == "cancelling":
		a.state = "cancelled"
		a.epoch++
	default:
		a.epoch++
		taken := !a.level.entry(s) && s.taking(why) != ""
		if s.goesOn && !taken && outcome != "" {
			m.complete(a, "null")
		} else {
			m.fail(a, why)
		}
	}
	m.settle()
}

func (m *reference) retry(a *activation, edited string) bool {
	if m.state != "running" || a.state != "incident" && a.state != "retrying" && a.state != "calling" {
		return false
	}
	s := m.steps[a.node]
	worker := s.kind == graph.KindServiceTask
	entry := a.level.entry(s)
	if edited != "" && (!worker && s.kind != graph.KindCallActivity || s.list != nil && !entry) {
		return false
	}
	a.epoch++
	if edited != "" {
		m.awaitBorder(a, s) // it begins with this, if it had not
		a.input = edited
		a.revision++
	}
	switch {
	case a.state == "retrying":
		a.state = "live"
		a.attempt++
	case worker && a.input != "" && (s.list == nil || entry):
		a.state, a.attempt, a.losses = "live", 1, 0
	default:
		a.state, a.attempt, a.losses = "again", 0, 0
		a.level.tokens = append(a.level.tokens, &token{where: "again", task: a})
	}
	m.settle()
	return true
}

func (m *reference) skip(a *activation, value, way string) bool {
	can := a.state == "incident" || a.state == "retrying" || a.state == "calling" || a.state == "waits"
	if m.ended() || !can {
		return false
	}
	s, l := m.steps[a.node], a.level
	a.epoch++
	m.finish(a, "skipped")
	switch s.kind {
	case graph.KindExclusiveGateway, graph.KindInclusiveGateway:
		for _, o := range s.out {
			if o.id == way {
				l.tokens = append(l.tokens, &token{where: "edge", edge: o.id, node: o.to})
			}
		}
	case graph.KindEventGateway:
		for _, o := range s.out {
			if o.id == way {
				l.latest[o.to] = value
				m.onward(l, &token{node: s.id, event: o.to})
			}
		}
	case graph.KindEndEvent:
		m.reachEnd(l, s, value)
	default:
		l.latest[a.node] = value
		m.goOn(a, value)
	}
	m.settle()
	return true
}

// anew lets an entry of a list begin again, whatever became of it.
func (m *reference) anew(a *activation) bool {
	l, s := a.level, m.steps[a.node]
	if m.state != "running" || !m.live(l) || !l.entry(s) || l.list.over || a.gone || a.state == "cancelled" {
		return false
	}
	switch {
	case a.open():
		m.cancelTask(a)
	case a.state != "failed":
		l.list.completed--
	default:
		if t := l.errorOf(a); t != nil {
			l.remove(t)
		} else {
			l.list.failed--
		}
	}
	a.gone = true
	delete(l.list.given, a.run)
	for _, r := range l.records {
		if r.task == a {
			r.taken = true
		}
	}
	l.list.again = append(l.list.again, a.run+len(l.list.values))
	m.settle()
	return true
}

// errorOf is the error of a failed task that a hold keeps from being caught.
func (l *level) errorOf(a *activation) *token {
	for _, t := range l.tokens {
		if t.error != nil && t.task == a {
			return t
		}
	}
	return nil
}

func (m *reference) suspend(on bool) bool {
	if m.state != "running" || m.suspended == on {
		return false
	}
	m.suspended = on
	m.settle()
	return true
}

// take ends an activation with what its work gave, through the step's own result where it has one.
func (m *reference) take(a *activation, value string) {
	if m.steps[a.node].result {
		out, ok := plusOne(value)
		if !ok {
			a.epoch++
			m.fail(a, &failure{code: badExpression, technical: true})
			return
		}
		value = out
	}
	m.complete(a, value)
}

package flow_test

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// reference is a naive interpreter, written apart from Advance from the words of BPMN and of the design alone: one list of
// tokens, oldest first, and one list of tasks. It knows generated graphs only.
type reference struct {
	specs     map[string]*spec
	input     string
	state     string // "", running, completed, failed, cancelled
	suspended bool
	tokens    []*token
	tasks     []*activation
	reached   map[string]int
	latest    map[string]string
	output    map[string]string
	errorCode string
	done      map[string]int // node#run → times its end was accepted
}

// token is somewhere: moving on an edge, before a node, waiting at a join's edge, in a task, or parked behind one.
type token struct {
	where string // "edge", "before", "join", "task", "parked", "again"
	edge  string
	node  string
	task  *activation
}

type activation struct {
	node     string
	run      int
	state    string // live (with or on the way to a worker), retrying, incident, waiting (to be evaluated again), completed, skipped, cancelled
	epoch    int64
	attempt  int
	losses   int
	input    string // "" when it could not be built
	revision int
}

func newReference(specs map[string]*spec, input string) *reference {
	return &reference{
		specs: specs, input: input, reached: map[string]int{}, latest: map[string]string{}, output: map[string]string{}, done: map[string]int{},
	}
}

func (m *reference) ended() bool {
	return m.state == "completed" || m.state == "failed" || m.state == "cancelled"
}

func (m *reference) incidents() int {
	n := 0
	for _, a := range m.tasks {
		if a.state == "incident" {
			n++
		}
	}
	return n
}

func (m *reference) held() bool { return m.suspended || m.incidents() > 0 }

func (m *reference) shown() string {
	switch {
	case m.ended():
		return m.state
	case m.suspended:
		return "suspended"
	case m.incidents() > 0:
		return "incident"
	}
	return m.state
}

// read gives the JSON of a term, false when it fails.
func (m *reference) read(x term) (string, bool) {
	raw := m.input
	if x.node != "" {
		raw = m.latest[x.node]
	}
	if !x.plus {
		return raw, true
	}
	return plusOne(raw)
}

func plusOne(raw string) (string, bool) {
	n, err := strconv.Atoi(raw)
	if err != nil {
		return "", false
	}
	return strconv.Itoa(n + 1), true
}

func (m *reference) start() {
	m.state = "running"
	m.tokens = append(m.tokens, &token{where: "before", node: "start"})
	m.settle()
}

func (m *reference) remove(t *token) {
	for i, other := range m.tokens {
		if other == t {
			m.tokens = append(m.tokens[:i:i], m.tokens[i+1:]...)
			return
		}
	}
}

func (m *reference) tokenOf(a *activation) *token {
	for _, t := range m.tokens {
		if t.task == a && (t.where == "task" || t.where == "again") {
			return t
		}
	}
	return nil
}

// settle releases parked tokens and moves the oldest movable token until none is left.
func (m *reference) settle() {
	for !m.ended() && !m.held() {
		if t := m.first("parked"); t != nil {
			m.remove(t)
			m.send(t.node)
			continue
		}
		t := m.first("edge", "before", "again")
		if t == nil {
			break
		}
		m.remove(t)
		switch t.where {
		case "before":
			m.arrive(t.node)
		case "again":
			m.evaluate(t.node, t.task)
		default:
			m.travel(t)
		}
	}
	if m.state == "running" && len(m.tokens) == 0 {
		m.state = "completed"
	}
}

func (m *reference) first(where ...string) *token {
	for _, t := range m.tokens {
		for _, w := range where {
			if t.where == w {
				return t
			}
		}
	}
	return nil
}

func (m *reference) send(node string) {
	for _, a := range m.specs[node].out {
		m.tokens = append(m.tokens, &token{where: "edge", edge: a.id, node: a.to})
	}
}

// travel brings a token to the node at the end of its edge; at a join it waits for one on every other edge.
func (m *reference) travel(t *token) {
	s := m.specs[t.node]
	if s.kind != graph.KindParallelGateway || s.arriving < 2 {
		m.arrive(t.node)
		return
	}
	t.where = "join"
	m.tokens = append(m.tokens, t)
	one := map[string]*token{}
	for _, other := range m.tokens {
		if other.where == "join" && other.node == t.node && one[other.edge] == nil {
			one[other.edge] = other
		}
	}
	if len(one) < s.arriving {
		return
	}
	for _, used := range one {
		m.remove(used)
	}
	m.arrive(t.node)
}

func (m *reference) arrive(node string) {
	m.reached[node]++
	m.evaluate(node, nil)
}

// evaluate does what a node does; a is its task when it was evaluated before and failed.
func (m *reference) evaluate(node string, a *activation) {
	s := m.specs[node]
	pass := func() {
		if a != nil {
			m.finish(a, "completed")
		}
	}
	switch s.kind {
	case graph.KindServiceTask:
		in, ok := m.read(s.in)
		if !ok {
			m.breaks(node, a)
			return
		}
		if a == nil {
			a = m.activate(node)
		}
		a.state, a.attempt, a.input = "live", 1, in
		m.tokens = append(m.tokens, &token{where: "task", node: node, task: a})
	case graph.KindScriptTask:
		out, ok := m.read(s.in)
		if !ok {
			m.breaks(node, a)
			return
		}
		if a == nil {
			a = m.activate(node)
		}
		m.finish(a, "completed")
		m.latest[node] = out
		m.send(node)
	case graph.KindExclusiveGateway:
		way, ok := m.way(s)
		if !ok {
			m.breaks(node, a)
			return
		}
		pass()
		m.tokens = append(m.tokens, &token{where: "edge", edge: way.id, node: way.to})
	case graph.KindEndEvent:
		out, ok := m.read(s.in)
		if !ok {
			m.breaks(node, a)
			return
		}
		pass()
		m.output["o_"+node] = out
		m.end(node)
	default:
		pass()
		m.send(node)
	}
}

func (m *reference) way(s *spec) (arc, bool) {
	for _, a := range s.out {
		if a.other {
			continue
		}
		if a.condition == nil {
			return a, true
		}
		raw, _ := m.read(term{node: a.condition.node})
		n, err := strconv.Atoi(raw)
		if err != nil {
			return arc{}, false
		}
		if n%a.condition.mod == a.condition.rest {
			return a, true
		}
	}
	for _, a := range s.out {
		if a.other {
			return a, true
		}
	}
	return arc{}, false
}

func (m *reference) activate(node string) *activation {
	a := &activation{node: node, run: m.reached[node], epoch: 1}
	m.tasks = append(m.tasks, a)
	return a
}

func (m *reference) breaks(node string, a *activation) {
	if a == nil {
		a = m.activate(node)
	}
	a.state = "incident"
	m.tokens = append(m.tokens, &token{where: "task", node: node, task: a})
}

func (m *reference) finish(a *activation, state string) {
	a.state = state
	m.done[a.node+"#"+strconv.Itoa(a.run)]++
}

func (m *reference) end(node string) {
	switch m.specs[node].end {
	case graph.EndTerminate:
		m.stopAll("completed")
	case graph.EndError:
		m.errorCode = "E_" + node
		m.stopAll("failed")
	}
}

func (m *reference) stopAll(state string) {
	for _, a := range m.tasks {
		switch a.state {
		case "live", "retrying", "incident", "waiting":
			a.state = "cancelled"
			a.epoch++
		}
	}
	m.tokens = nil
	m.state = state
}

// onward moves the token of an ended task behind its node; settle lets it go on, at once or after the hold.
func (m *reference) onward(a *activation) {
	m.remove(m.tokenOf(a))
	m.tokens = append(m.tokens, &token{where: "parked", node: a.node})
}

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
	s := m.specs[a.node]
	switch kind {
	case "completed":
		a.losses = 0
		if s.result {
			out, ok := plusOne(value)
			if !ok {
				a.epoch++
				a.state = "incident"
				return
			}
			value = out
		}
		m.finish(a, "completed")
		m.latest[a.node] = value
		m.onward(a)
	case "business":
		a.losses = 0
		a.epoch++
		a.state = "incident"
	case "failed": // value is the code
		a.losses = 0
		a.epoch++
		if a.attempt < s.attempts && (s.dont == "" || value != s.dont && !strings.HasPrefix(value, s.dont+".")) {
			a.state = "retrying"
		} else {
			a.state = "incident"
		}
	case "lost":
		a.losses++
		a.epoch++
		if a.losses == 3 {
			a.state = "incident"
		}
	case "handback", "withdrawn":
		a.epoch++
	}
	m.settle()
}

func (m *reference) retry(a *activation, edited string) bool {
	if m.ended() || a.state != "incident" && a.state != "retrying" {
		return false
	}
	service := m.specs[a.node].kind == graph.KindServiceTask
	if edited != "" && !service {
		return false
	}
	a.epoch++
	built := a.input != ""
	if edited != "" {
		a.input = edited
		a.revision++
		built = true
	}
	switch {
	case a.state == "retrying":
		a.state = "live"
		a.attempt++
	case service && built:
		a.state, a.attempt, a.losses = "live", 1, 0
	default:
		a.state, a.attempt, a.losses = "waiting", 0, 0
		t := m.tokenOf(a)
		m.remove(t)
		t.where = "again"
		m.tokens = append(m.tokens, t)
	}
	m.settle()
	return true
}

func (m *reference) skip(a *activation, value, way string) bool {
	if m.ended() || a.state != "incident" && a.state != "retrying" {
		return false
	}
	s := m.specs[a.node]
	a.epoch++
	m.finish(a, "skipped")
	t := m.tokenOf(a)
	switch s.kind {
	case graph.KindExclusiveGateway:
		m.remove(t)
		for _, o := range s.out {
			if o.id == way {
				m.tokens = append(m.tokens, &token{where: "edge", edge: o.id, node: o.to})
			}
		}
	case graph.KindEndEvent:
		m.remove(t)
		m.output["o_"+a.node] = value
		m.end(a.node)
	default:
		m.latest[a.node] = value
		m.onward(a)
	}
	m.settle()
	return true
}

func (m *reference) suspend(on bool) bool {
	if m.ended() || m.suspended == on {
		return false
	}
	m.suspended = on
	m.settle()
	return true
}

func (m *reference) cancel() bool {
	if m.ended() {
		return false
	}
	m.stopAll("cancelled")
	return true
}

// picture is everything that must agree with Advance, as text.
func (m *reference) picture() string {
	var lines []string
	for _, a := range m.tasks {
		lines = append(lines, fmt.Sprintf("task %s#%d %s epoch %d attempt %d losses %d input %q rev %d", a.node, a.run, a.state, a.epoch, a.attempt, a.losses, a.input, a.revision))
	}
	joins := map[string]int{}
	parked := 0
	for _, t := range m.tokens {
		switch t.where {
		case "join":
			joins[t.edge]++
		case "parked":
			parked++
		}
	}
	for e, n := range joins {
		lines = append(lines, fmt.Sprintf("join %s %d", e, n))
	}
	for n, v := range m.latest {
		lines = append(lines, "latest "+n+" "+v)
	}
	for n, v := range m.output {
		lines = append(lines, "output "+n+" "+v)
	}
	for n, c := range m.reached {
		lines = append(lines, fmt.Sprintf("reached %s %d", n, c))
	}
	sort.Strings(lines)
	return fmt.Sprintf("%s %s tokens %d parked %d\n%s", m.shown(), m.errorCode, len(m.tokens), parked, strings.Join(lines, "\n"))
}

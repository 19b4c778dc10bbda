package flow_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// reference is a naive interpreter, written apart from Advance from the words of BPMN and of the design alone: levels with a list of
// tokens each, oldest first, and one list of tasks. It knows generated graphs only, and shares nothing with Advance but their model.
type reference struct {
	steps     map[string]*step
	input     string
	takes     []catch                   // errors that whoever called the process takes
	order     func(level string) string // the standard leaves open which of several levels moves first: this sorts them
	state     string                    // "", running, cancelling, completed, failed, cancelled
	suspended bool
	levels    []*level // under way
	tasks     []*activation
	errorCode string
	done      map[string]int // task → times its end was accepted
}

// catch says which errors are taken: no codes are all, technical failures only where it says so.
type catch struct {
	codes     []string
	technical bool
}

// level is the process itself, the inside of a sub-process, the entries of a list, the tasks of a plan, or what is undone inside of what
// has ended.
type level struct {
	id      string
	kind    string // process, sub, list, plan, undo
	outer   *level
	host    *activation // whose inside it is
	tokens  []*token
	reached map[string]int
	latest  map[string]string
	output  map[string]string
	list    *entryCounts
	due     []interruption // events that a hold keeps from interrupting
	records []*record      // what has completed here and can be undone, the latest last
	throws  []*throw
	nth     int // of a plan: how many its task was answered with
}

// entryCounts counts those of a list.
type entryCounts struct {
	step                           *step
	values                         []string
	next, completed, failed, allow int
	over                           bool
	again                          []int          // runs that begin anew
	given                          map[int]string // by run, what an entry gave to the list's output
}

type interruption struct {
	task  *activation
	event string
}

// record is something that can be undone: by the handler of its activity, or from inside when there is an inside.
type record struct {
	task   *activation
	value  string
	inside *level
	taken  bool
}

// throw undoes what is on a stack of records.
type throw struct {
	by    *activation // nil: the level ends when all is undone
	stack *level
	of    string
	top   int // records from here on are not looked at
	now   *record
	task  string // the task that undoes now
}

// token is on an edge, before a node, waiting at a join's edge, parked behind a task until a hold is over, or comes to a task again
// that could not be evaluated. A parked one goes on from a node, through an event, or is the error of a failed task.
type token struct {
	where string // edge, before, join, parked, again
	edge  string
	node  string
	task  *activation
	event string
	error *failure
}

type failure struct {
	code      string
	technical bool
}

type activation struct {
	id       string
	level    *level
	node     string
	run      int
	state    string // live (with a worker or on the way), waits, inside, calling, retrying, incident, again; completed, failed, skipped, cancelled
	epoch    int64
	attempt  int
	losses   int
	input    string // "" when there is none
	revision int
	begun    bool
	awaits   map[string]bool // events that may come
	fired    map[string]int
	gone     bool // another run has taken its place
	plans    int  // that it was answered with
}

func (a *activation) open() bool {
	return !slices.Contains([]string{"completed", "failed", "skipped", "cancelled"}, a.state)
}

func newReference(steps map[string]*step, input string, takes []catch, order func(string) string) *reference {
	return &reference{steps: steps, input: input, takes: takes, order: order, done: map[string]int{}}
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

func (m *reference) moves() bool { return m.state == "running" && !m.held() }

func (m *reference) shown() string {
	switch {
	case m.ended() || m.state == "cancelling":
		return m.state
	case m.suspended:
		return "suspended"
	case m.incidents() > 0:
		return "incident"
	}
	return m.state
}

func (m *reference) begin(kind string, host *activation) *level {
	l := &level{kind: kind, host: host, reached: map[string]int{}, latest: map[string]string{}, output: map[string]string{}}
	if host != nil {
		l.id, l.outer = host.id, host.level
	}
	m.levels = append(m.levels, l)
	return l
}

func (m *reference) live(l *level) bool { return slices.Contains(m.levels, l) }

// inside is the level inside of a task, nil when it has none.
func (m *reference) inside(a *activation) *level {
	for _, l := range m.levels {
		if l.host == a {
			return l
		}
	}
	return nil
}

func (m *reference) openIn(l *level) []*activation {
	var all []*activation
	for _, a := range m.tasks {
		if a.level == l && a.open() {
			all = append(all, a)
		}
	}
	return all
}

func (m *reference) start() {
	m.state = "running"
	root := m.begin("process", nil)
	root.tokens = []*token{{where: "before", node: "start"}}
	m.settle()
}

// settle lets everything move that may.
func (m *reference) settle() {
	if m.state == "cancelling" {
		m.windUp()
		return
	}
	for again := true; again; {
		again = false
		for _, l := range m.sorted() {
			if m.state == "running" && m.live(l) && m.drain(l) {
				again = true
			}
		}
	}
}

func (m *reference) sorted() []*level {
	all := slices.Clone(m.levels)
	slices.SortFunc(all, func(a, b *level) int { return strings.Compare(m.order(a.id), m.order(b.id)) })
	return all
}

// drain moves what may move in a level, and ends it when nothing is left.
func (m *reference) drain(l *level) (moved bool) {
	for m.moves() && m.live(l) && (m.release(l) || m.move(l)) {
		moved = true
	}
	if m.state != "running" || !m.live(l) {
		return moved
	}
	switch {
	case l.kind == "list":
		if l.list.finished() {
			m.endList(l)
			return true
		}
	case l.kind == "undo":
		if len(l.throws) == 0 {
			m.drop(l)
			m.finish(l.host, "completed")
			return true
		}
	case len(l.tokens) > 0 || len(m.openIn(l)) > 0:
	case l.kind == "plan":
		if m.nextPlanned(l) == nil {
			m.endPlan(l)
			return true
		}
	case l.kind == "process":
		m.state = "completed"
	default:
		m.leave(l)
		return true
	}
	return moved
}

// release does what a hold kept from happening, in the order in which it came.
func (m *reference) release(l *level) bool {
	if t := l.first("parked"); t != nil {
		l.remove(t)
		switch {
		case t.error != nil:
			m.caught(m.catcher(t.task, t.error), t.task, t.error)
		case t.event != "":
			m.through(l, t.event)
		default:
			m.send(l, t.node)
		}
		return true
	}
	if len(l.due) > 0 {
		d := l.due[0]
		l.due = l.due[1:]
		if d.task.open() {
			m.interrupt(d.task, d.event)
		}
		return true
	}
	return false
}

// move does one thing: takes up what is undone, begins an entry of a list, moves the oldest token, or lets an inclusive join go on.
func (m *reference) move(l *level) bool {
	for _, th := range l.throws {
		if th.now == nil {
			m.undo(l, th)
			return true
		}
	}
	if l.kind == "plan" && l.first("again") == nil {
		s := m.nextPlanned(l)
		if s != nil {
			l.reached[s.id]++
			m.evaluate(l, s, nil, l.reached[s.id])
		}
		return s != nil
	}
	if l.kind == "list" && l.list.begins() {
		m.evaluate(l, l.list.step, nil, l.list.nextRun())
		return true
	}
	t := l.first("edge", "before", "again")
	if t == nil {
		return m.gather(l)
	}
	l.remove(t)
	switch t.where {
	case "before":
		m.arrive(l, t.node)
	case "again":
		m.evaluate(l, m.steps[t.task.node], t.task, t.task.run)
	default:
		m.travel(l, t)
	}
	return true
}

func (l *level) first(where ...string) *token {
	for _, t := range l.tokens {
		if slices.Contains(where, t.where) {
			return t
		}
	}
	return nil
}

func (l *level) remove(t *token) {
	l.tokens = slices.DeleteFunc(l.tokens, func(other *token) bool { return other == t })
}

// send puts a token on every edge behind a node.
func (m *reference) send(l *level, node string) {
	for _, a := range m.steps[node].out {
		l.tokens = append(l.tokens, &token{where: "edge", edge: a.id, node: a.to})
	}
}

// through lets a token go through an event that has no task.
func (m *reference) through(l *level, event string) {
	l.reached[event]++
	m.send(l, event)
}

// onward lets a token go on behind a task, at once or after the hold, never before those that the hold parked.
func (m *reference) onward(l *level, t *token) {
	t.where = "parked"
	l.tokens = append(l.tokens, t)
	if parked := l.first("parked"); !m.held() && parked == t {
		m.release(l)
	}
}

// travel brings a token to the node at the end of its edge. At a parallel join it waits for one on every other edge, at an inclusive
// join for all that can still come.
func (m *reference) travel(l *level, t *token) {
	s := m.steps[t.node]
	joins := len(s.arriving) > 1 && (s.kind == graph.KindParallelGateway || s.kind == graph.KindInclusiveGateway)
	if !joins {
		m.arrive(l, t.node)
		return
	}
	t.where = "join"
	l.tokens = append(l.tokens, t)
	if at := l.atJoin(s); s.kind == graph.KindParallelGateway && len(at) == len(s.arriving) {
		for _, used := range at {
			l.remove(used)
		}
		m.arrive(l, t.node)
	}
}

// atJoin is the oldest token on each edge into a join.
func (l *level) atJoin(join *step) map[string]*token {
	one := map[string]*token{}
	for _, t := range l.tokens {
		if t.where == "join" && t.node == join.id && one[t.edge] == nil {
			one[t.edge] = t
		}
	}
	return one
}

// gather lets an inclusive join go on: there is no token elsewhere that can come to one of its empty edges, unless it could as well come
// to one that has a token (BPMN 2.0.2 §13.4.3).
func (m *reference) gather(l *level) bool {
	var joins []*step
	for _, s := range m.steps {
		if s.kind == graph.KindInclusiveGateway && len(s.arriving) > 1 && len(l.atJoin(s)) > 0 {
			joins = append(joins, s)
		}
	}
	slices.SortFunc(joins, func(a, b *step) int { return a.place - b.place })
	for _, join := range joins {
		at := l.atJoin(join)
		waits := false
		for _, node := range m.whereabouts(l, join) {
			toEmpty, toFull := false, false
			for _, edge := range m.ways(node, join, map[string]bool{}) {
				toEmpty, toFull = toEmpty || at[edge] == nil, toFull || at[edge] != nil
			}
			waits = waits || toEmpty && !toFull
		}
		if waits {
			continue
		}
		for _, used := range at {
			l.remove(used)
		}
		m.arrive(l, join.id)
		return true
	}
	return false
}

// whereabouts are the nodes at which tokens of a level are, apart from those that wait at the join. What undoes leads nowhere.
func (m *reference) whereabouts(l *level, join *step) []string {
	var at []string
	for _, t := range l.tokens {
		if t.where == "parked" || t.where == "join" && t.node != join.id {
			at = append(at, t.node)
		}
	}
	for _, a := range m.openIn(l) {
		if !slices.ContainsFunc(l.throws, func(th *throw) bool { return th.task == a.id }) {
			at = append(at, a.node)
		}
	}
	return at
}

// ways are the edges into a join that a token at a node can come by without having passed the join.
func (m *reference) ways(node string, join *step, seen map[string]bool) (edges []string) {
	if seen[node] || node == join.id {
		return nil
	}
	seen[node] = true
	for _, a := range m.steps[node].out {
		if a.to == join.id {
			edges = append(edges, a.id)
		}
		edges = append(edges, m.ways(a.to, join, seen)...)
	}
	for _, b := range m.steps[node].border {
		edges = append(edges, m.ways(b.id, join, seen)...)
	}
	return edges
}

const mostRounds = 10_000

func (m *reference) arrive(l *level, node string) {
	l.reached[node]++
	if l.reached[node] > mostRounds {
		m.activate(l, node, l.reached[node]).state = "incident"
		return
	}
	m.evaluate(l, m.steps[node], nil, l.reached[node])
}

// taskOf names a run of a node.
func (l *level) taskOf(node string, run int) string {
	node = strings.ReplaceAll(node, "/", ">")
	if l.kind == "plan" {
		node += "@" + strconv.Itoa(l.nth)
	}
	return l.id + "/" + node + "#" + strconv.Itoa(run)
}

func (m *reference) activate(l *level, node string, run int) *activation {
	a := &activation{id: l.taskOf(node, run), level: l, node: node, run: run, epoch: 1, awaits: map[string]bool{}, fired: map[string]int{}}
	m.tasks = append(m.tasks, a)
	return a
}

// read gives the JSON of a term as a run of a step sees it, false when it fails.
func (m *reference) read(l *level, s *step, run int, x term) (string, bool) {
	raw := "null"
	switch {
	case l.kind == "plan" && x.node == ofInput:
		raw = l.host.input
	case l.kind == "plan":
		raw = l.latest[x.node]
	case x.node == ofInput:
		raw = m.input
	case x.node == ofItem:
		raw = l.item(run)
	case x.node == ofUndone:
		for _, th := range l.throws {
			if th.task == l.taskOf(s.id, run) {
				raw = th.now.value
			}
		}
	default:
		at := l
		for at.kind == "list" || at.inner() != m.steps[x.node].parent {
			at = at.outer
		}
		raw = at.latest[x.node]
	}
	if !x.plus {
		return raw, true
	}
	return plusOne(raw)
}

// inner is the sub-process that a level is the inside of.
func (l *level) inner() string {
	if l.host == nil {
		return ""
	}
	return l.host.node
}

// item is the entry of the nearest list around a token.
func (l *level) item(run int) string {
	for l.kind != "list" {
		l, run = l.outer, l.host.run
	}
	return l.list.values[(run-1)%len(l.list.values)]
}

func plusOne(raw string) (string, bool) {
	n, err := strconv.Atoi(raw)
	if err != nil {
		return "", false
	}
	return strconv.Itoa(n + 1), true
}

// itemsOf reads a list or a number.
func itemsOf(raw string) (values []string, ok bool) {
	var list []json.RawMessage
	if raw != "null" && json.Unmarshal([]byte(raw), &list) == nil {
		for _, v := range list {
			values = append(values, string(v))
		}
		return values, true
	}
	n, err := strconv.Atoi(raw)
	for i := range n {
		values = append(values, strconv.Itoa(i))
	}
	return values, err == nil && n >= 0
}

// picture is everything that must agree with Advance, as text.
func (m *reference) picture() string {
	var lines []string
	for _, a := range m.tasks {
		state := a.state
		if state == "calling" {
			state = "inside calling"
		}
		lines = append(lines, fmt.Sprintf("task %s %s epoch %d attempt %d losses %d input %q rev %d gone %v", a.id, state, a.epoch, a.attempt, a.losses, a.input, a.revision, a.gone))
		for event := range a.awaits {
			if a.open() {
				lines = append(lines, "awaits "+a.id+" "+event)
			}
		}
	}
	if m.ended() {
		m.levels = m.levels[:1]
	}
	for _, l := range m.levels {
		lines = append(lines, m.pictureOf(l)...)
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s %s\n%s", m.shown(), m.errorCode, strings.Join(lines, "\n"))
}

func (m *reference) pictureOf(l *level) (lines []string) {
	joins := map[string]int{}
	tokens, parked := len(m.openIn(l)), 0
	for _, t := range l.tokens {
		switch t.where {
		case "join":
			joins[t.edge]++
		case "parked":
			parked++
		case "again":
			continue // counted with its task
		}
		tokens++
	}
	add := func(format string, args ...any) { lines = append(lines, l.id+" "+fmt.Sprintf(format, args...)) }
	if m.ended() {
		tokens, parked, joins, l.due = 0, 0, nil, nil
	}
	add("tokens %d parked %d due %d throws %d", tokens, parked, len(l.due), len(l.throws))
	for e, n := range joins {
		add("join %s %d", e, n)
	}
	for n, v := range l.output {
		add("output %s %s", n, v)
	}
	if l.kind == "list" {
		e := l.list
		add("total %d next %d completed %d failed %d allow %d over %v again %d", len(e.values), e.next, e.completed, e.failed, e.allow, e.over, len(e.again))
		return lines
	}
	for n, c := range l.reached {
		add("reached %s %d", n, c)
	}
	if l.kind == "undo" {
		return lines
	}
	for n, v := range l.latest {
		if !m.steps[n].handler {
			add("latest %s %s", n, v)
		}
	}
	return lines
}

package flow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/sound"
)

// MigrationIssue is something of a live process that has no place in another version. Code is stable.
type MigrationIssue struct {
	Code    string
	Node    string // where it is in the present version
	Message string
	Params  map[string]any // what a translated message needs; "what" tells cases of one code apart
}

// Codes of MigrationIssue.
const (
	MigrateMissing = "migrate.node_missing" // the node is gone
	MigrateKind    = "migrate.node_kind"    // it is something else now
	MigrateLevel   = "migrate.node_level"   // it lies in another sub-process
	MigrateType    = "migrate.node_type"    // it calls another node type
	MigrateList    = "migrate.list"         // it is repeated for a list in one version only
	MigrateWait    = "migrate.wait"         // it waits for something that is gone or that is another thing now
	MigrateFlow    = "migrate.flow"         // a token is on a flow that is gone or leads elsewhere
	MigrateError   = "migrate.error"        // an error is on its way to what no longer catches it
	MigrateStuck   = "migrate.stuck"        // a join would wait for ever
	MigrateUndo    = "migrate.undo"         // what has completed could not be undone any more
	MigratePlan    = "migrate.plan"         // a plan runs in it, and it must not plan any more
)

// CheckMigration tells what of a live process has no place in another version of its definition, node by node: nothing means that it
// can go on there. Tasks, waits, tokens and scopes stay where they are, by the ids of their nodes. st needs its header and its live
// scopes.
func CheckMigration(from, to *Graph, st *State) []MigrationIssue {
	c := &migration{from: from, to: to, st: st, nodes: map[string]bool{}}
	for _, id := range slices.Sorted(maps.Keys(st.Scopes)) {
		c.scope(st.Scopes[id])
	}
	c.undoable()
	slices.SortStableFunc(c.issues, func(a, b MigrationIssue) int {
		switch {
		case a.Node < b.Node:
			return -1
		case a.Node > b.Node:
			return 1
		}
		return 0
	})
	return slices.CompactFunc(c.issues, func(a, b MigrationIssue) bool { return a.Code == b.Code && a.Node == b.Node && a.Message == b.Message })
}

// migration is one check.
type migration struct {
	from, to *Graph
	st       *State
	nodes    map[string]bool // checked already
	issues   []MigrationIssue
}

// saying is what a translated message of an issue needs.
type saying = map[string]any

func (c *migration) issue(code, node string, params saying, format string, args ...any) {
	c.issues = append(c.issues, MigrationIssue{Code: code, Node: node, Message: fmt.Sprintf(format, args...), Params: params})
}

// scope checks everything of one scope; the task that it is the inside of is checked with the scope around it.
func (c *migration) scope(sc *Scope) {
	if sc.Kind == ScopePlan {
		return // a plan is no part of a version; the task that made it is looked at with the scope around it
	}
	before := len(c.issues)
	for _, node := range slices.Sorted(maps.Values(sc.State.Open)) {
		c.node(node)
	}
	for _, p := range sc.State.Parked {
		c.parked(sc, p)
	}
	for _, p := range sc.State.Pending {
		switch {
		case p.Edge != "":
			c.edge(p.Edge)
		case p.Task == "":
			c.node(p.Node)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(sc.State.Joins)) {
		c.edge(id)
	}
	for _, d := range sc.State.Due {
		if b := c.to.nodes[d.Node]; b == nil || b.boundary == nil || b.boundary.KeepsRunning {
			c.issue(MigrateWait, d.Node, saying{"what": "due"}, "%s has happened and waits for the end of a hold; the other version has no such event", d.Node)
		}
	}
	if len(c.issues) == before && sc.Kind != ScopeMulti && sc.Kind != ScopeUndo {
		c.joins(sc)
	}
}

// node checks a node that has an open task or that a token stands at.
func (c *migration) node(id string) {
	if c.nodes[id] {
		return
	}
	c.nodes[id] = true
	a, b := c.from.nodes[id], c.to.nodes[id]
	switch {
	case a == nil:
		c.issue(MigrateMissing, id, nil, "the present version has no %s", id)
	case b == nil:
		c.issue(MigrateMissing, id, nil, "the other version has no %s", id)
	case a.Kind != b.Kind:
		c.issue(MigrateKind, id, saying{"from": string(a.Kind), "to": string(b.Kind)}, "%s is a %s, in the other version a %s", id, a.Kind, b.Kind)
	case a.Parent != b.Parent:
		c.issue(MigrateLevel, id, levels(a, b), "%s lies %s, in the other version %s", id, inWhat(a), inWhat(b))
	case (a.multi == nil) != (b.multi == nil):
		c.issue(MigrateList, id, nil, "%s is repeated for a list in one of the versions only", id)
	case a.plans && !b.plans && c.planning(id):
		c.issue(MigratePlan, id, nil, "%s runs a plan, which the other version does not allow there", id)
	case a.NodeType != b.NodeType:
		c.issue(MigrateType, id, saying{"from": a.NodeType, "to": b.NodeType}, "%s calls %s, in the other version %s", id, a.NodeType, b.NodeType)
	case a.call != nil && a.call.definition != b.call.definition:
		c.issue(MigrateType, id, saying{"from": a.call.definition, "to": b.call.definition}, "%s calls %s, in the other version %s", id, a.call.definition, b.call.definition)
	default:
		c.waits(a, b)
	}
}

// planning tells whether a plan of a node runs.
func (c *migration) planning(node string) bool {
	for _, sc := range c.st.Scopes {
		if sc.Kind == ScopePlan && sc.NodeID == node {
			return true
		}
	}
	return false
}

func inWhat(n *Node) string {
	if n.Parent == "" {
		return "at the top"
	}
	return "inside of " + n.Parent
}

func levels(a, b *Node) saying {
	if b.Parent == "" {
		return saying{"what": "top", "from": a.Parent}
	}
	return saying{"what": "inside", "to": b.Parent}
}

// waits checks what an open task of a node waits for: its own event, the arms of its gateway, the events on its border.
func (c *migration) waits(a, b *Node) {
	if a.awaited != nil && a.awaited.name != b.awaited.name {
		c.issue(MigrateWait, a.ID, saying{"what": "message", "from": a.awaited.name, "to": b.awaited.name}, "%s waits for the message %s, in the other version for %s", a.ID, a.awaited.name, b.awaited.name)
	}
	if a.Kind == graph.KindEventGateway {
		for _, e := range a.out {
			if !slices.ContainsFunc(b.out, func(o *edge) bool { return o.to.ID == e.to.ID && sameEvent(e.to, o.to) }) {
				c.issue(MigrateWait, a.ID, saying{"what": "arm", "event": e.to.ID}, "%s waits for %s, which the other version does not have there", a.ID, e.to.ID)
			}
		}
	}
	for _, event := range a.border {
		if event.boundary.Kind == graph.BoundaryError {
			continue // nothing waits for it
		}
		other := c.to.nodes[event.ID]
		if other == nil || other.host != b || other.boundary.KeepsRunning != event.boundary.KeepsRunning || !sameEvent(event, other) {
			c.issue(MigrateWait, a.ID, saying{"what": "border", "event": event.ID}, "%s waits on the border of %s, in the other version not, or for something else", event.ID, a.ID)
		}
	}
}

// sameEvent tells whether two events wait for the same kind of thing.
func sameEvent(a, b *Node) bool {
	if a.Kind != b.Kind || (a.timer == nil) != (b.timer == nil) || (a.awaited == nil) != (b.awaited == nil) {
		return false
	}
	return a.awaited == nil || a.awaited.name == b.awaited.name
}

// edge checks a flow that a token is on, or on which it waits at a join.
func (c *migration) edge(id string) {
	a, b := c.from.edges[id], c.to.edges[id]
	switch {
	case a == nil:
		c.issue(MigrateFlow, "", saying{"what": "unknown", "flow": id}, "the present version has no flow %s", id)
	case b == nil:
		c.issue(MigrateFlow, a.to.ID, saying{"what": "gone", "from": a.from.ID}, "a token is on its way from %s to %s, which the other version does not connect by the same flow", a.from.ID, a.to.ID)
	case a.to.ID != b.to.ID || a.to.Kind != b.to.Kind || a.to.Parent != b.to.Parent:
		c.issue(MigrateFlow, a.to.ID, saying{"what": "elsewhere", "from": a.from.ID, "to": b.to.ID}, "a token is on its way from %s to %s; in the other version the flow leads to %s", a.from.ID, a.to.ID, b.to.ID)
	}
}

// parked checks a token that goes on from its node when a hold ends.
func (c *migration) parked(sc *Scope, p Parked) {
	before := len(c.issues)
	c.node(p.Node)
	n := c.to.nodes[p.Node]
	if len(c.issues) > before || n == nil {
		return
	}
	if p.Via != "" && !slices.ContainsFunc(n.out, func(e *edge) bool { return e.to.ID == p.Via }) {
		c.issue(MigrateWait, p.Node, saying{"what": "behind", "event": p.Via}, "%s has happened behind %s, in the other version it is not there", p.Via, p.Node)
	}
	if p.Error == nil {
		return
	}
	r := run{g: c.to, st: c.st, p: c.st.Process}
	if found, err := r.catch(sc, n, p.Task, p.Error); err != nil || found == nil {
		c.issue(MigrateError, p.Node, saying{"error": p.Error.Code}, "nothing in the other version catches the error %s of %s", p.Error.Code, p.Node)
	}
}

// joins looks for joins that would wait for ever with the tokens that are there.
func (c *migration) joins(sc *Scope) {
	known := map[string]bool{}
	for _, p := range sound.From(c.from.doc, c.from.marking(sc)) {
		known[p.Node] = true
	}
	for _, p := range sound.From(c.to.doc, c.to.marking(sc)) {
		if (p.Code == sound.Stuck || p.Code == sound.Never) && !known[p.Node] {
			c.issue(MigrateStuck, p.Node, nil, "%s could wait for ever: the flows that it joins have lost a token in the other version", p.Node)
		}
	}
}

// mostTokens is how many tokens of one place are looked at; more behave as so many.
const mostTokens = 3

// marking is where the tokens of a scope are.
func (g *Graph) marking(sc *Scope) sound.Marking {
	m := sound.Marking{Level: sc.NodeID}
	before, on := map[string]int{}, map[string]int{}
	behind := func(node string) {
		if n := g.nodes[node]; n != nil {
			for _, e := range n.out {
				on[e.id]++
			}
		}
	}
	for id, node := range sc.State.Open {
		if !sc.State.undoes(id) {
			before[node]++
		}
	}
	for _, p := range sc.State.Parked {
		switch {
		case p.Error != nil:
			before[p.Node]++
		case p.Via != "":
			behind(p.Via)
		default:
			behind(p.Node)
		}
	}
	for _, p := range sc.State.Pending {
		switch {
		case p.Edge != "":
			on[p.Edge]++
		case p.Task == "":
			before[p.Node]++
		}
	}
	for id, n := range sc.State.Joins {
		on[id] += n
	}
	m.Before, m.On = places(before), places(on)
	return m
}

func places(counts map[string]int) []string {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		for range min(counts[id], mostTokens) {
			all = append(all, id)
		}
	}
	return all
}

// RefusedMigration says that a process cannot go on in another version; nothing has changed.
type RefusedMigration struct{ Issues []MigrationIssue }

// Error tells the first issue.
func (e *RefusedMigration) Error() string {
	return fmt.Sprintf("%s: %s (%d in all)", e.Issues[0].Code, e.Issues[0].Message, len(e.Issues))
}

// Migrate lets a process go on in another version of its definition, whose number is ev.Version. Everything is checked before
// anything changes. What tasks wait for stays as it was; events on the border of an activity and arms of a gateway that the other
// version adds begin to wait now. Its errors are those of Advance, and *RefusedMigration.
func Migrate(from, to *Graph, st *State, ev Event) (*Effects, error) {
	r := run{g: to, st: st, p: st.Process, ev: &ev, fx: &Effects{}, cause: ev.Kind}
	r.vars = variables{g: to, st: st, now: ev.At}
	switch {
	case r.p.State.Terminal():
		return nil, refuse(RefusedProcessEnded, "the process has ended")
	case r.p.Version == ev.Version:
		return nil, refuse(RefusedSameVersion, fmt.Sprintf("the process runs version %d already", ev.Version))
	}
	if issues := CheckMigration(from, to, st); len(issues) > 0 {
		return nil, &RefusedMigration{Issues: issues}
	}
	plans, err := r.addedWaits(from)
	if err != nil {
		return nil, err
	}
	held, shown := r.p.Held(), r.p.Shown()
	detail, err := json.Marshal(map[string]int{"from": r.p.Version, "to": ev.Version})
	if err != nil {
		return nil, fmt.Errorf("flow: encode a migration: %w", err)
	}
	r.fx.Log = append(r.fx.Log, Change{Kind: "migrated", Actor: ev.Actor, Detail: detail})
	r.p.Version = ev.Version
	r.limit() // counted from the beginning of the process
	r.fx.ProcessDirty = true
	for _, id := range slices.Sorted(maps.Keys(plans)) {
		r.adopt(r.st.Tasks[id], plans[id])
	}
	if err := r.settle(); err != nil {
		return nil, err
	}
	r.finish(held, shown)
	return r.fx, nil
}

// addedWaits evaluates what open tasks begin to wait for in the new version, by task.
func (r *run) addedWaits(from *Graph) (map[string]*plan, error) {
	plans := map[string]*plan{}
	for _, id := range r.scopeIDs() {
		sc := r.st.Scopes[id]
		for _, task := range openIDs(sc) {
			events := r.g.addedEvents(from, sc, sc.State.Open[task])
			if len(events) == 0 {
				continue
			}
			t := r.st.Tasks[task]
			if t == nil {
				return nil, &NeedTasks{IDs: []string{task}}
			}
			if t.Attempt == 0 && t.State != TaskWaiting && t.State != TaskRunning {
				continue // it has not begun: it will wait for all of them when it does
			}
			p := &plan{}
			r.vars.enter(sc.ID, t.Run)
			for _, event := range events {
				if err := r.await(p, event); err != nil {
					return nil, &RefusedMigration{Issues: []MigrationIssue{{Code: MigrateWait, Node: t.NodeID, Message: err.Error(), Params: saying{"what": "detail", "detail": err.Error()}}}}
				}
				if last := len(p.waits) - 1; event.awaited != nil && event.boundary != nil {
					p.waits[last].Many = event.boundary.KeepsRunning
				}
			}
			plans[task] = p
		}
	}
	return plans, nil
}

// addedEvents lists the events that an open task of a node waits for in this version and not in another one.
func (g *Graph) addedEvents(from *Graph, sc *Scope, node string) []*Node {
	a, b := from.nodes[node], g.nodes[node]
	if a == nil || b == nil {
		return nil
	}
	var added []*Node
	if sc.Kind != ScopeMulti && sc.Kind != ScopeUndo { // what is on the border of a list is that of its own task
		for _, event := range b.border {
			if event.boundary.Kind != graph.BoundaryError && !slices.ContainsFunc(a.border, func(o *Node) bool { return o.ID == event.ID }) {
				added = append(added, event)
			}
		}
	}
	if b.Kind == graph.KindEventGateway {
		for _, e := range b.out {
			if !slices.ContainsFunc(a.out, func(o *edge) bool { return o.to.ID == e.to.ID }) {
				added = append(added, e.to)
			}
		}
	}
	return added
}

// ReadsForMigration tells what Migrate may read.
func ReadsForMigration(from, to *Graph, st *State) Needs {
	u := to.ReadsFor(st, Event{Kind: EventContinue})
	u.Undoable = slices.ContainsFunc(slices.Collect(maps.Values(st.Scopes)), func(sc *Scope) bool { return sc.State.Undoable > 0 })
	for _, id := range slices.Sorted(maps.Keys(st.Scopes)) {
		sc := st.Scopes[id]
		for _, task := range openIDs(sc) {
			events := to.addedEvents(from, sc, sc.State.Open[task])
			for _, event := range events {
				u.at(to, st, sc.ID, event.own.reads())
			}
			if len(events) > 0 {
				u.Tasks = append(u.Tasks, task)
			}
		}
	}
	sort.Strings(u.Tasks)
	return u
}

// Package validate says what keeps a graph document from being run, and what is likely a mistake: structure, node types, schemas,
// expressions. Its codes are the table in codes.go.
//
// It is pure, and imports graph, expr, schema, sound, strictjson, table, timing, fault and workers/wire.
package validate

import (
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// The bounds of what is checked.
const (
	MaxIssues      = 500
	MaxExpressions = 5_000
	MaxFields      = 200 // of one mapping
	maxTitle       = 200
	maxDoc         = 20_000
)

// Document returns what is wrong with a document that the codec decoded, errors and warnings in the order of the document. types
// are the node types of the catalog by name@major. Paths are JSON pointers into the document. What is called is not looked at.
func Document(doc *graph.Document, types map[string]wire.Descriptor) []fault.Issue {
	return document(doc, types, Known{}, Runs)
}

// Known is what a document may name besides node types. What is nil is not looked at.
type Known struct {
	Calls     map[Call]*Target // of the calls that CallsOf lists
	Calendars map[string]bool  // by key
}

// DocumentWith is Document, with what is known of what the document names.
func DocumentWith(doc *graph.Document, types map[string]wire.Descriptor, known Known) []fault.Issue {
	return document(doc, types, known, Runs)
}

// document is Document for an engine that can run what can says.
func document(doc *graph.Document, types map[string]wire.Descriptor, known Known, can map[Feature]bool) []fault.Issue {
	c := &checker{doc: doc, types: types, known: known, net: newNet(doc), can: can}
	c.nodes()
	c.edges()
	c.structure()
	c.undo()
	c.soundness()
	c.values()
	return c.issues
}

// checker gathers issues about one document.
type checker struct {
	doc    *graph.Document
	types  map[string]wire.Descriptor
	known  Known
	net    *net
	can    map[Feature]bool
	env    expr.Env
	issues []fault.Issue

	outside   bool // what is checked is evaluated once for a whole list
	beginning bool // what is checked is evaluated before there is a process
	nothing   bool // and there is no input either
	count     int  // expressions compiled
}

// place is what an issue is about.
type place struct {
	node, edge string
	path       string
}

func (p place) at(parts ...string) place {
	p.path += strictjson.Pointer(parts...)
	return p
}

func (c *checker) nodePlace(i int) place {
	return place{node: c.doc.Nodes[i].ID, path: "/nodes/" + strconv.Itoa(i)}
}

func (c *checker) edgePlace(i int) place {
	return place{edge: c.doc.Edges[i].ID, path: "/edges/" + strconv.Itoa(i)}
}

// add takes the severity from the table; params are names and values in turn.
func (c *checker) add(code Code, at place, message string, params ...any) {
	switch {
	case len(c.issues) > MaxIssues:
		return
	case len(c.issues) == MaxIssues:
		code, at, message = TooManyIssues, place{}, fmt.Sprintf("there are more than %d issues", MaxIssues)
		params = []any{"limit", MaxIssues}
	}
	issue := fault.Issue{Severity: string(ruleOf[code].Severity), Code: string(code), Path: at.path, Node: at.node, Edge: at.edge, Message: message}
	for i := 0; i+1 < len(params); i += 2 {
		if issue.Params == nil {
			issue.Params = map[string]any{}
		}
		issue.Params[params[i].(string)] = params[i+1]
	}
	c.issues = append(c.issues, issue)
}

var validID = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// members says which member a kind of node needs.
var members = map[graph.Kind]string{
	graph.KindStartEvent: "start", graph.KindEndEvent: "end", graph.KindServiceTask: "service", graph.KindScriptTask: "script",
	graph.KindUserTask: "user", graph.KindDecisionTask: "decision", graph.KindCallActivity: "call", graph.KindTimerEvent: "timer",
	graph.KindMessageEvent: "message", graph.KindBoundaryEvent: "boundary", graph.KindSubProcess: "", graph.KindCompensationEvent: "",
	graph.KindExclusiveGateway: "", graph.KindInclusiveGateway: "", graph.KindParallelGateway: "", graph.KindEventGateway: "",
}

// nodes checks each node by itself.
func (c *checker) nodes() {
	seen := map[string]bool{}
	for i := range c.doc.Nodes {
		n, at := &c.doc.Nodes[i], c.nodePlace(i)
		if !validID.MatchString(n.ID) {
			c.add(NodeID, at.at("id"), "an id is a lower-case letter and up to 62 letters, digits and underscores", "id", clip(n.ID))
		}
		if seen[n.ID] {
			c.add(DuplicateNode, at.at("id"), "the id "+clip(n.ID)+" is used twice", "id", clip(n.ID))
		}
		seen[n.ID] = true
		if n.Title == "" && !untitled(n) {
			c.add(NodeNoTitle, at.at("title"), "the node has no title")
		}
		c.length(n.Title, maxTitle, at.at("title"))
		c.length(n.Doc, maxDoc, at.at("doc"))
		c.member(n, at)
	}
	for i := range c.doc.Notes {
		c.length(c.doc.Notes[i].Text, maxDoc, place{path: "/notes/" + strconv.Itoa(i) + "/text"})
	}
	for i := range c.doc.Layout.Frames {
		c.length(c.doc.Layout.Frames[i].Title, maxTitle, place{path: "/layout/frames/" + strconv.Itoa(i) + "/title"})
	}
}

// untitled tells whether a node does without a title: gateways do, and where a sub-process begins and ends.
func untitled(n *graph.Node) bool {
	switch n.Kind {
	case graph.KindStartEvent, graph.KindEndEvent:
		return n.Parent != ""
	case graph.KindParallelGateway, graph.KindExclusiveGateway, graph.KindInclusiveGateway, graph.KindEventGateway:
		return true
	default:
		return false
	}
}

func (c *checker) length(text string, limit int, at place) {
	if utf8.RuneCountInString(text) > limit {
		c.add(NodeText, at, fmt.Sprintf("the text is longer than %d characters", limit), "limit", limit)
	}
}

// member holds a node to the one member that its kind names. A start may lack it: it then takes any object.
func (c *checker) member(n *graph.Node, at place) {
	want, known := members[n.Kind]
	if !known {
		c.add(NodeKind, at.at("kind"), "the kind "+clip(string(n.Kind))+" is not known", "kind", clip(string(n.Kind)))
		return
	}
	c.runs(n, at)
	for _, has := range []struct {
		name    string
		present bool
	}{{"start", n.Start != nil}, {"end", n.End != nil}, {"service", n.Service != nil}, {"script", n.Script != nil},
		{"user", n.User != nil}, {"decision", n.Decision != nil}, {"call", n.Call != nil}, {"timer", n.Timer != nil},
		{"message", n.Message != nil}, {"boundary", n.Boundary != nil}} {
		switch {
		case has.name == want && !has.present && want != "start":
			c.add(NodeMember, at.at(want), "a "+string(n.Kind)+" needs "+want, "kind", string(n.Kind), "member", want)
		case has.name != want && has.present:
			c.add(NodeMember, at.at(has.name), "a "+string(n.Kind)+" has no "+has.name, "kind", string(n.Kind), "member", has.name)
		}
	}
}

// edges checks each sequence flow by itself.
func (c *checker) edges() {
	seen := map[string]bool{}
	for i := range c.doc.Edges {
		e, at := &c.doc.Edges[i], c.edgePlace(i)
		if n := utf8.RuneCountInString(e.ID); n == 0 || n > 200 {
			c.add(EdgeID, at.at("id"), "an edge id has 1 to 200 characters")
		}
		if seen[e.ID] {
			c.add(DuplicateEdge, at.at("id"), "the id "+clip(e.ID)+" is used twice", "id", clip(e.ID))
		}
		seen[e.ID] = true
		c.length(e.Title, maxTitle, at.at("title"))
		for _, side := range []struct{ name, id string }{{"from", e.From}, {"to", e.To}} {
			if _, known := c.net.index[side.id]; !known {
				c.add(EdgeUnknown, at.at(side.name), "there is no node "+clip(side.id), "id", clip(side.id))
			}
		}
		if c.net.kind(e.To) == graph.KindStartEvent {
			c.add(EdgeIntoStart, at.at("to"), "nothing leads into a start event")
		}
		if c.net.kind(e.From) == graph.KindEndEvent {
			c.add(EdgeOutOfEnd, at.at("from"), "nothing leaves an end event")
		}
		c.crosses(e, at)
		if !c.net.kind(e.From).Splits() {
			if e.Condition != "" {
				c.add(ConditionPlace, at.at("condition"), "only flows that leave an exclusive or inclusive gateway have conditions")
			}
			if e.Default {
				c.add(ConditionPlace, at.at("default"), "only a flow that leaves an exclusive or inclusive gateway is a default")
			}
		}
	}
}

func clip(s string) string {
	if utf8.RuneCountInString(s) > 80 {
		return string([]rune(s)[:80]) + "…"
	}
	return s
}

package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/schema"
)

// values checks the expressions, with what the schemas say of the data they read.
func (c *checker) values() {
	c.env = c.environment()
	for i := range c.doc.Nodes {
		n, at := &c.doc.Nodes[i], c.nodePlace(i)
		c.env.Undone = nil
		if h := c.handlerOf(i); h >= 0 {
			c.env.Undone = c.undoneSchema(h)
		}
		switch {
		case n.Kind == graph.KindStartEvent && n.Start != nil:
			c.start(i, n.Start, at.at("start"))
		case n.Kind == graph.KindServiceTask && n.Service != nil:
			c.service(i, n.Service, at.at("service"))
		case n.Kind == graph.KindScriptTask && n.Script != nil:
			c.mapping(i, n.Script.Output, at.at("script", "output"), false)
		case n.Kind == graph.KindEndEvent && n.End != nil:
			c.end(i, n.End, at.at("end"))
		case n.Kind == graph.KindUserTask && n.User != nil:
			c.user(i, n.User, at.at("user"))
		case n.Kind == graph.KindCallActivity && n.Call != nil:
			c.call(i, n.Call, at.at("call"))
		case n.Kind == graph.KindDecisionTask && n.Decision != nil:
			c.decision(i, n.Decision, at.at("decision"))
		case n.Kind == graph.KindTimerEvent && n.Timer != nil:
			c.timer(i, n.Timer, at.at("timer"))
		case n.Kind == graph.KindMessageEvent && n.Message != nil:
			c.message(i, n.Message, at.at("message"))
		case n.Kind == graph.KindBoundaryEvent && n.Boundary != nil:
			c.boundary(i, n.Boundary, at.at("boundary"))
		}
		if n.Multi != nil {
			c.multi(i, n, at.at("multi"))
		}
	}
	c.env.Undone = nil
	for i := range c.doc.Edges {
		e := &c.doc.Edges[i]
		if e.Condition == "" || e.Default || !c.net.kind(e.From).Splits() {
			continue
		}
		c.condition(i, e.Condition)
	}
}

// mapping checks fields that are values and returns what is known of them: literals, with schema.Open in place of what is computed.
func (c *checker) mapping(node int, fields map[string]graph.Value, at place, result bool) map[string]any {
	if len(fields) > MaxFields {
		c.add(TooManyFields, at, fmt.Sprintf("%d fields are more than %d", len(fields), MaxFields), "limit", MaxFields)
		return nil
	}
	known := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if n := utf8.RuneCountInString(name); n == 0 || n > 100 {
			c.add(FieldName, at.at(name), "a field's name has 1 to 100 characters")
		}
		known[name] = schema.Open{}
		if value := c.value(node, fields[name], at.at(name), result); value != nil {
			known[name] = value.Known(schema.Open{}, schema.Open{Text: true})
		}
	}
	return known
}

// value checks one value; it returns nil for one that can't be used.
func (c *checker) value(node int, raw json.RawMessage, at place, result bool) *expr.Value {
	// One value may hold many expressions, each of which has an "=" or a "{{".
	c.count += strings.Count(string(raw), `"=`) + strings.Count(string(raw), `{{`)
	if c.count > MaxExpressions {
		if c.count < 2*MaxExpressions {
			c.count = 2 * MaxExpressions
			c.add(TooManyValues, at, fmt.Sprintf("the document holds more than %d expressions", MaxExpressions), "limit", MaxExpressions)
		}
		return nil
	}
	compiled, err := expr.CompileValue(raw, c.env)
	if err != nil {
		c.broken(err, at)
		return nil
	}
	c.reads(node, compiled.Reads(), at, result)
	return compiled
}

// broken turns what expr says into an issue.
func (c *checker) broken(err error, at place) {
	var inside *expr.PathError
	if errors.As(err, &inside) {
		at.path += inside.Path
	}
	var own *expr.Error
	if !errors.As(err, &own) {
		own = &expr.Error{Code: expr.CodeSyntax, Message: err.Error(), Pos: -1}
	}
	code := Code(own.Code)
	if _, known := ruleOf[code]; !known {
		code = ExprType
	}
	c.add(code, at, own.Message, "position", own.Pos, "detail", own.Message)
}

// reads checks that what an expression reads can be there. node is where it is evaluated, -1 when that is not known.
func (c *checker) reads(node int, reads expr.Reads, at place, result bool) {
	for _, use := range []struct {
		name string
		used bool
	}{{"result", reads.Result && !result}, {"item", reads.Item && !c.hasItem(node)}, {"error", reads.Error && !c.hasError(node)},
		{"undone", reads.Undone && (c.handlerOf(node) < 0)}, {"input", reads.Input && c.nothing}, {"process", reads.Process && c.beginning}} {
		if use.used {
			c.add(ExprScope, at, use.name+" has no value here", "name", use.name)
		}
	}
	for _, task := range reads.Tasks {
		source, known := c.net.index[task]
		switch {
		case !known || node < 0:
		case !c.net.sees(node, source):
			c.add(ExprHidden, at, task+" lies in a sub-process, whose insides are not seen from here", "task", task)
		case c.net.handlers[source] && c.afterUndo(source, node):
		case !c.net.reach(source)[node]:
			c.add(ExprOrder, at, task+" can't have run before: its output is null here", "task", task)
		}
	}
}

// condition checks the expression of a flow; it is evaluated at the gateway.
func (c *checker) condition(edge int, source string) {
	c.expression(c.net.from[edge], source, ConditionForm, c.edgePlace(edge).at("condition"))
}

var validErrorCode = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)

func (c *checker) end(node int, end *graph.EndEvent, at place) {
	switch end.Kind {
	case graph.EndNone, graph.EndTerminate, graph.EndCompensate:
	case graph.EndError:
		if end.Code == "" {
			c.add(EndNoCode, at.at("code"), "an error end needs a code")
		} else if !validErrorCode.MatchString(end.Code) {
			c.add(EndCode, at.at("code"), "a code has up to 100 letters, digits, dots, hyphens and underscores")
		}
	default:
		c.add(EndKind, at.at("kind"), "the kind "+clip(string(end.Kind))+" is not known", "kind", clip(string(end.Kind)))
	}
	if end.Message != "" {
		raw, err := json.Marshal(end.Message)
		if err == nil {
			c.value(node, raw, at.at("message"), false)
		}
	}
	c.mapping(node, end.Output, at.at("output"), false)
}

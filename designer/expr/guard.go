package expr

import (
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// budgetName is the hidden variable that carries an evaluation's budget to the functions that spend it. Sources can't name
// it: identifiers that begin with "__" are refused.
const budgetName = "__budget"

// Names of the hidden functions that the guard puts into the tree.
const (
	tickName  = "__tick"
	addName   = "__add"
	spendName = "__spend"
)

// guard walks the tree at compile time: it refuses what is not allowed, notes what is read, and puts the spending of the
// budget into every place whose cost depends on data.
type guard struct {
	env     Env
	err     error
	reads   Reads
	tasks   map[string]bool
	bare    map[ast.Node]bool // identifiers "tasks" that no literal member follows
	patched map[ast.Node]bool
}

// costly lists the operators and builtins whose work grows with the length of their first operand.
var costly = map[string]bool{
	"contains": true, "startsWith": true, "endsWith": true, "upper": true, "lower": true, "trim": true, "split": true,
	"splitAfter": true, "indexOf": true, "lastIndexOf": true, "hasPrefix": true, "hasSuffix": true, "in": true,
	"max": true, "min": true, "mean": true, "median": true, "reverse": true, "sort": true, "toBase64": true, "fromBase64": true,
	"take": true, "fromPairs": true,
}

// budgeted lists our functions that take the budget as a hidden first argument.
var budgeted = map[string]bool{
	"join": true, "replace": true, "concat": true, "flatten": true, "uniq": true, "keys": true, "values": true, "toPairs": true,
	"string": true, "toJSON": true, "fromJSON": true, "now": true,
}

// Visit is called for every node, children first.
func (g *guard) Visit(node *ast.Node) {
	if g.err != nil || g.patched[*node] {
		return
	}
	if g.patched == nil {
		g.patched, g.tasks, g.bare = map[ast.Node]bool{}, map[string]bool{}, map[ast.Node]bool{}
	}
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		g.identifier(n)
	case *ast.VariableDeclaratorNode:
		if strings.HasPrefix(n.Name, "__") {
			g.refuse(n, "names must not begin with two underscores")
		}
	case *ast.MemberNode:
		g.member(n)
	case *ast.PredicateNode:
		n.Node = g.call(tickName, n.Node)
	case *ast.BinaryNode:
		g.binary(node, n)
	case *ast.BuiltinNode:
		if costly[n.Name] && len(n.Arguments) > 0 {
			n.Arguments[0] = g.call(spendName, n.Arguments[0])
		}
	case *ast.CallNode:
		g.function(n)
	}
}

func (g *guard) identifier(n *ast.IdentifierNode) {
	switch n.Value {
	case "input":
		g.reads.Input = true
	case "process":
		g.reads.Process = true
	case "item", "index":
		g.reads.Item = true
	case "error":
		g.reads.Error = true
	case "result":
		g.reads.Result = true
	case "tasks":
		g.bare[n] = true
	case "$env":
		g.refuse(n, "$env is not available")
	default:
		if strings.HasPrefix(n.Value, "__") {
			g.refuse(n, "names must not begin with two underscores")
		}
	}
}

// member notes tasks.<name>, or tasks["name"].
func (g *guard) member(n *ast.MemberNode) {
	base, ok := n.Node.(*ast.IdentifierNode)
	if !ok || base.Value != "tasks" {
		return
	}
	name, ok := n.Property.(*ast.StringNode)
	if !ok {
		return
	}
	delete(g.bare, base)
	g.tasks[name.Value] = true
	if g.env.Tasks != nil {
		if _, known := g.env.Tasks[name.Value]; !known {
			g.fail(CodeType, n, "no step is named "+name.Value)
		}
	}
}

func (g *guard) binary(node *ast.Node, n *ast.BinaryNode) {
	switch n.Operator {
	case "+":
		left, right := scalarKind(n.Left), scalarKind(n.Right)
		if left == "number" && right == "number" {
			return
		}
		if left != "" && right != "" && left != right {
			g.fail(CodeType, n, "+ can't join a "+left+" and a "+right+"; write string(…) around the "+left)
			return
		}
		call := g.call(addName, n.Left)
		call.Arguments = append(call.Arguments, n.Right)
		ast.Patch(node, call)
	case "matches":
		pattern, literal := n.Right.(*ast.StringNode)
		if !literal {
			g.refuse(n, "the pattern of matches must be a literal text")
			return
		}
		if len(pattern.Value) > 1000 {
			g.fail(CodeLimit, n, "the pattern of matches is longer than 1000 bytes")
			return
		}
		n.Left = g.call(spendName, n.Left)
	case "==", "!=":
		if scalarKind(n.Left) == "" && scalarKind(n.Right) == "" {
			n.Left = g.call(spendName, n.Left)
		}
	default:
		if costly[n.Operator] {
			n.Left = g.call(spendName, n.Left)
		}
	}
}

// scalarKind returns "text", "number" or "boolean" where the type of a node is known, else "".
func scalarKind(node ast.Node) string {
	kind := node.Type()
	if kind == nil {
		return ""
	}
	switch kind.Kind() {
	case reflect.String:
		return "text"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "number"
	case reflect.Bool:
		return "boolean"
	default:
		return ""
	}
}

func (g *guard) function(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || !budgeted[callee.Value] {
		return
	}
	if len(n.Arguments) > 0 {
		if first, ok := n.Arguments[0].(*ast.IdentifierNode); ok && first.Value == budgetName {
			return
		}
	}
	n.Arguments = slices.Insert(n.Arguments, 0, ast.Node(g.hidden(budgetName)))
}

// call wraps an argument into a hidden function.
func (g *guard) call(name string, argument ast.Node) *ast.CallNode {
	call := &ast.CallNode{Callee: g.hidden(name), Arguments: []ast.Node{g.hidden(budgetName), argument}}
	call.SetLocation(argument.Location())
	g.patched[call] = true
	return call
}

func (g *guard) hidden(name string) *ast.IdentifierNode {
	node := &ast.IdentifierNode{Value: name}
	g.patched[node] = true
	return node
}

func (g *guard) refuse(node ast.Node, message string) { g.fail(CodeSyntax, node, message) }

func (g *guard) fail(code Code, node ast.Node, message string) {
	if g.err == nil {
		g.err = errorf(code, node.Location().From, "%s", message)
	}
}

// finish returns what is read, once the tree was walked.
func (g *guard) finish() (Reads, error) {
	if g.err == nil {
		for node := range g.bare {
			g.refuse(node, "write tasks.name: only the name of a step may follow tasks")
			break
		}
	}
	if g.err != nil {
		return Reads{}, g.err
	}
	for name := range g.tasks {
		g.reads.Tasks = append(g.reads.Tasks, name)
	}
	slices.Sort(g.reads.Tasks)
	return g.reads, nil
}

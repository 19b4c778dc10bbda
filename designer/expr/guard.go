package expr

import (
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// budgetName is the hidden variable that carries an evaluation's budget to the functions that spend it. Sources can't name
// it: identifiers that begin with "__" are refused.
const budgetName = "__budget"

// Names of the hidden functions that the guard puts into the tree.
const (
	tickName      = "__tick"
	spendName     = "__spend"
	spendDeepName = "__spend_deep"
	matchName     = "__match"
	plainName     = "__plain"
	sumName       = "__sum"
	equalName     = "__equal"
	inName        = "__in"
)

// operatorNames are the hidden functions that stand for operators.
var operatorNames = map[string]string{"+": "__add", "-": "__sub", "*": "__mul"}

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
	"contains": true, "startsWith": true, "endsWith": true, "<": true, "<=": true, ">": true, ">=": true,
	"upper": true, "lower": true, "trimPrefix": true, "trimSuffix": true, "indexOf": true, "lastIndexOf": true,
	"hasPrefix": true, "hasSuffix": true, "reverse": true, "sort": true, "take": true, "fromPairs": true,
	"len": true, "count": true, "float": true,
}

// costlyDeep lists the builtins that walk into nested lists.
var costlyDeep = map[string]bool{"max": true, "min": true, "mean": true, "median": true}

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
		g.name(n, n.Name)
	case *ast.MemberNode:
		g.member(n)
	case *ast.SliceNode:
		n.Node = g.call(spendName, n.Node)
	case *ast.PredicateNode:
		n.Node = g.call(tickName, n.Node)
	case *ast.BinaryNode:
		g.binary(node, n)
	case *ast.BuiltinNode:
		g.builtin(node, n)
	case *ast.CallNode:
		g.function(n)
	}
}

func (g *guard) name(node ast.Node, name string) {
	if strings.HasPrefix(name, "__") {
		g.refuse(node, "names must not begin with two underscores")
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
	case "undone":
		g.reads.Undone = true
	case "tasks":
		g.bare[n] = true
	case "$env":
		g.refuse(n, "$env is not available")
	default:
		g.name(n, n.Value)
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
			g.fail(CodeUnknownTask, n, "no step is named "+name.Value)
		}
	}
}

func (g *guard) binary(node *ast.Node, n *ast.BinaryNode) {
	if name, ok := operatorNames[n.Operator]; ok {
		ast.Patch(node, g.call(name, n.Left, n.Right))
		return
	}
	switch n.Operator {
	case "matches":
		g.matches(n)
	case "==":
		if !constant(n.Left) && !constant(n.Right) {
			ast.Patch(node, g.call(equalName, n.Left, n.Right))
		}
	case "!=":
		if !constant(n.Left) && !constant(n.Right) {
			not := &ast.UnaryNode{Operator: "!", Node: g.call(equalName, n.Left, n.Right)}
			g.patched[not] = true
			ast.Patch(node, not)
		}
	case "in":
		ast.Patch(node, g.call(inName, n.Left, n.Right))
	default:
		if costly[n.Operator] {
			n.Left = g.call(spendName, n.Left)
		}
	}
}

// constant reports whether a comparison with the node costs no more than the source is long.
func constant(node ast.Node) bool {
	switch node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NilNode:
		return true
	default:
		return false
	}
}

// matches charges for the length of the text times the size of the pattern's program.
func (g *guard) matches(n *ast.BinaryNode) {
	pattern, literal := n.Right.(*ast.StringNode)
	if !literal {
		g.refuse(n, "the pattern of matches must be a literal text")
		return
	}
	if len(pattern.Value) > maxPattern {
		g.fail(CodeLimit, n, "the pattern of matches is longer than 1000 bytes")
		return
	}
	parsed, err := syntax.Parse(pattern.Value, syntax.Perl)
	if err != nil {
		g.refuse(n, "the pattern of matches is no regular expression")
		return
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		g.refuse(n, "the pattern of matches is no regular expression")
		return
	}
	if len(program.Inst) > maxPatternProgram {
		g.fail(CodeLimit, n, "the pattern of matches repeats too much")
		return
	}
	weight := &ast.IntegerNode{Value: len(program.Inst)}
	g.patched[weight] = true
	n.Left = g.call(matchName, n.Left, weight)
}

func (g *guard) builtin(node *ast.Node, n *ast.BuiltinNode) {
	if len(n.Arguments) == 0 {
		return
	}
	switch {
	case costlyDeep[n.Name]:
		for i, argument := range n.Arguments {
			n.Arguments[i] = g.call(spendDeepName, argument)
		}
	case n.Name == "sum":
		// The builtin also joins texts, without a bound.
		list := n.Arguments[0]
		if len(n.Arguments) == 2 {
			n.Name = "map"
			g.patched[n] = true
			list = n
		}
		ast.Patch(node, g.call(sumName, list))
	case n.Name == "groupBy":
		g.patched[n] = true
		ast.Patch(node, g.call(plainName, n))
	case n.Name == "fromPairs":
		n.Arguments[0] = g.call(spendName, n.Arguments[0])
		g.patched[n] = true
		ast.Patch(node, g.call(plainName, n))
	case costly[n.Name]:
		n.Arguments[0] = g.call(spendName, n.Arguments[0])
	}
}

// function lets only our functions be called, never what a variable or a field holds, and hands them the budget.
func (g *guard) function(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		g.refuse(n, "only functions can be called")
		return
	}
	if !known[callee.Value] {
		g.fail(CodeType, n, "there is no function named "+callee.Value)
		return
	}
	n.Arguments = slices.Insert(n.Arguments, 0, ast.Node(g.hidden(budgetName)))
}

// call makes a call of a hidden function.
func (g *guard) call(name string, arguments ...ast.Node) *ast.CallNode {
	call := &ast.CallNode{Callee: g.hidden(name), Arguments: append([]ast.Node{g.hidden(budgetName)}, arguments...)}
	call.SetLocation(arguments[0].Location())
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
	if g.err == nil && len(g.bare) > 0 {
		at := -1
		for node := range g.bare {
			if from := node.Location().From; at < 0 || from < at {
				at = from
			}
		}
		g.err = errorf(CodeSyntax, at, "write tasks.name: only the name of a step may follow tasks")
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

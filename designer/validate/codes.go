package validate

// Severity says whether a version can be published in spite of an issue.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Code names a rule. Codes are stable: the web app translates by them, tools act on them.
type Code string

// The codes. Rules has one entry for each.
const (
	NoStart        Code = "graph.no_start"
	SeveralStarts  Code = "graph.several_starts"
	NoEnd          Code = "graph.no_end"
	Unreachable    Code = "graph.unreachable"
	DeadEnd        Code = "graph.dead_end"
	NodeID         Code = "graph.node_id"
	DuplicateNode  Code = "graph.duplicate_node"
	EdgeID         Code = "graph.edge_id"
	DuplicateEdge  Code = "graph.duplicate_edge"
	EdgeUnknown    Code = "graph.edge_unknown_node"
	EdgeIntoStart  Code = "graph.edge_into_start"
	EdgeOutOfEnd   Code = "graph.edge_out_of_end"
	TooManyValues  Code = "graph.too_many_expressions"
	TooManyIssues  Code = "graph.too_many_issues"
	NodeKind       Code = "node.kind"
	NodeMember     Code = "node.member"
	NotRun         Code = "node.not_run"
	NodeText       Code = "node.text_length"
	NodeNoTitle    Code = "node.no_title"
	NoCondition    Code = "gateway.no_condition"
	SeveralDefault Code = "gateway.several_defaults"
	NoDefault      Code = "gateway.no_default"
	DefaultCond    Code = "gateway.default_condition"
	ConditionPlace Code = "gateway.condition_misplaced"
	ConditionForm  Code = "gateway.condition_form"
	JoinNever      Code = "gateway.join_never"
	StartSchema    Code = "start.input_schema"
	StartObject    Code = "start.input_object"
	SearchKey      Code = "start.search_key"
	EndKind        Code = "end.kind"
	EndNoCode      Code = "end.no_code"
	EndCode        Code = "end.code"
	TypeMissing    Code = "service.no_type"
	TypeUnknown    Code = "service.unknown_type"
	InputMissing   Code = "service.input_missing"
	InputUnknown   Code = "service.input_unknown"
	InputValue     Code = "service.input_value"
	RetryBounds    Code = "service.retry"
	TimeoutBounds  Code = "service.timeouts"
	FieldName      Code = "value.name"
	TooManyFields  Code = "value.too_many"
	ExprSyntax     Code = "expr.syntax"
	ExprType       Code = "expr.type"
	ExprLimit      Code = "expr.limit"
	ExprTask       Code = "expr.unknown_task"
	ExprScope      Code = "expr.scope"
	ExprOrder      Code = "expr.not_before"
)

// Rule describes a code.
type Rule struct {
	Code     Code
	Severity Severity
	Doc      string
	Params   []string // names in an issue's params
}

// Rules is the one table of codes. Structure follows BPMN 2.0.2 where it says something (§10.5 events, §10.6 gateways).
var Rules = []Rule{
	{NoStart, Error, "A process begins at a start event; there is none.", nil},
	{SeveralStarts, Error, "There is more than one start event.", nil},
	{NoEnd, Error, "No path can end: there is no end event.", nil},
	{Unreachable, Error, "No path from the start leads to the node: it never runs.", nil},
	{DeadEnd, Error, "No path from the node leads to an end.", nil},
	{NodeID, Error, "A node id is a lower-case letter and up to 62 letters, digits and underscores.", []string{"id"}},
	{DuplicateNode, Error, "Two nodes have the same id.", []string{"id"}},
	{EdgeID, Error, "An edge id has 1 to 200 characters.", nil},
	{DuplicateEdge, Error, "Two edges have the same id.", []string{"id"}},
	{EdgeUnknown, Error, "An edge begins or ends at a node that does not exist.", []string{"id"}},
	{EdgeIntoStart, Error, "Nothing leads into a start event.", nil},
	{EdgeOutOfEnd, Error, "Nothing leaves an end event.", nil},
	{TooManyValues, Error, "The document holds more expressions than a server checks at once.", []string{"limit"}},
	{TooManyIssues, Error, "There are more issues than are listed.", []string{"limit"}},
	{NodeKind, Error, "The kind of node is not known.", []string{"kind"}},
	{NodeMember, Error, "A node holds what another kind needs, or lacks what its own kind needs.", []string{"kind", "member"}},
	{NotRun, Error, "The engine of this release can't run this yet; it can be drawn and saved.", []string{"feature"}},
	{NodeText, Error, "A title, a description or a note is too long.", []string{"limit"}},
	{NodeNoTitle, Warning, "The node has no title: the live tree shows its id.", nil},
	{NoCondition, Error, "A flow that leaves an exclusive or inclusive gateway has neither a condition nor is it the default.", nil},
	{SeveralDefault, Error, "More than one flow of a gateway is its default.", nil},
	{NoDefault, Warning, "The gateway has no default: when no condition holds, the process stops with an incident.", nil},
	{DefaultCond, Warning, "A default flow has a condition, which is never asked.", nil},
	{ConditionPlace, Error, "Only flows that leave an exclusive or inclusive gateway have conditions or are defaults.", nil},
	{ConditionForm, Error, `A condition is an expression: it begins with "=".`, nil},
	{JoinNever, Warning, "A parallel join waits for a token on each incoming flow, but nothing before it splits the path: it may wait for ever.", nil},
	{StartSchema, Error, "The input schema is not a JSON Schema (2020-12) that refers only to itself.", []string{"detail"}},
	{StartObject, Error, "The input schema must describe an object.", nil},
	{SearchKey, Error, "Search keys are up to 5 different texts, numbers or booleans of the input.", []string{"name"}},
	{EndKind, Error, "The kind of end event is not known.", []string{"kind"}},
	{EndNoCode, Error, "An error end needs a code.", nil},
	{EndCode, Error, "An error code has up to 100 letters, digits, dots, hyphens and underscores.", nil},
	{TypeMissing, Error, "The service task names no node type.", nil},
	{TypeUnknown, Error, "No worker ever announced the node type.", []string{"type"}},
	{InputMissing, Error, "A field that the node type requires is missing.", []string{"name"}},
	{InputUnknown, Error, "The node type has no such input field.", []string{"name"}},
	{InputValue, Error, "A literal does not fit the input field's schema.", []string{"name", "detail"}},
	{RetryBounds, Error, "A number of the retry policy is out of bounds.", []string{"name", "min", "max"}},
	{TimeoutBounds, Error, "A timeout is out of bounds.", []string{"name", "min", "max"}},
	{FieldName, Error, "A field's name has 1 to 100 characters.", nil},
	{TooManyFields, Error, "A step maps more fields than are allowed.", []string{"limit"}},
	{ExprSyntax, Error, "The expression can't be read.", []string{"position", "detail"}},
	{ExprType, Error, "The expression names or combines what the schemas say can't be.", []string{"position", "detail"}},
	{ExprLimit, Error, "The expression is too large.", []string{"position", "detail"}},
	{ExprTask, Error, "The expression names a step that does not exist or has no output.", []string{"position", "detail"}},
	{ExprScope, Error, "The expression uses a name that has no value in this place.", []string{"name"}},
	{ExprOrder, Warning, "The step can't have run before this place: its output is null.", []string{"task"}},
}

var ruleOf = func() map[Code]Rule {
	rules := make(map[Code]Rule, len(Rules))
	for _, rule := range Rules {
		rules[rule.Code] = rule
	}
	return rules
}()

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
	EdgeIntoEvent  Code = "graph.edge_into_boundary"
	EdgeLevel      Code = "graph.edge_level"
	Parent         Code = "graph.parent"
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
	EventArm       Code = "gateway.event_arm"
	SoundNever     Code = "sound.never"
	SoundStuck     Code = "sound.stuck"
	SoundUnbounded Code = "sound.unbounded"
	SoundEndless   Code = "sound.endless"
	SoundUnproven  Code = "sound.not_proven"
	StartSchema    Code = "start.input_schema"
	StartObject    Code = "start.input_object"
	SearchKey      Code = "start.search_key"
	StartInside    Code = "start.inside"
	StartKind      Code = "start.kind"
	StartMember    Code = "start.member"
	StartSecond    Code = "start.second_input"
	StartLimit     Code = "start.time_limit"
	StartSecret    Code = "start.secret"
	StartCheck     Code = "start.check"

	StartMessageTwice Code = "start.message_twice"

	EndKind       Code = "end.kind"
	EndNoCode     Code = "end.no_code"
	EndCode       Code = "end.code"
	TypeMissing   Code = "service.no_type"
	TypeUnknown   Code = "service.unknown_type"
	InputMissing  Code = "service.input_missing"
	InputUnknown  Code = "service.input_unknown"
	InputValue    Code = "service.input_value"
	RetryBounds   Code = "service.retry"
	TimeoutBounds Code = "service.timeouts"

	CallMissing     Code = "call.no_definition"
	CallUnknown     Code = "call.unknown_definition"
	CallVersion     Code = "call.unknown_version"
	CallUnpublished Code = "call.not_published"
	CallFailure     Code = "call.on_failure"

	TimerKind      Code = "timer.kind"
	TimerValue     Code = "timer.value"
	TimerZone      Code = "timer.zone"
	TimerCalendar  Code = "timer.calendar"
	TimerAt        Code = "timer.at"
	TimerMember    Code = "timer.member"
	MessageName    Code = "message.name"
	BoundaryHost   Code = "boundary.host"
	BoundaryKind   Code = "boundary.kind"
	BoundaryMember Code = "boundary.member"
	BoundaryCode   Code = "boundary.code"
	BoundaryKeeps  Code = "boundary.error_keeps_running"
	BoundaryTimes  Code = "boundary.times"
	BoundaryNever  Code = "boundary.never"
	UserForm       Code = "user.form"
	UserFormObject Code = "user.form_object"
	UserNobody     Code = "user.nobody"
	UserEscalate   Code = "user.escalate"
	UserGroups     Code = "user.groups"
	TableHit       Code = "decision.hit"
	TableInput     Code = "decision.input"
	TableOutput    Code = "decision.output"
	TableRow       Code = "decision.row"
	TableCell      Code = "decision.cell"
	TableSize      Code = "decision.size"
	TableColumn    Code = "decision.column"
	TableMisfit    Code = "decision.misfit"
	TableGap       Code = "decision.gap"
	TableOverlap   Code = "decision.overlap"
	MultiPlace     Code = "multi.misplaced"
	MultiItems     Code = "multi.items"
	MultiLimit     Code = "multi.limit"
	MultiTolerated Code = "multi.tolerated"
	MultiUntil     Code = "multi.until"

	UndoHost          Code = "undo.host"
	UndoHandler       Code = "undo.handler"
	UndoHandlerFlow   Code = "undo.handler_flow"
	UndoHandlerUndone Code = "undo.handler_undone"
	UndoHandlerBorder Code = "undo.handler_border"
	UndoTarget        Code = "undo.target"
	UndoTargetBare    Code = "undo.target_no_handler"
	UndoNothing       Code = "undo.nothing"
	UndoNever         Code = "undo.never"
	UndoMisplaced     Code = "undo.misplaced"

	FieldName     Code = "value.name"
	TooManyFields Code = "value.too_many"
	ExprSyntax    Code = "expr.syntax"
	ExprType      Code = "expr.type"
	ExprLimit     Code = "expr.limit"
	ExprTask      Code = "expr.unknown_task"
	ExprScope     Code = "expr.scope"
	ExprHidden    Code = "expr.hidden"
	ExprOrder     Code = "expr.not_before"
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
	{NoStart, Error, "A process, and each sub-process, begins at a start event; there is none.", nil},
	{SeveralStarts, Error, "There is more than one start event: of a process, more than one that people and the API use.", nil},
	{NoEnd, Error, "No path can end: there is no end event in the process or sub-process.", nil},
	{Unreachable, Error, "No path from the start leads to the node: it never runs.", nil},
	{DeadEnd, Error, "No path from the node leads to an end.", nil},
	{NodeID, Error, "A node id is a lower-case letter and up to 62 letters, digits and underscores.", []string{"id"}},
	{DuplicateNode, Error, "Two nodes have the same id.", []string{"id"}},
	{EdgeID, Error, "An edge id has 1 to 200 characters.", nil},
	{DuplicateEdge, Error, "Two edges have the same id.", []string{"id"}},
	{EdgeUnknown, Error, "An edge begins or ends at a node that does not exist.", []string{"id"}},
	{EdgeIntoStart, Error, "Nothing leads into a start event.", nil},
	{EdgeOutOfEnd, Error, "Nothing leaves an end event.", nil},
	{EdgeIntoEvent, Error, "Nothing leads into a boundary event: its activity sets it off.", nil},
	{EdgeLevel, Error, "A flow crosses the border of a sub-process.", nil},
	{Parent, Error, "A node lies in what is no sub-process, or in itself.", []string{"id"}},
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
	{EventArm, Error, "Flows that leave an event-based gateway lead to timers and messages only.", nil},
	{SoundNever, Error, "The join waits for ever in every run that comes to it.", []string{"path"}},
	{SoundStuck, Warning, "The join waits for ever in a run that takes this path, unless the conditions rule it out.", []string{"path"}},
	{SoundUnbounded, Warning, "The path can be gone again and again, and leaves a token more each time, unless the conditions rule it out.", []string{"path"}},
	{SoundEndless, Error, "Once the path has been gone, no end can be come to any more.", []string{"path"}},
	{SoundUnproven, Warning, "The control flow has too many states to explore: whether it is sound is not proven.", nil},
	{StartSchema, Error, "The input schema is not a JSON Schema (2020-12) that refers only to itself.", []string{"detail"}},
	{StartObject, Error, "The input schema must describe an object.", nil},
	{SearchKey, Error, "Search keys are up to 5 different texts, numbers or booleans of the input.", []string{"name"}},
	{StartInside, Error, "A sub-process is begun by the flow that leads to it, by nothing else.", nil},
	{StartKind, Error, "The kind of start event is not known.", []string{"kind"}},
	{StartMember, Error, "A start event holds what another kind needs, or lacks what its own kind needs.", []string{"kind", "member"}},
	{StartLimit, Error, "The time limit of a process is out of bounds.", []string{"name", "min", "max"}},
	{StartSecond, Error, "The input of a process is described at one start event: the one that people use, or the first that does so.", []string{"id"}},
	{StartSecret, Error, "A webhook that is signed names its secret; one with a secret path has none.", nil},
	{StartCheck, Error, "How a webhook's callers prove themselves is not known.", []string{"check"}},
	{StartMessageTwice, Error, "Two start events wait for the same message.", []string{"id"}},
	{EndKind, Error, "The kind of end event is not known.", []string{"kind"}},
	{EndNoCode, Error, "An error end needs a code.", nil},
	{EndCode, Error, "An error code has up to 100 letters, digits, dots, hyphens and underscores.", nil},
	{TypeMissing, Error, "The service task names no node type.", nil},
	{TypeUnknown, Error, "No worker ever announced the node type.", []string{"type"}},
	{InputMissing, Error, "A field that the input schema requires is missing.", []string{"name"}},
	{InputUnknown, Error, "The input schema has no such field.", []string{"name"}},
	{InputValue, Error, "A literal does not fit the input field's schema.", []string{"name", "detail"}},
	{RetryBounds, Error, "A number of the retry policy is out of bounds.", []string{"name", "min", "max"}},
	{TimeoutBounds, Error, "A timeout is out of bounds.", []string{"name", "min", "max"}},
	{CallMissing, Error, "The call names no definition.", nil},
	{CallUnknown, Error, "There is no definition with this key.", []string{"definition"}},
	{CallVersion, Error, "The called definition has no such version.", []string{"definition", "version"}},
	{CallUnpublished, Warning, "The called definition has no published version yet: until it has, the call stops with an incident.", []string{"definition"}},
	{CallFailure, Error, "What becomes of a call whose process fails is not known.", []string{"policy"}},
	{TimerKind, Error, "The kind of timer is not known.", []string{"kind"}},
	{TimerValue, Error, "A timer says no time that can be read, or one that never comes.", []string{"detail"}},
	{TimerZone, Error, "The time zone is not known.", []string{"zone"}},
	{TimerCalendar, Error, "There is no such calendar of working days.", []string{"calendar"}},
	{TimerAt, Error, "A time of the day has hours and minutes, as in 18:00.", []string{"at"}},
	{TimerMember, Error, "Only working days have a calendar and a time of the day, and they are counted in the zone of the calendar.", []string{"kind", "member"}},
	{MessageName, Error, "The name of a message has 1 to 100 characters.", nil},
	{BoundaryHost, Error, "A boundary event is on no activity of its own level.", []string{"id"}},
	{BoundaryKind, Error, "The kind of boundary event is not known.", []string{"kind"}},
	{BoundaryMember, Error, "A boundary event holds what another kind needs, or lacks what its own kind needs.", []string{"kind", "member"}},
	{BoundaryCode, Error, "An error code has up to 100 letters, digits, dots, hyphens and underscores; up to 100 are caught by one event.", nil},
	{BoundaryKeeps, Error, "An error ends its activity: its boundary event can't let it go on.", nil},
	{BoundaryTimes, Error, "How often a timer fires is out of bounds, or it fires only once.", []string{"min", "max"}},
	{BoundaryNever, Warning, "The activity takes no time: the event never happens.", nil},
	{UserForm, Error, "The form is not a JSON Schema (2020-12) that refers only to itself.", []string{"detail"}},
	{UserFormObject, Error, "The form must describe an object.", nil},
	{UserNobody, Warning, "The task names neither a person nor a group: everybody may do it.", nil},
	{UserEscalate, Error, "A task that is escalated says when and to whom.", []string{"member"}},
	{UserGroups, Error, "A task is for up to 20 groups.", []string{"limit"}},
	{TableHit, Error, "The hit policy is not known.", []string{"hit"}},
	{TableInput, Error, "A column's input is an expression.", nil},
	{TableOutput, Error, "The outputs of a table have different names of 1 to 100 characters; there is at least one.", []string{"name"}},
	{TableRow, Error, "A rule has a cell for each input and a value for each output.", []string{"inputs", "outputs"}},
	{TableCell, Error, "A cell can't be read.", []string{"detail", "reason", "text"}},
	{TableSize, Error, "A table has at most 1,000 rules of 50 inputs and 50 outputs.", nil},
	{TableColumn, Error, "A column is described by a name of up to 100 characters and a type that is known; there is no column without cells.", []string{"detail"}},
	{TableMisfit, Warning, "A cell compares with what no value of its column is.", []string{"value"}},
	{TableGap, Warning, "No rule holds for some inputs: the outputs are null.", []string{"where"}},
	{TableOverlap, Warning, "Two rules can hold at once, which stops the process with an incident.", []string{"first", "second", "where"}},
	{MultiPlace, Error, "Only an activity is repeated for a list.", nil},
	{MultiItems, Error, "The list is neither a list, nor a whole number, nor an expression.", nil},
	{MultiLimit, Error, "How many entries are under way at once is out of bounds.", []string{"min", "max"}},
	{MultiTolerated, Error, "How many entries may fail is a whole number, or a share of up to 100%.", nil},
	{MultiUntil, Error, "The condition that ends a list early is an expression.", nil},
	{UndoHost, Error, "Only an activity is undone.", nil},
	{UndoHandler, Error, "What undoes an activity is another activity of its level.", []string{"id"}},
	{UndoHandlerFlow, Error, "The step undoes another one: no flow leads to it or from it.", nil},
	{UndoHandlerUndone, Error, "The step undoes another one: it can't be undone itself.", nil},
	{UndoHandlerBorder, Error, "The activity undoes another one: it has no events on its border.", []string{"id"}},
	{UndoTarget, Error, "What is undone is an activity of the level of the event.", []string{"id"}},
	{UndoTargetBare, Error, "What is to be undone has no handler, nor has anything in it.", []string{"id"}},
	{UndoNothing, Warning, "Nothing in the level of the event has a handler: it undoes nothing.", nil},
	{UndoNever, Warning, "Nothing in the level of the activity, or around it, undoes what has completed: its handler never runs.", nil},
	{UndoMisplaced, Error, "Only a compensation and an end that compensates say what they undo.", nil},
	{FieldName, Error, "A field's name has 1 to 100 characters.", nil},
	{TooManyFields, Error, "A step maps more fields than are allowed.", []string{"limit"}},
	{ExprSyntax, Error, "The expression can't be read.", []string{"position", "detail"}},
	{ExprType, Error, "The expression names or combines what the schemas say can't be.", []string{"position", "detail"}},
	{ExprLimit, Error, "The expression is too large.", []string{"position", "detail"}},
	{ExprTask, Error, "The expression names a step that does not exist or has no output.", []string{"position", "detail"}},
	{ExprScope, Error, "The expression uses a name that has no value in this place.", []string{"name"}},
	{ExprHidden, Error, "The step lies in a sub-process, whose insides are not seen from here.", []string{"task"}},
	{ExprOrder, Warning, "The step can't have run before this place: its output is null.", []string{"task"}},
}

var ruleOf = func() map[Code]Rule {
	rules := make(map[Code]Rule, len(Rules))
	for _, rule := range Rules {
		rules[rule.Code] = rule
	}
	return rules
}()

// Package expr compiles and evaluates the expressions of a process definition, within bounds that hold whatever is written:
// steps, string lengths, array sizes, source size. It is pure: no I/O, no clock, no randomness, equal results for equal data.
//
// The language is expr-lang's (https://expr-lang.org/docs/language-definition) with the functions of functions.go. It may
// import graph and nothing else of the product.
package expr

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	exprlang "github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// The bounds. An expression that passes one ends with CodeLimit.
const (
	MaxSource   = 8 << 10   // bytes of source
	MaxNodes    = 1_000     // nodes of the syntax tree
	MaxDepth    = 64        // nested brackets in the source
	MaxParts    = 1_000     // expressions in one value
	MaxSteps    = 100_000   // predicate evaluations in one evaluation; 128 bytes of a text count as one
	MaxString   = 64 << 10  // bytes of a string that an expression builds
	MaxElements = 100_000   // array elements and map entries that an expression builds
	MaxResult   = 256 << 10 // bytes of a result as JSON

	maxMessage        = 300   // bytes of an error's message
	maxPattern        = 1000  // bytes of a regular expression
	maxPatternProgram = 4_000 // instructions that it compiles to
)

// Code is the stable kind of an Error.
type Code string

// The codes.
const (
	CodeSyntax Code = "expr.syntax" // it does not parse, or uses what is not allowed
	CodeType   Code = "expr.type"   // it names or combines what the schemas say can't be
	CodeLimit  Code = "expr.limit"  // it passed a bound
	CodeEval   Code = "expr.eval"   // the data made it fail

	CodeUnknownTask Code = "expr.unknown_task" // tasks.name where no step has that name
)

// Error is what is wrong with an expression. Pos is the byte offset in the source, -1 when unknown.
type Error struct {
	Code    Code
	Message string
	Pos     int
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

func errorf(code Code, pos int, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Pos: pos}
}

// Env is what is known of the data at compile time. Nil schemas mean "anything"; with a non-nil Tasks, only its names exist.
type Env struct {
	Input  json.RawMessage            // schema of the process input
	Tasks  map[string]json.RawMessage // node id → schema of its output (null: anything)
	Result json.RawMessage            // schema of the worker's output, in result mappings
	Undone json.RawMessage            // schema of what is undone, in tasks that undo another

	cache *typeCache
	parts *int // expressions of the value so far
}

// Context is the data of one evaluation.
type Context struct {
	Input   any
	Process any
	Item    any
	Error   any
	Result  any
	Undone  any // in a task that undoes another: {node, run, input, output} of that one
	Index   int
	Tasks   func(node string) (any, bool) // the latest output of a node
	Now     time.Time                     // the event's time
}

// Reads is what an expression may look at.
type Reads struct {
	Input, Process, Item, Error, Result, Undone bool
	Tasks                                       []string // sorted
}

// Merge returns what either reads.
func (r Reads) Merge(other Reads) Reads {
	tasks := slices.Concat(r.Tasks, other.Tasks)
	slices.Sort(tasks)
	return Reads{
		Input: r.Input || other.Input, Process: r.Process || other.Process, Item: r.Item || other.Item,
		Error: r.Error || other.Error, Result: r.Result || other.Result, Undone: r.Undone || other.Undone, Tasks: slices.Compact(tasks),
	}
}

// Program is a compiled expression; it is safe for concurrent use.
type Program struct {
	program *vm.Program
	reads   Reads
}

// Compile parses and checks a source (without the leading "="). It does so twice: as written, with the schemas' types, for
// what they say can't be; and guarded, with no types at all, for running, so that data which breaks its schema is an error of
// the evaluation and nothing worse.
func Compile(source string, env Env) (*Program, error) {
	if len(source) > MaxSource {
		return nil, errorf(CodeLimit, 0, "the expression is longer than %d bytes", MaxSource)
	}
	if strings.TrimSpace(source) == "" {
		return nil, errorf(CodeSyntax, 0, "the expression is empty")
	}
	if err := checkDepth(source); err != nil {
		return nil, err
	}
	guard := &guard{env: env}
	program, err := exprlang.Compile(source, append(guarded(), exprlang.Patch(guard))...)
	reads, refused := guard.finish()
	if refused != nil {
		return nil, refused
	}
	if _, mistyped := exprlang.Compile(source, typed(env, reads)...); mistyped != nil {
		return nil, compileError(mistyped)
	}
	if err != nil {
		return nil, compileError(err)
	}
	return &Program{program: program, reads: reads}, nil
}

func compileError(err error) *Error {
	var located *file.Error
	if errors.As(err, &located) {
		code := CodeType
		for _, mark := range []string{"unexpected token", "unexpected end", "literal not terminated", "unrecognized character", "invalid syntax", "bad number", "unclosed"} {
			if strings.Contains(located.Message, mark) {
				code = CodeSyntax
			}
		}
		if strings.Contains(located.Message, "exceeds maximum allowed nodes") {
			return errorf(CodeLimit, 0, "the expression has more than %d parts", MaxNodes)
		}
		return errorf(code, located.From, "%s", firstLine(located.Message))
	}
	if strings.Contains(err.Error(), "maximum allowed nodes") {
		return errorf(CodeLimit, 0, "the expression has more than %d parts", MaxNodes)
	}
	return errorf(CodeType, -1, "%s", firstLine(err.Error()))
}

// firstLine keeps a library's message short: it may quote the data.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > maxMessage {
		line = strings.ToValidUTF8(line[:maxMessage], "") + "…"
	}
	return line
}

// checkDepth refuses sources whose brackets nest deeper than MaxDepth, before the recursive parser sees them.
func checkDepth(source string) error {
	depth := 0
	var quote rune
	escaped := false
	for i, r := range source {
		switch {
		case escaped:
			escaped = false
		case quote != 0:
			escaped = r == '\\' && quote != '`'
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'' || r == '`':
			quote = r
		case r == '(' || r == '[' || r == '{':
			depth++
		case r == ')' || r == ']' || r == '}':
			depth--
		}
		if depth > MaxDepth {
			return errorf(CodeLimit, i, "the expression nests deeper than %d levels", MaxDepth)
		}
	}
	return nil
}

// Reads returns what the expression may look at.
func (p *Program) Reads() Reads { return p.reads }

// Eval runs the expression. The result holds JSON values only: nil, bool, int, float64, string, []any, map[string]any; a time
// becomes its RFC 3339 text.
func (p *Program) Eval(data Context) (any, error) {
	return p.eval(data, newBudget(data), &size{left: MaxResult, limit: MaxResult})
}

func (p *Program) eval(data Context, spend *budget, left *size) (any, error) {
	env := map[string]any{
		budgetName: spend, "input": data.Input, "process": data.Process, "item": data.Item, "index": data.Index,
		"error": data.Error, "result": data.Result, "undone": data.Undone,
	}
	if len(p.reads.Tasks) > 0 {
		tasks := make(map[string]any, len(p.reads.Tasks))
		for _, node := range p.reads.Tasks {
			tasks[node] = nil
			if data.Tasks == nil {
				continue
			}
			if output, found := data.Tasks(node); found {
				tasks[node] = output
			}
		}
		env["tasks"] = tasks
	}
	machine := vm.VM{MemoryBudget: MaxElements}
	value, err := machine.Run(p.program, env)
	if err != nil {
		return nil, runError(err)
	}
	return plainValue(value, left, 0)
}

func runError(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var located *file.Error
	if errors.As(err, &located) {
		if errors.As(located.Prev, &own) {
			return own
		}
		if strings.Contains(located.Message, "memory budget exceeded") {
			return errorf(CodeLimit, located.From, "the expression builds more than %d elements", MaxElements)
		}
		return errorf(CodeEval, located.From, "%s", firstLine(located.Message))
	}
	if strings.Contains(err.Error(), "memory budget exceeded") {
		return errorf(CodeLimit, -1, "the expression builds more than %d elements", MaxElements)
	}
	return errorf(CodeEval, -1, "%s", firstLine(err.Error()))
}

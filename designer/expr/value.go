package expr

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Value is a compiled field of a node's configuration: a literal, a template, an expression, or lists and objects of them.
type Value struct {
	literal  any
	program  *Program
	template []part
	list     []*Value
	object   map[string]*Value
	keys     []string
	reads    Reads
	dynamic  bool
}

// part is a piece of a template: text, or a program whose result is inserted.
type part struct {
	text    string
	program *Program
}

// PathError says which part of a value is wrong; Path is a JSON pointer (RFC 6901) into it.
type PathError struct {
	Path string
	Err  *Error
}

// Error returns the message.
func (e *PathError) Error() string { return e.Err.Error() }

// Unwrap returns the *Error.
func (e *PathError) Unwrap() error { return e.Err }

// CompileValue compiles one field. A string that begins with "=" is an expression, with "==" a literal "=…", and one that
// holds "{{" a template. Errors are *PathError.
func CompileValue(raw json.RawMessage, env Env) (*Value, error) {
	decoded, err := DecodeJSON(raw)
	if err != nil {
		return nil, &PathError{Err: errorf(CodeSyntax, 0, "not JSON: %s", err)}
	}
	env.parts = new(int)
	return compileValue(decoded, env, "", 0)
}

func compileValue(decoded any, env Env, path string, depth int) (*Value, error) {
	if depth > MaxDepth {
		return nil, &PathError{Path: path, Err: errorf(CodeLimit, 0, "the value nests deeper than %d levels", MaxDepth)}
	}
	switch v := decoded.(type) {
	case string:
		return compileText(v, env, path)
	case []any:
		value := &Value{list: make([]*Value, len(v))}
		for i, item := range v {
			compiled, err := compileValue(item, env, fmt.Sprintf("%s/%d", path, i), depth+1)
			if err != nil {
				return nil, err
			}
			value.list[i] = compiled
			value.adopt(compiled)
		}
		if !value.dynamic {
			return &Value{literal: decoded}, nil
		}
		return value, nil
	case map[string]any:
		value := &Value{object: make(map[string]*Value, len(v)), keys: slices.Sorted(maps.Keys(v))}
		for _, key := range value.keys {
			escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
			compiled, err := compileValue(v[key], env, path+"/"+escaped, depth+1)
			if err != nil {
				return nil, err
			}
			value.object[key] = compiled
			value.adopt(compiled)
		}
		if !value.dynamic {
			return &Value{literal: decoded}, nil
		}
		return value, nil
	default:
		return &Value{literal: decoded}, nil
	}
}

func (v *Value) adopt(child *Value) {
	v.reads = v.reads.Merge(child.reads)
	// A literal "==x" differs from its source, so its parents are built anew as well.
	_, isText := child.literal.(string)
	v.dynamic = v.dynamic || child.dynamic || isText
}

func compileText(source string, env Env, path string) (*Value, error) {
	fail := func(err error, offset int) error {
		own := runError(err)
		if own.Pos >= 0 {
			own = &Error{Code: own.Code, Message: own.Message, Pos: own.Pos + offset}
		}
		return &PathError{Path: path, Err: own}
	}
	if rest, ok := strings.CutPrefix(source, "="); ok {
		if strings.HasPrefix(rest, "=") {
			return &Value{literal: rest}, nil
		}
		program, err := compilePart(rest, env)
		if err != nil {
			return nil, fail(err, 1)
		}
		return &Value{program: program, reads: program.reads, dynamic: true}, nil
	}
	if !strings.Contains(source, "{{") {
		return &Value{literal: source}, nil
	}
	value := &Value{dynamic: true}
	at := 0
	for {
		open := strings.Index(source[at:], "{{")
		if open < 0 {
			value.template = append(value.template, part{text: source[at:]})
			return value, nil
		}
		closing := strings.Index(source[at+open:], "}}")
		if closing < 0 {
			return nil, &PathError{Path: path, Err: errorf(CodeSyntax, at+open, "{{ is not closed by }}")}
		}
		value.template = append(value.template, part{text: source[at : at+open]})
		begin := at + open + 2
		program, err := compilePart(source[begin:at+open+closing], env)
		if err != nil {
			return nil, fail(err, begin)
		}
		value.template = append(value.template, part{program: program})
		value.reads = value.reads.Merge(program.reads)
		at += open + closing + 2
	}
}

// compilePart compiles one of a value's expressions, of which there may be MaxParts.
func compilePart(source string, env Env) (*Program, error) {
	*env.parts++
	if *env.parts > MaxParts {
		return nil, errorf(CodeLimit, 0, "the value holds more than %d expressions", MaxParts)
	}
	return Compile(source, env)
}

// Reads returns what the value may look at.
func (v *Value) Reads() Reads { return v.reads }

// Constant reports whether the value is a literal, and which.
func (v *Value) Constant() (any, bool) { return v.literal, !v.dynamic }

// Known returns the value as far as it is literal: program stands for each expression in it, and text for each template, which makes a
// text.
func (v *Value) Known(program, text any) any {
	switch {
	case v.program != nil:
		return program
	case v.template != nil:
		return text
	case v.list != nil:
		items := make([]any, len(v.list))
		for i, item := range v.list {
			items[i] = item.Known(program, text)
		}
		return items
	case v.object != nil:
		fields := make(map[string]any, len(v.object))
		for _, key := range v.keys {
			fields[key] = v.object[key].Known(program, text)
		}
		return fields
	default:
		return v.literal
	}
}

// Eval returns the field's value for some data. All parts together keep the bounds of one expression.
func (v *Value) Eval(data Context) (any, error) {
	if !v.dynamic {
		return v.literal, nil
	}
	return v.eval(data, newBudget(data), &size{left: MaxResult, limit: MaxResult})
}

func (v *Value) eval(data Context, spend *budget, left *size) (any, error) {
	switch {
	case v.program != nil:
		return v.program.eval(data, spend, left)
	case v.template != nil:
		return v.fill(data, spend, left)
	case v.list != nil:
		items := make([]any, len(v.list))
		for i, item := range v.list {
			result, err := item.eval(data, spend, left)
			if err != nil {
				return nil, err
			}
			items[i] = result
		}
		return items, left.take(2 + len(items))
	case v.object != nil:
		object := make(map[string]any, len(v.object))
		for _, key := range v.keys {
			result, err := v.object[key].eval(data, spend, left)
			if err != nil {
				return nil, err
			}
			object[key] = result
			if err := left.take(len(key) + 3); err != nil {
				return nil, err
			}
		}
		return object, left.take(2)
	default:
		return plainValue(v.literal, left, 0)
	}
}

// fill builds the text of a template.
func (v *Value) fill(data Context, spend *budget, left *size) (any, error) {
	var built strings.Builder
	for _, piece := range v.template {
		inserted := piece.text
		if piece.program != nil {
			result, err := piece.program.eval(data, spend, &size{left: MaxResult, limit: MaxResult})
			if err != nil {
				return nil, err
			}
			if inserted, err = toText(result); err != nil {
				return nil, err
			}
		}
		if err := left.take(len(inserted)); err != nil {
			return nil, err
		}
		built.WriteString(inserted)
	}
	return built.String(), nil
}

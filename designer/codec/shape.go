package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
)

// maxIssues bounds what one document can answer with.
const maxIssues = 50

// checkShape compares JSON with the Go types of the model, name by name; encoding/json would take names in any case, drop
// null, and tell of unknown names without a place.
func checkShape(raw []byte) []fault.Issue {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return []fault.Issue{{Code: strictjson.CodeSyntax, Message: "this is not JSON"}}
	}
	s := &shape{}
	s.check(value, reflect.TypeFor[graph.Document](), nil)
	return s.issues
}

type shape struct{ issues []fault.Issue }

func (s *shape) add(code string, path []string, message string, params map[string]any) {
	if len(s.issues) < maxIssues {
		s.issues = append(s.issues, fault.Issue{Code: code, Path: strictjson.Pointer(path...), Message: message, Params: params})
	}
}

func (s *shape) mistyped(path []string, want string, got any) {
	kind := kindName(got)
	s.add(CodeType, path, "it must be "+want+", not "+kind, map[string]any{"want": want, "got": kind})
}

func kindName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

var rawMessage = reflect.TypeFor[json.RawMessage]()

func (s *shape) check(value any, kind reflect.Type, path []string) {
	if kind == rawMessage {
		return
	}
	switch kind.Kind() {
	case reflect.Pointer:
		s.check(value, kind.Elem(), path)
	case reflect.Struct:
		s.checkStruct(value, kind, path)
	case reflect.Map:
		members, ok := value.(map[string]any)
		if !ok {
			s.mistyped(path, "an object", value)
			return
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			s.check(members[name], kind.Elem(), append(slices.Clip(path), name))
		}
	case reflect.Slice:
		items, ok := value.([]any)
		if !ok {
			s.mistyped(path, "a list", value)
			return
		}
		for i, item := range items {
			s.check(item, kind.Elem(), append(slices.Clip(path), strconv.Itoa(i)))
		}
	case reflect.String:
		if _, ok := value.(string); !ok {
			s.mistyped(path, "a text", value)
		}
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			s.mistyped(path, "a boolean", value)
		}
	case reflect.Int, reflect.Int64:
		number, ok := value.(json.Number)
		if !ok {
			s.mistyped(path, "a whole number", value)
		} else if _, err := strconv.ParseInt(number.String(), 10, 64); err != nil {
			s.add(CodeType, path, "it must be a whole number of 64 bits", map[string]any{"want": "a whole number", "got": "a number"})
		}
	case reflect.Float64:
		number, ok := value.(json.Number)
		if !ok {
			s.mistyped(path, "a number", value)
		} else if _, err := number.Float64(); err != nil {
			s.add(CodeType, path, "the number does not fit", map[string]any{"want": "a number", "got": "a number"})
		}
	default:
		panic(fmt.Sprintf("codec: the model has a %s", kind)) // a test walks every type of the model
	}
}

// optional lists the fields that a document may lack although their tags do not say omitempty.
var optional = map[string]bool{"layout": true, "title": true, "text": true}

func (s *shape) checkStruct(value any, kind reflect.Type, path []string) {
	members, ok := value.(map[string]any)
	if !ok {
		s.mistyped(path, "an object", value)
		return
	}
	fields := map[string]reflect.Type{}
	for i := range kind.NumField() {
		name, options, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		fields[name] = kind.Field(i).Type
		if _, present := members[name]; !present && !strings.Contains(options, "omitempty") && !optional[name] {
			s.add(CodeMissing, append(slices.Clip(path), name), name+" is missing", map[string]any{"name": name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		field, known := fields[name]
		if !known {
			s.add(CodeUnknownField, append(slices.Clip(path), name), "the field "+strconv.Quote(clip(name))+" is not known",
				map[string]any{"name": clip(name)})
			continue
		}
		s.check(members[name], field, append(slices.Clip(path), name))
	}
}

func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Incompatible says how a descriptor changes what published graphs rely on, empty when it does not. An input may gain optional
// fields and make fields optional; an output may gain fields and always give fields that it sometimes gave; neither may lose a
// field or change which values fit; the business errors may grow. Texts, titles and icons are free.
func Incompatible(known, next wire.Descriptor) string {
	if reason := compare(decode(known.InputSchema), decode(next.InputSchema), "input", true); reason != "" {
		return reason
	}
	if reason := compare(decode(known.OutputSchema), decode(next.OutputSchema), "output", false); reason != "" {
		return reason
	}
	for _, was := range known.Errors {
		if !slices.ContainsFunc(next.Errors, func(e wire.ErrorCode) bool { return e.Code == was.Code }) {
			return fmt.Sprintf("it no longer answers with the error %s", was.Code)
		}
	}
	return ""
}

// compare compares two schemas of one place, of an input or an output.
func compare(known, next any, path string, input bool) string {
	if equal(known, next) {
		return ""
	}
	was, wasObject := known.(map[string]any)
	is, isObject := next.(map[string]any)
	if !wasObject || !isObject {
		return otherValues(path)
	}
	switch {
	case was["properties"] != nil && is["properties"] != nil:
		if !equal(rest(was, "properties", "required", "additionalProperties"), rest(is, "properties", "required", "additionalProperties")) {
			return otherValues(path)
		}
		return compareFields(was, is, path, input)
	case was["items"] != nil && is["items"] != nil && equal(rest(was, "items"), rest(is, "items")):
		return compare(was["items"], is["items"], path+"[]", input)
	default:
		return otherValues(path)
	}
}

func otherValues(path string) string { return "other values than before fit " + path }

func compareFields(was, is map[string]any, path string, input bool) string {
	wasFields, _ := was["properties"].(map[string]any)
	isFields, _ := is["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(wasFields)) {
		field, kept := isFields[name]
		if !kept {
			return fmt.Sprintf("%s.%s is gone", path, name)
		}
		if reason := compare(wasFields[name], field, path+"."+name, input); reason != "" {
			return reason
		}
	}
	wasRequired, isRequired := required(was), required(is)
	if input {
		for _, name := range isRequired {
			if !slices.Contains(wasRequired, name) {
				return fmt.Sprintf("%s.%s is required now", path, name)
			}
		}
	} else {
		for _, name := range wasRequired {
			if !slices.Contains(isRequired, name) {
				return fmt.Sprintf("%s.%s may be missing now", path, name)
			}
		}
	}
	return compareOthers(was["additionalProperties"], is["additionalProperties"], path, input)
}

// compareOthers compares what is said of fields without a name. An open input must stay open; an output may open.
func compareOthers(was, is any, path string, input bool) string {
	open := func(others any) bool { return others == nil || others == true }
	switch {
	case equal(was, is) || (open(was) && open(is)):
		return ""
	case was == false: // an input takes more, an output gives more
		return ""
	case input:
		return path + " no longer takes other fields"
	default:
		return otherValues(path)
	}
}

func required(schema map[string]any) []string {
	list, _ := schema["required"].([]any)
	names := make([]string, 0, len(list))
	for _, item := range list {
		if name, ok := item.(string); ok {
			names = append(names, name)
		}
	}
	return names
}

func rest(schema map[string]any, without ...string) map[string]any {
	kept := maps.Clone(schema)
	for _, name := range without {
		delete(kept, name)
	}
	return kept
}

func equal(a, b any) bool {
	left, errLeft := json.Marshal(a)
	right, errRight := json.Marshal(b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}

// annotations say nothing about which values fit, so they may change at will.
var annotations = []string{"title", "description", "examples", "default", "deprecated", "$comment", "$schema", "$id"}

// decode reads a schema without its annotations.
func decode(raw json.RawMessage) any {
	var decoded any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&decoded) != nil {
		return nil
	}
	return strip(decoded)
}

// strip drops annotations. Below "properties" and the like the names are fields, and what lists values is left alone.
func strip(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := make(map[string]any, len(v))
		for name, member := range v {
			switch {
			case slices.Contains(annotations, name) || strings.HasPrefix(name, "x-"):
			case name == "enum" || name == "const":
				kept[name] = member
			case name == "properties" || name == "patternProperties" || name == "$defs" || name == "dependentSchemas":
				kept[name] = stripEach(member)
			default:
				kept[name] = strip(member)
			}
		}
		return kept
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = strip(v[i])
		}
		return items
	default:
		return value
	}
}

func stripEach(value any) any {
	named, ok := value.(map[string]any)
	if !ok {
		return value
	}
	kept := make(map[string]any, len(named))
	for name, member := range named {
		kept[name] = strip(member)
	}
	return kept
}

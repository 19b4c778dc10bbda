package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

var validName = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)*$`)

// malformed says why a descriptor is none; empty when it is one.
func malformed(d wire.Descriptor) string {
	switch {
	case !validName.MatchString(d.Name) || len(d.Name) > 100:
		return "its name is not made of lower-case words joined by dots"
	case d.Major < 1 || d.Major > 9999:
		return "its major is not 1 to 9999"
	case d.Hash == "":
		return "it has no hash"
	case len(d.InputSchema)+len(d.OutputSchema) > 256<<10:
		return "its schemas are larger than 256 KiB"
	}
	for name, raw := range map[string]json.RawMessage{"input": d.InputSchema, "output": d.OutputSchema} {
		if _, err := schema.Compile(raw, schema.Rules{}); err != nil {
			return fmt.Sprintf("its %s schema is not valid: %s", name, err)
		}
	}
	return ""
}

// object is the part of a schema that compatibility is decided by.
type object struct {
	Type       json.RawMessage            `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	Additional json.RawMessage            `json:"additionalProperties"`
}

// annotations say nothing about which values fit, so they may change at will.
var annotations = []string{"title", "description", "x-title-ru", "x-description-ru", "examples", "default", "$comment", "$schema", "$id"}

// Incompatible says how a descriptor changes what published graphs rely on, empty when it does not: an input may gain
// optional fields; an output may gain fields; neither may lose one or change what fits; the business errors may grow.
func Incompatible(known, next wire.Descriptor) string {
	if reason := inputChange(known.InputSchema, next.InputSchema, "input"); reason != "" {
		return reason
	}
	if reason := outputChange(known.OutputSchema, next.OutputSchema, "output"); reason != "" {
		return reason
	}
	for _, was := range known.Errors {
		if !slices.ContainsFunc(next.Errors, func(e wire.ErrorCode) bool { return e.Code == was.Code }) {
			return fmt.Sprintf("it no longer answers with the error %s", was.Code)
		}
	}
	return ""
}

func inputChange(known, next json.RawMessage, path string) string {
	was, is := read(known), read(next)
	for _, name := range slices.Sorted(maps.Keys(was.Properties)) {
		property, kept := is.Properties[name]
		if !kept {
			return fmt.Sprintf("%s.%s is gone", path, name)
		}
		if reason := fieldChange(was.Properties[name], property, path+"."+name, inputChange); reason != "" {
			return reason
		}
	}
	for _, name := range is.Required {
		if !slices.Contains(was.Required, name) {
			return fmt.Sprintf("%s.%s is required now", path, name)
		}
	}
	return ""
}

func outputChange(known, next json.RawMessage, path string) string {
	was, is := read(known), read(next)
	for _, name := range slices.Sorted(maps.Keys(was.Properties)) {
		property, kept := is.Properties[name]
		if !kept {
			return fmt.Sprintf("%s.%s is gone", path, name)
		}
		if reason := fieldChange(was.Properties[name], property, path+"."+name, outputChange); reason != "" {
			return reason
		}
		if slices.Contains(was.Required, name) && !slices.Contains(is.Required, name) {
			return fmt.Sprintf("%s.%s may be missing now", path, name)
		}
	}
	return ""
}

// fieldChange compares two schemas of a field: objects by their fields, everything else to the letter, annotations apart.
func fieldChange(known, next json.RawMessage, path string, objects func(known, next json.RawMessage, path string) string) string {
	was, is := read(known), read(next)
	if len(was.Properties) > 0 && len(is.Properties) > 0 {
		return objects(known, next, path)
	}
	if !bytes.Equal(meaning(known), meaning(next)) {
		return fmt.Sprintf("%s accepts other values than before", path)
	}
	return ""
}

func read(raw json.RawMessage) object {
	var o object
	_ = json.Unmarshal(raw, &o) // it was compiled as a schema; true and false have no fields
	return o
}

// meaning is a schema without its annotations, in canonical form.
func meaning(raw json.RawMessage) []byte {
	var decoded any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&decoded) != nil {
		return raw
	}
	canonical, err := json.Marshal(strip(decoded, false))
	if err != nil {
		return raw
	}
	return canonical
}

// strip drops annotations; below "properties" the names are fields, not keywords.
func strip(value any, fields bool) any {
	switch v := value.(type) {
	case map[string]any:
		kept := make(map[string]any, len(v))
		for name, member := range v {
			if !fields && (slices.Contains(annotations, name) || strings.HasPrefix(name, "x-")) {
				continue
			}
			kept[name] = strip(member, !fields && (name == "properties" || name == "$defs"))
		}
		return kept
	case []any:
		for i := range v {
			v[i] = strip(v[i], false)
		}
	}
	return value
}

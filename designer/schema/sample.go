package schema

import (
	"encoding/json"
	"slices"
	"strings"
)

// maxSampleDepth is how deep a sample goes into a schema; what lies deeper is left out or null.
const maxSampleDepth = 8

// Sample returns a value that a schema describes, for people to look at and to change: its examples and defaults where it has some,
// else the simplest value of each type. Such a value need not satisfy every keyword. A schema that can't be read gives {}.
func Sample(raw json.RawMessage) json.RawMessage {
	var root any
	if json.Unmarshal(raw, &root) != nil {
		return json.RawMessage(`{}`)
	}
	sampler := sampler{root: root}
	value, err := json.Marshal(sampler.of(root, 0))
	if err != nil || string(value) == "null" {
		return json.RawMessage(`{}`)
	}
	return value
}

type sampler struct{ root any }

// of returns a value for a schema, nil where it has nothing to say.
func (s sampler) of(node any, depth int) any {
	members, ok := node.(map[string]any)
	if !ok || depth > maxSampleDepth {
		return nil
	}
	if target, found := members["$ref"].(string); found {
		return s.of(s.at(target), depth+1)
	}
	if value, found := s.given(members); found {
		return value
	}
	for _, keyword := range []string{"oneOf", "anyOf", "allOf"} {
		if list, found := members[keyword].([]any); found && len(list) > 0 && members["type"] == nil {
			return s.of(list[0], depth+1)
		}
	}
	switch typeOf(members) {
	case "object":
		return s.object(members, depth)
	case "array":
		if item := s.of(members["items"], depth+1); item != nil {
			return []any{item}
		}
		return []any{}
	case "string":
		return sampleText(members)
	case "integer", "number":
		for _, bound := range []string{"minimum", "exclusiveMinimum"} {
			if least, found := members[bound].(float64); found && least > 0 {
				return least + 1
			}
		}
		return 1
	case "boolean":
		return true
	default:
		return nil
	}
}

// given is what the schema itself gives as a value.
func (s sampler) given(members map[string]any) (any, bool) {
	if value, found := members["const"]; found {
		return value, true
	}
	for _, keyword := range []string{"examples", "enum"} {
		if list, found := members[keyword].([]any); found && len(list) > 0 {
			return list[0], true
		}
	}
	value, found := members["default"]
	return value, found
}

func typeOf(members map[string]any) string {
	switch named := members["type"].(type) {
	case string:
		return named
	case []any:
		at := slices.IndexFunc(named, func(v any) bool { return v != "null" })
		if at >= 0 {
			name, _ := named[at].(string)
			return name
		}
	}
	if members["properties"] != nil {
		return "object"
	}
	return ""
}

func (s sampler) object(members map[string]any, depth int) map[string]any {
	value := map[string]any{}
	properties, _ := members["properties"].(map[string]any)
	for name, property := range properties {
		if field := s.of(property, depth+1); field != nil {
			value[name] = field
		}
	}
	return value
}

// samples are texts by format (JSON Schema 2020-12 §7.3, and ours).
var samples = map[string]string{
	"date": "2026-01-31", "time": "12:00:00Z", "date-time": "2026-01-31T12:00:00Z", "duration": "P1D", "email": "a.person@example.org",
	"uri": "https://example.org/", "uuid": "01930000-0000-7000-8000-000000000000", "decimal": "100.00", "ipv4": "192.0.2.1", "hostname": "example.org",
}

func sampleText(members map[string]any) string {
	format, _ := members["format"].(string)
	if text, found := samples[format]; found {
		return text
	}
	text := "text"
	if least, found := members["minLength"].(float64); found && int(least) > len(text) && least < 1000 {
		text += strings.Repeat("x", int(least)-len(text))
	}
	if most, found := members["maxLength"].(float64); found && int(most) < len(text) && most >= 0 {
		text = text[:int(most)]
	}
	return text
}

// at follows a reference within the schema.
func (s sampler) at(reference string) any {
	node := s.root
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(reference, "#"), "/"), "/") {
		if part == "" {
			continue
		}
		members, ok := node.(map[string]any)
		if !ok {
			return nil
		}
		node = members[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
	}
	return node
}

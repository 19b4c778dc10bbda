package schema

import (
	"errors"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Open stands in a value for a part that is not known yet.
type Open struct {
	Text bool // it will be a text
}

// CheckPartly is CheckValue for a value in which some parts are Open. It tells what is wrong whatever these will be: what is known is
// checked; rules that look at an object or list with an open part as a whole, such as anyOf, are left to the one who knows it all.
func (s *Schema) CheckPartly(value any) []fault.Issue {
	located := partly(s.compiled, value, nil, nil)
	if len(located) == 0 {
		return nil
	}
	return issues(&jsonschema.ValidationError{Causes: located})
}

// partly checks the value at a place. from are the schemas that led here without going into it: a circle of them says nothing.
func partly(sch *jsonschema.Schema, value any, at []string, from []*jsonschema.Schema) []*jsonschema.ValidationError {
	switch {
	case slices.Contains(from, sch):
		return nil
	case !open(value):
		return located(sch, value, at)
	}
	from = append(slices.Clone(from), sch)
	var found []*jsonschema.ValidationError
	if sch.Ref != nil {
		found = partly(sch.Ref, value, at, from)
	}
	for _, part := range sch.AllOf {
		found = append(found, partly(part, value, at, from)...)
	}
	frame := &jsonschema.Schema{DraftVersion: sch.DraftVersion, Location: sch.Location, Bool: sch.Bool, Types: sch.Types}
	switch v := value.(type) {
	case Open:
		if v.Text {
			found = append(found, located(frame, "", at)...)
		}
	case map[string]any:
		found = append(found, fields(sch, frame, v, at)...)
	case []any:
		frame.MinItems, frame.MaxItems = sch.MinItems, sch.MaxItems
		found = append(found, located(frame, make([]any, len(v)), at)...)
		for i, item := range v {
			of := sch.Items2020
			if i < len(sch.PrefixItems) {
				of = sch.PrefixItems[i]
			}
			if of != nil {
				found = append(found, partly(of, item, step(at, strconv.Itoa(i)), nil)...)
			}
		}
	}
	return found
}

// fields checks an object with open parts: which fields there are, and each for itself.
func fields(sch, frame *jsonschema.Schema, object map[string]any, at []string) []*jsonschema.ValidationError {
	frame.MinProperties, frame.MaxProperties, frame.Required, frame.PropertyNames = sch.MinProperties, sch.MaxProperties, sch.Required, sch.PropertyNames
	frame.Properties, frame.PatternProperties = map[string]*jsonschema.Schema{}, map[jsonschema.Regexp]*jsonschema.Schema{}
	for name := range sch.Properties {
		frame.Properties[name] = &jsonschema.Schema{}
	}
	for pattern := range sch.PatternProperties {
		frame.PatternProperties[pattern] = &jsonschema.Schema{}
	}
	others, _ := sch.AdditionalProperties.(*jsonschema.Schema)
	if others == nil {
		frame.AdditionalProperties = sch.AdditionalProperties
	}
	names := make(map[string]any, len(object))
	for name := range object {
		names[name] = nil
	}
	found := located(frame, names, at)
	for name, value := range object {
		known := false
		if of := sch.Properties[name]; of != nil {
			known = true
			found = append(found, partly(of, value, step(at, name), nil)...)
		}
		for pattern, of := range sch.PatternProperties {
			if pattern.MatchString(name) {
				known = true
				found = append(found, partly(of, value, step(at, name), nil)...)
			}
		}
		if !known && others != nil {
			found = append(found, partly(others, value, step(at, name), nil)...)
		}
	}
	return found
}

// located checks a value that lies at a place of the whole one.
func located(sch *jsonschema.Schema, value any, at []string) []*jsonschema.ValidationError {
	err := sch.Validate(value)
	var found *jsonschema.ValidationError
	if !errors.As(err, &found) {
		return nil
	}
	moved(found, at)
	return []*jsonschema.ValidationError{found}
}

func moved(err *jsonschema.ValidationError, at []string) {
	err.InstanceLocation = append(slices.Clone(at), err.InstanceLocation...)
	for _, cause := range err.Causes {
		moved(cause, at)
	}
}

// step is the place of a part.
func step(at []string, part string) []string { return append(slices.Clone(at), part) }

// open tells whether a value has an open part.
func open(value any) bool {
	switch v := value.(type) {
	case Open:
		return true
	case []any:
		return slices.ContainsFunc(v, open)
	case map[string]any:
		for _, part := range v {
			if open(part) {
				return true
			}
		}
	}
	return false
}

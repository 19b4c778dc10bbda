package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
)

// The codes of issues; a keyword without a code of its own gives schema.rule.
const (
	CodeRequired = "schema.required" // params: name
	CodeUnknown  = "schema.unknown_field"
	CodeType     = "schema.type"   // params: want, got
	CodeEnum     = "schema.enum"   // params: want
	CodeFormat   = "schema.format" // params: format
	CodeRange    = "schema.range"  // params: keyword, limit
	CodeLength   = "schema.length" // params: keyword, limit, got
	CodePattern  = "schema.pattern"
	CodeRule     = "schema.rule" // params: keyword
)

// issues lists the leaves of an error in the order of their paths.
func issues(located *jsonschema.ValidationError) []fault.Issue {
	byPlace := map[string]fault.Issue{}
	collect(located, byPlace)
	found := make([]fault.Issue, 0, len(byPlace))
	for _, place := range slices.Sorted(maps.Keys(byPlace)) {
		if len(found) == MaxIssues {
			break
		}
		found = append(found, byPlace[place])
	}
	return found
}

func collect(located *jsonschema.ValidationError, byPlace map[string]fault.Issue) {
	if len(byPlace) > 4*MaxIssues {
		return
	}
	if len(located.Causes) > 0 {
		for _, cause := range located.Causes {
			collect(cause, byPlace)
		}
		return
	}
	for _, issue := range describe(located) {
		byPlace[issue.Path+" "+issue.Code+" "+issue.Message] = issue
	}
}

// describe never quotes the value: an issue may be shown to people who must not see it.
func describe(located *jsonschema.ValidationError) []fault.Issue {
	at := located.InstanceLocation
	one := func(code, message string, params map[string]any) []fault.Issue {
		return []fault.Issue{{Code: code, Path: strictjson.Pointer(at...), Message: message, Params: params}}
	}
	limit := func(code, keyword, message string, want, got any) []fault.Issue {
		params := map[string]any{"keyword": keyword, "limit": fmt.Sprint(want)}
		if got != nil {
			params["got"] = fmt.Sprint(got)
		}
		return one(code, message, params)
	}
	switch k := located.ErrorKind.(type) {
	case *kind.Required:
		return named(at, k.Missing, CodeRequired, func(name string) string { return name + " is missing" })
	case *kind.DependentRequired:
		return named(at, k.Missing, CodeRequired, func(name string) string { return name + " is missing, because " + k.Prop + " is there" })
	case *kind.AdditionalProperties:
		return named(at, k.Properties, CodeUnknown, func(name string) string { return "the field " + clip(name) + " is not known" })
	case *kind.FalseSchema:
		return one(CodeUnknown, "nothing is allowed here", nil)
	case *kind.Type:
		want := strings.Join(k.Want, " or ")
		return one(CodeType, "it must be "+want+", not "+k.Got, map[string]any{"want": want, "got": k.Got})
	case *kind.Enum:
		want := fmt.Sprint(k.Want...)
		return one(CodeEnum, "it must be one of the listed values", map[string]any{"want": clip(want)})
	case *kind.Const:
		return one(CodeEnum, "it must be the one allowed value", map[string]any{"want": clip(fmt.Sprint(k.Want))})
	case *kind.Format:
		return one(CodeFormat, "it does not have the format "+k.Want, map[string]any{"format": k.Want})
	case *kind.Pattern:
		return one(CodePattern, "it does not match the pattern "+clip(k.Want), map[string]any{"pattern": clip(k.Want)})
	case *kind.MinLength:
		return limit(CodeLength, "minLength", fmt.Sprintf("it must have at least %d characters", k.Want), k.Want, k.Got)
	case *kind.MaxLength:
		return limit(CodeLength, "maxLength", fmt.Sprintf("it must have at most %d characters", k.Want), k.Want, k.Got)
	case *kind.MinItems:
		return limit(CodeLength, "minItems", fmt.Sprintf("it must have at least %d items", k.Want), k.Want, k.Got)
	case *kind.MaxItems:
		return limit(CodeLength, "maxItems", fmt.Sprintf("it must have at most %d items", k.Want), k.Want, k.Got)
	case *kind.MinProperties:
		return limit(CodeLength, "minProperties", fmt.Sprintf("it must have at least %d fields", k.Want), k.Want, k.Got)
	case *kind.MaxProperties:
		return limit(CodeLength, "maxProperties", fmt.Sprintf("it must have at most %d fields", k.Want), k.Want, k.Got)
	case *kind.Minimum:
		return limit(CodeRange, "minimum", "it must be at least "+k.Want.RatString(), k.Want.RatString(), nil)
	case *kind.Maximum:
		return limit(CodeRange, "maximum", "it must be at most "+k.Want.RatString(), k.Want.RatString(), nil)
	case *kind.ExclusiveMinimum:
		return limit(CodeRange, "exclusiveMinimum", "it must be more than "+k.Want.RatString(), k.Want.RatString(), nil)
	case *kind.ExclusiveMaximum:
		return limit(CodeRange, "exclusiveMaximum", "it must be less than "+k.Want.RatString(), k.Want.RatString(), nil)
	}
	keyword := "schema"
	if path := located.ErrorKind.KeywordPath(); len(path) > 0 {
		keyword = path[0]
	}
	return one(CodeRule, "it breaks the rule "+keyword, map[string]any{"keyword": keyword})
}

func named(at, names []string, code string, message func(name string) string) []fault.Issue {
	all := make([]fault.Issue, 0, len(names))
	for _, name := range names[:min(len(names), MaxIssues)] {
		path := strictjson.Pointer(append(slices.Clone(at), name)...)
		all = append(all, fault.Issue{Code: code, Path: path, Message: message(name), Params: map[string]any{"name": clip(name)}})
	}
	return all
}

func clip(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

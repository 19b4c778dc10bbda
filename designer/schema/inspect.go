package schema

import (
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
)

// withheld lists the keywords that make references depend on where a check comes from, or name other documents.
var withheld = []string{"$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$anchor", "$vocabulary"}

// Keywords that hold a schema, a list of schemas, or schemas by name.
var (
	holdsSchema  = []string{"items", "additionalItems", "contains", "not", "if", "then", "else", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"}
	holdsSchemas = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	holdsNamed   = []string{"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
)

// inspector counts what a schema expands to.
type inspector struct {
	root  any
	rules Rules
	sizes map[string]int // JSON pointer → subschemas below, references included
	open  map[string]bool
	issue *fault.Issue
}

// inspect refuses what the compiler would accept and the check could not bound.
func inspect(document any, rules Rules) *fault.Issue {
	i := &inspector{root: document, rules: rules, sizes: map[string]int{}, open: map[string]bool{}}
	if size := i.size(document, ""); i.issue == nil && size > MaxExpanded {
		i.refuse("", "the schema expands to more than "+strconv.Itoa(MaxExpanded)+" parts")
	}
	return i.issue
}

func (i *inspector) refuse(path, message string) {
	if i.issue == nil {
		i.issue = &fault.Issue{Code: "schema.invalid", Path: path, Message: message}
	}
}

// size counts the subschemas that checking one value by the schema at path visits, at most.
func (i *inspector) size(node any, path string) int {
	if i.issue != nil {
		return 0
	}
	if known, ok := i.sizes[path]; ok {
		return known
	}
	members, ok := node.(map[string]any)
	if !ok {
		return 1
	}
	if i.open[path] {
		if !i.rules.Recursive {
			i.refuse(path, "the schema refers to itself: recursive schemas are not supported here")
		}
		return 1
	}
	i.open[path] = true
	defer delete(i.open, path)
	for _, name := range withheld {
		if _, found := members[name]; found {
			i.refuse(path+strictjson.Pointer(name), name+" is not supported")
		}
	}
	if _, found := members["$id"]; found && path != "" {
		i.refuse(path+"/$id", "$id is supported at the top of a schema only")
	}
	total := 1 + i.reference(members, path)
	for _, name := range holdsSchema {
		if child, found := members[name]; found {
			total += i.size(child, path+strictjson.Pointer(name))
		}
	}
	for _, name := range holdsSchemas {
		list, _ := members[name].([]any)
		for at, child := range list {
			total += i.size(child, path+strictjson.Pointer(name, strconv.Itoa(at)))
		}
	}
	for _, name := range holdsNamed {
		named, _ := members[name].(map[string]any)
		for key, child := range named {
			total += i.size(child, path+strictjson.Pointer(name, key))
		}
	}
	total = min(total, MaxExpanded+1)
	i.sizes[path] = total
	return total
}

// reference counts what $ref leads to.
func (i *inspector) reference(members map[string]any, path string) int {
	value, found := members["$ref"]
	if !found {
		return 0
	}
	reference, ok := value.(string)
	pointer, local := strings.CutPrefix(reference, "#")
	if !ok || !local || (pointer != "" && pointer[0] != '/') {
		i.refuse(path+"/$ref", "only references within the schema are followed, like #/$defs/name")
		return 0
	}
	target := i.root
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch at := target.(type) {
		case map[string]any:
			target, found = at[part]
		case []any:
			index, err := strconv.Atoi(part)
			if found = err == nil && index >= 0 && index < len(at); found {
				target = at[index]
			}
		default:
			found = false
		}
		if !found {
			i.refuse(path+"/$ref", "nothing is at "+reference)
			return 0
		}
	}
	return i.size(target, pointer)
}

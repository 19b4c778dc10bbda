package xmldoc

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Value turns an element into plain values, without namespaces: an element with text alone is its text; one with elements or
// attributes is an object of them, attributes under "@name"; elements that repeat are a list; text beside them is under "#text".
//
//	<right kind="own"><owner>A</owner><owner>B</owner></right>  →  {"@kind": "own", "owner": ["A", "B"]}
func Value(element *etree.Element) any {
	object := map[string]any{}
	for _, attribute := range element.Attr {
		if attribute.Space != "xmlns" && (attribute.Space != "" || attribute.Key != "xmlns") {
			object["@"+attribute.Key] = attribute.Value
		}
	}
	var text strings.Builder
	for _, token := range element.Child {
		switch child := token.(type) {
		case *etree.CharData:
			text.WriteString(child.Data)
		case *etree.Element:
			value := Value(child)
			switch known := object[child.Tag].(type) {
			case nil:
				object[child.Tag] = value
			case []any:
				object[child.Tag] = append(known, value)
			default:
				object[child.Tag] = []any{known, value}
			}
		}
	}
	trimmed := strings.TrimSpace(text.String())
	if len(object) == 0 {
		return trimmed
	}
	if trimmed != "" {
		object["#text"] = trimmed
	}
	return object
}

// Alone returns an element as a document of its own: the namespaces that it was in are declared on it.
func Alone(element *etree.Element) ([]byte, error) {
	scope := map[string]string{}
	for at := element.Parent(); at != nil; at = at.Parent() {
		for _, attribute := range at.Attr {
			prefix, declares := "", attribute.Space == "" && attribute.Key == "xmlns"
			if attribute.Space == "xmlns" {
				prefix, declares = attribute.Key, true
			}
			if _, nearer := scope[prefix]; declares && !nearer {
				scope[prefix] = attribute.Value
			}
		}
	}
	copied := element.Copy()
	for _, prefix := range slices.Sorted(maps.Keys(scope)) {
		name := "xmlns"
		if prefix != "" {
			name = "xmlns:" + prefix
		}
		if copied.SelectAttr(name) == nil && (prefix != "" || scope[prefix] != "") {
			copied.CreateAttr(name, scope[prefix])
		}
	}
	document := etree.NewDocument()
	document.SetRoot(copied)
	return document.WriteToBytes()
}

// Field is one element of a document that is written from values.
type Field struct {
	Name  string
	Value any // as encoding/json decodes it, numbers as json.Number
}

// Write makes a document with a root element in a namespace (empty: none) out of values, the other way round than Value: the
// elements keep the order of fields; those of an object inside are in order of their names.
func Write(root, namespace string, fields []Field) (string, error) {
	if !validName(root) {
		return "", fmt.Errorf("%q is no name of an element", root)
	}
	var out strings.Builder
	out.WriteString("<" + root)
	if namespace != "" {
		out.WriteString(` xmlns="` + escaped(namespace) + `"`)
	}
	for _, field := range fields {
		if name, isAttribute := strings.CutPrefix(field.Name, "@"); isAttribute {
			if err := writeAttribute(&out, name, field.Value); err != nil {
				return "", err
			}
		}
	}
	out.WriteString(">")
	for _, field := range fields {
		if strings.HasPrefix(field.Name, "@") {
			continue
		}
		if err := writeElement(&out, field.Name, field.Value, 1); err != nil {
			return "", err
		}
	}
	out.WriteString("</" + root + ">")
	return out.String(), nil
}

func writeAttribute(out *strings.Builder, name string, value any) error {
	if !validName(name) || strings.EqualFold(name, "xmlns") {
		return fmt.Errorf("%q is no name of an attribute", name)
	}
	text, isText := scalar(value)
	if !isText {
		return fmt.Errorf("the attribute %s is not a text", name)
	}
	out.WriteString(" " + name + `="` + escaped(text) + `"`)
	return nil
}

func writeElement(out *strings.Builder, name string, value any, depth int) error {
	if !validName(name) {
		return fmt.Errorf("%q is no name of an element", name)
	}
	if depth > Deepest {
		return errTooBig
	}
	switch v := value.(type) {
	case nil:
		return nil // what has no value is not there
	case []any:
		for _, one := range v {
			if err := writeElement(out, name, one, depth+1); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		out.WriteString("<" + name)
		names := slices.Sorted(maps.Keys(v))
		for _, key := range names {
			if attribute, is := strings.CutPrefix(key, "@"); is {
				if err := writeAttribute(out, attribute, v[key]); err != nil {
					return err
				}
			}
		}
		out.WriteString(">")
		for _, key := range names {
			switch {
			case key == "#text":
				text, isText := scalar(v[key])
				if !isText {
					return errors.New("the text of an element is not a text")
				}
				out.WriteString(escaped(text))
			case !strings.HasPrefix(key, "@"):
				if err := writeElement(out, key, v[key], depth+1); err != nil {
					return err
				}
			}
		}
		out.WriteString("</" + name + ">")
		return nil
	default:
		text, isText := scalar(value)
		if !isText {
			return fmt.Errorf("the element %s has a value that can't be written", name)
		}
		out.WriteString("<" + name + ">" + escaped(text) + "</" + name + ">")
		return nil
	}
}

func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return fmt.Sprint(v), true
	case json.Number:
		return v.String(), true
	case float64, int, int64:
		encoded, err := json.Marshal(v)
		return string(encoded), err == nil
	default:
		return "", false
	}
}

// escaped writes a text so that no parser reads an element or a reference in it; what XML can't hold becomes U+FFFD.
func escaped(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // into memory
	return out.String()
}

// validName accepts names without a prefix (XML 1.0, 2.3), letters and digits of any language.
func validName(name string) bool {
	if name == "" || len(name) > 200 || strings.HasPrefix(strings.ToLower(name), "xml") {
		return false
	}
	var element struct{ XMLName xml.Name }
	return !strings.ContainsAny(name, ":<>/ \t\r\n\"'=&") && xml.Unmarshal([]byte("<"+name+"/>"), &element) == nil && element.XMLName.Local == name
}

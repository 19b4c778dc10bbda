package signature

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// canonical is a canonical form of XML: Canonical XML 1.0 or 1.1, or Exclusive XML Canonicalization 1.0, all of W3C.
type canonical struct {
	exclusive bool
	eleven    bool // 1.1: xml:id and xml:base are not inherited
	comments  bool
	prefixes  []string // of exclusive: treated as the inclusive form does; "#default" is the default namespace
}

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// canonicalForms are the algorithms by their identifiers. Each has a sibling "#WithComments" or "WithComments".
var canonicalForms = map[string]canonical{
	"http://www.w3.org/TR/2001/REC-xml-c14n-20010315":              {},
	"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": {comments: true},
	"http://www.w3.org/2006/12/xml-c14n11":                         {eleven: true},
	"http://www.w3.org/2006/12/xml-c14n11#WithComments":            {eleven: true, comments: true},
	"http://www.w3.org/2001/10/xml-exc-c14n#":                      {exclusive: true},
	"http://www.w3.org/2001/10/xml-exc-c14n#WithComments":          {exclusive: true, comments: true},
}

// namespaces maps prefixes to names; the prefix "" is the default namespace.
type namespaces map[string]string

// with returns the namespaces in scope inside an element.
func (n namespaces) with(element *etree.Element) namespaces {
	var copied namespaces
	for _, attribute := range element.Attr {
		prefix, declares := declared(attribute)
		if !declares {
			continue
		}
		if copied == nil {
			copied = make(namespaces, len(n)+1)
			for prefix, name := range n {
				copied[prefix] = name
			}
		}
		copied[prefix] = attribute.Value
	}
	if copied == nil {
		return n
	}
	return copied
}

// declared returns the prefix that an attribute declares.
func declared(attribute etree.Attr) (prefix string, declares bool) {
	switch {
	case attribute.Space == "xmlns":
		return attribute.Key, true
	case attribute.Space == "" && attribute.Key == "xmlns":
		return "", true
	default:
		return "", false
	}
}

// scopeOf returns the namespaces in scope around an element.
func scopeOf(element *etree.Element) namespaces {
	var above []*etree.Element
	for at := element.Parent(); at != nil; at = at.Parent() {
		above = append(above, at)
	}
	scope := namespaces{"xml": xmlNamespace}
	for _, at := range slices.Backward(above) {
		scope = scope.with(at)
	}
	return scope
}

// writer writes one canonical form of a tree, without the element to skip.
type canonicalWriter struct {
	form canonical
	skip *etree.Element
	out  bytes.Buffer
}

// element writes an element with everything inside.
func (c canonical) element(element, skip *etree.Element) ([]byte, error) {
	w := canonicalWriter{form: c, skip: skip}
	inherited, err := c.inherited(element)
	if err != nil {
		return nil, err
	}
	err = w.element(element, scopeOf(element), namespaces{"xml": xmlNamespace}, inherited)
	return w.out.Bytes(), err
}

// document writes a whole document: what stands around the root element counts, too (Canonical XML 1.0, 2.1).
func (c canonical) document(document *etree.Document, skip *etree.Element) ([]byte, error) {
	w := canonicalWriter{form: c, skip: skip}
	root, after := document.Root(), false
	for _, token := range document.Child {
		switch one := token.(type) {
		case *etree.Element:
			if one != root {
				return nil, errors.New("the document has two roots")
			}
			if err := w.element(root, namespaces{"xml": xmlNamespace}, namespaces{"xml": xmlNamespace}, nil); err != nil {
				return nil, err
			}
			after = true
		case *etree.ProcInst:
			if one.Target != "xml" {
				w.beside(after, func() { w.instruction(one) })
			}
		case *etree.Comment:
			if c.comments {
				w.beside(after, func() { w.comment(one) })
			}
		}
	}
	return w.out.Bytes(), nil
}

// beside writes something outside of the root: a line feed keeps it apart.
func (w *canonicalWriter) beside(after bool, write func()) {
	if after {
		w.out.WriteByte('\n')
	}
	write()
	if !after {
		w.out.WriteByte('\n')
	}
}

// inherited returns the attributes xml:… of ancestors that the inclusive forms carry over to an element that is written
// without them.
func (c canonical) inherited(element *etree.Element) ([]etree.Attr, error) {
	if c.exclusive {
		return nil, nil
	}
	var all []etree.Attr
	has := func(key string, in []etree.Attr) bool {
		return slices.ContainsFunc(in, func(a etree.Attr) bool { return a.Space == "xml" && a.Key == key })
	}
	for at := element.Parent(); at != nil; at = at.Parent() {
		for _, attribute := range at.Attr {
			if attribute.Space != "xml" || has(attribute.Key, all) || has(attribute.Key, element.Attr) && attribute.Key != "base" {
				continue
			}
			if c.eleven && attribute.Key == "base" {
				return nil, errors.New("xml:base above what is signed is not supported with Canonical XML 1.1")
			}
			if c.eleven && attribute.Key == "id" || has(attribute.Key, element.Attr) {
				continue
			}
			all = append(all, attribute)
		}
	}
	return all, nil
}

func (w *canonicalWriter) element(element *etree.Element, scope, rendered namespaces, inherited []etree.Attr) error {
	if element == w.skip {
		return nil
	}
	scope = scope.with(element)
	name := qualified(element.Space, element.Tag)
	if _, bound := scope[element.Space]; !bound && element.Space != "" {
		return fmt.Errorf("the prefix %q is not declared", clean(element.Space, 50))
	}
	w.out.WriteString("<" + name)
	rendered, err := w.namespaces(element, scope, rendered)
	if err != nil {
		return err
	}
	attributes, err := sortedAttributes(element, scope, inherited)
	if err != nil {
		return err
	}
	for _, attribute := range attributes {
		w.attribute(qualified(attribute.Space, attribute.Key), attribute.Value)
	}
	w.out.WriteByte('>')
	for _, token := range element.Child {
		switch child := token.(type) {
		case *etree.Element:
			if err := w.element(child, scope, rendered, nil); err != nil {
				return err
			}
		case *etree.CharData:
			escape(&w.out, child.Data, textEscapes)
		case *etree.Comment:
			if w.form.comments {
				w.comment(child)
			}
		case *etree.ProcInst:
			w.instruction(child)
		}
	}
	w.out.WriteString("</" + name + ">")
	return nil
}

// namespaces writes the declarations that an element needs and returns what is declared inside it.
func (w *canonicalWriter) namespaces(element *etree.Element, scope, rendered namespaces) (namespaces, error) {
	needed := map[string]bool{}
	if w.form.exclusive {
		needed[element.Space] = true
		for _, attribute := range element.Attr {
			if _, declares := declared(attribute); !declares && attribute.Space != "" {
				needed[attribute.Space] = true
			}
		}
		for _, prefix := range w.form.prefixes {
			if prefix == "#default" {
				prefix = ""
			}
			if _, bound := scope[prefix]; bound {
				needed[prefix] = true
			}
		}
	} else {
		for prefix := range scope {
			needed[prefix] = true
		}
	}
	inside := rendered
	for _, prefix := range sortedPrefixes(needed) {
		name := scope[prefix]
		if name == "" && prefix != "" {
			return nil, fmt.Errorf("the prefix %q is declared with no name", clean(prefix, 50))
		}
		if prefix == "xml" || rendered[prefix] == name {
			continue // the empty default namespace is written only where another one has to end
		}
		if prefix == "" {
			w.attribute("xmlns", name)
		} else {
			w.attribute("xmlns:"+prefix, name)
		}
		if len(inside) == len(rendered) {
			copied := make(namespaces, len(rendered)+1)
			for p, n := range rendered {
				copied[p] = n
			}
			inside = copied
		}
		inside[prefix] = name
	}
	return inside, nil
}

func sortedPrefixes(set map[string]bool) []string {
	all := make([]string, 0, len(set))
	for prefix := range set {
		all = append(all, prefix)
	}
	slices.Sort(all)
	return all
}

// sortedAttributes returns what is no declaration, by namespace and then by name.
func sortedAttributes(element *etree.Element, scope namespaces, inherited []etree.Attr) ([]etree.Attr, error) {
	var all []etree.Attr
	for _, attribute := range append(slices.Clone(element.Attr), inherited...) {
		if _, declares := declared(attribute); declares {
			continue
		}
		if _, bound := scope[attribute.Space]; !bound && attribute.Space != "" {
			return nil, fmt.Errorf("the prefix %q is not declared", clean(attribute.Space, 50))
		}
		all = append(all, attribute)
	}
	nameOf := func(a etree.Attr) string {
		if a.Space == "" {
			return ""
		}
		return scope[a.Space]
	}
	slices.SortFunc(all, func(a, b etree.Attr) int {
		return cmpOr(strings.Compare(nameOf(a), nameOf(b)), strings.Compare(a.Key, b.Key))
	})
	for i := 1; i < len(all); i++ {
		if all[i].Key == all[i-1].Key && nameOf(all[i]) == nameOf(all[i-1]) {
			return nil, fmt.Errorf("the attribute %q stands there twice", clean(all[i].Key, 50))
		}
	}
	return all, nil
}

func cmpOr(first, second int) int {
	if first != 0 {
		return first
	}
	return second
}

func qualified(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + ":" + name
}

func (w *canonicalWriter) attribute(name, value string) {
	w.out.WriteString(" " + name + `="`)
	escape(&w.out, value, attributeEscapes)
	w.out.WriteByte('"')
}

func (w *canonicalWriter) instruction(one *etree.ProcInst) {
	w.out.WriteString("<?" + one.Target)
	if one.Inst != "" {
		w.out.WriteString(" " + one.Inst)
	}
	w.out.WriteString("?>")
}

func (w *canonicalWriter) comment(one *etree.Comment) { w.out.WriteString("<!--" + one.Data + "-->") }

var (
	textEscapes      = map[byte]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#xD;"}
	attributeEscapes = map[byte]string{'&': "&amp;", '<': "&lt;", '"': "&quot;", '\t': "&#x9;", '\n': "&#xA;", '\r': "&#xD;"}
)

func escape(out *bytes.Buffer, text string, escapes map[byte]string) {
	from := 0
	for i := range len(text) {
		if escaped, found := escapes[text[i]]; found {
			out.WriteString(text[from:i] + escaped)
			from = i + 1
		}
	}
	out.WriteString(text[from:])
}

package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
)

// maxPayload is the most bytes that an input or an output may have.
const maxPayload = 256 << 10

// mapping builds a JSON object from the fields of a node's configuration.
type mapping struct {
	fields []field
	reads  readSet
}

type field struct {
	name    string
	prefix  []byte // `"name":`, behind a comma unless it is the first
	literal []byte // the value itself, when it depends on nothing
	value   *evaluator
}

// compileMapping prepares fields, in the order of their names so that every result is the same byte by byte.
func compileMapping(fields map[string]json.RawMessage) (*mapping, error) {
	m := &mapping{}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for i, name := range names {
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		f := field{name: name, prefix: append(quoted, ':')}
		if i > 0 {
			f.prefix = append([]byte{','}, f.prefix...)
		}
		if f.value, err = compileValue(fields[name]); err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		if literal(fields[name]) {
			if f.literal, err = f.value.constant(); err != nil {
				return nil, fmt.Errorf("field %q: %w", name, err)
			}
		}
		m.reads.add(f.value.set())
		m.fields = append(m.fields, f)
	}
	return m, nil
}

// compileText prepares a field that is kept as a plain string: a literal, a template or an expression. An empty one gives nil.
func compileText(text string) (*evaluator, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := json.Marshal(text)
	if err != nil {
		return nil, fmt.Errorf("text %q: %w", text, err)
	}
	return compileValue(raw)
}

// literal tells whether a value surely holds neither an expression nor a template nor an escaped "=". It may say no to a value
// that is one.
func literal(raw json.RawMessage) bool {
	return !bytes.Contains(raw, []byte(`"=`)) && !bytes.Contains(raw, []byte(`{{`)) && !bytes.Contains(raw, []byte(`\`))
}

func (m *mapping) set() readSet {
	if m == nil {
		return readSet{}
	}
	return m.reads
}

// names lists the fields.
func (m *mapping) names() []string {
	if m == nil {
		return nil
	}
	names := make([]string, len(m.fields))
	for i := range m.fields {
		names[i] = m.fields[i].name
	}
	return names
}

// eval builds the object. Errors name the field.
func (m *mapping) eval(v *variables) (json.RawMessage, error) {
	b := make([]byte, 0, 256)
	b = append(b, '{')
	for i := range m.fields {
		f := &m.fields[i]
		b = append(b, f.prefix...)
		if f.literal != nil {
			b = append(b, f.literal...)
		} else {
			part, err := f.value.eval(v)
			if err != nil {
				return nil, fmt.Errorf("field %s: %w", f.name, err)
			}
			b = append(b, part...)
		}
		if len(b) > maxPayload {
			return nil, fmt.Errorf("field %s: %w", f.name, errTooLarge)
		}
	}
	return append(b, '}'), nil
}

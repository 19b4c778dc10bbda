package worker

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// hosted is a node with what the host needs to run it.
type hosted struct {
	node       sdk.Node
	descriptor wire.Descriptor
	input      *validator.Schema
	output     *validator.Schema
}

func host(node sdk.Node) (*hosted, error) {
	descriptor, err := Describe(node)
	if err != nil {
		return nil, err
	}
	h := &hosted{node: node, descriptor: descriptor}
	if h.input, err = compile(descriptor.InputSchema); err != nil {
		return nil, fmt.Errorf("input schema of %s: %w", node.Type(), err)
	}
	if h.output, err = compile(descriptor.OutputSchema); err != nil {
		return nil, fmt.Errorf("output schema of %s: %w", node.Type(), err)
	}
	return h, nil
}

// Describe completes a node's descriptor: schemas from its Go types, and the hash.
func Describe(node sdk.Node) (wire.Descriptor, error) {
	descriptor := node.Descriptor
	var err error
	if descriptor.InputSchema, err = schemaOf(node.Input); err != nil {
		return descriptor, fmt.Errorf("input of %s: %w", node.Type(), err)
	}
	if descriptor.OutputSchema, err = schemaOf(node.Output); err != nil {
		return descriptor, fmt.Errorf("output of %s: %w", node.Type(), err)
	}
	descriptor.Hash = ""
	canonical, err := json.Marshal(descriptor)
	if err != nil {
		return descriptor, err
	}
	sum := sha256.Sum256(canonical)
	descriptor.Hash = hex.EncodeToString(sum[:])
	return descriptor, nil
}

// schemaOf makes the JSON Schema (2020-12) of a Go type. Field tags title, title_ru, doc and doc_ru become title, x-title-ru,
// description and x-description-ru.
func schemaOf(t reflect.Type) (json.RawMessage, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Map || t.Kind() == reflect.Interface {
		return json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}`), nil
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a struct", t)
	}
	if err := refuseRecursion(t, nil); err != nil {
		return nil, err
	}
	reflector := &jsonschema.Reflector{Anonymous: true, DoNotReference: true, ExpandedStruct: true, Mapper: mapType}
	schema := reflector.ReflectFromType(t)
	addTexts(schema, t, 0)
	raw, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, err
	}
	return compact.Bytes(), nil
}

var (
	fileType = reflect.TypeFor[sdk.File]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// mapType gives the types that have a form of their own.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case fileType:
		properties := jsonschema.NewProperties()
		properties.Set("$file", &jsonschema.Schema{Type: "string", Pattern: "^sha256:[0-9a-f]{64}$"})
		properties.Set("name", &jsonschema.Schema{Type: "string"})
		properties.Set("size", &jsonschema.Schema{Type: "integer"})
		properties.Set("media_type", &jsonschema.Schema{Type: "string"})
		return &jsonschema.Schema{Type: "object", Format: "file", Properties: properties, Required: []string{"$file"}}
	case rawType:
		return &jsonschema.Schema{}
	default:
		return nil
	}
}

// refuseRecursion refuses a type that contains itself: its schema is written out in full, and a form can't be drawn for it.
func refuseRecursion(t reflect.Type, above []reflect.Type) error {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		if t == rawType {
			return nil
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	if slices.Contains(above, t) {
		return fmt.Errorf("%s contains itself", t)
	}
	above = append(above, t)
	for field := range t.Fields() {
		if err := refuseRecursion(field.Type, above); err != nil {
			return err
		}
	}
	return nil
}

func addTexts(schema *jsonschema.Schema, t reflect.Type, depth int) {
	if schema == nil || depth > 8 {
		return
	}
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if t.Kind() == reflect.Slice {
			schema = schema.Items
			if schema == nil {
				return
			}
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || schema.Properties == nil {
		return
	}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" && field.Anonymous {
			addTexts(schema, field.Type, depth+1) // its fields are fields of this object
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		property, found := schema.Properties.Get(name)
		if !found {
			continue
		}
		set := func(key, value string) {
			if value == "" {
				return
			}
			if property.Extras == nil {
				property.Extras = map[string]any{}
			}
			property.Extras[key] = value
		}
		if title := field.Tag.Get("title"); title != "" {
			property.Title = title
		}
		if doc := field.Tag.Get("doc"); doc != "" {
			property.Description = doc
		}
		set("x-title-ru", field.Tag.Get("title_ru"))
		set("x-description-ru", field.Tag.Get("doc_ru"))
		addTexts(property, field.Type, depth+1)
	}
}

// noLoader refuses references that leave the schema.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s: schemas are not loaded", url)
}

func compile(raw json.RawMessage) (*validator.Schema, error) {
	document, err := validator.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	compiler := validator.NewCompiler()
	compiler.UseLoader(noLoader{})
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", document); err != nil {
		return nil, err
	}
	return compiler.Compile("schema.json")
}

// violations says in a few words where a value breaks a schema; empty when it does not.
func violations(schema *validator.Schema, raw json.RawMessage) string {
	value, err := validator.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return "not JSON: " + err.Error()
	}
	err = schema.Validate(value)
	if err == nil {
		return ""
	}
	lines := slices.DeleteFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return !strings.HasPrefix(strings.TrimSpace(line), "- ") })
	for i := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimSpace(lines[i]), "- ")
	}
	if len(lines) == 0 {
		return err.Error()
	}
	if len(lines) > 5 {
		lines = append(lines[:5], "…")
	}
	return strings.Join(lines, "; ")
}

// Package sdk is the contract that a developer writes worker nodes against: a typed function and a descriptor. It knows
// nothing of queues, engines or HTTP, and imports only the standard library and wire.
package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Node is a node type with its handler. Make one with Define.
type Node struct {
	Descriptor wire.Descriptor // without schemas and hash, which the host adds
	Input      reflect.Type
	Output     reflect.Type
	run        func(ctx context.Context, input json.RawMessage) (json.RawMessage, error)
}

// Type returns name@major.
func (n Node) Type() string { return fmt.Sprintf("%s@%d", n.Descriptor.Name, n.Descriptor.Major) }

// Run decodes the input, calls the handler and encodes its output. An input that does not fit is a permanent error with
// the code INPUT_INVALID.
func (n Node) Run(ctx context.Context, input json.RawMessage) (json.RawMessage, error) {
	return n.run(ctx, input)
}

// Option describes a node type.
type Option func(*wire.Descriptor)

var validName = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)*$`)

// Define makes a node type from a typed handler. I and O are structs; their JSON Schemas come from their fields and tags:
//
//	File   sdk.File `json:"file" title:"File" title_ru:"Файл" doc:"What to inspect." doc_ru:"Что проверить."`
//	Strict bool     `json:"strict,omitempty" jsonschema:"default=false"`
//
// A field is required unless its json tag has omitempty; a pointer without omitempty must not be nil in an output. Nil slices
// and maps of an output are written as empty ones, as its schema has them. Define panics on a name that is not lower-case words joined by
// dots, and on a major below 1: both are mistakes in the program.
func Define[I, O any](name string, major int, handler func(context.Context, I) (O, error), options ...Option) Node {
	if !validName.MatchString(name) || major < 1 {
		panic(fmt.Sprintf("sdk: %s@%d is no node type: lower-case words joined by dots, major from 1", name, major))
	}
	node := Node{
		Descriptor: wire.Descriptor{Name: name, Major: major, Title: wire.Text{EN: name, RU: name}, Icon: "box",
			Category: wire.Text{EN: "Other", RU: "Прочее"}},
		Input: reflect.TypeFor[I](), Output: reflect.TypeFor[O](),
	}
	for _, option := range options {
		option(&node.Descriptor)
	}
	lists := hasLists(node.Output, 0)
	node.run = func(ctx context.Context, raw json.RawMessage) (json.RawMessage, error) {
		var input I
		if len(bytes.TrimSpace(raw)) > 0 {
			if err := json.Unmarshal(raw, &input); err != nil {
				return nil, &Error{Class: wire.ErrorPermanent, Code: CodeInputInvalid, Message: "the input does not fit the node: " + err.Error(), Err: err}
			}
		}
		output, err := handler(ctx, input)
		if err != nil {
			return nil, err
		}
		if lists {
			fillLists(reflect.ValueOf(&output), 0)
		}
		encoded, err := json.Marshal(output)
		if err != nil {
			return nil, &Error{Class: wire.ErrorPermanent, Code: CodeOutputInvalid, Message: "the output has no JSON form: " + err.Error(), Err: err}
		}
		return encoded, nil
	}
	return node
}

// Title names the node in the palette.
func Title(en, ru string) Option {
	return func(d *wire.Descriptor) { d.Title = wire.Text{EN: en, RU: ru} }
}

// Doc explains the node, in Markdown.
func Doc(en, ru string) Option { return func(d *wire.Descriptor) { d.Doc = wire.Text{EN: en, RU: ru} } }

// Category is the palette's heading that the node stands under.
func Category(en, ru string) Option {
	return func(d *wire.Descriptor) { d.Category = wire.Text{EN: en, RU: ru} }
}

// Icon is the name of a Tabler icon, e.g. "shield-check".
func Icon(name string) Option { return func(d *wire.Descriptor) { d.Icon = name } }

// SideEffects marks a node that changes the world; tests of drafts mock it.
func SideEffects() Option { return func(d *wire.Descriptor) { d.SideEffects = true } }

// Answers documents a business error that the handler may return.
func Answers(code, en, ru string) Option {
	return func(d *wire.Descriptor) {
		d.Errors = append(d.Errors, wire.ErrorCode{Code: code, Title: wire.Text{EN: en, RU: ru}})
	}
}

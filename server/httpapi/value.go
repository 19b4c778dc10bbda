package httpapi

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// Object is a JSON object kept as it came: numbers keep their digits, nothing is reordered.
type Object json.RawMessage

// Schema says that any object is meant.
func (Object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// MarshalJSON returns the bytes; an empty one is {}.
func (o Object) MarshalJSON() ([]byte, error) {
	if len(o) == 0 {
		return []byte("{}"), nil
	}
	return o, nil
}

// UnmarshalJSON keeps a copy of the bytes.
func (o *Object) UnmarshalJSON(raw []byte) error {
	*o = append((*o)[:0], raw...)
	return nil
}

// Document is a graph document kept as it came. The designer's codec, not this package, decides whether it is one.
type Document json.RawMessage

// Schema refers to the graph model.
func (Document) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[graph.Document](), true, "")
}

// MarshalJSON returns the bytes.
func (d Document) MarshalJSON() ([]byte, error) {
	if len(d) == 0 {
		return []byte("null"), nil
	}
	return d, nil
}

// UnmarshalJSON keeps a copy of the bytes.
func (d *Document) UnmarshalJSON(raw []byte) error {
	*d = append((*d)[:0], raw...)
	return nil
}

// Text is a text in both languages of the product.
type Text struct {
	EN string `json:"en"`
	RU string `json:"ru"`
}

// Page is one answer of a list: a part of a total order, and where it goes on.
type Page[T any] struct {
	Items      []T
	NextCursor string
}

// Paging is how a list is asked for.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the answer before; absent for the first page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most items in the answer"`
}

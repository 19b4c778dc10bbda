// Package codec reads graph documents that people and other programs send, strictly and within bounds, and writes them in one
// canonical form, of which the checksum of a version is made.
//
// It is pure. What a document means is not its business: designer/validate says whether it can run.
package codec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/fault"
)

// The bounds of a document.
const (
	MaxBytes  = 1 << 20
	MaxNodes  = 5_000
	MaxEdges  = 20_000
	MaxNotes  = 1_000
	MaxFrames = 1_000
	MaxDepth  = 64
)

// The codes of issues, besides those of strictjson.
const (
	CodeUnknownField = "document.unknown_field"
	CodeMissing      = "document.missing_field"
	CodeType         = "document.wrong_type"
	CodeSchema       = "document.schema"
	CodeTooMany      = "document.too_many"
)

// Decode reads a document. Whatever is not a graph.Document to the letter is refused: unknown fields, names in another case, null,
// names twice, broken text, too much. It returns either a document or issues, whose paths are JSON pointers into the document.
func Decode(raw []byte) (*graph.Document, []fault.Issue) {
	if issue := strictjson.Check(raw, strictjson.Limits{Bytes: MaxBytes, Depth: MaxDepth}); issue != nil {
		return nil, []fault.Issue{*issue}
	}
	if issues := checkShape(raw); len(issues) > 0 {
		return nil, issues
	}
	var doc graph.Document
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, []fault.Issue{{Code: CodeType, Message: "the document can't be read"}}
	}
	if issues := checkBounds(&doc); len(issues) > 0 {
		return nil, issues
	}
	return &doc, nil
}

func checkBounds(doc *graph.Document) []fault.Issue {
	if doc.Schema != graph.SchemaVersion {
		return []fault.Issue{{Code: CodeSchema, Path: "/schema", Message: fmt.Sprintf("this release reads documents of schema %d", graph.SchemaVersion),
			Params: map[string]any{"want": graph.SchemaVersion, "got": doc.Schema}}}
	}
	var issues []fault.Issue
	for _, list := range []struct {
		path    string
		has, to int
	}{
		{"/nodes", len(doc.Nodes), MaxNodes},
		{"/edges", len(doc.Edges), MaxEdges},
		{"/notes", len(doc.Notes), MaxNotes},
		{"/layout/frames", len(doc.Layout.Frames), MaxFrames},
	} {
		if list.has > list.to {
			issues = append(issues, fault.Issue{Code: CodeTooMany, Path: list.path, Message: fmt.Sprintf("%d entries are more than %d", list.has, list.to),
				Params: map[string]any{"has": list.has, "limit": list.to}})
		}
	}
	return issues
}

// Encode writes a document in canonical form: names sorted, no blanks, no HTML escapes, lists as they are, numbers as they were
// written. Equal documents give equal bytes. The raw values in the document must be JSON, as those of Decode are.
func Encode(doc *graph.Document) []byte {
	whole := *doc
	if whole.Nodes == nil {
		whole.Nodes = []graph.Node{}
	}
	if whole.Edges == nil {
		whole.Edges = []graph.Edge{}
	}
	decoder := json.NewDecoder(bytes.NewReader(marshal(whole)))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil {
		panic(fmt.Errorf("codec: decode what was just encoded: %w", err))
	}
	return marshal(members)
}

func marshal(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("codec: a document holds a value that is not JSON: %w", err))
	}
	return bytes.TrimRight(buffer.Bytes(), "\n")
}

// Checksum returns the SHA-256, in hexadecimal, of the canonical form without layout, notes and extensions: what changes it
// changes what the process does.
func Checksum(doc *graph.Document) string {
	meaning := *doc
	meaning.Layout, meaning.Notes, meaning.Extensions = graph.Layout{}, nil, nil
	sum := sha256.Sum256(Encode(&meaning))
	return hex.EncodeToString(sum[:])
}

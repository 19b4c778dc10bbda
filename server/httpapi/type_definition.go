package httpapi

import (
	"encoding/json"
	"time"
)

// NodeType is an entry of the catalog: what a service task can call.
type NodeType struct {
	Type         string      `json:"type" example:"document.inspect@1" doc:"name@major"`
	Name         string      `json:"name"`
	Major        int         `json:"major"`
	Title        Text        `json:"title"`
	Doc          Text        `json:"doc"`
	Category     Text        `json:"category"`
	Icon         string      `json:"icon" doc:"A Tabler icon name"`
	InputSchema  Object      `json:"input_schema" doc:"JSON Schema 2020-12"`
	OutputSchema Object      `json:"output_schema" doc:"JSON Schema 2020-12"`
	Errors       []ErrorCode `json:"errors" doc:"Business errors it may answer with"`
	SideEffects  bool        `json:"side_effects"`
	Pool         string      `json:"pool" doc:"The pool whose workers serve it"`
	Live         bool        `json:"live" doc:"A worker that serves it is alive"`
	Refusals     []Refusal   `json:"refusals" doc:"Announcements of this type that were not accepted"`
}

// ErrorCode documents one business error.
type ErrorCode struct {
	Code  string `json:"code"`
	Title Text   `json:"title"`
}

// Refusal is an announced node type that the catalog did not accept, and why.
type Refusal struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

// DefinitionSummary is a row of the list of definitions.
type DefinitionSummary struct {
	Key           string    `json:"key"`
	Title         string    `json:"title"`
	Latest        int       `json:"latest" doc:"Number of the version that starts run; 0 when none is published"`
	DraftRevision int64     `json:"draft_revision"`
	Unpublished   bool      `json:"unpublished" doc:"The draft differs from the latest version"`
	Running       int       `json:"running" doc:"Processes that have not ended"`
	Incidents     int       `json:"incidents" doc:"Open incidents of its processes"`
	UpdatedAt     time.Time `json:"updated_at"`
	UpdatedBy     string    `json:"updated_by"`
}

// Definition is one definition.
type Definition struct {
	DefinitionSummary
	VersionsCount int `json:"versions_count"`
}

// Draft is the mutable document of a definition.
type Draft struct {
	Document  Document  `json:"document"`
	Revision  int64     `json:"revision" doc:"Grows with each save; the ETag in quotes"`
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by"`
	Issues    []Issue   `json:"issues"`
}

// SavedDraft answers a save.
type SavedDraft struct {
	Revision  int64     `json:"revision"`
	UpdatedAt time.Time `json:"updated_at"`
	Issues    []Issue   `json:"issues"`
}

// Version is a published, immutable graph.
type Version struct {
	Number      int       `json:"number"`
	Note        string    `json:"note"`
	Checksum    string    `json:"checksum" doc:"SHA-256 over the document without layout, notes and extensions"`
	PublishedAt time.Time `json:"published_at"`
	PublishedBy string    `json:"published_by"`
	Running     int       `json:"running" doc:"Processes of this version that have not ended"`
	Incidents   int       `json:"incidents" doc:"Open incidents of its processes"`
	Latest      bool      `json:"latest" doc:"Starts without a version run this one"`
}

// VersionDetail is a version with its graph and the node types it was published with.
type VersionDetail struct {
	Version
	Document  Document        `json:"document"`
	NodeTypes []NodeType      `json:"node_types"`
	Mocks     map[string]Mock `json:"mocks,omitempty" doc:"Of a test: what nodes give instead of what they do"`
}

// ExpressionContext is the data that a previewed value may read.
type ExpressionContext struct {
	Input   json.RawMessage            `json:"input,omitempty"`
	Tasks   map[string]json.RawMessage `json:"tasks,omitempty" doc:"Node id → its latest output"`
	Process json.RawMessage            `json:"process,omitempty"`
	Item    json.RawMessage            `json:"item,omitempty"`
	Error   json.RawMessage            `json:"error,omitempty"`
	Result  json.RawMessage            `json:"result,omitempty"`
}

// ExpressionError is why a value cannot be computed.
type ExpressionError struct {
	Code     string `json:"code" example:"expr.syntax"`
	Message  string `json:"message"`
	Position int    `json:"position" doc:"Offset in bytes into the expression's source; -1 when unknown"`
}

// TriedDecision is what a decision table says of given inputs.
type TriedDecision struct {
	Hits   []int           `json:"hits" doc:"The rules that hold, from 0, also those that do not count"`
	Output json.RawMessage `json:"output,omitempty" doc:"What the table gives"`
	Error  string          `json:"error,omitempty" doc:"Why it gives nothing"`
}

// FileRef is how JSON data names a stored file.
type FileRef struct {
	File      string `json:"$file" example:"sha256:9f86d0…" doc:"Content address"`
	Name      string `json:"name"`
	Size      int64  `json:"size" doc:"Bytes"`
	MediaType string `json:"media_type"`
}

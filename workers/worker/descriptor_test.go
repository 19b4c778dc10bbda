package worker_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

type described struct {
	common
	File  sdk.File `json:"file" title:"File" title_ru:"Файл" doc:"What to read." doc_ru:"Что читать."`
	Kind  string   `json:"kind,omitempty" jsonschema:"enum=sale,enum=gift,default=sale"`
	Count int      `json:"count,omitempty" jsonschema:"minimum=1,maximum=9"`
	Lines []line   `json:"lines,omitempty"`
}

// common is what several inputs share.
type common struct {
	Note string `json:"note,omitempty" title:"Note" title_ru:"Примечание"`
}

type line struct {
	Price string `json:"price" title:"Price" title_ru:"Цена" jsonschema:"format=decimal"`
}

func identity[T any](_ context.Context, in T) (T, error) { return in, nil }

func TestSchemasComeFromTypesAndTags(t *testing.T) {
	d, err := worker.Describe(sdk.Define("test.described", 2, identity[described]))
	require.NoError(t, err)
	require.JSONEq(t, `{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false, "required": ["file"],
		"properties": {
			"note": {"type": "string", "title": "Note", "x-title-ru": "Примечание"},
			"file": {"type": "object", "format": "file", "title": "File", "x-title-ru": "Файл", "description": "What to read.", "x-description-ru": "Что читать.",
				"required": ["$file"], "properties": {"$file": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}, "name": {"type": "string"},
				"size": {"type": "integer"}, "media_type": {"type": "string"}}},
			"kind": {"type": "string", "enum": ["sale", "gift"], "default": "sale"},
			"count": {"type": "integer", "minimum": 1, "maximum": 9},
			"lines": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["price"],
				"properties": {"price": {"type": "string", "format": "decimal", "title": "Price", "x-title-ru": "Цена"}}}}
		}}`, string(d.InputSchema))
	require.Len(t, d.Hash, 64)

	again, err := worker.Describe(sdk.Define("test.described", 2, identity[described]))
	require.NoError(t, err)
	require.Equal(t, d.Hash, again.Hash, "the same type has the same hash in every process")
	other, err := worker.Describe(sdk.Define("test.described", 2, identity[described], sdk.Title("Other", "Другой")))
	require.NoError(t, err)
	require.NotEqual(t, d.Hash, other.Hash)
}

type tree struct {
	Children []*tree `json:"children"`
}

func TestTypesWithoutAFormAreRefused(t *testing.T) {
	_, err := worker.Describe(sdk.Define("test.tree", 1, identity[tree]))
	require.ErrorContains(t, err, "contains itself")
	_, err = worker.Describe(sdk.Define("test.number", 1, identity[int]))
	require.ErrorContains(t, err, "not a struct")
	d, err := worker.Describe(sdk.Define("test.anything", 1, identity[map[string]any]))
	require.NoError(t, err)
	require.Contains(t, string(d.InputSchema), `"type":"object"`)
}

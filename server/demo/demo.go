// Package demo holds what `dev` shows at its first start: two published definitions, one ended process and one running.
//
// It knows the product only by the interface Product, and no package of it.
package demo

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed definition file
var content embed.FS

// Definition is one to publish.
type Definition struct {
	Key      string
	Title    string
	Note     string   // of its first version
	Types    []string // node types (name@major) that it calls
	Document []byte
}

// File is one to upload.
type File struct {
	Name      string
	MediaType string
	Content   []byte
}

// Start is a process to start. The same IdempotencyKey starts it once.
type Start struct {
	Definition     string
	CustomID       string
	Input          json.RawMessage
	IdempotencyKey string
}

// Product is what seeding does with the product.
type Product interface {
	// Seeded reports whether an earlier start seeded everything.
	Seeded(ctx context.Context) (bool, error)
	// AwaitTypes returns once workers announced the node types.
	AwaitTypes(ctx context.Context, types []string) error
	// Publish makes the definition and its first version; one that is published already is left alone.
	Publish(ctx context.Context, definition Definition) error
	// Upload stores a file and returns what an input names it with.
	Upload(ctx context.Context, file File) (json.RawMessage, error)
	Start(ctx context.Context, start Start) error
	MarkSeeded(ctx context.Context) error
}

// Definitions returns the examples.
func Definitions() []Definition {
	return []Definition{
		{
			Key: "document-check", Title: "Document check", Note: "The first version",
			Types: []string{"document.inspect@1", "mail.send@1"}, Document: read("definition/document-check.json"),
		},
		{
			Key: "demo-walk", Title: "A walk with a long step", Note: "The first version",
			Types: []string{"demo.step@1"}, Document: read("definition/demo-walk.json"),
		},
	}
}

// Files returns an application and a document that are in order.
func Files() (application, document File) {
	return File{Name: "application.xml", MediaType: "text/xml", Content: read("file/application.xml")},
		File{Name: "lease.pdf", MediaType: "application/pdf", Content: read("file/lease.pdf")}
}

func read(name string) []byte {
	raw, err := content.ReadFile(name)
	if err != nil {
		panic(err) // embedded above
	}
	return raw
}

// longWalk keeps the running example running while people look around: below the attempt timeout of an hour.
const longWalk = 3000

// Seed publishes the examples and starts a process of each, once in the life of an installation. A start that was cut off
// is made up for by the next.
func Seed(ctx context.Context, product Product) error {
	seeded, err := product.Seeded(ctx)
	if err != nil || seeded {
		return err
	}
	for _, definition := range Definitions() {
		if err := product.AwaitTypes(ctx, definition.Types); err != nil {
			return fmt.Errorf("wait for the node types of %s: %w", definition.Key, err)
		}
		if err := product.Publish(ctx, definition); err != nil {
			return fmt.Errorf("publish %s: %w", definition.Key, err)
		}
	}
	if err := startExamples(ctx, product); err != nil {
		return err
	}
	return product.MarkSeeded(ctx)
}

func startExamples(ctx context.Context, product Product) error {
	input := map[string]any{"applicant": "Anna Petrova", "email": "anna.petrova@example.org"}
	application, document := Files()
	for field, file := range map[string]File{"application": application, "document": document} {
		ref, err := product.Upload(ctx, file)
		if err != nil {
			return fmt.Errorf("upload %s: %w", file.Name, err)
		}
		input[field] = ref
	}
	for _, start := range []struct {
		definition, customID string
		input                map[string]any
	}{
		{"document-check", "2026-1001", input},
		{"demo-walk", "walk-1", map[string]any{"seconds": longWalk}},
	} {
		raw, err := json.Marshal(start.input)
		if err != nil {
			return err
		}
		err = product.Start(ctx, Start{Definition: start.definition, CustomID: start.customID, Input: raw, IdempotencyKey: "example"})
		if err != nil {
			return fmt.Errorf("start %s: %w", start.definition, err)
		}
	}
	return nil
}

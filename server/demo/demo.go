// Package demo holds what `dev` shows at its first start: the processes of a land registry and two small examples, published, with
// processes that ended, run, wait for people, and one that is to be mended.
//
// It knows the product only by the interface Product, and no package of it but paper.
package demo

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/server/demo/paper"
)

//go:embed definition file
var content embed.FS

// SeedFile is where dev keeps the seed of its papers, in its data folder. It is drawn, because a trust store follows from it.
const SeedFile = "demo.seed"

// TokenFile is where dev keeps the API token of its registry, in its data folder: of an account that may start processes.
const TokenFile = "registry.token"

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
	// AskForVerdict lets the registry ask about the n-th package of signed documents, over the bus.
	AskForVerdict(ctx context.Context, n int) error
	MarkSeeded(ctx context.Context) error
}

// Definitions returns the examples in a language, those that are called before their callers.
func Definitions(language Language) []Definition {
	all := []Definition{
		{Key: "signature-check", Title: "Signature check", Types: []string{"signature.verify.cms@1"}},
		{Key: "document-check", Title: "Document check", Types: []string{"document.inspect@1", "document.validate.xml@1", "mail.send@1"}},
		{Key: "registry-request", Title: "Registry information request", Types: []string{"bus.send@1"}},
		{Key: "rights-registration", Title: "Rights registration", Types: []string{"bus.send@1", "document.compose.pdf@1", "mail.send@1"}},
		{Key: "cadastre-signatures", Title: "Signature check for the cadastre", Types: []string{"bus.send@1"}},
		{Key: "quick-check", Title: "Quick check of two documents", Types: []string{"document.inspect@1", "mail.send@1"}},
		{Key: "demo-walk", Title: "A walk with a long step", Types: []string{"demo.step@1"}},
	}
	for i := range all {
		d := &all[i]
		d.Note, d.Document = "The first version", read("definition/"+d.Key+".json")
		if language == Russian {
			d.translate()
		}
	}
	return all
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

// Seed publishes the examples and starts processes of them, once in the life of an installation. A start that was cut off
// is made up for by the next.
func Seed(ctx context.Context, product Product, papers *paper.Maker, language Language) error {
	seeded, err := product.Seeded(ctx)
	if err != nil || seeded {
		return err
	}
	if err := Publish(ctx, product, language); err != nil {
		return err
	}
	if err := startExamples(ctx, product, papers); err != nil {
		return err
	}
	return product.MarkSeeded(ctx)
}

// Publish publishes the examples that are not published yet.
func Publish(ctx context.Context, product Product, language Language) error {
	for _, definition := range Definitions(language) {
		if err := product.AwaitTypes(ctx, definition.Types); err != nil {
			return fmt.Errorf("wait for the node types of %s: %w", definition.Key, err)
		}
		if err := product.Publish(ctx, definition); err != nil {
			return fmt.Errorf("publish %s: %w", definition.Key, err)
		}
	}
	return nil
}

func startExamples(ctx context.Context, product Product, papers *paper.Maker) error {
	application, document := Files()
	broken := File{Name: document.Name, MediaType: document.MediaType, Content: document.Content[:len(document.Content)/3]}
	for _, one := range []struct {
		customID string
		lease    File
	}{{"2026-1001", document}, {MendID, broken}} {
		input := map[string]any{"applicant": "Anna Petrova", "email": "anna.petrova@example.org"}
		for field, file := range map[string]File{"application": application, "document": one.lease} {
			ref, err := product.Upload(ctx, file)
			if err != nil {
				return fmt.Errorf("upload %s: %w", file.Name, err)
			}
			input[field] = ref
		}
		if err := start(ctx, product, "quick-check", one.customID, input); err != nil {
			return err
		}
	}
	if err := start(ctx, product, "demo-walk", "walk-1", map[string]any{"seconds": longWalk}); err != nil {
		return err
	}
	for n, one := range []struct {
		definition string
		flaw       paper.Flaw
	}{{"rights-registration", paper.None}, {"rights-registration", paper.Missing}, {"document-check", paper.WrongXML}} {
		if err := apply(ctx, product, papers, one.definition, 10+n, one.flaw); err != nil {
			return err
		}
	}
	for n := 1; n <= 3; n++ { // the third has a flaw
		if err := product.AskForVerdict(ctx, n); err != nil {
			return fmt.Errorf("ask for a verdict: %w", err)
		}
	}
	return nil
}

// MendID is the customId of the process that stands with an incident: its document is cut off.
const MendID = "2026-1002"

// apply starts an application of the papers.
func apply(ctx context.Context, product Product, papers *paper.Maker, definition string, n int, flaw paper.Flaw) error {
	a, err := papers.Application(n, flaw)
	if err != nil {
		return err
	}
	refs := []json.RawMessage{}
	for _, file := range a.Files {
		ref, err := product.Upload(ctx, File(file))
		if err != nil {
			return fmt.Errorf("upload %s of %s: %w", file.Name, a.Number, err)
		}
		refs = append(refs, ref)
	}
	return start(ctx, product, definition, a.Number, Input(definition, a, refs))
}

// Input is what a definition of the examples takes to begin an application; refs are its files, in their order.
func Input(definition string, a paper.Application, refs []json.RawMessage) map[string]any {
	input := map[string]any{"applicant": a.Applicant, "email": a.Email, "kind": a.Kind}
	if definition == "rights-registration" {
		input["cadastral_number"], input["files"] = a.CadastralNumber, refs
		return input
	}
	var documents []json.RawMessage
	for i, file := range a.Files {
		if !file.Signature() {
			documents = append(documents, refs[i])
		}
	}
	input["files"] = documents
	return input
}

func start(ctx context.Context, product Product, definition, customID string, input map[string]any) error {
	raw, err := json.Marshal(input)
	if err != nil {
		return err
	}
	if err := product.Start(ctx, Start{Definition: definition, CustomID: customID, Input: raw, IdempotencyKey: "example-" + customID}); err != nil {
		return fmt.Errorf("start %s: %w", definition, err)
	}
	return nil
}

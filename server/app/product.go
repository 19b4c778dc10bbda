package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
	"github.com/taskurotta/taskurotta-go/server/files"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// product lets the examples be seeded as a person would make them.
type product struct {
	server   *Server
	registry *registry.Registry // nil: none
}

var _ demo.Product = product{}

const (
	seededKey = "demo.seeded"
	seeder    = "taskurotta"
)

func (p product) Seeded(ctx context.Context) (bool, error) {
	var seeded bool
	err := p.server.DB.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM setting WHERE key = $1)`, seededKey).Scan(&seeded)
	return seeded, err
}

func (p product) MarkSeeded(ctx context.Context) error {
	_, err := p.server.DB.Exec(ctx, `INSERT INTO setting (key, value) VALUES ($1, 'yes') ON CONFLICT (key) DO NOTHING`, seededKey)
	return err
}

// AwaitTypes waits until the worker's announcement has reached the catalog, which takes a second or two.
func (p product) AwaitTypes(ctx context.Context, types []string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		known, err := p.server.Catalog.Types(ctx)
		if err != nil {
			return err
		}
		missing := ""
		for _, name := range types {
			if _, found := known[name]; !found {
				missing = name
			}
		}
		if missing == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no worker announced %s: %w", missing, ctx.Err())
		case <-poll.C:
		}
	}
}

func (p product) Publish(ctx context.Context, d demo.Definition) error {
	definition, err := p.server.Designer.Get(ctx, d.Key)
	if fault.Is(err, fault.NotFound) {
		definition, err = p.server.Designer.Create(ctx, seeder, d.Key, d.Title, d.Document)
	}
	if err != nil || definition.Latest > 0 {
		return err
	}
	_, err = p.server.Designer.Publish(ctx, seeder, d.Key, 0, d.Note)
	if refused := fault.As(err); refused != nil {
		for _, issue := range refused.Issues {
			err = fmt.Errorf("%w; %s %s %s", err, issue.Code, issue.Path, issue.Message)
		}
	}
	return err
}

// AskForVerdict does nothing where the worker is told of another registry.
func (p product) AskForVerdict(ctx context.Context, n int) error {
	if p.registry == nil {
		return nil
	}
	_, err := p.registry.AskForVerdict(ctx, n)
	return err
}

func (p product) Upload(ctx context.Context, file demo.File) (json.RawMessage, error) {
	account, err := p.server.Auth.EnsureAccount(ctx, "admin", "Administrator", []auth.Role{auth.Admin})
	if err != nil {
		return nil, err
	}
	meta, err := p.server.Files.Save(ctx, files.Owner{User: account.ID}, file.Name, bytes.NewReader(file.Content))
	if err != nil {
		return nil, err
	}
	return json.Marshal(apiFile(meta))
}

// Start grants every file that the input names: the examples' inputs are made by Upload.
func (p product) Start(ctx context.Context, s demo.Start) error {
	engineView := engineAPI{engine: p.server.Engine}
	_, err := engineView.StartProcess(ctx, httpapi.StartProcess{
		Actor: seeder, Definition: s.Definition, CustomID: s.CustomID, Input: s.Input, IdempotencyKey: s.IdempotencyKey, Files: filesIn(s.Input),
	})
	return err
}

// filesIn returns the files that an input names.
func filesIn(input json.RawMessage) []httpapi.FileRef {
	files, _ := schema.Files(input) // what is none gives no right
	return mapped(files, func(f schema.File) httpapi.FileRef { return httpapi.FileRef{File: "sha256:" + f.Digest, Name: f.Name} })
}

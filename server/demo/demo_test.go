package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
)

func TestMain(m *testing.M) {
	documentinspect.RunChild()
	os.Exit(m.Run())
}

func TestDocumentsAreWhole(t *testing.T) {
	for _, definition := range demo.Definitions(demo.English) {
		decoder := json.NewDecoder(bytes.NewReader(definition.Document))
		decoder.DisallowUnknownFields()
		var document graph.Document
		require.NoError(t, decoder.Decode(&document), definition.Key)
		nodes, types := map[string]bool{}, map[string]bool{}
		for _, node := range document.Nodes {
			nodes[node.ID] = true
			if node.Boundary == nil { // those stand on the border of their activity
				require.Contains(t, document.Layout.Nodes, node.ID, "%s: every node has its place", definition.Key)
			}
			if node.Service != nil {
				types[node.Service.Type] = true
			}
		}
		for _, edge := range document.Edges {
			require.True(t, nodes[edge.From] && nodes[edge.To], "%s: %s", definition.Key, edge.ID)
		}
		require.Len(t, definition.Types, len(types))
		for _, name := range definition.Types {
			require.True(t, types[name], "%s does not call %s", definition.Key, name)
		}
	}
}

// TestTheSchemaInTheDefinitionIsThatOfThePapers: the definition holds a copy, as an analyst would paste it.
func TestTheSchemaInTheDefinitionIsThatOfThePapers(t *testing.T) {
	for _, definition := range demo.Definitions(demo.English) {
		if definition.Key != "document-check" {
			continue
		}
		var document graph.Document
		require.NoError(t, json.Unmarshal(definition.Document, &document))
		for _, node := range document.Nodes {
			if node.ID == "validate" {
				var text string
				require.NoError(t, json.Unmarshal(node.Service.Input["schema_text"], &text))
				require.Equal(t, string(paper.Schema()), text)
				return
			}
		}
	}
	t.Fatal("no step holds the application to its schema")
}

func TestTheFilesPassTheCheck(t *testing.T) {
	application, document := demo.Files()
	for _, file := range []demo.File{application, document} {
		host := &sdktest.Host{}
		in := documentinspect.Input{File: host.AddFile(file.Name, file.MediaType, file.Content), Strict: true, Accept: []string{file.MediaType}}
		out, err := sdktest.Call[documentinspect.Output](t, documentinspect.Node, host, in)
		require.NoError(t, err, file.Name)
		require.True(t, out.Valid, "%s: %v", file.Name, out.Problems)
		require.Empty(t, out.Problems, file.Name)
	}
}

// product records what is done with it, and fails where it is told to.
type product struct {
	done    []string
	inputs  map[string]json.RawMessage // by customId
	seeded  bool
	failing string
}

func (p *product) do(what string) error {
	if what == p.failing {
		return errors.New("the power is cut")
	}
	p.done = append(p.done, what)
	return nil
}

func (p *product) Seeded(context.Context) (bool, error) { return p.seeded, nil }
func (p *product) AwaitTypes(_ context.Context, types []string) error {
	return p.do("await " + types[0])
}
func (p *product) Publish(_ context.Context, d demo.Definition) error {
	return p.do("publish " + d.Key)
}
func (p *product) Upload(_ context.Context, f demo.File) (json.RawMessage, error) {
	return json.Marshal(sdk.File{Ref: "sha256:" + f.Name, Name: f.Name})
}

func (p *product) Start(_ context.Context, s demo.Start) error {
	p.inputs[s.CustomID] = s.Input
	return p.do("start " + s.Definition + " " + s.CustomID + " " + s.IdempotencyKey)
}

func (p *product) AskForVerdict(_ context.Context, n int) error {
	return p.do(fmt.Sprintf("ask %d", n))
}

func (p *product) MarkSeeded(context.Context) error {
	p.seeded = true
	return nil
}

var everything = []string{
	"await signature.verify.cms@1", "publish signature-check", "await document.inspect@1", "publish document-check", "await bus.send@1", "publish registry-request",
	"await bus.send@1", "publish rights-registration", "await bus.send@1", "publish cadastre-signatures", "await document.inspect@1", "publish quick-check",
	"await demo.step@1", "publish demo-walk",
	"start quick-check 2026-1001 example-2026-1001", "start quick-check 2026-1002 example-2026-1002", "start demo-walk walk-1 example-walk-1",
	"start rights-registration 2026-1010 example-2026-1010", "start rights-registration 2026-1011 example-2026-1011", "start document-check 2026-1012 example-2026-1012",
	"ask 1", "ask 2", "ask 3",
}

func TestSeedingHappensOnce(t *testing.T) {
	p := &product{inputs: map[string]json.RawMessage{}}
	require.NoError(t, demo.Seed(t.Context(), p, paper.New(1), demo.English))
	require.Equal(t, everything, p.done)
	var quick struct{ Application, Document sdk.File }
	require.NoError(t, json.Unmarshal(p.inputs["2026-1001"], &quick))
	require.Equal(t, "application.xml", quick.Application.Name)
	require.Equal(t, "lease.pdf", quick.Document.Name)
	var whole, documents struct{ Files []sdk.File }
	require.NoError(t, json.Unmarshal(p.inputs["2026-1010"], &whole))
	require.NoError(t, json.Unmarshal(p.inputs["2026-1012"], &documents))
	require.Len(t, whole.Files, 6, "documents with their signatures")
	require.Len(t, documents.Files, 3, "documents alone")

	require.NoError(t, demo.Seed(t.Context(), p, paper.New(1), demo.English))
	require.Equal(t, everything, p.done)
}

func TestACutOffSeedingIsMadeUpFor(t *testing.T) {
	papers := paper.New(1)
	for _, at := range everything {
		p := &product{inputs: map[string]json.RawMessage{}, failing: at}
		require.Error(t, demo.Seed(t.Context(), p, papers, demo.English), at)
		require.False(t, p.seeded)
		p.failing, p.done = "", nil
		require.NoError(t, demo.Seed(t.Context(), p, papers, demo.English))
		require.Equal(t, everything, p.done, "after %s", at)
	}
}

package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
)

func TestMain(m *testing.M) {
	documentinspect.RunChild()
	os.Exit(m.Run())
}

func TestDocumentsAreWhole(t *testing.T) {
	for _, definition := range demo.Definitions() {
		decoder := json.NewDecoder(bytes.NewReader(definition.Document))
		decoder.DisallowUnknownFields()
		var document graph.Document
		require.NoError(t, decoder.Decode(&document), definition.Key)
		nodes, types := map[string]bool{}, map[string]bool{}
		for _, node := range document.Nodes {
			nodes[node.ID] = true
			require.Contains(t, document.Layout.Nodes, node.ID, "%s: every node has its place", definition.Key)
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
	inputs  map[string]json.RawMessage
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
	p.inputs[s.Definition] = s.Input
	return p.do("start " + s.Definition + " " + s.CustomID + " " + s.IdempotencyKey)
}

func (p *product) MarkSeeded(context.Context) error {
	p.seeded = true
	return nil
}

var everything = []string{
	"await document.inspect@1", "publish document-check", "await demo.step@1", "publish demo-walk",
	"start document-check 2026-1001 example", "start demo-walk walk-1 example",
}

func TestSeedingHappensOnce(t *testing.T) {
	p := &product{inputs: map[string]json.RawMessage{}}
	require.NoError(t, demo.Seed(t.Context(), p))
	require.Equal(t, everything, p.done)
	var input struct{ Application, Document sdk.File }
	require.NoError(t, json.Unmarshal(p.inputs["document-check"], &input))
	require.Equal(t, "application.xml", input.Application.Name)
	require.Equal(t, "lease.pdf", input.Document.Name)

	require.NoError(t, demo.Seed(t.Context(), p))
	require.Equal(t, everything, p.done)
}

func TestACutOffSeedingIsMadeUpFor(t *testing.T) {
	for _, at := range everything {
		p := &product{inputs: map[string]json.RawMessage{}, failing: at}
		require.Error(t, demo.Seed(t.Context(), p), at)
		require.False(t, p.seeded)
		p.failing, p.done = "", nil
		require.NoError(t, demo.Seed(t.Context(), p))
		require.Equal(t, everything, p.done, "after %s", at)
	}
}

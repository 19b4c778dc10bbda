package designer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/codec"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/trial"
	"github.com/taskurotta/taskurotta-go/designer/validate"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// TestRun says how a draft is to be tried.
type TestRun struct {
	Actor    string
	Key      string
	Revision int64 // of the draft; 0: the present one
	// Mocks are what steps give instead of what they do, before what is pinned; nil: the step does what it does.
	Mocks map[string]*graph.Mock
	// SideEffects lets steps change the world that would be mocked otherwise: those whose node types say so.
	SideEffects bool
	// Step, when it names one, is tried alone.
	Step trial.Step
}

// Test is a draft as a test run runs it: a version with a negative number, and what its steps give instead of what they do.
type Test struct {
	Version
	Mocks map[string]graph.Mock
}

// Pin is what a step gives in test runs of its definition.
type Pin struct {
	NodeID string
	Mock   graph.Mock
	At     time.Time
	By     string
}

// maxMock bounds what a step gives, as the engine bounds outputs.
const maxMock = 256 << 10

// Try keeps the draft of a revision for a test run and returns it. A draft with errors is refused with them, except that a step is
// tried alone when nothing is wrong with it and what lies in it.
func (s *Service) Try(ctx context.Context, run TestRun) (Test, error) {
	definition, err := s.Get(ctx, run.Key)
	if err != nil {
		return Test{}, err
	}
	draft, err := s.store.Draft(ctx, run.Key)
	if err != nil {
		return Test{}, err
	}
	if run.Revision != 0 && run.Revision != draft.Revision {
		return Test{}, conflict(&ErrRevision{Current: draft.Revision})
	}
	types, err := s.catalog.Types(ctx)
	if err != nil {
		return Test{}, fmt.Errorf("read the catalog: %w", err)
	}
	doc, broken := codec.Decode(draft.Document)
	if len(broken) > 0 {
		return Test{}, unreadable(broken)
	}
	given, err := s.given(ctx, &run, doc)
	if err != nil {
		return Test{}, err
	}
	if run.Step.Node != "" {
		single, outputs := trial.Single(doc, run.Step)
		if single == nil {
			return Test{}, fault.Newf(fault.Invalid, "test.no_step", "There is no step %.100q that can be tried alone.", run.Step.Node)
		}
		doc = single
		for node, mock := range outputs {
			given[node] = mock
		}
	}
	known, err := s.known(ctx, run.Key, doc)
	if err != nil {
		return Test{}, err
	}
	if issues := validate.DocumentWith(doc, types, known); hasErrors(issues) {
		return Test{}, fault.New(fault.Invalid, "test.invalid", "The draft has errors; mend them and test again.").WithIssues(issues...)
	}
	test := Test{
		Version: Version{Key: run.Key, Title: definition.Title, Document: codec.Encode(doc), Graph: doc, NodeTypes: used(doc, types), PublishedBy: run.Actor},
		Mocks:   trial.Mocks(doc, types, given, run.SideEffects),
	}
	if test.Checksum, err = test.sum(); err != nil {
		return Test{}, err
	}
	return s.store.KeepTest(ctx, test)
}

// given are the mocks of a run and, for the other steps, what is pinned.
func (s *Service) given(ctx context.Context, run *TestRun, doc *graph.Document) (map[string]*graph.Mock, error) {
	pins, err := s.store.Pins(ctx, run.Key)
	if err != nil {
		return nil, err
	}
	given := map[string]*graph.Mock{}
	for _, pin := range pins {
		if pin.NodeID != run.Step.Node {
			given[pin.NodeID] = &pin.Mock
		}
	}
	for node, mock := range run.Mocks {
		if mock != nil {
			if err := checkMock(doc, node, *mock); err != nil {
				return nil, err
			}
		}
		given[node] = mock
	}
	return given, nil
}

func checkMock(doc *graph.Document, node string, mock graph.Mock) error {
	at := func(message string) error {
		return fault.New(fault.Invalid, "test.mock", message).WithIssues(fault.Issue{Code: "test.mock", Path: "/mocks/" + node, Node: node, Message: message})
	}
	if len(mock.Answer)+len(mock.Output) > maxMock {
		return at("What a step gives has at most 256 KiB.")
	}
	for _, value := range []json.RawMessage{mock.Answer, mock.Output} {
		var object map[string]json.RawMessage
		if value != nil && (json.Unmarshal(value, &object) != nil || object == nil) {
			return at("What a step gives is an object.")
		}
	}
	for i := range doc.Nodes {
		if doc.Nodes[i].ID == node {
			if !mock.Fits(doc.Nodes[i].Kind) {
				return at(fmt.Sprintf("A step of the kind %s can't give that.", doc.Nodes[i].Kind))
			}
			return nil
		}
	}
	return at(fmt.Sprintf("There is no step %.100q.", node))
}

// sum tells equal tests: what they run, with which node types and mocks.
func (t *Test) sum() (string, error) {
	whole, err := json.Marshal([]any{t.Document, t.NodeTypes, t.Mocks})
	if err != nil {
		return "", fmt.Errorf("encode a test of %s: %w", t.Key, err)
	}
	sum := sha256.Sum256(whole)
	return hex.EncodeToString(sum[:]), nil
}

// Tested returns what a test run runs.
func (s *Service) Tested(ctx context.Context, key string, number int) (Test, error) {
	if err := possible(key); err != nil {
		return Test{}, err
	}
	test, err := s.store.Test(ctx, key, number)
	if err != nil {
		return Test{}, err
	}
	decoded, broken := codec.Decode(test.Document)
	if len(broken) > 0 {
		return Test{}, fmt.Errorf("decode test %d of %s: %w", number, key, unreadable(broken))
	}
	test.Graph = decoded
	return test, nil
}

// Pins lists what is pinned, by node.
func (s *Service) Pins(ctx context.Context, key string) ([]Pin, error) {
	if _, err := s.Get(ctx, key); err != nil {
		return nil, err
	}
	return s.store.Pins(ctx, key)
}

// Pin lets a step of the draft give the same in every test run, until it is unpinned.
func (s *Service) Pin(ctx context.Context, actor, key, node string, mock graph.Mock) error {
	if err := possible(key); err != nil {
		return err
	}
	draft, err := s.store.Draft(ctx, key)
	if err != nil {
		return err
	}
	doc, broken := codec.Decode(draft.Document)
	if len(broken) > 0 {
		return unreadable(broken)
	}
	if err := checkMock(doc, node, mock); err != nil {
		return err
	}
	return s.store.Pin(ctx, key, Pin{NodeID: node, Mock: mock, By: actor})
}

// Unpin lets a step do what it does again. A step that is not pinned stays so.
func (s *Service) Unpin(ctx context.Context, key, node string) error {
	if _, err := s.Get(ctx, key); err != nil {
		return err
	}
	return s.store.Unpin(ctx, key, node)
}

// used picks the descriptors of the node types that a graph calls.
func used(doc *graph.Document, types map[string]wire.Descriptor) map[string]wire.Descriptor {
	found := map[string]wire.Descriptor{}
	for _, node := range doc.Nodes {
		if node.Service != nil {
			found[node.Service.Type] = types[node.Service.Type]
		}
	}
	return found
}

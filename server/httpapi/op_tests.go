package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Mock is what a step of a test run gives instead of doing what it does; exactly one member is present.
type Mock struct {
	Answer json.RawMessage `json:"answer,omitempty" doc:"An object: a worker's answer to a service task, before its result mapping"`
	Output json.RawMessage `json:"output,omitempty" doc:"An object: the output of an activity, a timer or a message"`
	Error  *MockError      `json:"error,omitempty" doc:"The business error with which an activity fails"`
}

// MockError is a business error.
type MockError struct {
	Code    string `json:"code" minLength:"1" maxLength:"200"`
	Message string `json:"message,omitempty" maxLength:"2000"`
}

// Pin is what a step gives in every test run of its definition.
type Pin struct {
	NodeID   string    `json:"node_id"`
	Mock     Mock      `json:"mock"`
	PinnedAt time.Time `json:"pinned_at"`
	PinnedBy string    `json:"pinned_by"`
}

type testInput struct {
	DefinitionPath
	Body struct {
		Revision    int64           `json:"revision,omitempty" minimum:"1" doc:"Revision of the draft that was looked at; absent means the present one"`
		Input       Object          `json:"input,omitempty" doc:"Checked against the draft's input schema, unless a step is tried alone; absent means {}"`
		CustomID    string          `json:"custom_id,omitempty" maxLength:"200" doc:"Absent means test-n"`
		Mocks       map[string]Mock `json:"mocks,omitempty" doc:"By node, before what is pinned"`
		Real        []string        `json:"real,omitempty" maxItems:"5000" doc:"Nodes that do what they do, whatever is pinned or changes the world"`
		SideEffects bool            `json:"side_effects,omitempty" doc:"Let node types that change the world do so; else they give a sample of their output. Needs process.start"`
		Files       string          `json:"files,omitempty" format:"uuid" doc:"A process whose files the input and the outputs may name, besides the caller's uploads"`
		Step        *struct {
			Node    string            `json:"node" maxLength:"63"`
			Outputs map[string]Object `json:"outputs,omitempty" doc:"Of the steps before it, by node"`
			Item    json.RawMessage   `json:"item,omitempty" doc:"The entry of the list that the step lies in"`
		} `json:"step,omitempty" doc:"Try this step alone"`
	} `nameHint:"TestDraft"`
}

type testOutput struct {
	Body struct {
		ID      string   `json:"id" doc:"The test process"`
		Version int      `json:"version" doc:"Negative: the version that the test process runs"`
		Mocked  []string `json:"mocked" doc:"Nodes that give something instead of doing what they do"`
	} `nameHint:"StartedTest"`
}

type pinsOutput struct {
	Body struct {
		Items []Pin `json:"items"`
	} `nameHint:"PinList"`
}

// PinPath is the path of what is pinned at one node.
type PinPath struct {
	DefinitionPath
	Node string `path:"node" maxLength:"63" doc:"Id of the node"`
}

func (a *API) registerTests() {
	add(a, operation{id: "testDraft", method: http.MethodPost, path: "/definitions/{key}/tests", tag: "definitions", permission: PermDefinitionEdit,
		status: http.StatusCreated, audit: "definition.test", maxBody: documentMaxBody, summary: "Run the draft as a test",
		doc: "Starts a process that is flagged as a test, which lists of processes leave out. A draft with errors is refused with 422 and its issues."}, a.testDraft)
	add(a, operation{id: "listPins", method: http.MethodGet, path: "/definitions/{key}/pins", tag: "definitions", permission: PermDefinitionRead,
		summary: "List what steps give in every test run"}, a.listPins)
	add(a, operation{id: "pin", method: http.MethodPut, path: "/definitions/{key}/pins/{node}", tag: "definitions", permission: PermDefinitionEdit,
		audit: "definition.pin", summary: "Let a step give the same in every test run"}, a.pin)
	add(a, operation{id: "unpin", method: http.MethodDelete, path: "/definitions/{key}/pins/{node}", tag: "definitions", permission: PermDefinitionEdit,
		audit: "definition.unpin", summary: "Let a step do what it does again"}, a.unpin)
}

func (a *API) testDraft(ctx context.Context, in *testInput) (*testOutput, error) {
	who, body := caller(ctx), in.Body
	if (body.SideEffects || len(body.Real) > 0) && !who.May(PermProcessStart) {
		return nil, fault.New(fault.Forbidden, "auth.forbidden", "Effects of a test need the permission to start processes.")
	}
	test := TestDraft{
		Actor: who.Login, Key: in.Key, Revision: body.Revision, Input: json.RawMessage(body.Input), CustomID: body.CustomID, Mocks: body.Mocks, Real: body.Real, SideEffects: body.SideEffects,
	}
	named := []json.RawMessage{test.Input}
	if step := body.Step; step != nil {
		test.Step, test.Item, test.Outputs = step.Node, step.Item, map[string]json.RawMessage{}
		named = append(named, step.Item)
		for node, output := range step.Outputs {
			test.Outputs[node] = json.RawMessage(output)
			named = append(named, json.RawMessage(output))
		}
	}
	for _, data := range named {
		files, err := a.filesIn(ctx, who, body.Files, data)
		if err != nil {
			return nil, err
		}
		test.Files = append(test.Files, files...)
	}
	started, err := a.config.Designer.Test(ctx, test)
	if err != nil {
		return nil, err
	}
	audited(ctx, "definition", in.Key, "", map[string]any{"process": started.ID, "version": started.Version, "step": test.Step, "side_effects": test.SideEffects})
	out := &testOutput{}
	out.Body.ID, out.Body.Version, out.Body.Mocked = started.ID, started.Version, list(started.Mocked)
	return out, nil
}

func (a *API) listPins(ctx context.Context, in *struct{ DefinitionPath }) (*pinsOutput, error) {
	pins, err := a.config.Designer.Pins(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	out := &pinsOutput{}
	out.Body.Items = list(pins)
	return out, nil
}

func (a *API) pin(ctx context.Context, in *struct {
	PinPath
	Body Mock
}) (*struct{}, error) {
	if err := a.config.Designer.Pin(ctx, caller(ctx).Login, in.Key, in.Node, in.Body); err != nil {
		return nil, err
	}
	audited(ctx, "definition", in.Key, "", map[string]any{"node": in.Node})
	return nil, nil
}

func (a *API) unpin(ctx context.Context, in *struct{ PinPath }) (*struct{}, error) {
	if err := a.config.Designer.Unpin(ctx, in.Key, in.Node); err != nil {
		return nil, err
	}
	audited(ctx, "definition", in.Key, "", map[string]any{"node": in.Node})
	return nil, nil
}

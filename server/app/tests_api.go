package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/designer/trial"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func graphMock(m httpapi.Mock) graph.Mock {
	mock := graph.Mock{Answer: m.Answer, Output: m.Output}
	if m.Error != nil {
		mock.Error = &graph.MockError{Code: m.Error.Code, Message: m.Error.Message}
	}
	return mock
}

func apiMock(m graph.Mock) httpapi.Mock {
	mock := httpapi.Mock{Answer: m.Answer, Output: m.Output}
	if m.Error != nil {
		mock.Error = &httpapi.MockError{Code: m.Error.Code, Message: m.Error.Message}
	}
	return mock
}

// Test keeps the draft as a test and starts a process of it.
func (a designerAPI) Test(ctx context.Context, c httpapi.TestDraft) (httpapi.StartedTest, error) {
	run := designer.TestRun{
		Actor: c.Actor, Key: c.Key, Revision: c.Revision, Mocks: map[string]*graph.Mock{}, SideEffects: c.SideEffects,
		Step: trial.Step{Node: c.Step, Outputs: c.Outputs, Item: c.Item},
	}
	for node, mock := range c.Mocks {
		given := graphMock(mock)
		run.Mocks[node] = &given
	}
	for _, node := range c.Real {
		run.Mocks[node] = nil
	}
	test, err := a.designer.Try(ctx, run)
	if err != nil {
		return httpapi.StartedTest{}, err
	}
	input := c.Input
	if len(input) == 0 {
		input = json.RawMessage(`{}`)
	}
	if c.CustomID == "" {
		c.CustomID = fmt.Sprintf("test-%d", -test.Number)
	}
	started, err := a.engine.StartProcess(ctx, engine.StartCommand{
		Actor: c.Actor, DefinitionKey: c.Key, Version: test.Number, CustomID: c.CustomID, Input: input, Files: grants(c.Files),
	})
	return httpapi.StartedTest{ID: started.ID, Version: test.Number, Mocked: sortedKeys(test.Mocks)}, err
}

// tested returns what a test run runs, as a version.
func (a designerAPI) tested(ctx context.Context, key string, number int) (httpapi.VersionDetail, error) {
	test, err := a.designer.Tested(ctx, key, number)
	if err != nil {
		return httpapi.VersionDetail{}, err
	}
	detail, err := a.detail(ctx, test.Version, load{})
	detail.Mocks = make(map[string]httpapi.Mock, len(test.Mocks))
	for node, mock := range test.Mocks {
		detail.Mocks[node] = apiMock(mock)
	}
	return detail, err
}

func (a designerAPI) Pins(ctx context.Context, key string) ([]httpapi.Pin, error) {
	pins, err := a.designer.Pins(ctx, key)
	return mapped(pins, func(p designer.Pin) httpapi.Pin {
		return httpapi.Pin{NodeID: p.NodeID, Mock: apiMock(p.Mock), PinnedAt: p.At, PinnedBy: p.By}
	}), err
}

func (a designerAPI) Pin(ctx context.Context, actor, key, node string, mock httpapi.Mock) error {
	return a.designer.Pin(ctx, actor, key, node, graphMock(mock))
}

func (a designerAPI) Unpin(ctx context.Context, key, node string) error {
	return a.designer.Unpin(ctx, key, node)
}

package worker_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

func TestAnAnswerMayBeAPlan(t *testing.T) {
	r := start(t, worker.Config{}, node(func(_ context.Context, in text) (text, error) {
		return text{}, sdk.Plan{Tasks: []sdk.PlanTask{{Name: "a", Type: "test.node@1", Input: map[string]any{"value": in.Value}}}}.Answer()
	}))
	for value, want := range map[string]string{
		"x":                            "",
		strings.Repeat("x", 300<<10):   "more than",
		"a" + string(rune(0)) + " end": "U+0000",
	} {
		input, err := json.Marshal(text{value})
		require.NoError(t, err)
		r.dispatch(t, wire.Task{NodeType: "test.node@1", Input: input})
		report := r.final(t)
		if want == "" {
			require.Equal(t, wire.ReportCompleted, report.Kind)
			require.Empty(t, report.Output)
			require.JSONEq(t, `{"tasks":[{"name":"a","type":"test.node@1","input":{"value":"x"}}]}`, string(report.Plan))
			continue
		}
		require.Equal(t, wire.ReportFailed, report.Kind)
		require.Empty(t, report.Plan)
		require.Equal(t, sdk.CodeOutputInvalid, report.Error.Code)
		require.Contains(t, report.Error.Message, want)
	}
}

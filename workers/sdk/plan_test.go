package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

type order struct {
	Files []string `json:"files"`
}

type report struct {
	Pages int `json:"pages"`
}

var collect = sdk.Define("files.collect", 1, func(_ context.Context, in order) (report, error) {
	if len(in.Files) == 0 {
		return report{}, nil
	}
	plan := sdk.Plan{Result: "total"}
	pages := make([]any, len(in.Files))
	for i, file := range in.Files {
		name := fmt.Sprintf("count_%d", i+1)
		plan.Tasks = append(plan.Tasks, sdk.PlanTask{Name: name, Type: "file.count@1", Title: "Count " + file, Input: map[string]any{"file": file}, Retry: &sdk.Retry{MaxAttempts: 2}})
		pages[i] = sdk.OutputOf(name, "pages")
	}
	plan.Tasks = append(plan.Tasks, sdk.PlanTask{Name: "total", Type: "math.sum@1", Input: map[string]any{"numbers": pages}, Timeouts: &sdk.Timeouts{AttemptMS: 1000}})
	return report{}, plan.Answer()
})

func TestAHandlerAnswersWithAPlan(t *testing.T) {
	t.Parallel()
	plan, err := sdktest.CallForPlan(t, collect, &sdktest.Host{}, order{Files: []string{"a.txt", "=b", "{{c}} \"d\""}})
	require.NoError(t, err)
	require.Equal(t, "total", plan.Result)
	require.Len(t, plan.Tasks, 4)
	require.Equal(t, "Count a.txt", plan.Tasks[0].Title)
	require.JSONEq(t, `"a.txt"`, string(plan.Tasks[0].Input["file"]))
	require.JSONEq(t, `"==b"`, string(plan.Tasks[1].Input["file"]), "a text is no expression")
	require.JSONEq(t, `["=tasks.count_1[\"pages\"]","=tasks.count_2[\"pages\"]","=tasks.count_3[\"pages\"]"]`, string(plan.Tasks[3].Input["numbers"]))
	require.JSONEq(t, `{"max_attempts":2}`, string(plan.Tasks[0].Retry))
	require.JSONEq(t, `{"attempt_ms":1000}`, string(plan.Tasks[3].Timeouts))

	_, err = sdktest.CallForPlan(t, collect, &sdktest.Host{}, order{})
	require.ErrorContains(t, err, "an output")
	_, err = sdktest.Call[report](t, collect, &sdktest.Host{}, order{Files: []string{"a"}})
	_, is := sdk.PlanOf(err)
	require.True(t, is)
	_, is = sdk.PlanOf(errors.New("broken"))
	require.False(t, is)
}

func TestAPlanWithoutAJSONForm(t *testing.T) {
	t.Parallel()
	err := sdk.Plan{Tasks: []sdk.PlanTask{{Name: "a", Type: "t@1", Input: map[string]any{"x": math.NaN()}}}}.Answer()
	_, is := sdk.PlanOf(err)
	require.False(t, is)
	require.Equal(t, wire.ErrorPermanent, sdk.ToWire(err).Class)
	require.Equal(t, sdk.CodeOutputInvalid, sdk.ToWire(err).Code)
	require.ErrorContains(t, err, "field x of task a")
}

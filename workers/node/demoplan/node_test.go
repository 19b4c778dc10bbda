package demoplan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/demoplan"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
)

func TestThePlanGathersItsParts(t *testing.T) {
	t.Parallel()
	plan, err := sdktest.CallForPlan(t, demoplan.Node, &sdktest.Host{}, demoplan.Input{Tasks: 2, SleepMS: 5, Depth: 1})
	require.NoError(t, err)
	require.Len(t, plan.Tasks, 3)
	require.Equal(t, "demo.plan@1", plan.Tasks[0].Type)
	require.JSONEq(t, `0`, string(plan.Tasks[0].Input["depth"]))
	require.Equal(t, "demo.step@1", plan.Tasks[1].Type)
	require.JSONEq(t, `["=tasks.part_1","=tasks.part_2"]`, string(plan.Tasks[2].Input["output"]))
	require.Equal(t, "gather", plan.Result)
}

func TestWithoutTasksThereIsNoPlan(t *testing.T) {
	t.Parallel()
	out, err := sdktest.Call[json.RawMessage](t, demoplan.Node, &sdktest.Host{}, demoplan.Input{})
	require.NoError(t, err)
	require.JSONEq(t, `{"planned":false}`, string(out))
}

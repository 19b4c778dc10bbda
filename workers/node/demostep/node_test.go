package demostep_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/demostep"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func TestAStepSleepsAndTellsHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &sdktest.Host{Run: sdk.Info{Attempt: 1}}
		began := time.Now()
		out, err := sdktest.Call[demostep.Output](t, demostep.Step, host,
			demostep.Input{SleepMS: 2000, ProgressSteps: 4, LogLines: 3, Output: json.RawMessage(`{"a":[1]}`)})
		require.NoError(t, err)
		require.Equal(t, 2*time.Second, time.Since(began))
		require.Equal(t, int64(2000), out.SleptMS)
		require.Equal(t, []int{25, 50, 75, 100}, host.Percents)
		require.Equal(t, []string{"line 1 of 3", "line 2 of 3", "line 3 of 3"}, host.Lines)
		require.JSONEq(t, `{"a":[1]}`, string(out.Output))
	})
}

func TestAStepFailsAsTold(t *testing.T) {
	for name, c := range map[string]struct {
		in      demostep.Input
		attempt int
		class   wire.ErrorClass
		code    string
	}{
		"retryable is the default": {demostep.Input{FailTimes: 2}, 1, wire.ErrorRetryable, "DEMO_FAILED"},
		"last failing attempt":     {demostep.Input{FailTimes: 2, FailCode: "X"}, 2, wire.ErrorRetryable, "X"},
		"permanent":                {demostep.Input{FailTimes: 1, FailClass: "permanent", FailCode: "P"}, 1, wire.ErrorPermanent, "P"},
		"business":                 {demostep.Input{FailTimes: 1, FailClass: "business", FailCode: "B"}, 1, wire.ErrorBusiness, "B"},
		"after the failing ones":   {demostep.Input{FailTimes: 2}, 3, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := sdktest.Call[demostep.Output](t, demostep.Step, &sdktest.Host{Run: sdk.Info{Attempt: c.attempt}}, c.in)
			if c.code == "" {
				require.NoError(t, err)
				require.Equal(t, c.attempt, out.Attempt)
				return
			}
			told := sdk.ToWire(err)
			require.Equal(t, c.class, told.Class)
			require.Equal(t, c.code, told.Code)
		})
	}
	require.Panics(t, func() {
		_, _ = sdktest.Call[demostep.Output](t, demostep.Step, &sdktest.Host{Run: sdk.Info{Attempt: 1}}, demostep.Input{FailTimes: 1, FailClass: "panic"})
	})
}

func TestASleepingStepEndsWhenCancelled(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	_, err := demostep.Step.Run(sdk.WithHost(ctx, &sdktest.Host{}), json.RawMessage(`{"sleep_ms":3600000}`))
	require.ErrorIs(t, err, stopped)
}

func TestNoopGivesBackWhatItGets(t *testing.T) {
	out, err := sdktest.Call[demostep.NoopData](t, demostep.Noop, &sdktest.Host{}, demostep.NoopData{Document: "x"})
	require.NoError(t, err)
	require.Equal(t, "x", out.Document)
}

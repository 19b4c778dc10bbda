package flow_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func oneTask(p graph.RetryPolicy) *draft {
	return (&draft{}).start().service("a", policy(p)).end("done").flow("start", "a", "done")
}

func TestDefect_NAttemptsMeantNPlusOneRuns(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 2, 3, 7} {
		r := begin(t, oneTask(graph.RetryPolicy{MaxAttempts: attempts}), `{}`)
		runs := 0
		for r.task("a").State != flow.TaskIncident {
			runs++
			require.Equal(t, runs, r.task("a").Attempt)
			r.fail("a", wire.ErrorRetryable, "NET")
			if r.task("a").State == flow.TaskRetrying {
				r.due(flow.TimerRetry, "a")
			}
		}
		require.Equal(t, attempts, runs)
	}
}

func TestDefect_FiniteRetryExpirationSwitchedRetryOff(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{MaxAttempts: 100, Backoff: graph.BackoffFixed, InitialMS: 10 * 60_000, TotalMS: 3_600_000}), `{}`)
	retries := 0
	for r.fail("a", wire.ErrorRetryable, "NET"); r.task("a").State == flow.TaskRetrying; r.fail("a", wire.ErrorRetryable, "NET") {
		retries++
		r.due(flow.TimerRetry, "a")
	}
	r.state("incident")
	require.GreaterOrEqual(t, retries, 6, "retries within the hour go on as usual")
	require.LessOrEqual(t, r.now.Sub(noon), time.Hour)
}

func TestDefect_ExclusionHadNoEffectOnSubKinds(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{RetryCodes: []string{"NET"}, DontRetryCodes: []string{"NET.TLS"}}), `{}`)
	r.fail("a", wire.ErrorRetryable, "NET.DNS")
	r.taskState("a", flow.TaskRetrying)
	r.due(flow.TimerRetry, "a")
	r.fail("a", wire.ErrorRetryable, "NET.TLS.EXPIRED")
	r.taskState("a", flow.TaskIncident)
}

func TestDefect_AcceptOnlyErrorXAcceptedEveryError(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{RetryCodes: []string{"X"}}), `{}`)
	r.fail("a", wire.ErrorRetryable, "Y")
	r.state("incident")
	require.Equal(t, "Y", r.last.Opened[0].Code)
}

func TestDefect_LateErrorTurnedEndedProcessBroken(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{}), `{}`)
	late := r.event(flow.EventFailed, "a")
	late.Error = &wire.Error{Class: wire.ErrorBusiness, Code: "LATE"}
	r.complete("a", `{}`)
	r.state("completed")
	fx := r.do(late)
	require.Equal(t, flow.IgnoredProcessEnded, fx.Ignored)
	require.Equal(t, "ignored", fx.Log[0].Kind)
	r.state("completed")
	require.Zero(t, r.st.Process.OpenIncidents)
}

func TestDefect_FailingAttemptLeftTasksBehind(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{MaxAttempts: 2}), `{}`)
	r.fail("a", wire.ErrorRetryable, "NET")
	r.due(flow.TimerRetry, "a")
	r.fail("a", wire.ErrorRetryable, "NET")
	require.Len(t, r.st.Tasks, 1)
	require.Equal(t, []string{"a"}, r.open())
}

func TestDefect_AbortDestroyedTheEvidence(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(2), `{"payload":1}`)
	r.complete("step_0", `{"payload":2}`)
	fx := r.do(flow.Event{Kind: flow.EventCancel, Actor: "ann", Reason: "wrong papers"})
	r.state("cancelled")
	require.Len(t, r.st.Tasks, 2)
	r.taskState("step_0", flow.TaskCompleted)
	r.taskState("step_1", flow.TaskCancelled)
	require.JSONEq(t, `{"payload":2}`, string(r.task("step_1").Input))
	last := fx.Log[len(fx.Log)-1]
	require.Equal(t, "ann", last.Actor)
	require.Equal(t, "wrong papers", last.Text)
}

func TestBusinessAndPermanentErrorsAreNotRetried(t *testing.T) {
	t.Parallel()
	for _, class := range []wire.ErrorClass{wire.ErrorBusiness, wire.ErrorPermanent} {
		r := begin(t, oneTask(graph.RetryPolicy{}), `{}`)
		r.fail("a", class, "DOCUMENT_INVALID")
		r.state("incident")
		require.Equal(t, flow.Incident{TaskID: r.task("a").ID, NodeID: "a", Code: "DOCUMENT_INVALID", Message: "it broke"}, r.last.Opened[0])
		require.Empty(t, r.last.Timers)
	}
}

func TestPausesFollowTheBackoff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy graph.RetryPolicy
		want   []time.Duration // before jitter
	}{
		"fixed":                       {graph.RetryPolicy{Backoff: graph.BackoffFixed, InitialMS: 3000}, []time.Duration{3 * time.Second, 3 * time.Second, 3 * time.Second}},
		"linear":                      {graph.RetryPolicy{Backoff: graph.BackoffLinear, InitialMS: 3000}, []time.Duration{3 * time.Second, 6 * time.Second, 9 * time.Second}},
		"exponential":                 {graph.RetryPolicy{Backoff: graph.BackoffExponential, InitialMS: 1000, Factor: 3}, []time.Duration{time.Second, 3 * time.Second, 9 * time.Second, 27 * time.Second}},
		"a cap":                       {graph.RetryPolicy{Backoff: graph.BackoffExponential, InitialMS: 1000, Factor: 10, CapMS: 20_000}, []time.Duration{time.Second, 10 * time.Second, 20 * time.Second}},
		"the defaults":                {graph.RetryPolicy{}, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}},
		"longer than the default cap": {graph.RetryPolicy{Backoff: graph.BackoffFixed, InitialMS: 3_600_000}, []time.Duration{time.Hour, time.Hour}},
		"a huge factor":               {graph.RetryPolicy{Factor: 1e300, CapMS: 1 << 60, InitialMS: 1000}, []time.Duration{time.Second, 366 * 24 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.policy
			p.Jitter = 1e-12
			p.MaxAttempts = 50
			r := begin(t, oneTask(p), `{}`)
			for i, want := range c.want {
				r.fail("a", wire.ErrorRetryable, "NET")
				require.InDelta(t, want, r.timer(flow.TimerRetry, "a").Due.Sub(r.now), float64(time.Millisecond), "pause %d", i+1)
				r.due(flow.TimerRetry, "a")
			}
		})
	}
}

func TestJitterShortensByUpToItsShareAndIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for range 2 {
		r := begin(t, oneTask(graph.RetryPolicy{Backoff: graph.BackoffFixed, InitialMS: 10_000, Jitter: 0.5, MaxAttempts: 100}), `{}`)
		for range 40 {
			r.fail("a", wire.ErrorRetryable, "NET")
			wait := r.timer(flow.TimerRetry, "a").Due.Sub(r.now)
			require.LessOrEqual(t, wait, 10*time.Second)
			require.Greater(t, wait, 5*time.Second-time.Millisecond)
			seen[wait] = true
			r.due(flow.TimerRetry, "a")
		}
	}
	require.Greater(t, len(seen), 35, "attempts get different pauses")
	require.LessOrEqual(t, len(seen), 40, "and the same ones in a second process state")
}

func TestAWorkerMayAskForItsOwnPause(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{CapMS: 1000}), `{}`)
	ev := r.event(flow.EventFailed, "a")
	ev.Error = &wire.Error{Class: wire.ErrorRetryable, Code: "BUSY", RetryAfterMS: 90_000}
	r.do(ev)
	require.Equal(t, 90*time.Second, r.timer(flow.TimerRetry, "a").Due.Sub(r.now))
}

func TestCodeFamilies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		retry, dont []string
		code        string
		want        flow.TaskState
	}{
		"no list retries all":             {nil, nil, "A", flow.TaskRetrying},
		"a code covers itself":            {[]string{"A"}, nil, "A", flow.TaskRetrying},
		"a code covers its family":        {[]string{"A"}, nil, "A.B.C", flow.TaskRetrying},
		"a family may end with a dot":     {[]string{"A."}, nil, "A.B", flow.TaskRetrying},
		"a code covers no longer word":    {[]string{"A"}, nil, "AB", flow.TaskIncident},
		"a sub-kind does not cover up":    {[]string{"A.B"}, nil, "A", flow.TaskIncident},
		"exclusion of the code":           {nil, []string{"A"}, "A", flow.TaskIncident},
		"exclusion of the family":         {nil, []string{"A"}, "A.B", flow.TaskIncident},
		"exclusion wins":                  {[]string{"A.B"}, []string{"A"}, "A.B", flow.TaskIncident},
		"exclusion leaves others":         {nil, []string{"A.B"}, "A.C", flow.TaskRetrying},
		"no code matches no named family": {[]string{"A"}, nil, "", flow.TaskIncident},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, oneTask(graph.RetryPolicy{RetryCodes: c.retry, DontRetryCodes: c.dont}), `{}`)
			r.fail("a", wire.ErrorRetryable, c.code)
			r.taskState("a", c.want)
		})
	}
}

func TestTimeoutsOfAnAttemptAreTechnicalFailures(t *testing.T) {
	t.Parallel()
	for kind, code := range map[string]string{"attempt": "TIMEOUT_ATTEMPT", "heartbeat": "TIMEOUT_HEARTBEAT"} {
		r := begin(t, oneTask(graph.RetryPolicy{MaxAttempts: 2}), `{}`)
		r.do(r.event(flow.EventStarted, "a"))
		late := r.event(flow.EventCompleted, "a")
		r.timeout(kind, "a")
		r.taskState("a", flow.TaskRetrying)
		require.Equal(t, code, r.task("a").Error.Code)
		require.Equal(t, late.Epoch, r.last.Stop[0].Epoch)
		require.Equal(t, flow.IgnoredStale, r.do(late).Ignored)
		r.due(flow.TimerRetry, "a")
		r.timeout(kind, "a")
		r.taskState("a", flow.TaskIncident)
	}
}

func TestTheTotalTimeoutCountsFromTheFirstStart(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a", timeouts(graph.Timeouts{TotalMS: 60_000}), policy(graph.RetryPolicy{MaxAttempts: 99})).end("done").flow("start", "a", "done")

	r := begin(t, d, `{}`)
	r.now = r.now.Add(time.Hour) // in the queue
	r.do(r.event(flow.EventStarted, "a"))
	started := r.now
	r.due(flow.TimerTotal, "a")
	require.Equal(t, started.Add(time.Minute), r.now)
	r.state("incident")
	require.Equal(t, "TIMEOUT_TOTAL", r.task("a").Error.Code)
	require.Len(t, r.last.Stop, 1)

	r = begin(t, d, `{}`) // no start was reported: the failure dates it
	r.now = r.now.Add(time.Hour)
	ev := r.event(flow.EventFailed, "a")
	ev.RunMicros = 2_000_000
	r.do(ev)
	r.taskState("a", flow.TaskRetrying)
	require.Equal(t, r.now.Add(58*time.Second), r.timer(flow.TimerTotal, "a").Due)
	stale := r.timer(flow.TimerTotal, "a")
	r.due(flow.TimerTotal, "a")
	r.state("incident")

	r.operate(flow.EventRetry, "a", "") // the clock starts anew
	require.Nil(t, r.task("a").FirstStartedAt)
	require.Equal(t, flow.IgnoredStale, r.do(flow.Event{Kind: flow.EventTimeout, Task: stale.TaskID, Epoch: stale.Epoch, Timeout: "total"}).Ignored)
	r.do(r.event(flow.EventStarted, "a"))
	require.Equal(t, flow.IgnoredStale, r.do(flow.Event{Kind: flow.EventTimeout, Task: stale.TaskID, Epoch: stale.Epoch, Timeout: "total"}).Ignored)
}

func TestTheQueueTimeoutEndsWithTheFirstStart(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("a", timeouts(graph.Timeouts{QueueMS: 5_000})).service("b").end("done").
		flow("start", "a", "done").flow("start", "b", "done")
	r := begin(t, d, `{}`)
	require.Equal(t, noon.Add(5*time.Second), r.timer(flow.TimerQueue, "a").Due)
	r.due(flow.TimerQueue, "a")
	r.state("incident")
	require.Equal(t, "TIMEOUT_QUEUE", r.task("a").Error.Code)

	r = begin(t, d, `{}`)
	r.do(r.event(flow.EventStarted, "a"))
	require.Equal(t, flow.IgnoredState, r.due(flow.TimerQueue, "a").Ignored)

	r = begin(t, d, `{}`) // a hold does not eat the wait up
	r.fail("b", wire.ErrorBusiness, "NO")
	r.due(flow.TimerQueue, "a")
	r.taskState("a", flow.TaskQueued)
	require.Equal(t, r.now.Add(5*time.Second), r.timer(flow.TimerQueue, "a").Due)
	r.do(r.event(flow.EventWithdrawn, "a"))
	require.Equal(t, r.task("a").Epoch, r.timer(flow.TimerQueue, "a").Epoch)
}

func TestALostRunUsesNoAttemptAndTheThirdInARowIsAnIncident(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{MaxAttempts: 3}), `{}`)
	lose := func() { r.do(r.event(flow.EventLost, "a")) }
	lose()
	r.do(r.event(flow.EventHandback, "a")) // a hand-back between does not count, nor break the row
	lose()
	require.Equal(t, 1, r.task("a").Attempt)
	require.EqualValues(t, 4, r.task("a").Epoch)
	r.taskState("a", flow.TaskQueued)
	r.fail("a", wire.ErrorRetryable, "NET") // an answer breaks the row
	r.due(flow.TimerRetry, "a")
	require.Equal(t, 2, r.task("a").Attempt)
	lose()
	lose()
	r.taskState("a", flow.TaskQueued)
	lose()
	r.taskState("a", flow.TaskIncident)
	require.Equal(t, flow.CodeWorkerLost, r.task("a").Error.Code)
	r.operate(flow.EventRetry, "a", "")
	require.Zero(t, r.task("a").Losses)
	require.Equal(t, 1, r.task("a").Attempt)
}

func TestHandbacksNeverCount(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{MaxAttempts: 1}), `{}`)
	for range 50 {
		r.do(r.event(flow.EventHandback, "a"))
		require.Len(t, r.last.Dispatch, 1)
	}
	require.Equal(t, 1, r.task("a").Attempt)
	require.EqualValues(t, 51, r.task("a").Epoch)
	r.complete("a", `{}`)
	r.state("completed")
}

func TestProgressOfAnUnreportedStartIsAStart(t *testing.T) {
	t.Parallel()
	r := begin(t, oneTask(graph.RetryPolicy{}), `{}`)
	ev := r.event(flow.EventProgress, "a")
	ev.Percent, ev.Text = 40, "checking"
	fx := r.do(ev)
	r.taskState("a", flow.TaskRunning)
	require.Equal(t, 40, fx.Log[1].Percent)
	require.Empty(t, r.do(ev).Changed, "a second one changes no row")
}

func TestACompletionIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	r := begin(t, chain(2), `{"payload":1}`)
	ev := r.event(flow.EventCompleted, "step_0")
	ev.Output = []byte(`{"payload":1}`)
	require.Len(t, r.do(ev).Outputs, 1)
	again := r.do(ev)
	require.Equal(t, flow.IgnoredTaskEnded, again.Ignored)
	require.Empty(t, again.Outputs)
	require.Len(t, r.st.Tasks, 2)
	ev.Task = "nobody"
	require.Equal(t, flow.IgnoredUnknownTask, r.do(ev).Ignored)
}

func TestEffectivePolicyFillsInTheDefaults(t *testing.T) {
	t.Parallel()
	g := (&draft{}).start().service("a").service("b", policy(graph.RetryPolicy{MaxAttempts: 9, Jitter: 7})).compile(t)
	require.Equal(t, flow.DefaultRetry(), g.Node("a").Retry)
	require.EqualValues(t, 3_600_000, g.Node("a").Timeouts.AttemptMS)
	require.Equal(t, 9, g.Node("b").Retry.MaxAttempts)
	require.Equal(t, 1.0, g.Node("b").Retry.Jitter)
	require.Equal(t, graph.BackoffExponential, g.Node("b").Retry.Backoff)
	require.Nil(t, g.Node("c"))
}

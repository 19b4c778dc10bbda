package flow_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// limited lets the process take an hour.
func (d *draft) limited() *draft {
	for i := range d.doc.Nodes {
		if d.doc.Nodes[i].Start != nil {
			d.doc.Nodes[i].Start.TimeLimitMS = time.Hour.Milliseconds()
			break
		}
	}
	return d
}

func overtime(version int) flow.Event {
	return flow.Event{Kind: flow.EventLimit, Epoch: int64(version)}
}

func TestAProcessOverItsTimeFails(t *testing.T) {
	t.Parallel()
	for name, hold := range map[string]func(r *rig){
		"while it runs":         func(*rig) {},
		"while it is suspended": func(r *rig) { r.do(flow.Event{Kind: flow.EventSuspend}) },
		"while an incident is open": func(r *rig) {
			r.fail("one", wire.ErrorPermanent, "BROKEN")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := begin(t, (&draft{}).start().parallel("split").service("one", policy(graph.RetryPolicy{MaxAttempts: 1})).service("two").end("done").
				flow("start", "split", "one", "done").flow("split", "two", "done").limited(), `{}`)
			hold(r)
			version := r.st.Process.Version
			require.Equal(t, flow.IgnoredStale, r.do(overtime(version+1)).Ignored, "of another version")
			fx := r.do(overtime(version))
			p := r.st.Process
			require.Equal(t, flow.ProcessFailed, p.State)
			require.Equal(t, "TIMEOUT_PROCESS", p.ErrorCode)
			require.False(t, p.Held())
			require.Empty(t, r.open())
			require.NotEmpty(t, fx.Stop, "the workers are told")
			require.Equal(t, flow.IgnoredProcessEnded, r.do(overtime(version)).Ignored)
		})
	}
}

func TestTheTimeOfAProcessBeginsWithIt(t *testing.T) {
	t.Parallel()
	d := (&draft{}).start().service("one").end("done").flow("start", "one", "done").limited()
	r := newRig(t, d)
	fx := r.do(flow.Event{Kind: flow.EventStart})
	require.Equal(t, []flow.Timer{{Kind: flow.TimerLimit, Epoch: int64(r.st.Process.Version), Due: r.st.Process.StartedAt.Add(time.Hour)}}, fx.Timers)
}

func TestAChildOverItsTimeFailsItsCall(t *testing.T) {
	t.Parallel()
	f := callFamily(t, `{"n":1}`, map[string]*draft{"main": caller(), "sub": worked().limited()}).deliver()
	f.do(f.child(1), overtime(f.child(1).st.Process.Version))
	f.deliver()
	require.Equal(t, "incident failed", f.states())
	require.Equal(t, "TIMEOUT_PROCESS", f.root().task("ask").Error.Code)
}

package flow_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// threeLevels runs "main", which calls "sub", which calls "leaf".
func threeLevels(t *testing.T) *family {
	t.Helper()
	middle := (&draft{}).start().call("deeper", "leaf", passing(map[string]string{"n": `"=input.n"`})).end("out", gives(map[string]string{"m": `"=tasks.deeper.m"`})).
		flow("start", "deeper", "out")
	return callFamily(t, `{"n":1}`, map[string]*draft{"main": caller(), "sub": middle, "leaf": worked()}).deliver()
}

func (f *family) hold(r *rig, kind flow.EventKind) *family {
	f.t.Helper()
	f.do(r, flow.Event{Kind: kind, Actor: "ann", Reason: "stop the press"})
	return f.deliver()
}

func (f *family) refused(r *rig, kind flow.EventKind, code string) {
	f.t.Helper()
	_, err := r.try(flow.Event{Kind: kind, Actor: "bob"})
	var refused *flow.Refused
	require.ErrorAs(f.t, err, &refused)
	require.Equal(f.t, code, refused.Code)
}

func TestASuspensionReachesAllThatWasCalled(t *testing.T) {
	t.Parallel()
	f := threeLevels(t)
	f.hold(f.root(), flow.EventSuspend)
	require.Equal(t, "suspended suspended suspended", f.states())
	leaf := f.child(2)
	f.complete(leaf, "work", `{"m":6}`).deliver() // it was running
	require.Equal(t, "suspended suspended suspended", f.states(), "what ran has ended, and nothing goes on")
	f.refused(leaf, flow.EventResume, flow.RefusedByCaller)
	f.refused(f.root(), flow.EventSuspend, flow.RefusedSuspended)
	f.hold(f.root(), flow.EventResume)
	require.Equal(t, "running completed completed", f.states())
	f.root().taskState("after", flow.TaskQueued)
}

func TestAResumeGivesBackOnlyWhatItsSuspensionHeld(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(f *family)
		want string
	}{
		"a child that was suspended before stays": {func(f *family) {
			f.hold(f.child(1), flow.EventSuspend).hold(f.root(), flow.EventSuspend).hold(f.root(), flow.EventResume)
		}, "running suspended suspended"},
		"a child that is suspended meanwhile stays": {func(f *family) {
			f.hold(f.root(), flow.EventSuspend).hold(f.child(1), flow.EventSuspend).hold(f.root(), flow.EventResume)
		}, "running suspended suspended"},
		"and goes on with what it called when it is resumed": {func(f *family) {
			f.hold(f.root(), flow.EventSuspend).hold(f.child(1), flow.EventSuspend).hold(f.root(), flow.EventResume).hold(f.child(1), flow.EventResume)
		}, "running running running"},
		"a child's own suspension may end first": {func(f *family) {
			f.hold(f.child(1), flow.EventSuspend).hold(f.root(), flow.EventSuspend).hold(f.child(1), flow.EventResume)
			require.Equal(f.t, "suspended suspended suspended", f.states())
			f.refused(f.child(1), flow.EventResume, flow.RefusedByCaller)
			f.hold(f.root(), flow.EventResume)
		}, "running running running"},
		"the lowest alone": {func(f *family) {
			f.hold(f.child(2), flow.EventSuspend).hold(f.root(), flow.EventSuspend).hold(f.root(), flow.EventResume)
		}, "running running suspended"},
		"again and again": {func(f *family) {
			for range 3 {
				f.hold(f.root(), flow.EventSuspend).hold(f.root(), flow.EventResume)
			}
		}, "running running running"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := threeLevels(t)
			test.do(f)
			require.Equal(t, test.want, f.states())
		})
	}
}

// TestWordsOfASuspensionMayComeInAnyOrder hands over the later word first.
func TestWordsOfASuspensionMayComeInAnyOrder(t *testing.T) {
	t.Parallel()
	f := threeLevels(t)
	f.do(f.root(), flow.Event{Kind: flow.EventSuspend})
	f.do(f.root(), flow.Event{Kind: flow.EventResume})
	require.Len(t, f.letters, 2)
	f.letters[0], f.letters[1] = f.letters[1], f.letters[0]
	require.Equal(t, "running running running", f.deliver().states())
	f.hold(f.root(), flow.EventSuspend)
	require.Equal(t, "suspended suspended suspended", f.states())
}

func TestAChildThatIsJustBeginningIsSuspended(t *testing.T) {
	t.Parallel()
	f := callFamily(t, `{"n":1}`, map[string]*draft{"main": caller(), "sub": worked()})
	f.hold(f.root(), flow.EventSuspend) // before the child has begun
	require.Equal(t, "suspended suspended", f.states())
	require.NotEqual(t, flow.TaskRunning, f.child(1).task("work").State)
	f.hold(f.root(), flow.EventResume)
	f.complete(f.child(1), "work", `{"m":6}`).deliver()
	require.Equal(t, "running completed", f.states())
}

func TestACancelReachesSuspendedChildren(t *testing.T) {
	t.Parallel()
	f := threeLevels(t)
	f.hold(f.root(), flow.EventSuspend)
	f.hold(f.root(), flow.EventCancel)
	require.Equal(t, "cancelled cancelled cancelled", f.states())
}

func TestAPriorityReachesAllThatWasCalled(t *testing.T) {
	t.Parallel()
	f := threeLevels(t)
	f.do(f.child(1), flow.Event{Kind: flow.EventPriority, Priority: 1}) // the root and the leaf have 3
	f.letters = nil
	f.do(f.root(), flow.Event{Kind: flow.EventPriority, Priority: 1})
	f.deliver()
	for _, id := range f.order {
		require.Equal(t, 1, f.members[id].st.Process.Priority)
	}
	require.Equal(t, flow.IgnoredNothing, f.root().do(flow.Event{Kind: flow.EventPriority, Priority: 1}).Ignored)
}

package flow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/taskurotta/taskurotta-go/engine/flow"
)

// BenchmarkAdvanceChain10 runs whole processes of ten tasks in sequence with a 200-byte payload; ns/completion is the figure of
// the hot path.
func BenchmarkAdvanceChain10(b *testing.B) {
	g := chain(10).compile(b)
	input := json.RawMessage(`{"payload":"` + strings.Repeat("x", 200) + `"}`)
	b.ReportAllocs()
	events := 0
	for b.Loop() {
		st := &flow.State{
			Process: &flow.Process{ID: processID, State: flow.ProcessScheduled},
			Scopes:  map[string]*flow.Scope{}, Tasks: map[string]*flow.Task{}, Data: flow.Data{Input: input},
		}
		fx, err := flow.Advance(g, st, flow.Event{Kind: flow.EventStart, At: noon})
		for err == nil && len(fx.Dispatch) > 0 {
			t := fx.Dispatch[0]
			fx.MarkQueued(t)
			fx, err = flow.Advance(g, st, flow.Event{Kind: flow.EventCompleted, At: noon, Task: t.ID, Epoch: t.Epoch, Output: input})
			events++
		}
		if err != nil || st.Process.State != flow.ProcessCompleted {
			b.Fatalf("%s: %v", st.Process.State, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/completion")
}

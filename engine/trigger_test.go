package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// oneActive is a chain whose start allows one live process for each customId.
func oneActive() *graph.Document {
	doc := chain(1)
	doc.Nodes[0].Start.OneActive = true
	return doc
}

func TestOneActiveProcessForEachCustomID(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1))
	in.versions.publish("chain", oneActive())
	e := in.engine()
	ctx := context.Background()

	// A live process of a version without the option counts, too.
	old := in.start(e, engine.StartCommand{DefinitionKey: "chain", Version: 1, CustomID: "A-1"})
	refused := func(cmd engine.StartCommand, holder string) {
		t.Helper()
		_, err := e.StartProcess(ctx, cmd)
		f := fault.As(err)
		require.NotNil(t, f, "%v", err)
		require.Equal(t, "process.already_active", f.Code)
		require.Equal(t, fault.Conflict, f.Kind)
		require.Equal(t, holder, f.Issues[0].Params["process_id"])
	}
	refused(engine.StartCommand{DefinitionKey: "chain", CustomID: "A-1"}, old)
	require.NoError(t, e.Cancel(ctx, engine.OpCommand{ProcessID: old}))

	// The key of a refused start is not used up.
	first := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "A-1"})
	again := engine.StartCommand{DefinitionKey: "chain", CustomID: "A-1", IdempotencyKey: "k"}
	refused(again, first)
	require.NoError(t, e.Cancel(ctx, engine.OpCommand{ProcessID: first}))
	second := in.start(e, again)
	known, err := e.StartProcess(ctx, again)
	require.NoError(t, err)
	require.Equal(t, engine.StartResult{ID: second, Existing: true}, known)

	// Others are free: another customId, none at all, a process that has ended, one that is deleted.
	in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "A-2"})
	in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	_, err = e.RestartAsNew(ctx, engine.RestartCommand{OpCommand: engine.OpCommand{ProcessID: second}})
	require.Equal(t, "process.already_active", fault.As(err).Code)
	require.NoError(t, e.Delete(ctx, engine.OpCommand{ProcessID: second, Reason: "test"}))
	in.worker("w", "test", 4, echo)
	third := in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "A-1"})
	in.waitState(e, third, "completed", 10*time.Second)
	in.start(e, engine.StartCommand{DefinitionKey: "chain", CustomID: "A-1"})
}

func TestOneActiveProcessHoweverManyStartAtOnce(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", oneActive())
	engines := []*engine.Engine{in.engine(), in.engine()}
	for round := range 5 {
		var mu sync.Mutex
		var group sync.WaitGroup
		ids, refused := map[string]bool{}, 0
		for i := range 24 {
			group.Go(func() {
				cmd := engine.StartCommand{DefinitionKey: "chain", CustomID: fmt.Sprintf("A-%d", round)}
				if i%3 == 0 {
					cmd.IdempotencyKey = fmt.Sprintf("k-%d", round)
				}
				r, err := engines[i%2].StartProcess(context.Background(), cmd)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					ids[r.ID] = true
				case fault.As(err) != nil && fault.As(err).Code == "process.already_active":
					refused++
				default:
					t.Errorf("start: %v", err)
				}
			})
		}
		group.Wait()
		require.Len(t, ids, 1)
		require.Positive(t, refused)
		require.Equal(t, 1, in.count(`SELECT count(*) FROM process WHERE custom_id = $1`, fmt.Sprintf("A-%d", round)))
	}
}

// triggered is a chain that a message and a webhook start, too.
func triggered() *graph.Document {
	doc := chain(1)
	doc.Nodes[0].Start.InputSchema = obj(`{"type":"object","properties":{"number":{"type":"integer"}},"required":["number"],"additionalProperties":false}`)
	doc.Nodes = append(doc.Nodes,
		graph.Node{ID: "came", Kind: graph.KindStartEvent, Title: "Came", Start: &graph.StartEvent{Kind: graph.StartMessage, Message: "order",
			Input: map[string]graph.Value{"number": obj(`"=input.order.number + 1"`)}, CustomID: "order-{{input.number}}"}},
		graph.Node{ID: "other", Kind: graph.KindScriptTask, Title: "Other", Script: &graph.ScriptTask{}},
		graph.Node{ID: "other_end", Kind: graph.KindEndEvent, Title: "End", End: &graph.EndEvent{Kind: graph.EndNone}})
	doc.Edges = append(doc.Edges, graph.Edge{ID: "o1", From: "came", To: "other"}, graph.Edge{ID: "o2", From: "other", To: "other_end"})
	return doc
}

func TestTriggerStartsOneProcessAtItsOwnStart(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", triggered())
	engines := []*engine.Engine{in.engine(), in.engine()}
	ctx := context.Background()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	cmd := engine.StartCommand{Actor: "sender", DefinitionKey: "chain", Node: "came", Input: obj(`{"order":{"number":41}}`),
		Trigger: &engine.Trigger{Kind: engine.TriggerMessage, Node: "came", Ref: "m-1", Name: "order", At: at, Once: "order m-1"}}
	var group sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		group.Go(func() {
			r, err := engines[i%2].StartProcess(ctx, cmd)
			if err != nil {
				t.Errorf("start: %v", err)
			}
			ids[i] = r.ID
		})
	}
	group.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	in.waitState(engines[0], ids[0], "completed", 5*time.Second)
	p, err := engines[1].Process(ctx, ids[0])
	require.NoError(t, err)
	require.Equal(t, "order-42", p.CustomID)
	require.JSONEq(t, `{"number":42}`, string(p.Input))
	require.Equal(t, &engine.Trigger{Kind: engine.TriggerMessage, Node: "came", Ref: "m-1", Name: "order", At: at}, withUTC(p.Trigger))
	require.Contains(t, p.Nodes, "other")
	require.NotContains(t, p.Nodes, "step_1")

	// A restart begins where the old process began, with the input that was made, and nothing triggered it.
	again, err := engines[0].RestartAsNew(ctx, engine.RestartCommand{OpCommand: engine.OpCommand{ProcessID: ids[0]}})
	require.NoError(t, err)
	in.waitState(engines[0], again, "completed", 5*time.Second)
	p, err = engines[0].Process(ctx, again)
	require.NoError(t, err)
	require.Contains(t, p.Nodes, "other")
	require.Equal(t, "order-42", p.CustomID)
	require.Nil(t, p.Trigger)
	again, err = engines[0].RestartAsNew(ctx, engine.RestartCommand{OpCommand: engine.OpCommand{ProcessID: again}})
	require.NoError(t, err)
	in.waitState(engines[0], again, "completed", 5*time.Second)

	for name, change := range map[string]func(*engine.StartCommand){
		"start.no_node":           func(c *engine.StartCommand) { c.Node = "step_1" },
		"start.expression":        func(c *engine.StartCommand) { c.Input = obj(`{"order":{"number":"x"}}`) },
		"process.input_invalid":   func(c *engine.StartCommand) { c.Node, c.Trigger = "start", nil },
		"process.input_too_large": func(c *engine.StartCommand) { c.Input = obj(`{"order":"` + string(make([]byte, 300<<10)) + `"}`) },
	} {
		bad := cmd
		bad.Trigger = &engine.Trigger{Kind: engine.TriggerMessage, At: at}
		change(&bad)
		_, err := engines[0].StartProcess(ctx, bad)
		require.NotNil(t, fault.As(err), name)
		require.Equal(t, name, fault.As(err).Code)
	}
}

func withUTC(t *engine.Trigger) *engine.Trigger {
	if t != nil {
		t.At = t.At.UTC()
	}
	return t
}

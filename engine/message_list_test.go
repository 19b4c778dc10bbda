package engine_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// TestKeptMessagesAreListedAndDeleted: what waits, what was refused, what was sent again, what was taken.
func TestKeptMessagesAreListedAndDeleted(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	answer := graph.Node{ID: "answer", Kind: graph.KindMessageEvent, Title: "Answer", Message: &graph.Message{Name: "answer", Key: "=process.custom_id"}}
	in.versions.publish("waits", drawing([]graph.Node{answer, ending("done")}, "start > answer > done"))
	e := in.engine()
	ctx := t.Context()
	sent := map[string]string{}
	for i, key := range []string{"A", "B", "C", "A"} { // the last is the first again
		got, err := e.SendMessage(ctx, engine.MessageCommand{Actor: "shop", Name: "answer", Key: key, ID: "m-" + key, Payload: obj(fmt.Sprintf(`{"n":%d}`, i))})
		require.NoError(t, err)
		require.Equal(t, i == 3, got.Existing)
		sent[key] = got.ID
	}
	page, next, err := e.Messages(ctx, engine.MessageFilter{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"C", "B"}, []string{page[0].Key, page[1].Key}, "newest first")
	page, last, err := e.Messages(ctx, engine.MessageFilter{Limit: 2, Cursor: next})
	require.NoError(t, err)
	require.Empty(t, last)
	require.Len(t, page, 1)
	first := page[0]
	require.Equal(t, engine.MessageView{ID: sent["A"], Name: "answer", Key: "A", SenderID: "m-A", SentBy: "shop", State: engine.MessageWaiting, SentAt: first.SentAt, ExpiresAt: first.ExpiresAt,
		Repeats: 1, RepeatedAt: first.RepeatedAt}, first)
	require.NotNil(t, first.RepeatedAt)
	one, err := e.Message(ctx, sent["A"])
	require.NoError(t, err)
	require.JSONEq(t, `{"n":0}`, string(one.Payload), "the first one counts")

	id := in.start(e, engine.StartCommand{DefinitionKey: "waits", CustomID: "B"})
	in.waitState(e, id, "completed", 20*time.Second)
	taken, _, err := e.Messages(ctx, engine.MessageFilter{State: engine.MessageTaken})
	require.NoError(t, err)
	require.Len(t, taken, 1)
	require.Equal(t, id, taken[0].ProcessID)
	wantFault(t, e.DeleteMessage(ctx, sent["B"]), fault.Conflict, "message.taken")

	require.NoError(t, e.DeleteMessage(ctx, sent["A"]))
	wantFault(t, e.DeleteMessage(ctx, sent["A"]), fault.NotFound, "message.unknown")
	_, err = e.Message(ctx, sent["A"])
	wantFault(t, err, fault.NotFound, "message.unknown")
	again, err := e.SendMessage(ctx, engine.MessageCommand{Name: "answer", Key: "A", ID: "m-A"})
	require.NoError(t, err)
	require.False(t, again.Existing, "it may be sent again")

	in.exec(`UPDATE message SET refused_by = 'waits@1', refusal = 'no email' WHERE id = $1`, sent["C"]) // as KeepRefused does
	in.exec(`UPDATE message SET expires_at = clock_timestamp() WHERE id = $1`, again.ID)
	left, _, err := e.Messages(ctx, engine.MessageFilter{Name: "answer"})
	require.NoError(t, err)
	require.Len(t, left, 1, "what has expired is not shown")
	require.Equal(t, engine.MessageRefused, left[0].State)
	require.Equal(t, "no email", left[0].Refusal)
	for _, f := range []engine.MessageFilter{{State: engine.MessageWaiting}, {Name: "other"}, {Key: "A"}, {Name: "a\x00"}} {
		none, _, err := e.Messages(ctx, f)
		require.NoError(t, err)
		require.Empty(t, none, "%+v", f)
	}
	_, _, err = e.Messages(ctx, engine.MessageFilter{State: "lost"})
	wantFault(t, err, fault.Invalid, "list.state_unknown")
}

// TestADeletedMessageTakesNoSubscriptionWithIt deletes messages while processes begin to wait for them: whoever does not get one goes on
// waiting.
func TestADeletedMessageTakesNoSubscriptionWithIt(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	answer := graph.Node{ID: "answer", Kind: graph.KindMessageEvent, Title: "Answer", Message: &graph.Message{Name: "answer", Key: "=process.custom_id"}}
	in.versions.publish("waits", drawing([]graph.Node{answer, ending("done")}, "start > answer > done"))
	e := in.engine()
	const n = 40
	var group sync.WaitGroup
	for i := range n {
		key := fmt.Sprintf("A-%d", i)
		sent, err := e.SendMessage(t.Context(), engine.MessageCommand{Name: "answer", Key: key})
		require.NoError(t, err)
		group.Go(func() { in.start(e, engine.StartCommand{DefinitionKey: "waits", CustomID: key}) })
		group.Go(func() {
			if err := e.DeleteMessage(t.Context(), sent.ID); err != nil && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i := range n { // those that lost theirs are given another
		if _, err := e.SendMessage(t.Context(), engine.MessageCommand{Name: "answer", Key: fmt.Sprintf("A-%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	in.allEnded(30 * time.Second)
	in.settled()
}

package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// begins publishes a version whose start "came" begins with a message, as designer/pgstore does.
func (in *installation) begins(key, message string, doc *graph.Document) {
	in.t.Helper()
	in.versions.publish(key, doc)
	version, err := in.versions.Latest(context.Background(), key)
	require.NoError(in.t, err)
	in.exec(`INSERT INTO definition_start (definition_key, node_id, version, kind, message, start) VALUES ($1, 'came', $2, 'message', $3, '{}')
ON CONFLICT (definition_key, node_id) DO UPDATE SET version = excluded.version, message = excluded.message`, key, version, message)
}

func order(id string, number int) engine.MessageCommand {
	return engine.MessageCommand{Actor: "shop", Name: "order", Key: "k-" + id, ID: id, Payload: obj(fmt.Sprintf(`{"order":{"number":%d}}`, number))}
}

// TestAMessageStartsOneProcess: the same message on two servers at once, and again later.
func TestAMessageStartsOneProcess(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.begins("chain", "order", chain(1)) // an older version
	in.begins("chain", "order", triggered())
	engines := []*engine.Engine{in.engine(), in.engine()}
	ctx := context.Background()
	const messages, copies = 12, 6
	var mu sync.Mutex
	var group sync.WaitGroup
	ids, fresh := map[string]map[string]bool{}, map[string]int{}
	for i := range messages * copies {
		group.Go(func() {
			id := fmt.Sprintf("m-%d", i/copies)
			sent, err := engines[i%2].SendMessage(ctx, order(id, i/copies))
			mu.Lock()
			defer mu.Unlock()
			if err != nil || sent.Outcome != engine.MessageStarted || sent.Definition != "chain" {
				t.Errorf("sent %+v, %v", sent, err)
				return
			}
			if ids[id] == nil {
				ids[id] = map[string]bool{}
			}
			ids[id][sent.ProcessID] = true
			if !sent.Existing {
				fresh[id]++
			}
		})
	}
	group.Wait()
	require.Equal(t, messages, in.count(`SELECT count(*) FROM process`))
	require.Equal(t, messages, in.count(`SELECT count(*) FROM message WHERE taken_at IS NOT NULL AND payload::text = 'null'`))
	for id, processes := range ids {
		require.Len(t, processes, 1, id)
		require.LessOrEqual(t, fresh[id], 1, id)
	}
	sent, err := engines[0].SendMessage(ctx, order("m-7", 99))
	require.NoError(t, err)
	require.True(t, sent.Existing)
	require.True(t, ids["m-7"][sent.ProcessID])
	p, err := engines[1].Process(ctx, sent.ProcessID)
	require.NoError(t, err)
	require.Equal(t, 2, p.Version)
	require.Equal(t, "order-8", p.CustomID)
	require.JSONEq(t, `{"number":8}`, string(p.Input))

	require.Equal(t, engine.TriggerMessage, p.Trigger.Kind)
	require.Equal(t, "order", p.Trigger.Name)
	require.Equal(t, sent.ID, p.Trigger.Ref)

	// An id is known longer than its message is kept: as long as the process is.
	in.exec(`DELETE FROM message`)
	again, err := engines[0].SendMessage(ctx, order("m-7", 7))
	require.NoError(t, err)
	require.True(t, again.Existing)
	require.Equal(t, sent.ProcessID, again.ProcessID)
	require.Equal(t, messages, in.count(`SELECT count(*) FROM process`))
}

// TestWhoWaitsGoesBeforeAStart: a process that waits takes the message; a start does when nobody waits.
func TestWhoWaitsGoesBeforeAStart(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("ask", messageDrawing("order"))
	plain := triggered()
	plain.Nodes[len(plain.Nodes)-3].Start = &graph.StartEvent{Kind: graph.StartMessage, Message: "order"}
	plain.Nodes[0].Start.InputSchema = nil
	in.begins("chain", "order", plain)
	in.worker("w1", "test", 4, echo)
	e := in.engine()
	waiting := in.start(e, engine.StartCommand{DefinitionKey: "ask", CustomID: "A-1"})
	eventually(t, 10*time.Second, "it waits", func() bool { return in.count(`SELECT count(*) FROM subscription`) == 1 })
	message := engine.MessageCommand{Name: "order", Key: "A-1", Payload: obj(`{"a":5}`)}
	sent, err := e.SendMessage(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, engine.MessageCorrelated, sent.Outcome)
	require.Equal(t, waiting, sent.ProcessID)
	in.waitState(e, waiting, "completed", 20*time.Second)
	sent, err = e.SendMessage(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, engine.MessageStarted, sent.Outcome)
	p, err := e.Process(t.Context(), sent.ProcessID)
	require.NoError(t, err)
	require.Equal(t, "A-1", p.CustomID, "without an expression the key is the customId")
	require.JSONEq(t, `{"a":5}`, string(p.Input))

	// Without keeping it, too; and where nothing begins it is refused.
	message.Keep = -1
	sent, err = e.SendMessage(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, engine.MessageStarted, sent.Outcome)
	message.Name = "other"
	_, err = e.SendMessage(t.Context(), message)
	wantFault(t, err, fault.NotFound, "message.nobody_waits")
	in.begins("twin", "order", plain)
	message.Name = "order"
	_, err = e.SendMessage(t.Context(), message)
	wantFault(t, err, fault.Conflict, "message.several_starts")
	require.Contains(t, fault.As(err).Message, "chain, twin")
	require.Zero(t, in.count(`SELECT count(*) FROM message WHERE taken_at IS NULL`))
	in.settled()
}

// TestAMessageThatAStartRefusesIsNotKept: the sender is told why, and may send a better one under the same id.
func TestAMessageThatAStartRefusesIsNotKept(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	doc := triggered()
	doc.Nodes[0].Start.OneActive = true
	doc.Edges[len(doc.Edges)-2].To = "step_1" // that no worker does
	in.begins("chain", "order", doc)
	e := in.engine()
	for name, c := range map[string]struct {
		payload string
		kind    fault.Kind
		code    string
		path    string
	}{
		"an expression that fails":    {`{"order":{"number":"x"}}`, fault.Invalid, "start.expression", "/input"},
		"an input against a schema":   {`{"order":{"number":0.5}}`, fault.Invalid, "process.input_invalid", "/input/number"},
		"a payload that is no object": {`[1]`, fault.Invalid, "message.payload_invalid", "/payload"},
		"a payload too large":         {`{"order":"` + strings.Repeat("x", 300<<10) + `"}`, fault.TooLarge, "message.payload_too_large", ""},
	} {
		bad := order("m-1", 1)
		bad.Payload = obj(c.payload)
		_, err := e.SendMessage(t.Context(), bad)
		wantFault(t, err, c.kind, c.code)
		if c.path != "" && err != nil {
			require.Equal(t, c.path, fault.As(err).Issues[0].Path, name)
		}
	}
	require.Zero(t, in.count(`SELECT count(*) FROM message`))
	require.Zero(t, in.count(`SELECT count(*) FROM process`))
	require.Zero(t, in.count(`SELECT count(*) FROM idempotency_key`))
	first, err := e.SendMessage(t.Context(), order("m-1", 1))
	require.NoError(t, err)
	require.Equal(t, engine.MessageStarted, first.Outcome)
	second := order("m-2", 1)
	_, err = e.SendMessage(t.Context(), second)
	require.Error(t, err)
	wantFault(t, err, fault.Conflict, "process.already_active")
	require.Equal(t, first.ProcessID, fault.As(err).Issues[0].Params["process_id"])
	require.NoError(t, e.Cancel(t.Context(), in.op(first.ProcessID, "x")))
	again, err := e.SendMessage(t.Context(), second)
	require.NoError(t, err)
	require.False(t, again.Existing)
}

// TestEarlyMessagesStartWhatComesLater: messages that nobody takes are kept, also for a definition that is published later. What it
// refuses waits for a better version.
func TestEarlyMessagesStartWhatComesLater(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	engines := []*engine.Engine{in.engine(), in.engine()}
	for i := range 20 {
		sent, err := engines[i%2].SendMessage(t.Context(), order(fmt.Sprint("m-", i), i))
		require.NoError(t, err)
		require.Equal(t, engine.MessageStored, sent.Outcome)
		require.WithinDuration(t, time.Now().Add(24*time.Hour), *sent.ExpiresAt, time.Minute)
	}
	bad := order("bad", 0)
	bad.Payload = obj(`{"other":1}`)
	gone := order("gone", 0)
	for _, m := range []engine.MessageCommand{bad, gone} {
		_, err := engines[0].SendMessage(t.Context(), m)
		require.NoError(t, err)
	}
	in.exec(`UPDATE message SET expires_at = now() - interval '1 second' WHERE sender_id = 'gone'`)
	in.begins("chain", "order", triggered())
	eventually(t, 20*time.Second, "they have started", func() bool { return in.count(`SELECT count(*) FROM process WHERE custom_id LIKE 'order-%'`) == 20 })
	eventually(t, 20*time.Second, "the refusal is noted", func() bool {
		return in.count(`SELECT count(*) FROM message WHERE sender_id = 'bad' AND refused_by = 'chain@1' AND refusal LIKE 'start.expression: %' AND process_id IS NULL`) == 1
	})
	require.Equal(t, 20, in.count(`SELECT count(*) FROM message WHERE taken_at IS NOT NULL`))

	// Sent once more, the sender hears of it.
	_, err := engines[1].SendMessage(t.Context(), bad)
	wantFault(t, err, fault.Invalid, "start.expression")
	require.Zero(t, in.count(`SELECT count(*) FROM message WHERE sender_id = 'bad'`))
}

// TestAServerThatDiesWhileAMessageStartsIsReplaced: what it claimed is started by another one, once.
func TestAServerThatDiesWhileAMessageStartsIsReplaced(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.begins("chain", "order", triggered())
	e := in.engine()
	in.exec(`INSERT INTO message (id, name, correlation, sender_id, payload, expires_at, process_id, start_key, start_node, start_version, try_at)
VALUES (gen_random_uuid(), 'order', 'k', 'm-1', '{"order":{"number":1}}', now() + interval '1 hour', gen_random_uuid(), 'chain', 'came', 1, now() + interval '1 second')`)
	eventually(t, 20*time.Second, "it has started", func() bool {
		return in.count(`SELECT count(*) FROM process p JOIN message m ON m.process_id = p.id WHERE m.taken_at IS NOT NULL`) == 1
	})
	sent, err := e.SendMessage(t.Context(), order("m-1", 1))
	require.NoError(t, err)
	require.True(t, sent.Existing)
	require.Equal(t, engine.MessageStarted, sent.Outcome)
	require.Equal(t, 1, in.count(`SELECT count(*) FROM process`))
}

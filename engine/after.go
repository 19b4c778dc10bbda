package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/dispatch"
)

// afterCommit does in Redis what a commit has decided. Nothing here is needed for correctness: a message that was not published
// is found by the sweep, an entry that was not acknowledged comes again and is stale, a poke that was lost is made up for by
// the comparison of heads.
func (e *Engine) afterCommit(ctx context.Context, b *batch) {
	// The commit happened: its follow-up is given a moment even when the engine is told to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if b.inbox {
		e.wakeInbox()
	}
	if len(b.elsewhere) > 0 {
		e.wakeOthers(ctx, b.elsewhere)
	}
	if len(b.publish) > 0 {
		if err := e.publisher.Publish(ctx, b.publish); err != nil {
			e.log.Warn("publish", "messages", len(b.publish), "error", err)
			e.window.setDown(true) // until the next beats are read
		}
	}
	e.ackAndPoke(ctx, b)
	if len(b.stops) > 0 {
		e.stopAttempts(ctx, b.stops)
	}
	if len(b.recall) > 0 {
		e.recall(ctx, b.recall)
	}
}

// ackAndPoke acknowledges stream entries and pokes the live feed, in one pipeline.
func (e *Engine) ackAndPoke(ctx context.Context, b *batch) {
	pipe := e.cfg.Redis.Pipeline()
	byShard := map[int][]string{}
	for _, a := range b.acks {
		byShard[a.shard] = append(byShard[a.shard], a.id)
	}
	for shard, ids := range byShard {
		pipe.XAck(ctx, e.cfg.Keys.Results(shard), groupName, ids...)
		pipe.XDel(ctx, e.cfg.Keys.Results(shard), ids...)
	}
	pokes := make([][2]any, 0, len(b.write.Events))
	for _, ev := range b.write.Events {
		pokes = append(pokes, [2]any{ev.Process, ev.Seq})
	}
	if len(pokes) > 0 {
		if text, err := json.Marshal(pokes); err == nil {
			pipe.Publish(ctx, e.cfg.Keys.Live(), text)
		}
	}
	if pipe.Len() == 0 {
		return
	}
	if _, err := pipe.Exec(ctx); err != nil {
		e.log.Warn("acknowledge results", "entries", len(b.acks), "error", err)
	}
}

// stopAttempts takes back what no worker has, and tells the workers of the others. The lanes are those of today's priorities: a message
// may have gone out by another.
func (e *Engine) stopAttempts(ctx context.Context, refs map[string]dispatch.Ref) {
	pipe := e.cfg.Redis.Pipeline()
	for id, ref := range refs {
		back, err := e.publisher.Withdraw(ctx, ref)
		if !back && err == nil {
			ref.Lane = ref.Lane.Other()
			back, err = e.publisher.Withdraw(ctx, ref)
		}
		if err != nil {
			e.log.Warn("withdraw a message", "task_id", ref.Task, "error", err)
		}
		if !back {
			pipe.Publish(ctx, e.cfg.Keys.Cancels(), id)
		}
	}
	if pipe.Len() == 0 {
		return
	}
	if _, err := pipe.Exec(ctx); err != nil {
		e.log.Warn("stop attempts", "tasks", len(refs), "error", err)
	}
}

// recall takes the messages of held processes back: what was deleted becomes ready again, what a worker has runs on.
func (e *Engine) recall(ctx context.Context, processes []string) {
	rows, err := e.store.WindowOf(ctx, processes)
	if err != nil {
		e.log.Warn("recall messages", "processes", len(processes), "error", err)
		return
	}
	e.withdraw(ctx, rows)
}

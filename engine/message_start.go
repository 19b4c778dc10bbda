package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// startFor starts what a message begins whose sender waits to be told.
func (e *Engine) startFor(ctx context.Context, state pgstore.MessageState) (MessageResult, error) {
	m := state.Start
	started, err := e.startByMessage(ctx, m, m.Process)
	if err == nil {
		return MessageResult{ID: m.Message, Outcome: MessageStarted, ProcessID: started.ID, Definition: m.Definition, Existing: state.Known || started.Existing}, nil
	}
	if known := fault.As(err); known != nil && final(known) {
		if err := e.store.ForgetRefused(ctx, m.Message); err != nil {
			return MessageResult{}, storeFault(err, nil)
		}
		told := *known
		told.Message = fmt.Sprintf("it would start %s, which refuses: %s", m.Definition, known.Message)
		return MessageResult{}, &told
	}
	return MessageResult{}, err // it is stored: whoever leads maintenance tries again
}

// startByMessage starts the process of a message. However often and wherever it is called, one message of a sender starts one.
func (e *Engine) startByMessage(ctx context.Context, m *pgstore.MessageStart, process string) (StartResult, error) {
	var files []FileGrant
	if err := json.Unmarshal(m.Files, &files); err != nil {
		return StartResult{}, fmt.Errorf("decode the files of message %s: %w", m.Message, err)
	}
	once := sha256.Sum256([]byte(m.Name + "\x00" + m.SenderID))
	started, err := e.StartProcess(ctx, StartCommand{
		Actor: m.SentBy, DefinitionKey: m.Definition, Version: m.Version, Node: m.Node, CustomID: m.Correlation, Input: m.Payload, Files: files, ID: process,
		Trigger: &Trigger{Kind: TriggerMessage, Node: m.Node, Ref: m.Message, Name: m.Name, At: m.SentAt, Once: hex.EncodeToString(once[:])},
		Also:    func(tx Tx, process string) { tx.Queue(pgstore.MarkStarted, m.Message, process) },
	})
	if err == nil && started.Existing {
		if err := e.store.MessageStarted(ctx, m.Message, started.ID); err != nil {
			return StartResult{}, storeFault(err, nil)
		}
	}
	return started, err
}

// final tells whether a refusal of a start stays the same when it is tried again at once.
func final(f *fault.Error) bool {
	return f.Kind != fault.Unavailable && f.Kind != fault.Internal && f.Kind != fault.TooMany
}

// Early and late messages are looked for this often, so many at a time; refusals that may pass are tried again after a while.
const (
	messageStartEvery = time.Second
	messageStartBatch = 200
	messageStartSlots = 32
	messageStartAgain = time.Minute
)

// startByMessages is the loop of the engine that leads maintenance: it starts what messages begin that came before there was a
// definition for them, and what another server was to start and did not.
func (e *Engine) startByMessages(ctx context.Context) {
	tick := time.NewTicker(messageStartEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for e.leases.fence(leadMaintenance) != 0 {
			n, err := e.startWaiting(ctx)
			if err != nil && ctx.Err() == nil {
				e.log.Warn("start what messages begin", "error", err)
			}
			if err != nil || n < messageStartBatch {
				break
			}
		}
	}
}

func (e *Engine) startWaiting(ctx context.Context) (int, error) {
	late, err := e.store.LateStarts(ctx, messageStartBatch)
	if err != nil {
		return 0, err
	}
	for i := range late { // the server before may still be at it, under the id that it chose
		if late[i].Process, err = e.clock.id(); err != nil {
			return 0, err
		}
	}
	early, err := e.store.EarlyStarts(ctx, messageStartBatch, e.clock.id)
	if err != nil {
		e.log.Warn("claim early messages", "error", err)
	}
	slots := make(chan struct{}, messageStartSlots)
	var group sync.WaitGroup
	for _, m := range append(late, early...) {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			e.startUntold(ctx, m)
		})
	}
	group.Wait()
	return max(len(late), len(early)), nil
}

// startUntold starts the process of a message whose sender has gone. A refusal stays with the message, which waits on.
func (e *Engine) startUntold(ctx context.Context, m pgstore.MessageStart) {
	log := e.log.With("message_id", m.Message, "definition", m.Definition, "version", m.Version)
	_, err := e.startByMessage(ctx, &m, m.Process)
	if err == nil || ctx.Err() != nil {
		return
	}
	known := fault.As(err)
	if known == nil || !final(known) {
		log.Warn("start the process of a message", "error", err)
		return // its claim runs out
	}
	again := time.Duration(0)
	if known.Kind == fault.Conflict {
		again = messageStartAgain
	}
	log.Warn("a message may not start its process", "code", known.Code)
	if err := e.store.KeepRefused(ctx, m, known.Code+": "+known.Message, again); err != nil && ctx.Err() == nil {
		log.Warn("keep a refused message", "error", err)
	}
}

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// letter is the body of a row of the inbox: what is set of the event, under the names of its fields, and what comes with it.
type letter struct {
	Task     string            `json:",omitempty"`
	Node     string            `json:",omitempty"`
	Message  string            `json:",omitempty"`
	Epoch    int64             `json:",omitempty"`
	Input    json.RawMessage   `json:",omitempty"`
	Output   json.RawMessage   `json:",omitempty"`
	Error    *wire.Error       `json:",omitempty"`
	Actor    string            `json:",omitempty"`
	Reason   string            `json:",omitempty"`
	Child    string            `json:",omitempty"`
	Outcome  flow.ProcessState `json:",omitempty"`
	Count    int               `json:",omitempty"`
	Priority int               `json:",omitempty"`
	Caller   *flow.Caller      `json:",omitempty"`
	Called   *flow.Called      `json:",omitempty"`
	Files    []FileGrant       `json:",omitempty"` // that a message names
}

func (l *letter) event(kind string) flow.Event {
	return flow.Event{Kind: flow.EventKind(kind), Task: l.Task, Node: l.Node, Message: l.Message, Epoch: l.Epoch, Input: l.Input, Output: l.Output, Error: l.Error,
		Actor: l.Actor, Reason: l.Reason, Child: l.Child, Outcome: l.Outcome, Count: l.Count, Priority: l.Priority, Caller: l.Caller}
}

// post adds a letter to the commit.
func (b *batch) post(sender string, l *flow.Letter) error {
	ev := &l.Event
	body, err := json.Marshal(letter{Task: ev.Task, Node: ev.Node, Message: ev.Message, Epoch: ev.Epoch, Input: ev.Input, Output: ev.Output, Error: ev.Error,
		Actor: ev.Actor, Reason: ev.Reason, Child: ev.Child, Outcome: ev.Outcome, Count: ev.Count, Priority: ev.Priority, Caller: ev.Caller, Called: l.Called})
	if err != nil {
		return fmt.Errorf("encode a letter from process %s to %s: %w", sender, l.To, err)
	}
	b.write.Inbox = append(b.write.Inbox, pgstore.Note{Process: l.To, Sender: sender, Kind: string(ev.Kind), Body: body})
	b.wake(l.To)
	return nil
}

// wake has the owner of a process's shard look into the inbox after the commit.
func (b *batch) wake(process string) {
	if b.e.leases.owns(process) {
		b.inbox = true
		return
	}
	if b.elsewhere == nil {
		b.elsewhere = map[int]bool{}
	}
	b.elsewhere[wire.Shard(process)] = true
}

// wakeOthers tells the engines that own these shards to look into the inbox. They look by themselves soon.
func (e *Engine) wakeOthers(ctx context.Context, shards map[int]bool) {
	names := make([]string, 0, len(shards))
	for shard := range shards {
		names = append(names, strconv.Itoa(shard))
	}
	if err := e.cfg.Redis.Publish(ctx, e.cfg.Keys.Inbox(), strings.Join(names, ",")).Err(); err != nil {
		e.log.Warn("wake the owners of shards", "error", err)
	}
}

// wakeOwner has the owner of a process's shard look into the inbox.
func (e *Engine) wakeOwner(ctx context.Context, process string) {
	if e.leases.owns(process) {
		e.wakeInbox()
		return
	}
	e.wakeOthers(ctx, map[int]bool{wire.Shard(process): true})
}

// listenInbox is the loop that hears of letters which other engines have written to processes of this one's shards.
func (e *Engine) listenInbox(ctx context.Context) {
	feed := e.cfg.Redis.Subscribe(ctx, e.cfg.Keys.Inbox())
	defer feed.Close()
	news := feed.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case m, open := <-news:
			if !open {
				return
			}
			held := e.leases.held()
			for name := range strings.SplitSeq(m.Payload, ",") {
				shard, err := strconv.Atoi(name)
				if _, own := held[shard]; err == nil && own {
					e.wakeInbox()
					break
				}
			}
		}
	}
}

// noteEntry makes the entry of a row of the inbox. latest remembers versions for as long as one look into the inbox takes. Its
// errors are passing ones: the row stays for the next look.
func (e *Engine) noteEntry(ctx context.Context, n *pgstore.Note, latest map[string]int) (*entry, error) {
	var l letter
	if err := json.Unmarshal(n.Body, &l); err != nil {
		e.log.Error("read a letter", "process_id", n.Process, "kind", n.Kind, "error", err)
	}
	en := &entry{process: n.Process, event: l.event(n.Kind), files: l.Files, inbox: n.ID}
	if l.Called == nil || l.Caller == nil {
		return en, nil
	}
	plan, err := e.planChild(ctx, n.Process, &l, latest)
	var why *fault.Error
	switch why = fault.As(err); {
	case err == nil:
		en.start = plan
	case why == nil || why.Kind == fault.Unavailable:
		return nil, err
	default:
		en.refusal = refusalOf(n.Process, l.Caller, why)
	}
	return en, nil
}

// planChild checks the start of a child process.
func (e *Engine) planChild(ctx context.Context, id string, l *letter, latest map[string]int) (*startPlan, error) {
	cmd := StartCommand{ID: id, DefinitionKey: l.Called.Definition, Version: l.Called.Version, CustomID: l.Called.CustomID, Input: l.Input, Priority: l.Called.Priority}
	if cmd.Version == 0 {
		number, known := latest[cmd.DefinitionKey]
		if !known {
			var err error
			if number, err = e.latest(ctx, cmd.DefinitionKey); err != nil {
				return nil, err
			}
			latest[cmd.DefinitionKey] = number
		}
		cmd.Version = number
	}
	plan, err := e.planStart(ctx, cmd)
	if err != nil {
		return nil, err
	}
	plan.caller = l.Caller
	return plan, nil
}

// refusalOf tells a caller that its child process could not begin.
func refusalOf(child string, caller *flow.Caller, why *fault.Error) *flow.Letter {
	text := why.Message
	for i, issue := range why.Issues {
		if i == 3 {
			text += "; …"
			break
		}
		text += "; " + issue.Path + ": " + issue.Message
	}
	cause := &wire.Error{Class: wire.ErrorPermanent, Code: clip(clean(why.Code), 200), Message: clip(clean(text), 8<<10)}
	return &flow.Letter{To: caller.Process, Event: flow.Event{Kind: flow.EventChild, Task: caller.Task, Epoch: caller.Epoch, Child: child, Error: cause}}
}

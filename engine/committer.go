package engine

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// errStopped answers what was not committed when the engine stopped.
var errStopped = fault.New(fault.Unavailable, "engine.stopped", "this server is stopping; try again")

// errAway answers commands while PostgreSQL is away.
func errAway(err error) error {
	f := fault.Wrap(err, fault.Unavailable, "engine.database_away", "the database does not answer now; try again")
	f.RetryAfter = 2 * time.Second
	return f
}

// committer commits entries batch by batch. What is to be done in Redis after a commit runs beside the next batch; at most one
// such run is under way.
type committer struct {
	e     *Engine
	after chan struct{} // holds a token while the follow-up of a batch runs
}

func newCommitter(e *Engine) *committer { return &committer{e: e, after: make(chan struct{}, 1)} }

// runLocal commits what is submitted on this server: starts, commands, timers, rows of the inbox, losses. It takes whatever
// came during its last commit and never waits for more.
func (e *Engine) runLocal(ctx context.Context) {
	c := newCommitter(e)
	for {
		select {
		case <-ctx.Done():
			c.wait()
			e.refuseRest()
			return
		case en := <-e.submitted:
			c.commitAll(ctx, e.drain(en))
		}
	}
}

func (e *Engine) drain(first *entry) []*entry {
	entries := []*entry{first}
	for len(entries) < e.cfg.Batch {
		select {
		case en := <-e.submitted:
			entries = append(entries, en)
		default:
			return entries
		}
	}
	return entries
}

func (e *Engine) refuseRest() {
	for {
		select {
		case en := <-e.submitted:
			en.answer(reply{err: errStopped})
			en.finish()
		default:
			return
		}
	}
}

// submit hands an entry to this server's committer.
func (e *Engine) submit(ctx context.Context, en *entry) error {
	select {
	case <-e.stopping:
		return errStopped
	default:
	}
	select {
	case e.submitted <- en:
		return nil
	case <-e.stopping:
		return errStopped
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "engine.busy", "the server is busy; try again")
	}
}

// call submits an entry and waits for its answer.
func (e *Engine) call(ctx context.Context, en *entry) (reply, error) {
	answers := make(chan reply, 1)
	en.reply = answers
	if err := e.submit(ctx, en); err != nil {
		return reply{}, err
	}
	select {
	case r := <-answers:
		return r, r.err
	case <-ctx.Done():
		return reply{}, fault.Wrap(ctx.Err(), fault.Unavailable, "engine.busy", "the answer did not come in time; the operation may have happened")
	}
}

// commitAll commits the entries, however often it takes. It returns when each is committed, answered, buried, or ctx ended.
func (c *committer) commitAll(ctx context.Context, entries []*entry) {
	whole := map[string]bool{}
	pause := 50 * time.Millisecond
	for conflicts, missing := 0, 0; len(entries) > 0; {
		if ctx.Err() != nil {
			c.giveUp(entries)
			return
		}
		started := time.Now()
		b, err := c.e.commit(ctx, entries, whole)
		if err == nil {
			c.e.stats.batch(len(entries), time.Since(started))
			c.follow(ctx, b)
			return
		}
		var reload *errReload
		var own *entryError
		switch {
		case errors.As(err, &reload) && !whole[reload.process]:
			whole[reload.process] = true
			continue
		case errors.As(err, &reload): // it was loaded with all there is
			entries = c.setAside(ctx, entries, &entryError{entry: reload.entry, err: err})
			continue
		case errors.As(err, &own):
			entries = c.setAside(ctx, entries, own)
			continue
		case ctx.Err() != nil:
			continue
		}
		switch pgstore.FaultOf(err) {
		case pgstore.FaultConflict:
			if conflicts++; conflicts > 20 {
				c.e.log.Error("commit keeps conflicting", "entries", len(entries), "error", err)
				c.halve(ctx, entries, err)
				return
			}
		case pgstore.FaultNoDay:
			if missing++; missing > 3 {
				c.halve(ctx, entries, err)
				return
			}
			if err := c.e.store.EnsurePartitions(ctx); err != nil {
				c.e.log.Error("ensure partitions", "error", err)
				entries = refuse(entries, err)
				sleep(ctx, pause)
			}
		case pgstore.FaultData:
			c.halve(ctx, entries, err)
			return
		default:
			c.e.log.Warn("commit waits for the database", "entries", len(entries), "error", err)
			entries = refuse(entries, err)
			sleep(ctx, pause)
			pause = min(2*pause, 2*time.Second)
		}
	}
}

// refuse answers the entries that somebody waits for, and returns the others.
func refuse(entries []*entry, err error) []*entry {
	var rest []*entry
	for _, en := range entries {
		if en.reply != nil {
			en.answer(reply{err: errAway(err)})
			en.finish()
			continue
		}
		rest = append(rest, en)
	}
	return rest
}

func (c *committer) giveUp(entries []*entry) {
	for _, en := range entries {
		en.answer(reply{err: errStopped})
		en.finish()
	}
}

// maxTries is how often an entry may fail alone.
const maxTries = 3

// halve commits a batch that failed on its data in two halves, down to the entry that is to blame.
func (c *committer) halve(ctx context.Context, entries []*entry, err error) {
	if len(entries) > 1 {
		c.commitAll(ctx, entries[:len(entries)/2])
		c.commitAll(ctx, entries[len(entries)/2:])
		return
	}
	if rest := c.setAside(ctx, entries, &entryError{entry: entries[0], err: err}); len(rest) > 0 {
		c.commitAll(ctx, rest)
	}
}

// setAside takes the entry that is to blame out of the batch: a command is answered, anything else may fail maxTries times
// before it is buried.
func (c *committer) setAside(ctx context.Context, entries []*entry, own *entryError) []*entry {
	bad := own.entry
	if bad.reply != nil {
		c.e.log.Error("command failed", "process_id", bad.process, "kind", string(bad.event.Kind), "error", own.err)
		var f *fault.Error
		if !errors.As(own.err, &f) {
			f = fault.Wrap(own.err, fault.Internal, "engine.command_failed", "the operation could not be done")
		}
		bad.answer(reply{err: f})
		bad.finish()
		return without(entries, bad)
	}
	if bad.tries++; bad.tries < maxTries {
		return entries
	}
	c.bury(ctx, bad, own.err)
	return without(entries, bad)
}

func without(entries []*entry, bad *entry) []*entry {
	rest := make([]*entry, 0, len(entries))
	for _, en := range entries {
		if en != bad {
			rest = append(rest, en)
		}
	}
	return rest
}

// bury keeps an entry that cannot be committed in dead_result, and fails its task for good instead: an incident shows it.
func (c *committer) bury(ctx context.Context, bad *entry, why error) {
	c.e.log.Error("entry cannot be committed", "process_id", bad.process, "task_id", bad.event.Task, "kind", string(bad.event.Kind), "error", why)
	body, err := json.Marshal(bad.report)
	if err != nil || bad.report == nil {
		body, _ = json.Marshal(bad.event)
	}
	dead := pgstore.Dead{Process: bad.process, Task: bad.event.Task, Body: clean(string(body)), Error: clean(why.Error())}
	if err := c.e.store.WriteDead(ctx, dead); err != nil {
		c.e.log.Error("keep a dead result", "process_id", bad.process, "error", err)
	}
	substitute := &entry{process: bad.process, stream: bad.stream, timer: bad.timer, inbox: bad.inbox, done: bad.done, tries: maxTries - 1}
	if bad.report != nil && bad.event.Error == nil || bad.event.Kind == flow.EventFailed && bad.event.Error.Code != codeRejected {
		substitute.event = flow.Event{Kind: flow.EventFailed, Task: bad.event.Task, Epoch: bad.event.Epoch, Attempt: bad.event.Attempt, Worker: bad.event.Worker,
			Error: &wire.Error{Class: wire.ErrorPermanent, Code: codeRejected, Message: "the result could not be stored; it is kept among the dead results"}}
		c.commitAll(ctx, []*entry{substitute})
		return
	}
	if bad.stands(substitute) {
		c.commitAll(ctx, []*entry{substitute})
		return
	}
	c.e.dismiss(ctx, substitute)
}

// stands makes a substitute of an entry that a caller waits for: its call fails instead. It tells whether it did.
func (e *entry) stands(substitute *entry) bool {
	rejected := fault.New(fault.Internal, codeRejected, "what was said about the child process could not be stored; it is kept among the dead results")
	switch {
	case e.start != nil && e.start.caller != nil:
		substitute.refusal = refusalOf(e.process, e.start.caller, rejected)
	case e.event.Kind == flow.EventChild && (e.event.Error == nil || e.event.Error.Code != codeRejected):
		substitute.event = flow.Event{Kind: flow.EventChild, Task: e.event.Task, Epoch: e.event.Epoch, Child: e.event.Child,
			Error: &wire.Error{Class: wire.ErrorPermanent, Code: codeRejected, Message: rejected.Message}}
	default:
		return false
	}
	return true
}

// codeRejected is the error of a task whose result could not be stored.
const codeRejected = "engine.result_rejected"

// dismiss removes the source of an entry that is given up: its place in the stream, its timer, its inbox row.
func (e *Engine) dismiss(ctx context.Context, en *entry) {
	if en.stream.id != "" {
		e.ack(ctx, []streamPosition{en.stream})
	}
	if en.timer != nil || en.inbox != 0 {
		if err := e.store.Dismiss(ctx, en.timer, en.inbox); err != nil {
			e.log.Error("dismiss an entry", "process_id", en.process, "error", err)
		}
	}
	en.finish()
}

// follow does what comes after a commit, beside the next batch.
func (c *committer) follow(ctx context.Context, b *batch) {
	for _, en := range b.done {
		en.finish()
	}
	c.after <- struct{}{}
	c.e.group.Go(func() {
		defer func() { <-c.after }()
		c.e.afterCommit(ctx, b)
	})
}

// wait returns when the last follow-up is done.
func (c *committer) wait() {
	c.after <- struct{}{}
	<-c.after
}

// sleep waits, or less when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// The retention removes processes that ended longer ago than their definition says, with all their traces; no tombstone stays. A
// process goes together with all that it has called, once each of them is over its retention.
//
// The history is kept in partitions, one for each day on which processes began. A day that holds nothing live and nothing unexpired
// is dropped as a whole. Deleting rows is many times dearer, so a day that will come to that within dropSoon is waited for; what is
// over on other days, because a definition is kept for a shorter time or something else of the day lives on, is deleted in batches.

const (
	// DefaultRetention is for how many days an ended process is kept unless somebody says otherwise.
	DefaultRetention = 90
	// MaxRetention is a hundred years.
	MaxRetention = 36500

	dropSoon     = 24 * time.Hour
	removeAtOnce = 500     // processes with their history in one transaction
	forgetAtOnce = 5000    // processes whose history is about to be dropped
	countExpired = 100_000 // more are "more than"
	dropWithin   = 5 * time.Minute
)

// RetentionCommand sets for how long the ended processes of a definition are kept. Days 0: as long as the default. The empty
// definition is the default, and its 0 that of the configuration.
type RetentionCommand struct {
	Definition string
	Days       int
	Actor      string
	Reason     string
}

// RetentionView says for how long the ended processes of a definition are kept.
type RetentionView struct {
	Definition string
	Days       int
	Default    int  // what holds where nobody has said otherwise
	Own        bool // somebody has
	Reason     string
	Author     string
	At         *time.Time
}

// Removal is what one transaction of the retention removed of one definition.
type Removal struct {
	Definition string
	Days       int
	Processes  int
	First      string // the oldest
	Last       string
}

// Removals hears what the retention removes, in the transaction that does it.
type Removals interface {
	Removed(tx Tx, r Removal)
}

// retained counts what this engine removed since it was made.
type retained struct {
	processes, days atomic.Int64
	passed          atomic.Int64 // unix seconds of the end of the last whole pass
}

// Retention returns for how long ended processes of a definition are kept.
func (e *Engine) Retention(ctx context.Context, definition string) (RetentionView, error) {
	if _, err := e.cfg.Definitions.Latest(ctx, definition); err != nil {
		return RetentionView{}, knownOr(err, errAway(err))
	}
	all, err := e.store.Retentions(ctx)
	if err != nil {
		return RetentionView{}, storeFault(err, errUnknownProcess())
	}
	v := RetentionView{Definition: definition, Default: e.standard(all)}
	v.Days = v.Default
	for i := range all {
		if all[i].Definition == definition {
			v.say(&all[i])
		}
	}
	return v, nil
}

func (v *RetentionView) say(r *pgstore.Retention) {
	at := r.ChangedAt.UTC()
	v.Days, v.Own, v.Reason, v.Author, v.At = r.Days, true, r.Reason, r.Author, &at
}

// standard is for how many days processes are kept whose definition has no retention of its own.
func (e *Engine) standard(all []pgstore.Retention) int {
	for i := range all {
		if all[i].Definition == "" {
			return all[i].Days
		}
	}
	return e.cfg.Retention
}

// Retentions are the default and the definitions that have a retention of their own, by key.
type Retentions struct {
	Default  RetentionView // its own Default is that of the configuration
	Own      []RetentionView
	LastPass *RetentionPass // nil: there was none yet
	Every    time.Duration  // between passes
}

// RetentionPass is what a pass of the retention did.
type RetentionPass struct {
	Began, Ended time.Time
	Processes    int64
	Days         int64  // dropped as a whole
	Error        string // what broke it off
}

// Retentions lists what is kept for how long.
func (e *Engine) Retentions(ctx context.Context) (Retentions, error) {
	all, err := e.store.Retentions(ctx)
	if err != nil {
		return Retentions{}, storeFault(err, errUnknownProcess())
	}
	out := Retentions{Default: RetentionView{Days: e.cfg.Retention, Default: e.cfg.Retention}, Every: e.cfg.RetainEvery}
	standard := e.standard(all)
	for i := range all {
		if all[i].Definition == "" {
			out.Default.say(&all[i])
			continue
		}
		v := RetentionView{Definition: all[i].Definition, Default: standard}
		v.say(&all[i])
		out.Own = append(out.Own, v)
	}
	switch pass, err := e.store.LastRetention(ctx); {
	case err == nil:
		p := RetentionPass(pass)
		out.LastPass = &p
	case !errors.Is(err, pgstore.ErrNotFound):
		return Retentions{}, storeFault(err, errUnknownProcess())
	}
	return out, nil
}

// knownOr is the fault in an error's chain, else another.
func knownOr(err, other error) error {
	if f := fault.As(err); f != nil {
		return f
	}
	return other
}

// SetRetention changes for how long the ended processes of a definition are kept. What is over the new time is removed by the next
// pass, a matter of minutes.
func (e *Engine) SetRetention(ctx context.Context, cmd RetentionCommand) error {
	cmd.Reason = clip(clean(strings.TrimSpace(cmd.Reason)), 2000)
	if cmd.Days < 0 || cmd.Days > MaxRetention {
		return errRetention()
	}
	if cmd.Reason == "" {
		return fault.New(fault.Invalid, "retention.reason_missing", "changing for how long processes are kept needs a reason")
	}
	if cmd.Definition != "" {
		if _, err := e.cfg.Definitions.Latest(ctx, cmd.Definition); err != nil {
			return knownOr(err, errAway(err))
		}
	}
	err := e.store.SetRetention(ctx, pgstore.Retention{Definition: cmd.Definition, Days: cmd.Days, Reason: cmd.Reason, Author: cmd.Actor})
	if err != nil {
		return storeFault(err, errUnknownProcess())
	}
	return nil
}

func errRetention() error {
	return fault.Newf(fault.Invalid, "retention.days", "processes are kept for 1 to %d days", MaxRetention).
		WithIssues(fault.Issue{Code: "retention.days", Path: "/days", Message: "from 1 on"})
}

// Expired counts the ended processes of a definition, or of all without a retention of their own when definition is empty, that a
// retention of so many days would remove; more says that there are more
// than were counted. Processes that are kept because of others in their tree are counted too.
func (e *Engine) Expired(ctx context.Context, definition string, days int) (n int, more bool, err error) {
	if days < 1 || days > MaxRetention {
		return 0, false, errRetention()
	}
	n, err = e.store.CountExpired(ctx, definition, days, countExpired+1)
	if err != nil {
		return 0, false, storeFault(err, errUnknownProcess())
	}
	return min(n, countExpired), n > countExpired, nil
}

// retain is the loop of the retention. One engine at a time does it; its statements are fenced.
func (e *Engine) retain(ctx context.Context) {
	tick := time.NewTicker(e.cfg.RetainEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if fence := e.leases.fence(leadRetention); fence != 0 {
			r := &retainer{e: e, by: pgstore.Leader{Name: leadRetention, Owner: e.cfg.ID, Fence: fence}}
			was, err := e.Retained(), r.pass(ctx)
			if !errors.Is(err, pgstore.ErrFenced) && ctx.Err() == nil {
				r.note(ctx, was, err)
			}
			switch {
			case err == nil:
				e.retained.passed.Store(time.Now().Unix())
			case ctx.Err() == nil && !errors.Is(err, pgstore.ErrFenced):
				e.log.Warn("remove what is over its retention", "error", err)
			}
		}
	}
}

// retainer is one pass.
type retainer struct {
	e        *Engine
	by       pgstore.Leader
	began    time.Time      // by the database's clock
	standard int            // days
	own      map[string]int // definition → days
}

// note keeps what the pass did for people to see; it began with so much done before.
func (r *retainer) note(ctx context.Context, was Retained, broken error) {
	if r.began.IsZero() {
		return
	}
	now := r.e.Retained()
	pass := pgstore.RetentionPass{Began: r.began, Processes: now.Processes - was.Processes, Days: now.Days - was.Days}
	if broken != nil {
		pass.Error = "it was broken off and goes on at the next time; the server's log says why"
	}
	if err := r.e.store.NoteRetention(ctx, pass); err != nil && ctx.Err() == nil {
		r.e.log.Warn("note what the retention did", "error", err)
	}
}

func (r *retainer) days(definition string) int {
	if days, own := r.own[definition]; own {
		return days
	}
	return r.standard
}

// pass looks at every day on which something may be over.
func (r *retainer) pass(ctx context.Context) error {
	all, err := r.e.store.Retentions(ctx)
	if err != nil {
		return err
	}
	r.own, r.standard = make(map[string]int, len(all)), r.e.standard(all)
	shortest := r.standard
	for _, own := range all {
		if own.Definition == "" {
			continue
		}
		r.own[own.Definition] = own.Days
		shortest = min(shortest, own.Days)
	}
	days, err := r.e.store.OldDays(ctx)
	if err != nil {
		return err
	}
	now, err := r.e.store.Now(ctx)
	if err != nil {
		return err
	}
	r.began = now
	for _, day := range days {
		if day.Start.AddDate(0, 0, shortest).After(now) {
			break // what began so late cannot have ended long enough ago
		}
		if err := r.day(ctx, day, now); err != nil {
			return err
		}
	}
	return r.e.store.ForgetTombstones(ctx, r.standard, forgetAtOnce)
}

func (r *retainer) day(ctx context.Context, day pgstore.Day, now time.Time) error {
	keeps, err := r.e.store.Keeps(ctx, day, r.standard, now)
	if err != nil {
		return err
	}
	if !keeps {
		return r.drop(ctx, day)
	}
	stays, err := r.e.store.Keeps(ctx, day, r.standard, now.Add(dropSoon))
	if err != nil || !stays {
		return err // it will be dropped soon
	}
	definitions, err := r.e.store.DefinitionsOf(ctx, day)
	if err != nil {
		return err
	}
	for _, definition := range definitions {
		if day.Start.AddDate(0, 0, r.days(definition)).After(now) {
			continue
		}
		if err := r.batches(ctx, day, definition); err != nil {
			return err
		}
	}
	return nil
}

// drop removes a day as a whole: first the rows that are not in its partitions, by which its processes are found.
func (r *retainer) drop(ctx context.Context, day pgstore.Day) error {
	total := 0
	for {
		ids, err := r.e.store.AnyOf(ctx, day, forgetAtOnce)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		n, err := r.remove(ctx, day, ids, true)
		if err != nil {
			return err
		}
		if total += n; n == 0 {
			return nil // somebody else is at it
		}
	}
	ctx, cancel := context.WithTimeout(ctx, dropWithin)
	defer cancel()
	if err := r.e.store.DropDay(ctx, day); err != nil {
		return err
	}
	r.e.retained.days.Add(1)
	r.e.log.Info("dropped a day that is over its retention", "day", day.Name, "processes", total)
	return nil
}

// batches removes what is over of one definition and a day that stays.
func (r *retainer) batches(ctx context.Context, day pgstore.Day, definition string) error {
	for after := ""; ; {
		ids, err := r.e.store.Expired(ctx, day, definition, r.standard, after, removeAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		parents, err := r.e.store.Parents(ctx, ids)
		if err != nil {
			return err
		}
		for _, root := range parents {
			if err := r.below(ctx, root); err != nil {
				return err
			}
		}
		if _, err := r.remove(ctx, day, ids, false); err != nil {
			return err
		}
	}
}

// below removes what a process has called, however indirectly.
func (r *retainer) below(ctx context.Context, root string) error {
	for {
		ids, err := r.e.store.Below(ctx, root, removeAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		total := 0
		for len(ids) > 0 {
			day := pgstore.DayOf(ids[0])
			n := slices.IndexFunc(ids, func(id string) bool { return pgstore.DayOf(id).Name != day.Name })
			if n < 0 {
				n = len(ids)
			}
			removed, err := r.remove(ctx, day, ids[:n], false)
			if err != nil {
				return err
			}
			total += removed
			ids = ids[n:]
		}
		if total == 0 {
			return nil // somebody else is at it
		}
	}
}

// remove removes processes in one transaction, and rests as long as that took: the database has more to do.
func (r *retainer) remove(ctx context.Context, day pgstore.Day, ids []string, whole bool) (int, error) {
	began := time.Now()
	removed, err := r.e.store.Remove(ctx, r.by, day, ids, whole, func(queue pgstore.Queue, removed []pgstore.Removed) {
		for _, of := range removed {
			if r.e.cfg.Files != nil {
				r.e.cfg.Files.Revoke(queueTx(queue), of.IDs...)
			}
			if r.e.cfg.Removals != nil {
				r.e.cfg.Removals.Removed(queueTx(queue), Removal{Definition: of.Definition, Days: r.days(of.Definition), Processes: of.N, First: of.IDs[0], Last: of.IDs[of.N-1]})
			}
		}
	})
	if err != nil {
		return 0, err
	}
	total := 0
	for _, of := range removed {
		total += of.N
	}
	r.e.retained.processes.Add(int64(total))
	sleep(ctx, time.Since(began))
	return total, ctx.Err()
}

// Retained is what this engine removed since it was made; Passed is when its last whole pass ended, zero when there was none.
type Retained struct {
	Processes int64
	Days      int64
	Passed    time.Time
}

// Retained returns what the retention of this engine did.
func (e *Engine) Retained() Retained {
	r := Retained{Processes: e.retained.processes.Load(), Days: e.retained.days.Load()}
	if at := e.retained.passed.Load(); at > 0 {
		r.Passed = time.Unix(at, 0).UTC()
	}
	return r
}

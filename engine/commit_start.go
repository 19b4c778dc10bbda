package engine

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// leaveOut takes out the entries whose rows of the inbox another engine has dealt with, or another entry of the batch will. It
// returns the starts that are left.
func (b *batch) leaveOut(starts []*entry, inbox map[int64]bool) []*entry {
	var entries []*entry
	out := map[*entry]bool{}
	for _, en := range b.entries {
		if en.inbox != 0 && !inbox[en.inbox] {
			b.done, out[en] = append(b.done, en), true
			continue
		}
		delete(inbox, en.inbox) // the same row again is no news
		entries = append(entries, en)
	}
	b.entries = entries
	return slices.DeleteFunc(starts, func(en *entry) bool { return out[en] })
}

// claimActive refuses starts whose customId another live process of the definition has to itself. It returns the others, and why the
// refused ones are.
func (b *batch) claimActive(ctx context.Context, starts []*entry) ([]*entry, map[*entry]error, error) {
	var keys []pgstore.ActiveKey
	first := map[[2]string]*entry{}
	for _, en := range starts {
		if a := en.start.active; a != nil && first[[2]string{a.Definition, a.CustomID}] == nil {
			first[[2]string{a.Definition, a.CustomID}] = en
			keys = append(keys, *a)
		}
	}
	if len(keys) == 0 {
		return starts, nil, nil
	}
	taken, err := b.tx.ClaimActive(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	fresh, refused := starts[:0:0], map[*entry]error{}
	for _, en := range starts {
		a := en.start.active
		if a == nil {
			fresh = append(fresh, en)
			continue
		}
		key := [2]string{a.Definition, a.CustomID}
		holder, held := taken[key]
		if !held && first[key] == en {
			fresh = append(fresh, en)
			continue
		}
		if !held {
			holder = first[key].process
		}
		refused[en] = errActive(a, holder)
		if en.start.key.Key != "" { // claimed by this very commit: the same start may be tried again
			b.write.QueueSQL(pgstore.ReleaseKey, en.start.key.Definition, en.start.key.Key, en.process)
		}
		if en.start.caller != nil {
			if err := b.post(en.process, refusalOf(en.process, en.start.caller, fault.As(refused[en]))); err != nil {
				return nil, nil, err
			}
		}
		b.answers = append(b.answers, func() { en.answer(reply{err: refused[en]}) })
	}
	return fresh, refused, nil
}

func errActive(a *pgstore.ActiveKey, holder string) error {
	issue := fault.Issue{Code: "process.already_active", Path: "/custom_id", Message: "a process with this customId has not ended", Params: map[string]any{}}
	if holder != "" {
		issue.Params["process_id"] = holder
	}
	return fault.Newf(fault.Conflict, "process.already_active", "%s allows one process at a time for the customId %q, and one has not ended", a.Definition, a.CustomID).
		With(map[string]any{"definition": a.Definition, "custom_id": a.CustomID}).WithIssues(issue)
}

// settleKeys answers the starts whose idempotency key is known. It returns the others, and who holds the known keys.
func (b *batch) settleKeys(ctx context.Context, starts []*entry, claimed map[[2]string]bool) ([]*entry, map[[2]string]pgstore.Key, error) {
	var fresh []*entry
	var known []pgstore.Key
	for _, en := range starts {
		if en.start.key.Key == "" || claimed[en.start.keyID()] {
			fresh = append(fresh, en)
		} else {
			known = append(known, en.start.key)
		}
	}
	held, err := b.tx.HeldKeys(ctx, known)
	if err != nil {
		return nil, nil, err
	}
	for _, en := range starts {
		if en.start.key.Key == "" || claimed[en.start.keyID()] {
			continue
		}
		key, ok := held[en.start.keyID()]
		if !ok { // taken away between the two statements: claim it again
			return nil, nil, fmt.Errorf("claim idempotency key %q: %w", en.start.key.Key, pgstore.ErrConflict)
		}
		b.answerKnown(en, key)
	}
	return fresh, held, nil
}

// answerKnown answers a start whose key belongs to a process already.
func (b *batch) answerKnown(en *entry, key pgstore.Key) {
	if !bytes.Equal(key.BodyHash, en.start.key.BodyHash) {
		b.answers = append(b.answers, func() {
			en.answer(reply{err: fault.New(fault.Conflict, "process.idempotency_mismatch", "the idempotency key was used with another request")})
		})
		return
	}
	b.answers = append(b.answers, func() { en.answer(reply{id: key.Process, existing: true}) })
}

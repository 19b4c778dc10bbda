package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// feed is a process that somebody looks at.
type feed struct {
	process string
	subs    map[*subscription]struct{} // guarded by hub.mu
	head    int64                      // highest sequence heard of; guarded by hub.mu
	dirty   bool                       // there may be something to send; guarded by hub.mu
	restDue bool                       // tasks that do not move are to be looked at; guarded by hub.mu

	whys  map[string]string // task id → why it does not move, as sent; of the refresher alone
	still bool              // it has such tasks; guarded by hub.mu
}

// atRest are the states in which a task waits for something, and says for what: a call runs while it waits for its child process.
var atRest = []string{"waiting", "ready", "queued", "retrying", "running"}

// refreshFeed sends everybody who looks at a process what they do not have yet.
func (h *Hub) refreshFeed(ctx context.Context, f *feed) error {
	h.mu.Lock()
	rest := f.restDue
	f.restDue = false
	var behind, blank []*subscription // those who follow, and those who need a snapshot
	for sub := range f.subs {
		if sub.seq < 0 {
			blank = append(blank, sub)
		} else {
			behind = append(behind, sub)
		}
	}
	h.mu.Unlock()
	from := oldest(behind)

	changed := map[string]int64{} // task id → sequence of its last change
	seq := from
	for len(behind) > 0 {
		events, head, err := h.config.Source.Events(ctx, f.process, from, eventsAtOnce)
		if err != nil {
			return h.failed(f, err)
		}
		lost := func(sub *subscription) bool { return sub.seq > head || head-sub.seq > eventsAtOnce } // another history, or too far behind
		if slices.ContainsFunc(behind, lost) {
			follow := behind[:0:0]
			for _, sub := range behind {
				if lost(sub) {
					blank = append(blank, sub)
				} else {
					follow = append(follow, sub)
				}
			}
			behind, from = follow, oldest(follow)
			seq = from
			continue
		}
		anew := false // more has changed than the events name
		for _, event := range events {
			seq = max(seq, event.Seq)
			for _, change := range event.Changes {
				if change.Task != "" {
					changed[change.Task] = event.Seq
				}
				anew = anew || change.Kind == "restarted" || change.Kind == "migrated"
			}
		}
		if anew {
			behind, blank = nil, append(blank, behind...)
		}
		break
	}
	process, err := h.config.Source.Process(ctx, f.process)
	if err != nil {
		return h.failed(f, err)
	}
	if len(blank) > 0 {
		if err := h.sendSnapshot(ctx, f, process, blank); err != nil {
			return err
		}
	}
	if len(behind) > 0 {
		err = h.sendBatch(ctx, f, process, behind, changed, seq, rest)
	}
	h.mu.Lock()
	f.head = max(f.head, seq)
	if len(behind) == 0 {
		f.head = max(f.head, process.Seq)
	}
	f.still = false
	for _, state := range atRest {
		f.still = f.still || process.Counts[state] > 0
	}
	h.mu.Unlock()
	return err
}

// oldest returns the lowest sequence that any of them has.
func oldest(subs []*subscription) int64 {
	from := int64(-1)
	for _, sub := range subs {
		if from < 0 || sub.seq < from {
			from = sub.seq
		}
	}
	return from
}

// failed ends the subscriptions of a process that is not there; any other error is tried again.
func (h *Hub) failed(f *feed, err error) error {
	if !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("read process %s: %w", f.process, err)
	}
	h.mu.Lock()
	subs := make([]*subscription, 0, len(f.subs))
	for sub := range f.subs {
		subs = append(subs, sub)
	}
	h.mu.Unlock()
	for _, sub := range subs {
		h.drop(sub, "process.not_found", "There is no such process.")
	}
	return nil
}

// sendSnapshot sends the whole state. The process was read before the tasks, so they are at least as new as its sequence.
func (h *Hub) sendSnapshot(ctx context.Context, f *feed, process httpapi.Process, to []*subscription) error {
	page, err := h.config.Source.Tasks(ctx, f.process, httpapi.TaskFilter{Limit: tasksAtOnce})
	if err != nil {
		return fmt.Errorf("read tasks of process %s: %w", f.process, err)
	}
	f.note(page.Items)
	for _, sub := range to {
		sub.seq, sub.greeted = process.Seq, true
		h.deliver(sub, httpapi.LiveSnapshot{
			Type: "snapshot", ID: sub.id, Seq: process.Seq, Process: process, Tasks: tasksOf(page.Items), More: page.NextCursor != "",
		})
	}
	return nil
}

// sendBatch sends what changed since each subscription's sequence. Tasks are read after the events: a state newer than seq
// may go out, and its event brings it again.
func (h *Hub) sendBatch(ctx context.Context, f *feed, process httpapi.Process, to []*subscription, changed map[string]int64, seq int64, rest bool) error {
	tasks, err := h.tasksByID(ctx, f.process, changed)
	if err != nil {
		return err
	}
	f.note(tasks)
	var moved []httpapi.TaskSummary // tasks whose reason to wait changed without an event
	if rest {
		page, err := h.config.Source.Tasks(ctx, f.process, httpapi.TaskFilter{States: atRest, Limit: rowsAtOnce})
		if err != nil {
			return fmt.Errorf("read waiting tasks of process %s: %w", f.process, err)
		}
		moved = f.note(page.Items)
	}
	shown := httpapi.LiveProcessProgress{ProcessSummary: process.ProcessSummary, ProcessProgress: process.ProcessProgress, Actions: process.Actions}
	for _, sub := range to {
		items := slices.Clone(moved)
		for _, task := range tasks {
			if changed[task.ID] > sub.seq && !slices.ContainsFunc(moved, func(other httpapi.TaskSummary) bool { return other.ID == task.ID }) {
				items = append(items, task)
			}
		}
		if sub.greeted && seq == sub.seq && len(items) == 0 {
			continue // it was only a look
		}
		sub.seq, sub.greeted = seq, true
		h.deliver(sub, httpapi.LiveBatch{Type: "batch", ID: sub.id, Seq: seq, Process: shown, Tasks: tasksOf(items)})
	}
	return nil
}

func (h *Hub) tasksByID(ctx context.Context, process string, ids map[string]int64) ([]httpapi.TaskSummary, error) {
	all := make([]string, 0, len(ids))
	for id := range ids {
		all = append(all, id)
	}
	var tasks []httpapi.TaskSummary
	for chunk := range slices.Chunk(all, tasksAtOnce) {
		page, err := h.config.Source.Tasks(ctx, process, httpapi.TaskFilter{IDs: chunk, Limit: tasksAtOnce})
		if err != nil {
			return nil, fmt.Errorf("read %d tasks of process %s: %w", len(chunk), process, err)
		}
		tasks = append(tasks, page.Items...)
	}
	return tasks, nil
}

// note keeps why tasks wait and returns those whose reason is another one than before.
func (f *feed) note(tasks []httpapi.TaskSummary) []httpapi.TaskSummary {
	var moved []httpapi.TaskSummary
	for _, task := range tasks {
		why := ""
		if task.Why != nil {
			raw, _ := json.Marshal(task.Why) // plain values
			why = string(raw)
		}
		if f.whys[task.ID] != why {
			moved = append(moved, task)
		}
		if why == "" {
			delete(f.whys, task.ID)
		} else {
			f.whys[task.ID] = why
		}
	}
	return moved
}

func tasksOf(tasks []httpapi.TaskSummary) []httpapi.TaskSummary {
	if tasks == nil {
		return []httpapi.TaskSummary{}
	}
	return tasks
}

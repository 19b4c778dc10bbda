package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// row is a process that lists show; hub.mu guards it.
type row struct {
	subs  map[*subscription]struct{}
	head  int64
	dirty bool
}

// refreshRows sends lists the rows that changed, and new lists all of theirs.
func (h *Hub) refreshRows(ctx context.Context) error {
	h.mu.Lock()
	var due, unknown []string
	for id, r := range h.rows {
		if r.dirty {
			r.dirty = false
			due = append(due, id)
			if r.head == 0 {
				unknown = append(unknown, id)
			}
		}
	}
	h.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	summaries, err := h.readRows(ctx, due, unknown)
	if err != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, id := range due {
			if r := h.rows[id]; r != nil {
				r.dirty = true
			}
		}
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	lists := map[*subscription][]httpapi.ProcessSummary{}
	for _, id := range due {
		if r := h.rows[id]; r != nil {
			for sub := range r.subs {
				if _, listed := lists[sub]; !listed {
					lists[sub] = []httpapi.ProcessSummary{}
				}
				if summary, exists := summaries[id]; exists {
					lists[sub] = append(lists[sub], summary)
				}
			}
		}
	}
	for sub, items := range lists {
		if len(items) == 0 && !sub.fresh {
			continue
		}
		sub.fresh = false
		slices.SortFunc(items, func(a, b httpapi.ProcessSummary) int { return bytes.Compare([]byte(b.ID), []byte(a.ID)) })
		if !sub.client.send(sub, httpapi.LiveRows{Type: "rows", ID: sub.id, Items: items}) {
			h.detach(sub)
		}
	}
	return nil
}

func (h *Hub) readRows(ctx context.Context, due, unknown []string) (map[string]httpapi.ProcessSummary, error) {
	// heads first: a row is then at least as new as the sequence that is remembered for it
	if err := h.readHeads(ctx, unknown, false); err != nil {
		return nil, err
	}
	summaries := map[string]httpapi.ProcessSummary{}
	for chunk := range slices.Chunk(due, rowsAtOnce) {
		page, err := h.config.Source.SearchProcesses(ctx, httpapi.ProcessFilter{IDs: chunk, Limit: rowsAtOnce})
		if err != nil {
			return nil, fmt.Errorf("read %d rows: %w", len(chunk), err)
		}
		for _, summary := range page.Items {
			summaries[summary.ID] = summary
		}
	}
	return summaries, nil
}

// readHeads asks how far histories have come; with mark, what moved on unnoticed is refreshed.
func (h *Hub) readHeads(ctx context.Context, ids []string, mark bool) error {
	for chunk := range slices.Chunk(ids, headsAtOnce) {
		heads, err := h.config.Source.Heads(ctx, chunk)
		if err != nil {
			return fmt.Errorf("read %d heads: %w", len(chunk), err)
		}
		h.mu.Lock()
		news := false
		for id, head := range heads {
			if mark {
				news = h.moved(id, head) || news
			} else if r := h.rows[id]; r != nil {
				r.head = max(r.head, head)
			}
		}
		if news {
			h.signal()
		}
		h.mu.Unlock()
	}
	return nil
}

// refreshPools sends the pools to who has not got them yet and, when look is set, to everybody if they changed.
func (h *Hub) refreshPools(ctx context.Context, look bool) error {
	h.mu.Lock()
	wanted := look && len(h.pools) > 0
	for sub := range h.pools {
		wanted = wanted || sub.fresh
	}
	h.mu.Unlock()
	if !wanted {
		return nil
	}
	pools, err := h.config.Source.Pools(ctx)
	if err != nil {
		return fmt.Errorf("read the pools: %w", err)
	}
	if pools == nil {
		pools = []httpapi.Pool{}
	}
	raw, err := json.Marshal(pools)
	if err != nil {
		return fmt.Errorf("encode the pools: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	changed := !bytes.Equal(raw, h.known)
	h.known = raw
	for sub := range h.pools {
		if !changed && !sub.fresh {
			continue
		}
		sub.fresh = false
		if !sub.client.send(sub, httpapi.LivePools{Type: "pools", ID: sub.id, Items: pools}) {
			h.detach(sub)
		}
	}
	return nil
}

// compare asks how far everything that is looked at has come, and looks at what changes without events: the pools, and why
// tasks wait.
func (h *Hub) compare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	h.mu.Lock()
	ids := map[string]struct{}{}
	for id, f := range h.feeds {
		ids[id] = struct{}{}
		if f.still {
			f.restDue, f.dirty = true, true
			h.signal()
		}
	}
	for id := range h.rows {
		ids[id] = struct{}{}
	}
	h.mu.Unlock()
	if err := h.readHeads(ctx, slices.Collect(maps.Keys(ids)), true); err != nil {
		return err
	}
	return errors.Join(h.refreshPools(ctx, true), h.tendDesks(ctx))
}

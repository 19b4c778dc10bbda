package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// desk is a draft that tabs connected to this server have open; hub.mu guards it.
type desk struct {
	subs  map[*subscription]struct{}
	known []byte // as it was sent last
	dirty bool
}

// change notes that a tab takes over or lets go; the refresher does it. Who may not edit changes nothing.
func (h *Hub) change(c *client, id string, takesOver bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	sub := c.subs[id]
	if sub == nil || sub.topic != "draft" {
		c.refuse(id, "live.unknown_subscription", "There is no such subscription.")
		return
	}
	if !c.session.Identity.May(httpapi.PermDefinitionEdit) {
		c.refuse(id, "access.denied", "You may not do this.")
		return
	}
	sub.takesOver, sub.letsGo = takesOver, !takesOver
	h.signal()
}

// Saved tells that a draft was saved or published through this server: who looks at it learns at once.
func (h *Hub) Saved(definition string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d := h.desks[definition]; d != nil {
		d.dirty = true
		h.signal()
	}
}

// refreshDesks does what tabs asked for and sends the drafts that changed. What fails stays asked for.
func (h *Hub) refreshDesks(ctx context.Context) error {
	if h.config.Drafts == nil {
		return nil
	}
	h.mu.Lock()
	left := h.left
	h.left = nil
	var coming, taking, letting []*subscription
	for _, d := range h.desks {
		for sub := range d.subs {
			if !sub.seated {
				coming = append(coming, sub)
			}
			if sub.takesOver {
				taking = append(taking, sub)
			}
			if sub.letsGo {
				letting = append(letting, sub)
			}
		}
	}
	h.mu.Unlock()
	for _, sub := range coming {
		if err := h.config.Drafts.Sit(ctx, sub.seat, sub.edit); fault.Is(err, fault.NotFound) {
			h.drop(sub, "definition.not_found", "There is no such definition.")
		} else if err != nil {
			h.leftAgain(left)
			return fmt.Errorf("seat a tab at the draft of %s: %w", sub.seat.Definition, err)
		}
		h.settle(sub, func() { sub.seated = true })
	}
	for _, step := range []struct {
		subs []*subscription
		do   func(context.Context, Seat) error
		done func(*subscription)
	}{
		{taking, h.config.Drafts.TakeOver, func(sub *subscription) { sub.takesOver = false }},
		{letting, h.config.Drafts.LetGo, func(sub *subscription) { sub.letsGo = false }},
	} {
		for _, sub := range step.subs {
			if err := step.do(ctx, sub.seat); err != nil && !fault.Is(err, fault.NotFound) {
				h.leftAgain(left)
				return fmt.Errorf("change who edits the draft of %s: %w", sub.seat.Definition, err)
			}
			h.settle(sub, func() { step.done(sub) })
		}
	}
	// A tab that asked anew has another socket by now: its seat is not taken away.
	for i, seat := range left {
		if err := h.config.Drafts.Leave(ctx, seat); err != nil && !fault.Is(err, fault.NotFound) {
			h.leftAgain(left[i:])
			return fmt.Errorf("let a tab leave the draft of %s: %w", seat.Definition, err)
		}
		h.Saved(seat.Definition)
	}
	return h.sendDesks(ctx)
}

func (h *Hub) leftAgain(left []Seat) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left = append(left, h.left...)
}

// settle notes what was done for a subscription. One that ended meanwhile is seated nowhere any more: its seat is given back.
func (h *Hub) settle(sub *subscription, note func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	note()
	if d := h.desks[sub.seat.Definition]; d != nil {
		d.dirty = true
	}
	if sub.over && !sub.gone {
		sub.gone = true
		h.left = append(h.left, sub.seat)
		h.signal()
	}
}

// sendDesks sends drafts that changed to all that look at them, and the others to who has not got them yet.
func (h *Hub) sendDesks(ctx context.Context) error {
	h.mu.Lock()
	var keys []string
	for key, d := range h.desks {
		due := d.dirty
		for sub := range d.subs {
			due = due || sub.fresh && sub.seated
		}
		if due {
			d.dirty = false
			keys = append(keys, key)
		}
	}
	h.mu.Unlock()
	if len(keys) == 0 {
		return nil
	}
	drafts, err := h.config.Drafts.Drafts(ctx, keys)
	if err != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, key := range keys {
			if d := h.desks[key]; d != nil {
				d.dirty = true
			}
		}
		return fmt.Errorf("read %d drafts: %w", len(keys), err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, draft := range drafts {
		d := h.desks[key]
		if d == nil {
			continue
		}
		raw, err := json.Marshal(draft)
		if err != nil {
			return fmt.Errorf("encode the draft of %s: %w", key, err)
		}
		changed := !bytes.Equal(raw, d.known)
		d.known = raw
		draft.Type = "draft"
		for _, sub := range slices.Collect(maps.Keys(d.subs)) {
			if !sub.seated {
				continue
			}
			// Where this server was stopped for a while, others took the tab for gone.
			if !slices.ContainsFunc(draft.Seats, func(seat httpapi.LiveSeat) bool { return seat.Tab == sub.seat.Tab }) {
				sub.seated = false
				h.signal()
				continue
			}
			if !changed && !sub.fresh {
				continue
			}
			sub.fresh = false
			draft.ID = sub.id
			if !sub.client.send(sub, draft) {
				h.detach(sub)
			}
		}
	}
	return nil
}

// tendDesks keeps the seats of open sockets and looks at what changed through other servers.
func (h *Hub) tendDesks(ctx context.Context) error {
	h.mu.Lock()
	var sockets []string
	for _, d := range h.desks {
		d.dirty = true
		for sub := range d.subs {
			if sub.seated {
				sockets = append(sockets, sub.seat.Socket)
			}
		}
	}
	h.mu.Unlock()
	if len(sockets) == 0 {
		return nil
	}
	if err := h.config.Drafts.Tend(ctx, sockets); err != nil {
		return err
	}
	h.signal()
	return nil
}

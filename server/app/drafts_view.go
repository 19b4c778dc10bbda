package app

import (
	"context"

	"github.com/taskurotta/taskurotta-go/designer/desk"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/server/live"
)

// draftsView shows the live feed who has a draft open.
type draftsView struct{ desks desk.Store }

var _ live.Drafts = draftsView{}

func (v draftsView) Sit(ctx context.Context, seat live.Seat, edit bool) error {
	return v.desks.Sit(ctx, seat.Definition, desk.Seat{Tab: seat.Tab, Socket: seat.Socket, Login: seat.Login, Name: seat.Name}, edit)
}

func (v draftsView) Leave(ctx context.Context, seat live.Seat) error {
	return v.desks.Leave(ctx, seat.Definition, seat.Tab, seat.Socket)
}

func (v draftsView) TakeOver(ctx context.Context, seat live.Seat) error {
	return v.desks.TakeOver(ctx, seat.Definition, seat.Tab, seat.Socket)
}

func (v draftsView) LetGo(ctx context.Context, seat live.Seat) error {
	return v.desks.LetGo(ctx, seat.Definition, seat.Tab, seat.Socket)
}

func (v draftsView) Tend(ctx context.Context, sockets []string) error {
	return v.desks.Tend(ctx, sockets)
}

func (v draftsView) Drafts(ctx context.Context, definitions []string) (map[string]httpapi.LiveDraft, error) {
	desks, err := v.desks.Desks(ctx, definitions)
	if err != nil {
		return nil, err
	}
	drafts := make(map[string]httpapi.LiveDraft, len(desks))
	for key, d := range desks {
		drafts[key] = httpapi.LiveDraft{
			Definition: key, Revision: d.Revision, UpdatedAt: d.UpdatedAt, UpdatedBy: d.UpdatedBy, Latest: d.Latest,
			Seats: mapped(d.Seats, func(s desk.Seat) httpapi.LiveSeat {
				return httpapi.LiveSeat{Tab: s.Tab, Login: s.Login, Name: s.Name, Since: s.Since, Editing: s.Editing, Heir: s.Heir}
			}),
		}
	}
	return drafts, nil
}

// Package desk says who has a draft open and which one of them edits it.
//
// The lock is a courtesy between people and between tabs: it keeps two of them from editing at once without knowing. What keeps a
// draft from being overwritten is its revision, which every save names. Whoever wants to edit takes over: the tab that edits saves
// what it has and lets go; when it does not answer, it loses the lock all the same, and finds out at its next save.
//
// The package holds types and times; designer/pgstore keeps the seats.
package desk

import (
	"context"
	"time"
)

const (
	// Silence is how long a tab may not be heard of before it is gone.
	Silence = 20 * time.Second
	// HandOver is how long the tab that edits has to save and let go when another one takes over.
	HandOver = 5 * time.Second
)

// Seat is a browser tab that has a draft open.
type Seat struct {
	Tab     string // the browser's own name of it
	Socket  string // of the subscription that speaks for it
	Login   string
	Name    string
	Since   time.Time
	Editing bool // it is the one that edits
	Heir    bool // it takes over once that one has let go
}

// Desk is a draft with those who have it open, in the order in which they came.
type Desk struct {
	Revision  int64
	UpdatedAt time.Time
	UpdatedBy string
	Latest    int
	Seats     []Seat
}

// Store keeps seats. Unknown definitions are a fault.Error of kind not_found; whoever is not seated changes nothing.
type Store interface {
	// Sit seats a tab, or refreshes its seat, and lets it edit when it wants to and nobody does.
	Sit(ctx context.Context, key string, seat Seat, edit bool) error
	// Leave takes a tab away if this socket still speaks for it.
	Leave(ctx context.Context, key, tab, socket string) error
	// TakeOver lets a tab edit: at once when nobody does, else as soon as the one that does has let go.
	TakeOver(ctx context.Context, key, tab, socket string) error
	// LetGo ends a tab's editing; the one that waits for it, if any, edits from then on.
	LetGo(ctx context.Context, key, tab, socket string) error
	// Tend keeps the seats of these sockets, removes those that were not heard of for Silence, and ends the editing of who was
	// asked to let go before HandOver and did not.
	Tend(ctx context.Context, sockets []string) error
	// Desks returns what is known of drafts; unknown keys are left out.
	Desks(ctx context.Context, keys []string) (map[string]Desk, error)
}

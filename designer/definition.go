package designer

import (
	"context"
	"encoding/json"
	"time"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Definition is a named process design.
type Definition struct {
	ID            string
	Key           string
	Title         string
	Latest        int    // number of the version that starts run; 0 when none is published
	LatestSum     string // checksum of that version
	DraftRevision int64
	DraftSum      string // checksum of the draft; empty when it is no valid document
	UpdatedAt     time.Time
	UpdatedBy     string
	Versions      int
}

// Unpublished reports whether the draft means something else than the latest version.
func (d Definition) Unpublished() bool { return d.Latest == 0 || d.DraftSum != d.LatestSum }

// Draft is a definition's mutable document, exactly as its author's tool sent it.
type Draft struct {
	Key       string
	Document  json.RawMessage
	Revision  int64
	Checksum  string
	UpdatedAt time.Time
	UpdatedBy string
}

// Version is a published document. It never changes.
type Version struct {
	Key         string
	Title       string
	Number      int
	Note        string
	Checksum    string // SHA-256, hexadecimal, of the document without layout, notes and extensions
	PublishedAt time.Time
	PublishedBy string
	Latest      bool
	Document    json.RawMessage            // absent in lists
	NodeTypes   map[string]wire.Descriptor // name@major → the descriptor at the time; absent in lists
	Graph       *graph.Document            // Document, decoded; absent in lists
	Starts      []Start                    // its start events that nobody sets off by hand; of Publish only
}

// ErrRevision says that somebody saved the draft since the revision that a change is based on.
type ErrRevision struct{ Current int64 }

// Error returns the message.
func (e *ErrRevision) Error() string { return "the draft has another revision" }

// Store keeps definitions. Unknown keys and numbers answer a fault.Error of kind not_found, a taken key one of kind conflict,
// and a stale revision *ErrRevision.
type Store interface {
	Create(ctx context.Context, definition Definition, document json.RawMessage) error
	List(ctx context.Context, query, after string, limit int) ([]Definition, error)
	Get(ctx context.Context, key string) (Definition, error)
	// Latest returns Definition.Latest.
	Latest(ctx context.Context, key string) (int, error)
	Rename(ctx context.Context, key, title string) error
	Draft(ctx context.Context, key string) (Draft, error)
	// SaveDraft replaces the document of revision draft.Revision and returns the new revision and its time.
	SaveDraft(ctx context.Context, draft Draft) (int64, time.Time, error)
	// Publish adds the next version, made from the draft of a revision, and lets starts run it. It answers Unchanged when the
	// latest version has the same checksum, which another request may have published meanwhile.
	Publish(ctx context.Context, revision int64, version Version) (Version, error)
	Versions(ctx context.Context, key string, below, limit int) ([]Version, error)
	Version(ctx context.Context, key string, number int) (Version, error)
	// SetLatest lets starts run a version; starts are those of it that nobody sets off by hand.
	SetLatest(ctx context.Context, key string, number int, starts []Start) error
	Titles(ctx context.Context) (map[string]string, error)
	// KeepTest gives a test its negative number; one with the same checksum has it already.
	KeepTest(ctx context.Context, test Test) (Test, error)
	Test(ctx context.Context, key string, number int) (Test, error)
	Pins(ctx context.Context, key string) ([]Pin, error)
	Pin(ctx context.Context, key string, pin Pin) error
	Unpin(ctx context.Context, key, node string) error
	// Calendars returns all of them, by key.
	Calendars(ctx context.Context) ([]Calendar, error)
	// AddCalendar answers a conflict when the key is in use.
	AddCalendar(ctx context.Context, calendar Calendar) error
	// ChangeCalendar replaces the revision calendar.Revision. It answers ErrRevision when that is not the present one.
	ChangeCalendar(ctx context.Context, calendar Calendar) error
	// RemoveCalendar answers not_found when there is none, and a conflict when a draft or a version counts in it.
	RemoveCalendar(ctx context.Context, key string) error
}

// Package live feeds browsers: a process's tree, the rows of a list, the pools, as they change.
//
// PostgreSQL is asked for what changed, and only about what somebody looks at. A message from Redis says that a process has
// moved on; every 2 s the hub compares sequences itself, so a lost message shows late and never never. A client gets a
// snapshot, then batches, at most 10 a second, in which the last state wins; one that cannot keep up is told to ask again.
//
// The package knows the API's types and nothing of engine or storage. The websocket library stays in socket.go.
package live

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// Source is what the hub reads. Errors are fault.Error; not_found ends a subscription.
type Source interface {
	Process(ctx context.Context, id string) (httpapi.Process, error)
	Tasks(ctx context.Context, process string, filter httpapi.TaskFilter) (httpapi.Page[httpapi.TaskSummary], error)
	// Events returns at most limit events after a sequence, oldest first, and the process's head.
	Events(ctx context.Context, process string, after int64, limit int) ([]httpapi.Event, int64, error)
	// Heads returns the sequence of the last event of each process that exists.
	Heads(ctx context.Context, ids []string) (map[string]int64, error)
	SearchProcesses(ctx context.Context, filter httpapi.ProcessFilter) (httpapi.Page[httpapi.ProcessSummary], error)
	Pools(ctx context.Context) ([]httpapi.Pool, error)
}

// Seat is a browser tab that has a draft open, and the subscription that speaks for it.
type Seat struct {
	Definition string
	Tab        string
	Socket     string
	Login      string
	Name       string
}

// Drafts keeps who has a draft open. Errors are fault.Error; not_found ends a subscription.
type Drafts interface {
	// Sit seats a tab, which edits when it wants to and nobody else does.
	Sit(ctx context.Context, seat Seat, edit bool) error
	Leave(ctx context.Context, seat Seat) error
	TakeOver(ctx context.Context, seat Seat) error
	LetGo(ctx context.Context, seat Seat) error
	// Tend keeps the seats of these sockets; those that nobody keeps end.
	Tend(ctx context.Context, sockets []string) error
	// Drafts returns drafts by definition, without Type and ID.
	Drafts(ctx context.Context, definitions []string) (map[string]httpapi.LiveDraft, error)
}

// Poke says that a process's history has reached a sequence.
type Poke struct {
	Process string
	Seq     int64
}

// Pokes is where pokes come from. They may be lost; Listen blocks until ctx ends. While wanted answers false they need not
// even be decoded.
type Pokes interface {
	Listen(ctx context.Context, wanted func() bool, heard func([]Poke))
}

// Config is what a hub needs. Zero values are the documented defaults.
type Config struct {
	Source  Source
	Pokes   Pokes  // nil: only the comparison of sequences finds changes
	Drafts  Drafts // nil: there is no topic draft
	Server  string
	Version string
	Log     *slog.Logger // default slog.Default()

	Tick       time.Duration // between two batches of a subscription; default 100 ms
	CompareAll time.Duration // between two comparisons of sequences; default 2 s
	CheckEvery time.Duration // between two checks of a socket's session; default 30 s
	PingEvery  time.Duration // default 20 s; a socket silent for three times as long is closed

	Sockets       int // open at a time; default 5,000
	SocketsEach   int // of one user; default 50
	Subscriptions int // of one socket; default 32
	QueueFrames   int // frames that wait for a slow client; default 64
	QueueBytes    int // bytes of them; default 4 MiB
}

var errSource = errors.New("live: Source is required")

func (c Config) withDefaults() (Config, error) {
	if c.Source == nil {
		return c, errSource
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{{&c.Tick, 100 * time.Millisecond}, {&c.CompareAll, 2 * time.Second}, {&c.CheckEvery, 30 * time.Second}, {&c.PingEvery, 20 * time.Second}} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	for _, n := range []struct {
		value    *int
		standard int
	}{{&c.Sockets, 5000}, {&c.SocketsEach, 50}, {&c.Subscriptions, 32}, {&c.QueueFrames, 64}, {&c.QueueBytes, 4 << 20}} {
		if *n.value <= 0 {
			*n.value = n.standard
		}
	}
	return c, nil
}

const (
	queryTimeout  = 10 * time.Second // of one refresh's queries
	afterFailure  = time.Second      // pause when the source does not answer
	eventsAtOnce  = 1000             // a client further behind gets a snapshot
	tasksAtOnce   = 500              // in a snapshot and in a query
	rowsAtOnce    = 200              // ids of a list subscription, and of a query
	headsAtOnce   = 1000
	feedsAtOnce   = 4     // refreshed side by side
	requestLimit  = 64000 // bytes of a client's message
	writeTimeout  = 10 * time.Second
	checkDeadline = 5 * time.Second
)

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Version is a published version of a definition, or a draft as a test run runs it, as the engine needs it. It never changes.
type Version struct {
	Key      string
	Number   int // negative: of a test run
	Title    string
	Document *graph.Document
	Types    map[string]wire.Descriptor // name@major → the descriptor it was published with
	Mocks    map[string]graph.Mock      // of a test run: what steps give instead of what they do, by node
}

// VersionSource gives published versions; the engine caches what it compiles from them. Errors are fault.Error; an unknown
// key or number is not_found.
type VersionSource interface {
	// Latest returns the number of the version that a start without one runs.
	Latest(ctx context.Context, key string) (int, error)
	Version(ctx context.Context, key string, number int) (Version, error)
}

// Announcer is the catalog of node types.
type Announcer interface {
	// Announce tells what a pool's workers serve and answers which descriptors are not accepted.
	Announce(ctx context.Context, pool string, types []wire.Descriptor) ([]wire.Refusal, error)
	// Pool returns the pool that serves a node type (name@major), "" when no worker ever announced it.
	Pool(ctx context.Context, nodeType string) (string, error)
	// Types returns all node types by name@major: plans are held against them.
	Types(ctx context.Context) (map[string]wire.Descriptor, error)
}

// Config is what an engine needs. Zero values of the rest are the documented defaults.
type Config struct {
	DB          *pgxpool.Pool
	Redis       redis.UniversalClient
	Keys        wire.Keys
	Definitions VersionSource
	Catalog     Announcer
	Log         *slog.Logger // default slog.Default()

	ID         string // of this engine among the servers; default host-pid-random
	Committers int    // readers of result shards that commit side by side; default one for every four cores, at least 1
	Batch      int    // most entries in one commit; default 500

	LeaseTTL      time.Duration // of shard and leader leases; default 5 s
	SilentAfter   time.Duration // a worker without a beat for so long is lost; default 10 s
	SweepEvery    time.Duration // default 2 s
	SweepAge      time.Duration // messages younger than this are not swept; default 5 s
	WindowFloor   int           // least window of a pool with workers; default 64
	InlineInput   int           // inputs above so many bytes are fetched by the worker; default 32 KiB
	MaxPayload    int           // bytes of an input or output; default 256 KiB
	CachedProcess int           // processes whose state is kept in memory; default 20,000
	Retention     int           // days that ended processes are kept unless their definition says otherwise; default 90
	RetainEvery   time.Duration // between passes of the retention; default 10 min

	// Files keeps who may read which file; nil refuses commands with files.
	Files FileGranter
	// Removals hears of what the retention removes; nil: nobody does.
	Removals Removals
}

// FileGranter adds the rows that let a process's readers and workers read files, to the transaction that uses the files.
type FileGranter interface {
	Grant(tx Tx, process string, files []FileGrant)
	// Keep stores content that a process made itself and lets the process read it.
	Keep(ctx context.Context, tx Tx, process string, file FileGrant, content []byte) error
	// Revoke takes every right of processes to files away.
	Revoke(tx Tx, processes ...string)
	// Copy lets process to read whatever process from may read.
	Copy(tx Tx, from, to string)
	// Share lets process to read those files that a payload names and process from may read.
	Share(tx Tx, from, to string, payload json.RawMessage)
}

// Tx is a commit under way: statements are sent with it, in order, before it commits.
type Tx interface {
	Queue(sql string, args ...any)
}

var errConfig = errors.New("engine: DB, Redis, Keys, Definitions and Catalog are required")

func (c Config) withDefaults() (Config, error) {
	if c.DB == nil || c.Redis == nil || c.Keys.ID == "" || c.Definitions == nil || c.Catalog == nil {
		return c, errConfig
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.ID == "" {
		c.ID = newEngineID()
	}
	// Each more makes the batches of all smaller, and what a batch costs does not depend on its size.
	setInt(&c.Committers, max(1, runtime.GOMAXPROCS(0)/4))
	setInt(&c.Batch, 500)
	setInt(&c.WindowFloor, 64)
	setInt(&c.InlineInput, 32<<10)
	setInt(&c.MaxPayload, 256<<10)
	setInt(&c.CachedProcess, 20_000)
	setInt(&c.Retention, DefaultRetention)
	setDuration(&c.LeaseTTL, 5*time.Second)
	setDuration(&c.SilentAfter, 10*time.Second)
	setDuration(&c.SweepEvery, 2*time.Second)
	setDuration(&c.SweepAge, 5*time.Second)
	setDuration(&c.RetainEvery, 10*time.Minute)
	return c, nil
}

func setInt(v *int, d int) {
	if *v <= 0 {
		*v = d
	}
}

func setDuration(v *time.Duration, d time.Duration) {
	if *v <= 0 {
		*v = d
	}
}

var emptyObject = json.RawMessage(`{}`)

// Package work serves workers that speak HTTP: programs in any language that poll for tasks of a pool, say that they live, and report
// what became of them.
//
// To the engine they are workers like any other: their beats are written into Redis by whatever server they call, and what they hold is
// lost when they fall silent. No server keeps anything of them, so any server may take any call.
package work

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/dispatch"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Engine is what workers need of the part that runs processes.
type Engine interface {
	TakeWork(ctx context.Context, pool string) (*dispatch.Taken, error)
	HoldWork(ctx context.Context, pool string, refs []engine.WorkRef) (gone []engine.WorkRef, err error)
	ReportWork(ctx context.Context, report wire.Report, lane wire.Lane) error
	TellWork(ctx context.Context, reports []wire.Report) error
	WorkInput(ctx context.Context, ref string) (json.RawMessage, error)
	Task(ctx context.Context, process, task string) (engine.TaskView, error)
	WorksOn(ctx context.Context, process string, pools []string) (bool, error)
	Drained(worker string) bool
	LeftDrained(ctx context.Context, worker string) error
}

// Config of a Service. Redis, Keys and Engine are required.
type Config struct {
	Redis  redis.UniversalClient
	Keys   wire.Keys
	Engine Engine
	Log    *slog.Logger // default slog.Default()
}

// Service serves workers.
type Service struct {
	config Config
	wakes  *wakes
}

// New returns a service.
func New(config Config) (*Service, error) {
	if config.Redis == nil || config.Keys.ID == "" || config.Engine == nil {
		return nil, errors.New("work: Redis, Keys and Engine are required")
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Service{config: config, wakes: newWakes(config.Redis, config.Keys)}, nil
}

// Start begins to listen for new tasks.
func (s *Service) Start(context.Context) error { s.wakes.start(); return nil }

// Stop ends that; polls under way answer that there is nothing. It may be called more than once.
func (s *Service) Stop() { s.wakes.stop() }

// How often a worker is to say that it and each of its tasks live, and when a task of which nothing was said is taken away: with the two
// beats that the engine waits for then, a task runs elsewhere within 15 s.
const (
	Heartbeat  = 2 * time.Second
	leaseLasts = 8 * time.Second
	verdictIn  = 10 * time.Second
)

var (
	validPool   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)
	validWorker = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$`)
)

// id is what the worker is called in Redis and on the page of workers: apart from workers that are there themselves.
func id(pool, worker string) string { return "http:" + pool + ":" + worker }

var (
	errUnknown = fault.New(fault.Conflict, "work.unknown_worker", "The worker is not known, or was silent for too long: announce it again.")
	errAway    = "The queue does not answer."
)

func (s *Service) away(err error) error {
	return fault.Wrap(err, fault.Unavailable, "work.queue_away", errAway)
}

func named(pool, worker string) error {
	switch {
	case !validPool.MatchString(pool):
		return fault.New(fault.Invalid, "work.pool_invalid", "A pool's name begins with a letter and has up to 63 of a-z, 0-9, _ and -.")
	case !validWorker.MatchString(worker):
		return fault.New(fault.Invalid, "work.worker_invalid", "A worker's name has up to 100 letters, digits and _.:-")
	}
	return nil
}

// WorksOn tells whether workers of the pools have a task of a process now.
func (s *Service) WorksOn(ctx context.Context, process string, pools []string) (bool, error) {
	return s.config.Engine.WorksOn(ctx, process, pools)
}

// Package worker hosts node types in a program: it takes tasks from a pool's queues, runs handlers within their limits, and
// reports outcomes on the result streams. It needs Redis and, for files and large inputs, the server's HTTP; never PostgreSQL.
//
// It imports sdk, wire, pipeline, asynq and schema libraries; never the designer, the engine or the server.
package worker

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/pipeline"
)

// Config of a Worker. Zero values mean the defaults.
type Config struct {
	Pool         string                // queue group to serve; default "default"
	Redis        redis.UniversalClient // default: made from RedisURL
	RedisURL     string                // e.g. redis://:secret@127.0.0.1:6379/0
	Installation string                // id of the installation, as the servers have it; default "main"
	ServerURL    string                // for files and large inputs, e.g. http://127.0.0.1:8420
	Token        string                // the installation's worker token
	Slots        int                   // tasks at once; default 512
	Grace        time.Duration         // how long Stop lets running tasks end; default 10 s
	Debug        bool                  // pledge 30 minutes of silence, for breakpoints
	Version      string                // of the program, shown on /workers
	Log          *slog.Logger          // default slog.Default()

	ownRedis bool // Redis was made from RedisURL and is closed with the worker
}

const (
	slotsPerServer = 32                     // slots of one asynq.Server: each has one dequeue loop
	checkInterval  = 2 * time.Millisecond   // pause of an asynq loop that was told "nothing"
	startedAfter   = 200 * time.Millisecond // a shorter run is not reported as started
	beatEvery      = 2 * time.Second
	maxOutput      = 256 << 10
	maxLog         = 64 << 10
	maxMessage     = 8 << 10  // bytes of an error's message
	maxStack       = 32 << 10 // bytes of a panic's stack
	maxProgress    = 500      // bytes of a progress text
)

// CheckInterval is the asynq check interval that workers use.
const CheckInterval = checkInterval

// DefaultSlots is how many tasks a worker runs at once unless told otherwise.
const DefaultSlots = 16 * slotsPerServer

var validPool = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)

func (c Config) withDefaults() (Config, error) {
	if c.Pool == "" {
		c.Pool = "default"
	}
	if !validPool.MatchString(c.Pool) {
		return c, fmt.Errorf("worker: %q is no pool name: lower-case letters, digits, - and _", c.Pool)
	}
	if c.Redis == nil {
		if c.RedisURL == "" {
			return c, errors.New("worker: neither Redis nor RedisURL is set")
		}
		client, err := pipeline.Connect(c.RedisURL)
		if err != nil {
			return c, fmt.Errorf("worker: %w", err)
		}
		c.Redis, c.ownRedis = client, true
	}
	if c.Installation == "" {
		c.Installation = "main"
	}
	if c.Slots <= 0 {
		c.Slots = DefaultSlots
	}
	if c.Grace <= 0 {
		c.Grace = 10 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.ServerURL = strings.TrimRight(c.ServerURL, "/")
	return c, nil
}

// newID names a worker among all others: host, process and a random part.
func newID() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "host"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), strings.ToLower(rand.Text()[:6]))
}

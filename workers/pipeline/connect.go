package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Connect returns a client of a Redis, e.g. redis://:secret@127.0.0.1:6379/0, with room for 64 connections. It does not
// connect yet. The error tells nothing of the address, which may hold a password.
func Connect(url string) (*redis.Client, error) {
	quieten()
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("read the address of redis: it is no redis:// or rediss:// URL")
	}
	options.PoolSize = max(options.PoolSize, 64)
	// Notices of planned moves are a feature of one vendor's cloud; asking for them costs a command per connection.
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(options), nil
}

// quieten sends what the driver prints to standard error, a line for every failed dial of an outage, to the log of programs
// that want to know: whoever waits for Redis says so itself, once.
var quieten = sync.OnceFunc(func() { redis.SetLogger(driverLog{}) })

type driverLog struct{}

func (driverLog) Printf(ctx context.Context, format string, args ...any) {
	slog.DebugContext(ctx, "redis driver", "message", fmt.Sprintf(format, args...))
}

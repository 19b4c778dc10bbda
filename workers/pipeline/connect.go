package pipeline

import (
	"errors"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Connect returns a client of a Redis, e.g. redis://:secret@127.0.0.1:6379/0, with room for 64 connections. It does not
// connect yet. The error tells nothing of the address, which may hold a password.
func Connect(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("read the address of redis: it is no redis:// or rediss:// URL")
	}
	options.PoolSize = max(options.PoolSize, 64)
	// Notices of planned moves are a feature of one vendor's cloud; asking for them costs a command per connection.
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(options), nil
}

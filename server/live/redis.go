package live

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// RedisPokes listens to a channel on which each commit tells which processes it moved, as a JSON array of
// [process id, sequence].
type RedisPokes struct {
	Client  redis.UniversalClient
	Channel string
	Log     *slog.Logger // default slog.Default()
}

var _ Pokes = (*RedisPokes)(nil)

const pokesBuffered = 1024

// Listen passes pokes on until ctx ends. The client reconnects by itself; what is said meanwhile is lost, which the hub
// finds out by comparing.
func (p *RedisPokes) Listen(ctx context.Context, wanted func() bool, heard func([]Poke)) {
	log := p.Log
	if log == nil {
		log = slog.Default()
	}
	channel := p.Client.Subscribe(ctx, p.Channel)
	defer func() { _ = channel.Close() }() // nothing more is wanted of it
	messages := channel.Channel(redis.WithChannelSize(pokesBuffered))
	for {
		select {
		case <-ctx.Done():
			return
		case message, open := <-messages:
			if !open {
				return
			}
			if !wanted() {
				continue
			}
			pokes, err := decodePokes([]byte(message.Payload))
			if err != nil {
				log.Warn("live poke not understood", "error", err)
				continue
			}
			heard(pokes)
		}
	}
}

func decodePokes(raw []byte) ([]Poke, error) {
	var pairs [][2]json.RawMessage
	if err := json.Unmarshal(raw, &pairs); err != nil {
		return nil, fmt.Errorf("decode pokes: %w", err)
	}
	pokes := make([]Poke, len(pairs))
	for i, pair := range pairs {
		if err := json.Unmarshal(pair[0], &pokes[i].Process); err != nil {
			return nil, fmt.Errorf("decode the process of a poke: %w", err)
		}
		if err := json.Unmarshal(pair[1], &pokes[i].Seq); err != nil {
			return nil, fmt.Errorf("decode the sequence of a poke: %w", err)
		}
	}
	return pokes, nil
}

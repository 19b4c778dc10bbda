package live

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

func TestRedisPokes(t *testing.T) {
	t.Parallel()
	store := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: store.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	ctx, cancel := context.WithCancel(context.Background())
	heard, done := make(chan []Poke, 10), make(chan struct{})
	go func() {
		defer close(done)
		pokes := &RedisPokes{Client: client, Channel: "i1:live", Log: slog.New(slog.DiscardHandler)}
		pokes.Listen(ctx, func() bool { return true }, func(p []Poke) { heard <- p })
	}()
	deadline := time.After(10 * time.Second)
	for listening := false; !listening; { // until the subscription is there, nobody hears
		if store.Publish("i1:live", `nonsense`) > 0 {
			listening = true
		}
		select {
		case <-deadline:
			t.Fatal("never subscribed")
		default:
		}
	}
	store.Publish("i2:live", `[["other",1]]`)
	store.Publish("i1:live", `[["p1",3],["p2",4]]`)
	select {
	case got := <-heard:
		if !slices.Equal(got, []Poke{{"p1", 3}, {"p2", 4}}) {
			t.Errorf("heard %v", got)
		}
	case <-deadline:
		t.Error("heard nothing")
	}
	cancel()
	<-done
}

func FuzzDecodePokes(f *testing.F) {
	for _, seed := range []string{`[]`, `[["p",1]]`, `[[1,"p"]]`, `[["p"]]`, `{}`, `[["p",1e99]]`, `null`, `[null]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		pokes, err := decodePokes(raw)
		if err != nil && pokes != nil {
			t.Errorf("%q gave both %v and %v", raw, pokes, err)
		}
	})
}

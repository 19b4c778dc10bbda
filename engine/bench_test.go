package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
)

// BenchmarkChain10 runs b.N processes of ten tasks, started by 32 callers at once, with a worker of 512 slots in this process.
// Run it with -benchtime=3000x.
func BenchmarkChain10(b *testing.B) {
	in := newInstallation(b)
	in.versions.publish("chain", chain(10))
	in.worker("w1", "test", 512, echo)
	e := in.engine()
	in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	b.ResetTimer()
	began := time.Now()
	var group sync.WaitGroup
	work := make(chan struct{}, b.N)
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	for range 32 {
		group.Go(func() {
			for range work {
				if _, err := e.StartProcess(context.Background(), engine.StartCommand{DefinitionKey: "chain", CustomID: "bench", Input: obj(`{"document":"` + payload + `"}`)}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	started := time.Since(began)
	eventually(b, 10*time.Minute, "all ended", func() bool { return in.count(`SELECT count(*) FROM process_live`) == 0 })
	took := time.Since(began)
	s := e.Stats()
	b.ReportMetric(float64(b.N)/started.Seconds(), "starts/s")
	b.ReportMetric(float64(10*b.N)/took.Seconds(), "tasks/s")
	b.ReportMetric(float64(s.Entries)/float64(s.Commits), "entries/commit")
	b.ReportMetric(float64(s.CommitTime.Microseconds())/float64(s.Commits), "µs/commit")
}

// BenchmarkLatency runs one process of ten tasks at a time.
func BenchmarkLatency(b *testing.B) {
	in := newInstallation(b)
	in.versions.publish("chain", chain(10))
	in.worker("w1", "test", 512, echo)
	e := in.engine()
	in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	eventually(b, 20*time.Second, "warm", func() bool { return in.count(`SELECT count(*) FROM process_live`) == 0 })
	sub := in.rdb.Subscribe(context.Background(), in.keys.Live())
	defer func() { _ = sub.Close() }()
	if _, err := sub.Receive(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		id := in.start(e, engine.StartCommand{DefinitionKey: "chain", Input: obj(`{"document":"` + payload + `"}`)})
		for range sub.Channel() {
			if in.count(`SELECT count(*) FROM process_live WHERE process_id = $1`, id) == 0 {
				break
			}
		}
	}
}

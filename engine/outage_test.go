package engine_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// proxy stands between an engine and a server and can be cut.
type proxy struct {
	listener net.Listener
	target   string
	down     atomic.Bool
	mu       sync.Mutex
	conns    map[net.Conn]bool
	group    sync.WaitGroup
}

func newProxy(t testing.TB, target string) *proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target, conns: map[net.Conn]bool{}}
	p.group.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		p.group.Wait()
	})
	return p
}

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.down.Load() {
			_ = c.Close()
			continue
		}
		up, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
		if err != nil {
			_ = c.Close()
			continue
		}
		p.mu.Lock()
		p.conns[c], p.conns[up] = true, true
		p.mu.Unlock()
		for _, pair := range [][2]net.Conn{{c, up}, {up, c}} {
			p.group.Go(func() {
				_, _ = io.Copy(pair[0], pair[1])
				_ = pair[0].Close()
				_ = pair[1].Close()
				p.mu.Lock()
				delete(p.conns, pair[0])
				p.mu.Unlock()
			})
		}
	}
}

func (p *proxy) cut() {
	p.down.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) heal() { p.down.Store(false) }

func TestPostgresAwayLosesNothingAndSaysTryAgain(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(10))
	in.worker("w1", "test", 32, echo)
	cfg := in.db.Config().Copy()
	p := newProxy(t, net.JoinHostPort(cfg.ConnConfig.Host, strconv.Itoa(int(cfg.ConnConfig.Port))))
	u, err := url.Parse("postgres://" + p.listener.Addr().String() + "/" + cfg.ConnConfig.Database + "?sslmode=disable&user=" + url.QueryEscape(cfg.ConnConfig.User) + "&password=" + url.QueryEscape(cfg.ConnConfig.Password))
	if err != nil {
		t.Fatal(err)
	}
	db, err := pgxpool.New(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	e := in.engine(func(c *engine.Config) { c.DB = db })
	in.startMany(e, 40, "chain")
	p.cut()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err = e.StartProcess(ctx, engine.StartCommand{DefinitionKey: "chain"})
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Unavailable || f.RetryAfter <= 0 {
		t.Errorf("start while the database is away: %v", err)
	}
	p.heal()
	in.allEnded(60 * time.Second)
	in.checkInvariants(t)
	if n := in.count(`SELECT count(*) FROM process WHERE state = 'completed'`); n != 40 {
		t.Errorf("%d of 40 completed", n)
	}
}

func TestRedisAwayStoresStartsAndRunsThemWhenItIsBack(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(3))
	in.worker("w1", "test", 32, echo) // with a connection of its own, as on another machine
	p := newProxy(t, in.rdb.Options().Addr)
	opts := *in.rdb.Options()
	opts.Addr, opts.Dialer = p.listener.Addr().String(), nil
	cut := redis.NewClient(&redis.Options{Addr: opts.Addr, Username: opts.Username, Password: opts.Password, DB: opts.DB, MaxRetries: -1})
	t.Cleanup(func() { _ = cut.Close() })
	e := in.engine(func(c *engine.Config) { c.Redis = cut })
	in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	p.cut()
	eventually(t, 10*time.Second, "the engine noticed", func() bool { return e.RedisDown() })
	last := ""
	for range 20 {
		last = in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	}
	if task := in.onlyTask(e, last, "step_1"); task.Why == nil || task.Why.Code != engine.WhyRedisAway {
		t.Errorf("the task says %+v", task.Why)
	}
	if n := in.count(`SELECT count(*) FROM backlog`); n < 20 {
		t.Errorf("%d tasks are stored as ready", n)
	}
	p.heal()
	in.allEnded(60 * time.Second)
	in.checkInvariants(t)
}

// A leader that lost its lease must not die of it, and another must take over.
func TestDefect_LeaderJobsSurviveContention(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(2))
	leader := in.engine()
	eventually(t, 10*time.Second, "the first engine feeds", func() bool { return leader.Feeds() })
	heir := in.engine()
	// Somebody else takes the lease by force for two seconds: the leader goes on without it and takes it again.
	if _, err := in.db.Exec(t.Context(), `UPDATE leader_lease SET owner = 'thief', fence = fence + 1, expires_at = now() + interval '2 seconds'`); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "nobody feeds", func() bool { return !leader.Feeds() && !heir.Feeds() })
	in.startMany(heir, 30, "chain")
	if n := in.count(`SELECT count(*) FROM backlog`); n != 30 {
		t.Fatalf("%d in the backlog", n)
	}
	in.worker("w1", "test", 16, echo)
	eventually(t, 10*time.Second, "one of them feeds again", func() bool { return leader.Feeds() || heir.Feeds() })
	if leader.Feeds() {
		leader.Crash()
	} else {
		heir.Crash()
	}
	in.allEnded(30 * time.Second)
	in.checkInvariants(t)
}

func TestAttemptThatItsWorkerDoesNotStopIsEndedByTheEngine(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1, withTimeouts(300, 0)))
	runs := atomic.Int64{}
	var w *worker
	ready := make(chan struct{})
	w = in.worker("w1", "test", 4, func(ctx context.Context, task *wire.Task) *wire.Report {
		<-ready
		if runs.Add(1) > 1 {
			return echo(ctx, task)
		}
		w.report(task, &wire.Report{Kind: wire.ReportStarted})
		<-ctx.Done() // it hangs and its worker does not stop it
		return nil
	})
	close(ready)
	e := in.engine(func(c *engine.Config) { c.SweepAge = time.Second })
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	in.waitState(e, id, "completed", 30*time.Second)
	task := in.onlyTask(e, id, "step_1")
	if len(task.Attempts) != 2 || task.Attempts[0].Outcome != "timeout" || task.Attempts[1].Attempt != 2 {
		t.Errorf("attempts %+v", task.Attempts)
	}
	in.checkInvariants(t)
}

func TestQueueTimeoutOpensAnIncident(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.versions.publish("chain", chain(1, withTimeouts(0, 500)))
	e := in.engine()
	id := in.start(e, engine.StartCommand{DefinitionKey: "chain"})
	in.waitState(e, id, "incident", 10*time.Second)
	if task := in.onlyTask(e, id, "step_1"); task.Error == nil || task.Error.Code != "TIMEOUT_QUEUE" {
		t.Errorf("task %+v", task.TaskSummary)
	}
	in.checkInvariants(t)
}

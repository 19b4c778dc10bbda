package schedule

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Engine is what schedules need of the part that runs processes.
type Engine interface {
	StartProcess(ctx context.Context, cmd engine.StartCommand) (engine.StartResult, error)
	// CheckStart says what would keep a start from happening.
	CheckStart(ctx context.Context, cmd engine.StartCommand) error
	Cancel(ctx context.Context, cmd engine.OpCommand) error
}

// Config of a Service. Store and Engine are required; zero values of the rest mean the defaults.
type Config struct {
	Store  Store
	Engine Engine
	Every  time.Duration // most between looks at the clock; default 500 ms. It looks at the next time that it knows, too, within 250 ms of it
	Adopt  time.Duration // between comparisons with the start events of published versions; default 2 s
	Settle time.Duration // between looks at how processes ended; default 2 s
	Claim  time.Duration // how long a fire is this server's to start; default 15 s
	Keep   time.Duration // how long history is shown; default 90 days
	Log    *slog.Logger  // default slog.Default()
}

func (c Config) withDefaults() (Config, error) {
	if c.Store == nil || c.Engine == nil {
		return c, errors.New("schedule: Store and Engine are required")
	}
	for value, standard := range map[*time.Duration]time.Duration{
		&c.Every: 500 * time.Millisecond, &c.Adopt: 2 * time.Second, &c.Settle: 2 * time.Second, &c.Claim: 15 * time.Second, &c.Keep: 90 * 24 * time.Hour,
	} {
		if *value == 0 {
			*value = standard
		}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c, nil
}

// Service fires schedules and lets people manage them.
type Service struct {
	config Config
	cancel context.CancelFunc
	group  sync.WaitGroup
}

// New returns a service that does not run yet.
func New(config Config) (*Service, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Service{config: config}, nil
}

// Start begins to look at the clock.
func (s *Service) Start(ctx context.Context) error {
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.group.Go(func() { s.watch(ctx) })
	s.group.Go(func() { s.loop(ctx, s.config.Adopt, s.adopt) })
	s.group.Go(func() { s.loop(ctx, s.config.Settle, s.settle) })
	return nil
}

// Stop waits for what is being started. Whatever is not started is so by the next server that looks.
func (s *Service) Stop() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	s.group.Wait()
	s.cancel = nil
}

func (s *Service) loop(ctx context.Context, every time.Duration, do func(context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.config.Log.Warn("schedules", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// The bounds of one look.
const (
	planBatch   = 100
	orphanBatch = 100
	startSlots  = 64
)

// watch looks at the clock, and sleeps no longer than until the next time.
func (s *Service) watch(ctx context.Context) {
	slots := make(chan struct{}, startSlots)
	for {
		wait := s.config.Every
		g, err := s.config.Store.Glance(ctx)
		switch {
		case err != nil:
			if ctx.Err() == nil {
				s.config.Log.Warn("look for schedules that are due", "error", err)
				wait = time.Second
			}
		case g.Due || g.Orphans:
			if more := s.look(ctx, g, slots); more {
				wait = 0
			}
		case g.Next >= 0:
			wait = min(wait, g.Next+time.Millisecond)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// look decides about what is due and has it started; it tells whether there may be more.
func (s *Service) look(ctx context.Context, g Glance, slots chan struct{}) bool {
	var pending []Pending
	more := false
	if g.Due {
		n, due, err := s.config.Store.Plan(ctx, planBatch, s.config.Claim, decide)
		if err != nil && ctx.Err() == nil {
			s.config.Log.Warn("decide about schedules", "error", err)
		}
		pending, more = due, n == planBatch
	}
	if g.Orphans {
		orphans, err := s.config.Store.Orphans(ctx, orphanBatch, s.config.Claim)
		if err != nil && ctx.Err() == nil {
			s.config.Log.Warn("take over fires", "error", err)
		}
		pending, more = append(pending, orphans...), more || len(orphans) == orphanBatch
	}
	for i := range pending {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return false
		}
		s.group.Go(func() {
			defer func() { <-slots }()
			s.fire(ctx, &pending[i])
		})
	}
	return more
}

// fire starts the process of a fire.
func (s *Service) fire(ctx context.Context, p *Pending) {
	log := s.config.Log.With("schedule_id", p.Schedule, "due_at", p.DueAt)
	cmd, err := command(p, p.DueAt)
	if err == nil {
		cmd.Trigger.Once = p.Schedule + " " + p.DueAt.UTC().Format(time.RFC3339)
		cmd.Also = func(tx engine.Tx, process string) { tx.Queue(MarkRunning, p.Schedule, p.DueAt, process) }
		s.makeRoom(ctx, p, log)
		err = s.start(ctx, p, cmd)
	}
	if err == nil || ctx.Err() != nil {
		return
	}
	known := fault.As(err)
	if known == nil || known.Kind == fault.Unavailable || known.Kind == fault.Internal {
		log.Warn("start the process of a schedule", "error", err)
		if err := s.config.Store.Release(ctx, &p.Fire, time.Second); err != nil && ctx.Err() == nil {
			log.Warn("release a fire", "error", err)
		}
		return
	}
	if err := s.config.Store.Refused(ctx, &p.Fire, known.Code, told(known)); err != nil && ctx.Err() == nil {
		log.Warn("note a refused fire", "error", err)
	}
}

func (s *Service) start(ctx context.Context, p *Pending, cmd engine.StartCommand) error {
	started, err := s.config.Engine.StartProcess(ctx, cmd)
	if err != nil || !started.Existing {
		return err
	}
	return s.config.Store.Running(ctx, &p.Fire, started.ID) // another server started it and could not say so
}

// makeRoom cancels the processes that a fire takes the place of.
func (s *Service) makeRoom(ctx context.Context, p *Pending, log *slog.Logger) {
	for _, process := range p.cancels {
		err := s.config.Engine.Cancel(ctx, engine.OpCommand{Actor: Actor, ProcessID: process, Reason: "the schedule " + p.Name + " starts the next one"})
		if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) && ctx.Err() == nil {
			log.Warn("cancel the process before", "process_id", process, "error", err)
		}
	}
}

// told is what the history says of a refusal: the message, and the first issue when it says more.
func told(f *fault.Error) string {
	if len(f.Issues) == 0 || f.Issues[0].Message == "" || f.Issues[0].Message == f.Message {
		return f.Message
	}
	return f.Message + ": " + f.Issues[0].Path + " " + f.Issues[0].Message
}

func (s *Service) settle(ctx context.Context) error {
	if err := s.config.Store.Settle(ctx); err != nil {
		return err
	}
	_, err := s.config.Store.Forget(ctx, s.config.Keep, 1000)
	return err
}

package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Config of a Service. Store and Names are required; zero values of the rest mean the defaults.
type Config struct {
	Store Store
	Names Names
	Mail  Mail

	// PublicURL is where people reach the product, e.g. https://flow.example.org; links in notices begin with it. It may be
	// asked for late, since a free port is known only after the start.
	PublicURL func() string
	// AllowPrivate lets webhooks go to loopback, private and link-local addresses.
	AllowPrivate bool

	Owner   string        // names this server in the lease; default random
	Every   time.Duration // between evaluations; default 2 s
	Lease   time.Duration // default 15 s
	Grace   time.Duration // after taking the lead, before pools are judged: workers report first; default 15 s
	First   int           // occurrences of one subject that are told one by one in a window; default 3
	Window  time.Duration // then they wait so long for a digest; it doubles up to an hour while the storm lasts; default 1 min
	Settle  time.Duration // how long it must be good to count as over; default 15 s
	Backoff time.Duration // after a failed delivery; it doubles up to 10 minutes; default 5 s
	GiveUp  time.Duration // after which a delivery is given up; default 24 h
	Claim   time.Duration // how long a delivery is this server's while it is tried; default 60 s
	Keep    time.Duration // how long the past is shown; default 90 days
	Log     *slog.Logger  // default slog.Default()
}

func (c Config) withDefaults() (Config, error) {
	if c.Store == nil || c.Names == nil {
		return c, errors.New("alert: Store and Names are required")
	}
	if c.PublicURL == nil {
		c.PublicURL = func() string { return "" }
	}
	if c.Owner == "" {
		c.Owner = uuid.NewString()
	}
	if c.First == 0 {
		c.First = 3
	}
	for value, standard := range map[*time.Duration]time.Duration{
		&c.Every: 2 * time.Second, &c.Lease: 15 * time.Second, &c.Grace: 15 * time.Second, &c.Window: time.Minute, &c.Settle: 15 * time.Second,
		&c.Backoff: 5 * time.Second, &c.GiveUp: 24 * time.Hour, &c.Claim: time.Minute, &c.Keep: 90 * 24 * time.Hour,
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

// Service evaluates the rules and delivers what there is to say, when this server leads.
type Service struct {
	config  Config
	limits  limits
	webhook *webhookClient

	cancel context.CancelFunc
	group  sync.WaitGroup

	leading atomic.Bool
	fence   int64
	renewed time.Time
	ledFrom time.Time
	good    map[string]time.Time // alerts by id that look over, and since when
	lateAt  time.Time
	forgot  time.Time
}

// New returns a service that does not run yet.
func New(config Config) (*Service, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Service{
		config:  config,
		limits:  limits{first: config.First, window: config.Window, windowMax: max(time.Hour, config.Window), settle: config.Settle, giveUp: config.GiveUp, samples: 10},
		webhook: newWebhookClient(config.AllowPrivate),
		good:    map[string]time.Time{},
	}, nil
}

// Start begins to evaluate and to deliver.
func (s *Service) Start(ctx context.Context) error {
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.group.Go(func() { s.loop(ctx, s.config.Every, s.evaluate) })
	s.group.Go(func() { s.loop(ctx, min(s.config.Every, time.Second), s.deliver) })
	return nil
}

// Stop waits for what is being delivered and gives up the lead.
func (s *Service) Stop() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	s.group.Wait()
	s.cancel = nil
	if s.leading.Swap(false) {
		// Detached and bounded: the next leader should not have to wait for the lease's end.
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := s.config.Store.Leave(ctx, s.config.Owner); err != nil {
			s.config.Log.Warn("give up the lead of the alerts", "error", err)
		}
	}
}

func (s *Service) loop(ctx context.Context, every time.Duration, do func(context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrNotLeader) {
			s.config.Log.Warn("alerts", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lead keeps the lease and reports whether this server has it.
func (s *Service) lead(ctx context.Context) (bool, error) {
	if s.leading.Load() && time.Since(s.renewed) < s.config.Lease/3 {
		return true, nil
	}
	sent := time.Now()
	fence, err := s.config.Store.Lead(ctx, s.config.Owner, s.config.Lease)
	if err != nil {
		s.leading.Store(false)
		return false, err
	}
	if fence != 0 && (fence != s.fence || !s.leading.Load()) {
		s.ledFrom = sent
		clear(s.good)
	}
	s.fence, s.renewed = fence, sent
	s.leading.Store(fence != 0)
	return fence != 0, nil
}

// evaluate judges what happened since the last time.
func (s *Service) evaluate(ctx context.Context) error {
	if leads, err := s.lead(ctx); err != nil || !leads {
		return err
	}
	if err := s.judgeIncidents(ctx); err != nil {
		return err
	}
	rules, err := s.enabled(ctx)
	if err != nil {
		return err
	}
	byID := make(map[string]*Rule, len(rules))
	for _, rule := range rules {
		byID[rule.ID] = rule
	}
	if len(rules) > 0 {
		if err := s.run(ctx, func(tx Tx) error { return s.judgeStates(ctx, tx, rules, byID) }); err != nil {
			return err
		}
	}
	if time.Since(s.forgot) > time.Hour {
		s.forgot = time.Now()
		return s.config.Store.Forget(ctx, time.Now().Add(-s.config.Keep))
	}
	return nil
}

func (s *Service) enabled(ctx context.Context) ([]*Rule, error) {
	all, err := s.config.Store.Rules(ctx)
	if err != nil {
		return nil, err
	}
	rules := make([]*Rule, 0, len(all))
	for i := range all {
		if all[i].Enabled {
			rules = append(rules, &all[i])
		}
	}
	return rules, nil
}

func (s *Service) run(ctx context.Context, f func(Tx) error) error {
	err := s.config.Store.Evaluate(ctx, s.config.Owner, s.fence, f)
	if errors.Is(err, ErrNotLeader) {
		s.leading.Store(false)
	}
	return err
}

// incidentBatch is how many incidents one transaction judges.
const incidentBatch = 500

// judgeIncidents judges all that wait, a batch in a transaction. The rules are read after the incidents: one that was made before an
// incident is asked about it.
func (s *Service) judgeIncidents(ctx context.Context) error {
	for {
		taken := 0
		err := s.run(ctx, func(tx Tx) error {
			incidents, err := tx.TakeIncidents(ctx, incidentBatch)
			taken = len(incidents)
			if err != nil || taken == 0 {
				return err
			}
			rules, err := s.enabled(ctx)
			if err != nil {
				return err
			}
			open, err := tx.OpenAlerts(ctx)
			if err != nil {
				return err
			}
			e := newEvaluation(s.limits, time.Now().UTC(), open)
			for i := range incidents {
				for _, rule := range rules {
					if rule.wants(&incidents[i]) {
						e.happened(rule, subjectOf(&incidents[i]), incidents[i].Item, func() Facts { return s.incidentFacts(ctx, &incidents[i]) })
					}
				}
			}
			return e.write(ctx, tx)
		})
		if err != nil || taken < incidentBatch {
			return err
		}
		if leads, err := s.lead(ctx); err != nil || !leads {
			return err
		}
	}
}

func (s *Service) incidentFacts(ctx context.Context, i *Incident) Facts {
	f := Facts{Definition: i.Definition, Version: i.Version, NodeID: i.NodeID, ErrorCode: i.Code}
	f.DefinitionTitle, f.NodeTitle = s.config.Names.Titles(ctx, i.Definition, i.Version, i.NodeID)
	return f
}

// judgeStates opens alerts of what is bad now, ends those of what is good, and sends digests and reminders that are due.
func (s *Service) judgeStates(ctx context.Context, tx Tx, rules []*Rule, byID map[string]*Rule) error {
	open, err := tx.OpenAlerts(ctx)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	e := newEvaluation(s.limits, now, open)
	bad := map[subjectKey]bool{}
	judged := map[string]bool{} // rules whose subjects are all in bad, or else are good
	if err := s.judgePools(ctx, tx, e, rules, bad, judged); err != nil {
		return err
	}
	if err := s.judgeLate(ctx, tx, e, rules, bad, judged); err != nil {
		return err
	}
	if err := s.judgeGroups(ctx, tx, open, bad, judged); err != nil {
		return err
	}
	present := map[string]bool{}
	for _, a := range open {
		rule := byID[a.RuleID]
		if rule == nil {
			continue
		}
		present[a.ID] = true
		e.digest(rule, a, false)
		if judged[rule.ID] {
			s.settle(e, rule, a, !bad[subjectKey{a.RuleID, a.Subject}])
		}
		e.remind(rule, a)
	}
	for id := range s.good {
		if !present[id] {
			delete(s.good, id)
		}
	}
	return e.write(ctx, tx)
}

// settle ends an alert that has been good for long enough.
func (s *Service) settle(e *evaluation, rule *Rule, a *Alert, good bool) {
	if !good {
		delete(s.good, a.ID)
		return
	}
	since, seen := s.good[a.ID]
	if !seen {
		since = e.now
		s.good[a.ID] = since
	}
	if e.now.Sub(since) >= e.limits.settle {
		e.good(rule, a, since)
	}
}

func (s *Service) judgePools(ctx context.Context, tx Tx, e *evaluation, rules []*Rule, bad map[subjectKey]bool, judged map[string]bool) error {
	var pools []PoolState
	asked := false
	for _, rule := range rules {
		if rule.Kind != PoolWithoutWorker && rule.Kind != QueueTooOld || time.Since(s.ledFrom) < s.config.Grace {
			continue
		}
		if !asked {
			var err error
			if pools, err = tx.Pools(ctx); err != nil {
				return err
			}
			asked = true
		}
		judged[rule.ID] = true
		for i := range pools {
			pool := &pools[i]
			if since := rule.since(pool, e.now); since != nil {
				bad[subjectKey{rule.ID, pool.Pool}] = true
				e.bad(rule, pool.Pool, func() Facts { return Facts{Pool: pool.Pool, Waiting: pool.Waiting, Since: since} })
			}
		}
	}
	return nil
}

// lateEvery is how often processes over their time are looked for: it reads what is live.
const (
	lateEvery = 15 * time.Second
	lateBatch = 500
)

func (s *Service) judgeLate(ctx context.Context, tx Tx, e *evaluation, rules []*Rule, bad map[subjectKey]bool, judged map[string]bool) error {
	if e.now.Sub(s.lateAt) < min(lateEvery, 5*s.config.Every) {
		return nil
	}
	s.lateAt = e.now
	for _, rule := range rules {
		if rule.Kind != ProcessOverTime {
			continue
		}
		late, err := tx.TakeLate(ctx, rule.ID, rule.Definition, e.now.Add(-rule.After), lateBatch)
		if err != nil {
			return err
		}
		for i := range late {
			e.happened(rule, late[i].Definition, late[i].Item, func() Facts {
				f := Facts{Definition: late[i].Definition}
				f.DefinitionTitle, _ = s.config.Names.Titles(ctx, late[i].Definition, 0, "")
				return f
			})
		}
		left, err := tx.DropEnded(ctx, rule.ID)
		if err != nil {
			return err
		}
		judged[rule.ID] = true
		for subject := range left {
			bad[subjectKey{rule.ID, subject}] = true
		}
	}
	return nil
}

// judgeGroups finds the groups of incidents that are still open.
func (s *Service) judgeGroups(ctx context.Context, tx Tx, open []*Alert, bad map[subjectKey]bool, judged map[string]bool) error {
	var groups []Group
	var alerts []*Alert
	for _, a := range open {
		if a.Kind != IncidentOpened {
			continue
		}
		alerts = append(alerts, a)
		parts := strings.SplitN(a.Subject, "\n", 3)
		if len(parts) != 3 {
			return fmt.Errorf("alert %s: the subject %q names no group", a.ID, a.Subject)
		}
		groups = append(groups, Group{Definition: parts[0], NodeID: parts[1], Code: parts[2]})
	}
	if len(groups) == 0 {
		return nil
	}
	still, err := tx.OpenGroups(ctx, groups)
	if err != nil {
		return err
	}
	for i, a := range alerts {
		judged[a.RuleID] = true
		bad[subjectKey{a.RuleID, a.Subject}] = still[i]
	}
	return nil
}

package alert

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// limits say how much is told one by one.
type limits struct {
	first     int           // occurrences of one subject told one by one in a window
	window    time.Duration // how long those that follow wait for their digest; doubles while the storm lasts
	windowMax time.Duration
	settle    time.Duration // how long it must be good to count as over: a retry that fails again is no recovery
	giveUp    time.Duration // how long a delivery is tried
	samples   int           // processes that a digest names
}

// evaluation is what one transaction found and decided. It does no I/O: what happened goes in, alerts and notices come out.
type evaluation struct {
	limits  limits
	now     time.Time
	open    map[subjectKey]*Alert
	order   []*Alert // open ones as they came, then new ones
	changed map[*Alert]bool
	notices []Notice
}

type subjectKey struct{ rule, subject string }

func newEvaluation(l limits, now time.Time, open []*Alert) *evaluation {
	e := &evaluation{limits: l, now: now, open: map[subjectKey]*Alert{}, order: open, changed: map[*Alert]bool{}}
	for _, a := range open {
		e.open[subjectKey{a.RuleID, a.Subject}] = a
	}
	return e
}

// alertOf returns the open alert of a subject, or opens one.
func (e *evaluation) alertOf(rule *Rule, subject string, facts func() Facts) *Alert {
	key := subjectKey{rule.ID, subject}
	if a := e.open[key]; a != nil {
		return a
	}
	a := &Alert{
		ID: newID(), RuleID: rule.ID, RuleName: rule.Name, Kind: rule.Kind, Subject: subject, OpenedAt: e.now, Facts: facts(),
		Window: e.limits.window, WindowUntil: e.now.Add(e.limits.window), LastNoticeAt: e.now,
	}
	e.open[key] = a
	e.order = append(e.order, a)
	return a
}

// happened counts one occurrence; the first few of a window are told at once, the others wait for the digest.
func (e *evaluation) happened(rule *Rule, subject string, item Item, facts func() Facts) {
	a := e.alertOf(rule, subject, facts)
	if !e.now.Before(a.WindowUntil) && a.Told == a.Total { // it was quiet for a whole window
		a.Window, a.WindowUntil, a.WindowTold = e.limits.window, e.now.Add(e.limits.window), 0
	}
	a.Total++
	e.changed[a] = true
	if a.WindowTold < e.limits.first && a.Told == a.Total-1 {
		a.WindowTold++
		a.Told++
		said := a.Facts
		said.Count, said.Items = 1, []Item{item}
		e.say(rule, a, Opened, said)
		return
	}
	if len(a.Pending) < e.limits.samples {
		a.Pending = append(a.Pending, item)
	}
}

// bad says that a subject is bad now; it is told once.
func (e *evaluation) bad(rule *Rule, subject string, facts func() Facts) {
	if e.open[subjectKey{rule.ID, subject}] != nil {
		return
	}
	a := e.alertOf(rule, subject, facts)
	a.Total, a.Told = 1, 1
	e.say(rule, a, Opened, a.Facts)
}

// digest tells of everything that waited for it, once the window is over or at the end.
func (e *evaluation) digest(rule *Rule, a *Alert, end bool) {
	waiting := a.Total - a.Told
	if waiting == 0 || e.now.Before(a.WindowUntil) && !end {
		return
	}
	said := a.Facts
	said.Count, said.Items = waiting, a.Pending
	a.Told, a.Pending = a.Total, nil
	a.Window = min(2*a.Window, e.limits.windowMax)
	a.WindowUntil, a.WindowTold = e.now.Add(a.Window), e.limits.first
	e.say(rule, a, Digest, said)
}

// good ends an alert that is over since a time.
func (e *evaluation) good(rule *Rule, a *Alert, since time.Time) {
	e.digest(rule, a, true)
	a.ClosedAt = &since
	said := a.Facts
	said.LastedS = int64(max(since.Sub(a.OpenedAt), 0) / time.Second)
	e.say(rule, a, Recovered, said)
	delete(e.open, subjectKey{a.RuleID, a.Subject})
}

// remind says that an alert still lasts, as often as its rule asks for.
func (e *evaluation) remind(rule *Rule, a *Alert) {
	if rule.Repeat > 0 && a.ClosedAt == nil && e.now.Sub(a.LastNoticeAt) >= rule.Repeat {
		e.say(rule, a, Reminder, a.Facts)
	}
}

func (e *evaluation) say(rule *Rule, a *Alert, kind NoticeKind, facts Facts) {
	facts.Total = a.Total
	a.LastNoticeAt = e.now
	e.changed[a] = true
	notice := noticeFor(rule, kind, facts, e.now, e.limits.giveUp)
	notice.AlertID = a.ID
	e.notices = append(e.notices, notice)
}

// write stores what changed, if anything did.
func (e *evaluation) write(ctx context.Context, tx Tx) error {
	var changed []*Alert
	for _, a := range e.order {
		if e.changed[a] {
			changed = append(changed, a)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return tx.Write(ctx, changed, e.notices)
}

// noticeFor makes a notice with a delivery to everybody whom the rule reaches.
func noticeFor(rule *Rule, kind NoticeKind, facts Facts, now time.Time, giveUp time.Duration) Notice {
	facts.Items = slices.Clone(facts.Items)
	n := Notice{ID: newID(), RuleID: rule.ID, Kind: kind, At: now, Facts: facts}
	to := func(channel Channel, target string) {
		n.Deliveries = append(n.Deliveries, Delivery{
			ID: newID(), NoticeID: n.ID, Channel: channel, Target: target, State: Pending, NextAt: now, GiveUpAt: now.Add(giveUp),
		})
	}
	for _, address := range rule.Emails {
		to(Email, address)
	}
	if rule.WebhookURL != "" {
		to(Webhook, hostOf(rule.WebhookURL))
	}
	return n
}

// wants reports whether an incident is one that the rule asks for.
func (r *Rule) wants(i *Incident) bool {
	return r.Kind == IncidentOpened && !i.Test && (r.Definition == "" || r.Definition == i.Definition) && (r.ErrorCode == "" || r.ErrorCode == i.Code)
}

// subjectOf names the incidents of one cause.
func subjectOf(i *Incident) string {
	return strings.Join([]string{i.Definition, i.NodeID, i.Code}, "\n")
}

// since returns when a pool began to be what the rule watches for, nil when it is not.
func (r *Rule) since(p *PoolState, now time.Time) *time.Time {
	if p.Waiting == 0 || r.Pool != "" && r.Pool != p.Pool {
		return nil
	}
	began := p.Oldest
	switch r.Kind {
	case PoolWithoutWorker:
		if p.SeenAt != nil {
			began = *p.SeenAt
		}
	case QueueTooOld:
		if p.Paused { // whoever paused it wants it to fill
			return nil
		}
	default:
		return nil
	}
	if now.Sub(began) < r.After {
		return nil
	}
	return &began
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

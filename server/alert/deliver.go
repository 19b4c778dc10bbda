package alert

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

const (
	deliverBatch   = 16
	deliverTimeout = 20 * time.Second
	backoffMax     = 10 * time.Minute
)

// permanentError is a failure that no further attempt can mend.
type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

func permanent(err error) error { return permanentError{err} }

// deliver tries everything that is due, a few at once.
func (s *Service) deliver(ctx context.Context) error {
	for s.leading.Load() && ctx.Err() == nil {
		claimed, err := s.config.Store.Claim(ctx, deliverBatch, s.config.Claim)
		if err != nil || len(claimed) == 0 {
			return err
		}
		var group sync.WaitGroup
		failures := make([]error, len(claimed))
		for i := range claimed {
			group.Go(func() { failures[i] = s.attempt(ctx, claimed[i]) })
		}
		group.Wait()
		if err := errors.Join(failures...); err != nil {
			return err
		}
		if len(claimed) < deliverBatch {
			return nil
		}
	}
	return nil
}

// attempt tries one delivery and stores how it went. It is detached from the stop of the service and bounded instead: what was
// sent must not be forgotten.
func (s *Service) attempt(ctx context.Context, c Claimed) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverTimeout)
	defer cancel()
	err := s.send(ctx, &c)
	outcome := s.outcome(&c, err, time.Now().UTC())
	if outcome.State == Failed {
		s.config.Log.Warn("alert given up", "rule_id", c.Rule.ID, "notice_id", c.NoticeID, "channel", string(c.Channel), "attempts", c.Attempts+1, "error", err)
	}
	return s.config.Store.Settle(ctx, c, outcome)
}

// send tries one delivery once.
func (s *Service) send(ctx context.Context, c *Claimed) error {
	text := render(c, strings.TrimRight(s.config.PublicURL(), "/"))
	if c.Channel == Email {
		return s.config.Mail.send(ctx, c.ID, c.Target, text)
	}
	if c.Rule.WebhookURL == "" {
		return permanent(errors.New("the rule has no webhook any more"))
	}
	body, err := webhookBody(c, text)
	if err != nil {
		return permanent(err)
	}
	return s.webhook.post(ctx, c.Rule.WebhookURL, c.Rule.WebhookSecret, c.NoticeID, body, time.Now())
}

func (s *Service) outcome(c *Claimed, err error, now time.Time) Outcome {
	if err == nil {
		return Outcome{State: Sent}
	}
	o := Outcome{State: Pending, Error: shorten(err.Error(), 500), NextAt: now.Add(backoff(s.config.Backoff, c.Attempts))}
	var final permanentError
	if errors.As(err, &final) || o.NextAt.After(c.GiveUpAt) {
		o.State = Failed
	}
	return o
}

// backoff doubles with every attempt made before.
func backoff(first time.Duration, attempts int) time.Duration {
	wait := first
	for range attempts {
		if wait *= 2; wait >= backoffMax {
			return backoffMax
		}
	}
	return wait
}

func shorten(text string, most int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && text[cut]&0xC0 == 0x80 { // in the middle of a rune
		cut--
	}
	return text[:cut] + "…"
}

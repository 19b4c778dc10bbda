package alert

import (
	"context"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Bounds of a rule.
const (
	mostEmails  = 20
	leastSecret = 16
	leastAfter  = 5 * time.Second
	leastRepeat = 5 * time.Minute
	mostWait    = 400 * 24 * time.Hour
)

// RuleChange is what a person says of a rule.
type RuleChange struct {
	Actor         string
	Name          string
	Kind          Kind // of a new rule; an old one keeps its own
	Enabled       bool
	Definition    string
	ErrorCode     string
	Pool          string
	After         time.Duration
	Repeat        time.Duration
	Locale        string
	Emails        []string
	WebhookURL    string
	WebhookSecret *string // nil keeps the present one
}

// Rules returns all rules.
func (s *Service) Rules(ctx context.Context) ([]Rule, error) { return s.config.Store.Rules(ctx) }

// MailConfigured reports whether mails can be sent at all.
func (s *Service) MailConfigured() bool { return s.config.Mail.Configured() }

// CreateRule adds a rule.
func (s *Service) CreateRule(ctx context.Context, c RuleChange) (Rule, error) {
	rule := Rule{ID: newID(), Kind: c.Kind, CreatedAt: time.Now().UTC()}
	if err := rule.change(c); err != nil {
		return Rule{}, err
	}
	if err := s.config.Store.CreateRule(ctx, rule); err != nil {
		return Rule{}, err
	}
	return s.config.Store.Rule(ctx, rule.ID)
}

// UpdateRule replaces what a rule says, except its kind.
func (s *Service) UpdateRule(ctx context.Context, id string, c RuleChange) (Rule, error) {
	rule, err := s.rule(ctx, id)
	if err != nil {
		return Rule{}, err
	}
	if c.Kind != "" && c.Kind != rule.Kind {
		return Rule{}, invalid(fault.Issue{Code: "alert_rule.kind_fixed", Path: "/kind", Message: "A rule keeps its kind."})
	}
	if err := rule.change(c); err != nil {
		return Rule{}, err
	}
	if err := s.config.Store.UpdateRule(ctx, rule); err != nil {
		return Rule{}, err
	}
	return s.config.Store.Rule(ctx, id)
}

// DeleteRule deletes a rule with its history, and returns what it was.
func (s *Service) DeleteRule(ctx context.Context, id string) (Rule, error) {
	rule, err := s.rule(ctx, id)
	if err != nil {
		return Rule{}, err
	}
	return rule, s.config.Store.DeleteRule(ctx, id)
}

// TestRule sends a notice to everybody whom the rule reaches; how it goes is read with Notice.
func (s *Service) TestRule(ctx context.Context, id string) (Notice, error) {
	rule, err := s.rule(ctx, id)
	if err != nil {
		return Notice{}, err
	}
	if len(rule.Emails) == 0 && rule.WebhookURL == "" {
		return Notice{}, fault.New(fault.Conflict, "alert_rule.reaches_nobody", "The rule has neither an address nor a webhook.")
	}
	// Whoever tries a rule waits for the answer: it is not tried for a day.
	n := noticeFor(&rule, Test, Facts{}, time.Now().UTC(), min(s.config.GiveUp, time.Minute))
	return n, s.config.Store.AddNotice(ctx, n)
}

// Alerts lists alerts, newest first, and says whether there are more.
func (s *Service) Alerts(ctx context.Context, f Filter) (alerts []Alert, next string, err error) {
	for _, id := range []string{f.RuleID, f.Before} {
		if id != "" && uuid.Validate(id) != nil {
			return nil, "", fault.New(fault.Invalid, "list.cursor_invalid", "The cursor or the rule is not one of this list.")
		}
	}
	limit := f.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	f.Limit = limit + 1
	if alerts, err = s.config.Store.Alerts(ctx, f); err != nil {
		return nil, "", err
	}
	if len(alerts) > limit {
		alerts = alerts[:limit]
		next = alerts[limit-1].ID
	}
	return alerts, next, nil
}

// Notice returns one notice with its deliveries.
func (s *Service) Notice(ctx context.Context, id string) (Notice, error) {
	if uuid.Validate(id) != nil {
		return Notice{}, fault.New(fault.NotFound, "alert_notice.unknown", "There is no such notice.")
	}
	return s.config.Store.Notice(ctx, id)
}

func (s *Service) rule(ctx context.Context, id string) (Rule, error) {
	if uuid.Validate(id) != nil {
		return Rule{}, fault.New(fault.NotFound, "alert_rule.unknown", "There is no such rule.")
	}
	return s.config.Store.Rule(ctx, id)
}

func invalid(issues ...fault.Issue) error {
	return fault.New(fault.Invalid, "alert_rule.invalid", "The rule is not valid.").WithIssues(issues...)
}

// change takes over what a person said, after a check.
func (r *Rule) change(c RuleChange) error {
	r.Name, r.Enabled, r.Definition, r.ErrorCode, r.Pool = strings.TrimSpace(c.Name), c.Enabled, strings.TrimSpace(c.Definition), strings.TrimSpace(c.ErrorCode), strings.TrimSpace(c.Pool)
	r.After, r.Repeat, r.Locale = c.After.Truncate(time.Second), c.Repeat.Truncate(time.Second), c.Locale
	r.WebhookURL, r.UpdatedAt, r.UpdatedBy = strings.TrimSpace(c.WebhookURL), time.Now().UTC(), c.Actor
	if c.WebhookSecret != nil {
		r.WebhookSecret = *c.WebhookSecret
	}
	if r.WebhookURL == "" {
		r.WebhookSecret = ""
	}
	r.Emails = []string{}
	var issues []fault.Issue
	refuse := func(path, code, message string) {
		issues = append(issues, fault.Issue{Code: "alert_rule." + code, Path: path, Message: message})
	}
	for _, entry := range c.Emails {
		address, err := mail.ParseAddress(entry)
		if err != nil || strings.ContainsAny(entry, "\r\n") || len(address.Address) > 254 {
			refuse("/emails", "email_invalid", "One of the addresses is no mail address.")
			break
		}
		if !slices.Contains(r.Emails, address.Address) {
			r.Emails = append(r.Emails, address.Address)
		}
	}
	r.check(refuse)
	if len(issues) > 0 {
		return invalid(issues...)
	}
	return nil
}

func (r *Rule) check(refuse func(path, code, message string)) {
	for path, text := range map[string]string{"/name": r.Name, "/definition": r.Definition, "/error_code": r.ErrorCode, "/pool": r.Pool} {
		if len(text) > 200 || strings.ContainsRune(text, 0) || !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n") {
			refuse(path, "text_invalid", "The text is too long or holds a line break.")
		}
	}
	if len(r.Emails) > mostEmails {
		refuse("/emails", "too_many", "A rule has at most 20 addresses.")
	}
	if r.Locale != "en" && r.Locale != "ru" {
		refuse("/locale", "locale_unknown", "The language is en or ru.")
	}
	switch r.Kind {
	case IncidentOpened:
		r.After, r.Pool = 0, ""
	case PoolWithoutWorker, QueueTooOld:
		r.Definition, r.ErrorCode = "", ""
	case ProcessOverTime:
		r.ErrorCode, r.Pool = "", ""
	default:
		refuse("/kind", "kind_unknown", "There is no such kind of rule.")
	}
	if r.Kind != IncidentOpened && (r.After < leastAfter || r.After > mostWait) {
		refuse("/after_s", "after_invalid", "The time is between 5 seconds and 400 days.")
	}
	if r.Repeat != 0 && (r.Repeat < leastRepeat || r.Repeat > mostWait) {
		refuse("/repeat_s", "repeat_invalid", "It is repeated every 5 minutes at most, or never.")
	}
	if r.WebhookURL != "" {
		u, err := url.Parse(r.WebhookURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || len(r.WebhookURL) > 2000 {
			refuse("/webhook_url", "webhook_invalid", "The webhook is an http or https URL without a user.")
		}
		if len(r.WebhookSecret) < leastSecret || len(r.WebhookSecret) > 200 {
			refuse("/webhook_secret", "secret_short", "The secret has 16 to 200 characters.")
		}
	}
	if r.Enabled && len(r.Emails) == 0 && r.WebhookURL == "" {
		refuse("/enabled", "reaches_nobody", "Say whom the rule reaches before it is enabled.")
	}
}

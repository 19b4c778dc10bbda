package httpapi

import (
	"context"
	"net/http"
	"time"
)

type alertRulesOutput struct {
	Body struct {
		Items          []AlertRule `json:"items"`
		MailConfigured bool        `json:"mail_configured" doc:"Without it no mail leaves this server"`
	} `nameHint:"AlertRuleList"`
}

type alertRuleOutput struct{ Body AlertRule }

// AlertRuleFields are what a person says of a rule.
type AlertRuleFields struct {
	Name          string   `json:"name,omitempty" maxLength:"200"`
	Enabled       bool     `json:"enabled"`
	Definition    string   `json:"definition,omitempty" maxLength:"200"`
	ErrorCode     string   `json:"error_code,omitempty" maxLength:"200"`
	Pool          string   `json:"pool,omitempty" maxLength:"200"`
	AfterS        int64    `json:"after_s,omitempty" minimum:"0" maximum:"34560000" doc:"Seconds that it may be bad; none for incident_opened"`
	RepeatS       int64    `json:"repeat_s,omitempty" minimum:"0" maximum:"34560000" doc:"Seconds between reminders; 0 means none"`
	Locale        string   `json:"locale" enum:"en,ru"`
	Emails        []string `json:"emails" maxItems:"20"`
	WebhookURL    string   `json:"webhook_url,omitempty" maxLength:"2000"`
	WebhookSecret *string  `json:"webhook_secret,omitempty" minLength:"16" maxLength:"200" doc:"Signs the calls; absent keeps the present one"`
}

type createAlertRuleInput struct {
	Body struct {
		AlertRuleFields
		Kind string `json:"kind" enum:"incident_opened,pool_without_worker,queue_too_old,process_over_time"`
	} `nameHint:"CreateAlertRule"`
}

// AlertRulePath names a rule.
type AlertRulePath struct {
	ID string `path:"id" format:"uuid"`
}

type updateAlertRuleInput struct {
	AlertRulePath
	Body AlertRuleFields `nameHint:"UpdateAlertRule"`
}

type alertsInput struct {
	Paging
	Rule  string `query:"rule" format:"uuid"`
	State string `query:"state" enum:"open,past" doc:"Absent: both"`
}

type alertsOutput struct {
	Body struct {
		Items      []Alert `json:"items"`
		NextCursor string  `json:"next_cursor,omitempty"`
	} `nameHint:"AlertList"`
}

type alertNoticeInput struct {
	ID string `path:"id" format:"uuid"`
}

type alertNoticeOutput struct{ Body AlertNotice }

func (a *API) registerAlerts() {
	add(a, operation{id: "listAlertRules", method: http.MethodGet, path: "/alert-rules", tag: "alerts", permission: PermAlertRead,
		summary: "List the alert rules"}, a.listAlertRules)
	add(a, operation{id: "createAlertRule", method: http.MethodPost, path: "/alert-rules", tag: "alerts", permission: PermAlertManage,
		status: http.StatusCreated, audit: "alert_rule.create", maxBody: 32 << 10, summary: "Add an alert rule"}, a.createAlertRule)
	add(a, operation{id: "updateAlertRule", method: http.MethodPut, path: "/alert-rules/{id}", tag: "alerts", permission: PermAlertManage,
		audit: "alert_rule.update", maxBody: 32 << 10, summary: "Replace an alert rule",
		doc: "Its kind stays. Open alerts of a rule that is disabled, or that watches something else now, end without a notice."}, a.updateAlertRule)
	add(a, operation{id: "deleteAlertRule", method: http.MethodDelete, path: "/alert-rules/{id}", tag: "alerts", permission: PermAlertManage,
		status: http.StatusNoContent, audit: "alert_rule.delete", summary: "Delete an alert rule with its history"}, a.deleteAlertRule)
	add(a, operation{id: "testAlertRule", method: http.MethodPost, path: "/alert-rules/{id}/test", tag: "alerts", permission: PermAlertManage,
		status: http.StatusAccepted, audit: "alert_rule.test", summary: "Send a test to everybody whom a rule reaches",
		doc: "How it goes is read with getAlertNotice."}, a.testAlertRule)
	add(a, operation{id: "listAlerts", method: http.MethodGet, path: "/alerts", tag: "alerts", permission: PermAlertRead,
		summary: "List alerts with their notices, newest first"}, a.listAlerts)
	add(a, operation{id: "getAlertNotice", method: http.MethodGet, path: "/alert-notices/{id}", tag: "alerts", permission: PermAlertRead,
		summary: "Get a notice with its deliveries"}, a.getAlertNotice)
}

func (a *API) listAlertRules(ctx context.Context, _ *struct{}) (*alertRulesOutput, error) {
	rules, err := a.config.Alerts.Rules(ctx)
	if err != nil {
		return nil, err
	}
	out := &alertRulesOutput{}
	out.Body.Items, out.Body.MailConfigured = list(rules), a.config.Alerts.MailConfigured()
	return out, nil
}

func (f *AlertRuleFields) change(ctx context.Context) ChangeAlertRule {
	return ChangeAlertRule{
		Actor: caller(ctx).Login, Name: f.Name, Enabled: f.Enabled, Definition: f.Definition, ErrorCode: f.ErrorCode, Pool: f.Pool,
		After: time.Duration(f.AfterS) * time.Second, Repeat: time.Duration(f.RepeatS) * time.Second, Locale: f.Locale, Emails: f.Emails,
		WebhookURL: f.WebhookURL, WebhookSecret: f.WebhookSecret,
	}
}

// auditedRule records a rule without its secret and without the webhook's path, which may hold one.
func auditedRule(ctx context.Context, rule AlertRule, secretChanged bool) {
	audited(ctx, "alert_rule", rule.ID, "", map[string]any{
		"kind": rule.Kind, "name": rule.Name, "enabled": rule.Enabled, "emails": rule.Emails, "webhook": rule.WebhookURL != "",
		"webhook_secret_changed": secretChanged, "after_s": rule.AfterS, "repeat_s": rule.RepeatS,
	})
}

func (a *API) createAlertRule(ctx context.Context, in *createAlertRuleInput) (*alertRuleOutput, error) {
	change := in.Body.change(ctx)
	change.Kind = in.Body.Kind
	rule, err := a.config.Alerts.CreateRule(ctx, change)
	if err != nil {
		return nil, err
	}
	auditedRule(ctx, rule, rule.WebhookSecretSet)
	return &alertRuleOutput{Body: rule}, nil
}

func (a *API) updateAlertRule(ctx context.Context, in *updateAlertRuleInput) (*alertRuleOutput, error) {
	change := in.Body.change(ctx)
	change.ID = in.ID
	rule, err := a.config.Alerts.UpdateRule(ctx, change)
	if err != nil {
		return nil, err
	}
	auditedRule(ctx, rule, in.Body.WebhookSecret != nil)
	return &alertRuleOutput{Body: rule}, nil
}

func (a *API) deleteAlertRule(ctx context.Context, in *AlertRulePath) (*struct{}, error) {
	rule, err := a.config.Alerts.DeleteRule(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	auditedRule(ctx, rule, false)
	return nil, nil
}

func (a *API) testAlertRule(ctx context.Context, in *AlertRulePath) (*alertNoticeOutput, error) {
	notice, err := a.config.Alerts.TestRule(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	audited(ctx, "alert_rule", in.ID, "", nil)
	return &alertNoticeOutput{Body: notice}, nil
}

func (a *API) listAlerts(ctx context.Context, in *alertsInput) (*alertsOutput, error) {
	filter := AlertFilter{RuleID: in.Rule, Limit: in.Limit, Cursor: in.Cursor}
	if in.State != "" {
		open := in.State == "open"
		filter.Open = &open
	}
	page, err := a.config.Alerts.Alerts(ctx, filter)
	if err != nil {
		return nil, err
	}
	out := &alertsOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) getAlertNotice(ctx context.Context, in *alertNoticeInput) (*alertNoticeOutput, error) {
	notice, err := a.config.Alerts.Notice(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &alertNoticeOutput{Body: notice}, nil
}

package app

import (
	"context"
	"time"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/server/alert"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// alertsAPI shows the alerts to the API.
type alertsAPI struct{ alerts *alert.Service }

var _ httpapi.Alerts = alertsAPI{}

func apiAlertRule(r alert.Rule) httpapi.AlertRule {
	return httpapi.AlertRule{
		ID: r.ID, Name: r.Name, Kind: string(r.Kind), Enabled: r.Enabled, Definition: r.Definition, ErrorCode: r.ErrorCode, Pool: r.Pool,
		AfterS: int64(r.After / time.Second), RepeatS: int64(r.Repeat / time.Second), Locale: r.Locale, Emails: append([]string{}, r.Emails...),
		WebhookURL: r.WebhookURL, WebhookSecretSet: r.WebhookSecret != "", UpdatedAt: r.UpdatedAt, UpdatedBy: r.UpdatedBy,
	}
}

func apiAlertFacts(f alert.Facts) httpapi.AlertFacts {
	return httpapi.AlertFacts{
		Definition: f.Definition, DefinitionTitle: f.DefinitionTitle, Version: f.Version, NodeID: f.NodeID, NodeTitle: f.NodeTitle, ErrorCode: f.ErrorCode,
		Pool: f.Pool, Waiting: f.Waiting, Since: f.Since, Count: f.Count, Total: f.Total, LastedS: f.LastedS,
		Items: mapped(f.Items, func(i alert.Item) httpapi.AlertItem { return httpapi.AlertItem(i) }),
	}
}

func apiAlertNotice(n alert.Notice) httpapi.AlertNotice {
	return httpapi.AlertNotice{
		ID: n.ID, RuleID: n.RuleID, AlertID: n.AlertID, Kind: string(n.Kind), At: n.At, Facts: apiAlertFacts(n.Facts),
		Deliveries: mapped(n.Deliveries, apiAlertDelivery),
	}
}

func apiAlertDelivery(d alert.Delivery) httpapi.AlertDelivery {
	out := httpapi.AlertDelivery{
		ID: d.ID, Channel: string(d.Channel), Target: d.Target, State: string(d.State), Attempts: d.Attempts, GiveUpAt: d.GiveUpAt.UTC(),
		Error: d.LastError, EndedAt: d.EndedAt,
	}
	if d.State == alert.Pending {
		next := d.NextAt.UTC()
		out.NextAt = &next
	}
	return out
}

func alertRuleChange(c httpapi.ChangeAlertRule) alert.RuleChange {
	return alert.RuleChange{
		Actor: c.Actor, Name: c.Name, Kind: alert.Kind(c.Kind), Enabled: c.Enabled, Definition: c.Definition, ErrorCode: c.ErrorCode, Pool: c.Pool,
		After: c.After, Repeat: c.Repeat, Locale: c.Locale, Emails: c.Emails, WebhookURL: c.WebhookURL, WebhookSecret: c.WebhookSecret,
	}
}

func (a alertsAPI) Rules(ctx context.Context) ([]httpapi.AlertRule, error) {
	rules, err := a.alerts.Rules(ctx)
	return mapped(rules, apiAlertRule), err
}

func (a alertsAPI) MailConfigured() bool { return a.alerts.MailConfigured() }

func (a alertsAPI) CreateRule(ctx context.Context, c httpapi.ChangeAlertRule) (httpapi.AlertRule, error) {
	rule, err := a.alerts.CreateRule(ctx, alertRuleChange(c))
	return apiAlertRule(rule), err
}

func (a alertsAPI) UpdateRule(ctx context.Context, c httpapi.ChangeAlertRule) (httpapi.AlertRule, error) {
	rule, err := a.alerts.UpdateRule(ctx, c.ID, alertRuleChange(c))
	return apiAlertRule(rule), err
}

func (a alertsAPI) DeleteRule(ctx context.Context, id string) (httpapi.AlertRule, error) {
	rule, err := a.alerts.DeleteRule(ctx, id)
	return apiAlertRule(rule), err
}

func (a alertsAPI) TestRule(ctx context.Context, id string) (httpapi.AlertNotice, error) {
	notice, err := a.alerts.TestRule(ctx, id)
	return apiAlertNotice(notice), err
}

func (a alertsAPI) Alerts(ctx context.Context, f httpapi.AlertFilter) (httpapi.Page[httpapi.Alert], error) {
	alerts, next, err := a.alerts.Alerts(ctx, alert.Filter{RuleID: f.RuleID, Open: f.Open, Before: f.Cursor, Limit: f.Limit})
	items := mapped(alerts, func(a alert.Alert) httpapi.Alert {
		return httpapi.Alert{
			ID: a.ID, RuleID: a.RuleID, RuleName: a.RuleName, Kind: string(a.Kind), OpenedAt: a.OpenedAt, ClosedAt: a.ClosedAt, Total: a.Total,
			Facts: apiAlertFacts(a.Facts), Notices: mapped(a.Notices, apiAlertNotice),
		}
	})
	return httpapi.Page[httpapi.Alert]{Items: items, NextCursor: next}, err
}

func (a alertsAPI) Notice(ctx context.Context, id string) (httpapi.AlertNotice, error) {
	notice, err := a.alerts.Notice(ctx, id)
	return apiAlertNotice(notice), err
}

// alertNames knows the titles that notices show.
type alertNames struct {
	designer *designer.Service
	titles   *titles
}

var _ alert.Names = alertNames{}

func (n alertNames) Titles(ctx context.Context, definition string, version int, node string) (definitionTitle, nodeTitle string) {
	definitionTitle, nodeTitle = n.titles.of(ctx, definition), node
	if node == "" || version == 0 {
		return definitionTitle, nodeTitle
	}
	kept, err := n.designer.Version(ctx, definition, version)
	if err != nil {
		return definitionTitle, nodeTitle
	}
	for i := range kept.Graph.Nodes {
		if kept.Graph.Nodes[i].ID == node && kept.Graph.Nodes[i].Title != "" {
			return definitionTitle, kept.Graph.Nodes[i].Title
		}
	}
	return definitionTitle, nodeTitle
}

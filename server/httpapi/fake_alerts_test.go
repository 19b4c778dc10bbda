package httpapi

import "context"

// fakeAlerts knows no rules; its answers are empty.
type fakeAlerts struct{ *fake }

func (f fakeAlerts) Rules(ctx context.Context) ([]AlertRule, error) {
	return nil, f.called(ctx, "alert rules")
}
func (f fakeAlerts) MailConfigured() bool { return true }
func (f fakeAlerts) CreateRule(ctx context.Context, c ChangeAlertRule) (AlertRule, error) {
	return AlertRule{ID: knownTask, Kind: c.Kind, WebhookSecretSet: c.WebhookSecret != nil}, f.called(ctx, "create alert rule")
}
func (f fakeAlerts) UpdateRule(ctx context.Context, c ChangeAlertRule) (AlertRule, error) {
	return AlertRule{ID: c.ID}, f.called(ctx, "update alert rule")
}
func (f fakeAlerts) DeleteRule(ctx context.Context, id string) (AlertRule, error) {
	return AlertRule{ID: id}, f.called(ctx, "delete alert rule")
}
func (f fakeAlerts) TestRule(ctx context.Context, id string) (AlertNotice, error) {
	return AlertNotice{ID: id, RuleID: id}, f.called(ctx, "test alert rule")
}
func (f fakeAlerts) Alerts(ctx context.Context, _ AlertFilter) (Page[Alert], error) {
	return Page[Alert]{}, f.called(ctx, "alerts")
}
func (f fakeAlerts) Notice(ctx context.Context, id string) (AlertNotice, error) {
	return AlertNotice{ID: id}, f.called(ctx, "alert notice")
}

package httpapi

import "context"

func (f *fake) PlanRestart(ctx context.Context, _, _, _ string) (RestartPlan, error) {
	return RestartPlan{Allowed: true, Cancelled: []NodeTotal{}, Hidden: []NodeTotal{}, Kept: []string{}, Ahead: []string{}}, f.called(ctx, "plan restart")
}

func (f *fake) RestartFrom(ctx context.Context, _ RestartFrom) (string, error) {
	return knownProcess, f.called(ctx, "restart from")
}

func (f *fake) PlanMigration(ctx context.Context, _ string, _ int) (MigrationPlan, error) {
	return MigrationPlan{Allowed: true, Issues: []MigrationIssue{}, Warnings: []MigrationIssue{}, Open: []NodeTotal{}}, f.called(ctx, "plan migration")
}

func (f *fake) Migrate(ctx context.Context, _ ProcessCommand, _ int) error {
	return f.called(ctx, "migrate")
}

func (f *fake) RestartEntry(ctx context.Context, _ TaskCommand) error {
	return f.called(ctx, "restart entry")
}

func (f *fake) RestartFailed(ctx context.Context, _ TaskCommand) (int, error) {
	return 2, f.called(ctx, "restart failed")
}

func (f *fake) Fire(ctx context.Context, _ TaskCommand, _ string) error {
	return f.called(ctx, "fire")
}

func (f *fake) SendTo(ctx context.Context, _ ProcessCommand, _ SendMessage) (string, error) {
	return knownTask, f.called(ctx, "send to")
}

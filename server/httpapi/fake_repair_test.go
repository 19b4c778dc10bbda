package httpapi

import "context"

func (f *fake) PlanRestart(ctx context.Context, _, _, _ string) (RestartPlan, error) {
	return RestartPlan{Allowed: true, Cancelled: []NodeTotal{}, Hidden: []NodeTotal{}, Kept: []string{}, Ahead: []string{}}, f.called(ctx, "plan restart")
}

func (f *fake) RestartFrom(ctx context.Context, _ RestartFrom) (string, error) {
	return knownProcess, f.called(ctx, "restart from")
}

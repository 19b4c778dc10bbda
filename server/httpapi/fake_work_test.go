package httpapi

import (
	"context"
	"time"
)

// fakeWork has nothing to do.
type fakeWork struct{ *fake }

func (f fakeWork) Heartbeat() time.Duration { return 2 * time.Second }

func (f fakeWork) Drained(_, _ string) bool { return false }

func (f fakeWork) Announce(ctx context.Context, _ AnnounceWorker) ([]RefusedType, error) {
	return nil, f.called(ctx, "announce")
}

func (f fakeWork) Take(ctx context.Context, _ TakeWork) ([]WorkTask, []string, error) {
	return nil, nil, f.called(ctx, "take")
}

func (f fakeWork) Beat(ctx context.Context, _, _ string, _ []WorkNews) ([]string, error) {
	return nil, f.called(ctx, "beat")
}

func (f fakeWork) Finish(ctx context.Context, _, _, _ string, _ WorkOutcome) error {
	return f.called(ctx, "finish")
}

func (f fakeWork) Release(ctx context.Context, _, _, _ string) error { return f.called(ctx, "release") }

func (f fakeWork) WorksOn(ctx context.Context, _ string, _ []string) (bool, error) {
	return false, f.called(ctx, "works on")
}

func (f fakeWork) Leave(ctx context.Context, _, _ string) error { return f.called(ctx, "leave") }

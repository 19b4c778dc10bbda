package httpapi

import (
	"context"

	"github.com/taskurotta/taskurotta-go/fault"
)

// fakeSecrets knows the secret "known".
type fakeSecrets struct{ *fake }

func (f fakeSecrets) Secrets(ctx context.Context) ([]Secret, bool, error) {
	return []Secret{{Name: "known"}}, false, f.called(ctx, "secrets")
}

func (f fakeSecrets) PutSecret(ctx context.Context, c PutSecret) (Secret, bool, error) {
	return Secret{Name: c.Name, Definitions: c.Definitions}, c.Name != "known", f.called(ctx, "put secret")
}

func (f fakeSecrets) DeleteSecret(ctx context.Context, name string) error {
	if name != "known" {
		return fault.New(fault.NotFound, "secret.unknown", "There is no such secret.")
	}
	return f.called(ctx, "delete secret")
}

func (f fakeSecrets) WorkSecret(ctx context.Context, _, _ string, _ []string) (string, error) {
	return "value", f.called(ctx, "work secret")
}

// fakeWebhooks takes what comes.
type fakeWebhooks struct{ *fake }

func (f fakeWebhooks) Call(ctx context.Context, r WebhookRequest) (WebhookStarted, error) {
	f.mu.Lock()
	f.hooks = append(f.hooks, r)
	f.mu.Unlock()
	return WebhookStarted{ProcessID: knownProcess}, f.called(ctx, "hook")
}

func (f fakeWebhooks) Webhook(ctx context.Context, _, definition, node string) (Webhook, error) {
	return Webhook{Definition: definition, Node: node}, f.called(ctx, "webhook")
}

func (f fakeWebhooks) RotateWebhook(ctx context.Context, _, definition, node string) (Webhook, error) {
	return Webhook{Definition: definition, Node: node}, f.called(ctx, "rotate webhook")
}

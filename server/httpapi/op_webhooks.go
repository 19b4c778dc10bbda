package httpapi

import (
	"context"
	"net/http"
)

// WebhookPath names a webhook start of a definition.
type WebhookPath struct {
	Key  string `path:"key" maxLength:"63" pattern:"^[a-z][a-z0-9-]*$" patternDescription:"a definition's key"`
	Node string `path:"node" maxLength:"63" pattern:"^[a-z][a-z0-9_]*$" patternDescription:"a node's id" doc:"The start event"`
}

type webhookOutput struct{ Body Webhook }

func (a *API) registerWebhooks() {
	add(a, operation{id: "getWebhook", method: http.MethodGet, path: "/definitions/{key}/webhooks/{node}", tag: "definitions", permission: PermDefinitionEdit,
		summary: "Get the addresses of a webhook start", doc: "Also of one that is drawn only yet. The path that nobody can guess is made when it is first asked for."}, a.getWebhook)
	add(a, operation{id: "rotateWebhook", method: http.MethodPost, path: "/definitions/{key}/webhooks/{node}/rotate", tag: "definitions", permission: PermSecretManage,
		audit: "webhook.rotate", summary: "Give a webhook another path", doc: "The one before is unknown at once."}, a.rotateWebhook)
}

func (a *API) getWebhook(ctx context.Context, in *WebhookPath) (*webhookOutput, error) {
	if _, err := a.config.Designer.Definition(ctx, in.Key); err != nil {
		return nil, err
	}
	hook, err := a.config.Webhooks.Webhook(ctx, caller(ctx).Login, in.Key, in.Node)
	if err != nil {
		return nil, err
	}
	return &webhookOutput{Body: hook}, nil
}

func (a *API) rotateWebhook(ctx context.Context, in *WebhookPath) (*webhookOutput, error) {
	if _, err := a.config.Designer.Definition(ctx, in.Key); err != nil {
		return nil, err
	}
	hook, err := a.config.Webhooks.RotateWebhook(ctx, caller(ctx).Login, in.Key, in.Node)
	if err != nil {
		return nil, err
	}
	audited(ctx, "definition", in.Key, "", map[string]any{"node": in.Node})
	return &webhookOutput{Body: hook}, nil
}

package app

import (
	"context"
	"net/url"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/server/secret"
	"github.com/taskurotta/taskurotta-go/server/webhook"
)

// secretsAPI shows the secrets to the API.
type secretsAPI struct{ secrets *secret.Service }

var _ httpapi.Secrets = secretsAPI{}

func apiSecret(s secret.Secret) httpapi.Secret {
	return httpapi.Secret{
		Name: s.Name, Description: s.Description, Definitions: s.Scope.Definitions, NodeTypes: s.Scope.NodeTypes, Pools: s.Scope.Pools,
		ValueAt: s.ValueAt, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, UpdatedBy: s.UpdatedBy, LastUsedAt: s.LastUsedAt,
	}
}

func (a secretsAPI) Secrets(ctx context.Context) ([]httpapi.Secret, bool, error) {
	all, err := a.secrets.Secrets(ctx)
	return mapped(all, apiSecret), a.secrets.Locked(), err
}

func (a secretsAPI) PutSecret(ctx context.Context, c httpapi.PutSecret) (httpapi.Secret, bool, error) {
	kept, added, err := a.secrets.Put(ctx, secret.Change{
		Actor: c.Actor, Name: c.Name, Description: c.Description, Value: c.Value,
		Scope: secret.Scope{Definitions: c.Definitions, NodeTypes: c.NodeTypes, Pools: c.Pools},
	})
	return apiSecret(kept), added, err
}

func (a secretsAPI) DeleteSecret(ctx context.Context, name string) error {
	return a.secrets.Delete(ctx, name)
}

func (a secretsAPI) WorkSecret(ctx context.Context, name, process string, pools []string) (string, error) {
	return a.secrets.ForWorker(ctx, name, process, pools)
}

// webhooksAPI shows the webhooks to the API. base is where other systems reach the server.
type webhooksAPI struct {
	webhooks *webhook.Service
	base     func() string
}

var _ httpapi.Webhooks = webhooksAPI{}

func (a webhooksAPI) Call(ctx context.Context, r httpapi.WebhookRequest) (httpapi.WebhookStarted, error) {
	started, err := a.webhooks.Call(ctx, &webhook.Request{
		Definition: r.Definition, Node: r.Node, Path: r.Path, Headers: r.Headers, Query: r.Query, Body: r.Body, Remote: r.Remote,
	})
	return httpapi.WebhookStarted(started), err
}

func (a webhooksAPI) show(hook webhook.Hook, err error) (httpapi.Webhook, error) {
	if err != nil {
		return httpapi.Webhook{}, err
	}
	address := strings.TrimRight(a.base(), "/") + "/hooks/" + url.PathEscape(hook.Definition) + "/" + url.PathEscape(hook.Node)
	out := httpapi.Webhook{Definition: hook.Definition, Node: hook.Node, Live: hook.Live, Check: hook.Check, SignedURL: address, MadeBy: hook.MadeBy}
	if hook.Path != "" {
		out.PathURL, out.MadeAt = address+"/"+url.PathEscape(hook.Path), &hook.MadeAt
	}
	return out, nil
}

func (a webhooksAPI) Webhook(ctx context.Context, actor, definition, node string) (httpapi.Webhook, error) {
	return a.show(a.webhooks.Hook(ctx, actor, definition, node))
}

func (a webhooksAPI) RotateWebhook(ctx context.Context, actor, definition, node string) (httpapi.Webhook, error) {
	return a.show(a.webhooks.Rotate(ctx, actor, definition, node))
}

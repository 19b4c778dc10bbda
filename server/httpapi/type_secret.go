package httpapi

import (
	"context"
	"net/url"
	"time"
)

// Secrets is what the API needs of the part that keeps secrets.
type Secrets interface {
	// Secrets lists them by name; locked tells that this server has no key for them.
	Secrets(ctx context.Context) (all []Secret, locked bool, err error)
	// PutSecret adds or changes one; it tells whether it was added.
	PutSecret(ctx context.Context, command PutSecret) (Secret, bool, error)
	DeleteSecret(ctx context.Context, name string) error
	// WorkSecret is the value for a worker that runs a task of a process; pools are those of its token, empty means all.
	WorkSecret(ctx context.Context, name, process string, pools []string) (string, error)
}

// Secret is what is told of a secret: all but its value.
type Secret struct {
	Name        string     `json:"name" doc:"Inputs of nodes name it as secret://name"`
	Description string     `json:"description,omitempty"`
	Definitions []string   `json:"definitions" doc:"Keys of the definitions whose tasks may read it; empty: all"`
	NodeTypes   []string   `json:"node_types" doc:"Node types that may read it, with or without @major; empty: all"`
	Pools       []string   `json:"pools" doc:"Pools whose workers may read it; empty: all"`
	ValueAt     time.Time  `json:"value_at" doc:"When the value was last changed"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	UpdatedBy   string     `json:"updated_by"`
	LastUsedAt  *time.Time `json:"last_used_at,omitempty" doc:"To the minute"`
}

// PutSecret sets a secret.
type PutSecret struct {
	Actor, Name, Description      string
	Definitions, NodeTypes, Pools []string
	Value                         *string // nil keeps the present one
}

// Webhooks is what the API needs of the part that starts processes by requests.
type Webhooks interface {
	Call(ctx context.Context, request WebhookRequest) (WebhookStarted, error)
	Webhook(ctx context.Context, actor, definition, node string) (Webhook, error)
	// RotateWebhook gives it another path.
	RotateWebhook(ctx context.Context, actor, definition, node string) (Webhook, error)
}

// WebhookRequest is a request of another system.
type WebhookRequest struct {
	Definition, Node, Path string
	Headers                map[string]string // by canonical name
	Query                  url.Values
	Body                   []byte
	Remote                 string
}

// WebhookStarted is what a request is answered.
type WebhookStarted struct {
	ProcessID string `json:"process_id"`
	Existing  bool   `json:"existing"` // the delivery was known: nothing was started
}

// Webhook tells where other systems send requests that start processes.
type Webhook struct {
	Definition string     `json:"definition"`
	Node       string     `json:"node"`
	Live       bool       `json:"live" doc:"The latest version has this start; else requests find nothing"`
	Check      string     `json:"check,omitempty" enum:"hmac,path" doc:"Of the latest version"`
	SignedURL  string     `json:"signed_url" doc:"For requests that are signed"`
	PathURL    string     `json:"path_url,omitempty" doc:"With the part that nobody can guess; absent where the server has no key for secrets"`
	MadeAt     *time.Time `json:"made_at,omitempty" doc:"When that part was made"`
	MadeBy     string     `json:"made_by,omitempty"`
}

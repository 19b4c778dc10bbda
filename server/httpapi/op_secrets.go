package httpapi

import (
	"context"
	"net/http"
)

type secretsOutput struct {
	Body struct {
		Items  []Secret `json:"items"`
		Locked bool     `json:"locked" doc:"This server has no key for secrets: values can be neither set nor read"`
	} `nameHint:"SecretList"`
}

// SecretPath names a secret.
type SecretPath struct {
	Name string `path:"name" maxLength:"100" pattern:"^[a-z][a-z0-9_.-]*$" patternDescription:"the name of a secret"`
}

type putSecretInput struct {
	SecretPath
	Body struct {
		Description string   `json:"description,omitempty" maxLength:"2000"`
		Definitions []string `json:"definitions,omitempty" maxItems:"100" doc:"Keys of the definitions whose tasks may read it; absent: all"`
		NodeTypes   []string `json:"node_types,omitempty" maxItems:"100" doc:"Node types that may read it, with or without @major; absent: all"`
		Pools       []string `json:"pools,omitempty" maxItems:"100" doc:"Pools whose workers may read it; absent: all"`
		Value       *string  `json:"value,omitempty" minLength:"1" maxLength:"16384" writeOnly:"true" doc:"Absent keeps the present one. It is never shown again"`
	} `nameHint:"PutSecret"`
}

type secretOutput struct {
	Status int
	Body   Secret
}

type workSecretInput struct {
	SecretPath
	Process string `query:"process" required:"true" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"The process whose task reads it"`
}

type workSecretOutput struct {
	Body struct {
		Value string `json:"value"`
	} `nameHint:"SecretValue"`
}

func (a *API) registerSecrets() {
	add(a, operation{id: "listSecrets", method: http.MethodGet, path: "/secrets", tag: "secrets", permission: PermSecretRead,
		summary: "List the secrets, without their values"}, a.listSecrets)
	add(a, operation{id: "putSecret", method: http.MethodPut, path: "/secrets/{name}", tag: "secrets", permission: PermSecretManage,
		status: http.StatusOK, alternative: http.StatusCreated, audit: "secret.put", maxBody: 64 << 10, summary: "Add or change a secret",
		doc: "200 for a change, 201 for a new one. The value is encrypted; nobody can read it again but workers within the scope."}, a.putSecret)
	add(a, operation{id: "deleteSecret", method: http.MethodDelete, path: "/secrets/{name}", tag: "secrets", permission: PermSecretManage,
		status: http.StatusNoContent, audit: "secret.delete", summary: "Delete a secret", doc: "Tasks that ask for it fail from now on."}, a.deleteSecret)
	add(a, operation{id: "workSecret", method: http.MethodGet, path: "/work/secrets/{name}", tag: "work", permission: PermWork,
		summary: "Read a secret for a task", doc: "For workers: while they run a task of the process that the secret's scope lets."}, a.workSecret)
}

func (a *API) listSecrets(ctx context.Context, _ *struct{}) (*secretsOutput, error) {
	all, locked, err := a.config.Secrets.Secrets(ctx)
	if err != nil {
		return nil, err
	}
	out := &secretsOutput{}
	out.Body.Items, out.Body.Locked = list(all), locked
	return out, nil
}

func (a *API) putSecret(ctx context.Context, in *putSecretInput) (*secretOutput, error) {
	kept, added, err := a.config.Secrets.PutSecret(ctx, PutSecret{
		Actor: caller(ctx).Login, Name: in.Name, Description: in.Body.Description, Definitions: in.Body.Definitions, NodeTypes: in.Body.NodeTypes, Pools: in.Body.Pools,
		Value: in.Body.Value,
	})
	if err != nil {
		return nil, err
	}
	audited(ctx, "secret", in.Name, "", map[string]any{
		"value_changed": in.Body.Value != nil, "definitions": kept.Definitions, "node_types": kept.NodeTypes, "pools": kept.Pools,
	})
	out := &secretOutput{Status: http.StatusOK, Body: kept}
	if added {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (a *API) deleteSecret(ctx context.Context, in *SecretPath) (*struct{}, error) {
	if err := a.config.Secrets.DeleteSecret(ctx, in.Name); err != nil {
		return nil, err
	}
	audited(ctx, "secret", in.Name, "", nil)
	return nil, nil
}

func (a *API) workSecret(ctx context.Context, in *workSecretInput) (*workSecretOutput, error) {
	value, err := a.config.Secrets.WorkSecret(ctx, in.Name, in.Process, caller(ctx).Pools)
	if err != nil {
		return nil, err
	}
	out := &workSecretOutput{}
	out.Body.Value = value
	return out, nil
}

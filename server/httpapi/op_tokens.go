package httpapi

import (
	"context"
	"net/http"
	"time"
)

type tokensOutput struct {
	Body struct {
		Items      []Token `json:"items"`
		NextCursor string  `json:"next_cursor,omitempty"`
	} `nameHint:"TokenList"`
}

type createTokenInput struct {
	Body struct {
		Name      string     `json:"name" minLength:"1" maxLength:"100"`
		Roles     []string   `json:"roles,omitempty" maxItems:"10" doc:"Some of the caller's roles; absent means all of them. worker is for workers' tokens"`
		Pools     []string   `json:"pools,omitempty" maxItems:"100" doc:"Of workers' tokens: the pools that it is for; absent means all"`
		ExpiresAt *time.Time `json:"expires_at,omitempty"`
	} `nameHint:"CreateToken"`
}

type createTokenOutput struct {
	Body CreatedToken
}

type deleteTokenInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (a *API) registerTokens() {
	add(a, operation{id: "listTokens", method: http.MethodGet, path: "/tokens", tag: "tokens", signedIn: true,
		summary: "List the caller's API tokens", doc: "Those who manage users see everybody's."}, a.listTokens)
	add(a, operation{id: "createToken", method: http.MethodPost, path: "/tokens", tag: "tokens", signedIn: true,
		status: http.StatusCreated, audit: "token.create", maxBody: 16 << 10, summary: "Make an API token",
		doc: "The answer is the only place that shows the token."}, a.createToken)
	add(a, operation{id: "deleteToken", method: http.MethodDelete, path: "/tokens/{id}", tag: "tokens", signedIn: true,
		audit: "token.delete", summary: "Revoke an API token"}, a.deleteToken)
}

func (a *API) listTokens(ctx context.Context, in *Paging) (*tokensOutput, error) {
	page, err := a.config.Auth.Tokens(ctx, caller(ctx), in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &tokensOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) createToken(ctx context.Context, in *createTokenInput) (*createTokenOutput, error) {
	token, err := a.config.Auth.CreateToken(ctx, CreateToken{Owner: caller(ctx), Name: in.Body.Name, Roles: in.Body.Roles, Pools: in.Body.Pools, ExpiresAt: in.Body.ExpiresAt})
	if err != nil {
		return nil, err
	}
	audited(ctx, "token", token.ID, "", map[string]any{"name": token.Name, "roles": token.Roles, "pools": token.Pools})
	return &createTokenOutput{Body: token}, nil
}

func (a *API) deleteToken(ctx context.Context, in *deleteTokenInput) (*struct{}, error) {
	if err := a.config.Auth.DeleteToken(ctx, caller(ctx), in.ID); err != nil {
		return nil, err
	}
	audited(ctx, "token", in.ID, "", nil)
	return nil, nil
}

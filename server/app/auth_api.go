package app

import (
	"context"

	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// authAPI shows accounts, sessions and tokens to the API.
type authAPI struct{ auth *auth.Service }

var _ httpapi.Auth = authAPI{}

func texts[T ~string](items []T) []string {
	return mapped(items, func(item T) string { return string(item) })
}

func roles(names []string) []auth.Role {
	if names == nil {
		return nil
	}
	return mapped(names, func(name string) auth.Role { return auth.Role(name) })
}

func apiIdentity(i auth.Identity) httpapi.Identity {
	return httpapi.Identity{
		UserID: i.UserID, Login: i.Login, Name: i.Name, Roles: texts(i.Roles), Groups: i.Groups, Pools: i.Pools, Locale: i.Locale, Token: i.Token,
		Permissions: mapped(i.Permissions, func(p auth.Permission) httpapi.Permission { return httpapi.Permission(p) }),
	}
}

func identity(i httpapi.Identity) auth.Identity {
	return auth.Identity{
		UserID: i.UserID, Login: i.Login, Name: i.Name, Roles: roles(i.Roles), Groups: i.Groups, Pools: i.Pools, Locale: i.Locale, Token: i.Token,
		Permissions: mapped(i.Permissions, func(p httpapi.Permission) auth.Permission { return auth.Permission(p) }),
	}
}

func (a authAPI) SignIn(ctx context.Context, attempt httpapi.SignIn) (httpapi.Session, error) {
	session, err := a.auth.SignIn(ctx, auth.Attempt(attempt))
	return httpapi.Session{Secret: session.Secret, Expires: session.Expires, Identity: apiIdentity(session.Identity)}, err
}

func (a authAPI) SignOut(ctx context.Context, session string) error {
	return a.auth.SignOut(ctx, session)
}

func (a authAPI) SessionIdentity(ctx context.Context, session string) (httpapi.Identity, error) {
	who, err := a.auth.SessionIdentity(ctx, session)
	return apiIdentity(who), err
}

func (a authAPI) TokenIdentity(ctx context.Context, token string) (httpapi.Identity, error) {
	who, err := a.auth.TokenIdentity(ctx, token)
	return apiIdentity(who), err
}

func apiUser(a auth.Account) httpapi.User {
	return httpapi.User{ID: a.ID, Login: a.Login, Name: a.Name, Roles: texts(a.Roles), Groups: a.Groups, Locale: a.Locale, Disabled: a.Disabled, CreatedAt: a.CreatedAt}
}

func (a authAPI) Users(ctx context.Context, cursor string, limit int) (httpapi.Page[httpapi.User], error) {
	accounts, next, err := a.auth.Accounts(ctx, cursor, limit)
	return httpapi.Page[httpapi.User]{Items: mapped(accounts, apiUser), NextCursor: next}, err
}

func (a authAPI) CreateUser(ctx context.Context, c httpapi.CreateUser) (httpapi.User, error) {
	account, err := a.auth.CreateAccount(ctx, auth.NewAccount{Login: c.Login, Name: c.Name, Password: c.Password, Roles: roles(c.Roles), Groups: c.Groups})
	return apiUser(account), err
}

func (a authAPI) UpdateUser(ctx context.Context, c httpapi.UpdateUser) (httpapi.User, error) {
	account, err := a.auth.UpdateAccount(ctx, auth.ChangeAccount{
		ID: c.ID, Name: c.Name, Password: c.Password, Roles: roles(c.Roles), Groups: c.Groups, Locale: c.Locale, Disabled: c.Disabled,
	})
	return apiUser(account), err
}

func apiToken(t auth.StoredToken) httpapi.Token {
	return httpapi.Token{
		ID: t.ID, Name: t.Name, UserID: t.AccountID, Roles: texts(t.Roles), Pools: t.Pools, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt,
	}
}

func (a authAPI) Tokens(ctx context.Context, who httpapi.Identity, cursor string, limit int) (httpapi.Page[httpapi.Token], error) {
	tokens, next, err := a.auth.Tokens(ctx, identity(who), cursor, limit)
	return httpapi.Page[httpapi.Token]{Items: mapped(tokens, apiToken), NextCursor: next}, err
}

func (a authAPI) CreateToken(ctx context.Context, c httpapi.CreateToken) (httpapi.CreatedToken, error) {
	token, secret, err := a.auth.CreateToken(ctx, auth.NewToken{Owner: identity(c.Owner), Name: c.Name, Roles: roles(c.Roles), Pools: c.Pools, ExpiresAt: c.ExpiresAt})
	return httpapi.CreatedToken{Token: apiToken(token), Secret: secret}, err
}

func (a authAPI) DeleteToken(ctx context.Context, who httpapi.Identity, id string) error {
	return a.auth.DeleteToken(ctx, identity(who), id)
}

package auth

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/fault"
)

// TokenPrefix begins every API token.
const TokenPrefix = "tk_"

// NewToken is an API token to make: it acts for its owner with some of its roles.
type NewToken struct {
	Owner     Identity
	Name      string
	Pools     []string // of worker tokens: those that it is for; empty means all
	Roles     []Role   // empty means the owner's; worker is for those who manage users
	ExpiresAt *time.Time
}

var errToken = fault.New(fault.Unauthorized, "token.refused", "The token is unknown, revoked or too old.")

// CreateToken makes a token and returns its secret, which is not stored.
func (s *Service) CreateToken(ctx context.Context, command NewToken) (StoredToken, string, error) {
	if uuid.Validate(command.Owner.UserID) != nil {
		return StoredToken{}, "", fault.New(fault.Forbidden, "token.owner", "Only a user can have tokens.")
	}
	if command.Owner.Token {
		return StoredToken{}, "", fault.New(fault.Forbidden, "token.by_token", "A token makes no tokens: they would outlive it. Sign in.")
	}
	roles, err := checkRoles(command.Roles, true)
	if err != nil {
		return StoredToken{}, "", err
	}
	if len(roles) == 0 {
		roles = command.Owner.Roles
	}
	for _, role := range roles {
		allowed := slices.Contains(command.Owner.Roles, role) || role == Worker && command.Owner.May(UserManage)
		if !allowed {
			return StoredToken{}, "", fault.Newf(fault.Forbidden, "token.role", "You can't give the role %q: it is not yours.", role)
		}
	}
	if err := checkPools(command.Pools, roles); err != nil {
		return StoredToken{}, "", err
	}
	now := s.config.Clock().UTC()
	if command.ExpiresAt != nil && !command.ExpiresAt.After(now) {
		return StoredToken{}, "", fault.New(fault.Invalid, "token.expires_at", "The token would have ended already.")
	}
	name := strings.TrimSpace(command.Name)
	if name == "" {
		return StoredToken{}, "", fault.New(fault.Invalid, "token.name", "Name the token.")
	}
	secret := newSecret(TokenPrefix)
	token := StoredToken{
		ID: uuid.Must(uuid.NewV7()).String(), AccountID: command.Owner.UserID, Name: name, Hash: hashSecret(secret),
		Roles: roles, Pools: command.Pools, CreatedAt: now, ExpiresAt: command.ExpiresAt,
	}
	if err := s.config.Store.CreateToken(ctx, token); err != nil {
		return StoredToken{}, "", stored(err)
	}
	return token, secret, nil
}

var validPool = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)

// checkPools lets tokens of workers alone be for some pools: nothing else asks for them.
func checkPools(pools []string, roles []Role) error {
	if len(pools) == 0 {
		return nil
	}
	if len(roles) != 1 || roles[0] != Worker {
		return fault.New(fault.Invalid, "token.pools", "A token that is for some pools has the role worker alone.")
	}
	if len(pools) > 100 || slices.ContainsFunc(pools, func(pool string) bool { return !validPool.MatchString(pool) }) {
		return fault.New(fault.Invalid, "token.pools", "A token is for up to 100 pools, by their names.")
	}
	return nil
}

// TokenIdentity returns for whom a token acts. A role that its owner lost is lost for the token.
func (s *Service) TokenIdentity(ctx context.Context, secret string) (Identity, error) {
	if s.config.WorkerToken != "" && sameSecret(secret, s.config.WorkerToken) {
		return Identity{UserID: "worker", Login: "worker", Roles: []Role{Worker}, Permissions: PermissionsOf([]Role{Worker})}, nil
	}
	hash, now := hashSecret(secret), s.config.Clock()
	if identity, ok := s.known.get(hash, now); ok {
		return identity, nil
	}
	token, account, err := s.config.Store.Token(ctx, hash, now)
	if errors.Is(err, ErrNotFound) || err == nil && account.Disabled {
		return Identity{}, errToken
	}
	if err != nil {
		return Identity{}, stored(err)
	}
	manages := slices.Contains(PermissionsOf(account.Roles), UserManage)
	roles := make([]Role, 0, len(token.Roles))
	for _, role := range token.Roles {
		if slices.Contains(account.Roles, role) || role == Worker && manages {
			roles = append(roles, role)
		}
	}
	if token.LastUsedAt == nil || now.Sub(*token.LastUsedAt) > time.Minute {
		if err := s.config.Store.TouchToken(ctx, token.ID, now); err != nil {
			s.config.Log.WarnContext(ctx, "note the use of a token", "error", err)
		}
	}
	identity := account.identity(roles)
	identity.Pools, identity.Token = token.Pools, true
	s.known.put(hash, identity, now.Add(s.config.Cache))
	return identity, nil
}

// Tokens returns a page of the caller's tokens, newest first; of everybody's for those who manage users.
func (s *Service) Tokens(ctx context.Context, who Identity, cursor string, limit int) ([]StoredToken, string, error) {
	if cursor != "" && uuid.Validate(cursor) != nil {
		return nil, "", fault.New(fault.Invalid, "cursor.malformed", "The cursor is not one of this list.")
	}
	tokens, err := s.config.Store.Tokens(ctx, s.scope(who), cursor, limit+1)
	if err != nil {
		return nil, "", stored(err)
	}
	if len(tokens) > limit {
		return tokens[:limit], tokens[limit-1].ID, nil
	}
	return tokens, "", nil
}

// DeleteToken revokes a token of the caller, or anybody's for those who manage users.
func (s *Service) DeleteToken(ctx context.Context, who Identity, id string) error {
	missing := fault.New(fault.NotFound, "token.not_found", "There is no such token.")
	if uuid.Validate(id) != nil {
		return missing
	}
	err := s.config.Store.DeleteToken(ctx, s.scope(who), id)
	s.known.forget()
	if errors.Is(err, ErrNotFound) {
		return missing
	}
	return stored(err)
}

// scope is the account whose tokens somebody sees; empty means all.
func (s *Service) scope(who Identity) string {
	if who.May(UserManage) {
		return ""
	}
	return who.UserID
}

package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Attempt is how somebody signs in: a login and a password, or a one-time token.
type Attempt struct {
	Login    string
	Password string
	Token    string
}

// Session is a new session. Secret is for the cookie and is not stored.
type Session struct {
	Secret   string
	Expires  time.Time // at the latest; unused it ends earlier
	Identity Identity
}

var (
	errCredentials = fault.New(fault.Unauthorized, "session.refused", "The login or the password is wrong.")
	errOneTime     = fault.New(fault.Unauthorized, "session.token_refused", "The link was used already, or is too old.")
	errSession     = fault.New(fault.Unauthorized, "session.expired", "Sign in again.")
)

// SignIn begins a session.
func (s *Service) SignIn(ctx context.Context, attempt Attempt) (Session, error) {
	account, err := s.signInAccount(ctx, attempt)
	if err != nil {
		return Session{}, err
	}
	now := s.config.Clock().UTC()
	secret := newSecret("")
	session := StoredSession{Hash: hashSecret(secret), AccountID: account.ID, CreatedAt: now, ExpiresAt: now.Add(s.config.SessionIdle)}
	if err := s.config.Store.CreateSession(ctx, session); err != nil {
		return Session{}, stored(err)
	}
	if err := s.config.Store.DeleteExpired(ctx, now); err != nil { // housekeeping must not keep anybody out
		s.config.Log.WarnContext(ctx, "delete expired sessions", "error", err)
	}
	return Session{Secret: secret, Expires: now.Add(s.config.SessionMax), Identity: account.identity(account.Roles)}, nil
}

func (s *Service) signInAccount(ctx context.Context, attempt Attempt) (Account, error) {
	if attempt.Token != "" {
		account, err := s.config.Store.TakeSignInToken(ctx, hashSecret(attempt.Token), s.config.Clock())
		if errors.Is(err, ErrNotFound) || err == nil && account.Disabled {
			return Account{}, errOneTime
		}
		return account, stored(err)
	}
	account, err := s.config.Store.AccountByLogin(ctx, strings.ToLower(strings.TrimSpace(attempt.Login)))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Account{}, stored(err)
	}
	known := err == nil && account.PasswordHash != "" && !account.Disabled
	hash := account.PasswordHash
	if !known {
		hash = nobodysHash
	}
	right, err := s.checkPassword(ctx, attempt.Password, hash)
	if err != nil {
		return Account{}, stored(err)
	}
	if !right || !known {
		return Account{}, errCredentials
	}
	return account, nil
}

// OfferSignIn returns a token that signs the account in once, within ttl.
func (s *Service) OfferSignIn(ctx context.Context, account string, ttl time.Duration) (string, error) {
	secret := newSecret("")
	err := s.config.Store.CreateSignInToken(ctx, hashSecret(secret), account, s.config.Clock().Add(ttl))
	return secret, stored(err)
}

// SignOut ends a session; one that is gone already is no error.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	hash := hashSecret(secret)
	s.known.drop(hash)
	return stored(s.config.Store.DeleteSession(ctx, hash))
}

// SessionIdentity returns whose session it is, and keeps it alive while it is used.
func (s *Service) SessionIdentity(ctx context.Context, secret string) (Identity, error) {
	hash, now := hashSecret(secret), s.config.Clock()
	if identity, ok := s.known.get(hash, now); ok {
		return identity, nil
	}
	session, account, err := s.config.Store.Session(ctx, hash, now)
	if errors.Is(err, ErrNotFound) || err == nil && account.Disabled {
		return Identity{}, errSession
	}
	if err != nil {
		return Identity{}, stored(err)
	}
	until := now.Add(s.config.SessionIdle)
	if last := session.CreatedAt.Add(s.config.SessionMax); until.After(last) {
		until = last
	}
	// Written at most about a hundred times in a session's idle time, not with every request.
	if until.Sub(session.ExpiresAt) > s.config.SessionIdle/100 {
		if err := s.config.Store.ExtendSession(ctx, hash, until); err != nil {
			s.config.Log.WarnContext(ctx, "extend session", "error", err)
		}
	}
	identity := account.identity(account.Roles)
	s.known.put(hash, identity, now.Add(s.config.Cache))
	return identity, nil
}

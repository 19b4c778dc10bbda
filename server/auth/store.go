package auth

import (
	"context"
	"errors"
	"time"
)

// Store keeps accounts, sessions and tokens. Secrets come as SHA-256 hashes. A missing row is ErrNotFound, a login or id
// that is taken ErrTaken.
type Store interface {
	CreateAccount(ctx context.Context, account Account) error
	Account(ctx context.Context, id string) (Account, error)
	AccountByLogin(ctx context.Context, login string) (Account, error)
	// Accounts returns those after a login, by login.
	Accounts(ctx context.Context, after string, limit int) ([]Account, error)
	// UpdateAccount changes one account; ErrLastAdmin when no enabled admin would be left. A changed password or a disabled
	// account ends its sessions and one-time tokens.
	UpdateAccount(ctx context.Context, id string, change AccountChange) (Account, error)

	CreateSession(ctx context.Context, session StoredSession) error
	Session(ctx context.Context, hash [32]byte, now time.Time) (StoredSession, Account, error)
	ExtendSession(ctx context.Context, hash [32]byte, until time.Time) error
	DeleteSession(ctx context.Context, hash [32]byte) error
	// DeleteExpired removes sessions and one-time tokens that ended.
	DeleteExpired(ctx context.Context, now time.Time) error

	CreateSignInToken(ctx context.Context, hash [32]byte, account string, expires time.Time) error
	// TakeSignInToken removes the token and returns whose it was: only one of several callers gets it.
	TakeSignInToken(ctx context.Context, hash [32]byte, now time.Time) (Account, error)

	CreateToken(ctx context.Context, token StoredToken) error
	Token(ctx context.Context, hash [32]byte, now time.Time) (StoredToken, Account, error)
	TouchToken(ctx context.Context, id string, now time.Time) error
	// Tokens returns tokens below an id, newest first; of every account when account is empty.
	Tokens(ctx context.Context, account, before string, limit int) ([]StoredToken, error)
	// DeleteToken removes a token of an account, or of any when account is empty.
	DeleteToken(ctx context.Context, account, id string) error
}

// What a Store answers besides errors of its own.
var (
	ErrNotFound  = errors.New("auth: no such row")
	ErrTaken     = errors.New("auth: the name is taken")
	ErrLastAdmin = errors.New("auth: no admin would be left")
)

// Account is a person who signs in.
type Account struct {
	ID           string
	Login        string // lower case
	Name         string
	PasswordHash string // empty: no password signs in
	Roles        []Role
	Groups       []string // whose user tasks the person may do; sorted
	Locale       string
	Disabled     bool
	CreatedAt    time.Time
}

// AccountChange says what to change; nil members stay.
type AccountChange struct {
	Name         *string
	PasswordHash *string
	Roles        []Role
	Groups       []string
	Locale       *string
	Disabled     *bool
}

// StoredSession is a signed-in browser.
type StoredSession struct {
	Hash      [32]byte
	AccountID string
	CreatedAt time.Time
	ExpiresAt time.Time
}

// StoredToken is an API token without its secret.
type StoredToken struct {
	ID         string
	AccountID  string
	Name       string
	Hash       [32]byte
	Roles      []Role
	Pools      []string // that it is for; empty means all
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
}

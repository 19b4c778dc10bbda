package pgstore

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/taskurotta/taskurotta-go/server/auth"
)

type accountRow struct {
	ID           string `gorm:"primaryKey"`
	Login        string
	Name         string
	PasswordHash string
	Roles        texts
	Groups       texts
	Locale       string
	DisabledAt   *time.Time
	CreatedAt    time.Time
}

func (accountRow) TableName() string { return "account" }

func toAccountRow(account auth.Account) accountRow {
	row := accountRow{
		ID: account.ID, Login: account.Login, Name: account.Name, PasswordHash: account.PasswordHash, Roles: toTexts(account.Roles),
		Groups: append(texts{}, account.Groups...), Locale: account.Locale, CreatedAt: account.CreatedAt,
	}
	if account.Disabled {
		row.DisabledAt = &account.CreatedAt
	}
	return row
}

func (r *accountRow) account() auth.Account {
	return auth.Account{
		ID: r.ID, Login: r.Login, Name: r.Name, PasswordHash: r.PasswordHash, Roles: toRoles(r.Roles), Groups: r.Groups, Locale: r.Locale,
		Disabled: r.DisabledAt != nil, CreatedAt: r.CreatedAt.UTC(),
	}
}

type sessionRow struct {
	SecretHash []byte `gorm:"primaryKey"`
	AccountID  string
	CreatedAt  time.Time
	ExpiresAt  time.Time
}

func (sessionRow) TableName() string { return "session" }

func (r *sessionRow) session() auth.StoredSession {
	return auth.StoredSession{Hash: [32]byte(r.SecretHash), AccountID: r.AccountID, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC()}
}

type signInRow struct {
	SecretHash []byte `gorm:"primaryKey"`
	AccountID  string
	ExpiresAt  time.Time
}

func (signInRow) TableName() string { return "sign_in_token" }

type tokenRow struct {
	ID         string `gorm:"primaryKey"`
	AccountID  string
	Name       string
	SecretHash []byte
	Roles      texts
	Pools      texts
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
}

func (tokenRow) TableName() string { return "api_token" }

func toTokenRow(token auth.StoredToken) tokenRow {
	return tokenRow{
		ID: token.ID, AccountID: token.AccountID, Name: token.Name, SecretHash: token.Hash[:], Roles: toTexts(token.Roles), Pools: append(texts{}, token.Pools...),
		CreatedAt: token.CreatedAt, ExpiresAt: token.ExpiresAt, LastUsedAt: token.LastUsedAt,
	}
}

func (r *tokenRow) token() auth.StoredToken {
	return auth.StoredToken{
		ID: r.ID, AccountID: r.AccountID, Name: r.Name, Hash: [32]byte(r.SecretHash), Roles: toRoles(r.Roles), Pools: []string(r.Pools),
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsedAt,
	}
}

// texts is a text[] column: gorm knows no arrays.
type texts []string

func toTexts(roles []auth.Role) texts {
	all := make(texts, 0, len(roles))
	for _, role := range roles {
		all = append(all, string(role))
	}
	return all
}

func toRoles(all texts) []auth.Role {
	roles := make([]auth.Role, 0, len(all))
	for _, role := range all {
		roles = append(roles, auth.Role(role))
	}
	return roles
}

// Value writes the array in PostgreSQL's text form.
func (t texts) Value() (driver.Value, error) {
	raw, err := pgtype.NewMap().Encode(pgtype.TextArrayOID, pgtype.TextFormatCode, []string(t), nil)
	return string(raw), err
}

// Scan reads PostgreSQL's text form.
func (t *texts) Scan(source any) error {
	switch source := source.(type) {
	case string:
		return pgtype.NewMap().Scan(pgtype.TextArrayOID, pgtype.TextFormatCode, []byte(source), (*[]string)(t))
	case []byte:
		return pgtype.NewMap().Scan(pgtype.TextArrayOID, pgtype.TextFormatCode, source, (*[]string)(t))
	}
	return fmt.Errorf("read a text[] from %T", source)
}

package pgstore

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/taskurotta/taskurotta-go/server/auth"
)

func hashed(hash [32]byte) clause.Eq { return clause.Eq{Column: "secret_hash", Value: hash[:]} }

// CreateSession inserts one.
func (s *Store) CreateSession(ctx context.Context, session auth.StoredSession) error {
	row := sessionRow{SecretHash: session.Hash[:], AccountID: session.AccountID, CreatedAt: session.CreatedAt, ExpiresAt: session.ExpiresAt}
	return mapped(s.on(ctx).Create(&row).Error)
}

// Session reads a session that has not ended, and its account.
func (s *Store) Session(ctx context.Context, hash [32]byte, now time.Time) (auth.StoredSession, auth.Account, error) {
	var row sessionRow
	err := s.on(ctx).Where(hashed(hash)).Where(clause.Gt{Column: "expires_at", Value: now}).Take(&row).Error
	if err != nil {
		return auth.StoredSession{}, auth.Account{}, mapped(err)
	}
	account, err := s.Account(ctx, row.AccountID)
	return row.session(), account, err
}

// ExtendSession moves the end of a session.
func (s *Store) ExtendSession(ctx context.Context, hash [32]byte, until time.Time) error {
	result := s.on(ctx).Model(&sessionRow{}).Where(hashed(hash)).Updates(map[string]any{"expires_at": until})
	return affected(result)
}

// DeleteSession removes one; none is no error.
func (s *Store) DeleteSession(ctx context.Context, hash [32]byte) error {
	return s.on(ctx).Where(hashed(hash)).Delete(&sessionRow{}).Error
}

// DeleteExpired removes what ended.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time) error {
	ended := clause.Lte{Column: "expires_at", Value: now}
	return errors.Join(s.on(ctx).Where(ended).Delete(&sessionRow{}).Error, s.on(ctx).Where(ended).Delete(&signInRow{}).Error)
}

// CreateSignInToken inserts one.
func (s *Store) CreateSignInToken(ctx context.Context, hash [32]byte, account string, expires time.Time) error {
	row := signInRow{SecretHash: hash[:], AccountID: account, ExpiresAt: expires}
	return mapped(s.on(ctx).Create(&row).Error)
}

// TakeSignInToken deletes the token and reads its account: of two callers the row lock lets one have it.
func (s *Store) TakeSignInToken(ctx context.Context, hash [32]byte, now time.Time) (auth.Account, error) {
	var rows []signInRow
	result := s.on(ctx).Clauses(clause.Returning{}).Where(hashed(hash)).Where(clause.Gt{Column: "expires_at", Value: now}).Delete(&rows)
	if result.Error != nil {
		return auth.Account{}, result.Error
	}
	if len(rows) != 1 {
		return auth.Account{}, auth.ErrNotFound
	}
	return s.Account(ctx, rows[0].AccountID)
}

// CreateToken inserts one.
func (s *Store) CreateToken(ctx context.Context, token auth.StoredToken) error {
	row := toTokenRow(token)
	return mapped(s.on(ctx).Create(&row).Error)
}

// Token reads a token that has not ended, and its account.
func (s *Store) Token(ctx context.Context, hash [32]byte, now time.Time) (auth.StoredToken, auth.Account, error) {
	var row tokenRow
	err := s.on(ctx).Where(hashed(hash)).
		Where(clause.Or(clause.Eq{Column: "expires_at", Value: nil}, clause.Gt{Column: "expires_at", Value: now})).Take(&row).Error
	if err != nil {
		return auth.StoredToken{}, auth.Account{}, mapped(err)
	}
	account, err := s.Account(ctx, row.AccountID)
	return row.token(), account, err
}

// TouchToken notes a use.
func (s *Store) TouchToken(ctx context.Context, id string, now time.Time) error {
	return affected(s.on(ctx).Model(&tokenRow{}).Where(clause.Eq{Column: "id", Value: id}).Updates(map[string]any{"last_used_at": now}))
}

// Tokens reads a page, newest first.
func (s *Store) Tokens(ctx context.Context, account, before string, limit int) ([]auth.StoredToken, error) {
	query := s.on(ctx)
	if account != "" {
		query = query.Where(clause.Eq{Column: "account_id", Value: account})
	}
	if before != "" {
		query = query.Where(clause.Lt{Column: "id", Value: before})
	}
	var rows []tokenRow
	err := query.Order("id DESC").Limit(limit).Find(&rows).Error
	tokens := make([]auth.StoredToken, 0, len(rows))
	for i := range rows {
		tokens = append(tokens, rows[i].token())
	}
	return tokens, err
}

// DeleteToken removes one.
func (s *Store) DeleteToken(ctx context.Context, account, id string) error {
	query := s.on(ctx).Where(clause.Eq{Column: "id", Value: id})
	if account != "" {
		query = query.Where(clause.Eq{Column: "account_id", Value: account})
	}
	return affected(query.Delete(&tokenRow{}))
}

func affected(result *gorm.DB) error {
	if result.Error == nil && result.RowsAffected == 0 {
		return auth.ErrNotFound
	}
	return mapped(result.Error)
}

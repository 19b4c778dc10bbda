// Package pgstore keeps accounts, sessions and API tokens in PostgreSQL. It is plain CRUD, written with gorm; row structs are
// private and two small functions map each to what package auth knows.
package pgstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

	"github.com/taskurotta/taskurotta-go/server/auth"
)

// Store is an auth.Store.
type Store struct {
	db   *gorm.DB
	pool *sql.DB
}

var _ auth.Store = (*Store)(nil)

// New returns a store over the pool; Close it before the pool.
func New(pool *pgxpool.Pool) (*Store, error) {
	conn := stdlib.OpenDBFromPool(pool)
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: conn}), &gorm.Config{
		SkipDefaultTransaction: true, TranslateError: true, Logger: logger.Discard,
		NowFunc: func() time.Time { return time.Now().UTC() },
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the store of accounts: %w", err), conn.Close())
	}
	return &Store{db: db, pool: conn}, nil
}

// Close gives up what is held beside the pool.
func (s *Store) Close() { _ = s.pool.Close() }

func (s *Store) on(ctx context.Context) *gorm.DB { return s.db.WithContext(ctx) }

// mapped turns gorm's errors into those of package auth.
func mapped(err error) error {
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, gorm.ErrForeignKeyViolated):
		return auth.ErrNotFound
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return auth.ErrTaken
	}
	return err
}

// CreateAccount inserts one.
func (s *Store) CreateAccount(ctx context.Context, account auth.Account) error {
	row := toAccountRow(account)
	return mapped(s.on(ctx).Create(&row).Error)
}

// Account reads one by id.
func (s *Store) Account(ctx context.Context, id string) (auth.Account, error) {
	return one(s.on(ctx).Where(clause.Eq{Column: "id", Value: id}))
}

// AccountByLogin reads one by login.
func (s *Store) AccountByLogin(ctx context.Context, login string) (auth.Account, error) {
	return one(s.on(ctx).Where(clause.Eq{Column: "login", Value: login}))
}

func one(query *gorm.DB) (auth.Account, error) {
	var row accountRow
	err := query.Take(&row).Error
	return row.account(), mapped(err)
}

// Accounts reads a page by login.
func (s *Store) Accounts(ctx context.Context, after string, limit int) ([]auth.Account, error) {
	var rows []accountRow
	err := s.on(ctx).Where(clause.Gt{Column: "login", Value: after}).Order("login").Limit(limit).Find(&rows).Error
	accounts := make([]auth.Account, 0, len(rows))
	for i := range rows {
		accounts = append(accounts, rows[i].account())
	}
	return accounts, err
}

// UpdateAccount changes one in a transaction that locks every admin, so that two of them can't end each other at once.
func (s *Store) UpdateAccount(ctx context.Context, id string, change auth.AccountChange) (account auth.Account, err error) {
	err = s.on(ctx).Transaction(func(tx *gorm.DB) error {
		var admins []string
		err := tx.Model(&accountRow{}).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
			Where(clause.Expr{SQL: "'admin' = ANY(roles) AND disabled_at IS NULL"}).Order("id").Pluck("id", &admins).Error
		if err != nil {
			return err
		}
		sets := changes(change)
		if len(sets) > 0 {
			result := tx.Model(&accountRow{}).Where(clause.Eq{Column: "id", Value: id}).Updates(sets)
			if result.Error != nil {
				return result.Error
			}
			if result.RowsAffected != 1 {
				return auth.ErrNotFound
			}
		}
		if account, err = one(tx.Where(clause.Eq{Column: "id", Value: id})); err != nil {
			return err
		}
		if wasOnly := len(admins) == 1 && admins[0] == id; wasOnly && !isAdmin(account) {
			return auth.ErrLastAdmin
		}
		if change.PasswordHash == nil && (change.Disabled == nil || !*change.Disabled) {
			return nil
		}
		of := clause.Eq{Column: "account_id", Value: id}
		if err := tx.Where(of).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		return tx.Where(of).Delete(&signInRow{}).Error
	})
	return account, mapped(err)
}

func isAdmin(account auth.Account) bool {
	for _, role := range account.Roles {
		if role == auth.Admin {
			return !account.Disabled
		}
	}
	return false
}

func changes(change auth.AccountChange) map[string]any {
	sets := map[string]any{}
	if change.Name != nil {
		sets["name"] = *change.Name
	}
	if change.PasswordHash != nil {
		sets["password_hash"] = *change.PasswordHash
	}
	if change.Roles != nil {
		sets["roles"] = toTexts(change.Roles)
	}
	if change.Groups != nil {
		sets["groups"] = texts(change.Groups)
	}
	if change.Locale != nil {
		sets["locale"] = *change.Locale
	}
	if change.Disabled != nil {
		sets["disabled_at"] = nil
		if *change.Disabled {
			sets["disabled_at"] = gorm.Expr("COALESCE(disabled_at, now())")
		}
	}
	return sets
}
